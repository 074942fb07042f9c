/* lint_limits.c: what the tables prove: messages for which no window is open, more messages than a window lets through, texts that are
 * too long, quotas that a single event or a rule that comes round is bound to exceed. Traffic is not guessed at: what depends on how many
 * people write is not told. What handlers and variants do, and actions that go through another account, are left out. */
#include <stdio.h>

#include "base/clock.h"
#include "decide/follow_up.h"
#include "decide/parse.h"
#include "limits.h"
#include "load/load.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

/* A rule on one account that it runs on. */
struct place {
  struct weir_load *load;
  uint32_t index;
  const struct weir_rule *rule;
  const struct weir_terms *terms;
  char name[2 * WEIR_ID_MAX + 2];
};

static void tell(const struct place *at, const char *key, const char *format, ...) WEIR_PRINTF(3, 4);
static void tell(const struct place *at, const char *key, const char *format, ...) {
  char text[WEIR_FINDING_MAX];
  va_list args;
  struct weir_place place = weir_load_place(at->load, at->load->order[at->index], key);
  va_start(args, format);
  (void)vsnprintf(text, sizeof text, format, args);
  va_end(args);
  weir_load_warning(at->load, &place, "%s%s%s%s", key[0] ? "`" : "", key, key[0] ? "`: " : "", text);
}

/* ---- what a rule sends */

static const struct weir_value *body_of(const struct place *at, const char *kind) {
  const struct weir_value *value = weir_value_get(&at->load->order[at->index]->body, kind);
  bool off = value && value->kind == WEIR_VALUE_BOOL && !value->u.b;
  return !value || off || weir_value_get(value, "via") ? NULL : value;
}

static const struct weir_value *all_of(const struct weir_value *value) {
  const struct weir_value *all = weir_value_get(value, "all");
  return all && all->kind == WEIR_VALUE_TABLE ? all : NULL;
}

/* How many actions of this kind one event is answered with. */
static uint32_t sends(const struct place *at, const char *kind) {
  const struct weir_value *value = body_of(at, kind), *all = all_of(value);
  if (!value || !weir_policy_able(at->terms, weir_str_of(kind))) return 0;
  return all ? all->u.t->list_cnt : 1;
}

/* What is written to the person alone: it needs a window, where there are some. */
static uint32_t writes(const struct place *at, const char **key) {
  uint32_t messages = sends(at, "message"), files = sends(at, "deliver");
  *key = messages ? "message" : "deliver";
  return messages + files;
}

/* How long an action waits at least, as its rule says. */
static int64_t waits(const struct place *at, const char *kind) {
  const struct weir_value *after = weir_value_get(body_of(at, kind), "after");
  int64_t from, to;
  if (!after || after->kind != WEIR_VALUE_STR || !weir_duration_range_parse(after->u.s, &from, &to)) return 0;
  return from;
}

/* ---- windows */

static void say_windows(const struct weir_terms *terms, char out[WEIR_FINDING_PART_MAX]) {
  struct weir_buf buf;
  weir_buf_init(&buf, out, WEIR_FINDING_PART_MAX - 1);
  for (uint32_t i = 0; i < terms->window_cnt; i++) {
    if (i) weir_buf_text(&buf, ", ");
    weir_buf_str(&buf, terms->windows[i].says);
  }
  out[weir_buf_view(&buf).len] = '\0';
}

/* Of the windows that may be open for what the rule sends: one for each event there is only for what answers that event. */
static int64_t longest(const struct place *at) {
  int64_t most = 0;
  for (uint32_t i = 0; i < at->terms->window_cnt; i++) {
    const struct weir_window *w = &at->terms->windows[i];
    if (w->lasts_ms > most && !(w->per_trigger && at->rule->every_ms)) most = w->lasts_ms;
  }
  return most;
}

/* When every window that the person's own doing opened is over. true: something was told. */
static bool look_at_delay(const struct place *at, const char *key) {
  const struct weir_follow_up *follows = weir_rule_follow_up(at->rule);
  int64_t silence = weir_gate_silence(at->rule), after = waits(at, key), most = longest(at);
  char windows[WEIR_FINDING_PART_MAX], length[WEIR_LOAD_DURATION_CHARS];
  if (follows) after += follows->delay.from_ms;
  say_windows(at->terms, windows);
  if (silence >= most) {
    tell(at, key, "on %s nothing of this can go: it is for people who are silent for %s, and windows are open for %s", at->name,
         weir_load_say_duration(silence, length), windows);
    return true;
  }
  if (after < most || at->rule->every_ms) return false; /* who has written when a rule comes round, nobody knows */
  tell(at, key, "on %s windows are open for %s, and this goes %s later: who has not written again by then gets nothing", at->name, windows,
       weir_load_say_duration(after, length));
  return true;
}

/* What each kind of event that the rule listens to opens. */
static void look_at_opens(const struct place *at, const char *key, uint32_t cnt) {
  const uint32_t kinds = at->rule->kinds & at->terms->events & ~(UINT32_C(1) << WEIR_EVENT_TIMER | UINT32_C(1) << WEIR_EVENT_OWN);
  char windows[WEIR_FINDING_PART_MAX];
  say_windows(at->terms, windows);
  for (uint32_t kind = 0; kind < WEIR_EVENT_KINDS; kind++) {
    uint64_t room = 0;
    bool any = false;
    if (!(kinds >> kind & 1)) continue;
    for (uint32_t i = 0; i < at->terms->window_cnt; i++) {
      const struct weir_window *w = &at->terms->windows[i];
      if (!(w->opens >> kind & 1)) continue;
      room += w->max ? w->max : UINT32_MAX;
      any = true;
    }
    weir_str name = weir_event_kind_name((enum weir_event_kind)kind);
    if (!any) {
      tell(at, key, "on %s \"%.*s\" opens no window (there are: %s): this goes only to who wrote before", at->name, WEIR_FMT(name), windows);
      return;
    }
    if (cnt <= room) continue;
    tell(at, key, "on %s \"%.*s\" lets %u be written (windows: %s), and this rule sends %u: the others go only to who wrote before", at->name, WEIR_FMT(name),
         (unsigned)room, windows, (unsigned)cnt);
    return;
  }
}

static void look_at_windows(const struct place *at) {
  const char *key;
  uint32_t cnt = writes(at, &key);
  if (!cnt || !at->terms->window_cnt || at->terms->push) return;
  if (!look_at_delay(at, key)) look_at_opens(at, key, cnt);
}

/* ---- lengths */

/* The units of a text without the places that are filled in. */
static size_t units_of(weir_str text, enum weir_unit unit) {
  size_t units = 0, from = 0;
  for (size_t i = 0; i < text.len; i++) {
    if (text.ptr[i] != '{') continue;
    units += weir_policy_text_units((weir_str){ text.ptr + from, i - from }, unit);
    const char *end = memchr(text.ptr + i, '}', text.len - i);
    i = end ? (size_t)(end - text.ptr) : text.len;
    from = i + 1;
  }
  return from < text.len ? units + weir_policy_text_units((weir_str){ text.ptr + from, text.len - from }, unit) : units;
}

static void look_at_length(const struct place *at, const char *key, const struct weir_text_limit *limit, const struct weir_value *value, int depth) {
  static const char *const units[] = { "bytes", "characters", "UTF-16 units" };
  if (!value || depth > 3) return;
  if (value->kind == WEIR_VALUE_STR) {
    size_t cnt = units_of(value->u.s, limit->unit);
    if (cnt <= limit->max) return;
    tell(at, key, "%s takes %u %s, and a text of this has %zu, without what is filled in: it is dropped", at->name, (unsigned)limit->max, units[limit->unit], cnt);
  }
  if (value->kind != WEIR_VALUE_TABLE) return;
  for (uint32_t i = 0; i < value->u.t->list_cnt; i++) look_at_length(at, key, limit, &value->u.t->list[i], depth + 1);
  look_at_length(at, key, limit, weir_value_get(value, "text"), depth + 1);
  look_at_length(at, key, limit, all_of(value), depth + 1);
}

/* ---- quotas */

static bool counted(const struct weir_quota *q, weir_str kind) {
  for (uint32_t i = 0; i < q->action_cnt; i++)
    if (weir_str_eq(q->actions[i], kind)) return true;
  return q->action_cnt == 0;
}

static int64_t length_of(const struct weir_quota *q) {
  return q->span == WEIR_SPAN_DAY ? DAY_MS : q->span == WEIR_SPAN_MONTH ? 30 * DAY_MS : q->window_ms;
}

/* The actions of the rule that a quota counts. */
static uint32_t uses_of(const struct place *at, const struct weir_quota *q, const char **key) {
  uint32_t cnt = 0;
  for (uint32_t k = 0; k < at->rule->action_cnt; k++) {
    const struct weir_action_kind *kind = at->rule->actions[k].kind;
    if (!kind->outbound || !counted(q, weir_str_of(kind->name)) || !sends(at, kind->name)) continue;
    if (!cnt) *key = kind->name;
    cnt += sends(at, kind->name);
  }
  return cnt;
}

/* What one event is answered with, beside what a quota lets through at a time. Waiting for a while is no fault. */
static void look_at_burst(const struct place *at, const struct weir_quota *q) {
  const char *key = "";
  uint32_t cnt = uses_of(at, q, &key);
  if (q->scope == WEIR_PER_TEXT || q->pushes_only || cnt <= q->max) return;
  int64_t wait = (int64_t)((cnt - 1) / q->max) * length_of(q);
  bool dropped = q->span == WEIR_SPAN_EVER || wait > q->wait_ms;
  if (!dropped && wait < HOUR_MS) return;
  tell(at, key, "this rule does %u at once that count for the quota %.*s of %s: %u of it %s", (unsigned)cnt, WEIR_FMT(q->says), at->name,
       (unsigned)(cnt - q->max), dropped ? "is dropped" : "waits");
}

/* Whether the rule comes round to the same people again and again: nothing in it keeps it from it. */
static bool repeats(const struct place *at) {
  static const char *const harmless[] = { "channel", "account", "hours", "silent_for", "segment", "is_follower" };
  for (uint32_t i = 0; i < at->rule->gate_cnt; i++) {
    size_t k = 0;
    while (k < sizeof harmless / sizeof *harmless && strcmp(harmless[k], at->rule->gates[i].kind->name) != 0) k++;
    if (k == sizeof harmless / sizeof *harmless) return false;
  }
  for (uint32_t k = 0; k < at->rule->action_cnt; k++)
    if (at->rule->actions[k].kind->state) return false; /* it may not concern him any more */
  return at->rule->every_ms > 0;
}

static void look_at_round(const struct place *at, const struct weir_quota *q) {
  const char *key = "";
  char every[WEIR_LOAD_DURATION_CHARS];
  uint64_t cnt = uses_of(at, q, &key);
  int64_t times = length_of(q) / at->rule->every_ms;
  if (q->scope != WEIR_PER_CONTACT || q->span == WEIR_SPAN_EVER || times < 2 || cnt * (uint64_t)times <= q->max) return;
  tell(at, key, "this comes round to each person every %s, and the quota of %s is %.*s%s: the others are dropped", weir_load_say_duration(at->rule->every_ms, every),
       at->name, WEIR_FMT(q->says), q->pushes_only ? " who is silent" : "");
}

static void look_at_unasked(const struct place *at) {
  const char *key = "message";
  char every[WEIR_LOAD_DURATION_CHARS];
  uint32_t max = at->load->pack_infos[at->rule->pack].unasked_per_day;
  uint64_t cnt = writes(at, &key);
  if (!max) max = WEIR_UNASKED_PER_DAY;
  if (cnt * (uint64_t)(DAY_MS / at->rule->every_ms) <= max) return;
  tell(at, key, "this comes round to each person every %s, and nobody gets more than %u unasked messages in 24h (unasked_per_day of the pack): the others are dropped",
       weir_load_say_duration(at->rule->every_ms, every), (unsigned)max);
}

/* ---- all of it */

static void look_at_rule(const struct place *at) {
  const struct weir_terms *t = at->terms;
  look_at_windows(at);
  for (uint32_t i = 0; i < t->text_cnt; i++) {
    char key[WEIR_TAG_MAX + 1];
    (void)snprintf(key, sizeof key, "%.*s", WEIR_FMT(t->texts[i].action));
    look_at_length(at, key, &t->texts[i], body_of(at, key), 0);
  }
  for (uint32_t i = 0; i < t->quota_cnt; i++) look_at_burst(at, &t->quotas[i]);
  if (!repeats(at)) return;
  for (uint32_t i = 0; i < t->quota_cnt; i++) look_at_round(at, &t->quotas[i]);
  look_at_unasked(at);
}

/* A timer's rule runs where the person came to the stage that it follows up: on accounts with a rule that leads there. */
static bool is_led_to(const struct weir_load *load, const struct weir_rule *rule, const struct weir_account *account) {
  const struct weir_follow_up *follows = weir_rule_follow_up(rule);
  if (rule->every_ms || !(rule->kinds >> WEIR_EVENT_TIMER & 1)) return true;
  for (uint32_t i = 0; follows && i < load->ruleset->rule_cnt; i++) {
    const struct weir_rule *other = &load->rules[i];
    if (!other->enabled || other->kinds >> WEIR_EVENT_TIMER & 1 || !weir_load_runs_on(other, account)) continue;
    if (weir_rule_leads_to(other, follows->funnel, follows->stage)) return true;
  }
  return false;
}

/* A member of a pool is an account that people are sent to; it may accept fewer than are sent. */
static void look_at_pool(struct weir_load *load, const struct weir_pool *pool, const struct weir_decl *decl) {
  const struct weir_ruleset *rs = load->ruleset;
  struct weir_place place = weir_load_place(load, decl, "per_day");
  for (uint32_t m = 0; m < pool->member_cnt; m++) {
    for (uint32_t k = 0; k < rs->account_cnt; k++) {
      const struct weir_account *a = &rs->accounts[k];
      for (uint32_t i = 0; weir_str_eq(a->account, pool->members[m]) && a->terms && i < a->terms->quota_cnt; i++) {
        const struct weir_quota *q = &a->terms->quotas[i];
        if (!q->action_cnt || !counted(q, WEIR_STR("accept")) || q->scope != WEIR_PER_ACCOUNT || length_of(q) != DAY_MS || q->max >= pool->per_day) continue;
        weir_load_warning(load, &place, "pool \"%.*s\": `per_day`: hands out \"%.*s\" %u times a day, and %.*s/%.*s accepts %u: the others wait, or are dropped",
                          WEIR_FMT(decl->name), WEIR_FMT(pool->members[m]), (unsigned)pool->per_day, WEIR_FMT(a->channel), WEIR_FMT(a->account), (unsigned)q->max);
        return;
      }
    }
  }
}

static void look_at_pools(struct weir_load *load) {
  for (const struct weir_decl *d = load->decls[WEIR_DECL_POOL].first; d; d = d->next) {
    weir_str pack = load->pack_infos[load->files[d->file].pack].name;
    for (uint32_t i = 0; i < load->ruleset->pool_cnt; i++) {
      const struct weir_pool *pool = &load->ruleset->pools[i];
      if (!pool->per_day || !weir_parse_in_pack(pool->name, pack) || !weir_str_eq(weir_parse_own_name(pool->name), d->name)) continue;
      look_at_pool(load, pool, d);
    }
  }
}

/* Each rule on the first account that has something to tell: the others are mostly of the same kind. */
void weir_load_lint_limits(struct weir_load *load) {
  const struct weir_ruleset *rs = load->ruleset;
  look_at_pools(load);
  for (uint32_t i = 0; i < rs->rule_cnt; i++) {
    struct place at = { .load = load, .index = i, .rule = &load->rules[i] };
    uint32_t before = load->note_cnt;
    for (uint32_t k = 0; at.rule->enabled && k < rs->account_cnt && load->note_cnt == before; k++) {
      const struct weir_account *a = &rs->accounts[k];
      if (!a->terms || !weir_load_runs_on(at.rule, a) || !is_led_to(load, at.rule, a)) continue;
      at.terms = a->terms;
      (void)snprintf(at.name, sizeof at.name, "%.*s/%.*s", WEIR_FMT(a->channel), WEIR_FMT(a->account));
      look_at_rule(&at);
    }
  }
}
