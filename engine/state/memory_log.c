/* memory_log.c: the undo log: what bytes were before they changed.
 *
 * An entry is the old bytes, padded to eight, and behind them where they belong and how many they are, so that the log can
 * be read from its end. Outside a transaction nothing is kept: what is done there (sweeps, acknowledgements) is never
 * taken back. */
#include "state/memory.h"

struct trailer {
  uint32_t offset, len;
};

static size_t padded(size_t len) { return (len + 7) & ~(size_t)7; }

void weir_mem_log(struct weir_memory *s, const void *at, size_t len) {
  if (!s->open) return;
  if (s->log_cap - s->log_len < padded(len) + sizeof(struct trailer)) {
    s->torn = true;
    return;
  }
  struct trailer end = { (uint32_t)((const unsigned char *)at - (const unsigned char *)s), (uint32_t)len };
  memcpy(s->log + s->log_len, at, len);
  s->log_len += padded(len);
  memcpy(s->log + s->log_len, &end, sizeof end);
  s->log_len += sizeof end;
}

weir_status weir_mem_step(struct weir_memory *s, weir_error *err) {
  size_t spare = s->changes && s->log_mark ? WEIR_UNDO_RECORD : 0; /* or what was decided could not be committed */
  if (!s->open || s->log_cap - s->log_len >= WEIR_UNDO_STEP + spare) return WEIR_OK;
  if (s->log_mark == 0) {
    return weir_fail(err, WEIR_E_LIMIT, "one change is larger than a store of %zu bytes can take; open it with more memory",
                     s->len);
  }
  return weir_fail(err, WEIR_E_FULL, "the transaction is too long for the undo log; commit, then try again");
}

void weir_mem_undo(struct weir_memory *s, size_t mark) {
  while (s->log_len > mark) {
    struct trailer end;
    s->log_len -= sizeof end;
    memcpy(&end, s->log + s->log_len, sizeof end);
    s->log_len -= padded(end.len);
    memcpy((unsigned char *)s + end.offset, s->log + s->log_len, end.len);
  }
}
