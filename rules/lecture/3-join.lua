-- From wanting to being in the group: we ask to pass the poster on, and take whoever does not want to.

words.want     = { "想听", "我想听", "我要听", "想听讲座", "i'm in", "im in", "i am in", "count me in", "me apunto", "quiero ir" }
words.reposted = { "已转发", "转发了", "转发好了", "已经转发", "转好了", "reposted", "i reposted it", "passed it on", "compartido", "ya lo compartí", "ya lo comparti" }
words.skip     = { "直接进", "直接进群", "不转发", "不方便转发", "不想转发", "skip", "without reposting", "sin compartir" }

rule "wants again" {
  title = "wants to come, and is in the group already",
  on = "message", account = "wechat_personal/librarian",
  priority = 10,
  keywords = { "{want}" }, mode = "equal",
  stage_is = { "lecture/announced", "lecture/asked" },
  tag_has = "lecture:member",
  untag = "lecture:enough",
  stage = "lecture/joined",
  reply = "给您留位，周五晚 8 点群里见。/ A seat is yours: Friday at 20:00 in the group. / Tienes plaza: viernes a las 20:00 en el grupo.",
  examples = { yes = { "想听", "I'm in" }, no = { "想听歌" } },
}

rule "wants" {
  title = "wants to come: gets the poster to pass on",
  on = "message", account = "wechat_personal/librarian",
  keywords = { "{want}" }, mode = "equal",
  stage_is = "lecture/announced", tag_not = "lecture:member",
  untag = "lecture:enough",
  stage = "lecture/asked",
  deliver = { file = "poster-friday.jpg", text = "太好了！方便的话转发这张海报，让别的家长也知道，再回复“已转发”。不方便就回复“直接进”。\nGreat! If you like, pass this poster on to other parents, then write “reposted”. If not, write “skip”.\n¡Genial! Si quieres, comparte este cartel con otros padres y escribe “compartido”. Si no, “sin compartir”." },
  examples = { yes = { "想听！", "Count me in", "me apunto" }, no = { "想听听你们的意见" } },
}

rule "reposted" {
  title = "passed it on",
  on = "message", account = "wechat_personal/librarian",
  keywords = { "{reposted}" }, mode = "equal",
  stage_is = "lecture/asked",
  tag = "lecture:reposted",
  stage = "lecture/invited",
  invite = { room = "lecture-friday", text = "谢谢转发！这是讲座群。/ Thank you! This is the group. / ¡Gracias! Este es el grupo." },
  examples = { yes = { "已转发", "Reposted!", "compartido" }, no = { "转发了也没用" } },
}

rule "shared" {
  title = "passed it on: the platform says so",
  on = "share", account = "wechat_personal/librarian",
  stage_is = "lecture/asked",
  tag = "lecture:reposted",
  stage = "lecture/invited",
  invite = { room = "lecture-friday", text = "谢谢转发！这是讲座群。/ Thank you! This is the group. / ¡Gracias! Este es el grupo." },
}

rule "skips" {
  title = "comes without passing it on",
  on = "message", account = "wechat_personal/librarian",
  keywords = { "{skip}" }, mode = "equal",
  stage_is = "lecture/asked",
  stage = "lecture/invited",
  invite = { room = "lecture-friday", text = "欢迎，这是讲座群。/ Welcome, this is the group. / Bienvenido, este es el grupo." },
  examples = { yes = { "直接进", "Skip", "sin compartir" }, no = { "skip to the end" } },
}

rule "full" {
  title = "the gateway could not invite: the group is full",
  on = "x-room-full", account = "wechat_personal/librarian",
  stage_is = "lecture/invited",
  stage = { "lecture/announced", back = true },
  message = "这周满了，抱歉。下周一公布时您先知道。/ This week is full, sorry. Next Monday you hear of it first. / Esta semana está completo, lo siento. El lunes te avisamos antes que a nadie.",
  tag = "lecture:first",
}

rule "joined" {
  on = "join", account = "wechat_personal/librarian",
  stage_is = { "lecture/asked", "lecture/invited" },
  tag = "lecture:member",
  stage = "lecture/joined",
  message = "欢迎进群！周五晚 8 点开始，7 点半提醒您一次。/ Welcome! It begins on Friday at 20:00; you hear from us at 19:30. / ¡Bienvenido! Empieza el viernes a las 20:00; te avisamos a las 19:30.",
}
