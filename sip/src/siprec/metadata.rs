//! The metadata of one recording session: one communication session with its participants, and a stream of each (RFC 7865).

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::xml::Xml;
use crate::message::SessionId;

const NAMESPACE: &str = "urn:ietf:params:xml:ns:recording:1";
/// The namespace of our own element, by which a recording is found again in the house that made the call.
const OURS: &str = "urn:tandem:recording:1";

/// A UUID, written in base64 (RFC 7865 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UniqueId(pub u128);

impl fmt::Display for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0.to_be_bytes()))
    }
}

/// All that a recorder is told of a call at a time; always whole, never what changed alone. Times are in milliseconds since
/// 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// What belongs to one matter.
    pub group: UniqueId,
    /// The call.
    pub session: UniqueId,
    /// Its Session-ID (RFC 7989).
    pub sip_session: SessionId,
    /// The recording, as our own element names it.
    pub recording: String,
    /// When it began to be recorded.
    pub since: u64,
    /// When that ended.
    pub until: Option<u64>,
    /// Who is, and was, in it.
    pub participants: Vec<Participant>,
}

/// One of those who speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Stays the same while the recording session lasts.
    pub id: UniqueId,
    /// The address of record, a URI.
    pub aor: String,
    /// As people call them; may be empty.
    pub name: String,
    /// When they came.
    pub since: u64,
    /// When they left.
    pub until: Option<u64>,
    /// Their stream; none where there was no room for one.
    pub stream: Option<Heard>,
}

/// What is heard of a participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Stays the same while the recording session lasts.
    pub id: UniqueId,
    /// The `a=label` of its media line (RFC 4574).
    pub label: String,
    /// Whether they are heard now: not while they are put on hold, or the recording is paused.
    pub on: bool,
}

impl Metadata {
    /// Writes the document.
    pub fn write(&self) -> String {
        let mut xml = Xml::new();
        xml.begin("recording", &[("xmlns", NAMESPACE)]);
        xml.text("datamode", &[], "complete");
        let (group, session) = (self.group.to_string(), self.session.to_string());
        xml.begin("group", &[("group_id", &group)]);
        xml.text("associate-time", &[], &time(self.since));
        xml.end();
        self.session(&mut xml, &group, &session);
        for one in &self.participants {
            one.introduce(&mut xml);
        }
        for stream in self.streams() {
            let id = stream.id.to_string();
            let names = [("stream_id", id.as_str()), ("session_id", &session)];
            xml.begin("stream", &names);
            xml.text("label", &[], &stream.label);
            xml.end();
        }
        xml.begin("sessionrecordingassoc", &[("session_id", &session)]);
        stay(&mut xml, self.since, self.until);
        xml.end();
        for one in &self.participants {
            let id = one.id.to_string();
            let names = [("participant_id", id.as_str()), ("session_id", &session)];
            xml.begin("participantsessionassoc", &names);
            stay(&mut xml, one.since, one.until.or(self.until));
            xml.end();
        }
        for one in &self.participants {
            self.associate(&mut xml, one);
        }
        xml.finish()
    }

    fn session(&self, xml: &mut Xml, group: &str, session: &str) {
        xml.begin("session", &[("session_id", session)]);
        let local = self.sip_session;
        let remote = SessionId::NIL;
        xml.text("sipSessionID", &[], &format!("{local};remote={remote}"));
        xml.text("group-ref", &[], group);
        xml.text("start-time", &[], &time(self.since));
        if let Some(until) = self.until {
            xml.text("stop-time", &[], &time(until));
        }
        xml.begin("tandem", &[("xmlns", OURS)]);
        xml.text("interaction", &[], &local.to_string());
        xml.text("recording", &[], &self.recording);
        xml.end();
        xml.end();
    }

    // Everybody in the call hears everybody else who is heard.
    fn associate(&self, xml: &mut Xml, one: &Participant) {
        let Some(own) = &one.stream else { return };
        let id = one.id.to_string();
        xml.begin("participantstreamassoc", &[("participant_id", &id)]);
        let there = one.until.or(self.until).is_none();
        if there && own.on {
            xml.text("send", &[], &own.id.to_string());
        }
        let others = self
            .streams()
            .filter(|other| other.on && other.id != own.id);
        for other in others.filter(|_| there) {
            xml.text("recv", &[], &other.id.to_string());
        }
        stay(xml, one.since, one.until.or(self.until));
        xml.end();
    }

    fn streams(&self) -> impl Iterator<Item = &Heard> {
        self.participants
            .iter()
            .filter_map(|one| one.stream.as_ref())
    }
}

impl Participant {
    fn introduce(&self, xml: &mut Xml) {
        let id = self.id.to_string();
        xml.begin("participant", &[("participant_id", &id)]);
        xml.begin("nameID", &[("aor", &self.aor)]);
        if !self.name.is_empty() {
            // RFC 7865 §6.5.1 asks for a language; nobody said one.
            xml.text("name", &[("xml:lang", "und")], &self.name);
        }
        xml.end();
        xml.end();
    }
}

fn stay(xml: &mut Xml, since: u64, until: Option<u64>) {
    xml.text("associate-time", &[], &time(since));
    if let Some(until) = until {
        xml.text("disassociate-time", &[], &time(until));
    }
}

/// Writes a moment as RFC 3339 does, in UTC.
pub(super) fn time(millis: u64) -> String {
    let (seconds, millis) = (millis / 1000, millis % 1000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

// Years begin in March here, so that the day that some lack is their last. An era has 400 years.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year + later, month, date)
}
