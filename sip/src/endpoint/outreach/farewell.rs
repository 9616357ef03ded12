//! Accounts that are given up: what holds of them is taken back where it was granted (RFC 3261 §10.2.2).

use crate::Instant;
use crate::endpoint::Endpoint;
use crate::message::Message;
use crate::transaction::ClientId;

use super::Asking;
use super::account::Registering;

/// An account that is given up.
#[derive(Debug)]
pub(super) struct Farewell {
    account: Registering,
    /// Whether the registrar was told; before, an earlier request of the account is under way.
    said: bool,
}

impl Farewell {
    /// Returns the account.
    pub fn account(&self) -> &Registering {
        &self.account
    }

    /// Returns what it waits for.
    pub fn asking(&self) -> Option<Asking> {
        self.account.asking
    }
}

impl Endpoint {
    /// Takes back all that is registered of ours, and registers nothing until the next [`Self::reconfigure`].
    pub fn unregister(&mut self, now: Instant) {
        for account in std::mem::take(&mut self.outreach.accounts).into_values() {
            self.give_up(account, now);
        }
        self.outreach.schedule();
    }

    /// Tells whether nothing waits to be taken back any more.
    pub fn is_unregistered(&self) -> bool {
        self.outreach.farewells.is_empty()
    }

    /// Gives an account up. RFC 3261 §10.2: an account has one REGISTER under way, so one that waits for an answer is told after it.
    pub(super) fn give_up(&mut self, account: Registering, now: Instant) {
        if account.asking.is_some() {
            let said = false;
            return self.outreach.farewells.push(Farewell { account, said });
        }
        self.say_farewell(account, now);
    }

    fn say_farewell(&mut self, mut account: Registering, now: Instant) {
        let Some(place) = account.held_at() else {
            return;
        };
        let until = now + self.config.timing.give_up();
        if let Some(client) = self.write_register(&mut account, place, 0, now) {
            account.asking = Some(Asking { client, until });
            let said = true;
            self.outreach.farewells.push(Farewell { account, said });
        }
    }

    /// Takes a response to a request of an account that is given up; tells whether it was one.
    pub(super) fn farewell_answered(
        &mut self,
        client: ClientId,
        response: &Message,
        now: Instant,
    ) -> bool {
        let is = |one: &Farewell| one.asking().is_some_and(|asking| asking.client == client);
        let Some(at) = self.outreach.farewells.iter().position(is) else {
            return false;
        };
        let code = response.status().map_or(0, |status| status.code());
        if code < 200 {
            return true;
        }
        let Farewell { mut account, said } = self.outreach.farewells.swap_remove(at);
        account.asking = None;
        let again = match (said, code) {
            (true, 401 | 407) => account.side.challenge(response),
            (true, _) => false,
            (false, 200..300) => {
                account.until = Some(now);
                true
            }
            (false, _) => true,
        };
        if again {
            self.say_farewell(account, now);
        }
        true
    }

    /// Gives up waiting for what was not answered, or could not be sent.
    pub(super) fn farewells_due(&mut self, unsent: Option<ClientId>, now: Instant) {
        let over = |one: &Farewell| {
            one.asking()
                .is_none_or(|asking| asking.until <= now || Some(asking.client) == unsent)
        };
        while let Some(at) = self.outreach.farewells.iter().position(over) {
            let Farewell { mut account, said } = self.outreach.farewells.swap_remove(at);
            account.asking = None;
            if !said {
                self.say_farewell(account, now);
            }
        }
    }
}
