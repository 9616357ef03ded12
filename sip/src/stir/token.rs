//! What all signed statements of a call have: the text that is signed, the signature, and where the certificate is (RFC 8225).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::canonical;

/// The longest header field that is read, in bytes.
pub(super) const LONGEST: usize = 8_192;
/// How many numbers one signature may be for.
const MOST_CALLED: usize = 16;

/// What is to be proved of an Identity header field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    signed: String,
    signature: Vec<u8>,
    certificate: String,
}

impl Token {
    /// Returns where its certificate is.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Returns what is signed.
    pub fn signed(&self) -> &[u8] {
        self.signed.as_bytes()
    }

    /// Returns the signature: two numbers of 32 bytes each (RFC 7518 §3.4).
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Reads the value of a header field of a `kind` (RFC 8224 §4); what is said is returned beside it.
    pub(super) fn take_apart(value: &str, kind: &str) -> Option<(Self, Value)> {
        if value.len() > LONGEST {
            return None;
        }
        let mut params = value.split(';').map(str::trim);
        let token = params.next()?;
        let mut info = None;
        for param in params {
            let (name, value) = param.split_once('=')?;
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "info" => info = value.strip_prefix('<')?.strip_suffix('>'),
                "alg" if value != "ES256" => return None,
                "ppt" if value != kind => return None,
                _ => {}
            }
        }
        let mut parts = token.split('.');
        let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let read = |part: &str| -> Option<Value> {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
        };
        let (head, said) = (read(header)?, read(claims)?);
        let certificate = info?.to_owned();
        let is = |name: &str, expected: &str| head[name].as_str() == Some(expected);
        let sound = is("alg", "ES256") && is("ppt", kind) && is("typ", "passport");
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        // RFC 7515 §4.1.11: what must be understood and is not makes the whole invalid.
        let understood = head["crit"].is_null();
        if !sound || !understood || !is("x5u", &certificate) || signature.len() != 64 {
            return None;
        }
        let token = Self {
            signed: format!("{header}.{claims}"),
            signature,
            certificate,
        };
        Some((token, said))
    }
}

/// Writes what is to be signed of a kind of statement: members in order, without white space, as the library writes them
/// (RFC 8225 §9).
pub(super) fn unsigned(kind: &str, certificate: &str, said: &Value) -> String {
    let head = json!({ "alg": "ES256", "ppt": kind, "typ": "passport", "x5u": certificate });
    let [head, said] = [&head, said].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{head}.{said}")
}

/// Writes the Identity header field of what was signed.
pub(super) fn identity(kind: &str, certificate: &str, unsigned: &str, signature: &[u8]) -> String {
    let signature = URL_SAFE_NO_PAD.encode(signature);
    format!("{unsigned}.{signature};info=<{certificate}>;alg=ES256;ppt={kind}")
}

/// Reads telephone numbers as they are compared.
pub(super) fn numbers(all: &[Value]) -> Vec<String> {
    let all = all.iter().take(MOST_CALLED);
    all.filter_map(|one| canonical(one.as_str()?)).collect()
}
