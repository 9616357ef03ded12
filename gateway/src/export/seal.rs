//! The signature under what is exported: JWS in the general JSON form (RFC 7515 §7.2.1) with ES256, by a key that is made
//! at the first start. The container's draft recommends RS256; RSA keys cannot be made here, and readers know both.

use std::path::Path;

use anyhow::{Context, ensure};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use rcgen::{CertificateParams, DnType, KeyPair, KeyUsagePurpose};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use serde_json::{Value, json};

/// The key's file in the store's directory; whoever replaces it replaces the certificate too.
const KEY: &str = "records.key";
/// The chain of certificates that belongs to it.
const CHAIN: &str = "records.pem";
/// An uncompressed point of P-256 (SEC 1 §2.3.3): a mark and two coordinates.
const POINT: usize = 65;

/// The key that signs records, with its chain of certificates.
pub struct Seal {
    key: EcdsaKeyPair,
    chain: Vec<String>,
    kid: String,
    jwk: Value,
}

impl Seal {
    /// Reads key and chain from the store's directory, and makes what is not there.
    pub fn open(directory: &Path) -> anyhow::Result<Self> {
        crate::store::make_directory(directory)?;
        let (key, chain) = (directory.join(KEY), directory.join(CHAIN));
        if !key.exists() {
            make(&key, &chain)?;
        }
        let secret = PrivateKeyDer::from_pem_file(&key)
            .with_context(|| format!("reading the key of records, {}", key.display()))?;
        let signs = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            secret.secret_der(),
            &SystemRandom::new(),
        );
        let signs = signs
            .ok()
            .with_context(|| format!("{} is no PKCS #8 key of P-256", key.display()))?;
        let certificates = CertificateDer::pem_file_iter(&chain)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .with_context(|| format!("reading the certificate of records, {}", chain.display()))?;
        let first = certificates
            .first()
            .with_context(|| format!("{} holds no certificate", chain.display()))?;
        let first = webpki::EndEntityCert::try_from(first)
            .ok()
            .with_context(|| format!("{} begins with no certificate", chain.display()))?;
        ensure!(
            first
                .subject_public_key_info()
                .ends_with(signs.public_key().as_ref()),
            "{} is not the key of {}",
            key.display(),
            chain.display()
        );
        let chain = certificates.iter().map(|der| STANDARD.encode(der));
        let (kid, jwk) = jwk(signs.public_key().as_ref())?;
        Ok(Self {
            chain: chain.collect(),
            key: signs,
            kid,
            jwk,
        })
    }

    /// Signs a container; `uuid` stands beside the signature too, for those who look without proving.
    pub fn sign(&self, container: &Value, uuid: &str) -> anyhow::Result<Value> {
        let payload = URL_SAFE_NO_PAD.encode(container.to_string());
        let protected = json!({ "alg": "ES256", "kid": self.kid }).to_string();
        let protected = URL_SAFE_NO_PAD.encode(protected);
        let signed = self
            .key
            .sign(
                &SystemRandom::new(),
                format!("{protected}.{payload}").as_bytes(),
            )
            .ok()
            .context("signing a record")?;
        Ok(json!({
            "payload": payload,
            "signatures": [{
                "protected": protected,
                "header": { "x5c": self.chain, "uuid": uuid },
                "signature": URL_SAFE_NO_PAD.encode(signed),
            }],
        }))
    }

    /// Returns the public key as a set (RFC 7517 §5).
    pub fn keys(&self) -> Value {
        json!({ "keys": [self.jwk] })
    }
}

// The certificate is made before the key is in its place, so that a crash leaves a key without one nowhere.
fn make(key: &Path, chain: &Path) -> anyhow::Result<()> {
    let made = KeyPair::generate().context("making the key of records")?;
    let mut params = CertificateParams::new(Vec::new()).context("naming the key of records")?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Tandem records");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let certificate = params
        .self_signed(&made)
        .context("signing the certificate of records")?;
    crate::files::write_private(chain, &certificate.pem())?;
    crate::files::write_private(key, &made.serialize_pem())
}

// RFC 7518 §6.2.1, with the thumbprint of RFC 7638 as its name.
fn jwk(point: &[u8]) -> anyhow::Result<(String, Value)> {
    ensure!(point.len() == POINT, "a point of P-256 has {POINT} bytes");
    let (x, y) = point[1..].split_at((POINT - 1) / 2);
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    let digest = ring::digest::digest(&ring::digest::SHA256, canonical.as_bytes());
    let kid = URL_SAFE_NO_PAD.encode(digest);
    let jwk = json!({
        "kty": "EC", "crv": "P-256", "x": x, "y": y,
        "kid": kid, "use": "sig", "alg": "ES256",
    });
    Ok((kid, jwk))
}

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    struct Directory(std::path::PathBuf);

    impl Directory {
        fn new() -> Self {
            let name = crate::store::agents::hex(&crate::auth::random::<8>());
            Self(std::env::temp_dir().join(format!("tandem-seal-{name}")))
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }

    fn bytes(text: &Value) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
    }

    // As a stranger does it: with the key out of the set, over the text as it stands.
    fn is_good(signed: &Value, keys: &Value) -> bool {
        let one = &signed["signatures"][0];
        let protected: Value = serde_json::from_slice(&bytes(&one["protected"])).unwrap();
        let jwk = &keys["keys"][0];
        assert_eq!(protected["kid"], jwk["kid"]);
        let mut point = vec![4];
        point.extend(bytes(&jwk["x"]));
        point.extend(bytes(&jwk["y"]));
        let text = format!(
            "{}.{}",
            one["protected"].as_str().unwrap(),
            signed["payload"].as_str().unwrap()
        );
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .verify(text.as_bytes(), &bytes(&one["signature"]))
            .is_ok()
    }

    #[test]
    fn what_is_signed_is_proved_by_the_public_key_also_after_a_restart() {
        let directory = Directory::new();
        let seal = Seal::open(&directory.0).unwrap();
        let signed = seal.sign(&json!({ "uuid": "u" }), "u").unwrap();
        let again = Seal::open(&directory.0).unwrap();

        assert!(is_good(&signed, &again.keys()));
        assert_eq!(signed["signatures"][0]["header"]["uuid"], "u");
        let payload: Value = serde_json::from_slice(&bytes(&signed["payload"])).unwrap();
        assert_eq!(payload, json!({ "uuid": "u" }));
    }

    #[test]
    fn a_changed_word_is_found() {
        let directory = Directory::new();
        let seal = Seal::open(&directory.0).unwrap();
        let mut signed = seal.sign(&json!({ "said": "yes" }), "u").unwrap();
        signed["payload"] = json!(URL_SAFE_NO_PAD.encode(r#"{"said":"no"}"#));

        assert!(!is_good(&signed, &seal.keys()));
    }

    #[test]
    fn a_key_that_is_not_of_the_certificate_is_told_at_the_start() {
        let (directory, other) = (Directory::new(), Directory::new());
        Seal::open(&directory.0).unwrap();
        Seal::open(&other.0).unwrap();
        std::fs::copy(other.0.join(KEY), directory.0.join(KEY)).unwrap();

        let refused = Seal::open(&directory.0).err().unwrap().to_string();

        assert!(refused.contains("is not the key of"), "{refused}");
    }
}
