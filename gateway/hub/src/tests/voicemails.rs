//! Messages that callers leave.

use std::sync::Arc;

use ws::{
    agent::Channel,
    frame::Code,
    id::{QueueId, RecordingId},
};

use super::*;
use crate::{
    command::{Listen, Program},
    event::{InCall, Recorded},
    hours::Hours,
    menu::{Asks, Exit, MenuSetup},
    policy::{Instead, Rule},
    recording::{Kept, Outcome},
    voicemail::VoicemailSetup,
};

const NINE: Timestamp = Timestamp(9 * 3_600_000);

fn support() -> QueueId {
    "support".parse().unwrap()
}

/// A house whose queue takes messages where nobody is signed in, and outside hours that begin at nine where `office` is set.
fn house_with_voicemail(agents: usize, office: bool) -> Setup {
    let mut setup = house(agents, 6);
    let queue = setup.queues.get_mut(&support()).unwrap();
    for rule in [Rule::Closed, Rule::Full, Rule::Unstaffed, Rule::Late] {
        let instead = vec![Instead::Voicemail];
        queue.policy.instead.insert(rule, instead);
    }
    queue.policy.longest_wait = Some(Duration::from_secs(60));
    if office {
        let week = std::array::from_fn(|_| vec!["09:00-17:00".parse().unwrap()]);
        queue.hours = Some(Arc::new(Hours::new("UTC", week, Vec::new()).unwrap()));
    }
    setup.voicemail.greeting = vec!["gone".into()];
    setup
}

fn says(leg: LegId, names: &[&str]) -> Command {
    let names = names.iter().map(|name| Arc::from(*name)).collect();
    let program = Program::Say(names);
    Command::Play { leg, program }
}

fn recording(id: InteractionId) -> RecordingId {
    RecordingId {
        interaction: id,
        n: 1,
    }
}

impl Floor {
    /// Lets a caller come, hear the greeting and be recorded; gives their leg.
    fn begin_message(&mut self) -> LegId {
        let id = self.call(1, "+4930100");
        self.greet(leg(id, 1))
    }

    fn greet(&mut self, caller: LegId) -> LegId {
        assert!(self.told().contains(&Command::Answer { leg: caller }));
        self.answered(caller);
        assert!(self.told().contains(&says(caller, &["gone", "beep"])));
        self.heard(caller);
        let setup = VoicemailSetup::default();
        let record = Command::Record {
            leg: caller,
            recording: recording(caller.interaction),
            listen: Some(Listen {
                speech: setup.least,
                silence: setup.silence,
            }),
        };
        assert!(self.told().contains(&record));
        caller
    }

    /// The same, until the message waits.
    fn leave_message(&mut self) -> InteractionId {
        let caller = self.begin_message();
        self.news(LegNews::Spoke { leg: caller });
        self.ended(caller, CauseKind::Normal);
        self.taped(caller.interaction, 7_000, false);
        caller.interaction
    }

    fn news(&mut self, news: LegNews) {
        self.tell(Input::Leg(news));
    }

    fn taped(&mut self, id: InteractionId, ms: u64, cut: bool) {
        self.tell(Input::RecordingEnded {
            recording: recording(id),
            outcome: Outcome::Kept(Kept {
                file: format!("{id}.r1.ogg"),
                ms,
                bytes: 8_000,
                lost_ms: 0,
                cut,
                sha512: "00".into(),
            }),
        });
    }

    fn taping(&self, id: InteractionId) -> Vec<&'static str> {
        let events = self.events(id).into_iter();
        let steps = events.filter_map(|event| match event {
            Event::Recording(step) => Some(step.word()),
            _ => None,
        });
        steps.collect()
    }

    fn outcome(&self, id: InteractionId) -> Option<String> {
        self.events(id).into_iter().find_map(|event| match event {
            Event::Sealed { outcome, .. } => Some(outcome.clone()),
            _ => None,
        })
    }
}

#[test]
fn a_message_left_outside_the_hours_is_offered_when_the_queue_opens() {
    let mut floor = Floor::open(house_with_voicemail(1, true));

    let id = floor.leave_message();

    let found = floor.of(id);
    assert!(found.is_voicemail() && !found.writes() && found.ended.is_none());
    let stood = (found.message, floor.hub.opens_for(found));
    assert_eq!(stood, (Some(floor.now), Some(NINE)));
    assert_eq!(
        floor.offered(id),
        None,
        "closed, although an agent is there"
    );
    assert_eq!(found.entry.as_ref().unwrap().channel, Channel::Chat);
    assert!(
        floor
            .taping(id)
            .ends_with(&["recording_kept", "message_left"])
    );
    floor.wait(NINE.since(floor.now));
    assert_eq!(floor.offered(id), Some(agent(0)));
    floor.crash();
    assert!(floor.of(id).is_voicemail());
}

#[test]
fn an_agent_takes_it_by_a_chat_slot_calls_back_and_wraps_up() {
    let mut floor = Floor::empty(house_with_voicemail(1, false));
    let id = floor.leave_message();
    floor.arrive(&agent(0));

    floor.accept(&agent(0), id);

    let stay = floor.of(id).assignment.clone().unwrap();
    assert!(stay.holds_chat_slot() && !stay.voice);
    let legs = floor.of(id).legs.values().filter(|leg| leg.is_live());
    assert_eq!(legs.count(), 0, "nobody is there to be talked with");
    let said = floor.ask(Input::Say {
        interaction: id,
        by: Actor::Agent(agent(0)),
        mid: mid("m"),
        text: "hello?".into(),
        re: RE,
    });
    assert_eq!(said.unwrap_err().code, Code::Conflict);
    floor.escalate(id, "+4930100").unwrap();
    for n in [2, 3] {
        floor.answered(leg(id, n));
    }
    assert_eq!(floor.count(id, |e| matches!(e, Event::Bridged { .. })), 1);
    floor.ended(leg(id, 2), CauseKind::Normal);
    assert!(floor.of(id).is_voicemail(), "it is with the agent still");
    let (interaction, re) = (id, RE);
    floor.end(interaction, Actor::Agent(agent(0)));
    floor
        .ask(Input::WrapUp {
            agent: agent(0),
            interaction,
            disposition: Some("called back".into()),
            note: None,
            solved: Some(true),
            re,
        })
        .unwrap();
    floor.ended(leg(id, 3), CauseKind::Normal);
    assert_eq!(floor.outcome(id).as_deref(), Some("called back"));
}

#[test]
fn a_message_ends_by_a_key_by_silence_and_by_its_full_length() {
    let longest = VoicemailSetup::default().longest;
    for end in ["key", "silence", "length"] {
        let mut floor = Floor::empty(house_with_voicemail(1, false));
        let caller = floor.begin_message();
        floor.news(LegNews::Spoke { leg: caller });
        match end {
            "key" => floor.news(LegNews::Digit {
                leg: caller,
                digit: '#',
            }),
            "silence" => floor.news(LegNews::Quiet { leg: caller }),
            _ => floor.wait(longest),
        }

        let told = floor.told();
        let farewell = |command: &Command| matches!(command, Command::Dismiss { leg, program: Program::Goodbye, .. } if *leg == caller);
        assert!(told.iter().any(farewell), "{end}: {told:?}");
        let stop = Command::StopRecording {
            leg: caller,
            keep: true,
        };
        assert!(told.contains(&stop), "{end}");
        floor.ended(caller, CauseKind::Normal);
        floor.taped(caller.interaction, 7_000, false);
        assert!(floor.of(caller.interaction).is_voicemail(), "{end}");
    }
}

#[test]
fn other_keys_do_nothing_and_a_greeting_can_be_cut_short() {
    let mut floor = Floor::empty(house_with_voicemail(1, false));
    floor.tell(Input::CallArrived(arrival(1, "+4930100", "support")));
    let caller = leg(InteractionId::new(2_001).unwrap(), 1);
    floor.answered(caller);
    floor.told();

    for digit in ['0', '1', '#'] {
        floor.news(LegNews::Digit { leg: caller, digit });
    }

    assert_eq!(floor.told(), [says(caller, &["beep"])]);
    floor.heard(caller);
    floor.told();
    floor.news(LegNews::Digit {
        leg: caller,
        digit: '0',
    });
    assert_eq!(floor.told(), [], "0 refuses no message");
}

#[test]
fn who_says_nothing_left_nothing() {
    let mut floor = Floor::empty(house_with_voicemail(1, false));
    let caller = floor.begin_message();
    let id = caller.interaction;

    floor.news(LegNews::Quiet { leg: caller });
    floor.ended(caller, CauseKind::Normal);
    floor.taped(id, 5_000, false);

    assert!(floor.taping(id).ends_with(&["recording_failed"]));
    assert_eq!(floor.outcome(id).as_deref(), Some("abandoned"));
}

#[test]
fn who_speaks_when_the_disk_takes_no_more_is_told_so_and_what_it_took_is_the_message() {
    for part in [false, true] {
        let mut floor = Floor::empty(house_with_voicemail(1, false));
        let caller = floor.begin_message();
        let id = caller.interaction;
        floor.news(LegNews::Spoke { leg: caller });

        match part {
            true => floor.taped(id, 4_000, false),
            false => floor.tell(Input::RecordingEnded {
                recording: recording(id),
                outcome: Outcome::Lost {
                    reason: "the disk took nothing of it".into(),
                },
            }),
        }

        let why = match part {
            true => "the rest of the message could not be recorded",
            false => "no message could be recorded",
        };
        let sorry = |command: &Command| matches!(command, Command::Dismiss { leg, program: Program::Sorry, cause } if *leg == caller && cause.text == why);
        let told = floor.told();
        assert!(told.iter().any(sorry), "{told:?}");
        floor.ended(caller, CauseKind::Normal);
        match part {
            true => assert!(floor.of(id).is_voicemail()),
            false => assert_eq!(floor.outcome(id).as_deref(), Some("abandoned")),
        }
    }
}

#[test]
fn who_hangs_up_during_the_greeting_left_nothing() {
    let mut floor = Floor::empty(house_with_voicemail(1, false));
    let id = floor.call(1, "+4930100");
    floor.answered(leg(id, 1));

    floor.ended(leg(id, 1), CauseKind::Normal);

    assert_eq!(floor.taping(id), Vec::<&str>::new());
    assert_eq!(floor.outcome(id).as_deref(), Some("abandoned"));
}

#[test]
fn a_message_that_a_crash_cut_is_left_if_it_is_long_enough() {
    for (ms, left) in [(4_000, true), (900, false)] {
        let mut floor = Floor::empty(house_with_voicemail(1, false));
        let id = floor.begin_message().interaction;

        floor.crash();
        floor.taped(id, ms, true);

        match left {
            true => assert!(floor.of(id).is_voicemail()),
            false => assert_eq!(floor.outcome(id).as_deref(), Some("abandoned")),
        }
    }
}

#[test]
fn who_hung_up_once_and_calls_again_before_a_promised_call_can_leave_a_message() {
    let mut floor = Floor::empty(house_with_voicemail(1, false));
    let id = InteractionId::new(5_001).unwrap();
    let at = Some(floor.now + Duration::from_secs(86_400));
    let promise = Input::AskCallback {
        interaction: id,
        queue: Some(support()),
        by: Actor::TANDEM,
        number: number("+4930100"),
        at,
        wish: Default::default(),
        re: RE,
    };
    floor.ask(promise).unwrap();
    floor.call(1, "+4930100");
    floor.answered(leg(id, 1));
    floor.ended(leg(id, 1), CauseKind::Normal);
    assert!(floor.of(id).ended.is_some());
    floor.told();

    assert_eq!(floor.call(2, "+4930100"), id);

    let caller = floor.greet(leg(id, 2));
    floor.news(LegNews::Spoke { leg: caller });
    floor.ended(caller, CauseKind::Normal);
    floor.taped(id, 7_000, false);
    assert!(floor.of(id).is_voicemail());
    floor.crash();
    assert!(floor.of(id).is_voicemail());
}

#[test]
fn a_caller_who_is_erased_meanwhile_leaves_nothing_and_nothing_open() {
    let mut floor = Floor::empty(house_with_voicemail(1, false));
    let caller = floor.begin_message();
    let id = caller.interaction;
    floor.news(LegNews::Spoke { leg: caller });
    let order = crate::customer::Order::Erase {
        reason: "asked for by mail".to_owned(),
    };
    let (customer, by) = (floor.of(id).customer, Actor::TANDEM);
    let erase = Input::Customer {
        customer,
        order,
        by,
        re: RE,
    };
    floor.ask(erase).unwrap();

    floor.taped(id, 7_000, false);

    assert!(floor.hub.state().interaction(id).is_none(), "it is sealed");
    floor.crash();
}

#[test]
fn a_recording_that_fails_is_told_to_the_caller_and_nothing_is_left() {
    let mut floor = Floor::empty(house_with_voicemail(1, false));
    let caller = floor.begin_message();

    floor.tell(Input::RecordingEnded {
        recording: recording(caller.interaction),
        outcome: Outcome::Lost {
            reason: "the disk is full".into(),
        },
    });

    let sorry = |command: &Command| matches!(command, Command::Dismiss { program, .. } if *program == Program::Sorry);
    assert!(floor.told().iter().any(sorry));
    floor.ended(caller, CauseKind::Normal);
    let outcome = floor.outcome(caller.interaction);
    assert_eq!(outcome.as_deref(), Some("abandoned"));
}

#[test]
fn a_greeting_that_is_never_told_to_be_over_keeps_nobody() {
    let mut floor = Floor::empty(house_with_voicemail(1, false));
    let id = floor.call(1, "+4930100");
    floor.answered(leg(id, 1));
    floor.told();

    floor.seconds(60);

    let records = |command: &Command| matches!(command, Command::Record { .. });
    assert!(floor.told().iter().any(records));
}

#[test]
fn who_waited_too_long_may_leave_a_message_and_the_place_counts() {
    let mut floor = Floor::open(house_with_voicemail(1, false));
    let (_, _) = talking(&mut floor);
    let came = floor.now;
    let id = floor.call(2, "+4930200");
    let caller = leg(id, 1);
    floor.seconds(5);
    floor.answered(caller);
    floor.told();

    floor.seconds(56);

    assert!(floor.told().contains(&says(caller, &["gone", "beep"])));
    assert!(floor.of(id).entry.is_none(), "nobody is asked for the call");
    let ends = |event: &Event| {
        matches!(
            event,
            Event::WaitEnded {
                end: crate::event::WaitEnd::Message,
                ..
            }
        )
    };
    assert_eq!(floor.count(id, ends), 1);
    floor.heard(caller);
    floor.news(LegNews::Spoke { leg: caller });
    floor.ended(caller, CauseKind::Normal);
    floor.taped(id, 7_000, false);
    assert_eq!(floor.of(id).place, Some(came));
}

#[test]
fn a_menu_leads_to_it_and_a_queue_has_a_greeting_of_its_own() {
    let mut setup = house_with_voicemail(1, false);
    let menu = MenuSetup {
        queue: support(),
        say: vec!["main".into()],
        asks: Asks::Nothing(Exit::Voicemail),
        say_again: Vec::new(),
        wait: Duration::from_secs(5),
        tries: 1,
        otherwise: Exit::HangUp,
        hours: None,
    };
    setup.menus = [("night".parse().unwrap(), Arc::new(menu))].into();
    setup.queues.get_mut(&support()).unwrap().greeting = vec!["own".into()];
    let mut floor = Floor::open(setup);
    floor.tell(Input::CallArrived(arrival(1, "+4930100", "night")));
    let caller = leg(InteractionId::new(2_001).unwrap(), 1);
    floor.answered(caller);

    floor.heard(caller);

    assert!(floor.told().contains(&says(caller, &["own", "beep"])));
    let left = |event: &Event| {
        matches!(
            event,
            Event::InCall(InCall::MenuLeft {
                to: Exit::Voicemail,
                ..
            })
        )
    };
    assert_eq!(floor.count(caller.interaction, left), 1);
    assert_eq!(floor.offered(caller.interaction), None);
}

#[test]
fn a_chat_under_the_same_rule_is_a_message_in_writing() {
    let mut floor = Floor::open(house_with_voicemail(1, true));

    let id = floor.chat(1);

    assert!(floor.of(id).writes() && floor.of(id).message == Some(floor.now));
}

#[test]
fn there_is_an_end_to_how_many_wait() {
    let mut setup = house_with_voicemail(1, false);
    setup.queues.get_mut(&support()).unwrap().limit = 1;
    let mut floor = Floor::empty(setup);
    for n in 1..=2 {
        let id = floor.call(n, "+4930100");
        floor.greet(leg(id, 1));
        floor.news(LegNews::Spoke { leg: leg(id, 1) });
        floor.ended(leg(id, 1), CauseKind::Normal);
        floor.taped(id, 7_000, false);
    }

    floor.tell(Input::CallArrived(arrival(3, "+4930100", "support")));

    let refused = |command: &Command| matches!(command, Command::Refuse { .. });
    assert!(floor.told().iter().any(refused));
}

#[test]
fn a_message_goes_back_to_its_queue_when_its_agent_is_lost_and_is_never_parked() {
    let mut floor = Floor::empty(house_with_voicemail(2, false));
    let id = floor.leave_message();
    floor.arrive(&agent(0));
    floor.accept(&agent(0), id);

    floor.seconds(4_000);
    let stay = floor.of(id).assignment.as_ref().unwrap();
    assert!(stay.parked.is_none() && floor.of(id).ended.is_none());
    let socket = 1;
    let agent = agent(0);
    floor.tell(Input::ConsoleClosed { agent, socket });
    floor.seconds(60);

    assert!(floor.of(id).assignment.is_none());
    assert!(floor.of(id).entry.is_some(), "it waits again");
}

#[test]
fn nobody_to_hear_it_is_no_reason_to_forget_it_within_a_month() {
    let mut floor = Floor::empty(house_with_voicemail(1, false));
    let id = floor.leave_message();

    floor.wait(VoicemailSetup::default().waits - Duration::from_secs(60));
    assert!(floor.of(id).is_voicemail());
    floor.seconds(120);

    assert_eq!(floor.outcome(id).as_deref(), Some("abandoned"));
    let mended = |event: &Event| matches!(event, Event::Mended { .. });
    assert_eq!(floor.count(id, mended), 0);
}

#[test]
fn a_call_that_is_promised_takes_no_messages_place() {
    let mut floor = Floor::empty(house_with_voicemail(1, false));
    let id = floor.leave_message();
    let mut promise = |keep_place| {
        floor.ask(Input::AskCallback {
            interaction: id,
            queue: None,
            by: Actor::TANDEM,
            number: number("+4930100"),
            at: None,
            wish: ws::callback::Wish {
                keep_place,
                ..Default::default()
            },
            re: RE,
        })
    };

    let refused = promise(true).map_err(|refusal| refusal.code);
    assert_eq!(refused, Err(Code::Conflict));
    promise(false).unwrap();

    assert!(floor.of(id).is_voicemail() && floor.of(id).ended.is_none());
}

#[test]
fn the_fact_says_where_it_waits_and_how_long_it_is() {
    let mut floor = Floor::empty(house_with_voicemail(1, false));

    let id = floor.leave_message();

    let left = floor.events(id).into_iter().find_map(|event| match event {
        Event::Recording(step @ Recorded::MessageLeft { .. }) => Some(step.clone()),
        _ => None,
    });
    let expected = Recorded::MessageLeft {
        n: 1,
        queue: support(),
        ms: 7_000,
        opens: None,
    };
    assert_eq!(left, Some(expected));
}

#[test]
fn who_calls_from_a_page_is_told_and_can_write_there() {
    let mut floor = Floor::open(house_with_voicemail(1, true));
    let candidate = InteractionId::new(3_001).unwrap();
    floor.tell(Input::CallArrived(Arrival {
        candidate,
        peer: Peer::Browser(Box::new(visitor(1))),
        ..arrival(1, "+4930100", "support")
    }));
    floor.answered(leg(candidate, 1));

    let closed = |command: &Command| matches!(command, Command::Play { program, .. } if *program == Program::Closed);
    assert!(floor.told().iter().any(closed));
    assert_eq!(floor.of(candidate).turned, Some(Rule::Closed));
}

#[test]
fn who_is_moved_while_they_hear_the_greeting_hears_it_again_and_leaves_a_message() {
    let mut floor = Floor::empty(house_with_voicemail(1, false));
    let id = floor.call(1, "+4930100");
    floor.answered(leg(id, 1));

    let new = floor.replaced(leg(id, 1));

    assert!(floor.told().contains(&says(new, &["gone", "beep"])));
    assert!(floor.of(id).entry.is_none(), "they do not wait");
    floor.heard(new);
    floor.news(LegNews::Spoke { leg: new });
    floor.ended(new, CauseKind::Normal);
    floor.taped(id, 7_000, false);
    assert!(floor.of(id).is_voicemail());
    floor.crash();
}

#[test]
fn what_was_said_before_a_caller_was_moved_is_a_message_where_nothing_follows() {
    let mut floor = Floor::empty(house_with_voicemail(1, false));
    let caller = floor.begin_message();
    let id = caller.interaction;
    floor.news(LegNews::Spoke { leg: caller });

    let new = floor.replaced(caller);
    let told = floor.told();
    assert!(told.contains(&says(new, &["gone", "beep"])), "{told:?}");
    floor.taped(id, 7_000, false);
    assert!(!floor.of(id).is_voicemail(), "they may say more");
    floor.ended(new, CauseKind::Normal);

    assert!(floor.of(id).is_voicemail());
    floor.crash();
}

#[test]
fn the_greeting_that_ends_just_as_it_is_cut_does_not_begin_the_message_before_the_tone() {
    let mut floor = Floor::open(house_with_voicemail(0, false));
    let id = floor.call(1, "+4930100");
    let caller = leg(id, 1);
    floor.answered(caller);
    let key = LegNews::Digit {
        leg: caller,
        digit: '#',
    };
    floor.news(key);
    let records = |floor: &mut Floor| {
        let told = floor.told();
        told.iter().any(|one| matches!(one, Command::Record { .. }))
    };
    floor.told();

    let greeting = LegNews::Heard {
        leg: caller,
        turn: 1,
    };
    floor.news(greeting);
    let after_the_greeting = records(&mut floor);
    floor.heard(caller);

    assert!(!after_the_greeting);
    assert!(records(&mut floor));
}
