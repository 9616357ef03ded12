//! What a visitor's page shows, on its way to who looks: card numbers are taken out once more, whatever the recorder did,
//! and its times become ours, because visitors' clocks are wrong.

use hub::redact::redact;
use serde_json::{Map, Value};
use ws::{
    frame::{Code, Refusal},
    id::Timestamp,
};

/// Fields in which digits mean something else: rules of style sheets.
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

fn time(event: &Map<String, Value>) -> Option<u64> {
    event.get("timestamp")?.as_u64()
}

// JSON is read with a bound on its depth, so this ends.
fn clean_value(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let std::borrow::Cow::Owned(clean) = redact(text) {
                *text = clean;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(clean_value),
        Value::Object(fields) => {
            for (name, value) in fields {
                if !STYLE.contains(&name.as_str()) {
                    clean_value(value);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
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
    fn what_is_no_batch_is_refused() {
        let deep = "[".repeat(100_000);
        for text in ["", "{}", "[]", "[1]", r#"[{"type":1}]"#, &deep] {
            assert_eq!(clean(text, NOW).unwrap_err().code, Code::Malformed);
        }
    }
}
