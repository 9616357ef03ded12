//! What the house of this world has beyond that of the property test: menus, numbers that are an agent's, supervisors.

use std::{sync::Arc, time::Duration};

use hub::{
    menu::{Asks, Exit, MenuSetup},
    setup::Setup,
};

use crate::{dice::Dice, house::name, wishes};

/// The name of the menu that is called first; the others are reached from it.
pub const MENU: &str = "main";
/// A number that is the first agent's.
pub const DIRECT: &str = "700";

/// Adds it, by dice of its own, so that the rest of the house is as it was.
pub fn furnish(setup: &mut Setup, dice: &mut Dice) {
    let menus = [
        (MENU, main_menu(dice)),
        ("account", account(dice)),
        ("notice", notice(dice)),
    ];
    setup.menus = menus
        .into_iter()
        .map(|(menu, setup)| (name(menu), Arc::new(setup)))
        .collect();
    let remind = 5 + dice.below(120) as u64;
    setup.callbacks.remind = dice.chance(80).then_some(Duration::from_secs(remind));
    let queues: Vec<_> = setup.queues.keys().cloned().collect();
    let ordered = queues
        .into_iter()
        .filter(|_| dice.chance(50))
        .collect::<Vec<_>>();
    let orders = ordered
        .into_iter()
        .map(|queue| (queue, wishes::order(dice)));
    setup.callbacks.orders = orders.collect();
    let first = setup.agents.keys().next().cloned();
    setup.own.numbers = first
        .map(|agent| (DIRECT.to_owned(), agent))
        .into_iter()
        .collect();
    // Where one does not take it, the other is called.
    if let Some(with) = &mut setup.recording.recorder {
        Arc::make_mut(with).servers.push(name("spare"));
    }
    if let Some((_, agent)) = setup.agents.iter_mut().next_back() {
        agent.supervisor |= dice.chance(60);
    }
}

fn exit(text: &str) -> Exit {
    text.parse().expect("a way out")
}

fn main_menu(dice: &mut Dice) -> MenuSetup {
    let ways = [
        ('1', "queue:sales"),
        ('2', "agent:a0"),
        ('3', "callback"),
        ('4', "menu:account"),
        ('5', "menu:notice"),
        ('9', "hang_up"),
        ('*', "repeat"),
    ];
    let ways = ways.into_iter().map(|(key, way)| (key, exit(way)));
    menu(dice, Asks::Key(ways.collect()), "queue:support")
}

fn account(dice: &mut Dice) -> MenuSetup {
    let asks = Asks::Digits {
        least: 2,
        most: 4,
        keep: dice.chance(50).then(|| "account".to_owned()),
        secret: dice.chance(50),
        then: exit("queue:support"),
    };
    menu(dice, asks, "menu:main")
}

fn notice(dice: &mut Dice) -> MenuSetup {
    let asks = Asks::Nothing(exit(
        dice.pick(&["queue:sales", "hang_up", "menu:main", "voicemail"])
            .expect("some"),
    ));
    menu(dice, asks, "hang_up")
}

fn menu(dice: &mut Dice, asks: Asks, otherwise: &str) -> MenuSetup {
    let say = dice.chance(80).then(|| Arc::from("welcome"));
    let again = dice.chance(30).then(|| Arc::from("again"));
    MenuSetup {
        queue: name("support"),
        say: say.into_iter().collect(),
        asks,
        say_again: again.into_iter().collect(),
        wait: Duration::from_secs(1 + dice.below(8) as u64),
        tries: 1 + dice.below(3) as u8,
        otherwise: exit(otherwise),
        hours: None,
    }
}
