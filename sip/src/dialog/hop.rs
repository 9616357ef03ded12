//! Where a request goes: RFC 3263 for numeric addresses, and what RFC 3581 and connection reuse ask beyond it.

use std::net::{IpAddr, SocketAddr};

use crate::endpoint::{Flow, Transport};
use crate::message::{Message, Rport, Scheme, Uri};
use crate::transaction::Hop;

/// Returns where a request for `uri` goes, by a peer that was heard on `flow` and listens at `listens`. A name instead of an
/// address leads back to the peer, and so does everything from a peer whose own addresses cannot be reached. A connection
/// is used while it is open (RFC 5923), and then another one to where the peer listens.
pub(crate) fn next_hop(uri: &Uri, flow: &Flow, natted: bool, listens: SocketAddr) -> Hop {
    if natted {
        return Hop::back(flow);
    }
    let Some(ip) = uri.ip().map(|ip| ip.to_canonical()) else {
        return match flow.transport {
            Transport::Tcp | Transport::Tls => Hop::back_or_to(flow, listens),
            Transport::Udp | Transport::Ws => Hop::back(flow),
        };
    };
    let same_host = ip == flow.peer.ip().to_canonical();
    let transport = match named_transport(uri) {
        Some(transport) => transport,
        None if same_host => flow.transport,
        None => Transport::Udp,
    };
    let reuses = same_host && transport == flow.transport && transport.is_reliable();
    let port = uri.port().unwrap_or(transport.default_port());
    let named = SocketAddr::new(ip, port);
    match transport {
        Transport::Tcp | Transport::Tls if reuses => Hop::back_or_to(flow, named),
        Transport::Ws if reuses => Hop::back(flow),
        Transport::Udp | Transport::Tcp | Transport::Tls | Transport::Ws => {
            Hop::to(transport, named)
        }
    }
}

/// Returns where the peer listens that sent `message` on `flow`: the port of its own Via (RFC 3261 §18.1.1), or where our
/// request reached it.
pub(crate) fn listens(message: &Message, flow: &Flow) -> SocketAddr {
    match message.is_request() {
        true => SocketAddr::new(flow.peer.ip(), message.top_via().port_or_default()),
        false => flow.peer,
    }
}

/// Tells whether the sender of `request` names an address of its own that its packets do not come from.
pub(crate) fn is_natted(request: &Message, flow: &Flow) -> bool {
    // Behind proxies the top Via says nothing about the far end, and the route set leads to the proxy.
    if request.record_routes().next().is_some() {
        return false;
    }
    let via = request.top_via();
    let named = via.host().trim_matches(['[', ']']).parse::<IpAddr>();
    let moved = named.is_ok_and(|ip| ip.to_canonical() != flow.peer.ip().to_canonical());
    let asked = via.rport() != Rport::Absent;
    let other_port = asked && via.port_or_default() != flow.peer.port();
    let contact = request
        .contacts()
        .next()
        .and_then(|contact| contact.uri().ip());
    let contact_moved = contact.is_some_and(|ip| is_unroutable_from(ip, flow.peer.ip()));
    match flow.transport {
        Transport::Udp => moved || other_port || contact_moved,
        Transport::Tcp | Transport::Tls | Transport::Ws => moved || contact_moved,
    }
}

/// Tells whether `named` cannot be where a peer heard from `seen` is: a private address named from a public one.
pub(super) fn is_unroutable_from(named: IpAddr, seen: IpAddr) -> bool {
    let (named, seen) = (named.to_canonical(), seen.to_canonical());
    named != seen && is_private(named) && !is_private(seen)
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified()
        }
        IpAddr::V6(ip) => {
            ip.is_loopback()
                || ip.is_unicast_link_local()
                || ip.is_unique_local()
                || ip.is_unspecified()
        }
    }
}

fn named_transport(uri: &Uri) -> Option<Transport> {
    if uri.scheme() == Scheme::Sips {
        return Some(Transport::Tls);
    }
    let name = uri.param("transport")?;
    // RFC 7118 §5.2.1: `wss` differs in security alone, and the connection is made by the peer anyhow.
    let name = if name.eq_ignore_ascii_case("wss") {
        "ws"
    } else {
        name
    };
    Transport::ALL
        .into_iter()
        .find(|transport| transport.uri_name().eq_ignore_ascii_case(name))
}
