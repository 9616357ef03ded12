//! Digest, both ways: phones prove themselves to us, and we to trunks (RFC 3261 §22, RFC 8760).

use rand::RngExt;

use crate::Instant;
use crate::digest::{Algorithm, Authorization, Challenge, Credentials, Secret, Verdict};
use crate::guard::Offence;
use crate::message::{Builder, Header, Message, Method};
use crate::trunk::{Trunk, TrunkLogin};

use super::call::{Answering, Side};
use super::reply::Refusal;
use super::{Account, Endpoint, Flow};

/// How many challenges of one realm in a row are answered for one request.
const MOST_TRIES: u8 = 3;
/// How many realms a request proves itself to: a server, and the proxies on the way to it that ask.
const MOST_REALMS: usize = 4;
/// How many challenges of one response are read for the server, and for proxies.
const MOST_ASKED: usize = 16;

impl Account {
    /// Makes the digests of a password.
    pub fn with_password(user: &str, realm: &str, password: &str) -> Self {
        let hash = |algorithm| match Secret::hashed(algorithm, user, realm, password) {
            Secret::Ha1 { hash, .. } => hash,
            Secret::Password(_) => unreachable!("hashed"),
        };
        Self {
            ha1_md5: hash(Algorithm::Md5),
            ha1_sha256: hash(Algorithm::Sha256),
        }
    }

    fn secret(&self, algorithm: Algorithm) -> Option<Secret> {
        let hash = match algorithm.base() {
            Algorithm::Md5 => self.ha1_md5.clone(),
            Algorithm::Sha256 => self.ha1_sha256.clone(),
            Algorithm::Sha512256
            | Algorithm::Md5Sess
            | Algorithm::Sha256Sess
            | Algorithm::Sha512256Sess => return None,
        };
        Some(Secret::Ha1 {
            algorithm: algorithm.base(),
            hash,
        })
    }
}

impl TrunkLogin {
    fn secret(&self, algorithm: Algorithm) -> Option<Secret> {
        let weak = algorithm.base() == Algorithm::Md5 && !self.md5;
        self.account.secret(algorithm).filter(|_| !weak)
    }
}

/// Who proved themselves.
pub(super) enum Proved {
    /// A phone, by its account.
    Phone(String),
    /// A trunk, by its name.
    Trunk(String),
}

impl Endpoint {
    /// Returns who sent `request`, or the challenge: the same one whoever asks and whatever was
    /// wrong, so that nothing tells a user that exists from one that does not.
    pub(super) fn authenticate(
        &mut self,
        request: &Message,
        flow: &Flow,
        now: Instant,
    ) -> Result<Proved, Refusal> {
        let mut stale = false;
        let answers: Vec<Authorization> = request
            .lines(Header::Authorization)
            .filter_map(|line| line.parse().ok())
            .collect();
        let given = request.header(Header::Authorization).is_some();
        for answer in answers
            .iter()
            .filter(|answer| answer.realm == self.config.realm)
        {
            let config = &self.config;
            let secret = |user: &str| match logging_in(&config.trunks, user) {
                Some((_, login)) => login.secret(answer.algorithm),
                None => config.accounts.get(user)?.secret(answer.algorithm),
            };
            match self
                .authenticator
                .weigh(answer, request.method(), secret, now)
            {
                Verdict::Accepted { username } => {
                    let (rules, source) = (&self.config.guard, flow.peer.ip());
                    self.guard.proved(rules, source, now);
                    let trunk = logging_in(&self.config.trunks, &username);
                    if trunk.is_some() {
                        self.guard.trunk_proved(rules, source, now);
                    }
                    let trunk = trunk.map(|(trunk, _)| Proved::Trunk(trunk.name.clone()));
                    return Ok(trunk.unwrap_or(Proved::Phone(username)));
                }
                Verdict::Stale => stale = true,
                Verdict::Absent | Verdict::Refused(_) => {}
            }
        }
        if given && !stale {
            self.counters.denied += 1;
            self.offended(flow, Offence::Denied, now);
        } else {
            self.counters.challenged += 1;
            self.offended(flow, Offence::Challenged, now);
        }
        let mut challenges = self.authenticator.challenges(stale, now);
        let wanted = offered(request.header(Header::UserAgent));
        challenges.retain(|challenge| wanted.contains(&challenge.algorithm));
        challenges
            .sort_by_key(|challenge| wanted.iter().position(|one| *one == challenge.algorithm));
        let refusal = Refusal::new(401);
        Err(challenges.iter().fold(refusal, |refusal, challenge| {
            refusal.with(Header::WwwAuthenticate, challenge)
        }))
    }

    /// Takes the challenges of a 401 or 407; false when none can be answered, or one already was.
    pub(super) fn challenged(&mut self, side: &mut Side, response: &Message) -> bool {
        self.credentials(side).is_some() && side.challenge(response)
    }

    /// Writes the credentials for a request, one for each realm that challenged the call.
    pub(super) fn authorize(
        &mut self,
        builder: Builder,
        side: &mut Side,
        method: &Method,
        uri: &str,
    ) -> Builder {
        match self.credentials(side) {
            Some(credentials) => self.authorize_as(&credentials, builder, side, method, uri),
            None => builder,
        }
    }

    /// Writes `credentials` for a request, for each realm that challenged `side` (RFC 3261 §22.2, §22.3).
    pub(super) fn authorize_as(
        &mut self,
        credentials: &Credentials,
        builder: Builder,
        side: &mut Side,
        method: &Method,
        uri: &str,
    ) -> Builder {
        side.auth.iter_mut().fold(builder, |builder, answering| {
            answering.count += 1;
            let cnonce = format!("{:016x}", self.rng.random::<u64>());
            let (challenge, count) = (&answering.challenge, answering.count);
            match challenge.answer(credentials, method, uri, &cnonce, count) {
                Ok(answer) => builder.header(answering.header, answer),
                Err(_) => builder,
            }
        })
    }

    fn credentials(&self, side: &Side) -> Option<Credentials> {
        let name = side.trunk.as_deref()?;
        let trunk = self.config.trunks.iter().find(|trunk| trunk.name == name)?;
        let account = trunk.credentials.as_ref()?;
        Some(Credentials::new(&account.user, &account.password))
    }
}

fn logging_in<'a>(trunks: &'a [Trunk], user: &str) -> Option<(&'a Trunk, &'a TrunkLogin)> {
    let mut all = trunks.iter();
    all.find_map(|trunk| Some((trunk, trunk.login.as_ref().filter(|one| one.user == user)?)))
}

// RFC 8760 §2.3 wants the strongest challenge first. Whoever could answer it may choose MD5 all the same, so
// it costs nothing to be kind to clients that give up at a challenge they do not know: baresip before 2 at any
// such challenge, sipp, which does not say who it is, when it is the first.
fn offered(user_agent: Option<&str>) -> &'static [Algorithm] {
    match user_agent {
        None => &[Algorithm::Md5, Algorithm::Sha256],
        Some(agent) if agent.starts_with("baresip v0.") || agent.starts_with("baresip v1.") => {
            &[Algorithm::Md5]
        }
        Some(_) => &[Algorithm::Sha256, Algorithm::Md5],
    }
}

impl Side {
    /// Takes the challenges of a 401 or 407 where there is a password, those that a forking proxy put into one response
    /// too (RFC 3261 §16.7 step 7); false when none can be answered, or one already was.
    pub(super) fn challenge(&mut self, response: &Message) -> bool {
        let asked = match response.status().map(|status| status.code()) {
            Some(401 | 407) => asked(response),
            Some(_) | None => return false,
        };
        !asked.is_empty() && asked.into_iter().all(|(of, asked)| self.answers(of, asked))
    }

    // A realm that was not answered yet says nothing about our password.
    fn answers(&mut self, header: Header, challenge: Challenge) -> bool {
        let is = |one: &Answering| (one.header, &one.challenge.realm) == (header, &challenge.realm);
        let at = self.auth.iter().position(is);
        let tries = match at.map(|at| &self.auth[at]) {
            // Once for each nonce: asked again with the one we answered, our password is wrong.
            Some(before) if before.challenge.nonce == challenge.nonce => return false,
            Some(before) if before.tries > 0 && !challenge.stale => return false,
            Some(before) => before.tries + 1,
            None => 1,
        };
        if tries > MOST_TRIES {
            return false;
        }
        let full = self.auth.len() == MOST_REALMS;
        let settled = || self.auth.iter().position(|one| one.tries == 0);
        match at.or_else(|| full.then(settled).flatten()) {
            Some(at) => drop(self.auth.remove(at)),
            None if full => return false,
            None => {}
        }
        self.auth.push(Answering {
            challenge,
            header,
            count: 0,
            tries,
        });
        true
    }

    /// Notes that a request was answered otherwise than by a challenge.
    pub(super) fn unchallenged(&mut self) {
        for answering in &mut self.auth {
            answering.tries = 0;
        }
    }
}

// The strongest challenge of each realm, with where its answer goes.
fn asked(response: &Message) -> Vec<(Header, Challenge)> {
    let of_server: Vec<_> = response.www_authenticate().take(MOST_ASKED).collect();
    let of_proxies: Vec<_> = response.proxy_authenticate().take(MOST_ASKED).collect();
    let mut asked = Vec::new();
    for (header, mut left) in [
        (Header::Authorization, of_server),
        (Header::ProxyAuthorization, of_proxies),
    ] {
        while let Some(realm) = left.first().map(|first| first.realm.clone()) {
            let (same, others): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|one| one.realm == realm);
            asked.extend(Challenge::strongest(same).map(|strongest| (header, strongest)));
            left = others;
        }
    }
    asked
}
