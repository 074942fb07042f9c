-- A tea shop: its service account, the host of its group, and five ways that people go. Nobody gets more than one message a day
-- that he did not ask for.

pack { name = "win-back", version = "1.0.0", timezone = "Asia/Shanghai", unasked_per_day = 1 }

account "wechat_oa/tea" { kind = "service" }
account "wechat_personal/host" {}

funnel "newcomer" { stages = { "new", "tried", "active" }, goal = "active" }    -- new to active
funnel "regular"  { stages = { "active", "loyal", "friend" }, goal = "loyal" }   -- keep the active
funnel "silent"   { stages = { "asked", "back" }, goal = "back" }                -- wake the silent
funnel "lost"     { stages = { "asked", "back" }, goal = "back" }                -- recover the lost
funnel "speaker"  { stages = { "member", "asked", "willing", "spoke" }, goal = "spoke" } -- silent members speak

words.stop = { "退订", "别发了", "不要再发了", "td", "stop", "unsubscribe", "baja", "no molestar" }

rule "stop" {
  title = "does not want to hear from us",
  on = "message",
  priority = 1000,
  keywords = { "{stop}" }, mode = "equal",
  opt_out = true,
  message = "好的，不再打扰。/ You will not hear from us again. / No te escribiremos más.",
  examples = { yes = { "退订", "STOP", "Baja!" }, no = { "退订费多少" } },
}
