/* run_journal.c: every input in order, as JSON lines, so that the run can be decided again: events with their time, timers,
 * commits (and what a failed one took back), acknowledgements, records that ran out, changes of the rules, people forgotten.
 *
 * What belongs to a group is with the system before the group is committed, and each commit has a number, which the state counts,
 * too. So when a run was killed, the line that opens the next one says whether the last commit reached the disk. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

static void begin(struct run *r, const char *what) { fprintf(r->journal, "{\"%s\":", what); }
static void end(struct run *r) { fprintf(r->journal, ",\"now\":%lld}\n", (long long)r->now_ms); }

void run_journal(struct run *r, const char *what, weir_str json) {
  if (!r->journal) return;
  begin(r, what);
  fwrite(json.ptr, 1, json.len, r->journal);
  end(r);
}

void run_journal_text(struct run *r, const char *what, weir_str text) {
  if (!r->journal) return;
  begin(r, what);
  print_json_string(r->journal, text);
  end(r);
}

void run_journal_number(struct run *r, const char *what, uint64_t number) {
  if (!r->journal) return;
  begin(r, what);
  fprintf(r->journal, "%llu", (unsigned long long)number);
  end(r);
}

void run_journal_ack(struct run *r, weir_str aud, uint64_t seq) {
  if (!r->journal) return;
  begin(r, "ack");
  fputs("{\"aud\":", r->journal);
  print_json_string(r->journal, aud);
  fprintf(r->journal, ",\"seq\":%llu}", (unsigned long long)seq);
  end(r);
}

bool run_journal_commit(struct run *r) {
  if (!r->journal) return true;
  run_journal_number(r, "commit", weir_engine_commits(r->engine) + 1);
  return run_journal_flush(r);
}

bool run_journal_forget(struct run *r, weir_str person) {
  if (!r->journal) return true;
  begin(r, "forget");
  print_json_string(r->journal, person);
  fprintf(r->journal, ",\"commit\":%llu", (unsigned long long)(weir_engine_commits(r->engine) + 1));
  end(r);
  return run_journal_flush(r);
}

void run_journal_rollback(struct run *r) { run_journal(r, "rollback", (weir_str){ "true", 4 }); }

/* A run that was killed may have left half a line. */
static bool end_last_line(FILE *journal) {
  char last;
  long size = fseek(journal, 0, SEEK_END) == 0 ? ftell(journal) : -1;
  if (size <= 0) return size == 0;
  return pread(fileno(journal), &last, 1, size - 1) == 1 && (last == '\n' || fputc('\n', journal) != EOF);
}

bool run_journal_open(struct run *r) {
  if (!r->journal_file) return true;
  /* It holds what people wrote: nobody else's business. */
  int fd = open(r->journal_file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  r->journal = fd < 0 ? NULL : fdopen(fd, "a+");
  if (r->journal && !end_last_line(r->journal)) {
    fclose(r->journal);
    r->journal = NULL;
  }
  if (!r->journal) {
    complain_text("run", "the journal %s cannot be opened: %s", r->journal_file, strerror(errno));
    return false;
  }
  const char *issuer = r->issuer ? r->issuer : "urn:weir";
  weir_str chain = weir_engine_chain(r->engine), hash = weir_ruleset_hash(r->rules);
  fprintf(r->journal, "{\"open\":{\"weir\":\"%s\",\"chain\":\"%.*s\",\"issuer\":", weir_version(), FMT(chain));
  print_json_string(r->journal, (weir_str){ issuer, strlen(issuer) });
  fprintf(r->journal, ",\"group\":%u,\"ruleset\":\"%.*s\",\"env\":\"%.*s\",\"key\":\"%.*s\",\"commits\":%llu,\"memory\":%llu}}\n", r->group ? r->group : GROUP_MAX,
          FMT(hash), FMT(weir_engine_env(r->engine)), FMT(weir_key_id(r->key)), (unsigned long long)weir_engine_commits(r->engine),
          strcmp(r->state, ":memory:") == 0 ? (unsigned long long)(r->state_mib ? r->state_mib : STATE_MIB) << 20 : 0);
  return run_journal_flush(r);
}

bool run_journal_flush(struct run *r) {
  if (!r->journal || fflush(r->journal) == 0) return true;
  complain_text("run", "the journal cannot be written: %s", strerror(errno));
  r->broken = true;
  return false;
}

bool run_journal_close(struct run *r) {
  if (!r->journal || fclose(r->journal) == 0) return true;
  complain_text("run", "the journal cannot be written: %s", strerror(errno));
  return false;
}
