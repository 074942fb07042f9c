/* fold_tables.c: makes the tables of engine/text/ and prints them as a C header. Runs on the building machine only.
 *
 * What comes from where, and why:
 *   utf8proc       compatibility decomposition, case folding, combining classes, categories, composition. The tests
 *                  compare the finished folding with the same library, code point by code point.
 *   unicode-data   default-ignorable code points, digit values, scripts, emoji, white space, decomposition pairs: all that
 *                  utf8proc does not tell. Both speak of the same Unicode version on Debian 12 (15.0). If they ever differ,
 *                  the version string names both; normalisation then follows utf8proc alone, so it stays in itself whole.
 *   opencc         traditional, simplified, Taiwan and Hong Kong forms. Its dictionaries are compiled (.ocd2, tries whose
 *                  inner form is nobody's promise), so they are read through opencc's own tool, opencc_dict. Unihan's
 *                  variant fields were not taken: they list every relation that a scholar ever saw, the dictionaries what
 *                  people write.
 *
 * Han characters are put into groups: A and B are in one group when any of the dictionaries turns one into the other. All
 * of a group fold to one of them, so a text compares equal however it is spelt, also where one simplified character
 * stands for several traditional ones (发: 發, 髮) or the other way round (乾: 干, 乾). */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#define UCD "/usr/share/unicode/"
#define OPENCC "/usr/share/opencc/"
#define LAST 0x110000u
#define SEQ_MAX 64          /* code points of one folded character: 18 is the most there is */
#define IOTA_MARK 0x345u    /* the one mark that case folding turns into a letter */
#define IOTA 0x3B9u

static void die(const char *what, const char *detail) {
  fprintf(stderr, "fold_tables: %s: %s\n", what, detail);
  exit(1);
}

/* ---- What Unicode says of each code point */

enum { LETTER = 1, DIGIT = 2, SPACE = 4, PUNCT = 8, EMOJI = 16, CONTROL = 32, DENSE = 64, MARK = 128 }; /* words.h */

static bool ignorable[LAST], white[LAST], emoji[LAST], pictographic[LAST];
static uint8_t digit_of[LAST];   /* value + 1; 0: none */
static uint8_t script_of[LAST];  /* index into script_names; 0: Common, Inherited, Unknown */
static uint32_t han_of[LAST];    /* group representative; 0: none */
static char script_names[256][40] = { "Common" };
static unsigned script_cnt = 1;

struct pair { uint32_t a, b, c; }; /* a followed by b composes to c */
static struct pair pairs[2048];
static unsigned pair_cnt;
static bool joins_back[LAST];      /* some pair has it second: it may change what stands before it */

static FILE *open_text(const char *path) {
  FILE *f = fopen(path, "r");
  if (!f) die("cannot read (Debian package unicode-data)", path);
  return f;
}

/* Calls fn for each line "XXXX[..YYYY] ; value" of a Unicode data file. */
static void each_range(const char *path, void (*fn)(uint32_t cp, const char *value, void *ctx), void *ctx) {
  FILE *f = open_text(path);
  char line[1024], value[256];
  while (fgets(line, sizeof line, f)) {
    unsigned long lo, hi;
    char *at;
    if (!strchr("0123456789ABCDEF", line[0])) continue;
    lo = hi = strtoul(line, &at, 16);
    if (at[0] == '.' && at[1] == '.') hi = strtoul(at + 2, &at, 16);
    if (sscanf(at, " ; %255[^#\n]", value) != 1 || hi >= LAST) die("unexpected line", line);
    for (size_t n = strlen(value); n > 0 && value[n - 1] == ' '; n--) value[n - 1] = '\0';
    for (unsigned long cp = lo; cp <= hi; cp++) fn((uint32_t)cp, value, ctx);
  }
  fclose(f);
}

struct flag { const char *name; bool *set; };
static void take_flag(uint32_t cp, const char *value, void *ctx) {
  const struct flag *flag = ctx;
  if (strcmp(value, flag->name) == 0) flag->set[cp] = true;
}
static void read_flag(const char *path, const char *name, bool *set) { each_range(path, take_flag, &(struct flag){ name, set }); }

static unsigned script_index(const char *name) {
  if (!strcmp(name, "Common") || !strcmp(name, "Inherited") || !strcmp(name, "Unknown")) return 0;
  for (unsigned i = 1; i < script_cnt; i++) {
    if (!strcmp(script_names[i], name)) return i;
  }
  if (script_cnt == 256 || strlen(name) >= sizeof script_names[0]) die("too many scripts", name);
  snprintf(script_names[script_cnt], sizeof script_names[0], "%s", name);
  return script_cnt++;
}
static void take_script(uint32_t cp, const char *value, void *ctx) {
  (void)ctx;
  script_of[cp] = (uint8_t)script_index(value);
}
/* Common letters that only kana use, such as the long-vowel sign, count as Katakana. */
static void take_extension(uint32_t cp, const char *value, void *ctx) {
  (void)ctx;
  bool kana = !strcmp(value, "Hira Kana") || !strcmp(value, "Kana");
  if (script_of[cp] == 0 && kana) script_of[cp] = (uint8_t)script_index("Katakana");
}

static unsigned ccc(uint32_t cp) { return (unsigned)utf8proc_get_property((utf8proc_int32_t)cp)->combining_class; }

/* ---- Sequences of code points, through utf8proc */

struct seq { uint32_t cp[SEQ_MAX]; unsigned n; };

static void put(struct seq *s, uint32_t cp) {
  if (s->n == SEQ_MAX) die("a folding is longer than", "SEQ_MAX");
  s->cp[s->n++] = cp;
}

static unsigned encode(uint32_t cp, unsigned char out[4]) {
  return (unsigned)utf8proc_encode_char((utf8proc_int32_t)cp, out);
}

static struct seq transform(const struct seq *s, int options) {
  struct seq r = { .n = 0 };
  unsigned char text[SEQ_MAX * 4 + 1], *made;
  unsigned n = 0;
  utf8proc_ssize_t len, at = 0;
  for (unsigned i = 0; i < s->n; i++) n += encode(s->cp[i], text + n);
  len = utf8proc_map(text, (utf8proc_ssize_t)n, &made, (utf8proc_option_t)(options | UTF8PROC_STABLE));
  if (len < 0) die("utf8proc", utf8proc_errmsg(len));
  while (at < len) {
    utf8proc_int32_t cp;
    at += utf8proc_iterate(made + at, len - at, &cp);
    put(&r, (uint32_t)cp);
  }
  free(made);
  return r;
}

static bool same(const struct seq *a, const struct seq *b) {
  return a->n == b->n && !memcmp(a->cp, b->cp, a->n * sizeof a->cp[0]);
}
static bool skin_tone(uint32_t cp) { return cp >= 0x1F3FB && cp <= 0x1F3FF; }

/* One round: decompose, fold case, digits, Han, and leave out what is invisible. U+0345 stays a mark until marks are in
 * order: which letter it becomes part of must not depend on the order they were typed in. */
static struct seq fold_round(const struct seq *s) {
  struct seq d = transform(s, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT), r = { .n = 0 };
  for (unsigned i = 0; i < d.n; i++) {
    struct seq one = { .cp = { d.cp[i] }, .n = 1 };
    if (d.cp[i] != IOTA_MARK) one = transform(&one, UTF8PROC_CASEFOLD);
    for (unsigned k = 0; k < one.n; k++) {
      uint32_t cp = one.cp[k];
      if (ignorable[cp] || skin_tone(cp)) continue;
      if (digit_of[cp]) cp = '0' + digit_of[cp] - 1u;
      put(&r, han_of[cp] ? han_of[cp] : cp);
    }
  }
  return r;
}

static struct seq folded(uint32_t cp) {
  struct seq s = { .cp = { cp }, .n = 1 };
  for (int i = 0; i < 8; i++) {
    struct seq next = fold_round(&s);
    if (same(&s, &next)) return s;
    s = next;
  }
  die("no fixed point", "fold_round");
  return s;
}

/* ---- Reading the sources */

static void read_unicode_data(void) {
  FILE *f = open_text(UCD "UnicodeData.txt");
  char line[1024];
  while (fgets(line, sizeof line, f)) {
    char *field[8], *at = line;
    uint32_t cp = (uint32_t)strtoul(line, NULL, 16), a, b;
    for (int i = 0; i < 8; i++) {
      field[i] = at;
      if (!(at = strchr(at, ';'))) die("unexpected line", line);
      *at++ = '\0';
    }
    if (field[6][0] && !strcmp(field[2], "Nd")) digit_of[cp] = (uint8_t)(atol(field[6]) + 1);
    if (field[5][0] != '<' && sscanf(field[5], "%x %x", &a, &b) == 2) {
      struct seq c = { .cp = { cp }, .n = 1 }, nfc = transform(&c, UTF8PROC_COMPOSE), nfd = transform(&c, UTF8PROC_DECOMPOSE);
      if (same(&c, &nfc) && !same(&c, &nfd)) {
        if (pair_cnt == sizeof pairs / sizeof pairs[0]) die("too many", "pairs");
        pairs[pair_cnt++] = (struct pair){ a, b, cp };
        joins_back[b] = true;
      }
    }
  }
  fclose(f);
  for (uint32_t v = 0x1161; v <= 0x1175; v++) joins_back[v] = true;
  for (uint32_t t = 0x11A8; t <= 0x11C2; t++) joins_back[t] = true;
}

static uint32_t group_of[LAST]; /* parent in the forest of groups; 0: alone */
static unsigned votes[LAST];    /* whether opencc takes it for simplified, and for how many others it is the simplified form */

static uint32_t group(uint32_t cp) {
  while (group_of[cp] && group_of[cp] != cp) cp = group_of[cp];
  return cp;
}

/* The one code point of a word, compatibility forms resolved; 0: it is longer. */
static uint32_t single(const char *word) {
  struct seq s = { .n = 0 };
  utf8proc_ssize_t len = (utf8proc_ssize_t)strlen(word), at = 0;
  while (at < len) {
    utf8proc_int32_t cp;
    utf8proc_ssize_t step = utf8proc_iterate((const unsigned char *)word + at, len - at, &cp);
    if (step < 1) die("not UTF-8 in opencc's data", word);
    if (s.n == 4) return 0;
    put(&s, (uint32_t)cp);
    at += step;
  }
  s = transform(&s, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
  return s.n == 1 && s.cp[0] > 0x2E00 ? s.cp[0] : 0;
}

enum direction { TO_SIMPLIFIED, FROM_SIMPLIFIED, VARIANTS };

static unsigned read_dictionary(const char *name, enum direction direction) {
  char command[256], line[1024];
  unsigned lines = 0;
  FILE *f;
  snprintf(command, sizeof command, "opencc_dict -i " OPENCC "%s.ocd2 -f ocd2 -o /dev/stdout -t text", name);
  if (!(f = popen(command, "r"))) die("cannot start (Debian package opencc)", command);
  while (fgets(line, sizeof line, f)) {
    char *word = strchr(line, '\t'), *end;
    uint32_t from;
    bool first = true;
    lines++;
    if (!word) die("unexpected line of opencc_dict", line);
    *word++ = '\0';
    if ((from = single(line)) != 0 && direction == FROM_SIMPLIFIED) votes[from]++;
    for (end = word + strcspn(word, "\r\n"), *end = '\0'; word < end; word += strlen(word) + 1) {
      uint32_t to, a, b;
      word[strcspn(word, " ")] = '\0';
      to = single(word);
      if (!from || !to) continue;
      if (direction == TO_SIMPLIFIED && to != from) votes[to] += first ? 2 : 1;
      first = false;
      a = group(from), b = group(to);
      group_of[a] = group_of[b] = a < b ? a : b;
    }
  }
  if (pclose(f) != 0) die("failed (Debian package opencc)", command);
  return lines;
}

static void read_han(void) {
  static uint32_t best[LAST];
  if (read_dictionary("TSCharacters", TO_SIMPLIFIED) < 3000 || read_dictionary("STCharacters", FROM_SIMPLIFIED) < 3000) {
    die("too few entries", "opencc");
  }
  read_dictionary("TWVariants", VARIANTS);
  read_dictionary("HKVariants", VARIANTS);
  for (uint32_t cp = 1; cp < LAST; cp++) {
    if (!group_of[cp]) continue;
    uint32_t g = group(cp);
    if (!best[g] || votes[cp] > votes[best[g]]) best[g] = cp;
  }
  for (uint32_t cp = 1; cp < LAST; cp++) {
    if (group_of[cp] && best[group(cp)] != cp) han_of[cp] = best[group(cp)];
  }
}

/* ---- The value of each code point */

static const char *kinds[] = { "IDENTITY", "SIMPLE", "EXPAND", "REMOVED", "MARK", "SLOW", "JOIN", "HANGUL", "INVALID" };
enum { IDENTITY, SIMPLE, EXPAND, REMOVED, MARKS, SLOW, JOIN, HANGUL, INVALID };

static uint32_t values[65536], value_cnt;
static uint16_t value_of[LAST];
static unsigned char pool[1 << 20];
static uint32_t items[1 << 16];
static unsigned pool_len, item_cnt, expand_max, growth_num = 1, growth_den = 1;

static uint16_t value_index(uint32_t v) {
  for (uint32_t i = 0; i < value_cnt; i++) {
    if (values[i] == v) return (uint16_t)i;
  }
  if (value_cnt == 65536) die("too many", "values");
  values[value_cnt] = v;
  return (uint16_t)value_cnt++;
}

static uint32_t pooled(const unsigned char *text, unsigned n) {
  for (unsigned i = 0; i + n <= pool_len; i++) {
    if (!memcmp(pool + i, text, n)) return i;
  }
  if (pool_len + n > sizeof pool || pool_len >= 1u << 20 || n > 255) die("too long", "pool");
  memcpy(pool + pool_len, text, n);
  pool_len += n;
  return pool_len - n;
}

static uint32_t short_value(unsigned kind, const unsigned char *text, unsigned n) {
  uint32_t v = (uint32_t)kind << 28 | n << 24;
  for (unsigned i = 0; i < n; i++) v |= (uint32_t)text[i] << (8 * i);
  return v;
}

/* For the window: what precedes the last marks in composed form, then the marks one by one. */
static uint32_t slow_value(const struct seq *s) {
  struct seq head = { .n = s->n }, tail = { .n = 0 };
  unsigned at = item_cnt;
  while (head.n > 0 && ccc(s->cp[head.n - 1]) != 0) head.n--;
  memcpy(head.cp, s->cp, head.n * sizeof s->cp[0]);
  for (unsigned i = head.n; i < s->n; i++) put(&tail, s->cp[i]);
  if (head.n) head = transform(&head, UTF8PROC_COMPOSE);
  for (unsigned i = 0; i < head.n; i++) items[item_cnt++] = head.cp[i] | ccc(head.cp[i]) << 24;
  for (unsigned i = 0; i < tail.n; i++) items[item_cnt++] = tail.cp[i] | ccc(tail.cp[i]) << 24;
  if (head.n && joins_back[head.cp[0]]) die("a slow character begins with", "a joining one");
  return (uint32_t)SLOW << 28 | at << 8 | (item_cnt - at);
}

static unsigned first_pair(uint32_t b, unsigned *cnt) {
  unsigned i = 0, n = 0;
  while (i < pair_cnt && pairs[i].b != b) i++;
  while (i + n < pair_cnt && pairs[i + n].b == b) n++;
  *cnt = n;
  return i;
}

static uint32_t value(uint32_t cp) {
  struct seq s, c;
  unsigned char text[SEQ_MAX * 4];
  unsigned n = 0, in;
  bool iota = false;
  if (cp >= 0xD800 && cp < 0xE000) return (uint32_t)INVALID << 28;
  s = folded(cp);
  if (s.n == 0) return (uint32_t)REMOVED << 28;
  for (unsigned i = 0; i < s.n; i++) iota = iota || s.cp[i] == IOTA_MARK;
  c = transform(&s, UTF8PROC_COMPOSE);
  for (unsigned i = 0; i < c.n; i++) n += encode(c.cp[i], text + n);
  in = encode(cp, (unsigned char[4]){ 0 });
  if (n * growth_den > growth_num * in) growth_num = n, growth_den = in;
  if (!iota && ccc(c.cp[0]) == 0 && !joins_back[c.cp[0]] && ccc(c.cp[c.n - 1]) == 0) {
    if (c.n == 1 && c.cp[0] == cp) return (uint32_t)IDENTITY << 28;
    if (n <= 3) return short_value(SIMPLE, text, n);
    if (n > expand_max) expand_max = n;
    return (uint32_t)EXPAND << 28 | pooled(text, n) << 8 | n;
  }
  if (!iota && s.n == 1 && ccc(cp) && s.cp[0] == cp && !joins_back[cp]) return (uint32_t)MARKS << 28 | ccc(cp);
  if (s.n == 1 && ccc(s.cp[0]) == 0 && joins_back[s.cp[0]]) {
    unsigned cnt, at = first_pair(s.cp[0], &cnt);
    if (cnt == 0) return short_value(HANGUL, text, n);
    if (s.cp[0] != cp || cnt > 255) die("unexpected", "joining character");
    return (uint32_t)JOIN << 28 | at << 8 | cnt;
  }
  return slow_value(&s);
}

/* ---- Classes and scripts */

static struct { unsigned class, script, leans; } combos[256];
static unsigned combo_cnt;
static uint16_t combo_of[LAST];

/* Scripts written without spaces between words. Tibetan and Ethiopic are not among them: they mark words or syllables by
 * punctuation. */
static bool dense_script(const char *name) {
  static const char *const names[] = { "Han", "Hiragana", "Katakana", "Bopomofo", "Yi", "Nushu", "Tangut", "Khitan_Small_Script",
    "Thai", "Lao", "Khmer", "Myanmar", "Tai_Le", "New_Tai_Lue", "Tai_Tham", "Tai_Viet", "Ahom", "Javanese", "Balinese" };
  for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (!strcmp(names[i], name)) return true;
  }
  return false;
}

static unsigned class_of(uint32_t cp) {
  bool is_emoji = cp >= 0x80 && (emoji[cp] || (cp >= 0x1F1E6 && cp <= 0x1F1FF));
  unsigned blank = white[cp] ? SPACE : 0;
  switch (utf8proc_category((utf8proc_int32_t)cp)) {
  case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT: case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_LO: case UTF8PROC_CATEGORY_NL:
    return is_emoji ? EMOJI : LETTER | (dense_script(script_names[script_of[cp]]) ? DENSE : 0u);
  case UTF8PROC_CATEGORY_MN: case UTF8PROC_CATEGORY_MC: case UTF8PROC_CATEGORY_ME:
    return LETTER | MARK | (dense_script(script_names[script_of[cp]]) ? DENSE : 0u);
  case UTF8PROC_CATEGORY_ND: return DIGIT;
  case UTF8PROC_CATEGORY_CN: return pictographic[cp] ? EMOJI : CONTROL;
  case UTF8PROC_CATEGORY_CC: case UTF8PROC_CATEGORY_CF: case UTF8PROC_CATEGORY_CS: return CONTROL | blank;
  case UTF8PROC_CATEGORY_ZS: case UTF8PROC_CATEGORY_ZL: case UTF8PROC_CATEGORY_ZP: return SPACE;
  default: return is_emoji ? EMOJI : PUNCT;
  }
}

static void classify(uint32_t cp) {
  unsigned c = class_of(cp), script = c & LETTER && !(c & MARK) ? script_of[cp] : 0, i = 0;
  /* Marks and jamo that may join or change order with what precedes them. */
  unsigned kind = values[value_of[cp]] >> 28, leans = kind == MARKS || kind == SLOW || kind == JOIN || kind == HANGUL;
  while (i < combo_cnt && (combos[i].class != c || combos[i].script != script || combos[i].leans != leans)) i++;
  if (i == 256) die("too many", "combinations of class and script");
  if (i == combo_cnt) {
    combos[i].class = c;
    combos[i].script = script;
    combos[i].leans = leans;
    combo_cnt++;
  }
  combo_of[cp] = (uint16_t)i;
}

/* ---- Printing */

static uint64_t hash = UINT64_C(0xcbf29ce484222325);

static void print_array(const char *type, const char *name, const uint32_t *data, unsigned cnt) {
  printf("#ifndef WEIR_TABLES_DEFINE\nextern const %s %s[%u] WEIR_TABLES_HIDDEN;\n#else\n", type, name, cnt);
  printf("const %s %s[%u] = {", type, name, cnt);
  for (unsigned i = 0; i < cnt; i++) {
    printf("%s%u,", i % 24 ? "" : "\n", data[i]);
    for (int k = 0; k < 32; k += 8) hash = (hash ^ ((data[i] >> k) & 255)) * UINT64_C(0x100000001b3);
  }
  printf("\n};\n#endif\n");
}

/* Three stages cut where UTF-8 cuts: 64 code points a block, 64 blocks a plane page. The pages of the BMP stand first and
 * in order, so that there the middle stage can be indexed by cp >> 6. */
static void print_stages(const char *name, const uint16_t *data, const char *leaf_type) {
  static uint32_t top[LAST >> 12], mid[LAST >> 6], leaf[LAST];
  unsigned mid_cnt = 0, leaf_cnt = 0;
  char full[64];
  for (unsigned page = 0; page < LAST >> 12; page++) {
    uint32_t row[64];
    unsigned at = page < 16 ? mid_cnt : 0;
    for (unsigned k = 0; k < 64; k++) {
      const uint16_t *block = data + (page << 12) + (k << 6);
      unsigned b = 0, i;
      for (; b < leaf_cnt; b += 64) {
        for (i = 0; i < 64 && leaf[b + i] == block[i]; i++) {}
        if (i == 64) break;
      }
      if (b == leaf_cnt) {
        for (i = 0; i < 64; i++) leaf[leaf_cnt++] = block[i];
      }
      row[k] = b >> 6;
    }
    while (at < mid_cnt && memcmp(mid + at, row, sizeof row) != 0) at += 64;
    if (at == mid_cnt) memcpy(mid + at, row, sizeof row), mid_cnt += 64;
    top[page] = at >> 6;
  }
  snprintf(full, sizeof full, "weir_%s_top", name), print_array("uint8_t", full, top, LAST >> 12);
  snprintf(full, sizeof full, "weir_%s_mid", name), print_array("uint16_t", full, mid, mid_cnt);
  snprintf(full, sizeof full, "weir_%s_leaf", name), print_array(leaf_type, full, leaf, leaf_cnt);
}

static int by_second(const void *x, const void *y) {
  const struct pair *a = x, *b = y;
  if (a->b != b->b) return a->b < b->b ? -1 : 1;
  return a->a < b->a ? -1 : a->a > b->a;
}
static int by_composite(const void *x, const void *y) {
  const uint32_t a = pairs[*(const uint32_t *)x].c, b = pairs[*(const uint32_t *)y].c;
  return a < b ? -1 : a > b;
}

static void print_pairs(void) {
  static uint32_t flat[4 * 2048], order[2048];
  for (unsigned i = 0; i < pair_cnt; i++) {
    flat[4 * i] = pairs[i].a, flat[4 * i + 1] = pairs[i].b, flat[4 * i + 2] = pairs[i].c, flat[4 * i + 3] = ccc(pairs[i].b);
    order[i] = i;
  }
  qsort(order, pair_cnt, sizeof order[0], by_composite);
  printf("#define WEIR_PAIR_CNT %uu\n", pair_cnt);
  print_array("uint32_t", "weir_compose_pair", flat, 4 * pair_cnt);
  print_array("uint16_t", "weir_compose_by_result", order, pair_cnt);
}

static void print_all(const char *ucd_version) {
  static uint32_t wide[1 << 20];
  printf("/* Made by tools/fold_tables.c, which says what these are; not to be edited. */\n");
  /* Hidden: or each look-up would first ask the linker's table where the array is. */
  printf("#if defined(__GNUC__) || defined(__clang__)\n#define WEIR_TABLES_HIDDEN __attribute__((visibility(\"hidden\")))\n"
         "#else\n#define WEIR_TABLES_HIDDEN\n#endif\n");
  for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) printf("#define WEIR_KIND_%s %uu\n", kinds[i], i);
  for (unsigned i = 1; i < script_cnt; i++) {
    bool named = !strcmp(script_names[i], "Hangul") || !strcmp(script_names[i], "Latin"); /* those words.c asks for */
    if (named) printf("#define WEIR_SCRIPT_%s %uu\n", script_names[i], i);
  }
  print_stages("fold", value_of, "uint16_t");
  print_array("uint32_t", "weir_fold_value", values, value_cnt);
  for (unsigned i = 0; i < pool_len; i++) wide[i] = pool[i];
  print_array("uint8_t", "weir_fold_pool", wide, pool_len);
  print_array("uint32_t", "weir_fold_items", items, item_cnt);
  print_pairs();
  print_stages("class", combo_of, "uint8_t");
  for (unsigned i = 0; i < combo_cnt; i++) wide[i] = combos[i].class | combos[i].script << 8 | combos[i].leans << 16;
  print_array("uint32_t", "weir_class_value", wide, combo_cnt);
  printf("#define WEIR_FOLD_EXPAND_BYTES %uu\n", expand_max);
  printf("#define WEIR_FOLD_GROWTH_FOUND %uu\n", (growth_num + growth_den - 1) / growth_den);
  printf("#define WEIR_FOLD_TABLES_VERSION \"%s", utf8proc_unicode_version());
  if (strcmp(utf8proc_unicode_version(), ucd_version)) printf("+%s", ucd_version);
  printf("/%016llx\"\n", (unsigned long long)hash);
}

int main(void) {
  static char version[32];
  FILE *f = open_text(UCD "Scripts.txt");
  if (fscanf(f, "# Scripts-%31[0-9.]", version) != 1) die("no version in", "Scripts.txt");
  fclose(f);
  if (version[0] && version[strlen(version) - 1] == '.') version[strlen(version) - 1] = '\0';
  read_flag(UCD "DerivedCoreProperties.txt", "Default_Ignorable_Code_Point", ignorable);
  read_flag(UCD "PropList.txt", "White_Space", white);
  read_flag(UCD "emoji/emoji-data.txt", "Emoji", emoji);
  read_flag(UCD "emoji/emoji-data.txt", "Extended_Pictographic", pictographic);
  each_range(UCD "Scripts.txt", take_script, NULL);
  each_range(UCD "ScriptExtensions.txt", take_extension, NULL);
  read_unicode_data();
  read_han();
  qsort(pairs, pair_cnt, sizeof pairs[0], by_second);
  value_index((uint32_t)IDENTITY << 28);
  for (uint32_t cp = 0; cp < LAST; cp++) {
    value_of[cp] = value_index(value(cp));
    classify(cp);
  }
  print_all(version);
  return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
