-- The shop: its accounts, the way people go, and the WeChat ids that are handed out.

pack { name = "test-papers", version = "1.0.0", timezone = "Asia/Shanghai" }

account "douyin/papers"              { follow = "device" } -- Douyin has no API for following: a device does it
account "wechat_personal/tutor_li"   {}
account "wechat_personal/tutor_wang" {}

funnel "papers" {
  stages = { "asked", "added", "delivered", "invited", "joined" },
  goal = "joined",
}

-- Whom people may add. Each person always gets the same one; each is given to thirty people a day, for an account can accept no more.
pool "wechat" { "tutor_li", "tutor_wang", per_day = 30 }
