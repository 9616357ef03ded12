//! Whose turn it is to write to the journal. SQLite would let whoever comes second ask again and again; this wakes them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Held by one at a time.
#[derive(Clone, Debug, Default)]
pub struct Turn(Arc<Mutex<()>>);

impl Turn {
    /// Waits for it; it is given back when what is returned goes.
    pub fn wait(&self) -> MutexGuard<'_, ()> {
        // Who panicked while writing left nothing half done: the transaction is rolled back.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
