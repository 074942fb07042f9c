-- Wake the silent, then let them go: one question after three weeks, one last letter after seven more, and then nothing.

words.price = { "太贵", "太贵了", "贵", "too expensive", "expensive", "price", "caro", "muy caro" }
words.taste = { "不好喝", "不合口味", "taste", "i don't like the taste", "no me gusta", "el sabor" }
words.often = { "消息太多", "太多消息", "太打扰", "too many messages", "demasiados mensajes" }

rule "wake" {
  title = "never bought, and nothing heard for three weeks",
  on = "timer",
  every = "1d", at = "11:00",
  account = "wechat_oa/tea",
  stage_is = { "newcomer/new", "newcomer/tried" },
  silent_for = "21d",
  once = true,
  stage = "silent/asked",
  message = "好久没聊了。想听哪方面：选茶、泡茶、茶具？回复一个词就好；不想收了，回复“退订”。\nLong time no see. What would you like to hear about: choosing, brewing, teaware? One word will do; or “stop”.\n¡Cuánto tiempo! ¿De qué quieres saber: elegir, preparar, tazas? Una palabra basta; o “baja”.",
}

rule "awake" {
  title = "writes again after being woken: somebody of ours reads it",
  on = "message", account = "wechat_oa/tea",
  any = true,
  priority = 50,
  stage_is = "silent/asked", stage_not = "lost/asked",
  stage = "silent/back",
  emit = { "came-back", data = { text = "{event.text}" } },
  continue = true,
}

-- What the question offered: each word has its answer.
words.choose = { "选茶", "怎么选", "choosing", "choose", "elegir" }
words.brew   = { "泡茶", "怎么泡", "brewing", "brew", "preparar" }
words.ware   = { "茶具", "杯子", "teaware", "cups", "tazas", "tetera" }

rule "choosing" {
  on = "message", account = "wechat_oa/tea",
  keywords = { "{choose}" }, mode = "equal",
  stage_is = { "silent/asked", "silent/back" }, stage_not = "lost/asked",
  once = true,
  reply = "刚开始喝选乌龙，胃弱选红茶，春天选绿茶。买 25 克先试。/ New to tea: oolong. A tender stomach: black. In spring: green. Buy 25 g first. / Para empezar, oolong; estómago delicado, negro; en primavera, verde. Compra 25 g primero.",
  examples = { yes = { "选茶", "Choosing", "elegir" }, no = { "选茶叶店还是网店" } },
}

rule "brewing" {
  on = "message", account = "wechat_oa/tea",
  keywords = { "{brew}" }, mode = "equal",
  stage_is = { "silent/asked", "silent/back" }, stage_not = "lost/asked",
  once = true,
  reply = "绿茶 80 度一分钟，乌龙 95 度半分钟，红茶 90 度两分钟；苦了就少泡一会儿。/ Green 80 °C one minute, oolong 95 °C half a minute, black 90 °C two; if bitter, shorter. / Verde 80 °C un minuto, oolong 95 °C medio, negro 90 °C dos; si amarga, menos.",
  examples = { yes = { "泡茶", "Brewing", "preparar" }, no = { "泡茶的水漏了" } },
}

rule "teaware" {
  on = "message", account = "wechat_oa/tea",
  keywords = { "{ware}" }, mode = "equal",
  stage_is = { "silent/asked", "silent/back" }, stage_not = "lost/asked",
  once = true,
  reply = "一个 120 毫升盖碗就够：绿茶、乌龙、红茶都能泡。玻璃杯只泡绿茶。/ One lidded bowl of 120 ml does for all; a glass is for green tea only. / Basta un gaiwan de 120 ml; el vaso de cristal, solo para el verde.",
  examples = { yes = { "茶具", "Teaware", "tazas" }, no = { "茶具碎了" } },
}

rule "last letter" {
  title = "silent after that, too",
  on = "timer",
  follow_up = { "silent/asked", after = "49d", at = "11:00" },
  account = "wechat_oa/tea",
  stage = "lost/asked",
  message = "这是最后一次主动打扰。能告诉我们原因吗？A 太贵 B 不好喝 C 消息太多。不回也谢谢您来过。\nThis is our last letter. Would you tell us why? A too expensive, B taste, C too many messages. And thank you for having been here.\nEsta es la última carta. ¿Nos dices por qué? A caro, B sabor, C demasiados mensajes. Gracias por haber estado.",
}

rule "too expensive" {
  on = "message", account = "wechat_oa/tea",
  stage_is = "lost/asked",
  keywords = { "{price}" }, mode = "equal",
  match = [[^\s*a[\s.!。]*$]],
  set = { left_for = "price" },
  stage = "lost/back",
  reply = "谢谢直说。有一款口粮茶，50 克 25 元，想要再找我们。/ Thank you for saying so. There is an everyday tea, 25 yuan for 50 g, should you want it. / Gracias. Hay un té de diario, 25 yuanes los 50 g, si lo quieres.",
  examples = { yes = { "A", "太贵了", "too expensive", "caro" }, no = { "a friend told me" } },
}

rule "taste" {
  on = "message", account = "wechat_oa/tea",
  stage_is = "lost/asked",
  keywords = { "{taste}" }, mode = "equal",
  match = [[^\s*b[\s.!。]*$]],
  set = { left_for = "taste" },
  stage = "lost/back",
  emit = { "came-back", data = { text = "{event.text}" } },
  reply = "谢谢直说。茶师会看到，给您回一句。/ Thank you for saying so. Our tea master reads it and answers you. / Gracias. Nuestro maestro de té lo lee y te contesta.",
  examples = { yes = { "B", "不好喝", "taste", "no me gusta" }, no = { "taste of honey", "^^b" } },
}

rule "too many messages" {
  title = "we wrote too often: so we stop",
  on = "message", account = "wechat_oa/tea",
  priority = 900,
  keywords = { "{often}" }, mode = "equal",
  match = [[^\s*c[\s.!。]*$]],
  stage_is = { "silent/asked", "lost/asked" },
  opt_out = true,
  message = "明白，不再打扰。/ Understood: you will not hear from us again. / Entendido: no te escribiremos más.",
  examples = { yes = { "C", "消息太多", "too many messages" }, no = { "vitamin c" } },
}

rule "found again" {
  title = "writes something else after the last letter",
  on = "message", account = "wechat_oa/tea",
  any = true,
  priority = -50,
  stage_is = "lost/asked",
  stage = "lost/back",
  emit = { "came-back", data = { text = "{event.text}" } },
  reply = "很高兴又听到您。马上有人回您。/ Good to hear from you. One of us will answer. / ¡Qué bien leerte! Alguien te contesta.",
}

rule "left" {
  on = "unfollow", account = "wechat_oa/tea",
  tag = "left",
}

rule "came again" {
  title = "subscribes a second time: no first question, no sample",
  on = "follow", account = "wechat_oa/tea",
  priority = 10,
  tag_has = "left",
  untag = "left",
  stage = "lost/back",
  message = "欢迎回来！一切照旧，一个月一种茶。/ Welcome back! As before: one tea a month. / ¡Hola de nuevo! Como antes: un té al mes.",
}
