//! What browsers and programs of others reach: `[web]`.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::config::value::{Maybe, Origin, Span};

/// `[web]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Web {
    /// Plain HTTP; leave it on loopback unless a proxy that ends TLS is in front.
    pub listen: Maybe<SocketAddr>,
    /// HTTPS, with `certificate` and `key_file`.
    pub listen_tls: Maybe<SocketAddr>,
    /// The certificate chain, PEM.
    pub certificate: Maybe<String>,
    /// Its key, PEM.
    pub key_file: Maybe<String>,
    /// Says that a proxy ends TLS in front of a plain listener that is not on loopback.
    pub behind_proxy: bool,
    /// Where customers reach this server, such as `https://hub.example`: links in mails begin so.
    pub url: Maybe<Origin>,
    /// The origins browsers reach this server by, such as `https://desk.example`; loopback names need no entry.
    pub origins: Vec<Origin>,
    /// How long an agent's credential is good for.
    pub agent_token: Span,
    /// How long a sign-in lasts at most, however often its credential is renewed; never less than one credential.
    pub sign_in: Span,
    /// How long a visitor's credential is good for.
    pub visitor_token: Span,
    /// The key that signs credentials; made in the store's directory if there is none.
    pub token_key_file: Maybe<String>,
    /// A directory with the texts of more languages than are built in, such as `fr.json`.
    pub texts: Maybe<String>,
    /// The most WebSockets at a time.
    pub sockets: usize,
    /// The most of them from one address.
    pub sockets_per_address: usize,
    /// The most TCP connections at a time, WebSockets included.
    pub connections: usize,
    /// The longest WebSocket frame in bytes; every client may send one of 16384.
    pub frame: usize,
    /// The longest request body in bytes.
    pub body: usize,
    /// How long a client may take for its request's header.
    pub header_time: Span,
    /// Logins an address or an agent may try in a minute.
    pub logins_per_minute: u32,
    /// Visitors an address may become in a minute.
    pub visitors_per_minute: u32,
    /// Chats an address may have mailed in an hour, and that may be mailed to one address.
    pub transcripts_per_hour: u32,
    /// Requests an address may make in a second.
    pub requests_per_second: u32,
}

impl Web {
    /// Returns what addresses begin with that are followed from outside; nothing where it is not told.
    pub fn site(&self) -> &str {
        self.url.0.as_ref().map_or("", Origin::as_str)
    }
}

impl Web {
    /// Returns how long a sign-in lasts at most: never less than the credential it begins with.
    pub fn longest_sign_in(&self) -> Duration {
        self.sign_in.0.max(self.agent_token.0)
    }
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen: Maybe(Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)))),
            listen_tls: Maybe(None),
            certificate: Maybe(None),
            key_file: Maybe(None),
            behind_proxy: false,
            url: Maybe(None),
            origins: Vec::new(),
            agent_token: Span::secs(12 * 3_600),
            sign_in: Span::secs(12 * 3_600),
            visitor_token: Span::secs(30 * 86_400),
            token_key_file: Maybe(None),
            texts: Maybe(None),
            sockets: 20_000,
            sockets_per_address: 2_000,
            connections: 25_000,
            frame: 16_384,
            body: 65_536,
            header_time: Span::secs(10),
            logins_per_minute: 20,
            visitors_per_minute: 60,
            transcripts_per_hour: 20,
            requests_per_second: 200,
        }
    }
}
