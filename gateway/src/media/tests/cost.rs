//! What a relayed call costs. Ignored: it measures, and judges nothing.
//!
//! `cargo test --release -p gateway cost -- --ignored --nocapture`

use std::net::{Ipv4Addr, UdpSocket};

use futures_util::FutureExt;
use sip::media::MediaCommand;
use tokio::sync::mpsc;

use super::*;
use crate::media::Media;

const CALLS: usize = 200;
const SECONDS: u32 = 10;

#[test]
#[ignore = "measures for ten seconds"]
fn cost_of_relayed_calls() {
    let (sender, mut events) = mpsc::channel(4096);
    let media = Media::start(Settings::default(), 7, sender).unwrap();
    let phones = calls(&media, &mut events);

    let before = media_thread_ticks();
    let start = Instant::now();
    let mut heard = 0u64;
    let mut buffer = [0; 2048];
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
                let packet = [&header.to_bytes()[..], &[0x55; 160]].concat();
                phone.send(&packet).unwrap();
                while phone.recv(&mut buffer).is_ok() {
                    heard += 1;
                }
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let ticks = media_thread_ticks() - before;

    // The kernel counts in hundredths of a second.
    let share = f64::from(ticks) / 100.0 / seconds;
    println!(
        "{CALLS} calls for {seconds:.1} s: {heard} packets, {:.4} % of a core a call, {:.2} us a packet",
        100.0 * share / CALLS as f64,
        share * seconds * 1e6 / heard as f64,
    );
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
            address: Ipv4Addr::LOCALHOST.into(),
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
