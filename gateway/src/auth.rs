//! Credentials: signed ones for visitors and agents, and identities signed by a website. HMAC with SHA-256 only
//! (RFC 7518 §3.2), computed by ring. Programs have tokens, which are kept and can be revoked.

pub mod cursor;
pub mod key;
pub mod link;
pub mod roll;
pub mod scope;

use std::{path::Path, time::Duration};

use anyhow::{Context, bail};
use cursor::CursorKey;
use hub::{
    input::Signed,
    scope::{Lines, SUBJECT, check_id},
};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{ErrorKind, Result as JwtResult},
    signature::{self, Signer, Verifier},
};
use link::LinkKey;
use ring::{hmac, rand::SecureRandom};
use roll::SignIn;
use serde::{Deserialize, Serialize};
use ws::id::{Number, Timestamp, VisitorId, ZoneId};

/// Returns random bytes from the operating system.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    ring::rand::SystemRandom::new()
        .fill(&mut bytes)
        .expect("an operating system without randomness cannot run a server");
    bytes
}

/// What a credential lets its bearer be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// A visitor of one zone.
    Visitor {
        /// Who.
        visitor: VisitorId,
        /// Where.
        zone: ZoneId,
        /// The signed identity they came with.
        verified: Option<Signed>,
    },
    /// An agent or supervisor.
    Agent(SignIn),
}

/// Why a credential is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// It was good once.
    #[error("the credential has expired; get a new one")]
    Expired,
    /// It was taken back: by signing out, by another password, or with its agent.
    #[error("the credential was withdrawn; sign in again")]
    Withdrawn,
    /// It never was.
    #[error("the credential is not one of ours")]
    Forged,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    aud: String,
    exp: u64,
    iat: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verified: Option<String>,
    // Of an agent's: which sign-in, the mark of the password, and when it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mark: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<u64>,
    // What the signed identity says beside its subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mail: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<Number>,
}

/// What a website says of a visitor.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Identity {
    /// The website's own id of the person.
    pub sub: String,
    /// The segments they are of, by which a zone is chosen.
    #[serde(default)]
    pub segments: Vec<String>,
    /// Their name.
    #[serde(default)]
    pub name: Option<String>,
    /// Their mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Their number.
    #[serde(default)]
    pub phone_number: Option<String>,
    /// When it expires, in seconds since 1970.
    exp: u64,
    /// When it begins to be good; some write fractions.
    #[serde(default)]
    nbf: Option<f64>,
}

/// By how many seconds the clocks of websites may be wrong.
const LEEWAY: u64 = 60;

/// The key that signs our credentials.
#[derive(Clone)]
pub struct Mint {
    signs: EncodingKey,
    proves: DecodingKey,
    links: LinkKey,
    cursors: CursorKey,
}

impl Mint {
    /// Takes a secret.
    pub fn new(secret: &[u8]) -> Self {
        install();
        Self {
            signs: EncodingKey::from_secret(secret),
            proves: DecodingKey::from_secret(secret),
            links: LinkKey::derive(secret),
            cursors: CursorKey::derive(secret),
        }
    }

    /// Reads the key's file; makes it, for this user alone, when there is none and `make` says so.
    pub fn open(path: &Path, make: bool) -> anyhow::Result<Self> {
        if make && !path.exists() {
            let secret = crate::store::agents::hex(&random::<32>());
            crate::files::write_private(path, &secret)?;
        }
        let secret = std::fs::read_to_string(path)
            .with_context(|| format!("reading the key of credentials, {}", path.display()))?;
        let secret = secret.trim();
        if secret.len() < 32 {
            bail!(
                "{} holds {} bytes; a key of credentials has at least 32",
                path.display(),
                secret.len()
            );
        }
        Ok(Self::new(secret.as_bytes()))
    }

    /// Returns the key of links in mails.
    pub fn links(&self) -> &LinkKey {
        &self.links
    }

    /// Returns the key of places in lists.
    pub fn cursors(&self) -> &CursorKey {
        &self.cursors
    }

    /// Signs a credential that is good for `span`; returns it and when it expires.
    pub fn sign(
        &self,
        bearer: &Bearer,
        now: Timestamp,
        span: Duration,
    ) -> anyhow::Result<(String, Timestamp)> {
        let (aud, sub, zone, verified, sign_in) = match bearer {
            Bearer::Visitor {
                visitor,
                zone,
                verified,
            } => (
                "visitor",
                visitor.to_string(),
                Some(zone.to_string()),
                verified.clone(),
                None,
            ),
            Bearer::Agent(sign_in) => {
                let agent = sign_in.agent.to_string();
                ("agent", agent, None, None, Some(sign_in))
            }
        };
        let until = now + span;
        let signed = verified.as_ref();
        let claims = Claims {
            sub,
            aud: aud.to_owned(),
            exp: until.0 / 1_000,
            iat: now.0 / 1_000,
            zone,
            sid: sign_in.map(|sign_in| sign_in.id.clone()),
            mark: sign_in.map(|sign_in| sign_in.mark.clone()),
            since: sign_in.map(|sign_in| sign_in.since.0),
            verified: signed.map(|signed| signed.subject.clone()),
            name: signed.and_then(|signed| signed.name.clone()),
            mail: signed.and_then(|signed| signed.mail.clone()),
            number: signed.and_then(|signed| signed.number.clone()),
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signs)
            .context("signing a credential")?;
        Ok((token, Timestamp(claims.exp * 1_000)))
    }

    /// Tells who bears `token`.
    pub fn bearer(&self, token: &str, now: Timestamp) -> Result<Bearer, Rejected> {
        self.proved(token, now).map(|(bearer, _)| bearer)
    }

    /// Tells who bears `token`, and until when it is good.
    pub fn proved(&self, token: &str, now: Timestamp) -> Result<(Bearer, Timestamp), Rejected> {
        let mut rules = Validation::new(Algorithm::HS256);
        // By the clock it was signed by, which is not always the machine's.
        rules.validate_exp = false;
        rules.set_audience(&["visitor", "agent"]);
        let claims = jsonwebtoken::decode::<Claims>(token, &self.proves, &rules)
            .map_err(|error| rejected(&error))?
            .claims;
        let forged = Rejected::Forged;
        let until = Timestamp(claims.exp.saturating_mul(1_000));
        if until <= now {
            return Err(Rejected::Expired);
        }
        let bearer = match claims.aud.as_str() {
            "visitor" => Bearer::Visitor {
                visitor: claims.sub.parse().map_err(|_| forged)?,
                zone: claims.zone.ok_or(forged)?.parse().map_err(|_| forged)?,
                verified: claims.verified.map(|subject| Signed {
                    subject,
                    name: claims.name,
                    mail: claims.mail,
                    number: claims.number,
                }),
            },
            // One of before sign-ins had ids says too little to be good.
            "agent" => Bearer::Agent(SignIn {
                agent: claims.sub.parse().map_err(|_| forged)?,
                id: claims.sid.ok_or(Rejected::Withdrawn)?,
                mark: claims.mark.ok_or(Rejected::Withdrawn)?,
                since: Timestamp(claims.since.ok_or(Rejected::Withdrawn)?),
            }),
            _ => return Err(forged),
        };
        Ok((bearer, until))
    }
}

/// Proves an identity that a website signed with `secret`; it must expire. `now` is what the machine's clock says, as
/// [`crate::clock::Clock::machine`] has it.
pub fn identity(token: &str, secret: &str, now: Timestamp) -> Result<Identity, Rejected> {
    install();
    let mut rules = Validation::new(Algorithm::HS256);
    rules.validate_aud = false;
    // By our one clock, and not by whatever the crate asks.
    rules.validate_exp = false;
    let key = DecodingKey::from_secret(secret.as_bytes());
    let mut identity = jsonwebtoken::decode::<Identity>(token, &key, &rules)
        .map_err(|error| rejected(&error))?
        .claims;
    let now = now.0 / 1_000;
    if identity.exp.saturating_add(LEEWAY) < now {
        return Err(Rejected::Expired);
    }
    if identity
        .nbf
        .is_some_and(|begins| begins > (now + LEEWAY) as f64)
    {
        return Err(Rejected::Forged);
    }
    for text in [&mut identity.name, &mut identity.email] {
        text.iter_mut().for_each(|text| Lines::One.clean(text));
    }
    match check_id("customer's id", &identity.sub, SUBJECT) {
        Ok(()) => Ok(identity),
        Err(_) => Err(Rejected::Forged),
    }
}

fn rejected(error: &jsonwebtoken::errors::Error) -> Rejected {
    if *error.kind() == ErrorKind::ExpiredSignature {
        Rejected::Expired
    } else {
        Rejected::Forged
    }
}

struct Hs256(hmac::Key);

impl Hs256 {
    fn new(algorithm: Algorithm, secret: &[u8]) -> JwtResult<Self> {
        if algorithm != Algorithm::HS256 {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(hmac::sign(&self.0, message).as_ref().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        hmac::verify(&self.0, message, signature).map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

// The crate's own providers bring aws-lc, or `rsa` with RUSTSEC-2023-0071; one algorithm by ring is all we need.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(Hs256::new(*algorithm, key.as_bytes())?)),
    verifier_factory: |algorithm, key| {
        Ok(Box::new(Hs256::new(*algorithm, key.try_get_as_bytes()?)?))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

pub(crate) fn install() {
    // The second time it is there already.
    let _ = PROVIDER.install_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(4_000_000_000_000);

    fn agent() -> Bearer {
        Bearer::Agent(SignIn {
            agent: "anna".parse().unwrap(),
            id: "1".to_owned(),
            mark: "m".to_owned(),
            since: NOW,
        })
    }

    #[test]
    fn a_credential_says_who_bears_it_and_only_to_its_own_mint() {
        let mint = Mint::new(&[7; 32]);
        let visitor = Bearer::Visitor {
            visitor: VisitorId::new(9).unwrap(),
            zone: "shop".parse().unwrap(),
            verified: Some(Signed {
                subject: "customer 12".to_owned(),
                name: Some("Ida".to_owned()),
                mail: Some("ida@x.example".to_owned()),
                number: Some("+4930100".parse().unwrap()),
            }),
        };
        for bearer in [agent(), visitor] {
            let (token, _) = mint.sign(&bearer, NOW, Duration::from_secs(60)).unwrap();

            assert_eq!(mint.bearer(&token, NOW), Ok(bearer));
            let other = Mint::new(&[8; 32]);
            assert_eq!(other.bearer(&token, NOW), Err(Rejected::Forged));
            assert_eq!(mint.bearer(&token[1..], NOW), Err(Rejected::Forged));
        }
    }

    #[test]
    fn an_old_credential_is_told_that_it_expired() {
        let mint = Mint::new(&[7; 32]);

        let (token, _) = mint.sign(&agent(), NOW, Duration::from_secs(60)).unwrap();

        let good = Timestamp(NOW.0 + 59_999);
        assert_eq!(mint.bearer(&token, good), Ok(agent()));
        let over = NOW + Duration::from_secs(60);
        assert_eq!(mint.bearer(&token, over), Err(Rejected::Expired));
    }

    #[test]
    fn a_credential_without_signature_is_forged() {
        let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm5hIiwiYXVkIjoiYWdlbnQiLCJleHAiOjQwMDAwMDAwMDAsImlhdCI6MX0.";

        assert_eq!(Mint::new(&[7; 32]).bearer(none, NOW), Err(Rejected::Forged));
    }

    #[test]
    fn an_identity_is_taken_whose_subject_is_an_id() {
        let secret = "0123456789abcdef0123456789abcdef";
        let identity_of = |sub: &str| {
            let name = "I\u{202e}da\u{0}";
            let claims = serde_json::json!({ "sub": sub, "name": name, "exp": 4_000_000_000_u64 });
            let key = EncodingKey::from_secret(secret.as_bytes());
            install();
            let token =
                jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();
            identity(&token, secret, NOW)
        };

        for sub in ["42", "Ida Lovelace", &"ä".repeat(200)] {
            let identity = identity_of(sub).unwrap();
            assert_eq!(identity.sub, sub);
            assert_eq!(identity.name.unwrap(), "Ida");
        }
        let long = "x".repeat(201);
        for sub in [
            "",
            " ",
            "42 ",
            "4\t2",
            "4\u{202e}2",
            "4111111111111111",
            "card 4111-1111-1111-1111",
            &long,
        ] {
            assert_eq!(identity_of(sub), Err(Rejected::Forged), "{sub:?}");
        }
    }

    #[test]
    fn an_identity_is_good_by_the_time_it_is_given() {
        let secret = "0123456789abcdef0123456789abcdef";
        let signed = |claims: serde_json::Value| {
            let key = EncodingKey::from_secret(secret.as_bytes());
            install();
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap()
        };
        let at = |token: &str, seconds: u64| {
            let now = Timestamp(seconds * 1_000);
            identity(token, secret, now).map(|identity| identity.sub)
        };
        let short = signed(serde_json::json!({ "sub": "42", "exp": 2_000, "nbf": 1_000.5 }));

        assert_eq!(at(&short, 2_060).unwrap(), "42");
        assert_eq!(at(&short, 2_061), Err(Rejected::Expired));
        assert_eq!(at(&short, 941).unwrap(), "42");
        assert_eq!(at(&short, 940), Err(Rejected::Forged));
        let endless = signed(serde_json::json!({ "sub": "42" }));
        assert_eq!(at(&endless, 1), Err(Rejected::Forged));
    }
}
