//! Calls in the browser: `[web_rtc]`.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::CodecName;
use crate::config::value::{Maybe, Span};

/// `[web_rtc]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebRtc {
    /// The UDP port of all browsers; when empty, there are no calls in the browser.
    pub listen: Maybe<SocketAddr>,
    /// The addresses browsers reach it at, where they are others than `listen`; the one to be tried first in front.
    pub advertise: Vec<IpAddr>,
    /// The codecs spoken with browsers, the best first; what the other side of a call speaks goes before that.
    pub codecs: Vec<CodecName>,
    /// A browser of which nothing comes is waited for so long: its page may be loaded again, or its network change.
    pub absence: Span,
    /// A call that nobody took yet ends so long after its visitor closed the page, where nothing comes of the browser either.
    pub page_gone: Span,
}

impl Default for WebRtc {
    fn default() -> Self {
        Self {
            listen: Maybe(None),
            advertise: Vec::new(),
            codecs: vec![CodecName::Opus, CodecName::Pcma, CodecName::Pcmu],
            absence: Span::secs(120),
            page_gone: Span::secs(15),
        }
    }
}
