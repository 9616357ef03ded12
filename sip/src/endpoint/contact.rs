//! Our Contact: where the peer of a call reaches us, and whether it is to be by TLS all the way.

use crate::message::{Message, NameAddr, Scheme, Uri};
use crate::registrar::OB;
use crate::siprec;
use crate::transaction::Hop;

use super::call::Side;
use super::ways::Way;
use super::{Endpoint, Transport};

impl Endpoint {
    /// Returns Contact outside of calls.
    pub(super) fn contact(&self, hop: Hop) -> String {
        self.contact_as(false, hop)
    }

    /// Returns Contact as the peer of a call is told it.
    pub(super) fn contact_of(&self, side: &Side, hop: Hop) -> String {
        let mut contact = self.contact_as(side.secured, hop);
        let trunk = side.trunk.as_deref();
        if trunk.is_some_and(|trunk| self.outreach.keeps_flow(trunk, hop)) {
            // RFC 5626 §4.3: requests of the peer come back by the flow that the call went by.
            contact = contact.replace('>', &format!(";{OB}>"));
        }
        match side.recorder {
            Some(_) => format!("{contact};{}", siprec::SOURCE),
            None => contact,
        }
    }

    // Whoever came in clear is told where they can come back to: a proxy that ends TLS before us reaches us in clear alone.
    fn contact_as(&self, secured: bool, hop: Hop) -> String {
        let address = self.address(hop);
        let scheme = if secured { "sips" } else { "sip" };
        match hop.transport {
            Transport::Udp => format!("<sip:tandem@{address}>"),
            // RFC 5630 §3.1.4: `sips` says it, and `transport=tls` is not written beside it.
            Transport::Tls if secured => format!("<sips:tandem@{address}>"),
            Transport::Ws => format!("<{scheme}:tandem@{address};transport=ws>"),
            transport @ (Transport::Tcp | Transport::Tls) => {
                format!("<sip:tandem@{address};transport={}>", transport.uri_name())
            }
        }
    }
}

/// Tells whether a request that makes a dialog wants all of it by TLS (RFC 3261 §12.1.1).
pub(super) fn wants_secured(request: &Message) -> bool {
    let asked = request.request_uri().is_some_and(is_secured);
    asked
        || match request.record_routes().next() {
            Some(route) => is_secured(route.uri()),
            None => request.contacts().any(|one| is_secured(one.uri())),
        }
}

/// Tells whether a request of ours is to go by TLS all the way (RFC 3261 §8.1.1.8).
pub(super) fn goes_secured(way: &Way) -> bool {
    let route = way.routes.first().and_then(|route| route.parse().ok());
    is_secured(&way.uri) || route.is_some_and(|route: NameAddr| is_secured(route.uri()))
}

fn is_secured(uri: &Uri) -> bool {
    uri.scheme() == Scheme::Sips
}
