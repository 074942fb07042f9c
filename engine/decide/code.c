/* code.c: codes that lead from one channel to another. Short enough to be typed from memory, without characters that are
 * mistaken for each other (0 o, 1 i l), and with a digit, so that no ordinary word is one.
 *
 * A code is derived, not drawn: the same event gives the same code, and nobody who lacks the secret can guess it. */
#include "decide/code.h"

#include "decide/pending.h"
#include "limits.h"

static const char alphabet[] = "23456789abcdefghjkmnpqrstuvwxyz";

#define ALPHABET_CNT (sizeof alphabet - 1)
#define DIGIT_CNT 8 /* they stand first */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

/* The `try`th code of this contact and decision. */
static void derive(const struct weir_decide *d, unsigned char try, char code[WEIR_CODE_LEN + 1]) {
  unsigned char id[WEIR_ID_BYTES];
  weir_str parts[] = {
    WEIR_STR("code"), d->contact.channel, d->contact.account, d->contact.id, d->id, { (const char *)&try, 1 }
  };
  weir_id_hash(d->secret, parts, sizeof parts / sizeof parts[0], id);
  uint64_t value = 0;
  for (unsigned i = 0; i < 8; i++) value = value << 8 | id[i];
  unsigned digit_at = (unsigned)(value % WEIR_CODE_LEN);
  value /= WEIR_CODE_LEN;
  for (unsigned i = 0; i < WEIR_CODE_LEN; i++) {
    unsigned choices = i == digit_at ? DIGIT_CNT : ALPHABET_CNT;
    code[i] = alphabet[value % choices];
    value /= choices;
  }
  code[WEIR_CODE_LEN] = '\0';
}

/* Keeps the code alive for him, and shows it. */
static weir_status give(struct weir_decide *d, weir_str code, weir_str *out, weir_error *err) {
  struct weir_change change = { .kind = WEIR_CHANGE_CODE, .until_ms = d->now_ms + WEIR_CODE_MS };
  weir_str shown;
  if (!weir_arena_str(d->arena, code, &change.value) || !weir_arena_str(d->arena, code, &shown)) {
    return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  }
  char *letters = (char *)(uintptr_t)shown.ptr;
  for (size_t i = 0; i < shown.len; i++) {
    if (is_letter(letters[i])) letters[i] = (char)(letters[i] - 'a' + 'A');
  }
  weir_status status = weir_decide_change(d, &change, err);
  if (status == WEIR_OK) *out = shown;
  return status;
}

weir_status weir_code_give(struct weir_decide *d, weir_str *out, weir_error *err) {
  *out = (weir_str){ NULL, 0 };
  weir_status status = weir_decide_person(d, err);
  if (status != WEIR_OK) return status;
  const struct weir_change *given = weir_pending_change(d, WEIR_CHANGE_CODE, (weir_str){ NULL, 0 });
  if (given) return give(d, given->value, out, err);
  uint64_t owner = 0;
  if (d->person.code.len) {
    /* told again, it lives on; one that ran out in between is not brought back to life */
    status = d->store->ops->code(d->store, d->person.code, d->now_ms, &owner, err);
    if (status != WEIR_OK) return status;
    if (owner == d->person.id) return give(d, d->person.code, out, err);
  }
  for (unsigned char try = 0; try < WEIR_CODE_DRAWS; try++) {
    char code[WEIR_CODE_LEN + 1];
    derive(d, try, code);
    status = d->store->ops->code(d->store, (weir_str){ code, WEIR_CODE_LEN }, d->now_ms, &owner, err);
    if (status != WEIR_OK) return status;
    if (owner == 0) return give(d, (weir_str){ code, WEIR_CODE_LEN }, out, err);
  }
  return WEIR_OK;
}

/* Whether a run of letters and digits can be a code: every character of the alphabet, one of them a digit. */
static bool may_be_code(const char *run) {
  bool digit = false;
  for (unsigned i = 0; i < WEIR_CODE_LEN; i++) {
    if (!memchr(alphabet, run[i], ALPHABET_CNT)) return false;
    digit = digit || is_digit(run[i]);
  }
  return digit;
}

/* The next run at or after *at that may be a code; *at moves behind it. */
static bool next_run(weir_str folded, size_t *at, weir_str *run) {
  while (*at < folded.len) {
    size_t start = *at, end = start;
    /* Only ASCII makes a run: in "备注k7wm3q谢谢" the words around are letters too. */
    while (end < folded.len && (is_digit(folded.ptr[end]) || is_letter(folded.ptr[end]))) end++;
    *at = end + 1;
    if (end - start != WEIR_CODE_LEN || !may_be_code(folded.ptr + start)) continue;
    *run = (weir_str){ folded.ptr + start, WEIR_CODE_LEN };
    return true;
  }
  return false;
}

weir_status weir_decide_find_code(struct weir_store *store, weir_str folded, int64_t now_ms, uint64_t *person, char code[],
                                  weir_error *err) {
  size_t at = 0;
  weir_str run;
  *person = 0;
  code[0] = '\0';
  for (unsigned tries = 0; tries < WEIR_CODE_TRIES && next_run(folded, &at, &run); tries++) {
    uint64_t owner = 0;
    weir_status status = store->ops->code(store, run, now_ms, &owner, err);
    if (status != WEIR_OK) return status;
    if (owner == 0) continue;
    memcpy(code, run.ptr, run.len);
    code[run.len] = '\0';
    *person = owner;
    return WEIR_OK;
  }
  return WEIR_OK;
}
