//! The store as files: whose it is.

use std::{
    fs,
    process::{Command, Output},
};

use serde_json::json;

use crate::house::House;

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
