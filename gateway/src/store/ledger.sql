-- Credentials of programs. `hash` is the SHA-256 of the secret; scopes and agents are JSON; times are milliseconds
-- since 1970. No agents means any agent.
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    scopes TEXT NOT NULL,
    agents TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    expires_at INTEGER,
    used_at INTEGER,
    revoked_at INTEGER
) WITHOUT ROWID;

-- What a request with an idempotency key was answered. No status: it was begun, and how it ended is not known. No fingerprint:
-- a customer was erased since, and all that is kept is that the key was used.
CREATE TABLE IF NOT EXISTS answers (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    status INTEGER,
    headers TEXT,
    body BLOB,
    PRIMARY KEY (caller, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS answers_by_age ON answers (begun_at);

-- How far each webhook is in the journal: every row up to `cursor` is delivered, or stands in webhook_letters. Times are
-- milliseconds since 1970; `gone_at` is set once the receiver wants nothing any more.
CREATE TABLE IF NOT EXISTS webhooks (
    webhook TEXT PRIMARY KEY,
    cursor INTEGER NOT NULL,
    delivered_at INTEGER,
    error TEXT,
    error_at INTEGER,
    rests_until INTEGER,
    gone_at INTEGER
) WITHOUT ROWID;

-- What could not be delivered, by the journal's row; what is in it is read from there. `state` is waiting, dead (given
-- up) or again (given up, and to be tried again). `lane` is what arrives in order, such as an interaction.
CREATE TABLE IF NOT EXISTS webhook_letters (
    webhook TEXT NOT NULL,
    row INTEGER NOT NULL,
    lane TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'dead', 'again')),
    attempts INTEGER NOT NULL,
    since INTEGER NOT NULL,
    due INTEGER NOT NULL,
    dead_at INTEGER,
    error TEXT,
    PRIMARY KEY (webhook, row)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS webhook_letters_by_state ON webhook_letters (webhook, state, row);

-- Sign-ins that agents gave back, until when a credential of theirs could be good.
CREATE TABLE IF NOT EXISTS sign_outs (
    sign_in TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) WITHOUT ROWID;
