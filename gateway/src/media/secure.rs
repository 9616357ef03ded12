//! What packets are secured with: SRTP (RFC 3711, RFC 7714), the DTLS handshake that makes its keys (RFC 5764), and the ICE
//! checks of browsers (RFC 8445). The only file that names `rtc`, of which the layers below the peer connection are used:
//! packets are opened before the switchboard sees them and sealed after, and nothing is kept twice.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;
use rtc::crypto::{HashAlgorithm, RTCCryptoProvider};
use rtc::dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType};
use rtc::dtls::crypto::Certificate;
use rtc::dtls::endpoint::{Endpoint, EndpointEvent};
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile as Offered;
use rtc::dtls::state::State;
use rtc::shared::TransportProtocol;
use rtc::shared::error::{Error, Result as Rtc};
use rtc::srtp::config::{Config as Keys, LABEL_EXTRACTOR_DTLS_SRTP};
use rtc::srtp::context::Context;
use rtc::srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use rtc::srtp::protection_profile::ProtectionProfile;
use rtc::stun::attributes::{ATTR_USE_CANDIDATE, ATTR_USERNAME};
use rtc::stun::fingerprint::FINGERPRINT;
use rtc::stun::integrity::MessageIntegrity;
#[cfg(test)]
use rtc::stun::message::Getter;
use rtc::stun::message::{BINDING_REQUEST, BINDING_SUCCESS, Message, Setter};
use rtc::stun::textattrs::TextAttribute;
use rtc::stun::xoraddr::XorMappedAddress;
use sip::sdp::{Fingerprint, Fingerprints, MasterKey, Suite};

use super::opener::{Make, Mark, Opener};

/// Packets behind the newest one that are still told apart from repeats.
const REPLAY_WINDOW: usize = 128;
/// Our certificate, by which browsers know us, and the cryptography all of them use.
#[derive(Clone)]
pub struct Identity {
    certificate: Certificate,
    fingerprint: Fingerprint,
    provider: Arc<dyn RTCCryptoProvider>,
}

/// No certificate or no cryptography could be had.
#[derive(Debug, thiserror::Error)]
#[error("the certificate for browser calls could not be made: {0}")]
pub struct NoIdentity(String);

impl Identity {
    /// Makes a certificate that lasts as long as this value.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn make() -> Result<Self, NoIdentity> {
        Self::try_make().map_err(|error| NoIdentity(error.to_string()))
    }

    fn try_make() -> Rtc<Self> {
        let provider = provider()?;
        let certificate =
            Certificate::generate_self_signed(vec!["tandem".to_owned()], provider.crypto())?;
        let first = certificate
            .certificate
            .first()
            .ok_or(Error::ErrNonCertificate)?;
        let fingerprint = fingerprint(first, provider.as_ref())?;
        Ok(Self {
            certificate,
            fingerprint,
            provider,
        })
    }

    /// What our descriptions say of the certificate.
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    fn config(&self, peer: Fingerprints) -> ConfigBuilder {
        let provider = self.provider.clone();
        ConfigBuilder::default()
            .with_crypto_provider(self.provider.clone())
            .with_certificates(vec![self.certificate.clone()])
            .with_srtp_protection_profiles(vec![
                Offered::Srtp_Aead_Aes_128_Gcm,
                Offered::Srtp_Aes128_Cm_Hmac_Sha1_80,
            ])
            .with_client_auth(ClientAuthType::RequireAnyClientCert)
            // No authority vouches for browsers: the fingerprint of the description does (RFC 5763 §5).
            .with_insecure_skip_verify(true)
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_verify_peer_certificate(Some(Arc::new(move |shown, _| {
                let first = shown.first().ok_or(Error::ErrNonCertificate)?;
                match peer.name(fingerprint(first, provider.as_ref())?) {
                    true => Ok(()),
                    false => Err(Error::ErrNoMatchingCertificateFingerprint),
                }
            })))
    }
}

fn fingerprint(certificate: &[u8], provider: &dyn RTCCryptoProvider) -> Rtc<Fingerprint> {
    let failed = |text: String| Error::Crypto(text);
    let hash = provider
        .crypto()
        .hash(HashAlgorithm::Sha256, certificate)
        .map_err(|error| failed(error.to_string()))?;
    let hash = hash
        .try_into()
        .map_err(|_| failed("SHA-256 has 32 bytes".to_owned()))?;
    Ok(Fingerprint(hash))
}

/// What a datagram on the browsers' port is (RFC 7983).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Stun,
    Dtls,
    Srtp,
    Other,
}

/// Tells what a datagram is by its first byte.
pub(super) fn kind(datagram: &[u8]) -> Kind {
    match datagram.first() {
        Some(0..=3) => Kind::Stun,
        Some(20..=63) => Kind::Dtls,
        Some(128..=191) => Kind::Srtp,
        Some(_) | None => Kind::Other,
    }
}

/// A browser's connectivity check.
pub(super) struct Check {
    message: Message,
    /// Our user fragment, which it was sent to.
    pub(super) to: String,
    /// The browser's own.
    pub(super) from: String,
}

impl Check {
    /// Reads a binding request; nothing else is ours to answer.
    pub(super) fn read(datagram: &[u8]) -> Option<Self> {
        let mut message = Message::new();
        message.unmarshal_binary(datagram).ok()?;
        FINGERPRINT.check(&message).ok()?;
        if message.typ != BINDING_REQUEST {
            return None;
        }
        let name = TextAttribute::get_from_as(&message, ATTR_USERNAME).ok()?;
        let (to, from) = name.text.split_once(':')?;
        let (to, from) = (to.to_owned(), from.to_owned());
        Some(Self { message, to, from })
    }

    /// Whether whoever sent it knows our password.
    pub(super) fn is_signed(&mut self, password: &str, identity: &Identity) -> bool {
        let crypto = identity.provider.crypto();
        MessageIntegrity::check(&mut self.message, password.as_bytes(), crypto).is_ok()
    }

    /// Whether the browser chose this way.
    pub(super) fn nominates(&self) -> bool {
        self.message.contains(ATTR_USE_CANDIDATE)
    }

    /// Writes the answer.
    pub(super) fn answer(
        &self,
        source: SocketAddr,
        password: &str,
        identity: &Identity,
    ) -> Option<Vec<u8>> {
        let mut answer = Message::new();
        answer.typ = BINDING_SUCCESS;
        answer.transaction_id = self.message.transaction_id;
        answer.write_header();
        let address = XorMappedAddress {
            ip: source.ip(),
            port: source.port(),
        };
        address.add_to(&mut answer).ok()?;
        seal(&mut answer, password, identity).ok()?;
        Some(answer.raw)
    }
}

fn seal(message: &mut Message, password: &str, identity: &Identity) -> Rtc<()> {
    let crypto = identity.provider.crypto();
    MessageIntegrity::new_short_term_integrity_with_provider(password.to_owned(), crypto)
        .add_to(message)?;
    FINGERPRINT.add_to(message)
}

/// One DTLS association with the SRTP keys that came of it. Where its peer is, is not its concern.
pub(super) struct Association {
    dtls: Endpoint,
    peer: SocketAddr,
    keys: Option<Box<(Sealer, Opener)>>,
    /// Whether one side ended it: nothing is answered any more, or two that err would tell each other for ever.
    over: bool,
}

/// What a datagram of the handshake led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It goes on, or went on before.
    Goes,
    /// It is done: media may flow.
    Done,
    /// The peer ended the association.
    Over,
    /// The peer showed another certificate than its description named.
    Stranger,
}

impl Association {
    /// Waits for the peer's handshake (`a=setup:passive`).
    pub(super) fn accept(identity: &Identity, peer: impl Into<Fingerprints>) -> Option<Self> {
        let config = identity.config(peer.into()).build(false, None).ok()?;
        // The association is one; the address by which the endpoint tells associations apart never changes.
        let place = sip::media::BROWSER;
        Some(Self {
            dtls: Endpoint::new(place, TransportProtocol::UDP, Some(Arc::new(config))),
            peer: place,
            keys: None,
            over: false,
        })
    }

    /// Begins the handshake (`a=setup:active`); [`Self::poll_transmit`] has its first flight.
    pub(super) fn begin(
        identity: &Identity,
        peer: impl Into<Fingerprints>,
        now: Instant,
    ) -> Option<Self> {
        Self::begin_with(identity.config(peer.into()), now)
    }

    fn begin_with(config: ConfigBuilder, now: Instant) -> Option<Self> {
        let place = sip::media::BROWSER;
        let mut dtls = Endpoint::new(place, TransportProtocol::UDP, None);
        let config = config.build(true, None).ok()?;
        dtls.connect(now, place, Arc::new(config), None).ok()?;
        Some(Self {
            dtls,
            peer: place,
            keys: None,
            over: false,
        })
    }

    /// Whether media may flow.
    pub(super) const fn is_done(&self) -> bool {
        self.keys.is_some()
    }

    /// Whether nothing more comes of it: one side ended it.
    pub(super) const fn is_over(&self) -> bool {
        self.over
    }

    /// Takes a datagram of the handshake; [`Self::poll_transmit`] may have something after.
    pub(super) fn handle(&mut self, datagram: &[u8], now: Instant) -> Progress {
        if self.over {
            return Progress::Goes;
        }
        let taken = self
            .dtls
            .read(now, self.peer, None, BytesMut::from(datagram));
        // Without this the answer would wait for its timer.
        let due = self.dtls.handle_timeout(self.peer, now);
        let progress = match taken {
            Ok(events) => events
                .into_iter()
                .map(|event| self.happened(event))
                .find(|progress| *progress != Progress::Goes)
                .unwrap_or(Progress::Goes),
            Err(Error::ErrNoMatchingCertificateFingerprint) => Progress::Stranger,
            Err(Error::ErrAlertFatalOrClose) => Progress::Over,
            Err(error) => {
                tracing::debug!(%error, ?due, "a datagram of a handshake was not taken");
                Progress::Goes
            }
        };
        self.over = matches!(progress, Progress::Over | Progress::Stranger);
        progress
    }

    fn happened(&mut self, event: EndpointEvent) -> Progress {
        match event {
            EndpointEvent::HandshakeComplete => {
                let state = self.dtls.get_connection_state(self.peer);
                match state.map(keys_of) {
                    Some(Ok(keys)) => {
                        self.keys = Some(Box::new(keys));
                        Progress::Done
                    }
                    Some(Err(error)) => {
                        tracing::info!(%error, "a peer agreed on no SRTP profile");
                        Progress::Over
                    }
                    None => Progress::Over,
                }
            }
            EndpointEvent::PeerClosed => Progress::Over,
            // Nothing but SRTP keys is wanted; the enumeration may grow.
            _ => Progress::Goes,
        }
    }

    /// The next datagram of the handshake to send.
    pub(super) fn poll_transmit(&mut self) -> Option<BytesMut> {
        let out = self.dtls.poll_transmit()?.message;
        // What we refuse is over too, such as a peer with no profile of ours.
        self.over |= self.keys.is_none() && is_fatal(&out);
        Some(out)
    }

    /// When [`Self::handle_timeout`] is next due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.dtls.poll_timeout(&self.peer)
    }

    /// Sends again what was not answered.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if let Err(error) = self.dtls.handle_timeout(self.peer, now) {
            tracing::debug!(%error, "a handshake was given up");
        }
    }

    /// Opens an RTP packet; none when it is forged, repeated, or too early.
    pub(super) fn open_rtp(&mut self, datagram: &[u8]) -> Option<BytesMut> {
        self.keys.as_mut()?.1.rtp(datagram)
    }

    /// Opens a report.
    pub(super) fn open_rtcp(&mut self, datagram: &[u8]) -> Option<BytesMut> {
        self.keys.as_mut()?.1.rtcp(datagram)
    }

    /// Seals an RTP packet; none before the handshake is done.
    pub(super) fn seal_rtp(&mut self, packet: &[u8]) -> Option<BytesMut> {
        self.keys.as_mut()?.0.rtp(packet)
    }

    /// Seals a report.
    pub(super) fn seal_rtcp(&mut self, packet: &[u8]) -> Option<BytesMut> {
        self.keys.as_mut()?.0.rtcp(packet)
    }
}

/// Whether a datagram of a handshake begins with an alert that ends it (RFC 5246 §7.2, behind the header of RFC 6347 §4.1).
fn is_fatal(datagram: &[u8]) -> bool {
    (datagram.first(), datagram.get(13)) == (Some(&21), Some(&2))
}

fn keys_of(state: &State) -> Rtc<(Sealer, Opener)> {
    let profile = match state.srtp_protection_profile() {
        Offered::Srtp_Aes128_Cm_Hmac_Sha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
        Offered::Srtp_Aes128_Cm_Hmac_Sha1_32 => ProtectionProfile::Aes128CmHmacSha1_32,
        Offered::Srtp_Aead_Aes_128_Gcm => ProtectionProfile::AeadAes128Gcm,
        Offered::Srtp_Aead_Aes_256_Gcm => ProtectionProfile::AeadAes256Gcm,
        // The list is the crate's to lengthen; what was not offered is not agreed on.
        _ => return Err(Error::Other("no profile in common".to_owned())),
    };
    let mut keys = Keys {
        profile,
        ..Keys::default()
    };
    let length = keys.keying_material_len();
    let material = state.export_keying_material(LABEL_EXTRACTOR_DTLS_SRTP, &[], length)?;
    keys.set_session_keys_from_keying_material(&material.into_bytes(), state.is_client())?;
    let keys = keys.keys;
    let (key, salt) = (&keys.remote_master_key, &keys.remote_master_salt);
    Ok((
        Sealer::make(profile, &keys.local_master_key, &keys.local_master_salt)?,
        Opener::new(unlocking(profile, key, salt), None)
            .ok_or_else(|| Error::Other("no cryptography for the profile".to_owned()))?,
    ))
}

const fn profile(suite: Suite) -> ProtectionProfile {
    match suite {
        Suite::AeadAes128Gcm => ProtectionProfile::AeadAes128Gcm,
        Suite::AesCm128Sha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
        Suite::AesCm128Sha1_32 => ProtectionProfile::Aes128CmHmacSha1_32,
    }
}

/// Seals what we send, under one key, and counts its rollovers.
pub(super) struct Sealer(Context);

impl Sealer {
    /// Seals under a key that was told; none when there is no cryptography for it.
    pub(super) fn new(suite: Suite, key: &MasterKey) -> Option<Self> {
        Self::make(profile(suite), key.key(), key.salt(suite)).ok()
    }

    fn make(profile: ProtectionProfile, key: &[u8], salt: &[u8]) -> Rtc<Self> {
        let crypto = provider()?;
        Context::new(key, salt, profile, None, None, crypto.crypto()).map(Self)
    }

    pub(super) fn rtp(&mut self, packet: &[u8]) -> Option<BytesMut> {
        self.0.encrypt_rtp(packet).ok()
    }

    pub(super) fn rtcp(&mut self, packet: &[u8]) -> Option<BytesMut> {
        self.0.encrypt_rtcp(packet).ok()
    }
}

/// Opens what is sealed under one key.
pub(super) struct Unlocking {
    context: Context,
    /// How many bytes of proof stand at the end of a report.
    tag: usize,
}

impl Unlocking {
    fn make(profile: ProtectionProfile, key: &[u8], salt: &[u8]) -> Rtc<Self> {
        let rtp = srtp_replay_protection(REPLAY_WINDOW);
        let rtcp = srtcp_replay_protection(REPLAY_WINDOW);
        let crypto = provider()?;
        Ok(Self {
            context: Context::new(key, salt, profile, Some(rtp), Some(rtcp), crypto.crypto())?,
            tag: profile.rtcp_auth_tag_len(),
        })
    }

    pub(super) fn rtp(&mut self, datagram: &[u8]) -> Option<BytesMut> {
        self.context.decrypt_rtp(datagram).ok()
    }

    pub(super) fn rtcp(&mut self, datagram: &[u8]) -> Option<BytesMut> {
        // RFC 3711 §3.4: the first bit behind a report says that it is encrypted. `rtc` takes one that is not without any
        // proof; nobody here agrees to such.
        let index = datagram.len().checked_sub(self.tag + 4)?;
        (datagram.get(index)? & 0x80 != 0).then_some(())?;
        self.context.decrypt_rtcp(datagram).ok()
    }
}

impl Opener {
    /// Opens under a key that was told; none when there is no cryptography for it.
    pub(super) fn told(suite: Suite, key: &MasterKey, mark: Option<Mark>) -> Option<Self> {
        Self::new(unlocking(profile(suite), key.key(), key.salt(suite)), mark)
    }
}

fn unlocking(profile: ProtectionProfile, key: &[u8], salt: &[u8]) -> Make {
    let (key, salt) = (key.to_vec(), salt.to_vec());
    Box::new(move || Unlocking::make(profile, &key, &salt).ok())
}

fn provider() -> Rtc<Arc<dyn RTCCryptoProvider>> {
    rtc::crypto::default_provider().map_err(|error| Error::Crypto(error.to_string()))
}

#[cfg(test)]
pub(super) mod far;
