//! Signatures of what we post, as Standard Webhooks have them: HMAC with SHA-256 over `id.timestamp.body`, in base64
//! behind `v1,`. The receiver refuses a timestamp that is far from its own clock, so that nothing is replayed.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::hmac;
use ws::id::Timestamp;

/// Begins a secret that is written in base64.
const BASE64: &str = "whsec_";
/// The least bytes of a secret.
pub const LEAST: usize = 24;

/// What we sign with.
#[derive(Clone)]
pub struct Secret(hmac::Key);

/// Why a text is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// It says that it is base64 and is not.
    #[error("begins with whsec_, and what follows is not base64")]
    Base64,
    /// It can be guessed.
    #[error("has {0} bytes; at least {LEAST}, such as `openssl rand -hex 32` gives")]
    Short(usize),
}

impl std::str::FromStr for Secret {
    type Err = BadSecret;

    fn from_str(text: &str) -> Result<Self, BadSecret> {
        let bytes = match text.strip_prefix(BASE64) {
            Some(encoded) => STANDARD.decode(encoded).map_err(|_| BadSecret::Base64)?,
            None => text.as_bytes().to_vec(),
        };
        if bytes.len() < LEAST {
            return Err(BadSecret::Short(bytes.len()));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }
}

impl Secret {
    /// Returns the headers of a signed message: its id, the time in seconds, and the signature.
    pub fn headers(&self, id: &str, now: Timestamp, body: &[u8]) -> [(&'static str, String); 3] {
        let seconds = (now.0 / 1_000).to_string();
        let mut signed = format!("{id}.{seconds}.").into_bytes();
        signed.extend_from_slice(body);
        let tag = hmac::sign(&self.0, &signed);
        [
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", seconds),
            ("webhook-signature", format!("v1,{}", STANDARD.encode(tag))),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of the Standard Webhooks specification's libraries.
    #[test]
    fn a_signature_is_the_one_the_standard_gives() {
        let secret: Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let body = br#"{"test": 2432232314}"#;
        let now = Timestamp(1_614_265_330_000);

        let headers = secret.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", now, body);

        assert_eq!(headers[1].1, "1614265330");
        assert_eq!(
            headers[2].1,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_none() {
        assert_eq!("short".parse::<Secret>().err(), Some(BadSecret::Short(5)));
        assert_eq!("whsec_!".parse::<Secret>().err(), Some(BadSecret::Base64));
    }
}
