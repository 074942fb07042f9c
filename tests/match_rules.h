/* match_rules.h: rules out of a seeded generator, for tests and benches: 60 % keywords, 30 % regexes with a strong literal,
 * 10 % weak ones (single hanzi, digits, lookarounds, no literal at all); 70 % Chinese, 30 % English. C and C++. */
#ifndef WEIR_TESTS_MATCH_RULES_H
#define WEIR_TESTS_MATCH_RULES_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define RULE_WORDS_MAX 4
struct made_rule {
  int keyword_cnt;                       /* 0: a regex */
  char keywords[RULE_WORDS_MAX][64];
  char regex[256];
  int weak;
};

struct rule_maker { uint64_t state; };

static inline uint32_t rule_below(struct rule_maker *m, uint32_t n) {
  m->state ^= m->state << 13, m->state ^= m->state >> 7, m->state ^= m->state << 17;
  return (uint32_t)((m->state >> 20) % n);
}

static const char rule_hanzi[] =
    "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之都好看起发当没成只如事把还用第样道想"
    "作种开美总从无情己面最女但现前些所同日手又行意动方期它头经长儿回位分爱老因很给名法间斯知世什两次使身者被高已亲其进此话常与活正感见明问力理尔点文几定本"
    "公特做外孩相西果走将月十实向声车全信重三机工物气每并别真打太新比才便夫再书部水像眼等体却加电主界门利海受听表德少克代员许先口由死安写性马光白或住难望教"
    "命花结乐色更拉东神记处让母父应直字场平报友关放至张认接告入笑内英军候民岁往何度山觉路带万男边风解叫任金快原吃妈变通师立象数四失满战远格士音轻目条呢"
    "病始达深完今提求清王化空业思切怎非找片罗钱紧号课资料版试卷微店购买卖价格优惠包邮质量店铺客服快递退换货尺码颜色收到满意推荐便宜划算好评差评直播主播"
    "粉丝关注点赞转发评论视频弹幕歌曲音乐电影动漫游戏角色剧情配音声优番剧更新催更老师同学考试复习英语数学语文物理化学历史政治地理生物高考中考大学毕业论文";

static const char *const rule_english[] = {
  "want", "need", "link", "free", "price", "order", "send", "please", "copy", "file", "book", "paper", "test", "exam", "answer", "key", "lesson", "course",
  "video", "music", "song", "movie", "game", "play", "watch", "channel", "subscribe", "follow", "check", "click", "here", "profile", "page", "website", "account",
  "money", "cash", "earn", "work", "home", "online", "offer", "deal", "sale", "discount", "coupon", "code", "gift", "card", "prize", "winner", "bonus", "crypto",
  "bitcoin", "invest", "trading", "forex", "profit", "loan", "credit", "bank", "insurance", "doctor", "health", "weight", "diet", "keto", "pills", "cream", "skin",
  "hair", "beauty", "makeup", "fashion", "dress", "shoes", "watches", "jewelry", "store", "shop", "shipping", "delivery", "refund", "return", "support", "contact",
  "email", "phone", "number", "whatsapp", "telegram", "message", "private", "group", "join", "member", "premium", "version", "download", "install", "update", "crack",
  "license", "serial", "windows", "android", "iphone", "tablet", "laptop", "camera", "printer", "router", "software", "hosting", "domain", "server", "design", "logo",
  "writer", "essay", "thesis", "homework", "tutor", "teacher", "student", "school", "college", "university", "degree", "certificate", "visa", "travel", "hotel",
  "flight", "ticket", "tour", "wedding", "photo", "flowers", "cake", "coffee", "pizza", "recipe", "kitchen", "garden", "house", "rent", "mortgage", "lawyer", "court",
  "police", "news", "politics", "vote", "election", "president", "country", "history", "science", "physics", "chemistry", "biology", "math", "english", "spanish",
  "chinese", "japanese", "korean", "french", "german", "russian", "arabic", "dance", "guitar", "piano", "drums", "football", "soccer", "basketball", "tennis", "boxing",
  "running", "gym", "yoga", "fitness", "muscle", "protein", "vitamin", "energy", "power", "solar", "battery", "engine", "car", "truck", "bike", "motor", "tires",
  "repair", "service", "cleaning", "plumber", "electric", "paint", "roof", "window", "door", "floor", "furniture", "mattress", "pillow", "baby", "kids", "toys",
  "puppy", "kitten", "dog", "cat", "fish", "bird", "horse", "farm", "organic", "fresh", "juice", "wine", "beer", "smoke", "vape", "casino", "poker", "slots",
  "betting", "lottery", "magic", "spell", "psychic", "tarot", "astrology", "prayer", "church", "bible", "angel", "heaven", "dream", "love", "dating", "single",
  "marriage", "divorce", "family", "mother", "father", "brother", "sister", "friend", "secret", "trick", "hack", "cheat", "unlock", "generator", "followers", "likes",
  "views", "viral", "trend", "brand", "market", "business", "company", "office", "career", "salary", "resume", "interview", "remote", "freelance", "agency", "partner",
};

static inline void rule_chinese(struct rule_maker *m, char *out, int chars) {
  const uint32_t cnt = (uint32_t)(sizeof rule_hanzi - 1) / 3;
  for (int i = 0; i < chars; i++) memcpy(out + 3 * i, rule_hanzi + 3 * rule_below(m, cnt), 3);
  out[3 * chars] = '\0';
}

static inline const char *rule_word(struct rule_maker *m) { return rule_english[rule_below(m, sizeof rule_english / sizeof rule_english[0])]; }

static inline void rule_literal(struct rule_maker *m, char *out, size_t cap, int english) {
  uint32_t kind = rule_below(m, 10);
  if (!english) {
    rule_chinese(m, out, kind < 5 ? 2 : kind < 8 ? 3 : 4);
  } else if (kind < 2) {
    (void)snprintf(out, cap, "%s", rule_word(m));
  } else if (kind < 8) {
    const char *a = rule_word(m), *b = rule_word(m);
    (void)snprintf(out, cap, "%s %s", a, b);
  } else {
    const char *a = rule_word(m), *b = rule_word(m);
    (void)snprintf(out, cap, "%s%s", a, b);
  }
}

static inline void rule_strong(struct rule_maker *m, struct made_rule *rule, int english) {
  char a[64], b[64], c[64];
  rule_literal(m, a, sizeof a, english);
  rule_literal(m, b, sizeof b, english);
  rule_literal(m, c, sizeof c, english);
  switch (rule_below(m, 4)) {
  case 0: (void)snprintf(rule->regex, sizeof rule->regex, english ? "(?i)\\b(%s|%s)\\b.{0,20}\\b%s\\b" : "(%s|%s).{0,6}%s", a, b, c); break;
  case 1: (void)snprintf(rule->regex, sizeof rule->regex, english ? "(?i)%s\\s*(%s|%s)" : "%s\\s*(%s|%s)", a, b, c); break;
  case 2: (void)snprintf(rule->regex, sizeof rule->regex, english ? "(?i)\\b%ss?\\b.{0,12}%s" : "%s了?.{0,8}%s", a, b); break;
  default: (void)snprintf(rule->regex, sizeof rule->regex, english ? "(?i)%s[a-z]{0,4} ?%s" : "[求要想]%s.{0,4}%s", a, b); break;
  }
}

static inline void rule_weak(struct rule_maker *m, struct made_rule *rule) {
  char a[64], b[64];
  rule_chinese(m, a, 1);
  rule_chinese(m, b, 1);
  switch (rule_below(m, 14)) {
  case 0: case 1: case 2: case 3: (void)snprintf(rule->regex, sizeof rule->regex, "%s.{0,4}%s", a, b); break;
  case 4: case 5: (void)snprintf(rule->regex, sizeof rule->regex, "^.{0,3}%s.{0,3}$", a); break;
  case 6: case 7: (void)snprintf(rule->regex, sizeof rule->regex, "\\d{3,}%s", a); break;
  case 8: case 9: (void)snprintf(rule->regex, sizeof rule->regex, "(?i)\\b%c%c\\s?[:=]?\\s?\\d{4,}", 'a' + (int)rule_below(m, 26), 'a' + (int)rule_below(m, 26)); break;
  case 10: (void)snprintf(rule->regex, sizeof rule->regex, "(?<!不)%s(?!%s)吗", a, b); break;
  case 11: (void)snprintf(rule->regex, sizeof rule->regex, "(%s|%s)\\1", a, b); break;
  case 12: (void)snprintf(rule->regex, sizeof rule->regex, "%s(?=.{0,3}%s)", a, b); break;
  default: (void)snprintf(rule->regex, sizeof rule->regex, "(?<!\\d)\\d{%d}(?!\\d)", 5 + (int)rule_below(m, 8)); break;
  }
}

static inline void rule_make(struct rule_maker *m, struct made_rule *rule) {
  uint32_t kind = rule_below(m, 10);
  int english = rule_below(m, 10) < 3;
  memset(rule, 0, sizeof *rule);
  if (kind < 6) {
    rule->keyword_cnt = 1 + (int)rule_below(m, RULE_WORDS_MAX);
    for (int i = 0; i < rule->keyword_cnt; i++) {
      int again;
      do {
        rule_literal(m, rule->keywords[i], sizeof rule->keywords[i], english);
        again = 0;
        for (int k = 0; k < i; k++) again |= strcmp(rule->keywords[i], rule->keywords[k]) == 0;
      } while (again);
    }
  } else if (kind < 9) {
    rule_strong(m, rule, english);
  } else {
    rule_weak(m, rule);
    rule->weak = 1;
  }
}

#endif
