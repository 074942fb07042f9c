/* pending.c: the person as loaded, with the changes of the decision at hand laid over. Changesets are short, so each question
 * walks them; nothing is kept beside them that taking changes back would have to repair. */
#include "decide/pending.h"

/* The newest of the changes [0, upto) that is of `kind` and has this name. */
static const struct weir_change *newest(const struct weir_decide *d, uint32_t upto, enum weir_change_kind kind, weir_str name) {
  for (uint32_t i = upto; i > 0; i--) {
    const struct weir_change *change = &d->changes.items[i - 1];
    if (change->kind == kind && weir_str_eq(change->name, name)) return change;
  }
  return NULL;
}

const struct weir_change *weir_pending_change(const struct weir_decide *d, enum weir_change_kind kind, weir_str name) {
  return newest(d, d->changes.cnt, kind, name);
}

bool weir_pending_tag(const struct weir_decide *d, weir_str tag) {
  for (uint32_t i = d->changes.cnt; i > 0; i--) {
    const struct weir_change *change = &d->changes.items[i - 1];
    bool about = change->kind == WEIR_CHANGE_TAG || change->kind == WEIR_CHANGE_UNTAG;
    if (about && weir_str_eq(change->name, tag)) return change->kind == WEIR_CHANGE_TAG;
  }
  for (uint32_t i = 0; i < d->person.tag_cnt; i++) {
    if (weir_str_eq(d->person.tags[i], tag)) return true;
  }
  return false;
}

static weir_str stored_field(const struct weir_person *person, weir_str name) {
  for (uint32_t i = 0; i < person->field_cnt; i++) {
    if (weir_str_eq(person->fields[i].key, name)) return person->fields[i].value;
  }
  return (weir_str){ NULL, 0 };
}

/* The newest change below `upto` that touches a field. */
static const struct weir_change *field_change(const struct weir_decide *d, uint32_t upto, weir_str name) {
  for (uint32_t i = upto; i > 0; i--) {
    const struct weir_change *change = &d->changes.items[i - 1];
    bool about = change->kind == WEIR_CHANGE_FIELD || change->kind == WEIR_CHANGE_COUNTER;
    if (about && weir_str_eq(change->name, name)) return change;
  }
  return NULL;
}

bool weir_pending_field_is(const struct weir_decide *d, weir_str name, weir_str value) {
  const struct weir_change *change = field_change(d, d->changes.cnt, name);
  if (change) return change->kind == WEIR_CHANGE_FIELD && weir_str_eq(change->value, value);
  return weir_str_eq(stored_field(&d->person, name), value);
}

static bool has_field(const struct weir_decide *d, uint32_t upto, weir_str name) {
  const struct weir_change *change = field_change(d, upto, name);
  if (change) return change->kind == WEIR_CHANGE_COUNTER || change->value.len > 0;
  return stored_field(&d->person, name).len > 0;
}

bool weir_pending_has_field(const struct weir_decide *d, weir_str name) { return has_field(d, d->changes.cnt, name); }

weir_str weir_pending_stage(const struct weir_decide *d, weir_str funnel) {
  for (uint32_t i = d->changes.cnt; i > 0; i--) {
    const struct weir_change *change = &d->changes.items[i - 1];
    bool about = change->kind == WEIR_CHANGE_STAGE || change->kind == WEIR_CHANGE_UNSTAGE;
    if (about && weir_str_eq(change->name, funnel)) return change->kind == WEIR_CHANGE_STAGE ? change->value : (weir_str){ NULL, 0 };
  }
  for (uint32_t i = 0; i < d->person.stage_cnt; i++) {
    if (weir_str_eq(d->person.stages[i].funnel, funnel)) return d->person.stages[i].stage;
  }
  return (weir_str){ NULL, 0 };
}

int64_t weir_pending_handoff(const struct weir_decide *d) {
  const struct weir_change *change = newest(d, d->changes.cnt, WEIR_CHANGE_HANDOFF, (weir_str){ NULL, 0 });
  return change ? change->until_ms : d->person.handoff_until_ms;
}

bool weir_pending_opted_out(const struct weir_decide *d) {
  for (uint32_t i = d->changes.cnt; i > 0; i--) {
    enum weir_change_kind kind = d->changes.items[i - 1].kind;
    if (kind == WEIR_CHANGE_OPT_OUT || kind == WEIR_CHANGE_OPT_IN) return kind == WEIR_CHANGE_OPT_OUT;
  }
  return d->person.opted_out;
}

bool weir_pending_out_everywhere(const struct weir_decide *d) {
  bool out = d->person.out_everywhere;
  for (uint32_t i = 0; i < d->changes.cnt; i++) {
    const struct weir_change *c = &d->changes.items[i];
    if (c->kind == WEIR_CHANGE_OPT_IN) out = false;
    if (c->kind == WEIR_CHANGE_OPT_OUT && c->value.len == 0) out = true;
  }
  return out;
}

uint32_t weir_pending_tag_cnt(const struct weir_decide *d) {
  uint32_t cnt = d->person.tag_cnt;
  /* a tag that is there is never set again, nor one that is not there taken away: each change counts */
  for (uint32_t i = 0; i < d->changes.cnt; i++) {
    if (d->changes.items[i].kind == WEIR_CHANGE_TAG) cnt++;
    if (d->changes.items[i].kind == WEIR_CHANGE_UNTAG) cnt--;
  }
  return cnt;
}

uint32_t weir_pending_field_cnt(const struct weir_decide *d) {
  uint32_t cnt = d->person.field_cnt;
  for (uint32_t i = 0; i < d->changes.cnt; i++) {
    const struct weir_change *change = &d->changes.items[i];
    if (change->kind != WEIR_CHANGE_FIELD && change->kind != WEIR_CHANGE_COUNTER) continue;
    bool had = has_field(d, i, change->name), has = has_field(d, i + 1, change->name);
    if (has && !had) cnt++;
    if (had && !has) cnt--;
  }
  return cnt;
}

uint32_t weir_pending_pool_cnt(const struct weir_decide *d) {
  uint32_t cnt = d->person.pool_cnt;
  for (uint32_t i = 0; i < d->changes.cnt; i++) cnt += d->changes.items[i].kind == WEIR_CHANGE_POOL;
  return cnt;
}

uint32_t weir_pending_stage_cnt(const struct weir_decide *d) {
  uint32_t cnt = d->person.stage_cnt;
  for (uint32_t i = 0; i < d->changes.cnt; i++) {
    const struct weir_change *change = &d->changes.items[i];
    if (change->kind != WEIR_CHANGE_STAGE || newest(d, i, WEIR_CHANGE_STAGE, change->name)) continue;
    bool had = false;
    for (uint32_t k = 0; k < d->person.stage_cnt; k++) had = had || weir_str_eq(d->person.stages[k].funnel, change->name);
    if (!had) cnt++;
  }
  return cnt;
}
