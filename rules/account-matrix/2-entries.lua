-- What each account says when somebody comes to it; and how he becomes one person on all of them: a code from one is written to
-- the next.

rule "service greets" {
  on = "follow", account = "wechat_oa/school",
  once = true,
  message = "欢迎！课程通知从这里发。想让我们认出您的其他账号，把 {code} 发给吴老师的微信或阅读订阅号。\nWelcome! Notices come from here. To be known on our other accounts, write {code} to Ms Wu or to the reading account.\n¡Hola! Los avisos salen de aquí. Para que te reconozcamos en las otras cuentas, escribe {code} a la profesora Wu o a la cuenta de lectura.",
}

rule "subscription greets" {
  on = "follow", account = "wechat_oa/reading",
  once = true,
  message = "欢迎！每周一篇阅读文章，只在这里发。/ Welcome! One article on reading a week, only here. / ¡Hola! Un artículo sobre lectura por semana, solo aquí.",
}

rule "mini program greets" {
  on = "enter", account = "wechat_oa/timetable",
  cooldown = "30d",
  message = "点日期看课表，红色是改过时间的课。/ Tap a day for its lessons; red ones were moved. / Toca un día para ver las clases; las rojas han cambiado de hora.",
}

rule "teacher accepts" {
  on = "friend_request", account = "wechat_personal/teacher_wu",
  once = true,
  accept = true,
  message = "您好，我是吴老师。每周二下午回复家长。/ Hello, I am Ms Wu. I answer parents on Tuesday afternoons. / Hola, soy la profesora Wu. Contesto a los padres los martes por la tarde.",
}

rule "code joined" {
  title = "wrote his code: now he is one person",
  on = "message",
  any = true,
  code = "ok",
  reply = "好了，都认出您了。/ All right, we know you everywhere now. / Ya te reconocemos en todas.",
}
