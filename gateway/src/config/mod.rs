//! Configuration: a TOML file and environment variables become typed values, or an error that names the place, what is
//! wrong there and what would be right. Nothing is opened before all of it stands.

mod check;
pub mod choice;
mod dev;
mod explain;
mod fault;
mod number;
mod sections;
mod source;
pub mod texts;
mod translate;
mod value;

use std::path::{Path, PathBuf};

pub use check::credential;
pub use fault::Fault;
pub use sections::{
    Cobrowse, CodecName, Config, Files, HoldName, Invite, LogFormat, Lookup, Mail, MailTls,
    Retention, TrunkStir, Verify, Web, Webhook, Zone, ZoneCobrowse,
};
pub use translate::SipPorts;
#[cfg(test)]
pub use value::Maybe;
pub use value::Origin;

/// A configuration that can be run, and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    /// The values.
    pub config: Config,
    /// The file, none in development mode.
    pub file: Option<PathBuf>,
    /// The environment variables that changed something.
    pub overrides: Vec<String>,
}

impl Effective {
    /// Reads `file`, or takes development mode's values, and applies `environment` to it.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Fault> {
        let (base, lines) = match file {
            Some(path) => source::read(path)?,
            None => (dev::config(), source::Lines::none()),
        };
        let (mut config, overrides) = source::override_by(base, environment)?;
        check::check(&mut config, file.is_none(), &lines)?;
        Ok(Self {
            config,
            file: file.map(Path::to_owned),
            overrides,
        })
    }

    /// Tells whether there is no file.
    pub fn is_development(&self) -> bool {
        self.file.is_none()
    }
}

#[cfg(test)]
mod tests;
