//! What another system says of who comes, read field by field: one that is odd is left out and named, the others are taken.

use std::collections::BTreeMap;

use anyhow::bail;
use hub::lookup::Found;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What an answer says, and the fields that were left out.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// What was taken, within its bounds.
    pub found: Found,
    /// The fields that are of the wrong kind or out of their bounds, by name.
    pub odd: Vec<&'static str>,
}

/// Reads an answer. An error when it is no JSON object.
pub fn read(body: &[u8]) -> anyhow::Result<Answer> {
    // What serde says may hold what is told of a person.
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(body) else {
        bail!("the answer is no JSON object");
    };
    let mut odd = Vec::new();
    let said = Found {
        name: take(&mut fields, "name", &mut odd),
        value: take(&mut fields, "value", &mut odd),
        external: ids(&mut fields, &mut odd),
        note: take(&mut fields, "note", &mut odd),
        agent: take(&mut fields, "agent", &mut odd),
        screen_pop: take(&mut fields, "screen_pop", &mut odd),
    }
    .cleaned();
    let found = said.clone().within_bounds();
    for (field, beyond) in [
        ("name", said.name != found.name),
        ("value", said.value != found.value),
        ("external", said.external != found.external),
        ("note", said.note != found.note),
        ("screen_pop", said.screen_pop != found.screen_pop),
    ] {
        if beyond && !odd.contains(&field) {
            odd.push(field);
        }
    }
    Ok(Answer { found, odd })
}

fn take<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    name: &'static str,
    odd: &mut Vec<&'static str>,
) -> Option<T> {
    let value = fields.remove(name).filter(|value| !value.is_null())?;
    let taken = serde_json::from_value(value).ok();
    if taken.is_none() {
        odd.push(name);
    }
    taken
}

// One id that is no text does not cost the ids of the other systems.
fn ids(fields: &mut Map<String, Value>, odd: &mut Vec<&'static str>) -> BTreeMap<String, String> {
    let said: Map<String, Value> = take(fields, "external", odd).unwrap_or_default();
    let said = said.into_iter().filter(|(_, id)| !id.is_null());
    let (texts, others): (Vec<_>, Vec<_>) = said.partition(|(_, id)| id.is_string());
    if !others.is_empty() {
        odd.push("external");
    }
    let texts = texts.into_iter();
    texts
        .filter_map(|(system, id)| Some((system, id.as_str()?.to_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_field_is_left_out_and_named_and_the_others_are_taken() {
        for (body, odd) in [
            (r#"{"name":"Ida","value":-1}"#, vec!["value"]),
            (r#"{"name":"Ida","value":"7"}"#, vec!["value"]),
            (r#"{"name":"Ida","value":7.0}"#, vec!["value"]),
            (r#"{"name":"Ida","value":10}"#, vec!["value"]),
            (
                r#"{"name":"Ida","external":{"crm":4711}}"#,
                vec!["external"],
            ),
            (r#"{"name":"Ida","external":[1]}"#, vec!["external"]),
            (
                r#"{"name":"Ida","note":7,"agent":{}}"#,
                vec!["note", "agent"],
            ),
            (
                r#"{"name":"Ida","screen_pop":"ftp://x"}"#,
                vec!["screen_pop"],
            ),
            (
                r#"{"name":"Ida","note":null,"external":null,"value":null}"#,
                vec![],
            ),
            (r#"{"name":"Ida","external":{"crm":null},"more":1}"#, vec![]),
        ] {
            let answer = read(body.as_bytes()).unwrap();

            let ida = Found {
                name: Some("Ida".to_owned()),
                ..Found::default()
            };
            assert_eq!(answer, Answer { found: ida, odd }, "{body}");
        }
    }

    #[test]
    fn an_id_that_is_no_text_does_not_cost_the_others() {
        let answer = read(br#"{"external":{"crm":4711,"shop":"12"}}"#).unwrap();

        assert_eq!(answer.found.external["shop"], "12");
        assert_eq!(answer.found.external.len(), 1);
        assert_eq!(answer.odd, ["external"]);
    }

    #[test]
    fn what_is_no_object_is_refused_without_its_words() {
        for body in ["[]", "\"Ida\"", "{\"name\":\"Ida\"", "", "null"] {
            let error = read(body.as_bytes()).unwrap_err();

            assert_eq!(format!("{error:#}"), "the answer is no JSON object");
        }
    }
}
