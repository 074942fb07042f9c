/* import_wechat.c: what WeChat's get_current_autoreply_info gives back, as rules. Any block may be missing. What the platform
 * does is kept: "contain" is contains, "equal" is equal, reply_all sends each, random_one one of them, the default reply comes at
 * most once in 60 minutes; what was switched off there is switched off here. */
#include <jansson.h>
#include <string.h>

#include "import.h"

static weir_str str_of(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  if (!json_is_string(value)) return (weir_str){ "", 0 };
  return (weir_str){ json_string_value(value), json_string_length(value) };
}

static bool is(weir_str s, const char *word) { return s.len == strlen(word) && memcmp(s.ptr, word, s.len) == 0; }

/* Absent: as if it were on. */
static bool switched_off(const json_t *root, const char *key) {
  const json_t *value = json_object_get(root, key);
  return value && (json_is_false(value) || (json_is_integer(value) && json_integer_value(value) == 0));
}

/* ---- answers */

static weir_str join(struct import *im, weir_str a, const char *between, weir_str b) {
  char text[8192];
  int len = snprintf(text, sizeof text, "%.*s%s%.*s", FMT(a), a.len && b.len ? between : "", FMT(b));
  return import_keep(im, (weir_str){ text, len > 0 && (size_t)len < sizeof text ? (size_t)len : 0 });
}

/* Articles become a text: title and link of each. */
static weir_str news_text(struct import *im, const struct import_rule *rule, const json_t *reply) {
  weir_str text = { "", 0 };
  size_t i;
  const json_t *article, *list = json_object_get(json_object_get(reply, "news_info"), "list");
  json_array_foreach(list, i, article) {
    weir_str line = join(im, str_of(article, "title"), "\n", str_of(article, "content_url"));
    text = join(im, text, "\n\n", line);
  }
  if (text.len) import_note(im, "rule \"%s\": articles (news) became a text with their titles and links", rule->name);
  return text;
}

/* One reply: a text, articles, or something with a media id. false: it cannot be brought over. */
static bool read_reply(struct import *im, struct import_rule *rule, const json_t *reply) {
  static const struct {
    const char *type, *media;
  } kinds[] = { { "img", "image" }, { "image", "image" }, { "voice", "voice" }, { "video", "video" } };
  weir_str type = str_of(reply, "type"), content = str_of(reply, "content");
  if (is(type, "text") && content.len) return import_answer(im, rule, content, (weir_str){ "", 0 });
  if (is(type, "news")) {
    weir_str text = news_text(im, rule, reply);
    if (text.len) return import_answer(im, rule, text, (weir_str){ "", 0 });
  }
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (!is(type, kinds[i].type) || !content.len) continue;
    weir_str media = join(im, (weir_str){ kinds[i].media, strlen(kinds[i].media) }, ":", content);
    import_note(im, "rule \"%s\": the %s is named by WeChat's id of it, which may end after three days: upload it for good and put the new id there",
                rule->name, kinds[i].media);
    return import_answer(im, rule, (weir_str){ "", 0 }, media);
  }
  import_note(im, "rule \"%s\": a reply of type \"%.*s\"%s was left out", rule->name, FMT(type), content.len ? "" : " without content");
  return true;
}

/* ---- rules */

static bool read_single(struct import *im, const json_t *root, const char *block, const char *name, const char *on, bool off) {
  const json_t *reply = json_object_get(root, block);
  if (!json_is_object(reply)) return true;
  struct import_rule *rule = import_rule(im, (weir_str){ name, strlen(name) });
  if (!rule) return false;
  rule->on = on;
  rule->off = off;
  if (!read_reply(im, rule, reply)) return false;
  if (!rule->answer_cnt) {
    import_note(im, "\"%s\" says nothing and was left out", block);
    import_drop(im);
  }
  return true;
}

/* The keywords of one match mode. A rule here has one mode; a rule there may have a mode for each keyword. */
static bool read_keywords(struct import *im, struct import_texts *out, const json_t *list, const char *mode, const char *name) {
  size_t i;
  const json_t *item;
  json_array_foreach(list, i, item) {
    weir_str type = str_of(item, "type"), text = str_of(item, "content");
    if (!is(str_of(item, "match_mode"), mode)) continue;
    if ((type.len && !is(type, "text")) || !text.len) {
      import_note(im, "rule \"%s\": a keyword of type \"%.*s\" was left out", name, FMT(type));
      continue;
    }
    if (!import_text(im, out, text)) return false;
  }
  return true;
}

static bool has_other_mode(const json_t *list) {
  size_t i;
  const json_t *item;
  json_array_foreach(list, i, item) {
    weir_str mode = str_of(item, "match_mode");
    if (!is(mode, "contain") && !is(mode, "equal")) return true;
  }
  return false;
}

static bool read_rule(struct import *im, const json_t *source, const char *their_mode, const char *mode, bool off) {
  const json_t *words = json_object_get(source, "keyword_list_info"), *replies = json_object_get(source, "reply_list_info");
  weir_str name = str_of(source, "rule_name");
  size_t i;
  const json_t *reply;
  struct import_rule *rule = import_rule(im, name);
  if (!rule) return false;
  rule->on = "\"message\"";
  rule->mode = mode;
  rule->off = off;
  weir_str how = str_of(source, "reply_mode");
  rule->all = is(how, "reply_all");
  if (!read_keywords(im, &rule->keywords, words, their_mode, rule->name)) return false;
  if (rule->keywords.cnt == 0) { /* none of this mode */
    import_drop(im);
    return true;
  }
  if (!rule->all && !is(how, "random_one")) import_note(im, "rule \"%s\": its reply_mode is \"%.*s\"; taken as random_one", rule->name, FMT(how));
  json_array_foreach(replies, i, reply) {
    if (!read_reply(im, rule, reply)) return false;
  }
  if (rule->answer_cnt) return true;
  import_note(im, "rule \"%s\" has no reply that could be brought over, and was left out", rule->name);
  import_drop(im);
  return true;
}

static bool read_rules(struct import *im, const json_t *root, bool off) {
  const json_t *source, *list = json_object_get(json_object_get(root, "keyword_autoreply_info"), "list");
  bool equal = false;
  size_t i;
  json_array_foreach(list, i, source) {
    uint32_t before = im->rule_cnt;
    if (!read_rule(im, source, "equal", "equal", off) || !read_rule(im, source, "contain", "contains", off)) return false;
    equal |= before < im->rule_cnt && strcmp(im->rules[before].mode, "equal") == 0;
    if (has_other_mode(json_object_get(source, "keyword_list_info")))
      import_note(im, "rule \"%.*s\": keywords with a match_mode other than contain and equal were left out", FMT(str_of(source, "rule_name")));
  }
  if (equal) import_note(im, "keywords that must be equal: case, width, and punctuation or emoji at the ends do not count here, so a few more messages are answered");
  return true;
}

static void note_rest(struct import *im, const json_t *root) {
  static const char *const known[] = { "is_add_friend_reply_open", "is_autoreply_open", "add_friend_autoreply_info", "message_default_autoreply_info",
                                       "keyword_autoreply_info", "errcode", "errmsg" };
  const char *key;
  const json_t *value;
  json_object_foreach((json_t *)root, key, value) {
    bool seen = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) seen |= strcmp(key, known[i]) == 0;
    if (!seen) import_note(im, "the block \"%.60s\" is not known and was left out", key);
  }
}

static bool read_root(struct import *im, const json_t *root) {
  const json_t *code = json_object_get(root, "errcode");
  if (json_is_integer(code) && json_integer_value(code) != 0) {
    complain_text("import", "%s is WeChat's answer to a failed call (errcode %lld, %.100s), not the rules; call it again", im->path,
                  (long long)json_integer_value(code), str_of(root, "errmsg").ptr);
    return false;
  }
  bool off = switched_off(root, "is_autoreply_open");
  if (!read_single(im, root, "add_friend_autoreply_info", "subscribed", "\"follow\"", switched_off(root, "is_add_friend_reply_open"))) return false;
  if (!read_rules(im, root, off)) return false;
  uint32_t before = im->rule_cnt;
  if (!read_single(im, root, "message_default_autoreply_info", "default", "\"message\"", off)) return false;
  if (im->rule_cnt > before) {
    im->rules[before].fallback = true;
    im->rules[before].cooldown = "60m";
  }
  note_rest(im, root);
  return true;
}

bool import_wechat(struct import *im, char *data, size_t len) {
  json_error_t wrong;
  json_t *root = json_loadb(data, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &wrong);
  if (!root || !json_is_object(root)) {
    if (root) complain_text("import", "%s holds JSON, but not the object that get_current_autoreply_info gives back", im->path);
    else complain_text("import", "%s:%d:%d: this is no JSON: %s", im->path, wrong.line, wrong.column, wrong.text);
    json_decref(root);
    return false;
  }
  /* the rules point into the JSON: it is kept as a text that lives as long */
  bool good = read_root(im, root);
  for (uint32_t i = 0; good && i < im->rule_cnt; i++) {
    struct import_rule *r = &im->rules[i];
    r->title = import_keep(im, r->title);
    for (uint32_t k = 0; k < r->keywords.cnt; k++) r->keywords.items[k] = import_keep(im, r->keywords.items[k]);
    for (uint32_t k = 0; k < r->answer_cnt; k++) r->answers[k].text = import_keep(im, r->answers[k].text);
  }
  json_decref(root);
  return good && !im->no_memory;
}
