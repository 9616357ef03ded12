//! A synthetic browser's call as a page makes it (RFC 8834, RFC 8827): it proves by ICE that it may be sent something, makes keys
//! by DTLS, and sounds and hears by SRTP.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use bytes::BytesMut;
use rtc::{
    crypto::RTCCryptoProvider,
    dtls::{
        config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType},
        crypto::Certificate,
        endpoint::{Endpoint, EndpointEvent},
        extension::extension_use_srtp::SrtpProtectionProfile,
    },
    shared::{TransportProtocol, error::Error},
    srtp::{
        config::{Config as Keys, LABEL_EXTRACTOR_DTLS_SRTP},
        context::Context as Srtp,
        protection_profile::ProtectionProfile,
    },
    stun::{
        attributes::{ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME},
        fingerprint::FINGERPRINT,
        integrity::MessageIntegrity,
        message::{BINDING_REQUEST, BINDING_SUCCESS, Message, Setter},
    },
};
use sha2::{Digest, Sha256};
use sip::sdp::{Codec, PayloadTypes};
use tokio::{net::UdpSocket, task::JoinHandle, time};

use crate::audio::{Ear, Hearing, Mouth};

/// The payload type of G.711 µ-law.
const PCMU: u8 = 0;
const TICK: Duration = Duration::from_millis(20);
/// Ticks between two checks: often until one is answered, then as consent wants it (RFC 7675).
const CHECK: u32 = 10;
const CONSENT: u32 = 250;
const PRIORITY: u32 = 2_130_706_431;

/// A call of a page before it is answered.
pub struct Headset {
    socket: UdpSocket,
    certificate: Certificate,
    provider: Arc<dyn RTCCryptoProvider>,
    ufrag: String,
    password: String,
    tone: u32,
}

/// What the answer says of the other side.
struct Peer {
    address: SocketAddr,
    ufrag: String,
    password: String,
    fingerprint: String,
}

/// A running call; it ends when this goes.
pub struct Running(JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Headset {
    /// Binds a port on `address`; it will sound `tone`.
    pub async fn open(address: IpAddr, tone: u32) -> Result<Self> {
        let socket = UdpSocket::bind((address, 0)).await?;
        let provider =
            rtc::crypto::default_provider().map_err(|error| anyhow::anyhow!("{error}"))?;
        let names = vec!["headset".to_owned()];
        let certificate = Certificate::generate_self_signed(names, provider.crypto())?;
        Ok(Self {
            socket,
            certificate,
            provider,
            ufrag: format!("{:08x}", rand::random::<u32>()),
            password: format!("{:032x}", rand::random::<u128>()),
            tone,
        })
    }

    /// Returns what a page would offer.
    pub fn offer(&self) -> Result<String> {
        let first = self
            .certificate
            .certificate
            .first()
            .context("no certificate")?;
        let (ufrag, password, print) = (&self.ufrag, &self.password, printed(first));
        Ok(format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF {PCMU}\r\n\
             c=IN IP4 0.0.0.0\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}\r\na=fingerprint:sha-256 {print}\r\n\
             a=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\na=rtpmap:{PCMU} PCMU/8000\r\n"
        ))
    }

    /// Begins as the answer says.
    pub fn start(self, answer: &str) -> Result<(Running, Ear)> {
        let peer = Peer::read(answer)?;
        let types = PayloadTypes {
            pcmu: Some(PCMU),
            ..PayloadTypes::default()
        };
        let (hearing, ear) = Hearing::new(types, Codec::Pcmu);
        let call = Call {
            mouth: Mouth::new(self.tone, Codec::Pcmu, PCMU),
            hearing,
            dtls: Endpoint::new(peer.address, TransportProtocol::UDP, None),
            keys: None,
            reached: false,
            headset: self,
            peer,
        };
        let running = tokio::spawn(async move {
            if let Err(error) = call.run().await {
                eprintln!("headset: {error:#}");
            }
        });
        Ok((Running(running), ear))
    }
}

impl Peer {
    fn read(answer: &str) -> Result<Self> {
        let own = |name: &str| {
            let mut lines = answer.lines().map(str::trim_end);
            lines
                .find_map(|line| line.strip_prefix(name))
                .with_context(|| format!("the answer has no {name}: {answer}"))
        };
        let candidate: Vec<&str> = own("a=candidate:")?.split(' ').collect();
        let [_, _, _, _, ip, port, ..] = candidate[..] else {
            bail!("the answer's candidate is {candidate:?}");
        };
        ensure!(
            own("a=setup:")? == "passive",
            "the handshake is not ours to begin"
        );
        Ok(Self {
            address: SocketAddr::new(ip.parse()?, port.parse()?),
            ufrag: own("a=ice-ufrag:")?.to_owned(),
            password: own("a=ice-pwd:")?.to_owned(),
            fingerprint: own("a=fingerprint:sha-256 ")?.to_owned(),
        })
    }
}

struct Call {
    headset: Headset,
    peer: Peer,
    mouth: Mouth,
    hearing: Hearing,
    dtls: Endpoint,
    /// Ours, and theirs.
    keys: Option<(Srtp, Srtp)>,
    /// Whether a check was answered.
    reached: bool,
}

impl Call {
    async fn run(mut self) -> Result<()> {
        let mut tick = time::interval(TICK);
        let (mut ticks, mut buffer) = (0_u32, [0; 2048]);
        loop {
            tokio::select! {
                _ = tick.tick() => {
                    self.tick(ticks).await?;
                    ticks = ticks.wrapping_add(1);
                }
                received = self.headset.socket.recv(&mut buffer) => {
                    // A port that is closed for the moment is told as an error of this socket.
                    if let Ok(length) = received {
                        self.take(&buffer[..length])?;
                    }
                }
            }
            while let Some(out) = self.dtls.poll_transmit() {
                send(&self.headset.socket, self.peer.address, &out.message).await;
            }
        }
    }

    async fn tick(&mut self, ticks: u32) -> Result<()> {
        let often = if self.reached { CONSENT } else { CHECK };
        if ticks.is_multiple_of(often) {
            let check = self.check()?;
            send(&self.headset.socket, self.peer.address, &check).await;
        }
        if let Some((ours, _)) = &mut self.keys {
            let sealed = ours.encrypt_rtp(&self.mouth.packet())?;
            send(&self.headset.socket, self.peer.address, &sealed).await;
        } else if self.reached {
            self.dtls
                .handle_timeout(self.peer.address, Instant::now())?;
        }
        Ok(())
    }

    fn check(&self) -> Result<Vec<u8>> {
        let mut check = Message::new();
        check.typ = BINDING_REQUEST;
        check.new_transaction_id()?;
        check.write_header();
        let name = format!("{}:{}", self.peer.ufrag, self.headset.ufrag);
        check.add(ATTR_USERNAME, name.as_bytes());
        check.add(ATTR_PRIORITY, &PRIORITY.to_be_bytes());
        check.add(ATTR_USE_CANDIDATE, &[]);
        let crypto = self.headset.provider.crypto();
        MessageIntegrity::new_short_term_integrity_with_provider(
            self.peer.password.clone(),
            crypto,
        )
        .add_to(&mut check)?;
        FINGERPRINT.add_to(&mut check)?;
        Ok(check.raw)
    }

    // RFC 7983: the first byte tells what it is.
    fn take(&mut self, datagram: &[u8]) -> Result<()> {
        match datagram {
            [0..=3, ..] => self.answered(datagram),
            [20..=63, ..] => self.shake(datagram),
            // Reports (RFC 5761) are not read.
            [128..=191, 192..=223, ..] => Ok(()),
            [128..=191, ..] => {
                if let Some((_, theirs)) = &mut self.keys
                    && let Ok(packet) = theirs.decrypt_rtp(datagram)
                {
                    self.hearing.listen(&packet);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn answered(&mut self, datagram: &[u8]) -> Result<()> {
        let mut answer = Message::new();
        answer.unmarshal_binary(datagram)?;
        if answer.typ != BINDING_SUCCESS || self.reached {
            return Ok(());
        }
        self.reached = true;
        let config = Arc::new(self.config().build(true, None)?);
        self.dtls
            .connect(Instant::now(), self.peer.address, config, None)?;
        Ok(())
    }

    fn config(&self) -> ConfigBuilder {
        let named = self.peer.fingerprint.to_uppercase();
        ConfigBuilder::default()
            .with_crypto_provider(self.headset.provider.clone())
            .with_certificates(vec![self.headset.certificate.clone()])
            .with_srtp_protection_profiles(vec![SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm])
            .with_client_auth(ClientAuthType::RequireAnyClientCert)
            // The answer's fingerprint vouches for the certificate (RFC 5763 §5).
            .with_insecure_skip_verify(true)
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_verify_peer_certificate(Some(Arc::new(move |shown, _| {
                let first = shown.first().ok_or(Error::ErrNonCertificate)?;
                match printed(first) == named {
                    true => Ok(()),
                    false => Err(Error::ErrNoMatchingCertificateFingerprint),
                }
            })))
    }

    fn shake(&mut self, datagram: &[u8]) -> Result<()> {
        let (now, from) = (Instant::now(), self.peer.address);
        let events = self.dtls.read(now, from, None, BytesMut::from(datagram))?;
        self.dtls.handle_timeout(from, now)?;
        let done = |event: &EndpointEvent| matches!(event, EndpointEvent::HandshakeComplete);
        if events.iter().any(done) {
            self.keys = Some(self.agreed()?);
        }
        Ok(())
    }

    fn agreed(&self) -> Result<(Srtp, Srtp)> {
        let state = self.dtls.get_connection_state(self.peer.address);
        let state = state.context("the handshake left nothing")?;
        let profile = ProtectionProfile::AeadAes128Gcm;
        let mut keys = Keys {
            profile,
            ..Keys::default()
        };
        let length = keys.keying_material_len();
        let material = state.export_keying_material(LABEL_EXTRACTOR_DTLS_SRTP, &[], length)?;
        keys.set_session_keys_from_keying_material(&material.into_bytes(), state.is_client())?;
        let keys = keys.keys;
        let crypto = self.headset.provider.crypto();
        let (ours, salt) = (&keys.local_master_key, &keys.local_master_salt);
        let sealing = Srtp::new(ours, salt, profile, None, None, crypto)?;
        let (theirs, salt) = (&keys.remote_master_key, &keys.remote_master_salt);
        let opening = Srtp::new(theirs, salt, profile, None, None, crypto)?;
        Ok((sealing, opening))
    }
}

async fn send(socket: &UdpSocket, to: SocketAddr, datagram: &[u8]) {
    // What is lost on its way is said again.
    socket.send_to(datagram, to).await.ok();
}

fn printed(certificate: &[u8]) -> String {
    let hash = Sha256::digest(certificate);
    let pairs: Vec<String> = hash.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}
