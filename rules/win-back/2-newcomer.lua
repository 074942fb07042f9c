-- New to active: a question that is easy to answer, something useful for the answer, one sample. Then we wait.

words.green  = { "绿茶", "green", "green tea", "verde", "té verde", "te verde" }
words.oolong = { "乌龙", "乌龙茶", "oolong", "oolong tea", "té oolong", "te oolong" }
words.black  = { "红茶", "black", "black tea", "negro", "té negro", "te negro" }

rule "new" {
  title = "subscribed",
  on = "follow", account = "wechat_oa/tea",
  once = true,
  message = "欢迎！这里每月讲一种茶，不多发。随时回复“退订”停止。\nWelcome! We write about one tea a month, no more. Write “stop” at any time.\n¡Hola! Escribimos sobre un té al mes, no más. Escribe “baja” cuando quieras.",
  stage = "newcomer/new",
}

rule "first question" {
  on = "timer",
  follow_up = { "newcomer/new", after = "1d", at = "10:30" },
  message = "您平时喝什么？回复 1 绿茶 2 乌龙 3 红茶，告诉您怎么泡更好喝。\nWhat do you drink? 1 green, 2 oolong, 3 black: we tell you how to brew it.\n¿Qué bebes? 1 verde, 2 oolong, 3 negro: te contamos cómo prepararlo.",
}

rule "green" {
  on = "message", account = "wechat_oa/tea",
  keywords = { "{green}" }, mode = "equal",
  match = [[^\s*1[\s.!。]*$]],
  stage_is = { "newcomer/new", "newcomer/tried" },
  once = true,
  reply = "绿茶：80 度水，3 克茶 150 毫升，一分钟。/ Green: 80 °C, 3 g for 150 ml, one minute. / Verde: 80 °C, 3 g para 150 ml, un minuto.",
  set = { tea = "green" },
  stage = "newcomer/tried",
  examples = { yes = { "1", "绿茶", "Green tea", "té verde" }, no = { "green light", "绿茶过期了" } },
}

rule "oolong" {
  on = "message", account = "wechat_oa/tea",
  keywords = { "{oolong}" }, mode = "equal",
  match = [[^\s*2[\s.!。]*$]],
  stage_is = { "newcomer/new", "newcomer/tried" },
  once = true,
  reply = "乌龙：95 度水，5 克茶 100 毫升，第一泡 30 秒。/ Oolong: 95 °C, 5 g for 100 ml, 30 seconds first. / Oolong: 95 °C, 5 g para 100 ml, 30 segundos la primera vez.",
  set = { tea = "oolong" },
  stage = "newcomer/tried",
  examples = { yes = { "2", "乌龙", "Oolong" }, no = { "乌龙球" } },
}

rule "black" {
  on = "message", account = "wechat_oa/tea",
  keywords = { "{black}" }, mode = "equal",
  match = [[^\s*3[\s.!。]*$]],
  stage_is = { "newcomer/new", "newcomer/tried" },
  once = true,
  reply = "红茶：90 度水，3 克茶 150 毫升，两分钟。/ Black: 90 °C, 3 g for 150 ml, two minutes. / Negro: 90 °C, 3 g para 150 ml, dos minutos.",
  set = { tea = "black" },
  stage = "newcomer/tried",
  examples = { yes = { "3", "红茶", "té negro" }, no = { "black friday", "<3" } },
}

rule "sample" {
  title = "a sample with the first order",
  on = "timer",
  follow_up = { "newcomer/tried", after = "5d", at = "10:30", unless = "nothing" },
  stage_not = "newcomer/active",
  message = "第一次下单时备注“试喝”，送一小包同类的茶。/ Write “sample” on your first order, and a small bag of your kind of tea is in it. / Pon “muestra” en tu primer pedido y te regalamos una bolsita.",
}
