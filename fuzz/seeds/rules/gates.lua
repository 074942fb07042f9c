words.w = { "求", "want" }
rule "r" { on = { "comment", "message" }, match = [[{w}.{0,4}x]], except = "no", priority = -1, enabled = false, ["continue"] = true, tag_has = "a", tag_not = { "b" }, field = { city = "x" }, cooldown = "1h", first_time = true, was = "old", title = "t", message = { all = { "a", "b" }, after = "5s..30s" }, untag = "c", examples = { yes = "want x", no = { "y" } } }
