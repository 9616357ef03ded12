//! One REGISTER, read.

use std::time::Duration;

use crate::Instant;
use crate::endpoint::{Flow, Limits};
use crate::message::{NameAddr, Uri};

use super::{Binding, OB, PhoneFlow};

/// What a REGISTER asks for.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// The account, authenticated.
    pub user: String,
    /// Its Call-ID.
    pub call_id: String,
    /// Its CSeq number.
    pub cseq: u32,
    /// The Expires header field in seconds.
    pub expires: Option<u32>,
    /// The Path header fields, the nearest proxy first.
    pub path: Vec<String>,
    /// Whether no proxy stands between the phone and us.
    pub is_direct: bool,
    /// The Contact header fields; an empty list only asks what is bound.
    pub contacts: Contacts,
}

/// The Contact header fields of a REGISTER.
#[derive(Clone, Debug)]
pub(crate) enum Contacts {
    /// `*` alone.
    Star,
    /// `*` beside others, which no rule allows.
    Mixed,
    /// Addresses.
    List(Vec<ContactAsk>),
}

/// One contact of a REGISTER.
#[derive(Clone, Debug)]
pub(crate) struct ContactAsk {
    /// The URI.
    pub uri: Uri,
    /// Its `expires` parameter in seconds.
    pub expires: Option<u32>,
    /// Its `q` parameter in thousandths.
    pub q: u16,
    /// The flow of the phone that it is of, where the phone keeps flows (RFC 5626).
    pub flow: Option<PhoneFlow>,
}

impl ContactAsk {
    /// Tells whether it is what `binding` is of: the same flow of the same phone (RFC 5626 §6), or, where neither is a flow, an
    /// equivalent URI (RFC 3261 §10.3 step 7).
    pub(super) fn is_of(&self, binding: &Binding) -> bool {
        match (&self.flow, &binding.flow) {
            (Some(ours), Some(theirs)) => ours == theirs,
            (None, None) => {
                binding.contact == self.uri.as_str()
                    || binding
                        .contact
                        .parse::<Uri>()
                        .is_ok_and(|known| known.equivalent(&self.uri))
            }
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

impl Ask {
    /// Tells whether the phone keeps a flow to be called by.
    pub fn keeps_flow(&self) -> bool {
        match &self.contacts {
            Contacts::List(contacts) => contacts.iter().any(|contact| contact.flow.is_some()),
            Contacts::Star | Contacts::Mixed => false,
        }
    }

    /// Tells whether whoever the phone speaks to keeps its flows: we do, and a proxy that says so in the Path, of which it wrote
    /// the last (RFC 5626 §6).
    pub fn first_hop_keeps_flows(&self) -> bool {
        let first = self.path.last().map(|value| value.parse::<NameAddr>());
        self.is_direct || matches!(first, Some(Ok(proxy)) if proxy.uri().params().has(OB))
    }

    /// Tells whether this is no newer than what made `binding` (RFC 3261 §10.3 step 6 and 7).
    pub(super) fn is_behind(&self, binding: &Binding) -> bool {
        binding.call_id == self.call_id && self.cseq <= binding.cseq
    }

    pub(super) fn expires_of(&self, contact: &ContactAsk, limits: &Limits) -> Duration {
        let seconds = contact.expires.or(self.expires);
        seconds.map_or(limits.default_expires, |seconds| {
            Duration::from_secs(u64::from(seconds))
        })
    }

    pub(super) fn binding(
        &self,
        contact: &ContactAsk,
        flow: &Flow,
        expires_at: Instant,
        now: Instant,
    ) -> Binding {
        Binding {
            user: self.user.clone(),
            contact: contact.uri.as_str().to_owned(),
            transport: flow.transport,
            peer: flow.peer,
            connection: flow.connection(),
            refreshed_at: now,
            expires_at,
            call_id: self.call_id.clone(),
            cseq: self.cseq,
            q: contact.q,
            path: self.path.clone(),
            flow: contact.flow.clone(),
        }
    }
}

/// Reads a `q` parameter, `0` to `1` with up to three decimals, in thousandths; anything else counts as 1.
pub(crate) fn q_thousandths(text: Option<&str>) -> u16 {
    let Some(text) = text else { return 1_000 };
    match text.split_once('.').unwrap_or((text, "")) {
        ("0", decimals)
            if decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            format!("{decimals:0<3}").parse().unwrap_or(1_000)
        }
        _ => 1_000,
    }
}
