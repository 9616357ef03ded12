//! The store against real files.

mod erasure;
mod matters;
mod people;
mod promises;
mod recordings;

use std::{path::PathBuf, sync::Arc};

use hub::Event;
use tokio::sync::mpsc;
use ws::{
    agent::{Channel, Presence},
    id::{CustomerId, InteractionId, Seq, Timestamp},
    timeline::Author,
};

use super::{
    journal::{Batch, Journal},
    *,
};

/// A directory that is gone when the test is.
pub(super) struct Directory(pub(super) PathBuf);

impl Directory {
    pub(super) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!(
            "tandem-{name}-{}",
            agents::hex(&crate::auth::random::<8>())
        ));
        make_directory(&path).unwrap();
        Self(path)
    }

    pub(super) fn journal(&self) -> (Journal, mpsc::Receiver<Written>, journal::Writer) {
        Journal::start(&self.0, self.0.join("recordings")).unwrap()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

// A store that nothing of is written down.
pub(super) fn in_memory() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch("ATTACH DATABASE ':memory:' AS journal_file")
        .unwrap();
    shape::make(&connection, true).unwrap();
    connection
}

fn id(n: u128) -> InteractionId {
    InteractionId::new(n).unwrap()
}

fn fact(at: u64, interaction: Option<u128>, event: Event) -> Fact {
    let seq = matches!(event, Event::Said { .. }).then_some(Seq(at));
    Fact {
        at: Timestamp(at),
        interaction: interaction.map(id),
        seq,
        event,
    }
}

fn opened(at: u64, n: u128) -> Fact {
    let event = Event::Opened {
        channel: Channel::Chat,
        queue: "support".parse().unwrap(),
        zone: None,
        page: None,
        referrer: None,
        customer: CustomerId::new(n).unwrap(),
        name: None,
        answers: Vec::new(),
    };
    fact(at, Some(n), event)
}

fn said(at: u64, n: u128) -> Fact {
    let event = Event::Said {
        from: Author::Customer,
        mid: format!("m{at}").parse().unwrap(),
        text: format!("text {at}"),
    };
    fact(at, Some(n), event)
}

fn sealed(at: u64, n: u128) -> Fact {
    fact(
        at,
        Some(n),
        Event::Sealed {
            outcome: "served".to_owned(),
            agent: None,
            served: None,
        },
    )
}

fn away(at: u64, reason: &str) -> Fact {
    let presence = Presence::Away {
        reason: reason.to_owned(),
    };
    fact(
        at,
        None,
        Event::PresenceSet {
            agent: "anna".parse().unwrap(),
            presence,
            code: None,
            by: hub::event::SetBy::Agent,
        },
    )
}

fn batch(facts: Vec<Fact>) -> Batch {
    Arc::new(facts)
}

#[tokio::test]
async fn batches_are_told_of_in_order_and_are_in_the_journal_when_they_do() {
    let directory = Directory::new("order");
    let (journal, mut written, writer) = directory.journal();
    let reader = open(&directory.0).unwrap();

    for at in 1..=5 {
        journal
            .append(batch(vec![opened(at, u128::from(at))]))
            .await
            .unwrap();
    }
    for at in 1..=5 {
        written.recv().await.unwrap();
        assert_eq!(
            read::facts(&reader, id(u128::from(at))).unwrap(),
            [opened(at, u128::from(at))]
        );
    }
    drop(journal);
    writer.join();
}

#[tokio::test]
async fn what_is_settled_stands_in_the_tables() {
    let directory = Directory::new("tables");
    let (journal, mut written, writer) = directory.journal();

    journal
        .append(batch(vec![
            opened(1, 1),
            said(2, 1),
            said(3, 1),
            opened(4, 2),
            sealed(5, 2),
        ]))
        .await
        .unwrap();
    written.recv().await.unwrap();
    journal.settle().await.unwrap();

    let reader = open_to_read(&directory.0).unwrap();
    let live = search::search(
        &reader,
        &search::Search {
            live: true,
            limit: 10,
            ..search::Search::default()
        },
    )
    .unwrap();
    assert_eq!(
        live.lines
            .iter()
            .map(|line| line.interaction.clone())
            .collect::<Vec<_>>(),
        [id(1).to_string()]
    );
    let messages: u32 = reader
        .query_row("SELECT count(*) FROM messages", [], |row| row.get(0))
        .unwrap();
    assert_eq!(messages, 2);
    let record = read::record(&reader, id(1)).unwrap().unwrap();
    assert_eq!(record.timeline.len(), 2);
    assert!(read::record(&reader, id(9)).unwrap().is_none());
    drop(journal);
    writer.join();
}

#[tokio::test]
async fn what_was_said_is_found_while_it_goes_on_as_after_it() {
    let directory = Directory::new("words");
    let (journal, mut written, writer) = directory.journal();
    let mut facts = vec![opened(1, 1), said(2, 1), opened(3, 2), said(4, 2)];
    facts.extend([sealed(5, 2), opened(6, 3), said(7, 3)]);
    journal.append(batch(facts)).await.unwrap();
    written.recv().await.unwrap();
    journal.settle().await.unwrap();
    let reader = open_to_read(&directory.0).unwrap();
    let found = |search: search::Search| {
        let lines = search::search(&reader, &search).unwrap().lines.into_iter();
        let found = lines.map(|line| line.interaction);
        found.collect::<Vec<_>>()
    };
    let with = |text: &str| search::Search {
        text: Some(text.to_owned()),
        limit: 10,
        ..search::Search::default()
    };
    let ids = |all: &[u128]| Vec::from_iter(all.iter().map(|n| id(*n).to_string()));

    assert_eq!(found(with("Text")), ids(&[3, 2, 1]));
    assert_eq!(found(with("text 2")), ids(&[1]));
    assert_eq!(found(with("text 3")), ids(&[]));
    let live = search::Search {
        live: true,
        ..with("text")
    };
    assert_eq!(found(live), ids(&[3, 1]));
    let next = search::Search {
        after: Some(id(3)),
        limit: 1,
        ..with("text")
    };
    assert_eq!(found(next), ids(&[2]));
    let customer = search::Search {
        customer: CustomerId::new(1),
        ..with("text")
    };
    assert_eq!(found(customer), ids(&[1]));
    let queue = search::Search {
        queue: Some("support".to_owned()),
        limit: 2,
        ..with("text")
    };
    assert_eq!(found(queue), ids(&[3, 2]));

    for at in [8, 9] {
        journal
            .append(batch(vec![sealed(at, u128::from(2 * at - 15))]))
            .await
            .unwrap();
        written.recv().await.unwrap();
    }
    journal.settle().await.unwrap();
    assert_eq!(found(with("Text")), ids(&[3, 2, 1]));
    drop(journal);
    writer.join();
}

#[test]
fn words_are_found_as_they_were_written_last_and_not_where_they_were_taken_back() {
    let directory = Directory::new("revised");
    let mut connection = open(&directory.0).unwrap();
    let by = || Author::Customer;
    let edited = |at, of, text: &str| {
        let (of, text) = (Seq(of), text.to_owned());
        fact(at, Some(1), Event::MessageEdited { by: by(), of, text })
    };
    let facts = [
        opened(1, 1),
        said(2, 1),
        said(3, 1),
        said(4, 1),
        edited(5, 2, "first draft"),
        edited(6, 2, "second draft"),
        edited(7, 3, "gone soon"),
        fact(
            8,
            Some(1),
            Event::MessageDeleted {
                by: by(),
                of: Seq(3),
            },
        ),
    ];
    let found = |connection: &Connection, words: &str| {
        let search = search::Search {
            text: Some(words.to_owned()),
            limit: 10,
            ..search::Search::default()
        };
        search::search(connection, &search).unwrap().lines.len()
    };
    let check = |connection: &Connection, when: &str| {
        for (words, expected) in [
            ("second draft", 1),
            ("text 4", 1),
            ("text 2", 0),
            ("first", 0),
            ("gone", 0),
            ("text 3", 0),
        ] {
            assert_eq!(found(connection, words), expected, "{words}, {when}");
        }
    };

    write(&mut connection, &facts);
    check(&connection, "while it goes on");
    write(&mut connection, &[sealed(9, 1)]);
    check(&connection, "once it is sealed");
}

#[tokio::test]
async fn a_restart_gets_what_is_open_whole_and_what_is_sealed_as_a_frame() {
    let directory = Directory::new("restart");
    let (journal, mut written, writer) = directory.journal();
    let facts = vec![
        away(1, "lunch"),
        opened(2, 1),
        said(3, 1),
        opened(4, 2),
        said(5, 2),
        sealed(6, 2),
        away(7, "late"),
    ];
    journal.append(batch(facts)).await.unwrap();
    written.recv().await.unwrap();
    drop(journal);
    writer.join();

    let mut connection = open(&directory.0).unwrap();
    let mut taken = Vec::new();
    restart(&mut connection, Timestamp(0), |fact| taken.push(fact)).unwrap();

    assert_eq!(
        taken,
        [
            opened(2, 1),
            said(3, 1),
            opened(4, 2),
            sealed(6, 2),
            away(7, "late")
        ]
    );
    let mut late = Vec::new();
    restart(&mut connection, Timestamp(4), |fact| late.push(fact)).unwrap();
    assert_eq!(late, taken, "frames begin with what was opened then");
    late.clear();
    restart(&mut connection, Timestamp(5), |fact| late.push(fact)).unwrap();
    assert_eq!(late, [opened(2, 1), said(3, 1), away(7, "late")]);
    assert_eq!(last_time(&connection).unwrap(), Some(7));
}

#[tokio::test]
async fn a_store_that_refuses_acknowledges_nothing_until_it_can() {
    let directory = Directory::new("refuse");
    let (journal, mut written, writer) = directory.journal();
    let other = rusqlite::Connection::open(journal_file(&directory.0)).unwrap();
    other
        .execute_batch("ALTER TABLE journal RENAME TO elsewhere")
        .unwrap();
    let mut health = journal.health();

    journal.append(batch(vec![opened(1, 1)])).await.unwrap();
    health
        .wait_for(|health| *health != Health::Well)
        .await
        .unwrap();

    assert!(
        written.try_recv().is_err(),
        "nothing is told before it is written"
    );
    other
        .execute_batch("ALTER TABLE elsewhere RENAME TO journal")
        .unwrap();
    written.recv().await.unwrap();
    let reader = open_to_read(&directory.0).unwrap();
    assert_eq!(read::facts(&reader, id(1)).unwrap(), [opened(1, 1)]);
    health
        .wait_for(|health| *health == Health::Well)
        .await
        .unwrap();
    drop(journal);
    writer.join();
}

#[test]
fn the_epoch_lasts_as_long_as_the_journal() {
    let (one, other) = (Directory::new("epoch"), Directory::new("epoch"));

    let first = epoch(&open(&one.0).unwrap()).unwrap();

    assert_eq!(epoch(&open(&one.0).unwrap()).unwrap(), first);
    assert_ne!(epoch(&open(&other.0).unwrap()).unwrap(), first);
}

#[test]
fn the_name_by_which_we_register_lasts_as_long_as_the_journal() {
    let (one, other) = (Directory::new("instance"), Directory::new("instance"));

    let first = instance(&open(&one.0).unwrap()).unwrap();

    assert_eq!(instance(&open(&one.0).unwrap()).unwrap(), first);
    assert_ne!(instance(&open(&other.0).unwrap()).unwrap(), first);
}

#[test]
fn agents_are_kept_with_proofs_and_without_passwords() {
    let directory = Directory::new("agents");
    let connection = open(&directory.0).unwrap();
    let new = agents::NewAgent {
        agent: "anna".parse().unwrap(),
        name: "Anna".to_owned(),
        role: agents::Role::Agent,
        skills: [("billing".parse().unwrap(), 5)].into(),
        queues: vec!["support".parse().unwrap()],
        chat_slots: Some(3),
        extension: Some(("pbx".parse().unwrap(), "204".parse().unwrap())),
    };

    assert!(agents::add(&connection, &new, "tandem", "short").is_err());
    agents::add(&connection, &new, "tandem", "correct horse").unwrap();

    let told = agents::add(&connection, &new, "tandem", "correct horse")
        .unwrap_err()
        .to_string();
    assert!(told.contains("already"), "{told}");
    let row = agents::one(&connection, &new.agent).unwrap().unwrap();
    assert!(row.proves("correct horse") && !row.proves("wrong horse"));
    // echo -n anna:tandem:correct horse | md5sum
    assert_eq!(
        row.ha1_md5,
        agents::hex(&<md5::Md5 as md5::Digest>::digest(
            b"anna:tandem:correct horse"
        ))
    );
    assert_eq!(
        (row.chat_slots, row.extension, row.skills),
        (new.chat_slots, new.extension, new.skills)
    );
    agents::set_password(&connection, &new.agent, "tandem", "another horse").unwrap();
    assert!(agents::all(&connection).unwrap()[0].proves("another horse"));
}

#[tokio::test]
async fn what_was_said_about_contact_outlives_its_interaction_and_is_listed() {
    use hub::consent::{Change, Source, Statement, Subject};
    let directory = Directory::new("consents");
    let (journal, mut written, writer) = directory.journal();
    let subject: Subject = "number:+4930100".parse().unwrap();
    let said = |change| {
        Event::ConsentChanged(Statement {
            subject: "number:+4930100".parse().unwrap(),
            channel: ws::consent::ContactChannel::Voice,
            change,
            source: Source::Keyword,
            reason: None,
            until: None,
            by: None,
        })
    };
    let outcome = "served".to_owned();
    let facts = [
        opened(1, 7),
        fact(2, Some(7), said(Change::Withdrawn)),
        fact(
            3,
            Some(7),
            Event::Sealed {
                outcome,
                agent: None,
                served: None,
            },
        ),
        fact(4, None, said(Change::Suppressed)),
    ];
    journal.append(batch(facts.into())).await.unwrap();
    written.recv().await.unwrap();
    journal.settle().await.unwrap();
    drop(journal);
    writer.join();

    let mut connection = open(&directory.0).unwrap();
    let history = consents::history(&connection, std::slice::from_ref(&subject), None, 10).unwrap();
    let history: Vec<_> = history.into_iter().map(|(_, said)| said).collect();
    let mut again = Vec::new();
    restart(&mut connection, Timestamp(0), |fact| again.push(fact)).unwrap();

    let changes: Vec<_> = history.iter().map(|line| line.change.as_str()).collect();
    assert_eq!(changes, ["suppressed", "withdrawn"]);
    assert_eq!(history[1].interaction, Some(id(7).to_string()));
    let said = |fact: &&Fact| matches!(fact.event, Event::ConsentChanged(_));
    assert_eq!(again.iter().filter(said).count(), 2);
}

fn says_of(
    subject: &str,
    change: hub::consent::Change,
    source: hub::consent::Source,
    until: Option<u64>,
) -> Event {
    Event::ConsentChanged(hub::consent::Statement {
        subject: subject.parse().unwrap(),
        channel: ws::consent::ContactChannel::Voice,
        change,
        source,
        reason: None,
        until: until.map(Timestamp),
        by: None,
    })
}

// What a start is told about contact, each by its time.
fn told_again(connection: &mut Connection) -> Vec<u64> {
    let mut again = Vec::new();
    restart(connection, Timestamp(0), |fact| again.push(fact)).unwrap();
    let said = again.into_iter();
    let said = said.filter(|fact| matches!(fact.event, Event::ConsentChanged(_)));
    said.map(|fact| fact.at.0).collect()
}

#[test]
fn a_start_is_told_what_was_said_last_and_nothing_of_a_record_that_is_erased() {
    use hub::consent::{Change, Source};
    let directory = Directory::new("last-word");
    let mut connection = open(&directory.0).unwrap();
    let ida = ws::id::CustomerId::new(1).unwrap();
    let record = format!("customer:{ida}");
    let of =
        |at, subject: &str, change| fact(at, None, says_of(subject, change, Source::Api, None));

    write(
        &mut connection,
        &[
            of(1, &record, Change::Withdrawn),
            of(2, &record, Change::Suppressed),
            of(3, &record, Change::Given),
            of(4, "number:+4930100", Change::Suppressed),
            of(5, "number:+4930100", Change::Unsuppressed),
            of(6, "number:+4930100", Change::Suppressed),
        ],
    );
    assert_eq!(told_again(&mut connection), [2, 3, 6]);
    let erased = Event::CustomerErased {
        customer: ida,
        records: vec![ida],
        by: Author::System,
        reason: "asked for".to_owned(),
    };
    write(&mut connection, &[fact(7, None, erased)]);

    assert_eq!(told_again(&mut connection), [6]);
    let history = consents::history(&connection, &[record.parse().unwrap()], None, 10);
    assert!(history.unwrap().is_empty());
}

#[test]
#[expect(clippy::too_many_lines, reason = "one fact a line")]
fn a_start_is_told_what_counts_again_once_what_was_said_last_has_ended() {
    use hub::consent::Change::{Given, Suppressed, Unsuppressed, Withdrawn};
    let of = |at, change, until| {
        let said = says_of("number:+4930100", change, hub::consent::Source::Api, until);
        fact(at, None, said)
    };
    let cases: [(&str, Vec<Fact>, &[u64]); 7] = [
        (
            "for-good",
            vec![of(1, Withdrawn, None), of(2, Given, None)],
            &[2],
        ),
        (
            "until",
            vec![
                of(1, Withdrawn, None),
                of(2, Given, Some(90)),
                of(3, Given, Some(95)),
            ],
            &[1, 3],
        ),
        (
            "shorter",
            vec![of(1, Withdrawn, Some(80)), of(2, Given, Some(90))],
            &[2],
        ),
        (
            "longest",
            vec![
                of(1, Withdrawn, Some(99)),
                of(2, Given, Some(90)),
                of(3, Withdrawn, Some(95)),
                of(4, Given, Some(50)),
            ],
            &[1, 4],
        ),
        (
            "lifted",
            vec![
                of(1, Withdrawn, None),
                of(2, Given, Some(90)),
                of(3, Given, None),
            ],
            &[3],
        ),
        (
            "lifted-for-a-while",
            vec![of(1, Suppressed, None), of(2, Unsuppressed, Some(90))],
            &[1, 2],
        ),
        (
            "beside",
            vec![
                of(1, Suppressed, None),
                of(2, Withdrawn, None),
                of(3, Given, Some(90)),
            ],
            &[1, 2, 3],
        ),
    ];
    for (name, facts, told) in cases {
        let directory = Directory::new(&format!("again-{name}"));
        let mut connection = open(&directory.0).unwrap();

        write(&mut connection, &facts);

        assert_eq!(told_again(&mut connection), told, "{name}");
    }
}

#[test]
fn an_erasure_leaves_nothing_of_an_address_that_had_been_lifted_for_good() {
    use hub::consent::Change::{Given, Withdrawn};
    let ida = ws::id::CustomerId::new(1).unwrap();
    let of = |at, change, until| {
        let said = says_of("number:+4930100", change, hub::consent::Source::Api, until);
        fact(at, None, said)
    };
    let known = Event::CustomerKnown {
        customer: ida,
        name: None,
        number: Some("+4930100".parse().unwrap()),
        mail: None,
        mail_typed: false,
        visitor: None,
        verified: None,
        cleared: Vec::new(),
    };
    let erased = Event::CustomerErased {
        customer: ida,
        records: vec![ida],
        by: Author::System,
        reason: "asked for".to_owned(),
    };
    let directory = Directory::new("lifted-and-erased");
    let mut connection = open(&directory.0).unwrap();
    write(
        &mut connection,
        &[
            fact(1, None, known),
            of(2, Withdrawn, None),
            of(3, Given, None),
            of(4, Withdrawn, Some(90)),
            fact(5, None, erased),
        ],
    );
    assert_eq!(told_again(&mut connection), [4]);

    scrub_due(&mut connection);
    connection.execute_batch("PRAGMA user_version = 1").unwrap();
    drop(connection);
    let mut connection = open_at_start(&directory.0).unwrap();

    assert_eq!(told_again(&mut connection), [4], "folded anew");
}

#[test]
fn what_a_stranger_said_is_in_no_table_once_it_is_over() {
    use hub::consent::{Change, Source};
    let directory = Directory::new("strangers");
    let mut connection = open(&directory.0).unwrap();
    let record = |n| format!("customer:{}", ws::id::CustomerId::new(n).unwrap());
    let stop = |at, subject: &str, source, until| {
        fact(at, None, says_of(subject, Change::Withdrawn, source, until))
    };
    write(
        &mut connection,
        &[
            stop(1, &record(1), Source::Keyword, Some(100)),
            stop(2, &record(2), Source::Api, Some(100)),
            stop(3, &record(3), Source::Keyword, Some(100)),
            stop(4, &record(3), Source::Keyword, None),
        ],
    );
    assert_eq!(told_again(&mut connection), [1, 2, 4]);

    write(
        &mut connection,
        &[stop(100, "number:+4930100", Source::Api, None)],
    );

    assert_eq!(told_again(&mut connection), [2, 4, 100]);
    let history = consents::history(&connection, &[record(1).parse().unwrap()], None, 10);
    assert!(history.unwrap().is_empty());
}

#[test]
fn a_start_is_told_of_an_erasure_while_a_contact_of_theirs_is_not_sealed() {
    use hub::consent::{Change, Source};
    let directory = Directory::new("erased-live");
    let mut connection = open(&directory.0).unwrap();
    let begun = opened(1, 7);
    let Event::Opened { customer, .. } = begun.event else {
        panic!("it is opened");
    };
    let subject = format!("customer:{customer}");
    let said = says_of(&subject, Change::Withdrawn, Source::Agent, None);
    let erased = Event::CustomerErased {
        customer,
        records: vec![customer],
        by: Author::System,
        reason: "asked for".to_owned(),
    };
    let known = Event::CustomerKnown {
        customer,
        name: Some("Ida".to_owned()),
        number: None,
        mail: None,
        mail_typed: false,
        visitor: None,
        verified: None,
        cleared: Vec::new(),
    };
    write(
        &mut connection,
        &[
            begun,
            fact(1, Some(7), known),
            fact(2, Some(7), said),
            fact(3, None, erased),
        ],
    );

    let mut state = hub::State::default();
    restart(&mut connection, Timestamp(0), |fact| state.apply(&fact)).unwrap();

    let subject = subject.parse().unwrap();
    let voice = ws::consent::ContactChannel::Voice;
    assert_eq!(state.consents().get(&subject, voice), None);
    assert_eq!(state.interaction(id(7)).unwrap().name, None);
}

#[test]
fn consent_for_an_address_that_somebody_else_has_too_outlives_an_erasure_at_a_start() {
    use hub::consent::{Change, Source};
    let directory = Directory::new("shared-live");
    let mut connection = open(&directory.0).unwrap();
    let known = |n| Event::CustomerKnown {
        customer: CustomerId::new(n).unwrap(),
        name: None,
        number: Some("+4930100".parse().unwrap()),
        mail: None,
        mail_typed: false,
        visitor: None,
        verified: None,
        cleared: Vec::new(),
    };
    let said = says_of("number:+4930100", Change::Given, Source::Api, None);
    let erased = Event::CustomerErased {
        customer: CustomerId::new(7).unwrap(),
        records: vec![CustomerId::new(7).unwrap()],
        by: Author::System,
        reason: "asked for".to_owned(),
    };
    write(
        &mut connection,
        &[
            opened(1, 7),
            fact(1, Some(7), known(7)),
            fact(2, None, known(8)),
            fact(3, Some(7), said),
            fact(4, None, erased),
        ],
    );

    let mut state = hub::State::default();
    restart(&mut connection, Timestamp(0), |fact| state.apply(&fact)).unwrap();

    let number = "number:+4930100".parse().unwrap();
    let standing = state
        .consents()
        .get(&number, ws::consent::ContactChannel::Voice);
    let consent = standing.and_then(|standing| standing.consent.as_ref());
    assert_eq!(consent.map(|mark| mark.allows), Some(true));
}

#[test]
fn a_stay_that_takes_a_call_too_ends_on_both_channels() {
    let assignment = ws::id::AssignmentId {
        interaction: id(1),
        n: 1,
    };
    let assigned = |at, channel| {
        let event = Event::Assigned {
            assignment,
            agent: "anna".parse().unwrap(),
            name: "Anna".to_owned(),
            channel,
            offered: Timestamp(at),
        };
        fact(at, Some(1), event)
    };
    let ended = Event::AssignmentEnded {
        solved: None,
        assignment,
        agent: "anna".parse().unwrap(),
        disposition: None,
        note: None,
        reason: "done".to_owned(),
    };

    let record = record::Record::fold(&[
        opened(1, 1),
        assigned(2, Channel::Chat),
        assigned(3, Channel::Voice),
        fact(4, Some(1), ended),
    ])
    .unwrap();

    let stays = record.assignments.iter();
    let stays: Vec<_> = stays.map(|stay| (stay.channel, stay.ended_at)).collect();
    let over = Some(Timestamp(4));
    assert_eq!(stays, [(Channel::Chat, over), (Channel::Voice, over)]);
}

// Writes facts as the journal's writer does, and folds them.
// Scrubs all that is to be scrubbed, where no file lies beside the store.
fn scrub_due(connection: &mut Connection) {
    while erase::scrub_some(connection, Path::new("none"), &Turn::default()).unwrap() {}
}

fn write(connection: &mut Connection, facts: &[Fact]) {
    for fact in facts {
        connection
            .execute(
                "INSERT INTO journal (shard, at, interaction, fact) VALUES (0, ?1, ?2, ?3)",
                rusqlite::params![
                    project::sql(fact.at.0),
                    fact.interaction.map(|id| id.to_string()),
                    serde_json::to_string(fact).unwrap()
                ],
            )
            .unwrap();
    }
    project::fold_all(connection).unwrap();
}

#[test]
fn tables_of_another_shape_are_folded_anew() {
    let directory = Directory::new("shape");
    let mut connection = open(&directory.0).unwrap();
    write(&mut connection, &[opened(1, 1), said(2, 1), sealed(3, 1)]);
    connection
        .execute_batch(
            "DROP TABLE messages; CREATE TABLE messages (old TEXT); CREATE TABLE older (row);
             PRAGMA user_version = 1;",
        )
        .unwrap();
    drop(connection);

    assert!(open(&directory.0).is_err(), "another program may use it");
    let mut connection = open_at_start(&directory.0).unwrap();
    restart(&mut connection, Timestamp(0), |_| {}).unwrap();

    let count = |table: &str| {
        let query = format!("SELECT count(*) FROM {table}");
        connection.query_row(&query, [], |row| row.get::<_, i64>(0))
    };
    assert_eq!((count("messages"), count("texts")), (Ok(1), Ok(1)));
    assert!(count("older").is_err());
}

#[test]
fn a_journal_that_stands_among_the_tables_moves_into_its_own_file() {
    let directory = Directory::new("move");
    let mut connection = open(&directory.0).unwrap();
    let facts = [opened(1, 1), said(2, 1), opened(3, 2), sealed(4, 2)];
    write(&mut connection, &facts);
    // As an older version left it; a crash had cut the move short once.
    connection
        .execute_batch(
            "CREATE TABLE main.journal (row INTEGER PRIMARY KEY, shard INTEGER, at INTEGER, interaction TEXT, fact TEXT);
             INSERT INTO main.journal SELECT * FROM journal_file.journal;
             DELETE FROM journal_file.journal WHERE row > 2;",
        )
        .unwrap();
    drop(connection);

    let told = open(&directory.0).unwrap_err();
    assert!(format!("{told:#}").contains("start the daemon"), "{told:#}");
    let mut connection = open_at_start(&directory.0).unwrap();

    let mut taken = Vec::new();
    restart(&mut connection, Timestamp(0), |fact| taken.push(fact)).unwrap();
    assert_eq!(taken, facts);
    assert_eq!(read::facts(&connection, id(1)).unwrap(), facts[..2]);
    let tables = "SELECT count(*) FROM main.sqlite_master WHERE name = 'journal'";
    let among: i64 = connection.query_row(tables, [], |row| row.get(0)).unwrap();
    assert_eq!(among, 0);
}

#[test]
fn tables_that_know_more_than_the_journal_are_folded_anew() {
    let directory = Directory::new("ahead");
    let mut connection = open(&directory.0).unwrap();
    write(&mut connection, &[opened(1, 1), said(2, 1), opened(3, 2)]);
    connection
        .execute_batch("DELETE FROM journal WHERE row > 2")
        .unwrap();
    drop(connection);

    let mut connection = open(&directory.0).unwrap();
    write(&mut connection, &[opened(5, 3)]);

    let mut statement = connection
        .prepare("SELECT interaction FROM interactions ORDER BY row")
        .unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    let there: Vec<String> = rows.map(Result::unwrap).collect();
    assert_eq!(there, [id(1).to_string(), id(3).to_string()]);
}

#[test]
fn a_journal_that_is_not_the_one_of_the_tables_overwrites_nothing() {
    let directory = Directory::new("other");
    let mut connection = open(&directory.0).unwrap();
    write(&mut connection, &[opened(1, 1), said(2, 1)]);
    // As an older version leaves it that was started after this one.
    connection
        .execute_batch(
            "CREATE TABLE main.journal (row INTEGER PRIMARY KEY, shard INTEGER, at INTEGER, interaction TEXT, fact TEXT);
             INSERT INTO main.journal SELECT row, shard, at, interaction, 'another' FROM journal_file.journal WHERE row = 1;",
        )
        .unwrap();
    drop(connection);

    let told = format!("{:#}", open_at_start(&directory.0).unwrap_err());

    assert!(told.contains("another one"), "{told}");
    let journal = Connection::open(journal_file(&directory.0)).unwrap();
    let kept = "SELECT count(*) FROM journal WHERE fact <> 'another'";
    let kept: i64 = journal.query_row(kept, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 2);
}

#[test]
fn tables_without_their_journal_are_left_as_they_are() {
    let directory = Directory::new("alone");
    let mut connection = open(&directory.0).unwrap();
    write(&mut connection, &[opened(1, 1), said(2, 1)]);
    drop(connection);
    std::fs::remove_file(journal_file(&directory.0)).unwrap();

    for opened in [open(&directory.0), open_at_start(&directory.0)] {
        let told = format!("{:#}", opened.unwrap_err());
        assert!(told.contains("put back the journal.db"), "{told}");
    }

    let tables = Connection::open(file(&directory.0)).unwrap();
    let count = "SELECT count(*) FROM messages";
    let count: i64 = tables.query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
}
