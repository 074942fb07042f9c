-- schema-2.sql: what version 2 of the state file adds.

CREATE TABLE tallies ( -- what happened how often on a day (counted from 1970): by rule and reason, by funnel and step
  day INTEGER NOT NULL,
  name TEXT NOT NULL, -- of the rule or funnel
  what TEXT NOT NULL,
  cnt INTEGER NOT NULL,
  PRIMARY KEY (day, name, what)
) STRICT, WITHOUT ROWID;
