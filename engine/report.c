/* report.c: what a state holds, told piece by piece, for reports: of an engine that is at rest, or of a state file that nobody uses. Adds
 * nothing up: what a report shows is the host's affair. */
#include <unistd.h>

#include "engine.h"
#include "base/clock.h"
#include "flow/outcome.h"

struct telling {
  const weir_report *report;
  int64_t now_ms;
};

static void tell_count(void *ctx, const struct weir_counted *counted) {
  const weir_report *report = ((const struct telling *)ctx)->report;
  const weir_count count = { counted->name, counted->what, counted->day, counted->cnt };
  report->count(report->ctx, &count);
}

static void tell_step(void *ctx, const struct weir_stepped *stepped) {
  const weir_report *report = ((const struct telling *)ctx)->report;
  const weir_step step = { stepped->person, stepped->funnel, stepped->stage, stepped->at_ms };
  report->step(report->ctx, &step);
}

static void tell_stage(void *ctx, const struct weir_standing *standing) {
  const weir_report *report = ((const struct telling *)ctx)->report;
  const weir_stage_stats stage = { standing->funnel, standing->stage, standing->now, standing->entered };
  report->stage(report->ctx, &stage);
}

static void tell_entry(void *ctx, const struct weir_ledger_line *line) {
  const struct telling *telling = ctx;
  weir_open_action action = { .rule = line->rule, .kind = weir_outcome_kind(line->payload) };
  switch (line->status) {
    case WEIR_LEDGER_WAITING: action.status = "waiting"; break;
    case WEIR_LEDGER_RETRYING: action.status = "retrying"; break;
    case WEIR_LEDGER_OPEN: action.status = line->until_ms > telling->now_ms ? "open" : "unconfirmed"; break;
    case WEIR_LEDGER_UNCONFIRMED:
    case WEIR_LEDGER_REJECTED:
    case WEIR_LEDGER_SENT: return; /* counted when it was heard of */
  }
  if (action.status) telling->report->action(telling->report->ctx, &action);
}

static void tell_quota(void *ctx, const struct weir_account *account, const struct weir_quota *quota, uint64_t used) {
  const weir_report *report = ((const struct telling *)ctx)->report;
  const weir_usage usage = { .channel = account->channel, .account = account->account, .name = quota->says, .kinds = quota->actions,
                             .kind_cnt = quota->action_cnt, .used = used, .max = quota->max };
  report->usage(report->ctx, &usage);
}

static weir_status tell_pools(const weir_ruleset *rs, struct weir_store *store, const struct telling *telling, weir_error *err) {
  int64_t day = weir_day_of(telling->now_ms, 0); /* as they are handed out */
  weir_status st = WEIR_OK;
  for (uint32_t i = 0; i < rs->pool_cnt; i++) {
    const struct weir_pool *pool = &rs->pools[i];
    for (uint32_t k = 0; pool->per_day && k < pool->member_cnt && !st; k++) {
      uint32_t used;
      st = store->ops->pool_used(store, pool->name, pool->members[k], day, &used, err);
      const weir_usage usage = { .pool = pool->name, .name = pool->members[k], .used = used, .max = pool->per_day };
      if (!st) telling->report->usage(telling->report->ctx, &usage);
    }
  }
  return st;
}

static weir_status tell_all(struct weir_store *store, const weir_ruleset *rs, const weir_report *report, int64_t now_ms, weir_error *err) {
  struct telling telling = { report, now_ms };
  weir_status st = WEIR_OK;
  if (report->count) st = store->ops->counted(store, 0, tell_count, &telling, err);
  if (!st && report->stage) st = store->ops->each_stage(store, tell_stage, &telling, err);
  if (!st && report->step) st = store->ops->each_step(store, tell_step, &telling, err);
  if (!st && report->action) st = store->ops->each_entry(store, tell_entry, &telling, err);
  if (!st && report->usage && rs) st = weir_policy_each_use(rs, store, now_ms, tell_quota, &telling, err);
  if (!st && report->usage && rs) st = tell_pools(rs, store, &telling, err);
  if (!st && report->variant && rs) st = weir_experiments_each(rs, store, now_ms, report->variant, report->ctx, err);
  return st;
}

static weir_status take_in(weir_report *own, const weir_report *report, weir_error *err) {
  if (!report || !weir_struct_in(own, sizeof *own, report)) {
    return weir_fail(err, WEIR_E_ARG, "weir_report is not there, or its struct_size is not that of this library or an older one");
  }
  return WEIR_OK;
}

static void summarize(const weir_report *report, const struct weir_store_counts *counts, int64_t latest_ms) {
  const weir_report_summary summary = { .latest_ms = latest_ms, .persons = counts->persons, .opted_out = counts->opted_out,
                                        .timers_waiting = counts->timers, .outbox = counts->outbox };
  if (report->summary) report->summary(report->ctx, &summary);
}

weir_status weir_report_engine(weir_engine *engine, const weir_report *report, weir_error *err) {
  struct weir_store_counts counts;
  weir_report own;
  if (!engine) return weir_fail(err, WEIR_E_ARG, "weir_report_engine needs an engine");
  weir_status st = take_in(&own, report, err);
  if (!st) st = weir_engine_at_rest(engine, err);
  if (st) return st;
  engine->store->ops->counts(engine->store, &counts);
  int64_t latest_ms = counts.latest_ms > engine->latest_ms ? counts.latest_ms : engine->latest_ms;
  summarize(&own, &counts, latest_ms);
  return tell_all(engine->store, own.ruleset ? own.ruleset : engine->rooms.ruleset, &own, latest_ms, err);
}

weir_status weir_report_file(const char *path, const weir_report *report, weir_error *err) {
  struct weir_store_counts counts;
  struct weir_store *store;
  weir_report own;
  weir_status st = take_in(&own, report, err);
  if (!st && (!path || !*path)) st = weir_fail(err, WEIR_E_ARG, "weir_report_file needs the name of a state file");
  if (!st && access(path, R_OK) != 0) st = weir_fail(err, WEIR_E_IO, "the state file %s cannot be read, or is not there", path); /* opening would make it */
  const struct weir_sqlite_config config = { .max_bytes = WEIR_REPORT_FILE_BYTES };
  if (!st) st = weir_sqlite_store_open(&store, path, &config, err);
  if (st) return st;
  store->ops->counts(store, &counts);
  summarize(&own, &counts, counts.latest_ms);
  st = tell_all(store, own.ruleset, &own, counts.latest_ms, err);
  store->ops->close(store);
  return st;
}
