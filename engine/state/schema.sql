-- schema.sql: version 1 of the state file. Comments inside a statement are kept in the file, for whoever opens a snapshot.
--
-- Times are milliseconds since 1970 (_ms) or seconds (_s). Keys are hashes of 16 bytes. Texts are UTF-8 as it came.
-- Whatever belongs to a person lies together, so that loading him and changing him touches few pages.

CREATE TABLE meta (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  chain TEXT NOT NULL,          -- the name that stands in every record
  identity TEXT NOT NULL,       -- of this file, drawn when it was made
  born_ms INTEGER NOT NULL,     -- when it was made; 0: no change yet
  now_ms INTEGER NOT NULL,      -- time of the last change
  iat_s INTEGER NOT NULL,       -- of the last record of any account
  last_person INTEGER NOT NULL, -- numbers are never given again
  last_timer INTEGER NOT NULL,
  unconfirmed INTEGER NOT NULL, -- records whose time was over before they were acknowledged
  commits INTEGER NOT NULL      -- how many there were: a journal numbers them, and so knows which reached the disk
) STRICT;

CREATE TABLE persons (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  first_seen_ms INTEGER NOT NULL,
  last_seen_ms INTEGER NOT NULL,     -- to the hour
  handoff_until_ms INTEGER NOT NULL, -- a human has taken over until then; 0: no
  opted_out INTEGER NOT NULL,
  contacts INTEGER NOT NULL -- how many he is known by
) STRICT;

CREATE TABLE contacts (
  channel TEXT NOT NULL,
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  person INTEGER NOT NULL,
  place INTEGER NOT NULL, -- his first contact is 1
  PRIMARY KEY (channel, account, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_of ON contacts (person, place);

CREATE TABLE traits (
  person INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('code', 'field', 'pool', 'stage', 'tag')),
  name TEXT NOT NULL,     -- the code, field, pool, funnel or tag
  value TEXT NOT NULL,    -- of a field; the pool's member; the stage
  at_ms INTEGER NOT NULL, -- stage: when he first entered it; code: until when it is live; pool: when it was given; field: when it was set, or 0 for a counter
  PRIMARY KEY (person, kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE entered ( -- every stage a person ever stood in
  person INTEGER NOT NULL,
  funnel TEXT NOT NULL,
  stage TEXT NOT NULL,
  at_ms INTEGER NOT NULL, -- the first time
  PRIMARY KEY (person, funnel, stage)
) STRICT, WITHOUT ROWID;

CREATE TABLE stages ( -- how many persons stand there now, and how many ever entered
  funnel TEXT NOT NULL,
  stage TEXT NOT NULL,
  now INTEGER NOT NULL,
  entered INTEGER NOT NULL,
  PRIMARY KEY (funnel, stage)
) STRICT, WITHOUT ROWID;

CREATE TABLE claims ( -- a rule has fired for somebody
  person INTEGER NOT NULL,
  key BLOB NOT NULL CHECK (length(key) = 16),
  until_ms INTEGER NOT NULL,
  origin BLOB NOT NULL, -- whose decision made it last so long: a key, or empty
  PRIMARY KEY (person, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE codes (
  code TEXT PRIMARY KEY,
  person INTEGER NOT NULL,
  until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX codes_end ON codes (until_ms);

CREATE TABLE pool_days ( -- how often a pool's member was handed out on a day (counted from 1970)
  day INTEGER NOT NULL,
  pool TEXT NOT NULL,
  member TEXT NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (day, pool, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE optouts ( -- hashes of contacts, so that somebody who was forgotten stays left in peace
  key BLOB PRIMARY KEY CHECK (length(key) = 16)
) STRICT, WITHOUT ROWID;

CREATE TABLE marks ( -- events that were answered, by the hash of their identity
  key BLOB PRIMARY KEY CHECK (length(key) = 16),
  until_ms INTEGER NOT NULL,
  decision TEXT NOT NULL -- empty: it led to none
) STRICT, WITHOUT ROWID;

CREATE TABLE totals ( -- counts of the shop: what a pool's members were given in all, coupons that are gone, guesses
  key BLOB PRIMARY KEY CHECK (length(key) = 16),
  count INTEGER NOT NULL CHECK (count > 0),
  until_ms INTEGER NOT NULL -- 9223372036854775807: never ends
) STRICT, WITHOUT ROWID;
CREATE INDEX totals_end ON totals (until_ms) WHERE until_ms < 9223372036854775807;

CREATE TABLE invites ( -- who was brought by whom; a number may be of a person who is gone
  invitee INTEGER PRIMARY KEY,
  inviter INTEGER NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX invites_of ON invites (inviter);

CREATE TABLE timers (
  id INTEGER PRIMARY KEY,
  due_ms INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4), -- 1: an action that waits, 2: a rule to run, 3: an action to try again, 4: an echo to be explained
  person INTEGER NOT NULL,                      -- known when it was set; 0: nobody
  channel TEXT NOT NULL,
  account TEXT NOT NULL,
  contact TEXT NOT NULL,
  rule TEXT NOT NULL,
  origin TEXT NOT NULL, -- the decision that set it
  cause TEXT NOT NULL,  -- the event of that decision
  post TEXT NOT NULL,
  occurrence INTEGER NOT NULL,
  payload TEXT NOT NULL
) STRICT;
CREATE INDEX timers_due ON timers (due_ms);
CREATE INDEX timers_of ON timers (person) WHERE person <> 0;
CREATE INDEX timers_of_strangers ON timers (contact) WHERE person = 0;

CREATE TABLE ledger ( -- what became of the outbound actions
  id INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE CHECK (length(key) = 16),
  origin BLOB NOT NULL CHECK (length(origin) = 16),
  channel TEXT NOT NULL,
  account TEXT NOT NULL,
  contact TEXT NOT NULL,
  decision TEXT NOT NULL,
  n INTEGER NOT NULL, -- of the action in it; waiting: which of its timers
  rule TEXT NOT NULL,
  cause TEXT NOT NULL,
  post TEXT NOT NULL,
  payload TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 6), -- waiting, open, retrying, unconfirmed, rejected, sent
  until_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX ledger_end ON ledger (until_ms) WHERE status NOT IN (1, 3);
CREATE INDEX ledger_of ON ledger (contact);

CREATE TABLE origins ( -- how many actions of one origin are in each status; those counts outlive the entries
  key BLOB PRIMARY KEY CHECK (length(key) = 16),
  entries INTEGER NOT NULL, -- in the ledger
  open INTEGER NOT NULL,    -- waiting and retrying included
  sent INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  unconfirmed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE chains ( -- the last record of each account
  id INTEGER PRIMARY KEY,
  aud TEXT NOT NULL UNIQUE, -- channel/account
  seq INTEGER NOT NULL,
  hash BLOB                 -- SHA-256 of its line
) STRICT;

CREATE TABLE outbox ( -- records that were not acknowledged
  n INTEGER PRIMARY KEY, -- in the order they were made
  chain INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  exp_s INTEGER NOT NULL, -- when its time is over; 0: never
  size INTEGER NOT NULL,  -- bytes of the line
  line TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX outbox_of ON outbox (chain, seq);

-- For whoever opens a snapshot: nothing in weir reads these.

CREATE VIEW people AS
SELECT p.id, p.name,
       (SELECT group_concat(c.channel || '/' || c.account || '/' || c.id, ', ') FROM contacts c WHERE c.person = p.id) AS known_as,
       (SELECT group_concat(t.name, ', ') FROM traits t WHERE t.person = p.id AND t.kind = 'tag') AS tags,
       (SELECT group_concat(t.name || '/' || t.value, ', ') FROM traits t WHERE t.person = p.id AND t.kind = 'stage') AS stages,
       (SELECT group_concat(t.name || '=' || t.value, ', ') FROM traits t WHERE t.person = p.id AND t.kind = 'field') AS fields,
       datetime(p.first_seen_ms / 1000, 'unixepoch') AS first_seen,
       datetime(p.last_seen_ms / 1000, 'unixepoch') AS last_seen,
       p.opted_out
FROM persons p;

CREATE VIEW actions AS
SELECT l.id, l.channel || '/' || l.account || '/' || l.contact AS contact, l.rule, l.decision, l.n, l.attempt,
       CASE l.status WHEN 1 THEN 'waiting' WHEN 2 THEN 'open' WHEN 3 THEN 'retrying' WHEN 4 THEN 'unconfirmed'
                     WHEN 5 THEN 'rejected' ELSE 'sent' END AS status,
       l.payload, datetime(l.until_ms / 1000, 'unixepoch') AS kept_until
FROM ledger l;

CREATE VIEW waiting AS
SELECT t.id, datetime(t.due_ms / 1000, 'unixepoch') AS due, t.channel || '/' || t.account || '/' || t.contact AS contact, t.rule,
       CASE t.kind WHEN 1 THEN 'action' WHEN 2 THEN 'rule' ELSE 'retry' END AS what, t.payload
FROM timers t;
