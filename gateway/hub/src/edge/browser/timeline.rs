//! Folds facts into the numbered entries that visitor and agent see.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ws::{
    cobrowse::Act,
    id::{
        AgentId, CallbackId, CustomerId, InteractionId, LegId, Mid, Number, Seq, VisitorId, ZoneId,
    },
    timeline::{Author, CallState, CallbackState, Entry, What},
};

use super::revised::Revised;
use crate::{
    event::{Event, Fact, InChat, Party},
    policy::Instead,
};

/// Bytes of sealed timelines kept for those who were away when the contact ended.
const KEPT: usize = 16 * 1024 * 1024;

/// One interaction as visitor and agent see it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    customer: Option<CustomerId>,
    visitor: Option<VisitorId>,
    zone: Option<ZoneId>,
    entries: Vec<Entry>,
    bytes: usize,
    ended: bool,
    numbers: BTreeMap<CallbackId, Number>,
    phone: Option<LegId>,
    receipts: BTreeMap<Option<AgentId>, Receipt>,
    revised: Revised,
}

/// What one party received and saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The highest entry that arrived.
    pub delivered: Seq,
    /// The highest entry that was seen.
    pub read: Seq,
}

impl Timeline {
    /// Takes a fact of this interaction in; tells whether an entry was added.
    pub fn handle_fact(&mut self, fact: &Fact) -> bool {
        self.note(&fact.event);
        let Some(seq) = fact.seq.filter(|seq| *seq > self.top()) else {
            return false;
        };
        let Some(what) = self.entry_of(&fact.event) else {
            return false;
        };
        self.ended |= matches!(what, What::Ended { .. });
        self.revised.note(seq, &what);
        let at = fact.at;
        self.bytes += size(&what);
        self.entries.push(Entry { seq, at, what });
        true
    }

    /// Returns all entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the entries after a place.
    pub fn after(&self, seq: Seq) -> &[Entry] {
        let from = self.entries.partition_point(|entry| entry.seq <= seq);
        &self.entries[from..]
    }

    /// Returns an entry as its visitor sees it.
    pub fn for_visitor(&self, entry: &Entry) -> Entry {
        self.revised.for_visitor(entry)
    }

    /// Returns the last place, 0 when there is none.
    pub fn top(&self) -> Seq {
        self.entries.last().map_or(Seq(0), |entry| entry.seq)
    }

    /// Returns where the customer's message of this id stands.
    pub fn said(&self, wanted: &Mid) -> Option<Seq> {
        let theirs = |entry: &&Entry| match &entry.what {
            What::Message {
                from: Author::Customer,
                mid,
                ..
            } => mid == wanted,
            _ => false,
        };
        self.entries.iter().find(theirs).map(|entry| entry.seq)
    }

    /// Returns the visitor who may see it.
    pub fn visitor(&self) -> Option<VisitorId> {
        self.visitor
    }

    /// Returns the zone it came by.
    pub fn zone(&self) -> Option<&ZoneId> {
        self.zone.as_ref()
    }

    /// Tells whether the contact is over.
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// Returns about how much memory its texts take.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns what each party received and saw; no agent means the customer.
    pub fn receipts(&self) -> impl Iterator<Item = (Option<&AgentId>, Receipt)> {
        let receipts = self.receipts.iter();
        receipts.map(|(party, receipt)| (party.as_ref(), *receipt))
    }

    /// Raises what a party received and saw; tells whether that was news.
    pub fn receive(&mut self, party: Option<AgentId>, receipt: Receipt) -> bool {
        let known = self.receipts.entry(party).or_default();
        let raised = Receipt {
            delivered: known.delivered.max(receipt.delivered),
            read: known.read.max(receipt.read),
        };
        std::mem::replace(known, raised) != raised
    }

    // What later entries need and earlier facts tell.
    fn note(&mut self, event: &Event) {
        match event {
            Event::Opened { zone, customer, .. } => {
                self.zone.clone_from(zone);
                self.customer = Some(*customer);
            }
            Event::LegStarted {
                party: Party::CustomerChat { visitor },
                ..
            } => self.visitor = Some(*visitor),
            Event::LegStarted {
                party: Party::CustomerPage { visitor, .. },
                ..
            } => {
                self.visitor.get_or_insert(*visitor);
            }
            Event::LegStarted {
                leg,
                party: Party::CustomerPhone { .. },
                ..
            } => self.phone = Some(*leg),
            Event::LegStarted {
                leg,
                party: Party::CustomerBrowser { visitor },
                ..
            } => {
                self.phone = Some(*leg);
                self.visitor.get_or_insert(*visitor);
            }
            Event::CallbackPromised {
                callback, number, ..
            } => {
                self.numbers.insert(*callback, number.clone());
            }
            _ => {}
        }
    }

    // Facts that no party sees as an entry are named in `crate::event`; those with a seq are all here.
    #[allow(clippy::too_many_lines, reason = "one arm a kind of fact")]
    fn entry_of(&self, event: &Event) -> Option<What> {
        Some(match event {
            Event::Said { from, mid, text } => What::Message {
                from: from.clone(),
                mid: mid.clone(),
                text: text.clone(),
            },
            Event::FileShared { from, mid, file } => What::File {
                from: from.clone(),
                mid: mid.clone(),
                file: file.clone(),
            },
            Event::MessageEdited { by, of, text } => What::Edited {
                by: by.clone(),
                of: *of,
                text: text.clone(),
            },
            Event::MessageDeleted { by, of } => What::Deleted {
                by: by.clone(),
                of: *of,
            },
            Event::Queued { queue, .. } => What::Queued {
                queue: queue.clone(),
            },
            Event::Diverted {
                to: Instead::Message,
                opens,
                ..
            } => What::Held { opens: *opens },
            Event::Diverted {
                to: Instead::Callback,
                ..
            } => What::CallbackOffered,
            Event::Assigned { agent, name, .. } | Event::InChat(InChat::Joined { agent, name }) => {
                What::Joined {
                    agent: agent.clone(),
                    name: name.clone(),
                }
            }
            Event::ChatPaused { agent, .. } => What::Paused {
                agent: agent.clone(),
            },
            Event::ChatResumed { agent, .. } => What::Resumed {
                agent: agent.clone(),
            },
            Event::WrapUpStarted { agent, .. }
            | Event::AssignmentEnded { agent, .. }
            | Event::InChat(InChat::Left { agent }) => What::Left {
                agent: agent.clone(),
            },
            Event::Ended { by, reason } => What::Ended {
                by: by.clone(),
                reason: reason.clone(),
            },
            Event::RatingAsked { channel, until, .. } => What::RatingAsked {
                channel: *channel,
                until: *until,
            },
            Event::Rated { score, comment, .. } => What::Rated {
                score: *score,
                comment: comment.clone(),
            },
            Event::RatingDeclined { .. } => What::RatingDeclined,
            Event::Cobrowsed { by, act } => What::Cobrowse {
                by: by.clone(),
                act: Act::clone(act),
            },
            other => return self.call_of(other).or_else(|| self.callback_of(other)),
        })
    }

    fn call_of(&self, event: &Event) -> Option<What> {
        let (leg, call) = match event {
            Event::EscalationStarted {
                number,
                customer_leg,
                ..
            } => (
                Some(*customer_leg),
                CallState::Dialling {
                    number: number.clone(),
                },
            ),
            Event::LegRinging { leg } => (Some(*leg), CallState::Ringing),
            Event::Bridged { .. } => (self.phone, CallState::Connected),
            Event::CallEnded { leg, cause } => (
                Some(*leg),
                CallState::Ended {
                    reason: cause.text.clone(),
                },
            ),
            Event::EscalationFailed { cause } => (
                self.phone,
                CallState::Failed {
                    reason: cause.text.clone(),
                },
            ),
            _ => return None,
        };
        Some(What::Call { leg, call })
    }

    fn callback_of(&self, event: &Event) -> Option<What> {
        let (callback, state, by) = match event {
            Event::CallbackPromised {
                callback, due, by, ..
            }
            | Event::CallbackMoved {
                callback, due, by, ..
            } => (
                *callback,
                CallbackState::Promised { due: *due },
                Some(by.clone()),
            ),
            Event::CallbackAttempted { callback, .. } => (*callback, CallbackState::Dialling, None),
            Event::CallbackAttemptFailed {
                callback,
                cause,
                due: Some(due),
                ..
            } => (
                *callback,
                CallbackState::Retrying {
                    reason: cause.text.clone(),
                    due: *due,
                },
                None,
            ),
            Event::CallbackEnded { callback, end } => (*callback, end.state(), end.by().cloned()),
            _ => return None,
        };
        let number = self.numbers.get(&callback)?.clone();
        Some(What::Callback {
            callback,
            number,
            state,
            by,
        })
    }
}

fn size(what: &What) -> usize {
    let text = match what {
        What::Message { text, .. } | What::Edited { text, .. } => text.len(),
        What::File { file, .. } => file.name.len() + file.kind.len(),
        What::Ended { reason, .. } => reason.len(),
        What::Rated { comment, .. } => comment.as_ref().map_or(0, String::len),
        What::Queued { .. }
        | What::Deleted { .. }
        | What::RatingAsked { .. }
        | What::RatingDeclined
        | What::Cobrowse { .. }
        | What::Held { .. }
        | What::CallbackOffered
        | What::Joined { .. }
        | What::Paused { .. }
        | What::Resumed { .. }
        | What::Left { .. }
        | What::Call { .. }
        | What::Callback { .. } => 0,
    };
    size_of::<Entry>() + text
}

/// The timelines of all interactions that are not sealed, and of the last that are.
#[derive(Debug, Default)]
pub(super) struct Timelines {
    held: BTreeMap<InteractionId, Timeline>,
    by_visitor: BTreeMap<VisitorId, Vec<InteractionId>>,
    sealed: VecDeque<InteractionId>,
    sealed_bytes: usize,
    /// Whose live timelines go as soon as they are sealed.
    erased: BTreeSet<CustomerId>,
    /// Those that go once who watches was told of the end.
    leaving: Vec<InteractionId>,
}

impl Timelines {
    /// Takes a fact in; tells whether an entry was added.
    pub(super) fn handle_fact(&mut self, fact: &Fact) -> bool {
        if let Event::CustomerErased { records, .. } = &fact.event {
            self.erase(records);
        }
        let Some(id) = fact.interaction else {
            return false;
        };
        if matches!(fact.event, Event::Opened { .. }) {
            self.held.entry(id).or_default();
        }
        let Some(timeline) = self.held.get_mut(&id) else {
            return false;
        };
        let added = timeline.handle_fact(fact);
        match &fact.event {
            Event::LegStarted {
                party:
                    Party::CustomerChat { visitor }
                    | Party::CustomerPage { visitor, .. }
                    | Party::CustomerBrowser { visitor },
                ..
            } => {
                let theirs = self.by_visitor.entry(*visitor).or_default();
                if !theirs.contains(&id) {
                    theirs.push(id);
                }
            }
            Event::Sealed { .. } => self.seal(id),
            _ => {}
        }
        added
    }

    pub(super) fn get(&self, id: InteractionId) -> Option<&Timeline> {
        self.held.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: InteractionId) -> Option<&mut Timeline> {
        self.held.get_mut(&id)
    }

    /// Returns a timeline if this visitor may see it.
    pub(super) fn of(&self, visitor: VisitorId, id: InteractionId) -> Option<&Timeline> {
        self.get(id).filter(|found| found.visitor == Some(visitor))
    }

    /// Finds where a visitor's message stands, in whatever contact of a zone.
    pub(super) fn said(
        &self,
        visitor: VisitorId,
        zone: &ZoneId,
        mid: &Mid,
    ) -> Option<(InteractionId, Seq)> {
        let theirs = self.by_visitor.get(&visitor)?.iter().rev();
        theirs
            .filter_map(|id| {
                let found = self.of(visitor, *id)?;
                let here = found.zone.as_ref() == Some(zone);
                Some((*id, found.said(mid).filter(|_| here)?))
            })
            .next()
    }

    /// Finds the visitor's newest contact that is not over, in one zone or any.
    pub(super) fn live(&self, visitor: VisitorId, zone: Option<&ZoneId>) -> Option<InteractionId> {
        let theirs = self.by_visitor.get(&visitor)?.iter().rev().copied();
        theirs.into_iter().find(|&id| {
            self.of(visitor, id).is_some_and(|found| {
                let here = |zone| found.zone.as_ref().is_none_or(|known| known == zone);
                !found.ended && zone.is_none_or(here)
            })
        })
    }

    // What was said to somebody who is erased is not kept for those who were away. What goes on with them ends in the
    // same moment; it is dropped when it is sealed and its visitor was told of the end.
    fn erase(&mut self, records: &[CustomerId]) {
        let theirs = |found: &Timeline| found.customer.is_some_and(|id| records.contains(&id));
        let sealed = std::mem::take(&mut self.sealed).into_iter();
        let (gone, kept): (VecDeque<_>, VecDeque<_>) =
            sealed.partition(|id| self.held.get(id).is_some_and(theirs));
        self.sealed = kept;
        for id in gone {
            self.drop_one(id);
        }
        let live = self.held.iter().filter(|(id, _)| !self.sealed.contains(id));
        let live = live.filter_map(|(_, found)| found.customer);
        self.erased.extend(live.filter(|id| records.contains(id)));
    }

    /// Forgets what was sealed of those who are erased, now that who watches was told how it ended.
    pub(super) fn forget_erased(&mut self) {
        for id in std::mem::take(&mut self.leaving) {
            let customer = self.held.get(&id).and_then(|found| found.customer);
            // It was never counted among the sealed.
            if let Some(found) = self.held.get_mut(&id) {
                found.bytes = 0;
            }
            self.drop_one(id);
            let mut live = self.held.values();
            if !live.any(|found| found.customer == customer) {
                self.erased.retain(|known| Some(*known) != customer);
            }
        }
    }

    // Kept for a while: those who were away when it ended can still take up its end.
    fn seal(&mut self, id: InteractionId) {
        let customer = self.held.get(&id).and_then(|found| found.customer);
        if customer.is_some_and(|id| self.erased.contains(&id)) {
            return self.leaving.push(id);
        }
        self.sealed_bytes += self.held.get(&id).map_or(0, Timeline::bytes);
        self.sealed.push_back(id);
        while self.sealed_bytes > KEPT {
            let Some(oldest) = self.sealed.pop_front() else {
                return;
            };
            self.drop_one(oldest);
        }
    }

    fn drop_one(&mut self, id: InteractionId) {
        let Some(dropped) = self.held.remove(&id) else {
            return;
        };
        self.sealed_bytes = self.sealed_bytes.saturating_sub(dropped.bytes);
        if let Some(visitor) = dropped.visitor
            && let Some(theirs) = self.by_visitor.get_mut(&visitor)
        {
            theirs.retain(|known| *known != id);
            if theirs.is_empty() {
                self.by_visitor.remove(&visitor);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ws::{agent::Channel, id::Timestamp, timeline::Author};

    use super::*;

    fn fact(interaction: Option<u128>, seq: Option<u64>, event: Event) -> Fact {
        Fact {
            at: Timestamp(1),
            interaction: interaction.and_then(InteractionId::new),
            seq: seq.map(Seq),
            event,
        }
    }

    fn person(n: u128) -> CustomerId {
        CustomerId::new(n).unwrap()
    }

    /// A timeline of a customer, with a word in it, sealed if wanted.
    fn kept(timelines: &mut Timelines, n: u128, customer: u128, sealed: bool) -> InteractionId {
        let opened = Event::Opened {
            channel: Channel::Chat,
            queue: "support".parse().unwrap(),
            zone: None,
            page: None,
            referrer: None,
            customer: person(customer),
            name: None,
            answers: Vec::new(),
        };
        timelines.handle_fact(&fact(Some(n), None, opened));
        let said = Event::Said {
            from: Author::Customer,
            mid: "m1".parse().unwrap(),
            text: "a word".to_owned(),
        };
        timelines.handle_fact(&fact(Some(n), Some(1), said));
        if sealed {
            seal(timelines, n);
        }
        InteractionId::new(n).unwrap()
    }

    fn seal(timelines: &mut Timelines, n: u128) {
        let sealed = Event::Sealed {
            outcome: "served".to_owned(),
            agent: None,
            served: None,
        };
        timelines.handle_fact(&fact(Some(n), None, sealed));
    }

    #[test]
    fn nothing_that_was_said_with_an_erased_customer_is_kept() {
        let mut timelines = Timelines::default();
        let gone = kept(&mut timelines, 1, 1, true);
        let live = kept(&mut timelines, 2, 2, false);
        let other = kept(&mut timelines, 3, 3, true);

        let erased = Event::CustomerErased {
            customer: person(1),
            records: vec![person(1), person(2)],
            by: Author::System,
            reason: "asked for".to_owned(),
        };
        timelines.handle_fact(&fact(None, None, erased));

        assert_eq!(timelines.get(gone), None);
        assert!(timelines.get(live).is_some(), "it is not sealed yet");
        seal(&mut timelines, 2);
        assert!(timelines.get(live).is_some(), "its end is not told yet");
        timelines.forget_erased();
        assert_eq!(timelines.get(live), None);
        assert!(timelines.get(other).is_some());
        let left = timelines.get(other).map_or(0, Timeline::bytes);
        assert_eq!(timelines.sealed_bytes, left);
        assert!(timelines.erased.is_empty());
    }
}
