//! TLS: certificates that can be replaced while sockets are open, chosen by the name that a client asks for.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use anyhow::Context;
use arc_swap::ArcSwap;
use rustls::{
    ServerConfig, SignatureScheme,
    client::ResolvesClientCert,
    crypto::ring::{default_provider, sign::any_supported_type},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

/// Where a certificate is.
#[derive(Clone, Debug)]
pub struct Files {
    /// Its chain.
    pub chain: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// The certificates in use.
#[derive(Debug)]
pub struct Certificate(ArcSwap<Shelf>);

/// Certificates that were read and are not in use yet.
#[derive(Debug)]
pub struct Read(Shelf);

/// Certificates by the names they are for. The first is shown to whoever asks for none of them.
#[derive(Debug)]
struct Shelf {
    first: Arc<CertifiedKey>,
    further: Vec<Named>,
}

#[derive(Debug)]
struct Named {
    chain: PathBuf,
    names: Vec<String>,
    key: Arc<CertifiedKey>,
}

impl Shelf {
    fn read(first: &Files, further: &[Files]) -> anyhow::Result<Self> {
        let named = |files: &Files| {
            let key = read(&files.chain, &files.key)?;
            let names = names(Some(&key.cert));
            let shown = files.chain.display();
            anyhow::ensure!(
                !names.is_empty(),
                "{shown} is for no host name, so nobody can ask for it"
            );
            let key = Arc::new(key);
            let chain = files.chain.clone();
            Ok(Named { chain, names, key })
        };
        // Its own names go before those of others.
        let key = Arc::new(read(&first.chain, &first.key)?);
        let own = Named {
            chain: first.chain.clone(),
            names: names(Some(&key.cert)),
            key: key.clone(),
        };
        let further: Result<Vec<_>, _> = further.iter().map(named).collect();
        Ok(Self {
            first: key,
            further: std::iter::once(own).chain(further?).collect(),
        })
    }

    // Which of them whoever connects refuses now, and why, where what they take the place of is not refused too.
    fn untimely(&self, now: SystemTime, in_use: &Self) -> Vec<String> {
        let sound = |key: &Arc<CertifiedKey>| {
            let own = key.cert.first();
            own.is_some_and(|own| untimely(own, now).is_none())
        };
        let of = |one: &Named| {
            let why = untimely(one.key.cert.first()?, now)?;
            let same = in_use.further.iter().find(|old| old.chain == one.chain);
            let name = one.names.first().map(String::as_str);
            let before = same.map_or_else(|| in_use.choose(name), |old| &old.key);
            // Who asks for no name is shown the first, whatever it was before.
            let shown = Arc::ptr_eq(&one.key, &self.first) && sound(&in_use.first);
            (shown || sound(before)).then(|| format!("{} {why}", one.chain.display()))
        };
        self.further.iter().filter_map(of).collect()
    }

    // RFC 6125 §6.4.3: a name itself goes before one whose first label is left open.
    fn choose(&self, asked: Option<&str>) -> &Arc<CertifiedKey> {
        let asked = asked.unwrap_or_default().to_ascii_lowercase();
        let open = asked.split_once('.').map(|(_, rest)| format!("*.{rest}"));
        let of = |name: &str| {
            let mut each = self.further.iter();
            each.find(|one| one.names.iter().any(|own| own == name))
        };
        let found = of(&asked).or_else(|| of(&open?));
        found.map_or(&self.first, |one| &one.key)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load().choose(hello.server_name()).clone())
    }
}

// Shown as ours to peers that we connect to, where they ask.
impl ResolvesClientCert for Certificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load().first.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl Certificate {
    /// Reads chains and keys. One that is not valid now is shown all the same: there is no other, and [`doubts`] tells of it.
    pub fn open(first: &Files, further: &[Files]) -> anyhow::Result<Arc<Self>> {
        let shelf = Shelf::read(first, further)?;
        Ok(Arc::new(Self(ArcSwap::from_pointee(shelf))))
    }

    /// Reads those that are to take the place of the ones in use, which nothing is changed by yet. None that is valid now gives way
    /// to one that is not.
    pub fn read_anew(&self, first: &Files, further: &[Files]) -> anyhow::Result<Read> {
        let (now, shelf) = (SystemTime::now(), Shelf::read(first, further)?);
        let wrong = shelf.untimely(now, &self.0.load());
        anyhow::ensure!(wrong.is_empty(), "{}", wrong.join("; "));
        Ok(Read(shelf))
    }

    /// Shows what was read to new connections; running ones keep theirs.
    pub fn replace(&self, read: Read) {
        self.0.store(Arc::new(read.0));
    }

    /// Returns the settings of a listener that shows them.
    pub fn server(self: &Arc<Self>) -> anyhow::Result<Arc<ServerConfig>> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .context("choosing TLS versions")?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// Tells which certificates of `chains` can be read and are not valid now.
pub fn doubts<'a>(chains: impl Iterator<Item = &'a str>) -> Vec<String> {
    let now = SystemTime::now();
    let of = |chain: &str| {
        let first = CertificateDer::pem_file_iter(chain).ok()?.next()?.ok()?;
        let why = untimely(&first, now)?;
        Some(format!("{chain} {why}; whoever connects by TLS refuses it"))
    };
    chains.filter_map(of).collect()
}

// Why a certificate is refused at a time. What cannot be read is none that rustls shows.
fn untimely(certificate: &CertificateDer<'_>, now: SystemTime) -> Option<String> {
    let (_, read) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let now = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let now = i64::try_from(now.as_secs()).ok()?;
    let (from, until) = (read.validity().not_before, read.validity().not_after);
    if now < from.timestamp() {
        return Some(format!("is not valid before {from}"));
    }
    (now > until.timestamp()).then(|| format!("was valid until {until}"))
}

/// Returns the DNS names that a certificate is for, in lowercase.
pub fn names(chain: Option<&[CertificateDer<'_>]>) -> Vec<String> {
    let Some(own) = chain.and_then(<[_]>::first) else {
        return Vec::new();
    };
    match webpki::EndEntityCert::try_from(own) {
        Ok(certificate) => certificate
            .valid_dns_names()
            .map(str::to_ascii_lowercase)
            .collect(),
        Err(error) => {
            tracing::debug!(%error, "the names of a certificate cannot be read");
            Vec::new()
        }
    }
}

fn read(chain: &Path, key: &Path) -> anyhow::Result<CertifiedKey> {
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("reading the certificate {}", chain.display()))?;
    anyhow::ensure!(
        !certificates.is_empty(),
        "{} holds no certificate",
        chain.display()
    );
    let secret = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("reading the key {}", key.display()))?;
    let signer = any_supported_type(&secret)
        .with_context(|| format!("{} holds no usable key", key.display()))?;
    let certified = CertifiedKey::new(certificates, signer);
    certified
        .keys_match()
        .with_context(|| format!("{} is not the key of {}", key.display(), chain.display()))?;
    Ok(certified)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(name: &str, hosts: &[&str]) -> Files {
        let directory = std::env::temp_dir().join(format!("tandem-tls-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(hosts).unwrap();
        let files = Files {
            chain: directory.join(format!("{name}.pem")),
            key: directory.join(format!("{name}.key")),
        };
        std::fs::write(&files.chain, made.cert.pem()).unwrap();
        std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        files
    }

    #[test]
    fn a_certificate_is_chosen_by_the_name_that_is_asked_for() {
        let first = made("first", &["one.example"]);
        let wide = made("wide", &["*.two.example", "*.one.example"]);
        let exact = made("exact", &["desk.two.example"]);
        let shelf = Shelf::read(&first, &[wide, exact]).unwrap();

        let expected: [(Option<&str>, usize); 9] = [
            (None, 0),
            (Some("one.example"), 0),
            (Some("elsewhere.example"), 0),
            (Some("two.example"), 0),
            (Some("a.b.two.example"), 0),
            (Some("sip.two.example"), 1),
            (Some("SIP.One.Example"), 1),
            (Some("desk.two.example"), 2),
            (Some("*.two.example.org"), 0),
        ];
        for (asked, at) in expected {
            let chosen = shelf.choose(asked);
            assert!(
                Arc::ptr_eq(chosen, &shelf.further[at].key),
                "{asked:?} is not shown the certificate {at}"
            );
        }
    }

    /// A certificate that is valid in these years.
    fn made_for(name: &str, years: (i32, i32)) -> Files {
        made_for_hosts(name, &["one.example"], years)
    }

    fn made_for_hosts(name: &str, hosts: &[&str], years: (i32, i32)) -> Files {
        let files = made(name, hosts);
        let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut params = rcgen::CertificateParams::new(hosts).unwrap();
        params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        std::fs::write(&files.chain, params.self_signed(&key).unwrap().pem()).unwrap();
        std::fs::write(&files.key, key.serialize_pem()).unwrap();
        files
    }

    #[test]
    fn a_certificate_that_is_not_valid_now_takes_the_place_of_none() {
        let sound = made("sound", &["one.example"]);
        let certificate = Certificate::open(&sound, &[]).unwrap();
        let before = certificate.0.load().first.clone();
        for (years, why) in [
            ((2001, 2002), "was valid until"),
            ((4000, 4001), "is not valid before"),
        ] {
            let name = format!("of-{}", years.0);
            let files = made_for(&name, years);

            let refused = certificate.read_anew(&files, &[]).unwrap_err().to_string();
            let among = certificate
                .read_anew(&sound, std::slice::from_ref(&files))
                .unwrap_err();

            assert!(
                refused.contains(why) && refused.contains(&name),
                "{refused}"
            );
            assert!(among.to_string().contains(why), "{among}");
            let chain = files.chain.to_str().unwrap();
            let doubted = doubts([chain].into_iter()).remove(0);
            assert!(doubted.starts_with(&refused), "{doubted}");
            assert!(Certificate::open(&files, &[]).is_ok(), "there is no other");
        }
        assert!(Arc::ptr_eq(&before, &certificate.0.load().first));
        certificate.replace(certificate.read_anew(&sound, &[]).unwrap());
        assert!(!Arc::ptr_eq(&before, &certificate.0.load().first));
    }

    #[test]
    fn a_certificate_that_has_expired_beside_the_first_does_not_become_the_first() {
        let first = made("stays-first", &["one.example"]);
        let beside = made_for_hosts("expired-beside", &["two.example"], (2001, 2002));
        let certificate = Certificate::open(&first, std::slice::from_ref(&beside)).unwrap();

        let swapped = certificate.read_anew(&beside, std::slice::from_ref(&first));

        let refused = swapped.unwrap_err().to_string();
        assert!(
            refused.contains("expired-beside.pem was valid until"),
            "{refused}"
        );
        let others = std::slice::from_ref(&beside);
        assert!(
            certificate.read_anew(&first, others).is_ok(),
            "it stays where it was"
        );
    }

    #[test]
    fn a_certificate_that_is_not_valid_now_is_read_again_while_it_is_in_use() {
        let (expired, further) = (
            made_for("in-use", (2001, 2002)),
            made("beside", &["two.example"]),
        );
        let others = std::slice::from_ref(&further);
        let certificate = Certificate::open(&expired, others).unwrap();

        let same = certificate.read_anew(&expired, others).unwrap();
        certificate.replace(same);
        let later = made_for("in-use-later", (2003, 2004));
        certificate.replace(certificate.read_anew(&later, others).unwrap());

        made_for_hosts("beside", &["two.example"], (2001, 2002));
        let refused = certificate
            .read_anew(&later, others)
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("beside") && !refused.contains("in-use"),
            "{refused}"
        );
    }

    #[test]
    fn a_further_certificate_that_nobody_can_ask_for_is_refused() {
        let (first, nameless) = (
            made("sole", &["one.example"]),
            made("nameless", &["192.0.2.1"]),
        );

        let error = Shelf::read(&first, &[nameless]).unwrap_err();

        assert!(error.to_string().contains("no host name"), "{error}");
    }
}
