//! Which page has a browser's leg: the one that took it last. A page is known by its certificates, which it keeps for as long as it
//! lives, whatever sockets and networks it has.

use std::collections::VecDeque;

use sip::sdp::Fingerprints;
use ws::frame::{Code, Refusal};

use crate::input::refuse;

/// Pages that are remembered as having had a leg before.
const BEFORE: usize = 16;

/// The page that has a leg, and those that had it before.
#[derive(Debug, Default)]
pub(super) struct Holder {
    /// By which socket it asked last, and its certificates.
    page: Option<(u64, Fingerprints)>,
    before: VecDeque<Fingerprints>,
}

impl Holder {
    /// Tells whether another page has it than this one.
    pub(super) fn is_other(&self, page: Fingerprints) -> bool {
        self.page.is_some_and(|(_, had)| had != page)
    }

    /// Gives the leg to the page that asks. Returns the socket of the one that has it no more. A page that had it before
    /// another one only mends its own way, of which nothing is left.
    pub(super) fn take(&mut self, socket: u64, page: Fingerprints) -> Result<Option<u64>, Refusal> {
        if self.before.contains(&page) {
            return refuse(Code::Conflict, "this call goes on in another page");
        }
        let (from, had) = match self.page.replace((socket, page)) {
            Some((from, had)) if had != page => (from, had),
            Some(_) | None => return Ok(None),
        };
        if self.before.len() == BEFORE {
            self.before.pop_front();
        }
        self.before.push_back(had);
        Ok(Some(from).filter(|from| *from != socket))
    }
}
