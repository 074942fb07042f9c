-- Whoever does not want to hear from us is left in peace, at once and on every channel; and is heard again when he asks for it. These
-- rules come before all others: give a rule of yours a priority above 100000 if it must come first.

pack { name = "opt-out", version = "1.0.0" }

-- Words that mean it wherever they stand alone, in a comment too.
words.stop = {
  "退订", "退訂", "取消订阅", "取消訂閱", "别发了", "不要再发", "不要再发了", "别再发了", "不要再联系我", "拉黑了", -- 中文
  "unsubscribe", "stop messaging me", "do not contact me", "don't contact me", "stop sending me messages", "opt out", "optout", "stopall", -- English
  "darme de baja", "no molestar", "no me escribas", "no me escriban", -- Español
  "desinscrever", "não quero receber", "me tire da lista", "descadastrar", -- Português
  "désabonner", "se désabonner", "ne plus recevoir", "désinscription", -- Français
  "abmelden", "abbestellen", "keine nachrichten mehr", -- Deutsch
  "disiscrivimi", "cancellami", "annulla iscrizione", -- Italiano
  "отписаться", "отпишите меня", "не пишите мне", -- Русский
  "配信停止", "登録解除", "もう送らないで", -- 日本語
  "수신거부", "구독취소", "그만 보내세요", -- 한국어
  "berhenti langganan", "jangan hubungi saya", -- Bahasa Indonesia
}

-- Words that mean it when they are all somebody writes to us; in a comment perhaps not.
words.stop_here = {
  "取消", "停止", "td", "t", -- 中文: what Chinese text messages end with
  "stop", "quit", "end", "cancel", "stop please", "please stop", -- English
  "baja", "parar", "alto", "cancelar", -- Español
  "sair", "pare", "cancele", -- Português
  "arret", "arrêt", "arrêter", "annuler", -- Français
  "stopp", "halt", -- Deutsch
  "fermati", "basta", "annulla", -- Italiano
  "стоп", "отмена", "отписка", -- Русский
  "停止", "解除", "中止", -- 日本語
  "중지", "거부", "취소", -- 한국어
  "berhenti", "stop ya", "batal", -- Bahasa Indonesia
}

words.start = {
  "恢复订阅", "恢復訂閱", "重新订阅", "订阅", "訂閱", -- 中文
  "start", "unstop", "subscribe", "opt in", "optin", -- English
  "alta", "suscribir", "suscribirme", -- Español
  "inscrever", "quero receber", -- Português
  "s'abonner", "abonner", "inscription", -- Français
  "anmelden", "abonnieren", -- Deutsch
  "iscrivimi", "iscriviti", -- Italiano
  "подписаться", "старт", -- Русский
  "配信再開", "登録", -- 日本語
  "수신동의", "구독", -- 한국어
  "langganan", "mulai", -- Bahasa Indonesia
}

rule "stop" {
  title = "does not want to hear from us",
  on = { "comment", "message" },
  priority = 100000,
  keywords = { "{stop}" }, mode = "equal",
  opt_out = true,
  message = "好的，不再打扰。回复“订阅”可恢复。/ You will not hear from us again. Write START if you change your mind. / No te escribiremos más. Escribe ALTA si cambias de idea.",
  examples = { yes = { "退订", "Unsubscribe!", "DARME DE BAJA", "Não quero receber", "Se désabonner", "abmelden", "Cancellami!", "не пишите мне", "配信停止", "수신거부", "jangan hubungi saya" }, no = { "取消不了吗", "how do I unsubscribe from this channel" } },
}

rule "stop in a message" {
  title = "does not want to hear from us, said shortly",
  on = "message",
  priority = 100000,
  keywords = { "{stop_here}" }, mode = "equal",
  opt_out = true,
  message = "好的，不再打扰。回复“订阅”可恢复。/ You will not hear from us again. Write START if you change your mind. / No te escribiremos más. Escribe ALTA si cambias de idea.",
  examples = { yes = { "TD", "取消", "STOP", "stop.", "ＳＴＯＰ", "BAJA", "Sair", "Arrêt", "Stopp!", "Basta", "стоп", "解除", "중지", "Berhenti" }, no = { "取消不了吗", "don't stop", "stop by tomorrow" } },
}

rule "start" {
  title = "wants to hear from us again",
  on = "message",
  priority = 100000,
  keywords = { "{start}" }, mode = "equal",
  opt_in = true,
  message = "好的，已恢复。随时可回复“退订”。/ Welcome back. Write STOP whenever you like. / Te escribimos de nuevo. Escribe BAJA cuando quieras.",
  examples = { yes = { "订阅", "START", "Alta!", "Quero receber", "s'abonner", "Anmelden", "iscrivimi", "подписаться", "配信再開", "수신동의", "Mulai" }, no = { "when does it start" } },
}
