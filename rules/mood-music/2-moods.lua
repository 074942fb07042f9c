-- How people say a mood: in an emoji or a sticker's name, and in words. A message counts when it says nothing else.

words.happy_signs = {
  "😂", "🤣", "😀", "😃", "😄", "😁", "😆", "😊", "😍", "🥰", "😎", "🤩", "🥳",
  "[愉快]", "[呲牙]", "[Joyful]", "[Grin]",
}
words.happy = {
  "开心", "好开心", "我好开心", "今天好开心", "今天很开心", "太开心了", "高兴", "好高兴",
  "心情很好", "心情不错", "happy", "i'm happy", "im happy", "i am happy", "so happy", "i'm so happy",
  "feeling happy", "feeling good", "feliz", "estoy feliz", "estoy contento", "estoy contenta", "qué alegría", "muy feliz",
}

words.sad_signs = {
  "😢", "😭", "😞", "😔", "🙁", "☹️", "😿", "[流泪]", "[大哭]", "[难过]", "[Sob]",
  "[Cry]", "[Frown]",
}
words.sad = {
  "难过", "好难过", "我好难过", "我很难过", "伤心", "好伤心", "想哭", "我想哭",
  "心情不好", "心情很差", "不开心", "我不开心", "sad", "i'm sad", "im sad", "i am sad",
  "so sad", "feeling sad", "feeling down", "i feel sad", "i want to cry", "triste", "estoy triste", "muy triste",
  "estoy muy triste", "me siento triste", "quiero llorar",
}

words.angry_signs = {
  "😠", "😡", "🤬", "😤", "💢", "[发怒]", "[抓狂]", "[Angry]", "[Scream]",
}
words.angry = {
  "生气", "好生气", "我好生气", "我很生气", "气死我了", "气死了", "好气", "angry",
  "i'm angry", "im angry", "i am angry", "so angry", "i'm furious", "i'm mad", "enojado", "enojada",
  "estoy enojado", "estoy enojada", "estoy enfadado", "estoy enfadada", "qué rabia",
}

words.tired_signs = {
  "😴", "😪", "🥱", "😩", "😫", "💤", "[困]", "[睡]", "[Drowsy]", "[Sleep]",
}
words.tired = {
  "累", "好累", "我好累", "累死了", "好累啊", "太累了", "好困", "困死了",
  "疲惫", "身心俱疲", "tired", "i'm tired", "im tired", "i am tired", "so tired", "i'm exhausted",
  "exhausted", "i'm so tired", "cansado", "cansada", "estoy cansado", "estoy cansada", "qué sueño", "estoy agotado",
  "estoy agotada",
}

words.lonely_signs = {
  "🥀", "[委屈]", "[Shrunken]",
}
words.lonely = {
  "孤独", "好孤独", "我好孤独", "孤单", "好孤单", "寂寞", "好寂寞", "一个人好孤单",
  "没人陪我", "lonely", "i'm lonely", "im lonely", "i am lonely", "so lonely", "i feel lonely", "feeling lonely",
  "me siento solo", "me siento sola", "estoy solo", "estoy sola", "qué soledad",
}

words.loved_signs = {
  "❤️", "💕", "💖", "💗", "💘", "😘", "💑", "🌹", "[爱心]", "[玫瑰]", "[亲亲]", "[Heart]",
  "[Rose]", "[Kiss]",
}
words.loved = {
  "恋爱了", "我恋爱了", "谈恋爱了", "好喜欢他", "好喜欢她", "心动", "心动了", "in love",
  "i'm in love", "im in love", "i am in love", "i fell in love", "enamorado", "enamorada", "estoy enamorado", "estoy enamorada",
}

words.nervous_signs = {
  "😰", "😨", "😖", "[恐惧]", "[惊恐]", "[Panic]",
}
words.nervous = {
  "紧张", "好紧张", "我好紧张", "焦虑", "好焦虑", "我很焦虑", "压力好大", "压力大",
  "害怕", "好害怕", "睡不着", "nervous", "i'm nervous", "im nervous", "so nervous", "anxious",
  "i'm anxious", "i feel anxious", "stressed", "so stressed", "i'm stressed", "i can't sleep", "i'm scared", "nervioso", "nerviosa",
  "estoy nervioso", "estoy nerviosa", "estoy estresado", "estoy estresada", "tengo miedo", "no puedo dormir",
}

-- Not a mood for a song.
words.danger = {
  "不想活了", "不想活下去", "活不下去了", "想自杀", "我要自杀", "想结束生命", "想结束自己的生命", "活着没意思", "活着好没意思",
  "i want to die", "i wanna die", "want to kill myself", "i don't want to live", "i dont want to live", "end my life", "i'm suicidal",
  "ya no quiero vivir", "no quiero vivir más", "no quiero seguir viviendo", "quiero suicidarme", "quiero matarme", "quitarme la vida",
}
