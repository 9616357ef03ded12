//! The agents' registered phones, as the hub and its journal know them: one text for all contacts of an agent.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use serde::{Deserialize, Serialize};
use sip::{
    Instant,
    endpoint::{Command as SipCommand, Transport},
    registrar::{Binding, PhoneFlow},
};
use ws::id::{AgentId, Timestamp};

use super::Phones;
use crate::{input::Input, step::Jump};

/// A binding as the journal keeps it.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    contact: String,
    transport: String,
    peer: SocketAddr,
    expires_at: Timestamp,
    call_id: String,
    cseq: u32,
    q: u16,
    #[serde(default)]
    path: Vec<String>,
    #[serde(default)]
    refreshed_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    flow: Option<KeptFlow>,
}

/// Which flow of a phone it is (RFC 5626).
#[derive(Debug, Serialize, Deserialize)]
struct KeptFlow {
    instance: String,
    reg_id: u32,
}

/// The bindings of each agent, by what tells them apart.
pub(super) type Registrations = BTreeMap<AgentId, BTreeMap<String, Binding>>;

impl Phones {
    /// Takes in that the time jumped, and that of SIP did not: phones are registered for as long as they were. Where it fell
    /// behind nothing is told: they register anew, and the end of a registration is told by the clock of SIP.
    pub fn handle_step(&mut self, jump: Jump, now: Timestamp) {
        self.now = now;
        self.lead = self.lead.and(jump);
        if !jump.is_ahead() {
            return;
        }
        let agents: Vec<_> = self.registrations.keys().cloned().collect();
        for agent in agents {
            self.report(agent);
        }
    }

    pub(super) fn registered(&mut self, binding: Binding) {
        // Only accounts can register, and each account is an agent; another name is no phone of ours.
        let Ok(agent) = binding.user.parse::<AgentId>() else {
            return;
        };
        self.registrations
            .entry(agent.clone())
            .or_default()
            .insert(binding.key(), binding);
        self.report(agent);
    }

    pub(super) fn unregistered(&mut self, binding: &Binding) {
        let Ok(agent) = binding.user.parse::<AgentId>() else {
            return;
        };
        let Some(contacts) = self.registrations.get_mut(&agent) else {
            return;
        };
        contacts.remove(&binding.key());
        if contacts.is_empty() {
            self.registrations.remove(&agent);
            self.tell(Input::PhoneGone { agent });
        } else {
            self.report(agent);
        }
    }

    /// Gives the endpoint the registrations of before a restart that still hold.
    pub(super) fn restore(&mut self, phones: Vec<(AgentId, String)>, now: Timestamp) {
        let mut bindings = Vec::new();
        for (agent, text) in phones {
            // A text of another version is as good as none: the phone registers again.
            let kept: Vec<Kept> = serde_json::from_str(&text).unwrap_or_default();
            let live = kept.into_iter().filter(|kept| kept.expires_at > now);
            let of_agent: BTreeMap<_, _> = live
                .filter_map(|kept| kept.into_binding(&agent))
                .map(|binding| (binding.key(), binding))
                .collect();
            if of_agent.is_empty() {
                self.tell(Input::PhoneGone { agent });
                continue;
            }
            bindings.extend(of_agent.values().cloned());
            self.registrations.insert(agent, of_agent);
        }
        if !bindings.is_empty() {
            self.sip(SipCommand::Restore { bindings });
        }
    }

    fn report(&mut self, agent: AgentId) {
        let Some(contacts) = self.registrations.get(&agent) else {
            return;
        };
        let kept = contacts.values().map(|one| Kept::of(one, self.lead));
        let kept: Vec<Kept> = kept.collect();
        let until = kept
            .iter()
            .map(|kept| kept.expires_at)
            .max()
            .unwrap_or_default();
        let binding = serde_json::to_string(&kept).expect("texts and numbers are always JSON");
        self.tell(Input::PhoneRegistered {
            agent,
            binding,
            until,
        });
    }
}

impl Kept {
    // As the house's time has it, which moved by `lead` against that of SIP.
    fn of(binding: &Binding, lead: Jump) -> Self {
        Self {
            contact: binding.contact.clone(),
            transport: binding.transport.uri_name().to_owned(),
            peer: binding.peer,
            expires_at: timestamp(binding.expires_at, lead),
            call_id: binding.call_id.clone(),
            cseq: binding.cseq,
            q: binding.q,
            path: binding.path.clone(),
            refreshed_at: timestamp(binding.refreshed_at, lead),
            flow: binding.flow.as_ref().map(|flow| KeptFlow {
                instance: flow.instance.clone(),
                reg_id: flow.reg_id,
            }),
        }
    }

    fn into_binding(self, agent: &AgentId) -> Option<Binding> {
        let transport = Transport::ALL
            .into_iter()
            .find(|transport| transport.uri_name() == self.transport)?;
        Some(Binding {
            user: agent.to_string(),
            contact: self.contact,
            transport,
            peer: self.peer,
            connection: None,
            refreshed_at: instant(self.refreshed_at),
            expires_at: instant(self.expires_at),
            call_id: self.call_id,
            cseq: self.cseq,
            q: self.q,
            path: self.path,
            flow: self.flow.map(|flow| PhoneFlow {
                instance: flow.instance,
                reg_id: flow.reg_id,
            }),
        })
    }
}

// The shell starts both clocks at the same point, counted from 1970; afterwards the house's goes with the machine's.
fn timestamp(at: Instant, lead: Jump) -> Timestamp {
    let at = u64::try_from(at.since_start().as_millis()).unwrap_or(u64::MAX);
    lead.shift(Timestamp(at))
}

fn instant(at: Timestamp) -> Instant {
    Instant::after_start(Duration::from_millis(at.0))
}
