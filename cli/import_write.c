/* import_write.c: the pack that comes out of an import: rules as a person would write them, and a scenario that asks each of
 * them once. */
#include <stdlib.h>
#include <string.h>

#include "import.h"

/* A Lua string. */
static void put_string(FILE *out, weir_str s) {
  fputc('"', out);
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.ptr[i];
    if (c == '"' || c == '\\') fprintf(out, "\\%c", c);
    else if (c == '\n') fputs("\\n", out);
    else if (c == '\r') continue;
    else if (c < 0x20 || c == 0x7f) fprintf(out, "\\%03u", c);
    else fputc(c, out);
  }
  fputc('"', out);
}

/* The same for a text with places: braces are doubled, since none was meant as a place. */
static void put_text(FILE *out, weir_str s) {
  char *doubled = malloc(s.len * 2 + 1);
  size_t used = 0;
  if (!doubled) return; /* noticed: the file is tried before it is kept */
  for (size_t i = 0; i < s.len; i++) {
    if (s.ptr[i] == '{' || s.ptr[i] == '}') doubled[used++] = s.ptr[i];
    doubled[used++] = s.ptr[i];
  }
  put_string(out, (weir_str){ doubled, used });
  free(doubled);
}

static void put_list(FILE *out, const struct import_texts *list) {
  if (list->cnt > 1) fputs("{ ", out);
  for (uint32_t i = 0; i < list->cnt; i++) {
    if (i) fputs(", ", out);
    put_string(out, list->items[i]);
  }
  if (list->cnt > 1) fputs(" }", out);
}

/* ---- answers */

static uint32_t count(const struct import_rule *r, bool media) {
  uint32_t cnt = 0;
  for (uint32_t i = 0; i < r->answer_cnt; i++) cnt += media ? r->answers[i].media.len > 0 : r->answers[i].text.len > 0;
  return cnt;
}

static void put_texts(FILE *out, const struct import_rule *r) {
  bool first = true;
  for (uint32_t i = 0; i < r->answer_cnt; i++) {
    if (!r->answers[i].text.len) continue;
    if (!first) fputs(", ", out);
    put_text(out, r->answers[i].text);
    first = false;
  }
}

static void put_media(FILE *out, const struct import_rule *r) {
  fputs("media = { ", out);
  bool first = true;
  for (uint32_t i = 0; i < r->answer_cnt; i++) {
    if (!r->answers[i].media.len) continue;
    if (!first) fputs(", ", out);
    put_string(out, r->answers[i].media);
    first = false;
  }
  fputs(" }", out);
}

/* One of several, of which some are pictures: a table cannot say that, a handler can. */
static void put_handler(FILE *out, const struct import_rule *r) {
  fprintf(out, "  run = function(e) -- one of %u\n    local n = math.random(%u)\n", r->answer_cnt, r->answer_cnt);
  for (uint32_t i = 0; i < r->answer_cnt; i++) {
    const struct import_answer *a = &r->answers[i];
    fprintf(out, "    if n == %u then e:reply", i + 1);
    if (a->media.len) {
      fputs(" { media = { ", out);
      put_string(out, a->media);
      fputs(" } }", out);
    } else {
      fputc('(', out);
      put_string(out, a->text); /* a handler's texts have no places */
      fputc(')', out);
    }
    fputs(" end\n", out);
  }
  fputs("  end,\n", out);
}

static void put_said(FILE *out, const char *action, const struct import_rule *r) {
  uint32_t texts = count(r, false), media = count(r, true);
  fprintf(out, "  %s = ", action);
  if (texts == 1 && !media) put_texts(out, r);
  else {
    fputs("{ ", out);
    if (texts > 1 && r->all) fputs("all = { ", out);
    else if (texts == 1 && media) fputs("text = ", out);
    put_texts(out, r);
    if (texts > 1 && r->all) fputs(" }", out);
    if (texts && media) fputs(", ", out);
    if (media) put_media(out, r);
    fputs(" }", out);
  }
  fputs(",\n", out);
}

/* A message can be replied to once: what else is to be said is written to him. */
static void put_answers(FILE *out, const struct import_rule *r) {
  struct import_rule first = *r, rest = *r;
  if (count(r, true) && !r->all && r->answer_cnt > 1) {
    put_handler(out, r);
    return;
  }
  if (r->all && r->answer_cnt > 1) {
    first.answer_cnt = 1;
    rest.answers++;
    rest.answer_cnt--;
  }
  put_said(out, "reply", &first);
  if (first.answer_cnt < r->answer_cnt) put_said(out, "message", &rest);
}

/* ---- rules */

static void put_rule(FILE *out, const struct import_rule *r) {
  fprintf(out, "\nrule \"%s\" {", r->name);
  if (r->line) fprintf(out, " -- line %u", r->line);
  fputc('\n', out);
  if (r->title.len) {
    fputs("  title = ", out);
    put_string(out, r->title);
    fputs(",\n", out);
  }
  fprintf(out, "  on = %s,\n", r->on);
  if (r->off) fputs("  enabled = false, -- it was switched off there\n", out);
  if (r->fallback) fputs("  priority = -100, -- when no other rule answers\n  any = true,\n", out);
  if (r->cooldown) fprintf(out, "  cooldown = \"%s\",\n", r->cooldown);
  if (r->mode) {
    fputs("  keywords = { ", out);
    for (uint32_t i = 0; i < r->keywords.cnt; i++) {
      if (i) fputs(", ", out);
      put_string(out, r->keywords.items[i]);
    }
    fprintf(out, " }, mode = \"%s\",\n", r->mode);
  }
  put_answers(out, r);
  if (r->tags.cnt) {
    fputs("  tag = ", out);
    put_list(out, &r->tags);
    fputs(",\n", out);
  }
  if (r->mode && !r->off && !r->no_example) {
    fputs("  examples = { yes = { ", out);
    put_string(out, r->keywords.items[0]);
    fputs(" } },\n", out);
  }
  fputs("}\n", out);
}

char *import_rules_text(const struct import *im, const char *pack) {
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  if (!out) return NULL;
  fprintf(out, "-- Brought over by weir import %s. From here on they are yours: change them as you like; import-report.txt says what\n"
               "-- could not be brought over. Then: weir check, weir test, weir try.\n\n", im->from);
  fprintf(out, "pack { name = \"%s\", version = \"1.0.0\" }\n\naccount \"%s/%s\" {}\n", pack, im->channel, im->account);
  for (uint32_t i = 0; i < im->rule_cnt; i++) put_rule(out, &im->rules[i]);
  if (fclose(out) == 0) return text;
  free(text);
  return NULL;
}

char *import_scenario_text(const struct import *im) {
  char *text = NULL;
  size_t len = 0;
  unsigned person = 0;
  FILE *out = open_memstream(&text, &len);
  if (!out) return NULL;
  fprintf(out, "# Each rule is asked once, by somebody new.\naccount %s/%s\nat 2026-03-02 10:00\n", im->channel, im->account);
  for (uint32_t i = 0; i < im->rule_cnt; i++) {
    const struct import_rule *r = &im->rules[i];
    if (r->off || r->no_example || (r->mode && r->keywords.items[0].ptr == NULL)) continue;
    person++;
    if (r->fallback) continue;
    if (!r->mode) {
      fprintf(out, "u%u follows -> reply\n", person);
      continue;
    }
    fprintf(out, "u%u says ", person);
    put_string(out, r->keywords.items[0]);
    fprintf(out, " -> rule \"%s\", reply\n", r->name);
  }
  if (fclose(out) == 0) return text;
  free(text);
  return NULL;
}
