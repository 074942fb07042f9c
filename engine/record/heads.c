/* heads.c: which of the records that must be in a log were seen, and what the log's own heads are. */
#include "record/heads.h"

weir_status weir_wanted_add(struct weir_wanted_list *list, weir_str aud, uint64_t seq, weir_str hash, weir_error *err) {
  unsigned char bytes[WEIR_SHA256_BYTES];
  size_t len = 0;
  if (aud.len == 0 || aud.len > WEIR_AUD_MAX || seq == 0) return weir_fail(err, WEIR_E_ARG, "a head is an aud of 1 to %d bytes and a seq from 1 on", WEIR_AUD_MAX);
  if (hash.len != WEIR_SHA256_B64_CHARS || !weir_base64url_decode(hash, bytes, sizeof bytes, &len)) {
    return weir_fail(err, WEIR_E_FORMAT, "a head's hash is the SHA-256 of its record's line in base64url, %d characters, as \"prev\" of the next has it",
                     WEIR_SHA256_B64_CHARS);
  }
  if (list->cnt == WEIR_CHAINS_MAX) return weir_fail(err, WEIR_E_LIMIT, "more than %d heads", WEIR_CHAINS_MAX);
  struct weir_wanted *w = &list->items[list->cnt++];
  memset(w, 0, sizeof *w);
  memcpy(w->aud, aud.ptr, aud.len);
  w->seq = seq;
  memcpy(w->hash, bytes, sizeof w->hash);
  return WEIR_OK;
}

void weir_wanted_seen(struct weir_wanted_list *list, const struct weir_claims *claims, const unsigned char hash[WEIR_SHA256_BYTES]) {
  for (size_t i = 0; i < list->cnt; i++) {
    struct weir_wanted *w = &list->items[i];
    if (w->seq != claims->seq || !weir_str_eq(weir_str_of(w->aud), claims->aud)) continue;
    if (memcmp(w->hash, hash, sizeof w->hash) == 0) w->found = true;
    else w->other = true;
  }
}
