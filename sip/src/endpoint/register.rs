//! REGISTER (RFC 3261 §10.3), also of phones that keep flows to be called by (RFC 5626 §6).

use std::fmt::Write;
use std::time::Duration;

use crate::Instant;
use crate::message::{Header, Message, Method, NameAddr};
use crate::registrar::{
    self, Ask, Change, ContactAsk, Contacts, OUTBOUND, PhoneFlow, q_thousandths,
};

use super::auth::Proved;
use super::reply::{Refusal, response_hop};
use super::{Endpoint, Event, Flow, Transport};

/// The option tag of RFC 3327.
pub(super) const PATH: &str = "path";
/// How many proxies a registration may have passed.
const MOST_PROXIES: usize = 8;
/// How often a phone is to send something over a flow of datagrams: address translations forget some after 30 s.
const DATAGRAMS: Duration = Duration::from_secs(30);
/// How often over a connection, unless those are closed earlier (RFC 5626 §4.4.1).
const CONNECTIONS: Duration = Duration::from_secs(120);

impl Endpoint {
    pub(super) fn receive_register(&mut self, request: Message, flow: &Flow, now: Instant) {
        let outcome = self.register(&request, flow, now);
        let refusal = match outcome {
            Ok(bound) => bound,
            // A challenge needs no memory, which an unknown sender does not get.
            Err(refusal) if refusal.code == 401 => return self.refuse(&request, flow, &refusal),
            Err(refusal) => refusal,
        };
        let tag = self.stateless_tag(&request);
        let marks = self.marks_outside(&request);
        let mut builder = self.reply(
            &request,
            refusal.code,
            refusal.reason.as_deref(),
            &tag,
            &marks,
        );
        for (header, value) in &refusal.headers {
            builder = builder.header(*header, value);
        }
        let hop = response_hop(&request, flow);
        let server = self.servers.open(request, hop, &self.config.timing, now);
        self.respond(server, refusal.code, builder.build(), now);
        self.report_bindings();
    }

    fn register(
        &mut self,
        request: &Message,
        flow: &Flow,
        now: Instant,
    ) -> Result<Refusal, Refusal> {
        // RFC 3261 §10.3 step 5; told first, since it does not depend on who asks (RFC 4475 §3.3.4).
        if !request.to().uri().is_sip() {
            return Err(Refusal::because(400, "To Is Not A SIP URI"));
        }
        let address = request.to().uri().user_decoded().unwrap_or_default();
        // A trunk is called where its target says.
        let user = match self.authenticate(request, flow, now)? {
            Proved::Phone(user) if user == address => user,
            Proved::Phone(_) | Proved::Trunk(_) => {
                return Err(Refusal::because(403, "Not Your Address"));
            }
        };
        let ask = read(request, user);
        if ask.path.len() > MOST_PROXIES {
            return Err(Refusal::because(403, "Too Many Proxies In Path"));
        }
        let keeps_flow = ask.keeps_flow();
        if keeps_flow && !ask.first_hop_keeps_flows() {
            return Err(Refusal::new(439));
        }
        self.registrar
            .register(&ask, flow, &self.config.limits, now)
            .map_err(|refusal| self.explain(refusal))?;
        // RFC 3327 §5.3.
        let path = ask.path.iter();
        let mut answer = path.fold(self.bound(&ask.user, now), |answer, proxy| {
            answer.with(Header::Path, proxy)
        });
        if keeps_flow {
            answer = answer.with(Header::Require, OUTBOUND);
            // Behind a proxy the flow is the proxy's, and so is what is asked of it.
            if ask.is_direct {
                answer = answer.with(Header::FlowTimer, self.flow_timer(flow.transport).as_secs());
            }
        }
        Ok(answer)
    }

    // RFC 5626 §4.4: what is quiet for longer may be taken for dead.
    fn flow_timer(&self, transport: Transport) -> Duration {
        match transport {
            Transport::Udp => DATAGRAMS,
            Transport::Tcp | Transport::Tls | Transport::Ws => {
                CONNECTIONS.min(self.config.limits.idle)
            }
        }
    }

    /// Returns how often something is to come by the way of a request that is answered so, where we answer keep-alives (RFC 6223
    /// §4): that of a registration, and of a call that begins. A WebSocket has its own.
    pub(super) fn keeps_open(&self, request: &Message, code: u16) -> Option<Duration> {
        let is = |method| *request.method() == method;
        let registers = is(Method::Register) && (200..300).contains(&code);
        let calls = is(Method::Invite) && request.to().tag().is_none();
        if !(registers || calls && (101..300).contains(&code)) {
            return None;
        }
        let name = request.top_via().transport().as_str();
        let mut answered = [Transport::Udp, Transport::Tcp, Transport::Tls].into_iter();
        let by = answered.find(|transport| transport.via_name() == name);
        by.map(|transport| self.flow_timer(transport))
    }

    fn explain(&self, refusal: registrar::Refusal) -> Refusal {
        let limits = &self.config.limits;
        match refusal {
            registrar::Refusal::Star => Refusal::because(400, refusal.to_string()),
            registrar::Refusal::Scheme => Refusal::because(400, refusal.to_string()),
            registrar::Refusal::Flows => Refusal::because(400, refusal.to_string()),
            registrar::Refusal::TooBrief => {
                Refusal::new(423).with(Header::MinExpires, limits.min_expires.as_secs())
            }
            registrar::Refusal::OutOfOrder => Refusal::because(500, refusal.to_string()),
            registrar::Refusal::TooMany => Refusal::because(403, refusal.to_string()),
            registrar::Refusal::Full => {
                Refusal::new(503).with(Header::RetryAfter, limits.retry_after)
            }
        }
    }

    // RFC 3261 §10.3 step 8: 200 with every current binding.
    fn bound(&self, user: &str, now: Instant) -> Refusal {
        let bindings = self.registrar.bindings(user);
        bindings.iter().fold(Refusal::new(200), |answer, binding| {
            let left = binding.expires_at.since(now).as_secs();
            let mut contact = format!("<{}>;expires={left}", binding.contact);
            if binding.q < 1_000 {
                write!(contact, ";q=0.{:03}", binding.q).expect("strings take all text");
            }
            if let Some(flow) = &binding.flow {
                write!(contact, ";{flow}").expect("strings take all text");
            }
            answer.with(Header::Contact, contact)
        })
    }

    /// Tells the owner what has changed among the bindings.
    pub(super) fn report_bindings(&mut self) {
        for change in self.registrar.take_changes() {
            self.tell(match change {
                Change::Added(binding) => Event::Registered { binding },
                Change::Removed(binding) => Event::Unregistered { binding },
            });
        }
    }
}

fn read(request: &Message, user: String) -> Ask {
    let keeps_flows = request.supports(OUTBOUND);
    let list: Vec<ContactAsk> = request
        .contacts()
        .map(|contact| read_contact(&contact, keeps_flows))
        .collect();
    let contacts = match (request.is_wildcard(), list.is_empty()) {
        (true, true) => Contacts::Star,
        (true, false) => Contacts::Mixed,
        (false, _) => Contacts::List(list),
    };
    Ask {
        user,
        call_id: request.call_id().to_owned(),
        cseq: request.cseq().number,
        expires: request.expires(),
        path: path(request),
        is_direct: request.vias().nth(1).is_none(),
        contacts,
    }
}

fn path(request: &Message) -> Vec<String> {
    let values = request.headers(Header::Path);
    values
        .filter(|value| {
            value
                .parse::<NameAddr>()
                .is_ok_and(|proxy| proxy.uri().is_sip())
        })
        .map(str::to_owned)
        .collect()
}

// RFC 5626 §6: without the option tag, the parameters of a flow mean nothing.
fn read_contact(contact: &NameAddr, keeps_flows: bool) -> ContactAsk {
    ContactAsk {
        uri: contact.uri().clone(),
        expires: contact.expires(),
        q: q_thousandths(contact.param("q")),
        flow: PhoneFlow::of(contact).filter(|_| keeps_flows),
    }
}
