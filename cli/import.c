/* import.c: the list of rules that readers fill. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "import.h"

static bool grow(struct import *im, void **items, uint32_t cnt, uint32_t *cap, size_t size) {
  if (cnt < *cap) return true;
  uint32_t more = *cap ? *cap * 2 : 8;
  void *bigger = realloc(*items, more * size);
  if (!bigger) {
    im->no_memory = true;
    return false;
  }
  *items = bigger;
  *cap = more;
  return true;
}

/* ---- names */

static bool name_taken(const struct import *im, const char *name) {
  for (uint32_t i = 0; i < im->rule_cnt; i++) {
    if (strcmp(im->rules[i].name, name) == 0) return true;
  }
  return false;
}

/* A rule's name may have letters, digits, _, - and spaces between them; anything beyond ASCII is a letter, but for what only
 * looks like space or punctuation, which stays as it is. */
static void plain_name(weir_str from, char out[IMPORT_NAME_MAX + 1]) {
  size_t used = 0;
  for (size_t i = 0; i < from.len;) {
    unsigned char c = (unsigned char)from.ptr[i];
    size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (used + len > IMPORT_NAME_MAX || i + len > from.len) break;
    bool good = c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (good) {
      memcpy(out + used, from.ptr + i, len);
      used += len;
    } else if (used && out[used - 1] != ' ' && used < IMPORT_NAME_MAX) out[used++] = ' ';
    i += len;
  }
  while (used && out[used - 1] == ' ') used--;
  out[used] = '\0';
}

struct import_rule *import_rule(struct import *im, weir_str name) {
  char plain[IMPORT_NAME_MAX + 1];
  if (!grow(im, (void **)&im->rules, im->rule_cnt, &im->rule_cap, sizeof *im->rules)) return NULL;
  struct import_rule *rule = &im->rules[im->rule_cnt];
  memset(rule, 0, sizeof *rule);
  plain_name(name, plain);
  if (!plain[0]) snprintf(plain, sizeof plain, "rule %u", im->rule_cnt + 1);
  snprintf(rule->name, sizeof rule->name, "%s", plain);
  for (unsigned n = 2; name_taken(im, rule->name); n++) snprintf(rule->name, sizeof rule->name, "%s %u", plain, n);
  if (strlen(rule->name) != name.len || memcmp(rule->name, name.ptr, name.len) != 0) rule->title = name;
  im->rule_cnt++;
  return rule;
}

static void free_rule(struct import_rule *rule) {
  free(rule->keywords.items);
  free(rule->tags.items);
  free(rule->answers);
}

void import_drop(struct import *im) { free_rule(&im->rules[--im->rule_cnt]); }

/* ---- texts */

bool import_text(struct import *im, struct import_texts *texts, weir_str text) {
  if (!grow(im, (void **)&texts->items, texts->cnt, &texts->cap, sizeof *texts->items)) return false;
  texts->items[texts->cnt++] = text;
  return true;
}

bool import_answer(struct import *im, struct import_rule *rule, weir_str text, weir_str media) {
  if (!grow(im, (void **)&rule->answers, rule->answer_cnt, &rule->answer_cap, sizeof *rule->answers)) return false;
  rule->answers[rule->answer_cnt++] = (struct import_answer){ text, media };
  return true;
}

weir_str import_keep(struct import *im, weir_str text) {
  char *copy = malloc(text.len + 1);
  weir_str kept = { copy, text.len };
  if (copy && text.len) memcpy(copy, text.ptr, text.len);
  if (copy) copy[text.len] = '\0';
  if (!copy || !import_text(im, &im->owned, kept)) {
    free(copy);
    im->no_memory = true;
    return (weir_str){ "", 0 };
  }
  /* cppcheck-suppress memleak ; im->owned has it */
  return kept;
}

void import_note(struct import *im, const char *format, ...) {
  va_list args;
  if (!grow(im, (void **)&im->notes, im->note_cnt, &im->note_cap, sizeof *im->notes)) return;
  char *note = im->notes[im->note_cnt++];
  va_start(args, format);
  vsnprintf(note, IMPORT_MESSAGE_MAX, format, args);
  va_end(args);
  for (char *c = note; *c; c++) {
    if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = ' ';
  }
}

void import_free(struct import *im) {
  for (uint32_t i = 0; i < im->rule_cnt; i++) free_rule(&im->rules[i]);
  for (uint32_t i = 0; i < im->owned.cnt; i++) free((char *)im->owned.items[i].ptr);
  free(im->owned.items);
  free(im->rules);
  free(im->notes);
}
