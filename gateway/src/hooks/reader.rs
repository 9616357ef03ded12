//! The journal as couriers read it: rows behind a cursor, and one fact when it is to be told, as it stands by then. What
//! was erased meanwhile is told without what was erased.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;
use hub::{Event, Fact};
use rusqlite::{Connection, OptionalExtension};

use super::{message, spool::Lane};
use crate::store::{self, project};

/// Rows that are looked at together.
const ROWS: i64 = 512;

/// What was found behind a cursor.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Those that are wanted.
    pub rows: Vec<(i64, Lane)>,
    /// The last that was looked at.
    pub read: i64,
    /// Whether there may be more.
    pub more: bool,
}

/// A connection that one reads by at a time.
#[derive(Clone)]
pub struct Reader(Arc<Mutex<Connection>>);

impl Reader {
    /// Opens the store in `directory`.
    pub fn open(directory: &Path) -> anyhow::Result<Self> {
        let connection = store::open_to_read(directory)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Returns what is `wanted` of the next rows behind `after`.
    pub async fn behind(
        &self,
        after: i64,
        wanted: impl Fn(&Event) -> bool + Send + 'static,
    ) -> anyhow::Result<Found> {
        self.with(move |connection| behind(connection, after, wanted))
            .await
    }

    /// Returns a row's fact as it stands now.
    pub async fn fact(&self, row: i64) -> anyhow::Result<Option<Fact>> {
        self.with(move |connection| fact(connection, row)).await
    }

    /// Returns the journal's last row, 0 for none.
    pub async fn last(&self) -> anyhow::Result<i64> {
        self.with(last).await
    }

    /// Returns the journal's epoch.
    pub async fn epoch(&self) -> anyhow::Result<String> {
        self.with(|connection| {
            connection
                .query_row("SELECT value FROM meta WHERE key = 'epoch'", [], |row| {
                    row.get(0)
                })
                .context("reading the journal's epoch")
        })
        .await
    }

    async fn with<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let connection = self.0.clone();
        let read = tokio::task::spawn_blocking(move || {
            // Who panicked while reading left nothing half done.
            read(&connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        read.await.context("reading the journal failed")?
    }
}

/// Returns a row's fact as it stands now.
pub fn fact(connection: &Connection, row: i64) -> anyhow::Result<Option<Fact>> {
    connection
        .prepare_cached("SELECT fact FROM journal WHERE row = ?1")?
        .query_row([row], |row| project::fact(&row.get::<_, String>(0)?))
        .optional()
        .context("reading a fact from the journal")
}

/// Returns the journal's last row, 0 for none.
pub fn last(connection: &Connection) -> anyhow::Result<i64> {
    connection
        .query_row("SELECT coalesce(max(row), 0) FROM journal", [], |row| {
            row.get(0)
        })
        .context("reading the journal's last row")
}

fn behind(
    connection: &Connection,
    after: i64,
    wanted: impl Fn(&Event) -> bool,
) -> anyhow::Result<Found> {
    let mut statement = connection
        .prepare_cached("SELECT row, fact FROM journal WHERE row > ?1 ORDER BY row LIMIT ?2")?;
    let mut rows = statement.query([after, ROWS])?;
    let mut found = Found {
        rows: Vec::new(),
        read: after,
        more: false,
    };
    let mut count = 0;
    while let Some(row) = rows.next()? {
        found.read = row.get(0)?;
        count += 1;
        let fact = project::fact(&row.get::<_, String>(1)?)
            .with_context(|| format!("reading row {} of the journal", found.read))?;
        if wanted(&fact.event) {
            found.rows.push((found.read, message::lane(&fact)));
        }
    }
    found.more = count == ROWS;
    Ok(found)
}
