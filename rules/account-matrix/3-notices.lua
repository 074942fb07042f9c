-- The ten settings. The school's program gives an event of its own for each notice; `via` says which account may say it, in that
-- order: the first that may write to this person now does. Where none may, the notice is dropped, and the report counts it.

rule "1 service" {
  title = "invoice: official, one account, a few times a month",
  on = "x-invoice",
  message = { "本月课费账单已出，在“我的账单”里看。/ Your invoice of this month is ready. / Ya está tu factura de este mes.", via = "wechat_oa/school" },
}

rule "2 subscription" {
  title = "article: to readers, once a day at most",
  on = "x-article",
  message = { "新文章：睡前十分钟读什么。/ New: ten minutes before sleep. / Nuevo: diez minutos antes de dormir.", via = "wechat_oa/reading" },
}

rule "3 personal" {
  title = "a teacher's word on a child: from the teacher alone",
  on = "x-teacher-note",
  message = { "孩子今天读得很好，想跟您说一声。/ Your child read very well today; I wanted to tell you. / Hoy ha leído muy bien; quería decírtelo.", via = "wechat_personal/teacher_wu" },
}

rule "4 mini program" {
  title = "a seat became free: only to who is looking at the timetable now",
  on = "x-seat-free",
  message = { "您在看的这节课刚空出一个位子。/ A seat in this lesson has just become free. / Acaba de quedar una plaza en esta clase.", via = "wechat_oa/timetable" },
}

rule "5 service subscription" {
  title = "term dates: official, else with the articles",
  on = "x-term-dates",
  message = { "新学期 9 月 1 日开始，选课截止 8 月 20 日。/ Term begins on 1 September; choose courses by 20 August. / El curso empieza el 1 de septiembre; elige antes del 20 de agosto.", via = { "wechat_oa/school", "wechat_oa/reading" } },
}

rule "6 subscription service" {
  title = "open day: with the articles; the few official messages are kept for what matters more",
  on = "x-open-day",
  message = { "周六开放日，可以带孩子来坐坐。/ Open day on Saturday: come by with your child. / Sábado de puertas abiertas: venid a vernos.", via = { "wechat_oa/reading", "wechat_oa/school" } },
}

rule "7 subscription personal" {
  title = "reading list: with the articles, else the teacher sends it",
  on = "x-reading-list",
  message = { "十一月书单：五本适合一起读的书。/ Reading list for November: five books to read together. / Lista de noviembre: cinco libros para leer juntos.", via = { "wechat_oa/reading", "wechat_personal/teacher_wu" } },
}

rule "8 mini program subscription" {
  title = "lesson moved, not urgent: in the mini program if he is there, else with the articles",
  on = "x-lesson-moved",
  message = { "下周的课改到周四同一时间。/ Next week's lesson moves to Thursday, same time. / La clase de la semana que viene pasa al jueves, misma hora.", via = { "wechat_oa/timetable", "wechat_oa/reading" } },
}

rule "9 mini program service personal" {
  title = "lesson cancelled today: wherever he can be reached",
  on = "x-cancelled",
  message = { "抱歉，今天的课取消，费用退回。/ Sorry, today's lesson is cancelled; the fee comes back. / Lo sentimos, la clase de hoy se cancela y se devuelve el importe.", via = { "wechat_oa/timetable", "wechat_oa/school", "wechat_personal/teacher_wu" } },
}

rule "10 all four" {
  title = "the school moves: everybody must know, by the least intrusive account first",
  on = "x-moving",
  message = { "我们 12 月 1 日搬到淮海路 300 号，课表不变。/ On 1 December we move to 300 Huaihai Road; lessons stay. / El 1 de diciembre nos mudamos a Huaihai Road 300; las clases siguen igual.", via = { "wechat_oa/reading", "wechat_oa/school", "wechat_oa/timetable", "wechat_personal/teacher_wu" } },
}
