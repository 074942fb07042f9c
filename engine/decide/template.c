/* template.c: parsing texts with places to fill, and filling them.
 *
 * A template is a row of parts, each a piece of the shop's own text or a place. Filling computes the value of each place,
 * then joins: a value is never read again, so a user who calls himself "{code}" is called that. What a user wrote goes
 * through policy first. */
#include "decide/template.h"

#include "decide/code.h"
#include "decide/parse.h"
#include "decide/pool.h"
#include "limits.h"

enum place {
  PLACE_LITERAL = 0,
  PLACE_NAME,
  PLACE_MATCH,
  PLACE_POOL,
  PLACE_CODE,
  PLACE_POST,
  PLACE_TEXT,
  PLACE_ROOM,
  PLACE_FIELD
};

struct part {
  enum place place;
  uint32_t index;    /* MATCH: the capture; POOL: of the ruleset's pools */
  weir_str text;     /* LITERAL: it; FIELD: the name */
  weir_str fallback; /* what stands behind the bar */
  bool has_fallback;
};

struct weir_template {
  const struct part *parts;
  uint32_t part_cnt;
  bool script; /* a handler made it: one literal, to be cleaned when it is filled */
};

/* ---- Parsing */

static const struct {
  const char *name;
  enum place place;
} plain_places[] = { { "person.name", PLACE_NAME }, { "match", PLACE_MATCH },      { "code", PLACE_CODE },
                     { "event.post", PLACE_POST },  { "event.text", PLACE_TEXT }, { "event.room", PLACE_ROOM } };

#define PLAIN_CNT (sizeof plain_places / sizeof plain_places[0])
#define ALL_PLACES \
  "{person.name}, {match}, {match.1}, {pool.NAME}, {coupon.NAME}, {code}, {field.NAME}, {event.post}, {event.text}, {event.room}"

/* What "{name}" may have been meant to be; empty: no idea. */
static weir_str guess(const struct weir_parse *p, weir_str name, char *room, size_t cap) {
  struct weir_buf buf;
  weir_buf_init(&buf, room, cap);
  for (size_t i = 0; i < PLAIN_CNT; i++) {
    weir_str known = weir_str_of(plain_places[i].name), tail = known;
    const char *dot = memchr(known.ptr, '.', known.len);
    if (dot) tail = (weir_str){ dot + 1, known.len - (size_t)(dot + 1 - known.ptr) };
    if (weir_str_eq(tail, name) || weir_nearest(name, &known, 1).len) return known;
  }
  for (uint32_t i = 0; i < p->ruleset->pool_cnt; i++) {
    if (!weir_parse_full_name(p->ruleset->pools[i].name, p->pack->name, name)) continue;
    weir_buf_text(&buf, p->ruleset->pools[i].coupon ? "coupon." : "pool.");
    weir_buf_str(&buf, name);
    return buf.full ? (weir_str){ NULL, 0 } : weir_buf_view(&buf);
  }
  return (weir_str){ NULL, 0 };
}

static weir_status unknown_place(struct weir_parse *p, const char *field, weir_str name) {
  char room[WEIR_TAG_MAX * 2];
  weir_str quoted = weir_parse_quote(name), meant = guess(p, name, room, sizeof room);
  if (meant.len) {
    return weir_parse_bad(p, field, "{%.*s} cannot be filled in; did you mean {%.*s}?", WEIR_FMT(quoted), WEIR_FMT(meant));
  }
  return weir_parse_bad(p, field, "{%.*s} cannot be filled in; there are " ALL_PLACES ". Write {{ for a brace", WEIR_FMT(quoted));
}

static weir_status parse_capture(struct weir_parse *p, const char *field, weir_str number, struct part *part) {
  weir_str quoted = weir_parse_quote(number);
  uint32_t value = 0;
  bool good = number.len > 0 && number.len <= 2;
  for (size_t i = 0; i < number.len && good; i++) {
    good = number.ptr[i] >= '0' && number.ptr[i] <= '9';
    if (good) value = value * 10 + (uint32_t)(number.ptr[i] - '0');
  }
  if (!good || value < 1 || value > WEIR_PATTERN_CAPTURES_MAX) {
    return weir_parse_bad(p, field, "{match.%.*s} cannot be filled in: a pattern's groups are {match.1} to {match.%d}",
                          WEIR_FMT(quoted), WEIR_PATTERN_CAPTURES_MAX);
  }
  part->place = PLACE_MATCH;
  part->index = value;
  return WEIR_OK;
}

static weir_status parse_pool(struct weir_parse *p, const char *field, weir_str name, bool coupon, struct part *part) {
  const char *what = coupon ? "coupon" : "pool", *such = coupon ? "\"a\", \"b\"" : "\"a\", \"b\", per_day = 20";
  weir_str pack, own, any = { NULL, 0 }, near = { NULL, 0 }, quoted = weir_parse_quote(name);
  weir_parse_split_pack(p->pack, name, &pack, &own);
  for (uint32_t i = 0; i < p->ruleset->pool_cnt; i++) {
    weir_str full = p->ruleset->pools[i].name;
    if (p->ruleset->pools[i].coupon != coupon) continue;
    if (weir_parse_full_name(full, pack, own)) {
      part->place = PLACE_POOL;
      part->index = i;
      return WEIR_OK;
    }
    if (!weir_parse_in_pack(full, pack)) continue;
    any = weir_parse_own_name(full);
    if (!near.len) near = weir_nearest(own, &any, 1);
  }
  if (near.len)
    return weir_parse_bad(p, field, "there is no %s \"%.*s\"; did you mean {%s.%.*s}?", what, WEIR_FMT(quoted), what, WEIR_FMT(near));
  if (any.len)
    return weir_parse_bad(p, field, "there is no %s \"%.*s\"; there is {%s.%.*s}", what, WEIR_FMT(quoted), what, WEIR_FMT(any));
  return weir_parse_bad(p, field, "there is no %s \"%.*s\": the pack declares none (%s \"%.*s\" { %s })", what, WEIR_FMT(quoted), what,
                        WEIR_FMT(quoted), such);
}

static weir_status parse_place(struct weir_parse *p, const char *field, weir_str name, struct part *part) {
  for (size_t i = 0; i < PLAIN_CNT; i++) {
    if (!weir_str_eq(name, weir_str_of(plain_places[i].name))) continue;
    part->place = plain_places[i].place;
    return WEIR_OK;
  }
  if (weir_str_starts(name, WEIR_STR("match."))) return parse_capture(p, field, (weir_str){ name.ptr + 6, name.len - 6 }, part);
  if (weir_str_starts(name, WEIR_STR("pool."))) return parse_pool(p, field, (weir_str){ name.ptr + 5, name.len - 5 }, false, part);
  if (weir_str_starts(name, WEIR_STR("coupon."))) return parse_pool(p, field, (weir_str){ name.ptr + 7, name.len - 7 }, true, part);
  if (!weir_str_starts(name, WEIR_STR("field."))) return unknown_place(p, field, name);
  part->place = PLACE_FIELD;
  part->text = (weir_str){ name.ptr + 6, name.len - 6 };
  return weir_parse_name(p, field, "the name of the field", part->text);
}

/* Parses the place whose opening brace is at `at`; *end is behind its closing one. */
static weir_status parse_braces(struct weir_parse *p, const char *field, weir_str text, size_t at, struct part *part,
                                size_t *end) {
  weir_str rest = { text.ptr + at + 1, text.len - at - 1 };
  const char *close = rest.len ? memchr(rest.ptr, '}', rest.len) : NULL;
  if (!close) {
    weir_str quoted = weir_parse_quote((weir_str){ text.ptr + at, text.len - at });
    return weir_parse_bad(p, field, "\"%.*s\": the brace is never closed; write {{ for a brace", WEIR_FMT(quoted));
  }
  weir_str name = { rest.ptr, (size_t)(close - rest.ptr) };
  *end = at + 1 + name.len + 1;
  if (name.len && memchr(name.ptr, '{', name.len)) {
    return weir_parse_bad(p, field, "{%.*s}: a place cannot stand inside another; write {{ for a brace",
                          WEIR_FMT(weir_parse_quote(name)));
  }
  const char *bar = name.len ? memchr(name.ptr, '|', name.len) : NULL;
  *part = (struct part){ .has_fallback = bar != NULL };
  if (bar) {
    part->fallback = (weir_str){ bar + 1, (size_t)(close - bar) - 1 };
    name.len = (size_t)(bar - name.ptr);
  }
  return parse_place(p, field, name, part);
}

/* The literal that begins at *at: up to the next place, or up to and with one brace of a doubled one. */
static weir_status parse_literal(struct weir_parse *p, const char *field, weir_str text, size_t *at, struct part *part) {
  size_t from = *at, end = from;
  while (end < text.len && text.ptr[end] != '{' && text.ptr[end] != '}') end++;
  bool doubled = end + 1 < text.len && text.ptr[end] == text.ptr[end + 1];
  if (end < text.len && text.ptr[end] == '}' && !doubled) {
    return weir_parse_bad(p, field, "\"%.*s\": a closing brace without an opening one; write }} for a brace",
                          WEIR_FMT(weir_parse_quote((weir_str){ text.ptr + from, end + 1 - from })));
  }
  *part = (struct part){ .place = PLACE_LITERAL, .text = { text.ptr + from, end - from + doubled } };
  *at = end + 2u * doubled;
  return WEIR_OK;
}

static weir_status parse_parts(struct weir_parse *p, const char *field, weir_str text, struct part *parts, uint32_t *cnt) {
  weir_status status = WEIR_OK;
  for (size_t at = 0; at < text.len && status == WEIR_OK;) {
    bool place = text.ptr[at] == '{' && !(at + 1 < text.len && text.ptr[at + 1] == '{');
    if (place) status = parse_braces(p, field, text, at, &parts[*cnt], &at);
    else status = parse_literal(p, field, text, &at, &parts[*cnt]);
    ++*cnt;
  }
  return status;
}

weir_status weir_template_parse(struct weir_parse *p, const char *field, weir_str text, const struct weir_template **out) {
  *out = NULL;
  if (text.len > WEIR_TEMPLATE_MAX) {
    return weir_parse_bad(p, field, "the text is too long: %zu bytes, at most %d", text.len, WEIR_TEMPLATE_MAX);
  }
  size_t part_max = 1;
  /* a place or doubled brace, and a literal before it */
  for (size_t i = 0; i < text.len && !p->handler; i++) {
    bool doubled = i + 1 < text.len && text.ptr[i] == '}' && text.ptr[i + 1] == '}';
    if (text.ptr[i] == '{' || doubled) part_max += 2;
  }
  struct weir_template *template_ = weir_arena_zalloc(p->arena, sizeof *template_);
  struct part *parts = weir_arena_array(p->arena, part_max, sizeof *parts);
  weir_str copy;
  if (!template_ || !parts) return weir_parse_no_memory(p);
  if (!weir_parse_copy(p, text, &copy)) return WEIR_E_NOMEM;
  template_->parts = parts;
  template_->script = p->handler;
  if (p->handler) {
    parts[0] = (struct part){ .text = copy };
    template_->part_cnt = 1;
  } else {
    weir_status status = parse_parts(p, field, copy, parts, &template_->part_cnt);
    if (status != WEIR_OK) return status;
  }
  *out = template_;
  return WEIR_OK;
}

/* ---- Filling */

static weir_status out_of_memory(weir_error *err) { return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up"); }

static weir_status user_text(struct weir_decide *d, weir_str text, bool is_public, weir_str *out, weir_error *err) {
  size_t cap = text.len < WEIR_USER_TEXT_MAX * 4 ? text.len : WEIR_USER_TEXT_MAX * 4;
  *out = (weir_str){ NULL, 0 };
  if (text.len == 0) return WEIR_OK;
  char *bytes = weir_arena_bytes(d->arena, cap);
  if (!bytes) return out_of_memory(err);
  *out = (weir_str){ bytes, weir_policy_user_text(text, is_public, bytes, cap) };
  return WEIR_OK;
}

/* An id is the platform's word, and useless when it is cut: one of visible ASCII is taken as it is. */
static weir_status id_text(struct weir_decide *d, weir_str id, bool is_public, weir_str *out, weir_error *err) {
  bool plain = true;
  for (size_t i = 0; i < id.len; i++) plain = plain && id.ptr[i] > 0x20 && id.ptr[i] < 0x7F;
  if (!plain) return user_text(d, id, is_public, out, err);
  *out = id;
  return WEIR_OK;
}

static weir_str name_of(const struct weir_decide *d) {
  return d->event->contact_name.len ? d->event->contact_name : d->person.name;
}

static weir_str field_of(const struct weir_decide *d, weir_str name) {
  for (uint32_t i = 0; i < d->person.field_cnt; i++) {
    if (weir_str_eq(d->person.fields[i].key, name)) return d->person.fields[i].value;
  }
  return (weir_str){ NULL, 0 };
}

static weir_status fill_place(const struct part *part, struct weir_decide *d, bool is_public, weir_str *out, weir_error *err) {
  switch (part->place) {
    case PLACE_LITERAL: *out = part->text; return WEIR_OK;
    case PLACE_NAME: return user_text(d, name_of(d), is_public, out, err);
    case PLACE_MATCH: return user_text(d, weir_decide_group(d, part->index), is_public, out, err);
    case PLACE_POOL: return weir_pool_give(d, &d->ruleset->pools[part->index], out, err);
    case PLACE_CODE: return weir_code_give(d, out, err);
    case PLACE_POST: return id_text(d, d->event->post, is_public, out, err);
    case PLACE_TEXT: return user_text(d, d->event->text, is_public, out, err);
    case PLACE_ROOM: return id_text(d, d->event->room, is_public, out, err);
    case PLACE_FIELD: return user_text(d, field_of(d, part->text), is_public, out, err);
  }
  *out = (weir_str){ NULL, 0 };
  return WEIR_OK;
}

/* Why a text that has this place empty, and nothing behind the bar, makes no sense; NULL: it does. */
static weir_status missing_of(const struct part *part, struct weir_decide *d, const char **missing, weir_error *err) {
  *missing = NULL;
  if (part->place == PLACE_CODE) *missing = "no code is free";
  if (part->place != PLACE_POOL) return WEIR_OK;
  const struct weir_pool *pool = &d->ruleset->pools[part->index];
  weir_str own = weir_parse_own_name(pool->name);
  const char *how = pool->per_day ? " is used up for today" : " is used up";
  size_t cap = own.len + sizeof "coupon  is used up for today";
  char *text = weir_arena_bytes(d->arena, cap);
  if (!text) return out_of_memory(err);
  struct weir_buf buf;
  weir_buf_init(&buf, text, cap);
  weir_buf_text(&buf, pool->coupon ? "coupon " : "pool ");
  weir_buf_str(&buf, own);
  weir_buf_add(&buf, how, strlen(how) + 1);
  *missing = text;
  return WEIR_OK;
}

/* What the rule says then, unless its pool says that only this action goes. */
static void note_used_up(const struct part *part, struct weir_decide *d, const char *why) {
  enum weir_on_full then = part->place == PLACE_POOL ? d->ruleset->pools[part->index].on_full : WEIR_ON_FULL_NEXT;
  if (then == WEIR_ON_FULL_DROP) return;
  d->used_up = why;
  d->used_up_handoff = then == WEIR_ON_FULL_HANDOFF;
}

static weir_status fill_part(const struct part *part, struct weir_decide *d, bool is_public, weir_str *out, const char **missing,
                             weir_error *err) {
  *missing = NULL;
  weir_status status = fill_place(part, d, is_public, out, err);
  if (status != WEIR_OK || out->len > 0) return status;
  if (!part->has_fallback) {
    status = missing_of(part, d, missing, err);
    if (*missing) note_used_up(part, d, *missing);
    return status;
  }
  *out = part->fallback;
  return WEIR_OK;
}

static weir_status fill_script(const struct weir_template *template_, struct weir_decide *d, bool is_public, weir_str *out,
                               weir_error *err) {
  weir_str text = template_->parts[0].text, said[] = { d->event->text, name_of(d) };
  char *bytes = weir_arena_bytes(d->arena, text.len);
  if (!bytes) return out_of_memory(err);
  *out = (weir_str){ bytes, weir_policy_script_text(text, is_public, said, sizeof said / sizeof said[0], bytes, text.len) };
  return WEIR_OK;
}

static weir_status join(const weir_str *values, uint32_t cnt, struct weir_decide *d, weir_str *out, const char **missing,
                        weir_error *err) {
  size_t len = 0;
  for (uint32_t i = 0; i < cnt; i++) len += values[i].len;
  if (len > WEIR_TEXT_OUT_MAX) {
    *missing = "text too long";
    return WEIR_OK;
  }
  char *bytes = weir_arena_bytes(d->arena, len);
  if (!bytes) return out_of_memory(err);
  struct weir_buf buf;
  weir_buf_init(&buf, bytes, len);
  for (uint32_t i = 0; i < cnt; i++) weir_buf_str(&buf, values[i]);
  *out = weir_buf_view(&buf);
  return WEIR_OK;
}

weir_status weir_template_fill(const struct weir_template *template_, struct weir_decide *d, bool is_public, weir_str *out,
                               const char **missing, weir_error *err) {
  *out = (weir_str){ NULL, 0 };
  *missing = NULL;
  weir_status status = weir_decide_person(d, err);
  if (status != WEIR_OK) return status;
  if (template_->script) return fill_script(template_, d, is_public, out, err);
  weir_str *values = weir_arena_array(d->arena, template_->part_cnt, sizeof *values);
  if (!values) return out_of_memory(err);
  for (uint32_t i = 0; i < template_->part_cnt; i++) {
    status = fill_part(&template_->parts[i], d, is_public, &values[i], missing, err);
    if (status != WEIR_OK || *missing) return status;
  }
  return join(values, template_->part_cnt, d, out, missing, err);
}
