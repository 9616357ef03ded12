//! The self-made CA and certificate of development mode.

use std::path::{Path, PathBuf};

use anyhow::Context;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// Where the files are.
#[derive(Clone, Debug)]
pub struct Made {
    /// The CA's certificate, to be trusted by whoever tests.
    pub authority: PathBuf,
    /// The server's certificate chain.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

impl Made {
    /// Returns the names of the files in `directory`.
    pub fn at(directory: &Path) -> Self {
        Self {
            authority: directory.join("ca.pem"),
            certificate: directory.join("server.pem"),
            key: directory.join("server.key"),
        }
    }
}

/// Makes what is missing in `directory`, and leaves what is there.
pub fn make_if_missing(directory: &Path) -> anyhow::Result<Made> {
    let made = Made::at(directory);
    if made.certificate.exists() && made.key.exists() {
        Ok(made)
    } else {
        make(directory)
    }
}

/// Makes a CA, whose key is thrown away, and a certificate for the names of this machine on loopback.
pub fn make(directory: &Path) -> anyhow::Result<Made> {
    crate::store::make_directory(directory)?;
    let mut params = CertificateParams::new(Vec::new()).context("naming the CA")?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Tandem development CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().context("making the CA's key")?;
    let authority = params
        .self_signed(&key)
        .context("signing the CA's certificate")?;
    let issuer = Issuer::new(params, key);

    let names = ["localhost", "127.0.0.1", "::1"]
        .map(str::to_owned)
        .to_vec();
    let mut params = CertificateParams::new(names).context("naming the server")?;
    params
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate().context("making the server's key")?;
    let certificate = params
        .signed_by(&key, &issuer)
        .context("signing the server's certificate")?;

    let made = Made::at(directory);
    crate::files::write_private(&made.key, &key.serialize_pem())?;
    let chain = format!("{}{}", certificate.pem(), authority.pem());
    crate::files::write_private(&made.certificate, &chain)?;
    crate::files::write_private(&made.authority, &authority.pem())?;
    Ok(made)
}
