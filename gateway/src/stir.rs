//! Who vouches for a caller's number (STIR): calls of trunks are checked before anybody hears of them, and calls to trunks are
//! signed. `sip::stir` reads and writes; here are the keys, and the certificates with the way to them.

mod authority;
mod library;
#[cfg(test)]
mod tests;
mod trust;
mod witness;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::Context;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use sip::{
    endpoint::{Command, Identity, Target},
    stir::{
        Claim, Diversion, Flaw, Judged, Level, Onward, Passport, Route, Signed, Token, Verdict,
    },
};

#[cfg(test)]
use crate::config::Maybe;
use crate::config::{Config, TrunkStir, Verify};
use library::Library;
use trust::Trust;
pub use witness::{VERDICTS, Witness};

/// How long a caller waits for the verdict on the number, at most.
const PATIENCE: Duration = Duration::from_secs(2);

/// How calls of one trunk are checked.
struct Check {
    trust: Trust,
    library: Library,
    required: bool,
}

/// How calls to one trunk are signed.
struct Sign {
    key: EcdsaKeyPair,
    certificate: String,
    /// The trunk's own number.
    own: Option<String>,
    /// How other numbers of ours begin.
    ours: Vec<String>,
}

/// Who wanted a call that leaves, and by what it is known.
#[derive(Clone, Copy)]
struct Origin {
    /// Whether somebody sent it on to us (RFC 3892), whom we know by the way they came alone.
    passed_on: bool,
    id: u128,
}

/// What is checked and signed, by trunk.
#[derive(Default)]
pub struct Stir {
    checks: BTreeMap<String, Arc<Check>>,
    signs: BTreeMap<String, Sign>,
}

impl Stir {
    /// Reads keys and certificates.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        let mut stir = Self::default();
        for (name, trunk) in &config.trunk {
            let asked = &trunk.stir;
            let name = name.as_str().to_owned();
            if let Some(check) = check(asked).with_context(|| format!("trunk.{name}.stir"))? {
                stir.checks.insert(name.clone(), Arc::new(check));
            }
            let own = trunk.caller.number.0.as_ref().map(ToString::to_string);
            if let Some(sign) = sign(asked, own).with_context(|| format!("trunk.{name}.stir"))? {
                stir.signs.insert(name, sign);
            }
        }
        Ok(stir)
    }

    // Signs a call that is about to leave, for each trunk that it may go by.
    fn vouch(&self, command: &mut Command, now: u64) {
        let (to, from, elsewhere, origin) = match command {
            Command::Dial {
                to,
                from,
                elsewhere,
                tag,
                headers,
                ..
            } => {
                let passed_on = headers.iter().any(|(name, _)| name == "Referred-By");
                let id = tag.session.0;
                (to, from, elsewhere, Origin { passed_on, id })
            }
            // It is the same call by the same caller that is sent elsewhere.
            Command::Follow {
                call: _,
                to,
                from,
                elsewhere,
                done: _,
                session,
                passed_on,
            } => {
                let (passed_on, id) = (*passed_on, session.0);
                (to, from, elsewhere, Origin { passed_on, id })
            }
            Command::Defer { .. }
            | Command::Adopt { .. }
            | Command::Ring { .. }
            | Command::Answer { .. }
            | Command::Reject { .. }
            | Command::HangUp { .. }
            | Command::AcceptOffer { .. }
            | Command::RefuseOffer { .. }
            | Command::Offer { .. }
            | Command::Describe { .. }
            | Command::PassOver { .. }
            | Command::AcceptRefer { .. }
            | Command::RefuseRefer { .. }
            | Command::ReportRefer { .. }
            | Command::Refer { .. }
            | Command::Press { .. }
            | Command::Restore { .. }
            | Command::Drain { .. } => return,
        };
        let Target::Trunk { trunk, number } = to else {
            return;
        };
        self.sign(trunk, number, from, origin, now);
        for other in elsewhere {
            self.sign(&other.trunk, number, &mut other.from, origin, now);
        }
    }

    fn sign(&self, trunk: &str, called: &str, from: &mut Identity, origin: Origin, now: u64) {
        let Some(sign) = self.signs.get(trunk) else {
            return;
        };
        if let Some(onward) = sign.onward(called, from, now) {
            from.vouched = onward;
            return;
        }
        let id = uuid(origin.id);
        let passed_on = origin.passed_on || from.sent_on.is_some();
        let claim = Claim {
            level: sign.level(&from.user, passed_on),
            caller: &from.user,
            called,
            at: now,
            origin: &id,
            certificate: &sign.certificate,
        };
        // Who shows no number has none that could be vouched for.
        let Some(unsigned) = claim.unsigned() else {
            return;
        };
        match sign.made(&unsigned) {
            Some(made) => from.vouched = vec![claim.identity(&unsigned, &made)],
            None => tracing::warn!(trunk, "a call could not be signed; it leaves unsigned"),
        }
    }
}

impl Sign {
    // RFC 8946 §4.1: what a call that is sent on came with, and that it left the number it came for. None where that does not lead
    // to who is called: nothing of it is signed, or it is stale, as after a wait in a queue.
    fn onward(&self, called: &str, from: &Identity, now: u64) -> Option<Vec<String>> {
        let came = from.sent_on.as_deref()?;
        let onward = Onward {
            caller: &from.user,
            left: came.came_for(&from.user, now)?,
            called,
            at: now,
            certificate: &self.certificate,
        };
        let unsigned = onward.unsigned()?;
        let made = onward.identity(&unsigned, &self.made(&unsigned)?);
        let identities = came.identities.iter().cloned();
        Some(identities.chain([made]).collect())
    }

    fn made(&self, unsigned: &str) -> Option<Vec<u8>> {
        let made = self.key.sign(&SystemRandom::new(), unsigned.as_bytes());
        Some(made.ok()?.as_ref().to_vec())
    }

    // RFC 8588 §4: the number is ours; one of our people or promises calls; it only comes through here.
    fn level(&self, number: &str, passed_on: bool) -> Level {
        let own = self.own.as_deref() == Some(number);
        if own || self.ours.iter().any(|start| number.starts_with(start)) {
            return Level::Full;
        }
        if passed_on {
            Level::Gateway
        } else {
            Level::Partial
        }
    }
}

impl Check {
    /// Judges a call within [`PATIENCE`].
    async fn judge(&self, call: &Signed, now: u64) -> Judged {
        let judged = tokio::time::timeout(PATIENCE, self.judge_all(call, now));
        let late = |_| Verdict::Failed(Flaw::Unreachable).into();
        judged.await.unwrap_or_else(late)
    }

    // RFC 8224 §6.2: one that holds is enough; what is told of those that do not is the first.
    // A diversion alone vouches for nobody.
    async fn judge_all(&self, call: &Signed, now: u64) -> Judged {
        let (diverted, signed): (Vec<_>, Vec<_>) =
            (call.identities.iter()).partition(|identity| Diversion::is_one(identity));
        let diverted = diverted.into_iter().map(|one| Diversion::read(one));
        let diverted: Vec<_> = diverted.filter_map(Result::ok).collect();
        let mut verdict = Verdict::Absent;
        for identity in signed {
            let judged = match Passport::read(identity) {
                Ok(passport) => self.prove(&passport, &diverted, call, now).await,
                Err(flaw) => Err(flaw),
            };
            match (judged, verdict) {
                (Ok((level, diverted)), _) => {
                    let verdict = Verdict::Vouched(level);
                    return Judged { verdict, diverted };
                }
                (Err(flaw), Verdict::Absent) => verdict = Verdict::Failed(flaw),
                (Err(_), Verdict::Failed(_) | Verdict::Vouched(_)) => {}
            }
        }
        verdict.into()
    }

    // What needs no certificate is looked at first. RFC 8946 §4.2: each diversion is proved, from the number that was called on.
    async fn prove(
        &self,
        passport: &Passport,
        diverted: &[Diversion],
        call: &Signed,
        now: u64,
    ) -> Result<(Level, Option<String>), Flaw> {
        let mut route = Route::begin(passport, call, now)?;
        let mut left: Vec<_> = diverted.iter().collect();
        let mut wrong = None;
        while let Some(next) = route.next(&mut left) {
            let held = match next.check(now) {
                Ok(()) => self.holds(next.token(), next.from(), now).await,
                Err(flaw) => Err(flaw),
            };
            match held {
                Ok(()) => route.follow(next),
                Err(flaw) => _ = wrong.get_or_insert(flaw),
            }
        }
        let end = route.end().map_err(|flaw| wrong.unwrap_or(flaw))?;
        self.holds(passport.token(), passport.caller(), now).await?;
        Ok(end)
    }

    async fn holds(&self, token: &Token, number: &str, now: u64) -> Result<(), Flaw> {
        let chain = self.library.chain(token.certificate()).await;
        let chain = chain.ok_or(Flaw::Unreachable)?;
        self.trust.prove(&chain, (token, number), now)
    }
}

fn check(asked: &TrunkStir) -> anyhow::Result<Option<Check>> {
    let (Some(trust), false) = (&asked.trust.0, asked.verify == Verify::Off) else {
        return Ok(None);
    };
    let library = match &asked.certificates.0 {
        Some(directory) => Library::of_directory(directory.into()),
        None => Library::of_the_web(asked.private)?,
    };
    Ok(Some(Check {
        trust: Trust::open(trust)?,
        library,
        required: asked.verify == Verify::Require,
    }))
}

fn sign(asked: &TrunkStir, own: Option<String>) -> anyhow::Result<Option<Sign>> {
    let (Some(file), Some(certificate)) = (&asked.key_file.0, &asked.certificate_url.0) else {
        return Ok(None);
    };
    let path = crate::config::credential(file).map_err(anyhow::Error::msg)?;
    let secret = PrivateKeyDer::from_pem_file(path)
        .with_context(|| format!("reading the key that signs calls, {file}"))?;
    let key = EcdsaKeyPair::from_pkcs8(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        secret.secret_der(),
        &SystemRandom::new(),
    );
    Ok(Some(Sign {
        key: key
            .ok()
            .with_context(|| format!("{file} is no PKCS #8 key of P-256"))?,
        certificate: certificate.clone(),
        own,
        ours: asked.ours.clone(),
    }))
}

// RFC 9562 §4.
fn uuid(number: u128) -> String {
    let hex = format!("{number:032x}");
    let (a, b, c, d, e) = (
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    );
    format!("{a}-{b}-{c}-{d}-{e}")
}

// The wall clock as passports have it.
fn seconds() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
