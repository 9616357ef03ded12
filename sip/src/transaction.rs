//! The transactions of RFC 3261 §17: four machines, and two tables that find them, time them and bound them.

mod client;
mod client_invite;
mod clients;
mod fingerprint;
mod quoted;
mod repeat;
mod server;
mod server_invite;
mod servers;

use std::net::SocketAddr;

use bytes::Bytes;

pub(crate) use client::Client;
pub(crate) use client_invite::ClientInvite;
pub(crate) use clients::{ClientEvent, ClientId, Clients, Request};
pub(crate) use fingerprint::{Fingerprint, Keyed};
pub(crate) use repeat::Repeat;
pub(crate) use server::Server;
pub(crate) use server_invite::ServerInvite;
pub(crate) use servers::{ServerEvent, ServerId, Servers};

use crate::endpoint::{Flow, Transport};
use crate::families::Family;

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    pub transport: Transport,
    /// Where a connection is opened to when there is none, or `connection` is closed.
    pub to: SocketAddr,
    pub connection: Option<u64>,
    /// Whether the peer listens at `to`, so that what `connection` lost may be sent there.
    pub reopens: bool,
}

impl Hop {
    /// Returns the way to a place that nothing was heard from.
    pub fn to(transport: Transport, to: SocketAddr) -> Self {
        Self {
            transport,
            to,
            connection: None,
            reopens: false,
        }
    }

    /// Returns the way back to where a message came from.
    pub fn back(flow: &Flow) -> Self {
        Self {
            connection: flow.connection(),
            ..Self::to(flow.transport, flow.peer)
        }
    }

    /// Returns the way back by the connection of `flow` while it is open, and then by a new one to `to`.
    pub fn back_or_to(flow: &Flow, to: SocketAddr) -> Self {
        Self {
            to,
            reopens: flow.transport.opens(),
            ..Self::back(flow)
        }
    }

    /// Returns the family of whoever is at its end.
    pub fn family(&self) -> Family {
        Family::of(self.to.ip())
    }

    pub fn is_reliable(&self) -> bool {
        self.transport.is_reliable()
    }
}

/// What a server machine wants when its time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tick {
    Nothing,
    Send(Bytes),
    /// Send 100, nothing else has been sent.
    Trying,
    Over,
}

/// What a client machine wants when its time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientTick {
    Nothing,
    SendAgain,
    /// Over, and the core must hear of it.
    TimedOut,
    Over,
}

/// What a client machine does with a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    PassAndSend(Bytes),
    Send(Bytes),
    Drop,
}
