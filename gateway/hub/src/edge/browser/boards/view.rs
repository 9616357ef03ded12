//! The board as the state has it.

use std::collections::BTreeMap;

use ws::{
    agent::{Channel, Presence},
    board::{
        Activity, AgentView, Board, CallbackView, Figures, Held, Quarter, QueueView, RatingMean,
        Share, Spent, Stage, TollLimit, TollView, WaitingView,
    },
    id::{AgentId, QueueId, Timestamp},
    supervision::Supervisor,
};

use super::latest::Latest;
use crate::{
    Hub, figures, interaction::Interaction, line::Key, matter::Tally, setup::AgentSetup,
    state::State, times, toll,
};

/// How many who wait are shown, and how many callbacks.
const WAITING: usize = 200;
const CALLBACKS: usize = 100;
/// How many limits on calls that leave the house.
const TOLLS: usize = 50;
/// A day in milliseconds.
const DAY: u64 = 86_400_000;
/// How far back ratings are shown, in milliseconds.
const RATINGS: u64 = 7 * 86_400_000;

pub(super) fn board(
    hub: &Hub,
    latest: &Latest,
    presences: &BTreeMap<AgentId, Timestamp>,
    now: Timestamp,
) -> Board {
    let setup = hub.setup();
    let promised = hub.promised();
    let queues = hub.queues_in_use().into_iter().map(|queue| {
        let promised = promised.get(queue).copied();
        view(queue, promised.unwrap_or_default(), hub, now)
    });
    let agents = setup.agents.iter();
    let agents = agents.map(|(id, setup)| agent(id, setup, hub, (presences.get(id).copied(), now)));
    let yesterday = Timestamp(now.0.saturating_sub(DAY) + figures::QUARTER);
    let quarters = hub.quarters(yesterday);
    let quarters = quarters.map(|(at, tally)| Quarter {
        at,
        figures: told(&tally),
    });
    Board {
        at: now,
        since: Timestamp(now.0 - now.0 % DAY),
        queues: queues.collect(),
        agents: agents.collect(),
        waiting: waiting(hub),
        callbacks: callbacks(hub.state()),
        decisions: latest.decisions(),
        ratings: latest.ratings(),
        day: quarters.collect(),
        tolls: hub
            .tolls_told(now)
            .into_iter()
            .take(TOLLS)
            .map(toll)
            .collect(),
        trunks: Vec::new(),
    }
}

fn toll(standing: toll::Standing) -> TollView {
    let limit = match standing.limit {
        toll::Limit::House => TollLimit::House,
        toll::Limit::Prefix(prefix) => TollLimit::Prefix { prefix },
        toll::Limit::Agent(agent) => TollLimit::Agent { agent },
        toll::Limit::Trunk(trunk) => TollLimit::Trunk { trunk },
    };
    TollView {
        limit,
        bound: standing.bound,
        spent: standing.spent,
        refused: standing.refused,
        frees: standing.frees,
    }
}

fn view(queue: &QueueId, promised: usize, hub: &Hub, now: Timestamp) -> QueueView {
    let state = hub.state();
    let found = state.queues().get(queue);
    let waiting = u32::try_from(state.queues().length(queue)).unwrap_or(u32::MAX);
    let channels = [Channel::Voice, Channel::Chat];
    let expected = channels.map(|channel| hub.expected_wait(queue, channel, now));
    let expected = expected.into_iter().flatten().max();
    let (mut today, mut hour) = (figures::Tally::default(), figures::Tally::default());
    for channel in channels {
        today.add(&hub.today(queue, channel, now));
        hour.add(&hub.hour(queue, channel, now));
    }
    let is_voicemail = |key: &&Key| {
        let found = state.interaction(key.interaction);
        found.is_some_and(Interaction::is_voicemail)
    };
    let voicemails = found.map_or(0, |found| found.line().iter().filter(is_voicemail).count());
    let target = hub.setup().queues.get(queue);
    let target = target.map_or(0, |setup| setup.target.as_secs());
    let serve = |setup: &&AgentSetup| setup.queues.contains(queue);
    let staffed = hub.setup().agents.values().filter(serve).count();
    let ready = hub.setup().agents.iter().filter(|(_, setup)| serve(setup));
    let ready = ready.filter(|(id, _)| {
        let known = state.agents().get(id);
        known.is_some_and(|known| known.presence == Presence::Ready)
    });
    let week = Timestamp(now.0.saturating_sub(RATINGS));
    let rated = state.matters().since(queue, week);
    let resolution = state
        .matters()
        .resolution(queue, hub.setup().spans.repeat, now);
    QueueView {
        queue: queue.clone(),
        configured: hub.is_configured(queue),
        waiting,
        voicemails: u32::try_from(voicemails).unwrap_or(u32::MAX),
        promised: u32::try_from(promised).unwrap_or(u32::MAX),
        messages: state.messages(queue),
        longest: state.waits_since(queue),
        expected: expected.map(|wait| u32::try_from(wait.as_secs()).unwrap_or(u32::MAX)),
        ready: u32::try_from(ready.count()).unwrap_or(u32::MAX),
        staffed: u32::try_from(staffed).unwrap_or(u32::MAX),
        target: u32::try_from(target).unwrap_or(u32::MAX),
        today: told(&today),
        hour: told(&hour),
        chat_rating: mean(&rated, Channel::Chat),
        call_rating: mean(&rated, Channel::Voice),
        resolution: share(&resolution.settled),
        provisional: share(&resolution.provisional),
    }
}

fn told(tally: &figures::Tally) -> Figures {
    Figures {
        arrived: tally.arrived,
        answered: tally.answered,
        in_time: tally.in_time,
        abandoned: tally.abandoned,
        abandoned_early: tally.abandoned_early,
        diverted: tally.diverted,
        waited: tally.waited_ms / 1_000,
        expected: tally.promised,
        error: tally.error_ms / 1_000,
        handled: tally.handled,
        handle: tally.handled_ms / 1_000,
    }
}

fn spent(spent: &times::Spent) -> Vec<Spent> {
    let spent = spent.iter().map(|(of, milliseconds)| Spent {
        activity: of.clone(),
        seconds: u32::try_from(milliseconds / 1_000).unwrap_or(u32::MAX),
    });
    spent.collect()
}

fn mean(tally: &Tally, channel: Channel) -> Option<RatingMean> {
    let (count, mean) = tally.score(channel)?;
    Some(RatingMean { count, mean })
}

fn share(tally: &Tally) -> Option<Share> {
    let count = tally.served.saturating_sub(tally.repeated);
    let of = tally.served;
    (of > 0).then_some(Share { of, count })
}

fn agent(
    id: &AgentId,
    setup: &AgentSetup,
    hub: &Hub,
    (since, now): (Option<Timestamp>, Timestamp),
) -> AgentView {
    let state = hub.state();
    let known = state.agents().get(id);
    let held = known.map(|known| known.holds()).unwrap_or_default();
    let mut holds: Vec<_> = held
        .iter()
        .filter_map(|held| holding(id, state.interaction(*held)?))
        .collect();
    holds.sort_by_key(|held| (held.since, held.interaction));
    let doing = hub.times().activity(id);
    AgentView {
        agent: id.clone(),
        name: setup.name.clone(),
        presence: known.map_or(Presence::Gone, |known| known.presence.clone()),
        since,
        activity: doing.map_or(Activity::Gone, |(of, _)| of.clone()),
        activity_since: doing.map(|(_, since)| since),
        today: spent(&hub.times().spent(id, now)),
        phone: hub.is_phone_reachable(id),
        chat_slots: u8::try_from(setup.chat_slots.count()).unwrap_or(u8::MAX),
        queues: setup.queues.clone(),
        holds,
    }
}

fn holding(agent: &AgentId, found: &Interaction) -> Option<Held> {
    let offer = found.offer.as_ref().filter(|offer| offer.agent == *agent);
    let stay = found
        .assignment
        .as_ref()
        .filter(|stay| stay.agent == *agent);
    let (stage, since) = match (stay, offer) {
        (Some(stay), _) if stay.wrap_up.is_some() => {
            let ended = found.ended.as_ref().map_or(stay.since, |ending| ending.at);
            (Stage::WrapUp, ended)
        }
        (Some(stay), _) => {
            let stage = match found.call {
                Some(_) => Stage::Call,
                None => Stage::Chat,
            };
            (stage, stay.since)
        }
        (None, Some(offer)) => (Stage::Offered, offer.made),
        (None, None) => beside(agent, found)?,
    };
    Some(Held {
        interaction: found.id,
        queue: found.queue.clone(),
        stage,
        since,
        who: who(found),
        talks: found
            .call
            .as_ref()
            .is_some_and(|call| call.bridged.is_some()),
        chats: found.writes() && stage != Stage::Offered,
        shares: found
            .cobrowse
            .as_ref()
            .is_some_and(|sharing| sharing.is_shared()),
        supervisors: supervisors(found),
    })
}

// What a colleague does in a chat or call that is not theirs.
fn beside(agent: &AgentId, found: &Interaction) -> Option<(Stage, Timestamp)> {
    let seat = found.call.as_ref().and_then(|call| call.seat(agent));
    if let Some(seat) = seat {
        let leg = found.leg(seat.leg)?;
        return Some(match leg.answered_at().filter(|_| seat.joined) {
            Some(answered) => (Stage::Call, answered),
            None => (Stage::Offered, leg.started),
        });
    }
    let asked = found.room.invitation(agent);
    let asked = asked.map(|one| (Stage::Offered, one.made));
    let member = found.room.member(agent);
    asked.or_else(|| Some((Stage::Chat, member?.since)))
}

fn supervisors(found: &Interaction) -> Vec<Supervisor> {
    let calls = found.call.iter().flat_map(|call| &call.watchers);
    let calls = calls.map(|watcher| (Channel::Voice, watcher));
    let chats = found.room.watchers.iter();
    let shown = calls.chain(chats.map(|watcher| (Channel::Chat, watcher)));
    let shown = shown.map(|(channel, watcher)| Supervisor {
        agent: watcher.agent.clone(),
        channel,
        how: watcher.how,
        joined: watcher.joined,
    });
    shown.collect()
}

fn who(found: &Interaction) -> Option<String> {
    let number = || found.number.as_ref().map(ToString::to_string);
    found.name.clone().or_else(number)
}

// The first of every line are enough: nobody further behind can be among the longest of all by much. How each stands is
// looked at for those who are shown alone.
fn waiting(hub: &Hub) -> Vec<WaitingView> {
    let lines = hub.state().queues().iter();
    let places = lines.flat_map(|(_, queue)| (1..).zip(queue.line().iter().take(WAITING)));
    let mut places: Vec<_> = places.collect();
    places.sort_by_key(|(_, key)| (key.since, key.interaction));
    places.truncate(WAITING);
    let shown = places.into_iter();
    shown.filter_map(|(at, key)| stands(at, key, hub)).collect()
}

fn stands(position: u32, key: &Key, hub: &Hub) -> Option<WaitingView> {
    let found = hub.state().interaction(key.interaction)?;
    let entry = found.entry.as_ref()?;
    Some(WaitingView {
        interaction: found.id,
        channel: entry.channel,
        queue: entry.queue.clone(),
        since: key.since,
        position,
        lead: u32::try_from(entry.priority.lead_ms / 1_000).unwrap_or(u32::MAX),
        who: who(found),
        offered: found.offer.as_ref().map(|offer| offer.agent.clone()),
        kept_for: hub.kept_for(found).cloned(),
        hold: hub.why_held(found),
        callback: entry.callback.is_some(),
        voicemail: found.is_voicemail(),
    })
}

fn callbacks(state: &State) -> Vec<CallbackView> {
    let open = state.open_callbacks().filter_map(|callback| {
        let found = state.interaction(callback.interaction)?;
        let promise = found.callback(callback)?;
        Some(CallbackView {
            callback,
            queue: found.queue.clone(),
            number: promise.number.clone(),
            due: promise.due,
            attempts: promise.attempts,
            state: promise.state.clone(),
        })
    });
    let mut open: Vec<_> = open.collect();
    open.sort_by_key(|promise| (promise.due, promise.callback));
    open.truncate(CALLBACKS);
    open
}
