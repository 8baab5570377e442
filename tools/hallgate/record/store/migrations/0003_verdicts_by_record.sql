-- Verdicts of one record: for showing what was found, and for erasing it.
CREATE INDEX verdict_idx ON verdict (idx);
CREATE INDEX record_path ON record (path);
CREATE TABLE payload (path TEXT PRIMARY KEY, digest TEXT NOT NULL, data BLOB NOT NULL) STRICT, WITHOUT ROWID;
