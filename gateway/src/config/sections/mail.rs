//! Mails to customers: `[mail]`.

use std::fmt;

use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};

use crate::{
    config::value::{Maybe, Span},
    mail::words::Language,
};

/// `[mail]`
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// The server that takes mails; none are sent without.
    pub server: Maybe<String>,
    /// Its port; that of the way of TLS when it is left out.
    pub port: Maybe<u16>,
    /// How what is sent is protected.
    pub tls: MailTls,
    /// Who signs its certificate, PEM; the system's authorities when it is left out.
    pub authority: Maybe<String>,
    /// Whether what is sent may be read on its way to it.
    pub private: bool,
    /// Whom we say we are.
    pub user: String,
    /// What proves it.
    pub password: String,
    /// A file that holds it.
    pub password_file: Maybe<String>,
    /// Whom mails are from.
    pub from: Maybe<Mailbox>,
    /// Who gets the answers.
    pub reply_to: Maybe<Mailbox>,
    /// What they are written in.
    pub language: Language,
    /// How long the server may take to take one.
    pub timeout: Span,
    /// How long what fails is tried again.
    pub give_up: Span,
    /// How long the link in a mail is good for.
    pub links: Span,
}

/// How a mail is protected on its way to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTls {
    /// By STARTTLS (RFC 3207), and nothing is sent without.
    #[default]
    Starttls,
    /// From the first byte on (RFC 8314).
    Implicit,
    /// Not at all.
    None,
}

impl MailTls {
    /// Returns the port that is usual for it.
    pub fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Implicit => 465,
            Self::None => 25,
        }
    }
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            server: Maybe(None),
            port: Maybe(None),
            tls: MailTls::default(),
            authority: Maybe(None),
            private: false,
            user: String::new(),
            password: String::new(),
            password_file: Maybe(None),
            from: Maybe(None),
            reply_to: Maybe(None),
            language: Language::default(),
            timeout: Span::secs(60),
            give_up: Span::secs(2 * 86_400),
            links: Span::secs(60 * 86_400),
        }
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("server", &self.server)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}
