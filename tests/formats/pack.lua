-- Every action that a record can hold, and a timer.
pack { name = "all", version = "1" }
account "douyin/shop" {}
account "wechat_personal/tutor" {}
pool "ids" { "one", "two" }
funnel "way" { stages = { "asked", "served" }, goal = "served" }
rule "speak" { on = "comment", keywords = "speak", reply = { "hello {person.name|friend}", media = "a.jpg" }, message = { all = { "one", "two" } }, follow = true, like = true, hide = true,
  tag = { "a", "b" }, stage = { "way/asked", on = "sent" }, set = { city = "Wuhan", level = 2 }, incr = "points" }
rule "more" { on = "message", keywords = "more", deliver = { file = "a.pdf", text = "here" }, invite = { room = "r1", text = "come" }, untag = "a", streak = "days",
  emit = { "order", data = { what = "{match}", cnt = 1 } }, stage = { "way/served", back = true } }
rule "friend" { on = "friend_request", account = "wechat_personal/tutor", any = true, accept = true, remark = "{person.name}, {event.text}" }
rule "human" { on = "message", keywords = "human", handoff = { queue = "desk", text = "{event.text}", ["for"] = "2h" } }
rule "bare human" { on = "message", keywords = "somebody", handoff = true }
rule "back" { on = "x-back", handback = true }
rule "out here" { on = "message", keywords = "not here", opt_out = "channel" }
rule "out" { on = "message", keywords = "stop", opt_out = true }
rule "in" { on = "message", keywords = "start", opt_in = true }
rule "later" { on = "message", keywords = "later", message = { "late", after = "1h" } }
