-- The words that people use. A rule names a list in braces: {want}.

-- Asking for something, without saying what: enough under a video of test papers.
words.request = {
  -- 中文
  "求名字", "求歌名", "求同款", "求店铺", "求推荐", "求书名", "跪求",
  "求电子版", "求资料", "求分享", "求链接", "求资源", "求试卷", "求发", "求私", "求一份", "求原卷", "求答案", "求攻略", "求地址", 
  "求教程", "求购买", "求网盘", "求下载", "求指路", "蹲资料", "蹲链接", "蹲电子版",
  "想要资料", "想要电子版", "想要一份", "也要一份", "也来一份", "想要一份", "来一份吧", "来个链接", "发我一份", "给我一份", "发一份", "发一下吧", "发一下吗", "发一下呗", "链接发", "发个链接",
  "可以发我", "能发我", "能发给我", "可以发给我", "能不能发", "可不可以发", "可以分享", "能分享", "能不能分享", "方便分享", "私发",
  "有链接吗", "有没有链接", "有电子版吗", "有没有电子版", "有资料吗", "有没有资料", "有资源吗", "有没有资源", "有网盘吗", "有没有网盘",
  "有pdf吗", "有没有pdf", "有答案吗", "有没有答案", "有教程吗", "有没有教程", "有电子书吗", "有没有电子书", "提取码多少", "提取码是",
  "在哪下载", "哪里下载", "在哪里下载", "哪儿下载", "哪下载", "怎么下载", "在哪里可以下载", "哪里可以下载", "如何下载",
  "在哪买", "哪里买", "在哪里买", "哪买", "哪儿买", "怎么买", "哪里有卖", "哪里能买", "哪里可以买", "在哪可以买", "去哪买", "去哪里买", "如何购买", "怎么购买",
  "在哪领", "哪里领", "怎么领", "如何领取", "怎么领取", "哪里可以领", "哪里可以找到", "哪里能找到", "在哪可以看", "在哪里可以看", "哪里可以看",
  -- English
  "can i have it", "can i have this", "can i have one", "could i have it", "could i have one", "may i have it", "may i have one", "can i get the", "can i get this", "can i get it", "can i get one", "could i get",
  "please send me", "pls send me", "plz send me", "send it to me", "send me the", "send me this", "send me a copy", "can you send me the",
  "can you share", "could you share", "please share", "pls share", "share the link", "share the file", "share this with me",
  "link please", "link pls", "link plz", "please link", "the link?", "drop the link", "send the link", "have the link", "whats the link", "what's the link",
  "what is the link", "need the link", "where is the link", "where's the link", "any link", "got a link", "link to the", "is there a link", "is there a pdf",
  "pdf please", "pdf pls", "need the pdf", "want the pdf", "i'm interested", "im interested",
  "where can i get this", "where can i get it", "where can i get one", "where can i get these", "where can i get them", "where can i buy", "where could i buy",
  "where can i find this", "where can i find it", "where can i find one", "where can i find these", "where can i find them", "where can i download",
  "where do i get this", "where do i get one", "where do i buy", "where did you get", "where did you buy", "where did you find", "where to get", "where to buy",
  "where to find this", "where to download", "how do i get this", "how do i get it", "how do i get one", "how can i get this", "how can i get it",
  "how can i get one", "how to get this", "how to get one", "how do i download", "how to download", "how can i download", "how to buy", "how can i buy",
  -- Español
  "lo quiero", "me interesa", "lo necesito", "me lo envías", "me lo envias", "me lo mandas", "me lo pasas", "me pasas", "pásame", "pasame",
  "envíame", "enviame", "mándame", "mandame", "puedes enviar", "puedes compartir", "comparte el enlace", "link por favor", "enlace por favor",
  "dónde lo consigo", "donde lo consigo", "dónde consigo", "donde consigo", "dónde lo descargo", "donde lo descargo", "dónde descargar",
  "donde descargar", "dónde compro", "donde compro", "dónde lo compro", "donde lo compro", "cómo lo consigo", "como lo consigo",
}

-- Asking, when nothing comes behind it: "I want it" is, "I want it to stop" is not.
words.request_end = { "i need this", "i need it", "i need one", "i want this", "i want it", "i want one" }

-- Wanting, and the thing that is wanted.
words.want_zh  = { "求", "想要", "需要", "有没有", "有吗", "能发", "可以发", "发我", "发下", "给我", "跪求", "蹲", "我要", "要一份", "来个", "求分享", "能分享", "可以分享", "分享一下" }
words.want_en  = { "want", "need", "requesting", "request", "requested", "can i have", "could i have", "may i have", "can i get", "send", "share", "please", "pls", "looking for" }
words.want_es  = { "quiero", "quisiera", "necesito", "me interesa", "me das", "dame", "envía", "envia", "manda", "pasa", "comparte", "tienes", "busco" }
words.paper_zh = { "电子版", "电子档", "资料", "试卷", "卷子", "试题", "真题", "原卷", "答案", "打印版", "文档", "pdf", "word版", "网盘" }
words.paper_en = { "electronic version", "digital version", "soft copy", "softcopy", "information", "info", "material", "materials", "paper", "papers",
                   "test", "tests", "exam", "exams", "worksheet", "worksheets", "answers", "answer key", "pdf", "file", "files", "ebook", "e-book" }
words.paper_es = { "versión electrónica", "version electronica", "versión digital", "información", "informacion", "info", "material", "materiales",
                   "examen", "exámenes", "examenes", "prueba", "pruebas", "respuestas", "pdf", "archivo", "fichas" }
words.where_zh = { "在哪", "哪里", "哪有", "怎么领", "怎么要", "怎么弄", "怎么获取", "怎么下载", "有吗", "有没有", "发我", "求", "能发", "可以发", "私我", "链接" }

-- Not asking, though the words look like it.
words.not_zh   = { "不要", "不求", "不用", "不需要", "别求", "不想要", "没必要", "已收到", "收到了", "已经有了",
                   "给我们答案", "给我答案", "时间会", "时间就是", "人生", "我的答案", "自己的答案", "新资料片", "资料片" }
words.not_en   = { "no need", "don't need", "dont need", "do not need", "don't want", "dont want", "do not want", "already have", "got it", "don't send", "dont send",
                   "your favourite", "your favorite", "your biggest", "your recipe", "your story", "gofundme" }
words.not_es   = { "no quiero", "no necesito", "no me interesa", "ya lo tengo", "ya tengo",
                   "tu dirección", "tu direccion", "tu nombre", "tus datos", "tu número", "tu numero", "inversión", "criptomonedas" }

-- Answers to the offer of the group.
words.yes      = { "好", "好的", "可以", "行", "要", "想", "感兴趣", "有兴趣", "愿意", "参加", "进群", "加群", "拉我", "yes", "ok", "okay", "sure", "interested", "i'm in", "count me in", "join", "sí", "si", "vale", "claro", "me interesa", "quiero" }
words.no       = { "不", "不用", "不用了", "不要", "不了", "不需要", "不感兴趣", "没兴趣", "算了", "no", "no thanks", "no thank you", "not interested", "no gracias", "no quiero", "no me interesa" }
words.done     = { "邀请了", "已邀请", "邀请好了", "拉了", "拉好了", "已经拉", "转发了", "发了", "done", "invited", "i invited", "both invited", "listo", "hecho", "invité", "invite a" }
words.stop     = { "退订", "别发了", "不要再发", "不要再发了", "stop", "unsubscribe", "baja", "no molestar" }
words.stop_dm  = { "取消", "td", "t", "quit", "parar", "cancelar" } -- in a message to us they are meant for us; in a comment perhaps not

-- Refusals.
words.no_wechat = { "不加微信", "不想加微信", "没有微信", "没微信", "不加好友", "no wechat", "i don't have wechat", "i dont have wechat", "i don't use wechat", "without wechat", "no tengo wechat", "no uso wechat", "sin wechat" }
words.no_invite = { "不邀请", "不想邀请", "邀请不了", "没人可邀请", "不邀请可以吗", "直接进", "直接进群", "i can't invite", "i cant invite", "i don't want to invite", "nobody to invite", "without inviting", "no puedo invitar", "no quiero invitar", "sin invitar" }
