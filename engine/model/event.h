/* event.h: the kinds of events, and reading one from JSON into the public weir_event. */
#ifndef WEIR_MODEL_EVENT_H
#define WEIR_MODEL_EVENT_H

#include "base/hash.h"
#include "base/json.h"

enum weir_event_kind {
  WEIR_EVENT_COMMENT = 0,
  WEIR_EVENT_MESSAGE,
  WEIR_EVENT_FOLLOW,
  WEIR_EVENT_UNFOLLOW,
  WEIR_EVENT_FRIEND_REQUEST,
  WEIR_EVENT_FRIEND_ADDED,
  WEIR_EVENT_JOIN,
  WEIR_EVENT_LEAVE,
  WEIR_EVENT_CLICK,
  WEIR_EVENT_SCAN,
  WEIR_EVENT_ENTER,
  WEIR_EVENT_SHARE,
  WEIR_EVENT_PURCHASE,
  WEIR_EVENT_LINK,
  WEIR_EVENT_UNLINK,
  WEIR_EVENT_ECHO,
  WEIR_EVENT_OUTCOME,
  WEIR_EVENT_OWN,   /* "x-...": a gateway's own kind */
  WEIR_EVENT_TIMER, /* never read from outside: a timer fell due */
  WEIR_EVENT_KINDS
};

/* "comment" ...; for WEIR_EVENT_OWN "x-", for WEIR_EVENT_TIMER "timer". */
weir_str weir_event_kind_name(enum weir_event_kind kind);
/* false: no kind has that name ("x-anything" is WEIR_EVENT_OWN; "timer" is no event from outside but a name rules use). */
bool weir_event_kind_parse(weir_str name, enum weir_event_kind *kind);
/* All names that a rule's `on` may hold, for "nearest" hints. */
const weir_str *weir_event_kind_names(size_t *cnt);
/* What happened, in a sentence. */
const char *weir_event_kind_says(weir_str name);
/* Comments and messages: a rule on them needs a pattern or `any = true`. */
static inline bool weir_event_kind_is_text(enum weir_event_kind kind) { return kind == WEIR_EVENT_COMMENT || kind == WEIR_EVENT_MESSAGE; }

/* Reads one event object. Strings point into `text` or the arena. Unknown top-level fields are errors that name the
 * nearest known one (a gateway's own data belongs into attrs); keys given twice are errors.
 * Errors: WEIR_E_FORMAT (not JSON), WEIR_E_EVENT, WEIR_E_LIMIT, WEIR_E_NOMEM. */
weir_status weir_event_read(weir_str text, struct weir_arena *arena, weir_event *out, weir_error *err);

/* Checks a weir_event wherever it comes from: needed fields, limits, UTF-8 of every string but text (the fold step checks
 * that), no control characters but in contact_name (the engine cleans it), channel/account names of a-z 0-9 A-Z _ - . (no '/'), kind, time range. Sets *kind. */
weir_status weir_event_check(const weir_event *event, enum weir_event_kind *kind, weir_error *err);

/* Its identity for dedupe: hash of channel, account, type, id, revision. */
void weir_event_identity(const weir_event *event, unsigned char out[WEIR_ID_BYTES]);

#endif
