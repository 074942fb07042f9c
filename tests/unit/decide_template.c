/* Templates: what fills the places, what stands in for what is absent, and that nothing a user writes is ever more than data. */
#include "decide_help.h"

#include "decide/template.h"

/* The filled text of a template; NULL: it cannot be said, and `missing` says why. */
static const char *missing;
static const char *fill_as(const char *text, bool is_public, bool handler) {
  struct weir_parse p = parser("reply");
  const struct weir_template *template_;
  weir_str out;
  p.handler = handler;
  reported[0] = '\0';
  if (weir_template_parse(&p, "text", weir_str_of(text), &template_) != WEIR_OK) fail_msg("%s", reported);
  if (weir_template_fill(template_, &d, is_public, &out, &missing, &err) != WEIR_OK) fail_msg("%s", err.message);
  if (missing) {
    assert_int_equal(out.len, 0);
    return NULL;
  }
  return dup(out).ptr;
}

static const char *fill(const char *text) { return fill_as(text, false, false); }

static void now(const char *who, const char *text) {
  read_rule("{}");
  comment(who, text);
  begin(WEIR_EVENT_COMMENT, NOW);
}

static void literals(void **state) {
  (void)state;
  static const struct { const char *in, *out; } cases[] = {
    { "hello", "hello" }, { "", "" }, { "{{", "{" }, { "}}", "}" }, { "{{code}}", "{code}" }, { "a{{b}}c", "a{b}c" },
    { "{{{{", "{{" }, { "}}}}", "}}" }, { "{{}}", "{}" }, { "{{{person.name}}}", "{Lin}" }, { "电子版 ✓", "电子版 ✓" },
  };
  now("u1", "hi");
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) assert_string_equal(fill(cases[i].in), cases[i].out);
  assert_int_equal(d.changes.cnt, 1);
}

static void places(void **state) {
  (void)state;
  now("u1", "buy tea now");
  ev.room = WEIR_STR("r7");
  assert_string_equal(fill("{person.name}|{event.post}|{event.room}|{event.text}"), "Lin|v1|r7|buy tea now");
  rule.pattern = 0;
  d.found = (struct weir_match_found){ .group_cnt = 3 };
  d.found.group[0].end = 7;
  d.found.group[1].start = 4;
  d.found.group[1].end = 7;
  assert_string_equal(fill("{match}/{match.1}/{match.2|none}/{match.16|no}"), "buy tea/tea/none/no");
  assert_string_equal(fill("{match.2}"), "");
  /* a group that points beyond the text is absent, whoever made it */
  d.found.group[2].start = 4;
  d.found.group[2].end = 400;
  assert_string_equal(fill("{match.2|none}"), "none");
}

static void names(void **state) {
  (void)state;
  now("u1", "hi");
  keep();
  now("u1", "hi");
  ev.contact_name = (weir_str){ NULL, 0 };
  assert_string_equal(fill("{person.name|friend}"), "Lin"); /* as he is known */
  ev.contact_name = WEIR_STR("New");
  assert_string_equal(fill("{person.name|friend}"), "New"); /* the event knows better */
  now("u2", "hi");
  ev.contact_name = WEIR_STR("\xe2\x80\xae \x01");
  assert_string_equal(fill("Hi {person.name|friend}!"), "Hi friend!");
  assert_string_equal(fill("Hi {person.name|}!"), "Hi !");
  assert_string_equal(fill("Hi {person.name}!"), "Hi !");
}

static void fields(void **state) {
  (void)state;
  run("{'set':{'city':'Wuhan http://a.example/','level':3}}", "u1", "hi");
  keep();
  now("u1", "hi");
  assert_string_equal(fill("{field.level} {field.city|town} {field.none|town}"), "3 Wuhan http://a.example/ town");
  assert_string_equal(fill_as("{field.city}", true, false), "Wuhan");
}

/* Nothing that a user writes is looked at again, or does anything. */
static void injection(void **state) {
  (void)state;
  static const struct { const char *name, *shown, *in_public; } cases[] = {
    { "{code}", "{code}", "{code}" },
    { "{{", "{{", "{{" },
    { "}}{pool.wechat}", "}}{pool.wechat}", "}}{ }" }, /* it has a dot like a host */
    { "{field.city}", "{field.city}", "{ }" },
    { "%s%n%%", "%s%n%%", "%s%n%%" },
    { "\",\"kind\":\"follow", "\",\"kind\":\"follow", "\",\"kind\":\"follow" },
    { "A\xe2\x80\xae" "evil", "Aevil", "Aevil" },
    { "x\ny", "x y", "x y" },
    { "win www.evil.example/x", "win www.evil.example/x", "win" },
    { "evil.com", "evil.com", "friend" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char wanted[128];
    now("u1", "hi");
    ev.contact_name = weir_str_of(cases[i].name);
    (void)snprintf(wanted, sizeof wanted, "<%s>", cases[i].shown);
    assert_string_equal(fill("<{person.name|friend}>"), wanted);
    (void)snprintf(wanted, sizeof wanted, "<%s>", cases[i].in_public);
    assert_string_equal(fill_as("<{person.name|friend}>", true, false), wanted);
    assert_int_equal(d.changes.cnt, 1);
  }
}

static void injection_into_a_record(void **state) {
  (void)state;
  read_rule("{'reply':'{person.name}'}");
  comment("u1", "hi");
  ev.contact_name = WEIR_STR("\",\"kind\":\"follow\\");
  begin(WEIR_EVENT_COMMENT, NOW);
  fire();
  struct weir_json nodes[32];
  size_t cnt;
  assert_int_equal(weir_json_read(actions[0].json, nodes, 32, &event_arena, &cnt, &err), WEIR_OK);
  assert_int_equal(nodes[0].cnt, 5);
  assert_str(nodes[weir_json_get(nodes, 0, WEIR_STR("text"))].str, "\",\"kind\":\"follow\\");
}

static void long_names(void **state) {
  (void)state;
  char name[501];
  now("u1", "hi");
  memset(name, 'x', 500);
  name[500] = '\0';
  ev.contact_name = weir_str_of(name);
  assert_int_equal(strlen(fill("{person.name}")), WEIR_USER_TEXT_MAX);
  ev.text = weir_str_of(name);
  assert_int_equal(strlen(fill("{event.text}{person.name}")), 2 * WEIR_USER_TEXT_MAX);
}

static void ids_are_whole(void **state) {
  (void)state;
  now("u1", "hi");
  ev.post = WEIR_STR("https://v.douyin.example/abcdefghijklmnopqrstuvwxyz0123456789/");
  assert_string_equal(fill_as("{event.post}", true, false), "https://v.douyin.example/abcdefghijklmnopqrstuvwxyz0123456789/");
  ev.post = WEIR_STR("a b\xe2\x80\xae" "c");
  assert_string_equal(fill("{event.post}"), "a bc");
}

static void too_long(void **state) {
  (void)state;
  char text[WEIR_TEMPLATE_MAX + 1];
  now("u1", "hi");
  ev.contact_name = WEIR_STR("0123456789");
  memset(text, 'x', sizeof text);
  text[WEIR_TEMPLATE_MAX] = '\0';
  assert_int_equal(strlen(fill(text)), WEIR_TEXT_OUT_MAX);
  memcpy(text, "{person.name}", 13);
  assert_int_equal(strlen(fill(text)), WEIR_TEXT_OUT_MAX - 3);
  memcpy(text, "{event.text}{person.name}{person.name}{person.name}{person.name}{person.name}", 77);
  ev.text = WEIR_STR("0123456789012345678901234567890123456789");
  assert_null(fill(text));
  assert_string_equal(missing, "text too long");
}

static void handler_texts(void **state) {
  (void)state;
  now("u1", "go to evil.com");
  /* no places: taken as it is, but safe */
  assert_string_equal(fill_as("{code} {{ {nothing", false, true), "{code} {{ {nothing");
  assert_string_equal(fill_as("a\xe2\x80\xae" "b\nc", false, true), "ab\nc");
  assert_string_equal(fill_as("you said evil.com; see shop.example", true, true), "you said  ; see shop.example");
  assert_string_equal(fill_as("you said evil.com", false, true), "you said evil.com");
  assert_int_equal(d.changes.cnt, 1);
}

static void no_memory(void **state) {
  (void)state;
  struct weir_parse p = parser("reply");
  const struct weir_template *template_;
  weir_str out;
  now("u1", "hi");
  assert_int_equal(weir_template_parse(&p, NULL, WEIR_STR("{person.name} {event.text} {code} {pool.wechat}"), &template_),
                   WEIR_OK);
  assert_int_equal(weir_decide_person(&d, &err), WEIR_OK);
  size_t got_through = 0;
  for (size_t room = 0; room < 2048; room += 8) {
    struct weir_arena small;
    d.changes.cnt = 1;
    weir_arena_fixed(&small, event_block + sizeof event_block / 2, room);
    d.arena = &small;
    weir_status status = weir_template_fill(template_, &d, false, &out, &missing, &err);
    assert_true(status == WEIR_OK || status == WEIR_E_NOMEM);
    got_through += status == WEIR_OK;
    if (status != WEIR_OK) assert_int_equal(out.len, 0);
  }
  assert_in_range(got_through, 1, 254);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(literals),   TEST(places),        TEST(names),    TEST(fields),        TEST(injection), TEST(injection_into_a_record),
    TEST(long_names), TEST(ids_are_whole), TEST(too_long), TEST(handler_texts), TEST(no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
