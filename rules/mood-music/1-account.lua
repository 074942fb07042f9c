-- An account that answers a mood with a song.

pack { name = "mood-music", version = "1.0.0", timezone = "Asia/Shanghai" }

account "wechat_oa/music" { kind = "subscription" }
