/* weir_side.h: weir's matcher as the bench sees it. C and C++. */
#ifndef WEIR_BENCH_MATCH_WEIR_SIDE_H
#define WEIR_BENCH_MATCH_WEIR_SIDE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weir_side;
struct weir_side_text { const char *ptr; size_t len; };

/* What weir_side_run does with a text. */
enum weir_side_work { WEIR_SIDE_FOLD, WEIR_SIDE_SCAN, WEIR_SIDE_MATCH };

/* NULL: no memory. Rules are added in order, each by its keywords or, when there are none, by its regex. */
struct weir_side *weir_side_new(void);
/* 0: added; 1: weir refuses it (weir_side_message says why), it keeps its number and never matches. */
int weir_side_add(struct weir_side *side, const struct weir_side_text *keywords, size_t keyword_cnt, const struct weir_side_text *regex);
const char *weir_side_message(const struct weir_side *side);
/* 0: ready to run. */
int weir_side_finish(struct weir_side *side);
void weir_side_free(struct weir_side *side);

size_t weir_side_bytes(const struct weir_side *side);         /* of the compiled set */
size_t weir_side_scratch_bytes(const struct weir_side *side); /* of one engine's scratch */
size_t weir_side_unfiltered(const struct weir_side *side);    /* rules that run on every text */

/* Returns how many rules matched, for WEIR_SIDE_SCAN how many are candidates; `hits` may be NULL. */
size_t weir_side_run(struct weir_side *side, enum weir_side_work work, const char *text, size_t len, uint32_t *hits, size_t cap);
/* Answers that were a limit, since the start. */
size_t weir_side_limits(const struct weir_side *side);

#ifdef __cplusplus
}
#endif
#endif
