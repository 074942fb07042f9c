-- Asking for points and level, and redeeming.

rule "level gold" {
  on = { "message", "click" }, account = "wechat_oa/coffee",
  keywords = { "{level}", "menu_points" }, mode = "equal",
  stage_is = "club/gold",
  reply = "金卡，{field.points|0} 分，连续 {field.days|0} 天。/ Gold, {field.points|0} points, {field.days|0} days in a row. / Oro, {field.points|0} puntos, {field.days|0} días.",
  examples = { yes = { "我的积分", "my level", "mis puntos" }, no = { "积分会过期吗" } },
}

rule "level silver" {
  on = { "message", "click" }, account = "wechat_oa/coffee",
  keywords = { "{level}", "menu_points" }, mode = "equal",
  stage_is = "club/silver",
  reply = "银卡，{field.points|0} 分，连续 {field.days|0} 天。/ Silver, {field.points|0} points, {field.days|0} days in a row. / Plata, {field.points|0} puntos, {field.days|0} días.",
  examples = { yes = { "积分" }, no = { "积分会过期吗" } },
}

rule "level" {
  on = { "message", "click" }, account = "wechat_oa/coffee",
  priority = -1,
  keywords = { "{level}", "menu_points" }, mode = "equal",
  reply = "{field.points|0} 分，100 分升银卡，500 分升金卡。签到回复“签到”。/ {field.points|0} points; silver from 100, gold from 500. / {field.points|0} puntos; plata desde 100, oro desde 500.",
  examples = { yes = { "等级", "Points?", "nivel" }, no = { "next level shit" } },
}

rule "redeem cup" {
  title = "100 points for a cup of coffee",
  on = { "message", "click" }, account = "wechat_oa/coffee",
  keywords = { "{cup}", "menu_cup" }, mode = "equal",
  field = { points = { min = 100 } },
  once = true,
  incr = { points = -100 },
  reply = "用 100 分换好了：{coupon.cup}，给店员看就行。/ Redeemed for 100 points: show {coupon.cup} at the counter. / Canjeado por 100 puntos: enseña {coupon.cup}.",
  examples = { yes = { "兑换咖啡", "redeem a cup" }, no = { "怎么换咖啡机滤网" } },
}

rule "redeem beans" {
  title = "300 points for a bag of beans",
  on = { "message", "click" }, account = "wechat_oa/coffee",
  keywords = { "{bean}", "menu_bean" }, mode = "equal",
  field = { points = { min = 300 } },
  once = true,
  incr = { points = -300 },
  reply = "用 300 分换好了：{coupon.bean}，来店取豆。/ Redeemed for 300 points: show {coupon.bean} at the counter. / Canjeado por 300 puntos: enseña {coupon.bean}.",
  examples = { yes = { "兑换咖啡豆", "redeem beans" }, no = { "咖啡豆多少钱" } },
}

rule "cannot redeem" {
  title = "too few points, redeemed before, or all given out",
  on = { "message", "click" }, account = "wechat_oa/coffee",
  priority = -1,
  keywords = { "{cup}", "{bean}", "{redeem}", "menu_cup", "menu_bean" }, mode = "equal",
  reply = "您有 {field.points|0} 分。100 分换一杯，300 分换一袋豆，每人各一次，换完为止；没扣您的分。/ You have {field.points|0} points. A cup for 100, beans for 300, once each while they last; no points were taken. / Tienes {field.points|0} puntos. Una taza por 100, granos por 300, una vez cada uno hasta agotar; no se han gastado puntos.",
  examples = { yes = { "怎么兑换？", "redeem", "canjear" }, no = { "兑换码无效" } },
}
