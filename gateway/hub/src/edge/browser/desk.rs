//! An agent's desk as the state has it, and what changed from one to the next.

use ws::{
    agent::{
        Card, Change, Channel, Consulted, Contact, Desk, Offer, OwnWait, Presence, Promise,
        QueueLength,
    },
    form::Answer,
    id::{AgentId, InteractionId, Timestamp},
    memo::Memos,
    recording::RecordingState,
    supervision::Supervised,
    transfer::{Colleague, Consult, Guest, Member, Parted, PartedWhy, TransferTo},
};

use crate::{
    Hub, conference,
    customer::{Customer, Identity},
    form,
    input::CauseKind,
    interaction::{Call, Interaction},
    line::Key,
    recording::RecordingRule,
    screen_pop::Known,
    setup::AgentSetup,
    state::State,
};

/// Builds the desk of an agent, if there is such an agent.
pub fn of(agent: &AgentId, hub: &Hub) -> Option<Desk> {
    let setup = hub.setup().agents.get(agent)?;
    let state = hub.state();
    let known = state.agents().get(agent);
    let held = known.map(|known| known.holds()).unwrap_or_default();
    let held = || held.iter().filter_map(|id| state.interaction(*id));
    let mut offered: Vec<_> = held().collect();
    offered.sort_by_key(|found| came(agent, found));
    let offers = offered.into_iter();
    let offers = offers
        .filter_map(|found| offer(agent, found, hub))
        .collect();
    let mut contacts: Vec<_> = held()
        .filter_map(|found| contact(agent, found, hub))
        .collect();
    contacts.sort_by_key(|contact| (contact.since, contact.interaction));
    Some(Desk {
        agent: agent.clone(),
        name: setup.name.clone(),
        skills: setup.skills.keys().cloned().collect(),
        presence: known.map_or(Presence::Gone, |known| known.presence.clone()),
        presence_since: known.map(|known| known.since),
        reasons: hub.setup().away.clone(),
        dispositions: hub.setup().dispositions.clone(),
        phone: hub.is_phone_reachable(agent),
        headset: hub.headset(agent),
        chat_slots: u8::try_from(setup.chat_slots.count()).unwrap_or(u8::MAX),
        revise: u32::try_from(hub.setup().spans.revise.as_secs()).unwrap_or(u32::MAX),
        offers,
        contacts,
        consulted: held().find_map(|found| consulted(agent, found, hub)),
        own: own(agent, hub),
        supervised: held()
            .filter_map(|found| supervised(agent, found, hub))
            .collect(),
        memos: hub.memos_of(agent),
        queues: lengths(setup, state),
    })
}

/// Returns how many wait in each of an agent's queues.
pub(super) fn lengths(setup: &AgentSetup, state: &State) -> Vec<QueueLength> {
    let length = |queue| u32::try_from(state.queues().length(queue)).unwrap_or(u32::MAX);
    let queues = setup.queues.iter().map(|queue| QueueLength {
        queue: queue.clone(),
        waiting: length(queue),
        messages: state.messages(queue),
    });
    queues.collect()
}

// What was put before them first, and of what was at once, who stands first in line.
fn came(agent: &AgentId, found: &Interaction) -> (Timestamp, Option<Key>, InteractionId) {
    let invited = found.room.invitation(agent).map(|invited| invited.made);
    let offered = found.offer.as_ref().map(|offer| offer.made);
    let key = found.entry.as_ref().map(|entry| entry.key);
    (invited.or(offered).unwrap_or_default(), key, found.id)
}

fn offer(agent: &AgentId, found: &Interaction, hub: &Hub) -> Option<Offer> {
    if let Some(invited) = found.room.invitation(agent) {
        return Some(Offer {
            interaction: found.id,
            channel: Channel::Chat,
            queue: found.queue.clone(),
            deadline: invited.deadline,
            waiting_since: invited.made,
            callback: None,
            voicemail: None,
            card: card(found, hub),
            invited_by: Some(colleague(&invited.by, hub)),
            why: "a colleague asks for help in a chat".to_owned(),
            notes: found.notes.clone(),
        });
    }
    let offer = found.offer.as_ref().filter(|offer| offer.agent == *agent)?;
    let entry = found.entry.as_ref();
    Some(Offer {
        interaction: found.id,
        channel: offer.channel,
        queue: entry.map_or(&found.queue, |entry| &entry.queue).clone(),
        deadline: offer.deadline,
        waiting_since: entry.map_or(offer.made, |entry| entry.key.since),
        callback: entry.and_then(|entry| entry.callback),
        voicemail: found.shown_voicemail(),
        card: card(found, hub),
        invited_by: None,
        why: offer.why.words().to_owned(),
        notes: found.notes.clone(),
    })
}

fn supervised(agent: &AgentId, found: &Interaction, hub: &Hub) -> Option<Supervised> {
    let watcher = found.room.watcher(agent)?;
    let stay = found.assignment.as_ref();
    let whispers = found.room.whispers.iter();
    Some(Supervised {
        interaction: found.id,
        queue: found.queue.clone(),
        how: watcher.how,
        agent: stay.map(|stay| stay.agent.clone()),
        name: stay.map(|stay| stay.name.clone()),
        card: card(found, hub),
        whispers: whispers.map(|one| one.note.clone()).collect(),
        notes: found.notes.clone(),
    })
}

fn own(agent: &AgentId, hub: &Hub) -> Vec<OwnWait> {
    let waits = hub.own_queue(agent).into_iter();
    let waits = waits.filter_map(|(found, until)| {
        let entry = found.entry.as_ref()?;
        let card = card(found, hub);
        Some(OwnWait {
            interaction: found.id,
            channel: entry.channel,
            queue: entry.queue.clone(),
            since: entry.key.since,
            until,
            who: card.name.or(card.number.map(|number| number.to_string())),
            callback: entry.callback.is_some(),
        })
    });
    waits.collect()
}

fn consulted(agent: &AgentId, found: &Interaction, hub: &Hub) -> Option<Consulted> {
    let call = found.call.as_ref()?;
    let seat = call.seat(agent)?;
    let consult = call.consult.as_ref().filter(|_| !seat.conference);
    let stay = found.assignment.as_ref();
    let by = consult
        .map(|consult| &consult.agent)
        .or(stay.map(|stay| &stay.agent))?;
    Some(Consulted {
        interaction: found.id,
        by: by.clone(),
        name: colleague(by, hub).name,
        queue: found.queue.clone(),
        joined: seat.joined,
        conference: seat.conference,
        card: card(found, hub),
    })
}

fn contact(agent: &AgentId, found: &Interaction, hub: &Hub) -> Option<Contact> {
    let stay = found.assignment.as_ref()?;
    let member = found.room.member(agent);
    let own = stay.agent == *agent;
    if !own && member.is_none() {
        return None;
    }
    let callbacks = found.callbacks.iter().map(|(n, callback)| Promise {
        callback: found.callback_id(n),
        number: callback.number.clone(),
        state: callback.state.clone(),
    });
    let call = found.call.as_ref();
    Some(Contact {
        interaction: found.id,
        assignment: stay.id,
        queue: found.queue.clone(),
        owner: (!own).then(|| Colleague {
            agent: stay.agent.clone(),
            name: stay.name.clone(),
        }),
        members: members(found, hub),
        since: member.filter(|_| !own).map_or(stay.since, |one| one.since),
        chat: found.writes(),
        voicemail: found.shown_voicemail(),
        call: found.shown.as_ref().map(|(_, call)| call.clone()),
        leg: found.shown.as_ref().map(|(leg, _)| *leg),
        consult: call.and_then(|call| {
            let consult = call.consult.as_ref()?;
            Some(Consult {
                to: consult.to.clone(),
                joined: consult.joined,
            })
        }),
        conference: call.map(|call| guests(call)).unwrap_or_default(),
        parted: call
            .and_then(|call| call.parted.as_ref())
            .map(|gone| parted(gone, hub)),
        held: call.is_some_and(|call| call.held),
        hold_refused: call.is_some_and(|call| refuses_hold(found, call)),
        page_away: call.is_some_and(|call| calls_from_nowhere(found, call)),
        muted: call.is_some_and(|call| call.muted),
        recording: recording(found, hub),
        recordings: found.recordings.kept.clone(),
        lines: found.lines(agent),
        callbacks: callbacks.collect(),
        parked: stay.parked,
        paused: stay.paused,
        notes: found.notes.clone(),
        whispers: found.room.whispers_to(agent),
        wrap_up_until: stay.wrap_up,
        card: card(found, hub),
    })
}

fn guests(call: &Call) -> Vec<Guest> {
    let guests = call.guests.iter().map(|guest| Guest {
        leg: guest.leg,
        who: guest.to.clone(),
    });
    guests.collect()
}

fn parted(gone: &conference::Parted, hub: &Hub) -> Parted {
    Parted {
        leg: gone.leg,
        name: match &gone.to {
            TransferTo::Agent(agent) => colleague(agent, hub).name,
            TransferTo::Queue(queue) => queue.to_string(),
            TransferTo::Number(number) => number.to_string(),
        },
        why: match gone.why {
            CauseKind::Rejected | CauseKind::Unwanted => PartedWhy::Declined,
            CauseKind::Busy => PartedWhy::Busy,
            CauseKind::NoAnswer | CauseKind::Cancelled => PartedWhy::NoAnswer,
            CauseKind::Unreachable | CauseKind::Fault | CauseKind::Interrupted => {
                PartedWhy::Unreachable
            }
            CauseKind::Normal | CauseKind::MediaLost => PartedWhy::Left,
        },
    }
}

// Those who are there, then those who are asked.
fn members(found: &Interaction, hub: &Hub) -> Vec<Member> {
    let there = found.room.members.iter().map(|one| Member {
        agent: one.agent.clone(),
        name: one.name.clone(),
        joined: true,
    });
    let asked = found.room.invited.iter().map(|one| Member {
        agent: one.agent.clone(),
        name: colleague(&one.agent, hub).name,
        joined: false,
    });
    there.chain(asked).collect()
}

pub(super) fn colleague(agent: &AgentId, hub: &Hub) -> Colleague {
    let setup = hub.setup().agents.get(agent);
    Colleague {
        agent: agent.clone(),
        name: setup.map_or_else(|| agent.to_string(), |setup| setup.name.clone()),
    }
}

// Nothing is said of it where it cannot be.
fn recording(found: &Interaction, hub: &Hub) -> Option<RecordingState> {
    let queue = hub.setup().queues.get(&found.queue);
    let off = queue.is_none_or(|queue| queue.recording == RecordingRule::Off);
    let idle = (!off && found.call.is_some()).then_some(RecordingState::Idle);
    found.recordings.shown().or(idle)
}

fn card(found: &Interaction, hub: &Hub) -> Card {
    let known = hub.state().customers().get(found.customer);
    let known = known.as_deref();
    let card = Card {
        customer: Some(found.customer),
        name: found.name.clone(),
        number: found.number.clone(),
        caller: found.caller.clone(),
        page: found.page.clone(),
        referrer: found.referrer.clone(),
        note: found.found.as_ref().and_then(|found| found.note.clone()),
        answers: answers(found, hub),
        ..Card::default()
    };
    let Some(known) = known else { return card };
    let card = Card {
        name: card.name.or_else(|| known.name.clone()),
        number: card.number.or_else(|| known.number.clone()),
        mail: known.mail.clone(),
        verified: known.verified.is_some(),
        earlier: known.earlier.iter().cloned().collect(),
        ..card
    };
    let screen_pop = screen_pop(found, card.name.as_deref(), known, hub);
    Card { screen_pop, ..card }
}

fn refuses_hold(found: &Interaction, call: &Call) -> bool {
    let customer = found.leg(call.customer);
    call.held && customer.is_some_and(|leg| leg.refuses_hold)
}

fn calls_from_nowhere(found: &Interaction, call: &Call) -> bool {
    let customer = found.leg(call.customer);
    customer.is_some_and(|leg| leg.is_from_page() && leg.is_live() && !leg.hears)
}

fn answers(found: &Interaction, hub: &Hub) -> Vec<Answer> {
    let zone = found.zone.as_ref().filter(|_| !found.answers.is_empty());
    let zone = zone.and_then(|zone| hub.setup().zones.get(zone));
    zone.map_or_else(
        || found.answers.clone(),
        |zone| form::translated(&zone.form, &found.answers),
    )
}

// The other system's own answer goes before the template of the queue.
fn screen_pop(
    found: &Interaction,
    name: Option<&str>,
    customer: &Customer,
    hub: &Hub,
) -> Option<String> {
    let answered = found.found.as_ref();
    if let Some(link) = answered.and_then(|answered| answered.screen_pop.clone()) {
        return Some(link);
    }
    let queue = hub.setup().queues.get(&found.queue)?;
    // By what was only typed the page would be somebody else's.
    let (number, mail) = (hub.proved_number(found), hub.proved_mail(found.customer));
    let known = Known {
        interaction: found.id,
        customer: found.customer,
        queue: &found.queue,
        number: number.as_ref(),
        name,
        mail: mail.as_deref(),
        verified: customer.verified.as_deref(),
    };
    let external = |wanted: &str| {
        let linked = customer
            .identities
            .keys()
            .find_map(|identity| match identity {
                Identity::External { system, id } => (system == wanted).then_some(id.as_str()),
                Identity::Number(_)
                | Identity::Mail(_)
                | Identity::Visitor(_)
                | Identity::Subject(_) => None,
            });
        linked.or_else(|| answered?.external.get(wanted).map(String::as_str))
    };
    Some(queue.screen_pop.as_ref()?.fill(&known, external))
}

/// Why something left a desk.
#[derive(Clone, Debug)]
pub(super) struct Why {
    /// Of an offer, in words for people.
    pub words: &'static str,
    /// Of a contact: which supervisor took it over.
    pub taken_by: Option<Colleague>,
}

/// Returns what leads from one desk to the next; none when only a whole new desk tells it.
pub(super) fn changes(
    before: &Desk,
    after: &Desk,
    why: impl Fn(InteractionId) -> Why,
) -> Option<Vec<(Option<InteractionId>, Change)>> {
    let same_queues = before
        .queues
        .iter()
        .map(|q| &q.queue)
        .eq(after.queues.iter().map(|q| &q.queue));
    if before.name != after.name
        || before.skills != after.skills
        || before.reasons != after.reasons
        || before.dispositions != after.dispositions
        || before.chat_slots != after.chat_slots
        || before.revise != after.revise
        || !same_queues
    {
        return None;
    }
    let mut changes = Vec::new();
    let stands = |desk: &Desk| (desk.presence.clone(), desk.presence_since);
    if stands(before) != stands(after) {
        let (presence, since) = stands(after);
        changes.push((None, Change::Presence { presence, since }));
    }
    if before.phone != after.phone {
        let reachable = after.phone;
        changes.push((None, Change::Phone { reachable }));
    }
    if before.own != after.own {
        let own = after.own.clone();
        changes.push((None, Change::Own { own }));
    }
    if before.consulted != after.consulted {
        let consulted = after.consulted.clone().map(Box::new);
        let about = after.consulted.as_ref().or(before.consulted.as_ref());
        changes.push((
            about.map(|one| one.interaction),
            Change::Consulted { consulted },
        ));
    }
    if before.memos != after.memos {
        let known = before.memos.memos.last().map_or(0, |memo| memo.n);
        let fresh = after.memos.memos.iter().filter(|memo| memo.n > known);
        let memos = Memos {
            memos: fresh.cloned().collect(),
            ..after.memos
        };
        changes.push((None, Change::Memos { memos }));
    }
    if before.headset != after.headset {
        let headset = after.headset.clone();
        changes.push((None, Change::Headset { headset }));
    }
    changes.extend(work_changes(before, after, why));
    // Last: a chat that was taken over is a contact before it is overseen no more, and its timeline goes on.
    if before.supervised != after.supervised {
        let supervised = after.supervised.clone();
        changes.push((None, Change::Supervised { supervised }));
    }
    Some(changes)
}

// What leads from the offers and contacts of one desk to those of the next.
fn work_changes(
    before: &Desk,
    after: &Desk,
    why: impl Fn(InteractionId) -> Why,
) -> Vec<(Option<InteractionId>, Change)> {
    let mut changes = Vec::new();
    for offer in &before.offers {
        let interaction = offer.interaction;
        if after.offers.iter().all(|o| o.interaction != interaction) {
            let reason = why(interaction).words.to_owned();
            let gone = Change::OfferGone {
                interaction,
                reason,
            };
            changes.push((Some(interaction), gone));
        }
    }
    for contact in &before.contacts {
        let interaction = contact.interaction;
        if after.contacts.iter().all(|c| c.interaction != interaction) {
            let taken_by = why(interaction).taken_by;
            let released = Change::Released {
                interaction,
                taken_by,
            };
            changes.push((Some(interaction), released));
        }
    }
    for offer in after.offers.iter().filter(|o| !before.offers.contains(o)) {
        let offer = Box::new(offer.clone());
        changes.push((Some(offer.interaction), Change::Offered { offer }));
    }
    let fresh = |contact: &&Contact| !before.contacts.contains(contact);
    for contact in after.contacts.iter().filter(fresh) {
        let contact = contact.clone();
        changes.push((
            Some(contact.interaction),
            Change::Contact {
                contact: Box::new(contact),
            },
        ));
    }
    changes
}
