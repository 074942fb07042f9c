/* report.h: the inside of `weir report`, for report_*.c and cmd_report.c only; `weir run` makes the same report for its control socket.
 *
 *   cmd_report.c      options, and where the report comes from: a state file, or a running weir
 *   report_collect.c  what the library tells, added up
 *   report_funnel.c   the ways people went through funnels
 *   report_build.c    the sums as one JSON object (docs/report.md), section by section
 *   report_text.c     that object as tables for a terminal
 *   report_csv.c      ... as one table for a spreadsheet
 *   report_html.c     ... as a page with charts
 *
 * What is shown is made from the JSON alone, so all forms say the same, whatever the report came from. A new section is a function in
 * report_build.c, and one in each of the three forms. */
#ifndef WEIR_CLI_REPORT_H
#define WEIR_CLI_REPORT_H

#include <jansson.h>

#include "cli.h"

enum {
  REPORT_NAME_MAX = 129,   /* bytes of "pack/rule" or "pack/funnel", and a NUL */
  REPORT_STEPS_MAX = 256,  /* stages one person ever stood in */
  REPORT_DAYS_MAX = 400,   /* that counts are kept */
  REPORT_DAYS_SHOWN = 90   /* days of a chart: more are no wider than a line */
};
#define REPORT_DAY_MS INT64_C(86400000)

struct report_stage {
  char name[REPORT_NAME_MAX];
  bool goal;
  uint64_t now, ever;          /* who stand there; who ever came, those forgotten since included */
  uint64_t entered, went_on;   /* of people who are known: who came in the period; of these, who came to a later stage */
  int64_t *times;              /* how long each of these took to the next stage he came to, in ms */
  size_t time_cnt, time_cap;
};

struct report_funnel {
  char name[REPORT_NAME_MAX];
  bool ordered;                /* the rules say in which order the stages come; else those that most people entered are first */
  struct report_stage *stages;
  size_t stage_cnt;
  uint64_t reached;            /* who came to the first stage in the period, and to the goal */
};

struct report_funnels {
  struct report_funnel *items;
  size_t cnt;
  int64_t since_ms;
  bool settled;                /* the stages are in order */
  /* the steps of the person at hand */
  uint64_t person;
  struct { uint32_t funnel, stage; int64_t at_ms; } steps[REPORT_STEPS_MAX];
  size_t step_cnt;
  bool no_memory;
};

/* Everything that was told. */
struct report {
  const weir_ruleset *rules;   /* NULL: not given */
  int days;                    /* of the period; 0: all that is kept */
  int64_t first_day;
  weir_report_summary summary;
  struct report_funnels funnels;
  json_t *counts;              /* rule -> what -> how often */
  json_t *by_day;              /* number of the day -> [fired, sent] */
  json_t *open;                /* kind of action -> [open, unconfirmed] */
  json_t *usage;               /* as it is shown */
  json_t *experiments;         /* likewise */
  bool no_memory;
};

/* ---- report_collect.c */
bool report_begin(struct report *report, const weir_ruleset *rules, int days);
/* The callbacks, for weir_report_engine and weir_report_file. */
weir_report report_callbacks(struct report *report);
void report_end(struct report *report);

/* ---- report_funnel.c */
bool report_funnels_begin(struct report_funnels *funnels, const weir_ruleset *rules);
void report_funnels_stage(struct report_funnels *funnels, const weir_stage_stats *stats);
void report_funnels_step(struct report_funnels *funnels, const weir_step *step);
/* After the last step. */
void report_funnels_close(struct report_funnels *funnels);
void report_funnels_free(struct report_funnels *funnels);

/* ---- report_build.c */
/* The whole of it; NULL: no memory. */
json_t *report_build(struct report *report);
/* The same of a running engine; NULL: *err says why. */
json_t *report_of_engine(weir_engine *engine, const weir_ruleset *rules, int days, weir_error *err);

/* ---- report_text.c, report_csv.c, report_html.c: false: the report is not of the form that docs/report.md says */
bool report_text(const json_t *report, FILE *out);
bool report_csv(const json_t *report, FILE *out);
bool report_html(const json_t *report, FILE *out);

/* ---- report_values.c: reading the object, and writing numbers for people */
int64_t report_number(const json_t *object, const char *key);
const char *report_string(const json_t *object, const char *key);
/* "follow, message: 20 a day per account", or the pool's member. */
const char *report_quota(const json_t *usage, char out[200]);
/* What an experiment says of a variant: "too early to say: 3.1 points less to 9.2 more than `short`"; empty: nothing to say. */
const char *report_finding(const json_t *variant, const char *base, char out[300]);
/* Cells that a text takes on a terminal; *bytes becomes how many of its bytes fit `most` cells. */
int report_cells(const char *text, int most, size_t *bytes);

#endif
