-- The announcement. Who came before hears of it a day earlier; who never answers hears of three lectures, no more.

words.asks = {
  "讲座", "有讲座吗", "这周有讲座吗", "下次讲座", "下次讲座什么时候", "讲座什么时候", "讲座几点",
  "lecture", "the lecture", "when is the lecture", "when is the next lecture", "next lecture", "is there a lecture this week",
  "charla", "la charla", "cuándo es la charla", "cuando es la charla", "próxima charla", "hay charla esta semana",
}
words.not_now = { "先不", "不听", "不想听", "这次不来", "不来了", "下次吧", "not now", "not this time", "no thanks", "ahora no", "esta vez no", "no gracias" }

rule "first seats" {
  title = "came before, or found the group full: hears of the next lecture first",
  on = "timer",
  every = "1d", at = "10:00", weekdays = "mon",
  account = "wechat_personal/librarian",
  tag_has = "lecture:first", tag_not = "lecture:enough",
  stage_not = { "lecture/asked", "lecture/invited", "lecture/joined" }, -- they are coming already
  cooldown = "6d",
  stage = { "lecture/announced", back = true },
  message = "先告诉您：周五晚 8 点，儿童阅读讲座，60 个名额，明天公开。想听回复“想听”，不来回复“先不”。\nYou hear it first: Friday at 20:00, reading with children, 60 seats, open to all tomorrow. “I'm in”, or “not now”.\nTe avisamos antes que a nadie: viernes a las 20:00, leer con niños, 60 plazas, mañana para todos. “Me apunto”, o “ahora no”.",
}

rule "announce" {
  title = "the lecture of this week, to those who have not come yet",
  on = "timer",
  every = "1d", at = "10:00", weekdays = "tue",
  account = "wechat_personal/librarian",
  tag_not = { "lecture:first", "lecture:enough" },
  stage_not = { "lecture/asked", "lecture/invited", "lecture/joined" }, -- they are coming already
  cooldown = "6d",
  max = 3,
  stage = { "lecture/announced", back = true },
  message = "周五晚 8 点，儿童阅读讲座：怎样让孩子自己拿起书。免费，60 个名额。想听回复“想听”，不来回复“先不”。\nFriday at 20:00: how children come to pick up a book by themselves. Free, 60 seats. “I'm in”, or “not now”.\nViernes a las 20:00: cómo logran los niños coger un libro solos. Gratis, 60 plazas. “Me apunto”, o “ahora no”.",
}

rule "asks" {
  title = "asks when the next lecture is",
  on = "message", account = "wechat_personal/librarian",
  keywords = { "{asks}" }, mode = "equal",
  cooldown = "10m",
  untag = "lecture:enough",
  stage = { "lecture/announced", back = true },
  reply = "每周五晚 8 点，免费，60 个名额。想听回复“想听”。/ Fridays at 20:00, free, 60 seats. Write “I'm in”. / Los viernes a las 20:00, gratis, 60 plazas. Escribe “me apunto”.",
  examples = { yes = { "讲座几点？", "When is the next lecture?", "¿Cuándo es la charla?" }, no = { "讲座听了，孩子不看书", "he lectures me" } },
}

rule "not now" {
  title = "does not want to come: hears no more of lectures, until he asks",
  on = "message", account = "wechat_personal/librarian",
  keywords = { "{not_now}" }, mode = "equal",
  stage_is = { "lecture/announced", "lecture/asked" }, tag_not = "lecture:enough",
  tag = "lecture:enough",
  reply = "好的，不再通知。想听时问一声“讲座”。/ All right, no more news of it. Write “lecture” when you want to come. / Vale, no te avisamos más. Escribe “charla” cuando quieras.",
  examples = { yes = { "先不", "Not now", "ahora no" }, no = { "先不看书先睡觉" } },
}
