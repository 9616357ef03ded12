//! Recordings of calls: `[recording]`. Whose calls are recorded is said by each queue.

use std::{path::PathBuf, sync::Arc};

use hub::{recorder::RecorderSetup, recording::RecordingSetup};
use serde::{Deserialize, Serialize};

use super::Store;
use crate::{config::value::Maybe, recorder::Format};

/// `[recording]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recording {
    /// Where the files lie; `recordings` below the store when empty.
    pub path: Maybe<String>,
    /// What they are.
    pub format: Format,
    /// What customers hear before a call is recorded, announcements by name; nothing when empty.
    pub announcement: Vec<String>,
    /// Whether pressing 0 meanwhile, or within ten seconds after, keeps the call from being recorded.
    pub refusal: bool,
}

impl Default for Recording {
    fn default() -> Self {
        Self {
            path: Maybe(None),
            format: Format::default(),
            announcement: vec!["recorded".to_owned(), "refuse-recording".to_owned()],
            refusal: true,
        }
    }
}

impl Recording {
    /// Returns where the files lie.
    pub fn directory(&self, store: &Store) -> PathBuf {
        match &self.path.0 {
            Some(path) => PathBuf::from(path),
            None => store.path.join("recordings"),
        }
    }

    /// Returns what the hub is told.
    pub fn setup(&self, recorder: Option<Arc<RecorderSetup>>) -> RecordingSetup {
        let names = self.announcement.iter();
        RecordingSetup {
            announcement: names.map(|name| name.as_str().into()).collect(),
            refusal: self.refusal,
            recorder,
        }
    }
}
