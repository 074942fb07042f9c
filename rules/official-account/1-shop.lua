-- The shop: a bookshop with reading classes. Its account, and the way of those who talk to one of its people.

pack { name = "official-account", version = "1.0.0", timezone = "Asia/Shanghai" }

account "wechat_oa/bookshop" { kind = "service" }

funnel "talk" {
  stages = { "handed", "asked", "rated" },
  goal = "rated",
}
