/* order.c: which rules there are, what they are called, and in which order they are asked: priority (higher first), then
 * pack, then file and source order. A rule's name is its identity, because claims hang on it. */
#include <stdlib.h>

#include "limits.h"
#include "load/load.h"

struct ranked {
  const struct weir_decl *decl;
  int32_t priority;
};

static int by_rank(const void *a, const void *b) {
  const struct ranked *x = a, *y = b;
  if (x->priority != y->priority) return x->priority > y->priority ? -1 : 1;
  return x->decl->seq < y->decl->seq ? -1 : x->decl->seq > y->decl->seq; /* the order of packs, files and lines */
}

static void read_priority(struct weir_load *load, struct ranked *ranked) {
  struct weir_reading reading;
  const struct weir_value *value;
  int64_t priority;
  ranked->priority = 0;
  weir_reading_begin(&reading, load, ranked->decl, &load->work);
  value = weir_reading_key(&reading, "priority");
  if (value && weir_parse_int(&reading.parse, NULL, value, -WEIR_PRIORITY_MAX, WEIR_PRIORITY_MAX, &priority) == WEIR_OK)
    ranked->priority = (int32_t)priority;
}

/* ---- Identity */

struct identity {
  weir_str name; /* "pack/rule", or "pack/was" */
  const struct weir_decl *decl;
};

static int by_identity(const void *a, const void *b) {
  const struct identity *x = a, *y = b;
  int order = weir_str_cmp(x->name, y->name);
  if (order) return order;
  return x->decl->seq < y->decl->seq ? -1 : x->decl->seq > y->decl->seq;
}

/* Two rules that are one to the store would take each other's claims. */
static void tell_shared(struct weir_load *load, const struct identity *a, const struct identity *b) {
  const struct weir_decl *renamed = weir_value_get(&b->decl->body, "was") ? b->decl : a->decl;
  const struct weir_decl *other = renamed == b->decl ? a->decl : b->decl;
  struct weir_place place;
  if (weir_str_eq(a->decl->name, b->decl->name)) return; /* told as a double */
  place = weir_load_place(load, renamed, "was");
  weir_load_error(load, &place,
                  "`was`: the rule \"%.*s\" has that name too, now or before; they cannot share what is remembered of people",
                  WEIR_FMT(other->name));
}

static weir_status identify(struct weir_load *load, struct weir_rule *rule, const struct weir_decl *decl,
                            struct identity *identity) {
  struct weir_reading reading;
  weir_str was = { 0 };
  const char *fault;
  weir_status status;
  weir_reading_begin(&reading, load, decl, &load->work);
  status = weir_reading_str(&reading, "was", WEIR_RULE_NAME_MAX, &was);
  if (status != WEIR_OK) return status;
  identity->name = rule->name;
  identity->decl = decl;
  if (was.ptr && (fault = weir_load_rule_name_fault(was)))
    weir_reading_bad(&reading, "was", "expected the rule's old name: \"%.*s\" %s", WEIR_FMT(was), fault);
  else if (was.ptr && !weir_load_full_name(load, decl, was, &identity->name))
    return WEIR_E_NOMEM;
  weir_id_hash((weir_str){ 0 }, &identity->name, 1, rule->id);
  return WEIR_OK;
}

/* ---- The rules */

static weir_status name_rule(struct weir_load *load, struct weir_rule *rule, const struct ranked *ranked) {
  const struct weir_decl *decl = ranked->decl;
  const char *fault = weir_load_rule_name_fault(decl->name);
  *rule = (struct weir_rule){ .line = decl->line, .priority = ranked->priority, .enabled = true };
  rule->pack = load->files[decl->file].pack;
  rule->pattern = rule->handler = WEIR_NO_INDEX;
  rule->file = load->files[decl->file].shown; /* replaced by a copy in the arena when the ruleset is finished */
  if (!weir_load_full_name(load, decl, decl->name, &rule->name)) return WEIR_E_NOMEM;
  if (!fault && rule->name.len > WEIR_RULE_NAME_MAX) fault = "is too long, together with its pack's name";
  if (fault && !decl->hurt) {
    struct weir_place place = weir_load_place(load, decl, "");
    weir_load_error(load, &place, "the name \"%.*s\" %s", WEIR_FMT(decl->name), fault);
  }
  return load->fatal.status;
}

static weir_status check_identities(struct weir_load *load, struct weir_rule *rules, uint32_t cnt) {
  struct identity *identities = weir_arena_array(&load->work, cnt, sizeof(*identities));
  weir_status status = WEIR_OK;
  if (!identities) return weir_load_no_memory(load);
  for (uint32_t i = 0; status == WEIR_OK && i < cnt; i++) status = identify(load, &rules[i], load->order[i], &identities[i]);
  if (status != WEIR_OK) return status;
  if (cnt) qsort(identities, cnt, sizeof(*identities), by_identity);
  for (uint32_t i = 1; i < cnt; i++)
    if (weir_str_eq(identities[i].name, identities[i - 1].name)) tell_shared(load, &identities[i - 1], &identities[i]);
  return load->fatal.status;
}

weir_status weir_load_order(struct weir_load *load) {
  uint32_t cnt = load->decls[WEIR_DECL_RULE].cnt, i = 0;
  struct ranked *ranked = weir_arena_array(&load->work, cnt, sizeof(*ranked));
  const struct weir_decl **sorted = weir_arena_array(&load->work, cnt, sizeof(*sorted));
  struct weir_rule *rules = weir_arena_array(load->arena, cnt, sizeof(*rules));
  weir_status status;
  load->order = weir_arena_array(&load->work, cnt, sizeof(*load->order));
  if (!ranked || !sorted || !rules || !load->order) return weir_load_no_memory(load);
  if (cnt > WEIR_RULES_MAX)
    return weir_fail(&load->fatal, WEIR_E_LIMIT, "%u rules; a ruleset has at most %d", cnt, WEIR_RULES_MAX);
  status = weir_load_doubles(load, WEIR_DECL_RULE, sorted);
  for (const struct weir_decl *d = load->decls[WEIR_DECL_RULE].first; d; d = d->next) {
    ranked[i].decl = d;
    read_priority(load, &ranked[i++]);
  }
  if (cnt) qsort(ranked, cnt, sizeof(*ranked), by_rank);
  for (i = 0; status == WEIR_OK && i < cnt; i++) {
    load->order[i] = ranked[i].decl;
    status = name_rule(load, &rules[i], &ranked[i]);
  }
  load->rules = rules;
  load->ruleset->rules = rules;
  load->ruleset->rule_cnt = cnt;
  return status == WEIR_OK ? check_identities(load, rules, cnt) : status;
}
