/* limits.h: every number that bounds something, with its unit and its reason. No other file holds one. */
#ifndef WEIR_LIMITS_H
#define WEIR_LIMITS_H

/* ---- Events */
#define WEIR_EVENT_JSON_MAX 65536    /* bytes of one event line: a long comment with 16 media links is below 16 KiB */
#define WEIR_EVENT_NODES_MAX 1024    /* JSON values in one event, attrs included */
#define WEIR_JSON_DEPTH_MAX 16       /* nesting: events need 3; deeper is an attack */
#define WEIR_ID_MAX 128              /* bytes of an id: the longest seen (Instagram mid) are below 120 */
#define WEIR_NAME_MAX 256            /* bytes of a contact's display name */
#define WEIR_TEXT_MAX 8192           /* bytes of an event's text that are matched; longer is cut at a code point */
#define WEIR_MEDIA_MAX 16            /* media of one event */
#define WEIR_MEDIA_URL_MAX 2048      /* bytes of one media reference */
#define WEIR_ATTR_MAX 32             /* attrs of one event */
#define WEIR_ATTR_KEY_MAX 64         /* bytes */
#define WEIR_ATTR_VALUE_MAX 1024     /* bytes */
#define WEIR_TIME_MIN_MS INT64_C(0)                   /* 1970 */
#define WEIR_TIME_MAX_MS INT64_C(253402300799999)     /* 9999-12-31T23:59:59.999Z, the last that RFC 3339 can write */
#define WEIR_DEDUPE_MS (INT64_C(8) * 86400 * 1000)    /* platforms redeliver for up to 7 days; older events are refused */

/* ---- Base */
#define WEIR_SLIP_WORD_MAX 64        /* bytes of a word whose nearest neighbour is looked for: names are shorter */
#define WEIR_ARENA_CHUNK_MIN 16384   /* bytes of a growing arena's first chunk */
#define WEIR_ARENA_CHUNK_MAX (1u << 20) /* bytes of its chunks; larger arrays get one of their own */

#define WEIR_ZONE_NAME_MAX 64        /* bytes of a time zone's name: the longest has 32 */
#define WEIR_ZONE_FILE_MAX 65536     /* bytes of a time zone file, and of each count in it: the largest has 4 KiB */
#define WEIR_ZONES_MAX 256           /* time zones a ruleset may name: about 2 KB each */
#define WEIR_ZONE_FOLDER_MAX 4096    /* names looked at for the one that was meant: there are 600, and copies in posix/ and right/ */
#define WEIR_HASH_AT_ONCE 512 /* bytes of parts that are hashed in one go: nearly all identities */
#define WEIR_JSON_DIGITS_MAX 800 /* digits of a number that are read: 768 can decide a double's rounding; then only whether more follow */
#define WEIR_HEAP_MIN 8192 /* bytes of the smallest heap: its head and lists take 3 KiB */

/* ---- Folding */
#define WEIR_FOLD_GROWTH 11          /* worst bytes out per byte in: U+FDFA is 3 bytes and folds to 33; checked against the tables */
#define WEIR_FOLD_MAX 16384          /* bytes of a folded text; what would be longer is cut */
#define WEIR_FOLD_RUN_MAX 32         /* combining marks after one starter that are put in order; more is an attack (UAX #15 stream-safe: 30) */

/* ---- Rulesets */
#define WEIR_RULESET_BYTES_DEFAULT (64u << 20) /* 10,000 rules take about 10 MB */
#define WEIR_RULES_MAX 65536         /* rules of a ruleset: a rule's index fits 16 bits with room for "none" in 32 */
#define WEIR_RULE_FILES_MAX 1024     /* files of a ruleset */
#define WEIR_INCLUDES_MAX 1024         /* files that packs share, each counted once for every pack that includes it: as many as packs */
#define WEIR_INCLUDE_STEPS 1000            /* of loading, for one `include`: to find, open and read a file takes 30 to 100 us */
#define WEIR_RULE_FILE_BYTES_MAX (16u << 20) /* one file: 10,000 generated rules are 3 MB */
#define WEIR_RULE_NAME_MAX 100       /* bytes of "pack/rule" */
#define WEIR_PACK_NAME_MAX 48        /* bytes */
#define WEIR_WORDS_MAX 4096          /* words of one list */
#define WEIR_WORD_BYTES_MAX 128      /* bytes of one keyword */
#define WEIR_TEMPLATE_MAX 4096       /* bytes of one text to send, written in a rule */
#define WEIR_VARIANTS_MAX 64         /* texts to choose one from */
#define WEIR_GATES_MAX 32            /* gates of one rule */
#define WEIR_RULE_ACTIONS_MAX 16     /* actions of one rule */
#define WEIR_RULE_VARIANTS_MAX 8     /* of one rule: more need more people than a shop has */
#define WEIR_VARIANT_WEIGHT_MAX 1000
#define WEIR_FUNNEL_STAGES_MAX 32
#define WEIR_STAGE_STEPS_MAX 16      /* rules that on_enter and follow_up run for one stage: each sets a timer, and takes a change of WEIR_CHANGES_MAX */
#define WEIR_SEGMENTS_MAX 8          /* of a ruleset: each counter that makes one is counted with every change */
#define WEIR_SEGMENT_LAYERS_MAX 8
#define WEIR_SEGMENT_BUCKETS 64      /* in which persons are counted by their activity: two for each doubling, up to 4 billion */
#define WEIR_POOL_MEMBERS_MAX 256
#define WEIR_VALUE_DEPTH_MAX 8       /* nesting of tables in a rule */
#define WEIR_VALUE_ITEMS_MAX 65536   /* entries of one table */
#define WEIR_LOAD_LUA_BYTES (256u << 20)   /* working memory of the rule files' Lua: 10,000 rules take about 40 MB */
#define WEIR_LINT_TEXT_BYTES 1024u          /* of such a text: platforms take comments of a few hundred characters */
#define WEIR_LINT_TRIES_MAX 20000u         /* texts on which `check` tries regexes: at about 60 us each 1.2 s, 15 s when all are slow */
#define WEIR_LOAD_LUA_STEPS 20000000u      /* work of running all rule files, as a handler's steps: at most about 1.2 s when it is hostile */
#define WEIR_LOAD_LUA_BYTE_STEPS 20u       /* more for each byte of source: 10,000 written rules take 2.3 */
#define WEIR_UNFILTERED_SHOWN_MAX 256      /* rules without a filter that are named; whoever has more knows enough */
#define WEIR_DIAGNOSTICS_MAX 1000          /* findings reported; more helps nobody */
#define WEIR_RULE_FOLDER_MAX 65536         /* entries of a folder that are looked at for rule files */
#define WEIR_LOAD_LUA_FILE_STEPS 5000000u  /* of these for one file, and what its bytes add: a loop that makes 10,000 rules; 0.3 s when it is hostile */
#define WEIR_LOAD_WORK_BYTES (256u << 20)  /* working memory of loading beside Lua's: sources, declarations, the matcher's builder */
#define WEIR_LOAD_LUA_FIRST (4u << 20)     /* Lua's block for one file at first: hand-written files take below 1 MiB */
#define WEIR_LOAD_LUA_GROWTH 8             /* times larger when that was too small, up to WEIR_LOAD_LUA_BYTES */
#define WEIR_LOAD_LUA_PER_BYTE 16          /* bytes of Lua memory a byte of source takes, about: what block to begin with */
#define WEIR_LOAD_LUA_CHURN (1u << 30)     /* bytes one rule file may ask for in all */
#define WEIR_SYNTAX_ERRORS_MAX 20          /* syntax errors told of one file, each of which has it read anew; more is no rule file */
#define WEIR_SYNTAX_REREAD_BYTES (8u << 20)  /* of one file, in all of these readings: a second of work at most */
#define WEIR_SYNTAX_SLIPS_MAX 100          /* of these that are put right in one reading, such as full-width signs; the next reading tells more */
#define WEIR_SYNTAX_OPEN_MAX 8             /* texts without an end that are passed over in one reading: each takes a look at all the rest of the file */
#define WEIR_SYNTAX_DEPTH_MAX 200          /* brackets open at a place; Lua itself allows no deeper nesting */
#define WEIR_CHANNELS_MAX 256              /* channels, kinds of accounts included */
#define WEIR_QUOTAS_MAX 16                 /* quotas of one account */
#define WEIR_TERMS_QUOTAS_MAX 32           /* of it and its channel together, pushes included: each costs a question to the store */
#define WEIR_WINDOWS_MAX 8                 /* windows of one account: each costs a question to the store */
#define WEIR_QUOTA_MAX 1000000             /* the most a quota may allow: messenger's is 200 for each of 5,000 people */
#define WEIR_QUOTA_WAIT_MS (INT64_C(24) * 3600 * 1000) /* how long an action waits for its quota, unless the quota says: an answer later than a day is none */
#define WEIR_PLACE_LATE_MS 60000           /* how late an action may come for its place among those of its account */
#define WEIR_SPACING_MAX_MS (INT64_C(3600) * 1000) /* the longest pause between two actions of an account */
#define WEIR_FOREVER_MS (INT64_C(36500) * 86400 * 1000) /* a hundred years: for what is counted for good */
#define WEIR_SIMILAR_MS (INT64_C(3600) * 1000)     /* within which texts count as similar, unless it is said */
#define WEIR_UNASKED_PER_DAY 3             /* messages in 24 hours that nobody asked for, to one person: more is a nuisance */
#define WEIR_UNASKED_PER_DAY_MAX 1000
#define WEIR_ANSWER_MS (INT64_C(3600) * 1000) /* what waits for so long or less is still an answer */
#define WEIR_QUOTA_WINDOW_MAX_MS (INT64_C(31) * 86400 * 1000) /* the longest window that slides */
#define WEIR_ACCOUNTS_MAX 1024             /* accounts of a ruleset */
#define WEIR_ACTION_KINDS_MAX 64           /* kinds of actions there are */
#define WEIR_LOAD_NAME_MAX 256             /* bytes of a name as a file writes it: more than any kind of name may have */
#define WEIR_TITLE_MAX 256                 /* bytes of a rule's title */
#define WEIR_EXAMPLES_MAX 256              /* examples of one rule, yes and no each */
#define WEIR_POOL_PER_DAY_MAX 1000000      /* times a day, or in all, one pool member may be handed out */
#define WEIR_COUPON_CODES_MAX 65536        /* codes of one coupon */
#define WEIR_COUPON_FILE_MAX (8u << 20)    /* bytes of a file of codes: as many of 120 bytes */
#define WEIR_COUPON_TRIES 1024             /* codes looked at for one that was not given; where codes are only added at the end the first is free */
#define WEIR_PRIORITY_MAX 1000000          /* of a rule, and -1000000 */
#define WEIR_EXCERPT_MAX 400               /* bytes of a source line shown with a finding */
#define WEIR_LOAD_KEYS_MAX 64 /* keys of one declaration that are compared: there are not so many */
#define WEIR_NOTE_MAX 1024 /* bytes of one finding; what is longer is cut */
#define WEIR_FINDING_MAX 512 /* bytes of what is put together for one, and of what Lua says */
#define WEIR_FINDING_PART_MAX 256 /* bytes of a part of it: a window, a quota, an error of the system */
#define WEIR_TERMS_KEY_SHOWN 40 /* bytes of a key shown in the path of what is wrong */
#define WEIR_SYNTAX_TAIL_MAX 40 /* bytes of the token before an error that are shown with it */
#define WEIR_LOAD_INDEX_MAX 100000000 /* an entry's number in a path: digits beyond are not read */
#define WEIR_POLICY_METERS_MAX 40 /* meters one action asks: windows, quotas, unasked, spacing */
#define WEIR_POLICY_OPENS_MAX 16 /* windows that one event opens; further ones stay closed */
#define WEIR_OPENING_DAYS 15 /* days in which the next opening is looked for: a week, and some for the gap of summer time and days that a zone left out */

/* ---- Patterns (threats.md 3.3: measured on PCRE2 10.42) */
#define WEIR_PATTERN_SOURCE_MAX 2048     /* bytes of one regex as written */
#define WEIR_PATTERN_EXPANDED_MAX 49152  /* bytes after {word lists} are filled in; link size 2 ends near 64 KiB */
#define WEIR_PATTERN_PARENS_MAX 32       /* nesting */
#define WEIR_PATTERN_CAPTURES_MAX 16     /* capture groups; frames grow with them */
#define WEIR_PATTERN_CODE_MAX (128u << 10) /* bytes of one compiled pattern */
#define WEIR_JIT_CODE_MAX (128u << 10)   /* bytes of machine code of one pattern; larger ones are interpreted: 8 KiB patterns took 71 KiB */
#define WEIR_MATCH_STEPS_MAX 20000u      /* PCRE2 match_limit of one call: 0.4 ms in the interpreter at 22 ns a step */
#define WEIR_MATCH_DEPTH_MAX 250u        /* PCRE2 depth_limit */
#define WEIR_MATCH_HEAP_KIB 256u         /* PCRE2 heap_limit; the peak is twice that while a block grows */
#define WEIR_MATCH_HEAP_BYTES (768u << 10) /* memory a match can take: old block + new block + match data */
#define WEIR_MATCH_STARTS_MAX 8192u      /* start positions one call may try; counted by a callout: every character of the longest text */
#define WEIR_MATCH_EVENT_STEPS 150000u   /* sum over all patterns of one event: 3.3 ms at 22 ns; the dearest steps seen take 32 ns */
#define WEIR_MATCH_CALL_STEPS 37500u     /* sum over all start positions of one call: a quarter of the event's */
#define WEIR_MATCH_CALL_COST 8u          /* steps charged for calling PCRE2 at all: 170 ns */
#define WEIR_MATCH_PREFILTER_WORK 100000u /* literals and rules the prefilter looks at for one text: 0.5 ms; then every rule is tried */
#define WEIR_MATCH_DEADLINE_STEPS 2048u  /* steps between two looks at the host's deadline: 45 us */
#define WEIR_QUIET_WAYS_MAX 600u         /* ways to write literals that are looked for in texts not folded yet: of 100 rules 360; at 1,000 it no longer pays */
#define WEIR_QUIET_BYTES 80000u          /* bytes of the longest such text times ways: long ones hold one of many ways too often. Measured at 100 rules */
#define WEIR_QUIET_WORK 64u              /* of them looked at for one text, before it is folded after all: 1 us */
#define WEIR_PATTERN_LOOKBEHIND_MAX 255  /* characters */
#define WEIR_PATTERN_REGEXES_MAX 64      /* regexes of one pattern */
#define WEIR_PATTERN_WORK_BYTES (4u << 20)    /* working memory for reading one pattern: 49 KB of words become 2 MB of tree */
#define WEIR_PATTERN_COMPILE_BYTES (2u << 20) /* PCRE2's working memory for one pattern: 8 KiB patterns took 533 KiB */
#define WEIR_LITERALS_JOINED_MAX 64 /* strings made by joining */
#define WEIR_LITERALS_MAX 8192 /* strings of an alternation: the longest word list and more */
#define WEIR_LITERAL_MAX 64 /* bytes of a required literal; what is longer is not joined further */
#define WEIR_REQUIRED_MAX 4 /* sets of literals kept of a regex: the rarest four end nearly all vain hits */
#define WEIR_NEEDS_MAX 4 /* kinds of characters kept of a regex, likewise */
#define WEIR_ORDER_MIN 3 /* letters in order: fewer tell nothing */
#define WEIR_ORDER_MAX 16 /* more letters tell no more; each has a bit of 16 */
#define WEIR_BEGINNINGS_MAX 4 /* beginnings compared before a regex is tried */
#define WEIR_PREFILTER_FINE_MIN 40 /* long windows for which six bits tell more than half bytes: fewer tell enough. Measured on comments in Chinese and English */
#define WEIR_PREFILTER_FINE_MAX 1000 /* of more neither tells enough */
#define WEIR_PREFILTER_BITS_MIN 15u /* log2 of the bits of the smallest bitmap, 4 KiB: with few literals nothing else passes */
#define WEIR_DIGITS_ROW_MAX 63u /* digits in a row that are told apart: each length is a bit of 64 */
#define WEIR_DIGITS_ROW_MIN 3u /* digits in a row behind which something is looked for: behind shorter rows may stand anything */
#define WEIR_RANGE_FOLDED_MAX 512 /* characters of a range that are folded one by one */
#define WEIR_SPELLINGS_MAX 16 /* members of a class that fold to several characters, such as ß */
#define WEIR_REGEX_COST_MAX 1048576u /* quarter steps of one start position, as reckoned; there it saturates */
#define WEIR_REGEX_PLAIN_MAX 256u /* quarter steps up to which a regex without another way runs unwatched */
#define WEIR_REGEX_LIGHT_MAX 256u /* quarter steps that one start position may take without callouts inside */
#define WEIR_LISTS_IN_LISTS_MAX 4 /* word lists in word lists: one that holds itself ends here */
#define WEIR_FOLD_SMALL 256 /* bytes of a regex that are folded without taking memory first */
#define WEIR_REGEX_MESSAGE_MAX 256 /* bytes of what is wrong with a pattern, and of what to do about it */
#define WEIR_VERSION_TEXT_MAX 64 /* bytes of a version, such as "10.42 2022-12-11" */
#define WEIR_REGEX_CHAIN_MAX 64 /* parts in a row whose cost is reckoned; longer ones count as dear */
#define WEIR_REGEX_TIMES_MAX 64 /* repetitions whose cost is reckoned, likewise */
#define WEIR_REGEX_COUNT_MAX 99999 /* in {n}: more digits are not read; PCRE2 allows 65,535 */
#define WEIR_REGEX_GROUP_MAX 1000 /* in a reference such as \1: more digits are not read */
#define WEIR_ROW_COUNTED_MAX 1000 /* digits in a row that are added up for a gate; longer rows end nowhere */
#define WEIR_WORD_FOLDED_MAX 255 /* bytes of a word once it is folded: its length is kept in a byte */
#define WEIR_CHAR_FOLDED_MAX 256 /* bytes of one character folded, and room */

/* ---- Scripts (threats.md 2.4) */
#define WEIR_SCRIPT_HEAP_BYTES (1u << 20)  /* one engine's Lua heap: libraries, handlers, and the event at hand */
#define WEIR_SCRIPT_EVENT_BYTES (256u << 10) /* what one handler may hold beyond the libraries and handlers */
#define WEIR_SCRIPT_CHURN_BYTES (16u << 20)  /* sum of all bytes one handler asks for */
#define WEIR_SCRIPT_STEPS 100000u        /* work of one handler; a step takes at most about 100 ns on a desktop core */
#define WEIR_SCRIPT_INSTRUCTION_STEPS 6u /* steps of one VM instruction: the slowest that need no memory take 0.3 us */
#define WEIR_SCRIPT_MODULO_STEPS 30u     /* steps more where a script uses both % and floats: fmod takes up to 2 us */
#define WEIR_SCRIPT_JOIN_STEPS 4u        /* steps more where a script uses both .. and floats: writing one down takes 0.6 us */
#define WEIR_SCRIPT_BYTES_STEP 40        /* bytes copied, hashed or asked for in one step: hashing takes 1.3 ns a byte */
#define WEIR_SCRIPT_STRING_UNIT 4096     /* bytes of the second longest string that make an instruction one step dearer: it may compare them */
#define WEIR_SCRIPT_HASH_UNIT 1024       /* bytes of the largest hash part that do: it may walk a chain of colliding keys */
#define WEIR_SCRIPT_LENGTH_UNIT 64       /* the same where a script uses #: the length of a table may look 120 keys up */
#define WEIR_SCRIPT_STACK_UNIT 1024      /* bytes of the largest array or stack that do: it may copy all arguments */
#define WEIR_SCRIPT_HASH_PARTS 16384     /* parts of the memory limit that make up such a unit when that is larger: loading */
#define WEIR_SCRIPT_STACK_PARTS 8192     /* likewise */
#define WEIR_SCRIPT_NUMERAL_MAX 200      /* bytes of a text that tonumber reads: reading takes time with the square of them */
#define WEIR_SCRIPT_CHAIN_MAX 100        /* indexes in a row (a.b.c[1]): to name one in an error, Lua 5.4.4 recurses once for each */
#define WEIR_SCRIPT_NESTING_MAX 200      /* brackets in brackets: Lua's own limit */
#define WEIR_SCRIPT_ASK_STEPS 2000       /* steps between two questions to the host's deadline: about 20 us */
#define WEIR_SCRIPT_PAIRS_MAX 4096       /* keys of a table that pairs walks: their order fits the sandbox's scratch */
#define WEIR_SCRIPT_CALL_BYTES (64u << 10) /* what all arguments of one handler's verbs may take in the arena */
#define WEIR_SCRIPT_HOOK_STEPS 100       /* VM instructions between two looks at the budget: finer costs nothing */
#define WEIR_SCRIPT_FAILED_ALLOCS_MAX 4  /* after so many failed allocations the handler is killed: each costs a full collection */
#define WEIR_SCRIPT_STRING_MAX 65536     /* bytes of one string a library function may make */
#define WEIR_SCRIPT_SPREAD_MAX 250       /* values a library function may put on the stack */
#define WEIR_SCRIPT_SORT_MAX 1024        /* elements of a table that may be sorted */
#define WEIR_SCRIPT_CALLS_MAX 16         /* verbs one handler may call */
#define WEIR_SCRIPT_SOURCE_MAX 65536     /* bytes of one handler's compiled chunk */
#define WEIR_STRIKES_MAX 3               /* kills of one handler within WEIR_STRIKE_WINDOW_MS that put its rule aside */
#define WEIR_STRIKE_WINDOW_MS (INT64_C(10) * 60 * 1000)
#define WEIR_STRIKE_ASIDE_MS (INT64_C(10) * 60 * 1000) /* for how long: a stranger who can make a handler fail must not silence it for good */
#define WEIR_SCRIPT_MESSAGE_MAX 256 /* bytes of why a handler ended */
#define WEIR_SCRIPT_WHERE_MAX 80 /* bytes of "file:line" where it did */
#define WEIR_SCRIPT_PATH_MAX 160 /* bytes of the path to a value that cannot be taken over */
#define WEIR_SCRIPT_KEY_SHOWN 64 /* bytes of one key in it */
#define WEIR_SCRIPT_LEVEL_MAX 100 /* levels of the stack error() may name */
#define WEIR_SCRIPT_WARM_STRINGS 400 /* strings made when the state is opened: then the table of strings has the size at which it stays */
#define WEIR_SCRIPT_FIND_CHARGE 4096 /* eighths of a step that a search takes before they are charged */

/* ---- Decisions */
#define WEIR_ACTIONS_MAX 16          /* actions of one decision */
#define WEIR_TEXT_OUT_MAX 4096       /* bytes of one text sent: the longest a platform takes is 4,096 UTF-16 units */
#define WEIR_USER_TEXT_MAX 40        /* code points of anything a user wrote that may stand in an answer */
#define WEIR_USER_TEXT_SCAN 1024     /* bytes of what a user wrote that are looked at to find them: links between them are left out */
#define WEIR_CHANGES_MAX 128         /* changes of one changeset */
#define WEIR_TRACE_MAX 256           /* trace lines without the full trace */
#define WEIR_DECISION_FRAME_MAX 1024 /* a decision beside its actions: account, id, cause and contact, each of them escaped */
#define WEIR_DECISION_JSON_MAX 40960 /* bytes of one decision in a record: below the payload's 48 KiB */
#define WEIR_EVENT_ARENA_BYTES (768u << 10) /* one event: JSON nodes 32 KiB, person 64 KiB, a handler's calls, texts, JSON of its actions */
#define WEIR_TRACE_BYTES 320         /* of the event arena for each rule, when every rule is traced */
#define WEIR_GROUP_BYTES (512u << 10) /* decisions waiting for a commit; when another might not fit, the group is committed first */
#define WEIR_RULE_DELAY_MIN_MS 1000  /* soonest that e:after runs a rule: one that sets itself again must not hold up events */
#define WEIR_DELAY_MAX_MS (INT64_C(365) * 86400 * 1000) /* longest `after` */
#define WEIR_HINTS_MAX 64            /* names among which the nearest is looked for when a handler mistypes one */
#define WEIR_QUOTE_MAX 60            /* bytes of a rule's own words repeated in a message about it */
#define WEIR_TRACE_DETAIL_MAX 240    /* bytes of one trace line's detail */
#define WEIR_TIMER_NODES_MAX 64      /* JSON values of an action that waited: 16 media and a dozen members */
#define WEIR_HANDOFF_MS (INT64_C(12) * 3600 * 1000) /* how long rules are silent after a handoff that does not say: a working day */
#define WEIR_GATE_TIMES_MAX 32       /* times that `max` may allow: each is a claim of the person's WEIR_CLAIMS_MAX, and a question to the store */
#define WEIR_HANDOFF_ASK_MS (INT64_C(5) * 60 * 1000) /* while a human talks to somebody, his timers ask so often whether he is done */
#define WEIR_ECHO_WAIT_MS (INT64_C(60) * 1000) /* how long an echo may stay unexplained: outcomes that name it come within seconds */
#define WEIR_COUNTER_STEP_MAX 1000000 /* the most one incr adds or takes away: a slip of a zero must not ruin a counter */
#define WEIR_ACTION_FIELDS_MAX 8 /* fields that one kind of action declares */
#define WEIR_LOG_MESSAGE_MAX 512 /* bytes of one line of the log; what is longer is cut */
#define WEIR_WHY_MAX 256 /* bytes of why a rule did not fire, before it becomes a line of the trace */
#define WEIR_SPAN_MIN_MS 1000 /* the shortest length of time that a quota, a window or an action may give: nobody means less */
#define WEIR_SILENT_MIN_MS 3600000 /* the shortest silence a rule may ask for: when somebody was last seen is kept to the hour */

/* ---- People and state */
#define WEIR_TAGS_MAX 64             /* tags of one person */
#define WEIR_FIELDS_MAX 64           /* fields and counters of one person */
#define WEIR_STAGES_MAX 32           /* funnels one person may be in */
#define WEIR_CONTACTS_MAX 16         /* contacts joined to one person */
#define WEIR_TAG_MAX 64              /* bytes of a tag, field name or stage name */
#define WEIR_FIELD_VALUE_MAX 256     /* bytes of a field's value */
#define WEIR_FIELD_COUNTS_MS 0        /* instead of the time when a field was set: it counts, and is added up when persons are joined */
#define WEIR_CLAIM_MS (INT64_C(400) * 86400 * 1000)  /* how long `once` lasts */
#define WEIR_CODE_MS (INT64_C(7) * 86400 * 1000)     /* how long a {code} can be used */
#define WEIR_CODE_LEN 6              /* characters, one of them a digit: 6 * 8 * 31^5 / 6 = 229 million codes */
#define WEIR_OPT_IN_FIELD "opted_in" /* field that opt_in writes: under which name he did */
#define WEIR_CODE_LEN_MAX 12         /* characters of a code that a pack asks for: nobody types longer ones right */
#define WEIR_CODE_LEN_MIN 4
#define WEIR_CODE_CNT_MIN 1000000    /* codes there must be: guessing one of a thousand live ones takes a thousand tries on average */
#define WEIR_CODE_MS_MAX (INT64_C(366) * 86400 * 1000)
#define WEIR_CODE_KNOWN_MS (INT64_C(30) * 86400 * 1000) /* how long it is known of a code that it was used, or ran out */
#define WEIR_CODE_WRONG_CONTACT 10   /* wrong codes a contact may try in an hour: nobody mistypes more often */
#define WEIR_CODE_WRONG_ACCOUNT 300  /* and all contacts of an account: a guess in a minute finds nothing in a year */
#define WEIR_CODE_TRIES 8            /* runs of a text that are looked up as codes */
#define WEIR_CODE_DRAWS 8            /* codes drawn until one is free: with a million live ones the first is taken 1 time in 229 */
#define WEIR_STATE_BYTES_DEFAULT (16u << 20)
#define WEIR_STATE_BYTES_MIN (1u << 20)
#define WEIR_POOLS_MAX 64            /* pools one person has a member of, coupons, and rules whose variant he was given */
#define WEIR_INVITE_LINE_MAX 256     /* inviters of inviters that are looked at for a circle: 256 generations of friends */
#define WEIR_CLAIMS_MAX 512          /* live claims of one person: one a day for the 400 days that `once` lasts, and some */
#define WEIR_TIMERS_MAX 256          /* timers waiting for one person: 16 decisions that each set as many as they may */
#define WEIR_ENTERED_MAX 256         /* stages one person ever stood in: 8 long funnels from end to end */
#define WEIR_SCOPED_NAME_MAX 128     /* bytes of "pack/funnel", "pack/pool", and of a pool's member */
#define WEIR_TIMER_STRING_MAX 256    /* bytes of a timer's or a ledger entry's rule, origin, cause and post */
#define WEIR_TAKEN_MAX 1600          /* bytes of what an action used up: 40 meters of 40 */
#define WEIR_LEDGER_MS WEIR_DEDUPE_MS /* how long an action's outcome is understood: later ones are refused like all old events */
#define WEIR_RETRIES_MAX 5           /* times a rejected action is tried again: doubling, that is an hour for a platform that says 2 minutes */
#define WEIR_RETRY_DELAY_MAX_MS (INT64_C(24) * 3600 * 1000) /* the longest wait before a retry: an answer later than a day is none */
#define WEIR_POOL_DAYS_KEPT 3        /* days a pool's count is kept: today is over everywhere on earth after two */
#define WEIR_COUNT_DAYS_KEPT 400     /* days that what was counted on them is kept: this month a year ago, and some */
#define WEIR_COUNT_CHANGES_LEFT 64   /* changes a decision must have room for before what is dropped is counted: else its own come first */
#define WEIR_USE_CHANGES_LEFT 24     /* the same before what an action uses up is noted: else the action is dropped, and not the event refused */
#define WEIR_REPORT_FILE_BYTES (UINT64_C(8000) << 30) /* of a state file that is only looked at: as large as they can be */
#define WEIR_REPORT_PAYLOAD 128      /* bytes of an action that a report looks at: its kind stands at its beginning */
#define WEIR_COUNT_CODE_MAX 32       /* bytes of a platform's code that outcomes are counted by: longer ones are messages, and each is another */
#define WEIR_COUNT_WHAT_MAX 128      /* bytes of what is counted: an action's name and a reason */
#define WEIR_UNDO_BYTES_MAX (1u << 20) /* undo log of the store in memory: a group of 64 decisions takes about 200 KB */
#define WEIR_UNDO_STEP 4096          /* bytes one step of a change may log: two queue moves of 24 levels are 1.6 KB */
#define WEIR_UNDO_RECORD 8192        /* of the undo log that changes leave to the records of their commit: the longest record has 131 pages, 48 bytes each */
#define WEIR_SWEEP_ROWS 256          /* expired rows of each kind dropped after a commit: below 0.3 ms */
#define WEIR_SWEEP_INSIDE 16         /* the same inside a transaction, where each costs the undo log about 300 bytes */
#define WEIR_EVERY_MIN_MS 600000      /* shortest `every` */
#define WEIR_EVERY_WALL_MS (10 * 3600000) /* when the rounds of whole days begin, if the rule does not say: ten o'clock */
#define WEIR_ROUND_STEP 1024          /* people looked at in one step of a round: 0.1 ms in memory */
#define WEIR_ROUND_PAUSE_MS 20        /* between two steps: fifty messages a second, and events come first */
#define WEIR_ROUNDS_MAX 64            /* rules with `every`: each walks over all people */
#define WEIR_IDLE_MS (INT64_C(400) * 86400 * 1000) /* on disk: who was silent for so long, and holds nothing, is forgotten */
#define WEIR_SQLITE_CACHE_BYTES (2u << 20)  /* page cache: what a group of 64 decisions touches among 100,000 persons */
#define WEIR_SQLITE_CACHE_MIN (256u << 10)
#define WEIR_SQLITE_LIVE_BYTES (1u << 20)   /* what SQLite holds beside its page cache: statements 250 KB, schema 24 KB, the log's index, a join's savepoint */
#define WEIR_SQLITE_FILE_BYTES (INT64_C(1) << 30) /* how large a state file may become: a million persons */
#define WEIR_SQLITE_FILE_MIN (1u << 20)
#define WEIR_SQLITE_PAGE_BYTES 4096         /* what flash and file systems write at once */
#define WEIR_SQLITE_WAL_PAGES 500           /* pages in the write-ahead log before they go to their places, 3 ms: 2 MB; with 256 a sixth slower */
#define WEIR_SQLITE_COPY_PAGES 16           /* pages of a snapshot held in memory: each is written once, so more gain nothing */
#define WEIR_SQLITE_VALUE_MAX (128 << 10)   /* bytes of a row: the longest record line, and more than a timer */
#define WEIR_SQLITE_SQL_MAX 4096            /* bytes of a statement: the longest of ours has 300 */
#define WEIR_SQLITE_FILTER_BYTES (512u << 10) /* each of two filters of marks, and the filter of contacts: 400,000 entries with 1 false in 100 */
#define WEIR_SQ_BOUND_SLOTS 16384           /* of two tables of 32 KB that bound how many claims anybody holds */
#define WEIR_SQ_WHO_TEXT 4096               /* bytes of names and values kept of the person at hand; what is beyond is read again */
#define WEIR_SQ_DELTAS_MAX 64               /* stages whose counters wait for the commit; further ones are written at once */
#define WEIR_SQ_ACKS_MAX 256                /* accounts whose acknowledgements wait for the next commit */
#define WEIR_SQ_WALK_ROWS 64                /* rows of a table looked at after what has run out, at a commit: 30 us */
#define WEIR_SQ_LEDGER_ROWS 8               /* actions that are over and go at a commit, and one for each that came: each lies on four pages, 40 us */
#define WEIR_SQ_LEDGER_SWEPT 136            /* at most: a group of 64 decisions with two actions each */
#define WEIR_SQ_PERSON_ROWS 16              /* persons, and codes, likewise */
#define WEIR_SQ_METERS_HELD 256             /* meters kept in memory until the commit: a group of 64 decisions touches about as many, 40 KB */
#define WEIR_SQ_METER_ROWS 64               /* meters that ran out, likewise: a commit of 64 decisions makes about as many */
#define WEIR_SQ_DROP_PERSONS 2              /* persons dropped at a commit: each may have 900 rows, 1 ms */
#define WEIR_SQ_CHANGE_PAGES 30             /* pages a changeset may add to the file: one in each of its 23 trees, and some that split */
#define WEIR_SQ_CHANGES_A_PAGE 4            /* changes whose rows fill a page: a field takes up to 330 bytes */
#define WEIR_SQ_JOIN_PAGES 48               /* joining two persons who have all they may: their rows move to other pages */
#define WEIR_SQ_TEXT_MAX 256 /* bytes of the path of the state file, and of what went wrong with it, in messages */
#define WEIR_SQ_STATEMENT_MAX 700 /* bytes of a statement that is put together: the longest checks a table when the file is opened */
/* Rows that the tables of the store in memory have at least, however small it is, and at most, however large. */
#define WEIR_MEM_DAYS_LEAST 64 /* pool counts: a day of a pool of so many members */
#define WEIR_MEM_TIMERS_LEAST 16 /* timers */
#define WEIR_MEM_LEDGER_LEAST 32 /* entries of the ledger: more than timers, so that who must make room finds one that no timer waits for */
#define WEIR_MEM_ORIGINS_LEAST 32 /* what they hang on */
#define WEIR_MEM_COUNTERS_LEAST 256 /* counters of stages */
#define WEIR_MEM_COUNTERS_MOST 8192
#define WEIR_MEM_TALLIES_LEAST 128 /* daily counts */
#define WEIR_MEM_TALLIES_MOST 65536
#define WEIR_MEM_METERS_LEAST 64 /* meters of quotas and windows */
#define WEIR_MEM_TOTALS_LEAST 256 /* counts of the shop */
#define WEIR_MEM_INVITES_LEAST 16 /* invitations */
#define WEIR_MEM_CHAINS_LEAST 64 /* accounts with records */
#define WEIR_MEM_CHAINS_MOST 4096
#define WEIR_MEM_TEXTS_LEAST 64 /* cells of text */

/* ---- Records */
#define WEIR_GROUP_MAX 64            /* decisions that share a signature */
#define WEIR_GROUP_AUDS_MAX 80       /* accounts with records in one commit: 64 decisions, the last of which may go to 16 */
#define WEIR_PAYLOAD_MAX 49152       /* bytes of a record's claim set */
#define WEIR_JWS_HEADER_MAX 512      /* bytes of a protected header, decoded */
#define WEIR_JWS_MAX 67000           /* bytes of a line: base64url of header, payload and 64-byte signature */
#define WEIR_RECORD_NODES_MAX 16384  /* JSON values of one payload */
#define WEIR_RECORD_TTL_S 3600       /* exp - iat unless the host says otherwise */
#define WEIR_KEYS_MAX 32             /* keys of a JWK Set */
#define WEIR_CHAINS_MAX 1024         /* chain and aud pairs one verifier follows */
#define WEIR_JWK_BYTES_MAX 4096      /* bytes of a private JWK's text: one of ours has 230 */
#define WEIR_JWKS_BYTES_MAX 65536    /* bytes of a JWK Set's text: room for certificates beside WEIR_KEYS_MAX keys */
#define WEIR_CONFIG_JSON_MAX 65536   /* bytes of an engine's configuration as JSON: paths, a few numbers, a key */
#define WEIR_CONFIG_NODES_MAX 256    /* JSON values in it: 17 members, and those of a key */
#define WEIR_JWK_NODES_MAX 2048      /* JSON values of either: WEIR_KEYS_MAX keys of 20 members each, and more */
#define WEIR_JWS_HEADER_NODES_MAX 32 /* JSON values of a protected header: a good one has 7 */
#define WEIR_KID_MAX 64              /* bytes of a header's kid: a thumbprint has 43 */
#define WEIR_AUD_MAX 257             /* bytes of "channel/account": WEIR_ID_MAX each */
#define WEIR_CHAIN_NAME_MAX 64       /* characters of a chain's name */
#define WEIR_CLAIM_INT_MAX INT64_C(9007199254740991) /* 2^53 - 1: JSON readers with doubles read it right */
#define WEIR_CLOCK_SKEW_S 60         /* how far a record's iat may lie ahead of the checker's clock */
#define WEIR_RECENT_LINES 16384      /* lines a verifier can tell from altered ones when they come again: more than an outbox holds */
#define WEIR_OUTBOX_BYTES (4u << 20) /* records waiting for their acknowledgement, in memory */

#endif
