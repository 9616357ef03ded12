//! Every kind of fact, and where it stands in the record.

use hub::{
    Event, Fact,
    event::{InCall, LegCause, Party},
    input::Cause,
    quality::Moment,
};
use ws::id::{AgentId, AssignmentId, CallbackId, LegId, Number, Timestamp, TrunkId};

use super::{
    AssignmentRecord, CallbackRecord, Happening, LegRecord, OfferRecord, PromisedWait, Record,
    RecordingRecord, WaitRecord,
};
use crate::store::{consents::ConsentRecord, project, satisfaction::RatingRecord};

impl Record {
    #[expect(clippy::too_many_lines, reason = "every fact has its line")]
    pub(super) fn add(&mut self, fact: &Fact) {
        match &fact.event {
            Event::Sealed { outcome, .. } => {
                self.sealed_at = Some(fact.at);
                self.outcome = Some(outcome.clone());
            }
            Event::ConsentChanged(said) => self.consents.push(ConsentRecord::new(fact.at, said)),
            Event::ExternalId { system, id } => {
                self.external_ids.insert(system.clone(), id.clone());
            }
            Event::CustomerKnown { .. } => self.know(&fact.event),
            Event::RepeatOf { earlier, .. } => self.repeat_of = Some(*earlier),
            Event::RatingAsked { .. } | Event::Rated { .. } | Event::RatingDeclined { .. } => {
                RatingRecord::add(&mut self.rating, fact);
            }
            Event::LegStarted {
                leg,
                party,
                cause,
                parent,
            } => self.begin_leg(fact.at, *leg, party, *cause, *parent),
            Event::LegAnswered { leg } => {
                self.leg(*leg, |found| found.answered_at = Some(fact.at));
            }
            Event::LegMeasured {
                leg,
                moment,
                measured,
            } => match moment {
                Moment::Ended => self.leg(*leg, |found| found.quality = Some(measured.clone())),
                Moment::Poor | Moment::Fair => self.happen(fact),
            },
            Event::LegEnded {
                leg,
                cause: Cause { kind, text, status },
            } => self.leg(*leg, |found| {
                found.ended_at = Some(fact.at);
                found.end_kind = Some(project::word(kind));
                found.reason = Some(text.clone());
                found.status = *status;
            }),
            Event::Queued { .. } => self.wait(fact.at, &fact.event),
            // The same stay goes on.
            Event::Dequeued { anew: true, .. } => self.happen(fact),
            Event::Dequeued {
                waited_ms, reason, ..
            } => self.leave(fact.at, *waited_ms, reason),
            Event::Offered { .. } => self.offer(fact.at, &fact.event),
            Event::OfferEnded { agent, end, .. } => self.end_offer(agent, project::word(end)),
            Event::Assigned { .. } => self.assign(fact.at, &fact.event),
            Event::WrapUpStarted { assignment, .. } => {
                for found in self.stays(*assignment) {
                    found.wrap_up_at = Some(fact.at);
                }
            }
            Event::AssignmentEnded { .. } => self.end_stay(fact.at, &fact.event),
            Event::CallbackPromised {
                callback,
                number,
                due,
                ..
            } => self.callbacks.push(CallbackRecord {
                callback: *callback,
                number: number.to_string(),
                due: *due,
                attempts: 0,
                end: None,
                ended_by: None,
            }),
            Event::CallbackMoved { callback, due, .. } => {
                self.callback(*callback, |found| found.due = *due);
                self.happen(fact);
            }
            Event::CallbackAttempted {
                callback, attempt, ..
            } => {
                self.callback(*callback, |found| found.attempts = *attempt);
                self.happen(fact);
            }
            Event::CallbackAttemptFailed { callback, due, .. } => {
                self.callback(*callback, |found| found.due = due.unwrap_or(found.due));
                self.happen(fact);
            }
            Event::CallbackEnded { callback, end } => self.callback(*callback, |found| {
                found.end = Some(project::ending(end).to_owned());
                found.ended_by = end.by().cloned();
            }),
            Event::Recording(step) => {
                if !RecordingRecord::add(&mut self.recordings, fact, step) {
                    self.happen(fact);
                }
            }
            Event::WaitPromised { .. } | Event::WaitEnded { .. } => {
                PromisedWait::add(&mut self.promised_waits, fact.at, &fact.event);
            }
            Event::InCall(InCall::Rerouted { leg, trunk, .. }) => {
                self.leg(*leg, |found| found.trunk = Some(trunk.to_string()));
                self.happen(fact);
            }
            Event::InCall(InCall::Redirected {
                leg, number, trunk, ..
            }) => {
                self.forward(*leg, number, trunk.as_ref());
                self.happen(fact);
            }
            Event::LookedUp { .. }
            | Event::LegRinging { .. }
            | Event::LegFlowing { .. }
            | Event::Bridged { .. }
            | Event::OneWayAudio { .. }
            | Event::InCall(_)
            | Event::InChat(_)
            | Event::CallEnded { .. }
            | Event::Diverted { .. }
            | Event::WrapUpExtended { .. }
            | Event::ChatPaused { .. }
            | Event::ChatResumed { .. }
            | Event::Parked { .. }
            | Event::Unparked { .. }
            | Event::Noted { .. }
            | Event::HandedOver { .. }
            | Event::ContactRefused { .. }
            | Event::MailPosted { .. }
            | Event::EscalationStarted { .. }
            | Event::EscalationFailed { .. }
            | Event::CallbackWaits(_)
            | Event::CallbackReminded { .. }
            | Event::CallbackOffered { .. }
            | Event::Ended { .. }
            | Event::Mended { .. } => self.happen(fact),
            // The timeline has it, word for word.
            Event::Said { .. }
            | Event::FileShared { .. }
            | Event::MessageEdited { .. }
            | Event::MessageDeleted { .. }
            | Event::Cobrowsed { .. } => {}
            // Begins the record, or is in no interaction.
            Event::Opened { .. }
            | Event::TurnedAway { .. }
            | Event::CustomersMerged { .. }
            | Event::CustomersUnmerged { .. }
            | Event::InteractionsMerged { .. }
            | Event::InteractionsUnmerged { .. }
            | Event::CustomerNoted { .. }
            | Event::CustomerLinked { .. }
            | Event::CustomerValued { .. }
            | Event::CustomerErased { .. }
            | Event::PresenceSet { .. }
            | Event::PhoneRegistered { .. }
            | Event::PhoneGone { .. }
            | Event::TrunkDown { .. }
            | Event::TrunkUp { .. }
            | Event::ClockStepped(_)
            | Event::MemoSent { .. }
            | Event::MemosRead { .. }
            | Event::Started => {}
        }
    }

    fn happen(&mut self, fact: &Fact) {
        let (event, details) = project::told(&fact.event);
        self.happenings.push(Happening {
            at: fact.at,
            seq: fact.seq,
            event,
            details,
        });
    }

    fn know(&mut self, event: &Event) {
        let Event::CustomerKnown {
            customer,
            name,
            number,
            mail,
            verified,
            ..
        } = event
        else {
            return;
        };
        let card = &mut self.customer;
        card.customer = *customer;
        card.name = name.clone().or(card.name.take());
        let number = number.as_ref().map(ToString::to_string);
        card.number = number.or(card.number.take());
        card.mail = mail.clone().or(card.mail.take());
        card.verified = verified.clone().or(card.verified.take());
    }

    fn begin_leg(
        &mut self,
        at: Timestamp,
        leg: LegId,
        party: &Party,
        cause: LegCause,
        parent: Option<LegId>,
    ) {
        let (kind, who, trunk) = project::describe(party);
        self.legs.push(LegRecord {
            leg,
            kind: kind.to_owned(),
            party: who,
            trunk,
            parent,
            cause,
            started_at: at,
            answered_at: None,
            ended_at: None,
            quality: None,
            end_kind: None,
            reason: None,
            status: None,
        });
    }

    fn leg(&mut self, leg: LegId, change: impl FnOnce(&mut LegRecord)) {
        if let Some(found) = self.legs.iter_mut().find(|known| known.leg == leg) {
            change(found);
        }
    }

    // The place of a telephone is taken by another; an agent's is the agent's, wherever it is answered.
    fn forward(&mut self, leg: LegId, number: &Number, trunk: Option<&TrunkId>) {
        self.leg(leg, |found| {
            if matches!(found.kind.as_str(), "customer_phone" | "outside_phone") {
                found.party = project::shown(number);
                found.trunk = trunk.map(ToString::to_string).or(found.trunk.take());
            }
        });
    }

    fn wait(&mut self, at: Timestamp, event: &Event) {
        let Event::Queued {
            channel,
            queue,
            since,
            callback,
            familiar,
            kept_until,
            ..
        } = event
        else {
            return;
        };
        if self.waits.last().is_some_and(|wait| wait.left_at.is_none()) {
            return;
        }
        self.waits.push(WaitRecord {
            queue: queue.clone(),
            channel: *channel,
            since: *since,
            entered_at: at,
            callback: *callback,
            kept_for: familiar.clone(),
            kept_until: *kept_until,
            left_at: None,
            waited_ms: None,
            reason: None,
        });
    }

    fn leave(&mut self, at: Timestamp, waited_ms: u64, reason: &str) {
        let mut waits = self.waits.iter_mut().rev();
        if let Some(wait) = waits.find(|wait| wait.left_at.is_none()) {
            wait.left_at = Some(at);
            wait.waited_ms = Some(waited_ms);
            wait.reason = Some(reason.to_owned());
        }
    }

    fn offer(&mut self, at: Timestamp, event: &Event) {
        let Event::Offered {
            agent,
            channel,
            route,
            ..
        } = event
        else {
            return;
        };
        self.offers.push(OfferRecord {
            agent: agent.clone(),
            channel: *channel,
            at,
            why: route.why.words().to_owned(),
            route: (**route).clone(),
            end: None,
        });
    }

    fn end_offer(&mut self, agent: &AgentId, how: String) {
        let mut offers = self.offers.iter_mut().rev();
        if let Some(offer) = offers.find(|offer| offer.agent == *agent && offer.end.is_none()) {
            offer.end = Some(how);
        }
    }

    fn assign(&mut self, at: Timestamp, event: &Event) {
        let Event::Assigned {
            assignment,
            agent,
            channel,
            ..
        } = event
        else {
            return;
        };
        self.end_offer(agent, "taken".to_owned());
        self.assignments.push(AssignmentRecord {
            assignment: *assignment,
            agent: agent.clone(),
            channel: *channel,
            started_at: at,
            wrap_up_at: None,
            ended_at: None,
            disposition: None,
            note: None,
            reason: None,
        });
    }

    fn end_stay(&mut self, at: Timestamp, event: &Event) {
        let Event::AssignmentEnded {
            assignment,
            disposition,
            note,
            reason,
            solved,
            ..
        } = event
        else {
            return;
        };
        self.solved = solved.or(self.solved);
        for found in self.stays(*assignment) {
            found.ended_at = Some(at);
            found.disposition.clone_from(disposition);
            found.note.clone_from(note);
            found.reason = Some(reason.clone());
        }
    }

    // A stay that began with the chat and took a call too stands here once for each channel.
    fn stays(&mut self, assignment: AssignmentId) -> impl Iterator<Item = &mut AssignmentRecord> {
        self.assignments
            .iter_mut()
            .filter(move |known| known.assignment == assignment)
    }

    fn callback(&mut self, callback: CallbackId, change: impl FnOnce(&mut CallbackRecord)) {
        let mut callbacks = self.callbacks.iter_mut();
        if let Some(found) = callbacks.find(|known| known.callback == callback) {
            change(found);
        }
    }
}
