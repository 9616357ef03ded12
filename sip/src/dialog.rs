//! A dialog (RFC 3261 §12): what both ends agree on about one peer-to-peer relationship.

mod hop;

pub(crate) use hop::{is_natted, listens, next_hop};

use std::net::SocketAddr;

use crate::endpoint::Flow;
use crate::message::{Builder, Header, Message, Method, NameAddr, StatusCode, Uri, host_of};
use crate::registrar::OB;
use crate::transaction::Hop;

/// One dialog, seen from our end.
#[derive(Clone, Debug)]
pub(crate) struct Dialog {
    call_id: String,
    /// Our From or To value, with our tag.
    local: String,
    /// Theirs, with their tag when they made one (RFC 2543 ends need not).
    remote: String,
    remote_tag: Option<String>,
    target: Uri,
    routes: Vec<Uri>,
    local_cseq: u32,
    remote_cseq: Option<u32>,
    /// Where the peer was last heard.
    flow: Flow,
    /// Where the peer takes connections, as far as its Contact or the first proxy says no address.
    listens: SocketAddr,
    /// Whether the peer's own addresses cannot be reached.
    natted: bool,
}

impl Dialog {
    /// Makes the dialog of a request we received, with `tag` as our tag (§12.1.1). `local_cseq` starts our
    /// own numbering.
    pub fn from_request(request: &Message, flow: &Flow, tag: &str, local_cseq: u32) -> Self {
        let local = match request.to().tag() {
            Some(_) => request.to().to_string(),
            None => format!("{};tag={tag}", request.to()),
        };
        Self {
            call_id: request.call_id().to_owned(),
            local,
            remote: request.from().to_string(),
            remote_tag: request.from().tag().map(str::to_owned),
            target: target_of(request, flow),
            routes: request
                .record_routes()
                .map(|route| route.uri().detached())
                .collect(),
            local_cseq,
            remote_cseq: Some(request.cseq().number),
            flow: *flow,
            listens: listens(request, flow),
            natted: is_natted(request, flow),
        }
    }

    /// Makes the dialog of a response to our request (§12.1.2).
    pub fn from_response(response: &Message, flow: &Flow) -> Self {
        let mut routes: Vec<Uri> = response
            .record_routes()
            .map(|route| route.uri().detached())
            .collect();
        routes.reverse();
        let target = target_of(response, flow);
        // A peer that was reached at this address and calls itself by another one is behind a translation.
        let natted = routes.is_empty()
            && target
                .ip()
                .is_some_and(|ip| hop::is_unroutable_from(ip, flow.peer.ip()));
        Self {
            call_id: response.call_id().to_owned(),
            local: response.from().to_string(),
            remote: response.to().to_string(),
            remote_tag: response.to().tag().map(str::to_owned),
            target,
            routes,
            local_cseq: response.cseq().number,
            remote_cseq: None,
            flow: *flow,
            listens: listens(response, flow),
            natted,
        }
    }

    /// Tells whether a request of the peer belongs to this dialog; our tag has been matched already.
    pub fn owns(&self, request: &Message) -> bool {
        request.call_id() == self.call_id && request.from().tag() == self.remote_tag.as_deref()
    }

    /// Tells whether the other end's tag is `tag`.
    pub fn is_with(&self, tag: &str) -> bool {
        self.remote_tag.as_deref() == Some(tag)
    }

    /// Returns the other end's tag, when it made one.
    pub fn remote_tag(&self) -> Option<&str> {
        self.remote_tag.as_deref()
    }

    /// Returns the other end's Contact.
    pub fn target(&self) -> &Uri {
        &self.target
    }

    /// Takes the sequence number of a request; false when it is out of order (§12.2.2).
    pub fn accept_cseq(&mut self, request: &Message) -> bool {
        let number = request.cseq().number;
        if self.remote_cseq.is_some_and(|last| number <= last) {
            return false;
        }
        self.remote_cseq = Some(number);
        true
    }

    /// Takes the Contact of a target refresh request or its 2xx (§12.2), and where it came from.
    pub fn refresh(&mut self, message: &Message, flow: &Flow) {
        if message.contacts().next().is_some() {
            self.target = target_of(message, flow);
        }
        if message.is_request() {
            self.listens = listens(message, flow);
        }
        self.flow = *flow;
    }

    /// Goes on numbering where an early dialog with the same end stopped, both ways.
    pub fn continue_from(&mut self, early: &Self) {
        self.local_cseq = self.local_cseq.max(early.local_cseq);
        self.remote_cseq = self.remote_cseq.max(early.remote_cseq);
    }

    /// Tells whether a request of ours was refused because a later one came before it (§12.2.2).
    pub fn was_overtaken(&self, response: &Message) -> bool {
        let code = response.status().map(StatusCode::code);
        code == Some(500) && response.cseq().number < self.local_cseq
    }

    /// Returns our next sequence number.
    pub fn next_cseq(&mut self) -> u32 {
        self.local_cseq += 1;
        self.local_cseq
    }

    /// Returns where requests in this dialog go.
    pub fn hop(&self) -> Hop {
        let first = self.routes.first().unwrap_or(&self.target);
        // RFC 5626 §4.3: who keeps a flow is spoken to over that.
        let keeps_flow = self.routes.is_empty() && self.target.params().has(OB);
        next_hop(first, &self.flow, self.natted || keeps_flow, self.listens)
    }

    /// Tells whether a URI names the proxy that this dialog passes first: the server that whoever is behind it knows us by.
    pub fn passes(&self, uri: &Uri) -> bool {
        let hop = self.hop();
        let port = uri.port().unwrap_or(hop.transport.default_port());
        let named = uri.ip().map(|ip| SocketAddr::new(ip, port));
        !self.routes.is_empty() && named == Some(hop.to)
    }

    /// Returns the Request-URI of requests in this dialog, which the digest of RFC 7616 covers.
    pub fn request_uri(&self) -> &Uri {
        match self.routes.first() {
            Some(strict) if !strict.params().has("lr") => strict,
            Some(_) | None => &self.target,
        }
    }

    /// Starts a request in this dialog (§12.2.1.1).
    pub fn request(&self, method: &Method, cseq: u32, via: &str) -> Builder {
        let uri = self.request_uri();
        let strict = uri != &self.target;
        let routes = self.routes.iter().skip(usize::from(strict));
        Builder::request(method, uri)
            .header(Header::Via, via)
            .each(Header::Route, routes.map(NameAddr::new))
            .maybe(Header::Route, strict.then(|| NameAddr::new(&self.target)))
            .header(Header::MaxForwards, 70)
            .header(Header::From, &self.local)
            .header(Header::To, &self.remote)
            .header(Header::CallId, &self.call_id)
            .header(Header::CSeq, format_args!("{cseq} {method}"))
    }
}

// A peer without a usable Contact is spoken to where it was heard.
fn target_of(message: &Message, flow: &Flow) -> Uri {
    let contact = message
        .contacts()
        .next()
        .filter(|contact| contact.uri().is_sip());
    match contact {
        Some(contact) => contact.uri().without_headers().detached(),
        None => {
            let host = host_of(flow.peer.ip());
            Uri::sip(None, &host, Some(flow.peer.port())).expect("an address is a host")
        }
    }
}

#[cfg(test)]
mod tests;
