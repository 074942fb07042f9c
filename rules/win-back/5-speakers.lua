-- In the group: who has not said a word a week after joining is asked in private whether he would like to show his cup on a
-- Wednesday. Everybody is asked once; who passes is left to read.

-- The host hears the group as well as what is written to him alone, and a "好" there answers somebody else: so only the words that
-- we ask for count.
words.share = { "分享", "我分享", "我来分享", "愿意分享", "share", "i'll share", "i will share", "comparto", "yo comparto" }
words.pass  = { "先不", "先不了", "先不分享", "pass", "i pass", "i'll pass", "paso", "yo paso" }

rule "member" {
  on = "join", account = "wechat_personal/host",
  stage = "speaker/member",
}

rule "your turn" {
  on = "timer",
  follow_up = { "speaker/member", after = "7d", at = "10:00" },
  account = "wechat_personal/host",
  stage = "speaker/asked",
  message = "周三晚 8 点群里轮流晒一杯茶，一张照片一句话。这周轮到您，要来吗？回复“分享”或“先不”，都行。\nOn Wednesdays at 20:00 members show a cup in the group: one photo, one line. Would you like to, this week? “Share” or “pass”, both are fine.\nLos miércoles a las 20:00 alguien enseña su taza: una foto, una línea. ¿Te animas esta semana? “Comparto” o “paso”, como quieras.",
}

rule "will share" {
  on = "message", account = "wechat_personal/host",
  keywords = { "{share}" }, mode = "equal",
  stage_is = "speaker/asked", tag_not = "speaker:passed",
  stage = "speaker/willing",
  message = "太好了。周三在群里以“#分享”开头发就行。/ Great. On Wednesday begin your line in the group with “#share”. / ¡Genial! El miércoles empieza con “#comparto”.",
  examples = { yes = { "分享", "Share!", "comparto" }, no = { "分享给朋友可以吗", "好" } },
}

rule "passes" {
  on = "message", account = "wechat_personal/host",
  keywords = { "{pass}" }, mode = "equal",
  stage_is = "speaker/asked", tag_not = "speaker:passed",
  tag = "speaker:passed",
  message = "没问题，看看也很好。/ No problem, reading along is fine. / Sin problema, leer también está bien.",
  examples = { yes = { "先不", "Pass", "paso" }, no = { "boarding pass" } },
}

rule "today" {
  title = "the evening has come",
  on = "timer",
  every = "1d", at = "19:30", weekdays = "wed",
  account = "wechat_personal/host",
  stage_is = "speaker/willing",
  max = 2,
  message = "今晚 8 点轮到您，发照片时以“#分享”开头。/ Tonight at eight: begin with “#share”. / Hoy a las ocho: empieza con “#comparto”.",
}

rule "shared" {
  on = "message", account = "wechat_personal/host",
  keywords = { "#分享", "#share", "#comparto" }, mode = "prefix",
  stage_is = { "speaker/member", "speaker/asked", "speaker/willing" },
  stage = "speaker/spoke",
  reply = "谢谢分享！/ Thank you for sharing! / ¡Gracias por compartir!",
  examples = { yes = { "#分享 今天的单丛", "#share my cup", "#comparto mi taza" }, no = { "怎么#分享" } },
}
