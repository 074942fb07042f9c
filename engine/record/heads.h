/* heads.h: the heads that a log must reach. A log whose end was cut off is good line by line; only who knows its last record
 * can see that it is missing. Private to record/. */
#ifndef WEIR_RECORD_HEADS_H
#define WEIR_RECORD_HEADS_H

#include "limits.h"
#include "record/claims.h"

struct weir_wanted {
  char aud[WEIR_AUD_MAX + 1];
  uint64_t seq;
  unsigned char hash[WEIR_SHA256_BYTES];
  bool found;
  bool other;       /* another record has its place */
};

struct weir_wanted_list {
  size_t cnt;
  struct weir_wanted items[WEIR_CHAINS_MAX];
};

/* Errors: WEIR_E_FORMAT (the hash), WEIR_E_ARG, WEIR_E_LIMIT. */
weir_status weir_wanted_add(struct weir_wanted_list *list, weir_str aud, uint64_t seq, weir_str hash, weir_error *err);
/* A record of the log. */
void weir_wanted_seen(struct weir_wanted_list *list, const struct weir_claims *claims, const unsigned char hash[WEIR_SHA256_BYTES]);

#endif
