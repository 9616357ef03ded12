//! Who vouches for a caller's number (STIR): the Identity header field (RFC 8224) with a PASSporT (RFC 8225) as networks write it
//! (RFC 8588), read, held against the call, and written; and those of calls that were diverted (RFC 8946). Keys and
//! certificates are the shell's.

mod divert;
mod token;

#[cfg(test)]
mod tests;

pub use divert::{Diversion, Onward, Route};
pub use token::Token;

use serde_json::json;

use crate::message::{Header, Message};
use crate::trunk::Trunk;

/// How far the time of a signature may be from now, in seconds (RFC 8224 §4.1, step 4 of §6.2).
const FRESH: u64 = 60;
/// How many header fields of one call are read.
const MOST_SIGNED: usize = 8;
/// The kind of passport that networks write, and that of who diverts a call.
const SHAKEN: &str = "shaken";
const DIV: &str = "div";

/// What a network vouches for (RFC 8588 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// A: it knows the caller, and that the number is theirs.
    Full,
    /// B: it knows the caller.
    Partial,
    /// C: it knows where the call came in, and nothing of the caller.
    Gateway,
}

impl Level {
    fn letter(self) -> &'static str {
        match self {
            Self::Full => "A",
            Self::Partial => "B",
            Self::Gateway => "C",
        }
    }
}

/// Why a signature counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It cannot be read, or is of a kind that is not known.
    Form,
    /// It is older than a minute, or from the future.
    Stale,
    /// It is about other numbers than the call's.
    Number,
    /// Its certificate could not be had in time.
    Unreachable,
    /// Its certificate is not one that is trusted, or not any more.
    Certificate,
    /// Its certificate is for other numbers (RFC 8226).
    Authority,
    /// It does not hold.
    Signature,
}

/// What came of checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The signature holds.
    Vouched(Level),
    /// It does not, or could not be checked.
    Failed(Flaw),
    /// There is none.
    Absent,
}

impl Verdict {
    /// Returns the answer to a call that must be vouched for and is not (RFC 8224 §6.2.2).
    pub fn refusal(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Vouched(_) => None,
            Self::Absent => Some((428, "Use Identity Header")),
            Self::Failed(flaw) => Some(match flaw {
                Flaw::Stale => (403, "Stale Date"),
                Flaw::Unreachable => (436, "Bad Identity Info"),
                Flaw::Certificate | Flaw::Authority => (437, "Unsupported Credential"),
                Flaw::Form | Flaw::Number | Flaw::Signature => (438, "Invalid Identity Header"),
            }),
        }
    }
}

/// What a call from a trunk says of its numbers, and how that is signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signed {
    /// Its Identity header fields, but for those of kinds that are not known (RFC 8224 §6.2, step 1).
    pub identities: Vec<String>,
    /// The numbers that the caller is shown by: what a trusted trunk asserts, else From (RFC 8224 §5.1, RFC 3325).
    pub from: Vec<String>,
    /// The numbers that may be called: of the Request-URI and of To.
    pub to: Vec<String>,
}

impl Signed {
    /// Reads them off an INVITE; none where it is not signed.
    pub(crate) fn read(request: &Message, trunk: &Trunk) -> Option<Self> {
        let lines = request.lines(Header::Identity);
        let ours = lines.filter(|value| !is_foreign(value)).take(MOST_SIGNED);
        let identities: Vec<_> = ours.map(str::to_owned).collect();
        if identities.is_empty() {
            return None;
        }
        let read = |user: Option<String>| trunk.manner.numbers.read(&user.unwrap_or_default());
        let asserted = request.addresses(Header::PAssertedIdentity);
        let asserted = asserted.filter_map(Result::ok).take(2);
        let asserted = asserted.filter(|_| trunk.trusted);
        let mut from: Vec<_> = asserted.map(|one| read(one.uri().subscriber())).collect();
        if from.is_empty() {
            from.push(read(request.from().uri().subscriber()));
        }
        let called = request.request_uri().and_then(|uri| uri.subscriber());
        let to = [called, request.to().uri().subscriber()];
        Some(Self {
            identities,
            from,
            to: to.into_iter().map(read).collect(),
        })
    }
}

/// What came of checking a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What of its signature.
    pub verdict: Verdict,
    /// The number that was called first, in E.164, where who diverted the call from it has signed that.
    pub diverted: Option<String>,
}

impl From<Verdict> for Judged {
    fn from(verdict: Verdict) -> Self {
        Self {
            verdict,
            diverted: None,
        }
    }
}

/// What a network says of one call, as it signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passport {
    token: Token,
    level: Level,
    caller: String,
    called: Vec<String>,
    at: u64,
}

impl Passport {
    /// Reads the value of an Identity header field (RFC 8224 §4).
    pub fn read(value: &str) -> Result<Self, Flaw> {
        Self::take_apart(value).ok_or(Flaw::Form)
    }

    /// Returns what is to be proved of it.
    pub const fn token(&self) -> &Token {
        &self.token
    }

    /// Returns the caller's number, without its plus sign.
    pub fn caller(&self) -> &str {
        &self.caller
    }

    fn take_apart(value: &str) -> Option<Self> {
        let (token, said) = Token::take_apart(value, SHAKEN)?;
        // RFC 8588 §5: an origin is named.
        said["origid"]
            .as_str()
            .filter(|origin| !origin.is_empty())?;
        Some(Self {
            token,
            level: match said["attest"].as_str()? {
                "A" => Level::Full,
                "B" => Level::Partial,
                "C" => Level::Gateway,
                _ => return None,
            },
            caller: canonical(said["orig"]["tn"].as_str()?)?,
            called: token::numbers(said["dest"]["tn"].as_array()?),
            at: said["iat"].as_u64()?,
        })
    }
}

/// What is signed of a call that leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim<'a> {
    /// What is vouched for.
    pub level: Level,
    /// The caller's number, in E.164.
    pub caller: &'a str,
    /// The number that is called, in E.164.
    pub called: &'a str,
    /// When, in seconds since 1970.
    pub at: u64,
    /// What names the origin of the call to us, a UUID (RFC 8588 §5).
    pub origin: &'a str,
    /// Where the certificate of the key is.
    pub certificate: &'a str,
}

impl Claim<'_> {
    /// Returns what is to be signed; none where a number is none.
    pub fn unsigned(&self) -> Option<String> {
        let (caller, called) = (canonical(self.caller)?, canonical(self.called)?);
        let said = json!({
            "attest": self.level.letter(), "dest": { "tn": [called] }, "iat": self.at,
            "orig": { "tn": caller }, "origid": self.origin,
        });
        Some(token::unsigned(SHAKEN, self.certificate, &said))
    }

    /// Returns the Identity header field.
    pub fn identity(&self, unsigned: &str, signature: &[u8]) -> String {
        token::identity(SHAKEN, self.certificate, unsigned, signature)
    }
}

// A kind that is not known is passed over; one that is not named may be ours, written badly.
fn is_foreign(value: &str) -> bool {
    kind(value).is_some_and(|kind| kind != SHAKEN && kind != DIV)
}

// The kind that an Identity header field names.
fn kind(value: &str) -> Option<&str> {
    let mut params = value.split(';').filter_map(|param| param.split_once('='));
    let kind = params.find(|(name, _)| name.trim().eq_ignore_ascii_case("ppt"));
    kind.map(|(_, kind)| kind.trim().trim_matches('"'))
}

// Whether a signature made `at` is of `now`.
const fn is_fresh(at: u64, now: u64) -> bool {
    at.abs_diff(now) <= FRESH
}

// Whether `number` is among those of a call.
fn has(all: &[String], number: &String) -> bool {
    let mut all = all.iter();
    all.any(|one| canonical(one).as_ref() == Some(number))
}

// RFC 8224 §8.3: digits, without what is written between them.
fn canonical(number: &str) -> Option<String> {
    let mut digits = String::with_capacity(number.len());
    for (at, letter) in number.chars().enumerate() {
        match letter {
            '0'..='9' | '*' | '#' => digits.push(letter),
            '+' if at == 0 => {}
            '-' | '.' | '(' | ')' | ' ' => {}
            _ => return None,
        }
    }
    (!digits.is_empty() && digits.len() <= 32).then_some(digits)
}
