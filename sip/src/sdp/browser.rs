//! A browser's offer of one audio stream, and our answer to it: ICE (RFC 8839) as a lite agent, DTLS-SRTP (RFC 5763,
//! RFC 8842) as the side that waits, everything on one port (RFC 8843). A browser always offers and we always answer, so
//! there is no state between two exchanges.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use bytes::Bytes;
use sdp_types::{Attribute, Connection, Media, MediaType, Origin, Session, Time, TransportProto};

use super::ice;
use super::read::{self, BYTES_MAX, LINES_MAX};
use super::write;
use super::{Codec, Direction, Fingerprints, PayloadTypes, Protection, RemoteMedia, SdpError};
use crate::media::{BROWSER, IceCredentials, Security};

/// The priority of our candidates, RFC 8445 §5.1.2.1 for a host; each further address is a little less.
const PRIORITY: u32 = 2_130_706_431;

/// SHA-256 of a certificate (RFC 8122 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            let colon = if at == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl FromStr for Fingerprint {
    type Err = BrowserError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes: Result<Vec<u8>, _> = text
            .split(':')
            .map(|pair| u8::from_str_radix(pair, 16))
            .collect();
        let bytes = bytes.ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(BrowserError::Fingerprint)
    }
}

/// Why a browser's offer could not be answered. The browser, or whoever wrote its offer, erred.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrowserError {
    /// The description itself.
    #[error(transparent)]
    Sdp(#[from] SdpError),
    /// No stream is there that a browser would offer.
    #[error("no audio stream over UDP/TLS/RTP/SAVPF is offered")]
    NoAudio,
    /// It names no ICE user fragment.
    #[error("the audio stream has no a=ice-ufrag line")]
    Ice,
    /// It names no certificate in a way we can check.
    #[error("the audio stream has no SHA-256 fingerprint of 32 bytes")]
    Fingerprint,
    /// It waits for our handshake.
    #[error("the browser must begin the handshake: offer a=setup:actpass or a=setup:active")]
    Setup,
    /// It wants a second port.
    #[error("RTP and RTCP must share a port: offer a=rtcp-mux")]
    RtcpMux,
}

/// What our answers to a browser say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserLocal {
    /// Where browsers reach us, the address to be tried first in front; at least one.
    pub addresses: Vec<SocketAddr>,
    /// Our certificate.
    pub fingerprint: Fingerprint,
    /// The codecs allowed, ours in order of preference.
    pub codecs: Vec<Codec>,
}

/// What an offer of a browser came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserAgreed {
    /// The answer to send back.
    pub answer: Bytes,
    /// The stream as agreed.
    pub media: RemoteMedia,
    /// By what its packets are proved.
    pub security: Security,
}

struct Offer<'a> {
    session: &'a Session,
    media: &'a Media,
}

impl BrowserLocal {
    /// Our candidates, as lines say them.
    pub(super) fn candidates(&self) -> impl Iterator<Item = String> {
        let each = (0u32..).zip(&self.addresses);
        each.map(|(at, address)| {
            let (ip, port, priority) = (address.ip(), address.port(), PRIORITY - (at << 8));
            format!("{} 1 udp {priority} {ip} {port} typ host", at + 1)
        })
    }

    /// Answers an offer under our `ice` and the session identifier and version of `origin`: the first should be random and
    /// below 2^63, the second goes up by one at every exchange with the same browser. `preferred` wins over our order, so that
    /// two bridged legs can end up with one codec, and ours over the browser's: all of them put Opus first.
    ///
    /// # Errors
    /// Says what is wrong with the offer.
    pub fn answer(
        &self,
        offer: &[u8],
        origin: (u64, u64),
        ice: IceCredentials,
        preferred: Option<Codec>,
    ) -> Result<BrowserAgreed, BrowserError> {
        if offer.len() > BYTES_MAX {
            let (bytes, limit) = (offer.len(), BYTES_MAX);
            return Err(SdpError::TooLarge { bytes, limit }.into());
        }
        let session = Session::parse(offer).map_err(SdpError::from)?;
        if session.medias.len() > LINES_MAX {
            return Err(SdpError::Line('m').into());
        }
        let secured = |media: &&Media| {
            media.media == "audio" && media.proto == "UDP/TLS/RTP/SAVPF" && media.port != 0
        };
        let media = session
            .medias
            .iter()
            .find(secured)
            .ok_or(BrowserError::NoAudio)?;
        let theirs = Offer {
            session: &session,
            media,
        };
        let (ufrag, fingerprints) = theirs.proofs()?;
        let security = Security {
            ice,
            ufrag,
            fingerprints,
            active: false,
        };
        let stream = self.stream(&theirs, preferred)?;
        let answer = self.write(&theirs, origin, &security.ice, &stream);
        Ok(BrowserAgreed {
            answer,
            media: stream,
            security,
        })
    }

    fn stream(
        &self,
        theirs: &Offer<'_>,
        preferred: Option<Codec>,
    ) -> Result<RemoteMedia, BrowserError> {
        let (known, others) = read::formats(theirs.media);
        let preferred = preferred.filter(|codec| self.codecs.contains(codec));
        let mut ours = preferred.iter().chain(&self.codecs);
        let (codec, number) = ours
            .find_map(|own| known.iter().find(|(codec, _)| codec == own))
            .ok_or(SdpError::NoCommonCodec)?;
        let mut numbers = PayloadTypes {
            telephone_event: others.event_8,
            telephone_event_48: others.event_48,
            ..PayloadTypes::default()
        };
        numbers.add(*codec, *number);
        let numbers = numbers.only(&[*codec]);
        Ok(RemoteMedia {
            address: BROWSER,
            signals_from: None,
            rtcp: BROWSER,
            rtcp_mux: true,
            codec: *codec,
            send: numbers,
            receive: numbers,
            direction: theirs.direction().reversed(),
            ptime: 20,
            fec: read::fec(theirs.media, &known),
            // `Security` says it.
            protection: Protection::Plain,
        })
    }

    fn write(
        &self,
        theirs: &Offer<'_>,
        (id, version): (u64, u64),
        ice: &IceCredentials,
        stream: &RemoteMedia,
    ) -> Bytes {
        let nowhere = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
        let mut session = Session::new(Origin::with_ip_addr(id, version, nowhere), "-");
        session.times = vec![Time::new(0, 0)];
        let mid = theirs.own("mid").unwrap_or("0").to_owned();
        session.add_attribute(Attribute::with_value("group", format!("BUNDLE {mid}")));
        session.add_attribute(Attribute::new("ice-lite"));
        for media in &theirs.session.medias {
            session.add_media(if std::ptr::eq(media, theirs.media) {
                self.audio(&mid, ice, stream)
            } else {
                refused(media)
            });
        }
        let mut body = Vec::with_capacity(1024);
        session
            .write(&mut body)
            .expect("writing into a Vec cannot fail");
        Bytes::from(body)
    }

    fn audio(&self, mid: &str, ice: &IceCredentials, stream: &RemoteMedia) -> Media {
        let codec = stream.codec;
        let numbers = &stream.receive;
        let mut maps: Vec<(u8, String)> = numbers
            .of(codec)
            .map(|number| (number, write::rtpmap(codec)))
            .into_iter()
            .collect();
        let event = numbers.events(codec);
        maps.extend(event.map(|(number, rate)| (number, format!("telephone-event/{rate}"))));
        let formats: Vec<String> = maps.iter().map(|(number, _)| number.to_string()).collect();
        let port = self.addresses.first().map_or(9, SocketAddr::port);
        let mut media = Media::new(
            MediaType::Audio,
            port,
            TransportProto::RtpAvp,
            formats.join(" "),
        );
        "UDP/TLS/RTP/SAVPF".clone_into(&mut media.proto);
        let first = self.addresses.first().unwrap_or(&BROWSER);
        media.connections.push(Connection::from_ip_addr(first.ip()));
        let mut say = |name: &str, value: String| {
            media.add_attribute(Attribute::with_value(name, value));
        };
        say("mid", mid.to_owned());
        say("ice-ufrag", ice.ufrag.clone());
        say("ice-pwd", ice.password.clone());
        say("fingerprint", format!("sha-256 {}", self.fingerprint));
        say("setup", "passive".to_owned());
        for candidate in self.candidates() {
            say("candidate", candidate);
        }
        for (number, name) in &maps {
            say("rtpmap", format!("{number} {name}"));
        }
        if let Some(said) = numbers.of(codec).and_then(|n| write::fmtp(codec, n)) {
            say("fmtp", said);
        }
        if let Some((number, _)) = event {
            say("fmtp", format!("{number} 0-16"));
        }
        say("ptime", "20".to_owned());
        // Without a stream's name the browser shows no track.
        say("msid", "tandem audio".to_owned());
        for name in [
            "end-of-candidates",
            "rtcp-mux",
            stream.direction.attribute(),
        ] {
            media.add_attribute(Attribute::new(name));
        }
        media
    }
}

impl Offer<'_> {
    // Of the stream itself, or else of the session (RFC 8839 §5.4, RFC 8122 §5).
    fn own(&self, name: &'static str) -> Option<&str> {
        let media = self.media.get_first_attribute_value(name).flatten();
        media.or_else(|| self.session.get_first_attribute_value(name).flatten())
    }

    fn proofs(&self) -> Result<(String, Fingerprints), BrowserError> {
        if !self.media.has_attribute("rtcp-mux") {
            return Err(BrowserError::RtcpMux);
        }
        match self.own("setup") {
            Some("actpass" | "active") => {}
            Some(_) | None => return Err(BrowserError::Setup),
        }
        let ufrag = ice::ufrag(self.session, self.media).ok_or(BrowserError::Ice)?;
        let named = Fingerprints::read(self.session, self.media);
        Ok((ufrag, named.ok_or(BrowserError::Fingerprint)?))
    }

    fn direction(&self) -> Direction {
        let attributes = self.media.attributes.iter();
        attributes
            .chain(&self.session.attributes)
            .find_map(|attribute| Direction::from_attribute(&attribute.attribute))
            .unwrap_or_default()
    }
}

// RFC 3264 §6: a refused stream keeps its place, its formats and port 0.
fn refused(theirs: &Media) -> Media {
    let mut media = Media::new(MediaType::Audio, 0, TransportProto::RtpAvp, &theirs.fmt);
    media.media.clone_from(&theirs.media);
    media.proto.clone_from(&theirs.proto);
    if let Some(Some(mid)) = theirs.get_first_attribute_value("mid") {
        media.add_attribute(Attribute::with_value("mid", mid));
    }
    media
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINGERPRINT: &str = "5D:5F:B7:9A:A6:1C:C0:9D:62:0C:FD:27:92:9F:80:0A:12:4C:9B:79:6F:C7:E1:F4:1D:B0:B7:74:9B:24:0A:BA";

    // As Chromium writes it, less what only fills lines.
    fn chromium() -> String {
        format!(
            "v=0\r\no=- 8123 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=extmap-allow-mixed\r\n\
             a=msid-semantic: WMS s\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\nc=IN IP4 0.0.0.0\r\n\
             a=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:h0Xz\r\na=ice-pwd:kvfxkXUHrFRHwwjhKtRzYx7A\r\na=ice-options:trickle\r\n\
             a=fingerprint:sha-256 {FINGERPRINT}\r\na=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\n\
             a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\na=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\n\
             a=rtpmap:8 PCMA/8000\r\na=rtpmap:13 CN/8000\r\na=rtpmap:110 telephone-event/48000\r\n\
             a=rtpmap:126 telephone-event/8000\r\na=ssrc:1 cname:x\r\n"
        )
    }

    fn local() -> BrowserLocal {
        BrowserLocal {
            addresses: vec![
                "192.0.2.7:10000".parse().unwrap(),
                "[2001:db8::7]:10000".parse().unwrap(),
            ],
            fingerprint: Fingerprint([7; 32]),
            codecs: vec![Codec::Opus, Codec::Pcma, Codec::Pcmu],
        }
    }

    fn own() -> Fingerprint {
        FINGERPRINT.parse().unwrap()
    }

    fn ours() -> IceCredentials {
        IceCredentials {
            ufrag: "ours".to_owned(),
            password: "a password of at least 22".to_owned(),
        }
    }

    fn answer(offer: &str, preferred: Option<Codec>) -> Result<BrowserAgreed, BrowserError> {
        local().answer(offer.as_bytes(), (5, 1), ours(), preferred)
    }

    fn assert_says(agreed: &BrowserAgreed, lines: &[&str]) {
        let text = std::str::from_utf8(&agreed.answer).unwrap();
        for line in lines {
            assert!(text.lines().any(|said| said == *line), "{line} in\n{text}");
        }
    }

    #[test]
    fn chromium_is_answered_with_one_codec_and_its_own_numbers() {
        let agreed = answer(&chromium(), None).unwrap();

        assert_eq!(agreed.media.codec, Codec::Opus);
        assert_eq!(agreed.media.send.events(Codec::Opus), Some((110, 48_000)));
        assert_eq!(agreed.media.receive.codec(111), Some(Codec::Opus));
        assert_eq!(agreed.media.receive.codec(8), None);
        assert_eq!(agreed.media.direction, Direction::SendRecv);
        assert!(agreed.media.fec);
        assert_eq!(agreed.security.ufrag, "h0Xz");
        assert_eq!(agreed.security.fingerprints, own().into());
        let lines = [
            "a=group:BUNDLE 0",
            "a=ice-lite",
            "m=audio 10000 UDP/TLS/RTP/SAVPF 111 110",
            "c=IN IP4 192.0.2.7",
            "a=ice-ufrag:ours",
            "a=setup:passive",
            "a=mid:0",
            "a=candidate:1 1 udp 2130706431 192.0.2.7 10000 typ host",
            "a=candidate:2 1 udp 2130706175 2001:db8::7 10000 typ host",
            "a=rtpmap:111 opus/48000/2",
            "a=fmtp:111 useinbandfec=1",
            "a=rtpmap:110 telephone-event/48000",
            "a=fmtp:110 0-16",
            "a=rtcp-mux",
            "a=sendrecv",
        ];
        assert_says(&agreed, &lines);
    }

    #[test]
    fn a_browser_that_counts_keys_at_another_rate_than_its_codec_is_taken_at_its_word() {
        // As Firefox does.
        let offer = chromium().replace("a=rtpmap:110 telephone-event/48000\r\n", "");

        let agreed = answer(&offer, None).unwrap();

        assert_eq!(agreed.media.send.events(Codec::Opus), Some((126, 8000)));
        assert_says(
            &agreed,
            &[
                "m=audio 10000 UDP/TLS/RTP/SAVPF 111 126",
                "a=rtpmap:126 telephone-event/8000",
            ],
        );
    }

    #[test]
    fn the_partners_codec_is_taken_before_our_first_and_that_before_the_browsers() {
        let agreed = answer(&chromium(), Some(Codec::Pcmu)).unwrap();

        assert_eq!(agreed.media.codec, Codec::Pcmu);
        assert_eq!(agreed.media.receive.codec(0), Some(Codec::Pcmu));
        assert_eq!(agreed.media.receive.codec(111), None);
        assert_says(
            &agreed,
            &[
                "m=audio 10000 UDP/TLS/RTP/SAVPF 0 126",
                "a=rtpmap:0 PCMU/8000",
            ],
        );
        // What is not allowed with browsers is not taken, whoever speaks it.
        let spoken = |preferred| answer(&chromium(), preferred).unwrap().media.codec;
        assert_eq!(spoken(Some(Codec::G722)), Codec::Opus);
        let no_opus = chromium().replace("111 63 9 0 8", "63 9 0 8");
        assert_eq!(answer(&no_opus, None).unwrap().media.codec, Codec::Pcma);
    }

    #[test]
    fn a_second_stream_is_refused_in_its_place() {
        let offer = chromium()
            + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=rtpmap:96 VP8/90000\r\n";

        let text = String::from_utf8(answer(&offer, None).unwrap().answer.to_vec()).unwrap();

        let media: Vec<&str> = text.lines().filter(|line| line.starts_with("m=")).collect();
        assert_eq!(media[1], "m=video 0 UDP/TLS/RTP/SAVPF 96");
        assert!(text.contains("a=mid:1"), "{text}");
    }

    #[test]
    fn any_certificate_that_a_browser_names_may_be_shown() {
        let (line, other) = (
            format!("a=fingerprint:sha-256 {FINGERPRINT}\r\n"),
            Fingerprint([9; 32]),
        );
        let all = format!(
            "a=fingerprint:sha-1 00:11\r\na=fingerprint:sha-512 22:33\r\n{line}a=fingerprint:SHA-256 {other}\r\n"
        );

        let agreed = answer(&chromium().replace(&line, &all), None).unwrap();

        let named = agreed.security.fingerprints;
        assert!(named.name(own()) && named.name(other));
        assert!(!named.name(Fingerprint([7; 32])));
        // Those of the stream count, and not the session's beside them.
        let beside = format!("t=0 0\r\na=fingerprint:sha-256 {other}\r\n");
        let of_session = chromium().replace("t=0 0\r\n", &beside);
        let named = answer(&of_session, None).unwrap().security.fingerprints;
        assert!(named.name(own()) && !named.name(other));
    }

    #[test]
    fn what_is_wrong_with_an_offer_is_said() {
        let without = |line: &str| chromium().replace(line, "");
        let other = chromium().replace("SAVPF 111 63 9 0 8 13 110 126", "SAVPF 63 9 13 110 126");
        let cases = [
            (without("a=rtcp-mux\r\n"), BrowserError::RtcpMux),
            (without("a=ice-ufrag:h0Xz\r\n"), BrowserError::Ice),
            (
                without(&format!(":{}", &FINGERPRINT[93..])),
                BrowserError::Fingerprint,
            ),
            (
                chromium().replace("sha-256", "sha-1"),
                BrowserError::Fingerprint,
            ),
            (
                chromium().replace("setup:actpass", "setup:passive"),
                BrowserError::Setup,
            ),
            (
                chromium().replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
                BrowserError::NoAudio,
            ),
            (other, BrowserError::Sdp(SdpError::NoCommonCodec)),
            (
                "x".repeat(BYTES_MAX + 1),
                BrowserError::Sdp(SdpError::TooLarge {
                    bytes: BYTES_MAX + 1,
                    limit: BYTES_MAX,
                }),
            ),
        ];
        for (offer, expected) in cases {
            assert_eq!(answer(&offer, None).unwrap_err(), expected, "{offer:.400}");
        }
        assert!(answer("v=0\r\nthis is none", None).is_err());
    }
}
