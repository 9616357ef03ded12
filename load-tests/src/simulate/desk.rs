//! What agents at their consoles do, by chance: with offers, chats, calls, pages and wrap-ups.

use ws::{
    agent::{Contact, Presence, Request},
    client::Agent,
    cobrowse::{AgentAct, Grant, Guide},
    consent::ContactChannel,
    id::{AgentId, InteractionId, Number, QueueId},
    recording::Record,
    supervision::Supervise,
    timeline::CallState,
    transfer::{HandOverTo, TransferTo},
};

use crate::{
    client::{Client, Machine},
    dice::Dice,
    house::name,
    sharing::STREAM,
    voices,
    wishes::Wished,
};

impl Client {
    /// Does what an agent might do now.
    pub fn act_agent(
        &mut self,
        dice: &mut Dice,
        number: Number,
        wished: Wished,
        calls: &[InteractionId],
    ) {
        let promised = dice.pick(&self.promised).copied();
        let Machine::Agent(agent) = &mut self.machine else {
            return;
        };
        let Some(desk) = agent.desk().cloned() else {
            return;
        };
        if desk.presence != Presence::Ready {
            agent.set_presence(Presence::Ready);
        } else if dice.chance(2) {
            agent.set_presence(Presence::Away {
                reason: "lunch".to_owned(),
            });
        }
        if let Some(callback) = promised.filter(|_| dice.chance(3)) {
            agent.cancel_callback(callback);
        }
        if let Some(interaction) = dice.pick(calls).copied().filter(|_| dice.chance(25)) {
            let act = supervises(dice);
            agent.in_call(by_phone(interaction, act));
        }
        voices::listen(agent, &desk, dice);
        for offer in &desk.offers {
            answer(agent, offer.interaction, dice);
        }
        let mut says = Vec::new();
        for contact in &desk.contacts {
            let interaction = contact.interaction;
            if contact.call == Some(CallState::Connected) && dice.chance(40) {
                act_call(agent, contact, dice, &number);
                continue;
            }
            match (contact.wrap_up_until.is_some(), dice.below(100)) {
                (true, 0..30) => {
                    let solved = dice.chance(50).then(|| dice.chance(70));
                    agent.wrap_up(interaction, Some("solved".to_owned()), None, solved);
                }
                (_, 30..33) => {
                    let how = Box::new(wished.how.clone());
                    agent.callback(interaction, number.clone(), wished.at, Some(how));
                }
                (true, 33..37) => agent.extend_wrap_up(interaction, 20),
                (false, 0..20) => says.push(interaction),
                (false, 20..100) => act_contact(agent, contact, dice, &number),
                (true, _) | (false, _) => {}
            }
        }
        self.revise(dice, &desk);
        for interaction in says {
            let mid = self.mid();
            let text = format!("{mid} says");
            if let Machine::Agent(agent) = &mut self.machine {
                agent.write(interaction, mid, text);
            }
        }
    }

    fn revise(&mut self, dice: &mut Dice, desk: &ws::agent::Desk) {
        let written = dice.pick(&self.written).cloned();
        let (Machine::Agent(agent), Some(contact), Some(mid)) =
            (&mut self.machine, dice.pick(&desk.contacts), written)
        else {
            return;
        };
        if dice.chance(10) {
            let text = dice
                .chance(60)
                .then(|| format!("revised {}", dice.below(9)));
            agent.revise(contact.interaction, mid, text);
        }
    }
}

fn answer(agent: &mut Agent, offered: InteractionId, dice: &mut Dice) {
    match dice.below(20) {
        0..15 => agent.accept(offered),
        15 => agent.decline(offered),
        // A second click of an impatient hand.
        16 => {
            agent.accept(offered);
            agent.accept(offered);
        }
        _ => {}
    }
}

fn act_contact(agent: &mut Agent, contact: &Contact, dice: &mut Dice, number: &Number) {
    let interaction = contact.interaction;
    match dice.below(80) {
        0..8 => agent.typing(interaction, dice.chance(50)),
        8..25 => agent.read(interaction),
        25..30 => agent.escalate(interaction, number.clone()),
        30..34 => agent.hang_up(interaction),
        34..37 => agent.end(interaction),
        // Said when the call is over, while its file is being finished.
        37..39 if contact.recording.is_some() => agent.in_call(Request::Record {
            interaction,
            act: Record::Refuse,
        }),
        37..41 if contact.parked.is_some() => agent.unpark(interaction),
        37..40 => agent.park(interaction),
        41..43 => {
            let given = dice.chance(60);
            agent.consent(interaction, ContactChannel::Voice, given, None);
        }
        56..74 if contact.chat => act_page(agent, contact, dice),
        74..76 => agent.note(interaction, "a note".to_owned()),
        76..78 if contact.chat => {
            let to = match dice.chance(70) {
                true => HandOverTo::Agent(colleague(dice)),
                false => HandOverTo::Queue(queue(dice)),
            };
            agent.hand_over(interaction, to, Some("please".to_owned()));
        }
        43..46 if contact.chat && contact.owner.is_none() => {
            agent.invite(interaction, colleague(dice), Some("help me".to_owned()));
        }
        46..48 if contact.owner.is_some() || !contact.members.is_empty() => {
            agent.leave(interaction)
        }
        _ => {}
    }
}

fn act_call(agent: &mut Agent, contact: &Contact, dice: &mut Dice, number: &Number) {
    let interaction = contact.interaction;
    let note = None;
    let joined = contact
        .consult
        .as_ref()
        .is_some_and(|consult| consult.joined);
    if joined && dice.chance(60) {
        return agent.in_call(Request::Conference { interaction });
    }
    if let Some(guest) = contact.conference.first().filter(|_| dice.chance(60)) {
        let leg = guest.leg;
        return agent.in_call(Request::Dismiss { interaction, leg });
    }
    let request = match (contact.consult.is_some(), dice.below(24)) {
        (true, 0..5) => Request::Complete { interaction, note },
        (true, 5..10) => Request::Conference { interaction },
        (true, 10..14) => Request::TakeBack { interaction },
        (_, 14..16) => Request::Mute {
            interaction,
            on: !contact.muted,
        },
        (_, 16) => Request::Digits {
            interaction,
            digits: "12#".to_owned(),
        },
        (_, 20..24) => Request::Record {
            interaction,
            act: records(dice),
        },
        (true, _) => return,
        (false, 0..8) => Request::Consult {
            interaction,
            to: somebody(dice, number),
        },
        (false, 8..12) => Request::Transfer {
            interaction,
            to: somebody(dice, number),
            note,
        },
        (false, _) => Request::Hold {
            interaction,
            on: !contact.held,
        },
    };
    agent.in_call(request);
}

fn somebody(dice: &mut Dice, number: &Number) -> TransferTo {
    match dice.below(5) {
        0 => TransferTo::Queue(queue(dice)),
        1 => TransferTo::Number(number.clone()),
        _ => TransferTo::Agent(colleague(dice)),
    }
}

fn queue(dice: &mut Dice) -> QueueId {
    name(dice.pick(&["support", "sales"]).expect("some"))
}

fn colleague(dice: &mut Dice) -> AgentId {
    name(&format!("a{}", dice.below(4)))
}

fn by_phone(interaction: InteractionId, act: Supervise) -> Request {
    let channel = ws::agent::Channel::Voice;
    Request::Supervise {
        interaction,
        act,
        channel,
    }
}

fn supervises(dice: &mut Dice) -> Supervise {
    match dice.below(10) {
        0..5 => Supervise::Listen,
        5 => Supervise::Whisper,
        6 => Supervise::Barge,
        7 => Supervise::TakeOver,
        _ => Supervise::Stop,
    }
}

fn records(dice: &mut Dice) -> Record {
    let acts = [
        Record::Start,
        Record::Start,
        Record::Pause,
        Record::Pause,
        Record::Resume,
        Record::Stop,
        Record::Pause,
    ];
    *dice.pick(&acts).expect("some")
}

fn act_page(agent: &mut Agent, contact: &Contact, dice: &mut Dice) {
    let all = [Grant::View, Grant::Point, Grant::Push, Grant::Control];
    let label = Some("a field".to_owned());
    let stream = || STREAM.to_owned();
    let act = match dice.below(12) {
        0..3 => AgentAct::Ask {
            grants: all.into_iter().filter(|_| dice.chance(75)).collect(),
        },
        3..6 => AgentAct::Watch { sheets: Vec::new() },
        6 if dice.chance(40) => AgentAct::Leave {},
        6 if dice.chance(40) => AgentAct::Stop {},
        6..8 => AgentAct::Guide {
            stream: stream(),
            guide: Guide::Mark { node: 7, label },
        },
        8 => AgentAct::Guide {
            stream: stream(),
            guide: Guide::Pointer { x: 1, y: 2 },
        },
        9..11 => AgentAct::Guide {
            stream: stream(),
            guide: Guide::Press { node: 7, label },
        },
        _ => AgentAct::Page {
            url: "https://shop.example/help".to_owned(),
            title: None,
        },
    };
    agent.cobrowse(contact.interaction, act);
}
