//! Those a queue cannot serve, or not in time: which rule holds, what is done instead, and doing it. A rule is followed
//! once a queue, and nobody comes back to a queue they waited in, so this ends.

use std::{collections::BTreeMap, time::Duration};

use ws::{
    agent::Channel,
    frame::{Code, Refusal},
    id::{InteractionId, Mid, QueueId, Timestamp, VisitorId, ZoneId},
    timeline::Author,
};

use crate::{
    callback::is_kept_waiting,
    command::{Command, Program},
    demand::Skills,
    event::{Event, Party},
    hours::Opening,
    hub::Hub,
    input::{Arrival, CauseKind, refuse},
    interaction::{Entry, Interaction},
    policy::{Instead, Rule},
    settle::cause,
    setup::QueueSetup,
};

/// Somebody who comes to a queue.
#[derive(Clone, Copy)]
struct Comer<'a> {
    queue: &'a QueueId,
    /// The zone they come by, where its hours count.
    zone: Option<&'a ZoneId>,
    channel: Channel,
    /// The queues they waited in.
    been: &'a BTreeMap<QueueId, Timestamp>,
    /// Since when they wait in this one.
    since: Option<Timestamp>,
    /// Whether a number is known, or can be given, to call back.
    reachable: bool,
    /// Whether they have a page before them, in which they can write.
    page: bool,
    /// Whether the house called them, as it promised.
    called: bool,
    /// What an agent must be able to do for them, beyond what the queue asks.
    skills: &'a Skills,
    /// When they come; what was told last may be long ago.
    at: Timestamp,
}

/// The rules looked at for one who comes; one who waits is only late, or alone.
const COMING: [Rule; 4] = [Rule::Closed, Rule::Full, Rule::Unstaffed, Rule::Slow];
const WAITING: [Rule; 2] = [Rule::Late, Rule::Unstaffed];

/// After how long it is looked again whether something else can be done for one who waits.
const AGAIN: Duration = Duration::from_secs(10);

impl Hub {
    /// Turns away whom the queue's rules do not even let begin, with the reason. A chat that asks again by itself is told
    /// once.
    pub(crate) fn check_busy(
        &mut self,
        (queue, zone): (&QueueId, Option<&ZoneId>),
        channel: Channel,
        opening: Option<(VisitorId, &Mid)>,
    ) -> Result<(), Refusal> {
        let Some((rule, Instead::Busy)) = self.coming((queue, zone), channel, self.now) else {
            return Ok(());
        };
        let turned_away = Event::TurnedAway {
            channel,
            queue: queue.clone(),
            rule,
        };
        if opening.is_none_or(|(visitor, mid)| self.knocks.is_new(visitor, mid)) {
            self.tell(None, turned_away);
        }
        let code = match rule {
            Rule::Full | Rule::Slow | Rule::Late => Code::Full,
            // Not a failure of ours: `unavailable` would have it sent again every few seconds until the queue opens.
            Rule::Closed | Rule::Unstaffed => Code::Conflict,
        };
        refuse(code, format!("{}; try again later", rule.words()))
    }

    /// Returns the rule by which who comes now is turned away, or leaves a message.
    pub(crate) fn turned_to_message(
        &self,
        place: (&QueueId, Option<&ZoneId>),
        channel: Channel,
        at: Timestamp,
    ) -> Option<Rule> {
        match self.coming(place, channel, at)? {
            (rule, Instead::Busy | Instead::Message | Instead::Voicemail) => Some(rule),
            (_, Instead::Queue { .. } | Instead::Callback | Instead::Wait) => None,
        }
    }

    /// Tells whether nobody who comes to a queue at a time waits there, as it is closed.
    pub(crate) fn is_shut(&self, queue: &QueueId, channel: Channel, at: Timestamp) -> bool {
        match self.coming((queue, None), channel, at) {
            Some((Rule::Closed, instead)) => match instead {
                Instead::Queue { .. } | Instead::Message | Instead::Voicemail | Instead::Busy => {
                    true
                }
                Instead::Callback | Instead::Wait => false,
            },
            Some((Rule::Full | Rule::Unstaffed | Rule::Slow | Rule::Late, _)) | None => false,
        }
    }

    // What is done instead with one who comes at a time, of whom nothing is known but the zone they come by.
    fn coming(
        &self,
        (queue, zone): (&QueueId, Option<&ZoneId>),
        channel: Channel,
        at: Timestamp,
    ) -> Option<(Rule, Instead)> {
        let nowhere = BTreeMap::new();
        let comer = Comer {
            queue,
            zone,
            channel,
            been: &nowhere,
            since: None,
            reachable: true,
            page: channel == Channel::Chat,
            called: false,
            skills: &Skills::default(),
            at,
        };
        self.verdict(comer, &COMING)
    }

    /// Refuses a call whose queue is busy; tells whether it did.
    pub(crate) fn refuse_busy(&mut self, arrival: &Arrival, queue: &QueueId) -> bool {
        let Err(refusal) = self.check_busy((queue, None), Channel::Voice, None) else {
            return false;
        };
        let status = match refusal.code {
            Code::Full => 486,
            Code::Malformed
            | Code::OutOfRange
            | Code::Unauthorized
            | Code::Forbidden
            | Code::NotFound
            | Code::Conflict
            | Code::RateLimited
            | Code::Suppressed
            | Code::Unavailable => 480,
        };
        let opens = match self.opening(queue, None, self.now) {
            Opening::Closed { opens } => opens,
            Opening::Open { .. } => None,
        };
        let wait = opens.map(|opens| opens.since(self.now).as_secs());
        self.ask(Command::Refuse {
            call: arrival.call,
            status,
            text: refusal.text,
            retry_after: wait.map(|wait| u32::try_from(wait).unwrap_or(u32::MAX)),
        });
        true
    }

    // The first rule that holds, and the first of its alternatives that can be done.
    fn verdict(&self, comer: Comer<'_>, rules: &[Rule]) -> Option<(Rule, Instead)> {
        let Some(setup) = self.setup.queues.get(comer.queue) else {
            return self.forsaken(comer, rules);
        };
        let holds = rules
            .iter()
            .find(|rule| setup.policy.acts(**rule) && self.holds(**rule, comer, setup));
        let Some(rule) = holds.copied() else {
            // Whatever the rules say, there is an end to how many wait.
            let over = rules.contains(&Rule::Full) && !self.takes_message(comer.queue);
            return over.then_some((Rule::Full, Instead::Busy));
        };
        let mut instead = setup.policy.under(rule).iter();
        match instead.find(|instead| self.can_be(instead, comer)) {
            Some(done) => Some((rule, self.as_it_can_be(done.clone(), comer))),
            // Who waits is looked at again: what cannot be done now can be later.
            None if comer.since.is_some() && self.may_yet_be(setup.policy.under(rule), comer) => {
                None
            }
            None => Some((rule, self.as_it_can_be(Instead::Wait, comer))),
        }
    }

    // Nobody serves a queue that is not configured: what is written there waits until it is, and callers do not hear music for
    // ever.
    fn forsaken(&self, comer: Comer<'_>, rules: &[Rule]) -> Option<(Rule, Instead)> {
        let since = comer.since.filter(|_| comer.channel == Channel::Voice)?;
        let over = rules.contains(&Rule::Unstaffed) && self.given_up_at(since) <= self.now;
        over.then_some((Rule::Unstaffed, Instead::Busy))
    }

    fn may_yet_be(&self, instead: &[Instead], comer: Comer<'_>) -> bool {
        instead.iter().any(|instead| match instead {
            Instead::Queue { queue } => {
                let known = self.setup.queues.contains_key(queue);
                known && queue != comer.queue && !comer.been.contains_key(queue)
            }
            Instead::Callback => comer.reachable && self.setup.outbound.is_some(),
            Instead::Message | Instead::Voicemail | Instead::Busy | Instead::Wait => true,
        })
    }

    // Who can write leaves a message in writing, and there is an end to how many wait.
    fn as_it_can_be(&self, done: Instead, comer: Comer<'_>) -> Instead {
        // Who waits already is one of those who are counted.
        let room = comer.since.is_some() || self.takes_message(comer.queue);
        match done {
            // The promise stands, and is kept another time: nobody is called to leave a message.
            Instead::Voicemail if comer.called => Instead::Busy,
            Instead::Voicemail if comer.page && room => Instead::Message,
            Instead::Voicemail if !self.takes_message(comer.queue) => Instead::Busy,
            Instead::Message | Instead::Callback | Instead::Wait if !room => Instead::Busy,
            done => done,
        }
    }

    fn holds(&self, rule: Rule, comer: Comer<'_>, setup: &QueueSetup) -> bool {
        match rule {
            Rule::Closed => !self.is_open_at(comer.queue, comer.zone, comer.at),
            Rule::Full => self.waiting_in(comer.queue) >= setup.limit,
            Rule::Unstaffed => self.hands.signed_in(comer.queue) == 0,
            Rule::Slow => self.is_slow(comer, setup),
            Rule::Late => {
                let longest = setup.policy.longest_wait;
                let due = comer.since.and_then(|since| Some(since + longest?));
                due.is_some_and(|due| due <= self.now)
            }
        }
    }

    fn is_slow(&self, comer: Comer<'_>, setup: &QueueSetup) -> bool {
        let Some(most) = setup.policy.longest_expected else {
            return false;
        };
        if self.has_free(comer.queue, comer.skills, comer.channel) {
            return false;
        }
        let expected = self.expected_behind_all(comer.queue, comer.channel);
        expected.is_some_and(|expected| expected > most)
    }

    fn can_be(&self, instead: &Instead, comer: Comer<'_>) -> bool {
        match instead {
            Instead::Queue { queue } => self.takes(queue, comer),
            Instead::Callback => comer.reachable && !self.draining && self.setup.outbound.is_some(),
            Instead::Message | Instead::Voicemail | Instead::Busy | Instead::Wait => true,
        }
    }

    // Whether another queue can serve them now, whatever the zone's hours. What it would do otherwise is not asked: the list
    // names the next.
    fn takes(&self, queue: &QueueId, comer: Comer<'_>) -> bool {
        let Some(setup) = self.setup.queues.get(queue) else {
            return false;
        };
        let zone = None;
        let there = Comer {
            queue,
            zone,
            ..comer
        };
        queue != comer.queue
            && !comer.been.contains_key(queue)
            && !COMING.iter().any(|rule| self.holds(*rule, there, setup))
    }

    /// Follows the rules of the queue an interaction comes to, or waits in; tells whether one was followed.
    pub(crate) fn settle_policy(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let Some((channel, rule, to)) = self.ruling(found) else {
            return false;
        };
        self.divert(id, channel, rule, to);
        true
    }

    fn ruling(&self, found: &Interaction) -> Option<(Channel, Rule, Instead)> {
        let (channel, callback) = self.want(found)?;
        let ours = callback.is_some() || found.message.is_some() || found.assignment.is_some();
        if ours || found.offer.is_some() {
            return None;
        }
        let skills = self.skills_beyond(found);
        let comer = Comer {
            queue: &found.queue,
            zone: found.zone_whose_hours_count(),
            channel,
            skills: &skills,
            been: &found.been,
            since: found.entry.as_ref().map(|entry| waits_since(found, entry)),
            reachable: channel == Channel::Chat || self.may_be_called(found),
            page: channel == Channel::Chat || calls_from_page(found),
            called: is_kept_waiting(found),
            at: self.now,
        };
        let rules: &[Rule] = match &found.entry {
            Some(entry) if entry.channel == channel && entry.callback.is_none() => &WAITING,
            None if !found.been.contains_key(&found.queue) => &COMING,
            Some(_) | None => return None,
        };
        // In a queue that is not configured this one is another rule, whatever was done by it before.
        let forsaken = |rule: Rule| rule == Rule::Unstaffed && !self.is_configured(&found.queue);
        let new =
            |rule: &Rule| forsaken(*rule) || !found.ruled.contains(&(found.queue.clone(), *rule));
        let rules: Vec<Rule> = rules.iter().copied().filter(new).collect();
        let (rule, to) = self.verdict(comer, &rules)?;
        Some((channel, rule, to))
    }

    // Whether a caller's number is known and may be called.
    pub(crate) fn may_be_called(&self, found: &Interaction) -> bool {
        let number = found.number.as_ref();
        number.is_some_and(|number| self.admit(number, Some(found.customer)).is_ok())
    }

    pub(crate) fn divert(&mut self, id: InteractionId, channel: Channel, rule: Rule, to: Instead) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let queue = found.queue.clone();
        let leaves = match (&to, channel) {
            (Instead::Queue { .. } | Instead::Busy | Instead::Voicemail, _)
            | (Instead::Message, Channel::Voice) => true,
            (Instead::Message, Channel::Chat) | (Instead::Callback | Instead::Wait, _) => false,
        };
        let opens = match to {
            Instead::Message => self.opens_for(found),
            // That is asked when the message was left.
            Instead::Voicemail
            | Instead::Queue { .. }
            | Instead::Callback
            | Instead::Busy
            | Instead::Wait => None,
        };
        if let Some(entry) = found.entry.as_ref().filter(|_| leaves) {
            let waited = self.now.since(entry.key.since).as_millis();
            self.dequeue(id, waited, rule.words());
        }
        let keeps = self.setup.queues.get(&queue);
        let keeps = keeps.is_some_and(|setup| setup.policy.keep_place);
        let busy = to == Instead::Busy;
        self.tell(
            Some(id),
            Event::Diverted {
                channel,
                queue,
                rule,
                to,
                keeps,
                opens,
            },
        );
        if busy && channel == Channel::Chat {
            self.finish(id, Author::System, rule.words());
        }
        self.dismiss(id, rule, busy);
    }

    // A caller turned away before the answer is told so by the status; one who was answered hears it.
    fn dismiss(&mut self, id: InteractionId, rule: Rule, busy: bool) {
        let answered = self.asides.get(&id).is_some_and(|aside| aside.answered);
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let Some(call) = found.call.as_ref().filter(|_| found.turned.is_some()) else {
            return;
        };
        let says = self.early_of(found, call.customer).is_some();
        if busy && !answered && !says {
            let kind = match rule {
                Rule::Full => CauseKind::Busy,
                Rule::Closed | Rule::Unstaffed | Rule::Slow | Rule::Late => CauseKind::NoAnswer,
            };
            self.release(call.customer, &cause(kind, rule.words()));
        }
    }

    /// Returns what a caller hears who is turned away.
    pub(crate) fn farewell(&self, found: &Interaction, rule: Rule) -> Program {
        match rule {
            Rule::Closed if !self.is_open_for(found) => Program::Closed,
            Rule::Closed | Rule::Full | Rule::Unstaffed | Rule::Slow | Rule::Late => Program::Sorry,
        }
    }

    /// Returns when the rules about a waiting entry are to be looked at next.
    pub(crate) fn ruled_at(&self, found: &Interaction, entry: &Entry) -> Option<Timestamp> {
        let ours =
            entry.callback.is_some() || found.message.is_some() || found.assignment.is_some();
        let ruled = |rule| found.ruled.contains(&(entry.queue.clone(), rule));
        let Some(setup) = self.setup.queues.get(&entry.queue) else {
            let calls = entry.channel == Channel::Voice && !ours;
            let due = self.given_up_at(waits_since(found, entry));
            return calls.then(|| due.max(self.now + Duration::from_secs(1)));
        };
        let policy = &setup.policy;
        let open = |rule: &Rule| !ours && policy.acts(*rule) && !ruled(*rule);
        let late = policy.longest_wait.filter(|_| open(&Rule::Late));
        let late = late.map(|longest| waits_since(found, entry) + longest);
        let alone = self.hands.signed_in(&entry.queue) == 0;
        let alone = (alone && open(&Rule::Unstaffed)).then_some(self.now);
        // One that holds already waits for an alternative that can be done.
        let due = late.into_iter().chain(alone);
        due.map(|due| {
            if due > self.now {
                due
            } else {
                self.now + AGAIN
            }
        })
        .min()
    }
}

// Whether a visitor calls, from a page.
fn calls_from_page(found: &Interaction) -> bool {
    let leg = found
        .call
        .as_ref()
        .and_then(|call| found.leg(call.customer));
    leg.is_some_and(|leg| matches!(leg.party, Party::CustomerBrowser { .. }))
}

// Whom nobody met yet waits since they came; who was served waits anew when that was cut.
fn waits_since(found: &Interaction, entry: &Entry) -> Timestamp {
    let came = found.been.get(&entry.queue).filter(|_| !found.met);
    came.copied().unwrap_or(entry.entered)
}
