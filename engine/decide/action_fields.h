/* action_fields.h: what all actions share: a table says which fields an action has, one parser reads them from a rule, one
 * renderer fills them and writes them as members of the record's JSON. So an action's own file holds only what is its own. For
 * this room only.
 *
 * How an action is written:
 *   message = "text"                               a plain text sets the main field
 *   follow  = true                                 do it
 *   message = { "a", "b", after = "5s..30s" }      the list part of a table: texts to choose one from, or the main list
 *   deliver = { file = "x.pdf", text = "here" }    members are fields by name
 *   message = { all = { "a", "b" } }               each of them, as an action of its own */
#ifndef WEIR_DECIDE_ACTION_FIELDS_H
#define WEIR_DECIDE_ACTION_FIELDS_H

#include "decide/decide.h"
#include "decide/template.h"
#include "limits.h"

enum weir_field_type {
  WEIR_FIELD_TEXTS,    /* what is said: one template, several to choose one from, or { all = ... } */
  WEIR_FIELD_TEMPLATE, /* one template */
  WEIR_FIELD_STRING,   /* one text without places */
  WEIR_FIELD_STRINGS,  /* one or a list */
  WEIR_FIELD_BOOL,
  WEIR_FIELD_DURATION, /* one length of time; in records in whole seconds */
  WEIR_FIELD_DELAY,    /* a length of time or a range: how long the action waits; never in records, nor the two that follow */
  WEIR_FIELD_WALL,     /* a time of day or a range: then until the wall shows it */
  WEIR_FIELD_UNLESS,   /* true: not when the person writes meanwhile */
  WEIR_FIELD_VIA,      /* accounts, in the order in which they are tried; never in records */
  WEIR_FIELD_MAP,      /* names to templates or whole numbers */
  WEIR_FIELD_COUNTS    /* names to whole numbers; a name alone counts 1 */
};

struct weir_field {
  const char *name; /* in rules and in records */
  enum weir_field_type type;
  bool needed;
  bool tags;        /* STRINGS: each is the name of a tag */
  size_t max;       /* STRING, STRINGS: bytes of one */
  uint32_t cnt_max; /* STRINGS: how many */
};

/* How an action may wait; the last fields of every action that can. */
#define WEIR_FIELDS_WAIT \
  { .name = "after", .type = WEIR_FIELD_DELAY }, { .name = "at", .type = WEIR_FIELD_WALL }, { .name = "unless_reply", .type = WEIR_FIELD_UNLESS }
static inline bool weir_field_waits(enum weir_field_type type) {
  return type == WEIR_FIELD_DELAY || type == WEIR_FIELD_WALL || type == WEIR_FIELD_UNLESS;
}

/* Those that say when and through which account: they stand in no record, and are nothing to say by themselves. */
static inline bool weir_field_unwritten(enum weir_field_type type) { return weir_field_waits(type) || type == WEIR_FIELD_VIA; }

struct weir_fields {
  const struct weir_field *items;
  uint32_t cnt;
  uint32_t main; /* what a plain text and the list part set; WEIR_NO_INDEX: none */
  bool bare;     /* `true` alone makes sense */
  bool whole;    /* the whole value is the main field (set, incr) */
};

struct weir_field_entry {
  weir_str name;
  const struct weir_template *text; /* NULL: a number */
  int64_t number;
};

struct weir_field_value {
  bool given;
  bool all;     /* TEXTS: each, not one of them */
  uint32_t cnt; /* of the list below */
  union {
    const struct weir_template *const *texts; /* TEXTS, TEMPLATE */
    const weir_str *strings;                  /* STRING, STRINGS */
    const struct weir_field_entry *entries;   /* MAP, COUNTS */
    struct { int64_t from_ms, to_ms; } time;  /* DURATION, DELAY */
    struct { int32_t from_ms, to_ms; } wall;  /* WALL */
    bool yes;                                 /* BOOL, UNLESS */
  } u;
};

/* What stands in the record's JSON for the fields of one action; one for each field. */
struct weir_field_filled {
  weir_str text;           /* TEXTS, TEMPLATE */
  const weir_str *entries; /* MAP: the texts; absent for numbers */
};


/* Sets of event kinds. */
#define WEIR_KIND_BIT(kind) (UINT32_C(1) << (kind))

/* Reads an action's value; *out has fields->cnt values, in p->arena. Reports what is wrong. */
weir_status weir_fields_parse(const struct weir_fields *fields, struct weir_parse *p, const struct weir_value *value,
                              const struct weir_field_value **out);

/* Reports when nothing but a delay is given. */
weir_status weir_fields_need_one(const struct weir_fields *fields, const struct weir_field_value *values, struct weir_parse *p);
/* Reports unless the rule listens to one of `kinds` (bits): "accept answers a friend request, and this rule has none". */
weir_status weir_fields_need_kind(struct weir_parse *p, uint32_t kinds, const char *answers);

/* Fills the templates of one action; `text` is which of the TEXTS. *missing as in weir_template_fill. */
weir_status weir_fields_fill(const struct weir_fields *fields, const struct weir_field_value *values, uint32_t text,
                             bool is_public, struct weir_decide *d, struct weir_field_filled filled[WEIR_ACTION_FIELDS_MAX],
                             const char **missing, weir_error *err);
/* Writes `to` (unless empty) and the fields that are given as JSON members, in d->arena. */
weir_status weir_fields_members(const struct weir_fields *fields, const struct weir_field_value *values,
                                const struct weir_field_filled *filled, weir_str to, struct weir_decide *d, weir_str *out,
                                weir_error *err);

/* An outbound action, complete: chooses, fills, writes and hands it to weir_act_emit, for { all = ... } each (lists beside the
 * text, such as media, go with the first). `to` is the id of what is answered, or empty. */
weir_status weir_fields_send(const struct weir_action_kind *kind, const struct weir_fields *fields,
                             const struct weir_field_value *values, weir_str to, struct weir_decide *d, weir_error *err);
/* The same for an action that answers an event of one of `kinds` (bits): dropped as "nothing to answer" for others. */
weir_status weir_fields_answer(const struct weir_action_kind *kind, const struct weir_fields *fields,
                               const struct weir_field_value *values, uint32_t kinds, struct weir_decide *d, weir_error *err);
/* An inner action whose changes have been added since `changes_before`: writes and hands it over. */
weir_status weir_fields_note(const struct weir_action_kind *kind, const struct weir_fields *fields,
                             const struct weir_field_value *values, const struct weir_field_filled *filled,
                             uint32_t changes_before, struct weir_decide *d, weir_error *err);

#endif
