//! A phone's registration: REGISTER, the answer to a digest challenge, and nothing else (RFC 3261 §10.2, RFC 8760).

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use md5::{Digest, Md5};
use sha2::Sha256;
use sip::message::{Builder, CSeq, Header, Message, Method, Uri};

/// How long a registration is asked for: longer than any run, and soon over after one, since nobody takes it back.
const EXPIRES: Duration = Duration::from_secs(300);

/// One account on its way to being registered.
#[derive(Clone, Debug)]
pub struct Registration {
    user: String,
    password: String,
    server: SocketAddr,
    contact: SocketAddr,
    call_id: String,
    cseq: u32,
    tried: bool,
    lasts: Duration,
}

/// What an answer leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send this.
    Again(Bytes),
    /// It is registered.
    Registered,
}

/// The parameters of a digest challenge.
type Challenge = BTreeMap<String, String>;

impl Registration {
    /// Prepares to register `user` at `server`, to be reached at `contact`; `seed` makes the Call-ID its own.
    pub fn new(
        user: &str,
        password: &str,
        server: SocketAddr,
        contact: SocketAddr,
        seed: u64,
    ) -> Self {
        Self {
            user: user.to_owned(),
            password: password.to_owned(),
            server,
            contact,
            call_id: format!("{seed:016x}@{}", contact.ip()),
            cseq: 0,
            tried: false,
            lasts: EXPIRES,
        }
    }

    /// Asks for it to last this long.
    pub fn lasting(self, lasts: Duration) -> Self {
        Self { lasts, ..self }
    }

    /// Returns the account.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Tells whether an answer belongs to this registration.
    pub fn is_answered_by(&self, message: &Message) -> bool {
        !message.is_request()
            && *message.method() == Method::Register
            && message.call_id() == self.call_id
    }

    /// Returns the first request.
    pub fn request(&mut self) -> Result<Bytes> {
        self.build(None)
    }

    /// Takes the answer.
    pub fn handle(&mut self, message: &Message) -> Result<Option<Step>> {
        let status = message.status().context("an answer has a status")?.code();
        match status {
            100..=199 => Ok(None),
            200..=299 => Ok(Some(Step::Registered)),
            401 if !self.tried => {
                self.tried = true;
                let challenges: Vec<Challenge> = message
                    .lines(Header::WwwAuthenticate)
                    .filter_map(challenge)
                    .collect();
                let credentials = self.answer(&challenges)?;
                Ok(Some(Step::Again(self.build(Some(&credentials))?)))
            }
            _ => bail!(
                "the registration of {} was answered {status} {}",
                self.user,
                message.reason().unwrap_or_default()
            ),
        }
    }

    fn build(&mut self, credentials: Option<&str>) -> Result<Bytes> {
        self.cseq += 1;
        let uri = self.uri()?;
        let address = format!("<sip:{}@{}>", self.user, self.server);
        Ok(Builder::request(&Method::Register, &uri)
            .header(
                Header::Via,
                format_args!(
                    "SIP/2.0/UDP {};branch=z9hG4bK{}{};rport",
                    self.contact,
                    self.token(),
                    self.cseq
                ),
            )
            .header(Header::MaxForwards, 70)
            .header(Header::From, format_args!("{address};tag={}", self.token()))
            .header(Header::To, &address)
            .header(Header::CallId, &self.call_id)
            .header(Header::CSeq, CSeq::new(self.cseq, Method::Register))
            .header(
                Header::Contact,
                format_args!(
                    "<sip:{}@{}>;expires={}",
                    self.user,
                    self.contact,
                    self.lasts.as_secs()
                ),
            )
            .maybe(Header::Authorization, credentials)
            .build())
    }

    fn uri(&self) -> Result<Uri> {
        Uri::sip(
            None,
            &self.server.ip().to_string(),
            Some(self.server.port()),
        )
        .context("an address makes a URI")
    }

    fn token(&self) -> &str {
        &self.call_id[..16]
    }

    /// Makes the credentials for the strongest challenge (RFC 8760 §2.4).
    fn answer(&self, challenges: &[Challenge]) -> Result<String> {
        let of = |name: &str| {
            challenges.iter().find(|one| {
                one.get("algorithm")
                    .map_or("MD5", String::as_str)
                    .eq_ignore_ascii_case(name)
            })
        };
        let (algorithm, chosen) = match (of("SHA-256"), of("MD5")) {
            (Some(strong), _) => ("SHA-256", strong),
            (None, Some(weak)) => ("MD5", weak),
            (None, None) => bail!("no challenge with SHA-256 or MD5 in {challenges:?}"),
        };
        let hash = |text: &str| {
            if algorithm == "MD5" {
                hex(&Md5::digest(text))
            } else {
                hex(&Sha256::digest(text))
            }
        };
        let part = |name: &str| chosen.get(name).map(String::as_str);
        let realm = part("realm").context("a challenge without realm")?;
        let nonce = part("nonce").context("a challenge without nonce")?;
        let uri = self.uri()?;
        let ha1 = hash(&format!("{}:{realm}:{}", self.user, self.password));
        let ha2 = hash(&format!("REGISTER:{uri}"));
        let opaque = part("opaque")
            .map(|opaque| format!(", opaque=\"{opaque}\""))
            .unwrap_or_default();
        let (response, extra) = if part("qop").is_some() {
            let cnonce = self.token();
            let response = hash(&format!("{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}"));
            (
                response,
                format!(", qop=auth, nc=00000001, cnonce=\"{cnonce}\""),
            )
        } else {
            (hash(&format!("{ha1}:{nonce}:{ha2}")), String::new())
        };
        Ok(format!(
            "Digest username=\"{}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", algorithm={algorithm}{extra}{opaque}",
            self.user
        ))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads `Digest realm="a, b", nonce="c", qop="auth"`.
fn challenge(line: &str) -> Option<Challenge> {
    let mut rest = line.trim().strip_prefix("Digest ")?;
    let mut found = Challenge::new();
    while let Some((name, after)) = rest.split_once('=') {
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_at(after.find(',').unwrap_or(after.len())),
        };
        found.insert(name.trim().to_lowercase(), value.trim().to_owned());
        rest = next.trim_start().trim_start_matches(',').trim_start();
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_with_commas_inside_quotes() {
        let found = challenge(
            r#"Digest realm="a, b", algorithm=SHA-256, qop="auth,auth-int", nonce="n=1""#,
        )
        .unwrap();

        assert_eq!(found["realm"], "a, b");
        assert_eq!(found["algorithm"], "SHA-256");
        assert_eq!(found["qop"], "auth,auth-int");
        assert_eq!(found["nonce"], "n=1");
        assert_eq!(challenge("Basic realm=\"x\""), None);
    }

    #[test]
    fn the_strongest_challenge_is_answered() {
        let phone = Registration::new(
            "anna",
            "secret",
            "127.0.0.1:5060".parse().unwrap(),
            "127.0.0.1:5099".parse().unwrap(),
            7,
        );
        let challenges: Vec<Challenge> = [
            "Digest realm=\"r\", nonce=\"n\", algorithm=MD5",
            "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"",
        ]
        .into_iter()
        .filter_map(challenge)
        .collect();

        let strong = phone.answer(&challenges).unwrap();
        let weak = phone.answer(&challenges[..1]).unwrap();

        assert!(strong.contains("algorithm=SHA-256, qop=auth") && !weak.contains("qop"));
        // MD5(MD5("anna:r:secret") ":n:" MD5("REGISTER:sip:127.0.0.1:5060"))
        assert!(weak.contains("response=\"be2b44c385179085e421f4953f3227df\""));
    }
}
