-- vocabulary.lua: the words that rule files are written in. It runs before every rule file, in the same sandbox.
--
-- The loader (engine/load/collect.c) gives it three functions and gets the words back:
--   open(kind, name, alone)  a declaration begins at the line of the rule file that runs; gives it back. `alone`: it
--                            means something without a table too
--   close(opened, body)      its table is complete
--   complain(word, message)  tells of an error at that line, where `word` stands; the file goes on
-- A word here only sees to the form of what is written. What it means, and every key, is checked in C, where it can be
-- said what was expected and where in the file it stands.
local open, close, complain = ...

local function nothing() end

-- word "name" { ... }
local function named(word, example, alone)
  local function form(what)
    complain(word, what .. ": write " .. word .. " " .. example)
  end
  return function(name, extra)
    if type(name) ~= "string" then
      form("`" .. word .. "` needs a name in quotes before its { ... }")
      return nothing
    end
    if extra ~= nil then
      form("`" .. word .. "` takes its name, then its { ... }, without parentheses and comma")
      return nothing
    end
    local opened = open(word, name, alone)
    return function(body)
      if type(body) ~= "table" then
        form("`" .. word .. " \"" .. name .. "\"` needs { ... } behind its name")
        body = nil
      end
      close(opened, body)
    end
  end
end

local function pack(body)
  if type(body) ~= "table" then
    complain("pack", '`pack` takes { ... } and no name before it: write pack { name = "papers", version = "1.0.0" }')
    return nothing
  end
  local opened = open("pack", "")
  close(opened, body)
  return nothing
end

return {
  pack = pack,
  account = named("account", '"douyin/papers" { follow = "device" }', true),
  channel = named("channel", '"my_gateway" { follow = "device" }', true),
  funnel = named("funnel", '"papers" { stages = { "asked", "joined" }, goal = "joined" }'),
  coupon = named("coupon", '"welcome" { "CODE-1", "CODE-2" } or { file = "codes.txt" }'),
  segment = named("segment", '"layers" { by = "points", layers = { { "creators", 1 }, { "sharers", 9 }, { "readers", 90 } } }'),
  pool = named("pool", '"wechat" { "tutor_li", "tutor_wang", per_day = 20 }'),
  rule = named("rule", '"ask" { on = "comment", ... }'),
}
