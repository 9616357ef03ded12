//! The directory with texts of more languages: what is in it must be texts.

use std::path::Path;

use super::{Config, Fault, Lines};
use crate::config::texts::{is_language, read};

/// The languages that are built in, whose texts are not read.
const BUILT_IN: [&str; 2] = ["en", "de"];

/// Tells whether the widget speaks a language.
pub(super) fn speaks(config: &Config, lang: &str) -> bool {
    let given = |directory: &String| Path::new(directory).join(format!("{lang}.json")).is_file();
    BUILT_IN.contains(&lang) || is_language(lang) && config.web.texts.0.as_ref().is_some_and(given)
}

/// Reads every file once.
pub fn check(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let Some(directory) = &config.web.texts.0 else {
        return Ok(());
    };
    let wrong = |text: String| lines.fault(&["web", "texts"], text);
    let files = std::fs::read_dir(directory)
        .map_err(|error| wrong(format!("\"{directory}\" cannot be read: {error}")))?;
    for file in files.flatten() {
        let path = file.path();
        if path.extension().is_none_or(|kind| kind != "json") {
            continue;
        }
        let name = path.file_stem().and_then(|name| name.to_str());
        let lang = name.filter(|name| is_language(name)).ok_or_else(|| {
            wrong(format!(
                "{} is named by no language; name it by two letters of ISO 639, such as fr.json",
                path.display()
            ))
        })?;
        if BUILT_IN.contains(&lang) {
            return Err(wrong(format!(
                "{}: \"{lang}\" is built in, and its texts are not read",
                path.display()
            )));
        }
        read(&path).map_err(|error| wrong(format!("{error:#}")))?;
    }
    Ok(())
}
