//! `tandem customer`: what is kept of a person. What is read comes from the store; what changes a record is the running
//! daemon's to decide.

use anyhow::bail;
use hub::{customer::Identity, numbering::Numbering};
use serde::Serialize;
use serde_json::json;
use ws::id::{CustomerId, Number};

use super::daemon::Daemon;
use crate::{
    auth::scope::Scope,
    config::Config,
    store::{archive, people},
};

/// What can be done with customers.
#[derive(Debug, clap::Subcommand)]
pub enum Customer {
    /// Prints a customer as JSON; of a merged record, the customer it is part of.
    Show {
        /// Their 32 hexadecimal digits.
        id: CustomerId,
    },
    /// Finds a customer by what they are known by.
    Search {
        #[command(flatten)]
        clue: Clue,
    },
    /// Prints everything the house has about a customer, their interactions' records too.
    Export {
        /// Their 32 hexadecimal digits.
        id: CustomerId,
    },
    /// Has the running daemon erase everything personal of a customer, for good.
    Erase {
        /// Their 32 hexadecimal digits.
        id: CustomerId,
        /// Why; it stays on record.
        #[arg(long)]
        reason: String,
        /// Says that it is meant: nothing brings back what is erased.
        #[arg(long, required = true)]
        yes: bool,
    },
    /// Has the running daemon make another record part of a customer's.
    Merge {
        /// The customer who stays.
        id: CustomerId,
        /// The record that becomes part of them.
        other: CustomerId,
        /// Why; it stays on record.
        #[arg(long)]
        reason: String,
    },
    /// Has the running daemon take a record out of the customer it was merged into.
    Unmerge {
        /// The record that was merged.
        id: CustomerId,
        /// Why; it stays on record.
        #[arg(long)]
        reason: String,
    },
}

/// By what a customer is looked for.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Clue {
    /// A number.
    #[arg(long)]
    number: Option<Number>,
    /// A mail address that came with a signed identity.
    #[arg(long)]
    mail: Option<String>,
    /// The subject of a signed identity.
    #[arg(long)]
    subject: Option<String>,
    /// An id of another system.
    #[arg(long, value_name = "SYSTEM:ID", value_parser = external)]
    external: Option<(String, String)>,
}

fn external(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once(':');
    let parts = parts.filter(|(system, id)| !system.is_empty() && !id.is_empty());
    parts
        .map(|(system, id)| (system.to_owned(), id.to_owned()))
        .ok_or_else(|| format!("\"{text}\": write the system and its id, such as crm:4711"))
}

impl Clue {
    fn identity(self, numbering: &Numbering) -> Option<Identity> {
        let external = self.external;
        let external = external.map(|(system, id)| Identity::External { system, id });
        let number = self.number.map(|number| numbering.read(&number));
        let number = number.map(Identity::Number);
        let mail = self.mail.as_deref().and_then(Identity::mail);
        let subject = self.subject.map(Identity::Subject);
        number.or(mail).or(subject).or(external)
    }
}

impl Customer {
    /// Carries it out.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::Show { id } => {
                let connection = super::open(config)?;
                told(people::customer(&connection, id)?.as_ref(), id)
            }
            Self::Search { clue } => {
                let connection = super::open(config)?;
                let found = match clue.identity(&config.numbering()) {
                    Some(identity) => archive::leads_to(&connection, &identity)?,
                    None => None,
                };
                let Some(Ok(id)) = found.map(|id| id.parse()) else {
                    bail!("nobody is known by that");
                };
                told(people::customer(&connection, id)?.as_ref(), id)
            }
            Self::Export { id } => {
                let connection = super::open(config)?;
                told(people::export(&connection, id)?.as_ref(), id)
            }
            Self::Erase { id, reason, .. } => {
                let path = format!("/api/v1/customers/{id}/erase");
                let body = json!({ "reason": reason });
                Daemon::find(config)?.post(&[Scope::AdminPrivacy], &path, &body)?;
                println!(
                    "{id} is being erased; `tandem customer show {id}` says when it is finished"
                );
                Ok(())
            }
            Self::Merge { id, other, reason } => {
                let path = format!("/api/v1/customers/{id}/merge");
                let body = json!({ "customer": other, "reason": reason });
                Daemon::find(config)?.post(&[Scope::WriteCustomers], &path, &body)?;
                println!("{other} is part of {id}");
                Ok(())
            }
            Self::Unmerge { id, reason } => {
                let path = format!("/api/v1/customers/{id}/unmerge");
                let body = json!({ "reason": reason });
                Daemon::find(config)?.post(&[Scope::WriteCustomers], &path, &body)?;
                println!("{id} is a customer of its own again");
                Ok(())
            }
        }
    }
}

fn told<T: Serialize>(found: Option<&T>, id: CustomerId) -> anyhow::Result<()> {
    match found {
        Some(found) => println!("{}", serde_json::to_string_pretty(found)?),
        None => bail!("there is no customer {id}"),
    }
    Ok(())
}
