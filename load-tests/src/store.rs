//! Scenario `store`: a daemon of its own on a store of very many interactions, and what questions to it cost. The facts
//! are written into the journal's table of a store that the daemon made; the tables are folded by the daemon itself, at
//! its next start, and every question goes to its HTTP interface.

mod facts;
mod works;

use std::{
    fmt,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use rand::{SeedableRng, rngs::StdRng};
use rusqlite::Connection;

use crate::{daemon::Daemon, house::House, process::Process, spread::Spread};
use facts::Town;

/// Facts of so many interactions are written in one transaction.
const TOGETHER: u64 = 5_000;
/// How long the daemon may take to fold all of it.
const FOLD: Duration = Duration::from_secs(4 * 3_600);

/// How the credential is made that everything is asked with.
const KEY: [&str; 9] = [
    "token",
    "api",
    "load",
    "--scope",
    "read:records",
    "--scope",
    "read:customers",
    "--scope",
    "admin:privacy",
];

/// How much there is, and how often is asked.
#[derive(Clone, Debug, clap::Args)]
pub struct Plan {
    /// The daemon's program; the `tandem` beside this one when left out.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// How many interactions are on record.
    #[arg(long, default_value_t = 1_000_000)]
    interactions: u64,
    /// How often each question is asked.
    #[arg(long, default_value_t = 200)]
    questions: usize,
    /// Where the daemon keeps its data; a new folder under the system's for temporary files when left out. A store that
    /// is there already is asked as it is; a new folder is removed at the end.
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// What was measured.
#[derive(Debug, Default)]
pub struct Outcome {
    interactions: u64,
    facts: u64,
    wrote: Duration,
    folded: Duration,
    started: Duration,
    memory: u64,
    memory_after: u64,
    size: u64,
    questions: Vec<(&'static str, Spread)>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = self.size / 1024 / 1024;
        writeln!(f, "{} interactions, {mib} MiB", self.interactions)?;
        if self.facts > 0 {
            let a_second = |took: Duration| self.facts as f64 / took.as_secs_f64();
            writeln!(
                f,
                "  {} facts written in {:.0} s, folded at the first start in {:.0} s ({:.0} a second)",
                self.facts,
                self.wrote.as_secs_f64(),
                self.folded.as_secs_f64(),
                a_second(self.folded),
            )?;
        }
        writeln!(
            f,
            "  start to ready {:.1} s, then {} MiB of memory, {} MiB after all that follows",
            self.started.as_secs_f64(),
            self.memory / 1024,
            self.memory_after / 1024
        )?;
        for (question, spread) in &self.questions {
            writeln!(f, "  {question:<46} {spread}")?;
        }
        Ok(())
    }
}

/// Fills a store and asks.
pub async fn run(plan: Plan) -> Result<Outcome> {
    let temporary = plan.folder.is_none();
    let mut outcome = Outcome::default();
    let mut daemon = Daemon::prepare(plan.binary.clone(), plan.folder.clone(), 0).await?;
    let town = Town::new(now()?, plan.interactions);
    let path = daemon.folder().join("data").join("tandem.db");
    if !path.exists() {
        daemon.start().await?;
        daemon.stop().await?;
    }
    if count(&path)? == 0 {
        let began = Instant::now();
        outcome.facts = fill(&path.with_file_name("journal.db"), &town)?;
        outcome.wrote = began.elapsed();
        let began = Instant::now();
        daemon.start_within(FOLD).await?;
        outcome.folded = began.elapsed();
        daemon.stop().await?;
    }
    let began = Instant::now();
    daemon.start_within(FOLD).await?;
    outcome.started = began.elapsed();
    outcome.memory = Process::new(daemon.pid()?).memory()?;
    outcome.interactions = count(&path)?;
    let journal = path.with_file_name("journal.db");
    outcome.size = std::fs::metadata(&path)?.len() + std::fs::metadata(journal)?.len();
    let key = daemon.say(&KEY).await?;
    let key = key.trim();
    let asked = ask(&daemon.house()?, key, &town, plan.questions).await;
    let worked = works::measure(&daemon, &path, key, &town).await;
    outcome.memory_after = Process::new(daemon.pid()?).memory()?;
    let left = daemon.stop().await;
    outcome.questions = asked?;
    outcome.questions.extend(worked?);
    left?;
    if temporary {
        daemon.clear()?;
    }
    Ok(outcome)
}

fn now() -> Result<u64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(u64::try_from(now.as_millis())?)
}

// How many interactions are folded.
fn count(path: &Path) -> Result<u64> {
    let connection =
        Connection::open(path).with_context(|| format!("opening {}", path.display()))?;
    let count: i64 =
        connection.query_row("SELECT count(*) FROM interactions", [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

// The daemon's own statement, in transactions that need not survive anything.
fn fill(path: &Path, town: &Town) -> Result<u64> {
    let mut connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA synchronous = OFF")?;
    let mut facts = 0;
    let mut dice = StdRng::seed_from_u64(1);
    let mut from = 0;
    while from < town.interactions {
        let transaction = connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO journal (shard, at, interaction, fact) VALUES (0, ?1, ?2, ?3)",
            )?;
            for n in from..town.interactions.min(from + TOGETHER) {
                for fact in town.life(n, &mut dice)? {
                    let interaction = fact.interaction.map(|id| id.to_string());
                    let at = i64::try_from(fact.at.0)?;
                    insert.execute((at, interaction, serde_json::to_string(&fact)?))?;
                    facts += 1;
                }
            }
        }
        transaction.commit()?;
        from += TOGETHER;
    }
    Ok(facts)
}

/// What is asked, and how a request for it is made.
type Question<'a> = (&'static str, Box<dyn Fn(&mut StdRng) -> String + 'a>);

fn list(query: &str) -> String {
    format!("/api/v1/interactions?{query}")
}

fn about_people(town: &Town) -> Vec<Question<'_>> {
    vec![
        (
            "a customer with their newest interactions",
            Box::new(|dice| format!("/api/v1/customers/{}", town.customer(town.some(dice)))),
        ),
        (
            "the customer with most interactions",
            Box::new(|_| format!("/api/v1/customers/{}", town.busiest())),
        ),
        (
            "all interactions of a customer",
            Box::new(|dice| list(&format!("customer={}", town.customer(town.some(dice))))),
        ),
        (
            "the newest 50 of the one with most",
            Box::new(|_| list(&format!("customer={}", town.busiest()))),
        ),
        (
            "50 from anywhere in that one's list",
            Box::new(|dice| {
                let after = town.interaction(town.of_the_busiest(dice));
                list(&format!("customer={}&after={after}", town.busiest()))
            }),
        ),
        (
            "a customer by number",
            Box::new(|dice| {
                let number = town.number(town.some(dice));
                format!("/api/v1/customers?number={number}")
            }),
        ),
        (
            "interactions of a number",
            Box::new(|dice| list(&format!("number={}", town.number(town.some(dice))))),
        ),
        (
            "interactions by first and last name",
            Box::new(|dice| list(&format!("name={}", town.name(town.some(dice))))),
        ),
        (
            "by a first name that many have",
            Box::new(|dice| list(&format!("name={}", town.first_name(town.some(dice))))),
        ),
    ]
}

fn about_work(town: &Town) -> Vec<Question<'_>> {
    vec![
        (
            "by two words of what was said",
            Box::new(|dice| list(&format!("text={}%20{}", town.rare(dice), town.common(dice)))),
        ),
        (
            "by a word that is said all the time",
            Box::new(|dice| list(&format!("text={}", town.common(dice)))),
        ),
        (
            "by queue and outcome",
            Box::new(|_| list("queue=support&outcome=refund")),
        ),
        (
            "by agent, from a day on",
            Box::new(|dice| list(&format!("agent=agent7&from={}", town.at(town.some(dice))))),
        ),
        ("the first page of all", Box::new(|_| list("limit=50"))),
        (
            "a page from anywhere in the list",
            Box::new(|dice| list(&format!("after={}", town.interaction(town.some(dice))))),
        ),
        (
            "a page before a day",
            Box::new(|dice| list(&format!("to={}", town.at(town.some(dice))))),
        ),
        (
            "a record",
            Box::new(|dice| format!("/api/v1/interactions/{}", town.interaction(town.some(dice)))),
        ),
        (
            "a vCon",
            Box::new(|dice| {
                let id = town.interaction(town.some(dice));
                format!("/api/v1/interactions/{id}/vcon")
            }),
        ),
    ]
}

async fn ask(
    house: &House,
    key: &str,
    town: &Town,
    times: usize,
) -> Result<Vec<(&'static str, Spread)>> {
    let mut dice = StdRng::seed_from_u64(2);
    let mut found = Vec::new();
    for (name, question) in about_people(town).iter().chain(&about_work(town)) {
        let mut spread = Spread::default();
        for _ in 0..times {
            let path = question(&mut dice);
            let began = Instant::now();
            let answer = house.web.ask("GET", &path, Some(key), None).await?;
            spread.add(began.elapsed());
            ensure!(
                answer.status == 200,
                "{path}: {} {}",
                answer.status,
                answer.body
            );
        }
        found.push((*name, spread));
    }
    Ok(found)
}
