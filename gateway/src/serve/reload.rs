//! SIGHUP: the configuration and the certificate are read again; what cannot be changed while sockets are open is named.

use std::sync::Arc;

use anyhow::Context;
use hub::house;
use tokio::sync::mpsc;

use super::doors;
use crate::{
    config::{Config, Effective, SipPorts},
    hooks::{office, reader},
    logs,
    media::Sounds,
    net::{app::App, sip::Control, streams::Streams, tls::Certificate},
    run::{self, Told},
    stir::Stir,
    store,
};

/// What a reload needs beside the new values.
pub struct Reload {
    /// The certificate in use.
    pub certificate: Option<Arc<Certificate>>,
    /// That of SIP.
    pub sip_certificate: Option<Arc<Certificate>>,
    /// The connections of SIP peers.
    pub streams: Arc<Streams>,
    /// The ports that SIP was bound to.
    pub sip_ports: SipPorts,
    /// What can be played.
    pub sounds: Sounds,
}

impl Reload {
    /// Takes what a reload needs: the certificates of the web and of SIP, the connections, the ports, what is played.
    pub fn new(
        (certificate, sip_certificate): (Option<Arc<Certificate>>, Option<Arc<Certificate>>),
        streams: Arc<Streams>,
        sip_ports: SipPorts,
        sounds: Sounds,
    ) -> Self {
        Self {
            certificate,
            sip_certificate,
            streams,
            sip_ports,
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

    fn reload_certificates(&self, config: &Config) -> anyhow::Result<()> {
        let further = doors::further(config)?;
        if let (Some(certificate), Some(chain), Some(key)) = (
            &self.certificate,
            &config.web.certificate.0,
            &config.web.key_file.0,
        ) {
            certificate.reload(&doors::files((chain, key))?, &further)?;
        }
        if let (Some(certificate), Some(first)) = (&self.sip_certificate, config.sip_certificate())
        {
            certificate.reload(&doors::files(first)?, &further)?;
        }
        Ok(())
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
        self.reload_certificates(&config)?;
        let client = doors::client(&config, self.sip_certificate.as_ref())?;
        self.streams.trust(client);
        let dns = doors::dns(&config)?;
        let stir = Box::new(Stir::open(&config)?);
        let agents = store::agents::all(&store::open_to_read(&old.store.path)?)?;
        keep(&mut config, &old);
        let last = reader::last(&store::open_to_read(&old.store.path)?)?;
        let wanted = config.clone();
        let begun = app
            .ledger
            .write(move |ledger| office::begin_mails(ledger, &wanted, last));
        begun.await?;
        // Before a menu can name them.
        if config.prompt.recordings != old.prompt.recordings {
            self.sounds.replace(&config.prompt.recordings);
        }
        logs::shadowed(&agents, &config);
        let setup = Box::new(config.setup(&agents));
        let endpoint = Box::new(config.endpoint(&agents, self.sip_ports));
        let routes = run::routes(&config);
        app.admission.set_bound(config.admission.wait.0);
        app.config.store(Arc::new(config));
        app.set_roles(&agents);
        app.tell
            .send(Told::House(house::Told::Configure(setup, routes)))
            .await
            .ok()
            .context("the hub's loop has stopped")?;
        for control in [
            Control::Resolve(dns),
            Control::Vouch(stir),
            Control::Configure(endpoint),
        ] {
            let told = sip.send(control).await;
            told.ok().context("the SIP endpoint has stopped")?;
        }
        logs::stranded(&app.look(hub::Hub::stranded).await?);
        Ok(())
    }
}

// Only what can change does; the rest keeps telling the truth about what runs.
fn keep(config: &mut Config, old: &Config) {
    config.store = old.store.clone();
    config.recording.path = old.recording.path.clone();
    config.recording.format = old.recording.format;
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
