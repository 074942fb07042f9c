/* cmd_run.c: events on stdin, records on stdout. The gateway in a pipe.
 *
 * Decisions are committed, and their records handed out, after 64 decisions, after 5 ms, or when the input would block,
 * whichever comes first: so a quiet channel is answered at once and a busy one shares signatures. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

static const char help[] =
  "usage: weir run RULES [options]\n\n"
  "Reads events, one JSON object a line, and writes one signed record a line.\n\n"
  "  --events FILE     read events from FILE instead of stdin\n"
  "  --state :memory:  where people, claims and timers are kept; this version: in memory only\n"
  "  --state-memory N  MiB for it: 16 hold about 10,000 people (16)\n"
  "  --key FILE        the signing key (./" KEY_FILE "; made on first use)\n"
  "  --issuer URN      who signs: \"iss\" of the records (urn:weir)\n"
  "  --group N         decisions that may share a record and its signature, 1 to 64 (64)\n"
  "  --plain           write the claim sets instead of signed records, for reading\n"
  "  --clock wall      time is the machine's (default)\n"
  "  --clock events    time is the events' own: to play a log. Timers fire between the events, and those of 400 days after\n"
  "  --repair          replace what is not UTF-8 by U+FFFD instead of skipping the line\n"
  "  --journal FILE    write every input there, for replay\n"
  "  --chain NAME      name of the chain of records (drawn at random)\n\n"
  "A line that is no event is reported on stderr and skipped; the run goes on and ends with status 1.\n\n"
  "example:\n"
  "  printf '%s\\n' '{\"id\":\"c1\",\"time\":\"2026-11-22T09:00:00+08:00\",\"channel\":\"douyin\",\"account\":\"papers\",\"type\":\"comment\",'\\\n"
  "    '\"contact\":{\"id\":\"u1\",\"name\":\"Lin\"},\"text\":\"求电子版\",\"post\":\"v1\"}' | tr -d '\\n' | weir run rules/test-papers --plain\n";

enum {
  STATE_MIB_MAX = 65536,   /* more memory than such a box has */
  GROUP_MAX = 64,          /* decisions that share a record, unless --group says less */
  EVENT_LINE_MAX = 65536,  /* bytes of one event line, as the library takes them */
  REPAIRED_MAX = 3 * EVENT_LINE_MAX, /* every byte may become U+FFFD */
  COMMIT_AFTER_MS = 5,     /* a person does not notice 5 ms; a signature and a disk sync are shared by all that came within */
  JUMP_DAYS_MAX = 400,     /* by the events' clock: an event that far ahead of the one before is a wrong time, not a silence */
  COMPLAINTS_MAX = 20      /* bad lines told one by one; more are only counted */
};

struct run {
  const char *events, *key_file, *issuer, *journal_file, *chain;
  uint32_t group;
  unsigned long state_mib;
  bool plain, event_clock, repair;

  weir_ruleset *rules;
  weir_key *key;
  weir_engine *engine;
  struct lines in;
  FILE *journal;
  char *repaired;          /* for --repair: the line at hand */
  char *claims;            /* for --plain */
  size_t claims_cap;
  int64_t now_ms;          /* latest time given to the engine */
  int64_t pending_since;   /* when the first decision of the group was made; 0: none waits */
  uint64_t bad;
  bool broken;             /* cannot go on */
};

static int64_t wall_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t monotonic_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + 1; /* never 0 */
}

static void fail(struct run *r, const weir_error *err) {
  complain("run", err);
  r->broken = true;
}

/* ---- the journal: every input in order, as JSON lines */

static void journal(struct run *r, const char *what, weir_str json) {
  if (!r->journal) return;
  fprintf(r->journal, "{\"%s\":", what);
  fwrite(json.ptr, 1, json.len, r->journal);
  fprintf(r->journal, ",\"now\":%lld}\n", (long long)r->now_ms);
}

static bool journal_open(struct run *r) {
  if (!r->journal_file) return true;
  /* It holds what people wrote: nobody else's business. */
  int fd = open(r->journal_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  r->journal = fd < 0 ? NULL : fdopen(fd, "a");
  if (!r->journal) {
    complain_text("run", "the journal %s cannot be opened: %s", r->journal_file, strerror(errno));
    return false;
  }
  weir_str chain = weir_engine_chain(r->engine), hash = weir_ruleset_hash(r->rules);
  fprintf(r->journal, "{\"open\":{\"weir\":\"%s\",\"chain\":\"%.*s\",\"issuer\":\"%s\",\"group\":%u,\"ruleset\":\"%.*s\",\"env\":\"%.*s\"}}\n",
          weir_version(), FMT(chain), r->issuer ? r->issuer : "urn:weir", r->group ? r->group : 64, FMT(hash), FMT(weir_engine_env(r->engine)));
  return true;
}

/* ---- handing out */

static bool write_record(struct run *r, const weir_record *record) {
  weir_str line = record->jws;
  if (r->plain) {
    size_t len = 0;
    weir_error err;
    if (weir_record_claims(record->jws, r->claims, r->claims_cap, &len, &err)) {
      fail(r, &err);
      return false;
    }
    line = (weir_str){ r->claims, len };
  }
  if (fwrite(line.ptr, 1, line.len, stdout) == line.len && fputc('\n', stdout) != EOF) return true;
  complain_text("run", "records cannot be written: %s", strerror(errno));
  r->broken = true;
  return false;
}

/* A record is acknowledged when it has been written whole. */
static void acknowledge(struct run *r, weir_str aud, uint64_t seq) {
  weir_error err;
  if (weir_ack(r->engine, aud, seq, &err)) {
    fail(r, &err);
    return;
  }
  if (!r->journal) return;
  fprintf(r->journal, "{\"ack\":{\"aud\":\"%.*s\",\"seq\":%llu},\"now\":%lld}\n", FMT(aud), (unsigned long long)seq, (long long)r->now_ms);
}

static void flush(struct run *r) {
  weir_error err;
  if (r->broken) return;
  if (weir_pending(r->engine)) journal(r, "commit", (weir_str){ "true", 4 });
  r->pending_since = 0;
  if (weir_commit(r->engine, &err)) {
    fail(r, &err);
    return;
  }
  weir_record record;
  weir_status st = WEIR_OK;
  while (!r->broken && (st = weir_next_record(r->engine, &record, &err)) == WEIR_OK) {
    char aud[300];
    weir_str name = { aud, record.aud.len < sizeof aud ? record.aud.len : sizeof aud };
    memcpy(aud, record.aud.ptr, name.len);
    uint64_t seq = record.seq;
    if (!write_record(r, &record)) return;
    if (fflush(stdout) != 0) {
      complain_text("run", "records cannot be written: %s", strerror(errno));
      r->broken = true;
      return;
    }
    acknowledge(r, name, seq);
  }
  if (st < 0) fail(r, &err);
  if (r->journal && fflush(r->journal) != 0) {
    complain_text("run", "the journal cannot be written: %s", strerror(errno));
    r->broken = true;
  }
}

/* Commits when the group is full or its first decision has waited long enough. */
static void decided(struct run *r) {
  size_t pending = weir_pending(r->engine);
  if (!pending) return;
  if (!r->pending_since) r->pending_since = monotonic_ms();
  if (pending >= (r->group ? r->group : GROUP_MAX)) flush(r);
  else if (!r->event_clock && monotonic_ms() - r->pending_since >= COMMIT_AFTER_MS) flush(r); /* a log that is played gives the same groups every time */
}

/* ---- deciding */

static void bad_line(struct run *r, const char *message) {
  r->bad++;
  const char *name = r->events ? r->events : "stdin";
  if (r->bad <= COMPLAINTS_MAX) {
    fprintf(stderr, "weir run: %s:%llu: skipped: ", name, (unsigned long long)r->in.number);
    print_text(stderr, (weir_str){ message, strlen(message) });
    fputc('\n', stderr);
  }
  if (r->bad == COMPLAINTS_MAX + 1) fprintf(stderr, "weir run: more lines were skipped; they are counted at the end\n");
}

/* Fires what is due until `until`; by the events' clock each timer has its own moment. */
static void fire_timers(struct run *r, int64_t until) {
  weir_verdict verdict;
  weir_error err;
  while (!r->broken && weir_next_due(r->engine) <= until) {
    int64_t due = weir_next_due(r->engine);
    if (!r->event_clock) r->now_ms = until;
    else if (due > r->now_ms) r->now_ms = due;
    weir_status st = weir_tick(r->engine, r->now_ms, &verdict, &err);
    if (st == WEIR_E_FULL) {
      flush(r);
      st = r->broken ? WEIR_OK : weir_tick(r->engine, r->now_ms, &verdict, &err);
    }
    if (st < 0) {
      fail(r, &err);
      return;
    }
    journal(r, "tick", (weir_str){ "true", 4 });
    decided(r);
  }
}

static bool set_time(struct run *r, weir_str line) {
  weir_error err;
  int64_t ms = 0;
  if (!r->event_clock) {
    int64_t now = wall_ms();
    if (now > r->now_ms) r->now_ms = now; /* a clock that jumps back does not take us along */
    fire_timers(r, r->now_ms);
    return true;
  }
  if (weir_event_time(r->engine, line, &ms, &err)) {
    bad_line(r, err.message);
    return false;
  }
  if (r->now_ms && ms - r->now_ms > JUMP_DAYS_MAX * INT64_C(86400000)) {
    bad_line(r, "its time lies more than 400 days after the events before it");
    return false;
  }
  fire_timers(r, ms);
  if (ms > r->now_ms) r->now_ms = ms;
  return true;
}

static void decide_line(struct run *r, weir_str line) {
  weir_verdict verdict;
  weir_error err;
  size_t blank = 0;
  while (blank < line.len && (line.ptr[blank] == ' ' || line.ptr[blank] == '\t')) blank++;
  if (blank == line.len) return;
  if (r->repair) {
    size_t len = 0;
    if (weir_utf8_repair(line, r->repaired, REPAIRED_MAX, &len)) line = (weir_str){ r->repaired, len };
  }
  if (!set_time(r, line) || r->broken) return;
  weir_status st = weir_decide_json(r->engine, line, r->now_ms, &verdict, &err);
  if (st == WEIR_E_FULL) {
    flush(r);
    if (r->broken) return;
    st = weir_decide_json(r->engine, line, r->now_ms, &verdict, &err);
  }
  if (st < 0) {
    bad_line(r, err.message);
    return;
  }
  journal(r, "event", line);
}

/* How long the input may be waited for: until the next timer. */
static int patience(const struct run *r) {
  int64_t due = weir_next_due(r->engine);
  if (r->event_clock || due == INT64_MAX) return -1;
  int64_t wait = due - wall_ms();
  return wait < 0 ? 0 : wait > 60000 ? 60000 : (int)wait + 1;
}

static void read_events(struct run *r) {
  while (!r->broken) {
    weir_str line;
    switch (lines_next(&r->in, &line)) {
      case LINES_LINE:
        decide_line(r, line);
        decided(r);
        continue;
      case LINES_TOO_LONG: bad_line(r, "the line is longer than 65,536 bytes"); continue;
      case LINES_END: return;
      case LINES_ERROR: return;
      case LINES_EMPTY: break;
    }
    if (!lines_ready(&r->in, 0)) {
      flush(r);
      if (!lines_ready(&r->in, patience(r))) {
        set_time(r, (weir_str){ NULL, 0 });
        continue;
      }
    }
    if (!r->broken && lines_fill(&r->in) == LINES_ERROR) {
      complain_text("run", "events cannot be read: %s", strerror(errno));
      r->broken = true;
    }
  }
}

/* ---- beginning and end */

static int parse_options(struct run *r, int argc, char **argv, const char **rules) {
  static const struct option options[] = {
    { "events", required_argument, NULL, 'e' }, { "state", required_argument, NULL, 's' }, { "key", required_argument, NULL, 'k' },
    { "issuer", required_argument, NULL, 'i' }, { "state-memory", required_argument, NULL, 'm' }, { "group", required_argument, NULL, 'g' }, { "plain", no_argument, NULL, 'p' },
    { "clock", required_argument, NULL, 'c' }, { "journal", required_argument, NULL, 'j' }, { "chain", required_argument, NULL, 'n' }, { "repair", no_argument, NULL, 'r' },
    { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  int c;
  while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    char *end = NULL;
    switch (c) {
      case 'e': r->events = optarg; break;
      case 's':
        if (strcmp(optarg, ":memory:") == 0) break;
        complain_text("run", "this version keeps its state in memory only: --state :memory:");
        return EXIT_BROKEN;
      case 'k': r->key_file = optarg; break;
      case 'i': r->issuer = optarg; break;
      case 'g': {
        unsigned long group = strtoul(optarg, &end, 10);
        r->group = (uint32_t)(group <= GROUP_MAX ? group : 0);
        if (*end == '\0' && r->group) break;
        complain_text("run", "--group takes a number from 1 to 64, not \"%s\"", optarg);
        return EXIT_BROKEN;
      }
      case 'm':
        r->state_mib = strtoul(optarg, &end, 10);
        if (*end == '\0' && r->state_mib >= 1 && r->state_mib <= STATE_MIB_MAX) break;
        complain_text("run", "--state-memory takes a number of MiB from 1 to 65536, not \"%s\"", optarg);
        return EXIT_BROKEN;
      case 'p': r->plain = true; break;
      case 'c':
        r->event_clock = strcmp(optarg, "events") == 0;
        if (r->event_clock || strcmp(optarg, "wall") == 0) break;
        complain_text("run", "--clock is \"wall\" or \"events\", not \"%s\"", optarg);
        return EXIT_BROKEN;
      case 'j': r->journal_file = optarg; break;
      case 'n': r->chain = optarg; break;
      case 'r': r->repair = true; break;
      case 'h': fputs(help, stdout); return EXIT_GOOD;
      default: fprintf(stderr, "try: weir run --help\n"); return EXIT_BROKEN;
    }
  }
  if (optind + 1 != argc) {
    complain_text("run", "needs the rules: a folder or a file (and nothing else). Try: weir run --help");
    return EXIT_BROKEN;
  }
  *rules = argv[optind];
  return -1;
}

static bool open_all(struct run *r, const char *rules) {
  weir_error err;
  int fd = STDIN_FILENO;
  r->rules = load_rules("run", rules);
  if (!r->rules) return false;
  r->key = load_key("run", r->key_file, true);
  if (!r->key) return false;
  if (r->events && (fd = open(r->events, O_RDONLY | O_CLOEXEC)) < 0) {
    complain_text("run", "%s cannot be opened: %s", r->events, strerror(errno));
    return false;
  }
  r->claims_cap = EVENT_LINE_MAX * 2;
  r->claims = malloc(r->claims_cap);
  if (r->repair) r->repaired = malloc(REPAIRED_MAX);
  if (!lines_open(&r->in, fd, EVENT_LINE_MAX) || !r->claims || (r->repair && !r->repaired)) {
    complain_text("run", "there is not enough memory");
    return false;
  }
  weir_config config = { .struct_size = sizeof config, .ruleset = r->rules, .key = r->key, .batch = true, .group_max = r->group,
                         .state_memory = r->state_mib << 20 };
  if (r->issuer) config.issuer = (weir_str){ r->issuer, strlen(r->issuer) };
  if (r->chain) config.chain = (weir_str){ r->chain, strlen(r->chain) };
  if (weir_engine_open(&r->engine, &config, &err)) {
    complain("run", &err);
    return false;
  }
  return journal_open(r);
}

static void part(uint64_t n, const char *one, const char *many) {
  if (n) fprintf(stderr, ", %llu %s", (unsigned long long)n, n == 1 ? one : many);
}

static void summary(const struct run *r) {
  weir_stats s = { .struct_size = sizeof s };
  weir_engine_stats(r->engine, &s);
  fprintf(stderr, "weir run: %llu %s: %llu answered", (unsigned long long)s.events, s.events == 1 ? "event" : "events", (unsigned long long)s.decided);
  part(s.nothing, "with nothing to say", "with nothing to say");
  part(s.repeats, "repeat", "repeats");
  part(s.ignored, "of our own", "of our own");
  part(s.undecided, "undecided", "undecided");
  part(s.timers, "timer", "timers");
  part(s.actions, "action", "actions");
  part(s.dropped, "dropped", "dropped");
  part(s.script_errors, "handler error", "handler errors");
  part(s.records, "record", "records");
  part(r->bad, "line skipped", "lines skipped");
  fputc('\n', stderr);
  if (weir_next_due(r->engine) != INT64_MAX) {
    fprintf(stderr, "weir run: actions that were to go out later are lost with the state in memory (--clock events plays them)\n");
  }
}

static void close_all(struct run *r) {
  if (r->journal && fclose(r->journal) != 0) {
    complain_text("run", "the journal cannot be written: %s", strerror(errno));
    r->broken = true;
  }
  if (r->in.buf && r->in.fd != STDIN_FILENO) close(r->in.fd);
  lines_close(&r->in);
  free(r->claims);
  free(r->repaired);
  weir_engine_close(r->engine);
  weir_key_free(r->key);
  weir_ruleset_free(r->rules);
}

int cmd_run(int argc, char **argv) {
  struct run r = { .key_file = KEY_FILE };
  const char *rules = NULL;
  int status = parse_options(&r, argc, argv, &rules);
  if (status >= 0) return status;
  signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error we report, not a death */
  if (open_all(&r, rules)) {
    read_events(&r);
    int64_t end = wall_ms();
    if (r.event_clock) end = r.now_ms + JUMP_DAYS_MAX * INT64_C(86400000);
    if (!r.broken) fire_timers(&r, end);
    flush(&r);
    summary(&r);
  } else {
    r.broken = true;
  }
  close_all(&r);
  return r.broken ? EXIT_BROKEN : r.bad ? EXIT_PROBLEMS : EXIT_GOOD;
}
