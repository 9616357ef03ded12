//! Who is let in by a sign-in: agents on record, by the password they have now, until they sign out.

use tokio::sync::watch;
use ws::id::{AgentId, Timestamp};

use super::App;
use crate::{
    auth::{
        Rejected,
        roll::{Roll, SignIn},
    },
    store::{
        agents::{self, AgentRow, Role},
        ledger::sign_outs,
    },
};

impl App {
    /// Returns what an agent may do, none where there is no such agent.
    pub async fn role(&self, agent: &AgentId) -> anyhow::Result<Option<Role>> {
        if let Some(role) = self.roll.load().role(agent) {
            return Ok(Some(role));
        }
        // Added since the last reload.
        let agent = agent.clone();
        let row = self
            .read(move |connection| agents::one(connection, &agent))
            .await?;
        Ok(row.map(|row| row.role))
    }

    /// Takes the agents on record anew.
    pub fn set_agents(&self, agents: &[AgentRow]) {
        self.change(|roll| roll.replace(agents));
    }

    /// Takes an agent in as they are on record now.
    pub fn learn(&self, row: &AgentRow) {
        if Roll::clone(&self.roll.load()).learn(row) {
            self.change(|roll| {
                roll.learn(row);
            });
        }
    }

    fn change(&self, change: impl Fn(&mut Roll)) {
        self.roll.rcu(|roll| {
            let mut roll = Roll::clone(roll);
            change(&mut roll);
            roll
        });
        self.changed.send_replace(());
    }

    /// Returns what tells whenever somebody who signed in may not be let in any more.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Tells whether who was let in is so still, as far as is known without a look at the record.
    pub fn is_still_in(&self, sign_in: &SignIn) -> bool {
        self.roll.load().judge(sign_in).is_ok()
    }

    /// Returns what who signed in may do, or why they are not let in. Who is not known may have been put on record, or have
    /// got a password, since the last reload.
    pub async fn judge(&self, sign_in: &SignIn) -> anyhow::Result<Result<Role, Rejected>> {
        let judged = self.roll.load().judge(sign_in);
        if judged.is_ok() {
            return Ok(judged);
        }
        let agent = sign_in.agent.clone();
        let row = self
            .read(move |connection| agents::one(connection, &agent))
            .await?;
        if let Some(row) = row {
            self.learn(&row);
        }
        Ok(self.roll.load().judge(sign_in))
    }

    /// Ends a sign-in, whose credentials are good until `until` at the latest; it is over for good when this returns.
    pub async fn sign_out(&self, sign_in: &SignIn, until: Timestamp) -> anyhow::Result<()> {
        let (id, now) = (sign_in.id.clone(), self.now());
        self.ledger
            .write(move |ledger| sign_outs::note(ledger, &id, until, now))
            .await?;
        self.change(|roll| roll.end(sign_in.id.clone(), until, now));
        Ok(())
    }
}
