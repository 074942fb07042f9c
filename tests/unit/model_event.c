/* Events: every field comes to its place, every mistake is named with the field and with what was expected, every limit holds to the
 * byte, and what a stranger sends cannot be taken for anything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "limits.h"
#include "model/event.h"

#define HEAD "\"id\":\"c1\",\"time\":1795309200000,\"channel\":\"douyin\",\"account\":\"papers\""
#define COMMENT HEAD ",\"type\":\"comment\",\"contact\":{\"id\":\"u1\"}"
#define OUTCOME HEAD ",\"type\":\"outcome\",\"decision\":\"d\""

static unsigned char room[1 << 20];
static struct weir_arena arena;
static weir_event event;
static weir_error err;

static weir_status read_text(const char *text) {
  weir_arena_fixed(&arena, room, sizeof room);
  return weir_event_read(weir_str_of(text), &arena, &event, &err);
}

static weir_status check(void) {
  enum weir_event_kind kind = WEIR_EVENT_KINDS;
  weir_status st = weir_event_check(&event, &kind, &err);
  assert_true(kind < WEIR_EVENT_KINDS); /* set on every path */
  return st;
}

static void assert_str(weir_str is, const char *expected) {
  if (!weir_str_eq(is, weir_str_of(expected))) fail_msg("\"%.*s\", not \"%s\"", WEIR_FMT(is), expected);
}

static void every_field(void **state) {
  (void)state;
  assert_int_equal(read_text("{" COMMENT ",\"text\":\"hi\",\"post\":\"v1\",\"parent\":\"c0\",\"room\":\"g1\",\"media\":[\"a.jpg\",\"b.mp4\"],\"lang\":\"zh\","
                             "\"mentioned\":true,\"is_follower\":false,\"inviter\":\"u9\",\"revision\":3,"
                             "\"attrs\":{\"s\":\"x\",\"n\":-1.5e3,\"t\":true,\"f\":false,\"z\":null},"
                             "\"decision\":\"d1\",\"n\":2,\"status\":\"sent\",\"code\":\"40001\",\"retry_after\":5,\"platform_id\":\"p7\"}"), WEIR_OK);
  assert_str(event.id, "c1");
  assert_int_equal(event.time_ms, INT64_C(1795309200000));
  assert_str(event.channel, "douyin");
  assert_str(event.account, "papers");
  assert_str(event.type, "comment");
  assert_str(event.contact_id, "u1");
  assert_str(event.text, "hi");
  assert_str(event.post, "v1");
  assert_str(event.parent, "c0");
  assert_str(event.room, "g1");
  assert_str(event.lang, "zh");
  assert_str(event.inviter, "u9");
  assert_int_equal(event.mentioned, 1);
  assert_int_equal(event.is_follower, 0);
  assert_int_equal(event.revision, 3);
  assert_int_equal(event.media_cnt, 2);
  assert_str(event.media[1], "b.mp4");
  assert_int_equal(event.attr_cnt, 5);
  static const char *const values[] = { "x", "-1.5e3", "true", "false", "" };
  for (size_t i = 0; i < 5; i++) assert_str(event.attrs[i].value, values[i]);
  assert_str(event.outcome.decision, "d1");
  assert_int_equal(event.outcome.n, 2);
  assert_str(event.outcome.status, "sent");
  assert_str(event.outcome.code, "40001");
  assert_int_equal(event.outcome.retry_after_ms, 5000);
  assert_str(event.outcome.platform_id, "p7");
  assert_int_equal(check(), WEIR_OK);
}

/* Gateways write null for "none", in any order. */
static void nulls_are_nothing(void **state) {
  (void)state;
  assert_int_equal(read_text("{\"platform_id\":null,\"retry_after\":null,\"code\":null,\"attrs\":null,\"media\":null,\"is_follower\":null,\"mentioned\":null,"
                             "\"text\":null,\"contact\":{\"name\":null,\"id\":\"u1\"},\"type\":\"comment\",\"account\":\"papers\",\"channel\":\"douyin\","
                             "\"time\":\"2026-11-22T09:00:00+08:00\",\"id\":\"c1\"}"), WEIR_OK);
  assert_int_equal(event.mentioned, -1);
  assert_int_equal(event.is_follower, -1);
  assert_int_equal(event.media_cnt + event.attr_cnt + event.text.len, 0);
  assert_int_equal(check(), WEIR_OK);
}

/* ---- what cannot be read */

static void mistakes_are_named(void **state) {
  (void)state;
  static const struct {
    const char *text, *why;
    weir_status status;
  } bad[] = {
    { "", "", WEIR_E_FORMAT },
    { "[1]", "an event is a JSON object", WEIR_E_EVENT },
    { "{" COMMENT, "", WEIR_E_FORMAT },
    { "{}", "no \"time\"", WEIR_E_EVENT },
    { "{\"id\":7}", "\"id\" must be a string", WEIR_E_EVENT },
    { "{\"id\":\"a\",\"id\":\"b\"}", "twice", WEIR_E_EVENT },
    { "{\"id\":\"a\",\"\\u0069d\":\"b\"}", "twice", WEIR_E_EVENT },
    { "{\"attrs\":{\"a\":1,\"a\":2}}", "twice", WEIR_E_EVENT },
    { "{\"contact\":{\"id\":\"a\",\"id\":\"b\"}}", "twice", WEIR_E_EVENT },
    { "{\"\":1}", "has no field \"\"", WEIR_E_EVENT },
    { "{\"texts\":1}", "did you mean \"text\"?", WEIR_E_EVENT },
    { "{\"weather_forecast\":1}", "goes into \"attrs\"", WEIR_E_EVENT },
    { "{\"time\":\"yesterday\"}", "\"time\" must be a time such as", WEIR_E_EVENT },
    { "{\"time\":1.5}", "\"time\" must be a time such as", WEIR_E_EVENT },
    { "{\"time\":true}", "\"time\" must be a time such as", WEIR_E_EVENT },
    { "{\"contact\":\"u1\"}", "\"contact\" must be an object such as", WEIR_E_EVENT },
    { "{\"contact\":{\"id\":1}}", "\"contact.id\" must be a string", WEIR_E_EVENT },
    { "{\"contact\":{\"name\":[]}}", "\"contact.name\" must be a string", WEIR_E_EVENT },
    { "{\"contact\":{\"nick\":\"x\"}}", "contact has no field \"nick\"", WEIR_E_EVENT },
    { "{\"mentioned\":1}", "\"mentioned\" must be true or false", WEIR_E_EVENT },
    { "{\"is_follower\":\"yes\"}", "\"is_follower\" must be true or false", WEIR_E_EVENT },
    { "{\"revision\":\"1\"}", "\"revision\" must be a whole number", WEIR_E_EVENT },
    { "{\"revision\":-1}", "\"revision\" must be a whole number", WEIR_E_EVENT },
    { "{\"revision\":1.5}", "\"revision\" must be a whole number", WEIR_E_EVENT },
    { "{\"n\":17}", "\"n\" must be a whole number", WEIR_E_EVENT },
    { "{\"retry_after\":-1}", "\"retry_after\" must be a whole number", WEIR_E_EVENT },
    { "{\"retry_after\":99999999999}", "\"retry_after\" must be a whole number", WEIR_E_EVENT },
    { "{\"media\":\"a.jpg\"}", "\"media\" must be a list of strings", WEIR_E_EVENT },
    { "{\"media\":[\"a.jpg\",1]}", "\"media\" must be a list of strings", WEIR_E_EVENT },
    { "{\"attrs\":[]}", "\"attrs\" must be an object", WEIR_E_EVENT },
    { "{\"attrs\":{\"a\":[1]}}", "attrs.a must be a string, a number, true, false or null", WEIR_E_EVENT },
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    weir_status st = read_text(bad[i].text);
    if (st != bad[i].status || !strstr(err.message, bad[i].why)) fail_msg("%s: %d, %s", bad[i].text, (int)st, err.message);
  }
  weir_str longest = { (const char *)room, WEIR_EVENT_JSON_MAX + 1 };
  assert_int_equal(weir_event_read(longest, &arena, &event, &err), WEIR_E_LIMIT);
}

/* In any room that is too small the answer is that there is no memory; in one that is large enough nothing is. */
static void too_small_a_room(void **state) {
  (void)state;
  static const char text[] = "{" COMMENT ",\"text\":\"\\u4f60\",\"media\":[\"a\"],\"attrs\":{\"a\":1}}";
  unsigned refused = 0;
  for (size_t len = 0; len < sizeof room; len += len < 64 ? 1 : 16) {
    weir_arena_fixed(&arena, room, len);
    weir_status st = weir_event_read(WEIR_STR(text), &arena, &event, &err);
    if (st == WEIR_OK) break;
    assert_int_equal(st, WEIR_E_NOMEM);
    refused++;
  }
  assert_true(refused > 64);
  assert_int_equal(event.media_cnt + event.attr_cnt, 2);
}

/* ---- what is not acceptable, wherever it comes from */

static void good(void) {
  static const weir_str media[] = { { "a.jpg", 5 } };
  static const weir_pair attrs[] = { { { "k", 1 }, { "v", 1 } } };
  event = (weir_event){ .struct_size = sizeof event, .id = WEIR_STR("c1"), .channel = WEIR_STR("douyin"), .account = WEIR_STR("papers"), .type = WEIR_STR("comment"),
                        .time_ms = INT64_C(1795309200000), .contact_id = WEIR_STR("u1"), .media = media, .media_cnt = 1, .attrs = attrs, .attr_cnt = 1 };
}

static void refused(weir_status expected, const char *why) {
  weir_status st = check();
  if (st != expected || !strstr(err.message, why)) fail_msg("expected \"%s\", got %d, %s", why, (int)st, err.message);
}

static void what_every_event_needs(void **state) {
  (void)state;
  static weir_str *const needed[] = { &event.type, &event.id, &event.channel, &event.account, &event.contact_id };
  static const char *const names[] = { "\"type\"", "\"id\"", "\"channel\"", "\"account\"", "\"contact.id\"" };
  for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
    good();
    *needed[i] = WEIR_STR("");
    refused(WEIR_E_EVENT, names[i]);
    good();
    *needed[i] = (weir_str){ NULL, 3 };
    refused(WEIR_E_ARG, "has a length but no bytes");
  }
}

static void limits_of_fields(void **state) {
  (void)state;
  static char longest[WEIR_MEDIA_URL_MAX + WEIR_ATTR_VALUE_MAX + WEIR_ID_MAX + WEIR_NAME_MAX + 2];
  static const struct {
    weir_str *field;
    size_t max;
    const char *name;
  } fields[] = {
    { &event.id, WEIR_ID_MAX, "\"id\"" },               { &event.channel, WEIR_ID_MAX, "\"channel\"" }, { &event.account, WEIR_ID_MAX, "\"account\"" },
    { &event.contact_id, WEIR_ID_MAX, "\"contact.id\"" }, { &event.contact_name, WEIR_NAME_MAX, "\"contact.name\"" }, { &event.post, WEIR_ID_MAX, "\"post\"" },
    { &event.parent, WEIR_ID_MAX, "\"parent\"" },       { &event.room, WEIR_ID_MAX, "\"room\"" },       { &event.lang, WEIR_ATTR_KEY_MAX, "\"lang\"" },
    { &event.inviter, WEIR_ID_MAX, "\"inviter\"" },
  };
  memset(longest, 'a', sizeof longest);
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    good();
    *fields[i].field = (weir_str){ longest, fields[i].max };
    assert_int_equal(check(), WEIR_OK);
    fields[i].field->len++;
    refused(WEIR_E_LIMIT, fields[i].name);
  }
  good();
  event.text = (weir_str){ longest, WEIR_EVENT_JSON_MAX + 1 };
  refused(WEIR_E_LIMIT, "\"text\"");
  event.text = (weir_str){ NULL, 1 };
  refused(WEIR_E_ARG, "\"text\" has a length but no bytes");
  good();
  event.time_ms = WEIR_TIME_MIN_MS - 1;
  refused(WEIR_E_EVENT, "outside the years");
  event.time_ms = WEIR_TIME_MAX_MS + 1;
  refused(WEIR_E_EVENT, "outside the years");
}

static void limits_of_lists(void **state) {
  (void)state;
  static char longest[WEIR_MEDIA_URL_MAX + WEIR_ATTR_KEY_MAX + WEIR_ATTR_VALUE_MAX + 1];
  weir_str media[WEIR_MEDIA_MAX + 1];
  weir_pair attrs[WEIR_ATTR_MAX + 1];
  memset(longest, 'a', sizeof longest);
  for (size_t i = 0; i <= WEIR_MEDIA_MAX; i++) media[i] = (weir_str){ longest, WEIR_MEDIA_URL_MAX };
  for (size_t i = 0; i <= WEIR_ATTR_MAX; i++) attrs[i] = (weir_pair){ { longest, WEIR_ATTR_KEY_MAX }, { longest, WEIR_ATTR_VALUE_MAX } };
  good();
  event.media = media, event.media_cnt = WEIR_MEDIA_MAX, event.attrs = attrs, event.attr_cnt = WEIR_ATTR_MAX;
  assert_int_equal(check(), WEIR_OK);
  event.media_cnt++;
  refused(WEIR_E_LIMIT, "media; at most");
  event.media_cnt = 1;
  media[0].len++;
  refused(WEIR_E_LIMIT, "\"media\" has");
  event.media_cnt = 0;
  event.attr_cnt++;
  refused(WEIR_E_LIMIT, "attrs; at most");
  event.attr_cnt = 1;
  attrs[0].key.len++;
  refused(WEIR_E_LIMIT, "\"attrs\" has");
  attrs[0].key.len = 0;
  refused(WEIR_E_EVENT, "no \"attrs\"");
  attrs[0].key.len = 1;
  attrs[0].value.len++;
  refused(WEIR_E_LIMIT, "\"attrs\" has");
}

/* Names are parts of "douyin/papers" and of globs: no slash, no star, nothing that looks like another letter. */
static void names_of_channels_and_accounts(void **state) {
  (void)state;
  static const char *const fits[] = { "a", "z", "A", "Z", "0", "9", "_", "-", ".", "@", "gh_0f.A-z@im.wechat" };
  static const char *const bad[] = { "a/b", "a*", "a b", "`", "{", "[", ":", "?", "B\xc3\xa9" };
  for (size_t i = 0; i < sizeof fits / sizeof *fits; i++) {
    good();
    event.channel = event.account = weir_str_of(fits[i]);
    assert_int_equal(check(), WEIR_OK);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    good();
    event.account = weir_str_of(bad[i]);
    refused(WEIR_E_EVENT, "letters, digits and _ - . @ only");
  }
}

/* Nothing that could forge a line of a log, and no bytes that are no text; where the plain look at eight bytes at once ends, too. */
static void bytes_of_fields(void **state) {
  (void)state;
  static const char *const bad_utf8[] = { "\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe4\xbd", "\xe4\xbd\xc0", "\xf0\x8f\xbf\xbf",
                                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xf0\x9f\x99" };
  static const char *const good_utf8[] = { "\xc2\xa0", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbd", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "a\xc3\xa9z" };
  static const char controls[] = { 0x01, 0x1f, 0x7f, '\n', '\t', '\0' };
  for (size_t at = 0; at < 17; at++) {
    char text[32] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for (size_t i = 0; i < sizeof controls; i++) {
      good();
      memset(text, 'a', 20);
      text[at] = controls[i];
      event.room = (weir_str){ text, 20 };
      refused(WEIR_E_EVENT, "\"room\" holds a control character");
      event.room = (weir_str){ NULL, 0 };
      event.contact_name = (weir_str){ text, 20 }; /* a display name is anybody's: it is taken, and cleaned where it is shown */
      assert_int_equal(check(), WEIR_OK);
    }
    for (size_t i = 0; i < sizeof bad_utf8 / sizeof *bad_utf8; i++) {
      good();
      int len = snprintf(text, sizeof text, "%.*s%s", (int)at, "aaaaaaaaaaaaaaaaa", bad_utf8[i]);
      event.post = (weir_str){ text, (size_t)len };
      refused(WEIR_E_FORMAT, "\"post\" is not valid UTF-8");
    }
    for (size_t i = 0; i < sizeof good_utf8 / sizeof *good_utf8; i++) {
      good();
      int len = snprintf(text, sizeof text, "%.*s%sb", (int)at, "aaaaaaaaaaaaaaaaa", good_utf8[i]);
      event.post = (weir_str){ text, (size_t)len };
      assert_int_equal(check(), WEIR_OK);
    }
  }
}

static void outcomes(void **state) {
  (void)state;
  static const char *const bad[] = { "\"n\":1,\"status\":\"done\"", "\"n\":1", "\"n\":0,\"status\":\"sent\"", "\"status\":\"sent\"",
                                     "\"n\":1,\"status\":\"sent\",\"code\":\"a\\nb\"", "\"n\":1,\"status\":\"sent\",\"platform_id\":\"\\u0007\"" };
  static const char *const why[] = { "it must be \"sent\", \"rejected\" or \"unconfirmed\"", "no \"status\"", "number of an action", "number of an action", "\"code\" holds", "\"platform_id\" holds" };
  static const char *const statuses[] = { "sent", "rejected", "unconfirmed" };
  char text[512];
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
    snprintf(text, sizeof text, "{" OUTCOME ",\"n\":16,\"status\":\"%s\"}", statuses[i]); /* and needs no contact */
    assert_int_equal(read_text(text), WEIR_OK);
    assert_int_equal(check(), WEIR_OK);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    snprintf(text, sizeof text, "{" OUTCOME ",%s}", bad[i]);
    assert_int_equal(read_text(text), WEIR_OK);
    refused(WEIR_E_EVENT, why[i]);
  }
  event.outcome = (weir_event_outcome){ .decision = WEIR_STR("d"), .status = WEIR_STR("sent"), .n = WEIR_ACTIONS_MAX + 1 };
  refused(WEIR_E_EVENT, "number of an action");
  event.outcome.decision.len = 0;
  refused(WEIR_E_EVENT, "no \"decision\"");
}

/* ---- kinds */

static void kinds(void **state) {
  (void)state;
  size_t cnt;
  const weir_str *names = weir_event_kind_names(&cnt);
  assert_int_equal(cnt, WEIR_EVENT_KINDS);
  for (size_t i = 0; i < cnt; i++) {
    enum weir_event_kind kind;
    assert_true(weir_str_eq(weir_event_kind_name((enum weir_event_kind)i), names[i]));
    assert_int_equal(weir_event_kind_parse(names[i], &kind), i != WEIR_EVENT_OWN); /* "x-" alone names nothing */
    assert_true(strlen(weir_event_kind_says(names[i])) > 10);
  }
  assert_int_equal(weir_event_kind_name(WEIR_EVENT_KINDS).len, 0);
  assert_string_equal(weir_event_kind_says(WEIR_STR("nonsense")), "");
  assert_string_equal(weir_event_kind_says(WEIR_STR("x-mine")), weir_event_kind_says(WEIR_STR("x-")));
}

static void types_of_events(void **state) {
  (void)state;
  static const struct {
    const char *type, *why;
  } bad[] = { { "coment", "did you mean \"comment\"?" }, { "timer", "is no event type" }, { "x-", "is no event type" }, { "weather_forecast", "own types begin with \"x-\"" }, { "x", "is no event type" } };
  enum weir_event_kind kind;
  good();
  event.type = WEIR_STR("x-coupon");
  assert_int_equal(weir_event_check(&event, &kind, &err), WEIR_OK);
  assert_int_equal(kind, WEIR_EVENT_OWN);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    good();
    event.type = weir_str_of(bad[i].type);
    refused(WEIR_E_EVENT, bad[i].why);
  }
}

/* Channel, account, type, id and revision, each for itself, make an event another one; nothing else does. */
static void identity(void **state) {
  (void)state;
  unsigned char first[WEIR_ID_BYTES], other[WEIR_ID_BYTES];
  good();
  weir_event_identity(&event, first);
  event.text = WEIR_STR("edited"), event.time_ms++, event.contact_id = WEIR_STR("u2");
  weir_event_identity(&event, other);
  assert_memory_equal(first, other, sizeof first);
  weir_str *const parts[] = { &event.channel, &event.account, &event.type, &event.id };
  for (size_t i = 0; i <= 4; i++) {
    good();
    if (i < 4) *parts[i] = WEIR_STR("another");
    else event.revision = UINT64_C(1) << 56;
    weir_event_identity(&event, other);
    assert_memory_not_equal(first, other, sizeof first);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_field),      cmocka_unit_test(nulls_are_nothing), cmocka_unit_test(mistakes_are_named),
    cmocka_unit_test(too_small_a_room), cmocka_unit_test(what_every_event_needs), cmocka_unit_test(limits_of_fields),
    cmocka_unit_test(limits_of_lists),  cmocka_unit_test(names_of_channels_and_accounts), cmocka_unit_test(bytes_of_fields),
    cmocka_unit_test(outcomes),         cmocka_unit_test(kinds),             cmocka_unit_test(types_of_events),
    cmocka_unit_test(identity),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
