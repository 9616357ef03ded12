//! Texts of languages that are not built in: one file a language, such as `fr.json`, laid over the English texts by key.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value};

/// The longest file of texts, in bytes.
const LONGEST: u64 = 262_144;

/// Tells whether a name is a language of ISO 639: two small letters.
pub fn is_language(name: &str) -> bool {
    name.len() == 2 && name.bytes().all(|letter| letter.is_ascii_lowercase())
}

/// Reads one file of texts; one that is not there has none.
pub fn read(file: &Path) -> anyhow::Result<Map<String, Value>> {
    let found = match std::fs::metadata(file) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Map::new()),
        Err(error) => return Err(error).with_context(|| format!("reading {}", file.display())),
    };
    ensure!(
        found.len() <= LONGEST,
        "{} has {} bytes; at most {LONGEST} are read",
        file.display(),
        found.len()
    );
    let text =
        crate::files::read_text(file).with_context(|| format!("reading {}", file.display()))?;
    let texts: Map<String, Value> = serde_json::from_str(&text)
        .with_context(|| format!("{} is no JSON object of texts", file.display()))?;
    for (name, part) in &texts {
        let Value::Object(part) = part else {
            bail!(
                "{}: \"{name}\" must be an object of texts, such as {{\"start\": \"…\"}}",
                file.display()
            );
        };
        if let Some(key) = wrong(part) {
            bail!(
                "{}: \"{name}.{key}\" must be a text, a list of texts or an object of them",
                file.display()
            );
        }
    }
    Ok(texts)
}

// Where something stands that is no text.
fn wrong(part: &Map<String, Value>) -> Option<String> {
    part.iter().find_map(|(key, value)| match value {
        Value::Object(group) => wrong(group).map(|within| format!("{key}.{within}")),
        other => (!is_text(other)).then(|| key.clone()),
    })
}

fn is_text(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Array(each) => each.iter().all(is_text),
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_by_part_and_key_and_what_is_none_is_named() {
        let folder = std::env::temp_dir().join(format!("tandem-texts-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("fr.json");
        let told = |text: &str| {
            std::fs::write(&file, text).unwrap();
            read(&file).map_err(|error| format!("{error:#}"))
        };

        assert_eq!(read(&folder.join("it.json")).unwrap().len(), 0);
        let right = told(
            r#"{"widget": {"start": "Commencer", "scores": ["a", ["b"]], "refused": {"end": "x"}}}"#,
        );
        assert_eq!(right.unwrap()["widget"]["start"], "Commencer");
        for (text, named) in [
            ("{", "is no JSON object of texts"),
            ("[]", "is no JSON object of texts"),
            (
                r#"{"widget": "x"}"#,
                "\"widget\" must be an object of texts",
            ),
            (
                r#"{"widget": {"start": 7}}"#,
                "\"widget.start\" must be a text",
            ),
            (
                r#"{"widget": {"scores": [7]}}"#,
                "\"widget.scores\" must be a text",
            ),
            (
                r#"{"console": {"desk": {"title": null}}}"#,
                "\"console.desk.title\"",
            ),
        ] {
            let error = told(text).unwrap_err();
            assert!(
                error.contains(named) && error.contains("fr.json"),
                "{text}: {error}"
            );
        }
        let long = told(&format!(
            r#"{{"widget": {{"start": "{}"}}}}"#,
            "x".repeat(262_144)
        ));
        assert!(long.unwrap_err().contains("at most 262144 are read"));

        std::fs::remove_dir_all(&folder).unwrap();
    }
}
