/* model/: what the rooms above speak about: values, events, rules, people, changes. Data without behaviour (reading an
 * event's JSON is the only work done here). Uses base/ only.
 *
 * value.h: what a rule file or a handler wrote, freed from Lua: a tree in an arena. The loader and the script room make
 * it, the decide room reads it, so that no gate or action ever sees lua.h. */
#ifndef WEIR_MODEL_VALUE_H
#define WEIR_MODEL_VALUE_H

#include "base/status.h"

enum weir_value_kind {
  WEIR_VALUE_NIL = 0,
  WEIR_VALUE_BOOL,
  WEIR_VALUE_INT,
  WEIR_VALUE_NUM,
  WEIR_VALUE_STR,
  WEIR_VALUE_TABLE,
  WEIR_VALUE_FUNC /* `func` is the index of a compiled chunk */
};

struct weir_table;

struct weir_value {
  enum weir_value_kind kind;
  union {
    bool b;
    int64_t i;
    double d;
    weir_str s;
    const struct weir_table *t;
    uint32_t func;
  } u;
};

struct weir_member {
  weir_str key;
  struct weir_value value;
};

/* list: t[1] .. t[list_cnt]; members: the string keys, bytewise ascending. Tables with other keys are refused. */
struct weir_table {
  const struct weir_value *list;
  const struct weir_member *members;
  uint32_t list_cnt, member_cnt;
};

/* The value of a string key; NULL when `value` is no table or has no such key. */
static inline const struct weir_value *weir_value_get(const struct weir_value *value, const char *key) {
  size_t len = strlen(key);
  if (!value || value->kind != WEIR_VALUE_TABLE) return NULL;
  for (uint32_t i = 0; i < value->u.t->member_cnt; i++) {
    const struct weir_member *m = &value->u.t->members[i];
    if (m->key.len == len && memcmp(m->key.ptr, key, len) == 0) return &m->value;
  }
  return NULL;
}

#endif
