-- Who joins the group is greeted with one coupon; who brought two neighbours gets the group price.

rule "joined" {
  title = "joined the group: a coupon, while there are some",
  on = "join", account = "wechat_personal/fruit",
  once = true,
  stage = "buyer/member",
  message = "欢迎！新邻居券 {coupon.welcome}，首单减 5 元。问“今天团什么”看今日水果。\nWelcome! {coupon.welcome} takes 5 yuan off your first box. Ask for “today's deal”.\n¡Hola! {coupon.welcome} descuenta 5 yuanes de tu primera caja. Pregunta por la “oferta de hoy”.",
}

rule "joined late" {
  title = "joined the group when the coupons were gone: nothing is promised",
  on = "join", account = "wechat_personal/fruit",
  priority = -10,
  stage_is = "none",
  once = true,
  stage = "buyer/member",
  message = "欢迎！问“今天团什么”看今日水果。/ Welcome! Ask for “today's deal”. / ¡Hola! Pregunta por la “oferta de hoy”.",
}

rule "my coupon" {
  title = "lost the coupon: the same one again",
  on = "message", account = "wechat_personal/fruit",
  keywords = { "{coupon}" }, mode = "equal",
  cooldown = "10m",
  message = "您的券：{coupon.welcome|新邻居券已发完}。/ Your coupon: {coupon.welcome|none are left}. / Tu cupón: {coupon.welcome|ya no quedan}.",
  examples = { yes = { "优惠券", "My coupon", "cupón" }, no = { "优惠券用不了" } },
}

rule "how to unlock" {
  on = "message", account = "wechat_personal/fruit",
  keywords = { "{unlock}" }, mode = "equal",
  cooldown = "60m",
  message = "邀请两位邻居进群，团购价就给您：每箱再减 10 元。想邀就邀，不邀也照常买。\nBring two neighbours into the group, and the group price is yours: 10 yuan less a box. You need not: everybody may buy.\nTrae a dos vecinos al grupo y el precio de grupo es tuyo: 10 yuanes menos por caja. No hace falta: todos pueden comprar.",
  examples = { yes = { "怎么邀请", "Group price?", "invitar" }, no = { "谢谢邀请" } },
}

rule "unlocked" {
  title = "two neighbours came by him: the group price",
  on = "timer", account = "wechat_personal/fruit",
  invited = 2,
  once = true,
  tag = "price:group",
  message = "两位邻居到了，团购价 {coupon.unlock}：每箱减 10 元。谢谢！\nBoth are here: {coupon.unlock} takes 10 yuan off a box. Thank you!\nYa están los dos: {coupon.unlock} descuenta 10 yuanes por caja. ¡Gracias!",
}
