-- Membership: who joins, and what each level brings. Signing in makes somebody a member as well. At the counter the answer is the card.

rule "joins the club" {
  title = "is no member yet: becomes one",
  on = { "message", "click" }, account = "wechat_oa/coffee",
  keywords = { "{member}", "menu_member" }, mode = "equal",
  stage_is = "none",
  stage = "club/member",
  reply = "欢迎入会！每天回复“签到”得 10 分，100 分升银卡，500 分升金卡。/ You are a member now. Write “check in” each day for 10 points; silver from 100, gold from 500. / Ya eres socio. Escribe “fichar” cada día: 10 puntos; plata desde 100, oro desde 500.",
  examples = { yes = { "我要入会", "Membership", "ser socio", "menu_member" }, no = { "会员费可以退吗", "remember" } },
}

rule "member card" {
  on = { "message", "click" }, account = "wechat_oa/coffee",
  keywords = { "{member}", "menu_member" }, mode = "equal",
  stage_is = "club/member",
  reply = "会员，{field.points|0} 分。银卡工作日九折，金卡天天九折。/ Member, {field.points|0} points. Silver: ten percent off on weekdays; gold: every day. / Socio, {field.points|0} puntos. Plata: diez por ciento menos entre semana; oro: cada día.",
  examples = { yes = { "会员卡" }, no = { "会员费可以退吗" } },
}

rule "silver card" {
  on = { "message", "click" }, account = "wechat_oa/coffee",
  keywords = { "{member}", "menu_member" }, mode = "equal",
  stage_is = "club/silver",
  reply = "银卡会员：工作日九折，出示本消息。/ Silver member: ten percent off on weekdays, show this. / Socio plata: diez por ciento menos entre semana, enseña este mensaje.",
  examples = { yes = { "会员权益" }, no = { "会员费可以退吗" } },
}

rule "gold card" {
  on = { "message", "click" }, account = "wechat_oa/coffee",
  keywords = { "{member}", "menu_member" }, mode = "equal",
  stage_is = "club/gold",
  reply = "金卡会员：天天九折，出示本消息。/ Gold member: ten percent off every day, show this. / Socio oro: diez por ciento menos cada día, enseña este mensaje.",
  examples = { yes = { "会员" }, no = { "会员费可以退吗" } },
}
