//! Reads one description into the few facts the audio stream needs.

use std::net::{IpAddr, SocketAddr};

use sdp_types::{Attribute, Connection, Media, Rtcp, RtpMap, Session, Time};

use super::ice::InBrowser;
use super::protection::{Keys, Profile};
use super::{COMFORT_NOISE, Codec, Direction, PayloadTypes, Preference, SdpError};

/// The most bytes of a description we read.
pub(super) const BYTES_MAX: usize = 16 * 1024;
/// The most media lines we answer.
pub(super) const LINES_MAX: usize = 32;

/// A peer's description, read.
pub(super) struct Description {
    pub(super) times: Vec<Time>,
    pub(super) lines: Vec<Line>,
    /// Its audio streams with a port, and where in `lines` each is.
    pub(super) audios: Vec<(usize, Result<Audio, SdpError>)>,
    /// The names of the streams that share a port with others, whichever (RFC 9143).
    pub(super) bundled: Vec<String>,
}

/// A media line, as far as it must be repeated to refuse it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) media: String,
    pub(super) proto: String,
    pub(super) formats: String,
    /// Whether it has no port: it is refused, or taken out.
    pub(super) closed: bool,
    /// Its name (RFC 5888 §4).
    pub(super) mid: Option<String>,
}

/// The peer's side of the audio stream.
#[derive(Clone, Debug)]
pub(super) struct Audio {
    pub(super) address: SocketAddr,
    pub(super) rtcp: SocketAddr,
    pub(super) rtcp_mux: bool,
    /// Every codec we know, in the peer's order, with its number.
    pub(super) codecs: Vec<(Codec, u8)>,
    pub(super) others: Others,
    /// As the peer stated it, seen from the peer.
    pub(super) direction: Direction,
    pub(super) ptime: u8,
    pub(super) fec: bool,
    pub(super) keys: Keys,
    /// What it says as browsers do; none where it does not.
    pub(super) in_browser: Option<InBrowser>,
    pub(super) preference: Option<Preference>,
}

/// The peer's numbers of what is no codec: telephone events by their clock rate, and comfort noise at 8 kHz.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Others {
    pub(super) event_8: Option<u8>,
    pub(super) event_48: Option<u8>,
    pub(super) comfort_noise: Option<u8>,
}

impl Audio {
    /// The peer's numbers of every codec in `among`, and of what goes with them.
    pub(super) fn payload_types(&self, among: &[Codec]) -> PayloadTypes {
        let mut numbers = PayloadTypes {
            telephone_event: self.others.event_8,
            telephone_event_48: self.others.event_48,
            comfort_noise: self.others.comfort_noise,
            ..PayloadTypes::default()
        };
        for &(codec, number) in self.codecs.iter().filter(|entry| among.contains(&entry.0)) {
            numbers.add(codec, number);
        }
        numbers.only(among)
    }
}

impl Description {
    pub(super) fn parse(body: &[u8]) -> Result<Self, SdpError> {
        if body.len() > BYTES_MAX {
            return Err(SdpError::TooLarge {
                bytes: body.len(),
                limit: BYTES_MAX,
            });
        }
        let session = Session::parse(body)?;
        if session.origin.sess_id.is_empty() {
            return Err(SdpError::Line('o'));
        }
        if session.medias.len() > LINES_MAX {
            return Err(SdpError::Line('m'));
        }
        let lines = session.medias.iter().map(line).collect();
        let audios = audios(&session);
        let bundled = bundled(&session);
        Ok(Self {
            times: session.times,
            lines,
            audios,
            bundled,
        })
    }

    /// Why none of its streams can be taken where none of them is audio over RTP.
    pub(super) fn nothing(&self) -> SdpError {
        let mut lines = self.lines.iter();
        match lines.any(|line| line.media == "audio" && !line.closed) {
            true => SdpError::Transport,
            false => SdpError::NoAudio,
        }
    }
}

fn line(media: &Media) -> Line {
    Line {
        media: media.media.clone(),
        proto: media.proto.clone(),
        formats: media.fmt.clone(),
        closed: media.port == 0,
        mid: media
            .get_first_attribute_value("mid")
            .flatten()
            .map(str::to_owned),
    }
}

fn bundled(session: &Session) -> Vec<String> {
    let groups = session
        .attributes
        .iter()
        .filter(|one| one.attribute == "group");
    let named = groups.filter_map(|one| one.value.as_deref()?.strip_prefix("BUNDLE "));
    let each = named.flat_map(str::split_ascii_whitespace);
    each.map(str::to_owned).collect()
}

// AVPF works without any feedback sent.
fn audios(session: &Session) -> Vec<(usize, Result<Audio, SdpError>)> {
    let open = |media: &&Media| media.media == "audio" && media.port != 0;
    let medias = session.medias.iter().enumerate();
    medias
        .filter(|(_, media)| open(media))
        .filter_map(|(at, media)| {
            let profile = Profile::read(&media.proto)?;
            Some((at, audio(session, media, profile)))
        })
        .collect()
}

fn audio(session: &Session, media: &Media, profile: Profile) -> Result<Audio, SdpError> {
    let connection = media.connections.first().or(session.connection.as_ref());
    let ip = unicast(connection.ok_or(SdpError::Line('c'))?)?;
    let address = SocketAddr::new(ip, media.port);
    let rtcp_mux = media.has_attribute("rtcp-mux");
    let stated = direction(&media.attributes)
        .or_else(|| direction(&session.attributes))
        .unwrap_or_default();
    let mut direction = stated;
    if ip.is_unspecified() {
        // RFC 3264 §8.4: c=0.0.0.0 is how RFC 2543 said "on hold, send me nothing".
        direction = Direction::of(direction.sends(), false);
    }
    let (codecs, others) = formats(media);
    let fec = fec(media, &codecs);
    let keys = Keys::read(session, media, profile);
    let in_browser = InBrowser::read((session, media), &keys, stated).filter(|_| rtcp_mux);
    Ok(Audio {
        address,
        rtcp: if rtcp_mux {
            address
        } else {
            rtcp(media, address)
        },
        rtcp_mux,
        codecs,
        others,
        direction,
        ptime: ptime(media),
        fec,
        keys,
        in_browser,
        preference: Preference::read(session, media),
    })
}

fn unicast(connection: &Connection) -> Result<IpAddr, SdpError> {
    let address = connection.try_address().map_err(|_| SdpError::Address)?;
    if address.ip.is_multicast() || address.ttl.is_some() || address.count.is_some() {
        return Err(SdpError::Multicast);
    }
    if address.ip == IpAddr::V4(std::net::Ipv4Addr::BROADCAST) {
        return Err(SdpError::Address);
    }
    Ok(address.ip)
}

fn direction(attributes: &[Attribute]) -> Option<Direction> {
    attributes
        .iter()
        .find_map(|attribute| Direction::from_attribute(&attribute.attribute))
}

fn rtcp(media: &Media, rtp: SocketAddr) -> SocketAddr {
    let Some(Ok(stated)) = media.get_first_attribute_typed::<Rtcp>() else {
        // RFC 3550 §11: the next port, unless there is none.
        return SocketAddr::new(rtp.ip(), rtp.port().checked_add(1).unwrap_or(rtp.port()));
    };
    // Only the port is taken: RTCP to another host than RTP would let anybody aim our reports.
    SocketAddr::new(rtp.ip(), stated.port)
}

// RFC 8866 §6.4: what it would like, and no more than it takes.
fn ptime(media: &Media) -> u8 {
    let said = |name| {
        let value = media.get_first_attribute_value(name).flatten()?;
        let time = value.trim().parse::<u8>().ok()?;
        Some(time).filter(|time| (1..=200).contains(time))
    };
    let most = said("maxptime").unwrap_or(u8::MAX);
    said("ptime").unwrap_or(20).min(most)
}

/// Whether the peer's Opus is said to use what packets bring once more (RFC 7587 §7).
pub(super) fn fec(media: &Media, codecs: &[(Codec, u8)]) -> bool {
    let opus = codecs.iter().find(|(codec, _)| *codec == Codec::Opus);
    let lines = media
        .attributes
        .iter()
        .filter(|line| line.attribute == "fmtp");
    let said = lines.filter_map(|line| line.value.as_deref()?.split_once(' '));
    let mut own = said.filter(|(number, _)| number.parse() == Ok(opus.map_or(u8::MAX, |o| o.1)));
    own.any(|(_, list)| list.split(';').any(|one| one.trim() == "useinbandfec=1"))
}

pub(super) fn formats(media: &Media) -> (Vec<(Codec, u8)>, Others) {
    let maps: Vec<RtpMap> = media.attributes_typed::<RtpMap>().flatten().collect();
    let mut codecs = Vec::new();
    let mut others = Others::default();
    let numbers = media.fmt.split_ascii_whitespace();
    for number in numbers
        .filter_map(|number| number.parse::<u8>().ok())
        .filter(|&n| n < 128)
    {
        match maps.iter().find(|map| map.payload_type == number) {
            Some(map) if map.encoding_name.eq_ignore_ascii_case("telephone-event") => {
                let slot = match map.clock_rate {
                    8000 => &mut others.event_8,
                    48_000 => &mut others.event_48,
                    _other => continue,
                };
                slot.get_or_insert(number);
            }
            Some(map) if map.encoding_name.eq_ignore_ascii_case("CN") => {
                if map.clock_rate == 8000 {
                    others.comfort_noise.get_or_insert(number);
                }
            }
            Some(map) => {
                codecs.extend(
                    Codec::from_rtpmap(&map.encoding_name, map.clock_rate).map(|c| (c, number)),
                );
            }
            None if number == COMFORT_NOISE => _ = others.comfort_noise.get_or_insert(number),
            None => codecs.extend(Codec::from_static_payload_type(number).map(|c| (c, number))),
        }
    }
    (codecs, others)
}
