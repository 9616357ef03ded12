//! What is kept beside the journal: tokens, sign-ins that were given back, answers by idempotency key, and how far webhooks are. A database of its own,
//! so that the journal's writer never waits for it.

pub mod answers;
pub mod sign_outs;
pub mod tokens;
pub mod webhooks;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;
use rusqlite::Connection;

/// The database's file in the store's directory.
pub(super) const FILE: &str = "api.db";

/// Opens it and makes what is missing.
pub fn open(directory: &Path) -> anyhow::Result<Connection> {
    super::make_directory(directory)?;
    let path = directory.join(FILE);
    crate::files::make_private(&path)?;
    let connection =
        Connection::open(&path).with_context(|| format!("opening {}", path.display()))?;
    connection.busy_timeout(super::BUSY)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216;
             PRAGMA secure_delete = ON;",
        )
        .and_then(|()| connection.execute_batch(include_str!("ledger.sql")))
        .with_context(|| format!("preparing {}", path.display()))?;
    Ok(connection)
}

/// A reading and a writing connection, each used by one at a time.
#[derive(Clone)]
pub struct Ledger {
    reader: Arc<Mutex<Connection>>,
    writer: Arc<Mutex<Connection>>,
}

impl Ledger {
    /// Opens the ledger in the store's directory.
    pub fn start(directory: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            writer: Arc::new(Mutex::new(open(directory)?)),
            reader: Arc::new(Mutex::new(open(directory)?)),
        })
    }

    /// Reads.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Connection) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        with(&self.reader, read).await
    }

    /// Writes; what was written is durable when this returns.
    pub async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut Connection) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        with(&self.writer, write).await
    }
}

async fn with<T: Send + 'static>(
    connection: &Arc<Mutex<Connection>>,
    work: impl FnOnce(&mut Connection) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let connection = connection.clone();
    let done = tokio::task::spawn_blocking(move || {
        // A statement that panicked left no half transaction: SQLite rolled it back.
        let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut connection)
    });
    done.await.context("work on the ledger failed")?
}
