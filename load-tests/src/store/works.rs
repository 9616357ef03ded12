//! What is more than a question: a day as a table, everything of a customer, a record on the terminal, and an erasure.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use rand::{SeedableRng, rngs::StdRng};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use tokio::time;
use ws::id::CustomerId;

use super::facts::Town;
use crate::{daemon::Daemon, spread::Spread, web::Web};

/// How often each is done, but for the erasures.
const TIMES: usize = 10;
/// How many customers are erased, beside one of the busiest.
const ERASED: usize = 5;
/// How long an erasure may take.
const ERASING: Duration = Duration::from_secs(600);
/// How many lines of a table are asked for at a time.
const LINES: usize = 200;

/// Does each, and the erasures last.
pub async fn measure(
    daemon: &Daemon,
    path: &Path,
    key: &str,
    town: &Town,
) -> Result<Vec<(&'static str, Spread)>> {
    let web = daemon.house()?.web;
    let mut dice = StdRng::seed_from_u64(3);
    let [mut day, mut all, mut busy, mut show] = [const { Vec::new() }; 4];
    for _ in 0..TIMES {
        let some = town.some(&mut dice);
        day.push(a_day(&web, key, town.at(some)).await?);
        all.push(export(&web, key, town.customer(some)).await?);
        busy.push(export(&web, key, town.busiest()).await?);
        let began = Instant::now();
        let id = town.interaction(some).to_string();
        let shown = daemon.say(&["interaction", "show", &id]).await?;
        show.push(began.elapsed());
        ensure!(shown.contains(&id), "{id} is not shown: {shown}");
    }
    let mut erased = Vec::new();
    for _ in 0..ERASED {
        let customer = town.customer(town.some(&mut dice));
        erased.push(erase(&web, key, path, customer).await?);
    }
    let busiest = vec![erase(&web, key, path, town.busiest()).await?];
    let measured = [
        ("a day as CSV, page by page", day),
        ("everything of a customer (export)", all),
        ("everything of the one with most interactions", busy),
        ("`tandem interaction show`, its start included", show),
        ("a customer is erased, until nothing is left", erased),
        ("the one with most interactions is erased", busiest),
    ];
    Ok(measured.map(|(what, took)| (what, spread(took))).into())
}

fn spread(took: Vec<Duration>) -> Spread {
    let mut spread = Spread::default();
    took.into_iter().for_each(|took| spread.add(took));
    spread
}

async fn get(web: &Web, key: &str, path: &str) -> Result<String> {
    let answer = web.ask("GET", path, Some(key), None).await?;
    let body = answer.body;
    ensure!(answer.status == 200, "{path}: {} {body}", answer.status);
    Ok(body)
}

// All interactions of the 24 hours from a time on.
async fn a_day(web: &Web, key: &str, from: u64) -> Result<Duration> {
    const DAY: u64 = 86_400_000;
    let began = Instant::now();
    let of = format!(
        "/api/v1/interactions?format=csv&limit={LINES}&from={from}&to={}",
        from + DAY
    );
    let mut path = of.clone();
    loop {
        let table = get(web, key, &path).await?;
        let lines: Vec<_> = table.lines().skip(1).collect();
        let last = lines.last().and_then(|line| line.split(',').next());
        match last {
            Some(last) if lines.len() == LINES => path = format!("{of}&after={last}"),
            Some(_) | None => return Ok(began.elapsed()),
        }
    }
}

async fn export(web: &Web, key: &str, customer: CustomerId) -> Result<Duration> {
    let began = Instant::now();
    get(web, key, &format!("/api/v1/customers/{customer}/export")).await?;
    Ok(began.elapsed())
}

// Until nothing personal is left in journal and tables; a large store is rewritten when its operator says so.
async fn erase(web: &Web, key: &str, path: &Path, customer: CustomerId) -> Result<Duration> {
    let began = Instant::now();
    let reason = json!({"reason": "measured"});
    let erase = format!("/api/v1/customers/{customer}/erase");
    let answer = web.ask("POST", &erase, Some(key), Some(&reason)).await?;
    let body = &answer.body;
    ensure!(answer.status == 202, "{erase}: {} {body}", answer.status);
    let store = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    while began.elapsed() < ERASING {
        let done: bool = store.query_row(
            "SELECT EXISTS (SELECT 1 FROM customers WHERE customer = ?1 AND erased_at IS NOT NULL)
             AND NOT EXISTS (SELECT 1 FROM scrubs)",
            [customer.to_string()],
            |row| row.get(0),
        )?;
        if done {
            return Ok(began.elapsed());
        }
        time::sleep(Duration::from_millis(5)).await;
    }
    None.with_context(|| format!("{customer} is not erased after {ERASING:?}"))
}
