-- The rules that the target events.c plays with: small, but with every way in which an event can leave something behind.
pack { name = "fuzz", version = "1", timezone = "Europe/Berlin" }

account "douyin/papers" { like = "none" }
account "wechat/li"

words.want = { "求", "want" }
words.paper = { "电子版", "paper" }
funnel "f" { stages = { "asked", "added", "done" }, goal = "done", on_enter = { done = "thanks" } }
rule "thanks" { on = "timer", unless_reply = true, message = "thanks" }
pool "ids" { "li", "wang", per_day = 2 }

rule "stop" { on = { "comment", "message" }, priority = 9, keywords = { "stop" }, mode = "equal", opt_out = true, message = "bye" }

rule "count" { on = "comment", any = true, continue = true, incr = { comments = 1 } }

rule "ask" {
  on = "comment", match = [[({want}).{0,6}{paper}]], except = { "不要" }, once = "post",
  reply = { "yes, {person.name|friend}", "you said {match.1}" },
  message = { "add {pool.ids|us}, write {code}", after = "5s..30s" },
  like = true, tag = "asked", stage = "f/asked", set = { post = "{event.post}" },
}

rule "again" { on = "comment", keywords = { "again", "再" }, cooldown = "10m", tag_has = "asked", reply = "look at your messages", untag = "asked" }

rule "added" {
  on = { "friend_request", "message" }, account = "wechat/*", any = true, stage_is = "f/asked",
  run = function(e)
    e:accept()
    e:deliver { file = "x.pdf", text = e.person.name .. " " .. math.random(1000) }
    e:stage("f/added")
    e:after("1h", "later")
  end,
}

rule "unknown" { on = "friend_request", first_time = true, accept = true, message = "who are you?" }

rule "later" { on = "timer", stage_is = "f/added", message = "and?", stage = "f/done" }

rule "human" { on = "message", keywords = { "human" }, handoff = true, reply = "one moment" }

rule "spin" { on = "message", keywords = { "spin" }, run = function(e) while true do e.x = 1 end end }

rule "maybe" { on = "follow", run = function(e) if #e.contact.id > 1 then return false end e:tag("short") end }

rule "remind" { on = "timer", follow_up = { "f/asked", after = "30m..2h", at = "09:00..22:00" }, hours = "08:00-20:00", defer = true, message = "still?" }

rule "night" { on = "message", keywords = { "hello" }, weekdays = "mon-sat", hours = "09:00-18:00", defer = true, max = { 2, per = "day" },
  message = { "hi", after = "1m", unless_reply = true } }

rule "wake" { on = "timer", every = "1h", silent_for = "2h", max = 3, chance = "80%", message = "long time" }
