//! Certificates by their addresses: fetched over HTTPS and kept for a while, or read from a directory.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use rustls::{
    ClientConfig,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::hooks::client::{Target, Way, trust};

/// How long a certificate is kept.
const KEPT: Duration = Duration::from_secs(3_600);
/// How long one that could not be had is not asked for again.
const MISSED: Duration = Duration::from_secs(60);
/// How many are kept.
const MOST: usize = 1_000;
/// How long fetching one may take: less than a caller waits, so that what could not be had is known to the next.
const PATIENCE: Duration = Duration::from_millis(1_800);
/// The longest file, in bytes.
const LONGEST: usize = 64 * 1_024;

type Chain = Arc<[CertificateDer<'static>]>;

/// Where certificates come from.
pub struct Library {
    source: Source,
    shelf: Mutex<BTreeMap<String, Book>>,
}

enum Source {
    Directory(PathBuf),
    Web {
        tls: Arc<ClientConfig>,
        private: bool,
    },
}

/// What was found at an address, or that nothing was.
struct Book {
    chain: Option<Chain>,
    until: Instant,
}

impl Library {
    /// Looks for certificates in `directory`, by the last part of their addresses.
    pub fn of_directory(directory: PathBuf) -> Self {
        Self::of(Source::Directory(directory))
    }

    /// Fetches certificates; from our own network only if `private`.
    pub fn of_the_web(private: bool) -> anyhow::Result<Self> {
        let tls = trust()?;
        Ok(Self::of(Source::Web { tls, private }))
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            shelf: Mutex::default(),
        }
    }

    /// Returns the certificates at an address, the signer's first; none where they cannot be had in time.
    pub async fn chain(&self, url: &str) -> Option<Chain> {
        if let Some(kept) = self.kept(url) {
            return kept;
        }
        let found = tokio::time::timeout(PATIENCE, self.fetch(url)).await;
        let found = found.context("it took too long").and_then(|found| found);
        if let Err(error) = &found {
            tracing::debug!(
                url,
                error = format!("{error:#}"),
                "no certificate of numbers"
            );
        }
        let chain = found.ok();
        self.keep(url, chain.clone());
        chain
    }

    fn kept(&self, url: &str) -> Option<Option<Chain>> {
        let shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let book = shelf.get(url).filter(|book| book.until > Instant::now())?;
        Some(book.chain.clone())
    }

    fn keep(&self, url: &str, chain: Option<Chain>) {
        let now = Instant::now();
        let until = now + if chain.is_some() { KEPT } else { MISSED };
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        if shelf.len() >= MOST {
            shelf.retain(|_, book| book.until > now);
        }
        while shelf.len() >= MOST {
            // Anybody may name addresses; the first to go is any.
            shelf.pop_first();
        }
        shelf.insert(url.to_owned(), Book { chain, until });
    }

    async fn fetch(&self, url: &str) -> anyhow::Result<Chain> {
        let pem = match &self.source {
            Source::Directory(directory) => {
                let name = url.rsplit('/').next().unwrap_or_default();
                ensure!(
                    !name.is_empty() && !name.starts_with('.') && !name.contains('\\'),
                    "the address names no file"
                );
                tokio::fs::read(directory.join(name)).await?
            }
            Source::Web { tls, private } => {
                let target: Target = url.parse()?;
                ensure!(!target.is_plain(), "it is not on https");
                let way = Way::new(target, *private, tls.clone());
                let answer = way.get(LONGEST).await?;
                ensure!(answer.status == 200, "the answer is {}", answer.status);
                answer.body.context("it is too long")?.to_vec()
            }
        };
        let chain = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>()?;
        ensure!(!chain.is_empty(), "there is no certificate");
        Ok(chain.into())
    }
}
