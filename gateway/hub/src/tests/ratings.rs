use ws::{agent::Channel, frame::Code, rating::Score};

use super::*;
use crate::{command::Program, interaction::Answer, setup::Ratings};

fn rated(chat: bool, call: bool) -> Setup {
    let mut setup = house(1, 1);
    for queue in setup.queues.values_mut() {
        queue.ratings = Ratings { chat, call };
    }
    setup
}

fn score(n: u8) -> Option<Score> {
    Some(Score::try_from(n).unwrap())
}

fn rate(
    floor: &mut Floor,
    id: InteractionId,
    score: Option<Score>,
    comment: Option<&str>,
) -> Result<Done, Refusal> {
    floor.ask(Input::Rate {
        interaction: id,
        by: Actor::Visitor(visitor(1).visitor),
        score,
        comment: comment.map(str::to_owned),
        re: RE,
    })
}

/// A visitor whose page is open chats with an agent, who ends it.
fn chatted(floor: &mut Floor) -> InteractionId {
    floor.tell(Input::WidgetOpened {
        visitor: visitor(1).visitor,
        socket: 5,
    });
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.end(id, Actor::Agent(agent(0)));
    id
}

/// A caller and an agent talk.
fn talking(floor: &mut Floor) -> InteractionId {
    let id = floor.call(1, "+4930100");
    floor.accept(&agent(0), id);
    floor.answered(leg(id, 2));
    floor.answered(leg(id, 1));
    floor.told();
    id
}

fn asked(floor: &Floor, id: InteractionId) -> usize {
    floor.count(id, |e| matches!(e, Event::RatingAsked { .. }))
}

#[test]
fn a_rating_is_told_anew_so_often_and_then_stands() {
    let mut floor = Floor::open(rated(true, false));
    let id = chatted(&mut floor);
    for n in 0..20 {
        rate(&mut floor, id, score(1 + n % 2), Some("hm")).unwrap();
    }

    let refused = rate(&mut floor, id, score(5), None).unwrap_err();
    assert_eq!(refused.code, Code::Full);
    assert_eq!(floor.of(id).rating.as_ref().unwrap().score(), score(2));
    assert_eq!(floor.count(id, |e| matches!(e, Event::Rated { .. })), 20);
}

#[test]
fn after_a_chat_the_visitor_is_asked_and_may_change_the_answer_until_the_window_closes() {
    let mut floor = Floor::open(rated(true, false));
    let id = chatted(&mut floor);
    assert_eq!(asked(&floor, id), 1);

    rate(&mut floor, id, score(2), None).unwrap();
    rate(&mut floor, id, score(4), Some("better than thought")).unwrap();
    rate(&mut floor, id, score(4), Some("better than thought")).unwrap();

    let rating = floor.of(id).rating.clone().unwrap();
    assert_eq!(rating.score(), score(4));
    assert_eq!(rating.agent, Some(agent(0)));
    assert_eq!(floor.count(id, |e| matches!(e, Event::Rated { .. })), 2);
    let tally = floor
        .hub
        .state()
        .matters()
        .since(&"support".parse().unwrap(), Timestamp(0));
    assert_eq!(
        tally.score(Channel::Chat),
        Some((1, 4.0)),
        "one rating, the last"
    );
    floor.seconds(601);
    assert!(floor.hub.state().interaction(id).is_none(), "sealed");
    let late = rate(&mut floor, id, score(1), None);
    assert_eq!(late.unwrap_err().code, ws::frame::Code::NotFound);
}

#[test]
fn the_question_holds_no_slot_only_the_seal_waits() {
    let mut floor = Floor::open(rated(true, false));
    let id = chatted(&mut floor);
    let next = floor.chat(2);
    assert_eq!(floor.offered(next), None, "the wrap-up holds the slot");

    floor.seconds(61);

    assert_eq!(floor.offered(next), Some(agent(0)));
    assert!(floor.of(id).assignment.is_none());
    assert_eq!(
        floor.of(id).rating.as_ref().unwrap().answer,
        Answer::Awaited
    );
}

#[test]
fn who_does_not_want_to_tell_is_not_asked_again_and_the_record_is_sealed() {
    let mut floor = Floor::open(rated(true, false));
    let id = chatted(&mut floor);

    rate(&mut floor, id, None, None).unwrap();
    assert!(rate(&mut floor, id, score(5), None).is_err());
    floor.seconds(61);

    assert!(floor.hub.state().interaction(id).is_none());
    assert_eq!(asked(&floor, id), 1);
    assert_eq!(floor.count(id, |e| matches!(e, Event::Rated { .. })), 0);
}

#[test]
fn nobody_is_asked_where_no_agent_was_met_where_it_is_off_or_while_leaving() {
    let mut alone = Floor::empty(rated(true, true));
    let waiting = alone.chat(1);
    alone.end(waiting, Actor::Visitor(visitor(1).visitor));
    assert_eq!(asked(&alone, waiting), 0);

    let mut off = Floor::open(rated(false, true));
    let chat = chatted(&mut off);
    assert_eq!(asked(&off, chat), 0);

    let mut leaving = Floor::open(rated(true, true));
    let call = talking(&mut leaving);
    leaving.tell(Input::Drain);
    leaving.ended(leg(call, 2), CauseKind::Normal);
    assert_eq!(asked(&leaving, call), 0);
    assert!(matches!(leaving.told()[..], [Command::Release { leg: l, .. }] if l == leg(call, 1)));
}

#[test]
fn somebody_else_and_an_agent_cannot_rate_and_a_long_comment_is_refused() {
    let mut floor = Floor::open(rated(true, false));
    let id = chatted(&mut floor);
    let mut by = |by: Actor| {
        floor.ask(Input::Rate {
            interaction: id,
            by,
            score: score(5),
            comment: None,
            re: RE,
        })
    };

    let stranger = by(Actor::Visitor(visitor(2).visitor)).unwrap_err();
    let praise = by(Actor::Agent(agent(0))).unwrap_err();
    assert_eq!(stranger.code, ws::frame::Code::Forbidden);
    assert_eq!(praise.code, ws::frame::Code::Forbidden);
    let long = "x".repeat(1_001);
    let long = rate(&mut floor, id, score(5), Some(&long)).unwrap_err();
    assert_eq!(long.code, ws::frame::Code::OutOfRange);
}

#[test]
fn the_question_survives_a_restart() {
    let mut floor = Floor::open(rated(true, false));
    let id = chatted(&mut floor);

    floor.crash();
    rate(&mut floor, id, score(5), None).unwrap();

    assert_eq!(floor.of(id).rating.as_ref().unwrap().score(), score(5));
    floor.crash();
    assert_eq!(floor.of(id).rating.as_ref().unwrap().score(), score(5));
}

#[test]
fn when_the_agent_hangs_up_the_caller_is_asked_presses_a_key_is_thanked_and_released() {
    let mut floor = Floor::open(rated(false, true));
    let id = talking(&mut floor);
    let caller = leg(id, 1);

    floor.ended(leg(id, 2), CauseKind::Normal);
    let rate = Program::Rate;
    assert_eq!(
        floor.told(),
        [Command::Play {
            leg: caller,
            program: rate
        }]
    );
    assert!(floor.of(id).assignment.as_ref().unwrap().wrap_up.is_some());
    floor.heard(caller);
    floor.tell(Input::Leg(LegNews::Digit {
        leg: caller,
        digit: '9',
    }));
    assert_eq!(floor.told(), [], "nine is no answer");
    floor.tell(Input::Leg(LegNews::Digit {
        leg: caller,
        digit: '4',
    }));
    let thanks = Program::Thanks;
    assert_eq!(
        floor.told(),
        [Command::Play {
            leg: caller,
            program: thanks
        }]
    );
    floor.tell(Input::Leg(LegNews::Digit {
        leg: caller,
        digit: '1',
    }));
    floor.heard(caller);
    assert!(matches!(floor.told()[..], [Command::Release { leg: l, .. }] if l == caller));
    floor.ended(caller, CauseKind::Normal);

    assert_eq!(floor.of(id).rating.as_ref().unwrap().score(), score(4));
    floor.seconds(121);
    assert!(floor.hub.state().interaction(id).is_none());
}

#[test]
fn an_agent_who_ends_the_call_at_the_console_lets_the_caller_be_asked_too() {
    for by_end in [true, false] {
        let mut floor = Floor::open(rated(false, true));
        let id = talking(&mut floor);
        let (interaction, by, re) = (id, Actor::Agent(agent(0)), RE);

        let input = match by_end {
            true => Input::End {
                interaction,
                by,
                re,
            },
            false => Input::HangUp {
                interaction,
                by,
                re,
            },
        };
        floor.ask(input).unwrap();

        let told = floor.told();
        assert!(
            matches!(&told[..], [Command::Release { leg: agents, .. }, Command::Play { leg: callers, program: Program::Rate }]
                if *agents == leg(id, 2) && *callers == leg(id, 1)),
            "{told:?}"
        );
        floor.ended(leg(id, 2), CauseKind::Normal);
        assert_eq!(asked(&floor, id), 1);
    }
}

#[test]
fn a_caller_who_presses_nothing_is_let_go_and_one_who_hangs_up_has_not_rated() {
    let mut floor = Floor::open(rated(false, true));
    let silent = talking(&mut floor);
    floor.ended(leg(silent, 2), CauseKind::Normal);
    floor.told();
    floor.seconds(21);
    assert!(matches!(floor.told()[..], [Command::Release { leg: l, .. }] if l == leg(silent, 1)));
    floor.ended(leg(silent, 1), CauseKind::Normal);
    assert_eq!(floor.of(silent).rating.as_ref().unwrap().score(), None);

    let mut floor = Floor::open(rated(false, true));
    let gone = talking(&mut floor);
    floor.ended(leg(gone, 2), CauseKind::Normal);
    floor.ended(leg(gone, 1), CauseKind::Normal);
    floor.tell(Input::Leg(LegNews::Digit {
        leg: leg(gone, 1),
        digit: '5',
    }));
    assert_eq!(floor.of(gone).rating.as_ref().unwrap().score(), None);
    floor.seconds(121);
    assert!(floor.hub.state().interaction(gone).is_none());
}

#[test]
fn a_caller_who_hangs_up_first_is_not_asked() {
    let mut floor = Floor::open(rated(true, true));
    let id = talking(&mut floor);

    floor.ended(leg(id, 1), CauseKind::Normal);

    assert_eq!(asked(&floor, id), 0);
}

#[test]
fn a_chat_that_became_a_call_is_asked_about_once_when_the_chat_ends() {
    let mut floor = Floor::open(rated(true, true));
    floor.tell(Input::WidgetOpened {
        visitor: visitor(1).visitor,
        socket: 5,
    });
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.escalate(id, "+4930100").unwrap();
    let call = floor.of(id).call.clone().unwrap();
    floor.answered(call.customer);
    floor.answered(call.agent.unwrap());

    floor.ended(call.agent.unwrap(), CauseKind::Normal);
    assert_eq!(asked(&floor, id), 0, "the chat goes on");
    floor.ended(call.customer, CauseKind::Normal);
    floor.end(id, Actor::Agent(agent(0)));

    assert_eq!(asked(&floor, id), 1);
    let rating = floor.of(id).rating.as_ref().unwrap();
    assert_eq!((rating.channel, rating.leg), (Channel::Chat, None));
}

#[test]
fn who_is_erased_is_not_asked_and_nothing_waits_for_an_answer() {
    let erase = |floor: &mut Floor, id| {
        let customer = floor.of(id).customer;
        let reason = "asked for".to_owned();
        let order = crate::customer::Order::Erase { reason };
        let (by, re) = (Actor::TANDEM, RE);
        let input = Input::Customer {
            customer,
            order,
            by,
            re,
        };
        floor.ask(input).unwrap();
    };
    let mut floor = Floor::open(rated(true, false));
    floor.tell(Input::WidgetOpened {
        visitor: visitor(1).visitor,
        socket: 5,
    });
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    erase(&mut floor, id);
    let gone = floor.hub.state().interaction(id).is_none();
    assert_eq!((asked(&floor, id), gone), (0, true));

    for given in [None, score(2)] {
        let mut floor = Floor::open(rated(true, false));
        let id = chatted(&mut floor);
        if given.is_some() {
            rate(&mut floor, id, given, Some("her words")).unwrap();
        }
        assert_eq!(asked(&floor, id), 1);
        erase(&mut floor, id);
        assert!(floor.hub.state().interaction(id).is_none());
        floor.crash();
    }
}
