//! Who is free and what waits for anybody, kept in order so that a match is found without walking either. It is worked
//! out from state, setup and open consoles, and can be thrown away at any time.

use std::collections::{BTreeMap, BTreeSet};

use ws::{
    agent::Channel,
    id::{AgentId, InteractionId, QueueId, Timestamp},
};

use crate::{ids::ByRandomId, line::Key};

/// How far a free agent stands from the next offer: least loaded first, then longest idle.
pub(crate) type Rank = (u8, Timestamp, AgentId);

#[derive(Clone, Debug, Default)]
pub(crate) struct Board {
    lanes: BTreeMap<(QueueId, Channel), Lane>,
    reserved: BTreeMap<(AgentId, Channel), BTreeSet<Key>>,
    listed: ByRandomId<InteractionId, Listed>,
    free: BTreeMap<AgentId, Free>,
}

#[derive(Clone, Debug, Default)]
struct Lane {
    free: BTreeSet<Rank>,
    open: BTreeSet<Key>,
}

/// To whom a waiting entry may be offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// To anybody who serves the queue.
    Open,
    /// To one agent only.
    Reserved(AgentId),
}

#[derive(Clone, Debug, PartialEq)]
struct Listed {
    queue: QueueId,
    channel: Channel,
    key: Key,
    stand: Stand,
}

/// How loaded an agent is in each channel they are free in, and since when idle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Free {
    pub(crate) voice: Option<u8>,
    pub(crate) chat: Option<u8>,
    pub(crate) since: Timestamp,
}

impl Free {
    fn rank(&self, channel: Channel, agent: &AgentId) -> Option<Rank> {
        let load = match channel {
            Channel::Voice => self.voice,
            Channel::Chat => self.chat,
        };
        load.map(|load| (load, self.since, agent.clone()))
    }
}

impl Board {
    /// Walks the agents free for a queue, best first.
    pub(crate) fn free(&self, queue: &QueueId, channel: Channel) -> impl Iterator<Item = &Rank> {
        let lane = self.lanes.get(&(queue.clone(), channel));
        lane.into_iter().flat_map(|lane| &lane.free)
    }

    /// Walks the entries open to anybody in a queue, first in line first.
    pub(crate) fn open(&self, queue: &QueueId, channel: Channel) -> impl Iterator<Item = &Key> {
        let lane = self.lanes.get(&(queue.clone(), channel));
        lane.into_iter().flat_map(|lane| &lane.open)
    }

    /// Walks the entries kept for one agent.
    pub(crate) fn reserved(&self, agent: &AgentId, channel: Channel) -> impl Iterator<Item = &Key> {
        let keys = self.reserved.get(&(agent.clone(), channel));
        keys.into_iter().flatten()
    }

    /// Tells whether an agent is free in a channel.
    pub(crate) fn is_free(&self, agent: &AgentId, channel: Channel) -> bool {
        self.free.get(agent).is_some_and(|free| match channel {
            Channel::Voice => free.voice.is_some(),
            Channel::Chat => free.chat.is_some(),
        })
    }

    /// Lists a waiting entry, or takes it off the board.
    pub(crate) fn list(
        &mut self,
        id: InteractionId,
        entry: Option<(&QueueId, Channel, Key, Stand)>,
    ) {
        let new = entry.map(|(queue, channel, key, stand)| Listed {
            queue: queue.clone(),
            channel,
            key,
            stand,
        });
        if self.listed.get(&id) == new.as_ref() {
            return;
        }
        if let Some(old) = self.listed.remove(&id) {
            self.keys(&old).remove(&old.key);
        }
        if let Some(new) = new {
            self.keys(&new).insert(new.key);
            self.listed.insert(id, new);
        }
    }

    fn keys(&mut self, listed: &Listed) -> &mut BTreeSet<Key> {
        match &listed.stand {
            Stand::Open => {
                let lane = (listed.queue.clone(), listed.channel);
                &mut self.lanes.entry(lane).or_default().open
            }
            Stand::Reserved(agent) => self
                .reserved
                .entry((agent.clone(), listed.channel))
                .or_default(),
        }
    }

    /// Notes how free an agent is for the queues they serve.
    pub(crate) fn seat(&mut self, agent: &AgentId, queues: &[QueueId], new: Free) {
        let old = self.free.get(agent).cloned().unwrap_or_default();
        if old == new {
            return;
        }
        for channel in [Channel::Voice, Channel::Chat] {
            let (was, is) = (old.rank(channel, agent), new.rank(channel, agent));
            if was == is {
                continue;
            }
            for queue in queues {
                let lane = self.lanes.entry((queue.clone(), channel)).or_default();
                if let Some(was) = &was {
                    lane.free.remove(was);
                }
                if let Some(is) = &is {
                    lane.free.insert(is.clone());
                }
            }
        }
        self.free.insert(agent.clone(), new);
    }
}
