-- A lecture for parents every Friday at eight in the evening, in a group. Announced on Monday to those who came before, on Tuesday
-- to the others. Two messages a day at most that somebody did not ask for at that moment: the reminder in the evening, the notes
-- next morning.

pack { name = "lecture", version = "1.0.0", timezone = "Asia/Shanghai", unasked_per_day = 2 }

account "wechat_personal/librarian" {}

funnel "lecture" {
  stages = { "announced", "asked", "invited", "joined", "came", "questioned", "told" },
  goal = "came",
}

words.stop = { "退订", "别发了", "不要再发了", "td", "stop", "unsubscribe", "baja", "no molestar" }

rule "stop" {
  title = "does not want to hear from us",
  on = "message", account = "wechat_personal/librarian",
  priority = 1000,
  keywords = { "{stop}" }, mode = "equal",
  opt_out = true,
  message = "好的，不再打扰。/ You will not hear from us again. / No te escribiremos más.",
  examples = { yes = { "退订", "STOP", "Baja!" }, no = { "别停" } },
}
