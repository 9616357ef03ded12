//! Parts of websites: `[zone.NAME]`.

use std::collections::BTreeMap;

use hub::{form::Field, phrase::Phrase};
use serde::{Deserialize, Serialize};
use ws::id::{QueueId, Skill};

use super::ZoneCobrowse;
use crate::config::value::{Maybe, Origin, Span};

/// `[zone.NAME]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Where its chats wait.
    pub queue: QueueId,
    /// What else an agent must be able to do for who comes by it, with the least level, 1 to 10.
    #[serde(default)]
    pub skills: BTreeMap<Skill, u8>,
    /// Points that move who comes by it forward, 0 to 9.
    #[serde(default)]
    pub priority: u8,
    /// Its hours, beside those of its queue; open as the queue is without.
    #[serde(default)]
    pub hours: Maybe<String>,
    /// The widget's language where its script tag names none; that of the page without.
    #[serde(default)]
    pub language: Maybe<String>,
    /// What the widget is headed with.
    #[serde(default = "zone_title")]
    pub title: Phrase,
    /// What the widget says first.
    #[serde(default = "zone_greeting")]
    pub greeting: Phrase,
    /// What visitors are asked before a chat.
    #[serde(default)]
    pub form: Vec<Field>,
    /// When a page invites its visitor to a chat; the first whose conditions all hold.
    #[serde(default)]
    pub invite: Vec<Invite>,
    /// The paths it is for, where `*` stands for anything; every page without any.
    #[serde(default)]
    pub pages: Vec<String>,
    /// The visitors it is for, by their segments; everybody without any.
    #[serde(default)]
    pub segments: Vec<String>,
    /// Whether a segment counts only in an identity that the website signed.
    #[serde(default)]
    pub signed: bool,
    /// The websites it may be used on, beside `web.origins`.
    #[serde(default)]
    pub origins: Vec<Origin>,
    /// Whether visitors may write.
    #[serde(default = "yes")]
    pub chat: bool,
    /// Whether visitors may ask to be called now.
    #[serde(default = "yes")]
    pub call: bool,
    /// Whether visitors may call from the page, where `web_rtc.listen` is given.
    #[serde(default = "yes")]
    pub browser_call: bool,
    /// Whether visitors may ask to be called later.
    #[serde(default = "yes")]
    pub callback: bool,
    /// How its pages are seen together.
    #[serde(default)]
    pub cobrowse: ZoneCobrowse,
    /// What the website signs identities with (HS256), at least 32 bytes.
    #[serde(default)]
    pub identity_secret: String,
    /// A file that holds it.
    #[serde(default)]
    pub identity_secret_file: Maybe<String>,
    /// Who numbers the customers that it signs; zones of one issuer, or of none, share one numbering.
    #[serde(default)]
    pub identity_issuer: String,
}

impl Zone {
    /// Returns what a customer is known by whom the website calls `sub`.
    pub fn subject(&self, sub: &str) -> String {
        match self.identity_issuer.as_str() {
            "" => sub.to_owned(),
            issuer => format!("{issuer}:{sub}"),
        }
    }

    /// Returns what the website calls a customer; none for one that others number.
    pub fn own_id<'a>(&self, subject: &'a str) -> Option<&'a str> {
        match self.identity_issuer.as_str() {
            "" => Some(subject),
            issuer => subject.strip_prefix(issuer)?.strip_prefix(':'),
        }
    }
}

/// One rule by which a page invites its visitor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// What it says.
    pub text: Phrase,
    /// After how long on a page.
    #[serde(default = "at_once")]
    pub after: Span,
    /// How much of the page was scrolled through, in percent.
    #[serde(default)]
    pub scroll: u8,
    /// What the basket is worth at least, as the page tells it.
    #[serde(default)]
    pub cart: u32,
    /// The paths it is for, where `*` stands for anything; every page without any.
    #[serde(default)]
    pub pages: Vec<String>,
    /// The visitors it is for, as the page tells it; everybody without any.
    #[serde(default)]
    pub segments: Vec<String>,
}

const fn at_once() -> Span {
    Span::secs(0)
}

fn zone_title() -> Phrase {
    by_language("Talk to us", "Sprechen Sie mit uns")
}

/// Returns what a zone says first that says nothing else.
pub fn zone_greeting() -> Phrase {
    by_language("Hello! How can we help?", "Hallo! Wie können wir helfen?")
}

fn by_language(english: &str, german: &str) -> Phrase {
    let texts = [("en", english), ("de", german)];
    let texts = texts.map(|(lang, text)| (lang.to_owned(), text.to_owned()));
    Phrase::By(texts.into())
}

const fn yes() -> bool {
    true
}
