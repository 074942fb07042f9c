-- Somebody subscribes. Who came by one of our QR codes is greeted for what the code stands for: the gateway gives the scene of
-- the code as the text of the event. One rule a code; the plain welcome comes last.

rule "welcome class" {
  title = "subscribed by the code on the class timetable",
  on = { "follow", "scan" }, account = "wechat_oa/bookshop",
  keywords = { "class" }, mode = "equal",
  message = "欢迎！读书班周六上午 10 点开课，6 到 9 岁，第一次免费。留位请回复“报名”。\nWelcome! The reading class is on Saturdays at 10:00, for ages 6 to 9, and the first time is free. Write “join” to book a place.\n¡Hola! El taller de lectura es los sábados a las 10:00, de 6 a 9 años; la primera vez es gratis. Escribe “apuntar” para reservar.",
  tag = "scene:class",
  once = true,
  examples = { yes = { "class" }, no = { "classroom" } },
}

rule "welcome shelf" {
  title = "subscribed by the code on the shelves",
  on = { "follow", "scan" }, account = "wechat_oa/bookshop",
  keywords = { "shelf" }, mode = "equal",
  message = "欢迎！把书名发给店员就能查库存：先回复“人工”，再写书名。\nWelcome! Looking for a book? Write “human”, then its title, and we look whether it is here.\n¡Hola! ¿Buscas un libro? Escribe “persona” y luego el título, y miramos si lo tenemos.",
  tag = "scene:shelf",
  once = true,
  examples = { yes = { "shelf" }, no = { "bookshelf" } },
}

rule "welcome" {
  title = "subscribed",
  on = "follow", account = "wechat_oa/bookshop",
  message = "欢迎来到灯笼书店！可以问：营业时间、地址、配送、退换。想找店员，回复“人工”。\nWelcome to Lantern Books! Ask for hours, address, delivery or returns. For one of us write “human”.\n¡Hola! Pregunta por horario, dirección, envío o devoluciones. Para hablar con nosotros escribe “persona”.",
  cooldown = "1d",
}
