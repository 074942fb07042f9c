-- Layers: how sure somebody is, how much he minds the price, how active he is. Whom to call first is what they are for; nobody is
-- written to because of them.

rule "layers" {
  on = "timer", account = "wechat_personal/adviser",
  run = function(e)
    local willing = tonumber(e.person.fields.willing or "0")
    local sensitive = tonumber(e.person.fields.sensitive or "0")
    local tags = e.person.tags
    local done = false
    if willing >= 6 and not tags["willing:hot"] then
      if tags["willing:warm"] then e:untag("willing:warm") end
      e:tag("willing:hot")
      e:emit { "call", data = { name = e.person.name or "", intent = e.person.fields.intent or "", mobile = e.person.fields.mobile or "" } }
      done = true
    elseif willing >= 3 and willing < 6 and not tags["willing:warm"] then
      e:tag("willing:warm")
      done = true
    end
    if sensitive >= 2 and not tags["sensitive:price"] then
      if tags["sensitive:some"] then e:untag("sensitive:some") end
      e:tag("sensitive:price")
      done = true
    elseif sensitive == 1 and not tags["sensitive:some"] then
      e:tag("sensitive:some")
      done = true
    end
    if not done then return false end
  end,
}

rule "active" {
  title = "passes something on: counts three",
  on = "share", account = "wechat_personal/adviser",
  incr = { active = 3 },
}

rule "made something" {
  title = "wrote something of his own in the group: counts ten",
  on = "message", account = "wechat_personal/adviser",
  keywords = { "#作业", "#分享", "#homework", "#share", "#tarea", "#comparto" }, mode = "prefix",
  continue = true,
  once = "day",
  incr = { active = 10 },
  examples = { yes = { "#作业 第三课", "#homework unit 3", "#tarea" }, no = { "今天的#作业" } },
}

rule "creators" {
  title = "the most active one in a hundred",
  on = "timer", account = "wechat_personal/adviser",
  every = "1d", at = "04:00",
  segment = "activity/creators", tag_not = "layer:creators",
  untag = { "layer:sharers", "layer:readers" },
  tag = "layer:creators",
}

rule "sharers" {
  title = "the next nine",
  on = "timer", account = "wechat_personal/adviser",
  every = "1d", at = "04:00",
  segment = "activity/sharers", tag_not = "layer:sharers",
  untag = { "layer:creators", "layer:readers" },
  tag = "layer:sharers",
}

rule "readers" {
  title = "the others",
  on = "timer", account = "wechat_personal/adviser",
  every = "1d", at = "04:00",
  segment = "activity/readers", tag_not = "layer:readers",
  untag = { "layer:creators", "layer:sharers" },
  tag = "layer:readers",
}
