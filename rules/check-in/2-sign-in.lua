-- Signing in. Nobody is reminded of it: who wants to come, comes.

rule "sign in" {
  title = "signs in: 10 points, once a day",
  on = { "message", "click" }, account = "wechat_oa/coffee",
  keywords = { "{sign}", "menu_sign" }, mode = "equal",
  once = "day",
  streak = "days",
  incr = { points = 10 },
  stage = "club/member",
  reply = { "签到成功，+10 分。查积分回复“积分”。/ Signed in, +10. / Registrado, +10." },
  run = function(e)
    e:after("1s", "bonus")
    e:after("2s", "silver")
    e:after("3s", "gold")
  end,
  examples = { yes = { "签到", "打卡！", "Check in", "fichar", "menu_sign" }, no = { "签到有什么用", "check in your bag" } },
}

rule "signed already" {
  title = "signs in a second time today",
  on = { "message", "click" }, account = "wechat_oa/coffee",
  priority = -10,
  keywords = { "{sign}", "menu_sign" }, mode = "equal",
  stage_is = { "club/member", "club/silver", "club/gold" },
  cooldown = "60m",
  reply = "今天签过啦，明天见。/ You signed in today already. / Hoy ya te registraste.",
  examples = { yes = { "签到" }, no = { "签到有什么用" } },
}

rule "bonus" {
  title = "seven days in a row: 30 points more",
  on = "timer",
  account = "wechat_oa/coffee",
  run = function(e)
    local days = tonumber(e.person.fields.days or "0")
    if days == 0 or days % 7 ~= 0 then return false end
    e:incr { points = 30 }
    e:message("连续签到 " .. days .. " 天，多送 30 分。/ " .. days .. " days in a row: 30 points more. / " .. days .. " días seguidos: 30 puntos más.")
  end,
}

rule "silver" {
  title = "100 points gathered",
  on = "timer",
  account = "wechat_oa/coffee",
  field = { points = { min = 100 } },
  stage_is = "club/member",
  stage = "club/silver",
  message = "升到银卡了：工作日九折。/ Silver now: ten percent off on weekdays. / Ya eres plata: diez por ciento menos entre semana.",
}

rule "gold" {
  title = "500 points gathered",
  on = "timer",
  account = "wechat_oa/coffee",
  field = { points = { min = 500 } },
  stage_is = { "club/member", "club/silver" },
  stage = "club/gold",
  message = "升到金卡了：天天九折。/ Gold now: ten percent off every day. / Ya eres oro: diez por ciento menos cada día.",
}
