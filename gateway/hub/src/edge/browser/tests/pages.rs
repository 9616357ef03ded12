use std::collections::BTreeSet;

use ws::{
    agent::Channel,
    cobrowse::{
        AgentAct, AgentNews, Grant, Guide, Part, Sharing, SheetPart, VisitorAct, VisitorNews,
    },
    id::SheetName,
    supervision::Supervise,
    visitor::Request,
};

use super::*;

const FRESH: bool = true;

impl House {
    fn agent_does(
        &mut self,
        socket: u64,
        interaction: InteractionId,
        act: AgentAct,
    ) -> Vec<Output> {
        let act = Box::new(act);
        self.work(socket, agent::Request::Cobrowse { interaction, act })
    }

    fn visitor_does(&mut self, socket: u64, act: VisitorAct) -> Vec<Output> {
        self.ask(socket, Request::Cobrowse { act: Box::new(act) })
    }

    fn sends(
        &mut self,
        socket: u64,
        stream: &str,
        batch: u32,
        fresh: bool,
        text: &str,
    ) -> Vec<Output> {
        let part = Part {
            stream: stream.to_owned(),
            batch,
            at: 0,
            of: 1,
            fresh,
            text: text.to_owned(),
        };
        self.visitor_does(socket, VisitorAct::Part(part))
    }

    fn watch_again(&mut self, id: InteractionId) -> Vec<Output> {
        self.agent_does(100, id, AgentAct::Leave {});
        let sheets = Vec::new();
        self.agent_does(100, id, AgentAct::Watch { sheets })
    }

    /// Names style sheets of a recording; returns those that are missing.
    fn names(&mut self, socket: u64, stream: &str, sheets: &[u8]) -> Result<Vec<SheetName>, Code> {
        let out = self.visitor_does(
            socket,
            VisitorAct::Sheets {
                stream: stream.to_owned(),
                sheets: sheets.iter().map(|n| sheet(*n)).collect(),
            },
        );
        let told = to_visitor(&out, socket).into_iter();
        let mut answers = told.filter_map(|told| match told {
            Told::Done {
                ok: ws::visitor::Done::Missing { sheets },
                ..
            } => Some(Ok(sheets)),
            Told::Refused { error, .. } => Some(Err(error.code)),
            _ => None,
        });
        answers.next().unwrap()
    }

    fn sends_sheet(&mut self, socket: u64, n: u8) -> Vec<Output> {
        let part = SheetPart {
            stream: "s".to_owned(),
            sheet: sheet(n),
            at: 0,
            of: 1,
            text: format!("a{{order:{n}}}"),
        };
        self.visitor_does(socket, VisitorAct::Sheet(part))
    }

    /// The chat's visitor shows the page, and the agent looks at it.
    fn shared(&mut self) -> InteractionId {
        let id = self.chat();
        self.share(id);
        id
    }

    fn share(&mut self, id: InteractionId) {
        let grants = BTreeSet::from([Grant::View, Grant::Point]);
        let ask = AgentAct::Ask {
            grants: grants.clone(),
        };
        self.agent_does(100, id, ask);
        self.visitor_does(1, VisitorAct::Answer { grants });
        self.agent_does(100, id, AgentAct::Watch { sheets: Vec::new() });
    }
}

fn batches(out: &[Output], socket: u64) -> Vec<String> {
    let told = to_agent(out, socket).into_iter();
    let news = told.filter_map(|told| match told {
        Told::Push(agent::Push::Cobrowse { news, .. }) => match *news {
            AgentNews::Batch { events, .. } => Some(events),
            _ => None,
        },
        _ => None,
    });
    news.collect()
}

fn sheet(n: u8) -> SheetName {
    SheetName::new([n; 32])
}

/// Returns what a console was told of a page, by the first words.
fn shown(out: &[Output], socket: u64) -> Vec<String> {
    let told = to_agent(out, socket).into_iter();
    let news = told.filter_map(|told| match told {
        Told::Push(agent::Push::Cobrowse { news, .. }) => match *news {
            AgentNews::Batch { events, sheets, .. } => Some(format!("{events} {}", sheets.len())),
            AgentNews::Sheet { text, .. } => Some(text),
            AgentNews::State { .. }
            | AgentNews::Behind {}
            | AgentNews::Lapsed {}
            | AgentNews::Code { .. } => None,
        },
        _ => None,
    });
    news.collect()
}

fn news(out: &[Output], socket: u64) -> Vec<VisitorNews> {
    let told = to_visitor(out, socket).into_iter();
    let news = told.filter_map(|told| match told {
        Told::Push(ws::visitor::Push::Cobrowse { news, .. }) => Some(*news),
        _ => None,
    });
    news.collect()
}

fn refused(out: &[Output], socket: u64) -> Option<Code> {
    let visitor = to_visitor(out, socket)
        .into_iter()
        .find_map(|told| match told {
            Told::Refused { error, .. } => Some(error.code),
            _ => None,
        });
    visitor.or_else(|| {
        to_agent(out, socket)
            .into_iter()
            .find_map(|told| match told {
                Told::Refused { error, .. } => Some(error.code),
                _ => None,
            })
    })
}

#[test]
fn what_a_page_shows_reaches_those_who_look_and_no_fact() {
    let mut house = House::new();
    house.shared();

    let out = house.sends(1, "s", 1, FRESH, "[1]");
    assert_eq!(batches(&out, 100), ["[1]"]);
    let out = house.sends(1, "s", 2, !FRESH, "[2]");
    assert_eq!(batches(&out, 100), ["[2]"]);
}

#[test]
fn who_looks_later_gets_the_page_from_the_last_whole_on_without_the_visitor() {
    let mut house = House::supervised();
    let id = house.shared();
    house.sends(1, "s", 1, FRESH, "[old]");
    house.sends(1, "s", 2, FRESH, "[whole]");
    house.sends(1, "s", 3, !FRESH, "[change]");

    house.console(101, AgentResume::default());
    let out = house.agent_does(101, id, AgentAct::Watch { sheets: Vec::new() });

    assert_eq!(batches(&out, 101), ["[whole]", "[change]"]);
    assert_eq!(
        news(&out, 1)
            .iter()
            .filter(|n| **n == VisitorNews::Fresh {})
            .count(),
        0
    );
}

#[test]
fn a_page_that_was_never_whole_is_asked_for_once() {
    let mut house = House::new();
    let id = house.chat();
    let grants = BTreeSet::from([Grant::View]);
    let ask = AgentAct::Ask {
        grants: grants.clone(),
    };
    house.agent_does(100, id, ask);
    house.visitor_does(1, VisitorAct::Answer { grants });

    let out = house.agent_does(100, id, AgentAct::Watch { sheets: Vec::new() });
    assert!(news(&out, 1).contains(&VisitorNews::Fresh {}));
    let out = house.agent_does(100, id, AgentAct::Watch { sheets: Vec::new() });
    assert!(!news(&out, 1).contains(&VisitorNews::Fresh {}));
}

#[test]
fn nothing_of_a_page_is_taken_before_consent_and_after_its_end() {
    let mut house = House::new();
    house.chat();
    let out = house.sends(1, "s", 1, FRESH, "[1]");
    assert_eq!(refused(&out, 1), Some(Code::Forbidden));

    let mut house = House::new();
    let id = house.shared();
    house.sends(1, "s", 1, FRESH, "[1]");
    let grants = BTreeSet::from([Grant::View]);
    house.visitor_does(1, VisitorAct::Revoke { grants });
    let out = house.sends(1, "s", 2, !FRESH, "[2]");
    assert_eq!(refused(&out, 1), Some(Code::Forbidden));
    assert!(batches(&out, 100).is_empty());
    let out = house.agent_does(100, id, AgentAct::Watch { sheets: Vec::new() });
    assert_eq!(refused(&out, 100), Some(Code::Conflict));
    assert!(batches(&out, 100).is_empty());
}

#[test]
fn a_stream_that_does_not_go_on_where_it_was_has_to_begin_anew() {
    let mut house = House::new();
    house.shared();
    house.hello(2, 1, None);
    house.sends(1, "s", 1, FRESH, "[1]");

    for (socket, stream, batch) in [(1, "s", 3), (1, "t", 2), (2, "s", 2)] {
        let out = house.sends(socket, stream, batch, !FRESH, "[2]");
        assert_eq!(refused(&out, socket), Some(Code::Conflict));
    }
    let out = house.sends(2, "t", 1, FRESH, "[other tab]");
    assert_eq!(batches(&out, 100), ["[other tab]"]);
    let out = house.sends(1, "s", 2, !FRESH, "[2]");
    assert_eq!(refused(&out, 1), Some(Code::Conflict));
}

#[test]
fn a_page_that_grows_is_asked_for_anew() {
    let mut house = House::new();
    house.shared();
    house.sends(1, "s", 1, FRESH, "[1]");
    let much = "x".repeat(600 * 1024);

    let out = house.sends(1, "s", 2, !FRESH, &much);
    assert!(news(&out, 1).is_empty());
    let out = house.sends(1, "s", 3, !FRESH, &much);
    assert_eq!(news(&out, 1), [VisitorNews::Fresh {}]);
    let out = house.sends(1, "s", 4, !FRESH, &much);
    assert!(news(&out, 1).is_empty());
}

#[test]
fn a_page_of_many_small_batches_is_asked_for_anew_before_who_looks_later_is_told_too_much() {
    let mut house = House::new();
    let id = house.shared();
    house.sends(1, "s", 1, FRESH, "[1]");
    let mut asked = 0;

    for n in 2..=1_000 {
        let out = house.sends(1, "s", n, !FRESH, "[2]");
        asked += news(&out, 1).len();
        if n == 300 {
            assert_eq!(asked, 1);
            let out = house.watch_again(id);
            assert_eq!(
                batches(&out, 100).len(),
                300,
                "the page is there until it comes anew"
            );
        }
    }
    assert_eq!(asked, 1);
    let out = house.watch_again(id);
    assert!(
        batches(&out, 100).is_empty(),
        "a recorder that does not begin anew is waited for"
    );

    house.sends(1, "t", 1, FRESH, "[new]");
    let out = house.watch_again(id);
    assert_eq!(batches(&out, 100), ["[new]"]);
}

#[test]
fn the_pointer_passes_with_consent_and_what_was_taken_back_does_not() {
    let mut house = House::new();
    let id = house.shared();
    house.sends(1, "s", 1, FRESH, "[]");
    let point = || AgentAct::Guide {
        stream: "s".to_owned(),
        guide: Guide::Pointer { x: 1, y: 2 },
    };

    let out = house.agent_does(100, id, point());
    assert!(matches!(&news(&out, 1)[..], [VisitorNews::Guide { by, .. }] if !by.is_empty()));
    let grants = BTreeSet::from([Grant::Point]);
    house.visitor_does(1, VisitorAct::Revoke { grants });
    let out = house.agent_does(100, id, point());
    assert_eq!(refused(&out, 100), Some(Code::Forbidden));
    assert!(news(&out, 1).is_empty());
}

#[test]
fn what_is_done_on_a_page_reaches_that_page_alone_and_none_that_came_after_it() {
    let mut house = House::new();
    let id = house.shared();
    house.hello(2, 1, None);
    house.sends(1, "s", 1, FRESH, "[]");
    let does = |stream: &str, guide| AgentAct::Guide {
        stream: stream.to_owned(),
        guide,
    };
    let point = |stream| does(stream, Guide::Pointer { x: 1, y: 2 });
    let mark = |stream| {
        let (node, label) = (44, None);
        does(stream, Guide::Mark { node, label })
    };

    let out = house.agent_does(100, id, point("s"));
    assert!(matches!(&news(&out, 1)[..], [VisitorNews::Guide { stream, .. }] if stream == "s"));
    assert!(news(&out, 2).is_empty(), "another window of the visitor");

    // The visitor has turned to their other window: its nodes are numbered anew.
    house.sends(2, "t", 1, FRESH, "[]");
    let before = house.hub.state().interaction(id).unwrap().seq;
    for act in [point("s"), mark("s")] {
        let out = house.agent_does(100, id, act);
        assert_eq!(refused(&out, 100), Some(Code::Conflict));
        assert!(news(&out, 1).is_empty() && news(&out, 2).is_empty());
    }
    let after = house.hub.state().interaction(id).unwrap().seq;
    assert_eq!(before, after, "what is not done is not recorded");
    let out = house.agent_does(100, id, point("t"));
    assert_eq!((news(&out, 1).len(), news(&out, 2).len()), (0, 1));
}

#[test]
fn who_comes_back_is_told_how_the_page_is_shared_and_who_leaves_looks_no_more() {
    let mut house = House::new();
    let id = house.shared();

    let out = house.hello(2, 1, None);
    let state = news(&out, 2);
    let [VisitorNews::State { sharing }] = &state[..] else {
        panic!("{state:?}");
    };
    assert_eq!(sharing.viewers.len(), 1);
    assert!(sharing.granted.contains(&Grant::View));

    house.browsers.close(100, false);
    house.settle();
    let found = house.hub.state().interaction(id).unwrap();
    assert!(found.cobrowse.as_ref().unwrap().viewers.is_empty());
}

#[test]
fn who_is_gone_before_they_are_let_look_does_not_look() {
    let mut house = House::new();
    let id = house.shared();
    house.agent_does(100, id, AgentAct::Leave {});

    // Asked, and gone before the hub's answer was durable.
    let asked = Asked {
        id: 9_001,
        request: agent::Request::Cobrowse {
            interaction: id,
            act: Box::new(AgentAct::Watch { sheets: Vec::new() }),
        },
    };
    house.browsers.handle_agent(100, asked, &house.hub);
    while let Some(input) = house.browsers.poll_input() {
        house.hub.handle(input, house.now);
    }
    house.browsers.close(100, false);
    house.settle();

    let found = house.hub.state().interaction(id).unwrap();
    let viewers = &found.cobrowse.as_ref().unwrap().viewers;
    assert!(viewers.is_empty(), "{viewers:?}");
}

#[test]
fn a_program_sees_a_page_and_acts_on_it_at_a_console_that_it_opened() {
    let mut house = House::new();
    let id = house.shared();
    house.sends(1, "s", 1, FRESH, "[1]");
    house.console(101, AgentResume::default());
    let about = |act| agent::Request::Cobrowse {
        interaction: id,
        act: Box::new(act),
    };
    let points = |stream: &str| {
        about(AgentAct::Guide {
            stream: stream.to_owned(),
            guide: Guide::Pointer { x: 3, y: 4 },
        })
    };

    let watch = about(AgentAct::Watch { sheets: Vec::new() });
    let (done, out) = act_at(&mut house, Some(101), watch);
    assert_eq!(done, Ok(None), "the hub answers");
    assert_eq!(batches(&out, 101), ["[1]"]);
    let out = house.sends(1, "s", 2, false, "[2]");
    assert_eq!(batches(&out, 101), ["[2]"]);

    let (done, out) = act_at(&mut house, None, points("s"));
    assert_eq!(done, Ok(Some(crate::input::Done::Ok)));
    assert!(
        matches!(&news(&out, 1)[..], [VisitorNews::Guide { .. }]),
        "{out:?}"
    );
    let (done, _) = act_at(&mut house, None, points("another"));
    assert_eq!(done.unwrap_err().code, Code::Conflict);

    act_at(&mut house, Some(101), about(AgentAct::Leave {}))
        .0
        .unwrap();
    let out = house.sends(1, "s", 3, false, "[3]");
    assert_eq!(batches(&out, 101), Vec::<String>::new());
    assert_eq!(
        batches(&out, 100),
        ["[3]"],
        "the same agent's other console"
    );
}

#[test]
fn a_style_sheet_is_sent_once_and_told_once_to_each_who_looks() {
    let mut house = House::supervised();
    let id = house.shared();

    assert_eq!(house.names(1, "s", &[1, 2]), Ok(vec![sheet(1), sheet(2)]));
    let out = [house.sends_sheet(1, 1), house.sends_sheet(1, 2)].concat();
    assert!(shown(&out, 100).is_empty());
    let out = house.sends(1, "s", 1, FRESH, "[1]");
    assert_eq!(shown(&out, 100), ["a{order:1}", "a{order:2}", "[1] 2"]);

    // A further page of the same visit, by another socket.
    house.hello(2, 1, None);
    assert_eq!(house.names(2, "t", &[2, 3]), Ok(vec![sheet(3)]));
    house.sends_sheet(2, 3);
    let out = house.sends(2, "t", 1, FRESH, "[2]");
    assert_eq!(shown(&out, 100), ["a{order:3}", "[2] 2"]);
    let out = house.sends(2, "t", 2, !FRESH, "[3]");
    assert_eq!(shown(&out, 100), ["[3] 0"]);

    // Who comes later is told what the page needs, and of that what they do not have.
    house.console(101, AgentResume::default());
    let out = house.agent_does(
        101,
        id,
        AgentAct::Watch {
            sheets: vec![sheet(2)],
        },
    );
    assert_eq!(shown(&out, 101), ["a{order:3}", "[2] 2", "[3] 0"]);
}

#[test]
fn a_batch_that_needs_what_is_not_there_begins_anew() {
    let mut house = House::new();
    house.shared();

    assert_eq!(house.names(1, "s", &[1]), Ok(vec![sheet(1)]));
    let out = house.sends(1, "s", 1, FRESH, "[1]");
    assert_eq!(refused(&out, 1), Some(Code::Conflict));
    assert!(shown(&out, 100).is_empty());

    assert_eq!(house.names(1, "t", &[1]), Ok(vec![sheet(1)]));
    house.sends_sheet(1, 1);
    let out = house.sends(1, "t", 1, FRESH, "[2]");
    assert_eq!(shown(&out, 100), ["a{order:1}", "[2] 1"]);
}

#[test]
fn style_sheets_are_taken_and_kept_only_while_the_page_is_shared() {
    let mut house = House::new();
    house.chat();
    assert_eq!(house.names(1, "s", &[1]), Err(Code::Forbidden));
    let out = house.sends_sheet(1, 1);
    assert_eq!(refused(&out, 1), Some(Code::Forbidden));

    let mut house = House::new();
    let id = house.shared();
    house.sends_sheet(1, 1);
    assert_eq!(house.names(1, "s", &[1]), Ok(Vec::new()));
    let grants = BTreeSet::from([Grant::View]);
    let revoke = VisitorAct::Revoke {
        grants: grants.clone(),
    };
    house.visitor_does(1, revoke);
    let out = house.sends_sheet(1, 2);
    assert_eq!(refused(&out, 1), Some(Code::Forbidden));
    let ask = AgentAct::Ask {
        grants: grants.clone(),
    };
    house.agent_does(100, id, ask);
    house.visitor_does(1, VisitorAct::Answer { grants });

    assert_eq!(house.names(1, "t", &[1]), Ok(vec![sheet(1)]));
}

#[test]
fn no_more_style_sheets_are_named_than_may_be() {
    let mut house = House::new();
    let id = house.shared();
    let many: Vec<u8> = (0..65).collect();

    assert_eq!(house.names(1, "s", &many), Err(Code::OutOfRange));
    assert!(house.names(1, "s", &many[..64]).is_ok());
    assert_eq!(house.names(1, "s", &many[64..]), Err(Code::OutOfRange));
    assert!(house.names(1, "t", &many[64..]).is_ok());
    let sheets = many.iter().map(|n| sheet(*n)).collect();
    let out = house.agent_does(100, id, AgentAct::Watch { sheets });
    assert_eq!(refused(&out, 100), Some(Code::OutOfRange));
}

#[test]
fn a_colleague_in_the_chat_sees_the_page_and_nothing_of_it_once_they_left() {
    let (mut house, id) = super::members::two();
    super::members::invite(&mut house, id);
    house.work(200, agent::Request::Accept { interaction: id });
    house.share(id);
    let look = AgentAct::Watch { sheets: Vec::new() };
    house.agent_does(200, id, look);
    let out = house.sends(1, "s", 1, FRESH, "[1]");
    assert_eq!((batches(&out, 100).len(), batches(&out, 200).len()), (1, 1));

    let out = house.work(200, agent::Request::Leave { interaction: id });

    let told = news(&out, 1);
    let sharing = told.iter().find_map(|news| match news {
        VisitorNews::State { sharing } => Some(sharing),
        _ => None,
    });
    assert_eq!(sharing.expect("the visitor is told").viewers.len(), 1);
    let out = house.sends(1, "s", 2, !FRESH, "[2]");
    assert_eq!((batches(&out, 100).len(), batches(&out, 200).len()), (1, 0));
}

#[test]
fn who_is_erased_while_their_page_is_shared_is_told_that_it_is_not_any_more() {
    let mut house = House::new();
    house.shared();
    house.sends(1, "s", 1, FRESH, "[1]");

    let out = house.erase();

    let told = news(&out, 1);
    let Some(VisitorNews::State { sharing }) = told.last() else {
        panic!("{told:?}");
    };
    assert!(sharing.granted.is_empty());
    let out = house.sends(1, "s", 2, !FRESH, "[2]");
    assert_eq!(refused(&out, 1), Some(Code::Forbidden));
}

#[test]
fn who_reads_along_and_does_not_look_is_told_that_a_page_is_not_shared_any_more() {
    let (mut house, id) = super::overseers::overseen();
    house.share(id);
    let listen = agent::Request::Supervise {
        interaction: id,
        act: Supervise::Listen,
        channel: Channel::Chat,
    };
    house.work(200, listen);

    let out = house.ask(1, Request::End {});

    let told = to_agent(&out, 200).into_iter();
    let sharings: Vec<_> = told.filter_map(sharing_of).collect();
    let [sharing] = &sharings[..] else {
        panic!("{sharings:?}");
    };
    assert!(sharing.granted.is_empty() && sharing.page.is_none());
}

fn sharing_of(told: AgentTold) -> Option<Sharing> {
    match told {
        Told::Push(agent::Push::Cobrowse { news, .. }) => match *news {
            AgentNews::State { sharing } => Some(sharing),
            _ => None,
        },
        _ => None,
    }
}

fn titles(out: &[Output], socket: u64) -> Vec<Option<String>> {
    let told = to_agent(out, socket).into_iter();
    let titles = told.filter_map(|told| match told {
        Told::Push(agent::Push::Cobrowse { news, .. }) => match *news {
            AgentNews::State { sharing } => Some(sharing.title),
            _ => None,
        },
        _ => None,
    });
    titles.collect()
}

#[test]
fn what_a_page_is_called_is_told_to_those_who_look_and_is_no_fact_where_it_changes_alone() {
    let mut house = House::new();
    let id = house.shared();
    let page = |url: &str, title: &str| VisitorAct::Page {
        url: url.to_owned(),
        title: Some(title.to_owned()),
    };
    let cart = "https://shop.example/cart?id=7";

    let out = house.visitor_does(1, page(cart, "Cart"));
    assert_eq!(titles(&out, 100), [Some("Cart".to_owned())]);
    let before = house.hub.state().interaction(id).unwrap().seq;

    let out = house.visitor_does(1, page(cart, "Cart (3), card 4111 1111 1111 1111"));
    let clean = "Cart (3), card [card ending 1111]";
    assert_eq!(titles(&out, 100), [Some(clean.to_owned())]);
    assert!(news(&out, 1).is_empty(), "nothing changed for the visitor");
    let out = house.visitor_does(1, page(cart, "Cart (3), card 4111 1111 1111 1111"));
    assert!(titles(&out, 100).is_empty(), "it is told once");
    let after = house.hub.state().interaction(id).unwrap().seq;
    assert_eq!(before, after);

    let long = "x".repeat(200);
    let out = house.visitor_does(1, page(cart, &long));
    assert_eq!(titles(&out, 100), [Some("x".repeat(100))]);
    // Who looks later.
    let out = house.watch_again(id);
    let told = titles(&out, 100);
    assert_eq!(told.last(), Some(&Some("x".repeat(100))));
    // Nothing is told of a page that is not noted.
    house.visitor_does(
        1,
        VisitorAct::Revoke {
            grants: BTreeSet::from([Grant::View]),
        },
    );
    let out = house.visitor_does(1, page(cart, "Cart"));
    assert!(titles(&out, 100).is_empty());
    assert_eq!(refused(&out, 1), Some(Code::Conflict));
}

#[test]
fn who_comes_to_a_contact_later_is_told_how_its_page_is_shared() {
    let (mut house, id) = super::overseers::overseen();
    house.share(id);

    let out = house.work(
        200,
        agent::Request::Supervise {
            interaction: id,
            act: Supervise::Listen,
            channel: Channel::Chat,
        },
    );

    let told = to_agent(&out, 200).into_iter();
    let mut sharings = told.filter_map(sharing_of);
    let sharing = sharings.next().expect("the state of sharing");
    assert!(sharing.granted.contains(&Grant::View));
    assert!(news(&out, 1).is_empty(), "nothing changed for the visitor");
}

#[test]
fn a_supervisor_who_takes_no_part_sees_on_the_board_that_a_page_is_shared_and_is_told_how_once_they_look()
 {
    let (mut house, id) = super::overseers::overseen();
    let shares = |house: &mut House| {
        house.work(200, agent::Request::Watch { resume: None });
        let out = house.tick();
        let [agent::Push::Board { board, .. }] = super::boards(&out)[..] else {
            panic!("{out:?}");
        };
        let held = board.agents.iter().flat_map(|agent| &agent.holds);
        held.map(|held| held.shares).collect::<Vec<_>>()
    };
    let before = shares(&mut house);
    house.share(id);
    house.sends(1, "s", 1, FRESH, "[1]");
    let shared = shares(&mut house);

    let out = house.agent_does(200, id, AgentAct::Watch { sheets: Vec::new() });

    assert_eq!((before, shared), (vec![false], vec![true]));
    let told = to_agent(&out, 200).into_iter();
    let told: Vec<_> = told
        .filter_map(|told| match told {
            Told::Push(agent::Push::Cobrowse { news, .. }) => Some(*news),
            _ => None,
        })
        .collect();
    let [AgentNews::State { sharing }, AgentNews::Batch { .. }] = &told[..] else {
        panic!("{told:?}");
    };
    assert!(sharing.granted.contains(&Grant::View));
    let viewers = sharing.viewers.iter();
    let viewers: Vec<_> = viewers.map(|one| one.agent.to_string()).collect();
    assert_eq!(viewers, ["a0", "a1"]);
    house.agent_does(100, id, AgentAct::Stop {});
    assert_eq!(shares(&mut house), [false]);
    let out = house.agent_does(200, id, AgentAct::Watch { sheets: Vec::new() });
    assert_eq!(refused(&out, 200), Some(Code::Conflict));
}

/// Fills the timeline of what visitor 1 and the agent share, with the visitor's words.
fn fill(house: &mut House, id: InteractionId) {
    let text = "x".repeat(4_000);
    let mut n = 0;
    while house.browsers.timelines.get(id).unwrap().bytes() <= check::TIMELINE {
        n += 1;
        let mid = format!("f{n}").parse().unwrap();
        let text = text.clone();
        let interaction = None;
        house.ask(
            1,
            Request::Message {
                mid,
                text,
                interaction,
            },
        );
    }
}

fn url() -> String {
    "https://shop.example/a".to_owned()
}

fn visitor_writes() -> Vec<Request> {
    let number = || "+4930100".parse().unwrap();
    let (url, title, label) = (url(), None, None);
    let acts = [
        VisitorAct::Page {
            url: url.clone(),
            title: None,
        },
        VisitorAct::Suggest { url, title },
        VisitorAct::Undone { label },
    ];
    let acts = acts.map(|act| Request::Cobrowse { act: Box::new(act) });
    let mut asked = vec![
        Request::Message {
            mid: "more".parse().unwrap(),
            text: "more".to_owned(),
            interaction: None,
        },
        Request::Call { number: number() },
        Request::Callback {
            number: number(),
            at: None,
            wish: None,
        },
    ];
    asked.extend(acts);
    asked
}

fn agent_writes(interaction: InteractionId) -> Vec<agent::Request> {
    let (url, title) = (url(), None);
    let acts = [
        AgentAct::Ask {
            grants: BTreeSet::from([Grant::Control]),
        },
        AgentAct::Page { url, title },
        AgentAct::Guide {
            stream: "s".to_owned(),
            guide: Guide::Draw {
                points: vec![Default::default(); 2],
            },
        },
    ];
    let acts = acts.map(|act| agent::Request::Cobrowse {
        interaction,
        act: Box::new(act),
    });
    let mut asked = vec![
        agent::Request::Message {
            interaction,
            mid: "mine".parse().unwrap(),
            text: "more".to_owned(),
        },
        agent::Request::Callback {
            interaction,
            number: "+4930100".parse().unwrap(),
            at: None,
            wish: None,
        },
    ];
    asked.extend(acts);
    asked
}

#[test]
fn whatever_writes_an_entry_is_refused_once_a_timeline_is_full() {
    let mut house = House::new();
    let id = house.shared();
    assert_eq!(check::TIMELINE, 4_194_304, "PROTOCOL says so");
    fill(&mut house, id);
    let before = house.browsers.timelines.get(id).unwrap().top();

    for request in visitor_writes() {
        let told = to_visitor(&house.ask(1, request.clone()), 1);
        assert_eq!(refusal(&told), Some(Code::Full), "{request:?}");
    }
    for request in agent_writes(id) {
        let told = to_agent(&house.work(100, request.clone()), 100);
        let refused = told.iter().find_map(|told| match told {
            Told::Refused { error, .. } => Some(error.code),
            Told::Done { .. } | Told::Push(_) => None,
        });
        assert_eq!(refused, Some(Code::Full), "{request:?}");
    }
    assert_eq!(house.browsers.timelines.get(id).unwrap().top(), before);

    // Whose it is not learns nothing of that.
    let (other, resume) = ("a1".parse().unwrap(), AgentResume::default());
    house
        .browsers
        .open_agent(200, 9_000, &other, &resume, &house.hub, house.now);
    house.settle();
    for request in agent_writes(id) {
        let out = house.work(200, request.clone());
        assert_eq!(refused(&out, 200), Some(Code::Forbidden), "{request:?}");
    }
    let asks = || agent::Request::Cobrowse {
        interaction: id,
        act: Box::new(AgentAct::Ask {
            grants: [Grant::Point].into(),
        }),
    };
    for (agent, code) in [("a0", Code::Full), ("a1", Code::Forbidden)] {
        let to = crate::input::Asker { socket: 900, id: 0 };
        let who = (agent.parse().unwrap(), None);
        let (hub, now) = (&house.hub, house.now);
        let done = house.browsers.act(to, who, asks(), hub, now);
        assert_eq!(done.unwrap_err().code, code);
    }

    // What takes back, and the end, need no room.
    let grants = BTreeSet::from([Grant::View]);
    house.visitor_does(1, VisitorAct::Revoke { grants });
    let told = to_visitor(&house.ask(1, Request::End {}), 1);
    assert_eq!(refusal(&told), None);
    assert!(house.browsers.timelines.get(id).unwrap().top() > before);
}

#[test]
fn a_code_is_shown_by_one_page_of_a_visitor_and_the_one_before_is_told_that_its_own_lapsed() {
    let mut house = House::new();
    for (socket, visitor) in [(1, 1), (2, 1), (3, 2)] {
        house.hello(socket, visitor, None);
    }
    let first = house.visitor_does(1, VisitorAct::Code {});
    assert_eq!(news(&first, 1), []);
    assert_eq!(news(&first, 2), [VisitorNews::Lapsed {}]);

    let second = house.visitor_does(2, VisitorAct::Code {});

    let told = [1, 2, 3].map(|socket| news(&second, socket));
    assert_eq!(told, [vec![VisitorNews::Lapsed {}], vec![], vec![]]);
    let made = to_visitor(&second, 2);
    let code = |told: &_| {
        matches!(
            told,
            Told::Done {
                ok: ws::visitor::Done::Code { .. },
                ..
            }
        )
    };
    assert!(made.iter().any(code), "{made:?}");
}

#[test]
fn a_page_that_was_away_while_another_had_a_code_made_is_told_the_one_that_is_good_or_none() {
    let mut house = House::new();
    for (socket, visitor) in [(1, 1), (2, 1)] {
        house.hello(socket, visitor, None);
    }
    house.visitor_does(1, VisitorAct::Code {});
    house.browsers.close(1, false);
    house.settle();
    let made = to_visitor(&house.visitor_does(2, VisitorAct::Code {}), 2);
    let made = made.into_iter().find_map(|told| match told {
        Told::Done {
            ok: ws::visitor::Done::Code { code, until },
            ..
        } => Some(VisitorNews::Code { code, until }),
        _ => None,
    });

    let back = house.hello(3, 1, None);
    let other = house.hello(4, 2, None);
    house.now = house.now + Duration::from_secs(300);
    house.hub.handle_timeout(house.now);
    house.settle();
    let late = house.hello(5, 1, None);

    assert_eq!(news(&back, 3), made.into_iter().collect::<Vec<_>>());
    assert_eq!(news(&back, 3).len(), 1);
    assert_eq!(news(&other, 4), []);
    assert_eq!(news(&late, 5), []);
}

#[test]
fn a_contact_has_one_code_and_other_consoles_that_have_it_are_told_that_the_one_before_lapsed() {
    let mut house = House::new();
    let id = house.chat();
    house.console(101, AgentResume::default());
    let lapsed = |out: &[Output]| {
        [100, 101].map(|socket| {
            let told = to_agent(out, socket).into_iter();
            let lapsed = told.filter(|told| match told {
                Told::Push(agent::Push::Cobrowse { interaction, news }) => {
                    *interaction == id && **news == AgentNews::Lapsed {}
                }
                _ => false,
            });
            lapsed.count()
        })
    };

    let first = house.agent_does(100, id, AgentAct::Code {});
    let second = house.agent_does(101, id, AgentAct::Code {});
    let act = Box::new(AgentAct::Code {});
    let request = agent::Request::Cobrowse {
        interaction: id,
        act,
    };
    let program = crate::input::Asker { socket: 900, id: 0 };
    let who = ("a0".parse().unwrap(), None);
    let (hub, now) = (&house.hub, house.now);
    let asked = house.browsers.act(program, who, request, hub, now);
    assert_eq!(asked, Ok(None));
    let third = house.settle();

    assert_eq!(lapsed(&first), [0, 1]);
    assert_eq!(lapsed(&second), [1, 0]);
    assert_eq!(lapsed(&third), [1, 1]);
}

#[test]
fn a_console_that_was_away_while_another_had_a_code_made_is_told_the_one_that_is_good_or_none() {
    let mut house = House::new();
    let id = house.chat();
    house.console(101, AgentResume::default());
    let told = |out: &[Output], socket| {
        let told = to_agent(out, socket).into_iter();
        let codes = told.filter_map(|told| match told {
            Told::Push(agent::Push::Cobrowse { interaction, news }) => match *news {
                AgentNews::Code { code, until } => Some((interaction, code, until)),
                _ => None,
            },
            Told::Done {
                ok: ws::agent::Done::Code { code, until },
                ..
            } => Some((id, code, until)),
            _ => None,
        });
        codes.collect::<Vec<_>>()
    };
    let before = house.agent_does(101, id, AgentAct::Code {});
    house.browsers.close(101, false);
    house.settle();
    let made = house.agent_does(100, id, AgentAct::Code {});
    assert_ne!(told(&made, 100), told(&before, 101));

    let back = house.console(102, AgentResume::default());
    house.now = house.now + Duration::from_secs(300);
    house.hub.handle_timeout(house.now);
    house.settle();
    let late = house.console(103, AgentResume::default());

    assert_eq!(told(&back, 102), told(&made, 100));
    assert_eq!(told(&late, 103), []);
}
