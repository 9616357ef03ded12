//! Applies the rules of how long what is personal is kept, once an hour, and notes that the daemon runs.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::Context;

use hub::{
    customer::Order,
    input::{Actor, Input},
    memo::KEPT_FOR,
};
use tokio::sync::watch;

use crate::{
    config::Retention,
    net::app::App,
    recorder::leftover,
    sharing::shelf::Shelf,
    store::{Health, Retain, erase, ledger::answers, recordings},
};

/// How often.
const HOUR: Duration = Duration::from_secs(3_600);
/// Between some customers who are forgotten and the next.
const PAUSE: Duration = Duration::from_secs(1);
/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// Applies the rules until the daemon leaves.
pub async fn run(app: Arc<App>, mut left: watch::Receiver<bool>) {
    loop {
        let now = i64::try_from(app.now().0).unwrap_or(i64::MAX);
        let rules = app.config.load().retention.clone();
        let mut done = apply(&app, &rules, now).await;
        while let Ok(true) = done {
            tokio::select! {
                _ = left.changed() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
            done = forget(&app, &rules, now).await;
        }
        if let Err(error) = done {
            tracing::error!(
                error = format!("{error:#}"),
                "what is kept no longer is still kept"
            );
        }
        tokio::select! {
            _ = left.changed() => return,
            () = tokio::time::sleep(HOUR) => {}
        }
    }
}

// Tells whether there may be more customers to forget.
async fn apply(app: &App, rules: &Retention, now: i64) -> anyhow::Result<bool> {
    app.journal.retain(retained(rules, now)).await?;
    let asked = app.now();
    app.ledger
        .write(move |ledger| answers::delete_old(ledger, asked))
        .await?;
    // How old a file is says the machine's clock.
    if !app.clock.is_doubted() {
        sweep_files(app).await?;
        sweep_recordings(app).await?;
    }
    forget(app, rules, now).await
}

// Forgets some of the customers nobody heard of; tells whether there may be more.
async fn forget(app: &App, rules: &Retention, now: i64) -> anyhow::Result<bool> {
    let Some(before) = before(rules.customers, now) else {
        return Ok(false);
    };
    let forgotten = app
        .read(move |connection| erase::forgotten(connection, before))
        .await?;
    let (found, mut erased) = (forgotten.len(), 0);
    for customer in forgotten {
        let Ok(customer) = customer.parse() else {
            continue;
        };
        let reason = format!("nobody heard of them for {} days", rules.customers);
        let asked = app.ask(|re| Input::Customer {
            customer,
            order: Order::Erase { reason },
            by: Actor::TANDEM,
            re,
        });
        match asked.await {
            Ok(_) => erased += 1,
            Err(problem) => {
                tracing::warn!(%customer, ?problem, "a customer nobody heard of was not erased");
            }
        }
    }
    // Those that could not be are found again: without one that could, they are left until the next hour.
    Ok(found == erase::AT_ONCE && erased > 0)
}

// What was said is gone from the journal first; then no row names its files. A file whose fact is not folded yet has no row.
async fn sweep_files(app: &App) -> anyhow::Result<()> {
    app.journal.settle().await?;
    let named = app
        .read(|connection| {
            let mut statement = connection.prepare("SELECT file FROM files")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<BTreeSet<String>>>()?)
        })
        .await?;
    // While the tables cannot be written, a file may be there whose row is not.
    if *app.health.borrow() != Health::Well {
        return Ok(());
    }
    let shelf = Shelf::of(&app.store());
    let gone = tokio::task::spawn_blocking(move || shelf.sweep(&named, SystemTime::now()))
        .await
        .context("sweeping shared files failed")??;
    app.room.forget();
    if gone > 0 {
        tracing::info!(gone, "shared files that nothing names any more are removed");
    }
    Ok(())
}

// What was finished after it was given up.
async fn sweep_recordings(app: &App) -> anyhow::Result<()> {
    let directory = {
        let config = app.config.load();
        config.recording.directory(&config.store)
    };
    let place = directory.clone();
    let finished =
        tokio::task::spawn_blocking(move || leftover::finished(&place, SystemTime::now()))
            .await
            .context("looking for recordings failed")??;
    let given_up = app
        .read(move |connection| recordings::given_up(connection, finished))
        .await?;
    let gone = tokio::task::spawn_blocking(move || leftover::remove(&directory, &given_up))
        .await
        .context("removing recordings failed")??;
    if gone > 0 {
        tracing::info!(
            gone,
            "recordings that were finished after they were given up are removed"
        );
    }
    Ok(())
}

fn before(days: u32, now: i64) -> Option<i64> {
    (days > 0).then(|| now - i64::from(days) * DAY)
}

fn retained(rules: &Retention, now: i64) -> Retain {
    let all = [
        ("chat", 1, rules.chat_messages),
        ("chat", 2, rules.chat_notes),
        ("chat", 4, rules.chat_persons),
        ("voice", 1, rules.chat_messages),
        ("voice", 2, rules.call_notes),
        ("voice", 4, rules.call_persons),
    ];
    let rules_in_force = all.into_iter().filter_map(|(channel, what, days)| {
        let before = before(days, now)?;
        Some(erase::Rule {
            channel,
            what,
            before,
        })
    });
    Retain {
        now,
        rules: rules_in_force.collect(),
        recordings: before(rules.call_recordings, now),
        notes: before(rules.customer_notes, now),
        memos: now - i64::try_from(KEPT_FOR.as_millis()).unwrap_or(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_without_days_is_none() {
        let rules = Retention {
            chat_messages: 2,
            call_recordings: 1,
            customer_notes: 1,
            ..Retention::default()
        };

        let retain = retained(&rules, 3 * DAY);

        let rules = ["chat", "voice"].map(|channel| erase::Rule {
            channel,
            what: 1,
            before: DAY,
        });
        assert_eq!(retain.rules, rules);
        assert_eq!(retain.recordings, Some(2 * DAY));
        assert_eq!(retain.notes, Some(2 * DAY));
    }
}
