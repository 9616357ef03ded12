//! SIGHUP: the configuration and the certificate are read again; what cannot be changed while sockets are open is named.

use std::sync::Arc;

use anyhow::Context;
use hub::house;
use sip::registrar::Instance;
use tokio::sync::mpsc;

use super::doors;
use crate::{
    config::{Config, Effective, SipPorts},
    hooks::{office, reader},
    logs,
    media::Sounds,
    net::{
        app::App,
        sip::Control,
        streams::Streams,
        tls::{Certificate, Read},
    },
    run::{self, Told},
    stir::Stir,
    store::{self, agents::AgentRow},
};

/// What a reload needs beside the new values.
pub struct Reload {
    /// The certificate in use.
    pub certificate: Option<Arc<Certificate>>,
    /// That of SIP.
    pub sip_certificate: Option<Arc<Certificate>>,
    /// The connections of SIP peers.
    pub streams: Arc<Streams>,
    /// The ports that SIP was bound to, and the name it registers by.
    pub sip: (SipPorts, Instance),
    /// What can be played.
    pub sounds: Sounds,
}

impl Reload {
    /// Takes what a reload needs: the certificates of the web and of SIP, the connections, where and as whom SIP is, what is played.
    pub fn new(
        (certificate, sip_certificate): (Option<Arc<Certificate>>, Option<Arc<Certificate>>),
        streams: Arc<Streams>,
        sip: (SipPorts, Instance),
        sounds: Sounds,
    ) -> Self {
        Self {
            certificate,
            sip_certificate,
            streams,
            sip,
            sounds,
        }
    }

    /// Reads everything again. A mistake changes nothing and is logged.
    pub async fn run(&self, effective: &Effective, app: &App, sip: &mpsc::Sender<Control>) {
        match self.reload(effective, app, sip).await {
            Ok(()) => tracing::info!("the configuration is read again"),
            Err(error) => tracing::error!(
                error = format!("{error:#}"),
                "the configuration stays as it was"
            ),
        }
    }

    /// Takes up the agents on record as they are now. No file is read: the configuration stays the one in use.
    pub async fn agents(&self, app: &App, sip: &mpsc::Sender<Control>) {
        match self.reread_agents(app, sip).await {
            Ok(()) => tracing::info!("the agents on record are read again"),
            Err(error) => tracing::error!(
                error = format!("{error:#}"),
                "the agents on record cannot be read again"
            ),
        }
    }

    async fn reread_agents(&self, app: &App, sip: &mpsc::Sender<Control>) -> anyhow::Result<()> {
        let config = app.config.load_full();
        let agents = store::agents::all(&store::open_to_read(&config.store.path)?)?;
        self.configure(&config, &agents, app, sip).await
    }

    async fn reload(
        &self,
        effective: &Effective,
        app: &App,
        sip: &mpsc::Sender<Control>,
    ) -> anyhow::Result<()> {
        let read = Effective::load(effective.file.as_deref(), std::env::vars())?;
        let mut config = read.config;
        let old = app.config.load_full();
        if effective.is_development() {
            config.web.certificate = old.web.certificate.clone();
            config.web.key_file = old.web.key_file.clone();
        }
        for (key, changed) in fixed(&old, &config) {
            if changed {
                tracing::warn!(key, "this takes effect at the next start");
            }
        }
        let (web, sip_own) = (self.certificate.as_deref(), self.sip_certificate.as_deref());
        let certificates = read_certificates(web, sip_own, &config)?;
        let client = doors::client(&config, self.sip_certificate.as_ref())?;
        let dns = doors::dns(&config)?;
        let stir = Box::new(Stir::open(&config)?);
        let agents = store::agents::all(&store::open_to_read(&old.store.path)?)?;
        keep(&mut config, &old);
        let last = reader::last(&store::open_to_read(&old.store.path)?)?;
        let wanted = config.clone();
        let begun = app
            .ledger
            .write(move |ledger| office::begin_all(ledger, &wanted, last));
        begun.await?;
        // Nothing is refused any more from here on.
        for (certificate, read) in certificates {
            certificate.replace(read);
        }
        self.streams.trust(client);
        // Before a menu can name them.
        if config.prompt.recordings != old.prompt.recordings {
            self.sounds.replace(&config.prompt.recordings);
        }
        app.admission.set_bound(config.admission.wait.0);
        let config = Arc::new(config);
        app.config.store(config.clone());
        for control in [Control::Resolve(dns), Control::Vouch(stir)] {
            let told = sip.send(control).await;
            told.ok().context("the SIP endpoint has stopped")?;
        }
        self.configure(&config, &agents, app, sip).await
    }

    // Tells everybody of a configuration in use and of the agents on record.
    async fn configure(
        &self,
        config: &Config,
        agents: &[AgentRow],
        app: &App,
        sip: &mpsc::Sender<Control>,
    ) -> anyhow::Result<()> {
        logs::shadowed(agents, config);
        app.set_agents(agents);
        let setup = Box::new(config.setup(agents));
        app.tell
            .send(Told::House(house::Told::Configure(
                setup,
                run::routes(config),
            )))
            .await
            .ok()
            .context("the hub's loop has stopped")?;
        let endpoint = Box::new(endpoint(config, agents, self.sip));
        let told = sip.send(Control::Configure(endpoint)).await;
        told.ok().context("the SIP endpoint has stopped")?;
        logs::stranded(&app.look(hub::Hub::stranded).await?);
        Ok(())
    }
}

/// Returns what the SIP endpoint is told: where it was bound, and the name it registers by.
pub fn endpoint(
    config: &Config,
    agents: &[AgentRow],
    (ports, instance): (SipPorts, Instance),
) -> sip::endpoint::Config {
    sip::endpoint::Config {
        instance: Some(instance),
        ..config.endpoint(agents, ports)
    }
}

// Reads all of them before one is shown: those of the web and of SIP, as far as there are.
fn read_certificates<'a>(
    web: Option<&'a Certificate>,
    sip: Option<&'a Certificate>,
    config: &Config,
) -> anyhow::Result<Vec<(&'a Certificate, Read)>> {
    let further = doors::further(config)?;
    let of_web = config.web.certificate.0.as_deref();
    let of_web = of_web.zip(config.web.key_file.0.as_deref());
    let each = [(web, of_web), (sip, config.sip_certificate())];
    let each = each.into_iter().filter_map(|(one, files)| one.zip(files));
    each.map(|(certificate, files)| {
        let read = certificate.read_anew(&doors::files(files)?, &further)?;
        Ok((certificate, read))
    })
    .collect()
}

// Only what can change does; the rest keeps telling the truth about what runs.
fn keep(config: &mut Config, old: &Config) {
    config.store = old.store.clone();
    config.recording.path = old.recording.path.clone();
    config.recording.format = old.recording.format;
    config.log = old.log.clone();
    config.ops = old.ops.clone();
    config.web.listen = old.web.listen.clone();
    config.web.listen_tls = old.web.listen_tls.clone();
    config.web.connections = old.web.connections;
    config.sip.client_authority = old.sip.client_authority.clone();
    config.sip.listen = old.sip.listen;
    config.sip.listen_tls = old.sip.listen_tls;
    config.sip.dscp = old.sip.dscp;
    config.sip.hold = old.sip.hold;
    config.rtp = old.rtp.clone();
    for (name, trunk) in &mut config.trunk {
        if let Some(old) = old.trunk.get(name) {
            trunk.codecs.clone_from(&old.codecs);
            trunk.srtp.clone_from(&old.srtp);
            trunk.hold = old.hold;
        }
    }
}

fn fixed(old: &Config, new: &Config) -> [(&'static str, bool); 17] {
    [
        ("recording.path", old.recording.path != new.recording.path),
        (
            "recording.format",
            old.recording.format != new.recording.format,
        ),
        ("web.listen", old.web.listen != new.web.listen),
        ("web.listen_tls", old.web.listen_tls != new.web.listen_tls),
        (
            "web.connections",
            old.web.connections != new.web.connections,
        ),
        ("sip.listen", old.sip.listen != new.sip.listen),
        ("sip.listen_tls", old.sip.listen_tls != new.sip.listen_tls),
        (
            "sip.client_authority",
            old.sip.client_authority != new.sip.client_authority,
        ),
        ("sip.dscp", old.sip.dscp != new.sip.dscp),
        ("sip.hold", old.sip.hold != new.sip.hold),
        ("rtp", old.rtp != new.rtp),
        (
            "trunk.*.codecs",
            new.trunk.iter().any(|(name, trunk)| {
                let old = old.trunk.get(name);
                old.is_some_and(|old| old.codecs != trunk.codecs)
            }),
        ),
        (
            "trunk.*.srtp",
            new.trunk.iter().any(|(name, trunk)| {
                let old = old.trunk.get(name);
                old.is_some_and(|old| old.srtp != trunk.srtp)
            }),
        ),
        (
            "trunk.*.hold",
            new.trunk.iter().any(|(name, trunk)| {
                let old = old.trunk.get(name);
                old.is_some_and(|old| old.hold != trunk.hold)
            }),
        ),
        ("ops.listen", old.ops.listen != new.ops.listen),
        ("store.path", old.store.path != new.store.path),
        ("log", old.log != new.log),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::tls::Files;

    fn made(name: &str) -> (String, String) {
        let folder = std::env::temp_dir().join(format!("tandem-reload-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let made = rcgen::generate_simple_self_signed(vec![format!("{name}.example")]).unwrap();
        let (chain, key) = (
            folder.join(format!("{name}.pem")),
            folder.join(format!("{name}.key")),
        );
        std::fs::write(&chain, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let text = |path: std::path::PathBuf| path.to_str().unwrap().to_owned();
        (text(chain), text(key))
    }

    fn named(old: &Config, new: &Config) -> Vec<&'static str> {
        let all = fixed(old, new).into_iter();
        all.filter_map(|(key, changed)| changed.then_some(key))
            .collect()
    }

    #[test]
    fn what_takes_effect_at_the_next_start_is_named_at_each_reload_until_it_is_put_back() {
        let file = || {
            let mut config = Config::default();
            config.log.level = "debug".to_owned();
            config.ops.listen = "127.0.0.1:19999".parse().unwrap();
            config.web.listen.0 = Some("127.0.0.1:19998".parse().unwrap());
            config.web.listen_tls.0 = Some("127.0.0.1:19997".parse().unwrap());
            config.web.connections += 1;
            config
        };
        let all = [
            "web.listen",
            "web.listen_tls",
            "web.connections",
            "ops.listen",
            "log",
        ];
        let runs = Config::default();

        let mut kept = file();
        assert_eq!(named(&runs, &kept), all);
        keep(&mut kept, &runs);

        assert_eq!(named(&kept, &file()), all, "it is still not in use");
        assert_eq!(named(&kept, &Config::default()), [""; 0], "put back");
    }

    #[test]
    fn a_certificate_that_cannot_be_read_lets_no_other_be_replaced() {
        let (chain, key) = made("web");
        let (other, other_key) = made("sip");
        let files = |chain: &str, key: &str| Files {
            chain: chain.into(),
            key: key.into(),
        };
        let web = Certificate::open(&files(&chain, &key), &[]).unwrap();
        let sip = Certificate::open(&files(&other, &other_key), &[]).unwrap();
        let mut config = Config::default();
        (config.web.certificate.0, config.web.key_file.0) = (Some(chain), Some(key.clone()));
        (config.sip.certificate.0, config.sip.key_file.0) = (Some(other), Some(key));
        let before = format!("{web:?}");

        let refused = read_certificates(Some(&web), Some(&sip), &config).unwrap_err();

        assert!(
            refused.to_string().contains("is not the key of"),
            "{refused:#}"
        );
        assert_eq!(format!("{web:?}"), before);
        config.sip.key_file.0 = Some(other_key);
        let read = read_certificates(Some(&web), Some(&sip), &config).unwrap();
        assert_eq!(read.len(), 2);
    }
}
