//! Recordings that are sent to a recorder outside.

use std::{collections::BTreeSet, sync::Arc};

use super::*;
use crate::recorder::{RecorderNews, RecorderSetup};

fn with(files: bool, required: bool) -> RecorderSetup {
    RecorderSetup {
        servers: vec!["one".parse().unwrap(), "two".parse().unwrap()],
        user: "record".to_owned(),
        domain: "house.example".to_owned(),
        queues: BTreeSet::new(),
        files,
        required,
        answer: Duration::from_secs(5),
    }
}

fn recorded(files: bool, required: bool) -> (Floor, InteractionId) {
    let mut setup = floor(RecordingRule::Always, false).hub.setup().clone();
    setup.recording.recorder = Some(Arc::new(with(files, required)));
    let mut floor = Floor::open(setup);
    let (id, _) = connected(&mut floor);
    (floor, id)
}

fn asked(floor: &mut Floor) -> usize {
    let told = floor.told();
    let calls = told
        .iter()
        .filter(|c| matches!(c, Command::CallRecorder { .. }));
    calls.count()
}

fn news(floor: &mut Floor, id: InteractionId, news: RecorderNews) {
    let recording = recording(id, 1);
    floor.tell(Input::Recorder { recording, news });
}

fn opened(floor: &mut Floor, id: InteractionId) {
    let recorder = "one".parse().unwrap();
    news(floor, id, RecorderNews::Opened { recorder });
}

fn failed(floor: &mut Floor, id: InteractionId) {
    let reason = "one: 503; two: 408".to_owned();
    news(floor, id, RecorderNews::Failed { reason });
}

fn closed(floor: &mut Floor, id: InteractionId) {
    let reason = "hung up".to_owned();
    news(floor, id, RecorderNews::Closed { reason });
}

#[test]
fn a_recording_goes_into_a_file_and_to_a_recorder_and_ends_when_both_have_ended() {
    let (mut floor, id) = recorded(true, false);
    let customer = leg(id, 1);
    let told = floor.told();
    assert!(starts(&told, customer, 1));
    assert!(told.contains(&Command::CallRecorder {
        leg: customer,
        recording: recording(id, 1),
        with: Arc::new(with(true, false)),
        paused: false,
    }));

    opened(&mut floor, id);
    floor.ended(customer, CauseKind::Normal);
    kept(&mut floor, id, 1);
    assert!(
        floor.of(id).recordings.running.is_some(),
        "the recorder has not said that it ended"
    );
    closed(&mut floor, id);

    assert!(floor.of(id).recordings.running.is_none());
    assert_eq!(
        steps(&floor, id),
        [
            "recording_started",
            "recorder_opened",
            "recording_stopped",
            "recording_kept",
            "recorder_closed"
        ]
    );
    floor.crash();
}

#[test]
fn where_no_file_is_wanted_none_is_made_and_the_recorder_alone_is_waited_for() {
    let (mut floor, id) = recorded(false, false);
    let told = floor.told();
    assert!(!told.iter().any(|c| matches!(c, Command::Record { .. })));
    opened(&mut floor, id);

    floor.ended(leg(id, 1), CauseKind::Normal);
    assert!(floor.of(id).recordings.running.is_some());
    closed(&mut floor, id);

    assert!(floor.of(id).recordings.running.is_none());
    assert!(floor.of(id).recordings.kept.is_empty());
}

#[test]
fn a_recording_that_is_over_before_a_recorder_took_it_says_so() {
    let (mut floor, id) = recorded(false, false);
    let customer = leg(id, 1);

    floor.ended(customer, CauseKind::Normal);

    assert!(floor.of(id).recordings.running.is_none());
    assert_eq!(
        steps(&floor, id),
        ["recording_started", "recorder_failed", "recording_stopped"]
    );
    opened(&mut floor, id);
    assert_eq!(steps(&floor, id).len(), 3, "it is over");
    floor.crash();
}

#[test]
fn after_a_crash_a_recording_that_no_recorder_took_says_so_too() {
    let (mut floor, id) = recorded(false, false);

    floor.crash();

    let told = steps(&floor, id);
    assert!(told.contains(&"recorder_failed"), "{told:?}");
}

#[test]
fn what_the_customer_refused_is_missed_by_nobody() {
    let (mut floor, id) = recorded(false, false);
    let stay = floor.of(id).assignment.as_ref();
    let agent = stay.expect("an agent has it").agent.clone();

    assert_eq!(record(&mut floor, id, &agent, Record::Refuse), None);

    assert!(!steps(&floor, id).contains(&"recorder_failed"));
}

#[test]
fn a_queue_that_is_not_named_is_recorded_in_files_alone() {
    let mut setup = floor(RecordingRule::Always, false).hub.setup().clone();
    let mut with = with(false, true);
    with.queues = BTreeSet::from(["other".parse().unwrap()]);
    setup.recording.recorder = Some(Arc::new(with));
    let mut floor = Floor::open(setup);

    let (id, _) = connected(&mut floor);

    let told = floor.told();
    assert!(starts(&told, leg(id, 1), 1));
    assert!(
        !told
            .iter()
            .any(|c| matches!(c, Command::CallRecorder { .. }))
    );
}

#[test]
fn when_no_recorder_takes_it_the_call_goes_on_and_they_are_asked_again_ever_later() {
    let (mut floor, id) = recorded(false, false);
    assert_eq!(asked(&mut floor), 1);
    floor.wait(Duration::from_secs(30));
    assert_eq!(asked(&mut floor), 0, "they have not answered yet");

    for pause in [2, 4, 8, 16, 32, 60, 60] {
        failed(&mut floor, id);
        floor.wait(Duration::from_secs(pause - 1));
        assert_eq!(asked(&mut floor), 0, "{pause} s");
        floor.wait(Duration::from_secs(1));
        assert_eq!(asked(&mut floor), 1, "{pause} s");
    }
    opened(&mut floor, id);
    floor.wait(Duration::from_secs(300));

    assert_eq!(asked(&mut floor), 0);
    assert!(floor.of(id).call.is_some());
    let failures = steps(&floor, id)
        .iter()
        .filter(|step| **step == "recorder_failed")
        .count();
    assert_eq!(failures, 7);
    assert_eq!(steps(&floor, id).last(), Some(&"recorder_opened"));
    floor.crash();
}

#[test]
fn they_are_asked_again_in_time_where_the_houses_time_goes_half_as_fast() {
    let (mut floor, id) = recorded(false, false);
    assert_eq!(asked(&mut floor), 1);
    for pause in [2, 4, 8] {
        failed(&mut floor, id);

        floor.slow(Duration::from_secs(pause - 1));
        assert_eq!(asked(&mut floor), 0, "{pause} s");
        floor.slow(Duration::from_secs(1));

        assert_eq!(asked(&mut floor), 1, "{pause} s");
    }
}

#[test]
fn a_recorder_that_lets_the_customers_stream_rest_has_the_call_still_and_no_other_is_asked() {
    for files in [false, true] {
        let (mut floor, id) = recorded(files, false);
        let news = |floor: &mut Floor, on| {
            let (recording, news) = (recording(id, 1), RecorderNews::Rests { on });
            floor.tell(Input::Recorder { recording, news });
        };
        news(&mut floor, true);
        assert!(
            !steps(&floor, id).contains(&"recorder_rests"),
            "none has it"
        );
        opened(&mut floor, id);
        floor.told();

        news(&mut floor, true);
        news(&mut floor, true);
        floor.wait(Duration::from_secs(300));
        assert_eq!(asked(&mut floor), 0);
        let shown = |floor: &Floor| floor.of(id).recordings.shown();
        let rests = match files {
            true => RecordingState::Running,
            false => RecordingState::Paused,
        };
        assert_eq!(shown(&floor), Some(rests));
        news(&mut floor, false);

        assert_eq!(shown(&floor), Some(RecordingState::Running));
        let ends = steps(&floor, id);
        assert!(
            ends.ends_with(&["recorder_opened", "recorder_rests", "recorder_goes_on"]),
            "{ends:?}"
        );
        floor.crash();
    }
}

#[test]
fn a_recorder_that_leaves_is_replaced_soon() {
    let (mut floor, id) = recorded(true, false);
    opened(&mut floor, id);
    floor.told();

    closed(&mut floor, id);
    floor.wait(Duration::from_secs(2));

    assert_eq!(asked(&mut floor), 1);
    opened(&mut floor, id);
    assert_eq!(
        floor.of(id).recordings.shown(),
        Some(ws::recording::RecordingState::Running)
    );
}

#[test]
fn a_recorder_that_is_asked_again_in_a_pause_is_told_of_it() {
    for leaves in [false, true] {
        let (mut floor, id) = recorded(true, false);
        let agent = floor.of(id).assignment.as_ref().unwrap().agent.clone();
        if leaves {
            opened(&mut floor, id);
        } else {
            failed(&mut floor, id);
        }
        assert_eq!(record(&mut floor, id, &agent, Record::Pause), None);
        if leaves {
            closed(&mut floor, id);
        }
        floor.told();

        floor.wait(Duration::from_secs(2));

        let told = floor.told();
        let calls: Vec<_> = told
            .iter()
            .filter_map(|c| match c {
                Command::CallRecorder { paused, .. } => Some(*paused),
                _ => None,
            })
            .collect();
        assert_eq!(calls, [true], "{told:?}");
    }
}

#[test]
fn where_calls_must_be_recorded_one_that_no_recorder_takes_ends() {
    let (mut floor, id) = recorded(true, true);
    floor.told();

    failed(&mut floor, id);

    let told = floor.told();
    let released = |n| {
        let leg = leg(id, n);
        told.iter().any(|c| matches!(c, Command::Release { leg: it, cause } if *it == leg && cause.kind == CauseKind::Fault))
    };
    assert!(released(1) && released(2), "{told:?}");
}

#[test]
fn where_calls_must_be_recorded_one_that_is_left_is_sent_to_another_at_once() {
    let (mut floor, id) = recorded(false, true);
    for _ in 0..3 {
        opened(&mut floor, id);
        floor.told();
        closed(&mut floor, id);
        assert_eq!(asked(&mut floor), 1);
    }
    opened(&mut floor, id);
    floor.told();

    closed(&mut floor, id);

    let told = floor.told();
    assert!(
        told.iter().any(|c| matches!(c, Command::Release { .. })),
        "four in a row: {told:?}"
    );
}

#[test]
fn a_full_disk_does_not_end_what_a_recorder_has() {
    let (mut floor, id) = recorded(true, false);
    opened(&mut floor, id);
    floor.told();

    floor.tell(Input::RecordingEnded {
        recording: recording(id, 1),
        outcome: Outcome::Lost {
            reason: "no space".into(),
        },
    });

    let told = floor.told();
    assert!(
        !told
            .iter()
            .any(|c| matches!(c, Command::StopRecording { .. }))
    );
    assert!(floor.of(id).recordings.running.is_some());
    floor.ended(leg(id, 1), CauseKind::Normal);
    closed(&mut floor, id);
    assert!(floor.of(id).recordings.running.is_none());
    assert_eq!(
        steps(&floor, id),
        [
            "recording_started",
            "recorder_opened",
            "recording_failed",
            "recording_stopped",
            "recorder_closed"
        ]
    );
}

#[test]
fn what_is_told_late_or_twice_changes_nothing() {
    let (mut floor, id) = recorded(false, true);
    opened(&mut floor, id);
    opened(&mut floor, id);
    failed(&mut floor, id);
    floor.ended(leg(id, 1), CauseKind::Normal);
    closed(&mut floor, id);

    closed(&mut floor, id);
    opened(&mut floor, id);

    assert_eq!(
        steps(&floor, id),
        [
            "recording_started",
            "recorder_opened",
            "recording_stopped",
            "recorder_closed"
        ]
    );
}

#[test]
fn a_restart_ends_what_the_recorder_had_with_its_reason() {
    let (mut floor, id) = recorded(false, false);
    opened(&mut floor, id);

    floor.crash();

    assert_eq!(
        steps(&floor, id),
        [
            "recording_started",
            "recorder_opened",
            "recorder_closed",
            "recording_stopped"
        ]
    );
    assert!(
        floor
            .hub
            .state()
            .interaction(id)
            .is_none_or(|found| found.recordings.running.is_none())
    );
}

#[test]
fn a_record_is_sealed_though_the_recorder_never_says_that_it_ended() {
    let (mut floor, id) = recorded(false, false);
    opened(&mut floor, id);
    floor.ended(leg(id, 1), CauseKind::Normal);

    floor.wait(Duration::from_secs(61));

    assert_eq!(steps(&floor, id).last(), Some(&"recorder_closed"));
    assert!(
        floor
            .hub
            .state()
            .interaction(id)
            .is_none_or(|found| found.recordings.running.is_none())
    );
}
