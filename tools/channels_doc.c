/* channels_doc.c: prints the reference of channels, from the table as the loader understands it: lua/channels.lua is its only source.
 *   channels_doc > channels.md */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/ruleset.h"
#include "weir.h"

static const char *const units[] = { "bytes", "characters", "UTF-16 units" };

static void print_cited(const struct weir_cited *own, const struct weir_cited *whole) {
  weir_str source = own->source.len ? own->source : whole->source, as_of = own->as_of.len ? own->as_of : whole->as_of;
  printf(" | %.*s | %.*s |\n", (int)as_of.len, as_of.ptr, (int)source.len, source.ptr);
}

static void print_abilities(const struct weir_terms *t, const char *word, const char *says) {
  bool any = false;
  for (uint32_t i = 0; i < t->ability_cnt; i++) {
    weir_str is = t->abilities[i].value.u.s;
    if (is.len != strlen(word) || memcmp(is.ptr, word, is.len) != 0) continue;
    printf("%s%.*s", any ? ", " : says, (int)t->abilities[i].key.len, t->abilities[i].key.ptr);
    any = true;
  }
  if (any) printf("\n");
}

static void print_events(const struct weir_terms *t) {
  bool any = false;
  for (uint32_t kind = 0; kind < WEIR_EVENT_KINDS; kind++) {
    if (!(t->events >> kind & 1)) continue;
    weir_str name = weir_event_kind_name((enum weir_event_kind)kind);
    printf("%s%.*s", any ? ", " : "- events: ", (int)name.len, name.ptr);
    any = true;
  }
  printf("\n");
}

static void print_quota(const struct weir_quota *q, const struct weir_terms *t) {
  printf("| %s: %.*s, counting ", q->pushes_only ? "push" : "quota", (int)q->says.len, q->says.ptr);
  for (uint32_t i = 0; i < q->action_cnt; i++) printf("%s%.*s", i ? ", " : "", (int)q->actions[i].len, q->actions[i].ptr);
  if (q->action_cnt == 0) printf(q->pushes_only ? "what is written while no window is open" : "everything");
  print_cited(&q->cited, &t->cited);
}

static void print_channel(const struct weir_terms *t) {
  printf("\n## %.*s\n\n", (int)t->name.len, t->name.ptr);
  print_events(t);
  print_abilities(t, "api", "- the platform offers: ");
  print_abilities(t, "device", "- only a device can: ");
  print_abilities(t, "none", "- nobody can: ");
  printf("- while no window is open: %s\n\n", t->window_cnt == 0 ? "there are none, messages may go at any time" : t->push ? "pushes, as below" : "no message");
  printf("| limit | as of | source |\n| --- | --- | --- |\n");
  for (uint32_t i = 0; i < t->window_cnt; i++) {
    const struct weir_window *w = &t->windows[i];
    printf("| window: %.*s%s", (int)w->says.len, w->says.ptr, w->per_trigger ? ", for each" : "");
    print_cited(&w->cited, &t->cited);
  }
  for (uint32_t i = 0; i < t->quota_cnt; i++) print_quota(&t->quotas[i], t);
  for (uint32_t i = 0; i < t->text_cnt; i++) {
    const struct weir_text_limit *limit = &t->texts[i];
    printf("| text: %.*s of at most %u %s", (int)limit->action.len, limit->action.ptr, (unsigned)limit->max, units[limit->unit]);
    print_cited(&limit->cited, &t->cited);
  }
}

/* Any rules will do: the channels come with the library. */
static weir_ruleset *load(weir_error *err) {
  char name[] = "/tmp/weir-docs-XXXXXX.lua";
  int fd = mkstemps(name, 4);
  static const char rule[] = "rule 'a' { on = 'comment', any = true, reply = 'a' }\n";
  weir_ruleset *rules = NULL;
  if (fd < 0) return NULL;
  bool written = write(fd, rule, sizeof rule - 1) == (ssize_t)(sizeof rule - 1);
  close(fd);
  if (written && weir_ruleset_load(&rules, name, NULL, err) != WEIR_OK) fprintf(stderr, "channels_doc: %s\n", err->message);
  unlink(name);
  return rules;
}

int main(void) {
  weir_error err = { .status = WEIR_OK };
  weir_ruleset *rules = load(&err);
  if (!rules) return EXIT_FAILURE;
  printf("# Channels\n\n"
         "Made by `make docs` from lua/channels.lua, where the keys are explained. A pack says otherwise in `channel \"name\" { ... }`, or for one\n"
         "account in `account \"name/account\" { ... }`. \"folk\" is what people tell each other: no platform says it.\n");
  for (uint32_t i = 0; i < rules->channel_cnt; i++) print_channel(&rules->channels[i]);
  weir_ruleset_free(rules);
  return ferror(stdout) || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
