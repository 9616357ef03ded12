//! What people outside were told and sent: the promises they hold, and every time a customer's phone was made to ring.

use std::collections::{BTreeMap, BTreeSet};

use ws::{
    id::{CallbackId, InteractionId, LegId},
    rating::Score,
};

use crate::{agenda::Time, ledger::Ledger};

/// What the outside knows.
#[derive(Debug, Default)]
pub struct Books {
    /// Callbacks whose promise was acknowledged.
    pub promised: BTreeSet<CallbackId>,
    /// Callbacks whose cancellation was acknowledged, and when.
    pub cancelled: BTreeMap<CallbackId, Time>,
    /// Answers to the question how it was that were acknowledged; none is the wish to give none.
    pub rated: Vec<(InteractionId, Option<Score>)>,
    /// The Call-ID with which a leg was dialled.
    invites: BTreeMap<LegId, String>,
    /// Legs on which each callback was dialled.
    dialled: BTreeMap<CallbackId, BTreeSet<LegId>>,
}

impl Books {
    /// Takes in that an INVITE for a customer's leg leaves the daemon.
    pub fn handle_invite(
        &mut self,
        leg: LegId,
        call_id: &str,
        (user, now): (&str, Time),
        ledger: &Ledger,
    ) {
        match self.invites.get(&leg) {
            Some(known) => {
                assert_eq!(known, call_id, "no leg is dialled twice: {leg}");
                // It is repeated, or asked again with credentials.
                return;
            }
            None => drop(self.invites.insert(leg, call_id.to_owned())),
        }
        let Some((number, callback)) = ledger.dialled.get(&leg) else {
            panic!("what is dialled is in the journal first: {leg}");
        };
        assert_eq!(number.as_str(), user, "who is meant is called: {leg}");
        let Some(callback) = *callback else { return };
        let promise = ledger.promise(callback).expect("it was promised");
        let open = promise.dialling == Some(leg) || promise.end.is_some() || promise.dials() > 0;
        assert!(open, "an attempt is in the journal first: {leg}");
        if let Some(at) = self.cancelled.get(&callback) {
            panic!("a callback taken back at {at} is not dialled at {now}: {leg}");
        }
        self.dialled.entry(callback).or_default().insert(leg);
    }

    /// Compares what people hold with what is durable, once all is over.
    pub fn check(&self, ledger: &Ledger) {
        for callback in &self.promised {
            let promise = ledger.promise(*callback);
            let promise = promise.unwrap_or_else(|| panic!("a promise is lost: {callback}"));
            assert!(promise.end.is_some(), "a promise has no end: {callback}");
        }
        for callback in self.cancelled.keys() {
            let promise = ledger.promise(*callback).expect("it was promised");
            assert!(promise.end.is_some(), "taken back for nothing: {callback}");
        }
        for (interaction, score) in &self.rated {
            let rating = ledger.matters[interaction].rating.as_ref();
            let rating = rating.unwrap_or_else(|| panic!("nobody was asked: {interaction}"));
            let kept = match score {
                Some(score) => rating.scores.contains(score),
                None => rating.declined || !rating.scores.is_empty(),
            };
            assert!(kept, "an answer is lost: {interaction} {score:?}");
        }
        for (callback, legs) in &self.dialled {
            let promise = ledger.promise(*callback).expect("it was promised");
            assert!(
                legs.len() <= promise.dials(),
                "each attempt dials once: {callback} {legs:?}"
            );
        }
    }
}

/// Returns what an INVITE that leaves the daemon dials: leg, Call-ID, user part.
pub fn invite(message: &sip::message::Message) -> Option<(LegId, String, String)> {
    let to_new = message.is_request()
        && *message.method() == sip::message::Method::Invite
        && message.to().tag().is_none();
    if !to_new {
        return None;
    }
    let leg: LegId = message.header("X-Leg-ID")?.parse().ok()?;
    let user = message.request_uri()?.user_decoded()?;
    Some((leg, message.call_id().to_owned(), user))
}
