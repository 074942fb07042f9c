-- Who wants to talk to somebody is handed to the right one: Chen for the classes, Zhou for orders and everything else, in
-- their hours. While a human talks, the rules are silent; after two hours, or when the gateway says so, the bot is back.

words.human = {
  "人工", "转人工", "找人工", "人工客服", "真人", "找店员",
  "human", "a human", "real person", "talk to a human", "speak to a human", "talk to someone", "agent",
  "persona", "una persona", "hablar con una persona", "hablar con alguien", "agente",
}
words.class = { "读书班", "上课", "老师", "请假", "reading class", "the class", "teacher", "taller", "profesora", "la clase" }

rule "to Chen" {
  title = "asks for a human, about the class",
  on = "message", account = "wechat_oa/bookshop",
  priority = 20,
  match = { [[{human}.{0,20}{class}]], [[{class}.{0,20}{human}]] },
  hours = "10:00-18:00", weekdays = { "wed", "thu", "fri", "sat", "sun" },
  reply = "陈老师马上来。/ Chen, who leads the class, will be with you. / Chen, del taller, te atiende enseguida.",
  handoff = { queue = "chen", text = "读书班：{event.text}", ["for"] = "2h" },
  stage = { "talk/handed", back = true },
  examples = { yes = { "人工，读书班请假", "talk to a human about the reading class", "hablar con una persona del taller" }, no = { "读书班真好" } },
}

rule "to Zhou" {
  title = "asks for a human",
  on = { "message", "click" }, account = "wechat_oa/bookshop",
  priority = 10,
  keywords = { "{human}", "menu_human" }, mode = "equal",
  hours = "10:00-20:00", weekdays = { "tue", "wed", "thu", "fri", "sat", "sun" },
  reply = "周店员马上来，可以先把问题写下来。/ Zhou will be with you; please write your question. / Zhou te atiende; escribe tu pregunta.",
  handoff = { queue = "zhou", text = "{event.text}", ["for"] = "2h" },
  stage = { "talk/handed", back = true },
  examples = { yes = { "人工", "转人工！", "Real person", "menu_human" }, no = { "human nature" } },
}

rule "class to Zhou" {
  title = "asks for a human about the class, when Chen is not there",
  on = "message", account = "wechat_oa/bookshop",
  priority = 5,
  match = { [[{human}.{0,20}{class}]], [[{class}.{0,20}{human}]] },
  hours = "10:00-20:00", weekdays = { "tue", "wed", "thu", "fri", "sat", "sun" },
  reply = "陈老师不在，周店员帮你记下。/ Chen is not in; Zhou takes a note for you. / Chen no está; Zhou toma nota.",
  handoff = { queue = "zhou", text = "读书班：{event.text}", ["for"] = "2h" },
  stage = { "talk/handed", back = true },
  examples = { yes = { "人工，读书班请假" }, no = { "人工", "读书班" } },
}

rule "nobody there" {
  title = "asks for a human while the shop is closed",
  on = { "message", "click" }, account = "wechat_oa/bookshop",
  keywords = { "menu_human", "{human}" }, mode = "equal",
  match = { [[{human}.{0,20}{class}]], [[{class}.{0,20}{human}]] },
  cooldown = "60m",
  reply = "现在没有人在，周二到周日 10 点到 20 点有人。留言会看到的。/ Nobody is in; we are here Tuesday to Sunday, 10:00 to 20:00, and read what you leave. / Ahora no hay nadie; estamos de martes a domingo de 10:00 a 20:00 y leemos lo que dejes.",
  emit = { "message-left", data = { text = "{event.text}" } },
  examples = { yes = { "人工！" }, no = { "人工智能是什么" } },
}

rule "back" {
  title = "the gateway says that the human is done: the bot is back",
  on = "x-handback", account = "wechat_oa/bookshop",
  handback = true,
}

-- The question comes when the human is done, never into the talk; not at night, and once a month at most.
rule "survey" {
  title = "how was it?",
  on = "timer",
  follow_up = { "talk/handed", after = "2h", unless = "nothing" },
  hours = "09:00-21:00", defer = true,
  cooldown = "30d",
  message = "刚才的服务怎么样？回复 1（不好）到 5（很好）。不回也没关系。/ How was the help you had? Answer 1 (bad) to 5 (good), or just leave it. / ¿Qué tal la atención? Responde de 1 (mal) a 5 (bien), o déjalo.",
  stage = "talk/asked",
}

rule "rated well" {
  on = "message", account = "wechat_oa/bookshop",
  stage_is = "talk/asked",
  match = [[^\s*([45])\s*(?:分|星)?[\s.!。]*$]],
  reply = "谢谢！/ Thank you! / ¡Gracias!",
  set = { rating = "{match.1}" },
  stage = "talk/rated",
  examples = { yes = { "5", "4!" }, no = { "45" } },
}

rule "rated badly" {
  title = "was not content: somebody looks at it",
  on = "message", account = "wechat_oa/bookshop",
  stage_is = "talk/asked",
  match = [[^\s*([1-3])\s*(?:分|星)?[\s.!。]*$]],
  reply = "抱歉没帮好。店长会看到这个评分。/ We are sorry. The manager will see this. / Lo sentimos. La encargada lo verá.",
  set = { rating = "{match.1}" },
  emit = { "low-rating", data = { rating = "{match.1}" } },
  stage = "talk/rated",
  examples = { yes = { "1", "3" }, no = { "13", "<3", "+1" } },
}
