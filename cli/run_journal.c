/* run_journal.c: every input in order, as JSON lines, so that the run can be decided again: events with their time, timers,
 * commits (and what a failed one took back), acknowledgements, records that ran out, changes of the rules, people forgotten,
 * members of pools that rest.
 *
 * What belongs to a group is with the system before the group is committed, and each commit has a number, which the state counts,
 * too. So when a run was killed, the line that opens the next one says whether the last commit reached the disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"

static void begin(struct run *r, const char *what) { fprintf(r->journal, "{\"%s\":", what); }
static void end(struct run *r) {
  fprintf(r->journal, ",\"now\":%lld}\n", (long long)r->now_ms);
  if (ftell(r->journal) >= JOURNAL_BUFFER) (void)run_journal_flush(r); /* that it is full is noticed again before a commit */
}

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

bool run_journal_order(struct run *r, const char *what, weir_str words) {
  if (!r->journal) return true;
  begin(r, what);
  print_json_string(r->journal, words);
  fprintf(r->journal, ",\"commit\":%llu", (unsigned long long)(weir_engine_commits(r->engine) + 1));
  end(r);
  return run_journal_flush(r);
}

/* ---- to the file */

/* Back to the last commit, or to what was flushed when nothing waited for one: so no half line and no group that did not happen stays. */
static void cut_back(struct run *r) {
  rewind(r->journal);
  if (ftruncate(r->journal_fd, (off_t)r->journal_base) == 0) r->journal_size = r->journal_base;
}

static bool write_all(struct run *r, const char *at, size_t len) {
  while (len) {
    ssize_t done = write(r->journal_fd, at, len);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return false;
    at += done;
    len -= (size_t)done;
    r->journal_size += (uint64_t)done;
  }
  return true;
}

bool run_journal_flush(struct run *r) {
  if (!r->journal) return true;
  /* once lines were lost, those behind them are worth nothing until their group was taken back */
  bool good = fflush(r->journal) == 0 && !r->journal_full && write_all(r, r->journal_bytes, r->journal_len);
  if (good) {
    rewind(r->journal);
    return true;
  }
  int why = r->journal_full ? ENOSPC : errno;
  cut_back(r);
  r->journal_full = why == ENOSPC || why == EDQUOT || why == EFBIG;
  if (r->journal_full) return false;
  complain_text("run", "the journal cannot be written: %s", strerror(why));
  r->broken = true;
  return false;
}

void run_journal_settled(struct run *r) { r->journal_base = r->journal_size; }

void run_journal_rollback(struct run *r) {
  run_journal(r, "rollback", (weir_str){ "true", 4 });
  if (run_journal_flush(r)) run_journal_settled(r);
  r->journal_full = false;
}

/* A run that was killed may have left half a line. */
static bool begin_behind(struct run *r) {
  char last = '\n';
  struct stat s;
  if (fstat(r->journal_fd, &s) != 0) return false;
  if (!S_ISREG(s.st_mode) || s.st_size == 0) return true;
  r->journal_size = r->journal_base = (uint64_t)s.st_size;
  return pread(r->journal_fd, &last, 1, s.st_size - 1) == 1 && (last == '\n' || fputc('\n', r->journal) != EOF);
}

bool run_journal_open(struct run *r) {
  if (!r->journal_file) return true;
  /* It holds what people wrote: nobody else's business. */
  r->journal_fd = open(r->journal_file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  r->journal = r->journal_fd < 0 ? NULL : open_memstream(&r->journal_bytes, &r->journal_len);
  if (!r->journal || !begin_behind(r)) {
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
  bool good = run_journal_flush(r);
  if (r->journal_full) complain_text("run", "the disk of the journal %s is full; make space, then start again", r->journal_file);
  if (good) run_journal_settled(r);
  return good;
}

bool run_journal_close(struct run *r) {
  bool good = run_journal_flush(r);
  if (r->journal_full) complain_text("run", "the disk of the journal is full; its last lines are lost, and decide nothing");
  if (r->journal) fclose(r->journal);
  free(r->journal_bytes);
  if (r->journal_fd > 0) close(r->journal_fd);
  r->journal = NULL;
  return good || r->journal_full;
}
