/* template.h: texts with places to fill. A template is parsed once, at load, and filled once, in C, without Lua. What is
 * filled in is data: it is never looked at for further places.
 *
 *   {person.name}  {person.name|friend}   display name, or what stands behind the bar
 *   {match} {match.1}                      what the pattern matched, in the original text
 *   {pool.wechat}                          the pool member this person was given (now, if never before)
 *   {coupon.welcome}                       his code of a list, of which each is given once
 *   {code}                                 his single-use code
 *   {event.post} {event.text} {event.room} of the event
 *   {field.city|town}                      a field of the person
 *   {{ and }}                              braces
 *
 * What stands behind a bar takes the place of anything that is absent, also of a pool that is used up. It is the shop's own
 * text, without braces. */
#ifndef WEIR_DECIDE_TEMPLATE_H
#define WEIR_DECIDE_TEMPLATE_H

#include "decide/decide.h"

struct weir_template;

/* With p->handler the text is taken as it is. Reports unknown places with the nearest known one, unclosed braces, pools that
 * do not exist, and captures beyond WEIR_PATTERN_CAPTURES_MAX. */
weir_status weir_template_parse(struct weir_parse *p, const char *field, weir_str text, const struct weir_template **out);

/* Fills it. `is_public`: others can read it. *missing is NULL, or why it cannot be said at all ("pool wechat is used up for
 * today", "text too long"): then the action must be dropped. May add changes (pool slot, code).
 * Errors: WEIR_E_NOMEM, WEIR_E_LIMIT (too many changes), store errors. */
weir_status weir_template_fill(const struct weir_template *template_, struct weir_decide *d, bool is_public, weir_str *out,
                               const char **missing, weir_error *err);

#endif
