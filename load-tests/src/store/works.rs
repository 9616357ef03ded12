//! What is more than a question: a day as a table, everything of a customer, a record on the terminal, and an erasure.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rand::{SeedableRng, rngs::StdRng};
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
        erased.push(erase(&web, key, customer).await?);
    }
    let busiest = vec![erase(&web, key, town.busiest()).await?];
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

async fn erase(web: &Web, key: &str, customer: CustomerId) -> Result<Duration> {
    let began = Instant::now();
    let path = format!("/api/v1/customers/{customer}");
    let reason = json!({"reason": "measured"});
    let erase = format!("{path}/erase");
    let answer = web.ask("POST", &erase, Some(key), Some(&reason)).await?;
    let body = &answer.body;
    ensure!(answer.status == 202, "{erase}: {} {body}", answer.status);
    while began.elapsed() < ERASING {
        let state = web.ask("GET", &path, Some(key), None).await?;
        if !state.json()?["erased"]["finished_at"].is_null() {
            return Ok(began.elapsed());
        }
        time::sleep(Duration::from_millis(5)).await;
    }
    None.with_context(|| format!("{customer} is not erased after {ERASING:?}"))
}
