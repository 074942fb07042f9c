/* try_state.c: :state, what is known of the person who writes, for people: weir_export's object as a few lines. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "try.h"

#define HOUR_MS INT64_C(3600000)
enum { EXPORT_BYTES = 1 << 20, LABEL = 11 };

static int64_t number(const json_t *object, const char *key) { return json_integer_value(json_object_get(object, key)); }

static void text(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  print_text(stdout, (weir_str){ json_string_value(value), json_string_length(value) });
}

/* The label of a line; only the first line of several has it. */
static void label(const char *name, size_t index) { printf("  %s%-*s%s", paint(stdout, DIM), LABEL, index ? "" : name, paint(stdout, PLAIN)); }

static void contact(const json_t *of) {
  text(of, "channel");
  putchar('/');
  text(of, "account");
  putchar('/');
  text(of, "id");
}

/* "in 2 h", "3 min ago", "now" */
static void when(const struct try *t, int64_t at_ms) {
  char span[24];
  double seconds = (double)(at_ms - t->now_ms) / 1000;
  if (seconds < 1 && seconds > -1) fputs("now", stdout);
  else if (seconds > 0) printf("in %s", duration_text(seconds, span));
  else printf("%s ago", duration_text(-seconds, span));
}

/* ---- the lines */

static void show_self(const struct try *t, const json_t *o) {
  label("person", 0);
  text(o, "name");
  fputs(*json_string_value(json_object_get(o, "name")) ? ", known since " : "known since ", stdout);
  when(t, number(o, "first_seen_ms"));
  if (t->now_ms - number(o, "last_seen_ms") >= 2 * HOUR_MS) { /* it is kept to the hour */
    fputs(", heard of ", stdout);
    when(t, number(o, "last_seen_ms"));
  }
  putchar('\n');
  if (number(o, "handoff_until_ms") > t->now_ms) {
    label("human", 0);
    fputs("talks to him, until ", stdout);
    when(t, number(o, "handoff_until_ms"));
    putchar('\n');
  }
  if (number(o, "invited")) {
    label("invited", 0);
    printf("%lld\n", (long long)number(o, "invited"));
  }
  if (*json_string_value(json_object_get(o, "code"))) {
    label("code", 0);
    text(o, "code");
    putchar('\n');
  }
}

static void show_stages(const struct try *t, const json_t *o) {
  const json_t *stage;
  size_t i;
  json_array_foreach(json_object_get(o, "stages"), i, stage) {
    label("stage", i);
    text(stage, "funnel");
    fputs(": ", stdout);
    text(stage, "stage");
    fputs(", since ", stdout);
    when(t, number(stage, "entered_ms"));
    putchar('\n');
  }
}

static void show_tags(const json_t *o) {
  const json_t *tags = json_object_get(o, "tags"), *tag;
  size_t i;
  if (!json_array_size(tags)) return;
  label("tags", 0);
  json_array_foreach(tags, i, tag) {
    if (i) fputs(", ", stdout);
    print_text(stdout, (weir_str){ json_string_value(tag), json_string_length(tag) });
  }
  putchar('\n');
}

/* Pairs: fields (counters and points among them), and what he was given; the variant he got of a rule stands among the latter. */
static void show_pairs(const json_t *o, const char *key, const char *name) {
  const json_t *value;
  const char *of;
  size_t i = 0;
  json_object_foreach((json_t *)(uintptr_t)json_object_get(o, key), of, value) {
    label(name, i++);
    print_text(stdout, (weir_str){ of, strlen(of) });
    fputs(" = ", stdout);
    print_text(stdout, (weir_str){ json_string_value(value), json_string_length(value) });
    putchar('\n');
  }
}

static void show_windows(const struct try *t, const json_t *o) {
  const json_t *window;
  size_t i, shown = 0;
  json_array_foreach(json_object_get(o, "windows"), i, window) {
    const json_t *left = json_object_get(window, "left");
    if (number(window, "until_ms") <= t->now_ms) continue;
    label("window", shown++);
    contact(json_object_get(window, "contact"));
    fputs(": ", stdout);
    text(window, "window");
    if (left) printf(", %lld left", (long long)json_integer_value(left));
    fputs(", closes ", stdout);
    when(t, number(window, "until_ms"));
    putchar('\n');
  }
}

static void show_waiting(const struct try *t, const json_t *o) {
  const json_t *timer;
  size_t i;
  json_array_foreach(json_object_get(o, "waiting"), i, timer) {
    const json_t *action = json_object_get(timer, "action");
    label("waits", i);
    when(t, number(timer, "due_ms"));
    fputs("  ", stdout);
    text(timer, "rule");
    fputs(action ? "  " : "  the rule is tried", stdout);
    if (action) {
      text(action, "kind");
      putchar(' ');
      text(action, "text");
    }
    putchar('\n');
  }
}

/* Which rule a claim is of only the rule knows: here it is a hash. */
static void show_claims(const struct try *t, const json_t *o) {
  const json_t *claim, *claims = json_object_get(o, "claims");
  int64_t last_ms = 0;
  size_t i, cnt = 0;
  json_array_foreach(claims, i, claim) {
    if (number(claim, "until_ms") <= t->now_ms) continue;
    cnt++;
    if (number(claim, "until_ms") > last_ms) last_ms = number(claim, "until_ms");
  }
  if (!cnt) return;
  label("claims", 0);
  printf("%zu: fired for him, and not again yet; the last ends ", cnt);
  when(t, last_ms);
  putchar('\n');
}

static void show(const struct try *t, const json_t *o) {
  const json_t *one;
  size_t i;
  if (json_is_true(json_object_get(o, "known"))) show_self(t, o);
  json_array_foreach(json_object_get(o, "contacts"), i, one) {
    label("contact", i);
    contact(one);
    putchar('\n');
  }
  if (json_is_true(json_object_get(o, "opted_out"))) {
    label("opted out", 0);
    puts("he wants to hear nothing from us");
  }
  show_stages(t, o);
  show_tags(o);
  show_pairs(o, "fields", "fields");
  show_pairs(o, "given", "given");
  show_windows(t, o);
  show_waiting(t, o);
  show_claims(t, o);
}

bool try_show_state(struct try *t) {
  char *out = malloc(EXPORT_BYTES);
  size_t len = 0;
  weir_error err;
  json_t *o = NULL;
  weir_str channel = { t->channel, strlen(t->channel) }, account = { t->account, strlen(t->account) }, id = { t->from, strlen(t->from) };
  if (!out) {
    complain_text("try", "there is not enough memory");
    return false;
  }
  weir_status st = weir_export(t->engine, channel, account, id, out, EXPORT_BYTES, &len, &err);
  if (st >= 0) o = json_loadb(out, len, 0, NULL);
  free(out);
  if (st < 0) complain("try", &err);
  else if (!o) complain_text("try", "what is known of him cannot be read");
  else if (st == WEIR_NONE) printf("nothing is known of %s at %s/%s\n", t->from, t->channel, t->account);
  else show(t, o);
  json_decref(o);
  return o && st >= 0;
}
