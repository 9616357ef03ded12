-- What is folded from the journal, for lists, for a restart and for business tools. TABLES.md describes it for readers.
-- When this file changes, `store::SHAPE` goes up: the tables are dropped and folded again at the next start.

-- The journal's rows of each interaction.
CREATE TABLE journal_of (
    interaction TEXT NOT NULL,
    row INTEGER NOT NULL,
    PRIMARY KEY (interaction, row)
) WITHOUT ROWID;

-- Rows a restart needs whatever became of their interaction.
CREATE TABLE kept_rows (
    row INTEGER PRIMARY KEY
);

-- Rows that tell of sealed interactions what is needed to count them; a restart needs those of the last weeks.
CREATE TABLE frame_rows (
    row INTEGER PRIMARY KEY
);

-- Rows that tell how the time jumped while something was there that is not sealed; a restart needs them as long as that is so.
CREATE TABLE step_rows (
    row INTEGER PRIMARY KEY
);

-- The last row of each kind about each agent: presence and phone.
CREATE TABLE agent_rows (
    agent TEXT NOT NULL,
    kind TEXT NOT NULL,
    row INTEGER NOT NULL,
    PRIMARY KEY (agent, kind)
) WITHOUT ROWID;

CREATE TABLE interactions (
    interaction TEXT PRIMARY KEY,
    row INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    ended_at INTEGER,
    sealed_at INTEGER,
    sealed_row INTEGER,
    channel TEXT NOT NULL,
    queue TEXT NOT NULL,
    zone TEXT,
    page TEXT,
    referrer TEXT,
    name TEXT,
    customer TEXT NOT NULL,
    agent TEXT,
    ended_by TEXT,
    end_reason TEXT,
    outcome TEXT,
    merged_into TEXT,
    scrubbed INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE UNIQUE INDEX interactions_by_row ON interactions (row);
CREATE INDEX interactions_by_time ON interactions (opened_at, row);
CREATE INDEX interactions_of_customer ON interactions (customer, row);
CREATE INDEX interactions_sealed ON interactions (customer, sealed_row) WHERE sealed_row IS NOT NULL;
CREATE INDEX interactions_merged ON interactions (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX interactions_live ON interactions (row) WHERE sealed_at IS NULL;
CREATE INDEX interactions_kept ON interactions (channel, scrubbed, sealed_at) WHERE sealed_at IS NOT NULL;

-- By what an interaction can be found: `number`, `mail`, `name` (each word in small letters), `agent`, `queue`, `outcome`.
CREATE TABLE found_by (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    row INTEGER NOT NULL,
    PRIMARY KEY (kind, value, row)
) WITHOUT ROWID;

-- What was said and noted in a sealed interaction; the rowid is `interactions.row`.
CREATE VIRTUAL TABLE texts USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO texts (texts, rank) VALUES ('secure-delete', 1);

CREATE TABLE external_ids (
    interaction TEXT NOT NULL,
    system TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (interaction, system)
) WITHOUT ROWID;

CREATE TABLE customers (
    customer TEXT PRIMARY KEY,
    known_at INTEGER NOT NULL,
    name TEXT,
    number TEXT,
    mail TEXT,
    verified TEXT,
    value INTEGER NOT NULL DEFAULT 0,
    familiar TEXT,
    merged_into TEXT,
    erased_at INTEGER
) WITHOUT ROWID;
CREATE INDEX customers_merged ON customers (merged_into) WHERE merged_into IS NOT NULL;

-- `leads` is 1 where somebody who comes with it is taken for this customer. `claimed` is since when it could be: the first time of a
-- number, else the last time that it was vouched for; null where it never was.
CREATE TABLE identities (
    kind TEXT NOT NULL,
    system TEXT NOT NULL,
    value TEXT NOT NULL,
    customer TEXT NOT NULL,
    since INTEGER NOT NULL,
    leads INTEGER NOT NULL,
    claimed INTEGER,
    PRIMARY KEY (kind, system, value, customer)
) WITHOUT ROWID;
CREATE INDEX identities_of ON identities (customer);

CREATE TABLE notes (
    row INTEGER PRIMARY KEY,
    customer TEXT NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    agent TEXT,
    program TEXT,
    text TEXT NOT NULL
);
CREATE INDEX notes_of ON notes (customer, row);

-- What staff wrote to each other; `text` goes as it does in the journal.
CREATE TABLE memos (
    row INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX memos_at ON memos (at);

-- One merge each; `undone_*` are set where it was taken back.
CREATE TABLE merges (
    row INTEGER PRIMARY KEY,
    kept TEXT NOT NULL,
    merged TEXT NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    agent TEXT,
    program TEXT,
    reason TEXT NOT NULL,
    undone_at INTEGER,
    undone_author TEXT,
    undone_agent TEXT,
    undone_program TEXT,
    undone_reason TEXT
);
CREATE INDEX merges_of ON merges (merged, row);

-- One erasure each, and when the last trace was gone.
CREATE TABLE erasures (
    row INTEGER PRIMARY KEY,
    customer TEXT NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    agent TEXT,
    program TEXT,
    reason TEXT NOT NULL,
    finished_at INTEGER
);

-- What is to be scrubbed: an `interaction`, a `customer`, a `note`, `memo`, `matter` or `consent` by its row, or the `recordings` of an
-- interaction that nobody is to have; bits of 1 messages, 2 notes, 4 everything about persons, 8 recordings, 16 the address of a consent. Rows go when it is done.
CREATE TABLE scrubs (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    what INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;

-- The journal's rows about a customer outside of interactions.
CREATE TABLE customer_rows (
    customer TEXT NOT NULL,
    row INTEGER NOT NULL,
    PRIMARY KEY (customer, row)
) WITHOUT ROWID;

-- One party's participation each. `party` is a number, an agent or a visitor.
CREATE TABLE legs (
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
    end_kind TEXT,
    reason TEXT,
    status INTEGER
) WITHOUT ROWID;
CREATE INDEX legs_of ON legs (interaction);

-- One recording each. `mediatype` is set while there is a file.
CREATE TABLE recordings (
    row INTEGER PRIMARY KEY,
    interaction TEXT NOT NULL,
    n INTEGER NOT NULL,
    leg TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    ms INTEGER,
    bytes INTEGER,
    lost_ms INTEGER,
    cut INTEGER NOT NULL DEFAULT 0,
    mediatype TEXT,
    failed TEXT,
    message_left_at INTEGER
);
CREATE UNIQUE INDEX recordings_of ON recordings (interaction, n);
CREATE INDEX recordings_by_time ON recordings (started_at);
CREATE INDEX recordings_there ON recordings (interaction) WHERE mediatype IS NOT NULL;

-- One stay in a queue each.
CREATE TABLE waits (
    row INTEGER PRIMARY KEY,
    interaction TEXT NOT NULL,
    channel TEXT NOT NULL,
    queue TEXT NOT NULL,
    callback TEXT,
    since INTEGER NOT NULL,
    entered_at INTEGER NOT NULL,
    left_at INTEGER,
    waited_ms INTEGER,
    reason TEXT
);
CREATE INDEX waits_of ON waits (interaction, row);
CREATE INDEX waits_by_time ON waits (entered_at);

CREATE TABLE offers (
    row INTEGER PRIMARY KEY,
    interaction TEXT NOT NULL,
    agent TEXT NOT NULL,
    channel TEXT NOT NULL,
    at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    ended_at INTEGER,
    end TEXT
);
CREATE INDEX offers_of ON offers (interaction, row);
CREATE INDEX offers_by_time ON offers (at);

CREATE TABLE assignments (
    assignment TEXT NOT NULL,
    interaction TEXT NOT NULL,
    agent TEXT NOT NULL,
    channel TEXT NOT NULL,
    offered_at INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    wrap_up_at INTEGER,
    ended_at INTEGER,
    disposition TEXT,
    note TEXT,
    reason TEXT,
    PRIMARY KEY (assignment, channel)
) WITHOUT ROWID;
CREATE INDEX assignments_of ON assignments (interaction);
CREATE INDEX assignments_by_time ON assignments (started_at);

CREATE TABLE messages (
    row INTEGER PRIMARY KEY,
    interaction TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    agent TEXT,
    program TEXT,
    mid TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX messages_of ON messages (interaction, seq);

-- What was written anew, or taken back where `text` is null; `of` is the place of the message or file.
CREATE TABLE revisions (
    row INTEGER PRIMARY KEY,
    interaction TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    of INTEGER NOT NULL,
    author TEXT NOT NULL,
    agent TEXT,
    program TEXT,
    text TEXT
);
CREATE INDEX revisions_of ON revisions (interaction, of);

-- A row goes when what was said goes; a file on disk that has no row goes too.
CREATE TABLE files (
    row INTEGER PRIMARY KEY,
    file TEXT NOT NULL UNIQUE,
    interaction TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    agent TEXT,
    program TEXT,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    bytes INTEGER NOT NULL
);
CREATE INDEX files_of ON files (interaction, seq);

-- `state` is promised, dialling, retrying or ended; `end` says how it ended.
CREATE TABLE callbacks (
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
CREATE INDEX callbacks_open ON callbacks (due) WHERE state <> 'ended';
CREATE INDEX callbacks_of ON callbacks (interaction);

-- How a promise is to be kept: not after `until`, in the customer's time zone, by whom, dialling whom first, since
-- when the customer waited, how many seconds before it they are reminded, and when they were.
CREATE TABLE callback_plans (
    callback TEXT PRIMARY KEY,
    until INTEGER,
    zone TEXT,
    owner TEXT,
    call_order TEXT,
    place INTEGER,
    remind INTEGER,
    reminded_at INTEGER
) WITHOUT ROWID;

-- The attempts of each promise. `result` is reached, broken_off, or the kind of the cause.
CREATE TABLE callback_attempts (
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

-- One spell of an agent's presence each.
CREATE TABLE agent_states (
    row INTEGER PRIMARY KEY,
    agent TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    from_at INTEGER NOT NULL,
    to_at INTEGER
);
CREATE INDEX agent_states_of ON agent_states (agent, row);

-- What was said about contact, one row each; gone with the record it was said of, of an erased customer's addresses but for what forbids, and when what a stranger said is over. `subject` is `customer:`, `number:` or `mail:` and who;
-- `change` is given, withdrawn, suppressed or unsuppressed.
CREATE TABLE consents (
    row INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    subject TEXT NOT NULL,
    channel TEXT NOT NULL,
    change TEXT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT,
    until INTEGER,
    interaction TEXT,
    agent TEXT,
    program TEXT
);
CREATE INDEX consents_of ON consents (subject, row);
CREATE INDEX consents_passing ON consents (until) WHERE until IS NOT NULL AND source IN ('keyword', 'keypad', 'link');
CREATE INDEX consents_in ON consents (interaction) WHERE interaction IS NOT NULL;

-- What customers said of how they were served, the last of it; `score` is 1 to 5, none while or where nothing was said.
CREATE TABLE ratings (
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
CREATE INDEX ratings_by_time ON ratings (asked_at);

-- Which interactions are about the matter of an earlier one.
CREATE TABLE repeats (
    interaction TEXT PRIMARY KEY,
    earlier TEXT NOT NULL,
    queue TEXT NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX repeats_of ON repeats (earlier);

-- One merge of two interactions each; `undone_*` are set where it was taken back.
CREATE TABLE matters (
    row INTEGER PRIMARY KEY,
    kept TEXT NOT NULL,
    merged TEXT NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    agent TEXT,
    program TEXT,
    reason TEXT NOT NULL,
    undone_at INTEGER,
    undone_author TEXT,
    undone_agent TEXT,
    undone_program TEXT,
    undone_reason TEXT,
    undone_row INTEGER
);
CREATE INDEX matters_kept ON matters (kept);
CREATE INDEX matters_merged ON matters (merged, row);

CREATE VIEW daily_queues AS
SELECT date(entered_at / 1000, 'unixepoch') AS day, queue, channel,
       count(*) AS waits,
       sum(reason = 'an agent took it') AS taken,
       sum(waited_ms) / 1000.0 / count(waited_ms) AS mean_wait_seconds,
       max(waited_ms) / 1000.0 AS longest_wait_seconds
FROM waits GROUP BY day, queue, channel;

CREATE VIEW daily_agents AS
SELECT date(started_at / 1000, 'unixepoch') AS day, agent, channel,
       count(*) AS contacts,
       sum(coalesce(wrap_up_at, ended_at) - started_at) / 1000.0 AS contact_seconds,
       sum(ended_at - wrap_up_at) / 1000.0 AS wrap_up_seconds
FROM assignments GROUP BY day, agent, channel;

CREATE VIEW daily_outcomes AS
SELECT date(opened_at / 1000, 'unixepoch') AS day, queue, channel, outcome, count(*) AS interactions
FROM interactions WHERE sealed_at IS NOT NULL GROUP BY day, queue, channel, outcome;
