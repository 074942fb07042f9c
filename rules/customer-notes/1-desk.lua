-- The notes of an adviser of a language school: who somebody is, where he came from, what he wants, how sure he is. These rules
-- answer nobody. They listen, write remarks and tags, and tell the adviser when somebody should be called.

pack { name = "customer-notes", version = "1.0.0", timezone = "Asia/Shanghai" }

account "wechat_personal/adviser" {}

-- One in a hundred makes, nine pass on, ninety read.
segment "activity" { by = "active", layers = { { "creators", 1 }, { "sharers", 9 }, { "readers", 90 } } }
