//! Waits and merged matters as the tables have them.

use super::*;
use crate::store::{matters, read};

fn queued(at: u64) -> Fact {
    let event = Event::Queued {
        channel: Channel::Chat,
        queue: "support".parse().unwrap(),
        priority: Default::default(),
        since: Timestamp(2),
        callback: None,
        familiar: None,
        kept_until: None,
        skills: Default::default(),
        quiet: false,
    };
    fact(at, Some(1), event)
}

fn left(at: u64, anew: bool) -> Fact {
    let event = Event::Dequeued {
        waited_ms: at - 2,
        reason: "why".to_owned(),
        anew,
    };
    fact(at, Some(1), event)
}

#[test]
fn a_wait_that_is_put_in_its_line_anew_is_one_row_with_all_of_its_time() {
    let directory = Directory::new("anew");
    let mut connection = open(&directory.0).unwrap();

    write(
        &mut connection,
        &[
            opened(1, 1),
            queued(2),
            left(5, true),
            queued(5),
            left(12, false),
        ],
    );

    let wait: (i64, i64) = connection
        .query_row(
            "SELECT count(*), sum(waited_ms) FROM waits WHERE interaction = ?1",
            [id(1).to_string()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(wait, (1, 10));
}

#[test]
fn a_promise_is_in_the_queue_in_which_its_interaction_waited_last() {
    let directory = Directory::new("sent-on");
    let mut connection = open(&directory.0).unwrap();
    let mut sent_on = queued(5);
    if let Event::Queued { queue, .. } = &mut sent_on.event {
        *queue = "sales".parse().unwrap();
    }
    let promised = Event::CallbackPromised {
        callback: ws::id::CallbackId {
            interaction: id(1),
            n: 1,
        },
        number: "+4930100".parse().unwrap(),
        due: Timestamp(9),
        by: Author::Customer,
        plan: Default::default(),
    };
    let before = [opened(1, 1), queued(2), left(5, false)];
    write(&mut connection, &before);
    write(&mut connection, &[sent_on, fact(6, Some(1), promised)]);

    let of = |queue: Option<&str>| {
        let wanted = read::CallbacksWanted {
            queue: queue.map(str::to_owned),
            limit: 9,
            ..Default::default()
        };
        let found = read::callbacks(&connection, &wanted).unwrap();
        found.into_iter().map(|line| line.queue).collect::<Vec<_>>()
    };
    assert_eq!(of(None), ["sales"]);
    assert_eq!(of(Some("sales")), ["sales"]);
    assert!(of(Some("support")).is_empty());
}

fn merged(at: u64, kept: u128, merged: u128) -> Fact {
    let event = Event::InteractionsMerged {
        customer: CustomerId::new(1).unwrap(),
        kept: id(kept),
        merged: id(merged),
        by: Author::System,
        reason: "the same boots as Ida's".to_owned(),
    };
    fact(at, None, event)
}

#[test]
fn a_matter_is_read_as_one_over_any_depth_and_forgets_why_with_its_customer() {
    let directory = Directory::new("matters");
    let mut connection = open(&directory.0).unwrap();
    let lives = [1, 2, 3].map(|n| [opened(1, n), said(2, n), sealed(3, n)]);
    write(&mut connection, lives.as_flattened());
    write(&mut connection, &[merged(4, 2, 3), merged(5, 1, 2)]);

    let whole = read::record(&connection, id(1)).unwrap().unwrap();
    assert_eq!(whole.merged[0].interaction, id(2));
    assert_eq!(whole.merged[0].merged[0].interaction, id(3));
    let part = read::record(&connection, id(3)).unwrap().unwrap();
    assert_eq!(part.merged_into, Some(id(2)));
    assert_eq!(matters::facts(&connection, id(1)).unwrap().len(), 9);
    let mut again = Vec::new();
    restart(&mut connection, Timestamp(0), |fact| again.push(fact)).unwrap();
    let links = |fact: &&Fact| matches!(fact.event, Event::InteractionsMerged { .. });
    assert_eq!(
        again.iter().filter(links).count(),
        2,
        "every start needs them"
    );

    let erased = Event::CustomerErased {
        customer: CustomerId::new(1).unwrap(),
        records: vec![CustomerId::new(1).unwrap()],
        by: Author::System,
        reason: "asked for".to_owned(),
    };
    write(&mut connection, &[fact(6, None, erased)]);
    scrub_due(&mut connection);

    let boots = |query: &str| -> i64 {
        let mut statement = connection.prepare(query).unwrap();
        statement.query_row([], |row| row.get(0)).unwrap()
    };
    assert_eq!(
        boots("SELECT count(*) FROM journal WHERE fact LIKE '%boots%'"),
        0
    );
    assert_eq!(
        boots("SELECT count(*) FROM matters WHERE reason <> '' AND merged LIKE '%2'"),
        0
    );
}

#[test]
fn why_two_are_one_matter_goes_by_the_rule_of_what_was_noted_in_either() {
    for (channel, ours) in [("chat", true), ("voice", false)] {
        let directory = Directory::new("why");
        let mut connection = open(&directory.0).unwrap();
        let lives = [1, 2].map(|n| [opened(1, n), said(2, n), sealed(3, n)]);
        write(&mut connection, lives.as_flattened());
        let apart = Event::InteractionsUnmerged {
            customer: CustomerId::new(2).unwrap(),
            kept: id(1),
            merged: id(2),
            by: Author::System,
            reason: "other boots".to_owned(),
        };
        write(&mut connection, &[merged(40, 1, 2), fact(60, None, apart)]);
        let mut left = |what, before| {
            let rule = erase::Rule {
                channel,
                what,
                before,
            };
            erase::apply(&connection, &rule).unwrap();
            scrub_due(&mut connection);
            let whys = "SELECT count(*) FROM journal WHERE fact LIKE '%boots%'";
            let whys: u32 = connection.query_row(whys, [], |row| row.get(0)).unwrap();
            let record = read::record(&connection, id(1)).unwrap().unwrap();
            let lines = record.merges.into_iter();
            let lines = lines.flat_map(|line| [Some(line.reason), line.undone_reason]);
            let shown = lines.flatten().filter(|why| !why.is_empty()).count();
            assert_eq!(whys as usize, shown);
            shown
        };

        assert_eq!(left(1, 100), 2, "notes have a rule of their own");
        assert_eq!(left(2, 40), 2);
        assert_eq!(left(2, 50), if ours { 1 } else { 2 });
        assert_eq!(left(2, 100), if ours { 0 } else { 2 });
    }
}
