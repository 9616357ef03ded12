//! How much of the disk shared files take together: counted once, kept up with, and counted anew after each sweep, since erasures
//! take files away beside it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::shelf::Shelf;

/// The bytes of all shared files, those on their way to the disk included.
#[derive(Debug, Default)]
pub struct Room {
    // Held while the folder is read, and for an addition; none until it was counted first.
    used: Mutex<Option<u64>>,
}

impl Room {
    /// Takes room for a file where all of them have `most` bytes; tells whether there was any. It may read the folder.
    pub fn take(&self, shelf: &Shelf, bytes: u64, most: u64) -> anyhow::Result<bool> {
        let mut known = self.used();
        let used = match *known {
            Some(used) => used,
            None => shelf.bytes()?,
        };
        let fits = used.checked_add(bytes).is_some_and(|all| all <= most);
        *known = Some(if fits { used + bytes } else { used });
        Ok(fits)
    }

    /// Gives the room of a file back that is not kept.
    pub fn give_back(&self, bytes: u64) {
        let mut known = self.used();
        *known = known.map(|used| used.saturating_sub(bytes));
    }

    /// Forgets what was counted: the next file counts anew.
    pub fn forget(&self) {
        *self.used() = None;
    }

    fn used(&self) -> MutexGuard<'_, Option<u64>> {
        // A number leaves nothing half done.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use ws::id::FileId;

    use super::*;

    #[test]
    fn files_take_no_more_room_than_all_have_and_give_it_back() {
        let folder = std::env::temp_dir().join(format!("tandem-room-{}", std::process::id()));
        let shelf = Shelf::of(&folder);
        shelf.keep(FileId::new(1).unwrap(), &[0; 60]).unwrap();
        let room = Room::default();

        assert!(
            !room.take(&shelf, 41, 100).unwrap(),
            "what lay there counts"
        );
        assert!(room.take(&shelf, 40, 100).unwrap());
        assert!(!room.take(&shelf, 1, 100).unwrap());
        assert!(!room.take(&shelf, u64::MAX, u64::MAX).unwrap());
        room.give_back(40);
        assert!(room.take(&shelf, 40, 100).unwrap());
        shelf.discard(FileId::new(1).unwrap()).unwrap();
        assert!(!room.take(&shelf, 1, 100).unwrap());
        room.forget();
        assert!(room.take(&shelf, 100, 100).unwrap(), "it is counted anew");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
