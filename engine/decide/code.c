/* code.c: giving out codes that lead from one channel to another. Short enough to be typed from memory, without characters that
 * are mistaken for each other (0 o, 1 i l), and with a digit, so that no ordinary word is one. A pack may choose others. Reading
 * them is in code_read.c.
 *
 * A code is derived, not drawn: the same event gives the same code, and nobody who lacks the secret can guess it. */
#include "decide/code.h"

#include "decide/parse.h"
#include "decide/pending.h"
#include "limits.h"

static const struct weir_code_spec usual = { "23456789abcdefghjkmnpqrstuvwxyz", 31, 8, WEIR_CODE_LEN, WEIR_CODE_MS };

const struct weir_code_spec *weir_code_spec_of(const struct weir_ruleset *ruleset) {
  return ruleset && ruleset->code.len ? &ruleset->code : &usual;
}

void weir_code_mark(weir_str code, unsigned char key[WEIR_ID_BYTES]) { weir_id_hash(WEIR_STR("weir code"), &code, 1, key); }

/* ---- Giving */

/* The `try`th code of this contact and decision. */
static void derive(const struct weir_decide *d, unsigned char try, char code[WEIR_CODE_LEN_MAX + 1]) {
  const struct weir_code_spec *spec = weir_code_spec_of(d->ruleset);
  unsigned char id[WEIR_ID_BYTES];
  weir_str parts[] = {
    WEIR_STR("code"), d->contact.channel, d->contact.account, d->contact.id, d->id, { (const char *)&try, 1 }
  };
  weir_id_hash(d->secret, parts, sizeof parts / sizeof parts[0], id);
  uint64_t value = 0;
  for (unsigned i = 0; i < 8; i++) value = value << 8 | id[i];
  bool mixed = spec->digit_cnt > 0 && spec->digit_cnt < spec->cnt;
  unsigned digit_at = mixed ? (unsigned)(value % spec->len) : spec->len;
  if (mixed) value /= spec->len;
  for (unsigned i = 0; i < spec->len; i++) {
    unsigned choices = i == digit_at ? spec->digit_cnt : spec->cnt;
    code[i] = spec->alphabet[value % choices];
    value /= choices;
  }
  code[spec->len] = '\0';
}

/* Keeps the code alive for him, and shows it. */
static weir_status give(struct weir_decide *d, weir_str code, weir_str *out, weir_error *err) {
  int64_t until_ms = d->now_ms + weir_code_spec_of(d->ruleset)->valid_ms;
  struct weir_change change = { .kind = WEIR_CHANGE_CODE, .until_ms = until_ms };
  struct weir_change mark = { .kind = WEIR_CHANGE_DEDUPE, .value = WEIR_STR("given"), .at_ms = d->now_ms, .until_ms = until_ms + WEIR_CODE_KNOWN_MS };
  weir_str shown;
  if (!weir_arena_str(d->arena, code, &change.value) || !weir_arena_str(d->arena, code, &shown)) {
    return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  }
  char *letters = (char *)(uintptr_t)shown.ptr;
  for (size_t i = 0; i < shown.len; i++) {
    if (letters[i] >= 'a') letters[i] = (char)(letters[i] - 'a' + 'A');
  }
  weir_code_mark(code, mark.key);
  weir_status status = weir_decide_change(d, &change, err);
  if (status == WEIR_OK) status = weir_decide_change(d, &mark, err);
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
    char code[WEIR_CODE_LEN_MAX + 1];
    derive(d, try, code);
    status = d->store->ops->code(d->store, weir_str_of(code), d->now_ms, &owner, err);
    if (status != WEIR_OK) return status;
    if (owner == 0) return give(d, weir_str_of(code), out, err);
  }
  return WEIR_OK;
}

/* ---- Choosing their look */

static const struct {
  const char *name, *alphabet;
} presets[] = {
  { "clear", "23456789abcdefghjkmnpqrstuvwxyz" },
  { "digits", "0123456789" },
  { "letters", "abcdefghjkmnpqrstuvwxyz" },
};

/* Takes the characters of `text` in ascending order. */
static weir_status take_alphabet(struct weir_parse *p, weir_str text, struct weir_code_spec *out) {
  bool has[128] = { false };
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.ptr[i];
    if (c >= 'A' && c <= 'Z') c = (unsigned char)(c - 'A' + 'a');
    bool fits = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
    if (!fits) return weir_parse_bad(p, "alphabet", "a code is made of the digits 0-9 and the letters a-z: \"clear\", \"digits\", \"letters\", or those you name");
    if (has[c]) return weir_parse_bad(p, "alphabet", "has \"%c\" twice; capital letters count as small ones", c);
    has[c] = true;
  }
  out->cnt = out->digit_cnt = 0;
  for (unsigned c = '0'; c <= 'z'; c++) {
    if (!has[c]) continue;
    out->alphabet[out->cnt++] = (char)c;
    out->digit_cnt += c <= '9';
  }
  out->alphabet[out->cnt] = '\0';
  return WEIR_OK;
}

static weir_status read_alphabet(struct weir_parse *p, const struct weir_value *value, struct weir_code_spec *out) {
  if (value->kind != WEIR_VALUE_STR) {
    return weir_parse_bad(p, "alphabet", "expected \"clear\", \"digits\", \"letters\" or a text of the characters, not %s", weir_value_says(value));
  }
  for (size_t i = 0; i < sizeof presets / sizeof presets[0]; i++) {
    if (weir_str_eq(value->u.s, weir_str_of(presets[i].name))) return take_alphabet(p, weir_str_of(presets[i].alphabet), out);
  }
  return take_alphabet(p, value->u.s, out);
}

/* How many codes there are, up to enough. */
static uint64_t count_codes(const struct weir_code_spec *spec) {
  uint64_t cnt = 1;
  for (uint32_t i = 0; i < spec->len && cnt < WEIR_CODE_CNT_MIN; i++) cnt *= spec->cnt;
  return cnt;
}

weir_status weir_code_parse(struct weir_parse *p, const struct weir_value *value, struct weir_code_spec *out) {
  static const weir_str known[] = { { "alphabet", 8 }, { "length", 6 }, { "valid", 5 } };
  struct weir_code_spec spec = usual;
  int64_t number, to;
  if (value->kind != WEIR_VALUE_TABLE || value->u.t->list_cnt > 0) {
    return weir_parse_bad(p, NULL, "expected names and values, such as { alphabet = \"digits\", length = 8, valid = \"7d\" }, not %s", weir_value_says(value));
  }
  weir_status status = weir_parse_known(p, value, known, sizeof known / sizeof known[0]);
  const struct weir_value *alphabet = weir_value_get(value, "alphabet"), *length = weir_value_get(value, "length"), *valid = weir_value_get(value, "valid");
  if (status == WEIR_OK && alphabet) status = read_alphabet(p, alphabet, &spec);
  if (status == WEIR_OK && length) {
    status = weir_parse_int(p, "length", length, WEIR_CODE_LEN_MIN, WEIR_CODE_LEN_MAX, &number);
    if (status == WEIR_OK) spec.len = (uint32_t)number;
  }
  if (status == WEIR_OK && valid) {
    status = weir_parse_duration(p, "valid", valid, &spec.valid_ms, &to);
    if (status == WEIR_OK && (spec.valid_ms != to || to == 0 || to > WEIR_CODE_MS_MAX)) {
      status = weir_parse_bad(p, "valid", "expected one length of time such as \"7d\", at most a year");
    }
  }
  if (status == WEIR_OK && count_codes(&spec) < WEIR_CODE_CNT_MIN) {
    return weir_parse_bad(p, NULL, "codes of %u characters out of %u can be guessed: there must be a million of them", spec.len, spec.cnt);
  }
  if (status == WEIR_OK) *out = spec;
  return status;
}
