//! How legs carry speech: the console is warned by turns, and told at the end.

use ws::voice::LineQuality;

use super::*;
use crate::{
    edge::browser::desk,
    quality::{Measured, Moment},
};

fn measure(floor: &mut Floor, leg: LegId, moment: Moment, lost: u16) {
    let measured = Measured {
        codec: "PCMA".to_owned(),
        mos: 300,
        jitter_ms: 2,
        lost,
        round_trip_ms: None,
        party_lost: Some(100),
    };
    floor.tell(Input::Leg(LegNews::Measured {
        leg,
        moment,
        measured,
    }));
}

fn lines(floor: &Floor, who: &AgentId) -> Vec<LineQuality> {
    let desk = desk::of(who, &floor.hub).unwrap();
    desk.contacts[0].lines.clone()
}

fn line(customer: bool, moment: Moment, lost: u16) -> LineQuality {
    LineQuality {
        customer,
        poor: moment == Moment::Poor,
        ended: moment == Moment::Ended,
        mos: 300,
        lost,
    }
}

#[test]
fn an_agent_is_warned_of_a_poor_line_until_it_is_fair_again_and_told_at_its_end() {
    let mut floor = Floor::open(house(1, 6));
    let (id, who) = talking(&mut floor);
    let (caller, phone) = (leg(id, 1), leg(id, 2));
    let measured = |floor: &Floor| floor.count(id, |e| matches!(e, Event::LegMeasured { .. }));

    measure(&mut floor, caller, Moment::Fair, 0);
    assert_eq!((measured(&floor), lines(&floor, &who)), (0, Vec::new()));
    measure(&mut floor, caller, Moment::Poor, 1500);
    measure(&mut floor, caller, Moment::Poor, 1500);
    assert_eq!(measured(&floor), 1, "it is poor already");
    assert_eq!(lines(&floor, &who), [line(true, Moment::Poor, 1500)]);
    measure(&mut floor, caller, Moment::Fair, 200);
    measure(&mut floor, phone, Moment::Poor, 50);
    assert_eq!(
        lines(&floor, &who),
        [
            line(true, Moment::Fair, 200),
            line(false, Moment::Poor, 100)
        ],
        "the worse direction counts"
    );
    measure(&mut floor, caller, Moment::Ended, 400);
    floor.ended(caller, CauseKind::Normal);
    assert_eq!(lines(&floor, &who)[0], line(true, Moment::Ended, 400));
    let before = measured(&floor);
    measure(&mut floor, caller, Moment::Ended, 400);
    assert_eq!(measured(&floor), before, "what is over is not measured");
}
