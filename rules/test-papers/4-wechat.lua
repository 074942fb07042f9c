-- On WeChat: the friend request arrives, the paper goes out, the group is offered.

rule "added" {
  title = "added us: the paper goes out",
  on = "friend_request", account = "wechat_personal/*",
  stage_is = "papers/asked",
  run = function(e)
    local say = "给你，这是电子版。打印时选 A4。"
    if e.person.tags["lang:en"] then say = "Here is the paper. Please print it on A4." end
    if e.person.tags["lang:es"] then say = "Aquí tienes el examen. Imprímelo en A4." end
    e:accept()
    e:stage("papers/added")
    e:deliver { file = "paper-2026.pdf", text = say }
    e:stage("papers/delivered")
    e:after("1h", "offer the group")
  end,
}

rule "added without code" {
  title = "added us, we do not know from where",
  on = "friend_request", account = "wechat_personal/*",
  stage_is = "none",
  accept = true,
  message = "你好！请把视频下私信里的备注码发我，我就发你电子版。Hello! Please send me the code from my message under the video. ¡Hola! Envíame el código del mensaje.",
  tag = "wechat:no-code",
}

rule "code later" {
  title = "sends the code after we became friends",
  on = "message", account = "wechat_personal/*",
  any = true,
  stage_is = "papers/asked",
  run = function(e)
    local say = "对上了，给你电子版。"
    if e.person.tags["lang:en"] then say = "Thank you, here is the paper." end
    if e.person.tags["lang:es"] then say = "Gracias, aquí tienes el examen." end
    e:stage("papers/added")
    e:deliver { file = "paper-2026.pdf", text = say }
    e:stage("papers/delivered")
    e:untag("wechat:no-code")
    e:after("1h", "offer the group")
  end,
}

rule "offer the group" {
  title = "an hour after the paper, and not at night",
  on = "timer",
  hours = "09:00-21:30", defer = true,
  stage_is = "papers/delivered",
  tag_not = "group:offered",
  run = function(e)
    local say = "电子版用上了吗？我们有家长群，每周发新试卷。想进群回复“好”。"
    if e.person.tags["lang:en"] then say = "Was the paper useful? We have a group of parents with new papers every week. Answer \"yes\" to join." end
    if e.person.tags["lang:es"] then say = "¿Te sirvió el examen? Tenemos un grupo de padres con exámenes cada semana. Responde \"sí\" para entrar." end
    e:message(say)
    e:tag("group:offered")
  end,
}

rule "no to the group" {
  on = "message", account = "wechat_personal/*",
  priority = 10,
  keywords = { "{no}" }, mode = "equal",
  tag_has = "group:offered", tag_not = "group:declined",
  tag = "group:declined",
  message = "好的，需要试卷随时找我。/ All right. Write to me whenever you need a paper. / De acuerdo. Escríbeme cuando necesites un examen.",
  examples = { yes = { "不用了", "No thanks!", "no gracias" }, no = { "不好意思，好的" } },
}

rule "yes to the group" {
  on = "message", account = "wechat_personal/*",
  keywords = { "{yes}" }, mode = "equal",
  stage_is = "papers/delivered",
  tag_has = "group:offered", tag_not = { "group:wants", "group:declined" },
  tag = "group:wants",
  message = "欢迎！请先邀请两位家长朋友，之后回复“已邀请”，我拉你进群。/ Welcome! Please invite two other parents, then answer \"done\". / ¡Bienvenido! Invita antes a otros dos padres y responde \"listo\".",
  examples = { yes = { "好的！", "Yes", "sí" }, no = { "不好" } },
}

rule "invited two" {
  on = "message", account = "wechat_personal/*",
  keywords = { "{done}" },
  stage_is = "papers/delivered",
  tag_has = "group:wants",
  invite = { room = "parents-2026", text = "家长群，欢迎！/ The parents' group: welcome! / El grupo de padres: ¡bienvenido!" },
  stage = "papers/invited",
  examples = { yes = { "已邀请两位", "done!", "listo" }, no = { "怎么邀请" } },
}

rule "joined" {
  on = "join",
  stage_is = "papers/invited",
  stage = "papers/joined",
  message = "欢迎进群！新试卷每周五发。/ Welcome! New papers come every Friday. / ¡Bienvenido! Cada viernes hay exámenes nuevos.",
}
