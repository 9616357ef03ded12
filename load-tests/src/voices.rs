//! The sound of very many calls behind one port: a packet every 20 ms for each, stamped, so that whoever hears it knows
//! how long it was on its way. Only what is passed on undecoded still has its stamp.

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use sip::{
    endpoint::CallKey,
    rtp::{HEADER_BYTES, Header, Packet},
    sdp::{Codec, RemoteMedia},
};
use socket2::{Domain, Protocol, Socket, Type};

use crate::spread::Spread;

/// Milliseconds between two packets of one voice; as many voices take turns, one a millisecond.
const TURNS: u64 = 20;
/// Bytes of G.711 in 20 ms.
const PAYLOAD: usize = 160;
/// How stamped packets begin that are measured, and those that are not.
const MEASURED: &[u8; 4] = b"tndm";
const UNMEASURED: &[u8; 4] = b"tndu";
/// How often a thread looks whether it is still needed.
const LOOK: Duration = Duration::from_millis(100);
/// Kernel buffers for bursts of RTP.
const BUFFER: usize = 8 * 1024 * 1024;
/// How often a pair of ports is tried for.
const TRIES: usize = 100;

/// What was said and heard while it was measured.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Packets that were sent.
    pub sent: u64,
    /// Packets that came meanwhile, stamped or not.
    pub received: u64,
    /// How long stamped packets took, whenever they came.
    pub took: Spread,
}

impl Tally {
    /// Adds all of another.
    pub fn extend(&mut self, other: &Self) {
        self.sent += other.sent;
        self.received += other.received;
        self.took.extend(&other.took);
    }
}

/// Many voices behind one port; they fall silent when nobody holds them any more.
#[derive(Debug)]
pub struct Voices {
    shared: Arc<Shared>,
    port: u16,
    codec: Codec,
}

#[derive(Debug)]
struct Shared {
    socket: UdpSocket,
    // What peers report by RTCP goes here and is not read, or they would be told that nobody is there.
    _reports: UdpSocket,
    /// Since when stamps count; the same for all who hear each other.
    base: Instant,
    singers: Mutex<BTreeMap<CallKey, Singer>>,
    tally: Mutex<Tally>,
    measures: AtomicBool,
    over: AtomicBool,
}

#[derive(Debug)]
struct Singer {
    to: SocketAddr,
    header: Header,
    turn: u64,
}

impl Voices {
    /// Binds a pair of ports on `address` and begins; `base` is the same for all who hear each other.
    pub fn open(address: IpAddr, codec: Codec, base: Instant) -> Result<Arc<Self>> {
        let (socket, reports) = pair(address).context("two ports for RTP and RTCP")?;
        socket.set_read_timeout(Some(LOOK))?;
        let port = socket.local_addr()?.port();
        let shared = Arc::new(Shared {
            socket,
            _reports: reports,
            base,
            singers: Mutex::default(),
            tally: Mutex::default(),
            measures: AtomicBool::new(false),
            over: AtomicBool::new(false),
        });
        let (mouth, ear) = (shared.clone(), shared.clone());
        thread::Builder::new()
            .name("mouth".to_owned())
            .spawn(move || mouth.speak())?;
        thread::Builder::new()
            .name("ear".to_owned())
            .spawn(move || ear.listen())?;
        Ok(Arc::new(Self {
            shared,
            port,
            codec,
        }))
    }

    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the one codec they speak.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// Lets a call be heard where `media` says, from now on.
    pub fn join(&self, call: CallKey, media: &RemoteMedia) {
        let mut singers = locked(&self.shared.singers);
        let number = media.send.of(media.codec);
        let Some(payload_type) = number.filter(|_| media.direction.sends()) else {
            singers.remove(&call);
            return;
        };
        let turn = singers.len() as u64 % TURNS;
        let header = Header {
            marker: true,
            payload_type,
            ssrc: rand::random(),
            ..Header::default()
        };
        let singer = singers.entry(call).or_insert(Singer {
            to: media.address,
            header,
            turn,
        });
        singer.to = media.address;
        singer.header.payload_type = payload_type;
    }

    /// Silences a call.
    pub fn leave(&self, call: CallKey) {
        locked(&self.shared.singers).remove(&call);
    }

    /// Begins to measure, from nothing.
    pub fn measure(&self) {
        *locked(&self.shared.tally) = Tally::default();
        self.shared.measures.store(true, Ordering::Relaxed);
    }

    /// Measures no more of what is sent from now on.
    pub fn rest(&self) {
        self.shared.measures.store(false, Ordering::Relaxed);
    }

    /// Returns what was measured.
    pub fn tally(&self) -> Tally {
        locked(&self.shared.tally).clone()
    }
}

impl Drop for Voices {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
    }
}

impl Shared {
    fn speak(&self) {
        let began = Instant::now();
        let mut packet = Vec::with_capacity(HEADER_BYTES + PAYLOAD);
        for turn in 0.. {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            let due = began + Duration::from_millis(turn);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let measures = self.measures.load(Ordering::Relaxed);
            let mut sent = 0;
            let mut singers = locked(&self.singers);
            for singer in singers.values_mut() {
                if singer.turn == turn % TURNS {
                    self.say(singer, measures, &mut packet);
                    sent += 1;
                }
            }
            drop(singers);
            if measures {
                locked(&self.tally).sent += sent;
            }
        }
    }

    fn say(&self, singer: &mut Singer, measures: bool, packet: &mut Vec<u8>) {
        packet.clear();
        packet.extend_from_slice(&singer.header.to_bytes());
        packet.extend_from_slice(if measures { MEASURED } else { UNMEASURED });
        let now = self.base.elapsed().as_micros() as u64;
        packet.extend_from_slice(&now.to_be_bytes());
        packet.resize(HEADER_BYTES + PAYLOAD, 0xff);
        // A peer that closed its port is no error of ours: the call's end follows by SIP.
        self.socket.send_to(packet, singer.to).ok();
        let header = &mut singer.header;
        header.marker = false;
        header.sequence = header.sequence.wrapping_add(1);
        header.timestamp = header.timestamp.wrapping_add(PAYLOAD as u32);
    }

    fn listen(&self) {
        let mut buffer = [0; 2048];
        while !self.over.load(Ordering::Relaxed) {
            // Nothing came for a while, or a peer had closed its port.
            if let Ok(length) = self.socket.recv(&mut buffer) {
                self.hear(&buffer[..length]);
            }
        }
    }

    fn hear(&self, datagram: &[u8]) {
        let Ok(packet) = Packet::parse(datagram) else {
            return;
        };
        let payload = &datagram[packet.payload];
        let mut tally = locked(&self.tally);
        if self.measures.load(Ordering::Relaxed) {
            tally.received += 1;
        }
        if let Some(stamp) = stamp(payload) {
            let took = self.base.elapsed().saturating_sub(stamp);
            tally.took.add(took);
        }
    }
}

// When a measured packet was sent, after the base.
fn stamp(payload: &[u8]) -> Option<Duration> {
    let rest = payload.strip_prefix(MEASURED)?;
    let micros = rest.first_chunk::<8>()?;
    Some(Duration::from_micros(u64::from_be_bytes(*micros)))
}

// An even port and the one above it.
fn pair(address: IpAddr) -> io::Result<(UdpSocket, UdpSocket)> {
    let mut last = io::Error::other("none was tried");
    for _ in 0..TRIES {
        let socket = bind(SocketAddr::new(address, 0))?;
        let port = socket.local_addr()?.port();
        if port % 2 == 1 {
            continue;
        }
        match bind(SocketAddr::new(address, port + 1)) {
            Ok(reports) => return Ok((socket, reports)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    socket.set_recv_buffer_size(BUFFER)?;
    socket.set_send_buffer_size(BUFFER)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics while they hold it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_measured_packets_have_a_stamp() {
        let mut payload = MEASURED.to_vec();
        payload.extend_from_slice(&1_500_u64.to_be_bytes());
        payload.resize(PAYLOAD, 0xff);

        assert_eq!(stamp(&payload), Some(Duration::from_micros(1_500)));
        assert_eq!(stamp(&payload[..8]), None);
        payload[..4].copy_from_slice(UNMEASURED);
        assert_eq!(stamp(&payload), None);
    }
}
