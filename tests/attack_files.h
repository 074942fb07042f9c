/* attack_files.h: reading the hostile scripts: those of tests/attacks, and the shared ones when they are there.
 *
 * A file holds scripts behind lines "--- name"; a file without such a line is one script, named after its file. Each is the
 * body of a handler, or of a rule file. What they have in common: they end by themselves or are killed, within their budget,
 * and leave nothing behind. */
#ifndef WEIR_TESTS_ATTACK_FILES_H
#define WEIR_TESTS_ATTACK_FILES_H

#include <dirent.h>
#include <string.h>

#include "shared_data.h"

struct attack {
  char *name, *code;
};

struct attacks {
  struct attack *items;
  size_t cnt, room;
};

static inline char *attack_copy(const char *text, size_t len) {
  char *copy = malloc(len + 1);
  if (!copy) abort();
  memcpy(copy, text, len);
  copy[len] = '\0';
  return copy;
}

static inline void attack_add(struct attacks *list, const char *name, size_t name_len, const char *code, size_t code_len) {
  if (list->cnt == list->room) {
    list->room = list->room ? 2 * list->room : 256;
    if (!(list->items = realloc(list->items, list->room * sizeof *list->items))) abort();
  }
  list->items[list->cnt++] = (struct attack){ attack_copy(name, name_len), attack_copy(code, code_len) };
}

static inline void attacks_read(struct attacks *list, const char *path, const char *name) {
  size_t len;
  char *text = shared_read(path, &len), *at = text, *next;
  if (!text) abort();
  if (strncmp(text, "--- ", 4) != 0) attack_add(list, name, strlen(name), text, len);
  for (; strncmp(at, "--- ", 4) == 0; at = next) {
    char *code = strchr(at, '\n');
    if (!code) break;
    next = strstr(code, "\n--- ");
    next = next ? next + 1 : text + len;
    attack_add(list, at + 4, (size_t)(code - at) - 4, code + 1, (size_t)(next - code) - 1);
  }
  free(text);
}

static inline int attack_is_lua(const struct dirent *entry) {
  size_t len = strlen(entry->d_name);
  return len > 4 && strcmp(entry->d_name + len - 4, ".lua") == 0;
}

/* All files of `folder`, by name. */
static inline void attack_folder(struct attacks *list, const char *folder) {
  struct dirent **entries;
  char path[1400];
  int cnt = scandir(folder, &entries, attack_is_lua, alphasort);
  for (int i = 0; i < cnt; i++) {
    if (snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name) < (int)sizeof path) attacks_read(list, path, entries[i]->d_name);
    free(entries[i]);
  }
  if (cnt >= 0) free(entries);
}

/* Ours, run in the project's folder. */
static inline struct attacks attacks_own(void) {
  struct attacks list = { NULL, 0, 0 };
  attack_folder(&list, "tests/attacks");
  return list;
}

static inline struct attacks attacks_all(void) {
  struct attacks list = attacks_own();
  char path[1024];
  if (shared_path(path, sizeof path, "attacks")) attack_folder(&list, path);
  return list;
}

static inline void attacks_free(struct attacks *list) {
  for (size_t i = 0; i < list->cnt; i++) {
    free(list->items[i].name);
    free(list->items[i].code);
  }
  free(list->items);
}

#endif
