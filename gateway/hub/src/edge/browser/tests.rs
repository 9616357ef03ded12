use std::time::Duration;

use ws::{
    agent::{Change, Presence},
    board::{Activity, Stage},
    cobrowse::{AgentAct, Grant},
    frame::Code,
    id::{InteractionId, Seq},
    timeline::{Author, What},
    transfer::PartedWhy,
    voice::VisitorVoice,
};

use super::*;
use crate::{
    edge::phone::FromBrowser,
    hub::Output as HubOutput,
    input::{Actor, By, LegNews},
    tests::house,
};

mod boards;
mod lengths;
mod lines;
mod members;
mod overseers;
mod pages;

const START: Timestamp = Timestamp(1_795_000_000_000);

/// Hub and browsers with a journal that always keeps up.
struct House {
    hub: Hub,
    browsers: Browsers,
    now: Timestamp,
    id: u64,
}

impl House {
    fn new() -> Self {
        let mut hub = Hub::new(house(2, 6), [1; 32]);
        hub.start(START);
        let mut house = Self {
            hub,
            browsers: Browsers::new("e".to_owned(), "d".to_owned(), [2; 32]),
            now: START,
            id: 0,
        };
        house.settle();
        house
    }

    fn settle(&mut self) -> Vec<Output> {
        loop {
            while let Some(input) = self.browsers.poll_input() {
                self.hub.handle(input, self.now);
            }
            let out: Vec<_> = std::iter::from_fn(|| self.hub.poll_output()).collect();
            if out.is_empty() {
                return std::iter::from_fn(|| self.browsers.poll_output()).collect();
            }
            let facts = out.iter().filter_map(|output| match output {
                HubOutput::Fact(fact) => Some(fact.clone()),
                HubOutput::Command(_) | HubOutput::Reply(_) => None,
            });
            let facts: Vec<_> = facts.collect();
            self.browsers.handle_facts(&facts, &self.hub, self.now);
            for output in out {
                if let HubOutput::Reply(reply) = output {
                    self.browsers.handle_reply(&reply, &self.hub);
                }
            }
        }
    }

    fn hello(&mut self, socket: u64, visitor: u128, resume: Option<Resume>) -> Vec<Output> {
        self.id += 1;
        let credential = VisitorCredential {
            visitor: VisitorId::new(visitor).unwrap(),
            zone: Some("shop".parse().unwrap()),
            verified: None,
            until: Timestamp(u64::MAX),
            origin: Some("https://shop.example".to_owned()),
        };
        let (id, now) = (self.id, self.now);
        self.browsers
            .open_visitor(socket, id, credential, resume.as_ref(), &self.hub, now);
        self.settle()
    }

    /// A visitor whose identity a website signed, for all its zones.
    fn hello_signed(&mut self, socket: u64, visitor: u128) -> Vec<Output> {
        self.id += 1;
        let credential = VisitorCredential {
            visitor: VisitorId::new(visitor).unwrap(),
            zone: None,
            verified: Some(crate::input::Signed {
                subject: "ida".to_owned(),
                ..Default::default()
            }),
            until: Timestamp(u64::MAX),
            origin: None,
        };
        let (id, now) = (self.id, self.now);
        self.browsers
            .open_visitor(socket, id, credential, None, &self.hub, now);
        self.settle()
    }

    fn ask(&mut self, socket: u64, request: visitor::Request) -> Vec<Output> {
        self.id += 1;
        let id = self.id;
        let asked = Asked { id, request };
        self.browsers.handle_visitor(socket, asked, &self.hub);
        self.settle()
    }

    fn open(&mut self, socket: u64, zone: &str) -> Vec<Output> {
        self.ask(
            socket,
            visitor::Request::Open {
                zone: zone.parse().unwrap(),
                name: None,
                mail: None,
                page: None,
                referrer: None,
                form: None,
                callback: None,
                mid: format!("m{socket}").parse().unwrap(),
                text: "hello".to_owned(),
            },
        )
    }

    /// A visitor asks to be called in an hour, with no chat.
    fn call_later(&mut self, socket: u64) -> Vec<Output> {
        let request = visitor::Request::Open {
            zone: "shop".parse().unwrap(),
            name: None,
            mail: None,
            page: None,
            referrer: None,
            form: None,
            callback: Some(Box::new(ws::callback::Wanted {
                number: "+4930100".parse().unwrap(),
                at: Some(self.now + std::time::Duration::from_secs(3_600)),
                wish: None,
            })),
            mid: "m-call".parse().unwrap(),
            text: "My parcel is lost.".to_owned(),
        };
        self.ask(socket, request)
    }

    fn console(&mut self, socket: u64, resume: AgentResume) -> Vec<Output> {
        self.id += 1;
        let agent = "a0".parse().unwrap();
        self.browsers
            .open_agent(socket, self.id, &agent, &resume, &self.hub, self.now);
        self.settle()
    }

    fn work(&mut self, socket: u64, request: agent::Request) -> Vec<Output> {
        self.id += 1;
        let id = self.id;
        let asked = Asked { id, request };
        self.browsers.handle_agent(socket, asked, &self.hub);
        self.settle()
    }

    /// A visitor on socket 1 in a chat with an agent on socket 100.
    fn chat(&mut self) -> InteractionId {
        self.console(100, AgentResume::default());
        let presence = Presence::Ready;
        self.work(100, agent::Request::Presence { presence });
        self.hello(1, 1, None);
        self.open(1, "shop");
        let found = self.hub.state().interactions().next().unwrap();
        let interaction = found.id;
        self.work(100, agent::Request::Accept { interaction });
        interaction
    }

    /// Erases whose interaction is the first.
    fn erase(&mut self) -> Vec<Output> {
        let customer = self.hub.state().interactions().next().unwrap().customer;
        let erase = Input::Customer {
            customer,
            order: crate::customer::Order::Erase {
                reason: "asked for by mail".to_owned(),
            },
            by: crate::input::Actor::TANDEM,
            re: crate::input::Asker { socket: 9, id: 1 },
        };
        self.hub.handle(erase, self.now);
        self.settle()
    }
}

fn to_visitor(outputs: &[Output], wanted: u64) -> Vec<VisitorTold> {
    let told = outputs.iter().flat_map(|output| match output {
        Output::Visitor { socket, told } if *socket == wanted => vec![told.clone()],
        Output::VisitorResumed { socket, told } if *socket == wanted => told.clone(),
        _ => Vec::new(),
    });
    told.collect()
}

fn to_agent(outputs: &[Output], wanted: u64) -> Vec<AgentTold> {
    let told = outputs.iter().flat_map(|output| match output {
        Output::Agent { socket, told } if *socket == wanted => vec![(**told).clone()],
        Output::AgentResumed { socket, told } if *socket == wanted => told.clone(),
        _ => Vec::new(),
    });
    told.collect()
}

fn seqs(told: &[VisitorTold]) -> Vec<u64> {
    let seqs = told.iter().filter_map(|told| match told {
        Told::Push(visitor::Push::Entry { entry, .. }) => Some(entry.seq.0),
        _ => None,
    });
    seqs.collect()
}

fn refusal(told: &[VisitorTold]) -> Option<Code> {
    told.iter().find_map(|told| match told {
        Told::Refused { error, .. } => Some(error.code),
        Told::Done { .. } | Told::Push(_) => None,
    })
}

#[test]
fn both_pages_of_a_visitor_are_told_everything_and_another_visitor_nothing() {
    let mut house = House::new();
    for (socket, visitor) in [(1, 1), (2, 1), (3, 2)] {
        house.hello(socket, visitor, None);
    }

    let out = house.open(1, "shop");

    assert_eq!(seqs(&to_visitor(&out, 1)), [1, 2]);
    assert_eq!(seqs(&to_visitor(&out, 2)), [1, 2]);
    assert_eq!(to_visitor(&out, 3), []);
}

#[test]
fn what_is_somebody_elses_is_refused() {
    let mut house = House::new();
    let secret = house.chat();
    let resume = Resume {
        interaction: secret,
        epoch: "e".to_owned(),
        seq: Seq(0),
    };

    let out = house.hello(9, 2, Some(resume));

    assert_eq!(seqs(&to_visitor(&out, 9)), [] as [u64; 0]);
    let callback = format!("{secret}.c1").parse().unwrap();
    let out = house.ask(9, visitor::Request::CancelCallback { callback });
    assert_eq!(refusal(&to_visitor(&out, 9)), Some(Code::Forbidden));
    let out = house.ask(9, visitor::Request::End {});
    assert_eq!(refusal(&to_visitor(&out, 9)), Some(Code::Conflict));
    let out = house.ask(77, visitor::Request::End {});
    assert_eq!(refusal(&to_visitor(&out, 77)), Some(Code::Unauthorized));
}

#[test]
fn a_socket_cannot_change_its_visitor_and_a_credential_not_its_zone() {
    let mut house = House::new();
    house.hello(1, 1, None);

    let out = house.open(1, "bank");
    assert_eq!(refusal(&to_visitor(&out, 1)), Some(Code::Forbidden));

    let out = house.hello(1, 2, None);
    assert_eq!(refusal(&to_visitor(&out, 1)), Some(Code::Unauthorized));
    let close = Close::Unauthorized;
    assert!(out.contains(&Output::Close { socket: 1, close }));
}

#[test]
fn a_page_whose_leg_another_one_took_is_told_at_whichever_side_it_is() {
    let mut house = House::new();
    house.hello_signed(1, 1);
    house.console(100, AgentResume::default());
    let interaction = InteractionId::new(77).unwrap();
    let leg = ws::id::LegId { interaction, n: 2 };

    for socket in [1, 100, 7] {
        house.browsers.tell_elsewhere(socket, leg);
    }

    let visitor = visitor::Push::Elsewhere { interaction, leg };
    let agent = agent::Push::Elsewhere { interaction, leg };
    let told = house.settle();
    let [
        Output::Visitor {
            socket: 1,
            told: to_visitor,
        },
        Output::Agent {
            socket: 100,
            told: to_agent,
        },
    ] = &told[..]
    else {
        panic!("{told:?}");
    };
    assert_eq!(*to_visitor, Told::Push(visitor));
    assert_eq!(**to_agent, Told::Push(agent));
}

#[test]
fn a_leg_that_a_program_takes_is_that_of_the_console_it_names() {
    let mut house = House::new();
    house.console(100, AgentResume::default());
    let interaction = InteractionId::new(77).unwrap();
    let leg = ws::id::LegId { interaction, n: 2 };
    for (console, told_at) in [(Some(100), 100), (None, 900)] {
        let act = ws::voice::AgentVoice::Media {
            leg,
            sdp: "v=0".to_owned(),
        };
        let request = agent::Request::Voice { act: Box::new(act) };

        let done = act_at(&mut house, console, request).0;

        assert_eq!(done, Ok(None));
        let asked = house.browsers.poll_voice();
        let Some(FromBrowser::Media { page, .. }) = asked else {
            panic!("{asked:?}");
        };
        assert_eq!(page, told_at);
    }
}

#[test]
fn a_call_of_the_page_belongs_to_the_chat_that_is_shown_whatever_its_zone() {
    let mut house = House::new();
    house.hello_signed(1, 1);
    house.open(1, "shop");
    let chat = house.hub.state().interactions().next().unwrap().id;
    let calls = |house: &mut House| {
        let act = VisitorVoice::Call {
            zone: "bank".parse().unwrap(),
            name: None,
            page: None,
            referrer: None,
            sdp: String::new(),
        };
        let act = Box::new(act);
        house.ask(1, visitor::Request::Voice { act });
        match house.browsers.poll_voice() {
            Some(FromBrowser::Call { chat, .. }) => chat,
            other => panic!("it calls: {other:?}"),
        }
    };

    assert_eq!(calls(&mut house), Some(chat));
    house.ask(1, visitor::Request::End {});
    assert_eq!(calls(&mut house), None, "what is over is not begun again");
}

#[test]
fn an_agent_may_touch_only_contacts_on_their_desk() {
    let mut house = House::new();
    house.hello(1, 1, None);
    house.open(1, "shop");
    house.console(100, AgentResume::default());
    let interaction = house.hub.state().interactions().next().unwrap().id;

    for request in [
        agent::Request::Typing {
            interaction,
            on: true,
        },
        agent::Request::End { interaction },
        agent::Request::Message {
            interaction,
            mid: "x".parse().unwrap(),
            text: "x".to_owned(),
        },
    ] {
        let out = house.work(100, request);
        let told = to_agent(&out, 100);
        assert!(matches!(told[..], [Told::Refused { .. }]), "{told:?}");
        assert_eq!(to_visitor(&out, 1), []);
    }
}

#[test]
fn typing_and_receipts_reach_the_other_side_and_receipts_only_grow() {
    let mut house = House::new();
    let interaction = house.chat();

    let out = house.ask(1, visitor::Request::Typing { on: true });
    let typing = agent::Push::Typing {
        interaction,
        from: Author::Customer,
        on: true,
    };
    assert!(to_agent(&out, 100).contains(&Told::Push(typing)));

    let receipt = |n| agent::Request::Receipt {
        interaction,
        delivered: Seq(n),
        read: Seq(n),
    };
    let told = |out: &[Output]| {
        let told = to_visitor(out, 1);
        told.iter()
            .any(|told| matches!(told, Told::Push(visitor::Push::Receipt { .. })))
    };
    assert!(told(&house.work(100, receipt(2))));
    assert!(!told(&house.work(100, receipt(1))));
    let out = house.work(100, receipt(99));
    assert!(matches!(to_agent(&out, 100)[..], [Told::Refused { .. }]));
}

#[test]
fn what_somebody_saw_in_one_place_is_told_in_their_others() {
    let mut house = House::new();
    let interaction = house.chat();
    house.console(101, AgentResume::default());
    house.hello(2, 1, None);
    let (delivered, read) = (Seq(2), Seq(2));
    let of_agent = |out: &[Output], socket| {
        let own = agent::Push::Receipt {
            interaction,
            agent: Some("a0".parse().unwrap()),
            delivered,
            read,
        };
        to_agent(out, socket).contains(&Told::Push(own))
    };
    let of_visitor = |out: &[Output], socket| {
        let own = visitor::Push::Receipt {
            interaction,
            agent: None,
            delivered,
            read,
        };
        to_visitor(out, socket).contains(&Told::Push(own))
    };

    let receipt = agent::Request::Receipt {
        interaction,
        delivered,
        read,
    };
    let out = house.work(100, receipt);
    assert_eq!((of_agent(&out, 100), of_agent(&out, 101)), (false, true));
    let out = house.console(102, AgentResume::default());
    assert!(of_agent(&out, 102), "who comes later is told too: {out:?}");

    let out = house.ask(1, visitor::Request::Receipt { delivered, read });
    assert_eq!((of_visitor(&out, 1), of_visitor(&out, 2)), (false, true));
    let out = house.hello(3, 1, None);
    assert!(of_visitor(&out, 3), "{out:?}");
}

#[test]
fn agents_are_told_which_program_wrote_and_visitors_that_it_was_the_house() {
    let mut house = House::new();
    let interaction = house.chat();
    let say = Input::Say {
        interaction,
        by: Actor::House(By::Program("parcel tracker".to_owned())),
        mid: "p1".parse().unwrap(),
        text: "Your parcel is on its way".to_owned(),
        re: crate::input::Asker { socket: 9, id: 1 },
    };

    house.hub.handle(say, house.now);
    let out = house.settle();

    let agent = format!("{:?}", to_agent(&out, 100));
    let visitor = format!("{:?}", to_visitor(&out, 1));
    assert!(
        agent.contains(r#"Program { name: "parcel tracker" }"#),
        "{agent}"
    );
    assert!(visitor.contains("from: System"), "{visitor}");
    assert!(!visitor.contains("tracker"), "{visitor}");
}

#[test]
fn a_desk_is_taken_up_by_its_changes_or_else_whole() {
    let mut house = House::new();
    house.chat();
    let presence = Presence::Away {
        reason: "tea".to_owned(),
    };
    let out = house.work(100, agent::Request::Presence { presence });
    let seq = to_agent(&out, 100).iter().find_map(|told| match told {
        Told::Push(agent::Push::Change { seq, change, .. }) => match **change {
            Change::Presence { .. } => Some(*seq),
            _ => None,
        },
        _ => None,
    });
    let resume = |epoch: &str, seq: u64| AgentResume {
        desk: Some(agent::DeskResume {
            epoch: epoch.to_owned(),
            seq: Seq(seq),
        }),
        timelines: Vec::new(),
    };
    let kinds = |out: &[Output], socket| {
        let told = to_agent(out, socket);
        let whole = told
            .iter()
            .any(|told| matches!(told, Told::Push(agent::Push::Desk { .. })));
        let changes = told
            .iter()
            .filter(|told| matches!(told, Told::Push(agent::Push::Change { .. })));
        (whole, changes.count())
    };

    let last = seq.unwrap().0;
    assert_eq!(
        kinds(&house.console(101, resume("d", last)), 101),
        (false, 0)
    );
    assert_eq!(
        kinds(&house.console(102, resume("d", last - 1)), 102),
        (false, 1)
    );
    assert_eq!(
        kinds(&house.console(103, resume("x", last)), 103),
        (true, 0)
    );
    assert_eq!(
        kinds(&house.console(104, resume("d", last + 1)), 104),
        (true, 0)
    );
}

#[test]
fn places_in_the_queue_are_told_at_once_and_again_when_they_move() {
    let mut house = line(3);
    let again = house.hello(3, 3, None);
    assert_eq!(place(&to_visitor(&again, 3)), Some(3));

    house.ask(1, visitor::Request::End {});
    house.now = house.now + Duration::from_secs(2);
    house.browsers.handle_timeout(&house.hub, house.now);
    let out = house.settle();

    assert_eq!(place(&to_visitor(&out, 2)), Some(1));
    assert_eq!(place(&to_visitor(&out, 3)), Some(2));
}

fn place(told: &[VisitorTold]) -> Option<u32> {
    told.iter().rev().find_map(|told| match told {
        Told::Push(visitor::Push::Position { position, .. }) => Some(*position),
        _ => None,
    })
}

/// Lets so many wait, the first of them in front.
fn line(count: u64) -> House {
    let mut house = House::new();
    for n in 1..=count {
        house.now = house.now + Duration::from_secs(1);
        house.hello(n, u128::from(n), None);
        house.open(n, "shop");
    }
    house
}

/// Takes what is told until nobody is left to tell: after how long from the first, and how many at most at a time.
fn told_of_moves(house: &mut House) -> (Vec<Output>, Duration, usize) {
    let (mut all, mut most) = (Vec::new(), 0);
    house.now = house
        .browsers
        .poll_timeout(&house.hub)
        .unwrap()
        .max(house.now);
    let began = house.now;
    while let Some(due) = house.browsers.poll_timeout(&house.hub) {
        house.now = due.max(house.now);
        house.browsers.handle_timeout(&house.hub, house.now);
        let out = house.settle();
        most = most.max(out.len());
        all.extend(out);
    }
    (all, house.now.since(began), most)
}

#[test]
fn far_from_the_front_places_are_told_in_steps() {
    let mut house = line(45);

    house.ask(1, visitor::Request::End {});
    let (out, ..) = told_of_moves(&mut house);
    assert_eq!(place(&to_visitor(&out, 2)), Some(1));
    assert_eq!(place(&to_visitor(&out, 20)), Some(19));
    assert_eq!(place(&to_visitor(&out, 21)), None);
    assert_eq!(place(&to_visitor(&out, 45)), None);
    house.ask(2, visitor::Request::End {});
    let (out, ..) = told_of_moves(&mut house);
    assert_eq!(place(&to_visitor(&out, 21)), Some(19));
    assert_eq!(place(&to_visitor(&out, 45)), None);
    house.ask(3, visitor::Request::End {});
    let (out, ..) = told_of_moves(&mut house);
    assert_eq!(place(&to_visitor(&out, 45)), Some(42));
}

#[test]
fn a_long_line_is_told_a_few_at_a_time_and_all_of_it() {
    let mut house = line(90);

    for n in 1..=10 {
        house.ask(n, visitor::Request::End {});
    }
    let (out, took, most) = told_of_moves(&mut house);

    let told =
        (11..=90).filter(|n| place(&to_visitor(&out, *n)) == Some(u32::try_from(n - 10).unwrap()));
    assert_eq!(told.count(), 80);
    assert!(most <= 64, "{most} at a time");
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn the_oldest_socket_makes_room_when_there_are_too_many() {
    let mut house = House::new();
    for socket in 1..=8 {
        house.hello(socket, 1, None);
    }

    let out = house.hello(9, 1, None);

    let close = Close::Crowded;
    assert!(out.contains(&Output::Close { socket: 1, close }));
}

#[test]
fn of_many_sockets_that_come_at_once_the_newest_eight_stay() {
    let mut house = House::new();
    let mut closed = Vec::new();
    let mut note = |out: Vec<Output>| {
        closed.extend(out.into_iter().filter_map(|output| match output {
            Output::Close { socket, close } => Some((socket, close)),
            _ => None,
        }));
    };

    // None of them is gone before the last has come.
    for socket in 1..=11 {
        note(house.hello(socket, 1, None));
    }
    for socket in 101..=111 {
        note(house.console(socket, AgentResume::default()));
    }

    let oldest = [1, 2, 3, 101, 102, 103].map(|socket| (socket, Close::Crowded));
    assert_eq!(closed, oldest);
    for (socket, _) in oldest {
        house.browsers.close(socket, false);
    }
    house.settle();
    let told = to_visitor(&house.hello(4, 1, None), 4);
    assert!(matches!(told[..], [Told::Done { .. }, ..]), "{told:?}");
}

#[test]
fn a_visitor_who_was_away_at_the_end_still_learns_of_it() {
    let mut house = House::new();
    let interaction = house.chat();
    house.browsers.close(1, false);
    house.work(100, agent::Request::End { interaction });
    house.work(
        100,
        agent::Request::WrapUp {
            interaction,
            disposition: None,
            note: None,
            solved: None,
        },
    );
    assert!(house.hub.state().interaction(interaction).is_none());

    let resume = Resume {
        interaction,
        epoch: "e".to_owned(),
        seq: Seq(3),
    };
    let told = to_visitor(&house.hello(2, 1, Some(resume)), 2);

    let timeline = house.browsers.timeline(interaction).unwrap();
    assert!(timeline.is_ended());
    assert_eq!(seqs(&told).last(), Some(&timeline.top().0));
    assert_eq!(seqs(&told).first(), Some(&4));
}

/// Lets a program act as agent a0; none means that the hub was asked.
fn act(house: &mut House, request: agent::Request) -> Result<Option<crate::input::Done>, Refusal> {
    act_at(house, None, request).0
}

/// The same at a console; returns also what browsers were told.
fn act_at(
    house: &mut House,
    console: Option<u64>,
    request: agent::Request,
) -> (Result<Option<crate::input::Done>, Refusal>, Vec<Output>) {
    let to = crate::input::Asker { socket: 900, id: 0 };
    let who = ("a0".parse().unwrap(), console);
    let done = house.browsers.act(to, who, request, &house.hub, house.now);
    (done, house.settle())
}

/// A program that sits at the desk of agent a0 and took a chat.
fn accepted() -> (House, InteractionId) {
    let mut house = House::new();
    let presence = Presence::Ready;
    act(&mut house, agent::Request::Presence { presence }).unwrap();
    house.hello(1, 1, None);
    house.open(1, "shop");
    let interaction = house.hub.state().interactions().next().unwrap().id;
    act(&mut house, agent::Request::Accept { interaction }).unwrap();
    (house, interaction)
}

fn present(house: &House) -> Presence {
    let agents = house.hub.state().agents();
    let agent = agents.get(&"a0".parse().unwrap());
    agent.unwrap().presence.clone()
}

#[test]
fn a_program_takes_a_chat_as_an_agent_and_writes_in_it() {
    let (mut house, interaction) = accepted();
    act(
        &mut house,
        agent::Request::Message {
            interaction,
            mid: "p1".parse().unwrap(),
            text: "hello from a program".to_owned(),
        },
    )
    .unwrap();

    let entries = house.browsers.timeline(interaction).unwrap().entries();
    let said = format!("{:?}", entries.last().unwrap());
    assert!(said.contains("hello from a program"), "{said}");
}

#[test]
fn a_program_cannot_act_in_what_is_not_on_the_agents_desk() {
    let mut house = House::new();
    house.hello(1, 1, None);
    house.open(1, "shop");
    let interaction = house.hub.state().interactions().next().unwrap().id;

    let typing = act(
        &mut house,
        agent::Request::Typing {
            interaction,
            on: true,
        },
    );
    let end = act(&mut house, agent::Request::End { interaction });

    assert_eq!(typing.unwrap_err().code, Code::Forbidden);
    assert_eq!(end.unwrap_err().code, Code::Forbidden);
}

#[test]
fn a_program_asks_for_a_page_and_is_shown_it_at_a_console_only() {
    let (mut house, interaction) = accepted();
    let about = |act| agent::Request::Cobrowse {
        interaction,
        act: Box::new(act),
    };
    let asks = AgentAct::Ask {
        grants: [Grant::View].into(),
    };
    let watches = AgentAct::Watch { sheets: Vec::new() };

    act(&mut house, about(asks)).unwrap();
    let refused = act(&mut house, about(watches)).unwrap_err();

    let asked = |state: &crate::state::State| {
        let found = state.interaction(interaction).unwrap();
        found
            .cobrowse
            .as_ref()
            .is_some_and(|page| page.asked.is_some())
    };
    assert!(asked(house.hub.state()));
    assert_eq!(refused.code, Code::Conflict, "{refused:?}");
    act(&mut house, about(AgentAct::Stop {})).unwrap();
    assert!(!asked(house.hub.state()));
}

#[test]
fn what_needs_a_console_is_done_at_one_of_the_agents_own() {
    let mut house = House::new();
    house.console(100, AgentResume::default());
    let (other, resume) = ("a1".parse().unwrap(), AgentResume::default());
    house
        .browsers
        .open_agent(200, 9_000, &other, &resume, &house.hub, house.now);
    house.settle();
    let headset = || agent::Request::Voice {
        act: Box::new(ws::voice::AgentVoice::Headset { on: true }),
    };
    let mut code = |console| {
        let done = act_at(&mut house, console, headset()).0;
        done.map_err(|refusal| refusal.code)
    };

    assert_eq!(code(None), Err(Code::Conflict), "at which?");
    assert_eq!(code(Some(200)), Err(Code::NotFound), "that of another");
    assert_eq!(code(Some(7)), Err(Code::NotFound), "there is none");
    assert_eq!(code(Some(100)), Ok(None), "the hub answers");
    assert!(house.hub.has_headset(&"a0".parse().unwrap()));
    house.browsers.close(100, false);
    house.settle();
    assert!(!house.hub.has_headset(&"a0".parse().unwrap()));

    let board = agent::Request::Watch { resume: None };
    let done = act_at(&mut house, Some(100), board.clone()).0;
    assert_eq!(done.unwrap_err().code, Code::NotFound, "it is closed");
    let mut house = House::supervised();
    house.console(100, AgentResume::default());
    act_at(&mut house, Some(100), board.clone()).0.unwrap();
    assert_eq!(boards(&house.tick()).len(), 1);
    let mut house = House::new();
    house.console(100, AgentResume::default());
    let done = act_at(&mut house, Some(100), board).0;
    assert_eq!(done.unwrap_err().code, Code::Forbidden, "no supervisor");
}

#[test]
fn a_program_that_falls_silent_leaves_the_desk_and_one_that_asks_stays() {
    let mut house = House::new();
    let ready = || agent::Request::Presence {
        presence: Presence::Ready,
    };
    act(&mut house, ready()).unwrap();
    assert_eq!(present(&house), Presence::Ready);

    house.now = house.now + Duration::from_secs(200);
    act(&mut house, ready()).unwrap();
    house.now = house.now + Duration::from_secs(200);
    house.browsers.dismiss(house.now);
    assert!(house.browsers.poll_dismiss().is_some(), "it asked in time");

    house.now = house.now + Duration::from_secs(100);
    house.browsers.dismiss(house.now);
    house.settle();
    house.now = house.now + Duration::from_secs(31);
    house.hub.handle_timeout(house.now);
    house.settle();

    assert_eq!(house.browsers.poll_dismiss(), None);
    assert_eq!(present(&house), Presence::Gone);
}

fn boards(out: &[Output]) -> Vec<&agent::Push> {
    let told = out.iter().filter_map(|output| match output {
        Output::Agent { told, .. } => match &**told {
            Told::Push(push @ (agent::Push::Board { .. } | agent::Push::BoardChange { .. })) => {
                Some(push)
            }
            _ => None,
        },
        _ => None,
    });
    told.collect()
}

impl House {
    fn supervised() -> Self {
        let mut house = Self::new();
        let mut setup = house.hub.setup().clone();
        let agents = &mut setup.agents;
        agents.get_mut(&"a0".parse().unwrap()).unwrap().supervisor = true;
        house
            .hub
            .handle(crate::Input::Configure(Box::new(setup)), house.now);
        house.browsers.handle_setup(&house.hub);
        house.settle();
        house
    }

    fn tick(&mut self) -> Vec<Output> {
        self.now = self.now + Duration::from_secs(1);
        self.browsers.handle_timeout(&self.hub, self.now);
        self.settle()
    }
}

#[test]
fn a_supervisor_is_told_the_board_and_then_only_what_changed_and_takes_it_up_again() {
    let mut house = House::supervised();
    house.console(100, AgentResume::default());
    house.work(100, agent::Request::Watch { resume: None });
    let out = house.tick();
    let [agent::Push::Board { seq, board }] = boards(&out)[..] else {
        panic!("{out:?}");
    };
    assert_eq!(
        (*seq, board.agents.len(), board.waiting.len()),
        (Seq(0), 2, 0)
    );
    assert_eq!(
        boards(&house.tick()),
        Vec::<&agent::Push>::new(),
        "nothing happened"
    );

    house.hello(1, 1, None);
    house.open(1, "shop");
    let out = house.tick();
    let [
        agent::Push::BoardChange {
            seq: Seq(1),
            changes,
            ..
        },
    ] = boards(&out)[..]
    else {
        panic!("{out:?}");
    };
    let waits = |change: &ws::board::Change| matches!(change, ws::board::Change::Waiting { waiting } if waiting.len() == 1);
    assert!(changes.iter().any(waits), "{changes:?}");

    house.console(101, AgentResume::default());
    let resume = Some(agent::DeskResume {
        epoch: "d".to_owned(),
        seq: Seq(0),
    });
    house.work(101, agent::Request::Watch { resume });
    let out = house.tick();
    assert!(
        matches!(
            boards(&out)[0],
            agent::Push::BoardChange { seq: Seq(1), .. }
        ),
        "{out:?}"
    );
}

#[test]
fn a_supervisor_who_was_away_alone_is_told_what_happened_meanwhile() {
    let mut house = House::supervised();
    house.console(100, AgentResume::default());
    house.work(100, agent::Request::Watch { resume: None });
    house.tick();
    house.browsers.close(100, false);
    house.hello(1, 1, None);
    house.open(1, "shop");

    house.console(101, AgentResume::default());
    let resume = Some(agent::DeskResume {
        epoch: "d".to_owned(),
        seq: Seq(0),
    });
    house.work(101, agent::Request::Watch { resume });

    let out = house.tick();
    let [agent::Push::Board { board, .. }] = boards(&out)[..] else {
        panic!("{out:?}");
    };
    assert_eq!(board.waiting.len(), 1);
}

#[test]
fn a_page_that_no_other_led_to_has_no_referrer_and_a_card_number_in_one_is_taken_out() {
    for (told, kept) in [
        ("", None),
        (
            "https://search.example/tea",
            Some("https://search.example/tea"),
        ),
        (
            "https://x.example/4111111111111111",
            Some("https://x.example/[card ending 1111]"),
        ),
    ] {
        let mut house = House::new();
        house.hello(1, 1, None);
        let open = visitor::Request::Open {
            zone: "shop".parse().unwrap(),
            name: None,
            mail: None,
            page: None,
            referrer: Some(told.to_owned()),
            form: None,
            callback: None,
            mid: "m1".parse().unwrap(),
            text: "hello".to_owned(),
        };
        house.ask(1, open);
        let found = house.hub.state().interactions().next().unwrap();
        assert_eq!(found.referrer.as_deref(), kept);
    }
}

#[test]
fn a_console_that_comes_back_is_told_nothing_of_who_was_erased_meanwhile() {
    let mut house = House::new();
    house.console(100, AgentResume::default());
    let presence = Presence::Ready;
    house.work(100, agent::Request::Presence { presence });
    house.hello(1, 1, None);
    let open = visitor::Request::Open {
        zone: "shop".parse().unwrap(),
        name: Some("Ida Secret".to_owned()),
        mail: None,
        page: None,
        referrer: Some("https://search.example/ida".to_owned()),
        form: None,
        callback: None,
        mid: "m1".parse().unwrap(),
        text: "hello".to_owned(),
    };
    let out = format!("{:?}", house.ask(1, open));
    assert!(
        out.contains("Ida Secret") && out.contains("search.example"),
        "{out}"
    );

    house.browsers.close(100, false);
    house.erase();

    let resume = AgentResume {
        desk: Some(agent::DeskResume {
            epoch: "d".to_owned(),
            seq: Seq(1),
        }),
        timelines: Vec::new(),
    };
    let out = format!("{:?}", house.console(101, resume));
    let kept = out.contains("Ida Secret") || out.contains("search.example");
    assert!(out.contains("Desk") && !kept, "{out}");
}

#[test]
fn who_is_erased_in_a_chat_is_told_of_its_end_and_finds_nothing_of_it_later() {
    let mut house = House::new();
    let interaction = house.chat();

    let told = to_visitor(&house.erase(), 1);

    let ended = told.iter().any(|told| {
        matches!(told, Told::Push(visitor::Push::Entry { entry, .. })
            if matches!(entry.what, ws::timeline::What::Ended { .. }))
    });
    assert!(ended, "{told:?}");
    let resume = Resume {
        interaction,
        epoch: "e".to_owned(),
        seq: Seq(0),
    };
    let out = house.hello(2, 1, Some(resume));
    assert_eq!(seqs(&to_visitor(&out, 2)), [] as [u64; 0]);
    let anew = house.open(1, "shop");
    assert_eq!(seqs(&to_visitor(&anew, 1))[..1], [1], "another chat begins");
}

#[test]
fn every_console_is_told_of_whom_something_was_said_about_contact() {
    let mut house = House::new();
    let interaction = house.chat();
    house.console(101, AgentResume::default());
    let customer = house.hub.state().interactions().next().unwrap().customer;

    let mid = "m-stop".parse().unwrap();
    let text = "STOP".to_owned();
    let write = visitor::Request::Message {
        mid,
        text,
        interaction: Some(interaction),
    };
    let out = house.ask(1, write);

    let of = |socket| {
        let told = to_agent(&out, socket).into_iter();
        let told = told.filter_map(|told| match told {
            Told::Push(agent::Push::Consents { customers }) => Some(customers),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!([of(100), of(101)], [[[customer]], [[customer]]]);
}

#[test]
fn every_console_is_told_when_what_was_said_about_contact_ends() {
    let mut house = House::new();
    house.chat();
    let customer = house.hub.state().interactions().next().unwrap().customer;
    house.console(100, AgentResume::default());
    let until = house.now + Duration::from_secs(10);
    let said = crate::consent::Statement {
        subject: crate::consent::Subject::Customer(customer),
        channel: ws::consent::ContactChannel::Voice,
        change: crate::consent::Change::Given,
        source: crate::consent::Source::Api,
        reason: None,
        until: Some(until),
        by: None,
    };
    house.tick();
    let (by, re) = (crate::input::Actor::TANDEM, Asker { socket: 7, id: 1 });
    let input = crate::Input::SetConsent {
        said,
        interaction: None,
        by,
        re,
    };
    house.hub.handle(input, house.now);
    house.settle();
    let told = |out: &[Output]| {
        let told = to_agent(out, 100).into_iter();
        let told = told.filter_map(|told| match told {
            Told::Push(agent::Push::Consents { customers }) => Some(customers),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    for _ in 0..9 {
        if house.now + Duration::from_secs(1) < until {
            assert_eq!(told(&house.tick()), [[]; 0]);
        }
    }
    assert_eq!(house.browsers.poll_timeout(&house.hub), Some(until));

    assert_eq!(told(&house.tick()), [[customer]]);

    assert_eq!(told(&house.tick()), [[]; 0], "once");
}

#[test]
fn a_program_that_goes_on_after_a_restart_sits_at_the_desk_until_a_person_comes_back() {
    let anna: AgentId = "a0".parse().unwrap();
    let mut hub = Hub::new(house(2, 6), [1; 32]);
    hub.replay(&Fact {
        at: START,
        interaction: None,
        seq: None,
        event: Event::PresenceSet {
            agent: anna.clone(),
            presence: Presence::Ready,
            code: None,
            by: crate::event::SetBy::Agent,
        },
    });
    hub.start(START);
    let mut house = House {
        hub,
        ..House::new()
    };
    house.settle();
    let go_on = |house: &mut House| {
        let to = Asker { socket: 7, id: 1 };
        let (who, request) = ((anna.clone(), None), agent::Request::Pong { seq: Seq(1) });
        let done = house.browsers.act(to, who, request, &house.hub, house.now);
        assert!(done.is_ok(), "{done:?}");
        house.settle();
    };

    go_on(&mut house);
    assert!(house.hub.has_console(&anna), "the program sits there");
    house.console(100, AgentResume::default());
    house.browsers.close(100, false);
    house.settle();
    assert!(!house.hub.has_console(&anna), "it left to a person");
    go_on(&mut house);
    assert!(!house.hub.has_console(&anna), "a person was there last");
}

#[test]
fn the_board_and_the_states_of_others_are_for_supervisors() {
    let mut house = House::new();
    house.console(100, AgentResume::default());
    let away = Presence::Away {
        reason: "lunch".to_owned(),
    };
    let set = agent::Request::PresenceOf {
        agent: "a0".parse().unwrap(),
        presence: away,
    };

    for request in [agent::Request::Watch { resume: None }, set.clone()] {
        let out = house.work(100, request);
        assert!(
            out.iter().any(|output| matches!(output, Output::Agent { told, .. }
                if matches!(&**told, Told::Refused { error, .. } if error.code == Code::Forbidden))),
            "{out:?}"
        );
    }
    assert_eq!(house.browsers.boards.poll_timeout(), None, "nobody watches");

    let mut house = House::supervised();
    house.console(100, AgentResume::default());
    house.work(100, set);
    let known = house.hub.state().agents().get(&"a0".parse().unwrap());
    assert!(matches!(&known.unwrap().presence, Presence::Away { reason } if reason == "lunch"));
}

fn message(mid: &str, interaction: Option<InteractionId>) -> visitor::Request {
    visitor::Request::Message {
        mid: mid.parse().unwrap(),
        text: "more".to_owned(),
        interaction,
    }
}

/// A visitor whose first chat is over and whose second lives, both on socket 1; returns the two.
fn second_chat(house: &mut House) -> (InteractionId, InteractionId) {
    house.hello(1, 1, None);
    house.open(1, "shop");
    let first = house.hub.state().interactions().next().unwrap().id;
    house.ask(1, message("again", Some(first)));
    house.ask(1, visitor::Request::End {});
    house.hello(2, 1, None);
    house.open(2, "shop");
    let live = |id: &InteractionId| *id != first;
    let mut all = house.hub.state().interactions().map(|found| found.id);
    let second = all.find(live).unwrap();
    drop(all);
    (first, second)
}

fn resumed(interaction: InteractionId) -> Option<Resume> {
    Some(Resume {
        interaction,
        epoch: "e".to_owned(),
        seq: Seq(1),
    })
}

fn said(house: &House, id: InteractionId) -> usize {
    let found = house.hub.state().interaction(id);
    ["m1", "m2", "again", "new", "late"]
        .iter()
        .filter(|mid| found.is_some_and(|found| found.mids.get(&mid.parse().unwrap()).is_some()))
        .count()
}

#[test]
fn a_message_that_is_sent_again_is_never_written_in_the_next_chat() {
    let mut house = House::new();
    let (first, second) = second_chat(&mut house);
    house.hello(3, 1, resumed(first));

    let out = house.ask(3, message("again", Some(first)));

    let told = to_visitor(&out, 3);
    assert!(
        matches!(&told[..], [Told::Done { ok: visitor::Done::Written { interaction, seq, .. }, .. }]
            if *interaction == first && *seq > Seq(1)),
        "{told:?}"
    );
    assert_eq!(said(&house, second), 1);
    house.ask(3, message("new", Some(second)));
    assert_eq!(said(&house, second), 2, "the socket still shows the second");
}

#[test]
fn a_message_of_a_chat_that_is_over_is_refused_when_it_never_came() {
    let mut house = House::new();
    let (first, second) = second_chat(&mut house);
    house.hello(3, 1, resumed(first));

    for place in [first, InteractionId::new(99).unwrap()] {
        let out = house.ask(3, message("late", Some(place)));

        let told = to_visitor(&out, 3);
        assert!(
            matches!(&told[..], [Told::Refused { error, .. }] if error.code == Code::Conflict),
            "{told:?}"
        );
    }
    assert_eq!(said(&house, second), 1);
}

#[test]
fn an_opening_that_is_sent_again_after_its_chat_was_over_begins_no_other() {
    let mut house = House::new();
    house.hello(1, 1, None);
    house.open(1, "shop");
    let first = house.hub.state().interactions().next().unwrap().id;
    house.ask(1, visitor::Request::End {});
    house.hello(1, 1, None);

    let out = house.open(1, "shop");

    let told = to_visitor(&out, 1);
    let Some(Told::Done {
        ok: visitor::Done::Written { interaction, .. },
        ..
    }) = told.last()
    else {
        panic!("it is answered: {told:?}");
    };
    assert_eq!(*interaction, first);
    assert!(told.len() > 1, "its timeline comes with it: {told:?}");
    assert!(house.hub.state().interactions().len() <= 1);
}

#[allow(
    clippy::too_many_lines,
    reason = "one story from the first ring to the end"
)]
#[test]
fn who_is_asked_by_a_colleague_sees_about_which_call_until_that_is_over() {
    let mut house = House::new();
    let second: AgentId = "a1".parse().unwrap();
    for agent in ["a0", "a1"] {
        let phone = Input::PhoneRegistered {
            agent: agent.parse().unwrap(),
            binding: format!("sip:{agent}"),
            until: house.now + Duration::from_secs(1_000),
        };
        house.hub.handle(phone, house.now);
    }
    house.console(100, AgentResume::default());
    house.work(
        100,
        agent::Request::Presence {
            presence: Presence::Ready,
        },
    );
    let arrival = crate::tests::arrival(1, "+4930100", "support");
    let call = arrival.candidate;
    house.hub.handle(Input::CallArrived(arrival), house.now);
    house.settle();
    house.work(100, agent::Request::Accept { interaction: call });
    for n in [2, 1] {
        let leg = crate::tests::leg(call, n);
        house
            .hub
            .handle(Input::Leg(LegNews::Answered { leg }), house.now);
    }
    house.settle();
    house.browsers.open_agent(
        101,
        900,
        &second,
        &AgentResume::default(),
        &house.hub,
        house.now,
    );
    house.settle();
    house.work(
        101,
        agent::Request::Presence {
            presence: Presence::Ready,
        },
    );
    let asked = |out: &[Output]| {
        let told = to_agent(out, 101).into_iter();
        let mut asked = told.filter_map(|told| match told {
            AgentTold::Push(agent::Push::Change { change, .. }) => match *change {
                Change::Consulted { consulted } => {
                    Some(consulted.map(|a| (a.interaction, a.by, a.joined, a.conference)))
                }
                _ => None,
            },
            _ => None,
        });
        asked.next()
    };

    let parted = |out: &[Output]| {
        let told = to_agent(out, 100).into_iter();
        let contacts = told.filter_map(|told| match told {
            AgentTold::Push(agent::Push::Change { change, .. }) => match *change {
                Change::Contact { contact } => contact.parted,
                _ => None,
            },
            _ => None,
        });
        contacts.last().map(|gone| (gone.leg, gone.name, gone.why))
    };
    let shown = |house: &House| {
        let board = house.browsers.board(&house.hub, house.now);
        let mut agents = board.agents.into_iter();
        let colleague = agents.find(|one| one.agent.as_str() == "a1").unwrap();
        let stages = colleague.holds.iter().map(|held| held.stage);
        (colleague.activity, stages.collect::<Vec<_>>())
    };
    assert_eq!(shown(&house), (Activity::Ready, Vec::new()));

    let to = ws::transfer::TransferTo::Agent(second.clone());
    let rings = house.work(
        100,
        agent::Request::Consult {
            interaction: call,
            to,
        },
    );
    assert_eq!(shown(&house), (Activity::Ready, vec![Stage::Offered]));
    let leg = crate::tests::leg(call, 3);
    house
        .hub
        .handle(Input::Leg(LegNews::Answered { leg }), house.now);
    let joined = house.settle();
    assert_eq!(shown(&house), (Activity::Call, vec![Stage::Call]));
    let together = house.work(100, agent::Request::Conference { interaction: call });
    assert_eq!(shown(&house), (Activity::Call, vec![Stage::Call]));
    assert_eq!(parted(&together), None);
    let over = house.work(101, agent::Request::Leave { interaction: call });
    assert_eq!(shown(&house), (Activity::Ready, Vec::new()));
    let name = house.hub.setup().agents[&second].name.clone();
    assert_eq!(parted(&over), Some((leg, name, PartedWhy::Left)));

    let first: AgentId = "a0".parse().unwrap();
    let told = |joined, conference| Some(Some((call, first.clone(), joined, conference)));
    assert_eq!(asked(&rings), told(false, false));
    assert_eq!(asked(&joined), told(true, false));
    assert_eq!(asked(&together), told(true, true));
    assert_eq!(asked(&over), Some(None));
}

#[test]
fn an_agent_sees_that_nothing_comes_of_the_page_the_customer_calls_from_until_it_is_back() {
    let mut house = House::new();
    let agent: AgentId = "a0".parse().unwrap();
    let phone = Input::PhoneRegistered {
        agent: agent.clone(),
        binding: "sip:a0".to_owned(),
        until: house.now + Duration::from_secs(1_000),
    };
    house.hub.handle(phone, house.now);
    house.console(100, AgentResume::default());
    let presence = Presence::Ready;
    house.work(100, agent::Request::Presence { presence });
    let mut arrival = crate::tests::arrival(1, "+4930100", "support");
    arrival.peer = crate::input::Peer::Browser(Box::new(crate::tests::visitor(1)));
    let interaction = arrival.candidate;
    house.hub.handle(Input::CallArrived(arrival), house.now);
    house.settle();
    house.work(100, agent::Request::Accept { interaction });
    let leg = |n| crate::tests::leg(interaction, n);
    let away = |house: &mut House, news| {
        house.hub.handle(Input::Leg(news), house.now);
        house.settle();
        desk::of(&agent, &house.hub).unwrap().contacts[0].page_away
    };
    let told = [
        away(&mut house, LegNews::Answered { leg: leg(2) }),
        away(&mut house, LegNews::Answered { leg: leg(1) }),
        away(&mut house, hears(leg(2), false)),
        away(&mut house, hears(leg(1), false)),
        away(&mut house, hears(leg(1), true)),
    ];

    assert_eq!(told, [false, false, false, true, false]);
}

fn hears(leg: ws::id::LegId, on: bool) -> LegNews {
    LegNews::Hears { leg, on }
}

#[test]
fn a_promise_alone_is_shown_in_every_tab_and_after_a_reload() {
    let mut house = House::new();
    house.hello(1, 1, None);
    house.hello(2, 1, None);
    let texts = |told: &[VisitorTold]| {
        let whats = told.iter().filter_map(|told| match told {
            Told::Push(visitor::Push::Entry { entry, .. }) => Some(entry.what.clone()),
            Told::Push(_) | Told::Done { .. } | Told::Refused { .. } => None,
        });
        let kinds = whats.map(|what| match what {
            What::Message { text, .. } => text,
            What::Callback { state, .. } => format!("{state:?}"),
            other => panic!("nothing else is told: {other:?}"),
        });
        kinds.collect::<Vec<_>>()
    };

    let out = house.call_later(1);
    let reloaded = house.hello(3, 1, None);

    for (out, socket) in [(&out, 1), (&out, 2), (&reloaded, 3)] {
        let shown = texts(&to_visitor(out, socket));
        let [said, promised] = &shown[..] else {
            panic!("{shown:?}");
        };
        assert_eq!(said, "My parcel is lost.");
        assert!(promised.starts_with("Promised"), "{promised}");
    }
}
