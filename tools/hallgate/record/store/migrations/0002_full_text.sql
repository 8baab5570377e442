-- Full text, apart from the rows so that it can be erased without them.
CREATE TABLE text (idx INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE VIRTUAL TABLE words USING fts5 (body, content='text', content_rowid='idx');
