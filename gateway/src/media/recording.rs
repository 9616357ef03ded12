//! Recordings of the house's own, said in place of those built in or beside them: WAV and Ogg Opus files of any usual
//! rate, brought to the telephone's when they are read.

mod file;

use std::{collections::BTreeMap, io::Read, path::Path, sync::Arc, time::Duration};

use sip::tone;

pub(super) use file::samples;

/// The longest recording, in seconds.
const LONGEST: u32 = 300;
/// How much of a file is read at most: the longest recording of two channels of 32 bits at 48 kHz, with room for what editors add.
const FILE: u64 = 8 * (LONGEST as u64) * 48_000 + 65_536;

/// Recordings by name, as samples at 8 kHz.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recordings(pub(super) BTreeMap<Arc<str>, Vec<i16>>);

impl Recordings {
    /// Reads a file and keeps it by a name.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the file, and what would be right.
    pub fn read(&mut self, name: &str, path: &Path) -> Result<(), String> {
        let at = path.display();
        let file = std::fs::File::open(path).map_err(|e| format!("{at} cannot be read: {e}"))?;
        let mut bytes = Vec::new();
        file.take(FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| format!("{at} cannot be read: {e}"))?;
        let longer = format!("{at} is longer than {LONGEST} seconds");
        if bytes.len() as u64 > FILE {
            return Err(longer);
        }
        let samples = samples(&bytes).map_err(|text| format!("{at} {text}"))?;
        if samples.len() as u64 > u64::from(LONGEST) * u64::from(tone::RATE) {
            return Err(longer);
        }
        self.0.insert(name.into(), samples);
        Ok(())
    }

    /// Returns how long each is.
    pub fn lengths(&self) -> impl Iterator<Item = (Arc<str>, Duration)> {
        let rate = u64::from(tone::RATE);
        self.0.iter().map(move |(name, samples)| {
            let ms = samples.len() as u64 * 1_000 / rate;
            (name.clone(), Duration::from_millis(ms))
        })
    }
}
