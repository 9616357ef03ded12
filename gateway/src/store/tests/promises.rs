//! Promises, as their tables tell of them.

use hub::{
    event::CallbackEnd,
    input::{Cause, CauseKind},
    promise::Plan,
};
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

#[test]
fn an_attempt_that_found_no_room_is_none_and_the_next_has_its_number() {
    let mut connection = in_memory();
    let attempted = |at| {
        let event = Event::CallbackAttempted {
            callback: promise(1),
            attempt: 1,
            customer_leg: format!("{}.1", id(1)).parse().unwrap(),
            agent_leg: None,
            agent: "anna".parse().unwrap(),
        };
        fact(at, Some(1), event)
    };
    let failed = |at, kind, status| {
        let event = Event::CallbackAttemptFailed {
            callback: promise(1),
            attempt: 1,
            cause: Cause {
                kind,
                status: Some(status),
                text: "x".to_owned(),
            },
            due: Some(DUE),
        };
        fact(at, Some(1), event)
    };
    let made = |connection: &Connection| {
        let all = crate::store::attempts::of(connection, promise(1)).unwrap();
        let ends: Vec<_> = all
            .into_iter()
            .map(|one| (one.attempt, one.status))
            .collect();
        (line(connection).attempts, ends)
    };
    let full = failed(4, CauseKind::Interrupted, 503);
    write(
        &mut connection,
        &[opened(1, 1), promised(2), attempted(3), full],
    );
    assert_eq!(made(&connection), (0, vec![]));

    let busy = failed(6, CauseKind::Busy, 486);
    write(&mut connection, &[attempted(5), busy]);

    assert_eq!(made(&connection), (1, vec![(1, Some(486))]));
}

#[test]
fn a_start_is_told_how_the_time_jumped_since_the_oldest_began_that_is_not_sealed() {
    let mut connection = in_memory();
    let stepped = |at| {
        let jump = hub::step::Jump::ahead(std::time::Duration::from_secs(60));
        fact(at, None, Event::ClockStepped(jump))
    };
    let told = |connection: &mut Connection| {
        let mut told = Vec::new();
        let jumps = |fact: Fact| {
            if let Event::ClockStepped(_) = fact.event {
                told.push(fact.at.0);
            }
        };
        crate::store::restart(connection, Timestamp(0), jumps).unwrap();
        told
    };
    let kept = |connection: &Connection| -> i64 {
        let count = "SELECT count(*) FROM step_rows";
        connection.query_row(count, [], |row| row.get(0)).unwrap()
    };
    write(&mut connection, &[opened(1, 1), stepped(2), opened(3, 2)]);
    assert_eq!(told(&mut connection), [2]);
    write(&mut connection, &[stepped(4), sealed(5, 1)]);

    assert_eq!(told(&mut connection), [4], "the other began since");
    for at in 6..1_000 {
        write(&mut connection, &[stepped(at)]);
    }
    assert_eq!(kept(&connection), 995);
    write(&mut connection, &[opened(1_000, 3), sealed(1_001, 2)]);
    write(&mut connection, &[stepped(1_002)]);

    assert_eq!(kept(&connection), 1, "none is kept longer than it counts");
    write(&mut connection, &[sealed(1_003, 3)]);
    assert_eq!(told(&mut connection), [0; 0]);
    write(&mut connection, &[stepped(1_004), stepped(1_005)]);
    assert_eq!(kept(&connection), 1);
}

#[test]
fn that_a_daemon_ran_counts_as_the_newest_where_nothing_was_written_since() {
    let mut connection = in_memory();
    let newest = |connection: &Connection| crate::store::newest(connection).unwrap();
    assert_eq!(newest(&connection), None);
    write(&mut connection, &[opened(7, 1)]);
    assert_eq!(newest(&connection), Some(7));

    crate::store::note_alive(&connection, 9).unwrap();
    assert_eq!(newest(&connection), Some(9));

    write(&mut connection, &[sealed(11, 1)]);
    assert_eq!(newest(&connection), Some(11));
}
