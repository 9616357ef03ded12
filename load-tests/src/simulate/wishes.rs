//! What is wished of promised calls, by chance, and what a rule knows of those that are made.

use hub::{
    Event, Fact, State,
    event::{InCall, LegCause, Party},
    promise::Plan,
};
use ws::{
    callback::{Order, Wish},
    id::{CustomerId, Number, Timestamp},
};

use crate::{dice::Dice, house::name};

const ORDERS: [Order; 3] = [Order::Together, Order::AgentFirst, Order::CustomerFirst];
/// Agents who are there in some worlds, and one who is in none.
const OWNERS: [&str; 5] = ["a0", "a1", "a2", "a3", "nobody"];
const ZONES: [&str; 4] = ["Europe/Berlin", "UTC", "Pacific/Auckland", "Moon/Sea"];

/// When a call is wished, and how.
pub struct Wished {
    pub at: Option<Timestamp>,
    pub how: Wish,
}

/// Wishes something of a call; some wishes are such that they cannot be granted.
pub fn wish(dice: &mut Dice, now: Timestamp) -> Wished {
    let later = |dice: &mut Dice, span: usize| {
        let span = dice.below(span) as u64;
        Timestamp(now.0 + span)
    };
    let at = dice.chance(50).then(|| later(dice, 600_000));
    let mut how = Wish::default();
    if dice.chance(50) {
        how = Wish {
            until: dice.chance(30).then(|| later(dice, 2_000_000)),
            zone: dice.chance(20).then(|| one_of(dice, &ZONES).to_owned()),
            owner: dice.chance(30).then(|| name(one_of(dice, &OWNERS))),
            order: dice.chance(60).then(|| one_of(dice, &ORDERS)),
            remind: dice.chance(20).then(|| dice.below(200) as u64),
            keep_place: dice.chance(30),
        };
    }
    Wished { at, how }
}

/// Picks in which order the calls of a queue are dialled.
pub fn order(dice: &mut Dice) -> Order {
    one_of(dice, &ORDERS)
}

fn one_of<T: Copy>(dice: &mut Dice, all: &[T]) -> T {
    *dice.pick(all).expect("some")
}

/// Names what was wished of a call that is promised, for the count of what a run went through.
pub fn granted(plan: &Plan) -> Vec<&'static str> {
    let order = plan.order.map(|order| match order {
        Order::Together => "a promise: together",
        Order::AgentFirst => "a promise: agent first",
        Order::CustomerFirst => "a promise: customer first",
    });
    let all = [
        order,
        plan.until.map(|_| "a promise: a window"),
        plan.zone.as_ref().map(|_| "a promise: a time zone"),
        plan.owner.as_ref().map(|_| "a promise: an owner"),
        plan.place.map(|_| "a promise: a place is kept"),
        plan.remind.map(|_| "a promise: a reminder"),
    ];
    all.into_iter().flatten().collect()
}

/// Returns whom a fact is about to call outside of the house, and as which customer, where it is one.
pub fn dials(fact: &Fact, before: &State) -> Option<(Number, Option<CustomerId>)> {
    let found = before.interaction(fact.interaction?)?;
    match &fact.event {
        Event::EscalationStarted { number, .. } => Some((number.clone(), Some(found.customer))),
        Event::CallbackAttempted { callback, .. } => {
            let promise = found.callback(*callback)?;
            Some((promise.number.clone(), Some(found.customer)))
        }
        Event::LegStarted { party, cause, .. } => {
            // Who came to us, and who calls to take the place of somebody, is not called.
            let called = matches!(
                cause,
                LegCause::Escalation
                    | LegCause::Callback
                    | LegCause::TransferBlind
                    | LegCause::Consult
            );
            // Who moves to another telephone during a call is not contacted by it; only the number has to be free.
            let customer = Some(found.customer).filter(|_| *cause != LegCause::TransferBlind);
            match party {
                Party::CustomerPhone { number, .. } if called => Some((number.clone()?, customer)),
                Party::OutsidePhone { number, .. } if called => Some((number.clone()?, None)),
                _ => None,
            }
        }
        // Whom a leg of ours has reached is not called anew.
        Event::InCall(
            InCall::Redirected { number, .. } | InCall::HandedOut { number, leg: None },
        ) => Some((number.clone(), None)),
        _ => None,
    }
}
