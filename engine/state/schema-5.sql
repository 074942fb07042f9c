-- schema-5.sql: what version 5 of the state file adds.

ALTER TABLE meta ADD COLUMN kid TEXT NOT NULL DEFAULT ''; -- thumbprint of the key that signs its records; empty: none was signed yet, or by an older weir
