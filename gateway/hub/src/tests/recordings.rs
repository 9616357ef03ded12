use ws::{
    frame::Code,
    id::RecordingId,
    recording::{Record, RecordingState},
    transfer::TransferTo,
};

use super::*;
use crate::{
    event::{InCall, Recorded},
    recording::{Kept, Outcome, RecordingRule, RecordingSetup},
};

mod moved;
mod outside;
mod wishes;

fn floor(rule: RecordingRule, announced: bool) -> Floor {
    Floor::open(recording_house(rule, announced))
}

fn recording_house(rule: RecordingRule, announced: bool) -> Setup {
    let mut setup = house(2, 6);
    for queue in setup.queues.values_mut() {
        queue.recording = rule;
    }
    for agent in setup.agents.values_mut() {
        agent.supervisor = agent.name == "Agent 1";
    }
    setup.recording = RecordingSetup {
        announcement: match announced {
            true => vec!["recorded".into()],
            false => Vec::new(),
        },
        refusal: true,
        recorder: None,
    };
    setup
}

// Like `talking`, with all that was told.
fn connected(floor: &mut Floor) -> (InteractionId, AgentId) {
    let id = floor.call(1, "+4930100");
    let agent = floor.accept_any(id);
    floor.answered(leg(id, 2));
    floor.answered(leg(id, 1));
    (id, agent)
}

fn record(floor: &mut Floor, id: InteractionId, agent: &AgentId, act: Record) -> Option<Code> {
    let asked = ask(floor, id, agent, Wish::Record { act });
    asked.err().map(|refusal| refusal.code)
}

fn recording(id: InteractionId, n: u16) -> RecordingId {
    RecordingId { interaction: id, n }
}

fn kept(floor: &mut Floor, id: InteractionId, n: u16) {
    floor.tell(Input::RecordingEnded {
        recording: recording(id, n),
        outcome: Outcome::Kept(Kept {
            file: format!("{id}.r{n}.wav"),
            ms: 5_000,
            bytes: 640_044,
            lost_ms: 0,
            cut: false,
            sha512: "00".into(),
        }),
    });
}

fn steps(floor: &Floor, id: InteractionId) -> Vec<&'static str> {
    let facts = floor
        .facts
        .iter()
        .filter(|fact| fact.interaction == Some(id));
    let steps = facts.filter_map(|fact| match &fact.event {
        Event::Recording(step) => Some(step.word()),
        _ => None,
    });
    steps.collect()
}

fn starts(told: &[Command], customer: LegId, n: u16) -> bool {
    let recording = recording(customer.interaction, n);
    told.contains(&Command::Record {
        leg: customer,
        recording,
        listen: None,
    })
}

#[test]
fn a_queue_that_records_always_does_so_once_the_customer_was_told() {
    let mut floor = floor(RecordingRule::Always, true);
    let (id, _) = connected(&mut floor);
    let customer = leg(id, 1);
    let notice = Command::Notice {
        leg: customer,
        say: vec!["recorded".into()],
    };
    assert!(floor.told().contains(&notice));
    assert_eq!(steps(&floor, id), ["recording_announced"]);

    floor.heard(customer);

    assert!(starts(&floor.told(), customer, 1));
    floor.ended(customer, CauseKind::Normal);
    assert!(floor.told().contains(&Command::StopRecording {
        leg: customer,
        keep: true
    }));
    kept(&mut floor, id, 1);
    assert_eq!(
        steps(&floor, id),
        [
            "recording_announced",
            "recording_started",
            "recording_stopped",
            "recording_kept"
        ]
    );
    floor.crash();
}

fn notices(floor: &mut Floor) -> usize {
    let notice = |one: &&Command| matches!(one, Command::Notice { .. });
    floor.told().iter().filter(notice).count()
}

fn hears(floor: &mut Floor, leg: LegId, on: bool) {
    floor.tell(Input::Leg(LegNews::Hears { leg, on }));
}

#[test]
fn who_holds_the_call_during_the_announcement_hears_it_again_before_the_recording() {
    for holder in [1, 2] {
        let mut floor = floor(RecordingRule::Always, true);
        let (id, _) = connected(&mut floor);
        let customer = leg(id, 1);
        assert_eq!(notices(&mut floor), 1);

        hears(&mut floor, leg(id, holder), false);
        floor.heard(customer);
        floor.wait(Duration::from_secs(300));
        let told = floor.told();
        assert!(!starts(&told, customer, 1), "{told:?}");
        assert!(!told.iter().any(|c| matches!(c, Command::Notice { .. })));
        hears(&mut floor, leg(id, holder), true);
        assert_eq!(notices(&mut floor), 1);
        floor.heard(customer);

        assert!(starts(&floor.told(), customer, 1));
        let steps = |e: &Event| matches!(e, Event::InCall(InCall::Hears { .. }));
        assert_eq!(floor.count(id, steps), 2);
        floor.crash();
    }
}

#[test]
fn who_was_gone_for_some_of_the_announcement_hears_it_again_before_the_recording() {
    let mut floor = floor(RecordingRule::Always, true);
    let (id, _) = connected(&mut floor);
    let customer = leg(id, 1);
    assert_eq!(notices(&mut floor), 1);
    let turn = floor.asked[&customer];
    let missed = |turn| {
        Input::Leg(LegNews::Missed {
            leg: customer,
            turn,
        })
    };

    floor.tell(missed(turn));
    let told = floor.told();
    assert!(!starts(&told, customer, 1), "{told:?}");
    let again = |one: &&Command| matches!(one, Command::Notice { .. });
    assert_eq!(told.iter().filter(again).count(), 1);
    // What is told of the one before is late.
    floor.tell(missed(turn));
    floor.tell(Input::Leg(LegNews::Heard {
        leg: customer,
        turn,
    }));
    assert!(floor.told().is_empty());
    floor.heard(customer);
    assert!(starts(&floor.told(), customer, 1));

    let turn = floor.asked[&customer];
    floor.tell(missed(turn));
    assert!(floor.told().is_empty(), "it runs");
}

#[test]
fn who_holds_the_call_is_told_nothing_and_recorded_by_nobody_before_they_hear() {
    let mut floor = floor(RecordingRule::Demand, true);
    let (id, agent) = connected(&mut floor);
    let customer = leg(id, 1);
    hears(&mut floor, customer, false);
    let refused = record(&mut floor, id, &agent, Record::Start);
    assert_eq!(refused, Some(Code::Conflict));

    hears(&mut floor, customer, true);
    hears(&mut floor, customer, true);
    assert_eq!(record(&mut floor, id, &agent, Record::Start), None);

    assert_eq!(notices(&mut floor), 1);
    let steps = |e: &Event| matches!(e, Event::InCall(InCall::Hears { .. }));
    assert_eq!(floor.count(id, steps), 2, "what is no news is no fact");
}

#[test]
fn who_says_no_is_not_recorded_and_what_was_is_not_kept() {
    let digit = '0';
    for after in [false, true] {
        let mut floor = floor(RecordingRule::Always, true);
        let (id, agent) = connected(&mut floor);
        let leg = leg(id, 1);
        floor.told();
        if after {
            floor.heard(leg);
        }
        floor.tell(Input::Leg(LegNews::Digit { leg, digit }));

        let told = floor.told();
        if after {
            assert!(told.contains(&Command::StopRecording { leg, keep: false }));
        } else {
            assert!(!told.iter().any(|c| matches!(c, Command::Record { .. })));
            floor.heard(leg);
            assert!(!starts(&floor.told(), leg, 1));
        }
        assert!(steps(&floor, id).contains(&"recording_refused"));
        assert_eq!(
            record(&mut floor, id, &agent, Record::Start),
            Some(Code::Conflict)
        );
        floor.crash();
    }
}

#[test]
fn what_was_refused_is_not_kept_though_its_file_is_whole() {
    for restarts in [false, true] {
        let mut floor = floor(RecordingRule::Always, false);
        let (id, agent) = connected(&mut floor);
        if restarts {
            assert_eq!(record(&mut floor, id, &agent, Record::Refuse), None);
            floor.crash();
        } else {
            assert_eq!(record(&mut floor, id, &agent, Record::Stop), None);
            assert_eq!(record(&mut floor, id, &agent, Record::Refuse), None);
        }

        kept(&mut floor, id, 1);

        assert_eq!(steps(&floor, id).last(), Some(&"recording_failed"));
        assert!(floor.of(id).recordings.kept.is_empty());
    }
}

#[test]
fn who_refuses_later_is_rid_of_what_was_kept_before() {
    let mut floor = floor(RecordingRule::Demand, false);
    let (id, agent) = connected(&mut floor);
    for act in [Record::Start, Record::Stop] {
        assert_eq!(record(&mut floor, id, &agent, act), None);
    }
    kept(&mut floor, id, 1);
    assert_eq!(floor.of(id).recordings.kept.len(), 1);

    assert_eq!(record(&mut floor, id, &agent, Record::Refuse), None);

    assert!(floor.of(id).recordings.kept.is_empty());
    floor.crash();
}

#[test]
fn an_agent_records_on_demand_pauses_and_goes_on() {
    let mut floor = floor(RecordingRule::Demand, false);
    let (id, agent) = connected(&mut floor);
    let leg = leg(id, 1);
    assert!(steps(&floor, id).is_empty(), "nobody asked");
    assert_eq!(
        record(&mut floor, id, &agent, Record::Pause),
        Some(Code::Conflict)
    );

    assert_eq!(record(&mut floor, id, &agent, Record::Start), None);
    assert!(starts(&floor.told(), leg, 1));
    assert_eq!(record(&mut floor, id, &agent, Record::Pause), None);
    assert_eq!(record(&mut floor, id, &agent, Record::Pause), None);
    assert_eq!(record(&mut floor, id, &agent, Record::Resume), None);
    let told = floor.told();
    for on in [true, false] {
        let pauses = told
            .iter()
            .filter(|c| **c == Command::PauseRecording { leg, on });
        assert_eq!(pauses.count(), 1);
    }
    assert_eq!(record(&mut floor, id, &agent, Record::Stop), None);
    assert_eq!(
        record(&mut floor, id, &agent, Record::Start),
        Some(Code::Conflict),
        "the first is being finished"
    );
    kept(&mut floor, id, 1);
    assert_eq!(record(&mut floor, id, &agent, Record::Start), None);
    assert!(starts(&floor.told(), leg, 2));
    floor.crash();
}

#[test]
fn nobody_records_where_the_queue_does_not() {
    let mut floor = floor(RecordingRule::Off, false);
    let (id, agent) = connected(&mut floor);

    assert_eq!(
        record(&mut floor, id, &agent, Record::Start),
        Some(Code::Conflict)
    );
    let visitor = floor.ask(Input::InCall {
        interaction: id,
        by: Actor::Visitor("0af7651916cd43dd8448eb211c80319c".parse().unwrap()),
        wish: Wish::Record { act: Record::Start },
        re: RE,
    });
    assert_eq!(visitor.unwrap_err().code, Code::Forbidden);
    assert!(steps(&floor, id).is_empty());
}

#[test]
fn a_recording_is_of_the_call_and_survives_hold_and_transfer() {
    let mut floor = floor(RecordingRule::Always, false);
    let (id, agent) = connected(&mut floor);
    let customer = leg(id, 1);
    assert!(starts(&floor.told(), customer, 1));

    ask(&mut floor, id, &agent, Wish::Hold { on: true }).unwrap();
    ask(&mut floor, id, &agent, Wish::Hold { on: false }).unwrap();
    let to = TransferTo::Queue("support".parse().unwrap());
    ask(&mut floor, id, &agent, Wish::Transfer { to, note: None }).unwrap();
    floor.ended(leg(id, 2), CauseKind::Normal);
    let second = floor.offered(id).expect("somebody is free");
    floor.accept(&second, id);
    floor.answered(leg(id, 3));

    assert_eq!(steps(&floor, id), ["recording_started"]);
    floor.crash();
}

#[test]
fn what_was_stopped_by_hand_does_not_begin_again_by_itself() {
    let mut floor = floor(RecordingRule::Always, false);
    let (id, _) = connected(&mut floor);
    let supervisor = floor.hub.setup().agents.keys().nth(1).cloned().unwrap();

    assert_eq!(record(&mut floor, id, &supervisor, Record::Stop), None);
    kept(&mut floor, id, 1);

    let told = floor.told();
    assert!(!starts(&told, leg(id, 1), 2));
    assert!(floor.of(id).recordings.running.is_none());
}

#[test]
fn a_record_is_not_sealed_before_its_recording_is_finished_or_given_up() {
    let mut floor = floor(RecordingRule::Always, false);
    let (id, agent) = connected(&mut floor);
    floor.ended(leg(id, 1), CauseKind::Normal);
    floor.ended(leg(id, 2), CauseKind::Normal);
    floor
        .ask(Input::WrapUp {
            agent,
            interaction: id,
            disposition: None,
            note: None,
            solved: None,
            re: RE,
        })
        .unwrap();
    assert!(floor.hub.state().interaction(id).is_some());

    floor.wait(Duration::from_secs(599));
    assert!(floor.hub.state().interaction(id).is_some());
    floor.wait(Duration::from_secs(2));

    assert!(floor.hub.state().interaction(id).is_none());
    let failed = |e: &Event| matches!(e, Event::Recording(Recorded::Failed { n: 1, .. }));
    assert_eq!(floor.count(id, failed), 1);
}

#[test]
fn a_restart_ends_the_recording_and_its_file_is_told_afterwards() {
    let mut floor = floor(RecordingRule::Always, false);
    let (id, _) = connected(&mut floor);

    floor.crash();
    assert!(floor.hub.state().interaction(id).is_some());
    assert_eq!(
        steps(&floor, id),
        ["recording_started", "recording_stopped"]
    );
    kept(&mut floor, id, 1);

    assert_eq!(steps(&floor, id).last(), Some(&"recording_kept"));
}

#[test]
fn a_disk_that_takes_nothing_harms_no_call_and_is_not_tried_without_end() {
    let mut floor = floor(RecordingRule::Always, false);
    let (id, _) = connected(&mut floor);
    floor.told();

    floor.tell(Input::RecordingEnded {
        recording: recording(id, 1),
        outcome: Outcome::Lost {
            reason: "no space".into(),
        },
    });

    assert!(!starts(&floor.told(), leg(id, 1), 2));
    assert!(floor.of(id).call.is_some());
}

#[test]
fn who_lived_longer_than_any_may_is_ended_once_though_the_file_is_waited_for() {
    let mut floor = floor(RecordingRule::Always, false);
    let longest = floor.hub.setup().spans.longest;
    let (id, _) = connected(&mut floor);
    let mended = |floor: &Floor| floor.count(id, |e| matches!(e, Event::Mended { .. }));

    floor.seconds(longest.as_secs());
    assert_eq!(mended(&floor), 1);
    assert!(floor.hub.poll_timeout().is_none_or(|due| due > floor.now));
    floor.seconds(600);

    assert_eq!(mended(&floor), 1);
    assert!(floor.hub.state().interaction(id).is_none(), "it is sealed");
}

#[test]
fn an_announcement_of_minutes_is_heard_to_its_end() {
    let mut setup = recording_house(RecordingRule::Always, true);
    let minutes = Duration::from_secs(90);
    setup.lengths.insert("recorded".into(), minutes);
    let mut floor = Floor::open(setup);
    let (id, _) = connected(&mut floor);
    let customer = leg(id, 1);
    let notice = |told: &[Command]| {
        let notices = told
            .iter()
            .filter(|one| matches!(one, Command::Notice { .. }));
        notices.count()
    };
    assert_eq!(notice(&floor.told()), 1);

    floor.wait(Duration::from_secs(89));
    assert_eq!(notice(&floor.told()), 0);
    floor.heard(customer);

    assert!(starts(&floor.told(), customer, 1));
}

#[test]
fn a_pause_during_the_announcement_holds_from_the_beginning() {
    let mut floor = floor(RecordingRule::Always, true);
    let (id, agent) = connected(&mut floor);
    let customer = leg(id, 1);
    let pauses = Command::PauseRecording {
        leg: customer,
        on: true,
    };
    let shown = |floor: &Floor| floor.of(id).recordings.shown();
    assert_eq!(record(&mut floor, id, &agent, Record::Pause), None);
    floor.told();

    floor.heard(customer);
    let told = floor.told();
    assert!(starts(&told, customer, 1) && told.contains(&pauses));
    assert_eq!(shown(&floor), Some(RecordingState::Paused));
    assert_eq!(record(&mut floor, id, &agent, Record::Resume), None);
    assert_eq!(shown(&floor), Some(RecordingState::Running));
}

#[test]
fn a_pause_that_is_taken_back_before_the_recording_begins_is_none() {
    let mut floor = floor(RecordingRule::Always, true);
    let (id, agent) = connected(&mut floor);
    let customer = leg(id, 1);
    assert_eq!(record(&mut floor, id, &agent, Record::Pause), None);
    assert_eq!(record(&mut floor, id, &agent, Record::Resume), None);
    floor.told();

    floor.heard(customer);

    let told = floor.told();
    let pauses = |one: &Command| matches!(one, Command::PauseRecording { .. });
    assert!(starts(&told, customer, 1) && !told.iter().any(pauses));
}
