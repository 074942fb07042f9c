/* terms.h: the terms under which an account may act: what the platform lets it do (abilities), how long after somebody's last word it
 * may still write to him (windows), how often (quotas), and how long a text may be. Channels have terms; an account has those of its
 * channel with its own laid over them. */
#ifndef WEIR_MODEL_TERMS_H
#define WEIR_MODEL_TERMS_H

#include "base/hash.h"
#include "base/zone.h"
#include "model/value.h"

/* Where a number comes from, and when it was looked up. */
struct weir_cited {
  weir_str as_of, source;
};

enum weir_unit { WEIR_UNIT_BYTES = 0, WEIR_UNIT_CODE_POINTS, WEIR_UNIT_UTF16 };

struct weir_text_limit {
  weir_str action;
  uint32_t max;
  enum weir_unit unit;
  struct weir_cited cited;
};

enum weir_scope { WEIR_PER_ACCOUNT = 0, WEIR_PER_CONTACT, WEIR_PER_POST, WEIR_PER_TRIGGER, WEIR_PER_TEXT };
enum weir_span { WEIR_SPAN_SLIDING = 0, WEIR_SPAN_DAY, WEIR_SPAN_MONTH, WEIR_SPAN_EVER };

struct weir_quota {
  const weir_str *actions; /* that it counts; none: all that the platform sees */
  uint32_t action_cnt;
  uint32_t max;
  enum weir_scope scope;
  enum weir_span span;
  int64_t window_ms;       /* SLIDING; EVER: for how long the trigger is remembered */
  int64_t wait_ms;         /* how long an action may wait for its turn; 0: it is dropped */
  bool pushes_only;        /* counts only what is written while no window is open */
  weir_str says;           /* for people: "40 in 1h per account" */
  unsigned char id[WEIR_ID_BYTES]; /* what its meters hang on: all of the above that says what is counted, not how much */
  struct weir_cited cited;
};

struct weir_window {
  uint32_t opens;          /* bits of the event kinds that open it, or open it anew */
  int64_t lasts_ms;
  uint32_t max;            /* messages while it is open; 0: any number */
  bool per_trigger;        /* each event opens one of its own */
  weir_str says;           /* "5 in 48h after message" */
  unsigned char id[WEIR_ID_BYTES];
  struct weir_cited cited;
};

/* At least so long between two actions of an account, somewhere in the range by hash. */
struct weir_spacing {
  weir_str action; /* empty: any */
  int64_t from_ms, to_ms;
};

struct weir_terms {
  weir_str name;           /* "douyin", "wechat_oa:subscription" */
  uint32_t events;         /* bits of the kinds of events there are on it; 0: nobody said */
  const struct weir_member *abilities; /* action -> "api", "device" or "none"; not there: it can */
  const struct weir_text_limit *texts;
  const struct weir_window *windows;
  const struct weir_quota *quotas;
  const struct weir_spacing *spacings;
  uint32_t ability_cnt, text_cnt, window_cnt, quota_cnt, spacing_cnt;
  bool push;               /* may write while no window is open; only asked when there are windows */
  const struct weir_zone *zone; /* of its days and months; NULL: UTC */
  struct weir_cited cited; /* of all that does not say otherwise */
};

#endif
