//! Whether a certificate is trusted to vouch for numbers, and what it has signed.

use std::time::Duration;

use super::authority::covers;
use anyhow::{Context, ensure};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime, pem::PemObject};
use sip::stir::{Flaw, Token};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

/// How the public key of a P-256 certificate begins (RFC 5480 §2.1.1, §2.2); the point follows.
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Who signs certificates that are trusted.
pub struct Trust {
    anchors: Vec<TrustAnchor<'static>>,
}

impl Trust {
    /// Reads them from a PEM file.
    pub fn open(file: &str) -> anyhow::Result<Self> {
        let reading = || format!("reading who signs certificates of numbers, {file}");
        let all = CertificateDer::pem_file_iter(file)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .with_context(reading)?;
        let anchors = all.iter().map(|one| {
            let anchor = anchor_from_trusted_cert(one).with_context(reading)?;
            Ok(anchor.to_owned())
        });
        let anchors = anchors.collect::<anyhow::Result<Vec<_>>>()?;
        ensure!(!anchors.is_empty(), "{file} holds no certificate");
        Ok(Self { anchors })
    }

    /// Tells whether `chain` leads to one of them at `now`, in seconds since 1970, may vouch for `number`, and has signed `token`.
    pub fn prove(
        &self,
        chain: &[CertificateDer<'static>],
        (token, number): (&Token, &str),
        now: u64,
    ) -> Result<(), Flaw> {
        let (signer, others) = chain.split_first().ok_or(Flaw::Certificate)?;
        let first = EndEntityCert::try_from(signer).map_err(|_| Flaw::Certificate)?;
        let known = rustls::crypto::ring::default_provider().signature_verification_algorithms;
        let now = UnixTime::since_unix_epoch(Duration::from_secs(now));
        // Certificates of numbers name no use (RFC 8226); one for servers alone is none of them.
        let usage = KeyUsage::client_auth();
        first
            .verify_for_usage(known.all, &self.anchors, others, now, usage, None, None)
            .map_err(|_| Flaw::Certificate)?;
        if !covers(signer, number) {
            return Err(Flaw::Authority);
        }
        let key = first.subject_public_key_info();
        let point = key.strip_prefix(&P256[..]).ok_or(Flaw::Certificate)?;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .verify(token.signed(), token.signature())
            .map_err(|_| Flaw::Signature)
    }
}
