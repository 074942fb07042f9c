-- schema-3.sql: what version 3 of the state file adds.

ALTER TABLE persons ADD COLUMN said_ms INTEGER NOT NULL DEFAULT 0;   -- when he wrote last, if something waited for that
ALTER TABLE persons ADD COLUMN awaits_ms INTEGER NOT NULL DEFAULT 0; -- until then something may ask whether he wrote
ALTER TABLE timers ADD COLUMN set_ms INTEGER NOT NULL DEFAULT 0;     -- when it was set, first
ALTER TABLE timers ADD COLUMN unless_reply INTEGER NOT NULL DEFAULT 0;

CREATE TABLE rounds ( -- walks over all people
  key BLOB PRIMARY KEY CHECK (length(key) = 16), -- of the rule
  at_ms INTEGER NOT NULL,  -- when its next step is due
  of_ms INTEGER NOT NULL,  -- the round under way; 0: none
  person INTEGER NOT NULL  -- the last one looked at
) STRICT, WITHOUT ROWID;
