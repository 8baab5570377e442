-- Rows about records: derived from the log, and made again where this file is lost.
CREATE TABLE mark (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, root TEXT NOT NULL);
INSERT INTO mark VALUES (1, 0, '');
CREATE TABLE record (
    idx INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    record TEXT NOT NULL,
    path TEXT NOT NULL,
    about TEXT NOT NULL,
    digest TEXT NOT NULL,
    stage TEXT,
    signer TEXT NOT NULL,
    allowed INTEGER
) STRICT;
CREATE INDEX record_about ON record (about, idx);
CREATE INDEX record_digest ON record (digest, idx);
CREATE TABLE verdict (
    policy TEXT NOT NULL, idx INTEGER NOT NULL, outcome TEXT NOT NULL,
    PRIMARY KEY (policy, idx)
) STRICT, WITHOUT ROWID;
