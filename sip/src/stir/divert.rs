//! Calls that went to another number than the one that was called (RFC 8946): who sent them on signs from where to where, so that
//! what the caller's network has signed of the first number counts for the last.

use serde_json::json;

use super::{DIV, Flaw, Level, Passport, Signed, Token, canonical, has, is_fresh, kind, token};

/// How often a call may have been diverted.
const MOST_DIVERTED: usize = 5;

/// What is said of one diversion, by who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diversion {
    token: Token,
    caller: String,
    from: String,
    to: Vec<String>,
    at: u64,
}

impl Diversion {
    /// Tells whether an Identity header field says that it is one.
    pub fn is_one(value: &str) -> bool {
        kind(value) == Some(DIV)
    }

    /// Reads the value of such a header field.
    pub fn read(value: &str) -> Result<Self, Flaw> {
        Self::take_apart(value).ok_or(Flaw::Form)
    }

    /// Returns what is to be proved of it.
    pub const fn token(&self) -> &Token {
        &self.token
    }

    /// Returns the number that was left, without its plus sign: the signer vouches for that one (RFC 8946 §4.1).
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Tells whether it is of `now`, in seconds since 1970.
    pub fn check(&self, now: u64) -> Result<(), Flaw> {
        match is_fresh(self.at, now) {
            true => Ok(()),
            false => Err(Flaw::Stale),
        }
    }

    fn take_apart(value: &str) -> Option<Self> {
        let (token, said) = Token::take_apart(value, DIV)?;
        let called = &said["dest"]["tn"];
        // The RFC's own examples name one number, and not a list of it.
        let to = match called.as_array() {
            Some(all) => token::numbers(all),
            None => token::numbers(std::slice::from_ref(called)),
        };
        Some(Self {
            token,
            caller: canonical(said["orig"]["tn"].as_str()?)?,
            from: canonical(said["div"]["tn"].as_str()?)?,
            to,
            at: said["iat"].as_u64()?,
        })
    }
}

impl Signed {
    /// Returns the number of ours that the call came for, where its network has signed that `caller` called it, or diversions lead
    /// there, all of `now`: what who sends the call on signs that it left. Whether it is proved is whoever's who checks the whole.
    pub fn came_for(&self, caller: &str, now: u64) -> Option<&str> {
        let caller = canonical(caller)?;
        let passports = self.identities.iter().map(|one| Passport::read(one));
        let mut passports = passports.filter_map(Result::ok);
        let passport = passports.find(|one| one.caller == caller)?;
        let diversions = self.identities.iter().map(|one| Diversion::read(one));
        let diversions: Vec<_> = diversions.filter_map(Result::ok).collect();
        let mut left: Vec<_> = diversions.iter().collect();
        let mut route = Route::begin(&passport, self, now).ok()?;
        while let Some(next) = route.next(&mut left) {
            if next.check(now).is_ok() {
                route.follow(next);
            }
        }
        route.end().ok()?;
        let there = |one: &&String| canonical(one).is_some_and(|one| route.at.contains(&one));
        self.to.iter().find(there).map(String::as_str)
    }
}

/// What is signed of a call that is sent on to another number, by who does it (RFC 8946 §4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onward<'a> {
    /// The caller's number, in E.164.
    pub caller: &'a str,
    /// The number that it came for, which the signer vouches for.
    pub left: &'a str,
    /// The number that is called in its place.
    pub called: &'a str,
    /// When, in seconds since 1970.
    pub at: u64,
    /// Where the certificate of the key is.
    pub certificate: &'a str,
}

impl Onward<'_> {
    /// Returns what is to be signed; none where a number is none.
    pub fn unsigned(&self) -> Option<String> {
        let (caller, left) = (canonical(self.caller)?, canonical(self.left)?);
        let called = canonical(self.called)?;
        let said = json!({
            "dest": { "tn": [called] }, "div": { "tn": left }, "iat": self.at, "orig": { "tn": caller },
        });
        Some(token::unsigned(DIV, self.certificate, &said))
    }

    /// Returns the Identity header field, which stands behind those that the call came with.
    pub fn identity(&self, unsigned: &str, signature: &[u8]) -> String {
        token::identity(DIV, self.certificate, unsigned, signature)
    }
}

/// The way of a call from the number that its network has signed, by diversions that were proved, to the number that it came for.
#[derive(Clone, Debug)]
pub struct Route<'a> {
    passport: &'a Passport,
    call: &'a Signed,
    /// Where it is now, and by how many diversions.
    at: &'a [String],
    steps: usize,
    /// The number that it was diverted from first.
    first: Option<&'a str>,
    /// Whether one of the numbers on the way is the call's, and what it was diverted from until there.
    arrived: Option<Option<&'a str>>,
}

impl<'a> Route<'a> {
    /// Begins where the caller's network has sent `call`, as far as that needs no key (RFC 8224 §6.2).
    pub fn begin(passport: &'a Passport, call: &'a Signed, now: u64) -> Result<Self, Flaw> {
        if !is_fresh(passport.at, now) {
            return Err(Flaw::Stale);
        }
        if !has(&call.from, &passport.caller) {
            return Err(Flaw::Number);
        }
        let mut route = Self {
            passport,
            call,
            at: &passport.called,
            steps: 0,
            first: None,
            arrived: None,
        };
        route.look_around();
        Ok(route)
    }

    /// Takes a diversion out of `all` that goes on from here, if one does.
    pub fn next(&self, all: &mut Vec<&'a Diversion>) -> Option<&'a Diversion> {
        let goes_on =
            |one: &&Diversion| one.caller == self.passport.caller && self.at.contains(&one.from);
        let at = all.iter().position(goes_on);
        at.filter(|_| self.steps < MOST_DIVERTED)
            .map(|at| all.swap_remove(at))
    }

    /// Follows a diversion that was proved.
    pub fn follow(&mut self, diversion: &'a Diversion) {
        self.first.get_or_insert(&diversion.from);
        self.at = &diversion.to;
        self.steps += 1;
        self.look_around();
    }

    /// Returns what is vouched for of the call, and the number that it was diverted from first, in E.164, if it was.
    pub fn end(&self) -> Result<(Level, Option<String>), Flaw> {
        let first = self.arrived.ok_or(Flaw::Number)?;
        let plain = |number: &str| number.chars().all(|one| one.is_ascii_digit());
        let written = first.map(|number| match plain(number) {
            true => format!("+{number}"),
            false => number.to_owned(),
        });
        Ok((self.passport.level, written))
    }

    // The last number counts: To may have the first one still.
    fn look_around(&mut self) {
        if self.at.iter().any(|number| has(&self.call.to, number)) {
            self.arrived = Some(self.first);
        }
    }
}
