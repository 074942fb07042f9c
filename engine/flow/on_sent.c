/* on_sent.c: stages that wait for an outcome. */
#include "flow/on_sent.h"

#include "limits.h"

/* That some stage waits, so that outcomes of all other rules cost one question. */
static void any_key(const unsigned char origin[WEIR_ID_BYTES], unsigned char key[WEIR_ID_BYTES]) {
  const weir_str part = { (const char *)origin, WEIR_ID_BYTES };
  weir_id_hash(WEIR_STR("weir on sent"), &part, 1, key);
}

static void stage_key(const unsigned char origin[WEIR_ID_BYTES], weir_str funnel, weir_str stage, bool back, unsigned char key[WEIR_ID_BYTES]) {
  const weir_str parts[] = { { (const char *)origin, WEIR_ID_BYTES }, funnel, stage, back ? WEIR_STR("back") : WEIR_STR("forward") };
  weir_id_hash(WEIR_STR("weir on sent: stage"), parts, sizeof parts / sizeof *parts, key);
}

static weir_status push(struct weir_changeset *changes, const struct weir_change *change, weir_error *err) {
  if (changes->cnt >= changes->cap) return weir_fail(err, WEIR_E_LIMIT, "an outcome changes more than %u things at once (WEIR_CHANGES_MAX)", (unsigned)changes->cap);
  changes->items[changes->cnt++] = *change;
  return WEIR_OK;
}

weir_status weir_on_sent_wait(struct weir_changeset *changes, const unsigned char origin[WEIR_ID_BYTES], weir_str funnel, weir_str stage, bool back,
                              weir_error *err) {
  struct weir_change claim = { .kind = WEIR_CHANGE_CLAIM, .until_ms = changes->now_ms + WEIR_CLAIM_MS };
  memcpy(claim.origin, origin, WEIR_ID_BYTES);
  any_key(origin, claim.key);
  weir_status st = push(changes, &claim, err);
  stage_key(origin, funnel, stage, back, claim.key);
  return st ? st : push(changes, &claim, err);
}

/* Places in the funnel as the ruleset has it now; a stage it no longer has counts as before its first. */
static bool may_move(const struct weir_person *person, const struct weir_funnel *funnel, uint32_t stage, bool back) {
  for (uint32_t i = 0; i < person->stage_cnt; i++) {
    if (!weir_str_eq(person->stages[i].funnel, funnel->name)) continue;
    for (uint32_t k = 0; k < funnel->stage_cnt; k++) {
      if (weir_str_eq(funnel->stages[k], person->stages[i].stage)) return k < stage || (back && k > stage);
    }
    return true;
  }
  return person->stage_cnt < WEIR_STAGES_MAX;
}

static weir_status take_one(struct weir_store *store, const struct weir_person *person, const struct weir_funnel *funnel, uint32_t stage, bool back,
                            const unsigned char origin[WEIR_ID_BYTES], struct weir_changeset *changes, uint32_t *moved, weir_error *err) {
  struct weir_change done = { .kind = WEIR_CHANGE_UNCLAIM };
  int64_t until;
  bool waits;
  stage_key(origin, funnel->name, funnel->stages[stage], back, done.key);
  weir_status st = store->ops->claim(store, &changes->contact, done.key, changes->now_ms, &waits, &until, err);
  if (st || !waits) return st;
  st = push(changes, &done, err);
  if (st || !may_move(person, funnel, stage, back)) return st;
  ++*moved;
  const struct weir_change move = { .kind = WEIR_CHANGE_STAGE, .name = funnel->name, .value = funnel->stages[stage], .at_ms = changes->now_ms };
  return push(changes, &move, err);
}

weir_status weir_on_sent_take(struct weir_store *store, struct weir_arena *arena, const weir_ruleset *ruleset,
                              const unsigned char origin[WEIR_ID_BYTES], struct weir_changeset *changes, uint32_t *moved, weir_error *err) {
  struct weir_change done = { .kind = WEIR_CHANGE_UNCLAIM };
  struct weir_person person;
  int64_t until;
  bool waits;
  *moved = 0;
  any_key(origin, done.key);
  weir_status st = store->ops->claim(store, &changes->contact, done.key, changes->now_ms, &waits, &until, err);
  if (st || !waits) return st;
  st = store->ops->load(store, &changes->contact, arena, &person, err);
  if (!st) st = push(changes, &done, err);
  for (uint32_t i = 0; i < ruleset->funnel_cnt; i++) {
    const struct weir_funnel *funnel = &ruleset->funnels[i];
    for (uint32_t k = 0; k < funnel->stage_cnt * 2 && !st; k++) st = take_one(store, &person, funnel, k / 2, k % 2 != 0, origin, changes, moved, err);
  }
  return st;
}
