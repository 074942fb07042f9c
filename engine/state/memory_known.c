/* memory_known.c: what is kept of somebody beside his person. Looks through whole tables: an operator asks for it, no event does. */
#include "state/memory.h"

/* Texts of one row, for as long as the callback runs. */
struct texts {
  char contact[3][WEIR_ID_MAX], rule[WEIR_TIMER_STRING_MAX], payload[WEIR_DECISION_JSON_MAX];
};

static const struct weir_mem_person *person(const struct weir_memory *s, uint32_t who) { return weir_mem_row(s, WEIR_MEM_PERSONS, who); }

/* Whether these texts name one of the person's contacts, or the contact itself. Equal texts have equal numbers. */
static bool names_him(const struct weir_memory *s, uint32_t who, const uint32_t own[3], uint32_t channel, uint32_t account, uint32_t id) {
  if (own[0] && channel == own[0] && account == own[1] && id == own[2]) return true;
  for (uint32_t row = who ? person(s, who)->contacts : 0; row != 0;) {
    const struct weir_mem_contact *c = weir_mem_row(s, WEIR_MEM_CONTACTS, row);
    if (c->channel == channel && c->account == account && c->id == id) return true;
    row = c->sibling;
  }
  return false;
}

static struct weir_known read_row(const struct weir_memory *s, struct texts *texts, const uint32_t contact[3], uint32_t rule, uint32_t payload) {
  return (struct weir_known){ .contact = { weir_mem_read_text(s, contact[0], texts->contact[0], WEIR_ID_MAX),
                                           weir_mem_read_text(s, contact[1], texts->contact[1], WEIR_ID_MAX),
                                           weir_mem_read_text(s, contact[2], texts->contact[2], WEIR_ID_MAX) },
                              .rule = weir_mem_read_text(s, rule, texts->rule, sizeof texts->rule),
                              .payload = weir_mem_read_text(s, payload, texts->payload, sizeof texts->payload) };
}

weir_status weir_mem_known(struct weir_store *store, const struct weir_contact *contact, void (*tell)(void *ctx, const struct weir_known *known),
                           void *ctx, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t who = weir_mem_person_of(s, contact), own[3];
  bool known[3];
  struct texts texts;
  if (s->open) return weir_fail(err, WEIR_E_SEQUENCE, "what is known is told outside begin and commit");
  own[0] = weir_mem_find_text(s, contact->channel, &known[0]);
  own[1] = weir_mem_find_text(s, contact->account, &known[1]);
  own[2] = weir_mem_find_text(s, contact->id, &known[2]);
  if (!known[0] || !known[1] || !known[2]) own[0] = 0;
  for (uint32_t row = who ? person(s, who)->claims : 0; row != 0;) {
    const struct weir_mem_claim *c = weir_mem_row(s, WEIR_MEM_CLAIMS, row);
    struct weir_known k = { .kind = WEIR_KNOWN_CLAIM, .key = { (const char *)c->key, WEIR_ID_BYTES }, .at_ms = c->head.due };
    tell(ctx, &k);
    row = c->older;
  }
  for (uint32_t row = 1; row <= s->tables[WEIR_MEM_TIMERS].used; row++) {
    const struct weir_mem_timer *t = weir_mem_row(s, WEIR_MEM_TIMERS, row);
    if (t->head.slot == 0 || !names_him(s, who, own, t->channel, t->account, t->contact_id)) continue; /* free rows stand in no queue */
    struct weir_known k = read_row(s, &texts, (const uint32_t[]){ t->channel, t->account, t->contact_id }, t->rule, t->payload);
    k.kind = WEIR_KNOWN_TIMER;
    k.at_ms = t->head.due;
    tell(ctx, &k);
  }
  for (uint32_t row = 1; row <= s->tables[WEIR_MEM_LEDGER].used; row++) {
    const struct weir_mem_ledger *e = weir_mem_row(s, WEIR_MEM_LEDGER, row);
    if (e->status == 0 || !names_him(s, who, own, e->channel, e->account, e->contact_id)) continue;
    struct weir_known k = read_row(s, &texts, (const uint32_t[]){ e->channel, e->account, e->contact_id }, e->rule, e->payload);
    k.kind = WEIR_KNOWN_ACTION;
    k.at_ms = e->head.due;
    k.decision = (weir_str){ e->decision, e->len };
    k.n = e->n;
    k.status = e->status;
    tell(ctx, &k);
  }
  return WEIR_OK;
}
