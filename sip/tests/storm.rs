//! Whatever two owners do, at whatever moment, over whatever network: every call ends exactly once on both
//! sides, and nothing of it is left.

mod net;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use net::{ANSWER, Net, OFFER, Weather, answer, arrived, dial, hang_up};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sip::dtmf::Digit;
use sip::endpoint::{CallKey, Cause, Command, Event, Fork, SessionId, Tag, Transport};

/// What an owner knows of a call: whether its end has been reported.
#[derive(Default)]
struct Owner {
    calls: BTreeMap<CallKey, bool>,
    /// Inbound calls that no final response was given to.
    open: std::collections::BTreeSet<CallKey>,
    dialled: u64,
}

impl Owner {
    /// Takes what was reported, and answers offers at random.
    fn read(&mut self, net: &mut Net, end: usize, luck: &mut StdRng) {
        for event in std::mem::take(&mut net.ends[end].events) {
            match event {
                Event::Arrived { call, .. } => {
                    assert!(
                        self.calls.insert(call, true).is_none(),
                        "{call:?} arrived twice"
                    );
                    self.open.insert(call);
                    let tag = Tag {
                        session: SessionId(9),
                        headers: Vec::new(),
                    };
                    net.tell(end, Command::Adopt { call, tag });
                }
                Event::Failed { call, .. }
                | Event::Cancelled { call, .. }
                | Event::Ended { call, .. } => {
                    let lives = self.calls.get_mut(&call).expect("it was begun");
                    assert!(std::mem::replace(lives, false), "{call:?} ended twice");
                    self.open.remove(&call);
                }
                Event::Offered { call, fork, .. } => {
                    assert!(self.calls[&call], "{call:?} is over");
                    decide(net, end, (call, fork), luck);
                }
                Event::Progress { call, .. }
                | Event::Rerouted { call, .. }
                | Event::PassedOver { call, .. }
                | Event::Redirected { call, .. }
                | Event::Answered { call, .. }
                | Event::Confirmed { call, .. }
                | Event::RecordAware { call }
                | Event::OfferAnswered { call, .. }
                | Event::Refreshed { call, .. }
                | Event::OfferRefused { call, .. }
                | Event::ReferProgress { call, .. }
                | Event::Referred { call, .. }
                | Event::Digit { call, .. }
                | Event::KeyRefused { call, .. } => assert!(self.calls[&call], "{call:?} is over"),
                Event::Registered { .. }
                | Event::Unregistered { .. }
                | Event::Located { .. }
                | Event::NotLocated { .. }
                | Event::TrunkUp { .. }
                | Event::TrunkDown { .. }
                | Event::TrunkRegistered { .. }
                | Event::TrunkUnregistered { .. }
                | Event::Banned { .. } => {
                    unreachable!("nobody registers or asks")
                }
            }
        }
    }

    /// Does anything to any call, living or dead.
    fn act(&mut self, net: &mut Net, end: usize, luck: &mut StdRng) {
        let calls: Vec<CallKey> = self.calls.keys().copied().collect();
        let choice = luck.random_range(0..10);
        if calls.is_empty() || choice == 0 {
            self.dialled += 1;
            let call = CallKey::Out(self.dialled);
            self.calls.insert(call, true);
            return net.tell(end, dial(call, ["b", "a"][end], 7));
        }
        let call = calls[luck.random_range(0..calls.len())];
        let final_response = matches!(choice, 3..=6 | 9);
        let was_open = final_response && self.open.remove(&call);
        if choice == 6 && was_open {
            // No event follows a refusal of our own.
            let lives = self.calls.get_mut(&call).expect("it was begun");
            *lives = false;
        }
        net.tell(
            end,
            match choice {
                1 | 2 => Command::Ring {
                    call,
                    code: 180 + choice,
                    reason: None,
                    sdp: None,
                },
                3..=5 => answer(call),
                6 => Command::Reject {
                    call,
                    code: 486,
                    reason: None,
                    retry_after: None,
                    warning: None,
                },
                7 => Command::Offer {
                    call,
                    sdp: Bytes::from_static(OFFER),
                },
                8 => Command::Press {
                    call,
                    digit: Digit::try_from('5').expect("a key"),
                },
                _ => Command::HangUp {
                    call,
                    cause: Cause::normal(),
                },
            },
        );
    }
}

// Takes an offer, refuses it, or does neither.
fn decide(net: &mut Net, end: usize, (call, fork): (CallKey, Option<Fork>), luck: &mut StdRng) {
    let sdp = Bytes::from_static(ANSWER);
    let (code, warning) = (488, None);
    match luck.random_range(0..3) {
        0 => net.tell(
            end,
            Command::RefuseOffer {
                call,
                fork,
                code,
                warning,
            },
        ),
        1 => {}
        _ => net.tell(end, Command::AcceptOffer { call, fork, sdp }),
    }
}

fn storm(seed: u64, loss: u32, transport: Transport, steps: u32) {
    let mut luck = StdRng::seed_from_u64(seed);
    let mut net = Net::pair(seed, Weather::stormy(loss), transport);
    let mut owners = [Owner::default(), Owner::default()];
    for _ in 0..steps {
        for end in [0, 1] {
            owners[end].read(&mut net, end, &mut luck);
        }
        let end = luck.random_range(0..2);
        owners[end].act(&mut net, end, &mut luck);
        let pause = [0, 3, 20, 300, 4_000][luck.random_range(0..5)];
        net.run_for(Duration::from_millis(luck.random_range(0..=pause)));
    }
    // Both hang up whatever is left, again and again: offers and answers are still under way.
    for _ in 0..4 {
        for end in [0, 1] {
            owners[end].read(&mut net, end, &mut luck);
            for call in owners[end].calls.keys().copied().collect::<Vec<_>>() {
                net.tell(end, hang_up(call));
            }
        }
        net.run_for(Duration::from_secs(200));
    }
    net.settle();
    for end in [0, 1] {
        owners[end].read(&mut net, end, &mut luck);
        let left: Vec<_> = owners[end]
            .calls
            .iter()
            .filter(|(_, lives)| **lives)
            .collect();
        assert!(left.is_empty(), "never ended at {end}: {left:?}");
    }
    net.assert_empty();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_call_ends_once_and_nothing_is_left(
        seed in any::<u64>(),
        loss in prop_oneof![Just(0u32), Just(10), Just(30), Just(60)],
        transport in prop_oneof![3 => Just(Transport::Udp), 1 => Just(Transport::Tcp)],
        steps in 10..120u32,
    ) {
        storm(seed, loss, transport, steps);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let run = || {
        let mut net = Net::pair(5, Weather::stormy(20), Transport::Udp);
        net.tell(0, dial(CallKey::Out(1), "b", 7));
        let call = net.wait(1, arrived);
        net.tell(1, answer(call));
        net.tell(0, hang_up(CallKey::Out(1)));
        net.settle();
        net.sent
            .into_iter()
            .map(|packet| (packet.at, packet.bytes))
            .collect::<Vec<_>>()
    };

    assert_eq!(run(), run());
}
