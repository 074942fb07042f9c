/* template.c: texts with places to fill, against a second reading of their description. An input is three lines: what the
 * user calls himself, what he wrote, and the template, which may have further line ends. */
#include "decide/code.h"
#include "decide/template.h"
#include "fuzz.h"
#include "text/utf8.h"

static const weir_str members[] = { { "tutor_li", 8 } };
static const struct weir_pool pools[] = {
  { .name = { "shop/wechat", 11 }, .members = members, .member_cnt = 1 },
  { .name = { "shop/gone", 9 } }, /* nobody to give: as one that is used up */
  { .name = { "other/desk", 10 }, .members = members, .member_cnt = 1, .per_day = 3 },
};
static const struct weir_pack packs[] = { { .name = { "shop", 4 }, .version = { "1", 1 } }, { .name = { "other", 5 }, .version = { "1", 1 } } };
static const struct weir_ruleset ruleset = { .packs = packs, .pack_cnt = 2, .pools = pools, .pool_cnt = 3 };
static const weir_pair fields[] = { { { "city", 4 }, { "Lyon {code}", 11 } }, { { "empty", 5 }, { "", 0 } } };

static struct weir_store *store;
static unsigned char *store_block;
static unsigned char event_block[1 << 18];

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  store_block = aligned_alloc(64, WEIR_STATE_BYTES_MIN);
  MUST(store_block && weir_memory_store_open(&store, store_block, WEIR_STATE_BYTES_MIN, NULL) == WEIR_OK);
  return 0;
}

static unsigned reports;

static void take_report(void *ctx, weir_str key, const char *message) {
  (void)ctx, (void)key;
  MUST(message[0] != '\0');
  reports++;
}

/* ---- the second reading */

struct expected {
  char text[1 << 17];
  size_t len;
  const char *missing;
};

static struct expected expected;

static void put(weir_str s) {
  MUST(s.len <= sizeof expected.text - expected.len);
  if (s.len) memcpy(expected.text + expected.len, s.ptr, s.len);
  expected.len += s.len;
}

static weir_str safe(weir_str text, bool is_public, char *room, size_t cap) {
  return (weir_str){ room, text.len ? weir_policy_user_text(text, is_public, room, cap) : 0 };
}

/* What stands in the place `name`; the code is known beforehand. */
static weir_str value_of(const struct weir_decide *d, weir_str name, weir_str code, bool is_public, char *room, size_t cap) {
  if (weir_str_eq(name, WEIR_STR("person.name"))) return safe(d->event->contact_name, is_public, room, cap);
  if (weir_str_eq(name, WEIR_STR("match"))) return safe(weir_decide_group(d, 0), is_public, room, cap);
  if (weir_str_eq(name, WEIR_STR("event.text"))) return safe(d->event->text, is_public, room, cap);
  if (weir_str_eq(name, WEIR_STR("event.post"))) return d->event->post;
  if (weir_str_eq(name, WEIR_STR("code"))) return code;
  if (weir_str_eq(name, WEIR_STR("pool.wechat")) || weir_str_eq(name, WEIR_STR("pool.shop:wechat"))) return members[0];
  if (weir_str_eq(name, WEIR_STR("pool.other:desk"))) return members[0];
  if (weir_str_eq(name, WEIR_STR("field.city"))) return safe(fields[0].value, is_public, room, cap);
  if (weir_str_eq(name, WEIR_STR("match.1")) || weir_str_eq(name, WEIR_STR("match.01"))) return safe(weir_decide_group(d, 1), is_public, room, cap);
  return (weir_str){ NULL, 0 };
}

/* false: a brace that is never closed, or never opened. */
static bool expand(const struct weir_decide *d, weir_str text, weir_str code, bool is_public) {
  char room[WEIR_USER_TEXT_MAX * 4];
  expected.len = 0;
  expected.missing = NULL;
  for (size_t at = 0; at < text.len;) {
    char c = text.ptr[at];
    if ((c == '{' || c == '}') && at + 1 < text.len && text.ptr[at + 1] == c) {
      put((weir_str){ text.ptr + at, 1 });
      at += 2;
      continue;
    }
    if (c == '}') return false;
    if (c != '{') {
      put((weir_str){ text.ptr + at++, 1 });
      continue;
    }
    const char *close = memchr(text.ptr + at, '}', text.len - at);
    if (!close) return false;
    weir_str name = { text.ptr + at + 1, (size_t)(close - text.ptr) - at - 1 };
    const char *bar = name.len ? memchr(name.ptr, '|', name.len) : NULL;
    weir_str rest = { bar ? bar + 1 : NULL, bar ? (size_t)(close - bar) - 1 : 0 };
    if (bar) name.len = (size_t)(bar - name.ptr);
    weir_str value = value_of(d, name, code, is_public, room, sizeof room);
    bool pool = weir_str_starts(name, WEIR_STR("pool."));
    if (!value.len && pool && !bar && !expected.missing) expected.missing = "pool ";
    put(value.len ? value : rest);
    at += name.len + (bar ? rest.len + 1 : 0) + 2;
  }
  if (expected.len > WEIR_TEXT_OUT_MAX && !expected.missing) expected.missing = "text too long";
  return true;
}

/* ---- the comparison */

static void compare(const struct weir_template *made, struct weir_decide *d, weir_str text, bool is_public) {
  weir_str code, out;
  const char *missing;
  weir_error err = { .status = WEIR_OK };
  MUST(weir_code_give(d, &code, NULL) == WEIR_OK && code.len == WEIR_CODE_LEN);
  MUST(expand(d, text, code, is_public));
  weir_status status = weir_template_fill(made, d, is_public, &out, &missing, &err);
  if (status == WEIR_E_NOMEM || status == WEIR_E_LIMIT) { /* so many codes: memory and changeset are bounded */
    MUST_SAY(status, err);
    return;
  }
  MUST(status == WEIR_OK);
  if (missing) {
    MUST(out.len == 0 && expected.missing && strncmp(missing, expected.missing, strlen(expected.missing)) == 0);
    return;
  }
  MUST(!expected.missing && out.len <= WEIR_TEXT_OUT_MAX && weir_utf8_valid(out) == out.len);
  MUST(weir_str_eq(out, (weir_str){ expected.text, expected.len }));
}

/* Control characters and a name that is too long never get past weir_event_check. */
static bool fits(weir_str s, size_t max) {
  for (size_t i = 0; i < s.len; i++) {
    if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7F) return false;
  }
  return s.len <= max && weir_utf8_valid(s) == s.len;
}

static void fill(const struct weir_template *made, weir_str name, weir_str said, weir_str text, bool is_public) {
  static struct weir_change changes[WEIR_CHANGES_MAX];
  struct weir_arena arena;
  weir_event event = { .struct_size = sizeof event, .id = WEIR_STR("c1"), .channel = WEIR_STR("douyin"), .account = WEIR_STR("papers"),
                       .type = WEIR_STR("comment"), .time_ms = 1, .contact_id = WEIR_STR("u1"), .contact_name = name,
                       .text = said, .post = WEIR_STR("v1") };
  weir_arena_fixed(&arena, event_block, sizeof event_block);
  struct weir_decide d = { .ruleset = &ruleset, .store = store, .arena = &arena, .event = &event, .now_ms = 1, .id = WEIR_STR("m3k"),
                           .secret = WEIR_STR("0123456789abcdef0123456789abcdef"), .person_loaded = true };
  d.contact = (struct weir_contact){ event.channel, event.account, event.contact_id };
  d.person.fields = fields;
  d.person.field_cnt = 2;
  d.found.group_cnt = 2;
  d.found.group[0].end = said.len;
  d.found.group[1].end = said.len ? weir_utf8_cut(said, said.len / 2) : 0;
  d.changes = (struct weir_changeset){ .contact = d.contact, .now_ms = 1, .items = changes, .cap = WEIR_CHANGES_MAX };
  compare(made, &d, text, is_public);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input in = { data, size };
  weir_str name = fuzz_until(&in, '\n'), said = fuzz_until(&in, '\n'), text = fuzz_copy(fuzz_rest(&in));
  struct weir_arena arena;
  const struct weir_template *made;
  weir_arena_growing(&arena, (size_t)4 << 20);
  struct weir_parse parse = { .arena = &arena, .ruleset = &ruleset, .pack = &packs[0], .rule = WEIR_STR("shop/ask"), .report = take_report,
                              .key = WEIR_STR("reply") };
  reports = 0;
  if (fits(name, WEIR_NAME_MAX) && fits(said, WEIR_TEXT_MAX) && weir_utf8_valid(text) == text.len) {
    weir_status status = weir_template_parse(&parse, NULL, text, &made);
    if (status == WEIR_OK) {
      MUST(made && reports == 0);
      name = fuzz_copy(name);
      said = fuzz_copy(said);
      fill(made, name, said, text, true);
      fill(made, name, said, text, false);
      fuzz_drop(name);
      fuzz_drop(said);
    } else {
      MUST(!made && status == WEIR_E_RULES && reports == 1);
    }
  }
  weir_arena_release(&arena);
  fuzz_drop(text);
  return 0;
}
