//! `tandem certs`: certificates for development.

use std::path::PathBuf;

/// What can be made.
#[derive(Debug, clap::Subcommand)]
pub enum Certs {
    /// Makes a CA and a certificate for this machine, for development only.
    Dev {
        /// Where to.
        dir: PathBuf,
    },
}

impl Certs {
    /// Carries it out.
    pub fn run(self) -> anyhow::Result<()> {
        let Self::Dev { dir } = self;
        let made = crate::certs::make(&dir)?;
        println!(
            "{} signs {}, whose key is {}",
            made.authority.display(),
            made.certificate.display(),
            made.key.display()
        );
        Ok(())
    }
}
