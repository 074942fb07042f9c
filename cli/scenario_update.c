/* scenario_update.c: `weir test --update`: what happened becomes what is expected. Only the steps that went otherwise are
 * written anew; all other lines stay as they are, comments too. The file is replaced at once or not at all. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scenario.h"

/* Which step a line belongs to, and as what. */
struct role {
  const struct step *step;
  bool expects; /* a line of its own with what is expected */
};

static void find_roles(const struct scenario_file *file, struct role *roles, uint32_t lines) {
  for (uint32_t i = 0; i < file->step_cnt; i++) {
    const struct step *s = &file->steps[i];
    if (s->line <= lines) roles[s->line] = (struct role){ s, false };
    for (uint32_t k = 0; k < s->expect_cnt; k++) {
      uint32_t line = file->expects[s->first_expect + k].line;
      if (line != s->line && line <= lines) roles[line] = (struct role){ s, true };
    }
  }
}

static void write_lines(FILE *out, const struct scenario_file *file, const struct role *roles, uint32_t lines, char *const *updates) {
  for (uint32_t n = 1; n <= lines; n++) {
    weir_str line = scenario_line(file, n);
    const struct role *role = &roles[n];
    const char *update = role->step ? updates[role->step - file->steps] : NULL;
    if (update && role->expects) continue;
    if (update && role->step->arrow) {
      line.len = role->step->arrow - 1;
      while (line.len && line.ptr[line.len - 1] == ' ') line.len--;
    }
    if (line.len) fwrite(line.ptr, 1, line.len, out);
    fputc('\n', out);
    if (update) fputs(update, out);
  }
}

bool scenario_update(const struct scenario_file *file, char *const *updates) {
  uint32_t lines = 0;
  for (size_t i = 0; i < file->len; i++) lines += file->data[i] == '\n';
  if (file->len && file->data[file->len - 1] != '\n') lines++;
  struct role *roles = calloc(lines + 1, sizeof *roles);
  size_t len = strlen(file->path);
  char *part = malloc(len + 6);
  FILE *out = NULL;
  bool good = roles && part;
  if (good) {
    memcpy(part, file->path, len);
    memcpy(part + len, ".part", 6);
    find_roles(file, roles, lines);
    out = fopen(part, "wx");
    good = out != NULL;
  }
  if (out) {
    write_lines(out, file, roles, lines, updates);
    good = !ferror(out);
    good = fclose(out) == 0 && good;
    good = good && rename(part, file->path) == 0;
    if (!good) unlink(part);
  }
  if (!good) complain_text("test", "%s cannot be written: %s", file->path, strerror(errno));
  free(roles);
  free(part);
  return good;
}
