//! The writer against a connection that refuses what a disk or a lock could make it refuse.

use std::sync::atomic::{AtomicBool, Ordering};

use hub::Event;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use ws::id::Timestamp;

use super::*;

fn batch() -> Batch {
    let started = Fact {
        at: Timestamp(1),
        interaction: None,
        seq: None,
        event: Event::Started,
    };
    Arc::new(vec![started])
}

fn rows(connection: &Connection) -> i64 {
    let count = "SELECT count(*) FROM journal";
    connection.query_row(count, [], |row| row.get(0)).unwrap()
}

#[test]
fn what_follows_a_fold_is_never_appended_while_a_commit_would_not_wait_for_the_disk() {
    let directory = std::env::temp_dir().join(format!(
        "tandem-lazy-{}",
        super::super::agents::hex(&crate::auth::random::<8>())
    ));
    let (_jobs, asked) = mpsc::channel(1);
    let (tell, _told) = mpsc::channel(1);
    let (health, _) = watch::channel(Health::Well);
    let mut pen = Pen {
        recordings: std::path::PathBuf::from("none"),
        connection: super::super::open(&directory).unwrap(),
        asked,
        tell,
        health,
        grown: watch::channel(()).0,
        unfolded: 0,
        recent: Recent::default(),
        lazy: false,
        finishes: true,
    };
    let locked = Arc::new(AtomicBool::new(true));
    let lock = locked.clone();
    let deny = move |context: AuthContext<'_>| match context.action {
        AuthAction::Pragma {
            pragma_name: "synchronous",
            pragma_value: Some("FULL"),
        } if lock.load(Ordering::Relaxed) => Authorization::Deny,
        _ => Authorization::Allow,
    };
    pen.connection.authorizer(Some(deny)).unwrap();

    assert!(!pen.fold(true));
    assert!(matches!(*pen.health.borrow(), Health::Refusing(_)));
    assert!(pen.commit(&[batch()]).is_err());
    assert_eq!(rows(&pen.connection), 0);
    locked.store(false, Ordering::Relaxed);
    pen.commit(&[batch()]).unwrap();

    let level: i64 = pen
        .connection
        .pragma_query_value(None, "synchronous", |row| row.get(0))
        .unwrap();
    assert_eq!((rows(&pen.connection), level), (1, 2));
    std::fs::remove_dir_all(directory).unwrap();
}
