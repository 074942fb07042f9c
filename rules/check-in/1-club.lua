-- A club of a coffee shop: become a member, sign in once a day, gather points, rise, redeem them. A day is one of the member's own clock.

pack { name = "check-in", version = "1.0.0", timezone = "Asia/Shanghai" }

account "wechat_oa/coffee" { kind = "service" }

funnel "club" { stages = { "member", "silver", "gold" }, goal = "gold" }

-- What points are redeemed for. Each code is given once, and each member gets one of each list. New codes go at the end.
coupon "cup"  { "CUP-7Q2M", "CUP-K9RD", "CUP-X3VA", "CUP-4HNT", "CUP-P8WE", "CUP-2ZLC" }
coupon "bean" { "BEAN-6TYK", "BEAN-R2QF", "BEAN-W7XD" }

words.sign   = { "签到", "打卡", "每日签到", "我要签到", "check in", "checkin", "sign in", "check-in", "fichar", "registro diario", "hago check-in" }
words.level  = { "积分", "我的积分", "查积分", "等级", "我的等级", "points", "my points", "level", "my level", "puntos", "mis puntos", "nivel", "mi nivel" }
words.cup    = { "兑换咖啡", "换咖啡", "兑换一杯", "redeem coffee", "redeem a cup", "canjear café", "canjear cafe" }
words.bean   = { "兑换咖啡豆", "换咖啡豆", "兑换豆子", "redeem beans", "canjear granos" }
words.redeem = { "兑换", "怎么兑换", "积分兑换", "redeem", "how do i redeem", "canjear", "cómo canjeo", "como canjeo" }
words.member = { "会员", "会员卡", "我的会员", "会员权益", "入会", "我要入会", "怎么入会", "加入会员", "member", "membership", "become a member", "join the club", "how do i join", "socio", "socia", "hacerme socio", "hacerme socia", "ser socio", "ser socia", "cómo me hago socio", "como me hago socio" }
