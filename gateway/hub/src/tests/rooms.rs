//! Conferences, and supervisors in calls.

use ws::{
    agent::Channel,
    frame::Code,
    supervision::{Supervise, Supervision},
    transfer::TransferTo,
};

use super::*;
use crate::{
    command::Target,
    event::{InCall, LegCause},
    input::Wish,
};

/// Agents with phones; the last is a supervisor who serves no queue.
fn floor(agents: usize) -> Floor {
    let mut setup = house(agents, 6);
    let supervisor = setup.agents.get_mut(&agent(agents - 1)).unwrap();
    (supervisor.supervisor, supervisor.queues) = (true, Vec::new());
    Floor::open(setup)
}

fn supervise(
    floor: &mut Floor,
    id: InteractionId,
    by: &AgentId,
    act: Supervise,
) -> Result<Done, Refusal> {
    ask(
        floor,
        id,
        by,
        Wish::Supervise {
            act,
            channel: Channel::Voice,
        },
    )
}

fn colleague(first: &AgentId) -> AgentId {
    agent(usize::from(*first == agent(0)))
}

/// The customer, the agent and a colleague of theirs in one conversation; the colleague's leg is 3.
fn conference(floor: &mut Floor) -> (InteractionId, AgentId, AgentId) {
    let (id, first) = talking(floor);
    let second = colleague(&first);
    let to = TransferTo::Agent(second.clone());
    ask(floor, id, &first, Wish::Consult { to }).unwrap();
    let early = ask(floor, id, &first, Wish::Conference).unwrap_err();
    assert!(early.text.contains("not answered"), "{early:?}");
    floor.answered(leg(id, 3));
    floor.told();
    ask(floor, id, &first, Wish::Conference).unwrap();
    (id, first, second)
}

#[test]
fn who_was_asked_is_taken_into_the_conversation() {
    let mut floor = floor(3);

    let (id, _, second) = conference(&mut floor);

    let told = floor.told();
    let (customer, agent) = (leg(id, 1), leg(id, 2));
    assert_eq!(
        told[0],
        Command::Join {
            leg: customer,
            to: agent
        }
    );
    let call = floor.of(id).call.clone().unwrap();
    assert!(call.consult.is_none() && call.guests.len() == 1);
    assert!(floor.of(id).on_the_line().any(|agent| *agent == second));
    floor.crash();
}

#[test]
fn the_guest_leaves_and_the_call_goes_on() {
    let mut floor = floor(3);
    let (id, first, second) = conference(&mut floor);

    floor.ended(leg(id, 3), CauseKind::Normal);

    let found = floor.of(id);
    assert!(found.is_with(&first) && found.call.as_ref().unwrap().guests.is_empty());
    let left = |e: &Event| matches!(e, Event::InCall(InCall::ConferenceLeft { left: Some(who), .. }) if *who == second);
    assert_eq!(floor.count(id, left), 1);
    // The colleague is free for another call.
    assert!(floor.of(id).on_the_line().next().is_none());
}

#[test]
fn who_was_taken_in_leaves_and_who_is_asked_declines() {
    let mut floor = floor(3);
    let (id, first, second) = conference(&mut floor);
    floor.told();
    let releases = |floor: &mut Floor, wanted: LegId| {
        let told = floor.told().into_iter();
        let mut causes = told.filter_map(|told| match told {
            Command::Release { leg, cause } if leg == wanted => Some(cause.text),
            _ => None,
        });
        causes.next()
    };

    ask(&mut floor, id, &second, Wish::Leave).unwrap();

    let gone = leg(id, 3);
    let why = releases(&mut floor, gone);
    assert_eq!(why.as_deref(), Some("they left the call"));
    floor.ended(gone, CauseKind::Normal);
    let found = floor.of(id);
    assert!(found.is_with(&first) && found.call.as_ref().unwrap().guests.is_empty());
    assert!(found.on_the_line().next().is_none());

    let to = TransferTo::Agent(second.clone());
    ask(&mut floor, id, &first, Wish::Consult { to }).unwrap();
    floor.told();
    ask(&mut floor, id, &second, Wish::Leave).unwrap();

    let why = releases(&mut floor, leg(id, 4));
    assert_eq!(why.as_deref(), Some("they declined the call"));
    let call = floor.of(id).call.clone().unwrap();
    assert!(call.consult.is_none() && call.bridged.is_some());
    let gone = call.parted.map(|gone| (gone.leg, gone.why));
    assert_eq!(gone, Some((leg(id, 4), CauseKind::Rejected)));
    let none = ask(&mut floor, id, &second, Wish::Leave).unwrap_err();
    assert_eq!(none.code, Code::Forbidden);
    // Whoever has the call next asked nobody.
    let to = TransferTo::Queue("support".parse().unwrap());
    let note = None;
    ask(&mut floor, id, &first, Wish::Transfer { to, note }).unwrap();
    assert_eq!(floor.of(id).call.as_ref().unwrap().parted, None);
    floor.crash();
}

#[test]
fn one_of_two_guests_is_taken_out_again_and_the_others_go_on() {
    let mut floor = Floor::open(house(4, 6));
    let (id, first, second) = conference(&mut floor);
    let to = TransferTo::Agent(third(&first, &second));
    ask(&mut floor, id, &first, Wish::Consult { to }).unwrap();
    floor.answered(leg(id, 4));
    ask(&mut floor, id, &first, Wish::Conference).unwrap();
    for n in [1, 2, 9] {
        let stays = ask(&mut floor, id, &first, Wish::Dismiss { leg: leg(id, n) });
        assert_eq!(stays.unwrap_err().code, Code::NotFound);
    }
    let other = ask(&mut floor, id, &second, Wish::Dismiss { leg: leg(id, 4) });
    assert_eq!(other.unwrap_err().code, Code::Forbidden);
    floor.told();

    ask(&mut floor, id, &first, Wish::Dismiss { leg: leg(id, 3) }).unwrap();

    let gone = leg(id, 3);
    let told = floor.told();
    let hung_up = |told: &Command| matches!(told, Command::Release { leg, cause } if *leg == gone && cause.text.contains("took them out"));
    assert!(matches!(&told[..], [one] if hung_up(one)), "{told:?}");
    let found = floor.of(id);
    assert!(found.is_with(&first));
    // Whoever did it knows.
    assert_eq!(found.call.as_ref().unwrap().parted, None);
    let guests: Vec<_> = found.call.as_ref().unwrap().guests.iter().collect();
    assert!(
        matches!(&guests[..], [one] if one.leg == leg(id, 4)),
        "{guests:?}"
    );
    let left = |e: &Event| matches!(e, Event::InCall(InCall::ConferenceLeft { left: Some(who), cause, .. }) if *who == second && cause.text.contains("took them out"));
    assert_eq!(floor.count(id, left), 1);
    let again = ask(&mut floor, id, &first, Wish::Dismiss { leg: gone });
    assert_eq!(again.unwrap_err().code, Code::NotFound);
    floor.ended(gone, CauseKind::Normal);
    assert_eq!(floor.count(id, left), 1);
    floor.crash();
}

#[test]
fn who_is_left_alone_hears_music_when_the_last_guest_is_taken_out_while_the_agent_asks() {
    let mut floor = floor(4);
    let (id, first, second) = conference(&mut floor);
    let to = TransferTo::Agent(third(&first, &second));
    ask(&mut floor, id, &first, Wish::Consult { to }).unwrap();
    floor.told();

    ask(&mut floor, id, &first, Wish::Dismiss { leg: leg(id, 3) }).unwrap();

    assert!(hears_music(&floor.told(), leg(id, 1)));
}

#[test]
fn a_supervisor_who_took_a_call_over_takes_its_guests_out() {
    let mut floor = floor(3);
    let (id, first, _) = conference(&mut floor);
    let sam = agent(2);
    supervise(&mut floor, id, &sam, Supervise::Barge).unwrap();
    floor.answered(leg(id, 4));
    supervise(&mut floor, id, &sam, Supervise::TakeOver).unwrap();
    let late = ask(&mut floor, id, &first, Wish::Dismiss { leg: leg(id, 3) });
    assert!(late.is_err(), "the call is theirs no more");

    ask(&mut floor, id, &sam, Wish::Dismiss { leg: leg(id, 3) }).unwrap();

    assert!(floor.of(id).call.as_ref().unwrap().guests.is_empty());
    assert!(floor.of(id).is_with(&sam));
}

#[test]
fn the_agent_leaves_and_the_call_is_the_colleagues() {
    let mut floor = floor(3);
    let (id, first, second) = conference(&mut floor);
    floor.told();

    floor.ended(leg(id, 2), CauseKind::Normal);

    let found = floor.of(id);
    assert!(found.is_with(&second) && !found.is_with(&first));
    let told = floor.told();
    assert!(told.contains(&Command::Bridge {
        a: leg(id, 1),
        b: leg(id, 3)
    }));
    assert!(floor.of(id).call.as_ref().unwrap().guests.is_empty());
}

#[test]
fn nobody_is_left_in_a_call_whose_caller_waits_again_and_would_rather_be_called_back() {
    let mut setup = house(3, 6);
    setup.callbacks.keep_place = true;
    let mut floor = Floor::open(setup);
    let (id, first, _) = conference(&mut floor);
    let to = TransferTo::Queue("support".parse().unwrap());
    ask(&mut floor, id, &first, Wish::Transfer { to, note: None }).unwrap();
    floor.told();

    floor.tell(Input::Leg(LegNews::Digit {
        leg: leg(id, 1),
        digit: '1',
    }));

    let left =
        |e: &Event| matches!(e, Event::InCall(InCall::ConferenceLeft { leg, .. }) if leg.n == 3);
    assert_eq!(floor.count(id, left), 1);
    let told = floor.told();
    let released = |told: &Command| matches!(told, Command::Release { leg, .. } if leg.n == 3);
    assert!(told.iter().any(released), "{told:?}");
    floor.crash();
}

#[test]
fn the_customer_leaves_and_the_call_is_over() {
    let mut floor = floor(3);
    let (id, _, _) = conference(&mut floor);
    floor.told();

    floor.ended(leg(id, 1), CauseKind::Normal);

    let told = floor.told();
    for n in [2, 3] {
        let gone = |command: &Command| matches!(command, Command::Release { leg: of, .. } if *of == leg(id, n));
        assert!(told.iter().any(gone), "{told:?}");
    }
    assert!(floor.of(id).call.is_none());
}

#[test]
fn a_supervisor_listens_whispers_barges_in_and_leaves() {
    let mut floor = floor(3);
    let (id, _) = talking(&mut floor);
    let sam = agent(2);

    supervise(&mut floor, id, &sam, Supervise::Listen).unwrap();
    let dialled = leg(id, 3);
    assert_eq!(floor.of(id).leg(dialled).unwrap().cause, LegCause::Monitor);
    floor.told();
    floor.answered(dialled);
    let listens = floor.told();
    supervise(&mut floor, id, &sam, Supervise::Whisper).unwrap();
    let whispers = floor.told();
    supervise(&mut floor, id, &sam, Supervise::Barge).unwrap();
    let barges = floor.told();
    supervise(&mut floor, id, &sam, Supervise::Stop).unwrap();

    let to = leg(id, 2);
    let listen = |whisper| Command::Listen {
        leg: dialled,
        to,
        whisper,
    };
    assert_eq!(listens, [listen(false)]);
    assert_eq!(whispers, [listen(true)]);
    assert_eq!(barges, [Command::Join { leg: dialled, to }]);
    assert!(
        matches!(&floor.told()[..], [Command::Release { leg, .. }] if *leg == dialled),
        "nothing but the supervisor's leg ends"
    );
    for how in [
        Supervision::Listen,
        Supervision::Whisper,
        Supervision::Barge,
    ] {
        let told = |e: &Event| matches!(e, Event::InCall(InCall::Supervised { how: told, .. }) if *told == how);
        assert_eq!(floor.count(id, told), 1);
    }
    floor.crash();
}

#[test]
fn a_supervisor_with_a_headset_listens_and_takes_over_by_it() {
    let mut floor = floor(3);
    let (id, _) = talking(&mut floor);
    let sam = agent(2);
    // Who has a headset on needs no phone.
    floor.tell(Input::PhoneGone { agent: sam.clone() });
    let refused = supervise(&mut floor, id, &sam, Supervise::Listen).unwrap_err();
    assert!(refused.text.contains("cannot be reached"), "{refused:?}");
    let on = Input::SetHeadset {
        agent: sam.clone(),
        socket: 1,
        on: true,
        re: RE,
    };
    floor.ask(on).unwrap();
    floor.told();

    supervise(&mut floor, id, &sam, Supervise::Listen).unwrap();

    let dialled = leg(id, 3);
    let told = floor.told();
    assert!(
        matches!(&told[..], [Command::Dial { leg, to: Target::Browser(to), .. }] if *leg == dialled && *to == sam),
        "{told:?}"
    );
    let shown = floor.hub.headset(&sam);
    assert!(matches!(&shown.calls[..], [call] if call.leg == dialled && !call.taken));
    floor.answered(dialled);
    assert!(floor.hub.headset(&sam).calls[0].taken);
    supervise(&mut floor, id, &sam, Supervise::TakeOver).unwrap();
    assert!(floor.of(id).is_with(&sam));
    assert_eq!(floor.hub.headset(&sam).calls.len(), 1);
    floor.crash();
}

#[test]
fn a_supervisor_who_barged_in_stays_with_an_agent_who_asks_a_colleague() {
    let mut floor = floor(3);
    let (id, first) = talking(&mut floor);
    supervise(&mut floor, id, &agent(2), Supervise::Barge).unwrap();
    floor.answered(leg(id, 3));
    let to = TransferTo::Agent(colleague(&first));
    ask(&mut floor, id, &first, Wish::Consult { to }).unwrap();
    floor.told();

    floor.answered(leg(id, 4));

    let (own, theirs, supervisors) = (leg(id, 2), leg(id, 4), leg(id, 3));
    let bridge = Command::Bridge { a: own, b: theirs };
    let join = Command::Join {
        leg: supervisors,
        to: own,
    };
    let told = floor.told();
    let place = |command: &Command| told.iter().position(|told| told == command);
    assert!(place(&bridge).is_some() && place(&bridge) < place(&join));
}

#[test]
fn a_supervisor_takes_a_call_over() {
    let mut floor = floor(3);
    let (id, first) = talking(&mut floor);
    let sam = agent(2);
    let early = supervise(&mut floor, id, &sam, Supervise::TakeOver).unwrap_err();
    assert!(early.text.contains("listen first"), "{early:?}");
    supervise(&mut floor, id, &sam, Supervise::Listen).unwrap();
    floor.answered(leg(id, 3));
    floor.told();

    supervise(&mut floor, id, &sam, Supervise::TakeOver).unwrap();

    let found = floor.of(id);
    assert!(found.is_with(&sam) && !found.is_with(&first));
    assert!(found.call.as_ref().unwrap().watchers.is_empty());
    let told = floor.told();
    assert!(told.contains(&Command::Bridge {
        a: leg(id, 1),
        b: leg(id, 3)
    }));
}

#[test]
fn supervisors_go_with_a_call_that_an_asked_colleague_is_given() {
    for (act, to_new) in [
        (Supervise::Listen, Some(false)),
        (Supervise::Whisper, Some(true)),
        (Supervise::Barge, None),
    ] {
        let mut floor = floor(3);
        let (id, first) = talking(&mut floor);
        let (sam, second) = (agent(2), colleague(&first));
        supervise(&mut floor, id, &sam, act).unwrap();
        floor.answered(leg(id, 3));
        let to = TransferTo::Agent(second.clone());
        ask(&mut floor, id, &first, Wish::Consult { to }).unwrap();
        floor.answered(leg(id, 4));
        floor.told();

        ask(&mut floor, id, &first, Wish::Complete { note: None }).unwrap();

        let (supervisors, new) = (leg(id, 3), leg(id, 4));
        let takes_part = match to_new {
            Some(whisper) => Command::Listen {
                leg: supervisors,
                to: new,
                whisper,
            },
            None => Command::Join {
                leg: supervisors,
                to: new,
            },
        };
        let bridge = Command::Bridge {
            a: leg(id, 1),
            b: new,
        };
        let told = floor.told();
        let place = |command: &Command| told.iter().position(|told| told == command);
        assert!(place(&bridge).is_some(), "{told:?}");
        assert!(place(&bridge) < place(&takes_part), "{told:?}");
        let gone = |told: &Command| matches!(told, Command::Release { leg, .. } if leg.n == 3);
        assert!(!told.iter().any(gone), "{told:?}");
        assert!(floor.of(id).is_with(&second));
        assert_eq!(floor.of(id).call.as_ref().unwrap().watchers.len(), 1);
        supervise(&mut floor, id, &sam, Supervise::Stop).unwrap();
        assert!(floor.told().iter().any(gone), "they may leave as before");
    }
}

#[test]
fn supervision_ends_with_a_call_that_nobody_on_the_line_is_given() {
    let queue = TransferTo::Queue("support".parse().unwrap());
    for to in [queue, TransferTo::Agent(agent(9))] {
        let mut floor = floor(3);
        let (id, first) = talking(&mut floor);
        supervise(&mut floor, id, &agent(2), Supervise::Barge).unwrap();
        floor.answered(leg(id, 3));
        let wish = match to {
            TransferTo::Agent(_) => {
                let to = TransferTo::Agent(colleague(&first));
                ask(&mut floor, id, &first, Wish::Consult { to }).unwrap();
                Wish::Complete { note: None }
            }
            to => Wish::Transfer { to, note: None },
        };
        floor.told();

        ask(&mut floor, id, &first, wish).unwrap();

        let gone = |told: &Command| matches!(told, Command::Release { leg, .. } if leg.n == 3);
        assert!(floor.told().iter().any(gone));
        assert!(floor.of(id).call.as_ref().unwrap().watchers.is_empty());
    }
}

#[test]
fn only_supervisors_take_part_and_not_in_their_own_call() {
    let mut floor = floor(3);
    let (id, first) = talking(&mut floor);

    let other = colleague(&first);
    let refusal = supervise(&mut floor, id, &other, Supervise::Listen).unwrap_err();
    assert_eq!(refusal.code, Code::Forbidden);
    let program = floor.ask(Input::InCall {
        interaction: id,
        by: Actor::TANDEM,
        wish: Wish::Supervise {
            act: Supervise::Listen,
            channel: Channel::Voice,
        },
        re: RE,
    });
    assert_eq!(program.unwrap_err().code, Code::Forbidden);
    assert_eq!(floor.told(), []);
}

#[test]
fn supervision_ends_with_the_call_and_the_supervisor_is_free() {
    let mut floor = floor(3);
    let (id, _) = talking(&mut floor);
    let sam = agent(2);
    supervise(&mut floor, id, &sam, Supervise::Listen).unwrap();
    floor.answered(leg(id, 3));

    floor.ended(leg(id, 1), CauseKind::Normal);

    let ended = |e: &Event| matches!(e, Event::InCall(InCall::SupervisionEnded { agent, .. }) if *agent == sam);
    assert_eq!(floor.count(id, ended), 1);
    assert!(floor.of(id).on_the_line().next().is_none());
}

fn third(first: &AgentId, second: &AgentId) -> AgentId {
    let mut all = (0..3).map(agent);
    all.find(|one| one != first && one != second).unwrap()
}

fn hears_music(told: &[Command], leg: LegId) -> bool {
    let program = crate::command::Program::Music;
    told.contains(&Command::Part { leg }) && told.contains(&Command::Play { leg, program })
}

#[test]
fn who_is_left_alone_in_a_conference_while_the_agent_asks_hears_music() {
    let mut floor = Floor::open(house(3, 6));
    let (id, first, second) = conference(&mut floor);
    let (customer, guest) = (leg(id, 1), leg(id, 3));
    let to = TransferTo::Agent(third(&first, &second));
    ask(&mut floor, id, &first, Wish::Consult { to }).unwrap();
    let told = floor.told();
    assert!(!hears_music(&told, customer) && !hears_music(&told, guest));

    floor.ended(guest, CauseKind::Normal);

    assert!(hears_music(&floor.told(), customer));
}

#[test]
fn a_guest_hears_music_while_the_customer_does_and_the_agent_asks() {
    let mut floor = Floor::open(house(3, 6));
    let (id, first, second) = conference(&mut floor);
    ask(&mut floor, id, &first, Wish::Hold { on: true }).unwrap();
    floor.told();

    let to = TransferTo::Agent(third(&first, &second));
    ask(&mut floor, id, &first, Wish::Consult { to }).unwrap();

    let told = floor.told();
    assert!(hears_music(&told, leg(id, 3)), "{told:?}");
    assert!(!hears_music(&told, leg(id, 1)), "the customer does already");
}

#[test]
fn the_customer_hears_music_when_who_barged_in_goes_with_the_agent_or_leaves() {
    for leaves in [false, true] {
        let mut floor = floor(3);
        let (id, first) = talking(&mut floor);
        let sam = agent(2);
        supervise(&mut floor, id, &sam, Supervise::Barge).unwrap();
        floor.answered(leg(id, 3));
        floor.told();
        let to = TransferTo::Agent(colleague(&first));
        ask(&mut floor, id, &first, Wish::Consult { to }).unwrap();
        assert!(!hears_music(&floor.told(), leg(id, 1)), "they go on");

        match leaves {
            true => floor.ended(leg(id, 3), CauseKind::Normal),
            false => floor.answered(leg(id, 4)),
        }

        let told = floor.told();
        assert!(hears_music(&told, leg(id, 1)), "{told:?}");
    }
}

#[test]
fn who_waits_in_company_is_played_nothing_until_they_wait_alone() {
    for held in [false, true] {
        let mut floor = floor(3);
        let (id, first, _) = conference(&mut floor);
        let (customer, guest) = (leg(id, 1), leg(id, 3));
        if held {
            ask(&mut floor, id, &first, Wish::Hold { on: true }).unwrap();
        }
        floor.told();

        let to = TransferTo::Queue("support".parse().unwrap());
        ask(&mut floor, id, &first, Wish::Transfer { to, note: None }).unwrap();
        floor.ended(leg(id, 2), CauseKind::Normal);
        floor.seconds(30);

        let told = floor.told();
        let plays = |command: &Command| matches!(command, Command::Play { leg, .. } | Command::Await { leg, .. } if *leg == customer);
        assert!(!told.iter().any(plays), "{told:?}");
        let joined = Command::Join {
            leg: customer,
            to: guest,
        };
        assert_eq!(told.contains(&joined), held, "{told:?}");
        floor.ended(guest, CauseKind::Normal);
        assert!(floor.told().iter().any(plays), "alone they hear the place");
        floor.crash();
    }
}
