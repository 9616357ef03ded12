//! Recordings as the tables have them.

use hub::event::{LegCause, Party, Recorded};
use ws::id::{AssignmentId, LegId, RecordingId};

use super::*;
use crate::store::recordings::{self, RecordingLine, Wanted};

fn taped(at: u64, interaction: u128, step: Recorded) -> Fact {
    fact(at, Some(interaction), Event::Recording(step))
}

fn started(at: u64, interaction: u128, n: u16) -> Fact {
    let leg = LegId {
        interaction: id(interaction),
        n: 1,
    };
    let by = Author::System;
    taped(
        at,
        interaction,
        Recorded::Started {
            n,
            leg,
            by,
            to: hub::recorder::Destination::default(),
        },
    )
}

fn kept(at: u64, interaction: u128, n: u16) -> Fact {
    let interaction_id = id(interaction);
    let recording = RecordingId {
        interaction: interaction_id,
        n,
    };
    let [_, file] = crate::recorder::places(recording);
    let step = Recorded::Kept {
        n,
        file,
        ms: 4_000,
        bytes: 5,
        lost_ms: 20,
        cut: true,
        sha512: "00".to_owned(),
    };
    taped(at, interaction, step)
}

// A caller whom an agent had.
fn call(at: u64, n: u128, number: &str, agent: &str) -> [Fact; 3] {
    let leg = Event::LegStarted {
        leg: LegId {
            interaction: id(n),
            n: 1,
        },
        party: Party::CustomerPhone {
            number: Some(number.parse().unwrap()),
            trunk: None,
        },
        cause: LegCause::Inbound,
        parent: None,
    };
    let assigned = Event::Assigned {
        assignment: AssignmentId {
            interaction: id(n),
            n: 1,
        },
        agent: agent.parse().unwrap(),
        name: agent.to_owned(),
        channel: Channel::Voice,
        offered: Timestamp(at),
    };
    [
        opened(at, n),
        fact(at, Some(n), leg),
        fact(at, Some(n), assigned),
    ]
}

fn three(connection: &mut Connection) {
    write(connection, &call(10, 1, "+4930100", "anna"));
    write(connection, &[started(11, 1, 1), kept(19, 1, 1)]);
    write(connection, &call(20, 2, "+4930200", "ben"));
    write(connection, &[started(21, 2, 1), started(25, 1, 2)]);
    let reason = "the disk took nothing of it".to_owned();
    write(
        connection,
        &[taped(30, 2, Recorded::Failed { n: 1, reason })],
    );
}

fn names(connection: &Connection, wanted: Wanted) -> Vec<(u128, u16)> {
    let limit = wanted.limit.max(10);
    let found = recordings::find(connection, &Wanted { limit, ..wanted })
        .unwrap()
        .lines;
    let place = |line: &RecordingLine| {
        (
            if line.interaction == id(1).to_string() {
                1
            } else {
                2
            },
            line.n,
        )
    };
    found.iter().map(place).collect()
}

fn wanted(set: impl FnOnce(&mut Wanted)) -> Wanted {
    let mut wanted = Wanted::default();
    set(&mut wanted);
    wanted
}

fn after(interaction: InteractionId) -> Wanted {
    let n = 1;
    wanted(|it| it.after = Some(RecordingId { interaction, n }))
}

#[test]
fn recordings_are_found_by_time_agent_number_queue_and_in_pages() {
    let directory = Directory::new("recordings");
    let mut connection = open(&directory.0).unwrap();
    three(&mut connection);
    let of = |agent: &str| wanted(|it| it.agent = Some(agent.to_owned()));
    let at = |queue: &str| wanted(|it| it.queue = Some(queue.to_owned()));
    let both = |queue: &str, agent: &str| Wanted {
        queue: Some(queue.to_owned()),
        ..of(agent)
    };
    let between = |from, to| wanted(|it| (it.from, it.to) = (from, to));
    let number = wanted(|it| it.number = Some("+4930100".to_owned()));

    for (found, expected) in [
        (wanted(|_| {}), vec![(1, 2), (2, 1), (1, 1)]),
        (wanted(|it| it.whole = true), vec![(1, 1)]),
        (between(Some(21), None), vec![(1, 2), (2, 1)]),
        (between(Some(21), Some(25)), vec![(2, 1)]),
        (between(None, Some(11)), vec![]),
        (between(Some(26), None), vec![]),
        (of("ben"), vec![(2, 1)]),
        (number, vec![(1, 2), (1, 1)]),
        (both("support", "anna"), vec![(1, 2), (1, 1)]),
        (at("sales"), vec![]),
        (after(id(2)), vec![(1, 1)]),
        (after(id(7)), vec![]),
    ] {
        let told = format!("{found:?}");
        assert_eq!(names(&connection, found), expected, "{told}");
    }
}

#[test]
fn a_line_says_whose_recording_it_is_and_what_became_of_it() {
    let directory = Directory::new("recording-line");
    let mut connection = open(&directory.0).unwrap();
    three(&mut connection);

    let found = recordings::find(
        &connection,
        &Wanted {
            limit: 10,
            ..Wanted::default()
        },
    )
    .unwrap()
    .lines;

    let [open, failed, whole] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(
        (open.ms, open.mediatype.as_deref(), open.started_at),
        (None, None, 25)
    );
    assert_eq!(
        failed.failed.as_deref(),
        Some("the disk took nothing of it")
    );
    assert_eq!(whole.mediatype.as_deref(), Some("audio/ogg"));
    assert_eq!(
        (whole.ms, whole.lost_ms, whole.cut),
        (Some(4_000), Some(20), true)
    );
    assert_eq!(
        (whole.queue.as_str(), &whole.agents[..]),
        ("support", &["anna".to_owned()][..])
    );
    assert_eq!(
        (whole.number.as_deref(), whole.name.as_deref()),
        (Some("+4930100"), None)
    );
    assert_eq!(
        whole.recording,
        RecordingId {
            interaction: id(1),
            n: 1
        }
        .to_string()
    );
}

#[test]
fn what_the_customer_refused_is_heard_by_nobody_also_when_the_tables_are_folded_anew() {
    let directory = Directory::new("recording-refused");
    let mut connection = open(&directory.0).unwrap();
    three(&mut connection);
    let by = Author::Customer;
    write(&mut connection, &[taped(40, 1, Recorded::Refused { by })]);

    scrub_due(&mut connection);

    let whole = || Wanted {
        whole: true,
        ..Wanted::default()
    };
    assert_eq!(names(&connection, whole()), []);
    connection.execute_batch("PRAGMA user_version = 7").unwrap();
    drop(connection);
    let mut connection = open_at_start(&directory.0).unwrap();
    restart(&mut connection, Timestamp(0), |_| {}).unwrap();
    assert_eq!(
        names(&connection, Wanted::default()),
        [(1, 2), (2, 1), (1, 1)]
    );
    assert_eq!(names(&connection, whole()), []);
}

// Fifteen thousand recordings of one queue; the oldest five thousand were ben's contacts.
const MANY: &str = "
    CREATE TEMP TABLE rows AS WITH RECURSIVE rows (row) AS (VALUES (1) UNION ALL SELECT row + 1 FROM rows LIMIT 15000)
        SELECT row, printf('%032x', row) AS interaction FROM rows;
    INSERT INTO interactions (interaction, row, opened_at, channel, queue, customer)
        SELECT interaction, row, row, 'voice', 'support', interaction FROM rows;
    INSERT INTO recordings (row, interaction, n, leg, started_at, mediatype)
        SELECT row, interaction, 1, interaction || '.1', row, iif(row <= 5000, 'audio/ogg', NULL) FROM rows;
    INSERT INTO found_by SELECT 'queue', 'support', row FROM rows;
    INSERT INTO found_by SELECT 'agent', iif(row <= 5000, 'ben', 'anna'), row FROM rows;";

#[test]
fn a_page_ends_after_so_many_recordings_as_were_looked_through_and_the_next_goes_on_behind() {
    let connection = in_memory();
    connection.execute_batch(MANY).unwrap();
    let common = Wanted {
        queue: Some("support".to_owned()),
        agent: Some("ben".to_owned()),
        limit: 3,
        ..Wanted::default()
    };
    let whole = Wanted {
        whole: true,
        limit: 3,
        ..Wanted::default()
    };
    let place = |n| RecordingId {
        interaction: id(n),
        n: 1,
    };
    for wanted in [common, whole] {
        let first = recordings::find(&connection, &wanted).unwrap();
        assert_eq!((first.lines.len(), first.until), (0, Some(place(5_001))));
        let after = first.until;
        let wanted = Wanted { after, ..wanted };

        let second = recordings::find(&connection, &wanted).unwrap();

        let found: Vec<_> = second.lines.iter().map(|line| line.started_at).collect();
        assert_eq!((found, second.until), (vec![5_000, 4_999, 4_998], None));
    }
    let anybodys = Wanted {
        limit: 3,
        after: Some(place(3)),
        ..Wanted::default()
    };
    let last = recordings::find(&connection, &anybodys).unwrap();
    assert_eq!((last.lines.len(), last.until), (2, None), "that is all");
}

#[test]
fn what_was_given_up_is_known_so_that_no_file_of_it_stays() {
    let directory = Directory::new("given-up");
    let mut connection = open(&directory.0).unwrap();
    three(&mut connection);
    let all = [(1, 1), (1, 2), (2, 1), (3, 1)];
    let all = all.map(|(interaction, n)| RecordingId {
        interaction: id(interaction),
        n,
    });

    let given_up = recordings::given_up(&connection, all.to_vec()).unwrap();

    assert_eq!(
        given_up,
        [all[2]],
        "neither whole, nor going on, nor unknown"
    );
}
