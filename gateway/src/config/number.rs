//! What is said where a number does not stand that could: what was given, and which numbers would be right, of what.

/// Which numbers a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    least: u64,
    most: u64,
    /// Of what; empty where they count what the setting is named by.
    unit: &'static str,
}

const fn range(least: u64, most: u64, unit: &'static str) -> Range {
    Range { least, most, unit }
}

/// Every number there can be in a file.
const ANY: u64 = i64::MAX.unsigned_abs();

/// Settings that take fewer numbers than their type has, or that count what their key does not say; `*` stands for a name. The check
/// refuses what is beyond, and a test holds both against each other.
const NARROWER: [(&str, Range); 24] = [
    ("agents.chat_slots", range(1, 6, "")),
    ("agents.own.limit", range(1, ANY, "")),
    ("files.largest", range(1, 67_108_864, "bytes")),
    ("files.room", range(1, ANY, "bytes")),
    ("queue.*.limit", range(1, ANY, "")),
    ("queue.*.priority", range(0, 9, "points")),
    ("queue.*.skills.*", range(1, 10, "")),
    ("retention.call_notes", range(0, 4_294_967_295, "days")),
    ("retention.call_persons", range(0, 4_294_967_295, "days")),
    ("retention.call_recordings", range(0, 4_294_967_295, "days")),
    ("retention.chat_messages", range(0, 4_294_967_295, "days")),
    ("retention.chat_notes", range(0, 4_294_967_295, "days")),
    ("retention.chat_persons", range(0, 4_294_967_295, "days")),
    ("retention.customer_notes", range(0, 4_294_967_295, "days")),
    ("retention.customers", range(0, 4_294_967_295, "days")),
    ("sip.calls", range(1, ANY, "")),
    ("sip.connections", range(1, ANY, "")),
    ("web.body", range(4_096, 16_777_216, "bytes")),
    ("web.connections", range(1, ANY, "")),
    ("web.frame", range(16_384, 16_777_216, "bytes")),
    ("web.sockets", range(1, ANY, "")),
    ("work.misses", range(1, 255, "")),
    ("zone.*.priority", range(0, 9, "points")),
    ("zone.*.skills.*", range(1, 10, "")),
];

/// Returns the sentence for what the parser says of the value of `key`; nothing where it is about no number.
pub(super) fn sentence(message: &str, key: &str) -> Option<String> {
    let (given, expected) = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))?
        .rsplit_once(", expected ")?;
    let most = match expected {
        "u8" => u8::MAX.into(),
        "u16" => u16::MAX.into(),
        "u32" => u32::MAX.into(),
        "u64" | "usize" => ANY,
        _ => return None,
    };
    let narrower = NARROWER.iter().find(|(pattern, _)| fits(pattern, key));
    let taken = narrower.map_or(range(0, most, ""), |(_, range)| *range);
    let right = taken.words();
    let text = given
        .strip_prefix("string \"")
        .and_then(|text| text.strip_suffix('"'));
    let integer = given
        .strip_prefix("integer `")
        .and_then(|number| number.strip_suffix('`'));
    Some(match (text, integer) {
        (Some(text), _) if text.parse::<u64>().is_ok() => {
            format!("\"{text}\" is a text; write {right}, without quotes")
        }
        (Some(text), _) => format!("\"{text}\" is no number; write {right}"),
        (None, Some(number)) if number.starts_with('-') => {
            format!("{number} is too small; write {right}")
        }
        (None, Some(number)) => format!("{number} is too large; write {right}"),
        (None, None) => {
            let given = given.replace("floating point ", "").replace('`', "");
            format!("{given} is no whole number; write {right}")
        }
    })
}

impl Range {
    fn words(self) -> String {
        let of = match self.unit {
            "" => String::new(),
            unit => format!(" of {unit}"),
        };
        match (self.least, self.most) {
            (least, ANY) => format!("a whole number{of}, {least} or more"),
            (least, most) => format!("a whole number{of} from {least} to {most}"),
        }
    }
}

fn fits(pattern: &str, key: &str) -> bool {
    let (mut pattern, mut key) = (pattern.split('.'), key.split('.'));
    loop {
        match (pattern.next(), key.next()) {
            (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(part), Some(name)) if part == name => {}
            (Some(_) | None, Some(_) | None) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::load;

    const NAMED: &str =
        "[zone.x]\nqueue = \"x\"\n[queue.x]\n[trunk.x]\ntarget = \"192.0.2.1:5060\"\n";

    // The setting by the environment, which goes over the file.
    fn given(key: &str, value: &str) -> Result<(), String> {
        let name = format!("TANDEM_{}", key.replace('.', "__").to_uppercase());
        let set = load(NAMED, &[(name.as_str(), value)]);
        set.map(drop).map_err(|fault| fault.to_string())
    }

    #[test]
    fn what_is_said_to_be_too_small_or_too_large_is_refused_and_what_is_not_is_taken() {
        for (pattern, range) in NARROWER {
            let key = pattern.replace('*', "x");
            for (number, taken) in [
                (range.least.checked_sub(1), false),
                // What sockets need connections for, and the room of a largest file, have rules besides.
                (Some(range.least).filter(|_| range.least > 1), true),
                (Some(range.most).filter(|most| *most < 1_000_000_000), true),
                (Some(range.most + 1).filter(|over| *over <= ANY), false),
            ] {
                let Some(number) = number else { continue };
                let said = given(&key, &number.to_string());
                assert_eq!(said.is_ok(), taken, "{key} = {number}: {said:?}");
            }
        }
    }

    // Every setting that is a number, by its key.
    fn numbers(of: &toml::Table, before: &str, found: &mut Vec<String>) {
        for (name, value) in of {
            match value {
                toml::Value::Integer(_) => found.push(format!("{before}{name}")),
                toml::Value::Table(inner) => numbers(inner, &format!("{before}{name}."), found),
                _ => {}
            }
        }
    }

    #[test]
    fn of_every_setting_that_is_a_number_it_is_told_which_would_be_right() {
        let whole = toml::Table::try_from(load(NAMED, &[]).unwrap()).unwrap();
        let mut keys = Vec::new();
        numbers(&whole, "", &mut keys);
        assert!(keys.len() > 40, "{keys:?}");

        for key in keys {
            for value in ["many", "-1", "1.5", "true", "\"7\""] {
                let said = given(&key, value).unwrap_err();
                let is_told = said.contains("; write a whole number") && said.contains(&key);
                assert!(is_told, "{key} = {value}: {said}");
            }
        }
    }

    #[test]
    fn the_sentence_names_what_was_given_the_range_and_the_unit() {
        for (message, key, sentence) in [
            (
                "invalid type: string \"many\", expected u16",
                "trunk.a.weight",
                "\"many\" is no number; write a whole number from 0 to 65535",
            ),
            (
                "invalid type: string \"3\", expected u8",
                "agents.chat_slots",
                "\"3\" is a text; write a whole number from 1 to 6, without quotes",
            ),
            (
                "invalid value: integer `-1`, expected u32",
                "retention.customers",
                "-1 is too small; write a whole number of days from 0 to 4294967295",
            ),
            (
                "invalid value: integer `256`, expected u8",
                "agents.call_weight",
                "256 is too large; write a whole number from 0 to 255",
            ),
            (
                "invalid type: floating point `1.5`, expected usize",
                "sip.calls",
                "1.5 is no whole number; write a whole number, 1 or more",
            ),
            (
                "invalid type: boolean `true`, expected u8",
                "queue.b.priority",
                "boolean true is no whole number; write a whole number of points from 0 to 9",
            ),
        ] {
            assert_eq!(super::sentence(message, key).as_deref(), Some(sentence));
        }
        assert_eq!(
            super::sentence("invalid type: integer `5`, expected a string", "web.listen"),
            None
        );
    }
}
