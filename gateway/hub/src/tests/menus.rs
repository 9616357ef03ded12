use std::{collections::BTreeMap, sync::Arc};

use super::*;
use crate::{
    command::Program,
    event::InCall,
    interaction::CallKind,
    menu::{Asks, Exit, MenuSetup},
};

fn menu(asks: Asks) -> MenuSetup {
    MenuSetup {
        queue: "support".parse().unwrap(),
        say: vec!["main".into()],
        asks,
        say_again: vec!["again".into()],
        wait: Duration::from_secs(5),
        tries: 2,
        otherwise: exit("queue:support"),
        hours: None,
    }
}

fn exit(text: &str) -> Exit {
    text.parse().unwrap()
}

fn keys(ways: &[(char, &str)]) -> Asks {
    Asks::Key(ways.iter().map(|(key, to)| (*key, exit(to))).collect())
}

fn digits(most: u8, keep: Option<&str>, secret: bool) -> Asks {
    Asks::Digits {
        least: 4,
        most,
        keep: keep.map(str::to_owned),
        secret,
        then: exit("queue:sales"),
    }
}

/// A house with queues `support` and `sales`, all agents serving both, and menus.
fn menus(agents: usize, menus: &[(&str, MenuSetup)]) -> Setup {
    let mut setup = house(agents, 6);
    let sales: ws::id::QueueId = "sales".parse().unwrap();
    let support = setup.queues.values().next().unwrap().clone();
    setup.queues.insert(sales.clone(), support);
    for agent in setup.agents.values_mut() {
        agent.queues.push(sales.clone());
    }
    let named = menus.iter();
    let named = named.map(|(name, menu)| (name.parse().unwrap(), Arc::new(menu.clone())));
    setup.menus = named.collect::<BTreeMap<_, _>>();
    setup
}

impl Floor {
    /// Lets a caller call a menu and be answered; gives the caller's leg.
    fn call_menu(&mut self, name: &str) -> LegId {
        self.tell(Input::CallArrived(arrival(1, "+4930100", name)));
        let id = InteractionId::new(2_001).unwrap();
        let caller = leg(id, 1);
        assert!(self.told().contains(&Command::Answer { leg: caller }));
        self.answered(caller);
        caller
    }

    fn key(&mut self, leg: LegId, digit: char) {
        self.tell(Input::Leg(LegNews::Digit { leg, digit }));
    }

    /// Returns what was said since the last look.
    fn said(&mut self) -> Vec<String> {
        let plays = self.told().into_iter().filter_map(|told| match told {
            Command::Play {
                program: Program::Say(names),
                ..
            } => Some(names.join(" ")),
            _ => None,
        });
        plays.collect()
    }

    fn steps(&self, id: InteractionId) -> Vec<InCall> {
        let steps = self.events(id).into_iter().filter_map(|event| match event {
            Event::InCall(step) => Some(step.clone()),
            _ => None,
        });
        steps.collect()
    }

    fn ways(&self, id: InteractionId) -> Vec<String> {
        let steps = self.steps(id).into_iter().filter_map(|step| match step {
            InCall::MenuLeft { to, reason, .. } => Some(format!("{to}: {reason}")),
            _ => None,
        });
        steps.collect()
    }
}

#[test]
fn a_key_leads_to_its_queue_and_nobody_is_asked_before() {
    let setup = menus(1, &[("main", menu(keys(&[('1', "queue:sales")])))]);
    let mut floor = Floor::open(setup);

    let caller = floor.call_menu("main");
    let id = caller.interaction;

    assert_eq!(floor.said(), ["main"]);
    floor.seconds(2);
    assert_eq!(floor.offered(id), None, "nobody is asked in a menu");
    assert_eq!(floor.of(id).wait, None, "no wait is counted in a menu");
    floor.key(caller, '1');
    assert_eq!(floor.of(id).queue.as_str(), "sales");
    assert_eq!(floor.ways(id), ["queue:sales: the caller chose so"]);
    floor.accept_any(id);
    floor.answered(leg(id, 2));
    assert_eq!(
        floor.told().last(),
        Some(&Command::Bridge {
            a: caller,
            b: leg(id, 2)
        })
    );
}

#[test]
fn who_keys_nothing_is_asked_again_and_then_waits_in_the_queue() {
    let setup = menus(1, &[("main", menu(keys(&[('1', "queue:sales")])))]);
    let mut floor = Floor::open(setup);
    let caller = floor.call_menu("main");
    let id = caller.interaction;
    assert_eq!(floor.said(), ["main"]);

    floor.heard(caller);
    floor.seconds(4);
    assert_eq!(floor.said(), [""; 0]);
    floor.seconds(1);
    assert_eq!(floor.said(), ["again main"]);
    floor.heard(caller);
    floor.seconds(5);

    assert_eq!(floor.ways(id), ["queue:support: no key came"]);
    assert!(floor.offered(id).is_some());
}

#[test]
fn a_key_that_leads_nowhere_counts_as_a_try_and_keys_after_the_menu_are_nobodys() {
    let setup = menus(1, &[("main", menu(keys(&[('1', "queue:sales")])))]);
    let mut floor = Floor::empty(setup);
    let caller = floor.call_menu("main");
    let id = caller.interaction;

    floor.key(caller, '7');
    assert_eq!(floor.said(), ["main", "again main"]);
    floor.key(caller, '8');
    assert_eq!(floor.ways(id), ["queue:support: no key led anywhere"]);
    let steps = floor.steps(id).len();
    floor.key(caller, '1');

    assert_eq!(floor.steps(id).len(), steps);
    assert_eq!(floor.of(id).queue.as_str(), "support");
}

#[test]
fn an_announcement_that_is_never_told_to_be_over_ends_all_the_same() {
    let setup = menus(1, &[("main", menu(keys(&[('1', "queue:sales")])))]);
    let mut floor = Floor::open(setup);
    let caller = floor.call_menu("main");

    floor.seconds(601);

    assert_eq!(
        floor.ways(caller.interaction),
        ["queue:support: no key came"]
    );
}

#[test]
fn an_answer_of_digits_is_kept_with_the_interaction_and_a_secret_one_is_not_shown() {
    for (secret, shown) in [(false, "12345"), (true, "*****")] {
        let setup = menus(1, &[("number", menu(digits(8, Some("customer"), secret)))]);
        let mut floor = Floor::open(setup);
        let caller = floor.call_menu("number");
        let id = caller.interaction;

        for digit in "12345#".chars() {
            floor.key(caller, digit);
        }

        assert!(
            floor
                .steps(id)
                .iter()
                .any(|step| { matches!(step, InCall::MenuKeyed { keys, .. } if keys == shown) })
        );
        let kept = floor.count(id, |e| matches!(e, Event::ExternalId { system, id } if system == "customer" && id == "12345"));
        assert_eq!(kept, usize::from(!secret));
        assert_eq!(secret, !format!("{:?}", floor.facts).contains("12345"));
        assert_eq!(floor.of(id).queue.as_str(), "sales");
    }
}

#[test]
fn a_card_number_that_is_keyed_is_kept_by_its_last_digits_alone() {
    let setup = menus(1, &[("pay", menu(digits(19, Some("account"), false)))]);
    let mut floor = Floor::open(setup);
    let caller = floor.call_menu("pay");

    for digit in "4111111111111111#".chars() {
        floor.key(caller, digit);
    }

    let told = format!("{:?}", floor.facts);
    assert!(told.contains("[card ending 1111]"), "{told}");
    assert!(!told.contains("4111"), "{told}");
}

#[test]
fn the_last_of_the_digits_or_a_pause_ends_the_answer_and_too_few_are_asked_for_again() {
    let setup = menus(1, &[("number", menu(digits(6, None, false)))]);
    let mut floor = Floor::open(setup);
    let caller = floor.call_menu("number");
    let id = caller.interaction;
    floor.told();

    floor.key(caller, '1');
    assert!(floor.told().contains(&Command::Play {
        leg: caller,
        program: Program::Silence
    }));
    floor.key(caller, '2');
    floor.seconds(5);
    assert_eq!(floor.said(), ["again main"]);
    for digit in "123456".chars() {
        floor.key(caller, digit);
    }

    assert_eq!(floor.ways(id), ["queue:sales: the caller answered"]);
    let setup = menus(1, &[("number", menu(digits(6, None, false)))]);
    let mut floor = Floor::open(setup);
    let caller = floor.call_menu("number");
    for digit in "1234".chars() {
        floor.key(caller, digit);
    }
    floor.seconds(5);
    let ways = floor.ways(caller.interaction);
    assert_eq!(ways, ["queue:sales: the caller answered"]);
}

#[test]
fn a_record_tells_no_key_at_all_from_too_few() {
    for (keyed, why) in [("", "no key came"), ("12", "too few keys came")] {
        let setup = menus(1, &[("number", menu(digits(6, None, false)))]);
        let mut floor = Floor::open(setup);
        let caller = floor.call_menu("number");
        for _ in 0..2 {
            floor.heard(caller);
            for digit in keyed.chars() {
                floor.key(caller, digit);
            }
            floor.seconds(5);
        }

        let ways = floor.ways(caller.interaction);
        assert_eq!(ways, [format!("queue:support: {why}")]);
    }
}

#[test]
fn a_menu_leads_to_another_and_a_circle_of_menus_ends_in_the_queue() {
    let goes = |to: &str| MenuSetup {
        say: Vec::new(),
        ..menu(Asks::Nothing(exit(to)))
    };
    let first = menu(keys(&[('2', "menu:second")]));
    let second = menu(keys(&[('1', "queue:sales")]));
    let setup = menus(
        1,
        &[
            ("main", first),
            ("second", second),
            ("a", goes("menu:b")),
            ("b", goes("menu:a")),
        ],
    );
    let mut floor = Floor::empty(setup.clone());
    let caller = floor.call_menu("main");
    floor.key(caller, '2');
    assert_eq!(floor.said(), ["main", "main"]);
    floor.key(caller, '1');
    assert_eq!(floor.of(caller.interaction).queue.as_str(), "sales");

    let mut floor = Floor::empty(setup);
    let caller = floor.call_menu("a");
    floor.seconds(1);

    let ways = floor.ways(caller.interaction);
    assert!(
        ways.last().unwrap().starts_with("queue:support"),
        "{ways:?}"
    );
    assert_eq!(ways.len(), 30);
    assert!(floor.hub.state().position(caller.interaction).is_some());
}

#[test]
fn who_asks_to_be_called_back_is_told_so_and_called() {
    let setup = menus(1, &[("main", menu(keys(&[('3', "callback")])))]);
    let mut floor = Floor::empty(setup);
    let caller = floor.call_menu("main");
    let id = caller.interaction;

    floor.key(caller, '3');

    assert!(floor.told().iter().any(|told| matches!(
        told,
        Command::Dismiss { leg, program: Program::Promised, .. } if *leg == caller
    )));
    floor.ended(caller, CauseKind::Normal);
    floor.arrive(&agent(0));
    floor.accept(&agent(0), id);
    let call = floor.of(id).call.as_ref().unwrap();
    assert!(matches!(call.kind, CallKind::Callback(_)));
}

#[test]
fn who_cannot_be_called_back_waits_instead() {
    let setup = menus(1, &[("main", menu(keys(&[('3', "callback")])))]);
    let setup = Setup {
        outbound: None,
        ..setup
    };
    let mut floor = Floor::open(setup);
    let caller = floor.call_menu("main");

    floor.key(caller, '3');

    let ways = floor.ways(caller.interaction);
    assert_eq!(ways, ["queue:support: the caller chose so"]);
    assert!(floor.offered(caller.interaction).is_some());
}

#[test]
fn a_menu_can_tell_all_there_is_to_say_and_end_the_call() {
    let setup = menus(1, &[("info", menu(Asks::Nothing(exit("hang_up"))))]);
    let mut floor = Floor::open(setup);
    let caller = floor.call_menu("info");
    let id = caller.interaction;

    floor.heard(caller);

    assert!(floor.told().iter().any(|told| matches!(
        told,
        Command::Dismiss { leg, program: Program::Goodbye, .. } if *leg == caller
    )));
    floor.ended(caller, CauseKind::Normal);
    let outcome = floor.events(id).into_iter().find_map(|event| match event {
        Event::Sealed { outcome, .. } => Some(outcome.clone()),
        _ => None,
    });
    assert_eq!(outcome.as_deref(), Some("informed"));
    assert_eq!(floor.count(id, |e| matches!(e, Event::Offered { .. })), 0);
}

#[test]
fn a_caller_who_hangs_up_in_a_menu_leaves_nothing_behind() {
    let setup = menus(1, &[("main", menu(keys(&[('1', "queue:sales")])))]);
    let mut floor = Floor::open(setup);
    let caller = floor.call_menu("main");

    floor.ended(caller, CauseKind::Normal);

    assert!(floor.hub.state().interaction(caller.interaction).is_none());
    assert!(floor.hub.asides.is_empty());
}

#[test]
fn an_agent_of_the_menu_is_asked_first() {
    let setup = menus(3, &[("main", menu(keys(&[('1', "agent:a2")])))]);
    let mut floor = Floor::open(setup);
    let caller = floor.call_menu("main");

    floor.key(caller, '1');

    assert_eq!(floor.offered(caller.interaction), Some(agent(2)));
}

#[test]
fn a_menu_that_is_gone_after_a_new_configuration_lets_its_callers_wait() {
    let setup = menus(1, &[("main", menu(keys(&[('1', "queue:sales")])))]);
    let mut floor = Floor::open(setup.clone());
    let caller = floor.call_menu("main");

    floor.tell(Input::Configure(Box::new(Setup {
        menus: BTreeMap::new(),
        ..setup
    })));
    floor.key(caller, '1');

    assert_eq!(
        floor.ways(caller.interaction),
        ["queue:support: the menu is there no more"]
    );
    assert!(floor.offered(caller.interaction).is_some());
}

#[test]
fn who_is_moved_in_a_menu_hears_it_from_its_beginning() {
    let menu = menu(digits(8, Some("customer"), false));
    let mut floor = Floor::open(menus(1, &[("number", menu)]));
    let caller = floor.call_menu("number");
    let id = caller.interaction;
    assert_eq!(floor.said(), ["main"]);
    floor.key(caller, '9');

    let new = floor.replaced(caller);

    assert_eq!(floor.said(), ["main"]);
    floor.seconds(6);
    assert_eq!(floor.said(), [""; 0], "it is not over for them");
    for digit in "1234#".chars() {
        floor.key(new, digit);
    }
    let keyed = |step: &InCall| matches!(step, InCall::MenuKeyed { keys, .. } if keys == "1234");
    assert!(floor.steps(id).iter().any(keyed), "{:?}", floor.steps(id));
    assert_eq!(floor.ways(id), ["queue:sales: the caller answered"]);
    floor.crash();
}
