//! Whether the disk takes what is written, as the threads that write find it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

/// Whether the disk takes what is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It does.
    Well,
    /// It refuses, for this reason.
    Refusing(String),
}

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The journal's writer.
    Journal,
    /// Who folds the tables.
    Tables,
}

/// Why each part cannot write, if it cannot.
type Complaints = [Option<String>; 2];

/// Where the parts say how they are; it is well when all of them are.
#[derive(Clone)]
pub struct Vitals {
    complaints: Arc<Mutex<Complaints>>,
    health: watch::Sender<Health>,
}

impl Vitals {
    /// Begins well.
    pub fn new() -> (Self, watch::Receiver<Health>) {
        let (health, seen) = watch::channel(Health::Well);
        let complaints = Arc::default();
        (Self { complaints, health }, seen)
    }

    /// Notes that a part cannot write; tells whether that is new.
    pub fn fall_ill(&self, part: Part, why: &str) -> bool {
        self.note(part, Some(why.to_owned()))
    }

    /// Notes that a part can write; tells whether that is new.
    pub fn recover(&self, part: Part) -> bool {
        self.note(part, None)
    }

    fn note(&self, part: Part, complaint: Option<String>) -> bool {
        let mut complaints = self.complaints();
        let before = std::mem::replace(&mut complaints[part as usize], complaint);
        let is_new = before.is_some() != complaints[part as usize].is_some();
        let why = complaints.iter().flatten().next().cloned();
        self.health.send_if_modified(|health| {
            let now = why.map_or(Health::Well, Health::Refusing);
            let before = std::mem::replace(health, now);
            before != *health
        });
        is_new
    }

    fn complaints(&self) -> std::sync::MutexGuard<'_, Complaints> {
        // One assignment leaves nothing half done.
        self.complaints
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_well_when_both_parts_are() {
        let (vitals, health) = Vitals::new();

        assert!(!vitals.recover(Part::Journal));
        assert!(vitals.fall_ill(Part::Tables, "full"));
        assert!(!vitals.fall_ill(Part::Tables, "full"));
        assert!(vitals.fall_ill(Part::Journal, "gone"));
        assert_eq!(*health.borrow(), Health::Refusing("gone".to_owned()));
        assert!(vitals.recover(Part::Journal));
        assert_eq!(*health.borrow(), Health::Refusing("full".to_owned()));
        assert!(vitals.recover(Part::Tables));
        assert_eq!(*health.borrow(), Health::Well);
    }
}
