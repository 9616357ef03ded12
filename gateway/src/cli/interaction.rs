//! `tandem interaction`: records, as the API gives them.

use anyhow::{Context, bail};
use clap::ValueEnum;
use rusqlite::Connection;
use ws::id::{InteractionId, QueueId, Timestamp};

use crate::{
    clock::Clock,
    config::Config,
    export::{
        self,
        seal::Seal,
        vcon::{self, Staff},
    },
    moment::Moment,
    store::{
        self, agents, matters, read,
        search::{Found, Search, search},
    },
};

/// How many interactions are read at a time.
const TOGETHER: u32 = 1_000;

/// What can be done with interactions.
#[derive(Debug, clap::Subcommand)]
pub enum Interaction {
    /// Prints the record as JSON.
    Show {
        /// Its 32 hexadecimal digits.
        id: InteractionId,
    },
    /// Prints the record in a form for other systems.
    Export {
        /// Its 32 hexadecimal digits.
        id: InteractionId,
        /// A vCon that is signed, a line of CSV for each event, or the record as JSON.
        #[arg(long, value_enum, default_value_t = Form::Vcon)]
        format: Form,
    },
    /// Lists interactions, newest first.
    List {
        /// Opened at this time or later: a day such as 2026-11-26, a time as RFC 3339 has it, or milliseconds since 1970.
        #[arg(long)]
        from: Option<Moment>,
        /// Opened before this time.
        #[arg(long)]
        to: Option<Moment>,
        /// A queue they waited in.
        #[arg(long)]
        queue: Option<QueueId>,
        /// CSV, or a line of JSON each.
        #[arg(long, value_enum, default_value_t = Table::Json)]
        format: Table,
    },
}

/// The forms of one record.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Form {
    /// A vCon, signed.
    Vcon,
    /// One line an event.
    Csv,
    /// The record.
    Json,
}

/// The forms of a list.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Table {
    /// A table.
    Csv,
    /// One object a line.
    Json,
}

impl Interaction {
    /// Carries it out.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let connection = super::open(config)?;
        match self {
            Self::Show { id } => show(&connection, config, id),
            Self::Export { id, format } => {
                print!("{}", export(&connection, config, id, format)?);
                Ok(())
            }
            Self::List {
                from,
                to,
                queue,
                format,
            } => {
                if let (Some(from), Some(to)) = (from, to)
                    && from.millis() >= to.millis()
                {
                    bail!("--from must be before --to; nothing is between them");
                }
                let of_config = queue
                    .as_ref()
                    .is_none_or(|it| config.queue.contains_key(it));
                let unknown = queue.clone().filter(|_| !of_config);
                let wanted = Search {
                    from: from.map(Moment::millis),
                    to: to.map(Moment::millis),
                    queue: queue.map(|queue| queue.to_string()),
                    limit: TOGETHER,
                    ..Search::default()
                };
                let some = list(&connection, wanted, format)?;
                match unknown {
                    Some(queue) if !some => bail!(
                        "no interaction is found, and there is no queue \"{queue}\" in the configuration"
                    ),
                    Some(_) | None => Ok(()),
                }
            }
        }
    }
}

fn show(connection: &Connection, config: &Config, id: InteractionId) -> anyhow::Result<()> {
    match read::record(connection, id)? {
        Some(record) => println!("{}", serde_json::to_string_pretty(&record)?),
        None => return Err(unknown(config, id)),
    }
    Ok(())
}

fn export(
    connection: &Connection,
    config: &Config,
    id: InteractionId,
    format: Form,
) -> anyhow::Result<String> {
    let record = read::record(connection, id)?.ok_or_else(|| unknown(config, id))?;
    Ok(match format {
        Form::Json => format!("{}\n", serde_json::to_string_pretty(&record)?),
        Form::Csv => export::csv::events(&matters::facts(connection, id)?)?,
        Form::Vcon => {
            let seal = Seal::open(&config.store.path)?;
            let staff = Staff::of(&agents::all(connection)?);
            let now = Clock::start(Timestamp(0)).now();
            let container = vcon::vcon(&record, &staff, now, config.web.site());
            format!("{}\n", seal.sign(&container, &export::uuid(&id))?)
        }
    })
}

// Page by page, so that a list of any length takes the memory of one. Tells whether there was any.
fn list(connection: &Connection, mut wanted: Search, format: Table) -> anyhow::Result<bool> {
    let (mut begins, mut any) = (true, false);
    loop {
        let Found { lines, until } = search(connection, &wanted)?;
        match format {
            Table::Csv => {
                let text = export::csv::lines(&lines)?;
                let text = if begins {
                    Some(text.as_str())
                } else {
                    text.split_once("\r\n").map(|(_, rest)| rest)
                };
                print!("{}", text.unwrap_or_default());
            }
            Table::Json => {
                for line in &lines {
                    println!("{}", serde_json::to_string(line)?);
                }
            }
        }
        begins = false;
        any |= !lines.is_empty();
        let last = lines.last().map(|line| line.interaction.clone());
        let Some(last) = until.or(last) else {
            return Ok(any);
        };
        let last = last.parse().ok().context("reading an interaction's id")?;
        wanted.after = Some(last);
    }
}

fn unknown(config: &Config, id: InteractionId) -> anyhow::Error {
    let path = store::file(&config.store.path);
    anyhow::anyhow!("there is no interaction {id} in {}", path.display())
}
