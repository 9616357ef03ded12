//! The store as files: whose it is, who may read it, and copies that are put back.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
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
