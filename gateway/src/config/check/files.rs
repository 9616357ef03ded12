//! Files: sizes that can be, and types that are known by their content.

use super::{Config, Fault, Lines};
use crate::sharing::kind::KINDS;

/// What is in memory while it is taken in, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;

pub(super) fn files(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let files = &config.files;
    if !(1..=LARGEST).contains(&files.largest) {
        let text = format!("must be from 1 to {LARGEST} bytes");
        return Err(lines.fault(&["files", "largest"], text));
    }
    if files.room < files.largest as u64 {
        let text = format!("{} bytes; must have room for a largest file", files.room);
        return Err(lines.fault(&["files", "room"], text));
    }
    let unknown = |kind: &&String| !KINDS.iter().any(|known| known.media == kind.as_str());
    if let Some(kind) = files.types.iter().find(unknown) {
        let known = KINDS.map(|known| known.media).join(", ");
        let text = format!("\"{kind}\" is not known by its content; there is {known}");
        return Err(lines.fault(&["files", "types"], text));
    }
    if files.enabled && files.types.is_empty() {
        let text = "no type is taken; name one, or set enabled = false";
        return Err(lines.fault(&["files", "types"], text));
    }
    Ok(())
}
