//! The sections of the configuration file, one struct each, with their defaults.

mod callback;
mod cobrowse;
mod consent;
mod files;
mod guard;
mod hooks;
mod hours;
mod house;
mod mail;
mod menu;
mod numbers;
mod recording;
mod replies;
mod retention;
mod routing;
mod siprec;
mod srtp;
mod stir;
mod tls;
mod toll;
mod trunk;
mod voice;
mod voicemail;
mod web;
mod web_rtc;
mod work;
mod zone;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ws::id::{MenuId, QueueId, TrunkId, ZoneId};

pub use callback::Callback;
pub use cobrowse::{Cobrowse, ZoneCobrowse};
pub use consent::{Consent, ListFile};
pub use files::Files;
pub use guard::SipGuard;
pub use hooks::Lookup;
pub use hours::Hours;
pub use house::{Admission, Dev, Drain, Log, LogFormat, Ops, Store};
pub use mail::{Mail, MailTls};
pub use menu::{Menu, Prompts};
pub use numbers::Numbers;
pub use recording::Recording;
pub use replies::Reply;
pub use retention::Retention;
pub use routing::{Priority, Relax};
pub use siprec::Siprec;
pub use srtp::{KeysName, SrtpName};
pub use stir::{TrunkStir, Verify};
pub use tls::Tls;
pub use toll::Toll;
pub use trunk::{Form, TrunkCaller, TrunkLimits, TrunkLogin, TrunkNumbers};
pub use voice::{CodecName, HoldName, Rtp, Sip, Transfer, Trunk, TrunkTransport};
pub use voicemail::Voicemail;
pub use web::Web;
pub use web_rtc::WebRtc;
pub use work::{Agents, Outbound, Queue, Work};
pub use zone::{Invite, Zone, zone_greeting};

pub use hooks::Webhook;

/// Everything that can be configured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The website side: widget, console, API.
    pub web: Web,
    /// The telephone side.
    pub sip: Sip,
    /// Voice packets.
    pub rtp: Rtp,
    /// Calls in the browser.
    pub web_rtc: WebRtc,
    /// Certificates by name.
    #[serde(default)]
    pub tls: Tls,
    /// The listener for operations.
    pub ops: Ops,
    /// Where things are kept.
    pub store: Store,
    /// How long what is personal is kept.
    pub retention: Retention,
    /// What may be shared in chats.
    pub files: Files,
    /// What is logged.
    pub log: Log,
    /// When new work is refused.
    pub admission: Admission,
    /// How long a stop may take.
    pub drain: Drain,
    /// Agents as they are when nothing else is said of them.
    pub agents: Agents,
    /// Deadlines of work.
    pub work: Work,
    /// What moves those who wait forward.
    pub priority: Priority,
    /// How numbers are written.
    pub numbers: Numbers,
    /// Calls to customers.
    pub outbound: Outbound,
    /// How far and how often calls leave the house.
    pub toll: Toll,
    /// Where calls may be handed on to.
    pub transfer: Transfer,
    /// How calls are recorded.
    pub recording: Recording,
    /// How callers leave messages.
    pub voicemail: Voicemail,
    /// The recorders outside that recordings are sent to.
    pub siprec: Siprec,
    /// How promised calls are made.
    pub callback: Callback,
    /// Who may be contacted.
    pub consent: Consent,
    /// How visitors' pages are seen together.
    pub cobrowse: Cobrowse,
    /// Who is asked what they know of who comes.
    pub lookup: Lookup,
    /// How mails to customers are sent.
    pub mail: Mail,
    /// Development mode.
    pub dev: Dev,
    /// When somebody is there, by name.
    pub hours: BTreeMap<String, Hours>,
    /// Where work waits, by name.
    pub queue: BTreeMap<QueueId, Queue>,
    /// What callers are asked first, by name.
    pub menu: BTreeMap<MenuId, Menu>,
    /// Recordings that callers hear, by name.
    pub prompt: Prompts,
    /// Parts of websites, by name.
    pub zone: BTreeMap<ZoneId, Zone>,
    /// Who is told what happens, by name.
    pub webhook: BTreeMap<String, Webhook>,
    /// Replies that agents insert, by name.
    pub replies: BTreeMap<String, Reply>,
    /// PBXs and carriers, by name.
    pub trunk: BTreeMap<TrunkId, Trunk>,
}
