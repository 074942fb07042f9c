-- The songs. One of the list, by hash: ask again tomorrow and it is another. An hour lies between two songs for one mood.
-- A picture counts too, when the gateway recognises it: it gives an event x-picture with the mood's English name as text.

rule "happy" {
  title = "is happy",
  on = { "message", "x-picture" }, account = "wechat_oa/music",
  match = { [[^(?:{happy_signs}\s*){1,12}$]], [[^[\s\p{P}]*{happy}(?:[\s!.~,。]|{happy_signs}|了|啊|呀|呢|哦)*$]] },
  cooldown = "60m",
  reply = {
    "真好！配这首：五月天《离开地球表面》",
    "Lovely! This goes with it: Pharrell Williams – Happy",
    "Lovely! This goes with it: Earth, Wind & Fire – September",
    "¡Qué bien! Con esta: Celia Cruz – La vida es un carnaval",
    "真好！配这首：陈奕迅《稳稳的幸福》",
    "Lovely! This goes with it: Katrina and the Waves – Walking on Sunshine",
  },
  tag = "mood:happy",
  examples = { yes = { "我好开心！", "😄😄", "Happy!", "estoy feliz" }, no = { "happy birthday to my sister", "开心果多少钱", "😄 货什么时候到" } },
}

rule "sad" {
  title = "is sad",
  on = { "message", "x-picture" }, account = "wechat_oa/music",
  match = { [[^(?:{sad_signs}\s*){1,12}$]], [[^[\s\p{P}]*{sad}(?:[\s!.~,。]|{sad_signs}|了|啊|呀|呢|哦)*$]] },
  cooldown = "60m",
  reply = {
    "抱抱。听听这首：朴树《平凡之路》",
    "抱抱。听听这首：李宗盛《山丘》",
    "I am sorry to hear it. Perhaps this: Bill Withers – Lean on Me",
    "I am sorry to hear it. Perhaps this: The Beatles – Here Comes the Sun",
    "Lo siento. Quizá esta: Mercedes Sosa – Todo cambia",
    "抱抱。听听这首：孙燕姿《遇见》",
  },
  tag = "mood:sad",
  examples = { yes = { "我好难过", "😢", "[流泪][流泪]", "I'm sad", "estoy triste" }, no = { "so sad that the shop closed", "我难过的是快递", "😢 退款" } },
}

rule "angry" {
  title = "is angry",
  on = { "message", "x-picture" }, account = "wechat_oa/music",
  match = { [[^(?:{angry_signs}\s*){1,12}$]], [[^[\s\p{P}]*{angry}(?:[\s!.~,。]|{angry_signs}|了|啊|呀|呢|哦)*$]] },
  cooldown = "60m",
  reply = {
    "先深呼吸，再放大音量：五月天《倔强》",
    "先深呼吸，再放大音量：崔健《一无所有》",
    "Take a breath, then play it loud: Survivor – Eye of the Tiger",
    "Take a breath, then play it loud: Queen – Don't Stop Me Now",
    "Take a breath, then play it loud: Aretha Franklin – Respect",
    "Respira, y luego a todo volumen: Los Prisioneros – El baile de los que sobran",
  },
  tag = "mood:angry",
  examples = { yes = { "气死我了！", "😡", "I'm furious", "estoy enojada" }, no = { "angry birds", "生气的客服电话" } },
}

rule "tired" {
  title = "is tired",
  on = { "message", "x-picture" }, account = "wechat_oa/music",
  match = { [[^(?:{tired_signs}\s*){1,12}$]], [[^[\s\p{P}]*{tired}(?:[\s!.~,。]|{tired_signs}|了|啊|呀|呢|哦)*$]] },
  cooldown = "60m",
  reply = {
    "辛苦了，歇一会儿：周杰伦《稻香》",
    "辛苦了，歇一会儿：许巍《蓝莲花》",
    "Rest a little with this: Simon & Garfunkel – Bridge over Troubled Water",
    "Rest a little with this: Claude Debussy – Clair de lune",
    "Rest a little with this: Erik Satie – Gymnopédie No. 1",
    "Descansa un poco con esta: Natalia Lafourcade – Soledad y el mar",
  },
  tag = "mood:tired",
  examples = { yes = { "好累啊", "😴😴", "so tired", "estoy cansado" }, no = { "tired of this brand", "累计消费多少" } },
}

rule "lonely" {
  title = "is lonely",
  on = { "message", "x-picture" }, account = "wechat_oa/music",
  match = { [[^(?:{lonely_signs}\s*){1,12}$]], [[^[\s\p{P}]*{lonely}(?:[\s!.~,。]|{lonely_signs}|了|啊|呀|呢|哦)*$]] },
  cooldown = "60m",
  reply = {
    "有这首陪你：五月天《知足》",
    "有这首陪你：陈奕迅《稳稳的幸福》",
    "Some company for you: Carole King – You've Got a Friend",
    "Some company for you: The Beatles – With a Little Help from My Friends",
    "Un poco de compañía: Joan Manuel Serrat – Mediterráneo",
    "有这首陪你：周华健《朋友》",
  },
  tag = "mood:lonely",
  examples = { yes = { "好孤独", "🥀", "I'm lonely", "me siento sola" }, no = { "孤独星球这本书有吗", "the lonely planet" } },
}

rule "loved" {
  title = "is in love, or sends a heart",
  on = { "message", "x-picture" }, account = "wechat_oa/music",
  match = { [[^(?:{loved_signs}\s*){1,12}$]], [[^[\s\p{P}]*{loved}(?:[\s!.~,。]|{loved_signs}|了|啊|呀|呢|哦)*$]] },
  cooldown = "60m",
  reply = {
    "把这份甜唱给你：邓丽君《月亮代表我的心》",
    "把这份甜唱给你：王菲《因为爱情》",
    "With love back: Etta James – At Last",
    "With love back: Louis Armstrong – La vie en rose",
    "Con cariño: Luis Miguel – Contigo en la distancia",
    "把这份甜唱给你：方大同《红豆》",
  },
  tag = "mood:loved",
  examples = { yes = { "我恋爱了！", "❤️❤️❤️", "I'm in love", "estoy enamorada" }, no = { "I love this pen", "心动价多少" } },
}

rule "nervous" {
  title = "is nervous",
  on = { "message", "x-picture" }, account = "wechat_oa/music",
  match = { [[^(?:{nervous_signs}\s*){1,12}$]], [[^[\s\p{P}]*{nervous}(?:[\s!.~,。]|{nervous_signs}|了|啊|呀|呢|哦)*$]] },
  cooldown = "60m",
  reply = {
    "慢慢来，先听这首：久石让 – Summer",
    "One thing at a time; this first: Johann Sebastian Bach – Prelude in C major, BWV 846",
    "One thing at a time; this first: Bobby McFerrin – Don't Worry, Be Happy",
    "One thing at a time; this first: Bob Marley – Three Little Birds",
    "慢慢来，先听这首：苏打绿《小情歌》",
    "Poco a poco; primero esta: Jarabe de Palo – Bonito",
  },
  tag = "mood:nervous",
  examples = { yes = { "好紧张", "😰", "so stressed", "estoy nervioso" }, no = { "紧张刺激的游戏", "nervous system book" } },
}
