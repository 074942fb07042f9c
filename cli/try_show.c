/* try_show.c: a verdict for people: every rule with its reason, then what would go out. */
#include <string.h>

#include "try.h"

enum { RUN_MAX = 40 /* lines that say the same, on a terminal */ };

static bool is_far(weir_reason reason) {
  return reason == WEIR_REASON_EVENT || reason == WEIR_REASON_NO_MATCH || reason == WEIR_REASON_NOT_REACHED || reason == WEIR_REASON_DISABLED;
}

static enum paint color_of(weir_reason reason) {
  switch (reason) {
    case WEIR_REASON_FIRED: return GREEN;
    case WEIR_REASON_LIMIT:
    case WEIR_REASON_ERROR: return RED;
    case WEIR_REASON_ACTION_DROPPED:
    case WEIR_REASON_ACTION_WAITS:
    case WEIR_REASON_GATE:
    case WEIR_REASON_EXCEPT:
    case WEIR_REASON_DECLINED: return YELLOW;
    default: return DIM;
  }
}

static int name_width(const weir_verdict *v, bool brief) {
  size_t width = 4;
  for (size_t i = 0; i < v->trace_cnt; i++) {
    if (!(brief && is_far(v->trace[i].reason)) && v->trace[i].rule.len > width) width = v->trace[i].rule.len;
  }
  return width > 40 ? 40 : (int)width;
}

/* How many lines from `i` on say the same of rules that the event had nothing to do with. */
static size_t far_run(const weir_verdict *v, size_t i) {
  size_t n = 0;
  while (i + n < v->trace_cnt && is_far(v->trace[i].reason) && v->trace[i + n].reason == v->trace[i].reason && !v->trace[i + n].detail.len) n++;
  return n;
}

void try_show_event(const struct try *t, weir_str text) {
  printf("%s by %s to %s/%s", t->type, t->from, t->channel, t->account);
  if (text.len) {
    fputs(": ", stdout);
    print_text(stdout, text);
  }
  fputs("\n\n", stdout);
}

void try_show_trace(FILE *out, const weir_verdict *v, weir_str text, bool brief) {
  int width = name_width(v, brief);
  size_t hidden = 0, run;
  for (size_t i = 0; i < v->trace_cnt; i++) {
    const weir_trace *line = &v->trace[i];
    if (brief && is_far(line->reason)) {
      hidden++;
      continue;
    }
    /* ten thousand rules on a terminal: the one that fired would be far above */
    if (terminal_columns(out) && !brief && (run = far_run(v, i)) > RUN_MAX) {
      fprintf(out, "  %s... %zu rules: %s%s\n", paint(out, DIM), run, weir_reason_name(line->reason), paint(out, PLAIN));
      i += run - 1;
      continue;
    }
    /* colours as on stdout, also where this is kept for :why */
    fprintf(out, "  %-*.*s  %s%-11s%s", width, FMT(line->rule), paint(stdout, color_of(line->reason)), weir_reason_name(line->reason), paint(stdout, PLAIN));
    if (line->match_end > line->match_start && line->match_end <= text.len) {
      fputs(" \"", out);
      print_text(out, (weir_str){ text.ptr + line->match_start, line->match_end - line->match_start });
      fputc('"', out);
    }
    size_t hang = 2 + (size_t)width + 2 + strlen("not reached "), match = line->match_end > line->match_start ? line->match_end - line->match_start + 3 : 0;
    if (line->detail.len) {
      fputc(' ', out);
      print_message(out, line->detail, hang + match, hang);
    }
    fputc('\n', out);
  }
  if (hidden) fprintf(out, "  %s(%zu rules were not touched by it)%s\n", paint(stdout, DIM), hidden, paint(stdout, PLAIN));
}

void try_show_result(const weir_verdict *v) {
  static const char *const words[] = { [WEIR_RESULT_NOTHING] = "nothing would be said", [WEIR_RESULT_DECIDED] = "a rule fired, and nothing goes out now",
                                       [WEIR_RESULT_REPEAT] = "this event was decided before", [WEIR_RESULT_IGNORED] = "our own doing: rules never see it",
                                       [WEIR_RESULT_UNDECIDED] = "a limit struck: undecided" };
  if (v->text_cut) printf("  (the text is longer than is matched, and was cut)\n");
  if (!v->action_cnt) {
    printf("\n%s\n", words[v->result]);
    return;
  }
  printf("\nwould do:\n");
  print_actions(stdout, v, "  ");
}
