//! The server side of digest authentication.

use std::time::Duration;

use subtle::ConstantTimeEq;

use super::algorithm::Algorithm;
use super::authorization::Authorization;
use super::challenge::{Challenge, Qop};
use super::credentials::Secret;
use super::fields::AuthError;
use super::nonces::{Nonces, Spent};
use crate::Instant;
use crate::message::{Header, Message, Method};

/// How long a nonce is good for.
const LIFETIME: Duration = Duration::from_secs(300);

/// Challenges requests and judges their answers, for one realm.
#[derive(Debug)]
pub struct Authenticator {
    realm: String,
    algorithms: Vec<Algorithm>,
    nonces: Nonces,
}

/// What a request's credentials are worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The request comes from this user.
    Accepted {
        /// The user name.
        username: String,
    },
    /// There are no credentials for our realm: challenge.
    Absent,
    /// The password is right, the nonce is used up: challenge with `stale`.
    Stale,
    /// The credentials are wrong: challenge again, and count.
    Refused(Doubt),
}

/// Why credentials were refused. The requester is not told which it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// There is no such user.
    UnknownUser,
    /// The digest is wrong.
    WrongDigest,
    /// The credentials are malformed.
    Malformed(AuthError),
    /// The algorithm was not offered.
    NotOffered,
}

impl Authenticator {
    /// Makes an authenticator. `seed` must be secret and new at each start.
    pub fn new(realm: impl Into<String>, seed: [u8; 32]) -> Self {
        Self {
            realm: realm.into(),
            algorithms: vec![Algorithm::Sha256, Algorithm::Md5],
            nonces: Nonces::new(seed, LIFETIME),
        }
    }

    /// Offers these algorithms, the most wanted first, instead of SHA-256 and MD5.
    pub fn with_algorithms(mut self, algorithms: &[Algorithm]) -> Self {
        self.algorithms = algorithms.to_vec();
        self
    }

    /// Returns the realm.
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// Makes the challenges for one response, one for each algorithm, to be written as a header line each.
    pub fn challenges(&mut self, stale: bool, now: Instant) -> Vec<Challenge> {
        let nonce = self.nonces.issue(now);
        let challenge = |&algorithm: &Algorithm| Challenge {
            realm: self.realm.clone(),
            nonce: nonce.clone(),
            opaque: None,
            algorithm,
            qop: Qop::Auth,
            stale,
        };
        self.algorithms.iter().map(challenge).collect()
    }

    /// Judges the credentials of a request in `header` (Authorization or Proxy-Authorization). `secret` looks up a user.
    pub fn judge(
        &mut self,
        request: &Message,
        header: Header,
        secret: impl Fn(&str) -> Option<Secret>,
        now: Instant,
    ) -> Verdict {
        let mut verdict = Verdict::Absent;
        for line in request.lines(header) {
            verdict = match line.parse::<Authorization>() {
                Ok(answer) if answer.realm != self.realm => continue,
                Ok(answer) => self.weigh(&answer, request.method(), &secret, now),
                // Other schemes, and digests of other realms that we cannot read, are not for us (RFC 4475 §3.3.7).
                Err(AuthError::Scheme) => continue,
                Err(error) => Verdict::Refused(Doubt::Malformed(error)),
            };
            if let Verdict::Accepted { .. } | Verdict::Stale = verdict {
                break;
            }
        }
        verdict
    }

    /// Judges one answer. That its URI is not the Request-URI is no fault, as proxies change the latter (RFC 3261 §22.4).
    pub fn weigh(
        &mut self,
        answer: &Authorization,
        method: &Method,
        secret: impl Fn(&str) -> Option<Secret>,
        now: Instant,
    ) -> Verdict {
        if !self.algorithms.contains(&answer.algorithm) {
            return Verdict::Refused(Doubt::NotOffered);
        }
        let known = secret(&answer.username);
        let is_known = known.is_some();
        // An unknown user costs as much time as a wrong password.
        let proof = known.unwrap_or_else(|| Secret::Password(String::new()));
        let expected = match answer.expected(&proof, method) {
            Ok(expected) => expected,
            Err(error) => return Verdict::Refused(Doubt::Malformed(error)),
        };
        let given = answer.response.to_ascii_lowercase();
        let is_right = bool::from(expected.as_bytes().ct_eq(given.as_bytes()));
        match (is_known, is_right) {
            (false, _) => Verdict::Refused(Doubt::UnknownUser),
            (true, false) => Verdict::Refused(Doubt::WrongDigest),
            (true, true) => self.spend(answer, now),
        }
    }

    fn spend(&mut self, answer: &Authorization, now: Instant) -> Verdict {
        let live = self.nonces.recognise(&answer.nonce, now);
        match live.and_then(|live| self.nonces.spend(live, answer.nc)) {
            Ok(()) => Verdict::Accepted {
                username: answer.username.clone(),
            },
            Err(Spent::Foreign | Spent::Expired | Spent::Replayed) => Verdict::Stale,
        }
    }
}

#[cfg(test)]
mod tests;
