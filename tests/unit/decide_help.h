/* decide_help.h: what the tests of decide/ share: values and rules written as JSON in single quotes, a small shop (packs,
 * funnels, pools, accounts), and one event at a time over the store in memory.
 *
 * In values a table with a list part and names is written {'_':['a','b'],'after':'5s'}. */
#ifndef WEIR_TESTS_DECIDE_HELP_H
#define WEIR_TESTS_DECIDE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "decide/decide.h"
#include "limits.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define NOW INT64_C(1763773200000)

/* ---- the shop */

static const weir_str stages_papers[] = { { "asked", 5 }, { "added", 5 }, { "delivered", 9 }, { "joined", 6 } };
static const weir_str stages_club[] = { { "guest", 5 }, { "member", 6 } };
static const weir_str stages_other[] = { { "new", 3 }, { "old", 3 } };
static const struct weir_funnel funnels[] = {
  { { "shop/papers", 11 }, stages_papers, 4, 3, NULL, 0 },
  { { "shop/club", 9 }, stages_club, 2, WEIR_NO_INDEX, NULL, 0 },
  { { "other/leads", 11 }, stages_other, 2, WEIR_NO_INDEX, NULL, 0 },
};
static const weir_str members_wechat[] = { { "tutor_li", 8 }, { "tutor_wang", 10 }, { "tutor_wu", 8 } };
static const weir_str members_single[] = { { "only_one", 8 } };
static const struct weir_pool pools[] = {
  { .name = { "shop/wechat", 11 }, .members = members_wechat, .member_cnt = 3, .per_day = 1 },
  { .name = { "shop/line", 9 }, .members = members_single, .member_cnt = 1 },
  { .name = { "other/desk", 10 }, .members = members_single, .member_cnt = 1, .per_day = 1 },
};
static const struct weir_member no_follow[] = { { { "follow", 6 }, { WEIR_VALUE_STR, { .s = { "none", 4 } } } },
                                                { { "like", 4 }, { WEIR_VALUE_STR, { .s = { "device", 6 } } } } };
static const struct weir_account accounts[] = { { .channel = { "tiktok", 6 }, .account = { "mute", 4 }, .abilities = no_follow, .ability_cnt = 2 } };
static const struct weir_pack packs[] = { { { "shop", 4 }, { "1", 1 }, NULL, 0 }, { { "other", 5 }, { "1", 1 }, NULL, 0 },
                                          { { "bare", 4 }, { "1", 1 }, NULL, 0 } };

static struct weir_rule timer_rules[3];
static struct weir_ruleset ruleset;
static struct weir_arena rule_arena, event_arena;
/* A test that has no memory fails, and does not crash. */
static void *made(void *memory) {
  if (!memory) fail_msg("there is no memory for the test");
  return memory;
}

static unsigned char event_block[1 << 18];
static void *store_block;
static struct weir_store *store;
static weir_config config;
static weir_error err;

/* ---- the event at hand */

static weir_event ev;
static struct weir_decide d;
static struct weir_rule rule;
static struct weir_change changes[WEIR_CHANGES_MAX];
static weir_trace trace[WEIR_TRACE_MAX];
static weir_action actions[WEIR_ACTIONS_MAX];
static char json_block[WEIR_DECISION_JSON_MAX];
static struct weir_buf json_buf;
static unsigned decision_no;

/* ---- values */

static struct weir_value value_of(const struct weir_json *nodes, uint32_t at);

static int by_key(const void *a, const void *b) {
  const struct weir_member *x = a, *y = b;
  return weir_str_cmp(x->key, y->key);
}

static struct weir_value list_of(const struct weir_json *nodes, uint32_t at) {
  struct weir_table *table = made(weir_arena_zalloc(&rule_arena, sizeof *table));
  struct weir_value *items = made(weir_arena_array(&rule_arena, nodes[at].cnt, sizeof *items));
  uint32_t child = at + 1;
  for (uint32_t i = 0; i < nodes[at].cnt; i++, child = nodes[child].next) items[i] = value_of(nodes, child);
  *table = (struct weir_table){ .list = items, .list_cnt = nodes[at].cnt };
  return (struct weir_value){ WEIR_VALUE_TABLE, { .t = table } };
}

static struct weir_value table_of(const struct weir_json *nodes, uint32_t at) {
  struct weir_table *table = made(weir_arena_zalloc(&rule_arena, sizeof *table));
  struct weir_member *members = made(weir_arena_array(&rule_arena, nodes[at].cnt, sizeof *members));
  table->members = members;
  uint32_t child = at + 1;
  for (uint32_t i = 0; i < nodes[at].cnt; i++) {
    uint32_t value = nodes[child].next;
    if (weir_str_eq(nodes[child].str, WEIR_STR("_"))) {
      struct weir_value list = list_of(nodes, value);
      table->list = list.u.t->list;
      table->list_cnt = list.u.t->list_cnt;
    } else {
      members[table->member_cnt++] = (struct weir_member){ nodes[child].str, value_of(nodes, value) };
    }
    child = nodes[value].next;
  }
  qsort(members, table->member_cnt, sizeof *members, by_key);
  return (struct weir_value){ WEIR_VALUE_TABLE, { .t = table } };
}

static struct weir_value value_of(const struct weir_json *nodes, uint32_t at) {
  struct weir_value value = { WEIR_VALUE_NIL, { .b = false } };
  switch ((enum weir_json_kind)nodes[at].kind) {
    case WEIR_JSON_NULL: break;
    case WEIR_JSON_FALSE:
    case WEIR_JSON_TRUE: value = (struct weir_value){ WEIR_VALUE_BOOL, { .b = nodes[at].kind == WEIR_JSON_TRUE } }; break;
    case WEIR_JSON_NUMBER:
      value.kind = weir_json_int64(&nodes[at], &value.u.i) ? WEIR_VALUE_INT : WEIR_VALUE_NUM;
      break;
    case WEIR_JSON_STRING: value = (struct weir_value){ WEIR_VALUE_STR, { .s = nodes[at].str } }; break;
    case WEIR_JSON_ARRAY: return list_of(nodes, at);
    case WEIR_JSON_OBJECT: return table_of(nodes, at);
  }
  return value;
}

/* Reads JSON in single quotes; ` stands for a single quote that is meant. */
static const struct weir_json *read_json(const char *text) {
  size_t len = strlen(text), cnt;
  char *copy = made(weir_arena_bytes(&rule_arena, len));
  struct weir_json *nodes = made(weir_arena_array(&rule_arena, 512, sizeof *nodes));
  for (size_t i = 0; i < len; i++) copy[i] = text[i] == '\'' ? '"' : text[i];
  if (weir_json_read((weir_str){ copy, len }, nodes, 512, &rule_arena, &cnt, &err) != WEIR_OK)
    fail_msg("%s in %s", err.message, text);
  return nodes;
}

static inline const struct weir_value *V(const char *text) {
  struct weir_value *value = made(weir_arena_zalloc(&rule_arena, sizeof *value));
  *value = value_of(read_json(text), 0);
  return value;
}

/* ---- reading rules */

static char reported[2048]; /* all findings, "key: message" each on a line */

static void take_report(void *ctx, weir_str key, const char *message) {
  (void)ctx;
  size_t at = strlen(reported);
  (void)snprintf(reported + at, sizeof reported - at, "%s%.*s: %s", at ? "\n" : "", WEIR_FMT(key), message);
}

static inline struct weir_parse parser(const char *key) {
  return (struct weir_parse){ .arena = &rule_arena, .ruleset = &ruleset, .pack = &packs[0], .rule = WEIR_STR("shop/ask"),
                              .report = take_report, .key = weir_str_of(key) };
}

/* A rule from {'gate':..,'action':..}; kinds of the events it listens to are all, unless it was told otherwise. */
static inline void read_rule(const char *text) {
  const struct weir_json *nodes = read_json(text);
  struct weir_gate *gates = made(weir_arena_array(&rule_arena, 32, sizeof *gates));
  struct weir_action_def *defs = made(weir_arena_array(&rule_arena, 32, sizeof *defs));
  rule = (struct weir_rule){ .name = WEIR_STR("shop/ask"), .kinds = UINT32_MAX, .enabled = true, .pattern = WEIR_NO_INDEX,
                             .handler = WEIR_NO_INDEX, .gates = gates, .actions = defs };
  memcpy(rule.id, "0123456789abcdef", sizeof rule.id);
  uint32_t child = 1;
  for (uint32_t i = 0; i < nodes[0].cnt; i++) {
    const struct weir_gate_kind *gate = weir_gate_kind_find(nodes[child].str);
    const struct weir_action_kind *action = weir_action_kind_find(nodes[child].str);
    struct weir_value value = value_of(nodes, nodes[child].next);
    struct weir_parse p = parser("");
    const void *data = NULL;
    p.key = nodes[child].str;
    reported[0] = '\0';
    if (!gate && !action) fail_msg("neither gate nor action: %.*s", WEIR_FMT(nodes[child].str));
    if ((gate ? gate->parse : action->parse)(&p, &value, &data) != WEIR_OK) fail_msg("%s", reported);
    if (gate) gates[rule.gate_cnt++] = (struct weir_gate){ gate, data };
    else defs[rule.action_cnt++] = (struct weir_action_def){ action, data };
    child = nodes[nodes[child].next].next;
  }
}

/* What parsing a gate or action reports; "" when all is well. */
static inline const char *report_of(const char *key, const char *value, bool handler, uint32_t kinds) {
  const struct weir_gate_kind *gate = weir_gate_kind_find(weir_str_of(key));
  const struct weir_action_kind *action = weir_action_kind_find(weir_str_of(key));
  struct weir_parse p = parser(key);
  const void *data = NULL;
  p.handler = handler;
  p.kinds = kinds;
  reported[0] = '\0';
  weir_status status = (gate ? gate->parse : action->parse)(&p, V(value), &data);
  assert_int_equal(status == WEIR_OK, data != NULL);
  assert_int_equal(status == WEIR_OK, reported[0] == '\0');
  return reported;
}

/* ---- events */

/* The event that following helpers change before begin(). */
static inline void comment(const char *who, const char *text) {
  ev = (weir_event){ .struct_size = sizeof ev, .id = WEIR_STR("c1"), .channel = WEIR_STR("douyin"), .account = WEIR_STR("papers"),
                     .type = WEIR_STR("comment"), .time_ms = NOW, .contact_id = weir_str_of(who), .contact_name = WEIR_STR("Lin"),
                     .text = weir_str_of(text), .post = WEIR_STR("v1"), .mentioned = -1, .is_follower = -1 };
}

/* Makes everything ready for deciding `ev` with the rule at hand. */
static inline void begin(enum weir_event_kind kind, int64_t now_ms) {
  static char id[32];
  (void)snprintf(id, sizeof id, "decision-%u", ++decision_no);
  weir_arena_reset(&event_arena);
  weir_buf_init(&json_buf, json_block, sizeof json_block);
  d = (struct weir_decide){ .ruleset = &ruleset,
                            .config = &config,
                            .store = store,
                            .arena = &event_arena,
                            .event = &ev,
                            .kind = kind,
                            .contact = { ev.channel, ev.account, ev.contact_id },
                            .id = weir_str_of(id),
                            .seed = decision_no,
                            .now_ms = now_ms,
                            .secret = WEIR_STR("0123456789abcdef0123456789abcdef"),
                            .rule = &rule,
                            .actions_json = &json_buf,
                            .actions = actions };
  d.changes = (struct weir_changeset){ .contact = d.contact, .now_ms = now_ms, .items = changes, .cap = WEIR_CHANGES_MAX };
  d.trace = (struct weir_trace_log){ .items = trace, .cap = WEIR_TRACE_MAX, .all = true };
  struct weir_change seen = { .kind = WEIR_CHANGE_SEEN, .name = ev.contact_name, .at_ms = now_ms };
  assert_int_equal(weir_decide_change(&d, &seen, &err), WEIR_OK);
}

static inline void fire(void) {
  if (weir_decide_fire(&d, &err) != WEIR_OK) fail_msg("fire: %s", err.message);
}

/* Applies and commits the changes made so far. */
static inline void keep(void) {
  const struct weir_store_ops *ops = store->ops;
  if (ops->begin(store, &err) != WEIR_OK || ops->apply(store, &d.changes, &err) != WEIR_OK ||
      ops->commit(store, &err) != WEIR_OK) {
    fail_msg("keep: %s", err.message);
  }
}

/* The way of a comment: rule, event, fire, keep. */
static inline void run(const char *rule_text, const char *who, const char *text) {
  read_rule(rule_text);
  comment(who, text);
  begin(WEIR_EVENT_COMMENT, NOW);
  fire();
}

static inline weir_str dup(weir_str s) {
  weir_str copy = { NULL, 0 };
  assert_true(weir_arena_str(&rule_arena, s, &copy));
  return copy;
}

/* The actions written so far, with single quotes. */
static inline const char *written(void) {
  weir_str copy = dup(weir_buf_view(&json_buf));
  char *text = (char *)(uintptr_t)copy.ptr;
  for (size_t i = 0; i < copy.len; i++) text[i] = text[i] == '"' ? '\'' : text[i];
  return text;
}

static inline const struct weir_change *change_of(enum weir_change_kind kind, uint32_t which) {
  for (uint32_t i = 0; i < d.changes.cnt; i++) {
    if (d.changes.items[i].kind == kind && which-- == 0) return &d.changes.items[i];
  }
  return NULL;
}

static inline uint32_t changes_of(enum weir_change_kind kind) {
  uint32_t cnt = 0;
  for (uint32_t i = 0; i < d.changes.cnt; i++) cnt += d.changes.items[i].kind == kind;
  return cnt;
}

/* Whether a trace line with this reason has `part` in its detail. */
static inline bool traced(weir_reason reason, const char *part) {
  for (uint32_t i = 0; i < d.trace.cnt; i++) {
    weir_str detail = d.trace.items[i].detail;
    if (d.trace.items[i].reason == reason && strstr(detail.ptr ? detail.ptr : "", part)) return true;
  }
  return false;
}

#define assert_str(s, text) assert_true(weir_str_eq((s), weir_str_of(text)))

/* ---- set up */

static int setup(void **state) {
  (void)state;
  weir_arena_growing(&rule_arena, 64u << 20);
  weir_arena_fixed(&event_arena, event_block, sizeof event_block);
  timer_rules[0] = (struct weir_rule){ .name = WEIR_STR("shop/offer the group"), .kinds = UINT32_C(1) << WEIR_EVENT_TIMER };
  timer_rules[1] = (struct weir_rule){ .name = WEIR_STR("shop/ask"), .kinds = UINT32_C(1) << WEIR_EVENT_COMMENT };
  timer_rules[2] = (struct weir_rule){ .name = WEIR_STR("other/remind"), .kinds = UINT32_C(1) << WEIR_EVENT_TIMER, .pack = 1 };
  ruleset = (struct weir_ruleset){ .packs = packs,
                                   .pack_cnt = 3,
                                   .funnels = funnels,
                                   .funnel_cnt = 3,
                                   .pools = pools,
                                   .pool_cnt = 3,
                                   .accounts = accounts,
                                   .account_cnt = 1,
                                   .rules = timer_rules,
                                   .rule_cnt = 3 };
  config = (weir_config){ .struct_size = sizeof config };
  store_block = aligned_alloc(16, 4u << 20);
  assert_non_null(store_block);
  if (weir_memory_store_open(&store, store_block, 4u << 20, &err) != WEIR_OK) fail_msg("store: %s", err.message);
  decision_no = 0;
  reported[0] = '\0';
  return 0;
}

static int teardown(void **state) {
  (void)state;
  if (store) store->ops->close(store); /* none: setting up failed */
  free(store_block);
  store = NULL;
  store_block = NULL;
  weir_arena_release(&rule_arena);
  return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
