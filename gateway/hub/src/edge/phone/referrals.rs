//! Transfers by SIP: what peers ask by REFER, what they are told of it, and what they are asked.

use sip::endpoint::{CallKey, Command as SipCommand, Refer, Replaced as SipReplaced};
use ws::id::{LegId, Number};

use super::{Phones, tag};
use crate::{
    command::Command,
    input::{Input, LegNews, Referral, Replaced},
};

impl Phones {
    /// Puts a peer's wish before the hub.
    pub(super) fn referred(&mut self, call: CallKey, refer: Refer) {
        let Some(leg) = self.id_of_call(call) else {
            return self.refuse_refer(call, 481, "That call is over");
        };
        let replaces = match refer.replaces {
            Some(SipReplaced::Ours(other)) => match self.id_of_call(other) {
                Some(other) => Some(Replaced::Ours(other)),
                None => return self.refuse_refer(call, 481, "That call is over"),
            },
            Some(SipReplaced::Theirs(name)) => Some(Replaced::Theirs(name)),
            None => None,
        };
        self.referrals.insert(leg, call);
        self.tell(Input::Leg(LegNews::Referred {
            leg,
            referral: Referral {
                user: refer.to_user,
                here: refer.here,
                trusted: refer.trusted,
                replaces,
                by: refer.by,
            },
        }));
    }

    fn refuse_refer(&mut self, call: CallKey, code: u16, reason: &str) {
        self.sip(SipCommand::RefuseRefer {
            call,
            code,
            reason: reason.to_owned(),
        });
    }

    /// Tells the hub what came of a call that a peer was asked to make in our place.
    pub(super) fn handed_out(&mut self, call: CallKey, status: u16, over: bool) {
        if let Some(leg) = self.id_of_call(call).filter(|_| over) {
            self.tell(Input::Leg(LegNews::HandedOut { leg, status }));
        }
    }

    /// Carries out what the hub says of transfers.
    pub(super) fn transfer(&mut self, command: Command) {
        match command {
            Command::TakeReferral { leg, done } => {
                if let Some(call) = self.referrer(leg, done) {
                    self.sip(SipCommand::AcceptRefer { call });
                    if done {
                        self.tell_referrer(call, 200);
                    }
                }
            }
            Command::RefuseReferral { leg, status, text } => {
                if let Some(call) = self.referrer(leg, true) {
                    self.refuse_refer(call, status, &text);
                }
            }
            Command::ReportReferral { leg, status } => {
                if let Some(call) = self.referrer(leg, status >= 200) {
                    self.tell_referrer(call, status);
                }
            }
            Command::HandOut { leg, number, place } => self.hand_out(leg, &number, place),
            Command::Rename { from, to } => self.rename(from, to),
            // Carried out elsewhere.
            _ => {}
        }
    }

    fn hand_out(&mut self, leg: LegId, number: &Number, place: Option<LegId>) {
        let Some(call) = self.call_of(leg) else {
            return;
        };
        let replaces = place.and_then(|place| self.call_of(place));
        if place.is_some() && replaces.is_none() {
            // Who was to be connected has hung up meanwhile.
            let status = 481;
            return self.tell(Input::Leg(LegNews::HandedOut { leg, status }));
        }
        self.sip(SipCommand::Refer {
            call,
            number: number.to_string(),
            headers: tag::in_refer_to(tag::tag(leg, None)),
            replaces,
        });
    }

    // The call by which a transfer was asked for; it may be over. Nothing more is said of it once the transfer is.
    fn referrer(&mut self, leg: LegId, over: bool) -> Option<CallKey> {
        match over {
            true => self.referrals.remove(&leg),
            false => self.referrals.get(&leg).copied(),
        }
    }

    fn tell_referrer(&mut self, call: CallKey, code: u16) {
        let reason = String::new();
        self.sip(SipCommand::ReportRefer { call, code, reason });
    }

    fn call_of(&self, leg: LegId) -> Option<CallKey> {
        Some(self.legs.get(self.by_id.get(&leg)?)?.call)
    }

    // The leg belongs to another interaction now, and says so in every message from here on.
    fn rename(&mut self, from: LegId, to: LegId) {
        let Some(key) = self.by_id.remove(&from) else {
            return;
        };
        self.forget_a_leg(from.interaction);
        let tag = self.mark(to);
        self.by_id.insert(to, key);
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.id = Some(to);
            leg.turns.asked = 0;
            leg.deaf = false;
            let call = leg.call;
            self.sip(SipCommand::Adopt { call, tag });
            self.tell_hearing(key);
        }
    }
}

/// The header fields of an INVITE that fulfils a peer's wish (RFC 3891, RFC 3892).
pub(super) fn headers(referral: &Referral) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    if let Some(Replaced::Theirs(name)) = &referral.replaces {
        headers.push(("Replaces".to_owned(), name.clone()));
    }
    if let Some(by) = &referral.by {
        headers.push(("Referred-By".to_owned(), by.clone()));
    }
    headers
}
