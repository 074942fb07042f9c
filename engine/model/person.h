/* person.h: somebody as the store knows him, copied for the event at hand. */
#ifndef WEIR_MODEL_PERSON_H
#define WEIR_MODEL_PERSON_H

#include "base/hash.h"

/* A contact's full name. */
struct weir_contact {
  weir_str channel, account, id;
};

struct weir_stage_entry {
  weir_str funnel;    /* "pack/funnel" */
  weir_str stage;
  int64_t entered_ms; /* entering again keeps it */
};

struct weir_person {
  uint64_t id;        /* 0: nobody is known under this contact */
  bool opted_out;     /* everywhere, or on the channel of the contact asked for */
  bool out_everywhere;
  int64_t first_seen_ms, last_seen_ms; /* last_seen to the hour */
  int64_t handoff_until_ms;            /* a human has taken over until then; 0: no */
  int64_t said_ms;                     /* when he wrote last, if something waited for that; 0: never */
  int64_t awaits_ms;                   /* until then something may ask whether he wrote */
  weir_str name;
  const weir_str *tags;                /* bytewise ascending */
  const weir_pair *fields;             /* names bytewise ascending; counters are fields that hold an integer */
  const struct weir_stage_entry *stages;
  const weir_pair *pools;              /* key "pack/pool", value the member he was given */
  const struct weir_contact *contacts;
  weir_str code;                       /* his live code, or empty */
  uint32_t tag_cnt, field_cnt, stage_cnt, pool_cnt, contact_cnt;
};

#endif
