-- channels.lua: what each platform lets an account do, how long after somebody's last word it may still write to him, how often, and
-- how long a text may be. Built into the library; loaded before every pack.
--
-- A pack lays its own numbers over these: channel "douyin" { quotas = { ... } } for all accounts of a platform, or the same keys in
-- account "douyin/papers" { ... } for one. Keys that are not given stay. A quota that counts the same (actions, per, within) takes
-- the place of ours, others come beside it; windows and push are replaced whole. A platform that is not here is declared the same
-- way: channel "my_gateway" {} alone allows everything.
--
-- Kinds of accounts on one platform are entries of their own, "wechat_oa:subscription", which begin with what the entry without colon
-- says; an account says which it is by kind = "subscription". Without kind it is a service account: four messages a month that
-- nobody asked for are fewer than one a day.
--
--   events   the kinds of events there are; a rule for other events does not concern the platform
--   reply, message, follow ... = "api" (the platform offers it), "device" (only somebody's phone can), "none"
--   windows  opens: the events after which a message may be written; lasts; max: how many (a further event of the person renews
--            both); per = "trigger": each event opens one of its own, such as the one private reply to a comment
--   push     what may be written while no window is open: quotas, true (anything) or nothing at all
--   quotas   at most max of an action (or of all) within a time that slides, or a calendar "day" or "month" of the account's
--            timezone, or "ever"; per account, contact, post, trigger (the event that is answered) or text. Over it an action waits
--            (wait = "30m": so long at most, false: not at all; otherwise a day) and goes when there is room
--   text     the longest text, in the platform's own unit: "bytes" of UTF-8, "characters" (code points) or "utf16" units
--   spacing  the pause between two actions of the account, somewhere in the range
--
-- as_of and source say when a number was read, and where. "folk" is what people tell each other: no platform says it.

channel "wechat_oa" {
  as_of = "2023-06-12", source = "ITHome 2023-05-30 on the platform's notice; developers.weixin.qq.com",
  events = { "message", "follow", "unfollow", "click", "scan", "enter", "link", "echo", "outcome" },
  reply = "api", message = "api", deliver = "api", remark = "api",
  follow = "none", accept = "none", invite = "none", like = "none", hide = "none",
  windows = {
    { opens = "message", lasts = "48h", max = 5 },
    { opens = { "click", "follow", "scan" }, lasts = "1m", max = 3 },
  },
  push = { { max = 4, within = "month", per = "contact", source = "mass sending of a service account, as quoted in SDK comments" } },
  quotas = { { action = "reply", max = 1, per = "trigger", source = "developers.weixin.qq.com: one passive reply, within 5 s" } },
}

channel "wechat_oa:service" {}

channel "wechat_oa:subscription" {
  remark = "none",
  push = { { max = 1, within = "day", per = "contact", source = "mass sending of a subscription account, as quoted in SDK comments" } },
}

channel "wechat_oa:mini_program" {
  events = { "message", "enter", "click", "scan", "share", "link", "echo", "outcome" },
  remark = "none",
  windows = {
    { opens = "message", lasts = "48h", max = 5 },
    { opens = "enter", lasts = "1m", max = 2 },
  },
  push = false,
}

-- A person's own account, moved by a phone or a program on one. What it may do is nowhere written; what is too much shows in bans.
channel "wechat_personal" {
  as_of = "2026-11-22", source = "folk",
  events = { "message", "friend_request", "friend_added", "join", "leave", "share", "link", "echo", "outcome" },
  reply = "device", message = "device", deliver = "device", accept = "device", invite = "device", remark = "device",
  follow = "none", like = "device", hide = "none",
  quotas = {
    { action = "accept", max = 30, within = "day", source = "folk: 20 to 30 new friends a day" },
    { action = "accept", max = 5000, within = "ever", source = "folk: 5,000 friends" },
  },
}

channel "wecom" {
  as_of = "2026-11-22", source = "secondary: SDK comments on the platform's documentation",
  events = { "message", "friend_request", "friend_added", "join", "leave", "scan", "link", "echo", "outcome" },
  reply = "api", message = "api", deliver = "api", accept = "api", invite = "api", remark = "api",
  follow = "none", like = "none", hide = "none",
  windows = {
    { opens = "message", lasts = "48h", max = 5, source = "as WeChat's customer messages; not checked" },
    { opens = "friend_added", lasts = "20s", max = 1, source = "the welcome code" },
  },
  push = { { max = 4, within = "month", per = "contact", source = "folk" } },
}

channel "douyin" {
  as_of = "2026-11-22", source = "secondary: repositories that quote open.douyin.com",
  events = { "comment", "message", "follow", "enter", "share", "link", "echo", "outcome" },
  reply = "api", message = "api", invite = "api",
  follow = "device", like = "device", hide = "device", deliver = "device",
  accept = "none", remark = "none",
  windows = {
    { opens = "message", lasts = "24h", max = 6, source = "im_reply_msg: 6 for each message of the person" },
    { opens = "enter", lasts = "30s", max = 3 },
  },
  push = {
    { max = 40, within = "1h", per = "account", source = "enterprise back office: outreach to 40 people an hour" },
    { max = 100, within = "day", per = "account", source = "enterprise back office: outreach to 100 people a day" },
  },
  quotas = {
    { action = "follow", max = 5, within = "1h", source = "folk: below 20 an hour; we take a quarter" },
    { action = "follow", max = 20, within = "day", source = "folk: 100 to 200 a day; we take a fifth" },
  },
}

channel "tiktok" {
  as_of = "2026-11-22", source = "Chatwoot's and OpenReply's code; TikTok API for Business",
  events = { "comment", "message", "follow", "share", "link", "echo", "outcome" },
  reply = "api", message = "api",
  follow = "device", like = "device", hide = "api", deliver = "device",
  accept = "none", invite = "none", remark = "none",
  windows = { { opens = "message", lasts = "48h", max = 10 } },
  text = { reply = { "150 characters", source = "OpenReply, docs/tiktok.md" } },
  quotas = {
    { action = { "reply", "message" }, max = 40, within = "1m", source = "secondary: 40 a minute for an account and endpoint" },
    { action = "follow", max = 20, within = "day", source = "folk" },
  },
}

channel "instagram" {
  as_of = "2026-03-23", source = "developers.facebook.com: private replies, rate limiting",
  events = { "comment", "message", "follow", "share", "link", "echo", "outcome" },
  reply = "api", message = "api", deliver = "api", hide = "api",
  follow = "device", like = "device",
  accept = "none", invite = "none", remark = "none",
  windows = {
    { opens = "message", lasts = "24h" },
    { opens = "comment", lasts = "7d", max = 1, per = "trigger", source = "one private reply to a comment of at most 7 days" },
  },
  text = { message = { "1000 bytes", source = "secondary: OpenReply" } },
  quotas = {
    { action = "message", max = 750, within = "1h", source = "private replies: 750 an hour for an account" },
    { action = "follow", max = 5, within = "1h", source = "folk: below 20 an hour; we take a quarter" },
    { action = "follow", max = 20, within = "day", source = "folk: 100 to 200 a day; we take a fifth" },
  },
}

channel "messenger" {
  as_of = "2026-03-23", source = "developers.facebook.com: private replies, rate limiting",
  events = { "comment", "message", "click", "link", "echo", "outcome" },
  reply = "api", message = "api", deliver = "api", hide = "api", like = "api",
  follow = "none", accept = "none", invite = "none", remark = "none",
  windows = {
    { opens = { "message", "click" }, lasts = "24h" },
    { opens = "comment", lasts = "7d", max = 1, per = "trigger", source = "one private reply to a comment of at most 7 days" },
  },
  quotas = { { action = "message", max = 750, within = "1h", source = "private replies: 750 an hour for an account" } },
}

channel "telegram" {
  as_of = "2026-11-22", source = "core.telegram.org/bots/faq",
  events = { "comment", "message", "join", "leave", "click", "friend_request", "link", "echo", "outcome" },
  reply = "api", message = "api", deliver = "api", accept = "api", invite = "api", like = "api", hide = "api",
  follow = "none", remark = "none",
  text = {
    reply = { "4096 utf16", source = "core.telegram.org/bots/api" },
    message = { "4096 utf16", source = "core.telegram.org/bots/api" },
  },
  quotas = {
    { max = 1, within = "1s", per = "contact" },
    { max = 30, within = "1s" },
  },
}

channel "qq" {
  as_of = "2026-11-22", source = "tencent-connect/bot-docs, issue 216",
  events = { "message", "join", "leave", "friend_added", "link", "echo", "outcome" },
  reply = "api", message = "api", deliver = "api",
  follow = "none", accept = "none", invite = "none", like = "none", hide = "none", remark = "none",
  windows = { { opens = "message", lasts = "60m", max = 5 } },
  push = { { max = 4, within = "month", per = "contact" } },
  quotas = { { action = "reply", max = 5, within = "60m", per = "trigger" } },
}
