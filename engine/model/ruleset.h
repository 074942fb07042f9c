/* ruleset.h: all rules, compiled: immutable, shared by engines, in one arena. */
#ifndef WEIR_MODEL_RULESET_H
#define WEIR_MODEL_RULESET_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/zone.h"
#include "model/event.h"
#include "limits.h"
#include "model/terms.h"
#include "model/value.h"

struct weir_gate_kind;
struct weir_action_kind;
struct weir_matcher;

#define WEIR_NO_INDEX UINT32_MAX

/* What the codes of {code} look like; `len` 0: as decide/code.c has it. */
struct weir_code_spec {
  char alphabet[37];               /* fixed: of 0-9 and a-z, ascending, so digits stand first */
  uint32_t cnt, digit_cnt, len;
  int64_t valid_ms;
};

struct weir_pack {
  weir_str name, version;
  const struct weir_zone *zone; /* NULL: UTC */
  uint32_t unasked_per_day;     /* messages a day that nobody asked for, to one person; 0: WEIR_UNASKED_PER_DAY */
};

/* How long something waits: a length of time or a range, then until the wall shows a time of day, or one of a range. */
struct weir_delay {
  int64_t from_ms, to_ms;
  bool wall;
  int32_t wall_from_ms, wall_to_ms;
};

/* What follows when somebody enters a stage: a rule is run, at once or later. */
struct weir_stage_step {
  uint32_t stage, rule; /* indexes */
  struct weir_delay delay;
};

struct weir_funnel {
  weir_str name; /* "pack/funnel" */
  const weir_str *stages;
  uint32_t stage_cnt;
  uint32_t goal; /* index of the goal stage, or WEIR_NO_INDEX */
  const struct weir_stage_step *steps;
  uint32_t step_cnt;
};

/* What becomes of a rule that wants a member when none can be given. */
enum weir_on_full {
  WEIR_ON_FULL_NEXT = 0, /* it does not fire: the next rules are tried */
  WEIR_ON_FULL_DROP,     /* it fires without the action that wants one */
  WEIR_ON_FULL_HANDOFF   /* a human takes over */
};

struct weir_pool {
  weir_str name; /* "pack/pool" */
  const weir_str *members;
  const bool *out; /* NULL, or which members are not given out now */
  uint32_t member_cnt;
  uint32_t per_day, total; /* times a member is handed out a day, and in all; 0: without limit */
  enum weir_on_full on_full;
  bool coupon;     /* each member is given once, for ever, and each person gets one */
};

/* Layers of people by a counter, from the most active down. */
struct weir_segment {
  weir_str name; /* "pack/segment" */
  weir_str by;   /* the counter */
  unsigned char key[WEIR_ID_BYTES]; /* of its buckets in the store: the last byte is the bucket's, so that they lie together */
  weir_str layers[WEIR_SEGMENT_LAYERS_MAX];
  uint32_t shares[WEIR_SEGMENT_LAYERS_MAX]; /* in percent, 100 in all */
  uint32_t layer_cnt;
};

/* account "douyin/papers" { follow = "device", ... }: what an account can do. */
enum weir_ability { WEIR_ABILITY_API = 0, WEIR_ABILITY_DEVICE, WEIR_ABILITY_NONE };
struct weir_account {
  weir_str channel, account;
  const struct weir_zone *zone; /* NULL: that of the pack whose rule asks */
  const struct weir_member *abilities; /* action name -> string "api", "device" or "none" */
  uint32_t ability_cnt;
  const struct weir_terms *terms; /* those of its channel, with its own laid over them; NULL: it has none */
};

struct weir_gate {
  const struct weir_gate_kind *kind;
  const void *data; /* made by kind->parse */
};

/* One action as a rule wrote it. `data` is made by the action kind's parse. */
struct weir_action_def {
  const struct weir_action_kind *kind;
  const void *data;
};

/* One of several ways in which a rule may act: an experiment. */
struct weir_variant {
  weir_str name;
  uint32_t weight;
  const struct weir_action_def *actions;
  uint32_t action_cnt;
};

/* One compiled Lua function: a byte of marks, then Lua's own dump; made and loaded by script/ only. */
struct weir_chunk {
  const unsigned char *code;
  size_t len;
  weir_str name; /* for messages: "file:line" */
  const unsigned char *lines; /* which of its lines hold code, a bit each; NULL: nobody asked */
  uint32_t line_first, line_cnt; /* the line that the first bit stands for; bits */
};

struct weir_rule {
  weir_str name;  /* "pack/rule" */
  weir_str title, file;
  uint32_t line;
  uint32_t pack;              /* index */
  int32_t priority;
  bool enabled, keep_on, on_limit_handoff; /* keep_on: continue = true */
  bool defer;                 /* what it sends waits for its hours and weekdays */
  int64_t every_ms;           /* it comes round to everybody every so often; 0: it does not */
  int32_t every_wall_ms;      /* whole days: when its rounds begin */
  uint32_t kinds;             /* bits of enum weir_event_kind */
  const weir_str *own_kinds;  /* for WEIR_EVENT_OWN: the full names */
  uint32_t own_kind_cnt;
  uint32_t pattern;           /* of the matcher, or WEIR_NO_INDEX */
  const struct weir_gate *gates; /* those without state first, each group in the order of the gate table */
  uint32_t gate_cnt, static_gate_cnt;
  const struct weir_action_def *actions;
  uint32_t action_cnt;
  const struct weir_variant *variants; /* beside its actions, those of one of them */
  uint32_t variant_cnt;
  uint32_t handler;           /* of the chunks, or WEIR_NO_INDEX */
  unsigned char id[WEIR_ID_BYTES]; /* claims hang on it: hash of the name, or of `was` */
  const weir_str *yes, *no;   /* examples */
  uint32_t yes_cnt, no_cnt;
};

struct weir_ruleset {
  struct weir_arena arena;
  const struct weir_pack *packs;
  const struct weir_rule *rules;       /* in deciding order */
  const struct weir_funnel *funnels;
  const struct weir_pool *pools;
  const struct weir_segment *segments;
  const struct weir_account *accounts;
  const struct weir_terms *channels;   /* the terms of whoever is not declared: "douyin"; and of kinds: "wechat_oa:subscription" */
  const struct weir_chunk *chunks;
  const struct weir_matcher *matcher;
  /* For each event kind the rules that listen to it and have no pattern, ascending. */
  const uint32_t *unpatterned[WEIR_EVENT_KINDS];
  uint32_t unpatterned_cnt[WEIR_EVENT_KINDS];
  const uint32_t *pattern_rule;        /* pattern -> rule; ascending */
  const uint32_t *rounds;              /* rules with every_ms */
  uint32_t round_cnt;
  bool via;                            /* some action may go through another account than the event's */
  struct weir_code_spec code;
  bool has_variants;               /* some rule has */
  uint32_t pack_cnt, rule_cnt, funnel_cnt, pool_cnt, segment_cnt, account_cnt, channel_cnt, chunk_cnt, pattern_cnt;
  char hash[64]; /* fixed: SHA-256 in hex */
  /* Every zone that a pack or account names: those that a person's field "timezone" may name, too. */
  const struct weir_zone **zones;
  uint32_t zone_cnt;
  unsigned char zones_id[WEIR_ID_BYTES]; /* over the names and bytes of their files; of none: zero */
};

#endif
