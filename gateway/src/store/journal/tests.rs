//! The writers against connections that refuse what a disk or a lock could make them refuse.

use hub::Event;
use ws::id::Timestamp;

use super::{super::tests::Directory, *};

fn batch(at: u64) -> Batch {
    let started = Fact {
        at: Timestamp(at),
        interaction: None,
        seq: None,
        event: Event::Started,
    };
    Arc::new(vec![started])
}

fn count(directory: &Directory, what: &str) -> i64 {
    let reader = super::super::open_to_read(&directory.0).unwrap();
    reader.query_row(what, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn facts_are_durable_while_the_tables_refuse_and_are_folded_when_they_do_not() {
    let directory = Directory::new("refused");
    let (journal, mut written, writer) = directory.journal();
    let other = Connection::open(super::super::file(&directory.0)).unwrap();
    other
        .execute_batch("ALTER TABLE meta RENAME TO elsewhere")
        .unwrap();
    let mut health = journal.health();

    journal.append(batch(1)).await.unwrap();
    written.recv().await.unwrap();
    health
        .wait_for(|health| *health != Health::Well)
        .await
        .unwrap();
    journal.append(batch(2)).await.unwrap();
    written.recv().await.unwrap();
    assert_eq!(count(&directory, "SELECT count(*) FROM journal"), 2);
    assert_eq!(journal.lag().rows(), 2);
    journal.settle().await.unwrap();

    other
        .execute_batch("ALTER TABLE elsewhere RENAME TO meta")
        .unwrap();
    health
        .wait_for(|health| *health == Health::Well)
        .await
        .unwrap();
    journal.settle().await.unwrap();
    assert_eq!(journal.lag().rows(), 0);
    let mark = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'projected'";
    assert_eq!(count(&directory, mark), 2);
    drop(journal);
    writer.join();
}

#[tokio::test]
async fn nobody_who_appends_waits_for_who_writes_to_the_tables() {
    let directory = Directory::new("apart");
    let (journal, mut written, writer) = directory.journal();
    let other = Connection::open(super::super::file(&directory.0)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    for at in 1..=20 {
        journal.append(batch(at)).await.unwrap();
        written.recv().await.unwrap();
    }

    assert_eq!(journal.lag().rows(), 20);
    let asks = journal.clone();
    let asked = tokio::spawn(async move { asks.settle().await });
    for at in 21..=400 {
        journal.append(batch(at)).await.unwrap();
        written.recv().await.unwrap();
    }
    assert!(!asked.is_finished(), "nothing is folded yet");
    other.execute_batch("COMMIT").unwrap();
    asked.await.unwrap().unwrap();
    journal.settle().await.unwrap();
    assert_eq!(journal.lag().rows(), 0);
    drop(journal);
    writer.join();
}

#[tokio::test]
async fn the_log_of_the_journal_is_copied_by_who_folds() {
    let directory = Directory::new("copied");
    let (journal, mut written, writer) = directory.journal();
    let size = || {
        let file = super::super::journal_file(&directory.0);
        std::fs::metadata(file).unwrap().len()
    };
    let before = size();

    let facts = batch(1)[0].clone();
    let many = Arc::new(vec![facts; 2_000]);
    journal.append(many).await.unwrap();
    written.recv().await.unwrap();
    journal.settle().await.unwrap();

    assert!(size() > before + 50_000, "{} after {before}", size());
    drop(journal);
    writer.join();
}

#[tokio::test]
async fn a_commit_waits_for_the_disk() {
    let directory = Directory::new("full");
    drop(super::super::open(&directory.0).unwrap());

    let journal = super::super::open_journal(&directory.0).unwrap();

    let level: i64 = journal
        .pragma_query_value(None, "synchronous", |row| row.get(0))
        .unwrap();
    assert_eq!(level, 2);
}

fn written(at: u64) -> Batch {
    let said = Event::Said {
        from: ws::timeline::Author::Customer,
        mid: format!("m{at}").parse().unwrap(),
        text: "hello".to_owned(),
    };
    let fact = Fact {
        at: Timestamp(at),
        interaction: None,
        seq: None,
        event: said,
    };
    Arc::new(vec![fact])
}

#[tokio::test]
async fn what_people_write_waits_for_more_of_it_and_goes_with_all_that_does_not_wait() {
    let directory = Directory::new("paced");
    let (journal, mut told, writer) = Journal::start_with(
        &directory.0,
        directory.0.join("recordings"),
        Duration::from_secs(3_600),
    )
    .unwrap();
    journal.append(batch(1)).await.unwrap();
    told.recv().await.unwrap();

    for at in 2..4 {
        journal.append(written(at)).await.unwrap();
    }
    assert_eq!(count(&directory, "SELECT count(*) FROM journal"), 1);
    journal.append(batch(4)).await.unwrap();
    for _ in 2..=4 {
        told.recv().await.unwrap();
    }
    assert_eq!(count(&directory, "SELECT count(*) FROM journal"), 4);

    // So many that others would have no room.
    for at in 5..5 + ENOUGH as u64 {
        journal.append(written(at)).await.unwrap();
    }
    for _ in 0..ENOUGH {
        told.recv().await.unwrap();
    }
    // Whoever asks for the tables does not wait either.
    journal.append(written(20)).await.unwrap();
    journal.settle().await.unwrap();
    told.recv().await.unwrap();
    drop(journal);
    writer.join();
}
