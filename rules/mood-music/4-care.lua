-- Who writes that he does not want to live gets no song: a word, a number to call, and a human who looks.

rule "danger" {
  title = "may be in danger: a human looks",
  on = "message", account = "wechat_oa/music",
  priority = 1000,
  keywords = { "{danger}" },
  match = [[^\W*(?:ya |solo )?(?:me quiero morir|quiero morirme|no quiero vivir)\W*$]], -- with more behind it, it is mostly a manner of speaking
  cooldown = "12h",
  reply = "谢谢你说出来。你不是一个人：现在就可以打 12356（中国心理援助热线），紧急时打 120 或 110。我们马上找人看你的留言。\nThank you for saying it. Please call somebody now: 988 (USA), 12356 (China), or your emergency number. One of us will read this.\nGracias por decirlo. Llama ahora: 024 (España), 12356 (China) o emergencias. Alguien de nosotros lo va a leer.",
  handoff = { queue = "care", text = "{event.text}", ["for"] = "12h" },
  examples = { yes = { "我不想活了", "I want to die", "me quiero morir" }, no = { "笑死我了", "想死你了", "this song is to die for", "me quiero morir de calor" } },
}
