//! Recordings while another leg takes the customer's place.

use super::*;

// The customer is moved; returns their leg.
fn moved(floor: &mut Floor, id: InteractionId, leaves_early: bool) -> LegId {
    let old = leg(id, 1);
    let new = floor.replacing(old);
    if leaves_early {
        floor.ended(old, CauseKind::Normal);
    }
    floor.answered(new);
    if !leaves_early {
        floor.ended(old, CauseKind::Normal);
    }
    new
}

fn pauses(told: &[Command], leg: LegId, on: bool) -> bool {
    told.contains(&Command::PauseRecording { leg, on })
}

#[test]
fn a_recording_that_is_paused_goes_on_paused_after_the_customer_is_moved() {
    for leaves_early in [false, true] {
        let mut floor = floor(RecordingRule::Always, true);
        let (id, agent) = connected(&mut floor);
        floor.heard(leg(id, 1));
        assert_eq!(record(&mut floor, id, &agent, Record::Pause), None);

        let new = moved(&mut floor, id, leaves_early);
        kept(&mut floor, id, 1);
        floor.told();
        floor.heard(new);

        let told = floor.told();
        assert!(
            starts(&told, new, 2) && pauses(&told, new, true),
            "{told:?}"
        );
        assert!(floor.of(id).recordings.running.as_ref().unwrap().paused);
        assert_eq!(record(&mut floor, id, &agent, Record::Resume), None);
        assert!(pauses(&floor.told(), new, false));
        floor.crash();
    }
}

#[test]
fn who_resumed_or_began_anew_is_recorded_after_they_are_moved() {
    for acts in [
        &[Record::Pause, Record::Resume][..],
        &[Record::Pause, Record::Stop, Record::Start],
    ] {
        let mut floor = floor(RecordingRule::Demand, false);
        let (id, agent) = connected(&mut floor);
        assert_eq!(record(&mut floor, id, &agent, Record::Start), None);
        for act in acts {
            if *act == Record::Start {
                kept(&mut floor, id, 1);
            }
            assert_eq!(record(&mut floor, id, &agent, *act), None);
        }
        let n = floor.of(id).recordings.count;

        let new = moved(&mut floor, id, false);
        floor.told();
        kept(&mut floor, id, n);

        let told = floor.told();
        assert!(starts(&told, new, n + 1), "{told:?}");
        assert!(!pauses(&told, new, true), "{told:?}");
    }
}

#[test]
fn what_was_stopped_by_hand_does_not_begin_again_after_the_customer_is_moved() {
    for (leaves_early, finishes) in [(false, true), (true, true), (false, false)] {
        let mut floor = floor(RecordingRule::Always, false);
        let (id, agent) = connected(&mut floor);
        assert_eq!(record(&mut floor, id, &agent, Record::Stop), None);
        if finishes {
            kept(&mut floor, id, 1);
        }

        let new = moved(&mut floor, id, leaves_early);
        if !finishes {
            kept(&mut floor, id, 1);
        }

        assert_eq!(floor.of(id).recordings.count, 1, "{:?}", steps(&floor, id));
        assert_eq!(record(&mut floor, id, &agent, Record::Start), None);
        assert!(starts(&floor.told(), new, 2));
    }
}

#[test]
fn who_takes_the_customers_place_hears_the_announcement() {
    for (heard, leaves_early) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut floor = floor(RecordingRule::Always, true);
        let (id, _) = connected(&mut floor);
        if heard {
            floor.heard(leg(id, 1));
        }
        floor.told();

        let new = moved(&mut floor, id, leaves_early);
        kept(&mut floor, id, 1);

        let say = vec!["recorded".into()];
        let notice = Command::Notice { leg: new, say };
        let told = floor.told();
        assert!(told.contains(&notice), "{told:?}");
        floor.heard(new);
        let n = floor.of(id).recordings.count;
        assert!(starts(&floor.told(), new, n));
        floor.crash();
    }
}
