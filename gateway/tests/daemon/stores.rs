//! The store as files: whose it is, who may read it, and copies that are put back.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink},
    path::Path,
    process::{Command, Output},
};

use serde_json::json;

use crate::house::House;

const DATABASES: [&str; 3] = ["journal.db", "tandem.db", "api.db"];

async fn key(house: &House) -> String {
    house.token(&["write:interactions", "read:records"]).await
}

/// Opens a chat; returns its interaction.
async fn open(house: &House, key: &str, text: &str) -> String {
    let opening = json!({ "zone": "shop", "text": text });
    let path = "/api/v1/interactions";
    let opened = house.call("POST", path, key, &[], Some(&opening)).await;
    assert_eq!(opened.status, 201, "{opened:?}");
    opened.json()["interaction"].as_str().unwrap().to_owned()
}

async fn status(house: &House, key: &str, interaction: &str) -> u16 {
    let path = format!("/api/v1/interactions/{interaction}");
    house.read(&path, key).await.status
}

/// Runs a command that ends by itself, in the daemon's directory.
fn run(house: &House, arguments: &[&str]) -> Output {
    let mut limited = Command::new("timeout");
    limited.args(["20", env!("CARGO_BIN_EXE_tandem")]);
    limited.args(arguments).current_dir(house.file(""));
    limited.output().unwrap()
}

fn refused(house: &House, arguments: &[&str]) -> String {
    let ended = run(house, arguments);
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {said}");
    said
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn open_to_others(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// What the journal has.
fn rows(house: &House) -> u32 {
    let journal = rusqlite::Connection::open(house.file("data/journal.db")).unwrap();
    let count = journal.query_row("SELECT count(*) FROM journal", [], |row| row.get(0));
    count.unwrap()
}

#[tokio::test]
async fn a_second_daemon_on_a_store_ends_before_it_reads_or_writes() {
    let mut house = House::open(&[]).await;
    let key = key(&house).await;
    let interaction = open(&house, &key, "Hello?").await;
    let before = rows(&house);

    let said = refused(&house, &["serve"]);

    let lock = fs::read_to_string(house.file("data/tandem.lock")).unwrap();
    let whose = format!("process {} runs on the store in ", lock.trim());
    assert!(said.contains(&whose), "{said}");
    assert_eq!(rows(&house), before);
    assert_eq!(status(&house, &key, &interaction).await, 200);
    // Commands that work beside it do.
    assert!(run(&house, &["agent", "list"]).status.success());
    house.crash().await;
    house.restart().await;
    assert_eq!(status(&house, &key, &interaction).await, 200);
}

#[tokio::test]
async fn what_others_could_read_of_a_store_is_its_user_s_alone_after_a_start() {
    let mut house = House::open(&[]).await;
    let chat = key(&house).await;
    open(&house, &chat, "my secret words").await;
    for name in DATABASES {
        let database = house.file("data").join(name);
        assert_eq!(mode(&database), 0o600, "{name}");
        assert_eq!(mode(&house.file(&format!("data/{name}-wal"))), 0o600);
    }
    house.crash().await;
    for name in DATABASES {
        open_to_others(&house.file(&format!("data/{name}")), 0o644);
        open_to_others(&house.file(&format!("data/{name}-wal")), 0o644);
    }
    open_to_others(&house.file("data/certs"), 0o755);

    house.restart().await;

    for name in DATABASES {
        assert_eq!(mode(&house.file(&format!("data/{name}"))), 0o600, "{name}");
        assert_eq!(mode(&house.file(&format!("data/{name}-wal"))), 0o600);
    }
    assert_eq!(mode(&house.file("data/certs")), 0o700);
    let words = ["others could read this of the store", "journal.db-wal"];
    house.until_said(1, &words).await;
    house.crash().await;
    house.restart().await;
    assert_eq!(house.said(&words).len(), 1);
}

#[tokio::test]
async fn a_copy_that_was_made_beside_the_daemon_is_put_back_after_a_crash() {
    let mut house = House::open(&[]).await;
    let key = key(&house).await;
    let kept = open(&house, &key, "Before the backup").await;
    house.run(&["backup", "copy"]).await;
    let later = open(&house, &key, "After the backup").await;
    let said = refused(&house, &["backup", "copy"]);
    assert!(said.contains("copy is there already"), "{said}");
    let said = refused(&house, &["restore", "copy"]);
    assert!(said.contains("runs on the store"), "{said}");
    for name in ["token.key", "records.key", "records.pem", "api.db"] {
        assert_eq!(mode(&house.file(&format!("copy/{name}"))), 0o600, "{name}");
    }
    house.crash().await;

    house.run(&["restore", "copy"]).await;
    house.restart().await;

    assert_eq!(status(&house, &key, &kept).await, 200);
    assert_eq!(status(&house, &key, &later).await, 404);
    assert!(!house.file("data/restore.unfinished").exists());
}

/// A value in a database of the store.
fn value<T: rusqlite::types::FromSql>(house: &House, database: &str, query: &str) -> T {
    let database = rusqlite::Connection::open(house.file(database)).unwrap();
    database.query_row(query, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn what_goes_on_from_a_copy_has_another_epoch_and_is_told_to_webhooks() {
    const EPOCH: &str = "SELECT value FROM meta WHERE key = 'epoch'";
    let mut house = House::open(&[]).await;
    let key = key(&house).await;
    open(&house, &key, "Before the backup").await;
    let before: String = value(&house, "data/tandem.db", EPOCH);
    house.run(&["backup", "copy"]).await;
    house.crash().await;
    fs::remove_file(house.file("copy/api.db")).unwrap();
    let last: i64 = value(&house, "copy/journal.db", "SELECT max(row) FROM journal");
    let ledger = rusqlite::Connection::open(house.file("data/api.db")).unwrap();
    let ahead = format!(
        "INSERT INTO webhooks (webhook, cursor) VALUES ('ahead', {last} + 9), ('behind', {last} - 1);
         INSERT INTO webhook_letters VALUES ('ahead', {last}, 'a', 'waiting', 1, 1, 1, NULL, NULL),
             ('ahead', {last} + 9, 'a', 'waiting', 1, 1, 1, NULL, NULL);"
    );
    ledger.execute_batch(&ahead).unwrap();
    drop(ledger);

    house.run(&["restore", "copy"]).await;
    house.restart().await;

    let after: String = value(&house, "data/tandem.db", EPOCH);
    assert_ne!(after, before);
    let cursor = |name: &str| format!("SELECT cursor FROM webhooks WHERE webhook = '{name}'");
    let at = |name: &str| value::<i64>(&house, "data/api.db", &cursor(name));
    assert_eq!((at("ahead"), at("behind")), (last, last - 1));
    let letters: i64 = value(
        &house,
        "data/api.db",
        "SELECT max(row) FROM webhook_letters",
    );
    assert_eq!(letters, last);
}

#[tokio::test]
async fn a_copy_lies_nowhere_in_what_it_is_of() {
    let house = House::open(&[]).await;
    for folder in ["data/copy", "data/files/copy", "data/recordings/copy"] {
        let parent = house.file(folder);
        fs::create_dir_all(parent.parent().unwrap()).unwrap();

        let said = refused(&house, &["backup", folder]);

        assert!(said.contains("would lie in"), "{said}");
        assert!(!house.file(folder).exists());
    }
}

#[tokio::test]
async fn a_restore_follows_no_link_and_what_it_makes_is_whose_the_store_is() {
    let mut house = House::open(&[]).await;
    house.run(&["backup", "copy"]).await;
    house.crash().await;
    let other = house.file("other");
    fs::write(&other, "another's").unwrap();
    fs::create_dir_all(house.file("copy/recordings/2026")).unwrap();
    symlink(&other, house.file("copy/recordings/2026/a.wav")).unwrap();
    let said = refused(&house, &["restore", "copy"]);
    assert!(said.contains("a.wav is a link"), "{said}");
    assert!(!house.file("data/restore.unfinished").exists());
    fs::remove_file(house.file("copy/recordings/2026/a.wav")).unwrap();
    fs::write(house.file("copy/recordings/2026/a.wav"), "sound").unwrap();
    if house.file("data/recordings").exists() {
        fs::remove_dir(house.file("data/recordings")).unwrap();
    }
    symlink(&other, house.file("data/journal.db.new")).unwrap();
    // Who runs this as root has it put back for another.
    let is_root = fs::metadata(house.file("copy")).unwrap().uid() == 0;
    let whose = if is_root {
        65_534
    } else {
        fs::metadata(&other).unwrap().uid()
    };
    chown(house.file("data"), Some(whose), None).unwrap();
    if is_root {
        fs::create_dir(house.file("elsewhere")).unwrap();
        symlink(house.file("elsewhere"), house.file("data/recordings")).unwrap();
        lchown(house.file("data/recordings"), Some(whose), None).unwrap();
        let said = refused(&house, &["restore", "copy"]);
        assert!(
            said.contains("recordings is a link that is not of"),
            "{said}"
        );
        fs::remove_file(house.file("data/recordings")).unwrap();
    }

    house.run(&["restore", "copy"]).await;

    assert_eq!(fs::read_to_string(&other).unwrap(), "another's");
    for name in [
        "journal.db",
        "token.key",
        "recordings",
        "recordings/2026",
        "recordings/2026/a.wav",
    ] {
        let about = fs::symlink_metadata(house.file("data").join(name)).unwrap();
        assert_eq!(about.uid(), whose, "{name}");
    }
    house.restart().await;
}

#[tokio::test]
async fn a_copy_that_was_put_back_by_hand_beside_another_s_log_is_told_before_it_is_damaged() {
    let mut house = House::open(&[]).await;
    let key = key(&house).await;
    let kept = open(&house, &key, "Before the backup").await;
    house.run(&["backup", "copy"]).await;
    open(&house, &key, "After the backup").await;
    house.crash().await;
    for name in DATABASES {
        fs::copy(
            house.file(&format!("copy/{name}")),
            house.file(&format!("data/{name}")),
        )
        .unwrap();
    }

    let said = refused(&house, &["serve"]);

    assert!(said.contains("remove api.db-wal and api.db-shm"), "{said}");
    for name in DATABASES {
        fs::remove_file(house.file(&format!("data/{name}-wal"))).unwrap();
        fs::remove_file(house.file(&format!("data/{name}-shm"))).unwrap();
    }
    house.restart().await;
    assert_eq!(status(&house, &key, &kept).await, 200);
}

#[tokio::test]
async fn what_is_no_whole_copy_changes_nothing_and_a_restore_that_was_cut_short_is_told() {
    let mut house = House::open(&[]).await;
    let key = key(&house).await;
    let kept = open(&house, &key, "Hello?").await;
    house.run(&["backup", "copy"]).await;
    house.crash().await;
    let journal = fs::read(house.file("copy/journal.db")).unwrap();
    fs::write(house.file("copy/journal.db"), &journal[..journal.len() / 2]).unwrap();

    let said = refused(&house, &["restore", "copy"]);

    assert!(said.contains("copy/journal.db"), "{said}");
    house.restart().await;
    assert_eq!(status(&house, &key, &kept).await, 200);
    house.crash().await;
    fs::write(house.file("data/restore.unfinished"), "copy\n").unwrap();
    let said = refused(&house, &["serve"]);
    assert!(said.contains("tandem restore copy"), "{said}");
    fs::write(house.file("copy/journal.db"), &journal).unwrap();
    house.run(&["restore", "copy"]).await;
    house.restart().await;
    assert_eq!(status(&house, &key, &kept).await, 200);
}
