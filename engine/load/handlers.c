/* handlers.c: what handlers call on their event is looked at before they run: e:replay("x") would fail when the first event comes. Only what
 * stands there plainly is seen: the handler's own parameter, a colon or a dot, a name. Warnings, for the name may mean something else there. */
#include "limits.h"
#include "load/load.h"

struct verbs {
  const weir_str *names;
  uint32_t cnt;
};

static bool is_verb(const struct verbs *verbs, weir_str name) {
  for (uint32_t i = 0; i < verbs->cnt; i++)
    if (weir_str_eq(verbs->names[i], name)) return true;
  return false;
}

/* The handler's parameter; the scan stands behind it. */
static bool find_parameter(struct weir_scan *scan, weir_str *name) {
  struct weir_token token;
  weir_scan_next(scan, &token); /* run, or where it stands */
  if (weir_token_is(&token, "run")) weir_scan_next(scan, &token);
  if (weir_token_is(&token, "=")) weir_scan_next(scan, &token);
  if (!weir_token_is(&token, "function")) return false;
  weir_scan_next(scan, &token);
  if (!weir_token_is(&token, "(")) return false;
  weir_scan_next(scan, &token);
  *name = token.text;
  return token.kind == WEIR_TOKEN_NAME;
}

static void look_at_call(struct weir_load *load, const struct weir_decl *decl, const struct verbs *verbs, weir_str self, char sign, const struct weir_token *verb) {
  struct weir_place place = { .file = decl->file, .line = verb->line, .column = verb->column, .rule = decl->name };
  bool known = is_verb(verbs, verb->text);
  if (sign == ':' && !known) {
    weir_str near = weir_nearest(verb->text, verbs->names, verbs->cnt);
    if (near.len)
      weir_load_warning(load, &place, "`run`: there is no %.*s:%.*s(...); did you mean %.*s:%.*s(...)?", WEIR_FMT(self), WEIR_FMT(verb->text), WEIR_FMT(self),
                      WEIR_FMT(near));
    else
      weir_load_warning(load, &place, "`run`: there is no %.*s:%.*s(...); there are the actions, such as %.*s:reply(...), and %.*s:after(\"2h\", \"rule\")",
                      WEIR_FMT(self), WEIR_FMT(verb->text), WEIR_FMT(self), WEIR_FMT(self));
  } else if (sign == '.' && known) {
    weir_load_warning(load, &place, "`run`: an action is written with a colon: %.*s:%.*s(...)", WEIR_FMT(self), WEIR_FMT(verb->text));
  }
}

static bool opens_call(const struct weir_token *token) {
  return token->kind == WEIR_TOKEN_STRING || weir_token_is(token, "(") || weir_token_is(token, "{");
}

static bool opens(const struct weir_token *token) {
  return weir_token_is(token, "function") || weir_token_is(token, "if") || weir_token_is(token, "do") || weir_token_is(token, "repeat");
}

/* To the `end` of the handler. */
static void look_at_body(struct weir_load *load, const struct weir_decl *decl, const struct verbs *verbs, struct weir_scan *scan, weir_str self) {
  struct weir_token last[4] = { { .kind = WEIR_TOKEN_END } };
  for (int depth = 1; depth > 0;) {
    memmove(last, last + 1, sizeof last - sizeof *last);
    weir_scan_next(scan, &last[3]);
    if (last[3].kind == WEIR_TOKEN_END) return;
    if (opens(&last[3])) depth++;
    if (weir_token_is(&last[3], "end") || weir_token_is(&last[3], "until")) depth--;
    if (!opens_call(&last[3]) || last[2].kind != WEIR_TOKEN_NAME || last[0].kind != WEIR_TOKEN_NAME || !weir_str_eq(last[0].text, self)) continue;
    if (weir_token_is(&last[1], ":")) look_at_call(load, decl, verbs, self, ':', &last[2]);
    if (weir_token_is(&last[1], ".")) look_at_call(load, decl, verbs, self, '.', &last[2]);
  }
}

void weir_load_look_at_handler(struct weir_load *load, const struct weir_decl *decl) {
  struct weir_place place = weir_load_place(load, decl, "run");
  struct verbs verbs;
  struct weir_scan scan;
  weir_str self;
  size_t at;
  if (!place.column) return; /* it is made elsewhere */
  (void)weir_load_line(load, place.file, place.line, &at);
  weir_scan_begin(&scan, load->files[place.file].source, at + place.column - 1, place.line);
  scan.line_at = at;
  if (!find_parameter(&scan, &self)) return;
  verbs.names = weir_decide_verbs(&verbs.cnt);
  look_at_body(load, decl, &verbs, &scan, self);
}
