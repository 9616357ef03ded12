//! What each fact adds to the record.

use ws::id::{CallbackId, LegId, Timestamp};

use super::{
    Attempt, End, External, LegRecord, Mended, OfferRecord, Person, Promise, Record, Stay, Wait,
};
use crate::{
    edge::browser::Timeline,
    event::{Event, Fact},
};

impl Record {
    pub(super) fn open(fact: &Fact) -> Option<Self> {
        let Event::Opened {
            channel,
            queue,
            zone,
            page,
            customer,
            name,
        } = &fact.event
        else {
            return None;
        };
        let mut reader = Timeline::default();
        reader.handle_fact(fact);
        Some(Self {
            interaction: fact.interaction?,
            opened_at: fact.at,
            sealed_at: None,
            channel: *channel,
            queue: queue.clone(),
            zone: zone.clone(),
            page: page.clone(),
            customer: Person {
                customer: *customer,
                name: name.clone(),
                number: None,
                mail: None,
                visitor: None,
                verified: None,
            },
            external: Vec::new(),
            legs: Vec::new(),
            waits: Vec::new(),
            offers: Vec::new(),
            assignments: Vec::new(),
            callbacks: Vec::new(),
            timeline: Vec::new(),
            mended: Vec::new(),
            ended: None,
            outcome: None,
            reader,
        })
    }

    pub(super) fn apply(&mut self, fact: &Fact) {
        if self.reader.handle_fact(fact) {
            self.timeline.extend(self.reader.entries().last().cloned());
        }
        let at = fact.at;
        match &fact.event {
            Event::LegStarted { .. }
            | Event::LegRinging { .. }
            | Event::LegAnswered { .. }
            | Event::LegFlowing { .. }
            | Event::OneWayAudio { .. }
            | Event::LegEnded { .. } => self.apply_leg(at, &fact.event),
            Event::Queued { .. }
            | Event::Dequeued { .. }
            | Event::Offered { .. }
            | Event::OfferEnded { .. } => self.apply_queue(at, &fact.event),
            Event::Assigned { .. }
            | Event::WrapUpStarted { .. }
            | Event::AssignmentEnded { .. } => self.apply_stay(at, &fact.event),
            Event::CallbackPromised { .. }
            | Event::CallbackAttempted { .. }
            | Event::CallbackAttemptFailed { .. }
            | Event::CallbackEnded { .. } => self.apply_callback(at, &fact.event),
            Event::EscalationStarted { number, .. } => {
                self.customer.number = Some(number.clone());
            }
            Event::CustomerKnown { .. } => self.know(&fact.event),
            Event::ExternalId { system, id } => self.external.push(External {
                system: system.clone(),
                id: id.clone(),
            }),
            Event::Ended { by, reason } => {
                self.ended = Some(End {
                    at,
                    by: by.clone(),
                    reason: reason.clone(),
                });
            }
            Event::Sealed { outcome, .. } => {
                self.sealed_at = Some(at);
                self.outcome = Some(outcome.clone());
            }
            Event::Mended { what } => self.mended.push(Mended {
                at,
                what: what.clone(),
            }),
            // In the timeline, or about no interaction.
            Event::Opened { .. }
            | Event::Said { .. }
            | Event::Bridged { .. }
            | Event::CallEnded { .. }
            | Event::EscalationFailed { .. }
            | Event::PresenceSet { .. }
            | Event::PhoneRegistered { .. }
            | Event::PhoneGone { .. }
            | Event::Started => {}
        }
    }

    fn know(&mut self, event: &Event) {
        if let Event::CustomerKnown {
            name,
            number,
            mail,
            visitor,
            verified,
            ..
        } = event
        {
            let person = &mut self.customer;
            keep(&mut person.name, name);
            keep(&mut person.number, number);
            keep(&mut person.mail, mail);
            keep(&mut person.visitor, visitor);
            keep(&mut person.verified, verified);
        }
    }

    fn apply_leg(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::LegStarted {
                leg,
                party,
                cause,
                parent,
            } => {
                if let crate::event::Party::CustomerPhone { number, .. } = party {
                    keep(&mut self.customer.number, number);
                }
                self.legs.push(LegRecord {
                    leg: *leg,
                    party: party.clone(),
                    cause: *cause,
                    parent: *parent,
                    started_at: at,
                    ringing_at: None,
                    answered_at: None,
                    flowing_at: None,
                    silent_at: None,
                    ended_at: None,
                    reason: None,
                });
            }
            Event::LegRinging { leg } => self.leg(*leg, |leg| leg.ringing_at = Some(at)),
            Event::LegAnswered { leg } => self.leg(*leg, |leg| leg.answered_at = Some(at)),
            Event::LegFlowing { leg } => self.leg(*leg, |leg| leg.flowing_at = Some(at)),
            Event::OneWayAudio { leg } => self.leg(*leg, |leg| leg.silent_at = Some(at)),
            Event::LegEnded { leg, cause } => self.leg(*leg, |leg| {
                leg.ended_at = Some(at);
                leg.reason = Some(cause.clone());
            }),
            _ => {}
        }
    }

    fn leg(&mut self, leg: LegId, note: impl FnOnce(&mut LegRecord)) {
        if let Some(found) = self.legs.iter_mut().find(|found| found.leg == leg) {
            note(found);
        }
    }

    fn apply_queue(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::Queued {
                channel,
                queue,
                priority,
                since,
                callback,
                ..
            } => self.waits.push(Wait {
                queue: queue.clone(),
                channel: *channel,
                priority: *priority,
                callback: *callback,
                since: *since,
                entered_at: at,
                left_at: None,
                reason: None,
            }),
            Event::Dequeued { reason, .. } => {
                if let Some(wait) = self.waits.last_mut() {
                    wait.left_at = Some(at);
                    wait.reason = Some(reason.clone());
                }
            }
            Event::Offered {
                agent,
                channel,
                deadline,
                route,
            } => self.offers.push(OfferRecord {
                agent: agent.clone(),
                channel: *channel,
                at,
                deadline: *deadline,
                route: route.clone(),
                ended_at: None,
                end: None,
                taken: false,
            }),
            Event::OfferEnded { end, .. } => {
                if let Some(offer) = self.offers.last_mut() {
                    offer.ended_at = Some(at);
                    offer.end = Some(*end);
                }
            }
            _ => {}
        }
    }

    fn apply_stay(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::Assigned {
                assignment,
                agent,
                name,
                channel,
                ..
            } => {
                if let Some(offer) = self.offers.last_mut() {
                    offer.ended_at = Some(at);
                    offer.taken = true;
                }
                match self.assignments.last_mut() {
                    Some(stay) if stay.assignment == *assignment => stay.channels.push(*channel),
                    Some(_) | None => self.assignments.push(Stay {
                        assignment: *assignment,
                        agent: agent.clone(),
                        name: name.clone(),
                        channels: vec![*channel],
                        started_at: at,
                        wrap_up_at: None,
                        ended_at: None,
                        disposition: None,
                        note: None,
                        reason: None,
                    }),
                }
            }
            Event::WrapUpStarted { .. } => {
                if let Some(stay) = self.assignments.last_mut() {
                    stay.wrap_up_at = Some(at);
                }
            }
            Event::AssignmentEnded {
                disposition,
                note,
                reason,
                ..
            } => {
                if let Some(stay) = self.assignments.last_mut() {
                    stay.ended_at = Some(at);
                    stay.disposition.clone_from(disposition);
                    stay.note.clone_from(note);
                    stay.reason = Some(reason.clone());
                }
            }
            _ => {}
        }
    }

    fn apply_callback(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::CallbackPromised {
                callback,
                number,
                due,
                by,
            } => self.callbacks.push(Promise {
                callback: *callback,
                number: number.clone(),
                promised_at: at,
                by: by.clone(),
                due: *due,
                attempts: Vec::new(),
                ended_at: None,
                end: None,
            }),
            Event::CallbackAttempted {
                callback,
                attempt,
                customer_leg,
                agent_leg,
                agent,
            } => self.callback(*callback, |found| {
                found.attempts.push(Attempt {
                    attempt: *attempt,
                    at,
                    agent: agent.clone(),
                    customer_leg: *customer_leg,
                    agent_leg: *agent_leg,
                    failed_at: None,
                    reason: None,
                    next_due: None,
                });
            }),
            Event::CallbackAttemptFailed {
                callback,
                cause,
                due,
                ..
            } => self.callback(*callback, |found| {
                if let Some(attempt) = found.attempts.last_mut() {
                    attempt.failed_at = Some(at);
                    attempt.reason = Some(cause.clone());
                    attempt.next_due = *due;
                }
            }),
            Event::CallbackEnded { callback, end } => self.callback(*callback, |found| {
                found.ended_at = Some(at);
                found.end = Some(end.clone());
            }),
            _ => {}
        }
    }

    fn callback(&mut self, callback: CallbackId, note: impl FnOnce(&mut Promise)) {
        let found = self.callbacks.iter_mut();
        if let Some(found) = found.into_iter().find(|found| found.callback == callback) {
            note(found);
        }
    }
}

fn keep<T: Clone>(kept: &mut Option<T>, new: &Option<T>) {
    if new.is_some() {
        kept.clone_from(new);
    }
}
