/* terms.c: what a channel or an account says of what it can do and how often: abilities, windows, quotas, lengths. All but the
 * abilities is written the same way in both:
 *
 *   text    = { message = "1000 bytes", reply = { "150 characters", as_of = "2026-03-23", source = "..." } }
 *   windows = { { opens = "message", lasts = "48h", max = 5 }, { opens = { "click", "scan" }, lasts = "1m", max = 3 } }
 *   push    = { { max = 4, within = "month", per = "contact" } }     what may be written while no window is open; true: anything
 *   quotas  = { { action = "follow", max = 20, within = "day" }, { max = 750, within = "1h", per = "account", wait = "30m" } }
 *   spacing = "2s..8s"  or  { follow = "20s..90s" }
 *   max_similar = { max = 20, within = "1h" }                         the same text to so many people */
#include <stdio.h>

#include "base/clock.h"
#include "limits.h"
#include "load/load.h"

#define PATH_BYTES 64

/* One entry of a list, such as quotas[2], while it is read. */
struct entry {
  struct weir_reading *reading;
  char path[PATH_BYTES];
  const struct weir_value *value;
};

static void bad(const struct entry *entry, const char *field, const char *message) {
  char path[2 * PATH_BYTES];
  (void)snprintf(path, sizeof path, "%s%s%s", entry->path, field ? "." : "", field ? field : "");
  weir_reading_bad(entry->reading, path, "%s", message);
}

static void not_known(const struct entry *entry, const char *field, weir_str word, const weir_str *known, size_t cnt, const char *expected) {
  char message[WEIR_FINDING_PART_MAX];
  weir_str near = weir_nearest(word, known, cnt);
  if (near.len) (void)snprintf(message, sizeof message, "there is no \"%.*s\"; did you mean \"%.*s\"?", WEIR_FMT(word), WEIR_FMT(near));
  else (void)snprintf(message, sizeof message, "there is no \"%.*s\": expected %s", WEIR_FMT(word), expected);
  bad(entry, field, message);
}

/* Whether the entry is a table of these keys; tells of each that is not. */
static bool check_entry(const struct entry *entry, const weir_str *known, size_t cnt, bool list) {
  if (entry->value->kind != WEIR_VALUE_TABLE) {
    bad(entry, NULL, "expected a table such as { max = 20, within = \"day\" }");
    return false;
  }
  const struct weir_table *t = entry->value->u.t;
  bool good = true;
  for (uint32_t i = 0; i < t->member_cnt; i++) {
    bool found = false;
    for (size_t k = 0; k < cnt; k++) found = found || weir_str_eq(t->members[i].key, known[k]);
    if (!found) not_known(entry, NULL, t->members[i].key, known, cnt, "the keys that the reference names");
    good = good && found;
  }
  if (t->list_cnt > (list ? 1u : 0u)) bad(entry, NULL, "a value without a key: every entry is written key = value");
  return good && t->list_cnt <= (list ? 1u : 0u);
}

static weir_status read_str(const struct entry *entry, const char *key, weir_str *out) {
  const struct weir_value *value = weir_value_get(entry->value, key);
  if (!value) return WEIR_OK;
  if (value->kind != WEIR_VALUE_STR || value->u.s.len > WEIR_TITLE_MAX) {
    bad(entry, key, "expected a short text in quotes");
    return WEIR_OK;
  }
  return weir_arena_str(entry->reading->parse.arena, value->u.s, out) ? WEIR_OK : weir_load_no_memory(entry->reading->load);
}

static weir_status read_cited(const struct entry *entry, struct weir_cited *out) {
  weir_status status = read_str(entry, "as_of", &out->as_of);
  return status == WEIR_OK ? read_str(entry, "source", &out->source) : status;
}

/* A length of time of at least one second. */
static bool read_duration(const struct entry *entry, const char *key, int64_t max_ms, int64_t *out) {
  const struct weir_value *value = weir_value_get(entry->value, key);
  if (value && value->kind == WEIR_VALUE_STR && weir_duration_parse(value->u.s, out) && *out >= WEIR_SPAN_MIN_MS && *out <= max_ms) return true;
  bad(entry, key, "expected a length of time from one second to 31 days, such as \"10m\" or \"24h\"");
  return false;
}

static bool read_max(const struct entry *entry, bool needed, uint32_t *out) {
  const struct weir_value *value = weir_value_get(entry->value, "max");
  if (!value && !needed) return true;
  if (value && value->kind == WEIR_VALUE_INT && value->u.i >= 1 && value->u.i <= WEIR_QUOTA_MAX) {
    *out = (uint32_t)value->u.i;
    return true;
  }
  if (value && value->kind == WEIR_VALUE_INT && value->u.i <= 0) {
    bad(entry, "max", "allows nothing, so nothing could ever go: where an account cannot do something write action = \"none\"");
  } else {
    bad(entry, "max", "expected a whole number from 1 to 1000000");
  }
  return false;
}

static bool outbound(weir_str name, weir_str *out) {
  const struct weir_action_kind *kind = weir_action_kind_find(name);
  if (!kind || !kind->outbound) return false;
  *out = weir_str_of(kind->name);
  return true;
}

static size_t outbound_names(weir_str names[WEIR_ACTION_KINDS_MAX]) {
  size_t cnt = 0, kind_cnt;
  const struct weir_action_kind *const *kinds = weir_action_kinds(&kind_cnt);
  for (size_t i = 0; i < kind_cnt && cnt < WEIR_ACTION_KINDS_MAX; i++)
    if (kinds[i]->outbound) names[cnt++] = weir_str_of(kinds[i]->name);
  return cnt;
}

static void no_such_action(const struct entry *entry, const char *field, weir_str name) {
  weir_str names[WEIR_ACTION_KINDS_MAX];
  size_t cnt = outbound_names(names);
  not_known(entry, field, name, names, cnt, "an action that the platform sees, such as \"message\"");
}

/* ---- windows */

static bool read_opens(const struct entry *entry, uint32_t *kinds) {
  const struct weir_value *value = weir_value_get(entry->value, "opens");
  const struct weir_value *items = value;
  uint32_t cnt = value && value->kind == WEIR_VALUE_STR ? 1 : 0;
  if (value && value->kind == WEIR_VALUE_TABLE && value->u.t->member_cnt == 0) {
    items = value->u.t->list;
    cnt = value->u.t->list_cnt;
  }
  if (cnt == 0) bad(entry, "opens", "expected the kinds of events that open the window, such as \"message\"");
  for (uint32_t i = 0; i < cnt; i++) {
    enum weir_event_kind kind;
    if (items[i].kind == WEIR_VALUE_STR && weir_event_kind_parse(items[i].u.s, &kind) && kind != WEIR_EVENT_TIMER) {
      *kinds |= UINT32_C(1) << kind;
      continue;
    }
    size_t name_cnt;
    const weir_str *names = weir_event_kind_names(&name_cnt);
    not_known(entry, "opens", items[i].kind == WEIR_VALUE_STR ? items[i].u.s : WEIR_STR("?"), names, name_cnt, "a kind of event such as \"message\"");
    return false;
  }
  return cnt > 0;
}

static void hash_window(struct weir_window *w) {
  const int64_t numbers[] = { w->opens, w->lasts_ms, w->per_trigger };
  const weir_str part = { (const char *)numbers, sizeof numbers };
  weir_id_hash(WEIR_STR("weir window"), &part, 1, w->id);
}

/* "5 in 48h after message" */
static weir_status say_window(struct weir_reading *reading, struct weir_window *w) {
  char text[WEIR_FINDING_PART_MAX], length[WEIR_LOAD_DURATION_CHARS];
  struct weir_buf buf;
  weir_buf_init(&buf, text, sizeof text);
  if (w->max) weir_buf_printf(&buf, "%u in ", (unsigned)w->max);
  weir_buf_printf(&buf, "%s after ", weir_load_say_duration(w->lasts_ms, length));
  for (uint32_t kind = 0, first = 1; kind < WEIR_EVENT_KINDS; kind++) {
    if (!(w->opens >> kind & 1)) continue;
    if (!first) weir_buf_text(&buf, ", ");
    weir_buf_str(&buf, weir_event_kind_name((enum weir_event_kind)kind));
    first = 0;
  }
  return weir_arena_str(reading->parse.arena, weir_buf_view(&buf), &w->says) ? WEIR_OK : weir_load_no_memory(reading->load);
}

static weir_status read_window(const struct entry *entry, struct weir_window *w, bool *good) {
  static const weir_str known[] = { { "opens", 5 }, { "lasts", 5 }, { "max", 3 }, { "per", 3 }, { "as_of", 5 }, { "source", 6 } };
  static const weir_str scopes[] = { { "contact", 7 }, { "trigger", 7 } };
  const struct weir_value *per = NULL;
  *good = check_entry(entry, known, sizeof known / sizeof *known, false) && read_opens(entry, &w->opens) &&
          read_duration(entry, "lasts", WEIR_QUOTA_WINDOW_MAX_MS, &w->lasts_ms) && read_max(entry, false, &w->max);
  if (!*good) return WEIR_OK;
  if ((per = weir_value_get(entry->value, "per"))) {
    w->per_trigger = per->kind == WEIR_VALUE_STR && weir_str_eq(per->u.s, scopes[1]);
    *good = w->per_trigger || (per->kind == WEIR_VALUE_STR && weir_str_eq(per->u.s, scopes[0]));
    if (!*good) not_known(entry, "per", per->kind == WEIR_VALUE_STR ? per->u.s : WEIR_STR("?"), scopes, 2, "\"contact\" or \"trigger\"");
  }
  hash_window(w);
  weir_status status = say_window(entry->reading, w);
  return status == WEIR_OK ? read_cited(entry, &w->cited) : status;
}

/* ---- quotas */

static const weir_str scope_words[] = { { "account", 7 }, { "contact", 7 }, { "post", 4 }, { "trigger", 7 }, { "text", 4 } };

static bool read_within(const struct entry *entry, struct weir_quota *q) {
  const struct weir_value *value = weir_value_get(entry->value, "within");
  if (!value && q->scope == WEIR_PER_TRIGGER) {
    q->span = WEIR_SPAN_EVER;
    q->window_ms = WEIR_DEDUPE_MS; /* by then its event cannot be answered any more */
    return true;
  }
  if (value && value->kind == WEIR_VALUE_STR && weir_str_eq(value->u.s, WEIR_STR("ever"))) {
    q->span = WEIR_SPAN_EVER;
    q->window_ms = WEIR_FOREVER_MS;
    return true;
  }
  if (value && value->kind == WEIR_VALUE_STR && weir_str_eq(value->u.s, WEIR_STR("day"))) q->span = WEIR_SPAN_DAY;
  else if (value && value->kind == WEIR_VALUE_STR && weir_str_eq(value->u.s, WEIR_STR("month"))) q->span = WEIR_SPAN_MONTH;
  else if (!value) bad(entry, "within", "expected a length of time, \"day\", \"month\" or \"ever\"");
  return q->span != WEIR_SPAN_SLIDING || (value && read_duration(entry, "within", WEIR_QUOTA_WINDOW_MAX_MS, &q->window_ms));
}

static bool read_per(const struct entry *entry, struct weir_quota *q) {
  const struct weir_value *value = weir_value_get(entry->value, "per");
  if (!value) return true;
  for (size_t i = 0; value->kind == WEIR_VALUE_STR && i < sizeof scope_words / sizeof *scope_words; i++) {
    if (!weir_str_eq(value->u.s, scope_words[i])) continue;
    q->scope = (enum weir_scope)i;
    return true;
  }
  not_known(entry, "per", value->kind == WEIR_VALUE_STR ? value->u.s : WEIR_STR("?"), scope_words, sizeof scope_words / sizeof *scope_words,
            "\"account\", \"contact\", \"post\", \"trigger\" or \"text\"");
  return false;
}

/* wait = false: dropped at once; wait = "30m": may wait so long */
static bool read_wait(const struct entry *entry, struct weir_quota *q) {
  const struct weir_value *value = weir_value_get(entry->value, "wait");
  q->wait_ms = q->span == WEIR_SPAN_EVER ? 0 : WEIR_QUOTA_WAIT_MS;
  if (!value) return true;
  if (value->kind == WEIR_VALUE_BOOL && !value->u.b) q->wait_ms = 0;
  else return read_duration(entry, "wait", WEIR_QUOTA_WINDOW_MAX_MS, &q->wait_ms);
  return true;
}

static weir_status read_actions(const struct entry *entry, struct weir_quota *q, bool *good) {
  const struct weir_value *value = weir_value_get(entry->value, "action"), *items = value;
  uint32_t cnt = value && value->kind == WEIR_VALUE_STR ? 1 : 0;
  if (!value) return WEIR_OK;
  if (value->kind == WEIR_VALUE_TABLE && value->u.t->member_cnt == 0) {
    items = value->u.t->list;
    cnt = value->u.t->list_cnt;
  }
  weir_str *names = weir_arena_array(entry->reading->parse.arena, cnt, sizeof *names);
  if (!names) return weir_load_no_memory(entry->reading->load);
  if (cnt == 0) bad(entry, "action", "expected the name of an action, or a list of them");
  *good = cnt > 0;
  for (uint32_t i = 0; i < cnt && *good; i++) {
    *good = items[i].kind == WEIR_VALUE_STR && outbound(items[i].u.s, &names[i]);
    if (!*good) no_such_action(entry, "action", items[i].kind == WEIR_VALUE_STR ? items[i].u.s : WEIR_STR("?"));
  }
  q->actions = names;
  q->action_cnt = cnt;
  return WEIR_OK;
}

/* What is counted, and where: a changed maximum does not forget what was used. */
static weir_status hash_quota(struct weir_reading *reading, struct weir_quota *q) {
  const int64_t numbers[] = { q->scope, q->span, q->window_ms, q->pushes_only };
  weir_str *parts = weir_arena_array(&reading->load->work, q->action_cnt + 1, sizeof *parts);
  if (!parts) return weir_load_no_memory(reading->load);
  parts[0] = (weir_str){ (const char *)numbers, sizeof numbers };
  for (uint32_t i = 0; i < q->action_cnt; i++) parts[i + 1] = q->actions[i];
  weir_id_hash(WEIR_STR("weir quota"), parts, q->action_cnt + 1, q->id);
  return WEIR_OK;
}

/* "40 in 1h per account", "4 a month per contact" */
static weir_status say_quota(struct weir_reading *reading, struct weir_quota *q) {
  char text[WEIR_FINDING_PART_MAX], length[WEIR_LOAD_DURATION_CHARS];
  struct weir_buf buf;
  weir_buf_init(&buf, text, sizeof text);
  weir_buf_printf(&buf, "%u ", (unsigned)q->max);
  if (q->span == WEIR_SPAN_DAY) weir_buf_text(&buf, "a day ");
  if (q->span == WEIR_SPAN_MONTH) weir_buf_text(&buf, "a month ");
  if (q->window_ms == WEIR_FOREVER_MS) weir_buf_text(&buf, "ever ");
  if (q->span == WEIR_SPAN_SLIDING) weir_buf_printf(&buf, "in %s ", weir_load_say_duration(q->window_ms, length));
  weir_buf_printf(&buf, "per %.*s", WEIR_FMT(scope_words[q->scope]));
  return weir_arena_str(reading->parse.arena, weir_buf_view(&buf), &q->says) ? WEIR_OK : weir_load_no_memory(reading->load);
}

static weir_status read_quota(const struct entry *entry, struct weir_quota *q, bool *good) {
  static const weir_str known[] = { { "action", 6 }, { "max", 3 }, { "within", 6 }, { "per", 3 }, { "wait", 4 }, { "as_of", 5 }, { "source", 6 } };
  *good = check_entry(entry, known, sizeof known / sizeof *known, false) && read_max(entry, true, &q->max) && read_per(entry, q) &&
          read_within(entry, q) && read_wait(entry, q);
  if (!*good) return WEIR_OK;
  weir_status status = read_actions(entry, q, good);
  if (status != WEIR_OK || !*good) return status;
  status = hash_quota(entry->reading, q);
  if (status == WEIR_OK) status = say_quota(entry->reading, q);
  return status == WEIR_OK ? read_cited(entry, &q->cited) : status;
}

/* ---- lists of either */

static const struct weir_value *list_of(struct weir_reading *reading, const char *key, uint32_t max, uint32_t *cnt) {
  const struct weir_value *value = weir_reading_key(reading, key);
  *cnt = 0;
  if (!value) return NULL;
  if (value->kind != WEIR_VALUE_TABLE || value->u.t->member_cnt) {
    weir_reading_bad(reading, key, "expected a list of tables, { { ... }, { ... } }");
    return NULL;
  }
  if (value->u.t->list_cnt > max) {
    weir_reading_bad(reading, key, "has too many entries: at most %u", (unsigned)max);
    return NULL;
  }
  *cnt = value->u.t->list_cnt;
  return value->u.t->list;
}

static weir_status read_windows(struct weir_reading *reading, struct weir_terms *t) {
  const struct weir_value *value = weir_reading_key(reading, "windows"), *list;
  uint32_t cnt;
  if (!value) return WEIR_OK;
  t->windows = NULL;
  t->window_cnt = 0;
  if (value->kind == WEIR_VALUE_BOOL && !value->u.b) return WEIR_OK; /* it may write at any time */
  list = list_of(reading, "windows", WEIR_WINDOWS_MAX, &cnt);
  struct weir_window *windows = weir_arena_zalloc(reading->parse.arena, (cnt + 1) * sizeof *windows);
  if (!windows) return weir_load_no_memory(reading->load);
  for (uint32_t i = 0; i < cnt; i++) {
    struct entry entry = { .reading = reading, .value = &list[i] };
    bool good;
    (void)snprintf(entry.path, sizeof entry.path, "windows[%u]", (unsigned)i + 1);
    weir_status status = read_window(&entry, &windows[t->window_cnt], &good);
    if (status != WEIR_OK) return status;
    if (good) t->window_cnt++;
  }
  t->windows = windows;
  return WEIR_OK;
}

static weir_status read_quotas(struct weir_reading *reading, const char *key, bool pushes, struct weir_quota *out, uint32_t *out_cnt) {
  uint32_t cnt;
  const struct weir_value *list = list_of(reading, key, WEIR_QUOTAS_MAX, &cnt);
  for (uint32_t i = 0; i < cnt; i++) {
    struct entry entry = { .reading = reading, .value = &list[i] };
    bool good;
    (void)snprintf(entry.path, sizeof entry.path, "%s[%u]", key, (unsigned)i + 1);
    out[*out_cnt] = (struct weir_quota){ .pushes_only = pushes };
    weir_status status = read_quota(&entry, &out[*out_cnt], &good);
    if (status != WEIR_OK) return status;
    if (good) ++*out_cnt;
  }
  return WEIR_OK;
}

/* max_similar = 20, or { max = 20, within = "1h" }: a quota for each text */
static weir_status read_similar(struct weir_reading *reading, struct weir_quota *out, uint32_t *out_cnt) {
  static const weir_str known[] = { { "max", 3 }, { "within", 6 }, { "wait", 4 }, { "as_of", 5 }, { "source", 6 } };
  const struct weir_value *value = weir_reading_key(reading, "max_similar");
  struct entry entry = { .reading = reading, .path = "max_similar", .value = value };
  struct weir_quota *q = &out[*out_cnt];
  weir_str *says;
  if (!value) return WEIR_OK;
  *q = (struct weir_quota){ .scope = WEIR_PER_TEXT, .window_ms = WEIR_SIMILAR_MS, .wait_ms = WEIR_QUOTA_WAIT_MS };
  says = weir_arena_array(reading->parse.arena, 2, sizeof *says);
  if (!says) return weir_load_no_memory(reading->load);
  says[0] = WEIR_STR("reply");
  says[1] = WEIR_STR("message");
  q->actions = says;
  q->action_cnt = 2;
  if (value->kind == WEIR_VALUE_INT && value->u.i >= 1 && value->u.i <= WEIR_QUOTA_MAX) {
    q->max = (uint32_t)value->u.i;
  } else if (value->kind == WEIR_VALUE_TABLE) {
    bool within = weir_value_get(value, "within") != NULL;
    if (!check_entry(&entry, known, sizeof known / sizeof *known, false) || !read_max(&entry, true, &q->max) || !read_wait(&entry, q)) return WEIR_OK;
    if (within && !read_duration(&entry, "within", WEIR_QUOTA_WINDOW_MAX_MS, &q->window_ms)) return WEIR_OK;
  } else {
    weir_reading_bad(reading, "max_similar", "expected how often the same text may go out in an hour, or { max = 20, within = \"1h\" }");
    return WEIR_OK;
  }
  weir_status status = hash_quota(reading, q);
  if (status == WEIR_OK) status = say_quota(reading, q);
  if (status == WEIR_OK) ++*out_cnt;
  return status;
}

static weir_status read_all_quotas(struct weir_reading *reading, struct weir_terms *t) {
  const struct weir_value *push = weir_reading_key(reading, "push");
  struct weir_quota *quotas = weir_arena_zalloc(reading->parse.arena, (2 * WEIR_QUOTAS_MAX + 1) * sizeof *quotas);
  weir_status status;
  if (!quotas) return weir_load_no_memory(reading->load);
  status = read_quotas(reading, "quotas", false, quotas, &t->quota_cnt);
  if (status == WEIR_OK) status = read_similar(reading, quotas, &t->quota_cnt);
  if (status == WEIR_OK && push) {
    t->push = push->kind != WEIR_VALUE_BOOL || push->u.b;
    if (push->kind != WEIR_VALUE_BOOL) status = read_quotas(reading, "push", true, quotas, &t->quota_cnt);
  }
  t->quotas = quotas;
  return status;
}

/* ---- lengths */

/* "1000 bytes" */
static bool read_length(const struct entry *entry, const struct weir_value *value, struct weir_text_limit *out) {
  static const weir_str units[] = { { "bytes", 5 }, { "characters", 10 }, { "utf16", 5 } };
  uint64_t max = 0;
  size_t at = 0;
  if (value->kind == WEIR_VALUE_STR) {
    weir_str s = value->u.s;
    for (; at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9' && max <= WEIR_TEXT_OUT_MAX; at++) max = max * 10 + (uint64_t)(s.ptr[at] - '0');
    if (at && at < s.len && s.ptr[at] == ' ' && max >= 1) {
      weir_str unit = { s.ptr + at + 1, s.len - at - 1 };
      for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!weir_str_eq(unit, units[i])) continue;
        out->unit = (enum weir_unit)i;
        out->max = max > WEIR_TEXT_OUT_MAX ? WEIR_TEXT_OUT_MAX : (uint32_t)max;
        return true;
      }
      not_known(entry, NULL, unit, units, sizeof units / sizeof *units, "\"bytes\", \"characters\" or \"utf16\"");
      return false;
    }
  }
  bad(entry, NULL, "expected a number and a unit, such as \"1000 bytes\", \"150 characters\" or \"4096 utf16\"");
  return false;
}

static weir_status read_texts(struct weir_reading *reading, struct weir_terms *t) {
  static const weir_str known[] = { { "as_of", 5 }, { "source", 6 } };
  const struct weir_value *value = weir_reading_key(reading, "text");
  if (!value) return WEIR_OK;
  if (value->kind != WEIR_VALUE_TABLE || value->u.t->list_cnt) {
    weir_reading_bad(reading, "text", "expected actions and lengths, such as { message = \"1000 bytes\" }");
    return WEIR_OK;
  }
  struct weir_text_limit *texts = weir_arena_zalloc(reading->parse.arena, (value->u.t->member_cnt + 1) * sizeof *texts);
  if (!texts) return weir_load_no_memory(reading->load);
  for (uint32_t i = 0; i < value->u.t->member_cnt; i++) {
    const struct weir_member *m = &value->u.t->members[i];
    struct entry entry = { .reading = reading, .value = &m->value };
    struct weir_text_limit *limit = &texts[t->text_cnt];
    (void)snprintf(entry.path, sizeof entry.path, "text.%.*s", m->key.len < WEIR_TERMS_KEY_SHOWN ? (int)m->key.len : WEIR_TERMS_KEY_SHOWN, m->key.ptr);
    if (!outbound(m->key, &limit->action)) {
      no_such_action(&entry, NULL, m->key);
      continue;
    }
    bool table = m->value.kind == WEIR_VALUE_TABLE;
    if (table && (!check_entry(&entry, known, 2, true) || m->value.u.t->list_cnt != 1)) continue;
    if (!read_length(&entry, table ? &m->value.u.t->list[0] : &m->value, limit)) continue;
    weir_status status = table ? read_cited(&entry, &limit->cited) : WEIR_OK;
    if (status != WEIR_OK) return status;
    t->text_cnt++;
  }
  t->texts = texts;
  return WEIR_OK;
}

/* ---- spacing */

static weir_status read_spacing(struct weir_reading *reading, struct weir_terms *t) {
  const struct weir_value *value = weir_reading_key(reading, "spacing");
  struct weir_spacing *spacings;
  uint32_t cnt;
  if (!value) return WEIR_OK;
  bool table = value->kind == WEIR_VALUE_TABLE;
  if (table && (value->u.t->list_cnt || !value->u.t->member_cnt)) {
    const struct entry whole = { .reading = reading, .path = "spacing", .value = value };
    bad(&whole, NULL, "expected a time or range for all actions, \"2s..8s\", or some for actions by name, { follow = \"20s..90s\" }");
    return WEIR_OK;
  }
  cnt = table ? value->u.t->member_cnt : 1;
  if (!(spacings = weir_arena_zalloc(reading->parse.arena, (cnt + 1) * sizeof *spacings))) return weir_load_no_memory(reading->load);
  for (uint32_t i = 0; i < cnt; i++) {
    struct weir_spacing *s = &spacings[t->spacing_cnt];
    struct entry entry = { .reading = reading, .path = "spacing", .value = value };
    const struct weir_value *range = table ? &value->u.t->members[i].value : value;
    if (table && !outbound(value->u.t->members[i].key, &s->action)) {
      no_such_action(&entry, NULL, value->u.t->members[i].key);
    } else if (range->kind != WEIR_VALUE_STR || !weir_duration_range_parse(range->u.s, &s->from_ms, &s->to_ms) || s->to_ms > WEIR_SPACING_MAX_MS) {
      bad(&entry, NULL, "expected a time of at most 1h, or a range, such as \"2s..8s\"");
    } else {
      t->spacing_cnt++;
    }
  }
  t->spacings = spacings;
  return WEIR_OK;
}

/* ---- all of it */

weir_status weir_load_terms(struct weir_reading *reading, struct weir_terms *t) {
  struct entry whole = { .reading = reading, .value = &reading->decl->body };
  weir_status status = read_windows(reading, t);
  if (status == WEIR_OK) status = read_all_quotas(reading, t);
  if (status == WEIR_OK) status = read_texts(reading, t);
  if (status == WEIR_OK) status = read_spacing(reading, t);
  return status == WEIR_OK ? read_cited(&whole, &t->cited) : status;
}

/* "1h30m"; days only when they come out even */
const char *weir_load_say_duration(int64_t ms, char out[WEIR_LOAD_DURATION_CHARS]) {
  static const struct {
    int64_t ms;
    const char *unit;
  } units[] = { { INT64_C(86400000), "d" }, { 3600000, "h" }, { 60000, "m" }, { 1000, "s" }, { 1, "ms" } };
  struct weir_buf buf;
  weir_buf_init(&buf, out, WEIR_LOAD_DURATION_CHARS - 1);
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    int64_t cnt = ms / units[i].ms;
    if (i == 0 && ms % units[i].ms) continue;
    if (cnt) weir_buf_printf(&buf, "%lld%s", (long long)cnt, units[i].unit);
    ms -= cnt * units[i].ms;
  }
  out[buf.len] = '\0';
  return out;
}
