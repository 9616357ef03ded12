//! One interaction as the journal tells it, and the rules that its facts alone can break.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use hub::{
    Event, Fact,
    edge::browser::Timeline,
    event::{InCall, LegCause, OfferEnd, Party},
    policy::Instead,
    quality::Moment,
    step::Jump,
};
use ws::{
    agent::Channel,
    id::{AgentId, AssignmentId, CallbackId, LegId, MenuId, QueueId, Timestamp, VisitorId},
    rating::Score,
    timeline::Author,
};

use crate::{
    colleagues::Colleagues, company::Company, promised::Promise, ruled::Ruled, sharing::Sharing,
    tapes::Tapes, voicemails::Voicemails,
};

/// One interaction as the journal tells it.
#[derive(Debug, Default)]
pub struct Matter {
    pub timeline: Timeline,
    pub visitor: Option<VisitorId>,
    /// To whom it is offered, and how often the daemon had started then.
    pub offered: Option<(AgentId, u64)>,
    pub ended: Option<String>,
    pub sealed: Option<String>,
    queued: bool,
    /// In which queue it waits, or did last.
    queue: Option<QueueId>,
    /// The customer's live chat.
    chat: Option<LegId>,
    /// Live legs, and whether they are a phone's.
    pub legs: BTreeMap<LegId, bool>,
    ended_legs: BTreeSet<LegId>,
    /// Who hears whom.
    pairs: BTreeMap<LegId, LegId>,
    pub promises: BTreeMap<CallbackId, Promise>,
    stay: Option<Stay>,
    over_stays: BTreeSet<AssignmentId>,
    /// When somebody last wrote, an agent came, or took a parked chat up.
    spoke: Timestamp,
    pub rating: Option<Rating>,
    pub sharing: Sharing,
    pub company: Company,
    pub colleagues: Colleagues,
    /// Legs that are poor, and those that were measured as they ended.
    poor: BTreeSet<LegId>,
    measured: BTreeSet<LegId>,
    pub tapes: Tapes,
    voicemails: Voicemails,
    /// Whether its call was given to somebody, who needs no offer.
    given: bool,
    /// In which menu its caller is.
    menu: Option<MenuId>,
    /// The stay that began so.
    taken: Option<AssignmentId>,
    /// Rules of queues that were followed.
    ruled: Ruled,
    /// Queues it waited in.
    been: BTreeSet<QueueId>,
    /// When a message that was left is looked at.
    opens: Option<Timestamp>,
}

/// An agent's part in it.
#[derive(Debug)]
struct Stay {
    id: AssignmentId,
    agent: AgentId,
    parked: bool,
    /// Until when the wrap-up goes.
    wrap_up: Option<Timestamp>,
}

/// How its customer was served, by their own word.
#[derive(Debug)]
pub struct Rating {
    until: Timestamp,
    /// All they told, the last of which counts.
    pub scores: Vec<Score>,
    pub declined: bool,
}

impl Matter {
    /// Tells whether a leg is or was in it.
    pub fn knows(&self, leg: LegId) -> bool {
        self.legs.contains_key(&leg) || self.ended_legs.contains(&leg)
    }

    /// Tells whether two hear each other in it.
    pub fn is_connected(&self) -> bool {
        self.pairs.keys().any(|leg| self.legs.contains_key(leg))
    }

    /// Takes in that the time jumped: what lasts a while has as long left.
    pub fn step(&mut self, jump: Jump) {
        let wrap_up = self.stay.as_mut().and_then(|stay| stay.wrap_up.as_mut());
        let rating = self.rating.as_mut().map(|rating| &mut rating.until);
        let all = wrap_up.into_iter().chain(rating);
        for at in all.chain([&mut self.spoke]) {
            *at = jump.shift(*at);
        }
    }

    /// Takes in what happened in it; the daemon had started so often, and parks a chat after so long a silence.
    pub fn handle_fact(&mut self, fact: &Fact, starts: u64, silence: Duration) {
        self.handle_leg(fact);
        self.handle_promise(fact);
        self.handle_stay(fact, silence);
        self.handle_rating(fact);
        self.handle_rule(fact);
        self.handle_call(fact);
        let agent = self.stay.as_ref().map(|stay| &stay.agent);
        self.colleagues.handle_fact(fact, agent, starts);
        self.tapes.handle_fact(fact);
        self.voicemails.handle_fact(fact);
        self.sharing.handle_fact(fact, self.ended.is_some());
        self.ended
            .take_if(|_| crate::voicemails::calls(&fact.event));
        match &fact.event {
            Event::Queued { .. } => {
                assert!(!self.queued, "an interaction is in one queue: {fact:?}");
                self.queued = true;
            }
            Event::Dequeued { .. } => {
                assert!(self.queued, "what leaves a queue was in it: {fact:?}");
                self.queued = false;
            }
            Event::Offered { agent, .. } => {
                assert_eq!(self.offered, None, "one offer at a time: {fact:?}");
                assert!(self.queued, "what is offered waits: {fact:?}");
                self.offered = Some((agent.clone(), starts));
            }
            // One that was taken ends once more when the agent's phone fails.
            Event::OfferEnded {
                end: OfferEnd::PhoneFailed | OfferEnd::Interrupted,
                ..
            } if self.offered.is_none() => {}
            Event::Assigned { .. } if self.offered.is_none() => self.check_given(fact),
            Event::OfferEnded { agent, .. } | Event::Assigned { agent, .. } => {
                assert_eq!(
                    self.offered.take().map(|(to, _)| to).as_ref(),
                    Some(agent),
                    "an offer ends once: {fact:?}"
                );
            }
            Event::Ended { reason, .. } => {
                let before = self.ended.replace(reason.clone());
                assert_eq!(before, None, "a contact ends once a visit: {fact:?}");
            }
            Event::Sealed { outcome, .. } => {
                self.check_sealed(fact);
                self.sealed = Some(outcome.clone());
            }
            _ => {}
        }
    }

    /// Returns whose stay it is.
    pub fn agent(&self) -> Option<&AgentId> {
        self.stay.as_ref().map(|stay| &stay.agent)
    }

    // Who takes it without an offer was given the call, or is in the chat as a colleague.
    fn check_given(&mut self, fact: &Fact) {
        let Event::Assigned {
            assignment,
            channel,
            agent,
            ..
        } = &fact.event
        else {
            return;
        };
        // Whoever is given the call takes the chat with it.
        let also = self.taken == Some(*assignment) && *channel == Channel::Chat;
        let given = std::mem::take(&mut self.given);
        self.taken = given.then_some(*assignment);
        let there = self.colleagues.has(agent);
        assert!(
            given || also || there,
            "who takes it was offered it, or given it: {fact:?}"
        );
    }

    fn check_sealed(&self, fact: &Fact) {
        let reason = self.ended.as_deref().unwrap_or_default();
        assert!(!reason.is_empty(), "it is sealed with a reason: {fact:?}");
        assert!(self.legs.is_empty(), "no leg outlives it: {:?}", self.legs);
        assert!(!self.queued && self.offered.is_none(), "it waits: {fact:?}");
        assert!(self.stay.is_none(), "an agent is in it: {fact:?}");
        let left = !self.company.is_over() || !self.colleagues.is_over();
        assert!(!left, "somebody is in it: {fact:?}");
        assert!(self.tapes.is_over(), "it is recorded: {fact:?}");
        assert!(!self.sharing.is_open(), "a page is shared: {fact:?}");
        let open = self.promises.iter().find(|(_, p)| p.end.is_none());
        assert!(open.is_none(), "a promise was forgotten: {open:?}");
    }

    fn handle_leg(&mut self, fact: &Fact) {
        match &fact.event {
            Event::LegStarted { leg, party, .. } => {
                let phone = matches!(
                    party,
                    Party::CustomerPhone { .. }
                        | Party::AgentPhone { .. }
                        | Party::CustomerBrowser { .. }
                        | Party::AgentBrowser { .. }
                );
                if let Party::CustomerChat { visitor } = party {
                    self.visitor = Some(*visitor);
                    self.chat = Some(*leg);
                }
                if let Party::CustomerBrowser { visitor } = party {
                    self.visitor = Some(*visitor);
                }
                let twice = self.legs.insert(*leg, phone).is_some();
                assert!(
                    !twice && !self.ended_legs.contains(leg),
                    "a leg begins once: {fact:?}"
                );
            }
            Event::LegMeasured { leg, moment, .. } => {
                assert!(self.legs.contains_key(leg), "it is over: {fact:?}");
                let news = match moment {
                    Moment::Poor => self.poor.insert(*leg),
                    Moment::Fair => self.poor.remove(leg),
                    Moment::Ended => self.measured.insert(*leg),
                };
                assert!(news, "a leg turns by turns and ends once: {fact:?}");
            }
            Event::LegEnded { leg, .. } => {
                assert!(
                    self.legs.remove(leg).is_some(),
                    "a leg ends once, after it began: {fact:?}"
                );
                self.ended_legs.insert(*leg);
                self.chat.take_if(|chat| chat == leg);
            }
            Event::Bridged { a, b } => {
                for leg in [a, b] {
                    assert!(self.legs.contains_key(leg), "it is over: {fact:?}");
                    let other = self.pairs.get(leg);
                    let other = other.filter(|other| self.legs.contains_key(other));
                    assert_eq!(other, None, "a leg is in one bridge: {fact:?}");
                }
                self.pairs.extend([(*a, *b), (*b, *a)]);
            }
            // From here on the customer waits for somebody else.
            Event::InCall(InCall::Transferred { .. } | InCall::Replaced { .. }) => {
                self.pairs.clear();
            }
            _ => {}
        }
    }

    fn handle_stay(&mut self, fact: &Fact, silence: Duration) {
        if let Event::Said { .. } | Event::FileShared { .. } | Event::Unparked { .. } = &fact.event
        {
            self.spoke = fact.at;
        }
        if let Event::Assigned {
            assignment, agent, ..
        } = &fact.event
        {
            return self.begin_stay(fact, *assignment, agent);
        }
        let (Event::Parked {
            assignment, agent, ..
        }
        | Event::Unparked { assignment, agent }
        | Event::WrapUpStarted {
            assignment, agent, ..
        }
        | Event::WrapUpExtended {
            assignment, agent, ..
        }
        | Event::AssignmentEnded {
            assignment, agent, ..
        }) = &fact.event
        else {
            return;
        };
        let stay = self.stay.as_mut();
        let stay = stay.filter(|stay| stay.id == *assignment && stay.agent == *agent);
        let Some(stay) = stay else {
            panic!("only who is in it does something there: {fact:?}");
        };
        match &fact.event {
            Event::Parked { by, .. } => {
                let open = !stay.parked && stay.wrap_up.is_none();
                assert!(open, "an open chat is parked, and once: {fact:?}");
                let silent = *by != Author::System || fact.at >= self.spoke + silence;
                assert!(silent, "a chat is parked when it was silent: {fact:?}");
                stay.parked = true;
            }
            Event::Unparked { .. } => {
                let parked = std::mem::take(&mut stay.parked);
                assert!(parked, "what is taken up was parked: {fact:?}");
            }
            Event::WrapUpStarted { until, .. } => {
                assert_eq!(stay.wrap_up, None, "a wrap-up begins once: {fact:?}");
                stay.wrap_up = Some(*until);
            }
            Event::WrapUpExtended { until, .. } => {
                let longer = stay.wrap_up.is_some_and(|before| before < *until);
                assert!(longer, "a wrap-up is made longer: {fact:?}");
                stay.wrap_up = Some(*until);
            }
            _ => {
                self.over_stays.insert(stay.id);
                self.stay = None;
            }
        }
    }

    // Who takes a call beside their chat is in it already.
    fn begin_stay(&mut self, fact: &Fact, id: AssignmentId, agent: &AgentId) {
        assert!(!self.over_stays.contains(&id), "a stay ends once: {fact:?}");
        let other = self.stay.as_ref().filter(|stay| stay.agent != *agent);
        assert!(other.is_none(), "one agent at a time: {fact:?}");
        if self.stay.as_ref().is_some_and(|stay| stay.id == id) {
            return;
        }
        self.spoke = fact.at;
        self.stay = Some(Stay {
            id,
            agent: agent.clone(),
            parked: false,
            wrap_up: None,
        });
    }

    fn handle_rating(&mut self, fact: &Fact) {
        match &fact.event {
            Event::RatingAsked { until, .. } => {
                assert!(self.ended.is_some(), "it is asked at the end: {fact:?}");
                assert!(self.rating.is_none(), "it is asked once: {fact:?}");
                self.rating = Some(Rating {
                    until: *until,
                    scores: Vec::new(),
                    declined: false,
                });
            }
            Event::Rated { score, before, .. } => {
                let rating = self.rating.as_mut().expect("it was asked for");
                assert!(fact.at <= rating.until, "it is taken in time: {fact:?}");
                let last = rating.scores.last();
                assert_eq!(last, before.as_ref(), "it replaces another: {fact:?}");
                rating.scores.push(*score);
            }
            Event::RatingDeclined { .. } => {
                let rating = self.rating.as_mut().expect("it was asked for");
                let twice = std::mem::replace(&mut rating.declined, true);
                assert!(
                    !twice && rating.scores.is_empty(),
                    "what is told stays: {fact:?}"
                );
            }
            _ => {}
        }
    }

    // A rule of a queue is followed once, nobody comes back, and a message is looked at when its queue opens.
    fn handle_rule(&mut self, fact: &Fact) {
        self.ruled.handle(fact, self.chat.is_some());
        match &fact.event {
            Event::Queued { queue, .. } => {
                self.queue = Some(queue.clone());
                self.been.insert(queue.clone());
            }
            // A call is a visit of its own, where no chat is open.
            Event::LegStarted {
                party: Party::CustomerPhone { .. } | Party::CustomerBrowser { .. },
                cause: LegCause::Inbound,
                ..
            } if self.chat.is_none() => {
                self.been.clear();
                self.been.extend(self.queue.clone().filter(|_| self.queued));
            }
            Event::Diverted { to, opens, .. } => match to {
                Instead::Queue { queue } => {
                    let back = self.been.contains(queue);
                    assert!(!back, "nobody comes back to a queue: {fact:?}");
                }
                Instead::Message => self.opens = *opens,
                Instead::Busy | Instead::Callback | Instead::Voicemail | Instead::Wait => {}
            },
            Event::Offered { channel, .. } if self.stay.is_none() => {
                assert!(
                    self.menu.is_none(),
                    "nobody is asked while the caller is in a menu: {fact:?}"
                );
                // A promise in it may be due before.
                let chat = *channel == Channel::Chat;
                let shut = chat && self.opens.is_some_and(|opens| fact.at < opens);
                assert!(!shut, "a message waits until its queue opens: {fact:?}");
            }
            _ => {}
        }
    }

    fn handle_call(&mut self, fact: &Fact) {
        if let Event::CallEnded { .. } | Event::EscalationFailed { .. } = &fact.event {
            (self.company.muted, self.menu) = (false, None);
        }
        let Event::InCall(step) = &fact.event else {
            return;
        };
        self.company.handle_step(step, fact, &self.legs);
        match step {
            InCall::Transferred { leg, .. } => self.given = leg.is_some(),
            InCall::Replaced { .. } => self.given = true,
            InCall::TransferFailed { .. } => self.given = false,
            InCall::MenuEntered { menu, .. } => {
                assert_eq!(self.menu, None, "one menu at a time: {fact:?}");
                self.menu = Some(menu.clone());
            }
            InCall::MenuKeyed { menu, .. } => {
                assert_eq!(self.menu.as_ref(), Some(menu), "it is not there: {fact:?}");
            }
            InCall::MenuLeft { menu, .. } => {
                let was = self.menu.take();
                assert_eq!(was.as_ref(), Some(menu), "it is not there: {fact:?}");
            }
            InCall::ConsultStarted { .. }
            | InCall::ConsultJoined { .. }
            | InCall::ConsultEnded { .. }
            | InCall::ConferenceJoined { .. }
            | InCall::Held { .. }
            | InCall::Muted { .. }
            | InCall::ConferenceLeft { .. }
            | InCall::SupervisionStarted { .. }
            | InCall::Supervised { .. }
            | InCall::SupervisionEnded { .. }
            | InCall::HandedOut { .. }
            | InCall::HandOutFailed { .. }
            | InCall::HoldRefused { .. }
            | InCall::Hears { .. }
            | InCall::CallerShown { .. }
            | InCall::Rerouted { .. }
            | InCall::Redirected { .. }
            | InCall::ReplacementStarted { .. }
            | InCall::ReplacementFailed { .. } => {}
        }
    }
}
