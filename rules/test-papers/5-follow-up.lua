-- What happens when the next step does not come, or somebody does not want it. One reminder a step, never at night, and an easy way
-- out of each.

rule "no request came" {
  title = "was given a WeChat id yesterday, and has not added us: one reminder",
  on = "timer",
  follow_up = { "papers/asked", after = "1d", at = "19:30" },
  account = "douyin/papers",
  tag_not = { "wechat:no-code", "wechat:declined" },
  max = 1,
  run = function(e)
    local say = "电子版还给你留着：加微信时备注私信里的码就行。不想加也没关系，不再提醒。"
    if e.person.tags["lang:en"] then say = "The paper is still here for you: add the WeChat id and write the code of my message. If you would rather not, that is fine: this is the only reminder." end
    if e.person.tags["lang:es"] then say = "El examen sigue aquí: añade el WeChat y escribe el código de mi mensaje. Si no quieres, no pasa nada: es el único aviso." end
    e:message(say)
  end,
}

rule "no wechat" {
  title = "does not want WeChat: no reminder",
  on = "message", account = "douyin/papers",
  keywords = { "{no_wechat}" },
  stage_is = "papers/asked", tag_not = "wechat:declined",
  tag = "wechat:declined",
  message = "没关系，不用加，也不会再提醒。/ That is fine: no need to, and no reminder. / No pasa nada: no hace falta, ni te lo recordaremos.",
  examples = { yes = { "我不想加微信", "I don't have WeChat", "no tengo wechat" }, no = { "微信怎么加" } },
}

rule "code used" {
  title = "sends a code that somebody used",
  on = "message", account = "wechat_personal/*",
  priority = 5,
  any = true, code = "used",
  stage_is = "none",
  cooldown = "10m",
  message = "这个码已经用过了。请在视频下再评论一次，会有新码。/ That code was used. Please comment under the video once more for a new one. / Ese código ya se usó. Comenta otra vez en el vídeo y tendrás uno nuevo.",
}

rule "code late" {
  title = "sends a code that ran out",
  on = "message", account = "wechat_personal/*",
  priority = 5,
  any = true, code = "expired",
  stage_is = "none",
  cooldown = "10m",
  message = "这个码过期了。请在新视频下评论一次，会有新码。/ That code ran out. Please comment under a newer video for another. / Ese código caducó. Comenta en un vídeo más nuevo y tendrás otro.",
}

rule "code unknown" {
  title = "sends something like a code that we never gave",
  on = "message", account = "wechat_personal/*",
  priority = 5,
  any = true, code = "unknown",
  stage_is = "none", tag_has = "wechat:no-code",
  cooldown = "10m",
  message = "没有这个码，请对照私信再看一眼。/ There is no such code; please look at my message again. / No existe ese código; mira otra vez mi mensaje.",
}

rule "will not invite" {
  title = "wants the group and does not want to invite anybody: is taken in",
  on = "message", account = "wechat_personal/*",
  priority = 8,
  keywords = { "{no_invite}" }, mode = "equal",
  stage_is = "papers/delivered",
  tag_has = "group:wants",
  invite = { room = "parents-2026", text = "没关系，直接进。/ That is fine, come in. / No pasa nada, entra." },
  stage = "papers/invited",
  examples = { yes = { "不想邀请", "Nobody to invite", "no puedo invitar" }, no = { "邀请不了解的人好吗" } },
}

rule "two came" {
  title = "two others added us by his invitation: nobody has to take his word",
  on = "timer", account = "wechat_personal/*",
  invited = 2,
  stage_is = "papers/delivered", tag_has = "group:wants",
  invite = { room = "parents-2026", text = "两位都到了，谢谢！/ Both are here, thank you! / Ya están los dos, ¡gracias!" },
  stage = "papers/invited",
}

rule "group full" {
  title = "the gateway could not invite: the group is full",
  on = "x-room-full", account = "wechat_personal/*",
  stage_is = "papers/invited", tag_not = "group:waits",
  tag = "group:waits",
  message = "群满了，抱歉。新群一开就拉你，不用再问。/ The group is full, sorry. You are taken in as soon as there is a new one. / El grupo está lleno, lo siento. Entras en cuanto haya otro.",
}

rule "group open" {
  title = "the gateway has a new group for him",
  on = "x-room-open", account = "wechat_personal/*",
  stage_is = "papers/invited", tag_has = "group:waits",
  untag = "group:waits",
  invite = { room = "parents-2026-b", text = "新群开了，欢迎！/ There is a new group: welcome! / Hay un grupo nuevo: ¡bienvenido!" },
}
