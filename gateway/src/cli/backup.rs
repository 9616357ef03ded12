//! `tandem backup` and `tandem restore`: a copy of the store, beside the daemon that runs on it, and its way back.

use std::path::PathBuf;

use crate::{config::Config, store::backup};

/// Copies the store into a new folder.
#[derive(Debug, clap::Args)]
pub struct Backup {
    /// The folder, which is made.
    folder: PathBuf,
    /// Leaves recordings and shared files out, for who copies their folders otherwise.
    #[arg(long)]
    without_files: bool,
}

/// Puts a copy back.
#[derive(Debug, clap::Args)]
pub struct Restore {
    /// The folder that `tandem backup` made.
    folder: PathBuf,
}

impl Backup {
    /// Carries it out, and names what does not lie in the store.
    pub fn run(&self, config: &Config) -> anyhow::Result<()> {
        let recordings = config.recording.directory(&config.store);
        let wanted = (!self.without_files).then_some(recordings.as_path());
        backup::make(&config.store.path, wanted, &self.folder)?;
        println!("{} has the store", self.folder.display());
        if self.without_files {
            println!(
                "not in it: {} and {}",
                recordings.display(),
                config.store.path.join("files").display()
            );
        }
        if let Some(file) = &config.web.token_key_file.0 {
            println!("not in it: {file} (web.token_key_file)");
        }
        println!("not in it: the configuration, and what else it names");
        Ok(())
    }
}

impl Restore {
    /// Carries it out.
    pub fn run(&self, config: &Config) -> anyhow::Result<()> {
        let recordings = config.recording.directory(&config.store);
        backup::put_back(&config.store.path, &recordings, &self.folder)?;
        println!(
            "the store in {} is that of {}; its tables are folded at the next start",
            config.store.path.display(),
            self.folder.display()
        );
        println!(
            "what was done since that backup is to be done again before customers are called: erasures, withdrawn consent, promises that were kept, \
             revoked tokens and sign-outs (systemd/README.md)"
        );
        Ok(())
    }
}
