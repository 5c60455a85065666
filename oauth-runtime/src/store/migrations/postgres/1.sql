-- oauth-runtime, records of the store, version 1.
CREATE TABLE IF NOT EXISTS oauth_record (
    -- `kind:part:part`, as bytes: text cannot hold everything that a key may.
    key bytea PRIMARY KEY,
    -- Sealed.
    value bytea NOT NULL,
    ends_at timestamptz NOT NULL
);

-- What is sealed cannot be compressed: PostgreSQL need not try.
ALTER TABLE oauth_record ALTER COLUMN value SET STORAGE EXTERNAL;

CREATE INDEX IF NOT EXISTS oauth_record_ends_at ON oauth_record (ends_at);

CREATE TABLE IF NOT EXISTS oauth_record_version (version integer PRIMARY KEY);

INSERT INTO oauth_record_version (version) VALUES (1) ON CONFLICT DO NOTHING;
