//! What a visitor's page shows, on its way to who looks: card numbers are taken out once more, whatever the recorder did,
//! and its times become ours, because visitors' clocks are wrong.

use std::borrow::Cow;

use hub::redact::redact;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use ws::{
    cobrowse::SheetPart,
    frame::{Code, Refusal},
    id::{SheetName, Timestamp},
};

/// What stands before the name of a style sheet where its text would stand.
const NAMED: &str = "sheet:";
/// Fields in which digits mean something else, but for those in quotes: rules of style sheets.
const STYLE: [&str; 2] = ["_cssText", "cssText"];

/// Cleans a JSON array of events; the last of them happened `now`.
pub fn clean(text: &str, now: Timestamp) -> Result<String, Refusal> {
    let refuse = |text: &str| Refusal {
        code: Code::Malformed,
        text: text.to_owned(),
    };
    let read: Result<Vec<Map<String, Value>>, _> = serde_json::from_str(text);
    let mut events =
        read.map_err(|error| refuse(&format!("a batch is an array of events: {error}")))?;
    let Some(last) = events.iter().filter_map(time).max() else {
        return Err(refuse("a batch has at least one event with a timestamp"));
    };
    for event in &mut events {
        let ago = last.saturating_sub(time(event).unwrap_or(last));
        let at = now.0.saturating_sub(ago);
        event.insert("timestamp".to_owned(), at.into());
        event.values_mut().for_each(clean_value);
    }
    serde_json::to_string(&events).map_err(|error| refuse(&error.to_string()))
}

/// Cleans a whole style sheet that is what its name says. Its name stays that of what was sent: the page knows no other.
pub fn named(mut sheet: SheetPart) -> Result<SheetPart, Refusal> {
    if SheetName::new(Sha256::digest(&sheet.text).into()) == sheet.sheet {
        if let Cow::Owned(clean) = clean_style(&sheet.text) {
            sheet.text = clean;
        }
        return Ok(sheet);
    }
    Err(Refusal {
        code: Code::Malformed,
        text: "a style sheet's name is the SHA-256 of its text".to_owned(),
    })
}

fn is_name(text: &str) -> bool {
    let name = text.strip_prefix(NAMED);
    name.is_some_and(|name| name.parse::<SheetName>().is_ok())
}

fn time(event: &Map<String, Value>) -> Option<u64> {
    event.get("timestamp")?.as_u64()
}

// JSON is read with a bound on its depth, so this ends.
fn clean_value(value: &mut Value) {
    match value {
        // The digits of a name are no card's.
        Value::String(text) if is_name(text) => {}
        Value::String(text) => {
            if let Cow::Owned(clean) = redact(text) {
                *text = clean;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(clean_value),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(rules) if STYLE.contains(&name.as_str()) => {
                        if let Cow::Owned(clean) = clean_style(rules) {
                            *rules = clean;
                        }
                    }
                    value => clean_value(value),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

// Only what stands in quotes is ever read by anybody; a picture there is no text.
fn clean_style(css: &str) -> Cow<'_, str> {
    let mut clean = String::new();
    let mut kept = 0;
    let mut from = 0;
    while let Some((start, end)) = quoted(css, from) {
        from = end + 1;
        let text = &css[start..end];
        if text.starts_with("data:") {
            continue;
        }
        if let Cow::Owned(redacted) = redact(text) {
            clean.push_str(&css[kept..start]);
            clean.push_str(&redacted);
            kept = end;
        }
    }
    if kept == 0 {
        return Cow::Borrowed(css);
    }
    clean.push_str(&css[kept..]);
    Cow::Owned(clean)
}

// The next text in quotes, without them; an escaped quote neither begins nor ends one.
fn quoted(css: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = css.as_bytes();
    let mut start = None;
    let mut at = from;
    while at < bytes.len() {
        match (bytes[at], start) {
            (b'\\', _) => at += 1,
            (quote @ (b'"' | b'\''), None) => start = Some((at + 1, quote)),
            (end, Some((start, quote))) if end == quote => return Some((start, at)),
            (_, None | Some(_)) => {}
        }
        at += 1;
    }
    start.map(|(start, _)| (start, bytes.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_400_000_000);

    #[test]
    fn card_numbers_go_and_times_become_ours() {
        let text = r#"[{"type":4,"data":{"href":"https://shop.example/"},"timestamp":5},
            {"type":3,"data":{"source":0,"texts":[{"id":4111111111111111,"value":"4111 1111 1111 1111"}]},"timestamp":25}]"#;

        let clean: Value = serde_json::from_str(&clean(text, NOW).unwrap()).unwrap();

        assert_eq!(clean[0]["timestamp"], NOW.0 - 20);
        assert_eq!(clean[1]["timestamp"], NOW.0);
        let said = &clean[1]["data"]["texts"][0];
        assert_eq!(said["value"], "[card ending 1111]");
        assert_eq!(said["id"], 4_111_111_111_111_111_u64);
    }

    #[test]
    fn a_style_sheet_goes_by_the_hash_of_its_text_only() {
        let sheet = |sheet: &str, text: &str| SheetPart {
            stream: "s".to_owned(),
            sheet: sheet.parse().unwrap(),
            at: 0,
            of: 1,
            text: text.to_owned(),
        };
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

        assert_eq!(named(sheet(abc, "abc")), Ok(sheet(abc, "abc")));
        assert_eq!(named(sheet(abc, "abd")).unwrap_err().code, Code::Malformed);
    }

    #[test]
    fn card_numbers_in_quotes_leave_style_sheets_and_other_digits_stay() {
        let rules = |card: &str| {
            format!(
                ".a::after {{ content: \"{card}\"; width: 4111111111111111px }} \
                 .b\\\"c {{ background: url('data:image/png;base64,4111111111111111') }} .d {{ --e: 'x\\' {card}' }} \"{card}"
            )
        };
        let (raw, clean_rules) = (rules("4111 1111 1111 1111"), rules("[card ending 1111]"));
        let name = SheetName::new(Sha256::digest(&raw).into());
        let sheet = SheetPart {
            stream: "s".to_owned(),
            sheet: name,
            at: 0,
            of: 1,
            text: raw.clone(),
        };

        let sent = named(sheet).unwrap();
        assert_eq!((sent.sheet, sent.text), (name, clean_rules.clone()));

        let batch = serde_json::json!([{ "data": { "_cssText": raw }, "timestamp": 5 }]);
        let clean: Value = serde_json::from_str(&clean(&batch.to_string(), NOW).unwrap()).unwrap();
        assert_eq!(clean[0]["data"]["_cssText"], clean_rules);
    }

    #[test]
    fn a_name_stays_as_it_is_whatever_digits_it_has() {
        let card = format!("{}4111111111111111{}", "a".repeat(24), "b".repeat(24));
        let text = format!(
            r#"[{{"type":3,"data":{{"rules":"sheet:{card}","said":"sheet: 4111111111111111"}},"timestamp":5}}]"#
        );

        let clean: Value = serde_json::from_str(&clean(&text, NOW).unwrap()).unwrap();

        assert_eq!(clean[0]["data"]["rules"], format!("sheet:{card}"));
        assert_eq!(clean[0]["data"]["said"], "sheet: [card ending 1111]");
    }

    #[test]
    fn what_is_no_batch_is_refused() {
        let deep = "[".repeat(100_000);
        for text in ["", "{}", "[]", "[1]", r#"[{"type":1}]"#, &deep] {
            assert_eq!(clean(text, NOW).unwrap_err().code, Code::Malformed);
        }
    }
}
