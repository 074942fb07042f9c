-- The evening, and the day after: a reminder, a sign-in, one question, the notes.

words.here = { "签到", "到", "到了", "我到了", "here", "i'm here", "present", "presente", "aquí estoy", "ya estoy" }

rule "reminder" {
  on = "timer",
  every = "1d", at = "19:30", weekdays = "fri",
  account = "wechat_personal/librarian",
  stage_is = "lecture/joined",
  cooldown = "6d",
  message = "半小时后开始。到了在群里回复“签到”，讲义明天发您。/ It begins in half an hour. Write “here” in the group, and the notes come tomorrow. / Empieza en media hora. Escribe “presente” en el grupo y mañana te mandamos los apuntes.",
}

rule "came" {
  on = "message", account = "wechat_personal/librarian",
  keywords = { "{here}" }, mode = "equal",
  hours = "19:30-21:30", weekdays = "fri",
  stage_is = "lecture/joined",
  tag = { "lecture:came", "lecture:first" },
  stage = "lecture/came",
  like = true,
  examples = { yes = { "签到", "Here!", "presente" }, no = { "签到有礼吗", "here we go again" } },
}

rule "feedback" {
  on = "timer",
  follow_up = { "lecture/came", after = "10h", at = "10:00", unless = "nothing" },
  account = "wechat_personal/librarian",
  stage = "lecture/questioned", -- not before: during the lecture a "1" in the group means something else
  deliver = { file = "notes-reading.pdf", text = "昨晚的讲义。有用吗？1（没用）到 5（很有用），回一个数字就好。\nThe notes of last night. Was it useful? 1 (no) to 5 (very): one figure will do.\nLos apuntes de anoche. ¿Te sirvió? De 1 (nada) a 5 (mucho): basta una cifra." },
}

rule "liked it" {
  on = "message", account = "wechat_personal/librarian",
  match = [[^\s*([45])\s*(?:分|星)?[\s.!。]*$]],
  stage_is = "lecture/questioned",
  set = { lecture = "{match.1}" },
  stage = "lecture/told",
  reply = "谢谢！下一场您先知道。/ Thank you! You hear of the next one first. / ¡Gracias! De la próxima te avisamos antes.",
  examples = { yes = { "5", "4" }, no = { "15", "+5" } },
}

rule "did not like it" {
  on = "message", account = "wechat_personal/librarian",
  match = [[^\s*([1-3])\s*(?:分|星)?[\s.!。]*$]], -- "<3" is a heart
  stage_is = "lecture/questioned",
  set = { lecture = "{match.1}" },
  stage = "lecture/told",
  emit = { "low-rating", data = { rating = "{match.1}" } },
  reply = "谢谢直说。哪里不好，愿意的话写一句，讲师会看。/ Thank you for saying so. If you like, write what was wrong; the speaker reads it. / Gracias por decirlo. Si quieres, escribe qué falló; el ponente lo lee.",
  examples = { yes = { "2", "3" }, no = { "23", "<3", "+1" } },
}

rule "missed" {
  title = "was in the group and did not come: the notes, no reproach",
  on = "timer",
  every = "1d", at = "10:30", weekdays = "sat",
  account = "wechat_personal/librarian",
  stage_is = "lecture/joined",
  cooldown = "6d",
  stage = { "lecture/announced", back = true },
  deliver = { file = "notes-reading.pdf", text = "昨晚的讲义给您留着。/ The notes of last night, for you. / Los apuntes de anoche, para ti." },
}

rule "week over" {
  title = "wanted to come and never got into the group: may be told of the next one",
  on = "timer",
  every = "1d", at = "10:40", weekdays = "sat",
  account = "wechat_personal/librarian",
  stage_is = { "lecture/asked", "lecture/invited" },
  stage = { "lecture/announced", back = true },
}
