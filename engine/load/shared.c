/* shared.c: finds the file that a pack includes, and only inside the rules folder: the folder that holds the packs. For a folder of packs
 * that is the path that was given; for one pack the folder it lies in; for a rule file by itself the folder that its folder lies in. So a
 * pack includes the same file whichever of them is given. What climbs out of the rules folder on its way, or leads out of it by a link, is refused before
 * anything is read. */
#include <errno.h>
#include <stdlib.h>

#include "limits.h"
#include "load/load.h"
#include "text/utf8.h"

static weir_str folder_of(weir_str path) {
  while (path.len && path.ptr[path.len - 1] != '/') path.len--;
  while (path.len > 1 && path.ptr[path.len - 1] == '/') path.len--;
  return path;
}

/* ---- What is written */

static const char *fault_of(weir_str written) {
  if (!written.len) return "is empty";
  if (written.len > WEIR_LOAD_NAME_MAX) return "is too long";
  if (weir_utf8_valid(written) != written.len || memchr(written.ptr, '\0', written.len)) return "is no name of a file";
  if (written.ptr[0] == '/' || written.ptr[0] == '~') return "must begin at this file and not at /: \"../words.lua\" is words.lua beside the pack's folder";
  if (memchr(written.ptr, '\\', written.len)) return "is written with /, not with \\: \"../words.lua\"";
  if (written.len < 5 || memcmp(written.ptr + written.len - 4, ".lua", 4) != 0) return "does not end in .lua: \"../words.lua\"";
  return NULL;
}

/* Whether the way from a folder `depth` levels below the rules folder leaves that on its way. */
static bool climbs_out(weir_str written, size_t depth) {
  for (size_t at = 0; at < written.len;) {
    const char *slash = memchr(written.ptr + at, '/', written.len - at);
    size_t end = slash ? (size_t)(slash - written.ptr) : written.len;
    weir_str part = { written.ptr + at, end - at };
    if (weir_str_eq(part, WEIR_STR(".."))) {
      if (depth-- == 0) return true;
    } else if (part.len && !weir_str_eq(part, WEIR_STR("."))) {
      depth++;
    }
    at = end + 1;
  }
  return false;
}

static size_t depth_below(const char *folder, weir_str root) {
  size_t depth = 0;
  if (strlen(folder) <= root.len) return 0;
  for (const char *at = folder + (root.len > 1 ? root.len : 0); *at; at++) depth += *at == '/';
  return depth;
}

/* ---- Names */

/* What of a path in the rules folder lies below it. */
static weir_str below_root(const struct weir_load *load, weir_str real) {
  size_t len = load->root.len > 1 ? load->root.len + 1 : 1;
  return (weir_str){ real.ptr + len, real.len - len };
}

/* The rules folder as the host names it. Where the path does not say it, as with a link or "..", it is that path's "..". */
static bool shown_root(struct weir_load *load, weir_str *out) {
  weir_str path = load->given == WEIR_GIVEN_FILE ? folder_of(load->path) : load->path;
  char *real;
  bool same;
  while (path.len > 1 && path.ptr[path.len - 1] == '/') path.len--;
  if (weir_str_eq(load->root, load->real)) return weir_arena_str(&load->work, path, out);
  if (!weir_arena_str(&load->work, folder_of(path), out)) return false;
  real = realpath(out->len ? out->ptr : ".", NULL);
  same = real && weir_str_eq(weir_str_of(real), load->root) && path.len && path.ptr[path.len - 1] != '.';
  free(real);
  return same || weir_load_join(load, path, WEIR_STR(".."), out) != NULL;
}

/* How the file is called in messages and the ruleset's hash, and how the host will find it. */
static bool name_entry(struct weir_load *load, struct weir_load_file *file) {
  weir_str rest = below_root(load, file->real), root;
  bool above = load->given != WEIR_GIVEN_PACKS && !weir_load_lies_in(file->real.ptr, load->real.ptr);
  return shown_root(load, &root) && weir_load_join(load, root, rest, &file->shown) &&
         weir_load_join(load, above ? WEIR_STR("..") : WEIR_STR(""), rest, &file->name);
}

/* Reads the file, or takes it from the pack that had it read. */
static weir_status fill_entry(struct weir_load *load, uint32_t index) {
  struct weir_load_file *file = &load->files[index];
  struct weir_load_extra *extra;
  weir_status status;
  for (file->same = weir_load_first_shared(load); !weir_str_eq(load->files[file->same].real, file->real);) file->same++;
  if (file->same != index) {
    file->raw = load->files[file->same].raw;
    file->source = load->files[file->same].source;
    file->bad = load->files[file->same].bad;
    return WEIR_OK;
  }
  extra = weir_arena_zalloc(&load->work, sizeof(*extra));
  if (!extra) return weir_load_no_memory(load);
  uint32_t errors = load->error_cnt;
  status = weir_load_read_file(load, index, file->real.ptr);
  file->bad = load->error_cnt != errors;
  *extra = (struct weir_load_extra){ .name = file->name, .raw = file->raw };
  weir_load_add_extra(load, extra);
  return status;
}

/* The entry of the pack's for that file, which may be new. */
static weir_status take_entry(struct weir_load *load, uint32_t by, weir_str real, uint32_t *index, struct weir_buf *why) {
  uint32_t first = weir_load_first_shared(load), end = first + load->shared_cnt;
  for (*index = first; *index < end; ++*index)
    if (load->files[*index].pack == load->files[by].pack && weir_str_eq(load->files[*index].real, real)) return WEIR_OK;
  if (load->shared_cnt == WEIR_INCLUDES_MAX) {
    *index = WEIR_NO_INDEX;
    weir_buf_printf(why, "cannot be read: packs include more than %d files", WEIR_INCLUDES_MAX);
    return WEIR_OK;
  }
  load->files[end] = (struct weir_load_file){ .pack = load->files[by].pack, .by = by, .same = end };
  load->shared_cnt++;
  if (!weir_arena_str(&load->work, real, &load->files[end].real) || !name_entry(load, &load->files[end])) return weir_load_no_memory(load);
  return fill_entry(load, end);
}

/* ---- The way there */

/* What to do about a file that is not there. */
static void say_missing(struct weir_load *load, weir_str base, weir_str written, struct weir_buf *why) {
  weir_str words;
  char *real;
  weir_buf_text(why, "is not there: the path begins at the folder of this file");
  if (!weir_load_join(load, base, WEIR_STR("../" WEIR_LOAD_WORDS_FILE), &words)) return;
  real = realpath(words.ptr, NULL);
  if (real && weir_load_lies_in(real, load->root.ptr) && !weir_str_eq(written, WEIR_STR("../" WEIR_LOAD_WORDS_FILE)))
    weir_buf_text(why, "; did you mean \"../" WEIR_LOAD_WORDS_FILE "\"?");
  free(real);
}

static weir_status check_and_find(struct weir_load *load, uint32_t by, weir_str base, const char *real, uint32_t *index, struct weir_buf *why) {
  bool own = weir_str_eq(folder_of(weir_str_of(real)), base);
  if (!weir_load_lies_in(real, load->root.ptr)) {
    weir_buf_text(why, "is a link that leads out of the rules folder: copy the file into it");
  } else if (own) {
    weir_buf_text(why, "lies in the pack's own folder, of which all files are read anyway; what packs share lies beside them: \"../words.lua\"");
  } else {
    return take_entry(load, by, weir_str_of(real), index, why);
  }
  return WEIR_OK;
}

weir_status weir_load_shared(struct weir_load *load, uint32_t by, weir_str written, uint32_t *index, struct weir_buf *why) {
  const char *fault = fault_of(written);
  weir_str folder = folder_of(load->files[by].shown), copy, path;
  char *base, *real;
  weir_status status = WEIR_OK;
  *index = WEIR_NO_INDEX;
  if (fault) return weir_buf_text(why, fault), WEIR_OK;
  if (!weir_arena_str(&load->work, folder.len ? folder : WEIR_STR("."), &copy)) return weir_load_no_memory(load);
  base = realpath(copy.ptr, NULL);
  if (!base || !weir_load_join(load, weir_str_of(base), written, &path)) {
    status = base || errno == ENOMEM ? weir_load_no_memory(load) : WEIR_OK;
    weir_buf_text(why, "cannot be looked for: the folder of this file cannot be read");
    free(base);
    return status;
  }
  real = realpath(path.ptr, NULL);
  if (climbs_out(written, depth_below(base, load->root)))
    weir_buf_text(why, "lies outside of the rules folder, which is the folder that holds this pack: copy the file into it");
  else if (!real)
    say_missing(load, weir_str_of(base), written, why);
  else
    status = check_and_find(load, by, weir_str_of(base), real, index, why);
  free(real);
  free(base);
  return status;
}

/* Whether words.lua beside the packs is. */
static bool is_included(struct weir_load *load) {
  weir_str path;
  char *real = weir_load_join(load, load->root, WEIR_STR(WEIR_LOAD_WORDS_FILE), &path) ? realpath(path.ptr, NULL) : NULL;
  bool found = !real;
  for (uint32_t i = 0; !found && i < load->shared_cnt; i++) found = weir_str_eq(load->files[weir_load_first_shared(load) + i].real, weir_str_of(real));
  free(real);
  return found;
}

void weir_load_tell_not_included(struct weir_load *load) {
  struct weir_place place = { .file = WEIR_NO_INDEX };
  if (!load->words_beside) return;
  for (uint32_t i = 0; i < load->pack_cnt; i++)
    if (load->packs[i].unread) return;
  if (is_included(load)) return;
  weir_load_warning(load, &place, WEIR_LOAD_WORDS_FILE " lies beside the packs and none of them includes it: write include \"../" WEIR_LOAD_WORDS_FILE
                                                       "\" in a file of each pack that needs it");
}
