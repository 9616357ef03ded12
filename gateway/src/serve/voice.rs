//! The media plane, and what the telephone edge is told about voice.

use anyhow::Context;
use hub::{
    edge::phone::{Holds, Settings},
    house,
};
use sip::sdp::{BrowserLocal, Codec, Fingerprint};
use tokio::sync::mpsc;

use crate::{
    auth,
    config::{CodecName, Config, HoldName},
    media::{BrowserPort, Identity, Media, Sounds},
    recorder::Recorder,
    run::Told,
};

/// Media events that may wait.
const MEDIA_EVENTS: usize = 1_024;

/// Starts the media worker, which tells by `tell`; returns it with the telephone edge's settings.
pub fn start(
    config: &Config,
    sounds: Sounds,
    recorder: Recorder,
    tell: &mpsc::Sender<Told>,
) -> anyhow::Result<(Media, Settings)> {
    let identity = Identity::make()?;
    let (port, browsers) = browser_port(config, &identity)?.unzip();
    let settings = settings(config, identity.fingerprint(), browsers);
    let media = start_media(config, sounds, port, recorder, identity, tell)?;
    Ok((media, settings))
}

fn settings(config: &Config, fingerprint: Fingerprint, browsers: Option<BrowserLocal>) -> Settings {
    Settings {
        bind: config.media_bind(),
        address: config.media_address(),
        ports: config.rtp.ports.first..=config.rtp.ports.last,
        rest: config.rtp.quarantine.0,
        ring: config.work.ring.0,
        codecs: codecs(&config.rtp.codecs),
        trunk_codecs: config
            .trunk
            .iter()
            .filter(|(_, trunk)| !trunk.codecs.is_empty())
            .map(|(name, trunk)| (name.to_string(), codecs(&trunk.codecs)))
            .collect(),
        holds: holds(config),
        srtp: config.srtp(fingerprint),
        browsers,
    }
}

fn holds(config: &Config) -> Holds {
    let trunks = config.trunk.iter();
    let signalled = trunks.filter(|(_, trunk)| trunk.hold == HoldName::Signal);
    Holds {
        phones: config.sip.hold == HoldName::Signal,
        trunks: signalled.map(|(name, _)| name.to_string()).collect(),
    }
}

fn codecs(names: &[CodecName]) -> Vec<Codec> {
    let codec = |name: &CodecName| match name {
        CodecName::Pcma => Codec::Pcma,
        CodecName::Pcmu => Codec::Pcmu,
        CodecName::G722 => Codec::G722,
        CodecName::Opus => Codec::Opus,
    };
    names.iter().map(codec).collect()
}

// The port of all browsers, and what they are told of it.
fn browser_port(
    config: &Config,
    identity: &Identity,
) -> anyhow::Result<Option<(BrowserPort, BrowserLocal)>> {
    let Some(address) = config.web_rtc.listen.0 else {
        return Ok(None);
    };
    let fingerprint = identity.fingerprint();
    let absence = config.web_rtc.absence.0;
    let port = BrowserPort::bind(address, config.rtp.dscp, identity.clone(), absence)
        .with_context(|| format!("web_rtc.listen: binding UDP {address}"))?;
    let bound = port
        .local()
        .context("web_rtc.listen: reading its address")?;
    let local = BrowserLocal {
        addresses: config.browser_addresses(bound),
        fingerprint,
        codecs: codecs(&config.web_rtc.codecs),
    };
    Ok(Some((port, local)))
}

// Media events come by a channel of their own, because the worker knows nothing of the loop's other inputs.
fn start_media(
    config: &Config,
    sounds: Sounds,
    browsers: Option<BrowserPort>,
    recorder: Recorder,
    identity: Identity,
    tell: &mpsc::Sender<Told>,
) -> anyhow::Result<Media> {
    let (events, mut happened) = mpsc::channel(MEDIA_EVENTS);
    let seed = u64::from_ne_bytes(auth::random());
    let settings = crate::media::Settings {
        patience: config.rtp.silence.0,
        absence: config.web_rtc.absence.0,
        dscp: config.rtp.dscp,
    };
    let media = Media::start(
        settings,
        sounds,
        seed,
        browsers,
        Some(recorder),
        identity,
        events,
    )
    .context("starting the media worker")?;
    let tell = tell.clone();
    tokio::spawn(async move {
        while let Some(event) = happened.recv().await {
            if tell
                .send(Told::House(house::Told::Media(event)))
                .await
                .is_err()
            {
                return;
            }
        }
    });
    Ok(media)
}
