-- The deal of the day: asked for, ordered, sold out. The shop's own program counts the boxes: it hears of each order (`order`), and
-- answers with an event for the buyer, x-confirmed or x-sold-out. Nobody is written to every day: who wants the deal asks, or reads the group.

rule "deal" {
  on = "message", account = "wechat_personal/fruit",
  keywords = { "{deal}" }, mode = "equal",
  hours = "08:00-20:00",
  cooldown = "10m",
  message = "今日：烟台苹果 5 斤一箱 39 元，晚 8 点截单，明早到。要就回复“我要一份”。\nToday: apples from Yantai, a box of 2.5 kg for 39 yuan, until 20:00, here tomorrow morning. “I take one”?\nHoy: manzanas de Yantai, caja de 2,5 kg por 39 yuanes, hasta las 20:00, llega mañana. ¿“Quiero una caja”?",
  examples = { yes = { "今天团什么？", "today's deal", "¿Qué hay hoy?" }, no = { "团购的苹果坏了" } },
}

rule "deal over" {
  on = "message", account = "wechat_personal/fruit",
  keywords = { "{deal}", "{order}" }, mode = "equal",
  hours = "20:00-08:00",
  priority = 5,
  cooldown = "60m",
  message = "今天截单了，明早 8 点开新团。/ Today's deal is over; the next begins at 8 in the morning. / La oferta de hoy terminó; la próxima empieza a las 8.",
  examples = { yes = { "今天团什么", "下单" }, no = { "团购的苹果坏了" } },
}

rule "order" {
  title = "takes a box: one a day for each",
  on = "message", account = "wechat_personal/fruit",
  keywords = { "{order}" }, mode = "equal",
  hours = "08:00-20:00",
  once = "day",
  untag = { "box:none", "box:undone" },
  tag = "box:open",
  stage = "buyer/ordered",
  emit = { "order", data = { text = "{event.text}" } },
  message = "收到，正在看还有没有，马上回您。/ Thank you, we look whether one is left. / Gracias, miramos si queda una.",
  examples = { yes = { "我要一份", "I take one!", "quiero una caja" }, no = { "我要一份发票", "+1" } },
}

rule "confirmed" {
  title = "the shop's program: a box is his",
  on = "x-confirmed", account = "wechat_personal/fruit",
  stage_is = { "buyer/ordered", "buyer/bought" },
  stage = "buyer/bought",
  message = "有，给您留了一箱，明早 8 点后自取。要退今晚 8 点前回复“退单”。\nOne box is yours, to be fetched after 8 tomorrow morning. Until 20:00 you may write “cancel my box”.\nUna caja es tuya, desde las 8 de mañana. Hasta las 20:00 puedes escribir “anular la caja”.",
}

rule "sold out" {
  title = "the shop's program: no box is left",
  on = "x-sold-out", account = "wechat_personal/fruit",
  tag = "box:none",
  untag = "box:open",
  message = "抱歉，今天的卖完了，没有收您的钱。明早 8 点有新团。/ Sorry, sold out for today, and nothing was charged. The next deal begins at 8. / Lo siento, hoy se agotó y no se ha cobrado nada. La próxima, a las 8.",
}

rule "still sold out" {
  on = "message", account = "wechat_personal/fruit",
  priority = -5,
  keywords = { "{order}" }, mode = "equal",
  hours = "08:00-20:00",
  tag_has = "box:none",
  cooldown = "60m",
  message = "今天的卖完了，明早 8 点有新团。/ Sold out for today; the next begins at 8. / Hoy se agotó; la próxima, a las 8.",
  examples = { yes = { "下单" }, no = { "再下单另一种可以吗" } },
}

rule "ordered already" {
  on = "message", account = "wechat_personal/fruit",
  priority = -6,
  keywords = { "{order}" }, mode = "equal",
  hours = "08:00-20:00",
  tag_has = "box:open",
  cooldown = "60m",
  message = "您今天订过一箱了，每天每户一箱，好让更多邻居买到。/ You have ordered one today; one a household and day, so that more can buy. / Ya pediste una hoy; una por hogar y día.",
  examples = { yes = { "下单" }, no = { "再下单另一种可以吗" } },
}

rule "ordered and undone" {
  title = "gave today's box back, and wants one again",
  on = "message", account = "wechat_personal/fruit",
  priority = -7,
  keywords = { "{order}" }, mode = "equal",
  hours = "08:00-20:00",
  tag_has = "box:undone",
  cooldown = "60m",
  message = "今天的退掉了，明早 8 点有新团。/ You gave today's back; the next begins at 8. / Anulaste la de hoy; la próxima, a las 8.",
  examples = { yes = { "下单" }, no = { "再下单另一种可以吗" } },
}

rule "undo" {
  title = "gives the box back in time",
  on = "message", account = "wechat_personal/fruit",
  keywords = { "{undo}" }, mode = "equal",
  hours = "08:00-20:00",
  tag_has = "box:open", -- so that nobody is paid back twice, or for a box of yesterday
  untag = "box:open",
  tag = "box:undone",
  emit = "order-undone",
  message = "退好了，钱原路退回。/ Cancelled, the money comes back. / Anulada, te devolvemos el dinero.",
  examples = { yes = { "退单", "Cancel my box", "anular la caja" }, no = { "退单怎么这么慢" } },
}

rule "undo late" {
  title = "wants to give it back after it was packed: somebody talks to him",
  on = "message", account = "wechat_personal/fruit",
  priority = -5,
  keywords = { "{undo}" }, mode = "equal",
  tag_has = "box:open",
  handoff = { queue = "shop", text = "{event.text}", ["for"] = "2h" },
  message = "已经装箱了，店主马上回您。/ It is packed; the owner answers you. / Ya está embalada; el dueño te contesta.",
  examples = { yes = { "退单" }, no = { "退单怎么这么慢" } },
}

rule "fetched" {
  title = "eight in the morning: yesterday's box is there to be fetched, and cannot be given back here any more",
  on = "timer",
  every = "1d", at = "08:00",
  account = "wechat_personal/fruit",
  tag_has = "box:open",
  untag = "box:open",
}
