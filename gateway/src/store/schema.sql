-- What is kept beside the tables that tables.sql makes; those are folded from the journal and can be folded again.

-- What is known about the journal: `epoch` changes when it is begun anew or a copy is put back, `projected` is the last row folded.
CREATE TABLE IF NOT EXISTS meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Who may sign in and register a phone. The password is an Argon2 hash; the digests are those of RFC 2617 and 8760 for
-- `realm`. Skills and queues are JSON.
CREATE TABLE IF NOT EXISTS agents (
    agent TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('agent', 'supervisor')),
    password TEXT NOT NULL,
    realm TEXT NOT NULL,
    ha1_md5 TEXT NOT NULL,
    ha1_sha256 TEXT NOT NULL,
    skills TEXT NOT NULL,
    queues TEXT NOT NULL,
    chat_slots INTEGER,
    trunk TEXT,
    extension TEXT
) WITHOUT ROWID;

-- What customers were known by in tables of an older version, from when these are dropped until the journal is folded anew: what is lost
-- by that is told again. `kind` is name, number, mail, visitor or subject.
CREATE TABLE IF NOT EXISTS carried (
    customer TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    leads INTEGER NOT NULL,
    current INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (customer, kind, value)
) WITHOUT ROWID;

-- When erasures were finished whose rows are folded anew since: `row` is that of the journal.
CREATE TABLE IF NOT EXISTS finished (
    row INTEGER NOT NULL,
    customer TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (row, customer)
) WITHOUT ROWID;
