-- The shop that fragments in the documents (```lua part, ```lua keys) stand in. tests/docs/run.py leaves out a declaration that
-- the fragment has itself; each stands on one line for that.
pack { name = "shop", timezone = "Asia/Shanghai", timezones = { "Europe/Berlin", "America/New_York" } }
account "douyin/papers" { follow = "device" }
account "wechat_oa/shop" { kind = "service" }
account "wechat_personal/tutor_li" {}
account "wechat_personal/tutor_wang" {}
account "telegram/shop" {}
funnel "papers" { stages = { "asked", "added", "delivered", "invited", "joined" }, goal = "joined" }
pool "wechat" { "tutor_li", "tutor_wang", per_day = 20 }
coupon "welcome" { "TEA-3K7D", "TEA-9QWA" }
segment "layers" { by = "points", layers = { { "creators", 1 }, { "sharers", 9 }, { "readers", 90 } } }
words.want = { "求", "想要", "want", "quiero" }
words.paper = { "电子版", "试卷", "pdf", "examen" }
