-- A pack of its own for the golden records, so that the shipped packs may change: a bit of everything that shapes bytes.
pack { name = "golden", version = "1" }
account "douyin/papers" { like = "none" }
words.want = { "求", "want" }
words.paper = { "电子版", "paper" }
funnel "f" { stages = { "asked", "added", "done" }, goal = "done" }
pool "ids" { "a_one", "b_two", per_day = 2 }

rule "ask" {
  on = "comment", match = [[({want}).{0,6}{paper}]], except = { "不要" }, once = "post",
  reply = { "有的，{person.name|朋友}", "yes, {person.name|friend}", "\"quoted\" \\ back" },
  follow = { after = "10s..20s" },
  message = "加 {pool.ids} 备注 {code}，你说“{match}” {{x}} {match.1}",
  like = true,
  tag = { "b", "a" }, stage = "f/asked", set = { city = "{event.post}", level = 3 }, incr = { points = 2 },
}
rule "added" {
  on = "friend_request", stage_is = "f/asked",
  run = function(e)
    local tags = {}
    for name in pairs(e.person.tags) do tags[#tags + 1] = name end
    e:accept()
    e:deliver { file = "x.pdf", text = e.person.name .. " " .. table.concat(tags, "+") .. " " .. math.random(1000) }
    e:stage("f/added")
    e:after("1h", "later")
  end,
}
rule "later" { on = "timer", message = "wie geht's", stage = "f/done" }
rule "own" { on = "x-vote", emit = { name = "vote", data = { of = "{event.post}" } } }
