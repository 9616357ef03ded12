-- The journal: facts in order, the truth from which everything in tables.sql is folded. `at` is milliseconds since 1970,
-- `fact` is JSON. It has a file of its own, so that who appends waits for nobody.
CREATE TABLE IF NOT EXISTS journal_file.journal (
    row INTEGER PRIMARY KEY,
    shard INTEGER NOT NULL,
    at INTEGER NOT NULL,
    interaction TEXT,
    fact TEXT NOT NULL
);

-- How often rows were written anew, without what was personal in them: tables from before have it still. One row, or none for 0.
CREATE TABLE IF NOT EXISTS journal_file.rewrites (
    n INTEGER NOT NULL
);
