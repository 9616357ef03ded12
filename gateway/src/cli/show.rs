//! `tandem interaction show`: the record, as the API gives it.

use anyhow::bail;
use ws::id::InteractionId;

use crate::{config::Config, store};

/// What can be done with interactions.
#[derive(Debug, clap::Subcommand)]
pub enum Interaction {
    /// Prints the record as JSON.
    Show {
        /// Its 32 hexadecimal digits.
        id: InteractionId,
    },
}

impl Interaction {
    /// Carries it out.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self::Show { id } = self;
        let path = store::file(&config.store.path);
        if !path.exists() {
            bail!(
                "there is no journal at {}; is this the daemon's configuration?",
                path.display()
            );
        }
        let connection = store::open_to_read(&config.store.path)?;
        match store::read::record(&connection, id)? {
            Some(record) => println!("{}", serde_json::to_string_pretty(&record)?),
            None => bail!("there is no interaction {id} in {}", path.display()),
        }
        Ok(())
    }
}
