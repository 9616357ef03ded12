//! Secrets that stand in files of their own, or are systemd credentials.

use std::path::{Path, PathBuf};

use crate::config::{fault::Fault, source::Lines, value::Maybe};

/// Fills `value` from the file it may stand in instead.
pub(super) fn secret(
    value: &mut String,
    file: &Maybe<String>,
    key: &[&str],
    lines: &Lines,
) -> Result<(), Fault> {
    let Some(file) = &file.0 else { return Ok(()) };
    if !value.is_empty() {
        return Err(lines.fault(key, "is given both here and by its _file key; give one"));
    }
    let path = credential(file).map_err(|text| lines.fault(key, text))?;
    let text = crate::files::read_text(&path)
        .map_err(|error| lines.fault(key, format!("{} cannot be read: {error}", path.display())))?;
    text.trim_end_matches(['\r', '\n']).clone_into(value);
    if value.is_empty() {
        return Err(lines.fault(key, format!("{} is empty", path.display())));
    }
    Ok(())
}

/// Returns the path `name` means: itself, or with `credential:` in front the systemd credential of that name.
pub fn credential(name: &str) -> Result<PathBuf, String> {
    let Some(name) = name.strip_prefix("credential:") else {
        return Ok(PathBuf::from(name));
    };
    let Some(directory) = std::env::var_os("CREDENTIALS_DIRECTORY") else {
        return Err(format!(
            "there are no systemd credentials; add LoadCredential={name}:PATH to the unit"
        ));
    };
    if name.is_empty() || name.contains('/') {
        return Err(format!("\"{name}\" is no name of a credential"));
    }
    Ok(Path::new(&directory).join(name))
}
