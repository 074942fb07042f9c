/* test.h: what the files of `weir test` share. */
#ifndef WEIR_CLI_TEST_H
#define WEIR_CLI_TEST_H

#include "cli.h"

/* When examples happen: a Monday at ten in Shanghai, so that rules with opening hours are open. */
#define EXAMPLE_TIME_MS INT64_C(1767578400000)

struct tests {
  weir_ruleset *rules;
  bool *fired;            /* by rule index: some test made it fire */
  char (*warned)[160];    /* rules whose examples the loader warned about */
  size_t warned_cnt, warned_cap;
  unsigned points, failed;
  bool update, coverage;
  struct coverage *parts; /* NULL: nobody asks for it */
  bool broken;            /* something could not be looked at (said on stderr): nothing is known then */
};

/* One TAP line, "ok 3 - ..." or "not ok 3 - ...". */
void tests_point(struct tests *t, bool good, const char *format, ...) __attribute__((format(printf, 3, 4)));
void tests_note_fired(struct tests *t, weir_str rule);
bool tests_warned(const struct tests *t, weir_str rule);

/* ---- test_coverage.c: which parts of rules no test reached */
struct coverage *coverage_open(const weir_ruleset *rules);
void coverage_close(struct coverage *coverage);
/* Has an engine that will be opened with `config` tell. */
void coverage_watch(struct coverage *coverage, weir_config *config);
/* `fired`: by rule index. */
void coverage_tell(const struct coverage *coverage, const bool *fired);

/* false: it could not be done (said on stderr). */
bool test_examples(struct tests *t);

#endif
