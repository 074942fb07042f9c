-- The menu, and what people ask in words. A question and the menu entry for it have one answer. Only short questions are
-- answered: who writes a story about our hours wants a person, not a timetable.

words.hours_zh    = { "营业时间", "几点开门", "几点关门", "几点营业", "什么时候开门", "今天开门吗", "周末开门吗" }
words.hours_en    = { "opening hours", "opening times", "when do you open", "when do you close", "what time do you open", "what time do you close", "are you open today", "are you open on sunday" }
words.hours_es    = { "horario", "a qué hora abren", "a qué hora cierran", "a que hora abren", "a que hora cierran", "abren hoy", "abren el domingo" }
words.address_zh  = { "地址", "你们在哪里", "你们在哪", "店在哪里", "店在哪", "怎么走", "怎么去店里" }
words.address_en  = { "address", "where are you located", "where is the shop", "where is your shop", "how do i get there" }
words.address_es  = { "dirección", "direccion", "dónde están", "donde estan", "dónde está la tienda", "donde esta la tienda", "cómo llego", "como llego" }
words.delivery_zh = { "配送", "能送货吗", "可以送货吗", "包邮吗", "运费多少", "多久能到", "什么时候发货" }
words.delivery_en = { "delivery", "do you deliver", "do you ship", "how long does delivery take", "how much is delivery", "shipping cost" }
words.delivery_es = { "envío", "envios", "envíos", "hacen envíos", "hacen envios", "cuánto cuesta el envío", "cuanto cuesta el envio", "cuánto tarda el envío" }
words.returns_zh  = { "退换", "可以退货吗", "能退货吗", "可以退吗", "能退吗", "怎么退货", "可以换货吗", "怎么退换" }
words.returns_en  = { "returns", "can i return it", "can i return this", "can i return a book", "how do i return it", "return policy", "can i exchange it" }
words.returns_es  = { "devoluciones", "puedo devolverlo", "cómo lo devuelvo", "como lo devuelvo", "puedo devolver un libro", "puedo cambiarlo" }
words.join_zh     = { "报名", "我要报名", "想报名", "怎么报名", "报名读书班" }
words.join_en     = { "join", "book a place", "sign up", "how do i sign up", "i want to join" }
words.join_es     = { "apuntar", "quiero apuntarme", "apuntarme", "cómo me apunto", "como me apunto" }

rule "hours" {
  on = { "message", "click" }, account = "wechat_oa/bookshop",
  keywords = { "{hours_zh}", "menu_hours" }, mode = "equal",
  reply = "周二到周日 10:00-20:00，周一休息。",
  examples = { yes = { "营业时间？", "几点关门", "menu_hours" }, no = { "你们营业时间写错了，我白跑一趟" } },
}

rule "hours-en" {
  on = "message", account = "wechat_oa/bookshop",
  keywords = { "{hours_en}" }, mode = "equal",
  reply = "Tuesday to Sunday 10:00 to 20:00, closed on Mondays.",
  examples = { yes = { "When do you open?", "Opening hours" }, no = { "when do you open a second shop in Pudong" } },
}

rule "hours-es" {
  on = "message", account = "wechat_oa/bookshop",
  keywords = { "{hours_es}" }, mode = "equal",
  reply = "De martes a domingo de 10:00 a 20:00. Los lunes cerramos.",
  examples = { yes = { "¿A qué hora abren?", "horario" }, no = { "tengo otro horario" } },
}

rule "address" {
  on = { "message", "click" }, account = "wechat_oa/bookshop",
  keywords = { "{address_zh}", "menu_address" }, mode = "equal",
  reply = "长乐路 88 号，地铁 1 号线常熟路站 3 号口出来走五分钟。",
  examples = { yes = { "店在哪里？", "地址", "menu_address" }, no = { "收货地址写错了" } },
}

rule "address-en" {
  on = "message", account = "wechat_oa/bookshop",
  keywords = { "{address_en}" }, mode = "equal",
  reply = "88 Changle Road, five minutes from Changshu Road station, line 1, exit 3.",
  examples = { yes = { "Where is the shop?", "address" }, no = { "I want to change my address" } },
}

rule "address-es" {
  on = "message", account = "wechat_oa/bookshop",
  keywords = { "{address_es}" }, mode = "equal",
  reply = "Changle Road 88, a cinco minutos de la estación Changshu Road, línea 1, salida 3.",
  examples = { yes = { "¿Dónde está la tienda?", "Dirección" }, no = { "quiero cambiar la dirección" } },
}

rule "delivery" {
  on = { "message", "click" }, account = "wechat_oa/bookshop",
  keywords = { "{delivery_zh}", "menu_delivery" }, mode = "equal",
  reply = "当天 16 点前下单当天发货，市内次日到，其他城市两到四天。满 99 元免运费，不满收 8 元。",
  examples = { yes = { "包邮吗？", "什么时候发货", "menu_delivery" }, no = { "我的订单什么时候发货，等了三天了" } },
}

rule "delivery-en" {
  on = "message", account = "wechat_oa/bookshop",
  keywords = { "{delivery_en}" }, mode = "equal",
  reply = "Ordered before 16:00, it leaves the same day: next day in town, two to four days elsewhere. Free from 99 yuan, otherwise 8 yuan.",
  examples = { yes = { "Do you deliver?", "delivery" }, no = { "my delivery is late" } },
}

rule "delivery-es" {
  on = "message", account = "wechat_oa/bookshop",
  keywords = { "{delivery_es}" }, mode = "equal",
  reply = "Lo pedido antes de las 16:00 sale el mismo día: al día siguiente en la ciudad, de dos a cuatro días fuera. Gratis desde 99 yuanes; si no, 8.",
  examples = { yes = { "¿Hacen envíos?", "envío" }, no = { "mi envío no llega" } },
}

rule "returns" {
  on = { "message", "click" }, account = "wechat_oa/bookshop",
  keywords = { "{returns_zh}", "menu_returns" }, mode = "equal",
  reply = "七天内、没有写画过的书都可以退换，带小票来店，或回复“人工”寄回。",
  examples = { yes = { "可以退货吗", "怎么退货？", "menu_returns" }, no = { "书破了我要退货！！！太差了" } },
}

rule "returns-en" {
  on = "message", account = "wechat_oa/bookshop",
  keywords = { "{returns_en}" }, mode = "equal",
  reply = "Books that nobody wrote in can come back within seven days: bring the receipt, or write “human” to send them.",
  examples = { yes = { "Can I return it?", "returns" }, no = { "I return tomorrow" } },
}

rule "returns-es" {
  on = "message", account = "wechat_oa/bookshop",
  keywords = { "{returns_es}" }, mode = "equal",
  reply = "Los libros sin escribir se devuelven en siete días: trae el recibo, o escribe “persona” para enviarlos.",
  examples = { yes = { "¿Puedo devolverlo?", "devoluciones" }, no = { "mañana devuelvo la llamada" } },
}

rule "join class" {
  title = "wants a place in the reading class",
  on = { "message", "click" }, account = "wechat_oa/bookshop",
  keywords = { "{join_zh}", "menu_class" }, mode = "equal",
  reply = "好的，本周六 10 点给你留位。来不了随时告诉我们。",
  tag = "class:wants",
  emit = { "class-place", data = { day = "saturday" } },
  cooldown = "5d",
  examples = { yes = { "报名", "我要报名！", "menu_class" }, no = { "报名费多少" } },
}

rule "join class-en" {
  title = "wants a place in the reading class, in English",
  on = "message", account = "wechat_oa/bookshop",
  keywords = { "{join_en}" }, mode = "equal",
  reply = "A place this Saturday at 10:00 is yours. Tell us if you cannot come.",
  tag = "class:wants",
  emit = { "class-place", data = { day = "saturday" } },
  cooldown = "5d",
  examples = { yes = { "Join", "How do I sign up?" }, no = { "can my dog join" } },
}

rule "join class-es" {
  title = "wants a place in the reading class, in Spanish",
  on = "message", account = "wechat_oa/bookshop",
  keywords = { "{join_es}" }, mode = "equal",
  reply = "Tienes plaza este sábado a las 10:00. Avísanos si no puedes venir.",
  tag = "class:wants",
  emit = { "class-place", data = { day = "saturday" } },
  cooldown = "5d",
  examples = { yes = { "Apuntar", "¿Cómo me apunto?" }, no = { "voy a apuntar la dirección" } },
}

rule "has a place" {
  title = "asks for a place, and has one",
  on = { "message", "click" }, account = "wechat_oa/bookshop",
  keywords = { "{join_zh}", "{join_en}", "{join_es}", "menu_class" }, mode = "equal",
  reply = "已经给你留位了。/ You have a place already. / Ya tienes plaza.",
  priority = -10,
  tag_has = "class:wants",
  examples = { yes = { "报名", "join", "Apuntar" }, no = { "报名费多少" } },
}

rule "default" {
  title = "nothing else fits: say what can be asked, once an hour at most",
  on = "message", account = "wechat_oa/bookshop",
  priority = -100,
  any = true,
  cooldown = "60m",
  reply = "这个我答不上来。可以问：营业时间、地址、配送、退换；找店员回复“人工”。\nI cannot answer that. Ask for hours, address, delivery or returns, or write “human” for one of us.\nNo sé responder a eso. Pregunta por horario, dirección, envío o devoluciones, o escribe “persona”.",
}
