/* sqlite_sql.c: every statement the store uses, and how one is run. All are constant texts, compiled once when the store is
 * opened; what comes from outside is bound, never pasted. */
#include "state/sqlite.h"
#include "text/utf8.h"

/* The contact (?1, ?2, ?3), and those of person ?4. */
#define ONE_AND_HIS "VALUES (?1, ?2, ?3) UNION ALL SELECT channel, account, id FROM contacts WHERE person = ?4"

static const char *const texts[WEIR_SQ_CNT] = {
  [WEIR_SQ_BEGIN] = "BEGIN IMMEDIATE",
  [WEIR_SQ_COMMIT] = "COMMIT",
  [WEIR_SQ_ROLLBACK] = "ROLLBACK",
  [WEIR_SQ_SAVE] = "SAVEPOINT one",
  [WEIR_SQ_SAVE_KEEP] = "RELEASE one",
  [WEIR_SQ_SAVE_BACK] = "ROLLBACK TO one",
  [WEIR_SQ_PAGES] = "PRAGMA page_count",
  [WEIR_SQ_PAGES_FREE] = "PRAGMA freelist_count",
  [WEIR_SQ_META] = "SELECT chain, identity, born_ms, now_ms, iat_s, last_person, last_timer, unconfirmed, commits, kid FROM meta",
  [WEIR_SQ_META_KID] = "UPDATE meta SET kid = ?1 WHERE one = 1",
  [WEIR_SQ_META_PUT] = "UPDATE meta SET born_ms = ?1, now_ms = ?2, iat_s = ?3, last_person = ?4, last_timer = ?5, "
                       "unconfirmed = ?6, commits = ?7 WHERE one = 1",

  [WEIR_SQ_PERSON] = "SELECT p.id, p.name, p.first_seen_ms, p.last_seen_ms, p.handoff_until_ms, p.opted_out, p.contacts, "
                     "p.said_ms, p.awaits_ms "
                     "FROM contacts c CROSS JOIN persons p ON p.id = c.person "
                     "WHERE c.channel = ?1 AND c.account = ?2 AND c.id = ?3",
  [WEIR_SQ_PERSON_BY_ID] = "SELECT id, name, first_seen_ms, last_seen_ms, handoff_until_ms, opted_out, contacts, "
                           "said_ms, awaits_ms FROM persons "
                           "WHERE id = ?1",
  [WEIR_SQ_PERSON_ADD] = "INSERT INTO persons (id, name, first_seen_ms, last_seen_ms, handoff_until_ms, opted_out, contacts, "
                         "said_ms, awaits_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
  [WEIR_SQ_PERSON_PUT] = "UPDATE persons SET name = ?2, first_seen_ms = ?3, last_seen_ms = ?4, handoff_until_ms = ?5, "
                         "opted_out = ?6, contacts = ?7, said_ms = ?8, awaits_ms = ?9 WHERE id = ?1",
  [WEIR_SQ_PERSON_AWAIT] = "UPDATE persons SET awaits_ms = max(awaits_ms, ?2) WHERE id = ?1",
  [WEIR_SQ_PERSON_DROP] = "DELETE FROM persons WHERE id = ?1",
  [WEIR_SQ_CONTACT] = "SELECT person FROM contacts WHERE channel = ?1 AND account = ?2 AND id = ?3",
  [WEIR_SQ_CONTACTS] = "SELECT channel, account, id FROM contacts WHERE person = ?1 ORDER BY place",
  [WEIR_SQ_CONTACT_ADD] = "INSERT INTO contacts (channel, account, id, person, place) VALUES (?1, ?2, ?3, ?4, ?5)",
  [WEIR_SQ_CONTACTS_MOVE] = "UPDATE contacts SET person = ?1, place = place + ?3 WHERE person = ?2",
  [WEIR_SQ_CONTACTS_DROP] = "DELETE FROM contacts WHERE person = ?1",

  [WEIR_SQ_TRAITS] = "SELECT kind, name, value, at_ms FROM traits WHERE person = ?1 ORDER BY kind, name",
  [WEIR_SQ_TRAIT] = "SELECT value, at_ms FROM traits WHERE person = ?1 AND kind = ?2 AND name = ?3",
  [WEIR_SQ_TRAIT_ADD] = "INSERT INTO traits (person, kind, name, value, at_ms) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO "
                        "NOTHING",
  [WEIR_SQ_TRAIT_PUT] = "UPDATE traits SET value = ?4, at_ms = ?5 WHERE person = ?1 AND kind = ?2 AND name = ?3",
  [WEIR_SQ_TRAIT_DROP] = "DELETE FROM traits WHERE person = ?1 AND kind = ?2 AND name = ?3",
  [WEIR_SQ_TRAITS_MOVE] = "UPDATE OR IGNORE traits SET person = ?1 WHERE person = ?2",
  [WEIR_SQ_TRAITS_DROP] = "DELETE FROM traits WHERE person = ?1",
  [WEIR_SQ_COUNTERS_BOTH] = "SELECT f.name, f.value FROM traits f JOIN traits t ON t.person = ?1 AND t.kind = 'field' AND t.name = "
                            "f.name AND t.at_ms = 0 WHERE f.person = ?2 AND f.kind = 'field' AND f.at_ms = 0",
  [WEIR_SQ_TRAITS_BOTH] = "UPDATE traits SET value = f.value, at_ms = f.at_ms FROM traits f WHERE traits.person = ?1 AND f.person "
                          "= ?2 AND f.kind = traits.kind AND f.name = traits.name AND CASE f.kind WHEN 'stage' THEN f.value > "
                          "traits.value WHEN 'pool' THEN f.at_ms < traits.at_ms OR (f.at_ms = traits.at_ms AND f.value > "
                          "traits.value) WHEN 'field' THEN f.at_ms > traits.at_ms OR (f.at_ms = traits.at_ms AND f.at_ms <> 0 "
                          "AND f.value > traits.value) ELSE 0 END",
  [WEIR_SQ_STAGES_BOTH] = "SELECT f.name, min(f.value, t.value) FROM traits f JOIN traits t ON t.person = ?1 AND t.kind = 'stage' AND t.name "
                          "= f.name WHERE f.person = ?2 AND f.kind = 'stage'",
  [WEIR_SQ_STAGES_OF] = "SELECT name, value FROM traits WHERE person = ?1 AND kind = 'stage'",
  [WEIR_SQ_STAGES_DATE] = "UPDATE traits SET at_ms = ifnull((SELECT e.at_ms FROM entered e WHERE e.person = ?1 AND "
                          "e.funnel = traits.name AND e.stage = traits.value), at_ms) WHERE person = ?1 AND kind = 'stage'",
  [WEIR_SQ_ENTERED] = "SELECT at_ms FROM entered WHERE person = ?1 AND funnel = ?2 AND stage = ?3",
  [WEIR_SQ_ENTERED_ADD] = "INSERT INTO entered (person, funnel, stage, at_ms) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
  [WEIR_SQ_ENTERED_CNT] = "SELECT count(*) FROM entered WHERE person = ?1",
  [WEIR_SQ_ENTERED_BOTH] = "SELECT f.funnel, f.stage FROM entered f JOIN entered t ON t.person = ?1 AND t.funnel = f.funnel AND "
                           "t.stage = f.stage WHERE f.person = ?2",
  [WEIR_SQ_ENTERED_MIN] = "UPDATE entered SET at_ms = min(at_ms, ifnull((SELECT f.at_ms FROM entered f WHERE f.person = ?2 AND "
                          "f.funnel = entered.funnel AND f.stage = entered.stage), at_ms)) WHERE person = ?1",
  [WEIR_SQ_ENTERED_MOVE] = "UPDATE OR IGNORE entered SET person = ?1 WHERE person = ?2",
  [WEIR_SQ_ENTERED_DROP] = "DELETE FROM entered WHERE person = ?1",
  [WEIR_SQ_EACH_STEP] = "SELECT person, funnel, stage, at_ms FROM entered ORDER BY person, funnel, stage",
  [WEIR_SQ_EACH_STAGE] = "SELECT funnel, stage, now, entered FROM stages",
  [WEIR_SQ_EACH_ENTRY] = "SELECT rule, payload, status, until_ms FROM ledger",
  [WEIR_SQ_STAGE] = "SELECT now, entered FROM stages WHERE funnel = ?1 AND stage = ?2",
  [WEIR_SQ_STAGE_COUNT] = "INSERT INTO stages (funnel, stage, now, entered) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET "
                          "now = now + excluded.now, entered = entered + excluded.entered",
  [WEIR_SQ_POOL] = "SELECT used FROM pool_days WHERE day = ?1 AND pool = ?2 AND member = ?3",
  [WEIR_SQ_POOL_COUNT] = "INSERT INTO pool_days (day, pool, member, used) VALUES (?1, ?2, ?3, 1) ON CONFLICT DO UPDATE SET "
                         "used = min(used + 1, 4294967295)",
  [WEIR_SQ_POOLS_DROP] = "DELETE FROM pool_days WHERE day <= ?1",

  [WEIR_SQ_CLAIM] = "SELECT until_ms FROM claims WHERE person = ?1 AND key = ?2",
  [WEIR_SQ_CLAIM_ADD] = "INSERT INTO claims (person, key, until_ms, origin) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
  [WEIR_SQ_CLAIM_PUT] = "UPDATE claims SET until_ms = ?3, origin = ?4 WHERE person = ?1 AND key = ?2 AND until_ms < ?3",
  [WEIR_SQ_CLAIM_DROP] = "DELETE FROM claims WHERE person = ?1 AND key = ?2",
  [WEIR_SQ_CLAIMS_ORIGIN_DROP] = "DELETE FROM claims WHERE person = ?1 AND origin = ?2",
  [WEIR_SQ_CLAIMS_CNT] = "SELECT count(*) FROM claims WHERE person = ?1",
  [WEIR_SQ_CLAIMS_ENDED] = "DELETE FROM claims WHERE person = ?1 AND until_ms <= ?2",
  [WEIR_SQ_CLAIMS_LIVE] = "SELECT count(*) FROM claims WHERE person = ?1 AND until_ms > ?2",
  [WEIR_SQ_CLAIMS_MOVE] = "INSERT INTO claims (person, key, until_ms, origin) SELECT ?1, key, until_ms, origin FROM claims "
                          "WHERE person = ?2 ON CONFLICT DO UPDATE SET until_ms = excluded.until_ms, origin = excluded.origin "
                          "WHERE excluded.until_ms > until_ms",
  [WEIR_SQ_CLAIMS_DROP] = "DELETE FROM claims WHERE person = ?1",
  [WEIR_SQ_CLAIMS_WALK] = "SELECT person, key, until_ms FROM claims WHERE (person, key) > (?1, ?2) ORDER BY person, key LIMIT ?3",
  [WEIR_SQ_CODE] = "SELECT person, until_ms FROM codes WHERE code = ?1",
  [WEIR_SQ_CODE_ADD] = "INSERT INTO codes (code, person, until_ms) VALUES (?1, ?2, ?3)",
  [WEIR_SQ_CODE_DROP] = "DELETE FROM codes WHERE code = ?1",
  [WEIR_SQ_CODES_DROP] = "DELETE FROM codes WHERE code IN (SELECT name FROM traits WHERE person = ?1 AND kind = 'code')",
  [WEIR_SQ_CODES_TRAITS_DROP] = "DELETE FROM traits WHERE person = ?1 AND kind = 'code'",
  [WEIR_SQ_CODES_MOVE] = "UPDATE codes SET person = ?1 WHERE code IN (SELECT name FROM traits WHERE person = ?2 AND kind = "
                         "'code')",
  [WEIR_SQ_CODES_ENDED] = "SELECT code, until_ms FROM codes ORDER BY until_ms LIMIT 1",
  [WEIR_SQ_OPTOUT] = "SELECT 1 FROM optouts WHERE key = ?1",
  [WEIR_SQ_OPTOUT_ADD] = "INSERT INTO optouts (key) VALUES (?1) ON CONFLICT DO NOTHING",
  [WEIR_SQ_OPTOUT_DROP] = "DELETE FROM optouts WHERE key = ?1",
  [WEIR_SQ_MARK] = "SELECT until_ms, decision FROM marks WHERE key = ?1",
  [WEIR_SQ_MARK_ADD] = "INSERT INTO marks (key, until_ms, decision) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
  [WEIR_SQ_MARK_PUT] = "UPDATE marks SET until_ms = max(until_ms, ?2), decision = ?3 WHERE key = ?1",
  [WEIR_SQ_MARK_DROP] = "DELETE FROM marks WHERE key = ?1",
  [WEIR_SQ_MARKS_WALK] = "SELECT key, until_ms FROM marks WHERE key > ?1 ORDER BY key LIMIT ?2",
  [WEIR_SQ_PERSONS_WALK] = "SELECT id, last_seen_ms FROM persons WHERE id > ?1 ORDER BY id LIMIT ?2",

  [WEIR_SQ_TOTAL] = "SELECT count, until_ms FROM totals WHERE key = ?1",
  [WEIR_SQ_TOTAL_PUT] = "INSERT INTO totals (key, count, until_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET count = "
                        "excluded.count, until_ms = excluded.until_ms",
  [WEIR_SQ_TOTAL_DROP] = "DELETE FROM totals WHERE key = ?1",
  [WEIR_SQ_TOTAL_ENDED] = "SELECT key, until_ms FROM totals WHERE until_ms < 9223372036854775807 ORDER BY until_ms LIMIT 1",
  [WEIR_SQ_INVITE] = "SELECT inviter, at_ms FROM invites WHERE invitee = ?1",
  [WEIR_SQ_INVITE_ADD] = "INSERT INTO invites (invitee, inviter, at_ms) VALUES (?1, ?2, ?3)",
  [WEIR_SQ_INVITE_DROP] = "DELETE FROM invites WHERE invitee = ?1",
  [WEIR_SQ_INVITES_CNT] = "SELECT count(*) FROM invites WHERE inviter = ?1",
  [WEIR_SQ_INVITES_MOVE] = "UPDATE invites SET inviter = ?1 WHERE inviter = ?2",
  [WEIR_SQ_INVITE_MOVE] = "UPDATE invites SET invitee = ?1 WHERE invitee = ?2",
  [WEIR_SQ_INVITES_DROP] = "DELETE FROM invites WHERE inviter = ?1",
  [WEIR_SQ_PART_CONTACT] = "UPDATE contacts SET person = ?4, place = 1 WHERE channel = ?1 AND account = ?2 AND id = ?3",
  [WEIR_SQ_PART_PLACES] = "UPDATE contacts SET place = place - 1 WHERE person = ?1 AND place > ?2",
  [WEIR_SQ_PART_PLACE] = "SELECT place FROM contacts WHERE channel = ?1 AND account = ?2 AND id = ?3",
  [WEIR_SQ_PART_CLAIMS] = "INSERT INTO claims (person, key, until_ms, origin) SELECT ?1, key, until_ms, origin FROM claims "
                          "WHERE person = ?2 AND until_ms > ?3",
  [WEIR_SQ_PART_POOLS] = "INSERT INTO traits (person, kind, name, value, at_ms) SELECT ?1, kind, name, value, at_ms FROM traits "
                         "WHERE person = ?2 AND kind = 'pool'",
  [WEIR_SQ_PART_TIMERS] = "UPDATE timers SET person = ?4 WHERE person = ?5 AND person <> 0 AND channel = ?1 AND account = ?2 AND "
                          "contact = ?3",

  [WEIR_SQ_TIMER_ADD] = "INSERT INTO timers (id, due_ms, kind, person, channel, account, contact, rule, origin, cause, post, "
                        "occurrence, payload, set_ms, unless_reply) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
                        "?15)",
  [WEIR_SQ_TIMER_NEXT] = "SELECT id, due_ms, kind, channel, account, contact, rule, origin, cause, post, occurrence, payload, "
                         "set_ms, unless_reply FROM timers ORDER BY due_ms, id LIMIT 1",
  [WEIR_SQ_TIMER_DUE] = "SELECT min(due_ms) FROM timers",
  [WEIR_SQ_TIMER] = "SELECT due_ms, person FROM timers WHERE id = ?1",
  [WEIR_SQ_TIMER_DROP] = "DELETE FROM timers WHERE id = ?1",
  [WEIR_SQ_TIMERS_CNT] = "SELECT count(*) FROM timers WHERE person = ?1 AND person <> 0",
  [WEIR_SQ_TIMERS_MOVE] = "UPDATE timers SET person = ?1 WHERE person = ?2 AND person <> 0",
  [WEIR_SQ_TIMERS_FORGET] = "DELETE FROM timers WHERE person = ?1 AND person <> 0",
  [WEIR_SQ_TIMERS_FORGET_STRANGERS] = "DELETE FROM timers WHERE person = 0 AND contact IN (SELECT column3 FROM (" ONE_AND_HIS ")) AND "
                                      "(channel, account, contact) IN (" ONE_AND_HIS ")",
  [WEIR_SQ_ROUND] = "SELECT at_ms, of_ms, person FROM rounds WHERE key = ?1",
  [WEIR_SQ_ROUND_PUT] = "INSERT INTO rounds (key, at_ms, of_ms, person) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET "
                        "at_ms = excluded.at_ms, of_ms = excluded.of_ms, person = excluded.person",
  [WEIR_SQ_PERSON_BEHIND] = "SELECT p.id, c.channel, c.account, c.id FROM persons p CROSS JOIN contacts c ON c.person = p.id "
                            "WHERE p.id > ?1 AND p.id <= ?2 AND p.last_seen_ms <= ?3 ORDER BY p.id, c.place LIMIT 1",

  [WEIR_SQ_LEDGER] = "SELECT id, origin, status, until_ms, channel, account, contact, decision, rule, cause, post, payload, n, "
                     "attempt, taken FROM ledger WHERE key = ?1",
  [WEIR_SQ_LEDGER_ADD] = "INSERT INTO ledger (key, origin, channel, account, contact, decision, n, rule, cause, post, payload, "
                         "attempt, status, until_ms, taken) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) "
                         "ON CONFLICT (key) DO NOTHING",
  [WEIR_SQ_LEDGER_PUT] = "UPDATE ledger SET status = ?2, until_ms = ?3 WHERE id = ?1",
  [WEIR_SQ_LEDGER_DROP] = "DELETE FROM ledger WHERE id = ?1",
  [WEIR_SQ_LEDGER_OVER] = "SELECT id, origin, until_ms FROM ledger WHERE status NOT IN (1, 3) ORDER BY until_ms LIMIT ?1",
  [WEIR_SQ_LEDGER_OF] = "SELECT id, origin FROM ledger WHERE contact IN (SELECT column3 FROM (" ONE_AND_HIS ")) AND "
                        "(+channel, +account, +contact) IN (" ONE_AND_HIS ") LIMIT 1",
  [WEIR_SQ_ORIGIN] = "SELECT open, sent, rejected, unconfirmed FROM origins WHERE key = ?1",
  [WEIR_SQ_ORIGIN_COUNT] = "INSERT INTO origins (key, entries, open, sent, rejected, unconfirmed) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
                           "ON CONFLICT DO UPDATE SET entries = entries + excluded.entries, open = open + excluded.open, "
                           "sent = sent + excluded.sent, rejected = rejected + excluded.rejected, "
                           "unconfirmed = unconfirmed + excluded.unconfirmed",
  [WEIR_SQ_ORIGIN_DROP] = "DELETE FROM origins WHERE key = ?1 AND entries = 1",

  [WEIR_SQ_METER] = "SELECT until_ms, opened_ms, slots FROM meters WHERE key = ?1",
  [WEIR_SQ_METER_PUT] = "INSERT INTO meters (key, until_ms, opened_ms, slots) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET "
                        "until_ms = excluded.until_ms, opened_ms = excluded.opened_ms, slots = excluded.slots",
  [WEIR_SQ_METER_DROP] = "DELETE FROM meters WHERE key = ?1",
  [WEIR_SQ_METER_OVER] = "SELECT key, until_ms FROM meters ORDER BY until_ms LIMIT 1",
  [WEIR_SQ_TALLY_COUNT] = "INSERT INTO tallies (day, name, what, cnt) VALUES (?1, ?2, ?3, 1) ON CONFLICT DO UPDATE SET cnt = cnt + 1",
  [WEIR_SQ_TALLIES] = "SELECT name, what, day, cnt FROM tallies WHERE day >= ?1 ORDER BY day, name, what",
  [WEIR_SQ_TALLIES_DROP] = "DELETE FROM tallies WHERE day <= ?1",

  [WEIR_SQ_KNOWN_CLAIMS] = "SELECT key, until_ms FROM claims WHERE person = ?4",
  [WEIR_SQ_KNOWN_TIMERS] = "SELECT channel, account, contact, rule, payload, due_ms FROM timers WHERE (channel, account, contact) IN (" ONE_AND_HIS ")",
  [WEIR_SQ_KNOWN_LEDGER] = "SELECT channel, account, contact, rule, payload, until_ms, decision, n, status FROM ledger WHERE (channel, account, "
                           "contact) IN (" ONE_AND_HIS ")",

  [WEIR_SQ_CHAIN] = "SELECT id, seq, hash FROM chains WHERE aud = ?1",
  [WEIR_SQ_CHAIN_NEXT] = "SELECT id, aud FROM chains WHERE id > ?1 AND seq > 0 ORDER BY id LIMIT 1",
  [WEIR_SQ_CHAIN_ADD] = "INSERT INTO chains (aud, seq, hash) VALUES (?1, ?2, ?3)",
  [WEIR_SQ_CHAIN_PUT] = "UPDATE chains SET seq = ?2, hash = ?3 WHERE id = ?1",
  [WEIR_SQ_OUT_PUT] = "INSERT INTO outbox (n, chain, seq, exp_s, size, line) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
  [WEIR_SQ_OUT_NEXT] = "SELECT o.n, o.seq, o.line, c.aud FROM outbox o CROSS JOIN chains c ON c.id = o.chain "
                       "WHERE o.n > ?1 AND o.n <= ?2 ORDER BY o.n LIMIT 1",
  [WEIR_SQ_OUT_LOOK] = "SELECT o.n, o.seq, o.line, c.aud FROM outbox o CROSS JOIN chains c ON c.id = o.chain WHERE o.n > ?1 "
                       "ORDER BY o.n LIMIT 1",
  [WEIR_SQ_OUT_REPLACE] = "UPDATE outbox SET line = ?2, size = ?3 WHERE n = ?1 AND size >= ?3",
  [WEIR_SQ_OUT_TOTAL] = "SELECT sum(size) FROM outbox",
  [WEIR_SQ_OUT_WAITING] = "SELECT min(seq) FROM outbox WHERE chain = ?1 AND n > ?2",
  [WEIR_SQ_OUT_SIZE] = "SELECT count(*), total(size) FROM outbox WHERE chain = ?1 AND seq > ?2 AND seq <= ?3",
  [WEIR_SQ_OUT_ACKED] = "DELETE FROM outbox WHERE chain = ?1 AND seq <= ?2",
  [WEIR_SQ_OUT_FIRST] = "SELECT n, size, exp_s FROM outbox ORDER BY n LIMIT 1",
  [WEIR_SQ_OUT_DROP] = "DELETE FROM outbox WHERE n = ?1",
};

weir_status weir_sq_prepare_all(struct weir_sqlite *s, weir_error *err) {
  for (int i = 0; i < WEIR_SQ_CNT; i++) {
    int rc = sqlite3_prepare_v3(s->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &s->stmts[i], NULL);
    if (rc == SQLITE_ERROR) return weir_sq_strange(s, err);
    if (rc != SQLITE_OK) return weir_sq_fail(s, rc, err);
  }
  return WEIR_OK;
}

void weir_sq_finalize_all(struct weir_sqlite *s) {
  for (int i = 0; i < WEIR_SQ_CNT; i++) (void)sqlite3_finalize(s->stmts[i]);
}

/* A failed binding leaves NULL behind, which no column takes and no comparison finds: the step that follows tells. */
sqlite3_stmt *weir_sq_bind(const struct weir_sqlite *s, enum weir_sq_id id, const struct weir_sq_arg *args, int arg_cnt) {
  sqlite3_stmt *stmt = s->stmts[id];
  for (int i = 0; i < arg_cnt; i++) {
    const struct weir_sq_arg *a = &args[i];
    const char *bytes = a->bytes.ptr ? a->bytes.ptr : ""; /* a NULL pointer would be a NULL */
    if (a->type == WEIR_SQ_INT) (void)sqlite3_bind_int64(stmt, i + 1, a->number);
    else if (a->type == WEIR_SQ_TEXT) (void)sqlite3_bind_text(stmt, i + 1, bytes, (int)a->bytes.len, SQLITE_STATIC);
    else (void)sqlite3_bind_blob(stmt, i + 1, bytes, (int)a->bytes.len, SQLITE_STATIC);
  }
  return stmt;
}

weir_status weir_sq_next(struct weir_sqlite *s, sqlite3_stmt *stmt, bool *row, weir_error *err) {
  int rc = sqlite3_step(stmt);
  *row = rc == SQLITE_ROW;
  if (*row) return WEIR_OK;
  weir_status status = rc == SQLITE_DONE ? WEIR_OK : weir_sq_fail(s, rc, err);
  weir_sq_done(stmt);
  return status;
}

weir_status weir_sq_run(struct weir_sqlite *s, enum weir_sq_id id, const struct weir_sq_arg *args, int arg_cnt, weir_error *err) {
  bool row;
  sqlite3_stmt *stmt = weir_sq_bind(s, id, args, arg_cnt);
  weir_status status = weir_sq_next(s, stmt, &row, err);
  if (row) weir_sq_done(stmt);
  return status;
}

weir_status weir_sq_ask(struct weir_sqlite *s, enum weir_sq_id id, const struct weir_sq_arg *args, int arg_cnt, int64_t none,
                        int64_t *out, weir_error *err) {
  bool row;
  sqlite3_stmt *stmt = weir_sq_bind(s, id, args, arg_cnt);
  weir_status status = weir_sq_next(s, stmt, &row, err);
  *out = none;
  if (!row) return status;
  if (sqlite3_column_type(stmt, 0) != SQLITE_NULL) *out = sqlite3_column_int64(stmt, 0);
  weir_sq_done(stmt);
  return WEIR_OK;
}

weir_status weir_sq_copy(sqlite3_stmt *stmt, int column, struct weir_arena *arena, weir_str *out, weir_error *err) {
  weir_str bytes = weir_sq_column(stmt, column);
  *out = (weir_str){ NULL, 0 };
  if (bytes.len == 0) return WEIR_OK;
  if (sqlite3_column_type(stmt, column) == SQLITE_TEXT && weir_utf8_valid(bytes) != bytes.len) {
    return weir_fail(err, WEIR_E_STATE, "the state file is damaged (a text is no UTF-8); move it and the files beside it (-wal, -journal) away "
                     "together, then restore a snapshot or start anew");
  }
  char *to = weir_arena_bytes(arena, bytes.len);
  if (!to) return weir_fail(err, WEIR_E_NOMEM, "the arena has no room for what the store knows");
  memcpy(to, bytes.ptr, bytes.len);
  *out = (weir_str){ to, bytes.len };
  return WEIR_OK;
}
