/* run_key.c: another key takes over in a run. What the files of a key are is said in key_files.c. */
#include <string.h>

#include "run.h"

/* The change is a commit of the state, and so an order in the journal. */
static bool hand_over(struct run *r, const weir_key *next) {
  weir_error err;
  memset(&err, 0, sizeof err);
  bool ready = run_journal_order(r, "rotate", weir_key_id(next));
  weir_status st = ready ? weir_rotate(r->engine, next, r->now_ms, &err) : WEIR_E_FULL;
  if (st >= 0) {
    run_journal_settled(r);
    return true;
  }
  if (ready && st != WEIR_E_STATE) run_journal_rollback(r);
  if (ready && st == WEIR_E_STATE) run_fail(r, &err); /* nobody knows whether it reached the disk, before the next run has looked */
  if (ready && st != WEIR_E_STATE) complain("run", &err);
  if (!ready) {
    r->journal_full = false;
    complain_text("run", "the disk of the journal is full");
  }
  return false;
}

enum run_rotation run_rotate(struct run *r) {
  char path[KEY_PATH_MAX];
  if (!key_beside("run", r->key_file, ".next", path) || !key_is_there(path)) return ROTATION_NONE;
  weir_key *next = load_key("run", path, false);
  if (next) run_flush(r); /* what was decided is the old key's */
  bool good = next && !r->broken && key_keep_old("run", r->key_file);
  if (good && !hand_over(r, next)) {
    good = false;
    if (!r->broken) key_forget_old(r->key_file);
  }
  if (!good) {
    weir_key_free(next);
    complain_text("run", "the key stays as it was");
    return ROTATION_FAILED;
  }
  weir_key_free(r->key);
  r->key = next;
  (void)key_take_next("run", r->key_file); /* else the next start does it */
  fprintf(stderr, "weir run: key %.*s signs from now on\n", FMT(weir_key_id(next)));
  return ROTATION_DONE;
}
