/* code_read.c: finding a code in what somebody wrote, however he typed it: folding has seen to case and width; here spaces within it
 * and look-alikes are seen to. And who guesses codes is found out: wrong ones are counted by the hour, for each contact and
 * for each account. */
#include <string.h>

#include "decide/code.h"
#include "limits.h"

/* ---- Runs that may be codes */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); }
static bool divides(char c) { return c == ' ' || c == '-' || c == '.' || c == '_'; }

/* A character of the alphabet for what was typed; 0: there is none. Who reads "l" may type "1". */
static char look_alike(const struct weir_code_spec *spec, char c) {
  static const char *const groups[] = { "0o", "1il", "2z", "5s", "8b" };
  if (memchr(spec->alphabet, c, spec->cnt)) return c;
  for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
    if (!strchr(groups[i], c)) continue;
    char only = 0;
    for (const char *g = groups[i]; *g; g++) {
      if (!memchr(spec->alphabet, *g, spec->cnt)) continue;
      if (only) return 0; /* it could be either */
      only = *g;
    }
    return only;
  }
  return 0;
}

/* Reads a code at `at`: exactly as many letters and digits as it has, with at most one divider between two of them, and none
 * around. Only ASCII counts: in "备注k7wm3q谢谢" the words around are letters too. */
static bool read_at(const struct weir_code_spec *spec, weir_str folded, size_t at, char code[WEIR_CODE_LEN_MAX + 1]) {
  bool digit = false;
  uint32_t cnt = 0;
  size_t i = at;
  for (; i < folded.len && cnt < spec->len; i++) {
    char c = folded.ptr[i];
    if (cnt > 0 && divides(c) && i + 1 < folded.len && is_word(folded.ptr[i + 1])) continue;
    char read = is_word(c) ? look_alike(spec, c) : 0;
    if (!read) return false;
    code[cnt++] = read;
    digit = digit || is_digit(read);
  }
  code[cnt] = '\0';
  bool ends = i >= folded.len || !is_word(folded.ptr[i]);
  bool mixed = spec->digit_cnt > 0 && spec->digit_cnt < spec->cnt;
  return cnt == spec->len && ends && (digit || !mixed);
}

static bool begins_word(weir_str folded, size_t at) { return is_word(folded.ptr[at]) && (at == 0 || !is_word(folded.ptr[at - 1])); }

/* ---- What becomes of one */

static weir_status judge(struct weir_decide *d, struct weir_code_found *out, const char *code, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  uint64_t owner = 0;
  weir_str what;
  bool seen = false;
  weir_status status = d->store->ops->code(d->store, weir_str_of(code), d->now_ms, &owner, err);
  if (status != WEIR_OK) return status;
  if (owner != 0) {
    out->state = WEIR_CODE_OK;
    out->person = owner;
    memcpy(out->code, code, strlen(code) + 1);
    return WEIR_OK;
  }
  weir_code_mark(weir_str_of(code), key);
  status = d->store->ops->seen(d->store, key, d->now_ms, d->arena, &seen, &what, err);
  if (status != WEIR_OK) return status;
  enum weir_code_state state = !seen ? WEIR_CODE_UNKNOWN : weir_str_eq(what, WEIR_STR("used")) ? WEIR_CODE_USED : WEIR_CODE_EXPIRED;
  if (out->state == WEIR_CODE_NONE || out->state == WEIR_CODE_UNKNOWN) out->state = state;
  return WEIR_OK;
}

/* ---- Guessing */

enum { CONTACT = 0, ACCOUNT = 1 };

static void tries_key(const struct weir_decide *d, int whose, unsigned char key[WEIR_ID_BYTES]) {
  const int64_t hour = INT64_C(3600) * 1000;
  int64_t now = d->now_ms / hour;
  weir_str parts[] = { { (const char *)&now, sizeof now }, d->contact.channel, d->contact.account, d->contact.id };
  weir_id_hash(WEIR_STR("weir code tries"), parts, whose == CONTACT ? 4 : 3, key);
}

static weir_status is_limited(struct weir_decide *d, bool *limited, weir_error *err) {
  static const int64_t most[] = { [CONTACT] = WEIR_CODE_WRONG_CONTACT, [ACCOUNT] = WEIR_CODE_WRONG_ACCOUNT };
  weir_status status = WEIR_OK;
  *limited = false;
  for (int whose = CONTACT; whose <= ACCOUNT && status == WEIR_OK && !*limited; whose++) {
    unsigned char key[WEIR_ID_BYTES];
    int64_t tries = 0;
    tries_key(d, whose, key);
    status = d->store->ops->total(d->store, key, d->now_ms, &tries, err);
    *limited = tries >= most[whose];
  }
  return status;
}

weir_status weir_decide_wrong_code(struct weir_decide *d, weir_error *err) {
  const int64_t hour = INT64_C(3600) * 1000;
  weir_status status = WEIR_OK;
  for (int whose = CONTACT; whose <= ACCOUNT && status == WEIR_OK; whose++) {
    struct weir_change change = { .kind = WEIR_CHANGE_TOTAL, .number = 1, .until_ms = d->now_ms - d->now_ms % hour + hour };
    tries_key(d, whose, change.key);
    status = weir_decide_change(d, &change, err);
  }
  return status;
}

weir_status weir_decide_find_code(struct weir_decide *d, weir_str folded, struct weir_code_found *out, weir_error *err) {
  const struct weir_code_spec *spec = weir_code_spec_of(d->ruleset);
  char code[WEIR_CODE_LEN_MAX + 1];
  weir_status status = WEIR_OK;
  unsigned tries = 0;
  memset(out, 0, sizeof *out);
  for (size_t at = 0; at < folded.len && tries < WEIR_CODE_TRIES && out->state != WEIR_CODE_OK; at++) {
    bool limited;
    if (!begins_word(folded, at) || !read_at(spec, folded, at, code)) continue;
    if (tries++ == 0) {
      if ((status = is_limited(d, &limited, err)) != WEIR_OK) return status;
      if (limited) {
        out->state = WEIR_CODE_LIMITED;
        return WEIR_OK;
      }
    }
    if ((status = judge(d, out, code, err)) != WEIR_OK) {
      memset(out, 0, sizeof *out);
      return status;
    }
  }
  return WEIR_OK;
}
