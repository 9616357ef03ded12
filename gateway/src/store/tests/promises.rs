//! Promises, as their tables tell of them.

use hub::{event::CallbackEnd, promise::Plan};
use ws::id::CallbackId;

use super::*;
use crate::store::read::{self, CallbackLine};

const DUE: Timestamp = Timestamp(100_000);

fn promise(n: u128) -> CallbackId {
    format!("{}.c1", id(n)).parse().unwrap()
}

fn plan(remind: u64) -> Box<Plan> {
    Box::new(Plan {
        remind: Some(remind),
        ..Plan::default()
    })
}

fn promised(at: u64) -> Fact {
    let event = Event::CallbackPromised {
        callback: promise(1),
        number: "+4930700".parse().unwrap(),
        due: DUE,
        by: Author::System,
        plan: plan(60),
    };
    fact(at, Some(1), event)
}

fn line(connection: &Connection) -> CallbackLine {
    read::callback(connection, promise(1)).unwrap().unwrap()
}

#[test]
fn a_promise_tells_when_its_customer_is_reminded_and_when_they_were() {
    let mut connection = in_memory();
    write(&mut connection, &[opened(1, 1), promised(2)]);
    let before = line(&connection);
    let reminded = Event::CallbackReminded {
        callback: promise(1),
        due: DUE,
    };

    write(&mut connection, &[fact(40_000, Some(1), reminded)]);

    assert_eq!((before.remind, before.reminded_at), (Some(60), None));
    let after = line(&connection);
    assert_eq!((after.remind, after.reminded_at), (Some(60), Some(40_000)));
}

#[test]
fn a_promise_that_is_moved_has_the_plan_it_was_moved_with_and_is_reminded_of_anew() {
    let mut connection = in_memory();
    let reminded = Event::CallbackReminded {
        callback: promise(1),
        due: DUE,
    };
    let moved = Event::CallbackMoved {
        callback: promise(1),
        due: Timestamp(200_000),
        plan: plan(30),
        by: Author::System,
    };
    let ended = Event::CallbackEnded {
        callback: promise(1),
        end: CallbackEnd::Missed,
    };

    write(
        &mut connection,
        &[
            opened(1, 1),
            promised(2),
            fact(40_000, Some(1), reminded),
            fact(50_000, Some(1), moved),
            fact(60_000, Some(1), ended),
        ],
    );

    let after = line(&connection);
    assert_eq!((after.remind, after.reminded_at), (Some(30), None));
    assert_eq!((after.due, after.state.as_str()), (200_000, "ended"));
}
