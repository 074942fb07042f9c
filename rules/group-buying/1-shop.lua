-- A fruit shop that buys in groups: a deal a day, a welcome coupon, and a better price for who brings two neighbours.

pack { name = "group-buying", version = "1.0.0", timezone = "Asia/Shanghai", unasked_per_day = 1 }

account "wechat_personal/fruit" {}

funnel "buyer" { stages = { "member", "ordered", "bought" }, goal = "bought" }

coupon "welcome" { "FRUIT-3K7D", "FRUIT-9QWA", "FRUIT-L2VX", "FRUIT-T6RM", "FRUIT-Y8CH", "FRUIT-H4ZN", "FRUIT-B5PE", "FRUIT-W7GJ" }
coupon "unlock"  { "GROUP-2MXR", "GROUP-7VKD", "GROUP-Q4TA", "GROUP-N9LE" }

words.stop   = { "退订", "别发了", "不要再发了", "td", "stop", "unsubscribe", "baja", "no molestar" }
words.deal   = { "今天团什么", "今日团购", "团购", "今天有什么", "today's deal", "todays deal", "what's the deal", "deal of the day", "oferta", "oferta de hoy", "qué hay hoy", "que hay hoy" }
words.order  = { "接龙", "我要一份", "要一份", "来一份", "下单", "one box please", "i take one", "i'll take one", "order", "quiero una caja", "me llevo una", "pedir" }
words.undo   = { "退单", "我要退单", "不要那箱了", "cancel my box", "cancel the box", "anular la caja", "anulo la caja" }
words.coupon = { "优惠券", "领券", "我要优惠券", "coupon", "my coupon", "cupón", "cupon" }
words.unlock = { "拼团", "怎么拼团", "邀请", "怎么邀请", "group price", "invite", "how do i invite", "precio de grupo", "invitar" }

rule "stop" {
  title = "does not want to hear from us",
  on = "message", account = "wechat_personal/fruit",
  priority = 1000,
  keywords = { "{stop}" }, mode = "equal",
  opt_out = true,
  message = "好的，不再打扰。/ You will not hear from us again. / No te escribiremos más.",
  examples = { yes = { "退订", "STOP", "Baja!" }, no = { "stop by tomorrow" } },
}
