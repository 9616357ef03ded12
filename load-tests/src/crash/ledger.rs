//! What the world outside has seen and was promised, to be compared with the records.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use rand::{RngExt, rngs::StdRng};
use sip::endpoint::CallKey;
use ws::id::{CallbackId, InteractionId, Mid};

use crate::phone::{ALONE, BUSY};

/// What must happen for a run to show anything.
const ESSENTIAL: [&str; 13] = [
    "assignments",
    "attempts",
    "attempts cut short",
    "callbacks promised",
    "calls answered",
    "consents withdrawn",
    "customers dialled",
    "legs",
    "messages acknowledged",
    "promises refused",
    "ratings given",
    "recordings kept",
    "records",
];

/// What was seen and promised.
#[derive(Debug, Default)]
pub struct Ledger {
    book: Mutex<Book>,
    next: AtomicU64,
}

#[derive(Debug, Default)]
struct Book {
    acknowledged: BTreeMap<InteractionId, Vec<Mid>>,
    promised: BTreeMap<CallbackId, String>,
    /// Numbers of which it was said, and acknowledged, that they are not to be called.
    withdrawn: BTreeSet<String>,
    /// What customers told of how they were served.
    rated: BTreeMap<InteractionId, u8>,
    /// Numbers that were given for one escalation each.
    escalated: BTreeSet<String>,
    /// Calls to customers, by number, whether they are still going on.
    dialled: BTreeMap<String, Vec<(CallKey, bool)>>,
    counts: BTreeMap<&'static str, u64>,
    faults: Vec<String>,
}

impl Ledger {
    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book
            .lock()
            .expect("nobody panics while they hold the book")
    }

    /// Returns a number no other customer has, of a phone that is busy, rings in vain, or answers.
    pub fn number(&self, dice: &mut StdRng) -> String {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let how = match dice.random_range(0..10) {
            0 | 1 => BUSY,
            2 => ALONE,
            _ => "00",
        };
        format!("+4915{n:06}{how}")
    }

    /// Returns a message id no other message has.
    pub fn mid(&self, who: &str) -> Mid {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        format!("{who}-{n}")
            .parse()
            .expect("a short word and a number make an id")
    }

    /// Counts something that happened, for the tally.
    pub fn count(&self, what: &'static str) {
        self.count_all(what, 1);
    }

    /// Counts several things that happened.
    pub fn count_all(&self, what: &'static str, many: u64) {
        *self.book().counts.entry(what).or_default() += many;
    }

    /// Notes that the server said it has a message.
    pub fn acknowledged(&self, interaction: InteractionId, mid: Mid) {
        self.count("messages acknowledged");
        let mut book = self.book();
        book.acknowledged.entry(interaction).or_default().push(mid);
    }

    /// Notes that the server promised a call.
    pub fn promised(&self, callback: CallbackId, number: String) {
        self.count("callbacks promised");
        self.book().promised.insert(callback, number);
    }

    /// Notes that the server took that a number is not to be called.
    pub fn withdrawn(&self, number: String) {
        self.count("consents withdrawn");
        self.book().withdrawn.insert(number);
    }

    /// Notes that the server took how well a customer was served.
    pub fn rated(&self, interaction: InteractionId, score: u8) {
        self.count("ratings given");
        self.book().rated.insert(interaction, score);
    }

    /// Notes that a chat is to become a call with this number.
    pub fn escalates(&self, number: String) {
        self.book().escalated.insert(number);
    }

    /// Notes that a customer's phone was called.
    pub fn dialled(&self, number: String, call: CallKey) {
        self.count("customers dialled");
        let book = &mut *self.book();
        let calls = book.dialled.entry(number.clone()).or_default();
        let twice = calls.iter().any(|(_, live)| *live);
        calls.push((call, true));
        if book.withdrawn.contains(&number) {
            book.faults
                .push(format!("{number} was dialled after it was forbidden"));
        }
        if twice {
            book.faults
                .push(format!("{number} was dialled while a call to it was live"));
        }
    }

    /// Notes that a call to a customer is over.
    pub fn hung_up(&self, call: CallKey) {
        let mut book = self.book();
        for one in book.dialled.values_mut().flatten() {
            if one.0 == call {
                one.1 = false;
            }
        }
    }

    /// Notes that the daemon died, and every call with it.
    pub fn died(&self) {
        for one in self.book().dialled.values_mut().flatten() {
            one.1 = false;
        }
    }

    /// Notes something that must not be.
    pub fn wrong(&self, what: String) {
        self.book().faults.push(what);
    }

    /// Returns what was wrong.
    pub fn faults(&self) -> Vec<String> {
        self.book().faults.clone()
    }

    /// Returns the interactions in which messages were acknowledged, with them.
    pub fn all_acknowledged(&self) -> BTreeMap<InteractionId, Vec<Mid>> {
        self.book().acknowledged.clone()
    }

    /// Returns the callbacks that were promised, with their numbers.
    pub fn all_promised(&self) -> BTreeMap<CallbackId, String> {
        self.book().promised.clone()
    }

    /// Returns the numbers that are not to be called.
    pub fn all_withdrawn(&self) -> BTreeSet<String> {
        self.book().withdrawn.clone()
    }

    /// Returns how well customers were served, by their own word.
    pub fn all_rated(&self) -> BTreeMap<InteractionId, u8> {
        self.book().rated.clone()
    }

    /// Returns how often each number was dialled, and whether it was given for an escalation.
    pub fn all_dialled(&self) -> Vec<(String, usize, bool)> {
        let book = self.book();
        let dialled = book.dialled.iter();
        dialled
            .map(|(number, calls)| {
                let escalated = book.escalated.contains(number);
                (number.clone(), calls.len(), escalated)
            })
            .collect()
    }

    /// Returns what never happened, of what a run is about.
    pub fn missed(&self) -> Vec<String> {
        let book = self.book();
        let never = ESSENTIAL.iter().filter(|what| {
            let count = book.counts.get(**what).copied().unwrap_or(0);
            count == 0
        });
        never
            .map(|what| format!("no {what}, so nothing was shown of them"))
            .collect()
    }

    /// Returns what happened, in numbers.
    pub fn tally(&self) -> String {
        let counts = &self.book().counts;
        let words: Vec<_> = counts
            .iter()
            .map(|(what, count)| format!("{count} {what}"))
            .collect();
        words.join(", ")
    }
}
