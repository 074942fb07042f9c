-- schema-4.sql: what version 4 of the state file adds.

CREATE TABLE meters ( -- how often something was done lately, for quotas and windows
  key BLOB PRIMARY KEY CHECK (length(key) = 16),
  until_ms INTEGER NOT NULL,  -- then it is forgotten
  opened_ms INTEGER NOT NULL, -- when it was last opened; 0: never
  slots BLOB NOT NULL         -- 12 bytes each, least byte first: time of the last use, number of uses
) STRICT, WITHOUT ROWID;
CREATE INDEX meters_end ON meters (until_ms);

ALTER TABLE ledger ADD COLUMN taken BLOB NOT NULL DEFAULT x''; -- what the action used up: key, time, width and end of each meter
