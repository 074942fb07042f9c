/* parse.c: reading the forms that gates and actions share, and saying what is wrong with them.
 *
 * Messages are for shop owners: they name what stands there, what was expected, and the nearest word that is known. Values
 * come from a rule file or from a handler; strings are copied, because the tree they hang in may go before the rule does. */
#include "decide/parse.h"

#include <stdio.h>

#include "base/clock.h"
#include "limits.h"
#include "text/utf8.h"
#include "text/words.h"

weir_status weir_parse_bad(struct weir_parse *p, const char *field, const char *format, ...) {
  char message[sizeof((weir_error *)0)->message], key[WEIR_TAG_MAX * 2];
  if (p->no_memory) return WEIR_E_NOMEM;
  va_list args;
  va_start(args, format);
  int n = vsnprintf(message, sizeof message, format, args);
  va_end(args);
  /* a cut may have fallen into a character */
  message[n < 0 ? 0 : weir_utf8_valid(weir_str_of(message))] = '\0';
  struct weir_buf place;
  weir_buf_init(&place, key, sizeof key);
  weir_buf_str(&place, p->key);
  if (field) weir_buf_printf(&place, ".%s", field);
  if (p->report) p->report(p->ctx, weir_buf_view(&place), message);
  return WEIR_E_RULES;
}

weir_status weir_parse_no_memory(struct weir_parse *p) {
  p->no_memory = true;
  return WEIR_E_NOMEM;
}

weir_str weir_parse_quote(weir_str text) {
  return (weir_str){ text.ptr, weir_utf8_cut(text, WEIR_QUOTE_MAX) };
}

const char *weir_value_says(const struct weir_value *value) {
  switch (value ? value->kind : WEIR_VALUE_NIL) {
    case WEIR_VALUE_NIL: return "nothing";
    case WEIR_VALUE_BOOL: return value->u.b ? "true" : "false";
    case WEIR_VALUE_INT: return "a number";
    case WEIR_VALUE_NUM: return "a number with a fraction";
    case WEIR_VALUE_STR: return "a text";
    case WEIR_VALUE_TABLE: return value->u.t->member_cnt ? "a table with names" : "a list";
    case WEIR_VALUE_FUNC: return "a function";
  }
  return "nothing";
}

bool weir_parse_copy(struct weir_parse *p, weir_str text, weir_str *out) {
  bool copied = weir_arena_str(p->arena, text, out);
  if (!copied) p->no_memory = true;
  return copied;
}

/* One entry of weir_parse_strings. */
static weir_status take_string(struct weir_parse *p, const char *field, const struct weir_value *value, weir_str *out) {
  *out = (weir_str){ NULL, 0 };
  if (value->kind != WEIR_VALUE_STR) return weir_parse_bad(p, field, "expected a text in quotes, not %s", weir_value_says(value));
  if (value->u.s.len == 0) return weir_parse_bad(p, field, "is empty");
  return weir_parse_copy(p, value->u.s, out) ? WEIR_OK : WEIR_E_NOMEM;
}

weir_status weir_parse_strings(struct weir_parse *p, const char *field, const struct weir_value *value, const weir_str **out,
                               uint32_t *cnt) {
  *out = NULL;
  *cnt = 0;
  bool list = value && value->kind == WEIR_VALUE_TABLE;
  if (list && (value->u.t->member_cnt > 0 || value->u.t->list_cnt == 0)) {
    return weir_parse_bad(p, field, "expected a text or a list such as { \"a\", \"b\" }, not %s",
                          value->u.t->member_cnt ? weir_value_says(value) : "an empty list");
  }
  if (!list && (!value || value->kind != WEIR_VALUE_STR)) {
    return weir_parse_bad(p, field, "expected a text or a list such as { \"a\", \"b\" }, not %s", weir_value_says(value));
  }
  uint32_t n = list ? value->u.t->list_cnt : 1;
  weir_str *strings = weir_arena_array(p->arena, n, sizeof *strings);
  if (!strings) return weir_parse_no_memory(p);
  for (uint32_t i = 0; i < n; i++) {
    weir_status status = take_string(p, field, list ? &value->u.t->list[i] : value, &strings[i]);
    if (status != WEIR_OK) return status;
  }
  *out = strings;
  *cnt = n;
  return WEIR_OK;
}

weir_status weir_parse_bool(struct weir_parse *p, const char *field, const struct weir_value *value, bool *out) {
  *out = false;
  if (!value || value->kind != WEIR_VALUE_BOOL) {
    return weir_parse_bad(p, field, "expected true or false, not %s", weir_value_says(value));
  }
  *out = value->u.b;
  return WEIR_OK;
}

weir_status weir_parse_int(struct weir_parse *p, const char *field, const struct weir_value *value, int64_t min, int64_t max,
                           int64_t *out) {
  *out = 0;
  if (!value || value->kind != WEIR_VALUE_INT) {
    return weir_parse_bad(p, field, "expected a whole number from %lld to %lld, not %s", (long long)min, (long long)max,
                          weir_value_says(value));
  }
  if (value->u.i < min || value->u.i > max) {
    return weir_parse_bad(p, field, "expected a whole number from %lld to %lld, not %lld", (long long)min, (long long)max,
                          (long long)value->u.i);
  }
  *out = value->u.i;
  return WEIR_OK;
}

weir_status weir_parse_duration(struct weir_parse *p, const char *field, const struct weir_value *value, int64_t *from_ms,
                                int64_t *to_ms) {
  *from_ms = *to_ms = 0;
  if (!value || value->kind != WEIR_VALUE_STR) {
    return weir_parse_bad(p, field, "expected a time such as \"30s\", \"10m\", \"2h\", \"1d\" or \"5s..30s\", not %s",
                          weir_value_says(value));
  }
  weir_str quoted = weir_parse_quote(value->u.s);
  int64_t from, to;
  if (!weir_duration_range_parse(value->u.s, &from, &to)) {
    return weir_parse_bad(
        p, field, "\"%.*s\" is no time: write \"30s\", \"10m\", \"2h\", \"1d\", \"1h30m\", or a range such as \"5s..30s\"",
        WEIR_FMT(quoted));
  }
  if (to > WEIR_DELAY_MAX_MS) {
    return weir_parse_bad(p, field, "\"%.*s\" is too long: at most %lld days", WEIR_FMT(quoted),
                          (long long)(WEIR_DELAY_MAX_MS / (86400 * 1000)));
  }
  *from_ms = from;
  *to_ms = to;
  return WEIR_OK;
}

bool weir_parse_hidden(weir_str text) {
  size_t len;
  for (size_t at = 0; at < text.len; at += len) {
    if (weir_char_class(weir_utf8_at(text, at, &len)) & WEIR_CHAR_CONTROL) return true;
  }
  return false;
}

weir_status weir_parse_name(struct weir_parse *p, const char *field, const char *what, weir_str name) {
  weir_str quoted = weir_parse_quote(name);
  if (name.len == 0) return weir_parse_bad(p, field, "%s is empty", what);
  if (name.len > WEIR_TAG_MAX) {
    return weir_parse_bad(p, field, "%s \"%.*s\" is too long: at most %d bytes", what, WEIR_FMT(quoted), WEIR_TAG_MAX);
  }
  if (name.ptr[0] == ' ' || name.ptr[name.len - 1] == ' ') {
    return weir_parse_bad(p, field, "%s \"%.*s\" begins or ends with a space", what, WEIR_FMT(quoted));
  }
  if (weir_parse_hidden(name)) return weir_parse_bad(p, field, "%s has a character that cannot be seen", what);
  return WEIR_OK;
}

weir_status weir_parse_wall(struct weir_parse *p, const char *field, const struct weir_value *value, int32_t *from_ms, int32_t *to_ms) {
  *from_ms = *to_ms = 0;
  if (!value || value->kind != WEIR_VALUE_STR) return weir_parse_bad(p, field, "expected a time of day such as \"09:30\", not %s", weir_value_says(value));
  if (weir_wall_range_parse(value->u.s, false, from_ms, to_ms) && *from_ms <= *to_ms && *to_ms < 24 * 3600000) return WEIR_OK;
  weir_str quoted = weir_parse_quote(value->u.s);
  return weir_parse_bad(p, field, "\"%.*s\" is no time of day: expected one such as \"09:30\", or a range such as \"09:30..10:15\"", WEIR_FMT(quoted));
}

/* ---- stages */

static weir_str after_slash(weir_str name) {
  const char *slash = name.len ? memchr(name.ptr, '/', name.len) : NULL;
  if (!slash) return name;
  size_t skip = (size_t)(slash - name.ptr) + 1;
  return (weir_str){ name.ptr + skip, name.len - skip };
}

bool weir_parse_full_name(weir_str full, weir_str pack, weir_str own) {
  return full.len == pack.len + 1 + own.len && weir_str_starts(full, pack) && full.ptr[pack.len] == '/' &&
         weir_str_eq((weir_str){ full.ptr + pack.len + 1, own.len }, own);
}

bool weir_parse_in_pack(weir_str full, weir_str pack) {
  return full.len > pack.len && weir_str_starts(full, pack) && full.ptr[pack.len] == '/';
}

weir_str weir_parse_own_name(weir_str full) { return after_slash(full); }

void weir_parse_split_pack(const struct weir_pack *pack, weir_str name, weir_str *pack_name, weir_str *own) {
  const char *colon = name.len ? memchr(name.ptr, ':', name.len) : NULL;
  *pack_name = pack->name;
  *own = name;
  if (!colon) return;
  *pack_name = (weir_str){ name.ptr, (size_t)(colon - name.ptr) };
  *own = (weir_str){ colon + 1, name.len - pack_name->len - 1 };
}

/* The funnel of `pack` that has a stage of this name, for somebody who wrote the stage alone. */
static const struct weir_funnel *funnel_with(const struct weir_parse *p, weir_str stage) {
  for (uint32_t i = 0; i < p->ruleset->funnel_cnt; i++) {
    const struct weir_funnel *funnel = &p->ruleset->funnels[i];
    if (!weir_parse_in_pack(funnel->name, p->pack->name)) continue;
    for (uint32_t k = 0; k < funnel->stage_cnt; k++) {
      if (weir_str_eq(funnel->stages[k], stage)) return funnel;
    }
  }
  return NULL;
}

static weir_status no_slash(struct weir_parse *p, const char *field, weir_str name) {
  weir_str quoted = weir_parse_quote(name);
  const struct weir_funnel *funnel = funnel_with(p, name);
  if (!funnel)
    return weir_parse_bad(p, field, "\"%.*s\" names no stage: write funnel/stage, such as \"papers/asked\"", WEIR_FMT(quoted));
  weir_str own = after_slash(funnel->name);
  return weir_parse_bad(p, field, "\"%.*s\" names no stage: write funnel/stage; did you mean \"%.*s/%.*s\"?", WEIR_FMT(quoted),
                        WEIR_FMT(own), WEIR_FMT(quoted));
}

static weir_status no_funnel(struct weir_parse *p, const char *field, weir_str pack, weir_str own) {
  weir_str quoted = weir_parse_quote(own), best = { NULL, 0 }, any = { NULL, 0 };
  for (uint32_t i = 0; i < p->ruleset->funnel_cnt; i++) {
    if (!weir_parse_in_pack(p->ruleset->funnels[i].name, pack)) continue;
    any = after_slash(p->ruleset->funnels[i].name);
    weir_str near = weir_nearest(own, &any, 1);
    if (near.len && !best.len) best = near;
  }
  if (best.len)
    return weir_parse_bad(p, field, "there is no funnel \"%.*s\"; did you mean \"%.*s\"?", WEIR_FMT(quoted), WEIR_FMT(best));
  if (any.len) {
    return weir_parse_bad(p, field, "there is no funnel \"%.*s\" in pack \"%.*s\"; it has \"%.*s\"", WEIR_FMT(quoted),
                          WEIR_FMT(weir_parse_quote(pack)), WEIR_FMT(any));
  }
  return weir_parse_bad(p, field,
                        "there is no funnel \"%.*s\": pack \"%.*s\" declares none (funnel \"%.*s\" { stages = { ... } })",
                        WEIR_FMT(quoted), WEIR_FMT(weir_parse_quote(pack)), WEIR_FMT(quoted));
}

static weir_status no_stage(struct weir_parse *p, const char *field, const struct weir_funnel *funnel, weir_str stage) {
  char list[WEIR_TAG_MAX * 4];
  struct weir_buf buf;
  weir_str quoted = weir_parse_quote(stage), own = after_slash(funnel->name);
  weir_str near = weir_nearest(stage, funnel->stages, funnel->stage_cnt);
  if (!funnel->stage_cnt) return WEIR_E_RULES; /* its declaration is at fault, which was told */
  if (near.len) {
    return weir_parse_bad(p, field, "funnel \"%.*s\" has no stage \"%.*s\"; did you mean \"%.*s\"?", WEIR_FMT(own),
                          WEIR_FMT(quoted), WEIR_FMT(near));
  }
  weir_buf_init(&buf, list, sizeof list);
  for (uint32_t i = 0; i < funnel->stage_cnt; i++) weir_buf_printf(&buf, "%s%.*s", i ? ", " : "", WEIR_FMT(funnel->stages[i]));
  return weir_parse_bad(p, field, "funnel \"%.*s\" has no stage \"%.*s\"; its stages are %.*s", WEIR_FMT(own), WEIR_FMT(quoted),
                        WEIR_FMT(weir_buf_view(&buf)));
}

weir_status weir_parse_stage(struct weir_parse *p, const char *field, weir_str name, const struct weir_funnel **funnel,
                             uint32_t *stage) {
  weir_str pack, own;
  *funnel = NULL;
  *stage = WEIR_NO_INDEX;
  weir_parse_split_pack(p->pack, name, &pack, &own);
  weir_str stage_name = after_slash(own);
  if (stage_name.len == own.len) return no_slash(p, field, name);
  weir_str funnel_name = { own.ptr, own.len - stage_name.len - 1 };
  for (uint32_t i = 0; i < p->ruleset->funnel_cnt; i++) {
    const struct weir_funnel *found = &p->ruleset->funnels[i];
    if (!weir_parse_full_name(found->name, pack, funnel_name)) continue;
    for (uint32_t k = 0; k < found->stage_cnt; k++) {
      if (!weir_str_eq(found->stages[k], stage_name)) continue;
      *funnel = found;
      *stage = k;
      return WEIR_OK;
    }
    return no_stage(p, field, found, stage_name);
  }
  return no_funnel(p, field, pack, funnel_name);
}

/* ---- names of fields */

static bool is_known(weir_str key, const weir_str *known, size_t known_cnt) {
  for (size_t i = 0; i < known_cnt; i++) {
    if (weir_str_eq(key, known[i])) return true;
  }
  return false;
}

weir_status weir_parse_known(struct weir_parse *p, const struct weir_value *value, const weir_str *known, size_t known_cnt) {
  weir_status result = WEIR_OK;
  if (!value || value->kind != WEIR_VALUE_TABLE) return WEIR_OK;
  char list[WEIR_TAG_MAX * 4];
  struct weir_buf buf;
  weir_buf_init(&buf, list, sizeof list);
  for (size_t i = 0; i < known_cnt; i++) weir_buf_printf(&buf, "%s%.*s", i ? ", " : "", WEIR_FMT(known[i]));
  for (uint32_t i = 0; i < value->u.t->member_cnt; i++) {
    weir_str key = value->u.t->members[i].key;
    if (is_known(key, known, known_cnt)) continue;
    weir_str quoted = weir_parse_quote(key), near = weir_nearest(key, known, known_cnt);
    if (near.len) {
      result = weir_parse_bad(p, NULL, "knows no `%.*s`; did you mean `%.*s`?", WEIR_FMT(quoted), WEIR_FMT(near));
    } else if (known_cnt > 0) {
      result = weir_parse_bad(p, NULL, "knows no `%.*s`; it takes %.*s", WEIR_FMT(quoted), WEIR_FMT(weir_buf_view(&buf)));
    } else {
      result = weir_parse_bad(p, NULL, "knows no `%.*s`: it takes no named values", WEIR_FMT(quoted));
    }
  }
  return result;
}
