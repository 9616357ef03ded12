//! What a relayed call costs. Ignored: it measures, and judges nothing.
//!
//! `cargo test --release -p gateway relayed_calls -- --ignored --nocapture --test-threads 1`

use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd;

use futures_util::FutureExt;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use sip::families::Families;
use sip::media::MediaCommand;
use tokio::sync::mpsc;

use super::sockets::started;
use super::*;
use crate::media::Media;

const CALLS: usize = 200;
const SECONDS: u32 = 10;

/// The share of a core: user and system time of the worker's thread.
#[test]
#[ignore = "measures for ten seconds"]
fn cost_of_relayed_calls() {
    let (sender, mut events) = mpsc::channel(4096);
    let media = started(sender);
    let phones = calls(&media, &mut events);
    let before = media_thread_ticks();
    let start = Instant::now();

    let mut packets = 0;
    speak(&phones, start, |phone| packets += listen(phone).count());

    let seconds = start.elapsed().as_secs_f64();
    // The kernel counts in hundredths of a second.
    let share = f64::from(media_thread_ticks() - before) / 100.0 / seconds;
    println!(
        "{CALLS} calls for {seconds:.1} s: {packets} packets, {:.4} % of a core a call, {:.2} us a packet",
        100.0 * share / CALLS as f64,
        share * seconds * 1e6 / packets as f64,
    );
}

/// The time from one phone's socket to the other's.
#[test]
#[ignore = "measures for ten seconds"]
fn delay_of_relayed_calls() {
    let (sender, mut events) = mpsc::channel(4096);
    let media = started(sender);
    let phones = calls(&media, &mut events);
    let start = Instant::now();
    let ears: Vec<UdpSocket> = phones
        .iter()
        .map(|phone| phone.try_clone().unwrap())
        .collect();
    let ear = std::thread::spawn(move || delays(ears, start));

    speak(&phones, start, |_| {});

    let mut delays = ear.join().unwrap();
    delays.sort_unstable();
    let at = |share: f64| delays[((delays.len() - 1) as f64 * share) as usize].as_micros();
    println!(
        "{CALLS} calls: {} packets, delay median {} us, p99 {} us, most {} us",
        delays.len(),
        at(0.5),
        at(0.99),
        at(1.0),
    );
}

/// Lets every phone speak. Each packet carries the time it was sent.
fn speak(phones: &[UdpSocket], start: Instant, mut after: impl FnMut(&UdpSocket)) {
    let mut packet = [0x55; 172];
    for frame in 0..SECONDS * 50 {
        // Phones do not speak at once: they are spread over the twenty milliseconds.
        for (slot, group) in phones.chunks(phones.len().div_ceil(20)).enumerate() {
            let due = start + FRAME * frame + Duration::from_millis(slot as u64);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            for phone in group {
                let header = Header {
                    sequence: frame as u16,
                    timestamp: frame * 160,
                    ..Header::default()
                };
                let sent = start.elapsed().as_nanos() as u64;
                packet[..12].copy_from_slice(&header.to_bytes());
                packet[12..20].copy_from_slice(&sent.to_be_bytes());
                phone.send(&packet).unwrap();
                after(phone);
            }
        }
    }
}

/// Waits on all phones until they have been quiet for half a second.
fn delays(phones: Vec<UdpSocket>, start: Instant) -> Vec<Duration> {
    let mut poll = Poll::new().unwrap();
    let mut ready = Events::with_capacity(1024);
    for (n, phone) in phones.iter().enumerate() {
        let interest = Interest::READABLE;
        let source = phone.as_raw_fd();
        poll.registry()
            .register(&mut SourceFd(&source), Token(n), interest)
            .unwrap();
    }
    let mut delays = Vec::new();
    loop {
        poll.poll(&mut ready, Some(Duration::from_millis(500)))
            .unwrap();
        if ready.is_empty() && !delays.is_empty() {
            return delays;
        }
        for event in &ready {
            let now = start.elapsed();
            delays.extend(listen(&phones[event.token().0]).map(|sent| now.saturating_sub(sent)));
        }
    }
}

/// Takes everything that waits on a phone: when each packet was sent.
fn listen(phone: &UdpSocket) -> impl Iterator<Item = Duration> {
    let mut packet = [0; 2048];
    std::iter::from_fn(move || {
        phone.recv(&mut packet).ok()?;
        let sent = packet[12..20].first_chunk::<8>()?;
        Some(Duration::from_nanos(u64::from_be_bytes(*sent)))
    })
}

/// Opens and bridges all calls, and returns their phones.
fn calls(media: &Media, events: &mut mpsc::Receiver<MediaEvent>) -> Vec<UdpSocket> {
    let ask = |command| {
        let asked = media.ask(command).now_or_never();
        asked.expect("there is room").unwrap();
    };
    let mut phones = Vec::new();
    for n in 0..2 * CALLS {
        let leg = LegKey(n as u64);
        let phone = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        phone.set_nonblocking(true).unwrap();
        ask(MediaCommand::Open {
            leg,
            addresses: Families::V4(Ipv4Addr::LOCALHOST.into()),
            port: 0,
        });
        let Some(MediaEvent::Opened { port, .. }) = events.blocking_recv() else {
            panic!("not opened");
        };
        let media = agreed(
            phone.local_addr().unwrap(),
            Codec::Pcmu,
            Direction::SendRecv,
        );
        ask(MediaCommand::Remote { leg, media });
        if n % 2 == 1 {
            ask(MediaCommand::Bridge {
                a: LegKey(n as u64 - 1),
                b: leg,
            });
        }
        phone.connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        phones.push(phone);
    }
    phones
}

/// User and system time of the worker's thread, in ticks.
fn media_thread_ticks() -> u32 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    tasks
        .filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("stat")).ok())
        .filter_map(|stat| {
            let (name, rest) = stat.split_once(") ")?;
            let fields: Vec<&str> = rest.split(' ').collect();
            name.ends_with("(media")
                .then(|| fields[11].parse::<u32>().unwrap() + fields[12].parse::<u32>().unwrap())
        })
        .sum()
}
