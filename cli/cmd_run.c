/* cmd_run.c: events on stdin, records on stdout. The gateway in a pipe, or a service.
 *
 * Decisions are committed, and their records handed out, after 64 decisions, after 5 ms, or when the input would block,
 * whichever comes first: so a quiet channel is answered at once and a busy one shares signatures. The other parts are named in
 * run.h; this one knows the options, the beginning and the end. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"

static const char help[] =
  "usage: weir run RULES [options]\n\n"
  "Reads events, one JSON object a line, and writes one signed record a line.\n\n"
  "  --events FILE     read events from FILE instead of stdin\n"
  "  --state FILE      where people, claims, timers and records not acknowledged are kept (./" STATE_FILE "); made on first use. A run\n"
  "                    with the same file goes on where the last one ended, whatever ended it. One run at a time\n"
  "  --state-size N    how large the file may become, such as 500M or 4G (1G): about 1 KiB a person. Then events are refused\n"
  "  --state :memory:  the same in memory, until the end only\n"
  "  --state-memory N  MiB for it: 16 hold about 8,500 people (16)\n"
  "  --key FILE        the signing key (./" KEY_FILE "; made on first use)\n"
  "  --issuer URN      who signs: \"iss\" of the records (urn:weir)\n"
  "  --group N         decisions that may share a record and its signature, 1 to 64 (64)\n"
  "  --plain           write the claim sets instead of signed records, for reading\n"
  "  --clock wall      time is the machine's (default)\n"
  "  --jit             regexes become machine code: for rules with many dear ones. Needs memory that is writable and executable;\n"
  "                    limits may strike elsewhere than without, all else is the same. Size: weir check --jit\n"
  "  --clock events    time is the events' own: to play a log. Timers fire between the events, and what waits at the end, for 400 days\n"
  "  --repair          replace what is not UTF-8 by U+FFFD instead of skipping the line\n"
  "  --journal FILE    write every input there, for weir replay; what is there already stays\n"
  "  --deadline MS     an event that takes longer is given up, undecided (1000; with --clock events none); 0: none\n"
  "  --chain NAME      name of the chain of records (drawn at random; a state file has its own)\n"
  "  --new-chain       begin a new one: once, when the state was restored from a backup, or its key is lost\n"
  "  --log-level L     what is said on stderr while it runs: error, warning (the default), info (also handlers that fail, limits) or\n"
  "                    debug (also each rule that fires)\n"
  "  --ack FD          a record is safe when a line \"channel/account seq\" (or {\"aud\":..,\"seq\":..}) came on this descriptor;\n"
  "                    it counts for all before it. Without: when it was written, and synced where the output is a file\n"
  "  --control SOCKET  listen there for operators (the owner only). A command a line, answered by \"ok ...\" or \"error ...\":\n"
  "                      stats                      counts, and why actions waited or did not go out, as JSON\n"
  "                      report [DAYS]              funnels, rules, actions and quotas as JSON (weir report SOCKET shows it)\n"
  "                      reload                     load the rules anew; rules with errors change nothing. A key that waits for it\n"
  "                                                 (weir key rotate) takes over\n"
  "                      snapshot FILE              write the state to a new file (not of a state in memory)\n"
  "                      forget channel/account/id  erase a person; that he opted out is kept\n"
  "                      pool out PACK/POOL MEMBER SECONDS, pool in PACK/POOL MEMBER   a member rests, or comes back\n"
  "                      drain                      take no more events; end when every record is acknowledged\n\n"
  "SIGHUP does what reload does. SIGTERM and SIGINT end the run: what was decided is committed and handed out.\n"
  "A line that is no event is reported on stderr and skipped; the run goes on and ends with status 1, as it does when events\n"
  "were refused because there was no room. Ended by a signal or a drain, the status is 0.\n\n"
  "example:\n"
  "  printf '%s' '{\"id\":\"c1\",\"time\":\"2026-11-22T09:00:00+08:00\",' \\\n"
  "    '\"channel\":\"douyin\",\"account\":\"papers\",\"type\":\"comment\",' \\\n"
  "    '\"contact\":{\"id\":\"u1\",\"name\":\"Lin\"},\"text\":\"求电子版\",\"post\":\"v1\"}' |\n"
  "    weir run rules/test-papers --state :memory: --plain\n";

/* ---- the options */

static bool parse_fd(const char *text, int *fd) {
  char *end = NULL;
  long n = strtol(text, &end, 10);
  if (end != text && *end == '\0' && n >= 0 && n <= INT_MAX && n != STDOUT_FILENO && n != STDERR_FILENO && fcntl((int)n, F_GETFD) >= 0) {
    *fd = (int)n;
    return true;
  }
  complain_text("run", "--ack takes the number of an open file descriptor to read from, not \"%s\" (in a shell: --ack 3 3< acks)", text);
  return false;
}

/* "500M", "4G" */
static bool parse_size(const char *text, uint64_t *out) {
  char *end = NULL;
  if (*text < '0' || *text > '9') return false;
  unsigned long long n = strtoull(text, &end, 10);
  unsigned shift = *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
  *out = (uint64_t)n << shift;
  return shift && end[1] == '\0' && n >= 1 && n <= (unsigned long long)STATE_GIB_MAX << (30 - shift);
}

static bool parse_level(const char *text, weir_log_level *out) {
  for (weir_log_level level = WEIR_LOG_ERROR; level <= WEIR_LOG_DEBUG; level++) {
    if (strcmp(text, weir_log_level_name(level)) != 0) continue;
    *out = level;
    return true;
  }
  return false;
}

static int parse_options(struct run *r, int argc, char **argv) {
  static const struct option options[] = {
    { "events", required_argument, NULL, 'e' }, { "state", required_argument, NULL, 's' }, { "key", required_argument, NULL, 'k' },
    { "issuer", required_argument, NULL, 'i' }, { "state-memory", required_argument, NULL, 'm' }, { "group", required_argument, NULL, 'g' }, { "plain", no_argument, NULL, 'p' },
    { "clock", required_argument, NULL, 'c' }, { "journal", required_argument, NULL, 'j' }, { "chain", required_argument, NULL, 'n' }, { "repair", no_argument, NULL, 'r' },
    { "ack", required_argument, NULL, 'a' }, { "control", required_argument, NULL, 'o' }, { "state-size", required_argument, NULL, 'S' }, { "deadline", required_argument, NULL, 'd' },
    { "jit", no_argument, NULL, 't' }, { "new-chain", no_argument, NULL, 'N' }, { "log-level", required_argument, NULL, 'l' },
    { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  int c;
  while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    char *end = NULL;
    switch (c) {
      case 'e': r->events = optarg; break;
      case 's': r->state = optarg; r->state_given = true; break;
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
      case 'S':
        if (parse_size(optarg, &r->state_bytes)) break;
        complain_text("run", "--state-size takes a size from 1M to 8000G, such as 500M or 4G, not \"%s\"", optarg);
        return EXIT_BROKEN;
      case 'd':
        r->deadline_ms = strtol(optarg, &end, 10);
        r->deadline_given = true;
        if (end != optarg && *end == '\0' && r->deadline_ms >= 0 && r->deadline_ms <= DEADLINE_MAX_MS) break;
        complain_text("run", "--deadline takes milliseconds from 0 (none) to 60000, not \"%s\"", optarg);
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
      case 'o': r->socket = optarg; break;
      case 't': r->jit = true; break;
      case 'l':
        if (parse_level(optarg, &r->log_level)) break;
        complain_text("run", "--log-level takes error, warning, info or debug, not \"%s\"", optarg);
        return EXIT_BROKEN;
      case 'N': r->new_chain = true; break;
      case 'a':
        if (parse_fd(optarg, &r->ack_fd)) break;
        return EXIT_BROKEN;
      case 'h': print_help(stdout, help); return EXIT_GOOD;
      default: fprintf(stderr, "try: weir run --help\n"); return EXIT_BROKEN;
    }
  }
  if (optind + 1 != argc) {
    complain_text("run", "needs the rules: a folder or a file (and nothing else). Try: weir run --help");
    return EXIT_BROKEN;
  }
  if (r->ack_fd == STDIN_FILENO && !r->events) {
    complain_text("run", "--ack 0 needs --events FILE: the events come on the same descriptor");
    return EXIT_BROKEN;
  }
  r->rules_path = argv[optind];
  return -1;
}

/* ---- beginning and end */

static bool open_buffers(struct run *r, int fd) {
  r->claims_cap = EVENT_LINE_MAX * 2;
  r->claims = malloc(r->claims_cap);
  if (r->repair) r->repaired = malloc(REPAIRED_MAX);
  bool good = lines_open(&r->in, fd, EVENT_LINE_MAX) && r->claims && (r->repaired || !r->repair);
  if (good && r->ack_fd >= 0) good = lines_open(&r->acks, r->ack_fd, ACK_LINE_MAX);
  if (!good) complain_text("run", "there is not enough memory");
  return good;
}

static bool open_all(struct run *r) {
  weir_error err;
  struct stat out;
  int fd = STDIN_FILENO;
  if (!run_signals_open()) {
    complain_text("run", "signals cannot be taken: %s", strerror(errno));
    return false;
  }
  r->sync_output = fstat(STDOUT_FILENO, &out) == 0 && S_ISREG(out.st_mode);
  r->rules = load_rules("run", r->rules_path, r->jit);
  if (!r->rules) return false;
  r->key = load_key("run", r->key_file, true);
  if (!r->key) return false;
  if (r->events && (fd = open(r->events, O_RDONLY | O_CLOEXEC)) < 0) {
    complain_text("run", "%s cannot be opened: %s", r->events, strerror(errno));
    return false;
  }
  if (!open_buffers(r, fd)) return false;
  weir_config config = { .struct_size = sizeof config, .ruleset = r->rules, .key = r->key, .batch = true, .group_max = r->group, .state = r->state,
                         .state_memory = r->state_mib << 20, .state_bytes = r->state_bytes, .new_chain = r->new_chain, .log = run_log,
                         .log_level = r->log_level };
  if (!r->deadline_given && !r->event_clock) r->deadline_ms = DEADLINE_MS;
  if (r->deadline_ms) {
    config.deadline = run_overdue;
    config.deadline_ctx = r;
  }
  bool there = access(r->state, F_OK) == 0;
  if (r->issuer) config.issuer = (weir_str){ r->issuer, strlen(r->issuer) };
  if (r->chain) config.chain = (weir_str){ r->chain, strlen(r->chain) };
  if (open_with_key("run", r->key_file, &config, &r->key, &r->engine, &err)) {
    complain("run", &err);
    return false;
  }
  if (r->new_chain && strcmp(r->state, ":memory:") != 0) fprintf(stderr, "weir run: began the chain %.*s; records of the one before that were not acknowledged are closed\n", FMT(weir_engine_chain(r->engine)));
  if (!r->state_given) {
    fprintf(stderr, "weir run: %s the state file ./%s (--state names another; --state :memory: keeps nothing)\n", there ? "goes on with" : "made", r->state);
  }
  return run_journal_open(r) && run_control_open(r);
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
  part(s.waiting, "put off", "put off");
  part(s.script_errors, "handler error", "handler errors");
  part(s.put_aside, "time that a rule was put aside", "times that a rule was put aside");
  part(s.records, "record", "records");
  part(s.expired, "record that nobody acknowledged in time", "records that nobody acknowledged in time");
  part(s.outbox, "record not acknowledged", "records not acknowledged");
  part(r->refused, "event refused", "events refused");
  part(r->bad, "line skipped", "lines skipped");
  fputc('\n', stderr);
  run_counts_print(r, stderr);
  if (s.timers_waiting && strcmp(r->state, ":memory:") == 0) {
    fprintf(stderr, "weir run: actions that were to go out later are lost with the state in memory (--clock events plays them)\n");
  }
}

static void close_all(struct run *r) {
  if (!run_journal_close(r)) r->broken = true;
  run_control_close(r);
  if (r->in.buf && r->in.fd != STDIN_FILENO) close(r->in.fd);
  lines_close(&r->in);
  lines_close(&r->acks);
  free(r->claims);
  free(r->repaired);
  weir_engine_close(r->engine);
  weir_key_free(r->key);
  weir_ruleset_free(r->rules);
}

int cmd_run(int argc, char **argv) {
  struct run *r = calloc(1, sizeof *r);
  if (!r) {
    complain_text("run", "there is not enough memory");
    return EXIT_BROKEN;
  }
  r->key_file = KEY_FILE;
  r->state = STATE_FILE;
  r->log_level = WEIR_LOG_WARNING;
  r->ack_fd = r->control.fd = -1;
  int status = parse_options(r, argc, argv);
  if (status < 0 && open_all(r)) {
    run_events(r);
    run_end(r);
    run_control_tell(r, WAIT_DRAIN, run_outbox(r) ? "error ended before all records were acknowledged; the rest is handed out again at the next start" : "ok drained");
    summary(r);
  } else if (status < 0) {
    r->broken = true;
  }
  close_all(r);
  if (status < 0) status = r->broken ? EXIT_BROKEN : r->stop ? EXIT_GOOD : r->bad || r->refused || r->bad_acks ? EXIT_PROBLEMS : EXIT_GOOD;
  free(r);
  return status;
}
