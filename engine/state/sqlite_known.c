/* sqlite_known.c: what is kept of somebody beside his person. Looks through whole tables: an operator asks for it, no event does. */
#include "state/sqlite.h"

static struct weir_known claim_of(sqlite3_stmt *stmt) {
  return (struct weir_known){ .kind = WEIR_KNOWN_CLAIM, .key = weir_sq_column(stmt, 0), .at_ms = sqlite3_column_int64(stmt, 1) };
}

static struct weir_known timer_of(sqlite3_stmt *stmt) {
  return (struct weir_known){ .kind = WEIR_KNOWN_TIMER, .contact = { weir_sq_column(stmt, 0), weir_sq_column(stmt, 1), weir_sq_column(stmt, 2) },
                              .rule = weir_sq_column(stmt, 3), .payload = weir_sq_column(stmt, 4), .at_ms = sqlite3_column_int64(stmt, 5) };
}

static struct weir_known action_of(sqlite3_stmt *stmt) {
  struct weir_known known = timer_of(stmt);
  known.kind = WEIR_KNOWN_ACTION;
  known.decision = weir_sq_column(stmt, 6);
  known.n = (uint32_t)sqlite3_column_int64(stmt, 7);
  known.status = (uint32_t)sqlite3_column_int64(stmt, 8);
  return known;
}

weir_status weir_sq_known(struct weir_store *store, const struct weir_contact *contact, void (*tell)(void *ctx, const struct weir_known *known),
                          void *ctx, weir_error *err) {
  static const struct {
    enum weir_sq_id id;
    struct weir_known (*read)(sqlite3_stmt *stmt);
  } questions[] = { { WEIR_SQ_KNOWN_CLAIMS, claim_of }, { WEIR_SQ_KNOWN_TIMERS, timer_of }, { WEIR_SQ_KNOWN_LEDGER, action_of } };
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  if (s->open) return weir_fail(err, WEIR_E_SEQUENCE, "a transaction is open; what is known is told outside begin and commit");
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK) status = weir_sq_find(s, contact, err);
  for (size_t i = 0; i < sizeof questions / sizeof *questions && status == WEIR_OK; i++) {
    sqlite3_stmt *stmt = weir_sq_bind(s, questions[i].id, WEIR_SQ_ARGS(weir_sq_text(contact->channel), weir_sq_text(contact->account),
                                                                      weir_sq_text(contact->id), weir_sq_int(s->who.id)));
    bool row;
    while ((status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row) {
      struct weir_known known = questions[i].read(stmt);
      tell(ctx, &known);
    }
  }
  return status;
}
