rule "h" { on = "timer", run = function(e)
  for k, v in pairs(e.person.tags) do e:tag(k) end
  e:after("2h", "h")
end }
rule "o" { on = "x-vote", emit = { name = "v", data = { a = 1 } }, handoff = { ["for"] = "12h" }, opt_out = true, on_limit = "handoff" }
