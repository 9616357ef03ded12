use super::*;
use crate::{
    input::{Actor, CauseKind, Input},
    tests::{Floor, RE, agent, house, leg, visitor},
};

#[test]
fn the_record_of_a_chat_that_became_a_call_tells_all_of_it_in_order() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.escalate(id, "+4930100").unwrap();
    floor.tell(Input::LegRinging { leg: leg(id, 3) });
    floor.answered(leg(id, 3));
    floor.answered(leg(id, 4));
    floor.ended(leg(id, 3), CauseKind::Normal);
    floor.ended(leg(id, 4), CauseKind::Normal);
    floor
        .ask(Input::End {
            interaction: id,
            by: Actor::Visitor(visitor(1).visitor),
            re: RE,
        })
        .unwrap();
    floor.seconds(60);

    let record = fold(&floor.facts).unwrap();

    assert_eq!(record.interaction, id);
    assert_eq!(record.legs.len(), 4);
    assert!(record.legs.iter().all(|leg| leg.ended_at.is_some()));
    assert_eq!(record.legs[3].parent, Some(leg(id, 3)));
    assert!(record.offers[0].taken);
    assert_eq!(record.assignments.len(), 1);
    assert!(record.sealed_at.is_some());
    assert_eq!(record.outcome.as_deref(), Some("served"));
    let places: Vec<u64> = record.timeline.iter().map(|entry| entry.seq.0).collect();
    assert_eq!(places, (1..=places.len() as u64).collect::<Vec<_>>());
    let text = serde_json::to_string(&record).unwrap();
    assert!(text.contains(&id.to_string()));
}

#[test]
fn facts_without_their_opening_make_no_record() {
    assert_eq!(fold(&[]), None);
}
