//! What each fact does to its interaction. Nothing is decided here: the same facts give the same interaction.

mod callbacks;
mod calls;
mod cobrowse;
mod handing;
mod in_call;
mod in_chat;
mod legs;
mod ratings;
mod recording;
mod stay;
mod step;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use ws::{
    id::{InteractionId, Mid, Seq, Timestamp},
    timeline::Author,
};

use crate::{
    event::Event,
    interaction::{Ending, Interaction, Room, Writer},
    mids::{Kind, Mids, Written},
    numbered::Numbered,
    recording::Recordings,
    revise::Revised,
};

impl Interaction {
    // Begins an interaction from its first fact.
    #[allow(clippy::too_many_lines, reason = "one line a field")]
    pub(crate) fn open(
        (id, came): (InteractionId, u64),
        at: Timestamp,
        event: &Event,
    ) -> Option<Self> {
        let Event::Opened {
            channel,
            queue,
            zone,
            page,
            referrer,
            customer,
            name,
            answers,
        } = event
        else {
            return None;
        };
        Some(Self {
            id,
            opened: at,
            came,
            channel: *channel,
            queue: queue.clone(),
            zone: zone.clone(),
            page: page.clone(),
            referrer: referrer.clone(),
            customer: *customer,
            stepped: crate::step::Jump::default(),
            name: name.clone(),
            answers: answers.clone(),
            visitor: None,
            number: None,
            reached: BTreeSet::new(),
            seq: Seq(0),
            legs: Numbered::default(),
            chat: false,
            heard: at,
            mids: Mids::default(),
            revised: Revised::default(),
            files: 0,
            entry: None,
            wait: None,
            place: None,
            own: None,
            been: BTreeMap::new(),
            ruled: BTreeSet::new(),
            turned: None,
            informed: false,
            offered_back: None,
            message: None,
            voicemail: None,
            spoke: at,
            owed: None,
            offer: None,
            tried: BTreeMap::new(),
            notes: Vec::new(),
            handed: None,
            assignment: None,
            assignments: 0,
            served: None,
            met: false,
            call: None,
            caller: None,
            shown: None,
            callbacks: Numbered::default(),
            recordings: Recordings::default(),
            found: None,
            disposition: None,
            ended: None,
            solved: None,
            rating: None,
            repeat_of: None,
            repeated: false,
            cobrowse: None,
            room: Room::default(),
        })
    }

    // What a customer writes, or writes anew, brings a parked chat back.
    fn stir(&mut self) {
        if let Some(stay) = &mut self.assignment {
            stay.stirred = stay.parked.is_some();
        }
    }

    fn say(&mut self, at: Timestamp, from: &Author, mid: &Mid, kind: Kind) {
        self.spoke = at;
        if *from == Author::Customer {
            self.heard = at;
            self.stir();
        }
        self.owed = match from {
            Author::Customer => Some(self.seq),
            Author::Agent { .. } | Author::Program { .. } => None,
            // What the house says is no answer.
            Author::System => self.owed,
        };
        let writer = Writer::from(from);
        let seq = self.seq;
        let written = Written {
            seq,
            at,
            writer,
            kind,
        };
        self.mids.insert(mid, written);
    }

    #[allow(clippy::too_many_lines, reason = "one arm a kind of fact")]
    pub(crate) fn apply(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::LegStarted { .. }
            | Event::LegRinging { .. }
            | Event::LegAnswered { .. }
            | Event::LegFlowing { .. }
            | Event::LegEnded { .. }
            | Event::OneWayAudio { .. }
            | Event::LegMeasured { .. } => self.apply_leg(at, event),
            Event::Queued { .. }
            | Event::WaitPromised { .. }
            | Event::WaitEnded { .. }
            | Event::Dequeued { .. }
            | Event::Diverted { .. }
            | Event::Offered { .. }
            | Event::OfferEnded { .. }
            | Event::Assigned { .. } => self.apply_work(at, event),
            Event::Noted { .. } | Event::HandedOver { .. } => self.apply_handing(at, event),
            Event::WrapUpStarted { .. }
            | Event::WrapUpExtended { .. }
            | Event::ChatPaused { .. }
            | Event::ChatResumed { .. }
            | Event::Parked { .. }
            | Event::Unparked { .. }
            | Event::AssignmentEnded { .. } => self.apply_stay(at, event),
            Event::Bridged { .. }
            | Event::CallEnded { .. }
            | Event::EscalationStarted { .. }
            | Event::EscalationFailed { .. } => self.apply_call(at, event),
            Event::InCall(step) => self.apply_in_call(at, step),
            Event::InChat(step) => self.apply_in_chat(at, step),
            Event::Recording(step) => self.apply_recording(at, step),
            Event::CallbackPromised { .. }
            | Event::CallbackMoved { .. }
            | Event::CallbackWaits(_)
            | Event::CallbackReminded { .. }
            | Event::CallbackAttempted { .. }
            | Event::CallbackAttemptFailed { .. }
            | Event::CallbackEnded { .. } => self.apply_callback(at, event),
            Event::Said { from, mid, .. } => self.say(at, from, mid, Kind::Message),
            Event::FileShared { from, mid, .. } => {
                self.files += 1;
                self.say(at, from, mid, Kind::File);
            }
            Event::MessageEdited { by, of, text } => {
                self.revised.edit(*of, text);
                if *by == Author::Customer {
                    self.owed = Some(*of);
                    self.stir();
                }
            }
            Event::MessageDeleted { of, .. } => {
                self.owed = self.owed.filter(|owed| owed != of);
                self.revised.delete(*of);
            }
            Event::Ended { by, reason } => {
                self.ended = Some(Ending {
                    at,
                    by: by.clone(),
                    reason: reason.clone(),
                });
                self.chat = false;
                if let Some(stay) = &mut self.assignment {
                    stay.paused = false;
                }
            }
            Event::RepeatOf { .. }
            | Event::RatingAsked { .. }
            | Event::Rated { .. }
            | Event::RatingDeclined { .. } => self.apply_rating(at, event),
            Event::Cobrowsed { .. } => self.apply_cobrowse(at, event),
            Event::CustomerKnown { name, .. } => {
                if name.is_some() {
                    self.name.clone_from(name);
                }
            }
            Event::LookedUp { found } => self.found = Some(found.clone()),
            // Kept by the record, or not about an interaction's state.
            Event::Opened { .. }
            | Event::ExternalId { .. }
            | Event::ConsentChanged(_)
            | Event::ContactRefused { .. }
            | Event::MailPosted { .. }
            | Event::TurnedAway { .. }
            | Event::CallbackOffered { .. }
            | Event::Sealed { .. }
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
            | Event::Mended { .. }
            | Event::Started => {}
        }
    }
}
