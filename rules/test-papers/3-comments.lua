-- Under the videos: somebody asks for the papers. One rule a language, so that everybody is answered in his own; who was
-- served in one language is not answered a second time in another.

rule "stop" {
  title = "does not want to hear from us",
  on = { "comment", "message" },
  priority = 100,
  keywords = { "{stop}" }, mode = "equal",
  opt_out = true,
  message = "好的，不再打扰。You will not hear from us again. No te escribiremos más.",
  examples = { yes = { "退订", "STOP", "baja!" }, no = { "取消不了吗", "don't stop" } },
}

rule "stop in a message" {
  title = "does not want to hear from us, said shortly",
  on = "message",
  priority = 100,
  keywords = { "{stop_dm}" }, mode = "equal",
  opt_out = true,
  message = "好的，不再打扰。You will not hear from us again. No te escribiremos más.",
  examples = { yes = { "TD", "取消" }, no = { "取消不了吗" } },
}

rule "ask" {
  title = "asks for the paper",
  on = "comment",
  match = { [[{want_zh}[^.!?。]{0,12}{paper_zh}]], [[要[^.!?。]{0,4}{paper_zh}]], [[{paper_zh}[^.!?。]{0,8}{where_zh}]] },
  except = { "{not_zh}" },
  loose = true, -- "求 电 子 版" is the same
  longest = 60, -- who writes more tells a story
  tag_not = { "lang:en", "lang:es" },
  once = "post",
  reply = { "有的，私信你了", "有的，已私信，注意查收", "有电子版，看下私信" },
  follow = true,
  message = "加我微信 {pool.wechat}，备注 {code}，发你电子版",
  tag = { "wants:paper", "lang:zh" },
  stage = "papers/asked",
  examples = {
    yes = { "求电子版", "老师，有没有试卷", "资料在哪领", "想要一份 PDF", "求 电 子 版！！", "求電子版", "要电子版" },
    no = { "时间会给我们答案", "电子版很好看", "不要电子版，我要纸质的", "不求电子版", "资料已收到" },
  },
}

rule "ask-en" {
  title = "asks for the paper, in English",
  on = "comment",
  match = { [[{want_en}[^.!?]{0,24}{paper_en}]], [[{paper_en}.{0,12}(?:please|pls|plz)]] },
  except = { "{not_en}" },
  longest = 150,
  tag_not = { "lang:zh", "lang:es" },
  once = "post",
  reply = { "I have it, check your messages", "Yes! I sent you a message", "I have it for you: please look at your messages" },
  follow = true,
  message = "Please add my WeChat {pool.wechat} and write {code}, then I send you the paper",
  tag = { "wants:paper", "lang:en" },
  stage = "papers/asked",
  examples = {
    yes = { "Requesting electronic version", "Requesting for information", "can I have the PDF?", "I need these papers", "worksheets please" },
    no = { "I don't need the papers", "what a nice video", "the test was hard" },
  },
}

rule "ask-es" {
  title = "asks for the paper, in Spanish",
  on = "comment",
  match = [[{want_es}[^.!?]{0,24}{paper_es}]],
  except = { "{not_es}" },
  longest = 150,
  tag_not = { "lang:zh", "lang:en" },
  once = "post",
  reply = { "Lo tengo, mira tus mensajes", "Sí, te lo he enviado por mensaje" },
  follow = true,
  message = "Añade mi WeChat {pool.wechat}, escribe {code} y te envío el examen",
  tag = { "wants:paper", "lang:es" },
  stage = "papers/asked",
  examples = {
    yes = { "Quiero el examen por favor", "necesito la información", "¿me das el PDF?" },
    no = { "no necesito el examen", "el examen fue difícil" },
  },
}

-- The broad list comes last: it asks without naming the paper. Under our videos that is what is meant.
rule "ask-short" {
  title = "asks, without saying for what",
  on = "comment",
  keywords = { "{request}" },
  match = [[{request_end}\s*(?:please|pls|plz|too|so much|now|asap)?\W*$]],
  except = { "{not_zh}", "{not_en}", "{not_es}" },
  longest = 120,
  once = "post",
  stage_is = "none",
  reply = { "有的，私信你了 / I have it, check your messages", "看下私信 / please look at your messages" },
  follow = true,
  message = "加我微信 {pool.wechat}，备注 {code}，发你电子版 / add my WeChat {pool.wechat} and write {code}",
  tag = "wants:paper",
  stage = "papers/asked",
  examples = {
    yes = { "求分享", "where can I get this", "me interesa", "有链接吗", "I need this please" },
    no = { "分享一下我的心得", "很有趣", "I want it to stop" },
  },
}

-- All WeChat ids are given out for today: the rules above cannot say what they promise, so they stay silent and these speak. They
-- look for the same: who asked for nothing must not hear that places are gone.
rule "tomorrow" {
  title = "asks, but today's places are gone",
  on = "comment",
  priority = -10,
  match = { [[{want_zh}[^.!?。]{0,12}{paper_zh}]], [[要[^.!?。]{0,4}{paper_zh}]], [[{paper_zh}[^.!?。]{0,8}{where_zh}]] },
  except = { "{not_zh}" },
  loose = true,
  longest = 60,
  once = "post",
  stage_is = "none",
  reply = "今天的名额满了，明天再来评论一次 / today's places are taken, please ask again tomorrow / hoy ya no quedan plazas, pregunta mañana",
  examples = { yes = { "求电子版" }, no = { "电子版很好看" } },
}

rule "tomorrow-short" {
  title = "asks in another language or without saying for what, but today's places are gone",
  on = "comment",
  priority = -10,
  keywords = { "{request}" },
  match = { [[{want_en}[^.!?]{0,24}{paper_en}]], [[{paper_en}.{0,12}(?:please|pls|plz)]], [[{want_es}[^.!?]{0,24}{paper_es}]],
            [[{request_end}\s*(?:please|pls|plz|too|so much|now|asap)?\W*$]] },
  except = { "{not_zh}", "{not_en}", "{not_es}" },
  longest = 120,
  once = "post",
  stage_is = "none",
  reply = "今天的名额满了，明天再来评论一次 / today's places are taken, please ask again tomorrow / hoy ya no quedan plazas, pregunta mañana",
  examples = { yes = { "can I have the PDF?", "求分享" }, no = { "he is looking for the one that is leaking information", "the world is in desperate need. Simple answers do not help" } },
}
