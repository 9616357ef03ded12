//! An interaction as a vCon, the IETF's container for conversations (draft-ietf-vcon-vcon-core-03): who took part, what
//! was said in which call and chat, and the whole record as a report about it.

mod parties;
mod staff;
mod talk;

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hub::event::LegCause;
use serde_json::{Value, json};
use ws::{
    cobrowse::Act,
    id::{InteractionId, Timestamp},
    timeline::{Entry, What},
};

pub use self::staff::Staff;
use self::{
    parties::Parties,
    talk::{Talk, is_customers_call, talks},
};
use super::{rfc3339, uuid};
use crate::store::record::{LegRecord, Record, RecordingRecord};

/// The version of the draft's syntax.
const SYNTAX: &str = "0.4.0";
/// What the report's body is called; it is what `/api/v1/interactions/{id}` gives.
const SCHEMA: &str = "tandem-record-1";

/// Returns the unsigned form, as of `now`, with what `staff` says of agents. `site` is where the house is reached from outside;
/// nothing where it is not told.
pub fn vcon(record: &Record, staff: &Staff, now: Timestamp, site: &str) -> Value {
    let mut parties = Parties::new(record, staff);
    let mut dialog: Vec<(Timestamp, Value)> = Vec::new();
    let mut attachments = Vec::new();
    for part in whole(record) {
        for entry in &part.timeline {
            dialog.extend(message(entry, &mut parties));
            attachments.extend(file(entry, &mut parties));
            attachments.extend(suggested(entry, &mut parties));
        }
        let talks = talks(part);
        dialog.extend(talks.iter().map(|talk| call(part, talk, &mut parties)));
        for leg in part.legs.iter().filter(|leg| is_customers_call(leg)) {
            if talks.iter().all(|talk| talk.customer != leg.leg) {
                dialog.extend(not_connected(part, leg));
            }
        }
        for recording in &part.recordings {
            let with = heard(part, recording, &talks, &mut parties);
            dialog.extend(recorded(part, recording, &with, site));
        }
    }
    dialog.sort_by_key(|(start, _)| *start);
    let all: Vec<usize> = (0..dialog.len()).collect();
    let dialog: Vec<Value> = dialog.into_iter().map(|(_, dialog)| dialog).collect();
    let mut report = json!({
        "type": "report",
        "vendor": "Tandem",
        "product": concat!("tandem ", env!("CARGO_PKG_VERSION")),
        "schema": SCHEMA,
        "mediatype": "application/json",
        "encoding": "json",
        "body": record,
    });
    if !all.is_empty() {
        report["dialog"] = json!(all);
    }
    json!({
        "vcon": SYNTAX,
        "uuid": uuid(&record.interaction),
        "created_at": rfc3339(record.opened_at),
        "updated_at": rfc3339(now),
        "parties": parties.all,
        "dialog": dialog,
        "analysis": [report],
        "attachments": attachments,
    })
}

// The record, and those that are part of its matter.
fn whole(record: &Record) -> Vec<&Record> {
    let mut all = vec![record];
    all.extend(record.merged.iter().flat_map(whole));
    all
}

/// The place of the customer among the parties.
const CUSTOMER: usize = 0;

fn message(entry: &Entry, parties: &mut Parties<'_>) -> Option<(Timestamp, Value)> {
    let (from, text, id, of) = match &entry.what {
        What::Message { from, mid, text } => (from, text, json!(mid), None),
        // What it said before stands in its place.
        What::Edited { by, of, text } => (by, text, json!(entry.seq), Some(of)),
        What::File { .. }
        | What::Deleted { .. }
        | What::Queued { .. }
        | What::Held { .. }
        | What::CallbackOffered
        | What::Joined { .. }
        | What::Paused { .. }
        | What::Resumed { .. }
        | What::Left { .. }
        | What::Call { .. }
        | What::Callback { .. }
        | What::Ended { .. }
        | What::RatingAsked { .. }
        | What::Rated { .. }
        | What::RatingDeclined
        | What::Cobrowse { .. } => return None,
    };
    let mut said = json!({
        "type": "text",
        "start": rfc3339(entry.at),
        "parties": parties.author(from),
        "mediatype": "text/plain",
        "body": text,
        "encoding": "none",
        "application": "chat",
        "message_id": id,
        "seq": entry.seq,
    });
    if let Some(of) = of {
        said["edits_seq"] = json!(of);
    }
    Some((entry.at, said))
}

// A file stands without content: it is kept for as long as what was said, and a container for good.
fn file(entry: &Entry, parties: &mut Parties<'_>) -> Option<Value> {
    if let What::Deleted { by, of } = &entry.what {
        return Some(json!({
            "purpose": "deleted message",
            "start": rfc3339(entry.at),
            "party": parties.author(by),
            "deletes_seq": of,
        }));
    }
    let What::File { from, file, .. } = &entry.what else {
        return None;
    };
    Some(json!({
        "purpose": "shared file",
        "start": rfc3339(entry.at),
        "seq": entry.seq,
        "party": parties.author(from),
        "mediatype": file.kind,
        "filename": file.name,
        "file": file.file,
        "bytes": file.bytes,
    }))
}

// A page that one side suggested to the other on a shared page.
fn suggested(entry: &Entry, parties: &mut Parties<'_>) -> Option<Value> {
    let What::Cobrowse {
        by,
        act: Act::Pushed { url, title },
    } = &entry.what
    else {
        return None;
    };
    Some(json!({
        "purpose": "suggested page",
        "start": rfc3339(entry.at),
        "seq": entry.seq,
        "party": parties.author(by),
        "mediatype": "text/uri-list",
        "encoding": "none",
        "body": url,
        "title": title,
    }))
}

// A call stands without content; what was recorded of it has a place of its own.
fn call(record: &Record, talk: &Talk, parties: &mut Parties<'_>) -> (Timestamp, Value) {
    let (mut with, history) = talk.history(record, parties);
    let legs = &record.legs;
    let leg = legs.iter().find(|leg| leg.leg == talk.customer);
    // The first is who began it.
    if leg.is_some_and(|leg| leg.cause != LegCause::Inbound) {
        with.swap(0, 1);
    }
    let mut dialog = json!({
        "type": "recording",
        "start": rfc3339(talk.since),
        "parties": with,
        "application": "voice",
        "session_id": session(record.interaction),
        "party_history": history,
    });
    if let Some(until) = talk.until(record) {
        dialog["duration"] = json!(until.since(talk.since).as_secs_f64());
    }
    (talk.since, dialog)
}

// Who is on which channel of a recording: whose leg it was on the left, whom they heard on the right, all of them where those are
// several. Nobody is on the right of what somebody said to a machine.
fn heard(
    record: &Record,
    recording: &RecordingRecord,
    talks: &[Talk],
    parties: &mut Parties<'_>,
) -> Value {
    let mut legs = record.legs.iter();
    let left = legs.find(|leg| leg.leg == recording.leg);
    let left = left.map_or(CUSTOMER, |leg| parties.of_leg(leg));
    let length = Duration::from_millis(recording.ms.unwrap_or_default());
    let began = recording.started_at;
    let ended = recording.ended_at.unwrap_or(began + length);
    let mut right: Vec<usize> = Vec::new();
    for talk in talks {
        let over = talk.until(record).is_some_and(|until| until <= began);
        if talk.since >= ended || over {
            continue;
        }
        let (with, _) = talk.history(record, parties);
        let fresh = with.into_iter().filter(|at| *at != left);
        right.extend(fresh.filter(|at| !right.contains(at)).collect::<Vec<_>>());
    }
    match right[..] {
        [] => json!([left]),
        [one] => json!([left, one]),
        [..] => json!([left, right]),
    }
}

// A recording lies outside: where it is asked for, and what proves that it is the same.
fn recorded(
    record: &Record,
    recording: &RecordingRecord,
    with: &Value,
    site: &str,
) -> Option<(Timestamp, Value)> {
    let (kind, ms, sum) = (
        recording.mediatype.as_ref()?,
        recording.ms?,
        recording.sha512.as_deref()?,
    );
    let digest: Vec<u8> = (0..sum.len() / 2)
        .filter_map(|at| u8::from_str_radix(sum.get(2 * at..2 * at + 2)?, 16).ok())
        .collect();
    let interaction = record.interaction;
    let url = format!(
        "{site}/api/v1/interactions/{interaction}/recordings/{}",
        recording.n
    );
    let mut dialog = json!({
        "type": "recording",
        "start": rfc3339(recording.started_at),
        "duration": ms as f64 / 1000.0,
        "parties": with,
        "mediatype": kind,
        "url": url,
        "content_hash": format!("sha512-{}", URL_SAFE_NO_PAD.encode(digest)),
        "session_id": session(interaction),
    });
    if recording.message_left_at.is_some() {
        dialog["application"] = json!("voicemail");
    }
    Some((recording.started_at, dialog))
}

fn not_connected(record: &Record, leg: &LegRecord) -> Option<(Timestamp, Value)> {
    let kind = leg.end_kind.as_deref()?;
    let dialog = json!({
        "type": "incomplete",
        "start": rfc3339(leg.started_at),
        "parties": [CUSTOMER],
        "application": "voice",
        "disposition": disposition(kind, leg.status),
        "session_id": session(record.interaction),
    });
    Some((leg.started_at, dialog))
}

// RFC 7989: our half of the Session-ID is the interaction.
fn session(interaction: InteractionId) -> Value {
    json!({ "local": interaction })
}

fn disposition(kind: &str, status: Option<u16>) -> &'static str {
    match (kind, status) {
        (_, Some(503)) => "congestion",
        ("busy", _) => "busy",
        ("no_answer", _) => "no-answer",
        ("normal" | "cancelled", _) => "hung-up",
        (_, _) => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        agents::{self, NewAgent, Role},
        project,
    };

    fn record() -> Record {
        let facts: Vec<_> = include_str!("../store/facts.jsonl")
            .lines()
            .map(|line| project::fact(line).unwrap())
            .filter(|fact| fact.interaction.is_some())
            .collect();
        Record::fold(&facts).unwrap()
    }

    fn container() -> Value {
        vcon(
            &record(),
            &Staff::default(),
            Timestamp(1_767_300_000_000),
            "https://hub.example",
        )
    }

    fn dialogs<'a>(vcon: &'a Value, kind: &str) -> Vec<&'a Value> {
        let all = vcon["dialog"].as_array().unwrap();
        all.iter().filter(|dialog| dialog["type"] == kind).collect()
    }

    #[test]
    fn the_interaction_is_the_container_and_its_people_are_the_parties() {
        let vcon = container();

        assert_eq!(vcon["uuid"], "0af76519-16cd-43dd-8448-eb211c80319c");
        assert_eq!(vcon["created_at"], "2026-01-01T00:00:04.000Z");
        let customer = &vcon["parties"][0];
        assert_eq!(customer["name"], "Ida Example");
        assert_eq!(customer["tel"], "+4930123456");
        assert_eq!(customer["validation"], "signed identity");
        assert_eq!(vcon["parties"][1]["name"], "Anna");
        assert_eq!(vcon["parties"][2]["name"], "greeter");
        assert_eq!(vcon["parties"][2]["role"], "program");
    }

    #[test]
    fn messages_and_calls_are_dialogs_in_the_order_of_time() {
        let vcon = container();

        let texts = dialogs(&vcon, "text");
        assert_eq!(texts.len(), 4);
        let edit = texts.iter().find(|text| text["edits_seq"].is_number());
        assert_eq!(edit.unwrap()["body"], "My parcel is late");
        assert_eq!(texts[0]["parties"], 0);
        assert_eq!(texts[0]["body"], "=where is my order?");
        assert_eq!(texts[1]["parties"], 1);
        let busy = dialogs(&vcon, "incomplete");
        assert_eq!(busy[0]["disposition"], "busy");
        let calls = dialogs(&vcon, "recording");
        assert_eq!(calls[0]["parties"], json!([1, 0]));
        assert_eq!(calls[0]["duration"], json!(3.0));
        assert_eq!(
            calls[0]["session_id"]["local"],
            "0af7651916cd43dd8448eb211c80319c"
        );
        let left = calls.iter().find(|call| call["application"] == "voicemail");
        assert_eq!(
            left.unwrap()["url"],
            "https://hub.example/api/v1/interactions/0af7651916cd43dd8448eb211c80319c/recordings/1"
        );
        let starts: Vec<_> = vcon["dialog"]
            .as_array()
            .unwrap()
            .iter()
            .map(|dialog| dialog["start"].as_str().unwrap())
            .collect();
        assert!(starts.is_sorted(), "{starts:?}");
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one line a fact")]
    fn a_call_that_was_given_to_a_colleague_is_a_dialog_with_each_and_tells_who_heard_whom_when() {
        let id = "0af7651916cd43dd8448eb211c80319c";
        let line = |at: u64, told: &str| {
            let told = told.replace('#', id);
            format!(r#"{{"at": {at}, "interaction": "{id}", {told}}}"#)
        };
        let leg = |at, n, party: &str, cause: &str| {
            let party = format!(
                r##""event": "leg_started", "leg": "#.{n}", "party": {party}, "cause": "{cause}", "parent": null"##
            );
            line(at, &party)
        };
        let ended = |at, n| {
            let cause = r#"{"kind": "normal", "status": null, "text": "over"}"#;
            line(
                at,
                &format!(r##""event": "leg_ended", "leg": "#.{n}", "cause": {cause}"##),
            )
        };
        let bridged = |at, b| {
            line(
                at,
                &format!(r##""event": "bridged", "a": "#.1", "b": "#.{b}""##),
            )
        };
        let step = |at, told: &str| line(at, &format!(r#""event": "in_call", {told}"#));
        let recording = |at, told: &str| line(at, &format!(r#""event": "recording", {told}"#));
        let lines = [
            line(
                0,
                r#""event": "opened", "channel": "voice", "queue": "support", "zone": null, "page": null, "customer": "00000000000000000000000000000001", "name": null"#,
            ),
            leg(
                0,
                1,
                r#"{"kind": "customer_phone", "number": "+4930100", "trunk": "pbx"}"#,
                "inbound",
            ),
            leg(
                0,
                2,
                r#"{"kind": "agent_phone", "agent": "anna"}"#,
                "outbound",
            ),
            bridged(1_000, 2),
            recording(
                1_000,
                r##""step": "started", "n": 1, "leg": "#.1", "by": {"party": "system"}"##,
            ),
            step(2_000, r#""step": "muted", "on": true"#),
            step(3_000, r#""step": "muted", "on": false"#),
            leg(
                4_000,
                3,
                r#"{"kind": "outside_phone", "number": "+4930200", "trunk": "pbx"}"#,
                "consult",
            ),
            step(
                4_000,
                r##""step": "consult_started", "agent": "anna", "to": {"number": "+4930200"}, "leg": "#.3""##,
            ),
            step(5_000, r##""step": "conference_joined", "leg": "#.3""##),
            ended(6_000, 2),
            bridged(6_000, 3),
            step(7_000, r#""step": "held", "on": true"#),
            step(8_000, r#""step": "held", "on": false"#),
            ended(9_000, 1),
            ended(9_001, 3),
            recording(
                9_001,
                r#""step": "stopped", "n": 1, "by": {"party": "system"}, "asked": false"#,
            ),
            recording(
                9_002,
                r#""step": "kept", "n": 1, "file": "a.ogg", "ms": 8001, "bytes": 9, "lost_ms": 0, "cut": false, "sha512": "ddaf""#,
            ),
        ];
        let facts: Vec<_> = lines
            .iter()
            .map(|line| project::fact(line).unwrap())
            .collect();
        let record = Record::fold(&facts).unwrap();

        let vcon = vcon(&record, &Staff::default(), Timestamp(10_000), "");

        let all = dialogs(&vcon, "recording").into_iter();
        let (files, calls): (Vec<_>, Vec<_>) = all.partition(|it| it["url"].is_string());
        assert_eq!(
            files[0]["parties"],
            json!([0, [1, 2]]),
            "the customer on one side, all whom they heard on the other"
        );
        let times = calls
            .iter()
            .map(|call| (&call["start"], &call["duration"], &call["parties"]));
        assert_eq!(
            times.collect::<Vec<_>>(),
            [
                (
                    &json!("1970-01-01T00:00:01.000Z"),
                    &json!(5.0),
                    &json!([0, 1, 2])
                ),
                (
                    &json!("1970-01-01T00:00:06.000Z"),
                    &json!(3.0),
                    &json!([0, 2])
                ),
            ]
        );
        let history = |call: &Value| {
            let events = call["party_history"].as_array().unwrap().iter();
            let each = events.map(|it| {
                let seconds = &it["time"].as_str().unwrap()[17..19];
                format!(
                    "{seconds} {} {}",
                    it["party"],
                    it["event"].as_str().unwrap()
                )
            });
            each.collect::<Vec<_>>()
        };
        assert_eq!(
            history(calls[0]),
            [
                "01 0 join",
                "01 1 join",
                "02 1 mute",
                "03 1 unmute",
                "04 0 hold",
                "05 0 unhold",
                "05 2 join",
                "06 2 drop",
                "06 1 drop"
            ]
        );
        assert_eq!(
            history(calls[1]),
            [
                "06 0 join",
                "06 2 join",
                "07 0 hold",
                "08 0 unhold",
                "09 2 drop",
                "09 0 drop"
            ]
        );
        assert_eq!(vcon["parties"][0]["tel"], "+4930100");
        assert_eq!(vcon["parties"][2]["tel"], "+4930200");
        assert_eq!(dialogs(&vcon, "incomplete").len(), 0);
    }

    fn on_record(agent: &str, name: &str, extension: Option<(&str, &str)>) -> NewAgent {
        NewAgent {
            agent: agent.parse().unwrap(),
            name: name.to_owned(),
            role: Role::Agent,
            skills: Default::default(),
            queues: Vec::new(),
            chat_slots: None,
            extension: extension
                .map(|(trunk, number)| (trunk.parse().unwrap(), number.parse().unwrap())),
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one line a fact")]
    fn agents_are_named_as_on_record_and_have_the_number_they_were_called_at() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let schema = include_str!("../store/schema.sql");
        connection.execute_batch(schema).unwrap();
        for agent in [
            on_record("anna", "Anna Berg", Some(("pbx_1", "204"))),
            on_record("ben", "Ben Tal", Some(("carrier", "+4930777"))),
            on_record("cora", "Cora", None),
            on_record("dora", "Dora", Some(("pbx_1", "205"))),
        ] {
            agents::add(&connection, &agent, "house", "a long password").unwrap();
        }
        let staff = Staff::of(&agents::all(&connection).unwrap());
        let id = "0af7651916cd43dd8448eb211c80319c";
        let leg = |n: u8, party: &str| {
            format!(
                r#"{{"at": 1, "interaction": "{id}", "event": "leg_started", "leg": "{id}.{n}", "party": {party}, "cause": "outbound", "parent": null}}"#
            )
        };
        let of_agent = |n, kind: &str, agent: &str| {
            leg(n, &format!(r#"{{"kind": "{kind}", "agent": "{agent}"}}"#))
        };
        let at_work = |event: &str| format!(r#"{{"at": 2, "interaction": "{id}", {event}}}"#);
        let lines = [
            format!(
                r#"{{"at": 0, "interaction": "{id}", "event": "opened", "channel": "voice", "queue": "support", "zone": null, "page": null, "customer": "00000000000000000000000000000001", "name": null}}"#
            ),
            leg(
                1,
                r#"{"kind": "customer_phone", "number": "+4930100", "trunk": "pbx"}"#,
            ),
            of_agent(2, "agent_phone", "anna"),
            of_agent(3, "agent_phone", "ben"),
            of_agent(4, "agent_phone", "cora"),
            of_agent(5, "agent_browser", "dora"),
            of_agent(6, "agent_phone", "gone"),
            at_work(&format!(
                r#""event": "bridged", "a": "{id}.1", "b": "{id}.2""#
            )),
            at_work(&format!(
                r#""event": "in_call", "step": "conference_joined", "leg": "{id}.3""#
            )),
            at_work(&format!(
                r#""event": "in_call", "step": "conference_joined", "leg": "{id}.4""#
            )),
            at_work(&format!(
                r#""event": "in_call", "step": "conference_joined", "leg": "{id}.5""#
            )),
            at_work(&format!(
                r#""event": "in_call", "step": "conference_joined", "leg": "{id}.6""#
            )),
        ];
        let facts = lines.map(|line| project::fact(&line).unwrap());

        let vcon = vcon(&Record::fold(&facts).unwrap(), &staff, Timestamp(9), "");

        let people = vcon["parties"].as_array().unwrap().iter().skip(1);
        let people = people.map(|it| (&it["name"], &it["uuid"], &it["tel"]));
        let (nothing, one) = (Value::Null, |text: &str| json!(text));
        let expected = [
            (
                one("Anna Berg"),
                one("anna"),
                one("204;phone-context=pbx-1"),
            ),
            (one("Ben Tal"), one("ben"), one("+4930777")),
            (one("Cora"), one("cora"), nothing.clone()),
            (one("Dora"), one("dora"), nothing.clone()),
            // Who is not on record any more is known by the id alone.
            (one("gone"), one("gone"), nothing),
        ];
        let expected = expected.iter().map(|(a, b, c)| (a, b, c));
        assert_eq!(people.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }

    #[test]
    fn a_suggested_page_is_attached_with_who_suggested_it() {
        let line = r#"{"seq": 7, "at": 1767225600000, "what": "cobrowse", "by": {"party": "customer"},
            "act": {"is": "pushed", "url": "https://shop.example/cart", "title": "My cart"}}"#;
        let mut entry: Entry = serde_json::from_str(line).unwrap();
        let staff = Staff::default();
        let mut parties = Parties::new(&record(), &staff);

        let page = suggested(&entry, &mut parties).unwrap();

        assert_eq!(page["purpose"], "suggested page");
        assert_eq!(page["mediatype"], "text/uri-list");
        assert_eq!(page["body"], "https://shop.example/cart");
        assert_eq!((&page["party"], &page["seq"]), (&json!(0), &json!(7)));
        if let What::Cobrowse { act, .. } = &mut entry.what {
            *act = Act::Drawn;
        }
        assert_eq!(suggested(&entry, &mut parties), None);
    }

    #[test]
    fn every_index_points_at_something_that_is_there() {
        let vcon = container();
        let parties = vcon["parties"].as_array().unwrap().len() as u64;
        let dialogs = vcon["dialog"].as_array().unwrap();

        for dialog in dialogs {
            let of = match &dialog["parties"] {
                Value::Array(all) => all.clone(),
                one => vec![one.clone()],
            };
            assert!(!of.is_empty(), "{dialog}");
            assert!(of.iter().all(|at| at.as_u64().unwrap() < parties));
        }
        let report = &vcon["analysis"][0];
        assert_eq!(
            report["dialog"].as_array().unwrap().len(),
            dialogs.len(),
            "the report is about all of it"
        );
        assert_eq!(report["body"]["outcome"], "solved");
        assert_eq!(report["vendor"], "Tandem");
    }
}
