//! Flows of calls, each a row of steps, over a network that doubles and reorders: transfers in both directions, sound before
//! the answer, changes of a running call from either side and from both at once. What was begun ends as its row says, both sides
//! know the same of every call that stands, and nothing is left of one that is over. Seeds are printed as they are tried.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use net::owner::{Known, Owner};
use net::{Net, Weather, dial, hang_up};
use sip::endpoint::{CallKey, Command, Replaced, Transport};

use Step::*;

/// One thing that is done, and seen by both sides before the next. Calls are numbered as end 0 dials them.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// End 0 calls end 1.
    Dials(u64),
    /// End 0 calls end 1 in the place of the second call (RFC 3891), which end 1 leaves.
    DialsFor(u64, u64),
    /// End 1 rings with sound, which is acknowledged (RFC 3262).
    Rings(u64),
    /// End 1 answers.
    Answers(u64),
    /// An end offers anew, and the other takes it.
    Offers(usize, u64),
    /// An end offers anew, and the other refuses.
    OffersInVain(usize, u64),
    /// Both offer at once; one after the other is taken.
    BothOffer(u64),
    /// An end asks the other to call a number instead, or to join the call with another.
    Refers(usize, u64, Option<u64>),
    /// The same while the other end offers anew.
    RefersAgainstOffer(usize, u64),
    /// An end tells the other how the transfer that it was asked for goes.
    Tells(usize, u64, u16),
    /// An end asks for a transfer, which the other does not make.
    RefersInVain(usize, u64),
    /// An end asks for a transfer and hangs up at once.
    RefersAndLeaves(usize, u64),
    /// An end hangs up while the other offers anew.
    OffersAndLeaves(usize, u64),
    /// End 1 rings with sound and refuses at once.
    RingsAndRejects(u64),
    /// End 1 rings with sound while end 0 hangs up.
    RingsAndIsLeft(u64),
    /// An end hangs up.
    Leaves(usize, u64),
}

/// What it is, what happens, and which calls stand in the end.
type Flow = (&'static str, &'static [Step], &'static [u64]);

const FLOWS: &[Flow] = &[
    (
        "sound before the answer, and changes from either side",
        &[
            Dials(1),
            Rings(1),
            Rings(1),
            Answers(1),
            Offers(0, 1),
            Offers(1, 1),
        ],
        &[1],
    ),
    (
        "changes that meet, that are refused, and that follow each other",
        &[
            Dials(1),
            Answers(1),
            BothOffer(1),
            OffersInVain(0, 1),
            OffersInVain(1, 1),
            BothOffer(1),
            Offers(0, 1),
            Offers(0, 1),
            Offers(1, 1),
        ],
        &[1],
    ),
    (
        "a blind transfer that the caller asks for and that comes to its end",
        &[
            Dials(1),
            Answers(1),
            Refers(0, 1, None),
            Tells(1, 1, 180),
            Tells(1, 1, 200),
            Leaves(0, 1),
        ],
        &[],
    ),
    (
        "a blind transfer that the called asks for, beside a hold",
        &[
            Dials(1),
            Answers(1),
            Offers(1, 1),
            Refers(1, 1, None),
            Offers(0, 1),
            Tells(0, 1, 180),
            Tells(0, 1, 200),
            Leaves(1, 1),
        ],
        &[],
    ),
    (
        "transfers that come to nothing, and the call goes on",
        &[
            Dials(1),
            Rings(1),
            Answers(1),
            Refers(0, 1, None),
            Tells(1, 1, 486),
            RefersInVain(1, 1),
            RefersInVain(0, 1),
            Refers(1, 1, None),
            Tells(0, 1, 603),
            Offers(0, 1),
        ],
        &[1],
    ),
    (
        "a transfer and a change that meet",
        &[
            Dials(1),
            Answers(1),
            RefersAgainstOffer(0, 1),
            Tells(1, 1, 404),
            RefersAgainstOffer(1, 1),
            Tells(0, 1, 480),
        ],
        &[1],
    ),
    (
        "an attended transfer that the caller asks for: both of its calls are joined there",
        &[
            Dials(1),
            Answers(1),
            Offers(0, 1),
            Dials(2),
            Rings(2),
            Answers(2),
            Refers(0, 1, Some(2)),
            Tells(1, 1, 200),
            Leaves(0, 1),
            Leaves(0, 2),
        ],
        &[],
    ),
    (
        "an attended transfer that the called asks for, and that the caller makes by a call in the place of the other",
        &[
            Dials(1),
            Answers(1),
            Offers(1, 1),
            Dials(2),
            Answers(2),
            Refers(1, 1, Some(2)),
            Tells(0, 1, 100),
            DialsFor(3, 2),
            Tells(0, 1, 200),
            Leaves(1, 1),
            Offers(0, 3),
        ],
        &[3],
    ),
    (
        "an attended transfer that is refused: both calls go on",
        &[
            Dials(1),
            Answers(1),
            Dials(2),
            Answers(2),
            Refers(1, 2, Some(1)),
            Tells(0, 2, 603),
            Offers(0, 1),
            Offers(1, 2),
        ],
        &[1, 2],
    ),
    (
        "who asks for a transfer and hangs up",
        &[Dials(1), Answers(1), RefersAndLeaves(0, 1)],
        &[],
    ),
    (
        "who was called asks for a transfer and hangs up",
        &[Dials(1), Answers(1), RefersAndLeaves(1, 1)],
        &[],
    ),
    (
        "who hangs up while the caller changes the call",
        &[Dials(1), Answers(1), OffersAndLeaves(1, 1)],
        &[],
    ),
    (
        "who hangs up while the called changes the call",
        &[Dials(1), Rings(1), Answers(1), OffersAndLeaves(0, 1)],
        &[],
    ),
    (
        "sound before a refusal",
        &[Dials(1), Rings(1), RingsAndRejects(1)],
        &[],
    ),
    (
        "sound before an answer that nobody waits for",
        &[Dials(1), RingsAndIsLeft(1)],
        &[],
    ),
];

/// Both ends with their owners.
struct Line {
    net: Net,
    owners: [Owner; 2],
    /// The calls as end 1 knows them.
    there: Vec<(u64, CallKey)>,
}

impl Line {
    fn new(seed: u64, loss: u32, transport: Transport) -> Self {
        Self {
            net: Net::pair(seed, Weather::stormy(loss), transport),
            owners: [Owner::new(0), Owner::new(1)],
            there: Vec::new(),
        }
    }

    fn key(&self, end: usize, number: u64) -> CallKey {
        if end == 0 {
            return CallKey::Out(number);
        }
        let mut there = self.there.iter().rev();
        there.find(|(one, _)| *one == number).expect("it arrived").1
    }

    fn knows(&mut self, end: usize, number: u64) -> &mut Known {
        let key = self.key(end, number);
        self.owners[end].known(key)
    }

    /// Goes on until something holds.
    fn until(&mut self, wanted: impl Fn(&mut Self) -> bool) {
        for _ in 0..100_000 {
            for owner in &mut self.owners {
                owner.read(&mut self.net);
            }
            if wanted(self) {
                return;
            }
            let calls = self.owners.each_ref().map(|owner| &owner.calls);
            assert!(self.net.step(), "it does not happen: {calls:#?}");
        }
        panic!("it never happens");
    }

    fn dials(&mut self, number: u64, command: Command) {
        let before = self.owners[1].last;
        self.owners[0].dials(&mut self.net, command);
        self.until(|line| line.owners[1].last != before);
        self.there.push((number, self.owners[1].last.unwrap()));
    }

    fn offers(&mut self, end: usize, number: u64) {
        let key = self.key(end, number);
        self.owners[end].offers(&mut self.net, key);
    }

    fn refers(&mut self, end: usize, number: u64, with: Option<u64>) {
        let call = self.key(end, number);
        let replaces = with.map(|other| self.key(end, other));
        let number = if with.is_some() { "" } else { "+49 30 1234" };
        let headers = Vec::new();
        self.owners[end].known(call).told.clear();
        self.net.tell(
            end,
            Command::Refer {
                call,
                number: number.to_owned(),
                headers,
                replaces,
            },
        );
    }

    fn leaves(&mut self, end: usize, number: u64) {
        let key = self.key(end, number);
        self.net.tell(end, hang_up(key));
    }

    fn is_over(&mut self, number: u64) -> bool {
        [0, 1].iter().all(|end| self.knows(*end, number).over > 0)
    }

    // The other end is asked, and says that it tries.
    fn asked(&mut self, by: usize, number: u64) {
        let other = 1 - by;
        self.until(|line| line.knows(other, number).asked.is_some());
        let call = self.key(other, number);
        self.net.tell(other, Command::AcceptRefer { call });
        self.until(|line| line.knows(by, number).told.contains(&(100, false)));
    }

    fn take(&mut self, step: Step) {
        match step {
            Dials(number) => self.dials(number, dial(CallKey::Out(number), "b", 0xa)),
            DialsFor(number, old) => {
                let replaces = self.dialog(old);
                let mut command = dial(CallKey::Out(number), "b", 0xa);
                if let Command::Dial { headers, .. } = &mut command {
                    headers.push(("Replaces".into(), replaces));
                }
                self.dials(number, command);
                let replaced = self.key(1, old);
                assert_eq!(self.knows(1, number).replaces, Some(replaced));
                self.take(Answers(number));
                self.take(Leaves(1, old));
            }
            Rings(number) => {
                let key = self.key(1, number);
                self.owners[1].rings(&mut self.net, key);
                self.until(|line| !line.knows(0, number).early.is_empty());
            }
            Answers(number) => {
                let key = self.key(1, number);
                self.owners[1].answers(&mut self.net, key);
                self.until(|line| [0, 1].iter().all(|end| line.knows(*end, number).is_up));
            }
            other => self.change(other),
        }
    }

    // Steps within an answered call.
    fn change(&mut self, step: Step) {
        match step {
            Offers(end, number) => {
                let before = self.knows(end, number).changed;
                self.offers(end, number);
                self.until(|line| line.knows(end, number).changed > before);
            }
            OffersInVain(end, number) => {
                let before = self.knows(end, number).refused;
                self.owners[1 - end].refuses = true;
                self.offers(end, number);
                self.until(|line| line.knows(end, number).refused > before);
                self.owners[1 - end].refuses = false;
            }
            BothOffer(number) => {
                let before = [0, 1].map(|end| self.knows(end, number).changed);
                self.offers(0, number);
                self.offers(1, number);
                self.until(|line| {
                    let mut ends = [0, 1].iter().zip(before);
                    ends.all(|(end, before)| line.knows(*end, number).changed > before)
                });
            }
            Refers(by, number, with) => {
                self.refers(by, number, with);
                self.asked(by, number);
                let there = with.map(|other| Replaced::Ours(self.key(1 - by, other)));
                let asked = self.knows(1 - by, number).asked.take().unwrap();
                assert_eq!(asked.replaces, there);
            }
            RefersAgainstOffer(by, number) => {
                let before = self.knows(1 - by, number).changed;
                self.refers(by, number, None);
                self.offers(1 - by, number);
                self.asked(by, number);
                self.knows(1 - by, number).asked = None;
                self.until(|line| line.knows(1 - by, number).changed > before);
            }
            Tells(by, number, code) => {
                let (call, reason) = (self.key(by, number), String::new());
                self.net
                    .tell(by, Command::ReportRefer { call, code, reason });
                let said = (code, code >= 200);
                self.until(|line| line.knows(1 - by, number).told.contains(&said));
            }
            _ => self.take_apart(step),
        }
    }

    // Steps that end something.
    fn take_apart(&mut self, step: Step) {
        match step {
            RefersInVain(by, number) => {
                self.refers(by, number, None);
                self.until(|line| line.knows(1 - by, number).asked.is_some());
                self.knows(1 - by, number).asked = None;
                let (call, code) = (self.key(1 - by, number), 403);
                let reason = String::new();
                self.net
                    .tell(1 - by, Command::RefuseRefer { call, code, reason });
                self.until(|line| line.knows(by, number).told.contains(&(403, true)));
            }
            RefersAndLeaves(by, number) => {
                self.refers(by, number, None);
                self.leaves(by, number);
                self.until(|line| line.is_over(number));
            }
            OffersAndLeaves(by, number) => {
                self.offers(1 - by, number);
                self.leaves(by, number);
                self.until(|line| line.is_over(number));
            }
            RingsAndRejects(number) => {
                let call = self.key(1, number);
                self.owners[1].rings(&mut self.net, call);
                let (reason, retry_after, warning) = (None, None, None);
                self.net.tell(
                    1,
                    Command::Reject {
                        call,
                        code: 486,
                        reason,
                        retry_after,
                        warning,
                    },
                );
                // No event follows a refusal of our own.
                self.knows(1, number).over += 1;
                self.until(|line| line.is_over(number));
            }
            RingsAndIsLeft(number) => {
                let key = self.key(1, number);
                self.owners[1].rings(&mut self.net, key);
                self.leaves(0, number);
                self.until(|line| line.is_over(number));
            }
            Leaves(by, number) => {
                self.leaves(by, number);
                self.until(|line| line.is_over(number));
            }
            other => unreachable!("{other:?} ends nothing"),
        }
    }

    // How end 1 is told of a call (RFC 3891 §3).
    fn dialog(&self, number: u64) -> String {
        let at = self.there.iter().position(|(one, _)| *one == number);
        let invites = self.net.sent.iter().filter(|packet| {
            let text = packet.text();
            text.starts_with("INVITE ") && text.contains("\r\nTo: ") && !text.contains(";to-tag")
        });
        let first = |line: &str, text: &str| {
            let mut lines = text.lines();
            let found = lines.find_map(|one| one.strip_prefix(line).map(str::to_owned));
            found.unwrap_or_else(|| panic!("no {line} in {text}"))
        };
        let tag = |line: &str| line.split(";tag=").nth(1).map(str::to_owned);
        let mut ids: Vec<(String, String)> = Vec::new();
        for invite in invites {
            let text = invite.text();
            let id = first("Call-ID: ", &text);
            if ids.iter().all(|(known, _)| *known != id) {
                ids.push((id, tag(&first("From: ", &text)).unwrap()));
            }
        }
        let (id, from) = &ids[at.unwrap()];
        let answer = self.net.sent.iter().map(|packet| packet.text());
        let mut answers = answer.filter(|text| text.starts_with("SIP/2.0 2") && text.contains(id));
        let to = tag(&first("To: ", &answers.next().unwrap())).unwrap();
        format!("{id};to-tag={to};from-tag={from}")
    }

    /// Fails unless the calls that stand are these, and both sides know the same of them.
    fn agrees(&mut self, stand: &[u64]) {
        let numbers: Vec<u64> = self.there.iter().map(|(number, _)| *number).collect();
        for number in numbers {
            let over = [0, 1].map(|end| self.knows(end, number).over);
            let expected = u32::from(!stand.contains(&number));
            assert_eq!(over, [expected; 2], "the ends of call {number}");
            if expected == 1 {
                continue;
            }
            let here = self.knows(0, number).agreed.clone();
            let there = self.knows(1, number).agreed.clone();
            assert!(here.ours.is_some() && here.theirs.is_some());
            assert_eq!((here.ours, here.theirs), (there.theirs, there.ours));
            let open = [0, 1].map(|end| self.knows(end, number).open.clone());
            assert_eq!(open, [None, None], "call {number}");
        }
        for end in &self.net.ends {
            assert_eq!(end.endpoint.counters().calls, stand.len());
        }
    }
}

fn flow((name, steps, stand): &Flow, seed: u64, loss: u32, transport: Transport) {
    println!("{name}: seed {seed}, {loss} of a hundred lost, {transport:?}");
    let mut line = Line::new(seed, loss, transport);
    for step in *steps {
        line.take(*step);
    }
    // What is under way comes to its end, and nothing of it changes what was agreed.
    line.net.run_for(Duration::from_secs(40));
    line.until(|_| true);
    line.agrees(stand);
    for number in *stand {
        line.take(Leaves((seed % 2) as usize, *number));
    }
    line.net.settle();
    line.until(|_| true);
    line.agrees(&[]);
    line.net.assert_empty();
}

#[test]
fn each_flow_comes_to_its_end_by_every_transport() {
    for each in FLOWS {
        for transport in Transport::ALL {
            flow(each, 1, 0, transport);
        }
    }
}

#[test]
fn each_flow_comes_to_its_end_though_one_of_ten_is_lost() {
    for each in FLOWS {
        for seed in 1..=24 {
            flow(each, seed, 10, Transport::Udp);
        }
    }
}
