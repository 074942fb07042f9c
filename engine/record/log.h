/* log.h: where a line stands among the lines before it. Private to record/. */
#ifndef WEIR_RECORD_LOG_H
#define WEIR_RECORD_LOG_H

#include "limits.h"
#include "record/claims.h"

#define WEIR_LOG_SLOTS (2 * WEIR_CHAINS_MAX) /* open addressing stays short when half of the slots are free */
#define WEIR_LOG_HASH_BYTES 16               /* of a line's SHA-256: 128 bits tell lines apart */

struct weir_log_head {
  unsigned char id[WEIR_ID_BYTES]; /* claims.chain_id */
  uint64_t seq;                    /* of the last good line; 0: the slot is free */
  uint64_t forgotten;              /* the highest seq whose line is no longer remembered; 0: none */
  int64_t iat_s;
  unsigned char hash[WEIR_SHA256_BYTES];
  char kid[WEIR_SHA256_B64_CHARS + 1];       /* of the key that signs what follows; empty: nobody knows */
  char former[WEIR_SHA256_B64_CHARS + 1];    /* of the key that it took over from; empty: none */
  uint64_t changed;                          /* seq of the record that says so */
  char aud[WEIR_AUD_MAX + 1];      /* empty when it is longer, which ours never is */
};

struct weir_log_line {
  unsigned char hash[WEIR_LOG_HASH_BYTES];
  uint64_t seq;   /* 0: not in use */
  uint32_t head;  /* index of its chain and aud */
  uint32_t next;  /* in its bucket: index + 1, 0 ends it */
};

/* All zero is an empty log. Large: lives in the verifier. */
struct weir_log {
  size_t head_cnt;
  uint32_t at; /* the line that is forgotten next */
  struct weir_log_head heads[WEIR_LOG_SLOTS];
  struct weir_log_line lines[WEIR_RECENT_LINES];
  uint32_t buckets[WEIR_RECENT_LINES]; /* index + 1 of the first line, 0: none */
};

/* `hash` is the line's, or that of the line a tombstone stands for; `kid` is the key that signed it. Judges a line whose signature and claims hold by the lines before it, and takes it in unless it is BAD.
 * Returns WEIR_OK, or WEIR_E_LIMIT when it would be one chain and aud more than the log can follow (*check is BAD then).
 * *err is written for BAD and GAP. */
weir_status weir_log_take(struct weir_log *log, const struct weir_claims *claims, const unsigned char hash[WEIR_SHA256_BYTES], weir_str kid,
                          weir_check *check, weir_error *err);
/* The head of a chain that was handed over to the key `kid`; NULL: none was. */
const struct weir_log_head *weir_log_successor(const struct weir_log *log, weir_str kid);

#endif
