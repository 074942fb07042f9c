/* notes.c: what the loader has to say about rule files. Notes are kept until loading ends, because packs and rules are
 * looked at in another order than people read them in; then they go out in file order. */
#include <stdio.h>
#include <stdlib.h>

#include "limits.h"
#include "load/load.h"
#include "text/utf8.h"

weir_status weir_load_no_memory(struct weir_load *load) {
  if (load->fatal.status != WEIR_OK) return load->fatal.status;
  return weir_fail(&load->fatal, WEIR_E_NOMEM,
                   "the rules do not fit: compiled they may take %zu bytes (memory_limit), and their loading %u bytes",
                   load->ruleset ? load->ruleset->arena.limit : (size_t)0, (unsigned)WEIR_LOAD_WORK_BYTES);
}

/* What a loop in a rule file does wrong again and again is told once. */
static bool same_as_last(const struct weir_load *load, const struct weir_place *place, weir_str message) {
  const struct weir_note *last = load->last_note;
  return last && last->file == place->file && last->line == place->line && last->column == place->column &&
         weir_str_eq(last->rule, place->rule) && weir_str_eq(last->message, message);
}

void weir_load_note(struct weir_load *load, weir_severity severity, weir_status status, const struct weir_place *place,
                    const char *format, ...) {
  char text[WEIR_NOTE_MAX];
  struct weir_note *note;
  weir_str message = { text, 0 };
  va_list args;
  int len;
  if (severity == WEIR_SEVERITY_ERROR) load->error_cnt++;
  if (load->note_cnt == WEIR_DIAGNOSTICS_MAX) return;
  va_start(args, format);
  len = vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  message.len = len < 0 ? 0 : weir_utf8_valid(weir_str_of(text)); /* a cut may have fallen into a character */
  if (same_as_last(load, place, message)) return;
  note = weir_arena_zalloc(&load->work, sizeof(*note));
  if (!note || !weir_arena_str(&load->work, message, &note->message) || !weir_arena_str(&load->work, place->rule, &note->rule)) {
    weir_load_no_memory(load);
    return;
  }
  note->severity = severity;
  note->status = status;
  note->file = place->file == WEIR_NO_INDEX ? place->file : load->files[place->file].same;
  note->line = place->line;
  note->column = place->column;
  note->seq = load->note_cnt++;
  if (load->last_note) load->last_note->next = note;
  else load->notes = note;
  load->last_note = note;
}

/* ---- Places */

/* Finds where the lines of a file begin, once. */
static bool index_lines(struct weir_load *load, struct weir_load_file *file) {
  uint32_t cnt = 1, at = 0;
  weir_str s = file->source;
  if (file->lines) return true;
  for (int fill = 0; fill < 2; fill++) {
    if (fill) {
      file->lines = weir_arena_array(&load->work, cnt, sizeof(*file->lines));
      if (!file->lines) return false;
      file->lines[at++] = 0;
    }
    for (size_t i = 0; i < s.len; i++) {
      if (s.ptr[i] != '\n' && s.ptr[i] != '\r') continue;
      if (i + 1 < s.len && s.ptr[i + 1] != s.ptr[i] && (s.ptr[i + 1] == '\n' || s.ptr[i + 1] == '\r')) i++; /* as Lua counts */
      if (fill) file->lines[at++] = (uint32_t)i + 1;
      else cnt++;
    }
  }
  file->line_cnt = cnt;
  return true;
}

weir_str weir_load_line(struct weir_load *load, uint32_t index, uint32_t line, size_t *at) {
  struct weir_load_file *file = &load->files[index];
  size_t start, end;
  *at = 0;
  if (line == 0 || !index_lines(load, file) || line > file->line_cnt) return (weir_str){ 0 };
  start = *at = file->lines[line - 1];
  for (end = start; end < file->source.len && file->source.ptr[end] != '\n' && file->source.ptr[end] != '\r';) end++;
  return (weir_str){ file->source.ptr + start, end - start };
}

bool weir_load_body(struct weir_load *load, const struct weir_decl *decl, struct weir_scan *scan, struct weir_place *place) {
  struct weir_token head = { 0 };
  size_t at;
  bool found;
  *place = (struct weir_place){ .file = decl->file, .line = decl->line };
  if (decl->kind == WEIR_DECL_RULE) place->rule = decl->name;
  if (load->note_cnt == WEIR_DIAGNOSTICS_MAX) return false; /* nobody will see it */
  weir_load_line(load, decl->file, decl->line, &at);
  const struct weir_load_file *file = &load->files[decl->file];
  weir_scan_begin(scan, file->plain.len ? file->plain : file->source, at, decl->line);
  found = weir_scan_body(scan, weir_decl_word(decl->kind), decl->name, &head);
  if (head.line) place->column = head.column;
  return found;
}

struct weir_place weir_load_place_str(struct weir_load *load, const struct weir_decl *decl, weir_str path) {
  struct weir_scan scan;
  struct weir_token token = { 0 };
  struct weir_place place;
  if (!weir_load_body(load, decl, &scan, &place)) return place;
  weir_scan_path(&scan, path, &token);
  if (token.line) {
    place.line = token.line;
    place.column = token.column;
  }
  return place;
}

struct weir_place weir_load_place(struct weir_load *load, const struct weir_decl *decl, const char *path) {
  return weir_load_place_str(load, decl, weir_str_of(path));
}

struct weir_place weir_load_place_text(struct weir_load *load, const struct weir_decl *decl, const char *path, weir_str value,
                                       size_t offset) {
  struct weir_scan scan, inside;
  struct weir_token token = { 0 }, key = { 0 };
  struct weir_place place;
  size_t at, target, line_at;
  if (!weir_load_body(load, decl, &scan, &place)) return place;
  inside = scan;
  if (path[0] && weir_scan_path(&inside, weir_str_of(path), &key)) {
    place.line = key.line;
    place.column = key.column;
    weir_scan_begin(&scan, scan.source, key.at, key.line); /* the text is looked for from its key on */
    scan.line_at = key.at + 1 - key.column;
  }
  if (!weir_scan_string(&scan, value, &token)) return place;
  target = token.at + weir_token_inside(&token, offset);
  weir_load_line(load, decl->file, token.line, &line_at);
  place.line = token.line;
  for (at = token.at; at < target; at++) {
    if (scan.source.ptr[at] != '\n') continue;
    place.line++;
    line_at = at + 1;
  }
  place.column = (uint32_t)(target - line_at) + 1;
  return place;
}

/* ---- Handing out */

static int by_place(const void *a, const void *b) {
  const struct weir_note *x = *(const struct weir_note *const *)a, *y = *(const struct weir_note *const *)b;
  if (x->file != y->file) return x->file < y->file ? -1 : 1; /* what concerns the whole path has the highest number */
  if (x->line != y->line) return x->line < y->line ? -1 : 1;
  if (x->column != y->column) return x->column < y->column ? -1 : 1;
  return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* A file that packs share is read for each of them, and may say the same each time. `sorted` by place. */
static bool told_before(const struct weir_load *load, const struct weir_note *const *sorted, uint32_t index) {
  const struct weir_note *note = sorted[index];
  if (!weir_load_is_shared(load, note->file)) return false;
  for (uint32_t i = index; i-- > 0;) {
    const struct weir_note *other = sorted[i];
    if (other->file != note->file || other->line != note->line || other->column != note->column) return false;
    if (other->severity == note->severity && weir_str_eq(other->message, note->message)) return true;
  }
  return false;
}

/* The line of a note, cut so that it can be shown. */
static weir_str excerpt(struct weir_load *load, const struct weir_note *note) {
  size_t at;
  weir_str line = { 0 };
  if (note->file != WEIR_NO_INDEX && note->line) line = weir_load_line(load, note->file, note->line, &at);
  if (line.len > WEIR_EXCERPT_MAX) line.len = weir_utf8_cut(line, WEIR_EXCERPT_MAX);
  return line;
}

static void tell_one(struct weir_load *load, const struct weir_note *note, weir_error *err, bool first) {
  weir_diagnostic d = { .severity = note->severity, .line = note->line, .column = note->column, .message = note->message };
  char rule[WEIR_LOAD_NAME_MAX + WEIR_LOAD_NAME_MAX + 2];
  struct weir_buf name;
  weir_buf_init(&name, rule, sizeof(rule));
  d.file = note->file == WEIR_NO_INDEX ? load->path : load->files[note->file].shown;
  if (note->rule.len) {
    const struct weir_load_pack *pack = &load->packs[load->files[note->file].pack];
    weir_str pack_name = load->pack_infos ? load->pack_infos[load->files[note->file].pack].name : pack->folder;
    weir_buf_str(&name, pack_name);
    weir_buf_byte(&name, '/');
    weir_buf_str(&name, note->rule);
    d.rule = weir_buf_view(&name);
  }
  d.excerpt = excerpt(load, note);
  if (first) {
    weir_fail(err, note->status, "%.*s", WEIR_FMT(note->message));
    weir_fail_place(err, d.file, d.line, d.column, d.rule);
  }
  if (load->config->diagnostic) load->config->diagnostic(load->config->diagnostic_ctx, &d);
}

/* A failure that ended loading is told too: as an error about the path as a whole. */
static void tell_fatal(struct weir_load *load, weir_error *err) {
  weir_diagnostic d = { .severity = WEIR_SEVERITY_ERROR, .file = load->path, .message = weir_str_of(load->fatal.message) };
  weir_fail(err, load->fatal.status, "%s", load->fatal.message);
  weir_fail_place(err, load->path, 0, 0, (weir_str){ 0 });
  if (load->config->diagnostic) load->config->diagnostic(load->config->diagnostic_ctx, &d);
}

weir_status weir_load_tell(struct weir_load *load, weir_error *err) {
  const struct weir_note **sorted = weir_arena_array(&load->work, load->note_cnt, sizeof(*sorted));
  weir_status status = WEIR_OK;
  uint32_t cnt = 0;
  if (!sorted) weir_load_no_memory(load);
  for (const struct weir_note *note = load->notes; sorted && note; note = note->next) sorted[cnt++] = note;
  if (cnt) qsort(sorted, cnt, sizeof(*sorted), by_place);
  for (uint32_t i = 0; i < cnt; i++) {
    if (told_before(load, sorted, i)) continue;
    bool first = load->fatal.status == WEIR_OK && sorted[i]->severity == WEIR_SEVERITY_ERROR && status == WEIR_OK;
    if (first) status = sorted[i]->status;
    tell_one(load, sorted[i], err, first);
  }
  if (load->fatal.status == WEIR_OK) return status;
  tell_fatal(load, err);
  return load->fatal.status;
}
