-- The journal is the truth; every other table below `agents` is folded from it and can be folded again.

-- What is known about the journal: `epoch` changes when it is begun anew, `projected` is the last row folded.
CREATE TABLE IF NOT EXISTS meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Facts in order. `at` is milliseconds since 1970, `fact` is JSON.
CREATE TABLE IF NOT EXISTS journal (
    row INTEGER PRIMARY KEY,
    shard INTEGER NOT NULL,
    at INTEGER NOT NULL,
    interaction TEXT,
    fact TEXT NOT NULL
);

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

-- The journal's rows of each interaction.
CREATE TABLE IF NOT EXISTS journal_of (
    interaction TEXT NOT NULL,
    row INTEGER NOT NULL,
    PRIMARY KEY (interaction, row)
) WITHOUT ROWID;

-- Rows a restart needs although their interaction is sealed.
CREATE TABLE IF NOT EXISTS kept_rows (
    row INTEGER PRIMARY KEY
);

-- The last row of each kind about each agent: presence and phone.
CREATE TABLE IF NOT EXISTS agent_rows (
    agent TEXT NOT NULL,
    kind TEXT NOT NULL,
    row INTEGER NOT NULL,
    PRIMARY KEY (agent, kind)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS interactions (
    interaction TEXT PRIMARY KEY,
    opened_at INTEGER NOT NULL,
    ended_at INTEGER,
    sealed_at INTEGER,
    channel TEXT NOT NULL,
    queue TEXT NOT NULL,
    zone TEXT,
    customer TEXT NOT NULL,
    outcome TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS interactions_of_customer ON interactions (customer, opened_at);
CREATE INDEX IF NOT EXISTS interactions_live ON interactions (opened_at) WHERE sealed_at IS NULL;
CREATE INDEX IF NOT EXISTS interactions_by_time ON interactions (opened_at);

CREATE TABLE IF NOT EXISTS customers (
    customer TEXT PRIMARY KEY,
    name TEXT,
    number TEXT,
    mail TEXT,
    verified TEXT,
    known_at INTEGER NOT NULL
) WITHOUT ROWID;

-- One party's participation each. `party` is a number, an agent or a visitor.
CREATE TABLE IF NOT EXISTS legs (
    leg TEXT PRIMARY KEY,
    interaction TEXT NOT NULL,
    kind TEXT NOT NULL,
    party TEXT,
    trunk TEXT,
    cause TEXT NOT NULL,
    parent TEXT,
    started_at INTEGER NOT NULL,
    answered_at INTEGER,
    ended_at INTEGER,
    reason TEXT,
    status INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS legs_of ON legs (interaction);

CREATE TABLE IF NOT EXISTS messages (
    interaction TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    agent TEXT,
    mid TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (interaction, seq)
) WITHOUT ROWID;

-- What customers said of how they were served, the last of it; `score` is 1 to 5, none while or where nothing was said.
CREATE TABLE IF NOT EXISTS ratings (
    interaction TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    queue TEXT NOT NULL,
    agent TEXT,
    asked_at INTEGER NOT NULL,
    rated_at INTEGER,
    score INTEGER,
    comment TEXT,
    declined INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ratings_by_time ON ratings (asked_at);

-- Which interactions are about the matter of an earlier one.
CREATE TABLE IF NOT EXISTS repeats (
    interaction TEXT PRIMARY KEY,
    earlier TEXT NOT NULL,
    queue TEXT NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS repeats_of ON repeats (earlier);

-- `state` is promised, dialling, retrying or ended; `end` says how it ended.
CREATE TABLE IF NOT EXISTS callbacks (
    callback TEXT PRIMARY KEY,
    interaction TEXT NOT NULL,
    number TEXT NOT NULL,
    due INTEGER NOT NULL,
    promised_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    end TEXT,
    ended_at INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS callbacks_open ON callbacks (due) WHERE state <> 'ended';

-- What was said about contact, one row each, never changed. `subject` is `customer:`, `number:` or `mail:` and who;
-- `change` is given, withdrawn, suppressed or unsuppressed.
CREATE TABLE IF NOT EXISTS consents (
    row INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    subject TEXT NOT NULL,
    channel TEXT NOT NULL,
    change TEXT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT,
    until INTEGER,
    interaction TEXT
);
CREATE INDEX IF NOT EXISTS consents_of ON consents (subject, row);
CREATE INDEX IF NOT EXISTS consents_in ON consents (interaction) WHERE interaction IS NOT NULL;

-- How a promise is to be kept: not after `until`, in the customer's time zone, by whom, dialling whom first, and since
-- when the customer waited.
CREATE TABLE IF NOT EXISTS callback_plans (
    callback TEXT PRIMARY KEY,
    until INTEGER,
    zone TEXT,
    owner TEXT,
    call_order TEXT,
    place INTEGER
) WITHOUT ROWID;

-- The attempts of each promise. `result` is reached, broken_off, or the kind of the cause.
CREATE TABLE IF NOT EXISTS callback_attempts (
    callback TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    at INTEGER NOT NULL,
    agent TEXT NOT NULL,
    ended_at INTEGER,
    result TEXT,
    status INTEGER,
    reason TEXT,
    PRIMARY KEY (callback, attempt)
) WITHOUT ROWID;
