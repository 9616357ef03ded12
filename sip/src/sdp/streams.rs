//! Several audio streams in one description, each with offers and answers of its own, told apart by their labels (RFC 4574):
//! what a recorder is offered (RFC 7866 §7.1).

use std::net::IpAddr;

use bytes::Bytes;

use crate::families::{Families, Family};

use super::read::{BYTES_MAX, LINES_MAX};
use super::{Codec, Direction, Local, RemoteMedia, SdpError, SdpSession};

/// The local half of a dialog with several streams. A stream keeps its place, and is never taken out (RFC 3264 §8).
#[derive(Debug)]
pub struct SdpStreams {
    id: u64,
    address: Families<IpAddr>,
    /// What the peer is reached by, once that is known, and what `o=` says since then.
    met: Option<(Family, IpAddr)>,
    version: u64,
    sent: Option<String>,
    streams: Vec<Stream>,
}

#[derive(Debug)]
struct Stream {
    label: String,
    sdp: SdpSession,
}

/// What an exchange agreed on for each stream, in order; none where the peer does not take it.
pub type Agreed = Vec<Option<RemoteMedia>>;

impl SdpStreams {
    /// Starts without streams, with `id` as the session identifier of `o=`; it should be random and stay below 2^63.
    pub fn new(id: u64, address: Families<IpAddr>) -> Self {
        Self {
            id,
            address,
            met: None,
            version: 1,
            sent: None,
            streams: Vec::new(),
        }
    }

    /// Adds a stream; returns its place. None where there are as many as may be.
    pub fn add(&mut self, label: String, local: Local) -> Option<usize> {
        if self.streams.len() >= LINES_MAX {
            return None;
        }
        let sdp = SdpSession::new(self.id, local);
        self.streams.push(Stream { label, sdp });
        Some(self.streams.len() - 1)
    }

    /// Gives a stream that nobody uses another label.
    pub fn relabel(&mut self, at: usize, label: String) {
        if let Some(stream) = self.streams.get_mut(at) {
            stream.label = label;
        }
    }

    /// Writes an offer: each stream is sent, or rests. As peers of each family are told it until the peer's is known.
    pub fn make_offers(&mut self, sends: &[bool]) -> Families<Bytes> {
        let offer = self.make_offer(sends);
        if let Some((family, _)) = self.met {
            return Families::one(family, offer);
        }
        let streams = self.sent.as_deref().expect("it was sent just now");
        self.address
            .map(|address| Bytes::from(self.head(address, address) + streams))
    }

    fn make_offer(&mut self, sends: &[bool]) -> Bytes {
        let sections: Vec<String> = self
            .streams
            .iter_mut()
            .zip(sends.iter().chain(std::iter::repeat(&false)))
            .map(|(stream, &on)| {
                let offer = stream.sdp.make_offer(does(on));
                labelled(&offer, &stream.label)
            })
            .collect();
        self.publish(&sections)
    }

    /// Reads the peer's answer to the open offer.
    ///
    /// # Errors
    /// When it has not as many streams as were offered, or none of them is taken: then with what is wrong with the first.
    pub fn accept_answer(&mut self, answer: &[u8]) -> Result<Agreed, SdpError> {
        self.accept(answer, SdpSession::accept_answer)
    }

    /// Reads what the peer answers to what is agreed on, said once more.
    ///
    /// # Errors
    /// As [`Self::accept_answer`].
    pub fn accept_refresh(&mut self, answer: &[u8]) -> Result<Agreed, SdpError> {
        self.accept(answer, SdpSession::accept_refresh)
    }

    fn accept(
        &mut self,
        answer: &[u8],
        one: fn(&mut SdpSession, &[u8]) -> Result<RemoteMedia, SdpError>,
    ) -> Result<Agreed, SdpError> {
        let (head, sections) = split(answer)?;
        if sections.len() != self.streams.len() {
            return Err(SdpError::AnswerMismatch);
        }
        let streams = self.streams.iter_mut().zip(sections);
        let taken = streams.map(|(stream, section)| {
            let whole = format!("{head}{section}");
            one(&mut stream.sdp, whole.as_bytes())
        });
        let agreed = some(taken.collect())?;
        self.meet();
        Ok(agreed)
    }

    /// Answers the peer's offer as far as we send.
    ///
    /// # Errors
    /// When it has another number of streams than there are, or none of them can be agreed on.
    pub fn negotiate(
        &mut self,
        offer: &[u8],
        sends: &[bool],
        codecs: &[Option<Codec>],
    ) -> Result<(Bytes, Agreed), SdpError> {
        let (head, sections) = split(offer)?;
        if sections.len() != self.streams.len() {
            return Err(SdpError::AnswerMismatch);
        }
        let (mut answers, mut taken) = (Vec::new(), Vec::new());
        for (at, (stream, section)) in self.streams.iter_mut().zip(&sections).enumerate() {
            let whole = format!("{head}{section}");
            let on = sends.get(at).copied().unwrap_or(false);
            let spoken = codecs.get(at).copied().flatten();
            match stream.sdp.negotiate(whole.as_bytes(), does(on), spoken) {
                Ok(agreed) => {
                    answers.push(labelled(&agreed.answer, &stream.label));
                    taken.push(Ok(agreed.remote));
                }
                Err(error) => {
                    answers.push(refused(section));
                    taken.push(Err(error));
                }
            }
        }
        let agreed = some(taken)?;
        self.meet();
        Ok((self.publish(&answers), agreed))
    }

    // RFC 3264 §8: the version goes up by one when, and only when, the description changed.
    fn publish(&mut self, sections: &[String]) -> Bytes {
        let streams = sections.concat();
        if self.sent.as_ref().is_some_and(|sent| *sent != streams) {
            self.version += 1;
        }
        let (origin, address) = match self.met {
            Some((family, origin)) => (origin, *self.address.near(family)),
            None => (*self.address.first(), *self.address.first()),
        };
        let body = Bytes::from(self.head(origin, address) + &streams);
        self.sent = Some(streams);
        body
    }

    fn head(&self, origin: IpAddr, address: IpAddr) -> String {
        let (id, version) = (self.id, self.version);
        let family = |ip: IpAddr| if ip.is_ipv4() { "IP4" } else { "IP6" };
        let (of, at) = (family(origin), family(address));
        format!(
            "v=0\r\no=- {id} {version} IN {of} {origin}\r\ns=-\r\nc=IN {at} {address}\r\nt=0 0\r\n"
        )
    }

    // All streams go where the first goes that is taken: one line tells where that is.
    fn meet(&mut self) {
        let mut families = self.streams.iter().filter_map(|one| one.sdp.family());
        if let Some(family) = families.next() {
            let origin = self.met.map_or(*self.address.near(family), |met| met.1);
            self.met = Some((family, origin));
        }
    }
}

const fn does(on: bool) -> Direction {
    if on {
        Direction::SendOnly
    } else {
        Direction::Inactive
    }
}

// The media line of a description of ours with all that belongs to it, and the label.
fn labelled(description: &[u8], label: &str) -> String {
    let text = String::from_utf8_lossy(description);
    let section = text.find("m=").map_or("", |at| &text[at..]);
    format!("{section}a=label:{label}\r\n")
}

// RFC 3264 §6: a refused stream keeps its formats and has port 0.
fn refused(section: &str) -> String {
    let line = section.lines().next().unwrap_or_default();
    let mut words: Vec<&str> = line.split(' ').collect();
    if let Some(port) = words.get_mut(1) {
        *port = "0";
    }
    format!("{}\r\n", words.join(" "))
}

// What stands before the first media line, and each of them with all that belongs to it.
fn split(description: &[u8]) -> Result<(String, Vec<String>), SdpError> {
    if description.len() > BYTES_MAX {
        return Err(SdpError::TooLarge {
            bytes: description.len(),
            limit: BYTES_MAX,
        });
    }
    let text = String::from_utf8_lossy(description);
    let (mut head, mut sections) = (String::new(), Vec::<String>::new());
    for line in text.lines() {
        if line.starts_with("m=") {
            if sections.len() >= LINES_MAX {
                return Err(SdpError::Line('m'));
            }
            sections.push(String::new());
        }
        let part = sections.last_mut().unwrap_or(&mut head);
        part.push_str(line);
        part.push_str("\r\n");
    }
    Ok((head, sections))
}

fn some(taken: Vec<Result<RemoteMedia, SdpError>>) -> Result<Agreed, SdpError> {
    if taken.iter().any(Result::is_ok) {
        return Ok(taken.into_iter().map(Result::ok).collect());
    }
    let first = taken.into_iter().find_map(Result::err);
    Err(first.unwrap_or(SdpError::NoAudio))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdp::Srtp;

    fn ours() -> Families<IpAddr> {
        IpAddr::from([192, 0, 2, 1]).into()
    }

    fn local(port: u16) -> Local {
        Local {
            address: ours(),
            port,
            codecs: vec![Codec::Pcma, Codec::Pcmu],
            srtp: Srtp::default(),
            ice: None,
        }
    }

    fn streams(count: u16) -> SdpStreams {
        let mut streams = SdpStreams::new(7, ours());
        for n in 0..count {
            streams.add(format!("{}", n + 1), local(4000 + 2 * n));
        }
        streams
    }

    fn answer(lines: &[&str]) -> Vec<u8> {
        let head = "v=0\r\no=srs 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n";
        format!("{head}{}\r\n", lines.join("\r\n")).into_bytes()
    }

    #[test]
    fn every_stream_has_a_line_with_its_label_and_direction() {
        let offer = streams(2).make_offer(&[true, false]);

        let (head, sections) = split(&offer).unwrap();
        assert!(head.contains("o=- 7 1 IN IP4 192.0.2.1\r\n"), "{head}");
        assert_eq!(sections.len(), 2);
        assert!(
            sections[0].starts_with("m=audio 4000 RTP/AVP 8 0"),
            "{}",
            sections[0]
        );
        assert!(sections[0].contains("a=sendonly\r\n") && sections[0].contains("a=label:1\r\n"));
        assert!(sections[1].starts_with("m=audio 4002 "));
        assert!(sections[1].contains("a=inactive\r\n") && sections[1].contains("a=label:2\r\n"));
    }

    #[test]
    fn an_answer_agrees_on_each_stream_and_may_refuse_some() {
        let mut streams = streams(3);
        streams.make_offer(&[true, true, false]);

        let agreed = streams
            .accept_answer(&answer(&[
                "m=audio 6000 RTP/AVP 0",
                "a=recvonly",
                "m=audio 0 RTP/AVP 8",
                "m=audio 6004 RTP/AVP 8",
                "a=inactive",
            ]))
            .unwrap();

        let first = agreed[0].as_ref().unwrap();
        assert_eq!(first.address, "192.0.2.9:6000".parse().unwrap());
        assert_eq!(
            (first.codec, first.direction),
            (Codec::Pcmu, Direction::SendOnly)
        );
        assert_eq!(agreed[1], None);
        assert_eq!(agreed[2].as_ref().unwrap().direction, Direction::Inactive);
    }

    #[test]
    fn an_answer_that_does_not_fit_is_none() {
        for lines in [
            &["m=audio 6000 RTP/AVP 8"][..],
            &["m=audio 0 RTP/AVP 8", "m=audio 0 RTP/AVP 8"],
            &["m=audio 6000 RTP/AVP 18", "m=audio 6002 RTP/AVP 18"],
        ] {
            let mut streams = streams(2);
            streams.make_offer(&[true, true]);

            assert!(streams.accept_answer(&answer(lines)).is_err(), "{lines:?}");
        }
        assert!(streams(1).accept_answer(b"\xff\xfe").is_err());
    }

    #[test]
    fn a_later_offer_has_a_higher_version_where_something_changed() {
        let mut streams = streams(1);
        let version = |offer: &[u8]| {
            split(offer)
                .unwrap()
                .0
                .split(' ')
                .nth(2)
                .unwrap()
                .to_owned()
        };
        let first = streams.make_offer(&[true]);
        let same = streams.make_offer(&[true]);
        streams.add("2".to_owned(), local(4002));

        let other = streams.make_offer(&[true, true]);

        assert_eq!(
            (version(&first), version(&same), version(&other)),
            ("1".into(), "1".into(), "2".into())
        );
    }

    #[test]
    fn a_recorders_offer_is_answered_stream_by_stream() {
        let mut streams = streams(2);
        streams.make_offer(&[true, true]);
        let both = [
            "m=audio 6000 RTP/AVP 8",
            "a=recvonly",
            "m=audio 6002 RTP/AVP 8",
            "a=recvonly",
        ];
        streams.accept_answer(&answer(&both)).unwrap();
        let moved = [
            "m=audio 7000 RTP/AVP 8",
            "a=recvonly",
            "m=audio 7002 RTP/AVP 8",
            "a=inactive",
        ];

        let spoken = [Some(Codec::Pcma), Some(Codec::Pcma)];
        let (written, agreed) = streams
            .negotiate(&answer(&moved), &[true, true], &spoken)
            .unwrap();

        let (_, sections) = split(&written).unwrap();
        assert!(sections[0].contains("a=sendonly") && sections[1].contains("a=inactive"));
        assert_eq!(agreed[0].as_ref().unwrap().address.port(), 7000);
        assert_eq!(agreed[1].as_ref().unwrap().direction, Direction::Inactive);
        let one_refused = ["m=audio 0 RTP/AVP 8", "m=audio 7002 RTP/AVP 8"];
        let (written, agreed) = streams
            .negotiate(&answer(&one_refused), &[true, true], &spoken)
            .unwrap();
        assert_eq!(
            (split(&written).unwrap().1[0].as_str(), &agreed[0]),
            ("m=audio 0 RTP/AVP 8\r\n", &None)
        );
        let three = [&both[..], &["m=video 7004 RTP/AVP 99"]].concat();
        for lines in [&both[..2], &three] {
            assert!(
                streams
                    .negotiate(&answer(lines), &[true, true], &spoken)
                    .is_err()
            );
        }
    }
}
