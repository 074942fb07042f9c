/* features.c: gates. A regex that has a literal in the text is still tried in vain when its other literals are not there;
 * one without literals would be tried on every text. So both ask a few cheap questions first: are there characters of the
 * kinds it needs, digits in a row, the pairs of bytes of its other literals. A gate may let too much pass, never too
 * little. */
#include "match/features.h"

#include "text/utf8.h"
#include "limits.h"


unsigned weir_kinds_bit(struct weir_kinds *kinds, const struct weir_need *need, bool add) {
  for (uint32_t i = 0; i < kinds->cnt; i++) {
    if (kinds->needs[i].others == need->others && memcmp(kinds->needs[i].ascii, need->ascii, sizeof need->ascii) == 0) return i;
  }
  if (!add || kinds->cnt == 64) return 64;
  kinds->needs[kinds->cnt] = *need;
  for (unsigned c = 0; c < 256; c++) {
    bool in = c < 128 ? (need->ascii[c >> 6] >> (c & 63)) & 1 : need->others;
    if (in) kinds->of[c] |= UINT64_C(1) << kinds->cnt;
  }
  return kinds->cnt++;
}

/* The other literals, as groups of pairs. */
static void add_grams(const struct weir_literal_set *set, struct weir_gate *gate) {
  struct weir_window window;
  double weight;
  if (gate->gram_cnt + set->cnt > WEIR_GATE_GRAMS) return;
  for (size_t i = 0; i < set->cnt; i++) if (set->words[i].len < 2) return;
  for (size_t i = 0; i < set->cnt; i++) {
    (void)weir_window_best(set->words[i], &window, &weight);
    gate->grams[gate->gram_cnt++] = weir_gram(window.first, window.second);
  }
  gate->last = (uint8_t)(gate->last | 1u << (gate->gram_cnt - 1));
}

/* A bit of the three bytes behind a row of digits, or of one that is ASCII. */
static unsigned after_hash(const char *text) {
  uint32_t bytes = (unsigned char)text[0];
  if (bytes >= 0x80) bytes |= (uint32_t)(unsigned char)text[1] << 8 | (uint32_t)(unsigned char)text[2] << 16;
  return (bytes * 0x9E3779B1u) >> 26;
}

/* 1 + the number of the letters; 0: there are too few to tell much, or there is no room. */
static uint8_t add_order(struct weir_kinds *kinds, const struct weir_needs *needs) {
  struct weir_order *order = &kinds->orders[kinds->order_cnt];
  if (needs->order_cnt < WEIR_ORDER_MIN || kinds->order_cnt == WEIR_ORDERS_MAX) return 0;
  *order = (struct weir_order){ .cnt = needs->order_cnt, .joined = needs->order_joined };
  memcpy(order->letters, needs->order, needs->order_cnt);
  return (uint8_t)++kinds->order_cnt;
}

void weir_gate_make(struct weir_kinds *kinds, const struct weir_required *required, size_t trigger, const struct weir_needs *needs,
                    struct weir_gate *out) {
  *out = (struct weir_gate){ .digits = (uint16_t)(needs->digits > 255 ? 255 : needs->digits),
                             .longest = (uint16_t)(needs->longest > 65535 ? 0 : needs->longest) }; /* fixed: 16 bits */
  if (needs->exact_most && needs->exact_most < WEIR_DIGITS_ROW_MAX) out->exact_least = (uint8_t)needs->exact_least, out->exact_most = (uint8_t)needs->exact_most;
  if (needs->digits >= WEIR_DIGITS_ROW_MIN && needs->after.len && ((unsigned char)needs->after.ptr[0] < 0x80 || needs->after.len >= 3)) {
    out->after = (uint8_t)(1 + after_hash(needs->after.ptr));
  }
  if (trigger >= required->set_cnt) out->order = add_order(kinds, needs);
  for (size_t i = 0; i < required->set_cnt; i++) if (i != trigger) add_grams(&required->sets[i], out);
  for (size_t i = 0; i < needs->set_cnt; i++) {
    unsigned bit = weir_kinds_bit(kinds, &needs->sets[i], trigger >= required->set_cnt);
    if (bit < 64) out->needs |= UINT64_C(1) << bit; /* fixed: bits */
  }
}

bool weir_gate_open(const struct weir_kinds *kinds, const struct weir_gate *gate) {
  if (gate->digits || gate->gram_cnt || gate->longest || gate->order) return false;
  for (uint32_t i = 0; i < kinds->cnt; i++) {
    const struct weir_need *need = &kinds->needs[i];
    uint32_t cnt = 0;
    for (int k = 0; k < 2; k++) for (uint64_t rest = need->ascii[k]; rest; rest &= rest - 1) cnt++;
    if (((gate->needs >> i) & 1) && !need->others && cnt < 20) return false;
  }
  return true;
}

/* ---- Of a text */

void weir_features_reset(struct weir_features *features) {
  features->kinds_ready = features->chars_ready = features->grams_ready = features->runs_ready = features->letters_ready = false;
  features->digits_least = 0;
  features->digits_below = UINT32_MAX;
}

static void find_kinds(const struct weir_kinds *kinds, weir_str text, struct weir_features *features) {
  uint64_t found = 0;
  for (size_t i = 0; i < text.len; i++) found |= kinds->of[(unsigned char)text.ptr[i]];
  features->kinds = found;
  features->kinds_ready = true;
}

static bool digit(char c) { return c >= '0' && c <= '9'; }

/* Whether `run` digits stand in a row: every run-th byte is one of them, so only those are looked at. */
static bool has_digits(weir_str text, uint32_t run) {
  for (size_t at = run - 1; at < text.len;) {
    size_t start = at, end = at + 1;
    if (!digit(text.ptr[at])) {
      at += run;
      continue;
    }
    while (start > 0 && digit(text.ptr[start - 1]) && end - start < run) start--;
    while (end < text.len && digit(text.ptr[end]) && end - start < run) end++;
    if (end - start >= run) return true;
    at = end + run;
  }
  return false;
}

bool weir_digits_pass(uint32_t run, weir_str text, struct weir_features *features) {
  if (run <= features->digits_least) return true;
  if (run >= features->digits_below) return false;
  if (has_digits(text, run)) features->digits_least = run;
  else features->digits_below = run;
  return run <= features->digits_least;
}

/* Rows of digits: how long they are, and what stands behind those that are long enough. */
static void find_runs(weir_str text, struct weir_features *features) {
  features->run_lengths = features->run_after = 0;
  for (size_t at = 0, end; at < text.len; at = end + 1) {
    for (end = at; end < text.len && digit(text.ptr[end]);) end++;
    if (end == at) continue;
    features->run_lengths |= UINT64_C(1) << (end - at < WEIR_DIGITS_ROW_MAX ? end - at : WEIR_DIGITS_ROW_MAX);
    /* A text is followed by bytes that are no character of it. */
    if (end - at >= WEIR_DIGITS_ROW_MIN && end < text.len) features->run_after |= UINT64_C(1) << after_hash(text.ptr + end);
  }
  features->runs_ready = true;
}

static bool runs_pass(const struct weir_gate *gate, weir_str text, struct weir_features *features) {
  if (!features->runs_ready) find_runs(text, features);
  if (gate->after && !((features->run_after >> (gate->after - 1)) & 1)) return false;
  return !gate->exact_most || ((features->run_lengths >> gate->exact_least) & ((UINT64_C(2) << (gate->exact_most - gate->exact_least)) - 1)) != 0;
}

/* Without branches: where words end cannot be foreseen. */
static void find_followers(weir_str text, struct weir_features *features) {
  unsigned last = 26;
  memset(features->followers, 0, sizeof features->followers);
  for (size_t i = 0; i < text.len; i++) {
    unsigned letter = (unsigned)(unsigned char)text.ptr[i] - 'a';
    bool is = letter < 26;
    features->followers[last] |= (uint32_t)is << (letter & 31);
    last = is ? letter : last;
  }
  features->letters_ready = true;
}

/* First what is known of the text already, then whether the letters are there one after the other. */
static bool order_passes(const struct weir_order *order, weir_str text, struct weir_features *features) {
  const char *at = text.ptr, *end = text.ptr + text.len;
  if (!features->letters_ready) find_followers(text, features);
  for (unsigned i = 0; i + 1 < order->cnt; i++) {
    if (((order->joined >> i) & 1) && !((features->followers[order->letters[i] - 'a'] >> (order->letters[i + 1] - 'a')) & 1)) return false;
  }
  for (unsigned i = 0; i < order->cnt; i++) {
    if (!(at = memchr(at, order->letters[i], (size_t)(end - at)))) return false;
    at++;
  }
  return true;
}

void weir_features_grams(weir_str text, struct weir_features *features) {
  if (++features->epoch == 0) {
    memset(features->stamps, 0, sizeof features->stamps);
    features->epoch = 1;
  }
  for (size_t i = 0; i + 1 < text.len; i++) features->stamps[weir_gram((unsigned char)text.ptr[i], (unsigned char)text.ptr[i + 1])] = features->epoch;
  features->grams_ready = true;
}

static bool grams_pass(const struct weir_gate *gate, const struct weir_features *features) {
  bool any = false;
  for (unsigned i = 0; i < gate->gram_cnt; i++) {
    any = any || features->stamps[gate->grams[i]] == features->epoch;
    if (!((gate->last >> i) & 1)) continue;
    if (!any) return false;
    any = false;
  }
  return true;
}

static bool short_enough(uint16_t longest, weir_str text, struct weir_features *features) {
  if (text.len <= longest) return true;
  if (text.len > (size_t)longest * 4) return false;
  if (!features->chars_ready) features->chars = weir_utf8_count(text), features->chars_ready = true;
  return features->chars <= longest;
}

bool weir_gate_passes(const struct weir_gate *gate, const struct weir_kinds *kinds, weir_str text, struct weir_features *features) {
  if (gate->longest && !short_enough(gate->longest, text, features)) return false;
  if (gate->digits && !weir_digits_pass(gate->digits, text, features)) return false;
  if (gate->needs) {
    if (!features->kinds_ready) find_kinds(kinds, text, features);
    if ((features->kinds & gate->needs) != gate->needs) return false;
  }
  if ((gate->after || gate->exact_most) && !runs_pass(gate, text, features)) return false;
  if (gate->order && !order_passes(&kinds->orders[gate->order - 1], text, features)) return false;
  if (gate->gram_cnt == 0) return true;
  if (!features->grams_ready) weir_features_grams(text, features);
  return grams_pass(gate, features);
}
