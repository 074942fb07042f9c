/* files.c: finds the rule files and reads them. One .lua file is a pack of its own; a folder with .lua files is a pack; a
 * folder without any is looked into for packs, one level deep, and so is one that has packs in it and only words.lua
 * beside them, which is for them to include. Names are taken in bytewise order, so that a ruleset does not depend on how a
 * file system lists them. A symbolic link may not lead out of the folder that was given: a pack is what lies in it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "limits.h"
#include "load/load.h"
#include "text/utf8.h"

struct reason {
  char text[WEIR_FINDING_PART_MAX];
};

/* What the system says of the last failed call. strerror itself may share its text between threads. */
static const char *reason_of(int code, struct reason *reason) {
  if (strerror_r(code, reason->text, sizeof(reason->text)) != 0) return "the system does not say why";
  return reason->text;
}

struct names {
  weir_str *items;
  uint32_t cnt, cap;
};

static int by_bytes(const void *a, const void *b) { return weir_str_cmp(*(const weir_str *)a, *(const weir_str *)b); }

static bool is_rule_file(weir_str name) {
  return name.len > 4 && name.ptr[0] != '.' && memcmp(name.ptr + name.len - 4, ".lua", 4) == 0;
}

char *weir_load_join(struct weir_load *load, weir_str a, weir_str b, weir_str *out) {
  bool slash = a.len && a.ptr[a.len - 1] != '/';
  char *s = weir_arena_bytes(&load->work, a.len + slash + b.len + 1);
  *out = (weir_str){ s, a.len + slash + b.len };
  if (!s) return NULL;
  if (a.len) memcpy(s, a.ptr, a.len);
  if (slash) s[a.len] = '/';
  if (b.len) memcpy(s + a.len + slash, b.ptr, b.len);
  s[out->len] = '\0';
  return s;
}

static weir_status names_add(struct weir_load *load, struct names *names, weir_str name) {
  weir_str copy;
  if (names->cnt == names->cap) {
    uint32_t cap = names->cap ? names->cap * 2 : 16;
    weir_str *items = weir_arena_array(&load->work, cap, sizeof(*items));
    if (!items) return weir_load_no_memory(load);
    if (names->cnt) memcpy(items, names->items, names->cnt * sizeof(*items));
    names->items = items;
    names->cap = cap;
  }
  if (!weir_arena_str(&load->work, name, &copy)) return weir_load_no_memory(load);
  names->items[names->cnt++] = copy;
  return WEIR_OK;
}

/* The names in a folder, sorted: rule files into `files`, all else that is not hidden into `others` (may be NULL). */
static weir_status list_folder(struct weir_load *load, const char *folder, struct names *files, struct names *others) {
  DIR *dir = opendir(folder);
  weir_status status = WEIR_OK;
  struct reason why;
  uint32_t seen = 0;
  if (!dir) return weir_fail(&load->fatal, WEIR_E_IO, "the folder %s cannot be read: %s", folder, reason_of(errno, &why));
  while (status == WEIR_OK) {
    struct dirent *entry;
    weir_str name;
    errno = 0;
    entry = readdir(dir);
    if (!entry && errno)
      status = weir_fail(&load->fatal, WEIR_E_IO, "the folder %s cannot be read: %s", folder, reason_of(errno, &why));
    if (!entry) break;
    if (++seen > WEIR_RULE_FOLDER_MAX) {
      status = weir_fail(&load->fatal, WEIR_E_LIMIT, "the folder %s has more than %d entries: is it a folder of rules?", folder,
                         WEIR_RULE_FOLDER_MAX);
      break;
    }
    name = weir_str_of(entry->d_name);
    if (is_rule_file(name)) status = names_add(load, files, name);
    else if (others && name.ptr[0] != '.') status = names_add(load, others, name);
  }
  closedir(dir);
  if (files->cnt) qsort(files->items, files->cnt, sizeof(*files->items), by_bytes);
  if (others && others->cnt) qsort(others->items, others->cnt, sizeof(*others->items), by_bytes);
  return status;
}

/* ---- Reading one file */

static weir_status file_note(struct weir_load *load, uint32_t file, weir_status status, const char *why) {
  struct weir_place place = { .file = file };
  weir_load_note(load, WEIR_SEVERITY_ERROR, status, &place, "%s", why);
  return WEIR_OK;
}

static weir_status read_all(struct weir_load *load, uint32_t index, int fd, size_t size) {
  struct weir_load_file *file = &load->files[index];
  char *bytes = weir_arena_bytes(&load->work, size + 1);
  size_t len = 0;
  if (!bytes) return weir_load_no_memory(load);
  while (len <= size) { /* one byte more than it should have, to see that it did not grow */
    ssize_t got = read(fd, bytes + len, size + 1 - len);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_note(load, index, WEIR_E_IO, "cannot be read");
    if (got == 0) break;
    len += (size_t)got;
  }
  if (len != size) return file_note(load, index, WEIR_E_IO, "changed while it was read: load again");
  file->raw = file->source = (weir_str){ bytes, len };
  return WEIR_OK;
}

/* What a file holds must be text: UTF-8, with or without byte order mark, and no compiled Lua. */
static void check_text(struct weir_load *load, uint32_t index) {
  struct weir_load_file *file = &load->files[index];
  weir_str source = file->source;
  size_t good;
  if (weir_str_starts(source, WEIR_STR("\xEF\xBB\xBF"))) source = (weir_str){ source.ptr + 3, source.len - 3 };
  file->source = source;
  good = weir_utf8_valid(source);
  if (weir_str_starts(source, WEIR_STR("\xFF\xFE")) || weir_str_starts(source, WEIR_STR("\xFE\xFF"))) {
    file_note(load, index, WEIR_E_RULES, "is saved as UTF-16 (\"Unicode\"): save it as UTF-8");
  } else if (weir_str_starts(source, WEIR_STR("\033"))) {
    file_note(load, index, WEIR_E_RULES, "is compiled Lua: rule files are loaded as text only, give the source");
  } else if (good < source.len) {
    struct weir_place place = { .file = index, .line = 1 };
    size_t line_at = 0;
    for (size_t i = 0; i < good; i++) {
      if (source.ptr[i] != '\n' && source.ptr[i] != '\r') continue;
      if (i + 1 < good && source.ptr[i + 1] != source.ptr[i] && (source.ptr[i + 1] == '\n' || source.ptr[i + 1] == '\r')) i++;
      place.line++;
      line_at = i + 1;
    }
    place.column = (uint32_t)(good - line_at) + 1;
    weir_load_error(load, &place, "is not UTF-8 here (byte 0x%02X): open the file with the encoding it has (\"ANSI\", GBK, GB18030) and save it as UTF-8",
                    (unsigned)(unsigned char)source.ptr[good]);
  } else {
    return;
  }
  file->source.len = 0;
}

weir_status weir_load_read_file(struct weir_load *load, uint32_t index, const char *real) {
  struct stat st;
  weir_status status = WEIR_OK;
  struct reason why;
  int fd = open(real, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return file_note(load, index, WEIR_E_IO, reason_of(errno, &why));
  if (fstat(fd, &st) != 0) status = file_note(load, index, WEIR_E_IO, "cannot be read");
  else if (!S_ISREG(st.st_mode))
    status = file_note(load, index, WEIR_E_IO, "is not a regular file: what ends in .lua must be a rule file");
  else if (st.st_size > (off_t)WEIR_RULE_FILE_BYTES_MAX)
    status = file_note(load, index, WEIR_E_LIMIT, "is larger than a rule file may be (16 MiB): split it");
  else status = read_all(load, index, fd, (size_t)st.st_size);
  close(fd);
  if (status == WEIR_OK) check_text(load, index);
  return status;
}

/* ---- Packs */

bool weir_load_lies_in(const char *real, const char *root) {
  size_t len = strlen(root);
  if (strcmp(root, "/") == 0) return true;
  return strncmp(real, root, len) == 0 && real[len] == '/';
}

/* Adds a file. `root` is the resolved folder it must lie in; NULL: the host named the file itself. */
static weir_status add_file(struct weir_load *load, weir_str shown, weir_str name, const char *root) {
  uint32_t index = load->file_cnt;
  char *real;
  struct reason why;
  weir_status status;
  if (index == WEIR_RULE_FILES_MAX)
    return weir_fail(&load->fatal, WEIR_E_LIMIT, "more than %d rule files below %.*s", WEIR_RULE_FILES_MAX, WEIR_FMT(load->path));
  load->files[load->file_cnt++] = (struct weir_load_file){ .name = name, .shown = shown, .pack = load->pack_cnt - 1,
                                                           .same = index };
  load->packs[load->pack_cnt - 1].file_cnt++;
  real = realpath(shown.ptr, NULL);
  if (!real) return file_note(load, index, WEIR_E_IO, reason_of(errno, &why));
  if (root && !weir_load_lies_in(real, root))
    status = file_note(load, index, WEIR_E_IO, "is a link that leads out of the rules folder: copy the file into it");
  else
    status = weir_load_read_file(load, index, real);
  free(real);
  return status;
}

static weir_status add_pack(struct weir_load *load, weir_str folder) {
  if (load->pack_cnt == WEIR_RULE_FILES_MAX)
    return weir_fail(&load->fatal, WEIR_E_LIMIT, "more than %d packs below %.*s", WEIR_RULE_FILES_MAX, WEIR_FMT(load->path));
  load->packs[load->pack_cnt++] = (struct weir_load_pack){ .folder = folder, .first_file = load->file_cnt };
  return WEIR_OK;
}

/* The files of one pack; `below` is the pack's folder as it goes into names ("" when it is the path given). */
static weir_status add_pack_files(struct weir_load *load, weir_str shown, weir_str folder, weir_str below,
                                  const struct names *files, const char *root) {
  weir_status status = add_pack(load, folder);
  for (uint32_t i = 0; status == WEIR_OK && i < files->cnt; i++) {
    weir_str path, name;
    if (!weir_load_join(load, shown, files->items[i], &path) || !weir_load_join(load, below, files->items[i], &name))
      return weir_load_no_memory(load);
    status = add_file(load, path, name, root);
  }
  return status;
}

static weir_status add_subfolder(struct weir_load *load, weir_str name, const char *root) {
  struct names files = { 0 };
  struct stat st;
  weir_str shown;
  weir_status status;
  char *real;
  if (!weir_load_join(load, load->path, name, &shown)) return weir_load_no_memory(load);
  if (stat(shown.ptr, &st) != 0 || !S_ISDIR(st.st_mode)) return WEIR_OK; /* a README, a dangling link: no pack */
  status = list_folder(load, shown.ptr, &files, NULL);
  if (status != WEIR_OK || files.cnt == 0) return status;
  real = realpath(shown.ptr, NULL);
  if (!real || !weir_load_lies_in(real, root)) {
    free(real);
    return weir_fail(&load->fatal, WEIR_E_IO, "the folder %s is a link that leads out of the rules folder: copy it", shown.ptr);
  }
  free(real);
  return add_pack_files(load, shown, name, name, &files, root);
}

static weir_status add_folder(struct weir_load *load, const char *root, weir_str name) {
  struct names files = { 0 }, others = { 0 };
  weir_status status = list_folder(load, load->path.ptr, &files, &others);
  if (status != WEIR_OK) return status;
  load->words_beside = files.cnt == 1 && weir_str_eq(files.items[0], WEIR_STR(WEIR_LOAD_WORDS_FILE));
  for (uint32_t i = 0; status == WEIR_OK && (load->words_beside || !files.cnt) && i < others.cnt; i++)
    status = add_subfolder(load, others.items[i], root);
  if (status != WEIR_OK || load->file_cnt) return status;
  load->words_beside = false;
  load->given = WEIR_GIVEN_PACK;
  if (files.cnt) return add_pack_files(load, load->path, name, WEIR_STR(""), &files, root);
  return weir_fail(&load->fatal, WEIR_E_RULES, "there are no .lua files in %s, nor in the folders in it", load->path.ptr);
}

static size_t folder_len(const char *path, size_t len) {
  while (len > 1 && path[len - 1] != '/') len--;
  return len > 1 ? len - 1 : len;
}

/* The rules folder is the one that holds packs: the path itself, or what the pack's folder lies in. A pack's folder at the top of the file
 * system is its own. */
static weir_status take_root(struct weir_load *load, const char *real) {
  size_t len = strlen(real), root;
  if (load->given == WEIR_GIVEN_FILE) len = folder_len(real, len);
  root = load->given == WEIR_GIVEN_PACKS ? len : folder_len(real, len);
  if (root == 1) root = len;
  if (!weir_arena_str(&load->work, (weir_str){ real, len }, &load->real)) return weir_load_no_memory(load);
  return weir_arena_str(&load->work, (weir_str){ real, root }, &load->root) ? WEIR_OK : weir_load_no_memory(load);
}

/* The last name of a path: of the path as given, or of the resolved one where that is "." or ends in "..". */
static weir_str last_name(weir_str given, weir_str real) {
  for (int i = 0; i < 2; i++) {
    weir_str s = i ? real : given;
    size_t start;
    while (s.len && s.ptr[s.len - 1] == '/') s.len--;
    for (start = s.len; start && s.ptr[start - 1] != '/';) start--;
    s = (weir_str){ s.ptr + start, s.len - start };
    if (s.len && !weir_str_eq(s, WEIR_STR(".")) && !weir_str_eq(s, WEIR_STR(".."))) return s;
  }
  return WEIR_STR("rules");
}

weir_status weir_load_files(struct weir_load *load) {
  struct stat st;
  weir_status status;
  weir_str name, copy;
  struct reason why;
  load->files = weir_arena_array(&load->work, WEIR_RULE_FILES_MAX + 1 + WEIR_INCLUDES_MAX, sizeof(*load->files)); /* 1: our own */
  load->packs = weir_arena_array(&load->work, WEIR_RULE_FILES_MAX, sizeof(*load->packs));
  if (!load->files || !load->packs) return weir_load_no_memory(load);
  if (!load->path.len) return WEIR_OK; /* a ruleset without rules */
  char *real = realpath(load->path.ptr, NULL);
  if (!real || stat(real, &st) != 0) {
    status = weir_fail(&load->fatal, WEIR_E_IO, "there are no rules at %s: %s", load->path.ptr, reason_of(errno, &why));
    free(real);
    return status;
  }
  name = last_name(load->path, weir_str_of(real));
  if (!weir_arena_str(&load->work, name, &copy)) {
    status = weir_load_no_memory(load);
  } else if (S_ISDIR(st.st_mode)) {
    load->given = WEIR_GIVEN_PACKS;
    status = add_folder(load, real, copy);
    if (status == WEIR_OK) status = take_root(load, real);
  } else if (S_ISREG(st.st_mode) && is_rule_file(copy)) {
    status = add_pack(load, (weir_str){ copy.ptr, copy.len - 4 });
    if (status == WEIR_OK) status = add_file(load, load->path, copy, NULL);
    if (status == WEIR_OK) status = take_root(load, real);
  } else {
    status = weir_fail(&load->fatal, WEIR_E_IO, "%s %s", load->path.ptr,
                       S_ISREG(st.st_mode) ? "does not end in .lua: rules are a .lua file or a folder"
                                           : "is neither a regular file nor a folder");
  }
  free(real);
  return status;
}
