rule "a" { on = "coment", reply = 1, foo = }
rule
