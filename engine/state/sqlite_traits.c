/* sqlite_traits.c: what a person has by name: tags, fields, stages, pool members, codes. All functions are about s->who.
 *
 * Once he was loaded, what he has is known in memory: a new row is inserted without looking first, one that is as it should
 * be is left alone, limits need no counting. Texts are kept as far as there is room; behind that a name is known by its hash
 * only, and the row is asked. */
#include <inttypes.h>

#include "state/sqlite.h"

static const struct {
  const char *word; /* in the table */
  uint32_t max;
  const char *what;
} kinds[WEIR_SQ_KINDS] = {
  [WEIR_SQ_CODES] = { "code", WEIR_SQ_CODES_MAX, "codes (WEIR_CONTACTS_MAX)" },
  [WEIR_SQ_FIELDS] = { "field", WEIR_FIELDS_MAX, "fields (WEIR_FIELDS_MAX)" },
  [WEIR_SQ_POOLS] = { "pool", WEIR_POOLS_MAX, "pools (WEIR_POOLS_MAX)" },
  [WEIR_SQ_STAGES] = { "stage", WEIR_STAGES_MAX, "funnels (WEIR_STAGES_MAX)" },
  [WEIR_SQ_TAGS] = { "tag", WEIR_TAGS_MAX, "tags (WEIR_TAGS_MAX)" },
};

uint32_t weir_sq_kind_max(enum weir_sq_kind kind) { return kinds[kind].max; }

weir_status weir_sq_too_many(enum weir_sq_kind kind, weir_error *err) {
  return weir_fail(err, WEIR_E_LIMIT, "a person may have %" PRIu32 " %s", kinds[kind].max, kinds[kind].what);
}

static struct weir_sq_arg word(enum weir_sq_kind kind) { return weir_sq_text(weir_str_of(kinds[kind].word)); }

static bool kind_of(weir_str text, enum weir_sq_kind *kind) {
  for (int k = 0; k < WEIR_SQ_KINDS; k++) {
    *kind = (enum weir_sq_kind)k;
    if (weir_str_eq(text, weir_str_of(kinds[k].word))) return true;
  }
  return false;
}

/* ---- what he has */

static uint64_t name_hash(const struct weir_sqlite *s, enum weir_sq_kind kind, weir_str name) {
  return weir_slot_hash(s->seed + (uint64_t)kind, name);
}

static weir_str kept_name(const struct weir_sq_who *who, const struct weir_sq_known *k) {
  return (weir_str){ who->text + k->text, k->name_len };
}
static weir_str kept_value(const struct weir_sq_who *who, const struct weir_sq_known *k) {
  return (weir_str){ who->text + k->text + k->name_len, k->value_len };
}

static struct weir_sq_known *find(struct weir_sqlite *s, enum weir_sq_kind kind, weir_str name) {
  struct weir_sq_who *who = &s->who;
  uint64_t hash = name_hash(s, kind, name);
  for (uint32_t i = 0; i < who->has_cnt; i++) {
    struct weir_sq_known *k = &who->has[i];
    if (k->hash == hash && (!k->kept || weir_str_eq(kept_name(who, k), name))) return k;
  }
  return NULL;
}

/* Keeps the texts of a row, if there is room. */
static void keep(struct weir_sq_who *who, struct weir_sq_known *k, weir_str name, weir_str value, int64_t at_ms) {
  k->at_ms = at_ms;
  k->kept = name.len + value.len <= sizeof who->text - who->text_len;
  if (!k->kept) return;
  k->text = who->text_len;
  k->name_len = (uint16_t)name.len;
  k->value_len = (uint16_t)value.len;
  if (name.len) memcpy(who->text + who->text_len, name.ptr, name.len);
  if (value.len) memcpy(who->text + who->text_len + name.len, value.ptr, value.len);
  who->text_len += (uint32_t)(name.len + value.len);
}

/* false: there are more than anybody may have. */
static bool enlist(struct weir_sqlite *s, enum weir_sq_kind kind, weir_str name, weir_str value, int64_t at_ms) {
  struct weir_sq_who *who = &s->who;
  who->cnt[kind]++;
  if (who->has_cnt == WEIR_SQ_TRAITS_MAX) return false;
  struct weir_sq_known *k = &who->has[who->has_cnt++];
  k->hash = name_hash(s, kind, name);
  keep(who, k, name, value, at_ms);
  return true;
}

static void unlist(struct weir_sqlite *s, enum weir_sq_kind kind, struct weir_sq_known *k) {
  *k = s->who.has[--s->who.has_cnt];
  s->who.cnt[kind]--;
}

/* Reads all his rows; `arena` NULL: only their names. */
static weir_status read_rows(struct weir_sqlite *s, struct weir_arena *arena, weir_error *err) {
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_TRAITS, WEIR_SQ_ARGS(weir_sq_int(s->who.id)));
  struct weir_sq_who *who = &s->who;
  bool row, fits = true;
  weir_status status;
  who->listed = false;
  who->has_cnt = who->text_len = 0;
  memset(who->cnt, 0, sizeof who->cnt);
  while ((status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row) {
    struct weir_sq_trait *t = &s->traits[who->has_cnt];
    enum weir_sq_kind kind;
    if (!kind_of(weir_sq_column(stmt, 0), &kind)) status = weir_sq_damaged(s, "a trait of no known kind", err);
    if (status != WEIR_OK) break;
    int64_t at_ms = sqlite3_column_int64(stmt, 3);
    if (!enlist(s, kind, weir_sq_column(stmt, 1), weir_sq_column(stmt, 2), at_ms)) fits = false;
    if (!arena || !fits) continue;
    t->kind = kind;
    t->at_ms = at_ms;
    status = weir_sq_copy(stmt, 1, arena, &t->name, err);
    if (status == WEIR_OK) status = weir_sq_copy(stmt, 2, arena, &t->value, err);
    if (status != WEIR_OK) break;
  }
  weir_sq_done(stmt);
  who->listed = status == WEIR_OK && fits;
  return status;
}

weir_status weir_sq_recount(struct weir_sqlite *s, weir_error *err) { return read_rows(s, NULL, err); }

static weir_status list(struct weir_sqlite *s, struct weir_arena *arena, weir_error *err) {
  weir_status status = read_rows(s, arena, err);
  if (status != WEIR_OK || s->who.listed) return status;
  return weir_sq_damaged(s, "a person has more than he may", err);
}

weir_status weir_sq_list(struct weir_sqlite *s, weir_error *err) { return s->who.listed ? WEIR_OK : list(s, NULL, err); }

weir_status weir_sq_load_traits(struct weir_sqlite *s, struct weir_arena *arena, uint32_t *cnt, weir_error *err) {
  weir_status status = list(s, arena, err);
  *cnt = status == WEIR_OK ? s->who.has_cnt : 0;
  return status;
}

bool weir_sq_has(struct weir_sqlite *s, enum weir_sq_kind kind, weir_str name, weir_str *value) {
  const struct weir_sq_known *k = find(s, kind, name);
  *value = (weir_str){ NULL, 0 };
  if (!k || !k->kept) return false;
  *value = kept_value(&s->who, k);
  return true;
}

weir_status weir_sq_trait_value(struct weir_sqlite *s, enum weir_sq_kind kind, weir_str name, char *out, size_t cap,
                                weir_str *value,
                                weir_error *err) {
  bool row = false;
  *value = (weir_str){ out, 0 };
  weir_status status = weir_sq_list(s, err);
  const struct weir_sq_known *k = status == WEIR_OK ? find(s, kind, name) : NULL;
  if (!k) return status;
  sqlite3_stmt *stmt = NULL;
  if (!k->kept) {
    stmt = weir_sq_bind(s, WEIR_SQ_TRAIT, WEIR_SQ_ARGS(weir_sq_int(s->who.id), word(kind), weir_sq_text(name)));
    if ((status = weir_sq_next(s, stmt, &row, err)) != WEIR_OK || !row) return status;
  }
  weir_str bytes = stmt ? weir_sq_column(stmt, 0) : kept_value(&s->who, k);
  value->len = bytes.len < cap ? bytes.len : cap;
  if (value->len) memcpy(out, bytes.ptr, value->len);
  if (stmt) weir_sq_done(stmt);
  return WEIR_OK;
}

/* ---- changing them */

/* Fields and pool members are kept with the time when they got this value; stages and codes with a time of their own. */
static bool same_time(enum weir_sq_kind kind, int64_t was, int64_t is) { return kind == WEIR_SQ_FIELDS || kind == WEIR_SQ_POOLS || was == is; }

/* Whether a row is there already, and says what it should: then nothing is written. */
static weir_status is_as_wanted(struct weir_sqlite *s, enum weir_sq_kind kind, const struct weir_sq_arg *args, bool *there, bool *same,
                                weir_error *err) {
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_TRAIT, args, 3);
  weir_status status = weir_sq_next(s, stmt, there, err);
  *same = *there && weir_str_eq(weir_sq_column(stmt, 0), args[3].bytes) && same_time(kind, sqlite3_column_int64(stmt, 1), args[4].number);
  if (*there) weir_sq_done(stmt);
  return status;
}

weir_status weir_sq_put_trait(struct weir_sqlite *s, enum weir_sq_kind kind, weir_str name, weir_str value, int64_t at_ms,
                              weir_error *err) {
  bool there = false, same = false;
  weir_status status = weir_sq_list(s, err);
  if (status != WEIR_OK) return status;
  const struct weir_sq_arg args[] = {
    weir_sq_int(s->who.id), word(kind), weir_sq_text(name), weir_sq_text(value), weir_sq_int(at_ms),
  };
  struct weir_sq_known *k = find(s, kind, name);
  if (k && k->kept) {
    there = true;
    same = weir_str_eq(kept_value(&s->who, k), value) && same_time(kind, k->at_ms, at_ms);
  } else if (k) {
    status = is_as_wanted(s, kind, args, &there, &same, err);
  }
  if (status != WEIR_OK || same) return status;
  if (there) {
    keep(&s->who, k, name, value, at_ms);
    return weir_sq_run(s, WEIR_SQ_TRAIT_PUT, args, 5, err);
  }
  if (s->who.cnt[kind] >= kinds[kind].max) return weir_sq_too_many(kind, err);
  if ((status = weir_sq_run(s, WEIR_SQ_TRAIT_ADD, args, 5, err)) != WEIR_OK) return status;
  return enlist(s, kind, name, value, at_ms) ? WEIR_OK : weir_sq_too_many(kind, err);
}

weir_status weir_sq_drop_trait(struct weir_sqlite *s, enum weir_sq_kind kind, weir_str name, weir_error *err) {
  weir_status status = weir_sq_list(s, err);
  struct weir_sq_known *k = status == WEIR_OK ? find(s, kind, name) : NULL;
  if (!k) return status;
  const struct weir_sq_arg args[] = { weir_sq_int(s->who.id), word(kind), weir_sq_text(name) };
  if ((status = weir_sq_run(s, WEIR_SQ_TRAIT_DROP, args, 3, err)) != WEIR_OK) return status;
  if (sqlite3_changes(s->db) != 0) unlist(s, kind, k);
  return WEIR_OK;
}

/* ---- counters */

weir_status weir_sq_count_field(struct weir_sqlite *s, weir_str name, int64_t add, weir_error *err) {
  char buf[WEIR_FIELD_VALUE_MAX], number[WEIR_COUNTER_CAP];
  weir_str value;
  weir_status status = weir_sq_trait_value(s, WEIR_SQ_FIELDS, name, buf, sizeof buf, &value, err);
  if (status != WEIR_OK) return status;
  return weir_sq_put_trait(s, WEIR_SQ_FIELDS, name, weir_counted(value, add, number), WEIR_FIELD_COUNTS_MS, err);
}
