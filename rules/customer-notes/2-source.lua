-- Where somebody came from, as he says it in his friend request. What he does not say is not guessed.

words.video  = { "抖音", "视频", "douyin", "tiktok", "your video", "tu video", "el video" }
words.friend = { "朋友介绍", "朋友推荐", "同事介绍", "同学介绍", "a friend", "friend told me", "recommended by", "un amigo", "una amiga", "me recomendaron" }
words.poster = { "海报", "传单", "地铁", "poster", "flyer", "leaflet", "cartel", "folleto" }

rule "from a video" {
  on = "friend_request", account = "wechat_personal/adviser",
  keywords = { "{video}" },
  accept = true,
  set = { source = "抖音" },
  tag = "source:video",
  run = function(e) e:after("5s", "remark") end,
  examples = { yes = { "看了你的抖音", "I saw your video" }, no = { "你好" } },
}

rule "from a friend" {
  on = "friend_request", account = "wechat_personal/adviser",
  keywords = { "{friend}" },
  accept = true,
  set = { source = "朋友" },
  tag = "source:friend",
  run = function(e) e:after("5s", "remark") end,
  examples = { yes = { "朋友介绍的", "A friend told me", "me recomendaron la escuela" }, no = { "加个朋友" } },
}

rule "from a poster" {
  on = "friend_request", account = "wechat_personal/adviser",
  keywords = { "{poster}" },
  accept = true,
  set = { source = "海报" },
  tag = "source:poster",
  run = function(e) e:after("5s", "remark") end,
  examples = { yes = { "地铁海报看到的", "saw the flyer", "vi el cartel" }, no = { "你好" } },
}

rule "from somewhere" {
  on = "friend_request", account = "wechat_personal/adviser",
  priority = -10,
  accept = true,
  run = function(e) e:after("5s", "remark") end,
}
