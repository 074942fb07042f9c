pack { name = "p", version = "1" }
rule "a" { on = "comment", keywords = { "link", "链接" }, mode = "word", reply = "ok" }
