/* no_sqlite.c: takes the place of the sqlite files in a build with STATE=memory: there is no store in a file. */
#include "state/store.h"

size_t weir_sqlite_store_bound(void) { return 0; }

weir_status weir_sqlite_store_open(struct weir_store **out, const char *path, const struct weir_sqlite_config *config, weir_error *err) {
  (void)config;
  *out = NULL;
  return weir_fail(err, WEIR_E_STATE, "the state %s cannot be opened: this weir was built without SQLite (STATE=memory), so state is kept in memory only: name \":memory:\"", path);
}
