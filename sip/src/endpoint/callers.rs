//! Who a call that comes in says is calling: From, what a trusted trunk asserts (RFC 3325), and whether it is to be shown
//! (RFC 3323).

use crate::message::{Header, Message, NameAddr};
use crate::trunk::Trunk;

/// What an INVITE says of its caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The user part of From, in E.164 where the trunk's number plan tells; empty when it has none.
    pub user: String,
    /// The display name of From; empty when it has none.
    pub display: String,
    /// Who a trusted trunk says it is; not told of a caller who withholds it, unless the trunk's settings want that.
    pub asserted: Option<Asserted>,
    /// Whether the caller does not want to be shown.
    pub withheld: bool,
    /// What a trusted trunk says came of checking the number itself.
    pub told: Option<Told>,
}

/// The `verstat` of a number (3GPP TS 24.229 §7.2A.20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is vouched for.
    Passed,
    /// It is not: the signature did not hold.
    Failed,
    /// It was not checked.
    Unchecked,
}

/// An identity that a trusted trunk vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asserted {
    /// The user part, in E.164 where the trunk's number plan tells.
    pub user: String,
    /// The display name; empty when it has none.
    pub display: String,
}

impl Caller {
    /// Reads them; `trunk` is who sent the INVITE, if it was one.
    pub(super) fn read(request: &Message, trunk: Option<&Trunk>) -> Self {
        let from = request.from();
        let read = |user: Option<String>| {
            let user = user.unwrap_or_default();
            match trunk {
                Some(trunk) => trunk.manner.numbers.read(&user),
                None => user,
            }
        };
        let nobody = from.uri().host().eq_ignore_ascii_case("anonymous.invalid")
            || from.uri().user().is_some_and(is_nobody);
        let withheld = nobody || wants_privacy(request);
        let trusted = trunk.filter(|trunk| trunk.trusted && (!withheld || trunk.manner.reveal));
        let asserted = trusted.and_then(|_| {
            let all = request.addresses(Header::PAssertedIdentity);
            // RFC 3325 §9.1: at most two, of which one is a number where the other is a name.
            let all: Vec<_> = all.filter_map(Result::ok).take(2).collect();
            let users = all.iter().map(|one| read(one.uri().subscriber()));
            let users: Vec<_> = users.collect();
            let number = users.iter().find(|user| user.starts_with('+'));
            let number = number.or_else(|| users.iter().find(|user| is_number(user)));
            let mut names = all.iter().filter_map(NameAddr::display);
            Some(Asserted {
                user: number.or(users.first())?.clone(),
                display: names.find(|name| !name.is_empty()).unwrap_or_default(),
            })
        });
        Self {
            user: read(from.uri().subscriber()),
            display: from.display().unwrap_or_default(),
            asserted,
            withheld,
            told: trunk
                .filter(|trunk| trunk.trusted)
                .and_then(|_| told(request)),
        }
    }
}

// RFC 3323 §4.2 and RFC 3325 §9.3: "header" and "session" hide the way, not the caller.
fn wants_privacy(request: &Message) -> bool {
    let values = request.lines(Header::Privacy);
    let mut words = values.flat_map(|line| line.split([';', ',']));
    words.any(|word| matches!(word.trim().to_ascii_lowercase().as_str(), "id" | "user"))
}

// Of what is asserted first. It stands behind the number or behind the host, as the scheme and the writer have it.
fn told(request: &Message) -> Option<Told> {
    let asserted = request.addresses(Header::PAssertedIdentity);
    let mut asserted = asserted.filter_map(Result::ok).take(2).peekable();
    match asserted.peek() {
        Some(_) => asserted.find_map(|one| verstat(&one)),
        None => verstat(request.from()),
    }
}

fn verstat(address: &NameAddr) -> Option<Told> {
    let mut params = address
        .uri()
        .as_str()
        .split([';', '@', '?'])
        .filter_map(|param| param.split_once('='));
    let (_, word) = params.find(|(name, _)| name.eq_ignore_ascii_case("verstat"))?;
    let begins = |start: &str| {
        word.get(..start.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(start))
    };
    if begins("TN-Validation-Passed") {
        return Some(Told::Passed);
    }
    if begins("TN-Validation-Failed") {
        return Some(Told::Failed);
    }
    begins("No-TN-Validation").then_some(Told::Unchecked)
}

fn is_number(user: &str) -> bool {
    !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_nobody(user: &str) -> bool {
    ["anonymous", "restricted", "unavailable"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(user))
}
