//! Header names.

use std::fmt;

use super::text::Text;

macro_rules! headers {
    ($($variant:ident $name:literal $compact:tt $shape:ident),+ $(,)?) => {
        /// A header we have a name for. Names are compared in any case, and compact forms are known (RFC 3261 §7.3.3).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Header {
            $(#[doc = concat!("`", $name, "`")] $variant,)+
        }

        impl Header {
            const ALL: &[Header] = &[$(Header::$variant),+];
            const NAMES: &[&'static str] = &[$($name),+];

            /// Returns the name in the spelling of its RFC.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Returns the one-letter form, if there is one.
            pub fn compact(self) -> Option<char> {
                match self {
                    $(Self::$variant => headers!(@compact $compact),)+
                }
            }

            /// Whether the grammar lets one line carry several values between commas.
            pub fn is_list(self) -> bool {
                match self {
                    $(Self::$variant => headers!(@shape $shape),)+
                }
            }
        }
    };
    (@compact -) => { None };
    (@compact $letter:literal) => { Some($letter) };
    (@shape list) => { true };
    (@shape one) => { false };
}

headers! {
    Accept "Accept" - list,
    AcceptContact "Accept-Contact" 'a' list,
    AcceptEncoding "Accept-Encoding" - list,
    AcceptLanguage "Accept-Language" - list,
    AlertInfo "Alert-Info" - list,
    Allow "Allow" - list,
    AllowEvents "Allow-Events" 'u' list,
    AuthenticationInfo "Authentication-Info" - one,
    Authorization "Authorization" - one,
    CallId "Call-ID" 'i' one,
    CallInfo "Call-Info" - list,
    Contact "Contact" 'm' list,
    ContentDisposition "Content-Disposition" - one,
    ContentEncoding "Content-Encoding" 'e' list,
    ContentLanguage "Content-Language" - list,
    ContentLength "Content-Length" 'l' one,
    ContentType "Content-Type" 'c' one,
    CSeq "CSeq" - one,
    Date "Date" - one,
    Diversion "Diversion" - list,
    ErrorInfo "Error-Info" - list,
    Event "Event" 'o' one,
    Expires "Expires" - one,
    FlowTimer "Flow-Timer" - one,
    From "From" 'f' one,
    HistoryInfo "History-Info" - list,
    Identity "Identity" 'y' one,
    InReplyTo "In-Reply-To" - list,
    InfoPackage "Info-Package" - one,
    MaxForwards "Max-Forwards" - one,
    MimeVersion "MIME-Version" - one,
    MinExpires "Min-Expires" - one,
    MinSe "Min-SE" - one,
    Organization "Organization" - one,
    PAssertedIdentity "P-Asserted-Identity" - list,
    PCalledPartyId "P-Called-Party-ID" - one,
    PPreferredIdentity "P-Preferred-Identity" - list,
    Path "Path" - list,
    Priority "Priority" - one,
    Privacy "Privacy" - one,
    ProxyAuthenticate "Proxy-Authenticate" - one,
    ProxyAuthorization "Proxy-Authorization" - one,
    ProxyRequire "Proxy-Require" - list,
    RAck "RAck" - one,
    RSeq "RSeq" - one,
    Reason "Reason" - list,
    RecordRoute "Record-Route" - list,
    RecvInfo "Recv-Info" - list,
    ReferSub "Refer-Sub" - one,
    ReferTo "Refer-To" 'r' one,
    ReferredBy "Referred-By" 'b' one,
    RejectContact "Reject-Contact" 'j' list,
    Replaces "Replaces" - one,
    ReplyTo "Reply-To" - one,
    RequestDisposition "Request-Disposition" 'd' list,
    Require "Require" - list,
    RetryAfter "Retry-After" - one,
    Route "Route" - list,
    Server "Server" - one,
    ServiceRoute "Service-Route" - list,
    SessionExpires "Session-Expires" 'x' one,
    SessionId "Session-ID" - one,
    SipETag "SIP-ETag" - one,
    SipIfMatch "SIP-If-Match" - one,
    Subject "Subject" 's' one,
    SubscriptionState "Subscription-State" - one,
    Supported "Supported" 'k' list,
    Timestamp "Timestamp" - one,
    To "To" 't' one,
    Unsupported "Unsupported" - list,
    UserAgent "User-Agent" - one,
    UserToUser "User-to-User" - list,
    Via "Via" 'v' list,
    Warning "Warning" - list,
    WwwAuthenticate "WWW-Authenticate" - one,
    XCid "X-CID" - one,
    XInteractionId "X-Interaction-ID" - one,
    XLegId "X-Leg-ID" - one,
}

const SLOTS: usize = 512;
const NONE: u8 = u8::MAX;
static TABLE: [u8; SLOTS] = fill();

/// A table from a name's hash to its place in `Header::ALL`, made while compiling, with linear probing.
const fn fill() -> [u8; SLOTS] {
    let mut table = [NONE; SLOTS];
    let mut at = 0;
    while at < Header::NAMES.len() {
        let mut slot = hash(Header::NAMES[at].as_bytes());
        while table[slot] != NONE {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = at as u8;
        at += 1;
    }
    table
}

const fn hash(name: &[u8]) -> usize {
    let first = (name[0] | 0x20) as usize;
    let middle = (name[name.len() / 2] | 0x20) as usize;
    let last = (name[name.len() - 1] | 0x20) as usize;
    // With these factors no two names meet.
    (first * 31 + middle * 166 + last * 124 + name.len() * 133) % SLOTS
}

impl Header {
    /// Finds the header called `name`, in any case or in compact form.
    pub fn read(name: &str) -> Option<Self> {
        Self::find(name.as_bytes())
    }

    pub(super) fn find(name: &[u8]) -> Option<Self> {
        match name {
            [] => None,
            [letter] => Self::from_compact(*letter),
            name => Self::from_full(name),
        }
    }

    fn from_full(name: &[u8]) -> Option<Self> {
        let mut slot = hash(name);
        while TABLE[slot] != NONE {
            let at = usize::from(TABLE[slot]);
            let known = Self::NAMES[at].as_bytes();
            if known == name || known.eq_ignore_ascii_case(name) {
                return Some(Self::ALL[at]);
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }

    fn from_compact(letter: u8) -> Option<Self> {
        let letter = char::from(letter.to_ascii_lowercase());
        Self::ALL
            .iter()
            .copied()
            .find(|header| header.compact() == Some(letter))
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The name of a header to look for or to write: a known one, or any other as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name<'a> {
    /// A header we have a name for.
    Known(Header),
    /// Any other, compared in any case.
    Other(&'a str),
}

impl Name<'_> {
    /// Returns the name to write.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(header) => header.as_str(),
            Self::Other(name) => name,
        }
    }
}

impl From<Header> for Name<'_> {
    fn from(header: Header) -> Self {
        Self::Known(header)
    }
}

impl<'a> From<&'a str> for Name<'a> {
    fn from(name: &'a str) -> Self {
        Header::read(name).map_or(Self::Other(name), Self::Known)
    }
}

impl<'a> From<&'a Text> for Name<'a> {
    fn from(name: &'a Text) -> Self {
        Self::from(name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_names_meet() {
        for (at, name) in Header::NAMES.iter().enumerate() {
            let found = usize::from(TABLE[hash(name.as_bytes())]);
            assert_eq!(found, at, "{name}");
        }
    }
}
