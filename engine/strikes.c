/* strikes.c: rules whose handlers are killed again and again. Three kills within ten minutes put a rule aside for ten
 * minutes: it costs nothing then, and what it would have said is said to be unknown (a limit, never "no match"). The time is
 * short because who writes comments may know how to make a handler fail; a new ruleset begins without strikes.
 *
 * Only counts kill alike on every machine, so a deadline's strike is none of these: a slow machine must not silence a rule.
 * An event that is refused struck nobody: it may come again. So strikes wait for the end of their event. */
#include "engine.h"

size_t weir_strikes_bytes(uint32_t handler_cnt) { return (size_t)handler_cnt * (sizeof(struct weir_strikes) + sizeof(uint32_t)); }

void weir_strikes_open(struct weir_rooms *rooms, void *block) {
  memset(block, 0, weir_strikes_bytes(rooms->ruleset->chunk_cnt));
  rooms->strikes = block;
  rooms->struck = (uint32_t *)(void *)(rooms->strikes + rooms->ruleset->chunk_cnt);
  rooms->struck_cnt = 0;
}

void weir_strikes_enter(weir_engine *e) { e->rooms.struck_cnt = 0; }

int64_t weir_strikes_aside_ms(const weir_engine *e, uint32_t handler) {
  const struct weir_strikes *s = &e->rooms.strikes[handler];
  return s->aside_until_ms > e->decide.now_ms ? s->aside_until_ms - e->decide.now_ms : 0;
}

/* Time may come from a host whose clock was set back: then old strikes do not count. */
static bool is_recent(int64_t at_ms, int64_t now_ms) { return at_ms <= now_ms && now_ms - at_ms < WEIR_STRIKE_WINDOW_MS; }

bool weir_strikes_add(weir_engine *e, uint32_t handler) {
  const struct weir_strikes *s = &e->rooms.strikes[handler];
  uint32_t recent = 1;
  for (uint32_t i = 0; i < s->cnt; i++) recent += is_recent(s->at_ms[i], e->decide.now_ms);
  if (e->rooms.struck_cnt < e->rooms.ruleset->chunk_cnt) e->rooms.struck[e->rooms.struck_cnt++] = handler;
  return recent >= WEIR_STRIKES_MAX;
}

static void settle_one(weir_engine *e, struct weir_strikes *s) {
  int64_t now_ms = e->decide.now_ms;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < s->cnt; i++) {
    if (is_recent(s->at_ms[i], now_ms)) s->at_ms[kept++] = s->at_ms[i];
  }
  s->cnt = kept;
  e->stats.strikes++;
  if (kept + 1 < WEIR_STRIKES_MAX) {
    s->at_ms[s->cnt++] = now_ms;
    return;
  }
  s->cnt = 0;
  s->aside_until_ms = now_ms + WEIR_STRIKE_ASIDE_MS;
  e->stats.put_aside++;
}

void weir_strikes_settle(weir_engine *e) {
  for (uint32_t i = 0; i < e->rooms.struck_cnt; i++) settle_one(e, &e->rooms.strikes[e->rooms.struck[i]]);
  e->rooms.struck_cnt = 0;
}
