-- oauth-runtime, records of the store, version 1.
CREATE TABLE IF NOT EXISTS oauth_record (
    -- `kind:part:part`, as bytes.
    key BLOB NOT NULL PRIMARY KEY,
    -- Sealed.
    value BLOB NOT NULL,
    -- Seconds since 1970-01-01 UTC.
    ends_at INTEGER NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS oauth_record_ends_at ON oauth_record (ends_at);

CREATE TABLE IF NOT EXISTS oauth_record_version (version INTEGER NOT NULL PRIMARY KEY) STRICT;

INSERT OR IGNORE INTO oauth_record_version (version) VALUES (1);
