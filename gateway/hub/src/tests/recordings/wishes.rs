//! What phones say that their parties would like.

use super::*;
use crate::recording::Preference;

fn wish(floor: &mut Floor, leg: LegId, wish: Preference) {
    floor.tell(Input::Leg(LegNews::Wished { leg, wish }));
}

fn is_paused(floor: &Floor, id: InteractionId) -> bool {
    let running = floor.of(id).recordings.running.as_ref();
    running.expect("a recording").paused
}

#[test]
fn whose_phone_wants_no_recording_is_not_recorded_and_not_told_of_one() {
    let mut floor = floor(RecordingRule::Always, true);
    let id = floor.call(1, "+4930100");
    wish(&mut floor, leg(id, 1), Preference::Off);
    let agent = floor.accept_any(id);
    floor.answered(leg(id, 2));
    floor.told();

    floor.answered(leg(id, 1));

    let told = floor.told();
    assert!(!told.iter().any(|one| matches!(one, Command::Notice { .. })));
    assert_eq!(steps(&floor, id), ["recording_wished", "recording_refused"]);
    let begun = record(&mut floor, id, &agent, Record::Start);
    assert_eq!(begun, Some(Code::Conflict));
    floor.crash();
}

#[test]
fn what_runs_already_is_not_kept_when_the_customers_phone_does_not_want_it_any_more() {
    for announced in [true, false] {
        let mut floor = floor(RecordingRule::Always, announced);
        let (id, _) = connected(&mut floor);
        floor.told();

        wish(&mut floor, leg(id, 1), Preference::Off);

        let (leg, keep) = (leg(id, 1), false);
        let told = floor.told();
        let cut = Command::Notice {
            leg,
            say: Vec::new(),
        };
        assert_eq!(told.contains(&cut), announced, "{told:?}");
        let stopped = told.contains(&Command::StopRecording { leg, keep });
        assert_eq!(stopped, !announced, "{told:?}");
        assert!(
            steps(&floor, id).ends_with(&["recording_refused", "recording_stopped"][..])
                || announced
        );
        floor.crash();
    }
}

#[test]
fn a_customers_pause_is_theirs_and_an_agents_the_agents() {
    let mut floor = floor(RecordingRule::Always, false);
    let (id, agent) = connected(&mut floor);
    let customer = leg(id, 1);

    wish(&mut floor, customer, Preference::Pause);
    assert!(is_paused(&floor, id));
    let resumed = record(&mut floor, id, &agent, Record::Resume);
    assert_eq!(resumed, Some(Code::Conflict));
    wish(&mut floor, customer, Preference::On);
    assert!(!is_paused(&floor, id));

    assert_eq!(record(&mut floor, id, &agent, Record::Pause), None);
    wish(&mut floor, customer, Preference::Pause);
    wish(&mut floor, customer, Preference::On);
    assert!(is_paused(&floor, id));
    assert_eq!(record(&mut floor, id, &agent, Record::Resume), None);
    assert!(!is_paused(&floor, id));
    floor.crash();
}

#[test]
fn a_recording_begins_paused_where_the_customers_phone_asked_for_that_before() {
    let mut floor = floor(RecordingRule::Always, false);
    let id = floor.call(1, "+4930100");
    let customer = leg(id, 1);
    wish(&mut floor, customer, Preference::Pause);
    floor.accept_any(id);
    floor.answered(leg(id, 2));
    floor.told();

    floor.answered(customer);

    let told = floor.told();
    let paused = Command::PauseRecording {
        leg: customer,
        on: true,
    };
    let at = |wanted: &Command| told.iter().position(|one| one == wanted);
    assert!(
        starts(&told, customer, 1) && at(&paused).is_some(),
        "{told:?}"
    );
    assert!(is_paused(&floor, id));
    floor.crash();
}

#[test]
fn what_may_not_be_refused_and_what_others_would_like_is_noted_alone() {
    for (refusal, whose) in [(false, 1), (true, 2)] {
        let floor = floor(RecordingRule::Always, false);
        let mut setup = floor.hub.setup().clone();
        setup.recording.refusal = refusal;
        let mut floor = Floor::open(setup);
        let (id, _) = connected(&mut floor);
        let of = leg(id, whose);

        for said in [Preference::Pause, Preference::Off, Preference::Nothing] {
            wish(&mut floor, of, said);
        }

        assert!(!is_paused(&floor, id));
        let noted = [
            "recording_started",
            "recording_wished",
            "recording_wished",
            "recording_wished",
        ];
        assert_eq!(steps(&floor, id), noted);
        floor.crash();
    }
}

#[test]
fn a_phone_that_changes_its_mind_for_ever_is_not_noted_for_ever() {
    let mut floor = floor(RecordingRule::Always, false);
    let (id, _) = connected(&mut floor);
    let unknown = leg(id, 99);

    for _ in 0..100 {
        wish(&mut floor, leg(id, 1), Preference::Pause);
        wish(&mut floor, leg(id, 1), Preference::Pause);
        wish(&mut floor, leg(id, 1), Preference::On);
        wish(&mut floor, unknown, Preference::Off);
    }

    let noted = steps(&floor, id);
    let noted = noted.iter().filter(|step| **step == "recording_wished");
    assert_eq!(noted.count(), 32);
    floor.crash();
}
