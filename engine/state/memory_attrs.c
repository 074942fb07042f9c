/* memory_attrs.c: what a person has by name: tags, fields, stages, pool members. One table, one sorted list a kind.
 *
 * Lists are short (limits.h bounds each), so they are walked. Every stage ever entered has a row of its own: that is how
 * a stage is counted once for each person, and how entering again finds the time of the first entry. */
#include "state/memory.h"

#include <inttypes.h>

static const struct {
  uint32_t max;
  const char *what;
} kinds[WEIR_MEM_ATTR_KINDS] = {
  [WEIR_MEM_TAG] = { WEIR_TAGS_MAX, "tags (WEIR_TAGS_MAX)" },
  [WEIR_MEM_FIELD] = { WEIR_FIELDS_MAX, "fields (WEIR_FIELDS_MAX)" },
  [WEIR_MEM_STAGE] = { WEIR_STAGES_MAX, "funnels (WEIR_STAGES_MAX)" },
  [WEIR_MEM_POOL] = { WEIR_POOLS_MAX, "pools (WEIR_POOLS_MAX)" },
  [WEIR_MEM_ENTERED] = { WEIR_ENTERED_MAX, "stages ever entered (WEIR_ENTERED_MAX)" },
};

static struct weir_mem_person *person(const struct weir_memory *s, uint32_t who) {
  return weir_mem_row(s, WEIR_MEM_PERSONS, who);
}
static struct weir_mem_attr *attr_at(const struct weir_memory *s, uint32_t row) { return weir_mem_row(s, WEIR_MEM_ATTRS, row); }

uint32_t weir_mem_find_attr(const struct weir_memory *s, uint32_t who, enum weir_mem_attr_kind kind, uint32_t name,
                            uint32_t value) {
  uint32_t row = person(s, who)->attrs[kind];
  for (; row != 0; row = attr_at(s, row)->sibling) {
    const struct weir_mem_attr *a = attr_at(s, row);
    if (a->name == name && (kind != WEIR_MEM_ENTERED || a->value == value)) return row;
  }
  return 0;
}

static bool precedes(const struct weir_memory *s, const struct weir_mem_attr *a, uint32_t name, uint32_t value) {
  int order = weir_mem_cmp_text(s, a->name, name);
  return order < 0 || (order == 0 && weir_mem_cmp_text(s, a->value, value) < 0);
}

static void enlist(struct weir_memory *s, uint32_t who, enum weir_mem_attr_kind kind, uint32_t row) {
  struct weir_mem_person *p = person(s, who);
  struct weir_mem_attr *a = attr_at(s, row);
  uint32_t *link = &p->attrs[kind];
  while (*link != 0 && precedes(s, attr_at(s, *link), a->name, a->value)) link = &attr_at(s, *link)->sibling;
  WEIR_MEM_SET(s, a->sibling, *link);
  WEIR_MEM_SET(s, *link, row);
  WEIR_MEM_SET(s, p->attr_cnt[kind], (uint16_t)(p->attr_cnt[kind] + 1));
}

static void unlist(struct weir_memory *s, uint32_t who, enum weir_mem_attr_kind kind, uint32_t row) {
  struct weir_mem_person *p = person(s, who);
  uint32_t *link = &p->attrs[kind];
  while (*link != row) link = &attr_at(s, *link)->sibling;
  WEIR_MEM_SET(s, *link, attr_at(s, row)->sibling);
  WEIR_MEM_SET(s, p->attr_cnt[kind], (uint16_t)(p->attr_cnt[kind] - 1));
}

static weir_status room_for(const struct weir_memory *s, uint32_t who, enum weir_mem_attr_kind kind, weir_error *err) {
  if (person(s, who)->attr_cnt[kind] < kinds[kind].max) return WEIR_OK;
  return weir_fail(err, WEIR_E_LIMIT, "a person may have %" PRIu32 " %s", kinds[kind].max, kinds[kind].what);
}

weir_status weir_mem_add_attr(struct weir_memory *s, uint32_t who, enum weir_mem_attr_kind kind, uint32_t name, uint32_t value,
                              int64_t at_ms, weir_error *err) {
  uint32_t row;
  weir_status status = room_for(s, who, kind, err);
  if (status == WEIR_OK) status = weir_mem_take(s, WEIR_MEM_ATTRS, &row, err);
  if (status != WEIR_OK) return status;
  *attr_at(s, row) = (struct weir_mem_attr){ 0, 0, name, value, at_ms };
  enlist(s, who, kind, row);
  return WEIR_OK;
}

weir_status weir_mem_move_attr(struct weir_memory *s, uint32_t to, uint32_t from, enum weir_mem_attr_kind kind, uint32_t attr,
                               weir_error *err) {
  weir_status status = room_for(s, to, kind, err);
  if (status != WEIR_OK) return status;
  unlist(s, from, kind, attr);
  enlist(s, to, kind, attr);
  return WEIR_OK;
}

void weir_mem_drop_attr(struct weir_memory *s, uint32_t who, enum weir_mem_attr_kind kind, uint32_t attr) {
  unlist(s, who, kind, attr);
  weir_mem_drop_text(s, attr_at(s, attr)->name);
  weir_mem_drop_text(s, attr_at(s, attr)->value);
  weir_mem_give(s, WEIR_MEM_ATTRS, attr);
}

/* Gives the attribute `name` the value `value` as of `at_ms`, adding it when he has none. One that has this value keeps its time. */
static weir_status put(struct weir_memory *s, uint32_t who, enum weir_mem_attr_kind kind, weir_str name, weir_str value, int64_t at_ms,
                       weir_error *err) {
  bool name_known, value_known;
  uint32_t n = weir_mem_find_text(s, name, &name_known), v = weir_mem_find_text(s, value, &value_known);
  uint32_t row = name_known ? weir_mem_find_attr(s, who, kind, n, v) : 0;
  if (row != 0 && value_known && attr_at(s, row)->value == v) return WEIR_OK;
  weir_status status = weir_mem_use_text(s, value, &v, err);
  if (status != WEIR_OK) return status;
  if (row == 0) {
    status = weir_mem_use_text(s, name, &n, err);
    return status == WEIR_OK ? weir_mem_add_attr(s, who, kind, n, v, at_ms, err) : status;
  }
  weir_mem_drop_text(s, attr_at(s, row)->value);
  WEIR_MEM_SET(s, attr_at(s, row)->value, v);
  WEIR_MEM_SET(s, attr_at(s, row)->at_ms, at_ms);
  return WEIR_OK;
}

weir_status weir_mem_tag(struct weir_memory *s, uint32_t who, weir_str name, weir_error *err) {
  return put(s, who, WEIR_MEM_TAG, name, (weir_str){ NULL, 0 }, 0, err);
}

weir_status weir_mem_remove_attr(struct weir_memory *s, uint32_t who, enum weir_mem_attr_kind kind, weir_str name,
                                 weir_error *err) {
  bool known;
  uint32_t text = weir_mem_find_text(s, name, &known);
  uint32_t row = known && text != 0 ? weir_mem_find_attr(s, who, kind, text, 0) : 0;
  weir_status status = weir_mem_step(s, err);
  if (status != WEIR_OK || row == 0) return status;
  if (kind == WEIR_MEM_STAGE && (status = weir_mem_count_stage(s, text, attr_at(s, row)->value, -1, 0, err)) != WEIR_OK) {
    return status;
  }
  weir_mem_drop_attr(s, who, kind, row);
  return WEIR_OK;
}

/* ---- fields and counters */

static weir_status put_field(struct weir_memory *s, uint32_t who, weir_str name, weir_str value, int64_t at_ms, weir_error *err) {
  if (value.len == 0) return weir_mem_remove_attr(s, who, WEIR_MEM_FIELD, name, err);
  return put(s, who, WEIR_MEM_FIELD, name, value, at_ms, err);
}

weir_status weir_mem_field(struct weir_memory *s, uint32_t who, weir_str name, weir_str value, weir_error *err) {
  return put_field(s, who, name, value, s->now_ms, err);
}

weir_status weir_mem_count_field(struct weir_memory *s, uint32_t who, weir_str name, int64_t add, weir_error *err) {
  char buf[WEIR_FIELD_VALUE_MAX], number[WEIR_COUNTER_CAP];
  bool known;
  uint32_t text = weir_mem_find_text(s, name, &known);
  uint32_t row = known ? weir_mem_find_attr(s, who, WEIR_MEM_FIELD, text, 0) : 0;
  weir_str value = { NULL, 0 };
  if (row != 0) value = weir_mem_read_text(s, attr_at(s, row)->value, buf, sizeof buf);
  return put_field(s, who, name, weir_counted(value, add, number), WEIR_FIELD_COUNTS_MS, err);
}

bool weir_mem_counts(const struct weir_memory *s, uint32_t attr, int64_t *number) {
  char buf[WEIR_FIELD_VALUE_MAX];
  *number = weir_integer(weir_mem_read_text(s, attr_at(s, attr)->value, buf, sizeof buf));
  return attr_at(s, attr)->at_ms == WEIR_FIELD_COUNTS_MS;
}

void weir_mem_swap_values(struct weir_memory *s, uint32_t a, uint32_t b) {
  struct weir_mem_attr *x = attr_at(s, a), *y = attr_at(s, b);
  uint32_t value = x->value;
  int64_t at_ms = x->at_ms;
  WEIR_MEM_SET(s, x->value, y->value);
  WEIR_MEM_SET(s, x->at_ms, y->at_ms);
  WEIR_MEM_SET(s, y->value, value);
  WEIR_MEM_SET(s, y->at_ms, at_ms);
}

/* ---- stages and pools */

/* Sees to the row that says he has stood in this stage; when it is new, the stage has one person more. */
static weir_status enter(struct weir_memory *s, uint32_t who, uint32_t funnel, uint32_t stage, int64_t at_ms, weir_error *err) {
  if (weir_mem_find_attr(s, who, WEIR_MEM_ENTERED, funnel, stage) != 0) return WEIR_OK;
  weir_status status = weir_mem_count_stage(s, funnel, stage, 0, 1, err);
  if (status != WEIR_OK) return status;
  weir_mem_again_text(s, funnel);
  weir_mem_again_text(s, stage);
  return weir_mem_add_attr(s, who, WEIR_MEM_ENTERED, funnel, stage, at_ms, err);
}

weir_status weir_mem_stage(struct weir_memory *s, uint32_t who, weir_str funnel, weir_str stage, int64_t at_ms, weir_error *err) {
  uint32_t f, v, row;
  weir_status status = weir_mem_use_text(s, funnel, &f, err);
  if (status == WEIR_OK) status = weir_mem_use_text(s, stage, &v, err);
  if (status != WEIR_OK) return status;
  row = weir_mem_find_attr(s, who, WEIR_MEM_STAGE, f, v);
  if (row != 0 && attr_at(s, row)->value == v) {
    weir_mem_drop_text(s, f);
    weir_mem_drop_text(s, v);
    return WEIR_OK;
  }
  if ((status = enter(s, who, f, v, at_ms, err)) != WEIR_OK) return status;
  if ((status = weir_mem_count_stage(s, f, v, 1, 0, err)) != WEIR_OK) return status;
  if (row == 0) return weir_mem_add_attr(s, who, WEIR_MEM_STAGE, f, v, 0, err);

  struct weir_mem_attr *a = attr_at(s, row);
  if ((status = weir_mem_count_stage(s, f, a->value, -1, 0, err)) != WEIR_OK) return status;
  weir_mem_drop_text(s, f);
  weir_mem_drop_text(s, a->value);
  WEIR_MEM_SET(s, a->value, v);
  return WEIR_OK;
}

weir_status weir_mem_pool(struct weir_memory *s, uint32_t who, weir_str pool, weir_str member, int64_t day, weir_error *err) {
  weir_status status = weir_mem_count_day(s, pool, member, day, err);
  return status == WEIR_OK ? put(s, who, WEIR_MEM_POOL, pool, member, s->now_ms, err) : status;
}

/* ---- loading */

static weir_status load_pairs(const struct weir_memory *s, const struct weir_mem_person *p, enum weir_mem_attr_kind kind,
                              struct weir_arena *arena, const weir_pair **out, uint32_t *cnt, weir_error *err) {
  weir_pair *list = weir_arena_array(arena, p->attr_cnt[kind], sizeof *list);
  weir_status status = WEIR_OK;
  if (!list) return weir_fail(err, WEIR_E_NOMEM, "the arena has no room for what the store knows");
  for (uint32_t row = p->attrs[kind]; row != 0 && status == WEIR_OK; row = attr_at(s, row)->sibling, (*cnt)++) {
    status = weir_mem_copy_text(s, attr_at(s, row)->name, arena, &list[*cnt].key, err);
    if (status == WEIR_OK) status = weir_mem_copy_text(s, attr_at(s, row)->value, arena, &list[*cnt].value, err);
  }
  *out = list;
  return status;
}

/* When he first stood in the stage that he stands in. */
static int64_t entered_ms(const struct weir_memory *s, const struct weir_mem_person *p, const struct weir_mem_attr *stage) {
  uint32_t row = p->attrs[WEIR_MEM_ENTERED];
  for (; row != 0; row = attr_at(s, row)->sibling) {
    const struct weir_mem_attr *a = attr_at(s, row);
    if (a->name == stage->name && a->value == stage->value) return a->at_ms;
  }
  return 0;
}

weir_status weir_mem_load_attrs(const struct weir_memory *s, const struct weir_mem_person *p, struct weir_arena *arena,
                                struct weir_person *out, weir_error *err) {
  weir_str *tags = weir_arena_array(arena, p->attr_cnt[WEIR_MEM_TAG], sizeof *tags);
  struct weir_stage_entry *stages = weir_arena_array(arena, p->attr_cnt[WEIR_MEM_STAGE], sizeof *stages);
  weir_status status = WEIR_OK;
  uint32_t row;
  if (!tags || !stages) return weir_fail(err, WEIR_E_NOMEM, "the arena has no room for what the store knows");
  for (row = p->attrs[WEIR_MEM_TAG]; row != 0 && status == WEIR_OK; row = attr_at(s, row)->sibling) {
    status = weir_mem_copy_text(s, attr_at(s, row)->name, arena, &tags[out->tag_cnt++], err);
  }
  for (row = p->attrs[WEIR_MEM_STAGE]; row != 0 && status == WEIR_OK; row = attr_at(s, row)->sibling) {
    struct weir_stage_entry *entry = &stages[out->stage_cnt++];
    entry->entered_ms = entered_ms(s, p, attr_at(s, row));
    status = weir_mem_copy_text(s, attr_at(s, row)->name, arena, &entry->funnel, err);
    if (status == WEIR_OK) status = weir_mem_copy_text(s, attr_at(s, row)->value, arena, &entry->stage, err);
  }
  out->tags = tags;
  out->stages = stages;
  if (status == WEIR_OK) status = load_pairs(s, p, WEIR_MEM_FIELD, arena, &out->fields, &out->field_cnt, err);
  if (status == WEIR_OK) status = load_pairs(s, p, WEIR_MEM_POOL, arena, &out->pools, &out->pool_cnt, err);
  return status;
}
