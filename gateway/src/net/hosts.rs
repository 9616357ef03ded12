//! Calls whose media is at a host that has a name (RFC 8866 §5.7): what the endpoint tells of one is held until the DNS has said
//! where that is, and is told with the address in its place. What is not found in time is told as it came, and refused for that.
//! Where a host of a call was found once, it is for the rest of that call.

use std::{
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
};

use sip::{
    endpoint::{CallKey, Command, Event},
    sdp::{HostName, host_names, with_addresses},
};

/// Answers that may wait for the endpoint, and calls whose hosts are asked for at a time; those of more are not.
pub const ADDRESSES: usize = 256;

/// Hosts of a call whose addresses are kept beside those found last.
const KNOWN: usize = 8;

/// The hosts of a call that are to be asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Sought {
    /// The call.
    pub call: CallKey,
    /// Their names.
    pub hosts: Vec<HostName>,
}

/// Those of them that were found.
pub struct Found {
    /// The call.
    pub call: CallKey,
    /// Each with its address.
    pub addresses: Vec<(HostName, IpAddr)>,
}

/// Calls that wait for an address.
#[derive(Default)]
pub struct Hosts {
    held: BTreeMap<CallKey, VecDeque<Event>>,
    sought: VecDeque<Sought>,
    /// Where hosts of a call are, the last found at the end.
    known: BTreeMap<CallKey, Vec<(HostName, IpAddr)>>,
}

impl Hosts {
    /// Takes what the endpoint tells; returns it unless it has to wait.
    pub fn take(&mut self, mut event: Event) -> Option<Event> {
        let Some(call) = event.call() else {
            return Some(event);
        };
        if let Some(held) = self.held.get_mut(&call) {
            held.push_back(event);
            return None;
        }
        let mut hosts = Vec::new();
        if let Some(sdp) = event.description_mut() {
            hosts = host_names(sdp);
            if let Some(known) = self.known.get(&call).filter(|_| !hosts.is_empty()) {
                hosts.retain(|host| known.iter().all(|(one, _)| one != host));
                *sdp = with_addresses(sdp, known);
            }
        }
        if is_last(&event) {
            self.known.remove(&call);
        }
        if hosts.is_empty() || self.held.len() >= ADDRESSES {
            return Some(event);
        }
        self.held.insert(call, VecDeque::from([event]));
        self.sought.push_back(Sought { call, hosts });
        None
    }

    /// Takes what the endpoint is told to do: of a call that is refused it tells nothing more.
    pub fn heed(&mut self, command: &Command) {
        if let Command::Reject { call, .. } = command {
            self.known.remove(call);
        }
    }

    /// Returns what is to be asked of the DNS next.
    pub fn poll_sought(&mut self) -> Option<Sought> {
        self.sought.pop_front()
    }

    /// Takes what was found; returns what waited for it, in order, up to what waits for another.
    pub fn found(&mut self, found: &Found) -> Vec<Event> {
        let Some(mut held) = self.held.remove(&found.call) else {
            return Vec::new();
        };
        let mut told: Vec<_> = held.pop_front().into_iter().collect();
        if !found.addresses.is_empty() {
            self.keep(found);
        }
        for event in &mut told {
            if let Some(sdp) = event.description_mut() {
                *sdp = with_addresses(sdp, &found.addresses);
            }
        }
        while let Some(event) = held.pop_front() {
            let Some(event) = self.take(event) else { break };
            told.push(event);
        }
        if let Some(waits) = self.held.get_mut(&found.call) {
            waits.extend(held);
        }
        told
    }

    // A call has few of them, however often it is described anew.
    fn keep(&mut self, found: &Found) {
        let known = self.known.entry(found.call).or_default();
        let more = known.len().saturating_sub(KNOWN);
        known.drain(..more);
        known.extend(found.addresses.iter().cloned());
    }
}

fn is_last(event: &Event) -> bool {
    matches!(
        event,
        Event::Failed { .. } | Event::Cancelled { .. } | Event::Ended { .. }
    )
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use sip::families::Family;

    use super::*;

    const CALL: CallKey = CallKey::Out(1);

    fn answered(call: CallKey, host: &str) -> Event {
        let sdp = format!("c=IN IP4 {host}\r\n");
        Event::OfferAnswered {
            call,
            sdp: Bytes::from(sdp),
        }
    }

    fn gone(call: CallKey) -> Event {
        Event::Cancelled { call, cause: None }
    }

    fn host(name: &str) -> HostName {
        HostName {
            name: name.to_owned(),
            family: Family::V4,
        }
    }

    fn found(name: &str) -> Found {
        Found {
            call: CALL,
            addresses: vec![(host(name), IpAddr::from([192, 0, 2, 7]))],
        }
    }

    #[test]
    fn what_is_told_of_a_call_waits_behind_the_address_of_its_media() {
        let mut hosts = Hosts::default();
        let other = CallKey::Out(2);
        let plain = answered(CALL, "192.0.2.1");
        assert_eq!(hosts.take(plain.clone()), Some(plain.clone()));

        assert_eq!(hosts.take(answered(CALL, "a.example")), None);
        assert_eq!(hosts.take(plain.clone()), None, "it waits behind");
        assert_eq!(hosts.take(gone(other)), Some(gone(other)));
        assert_eq!(hosts.take(answered(CALL, "b.example")), None);
        assert_eq!(hosts.take(gone(CALL)), None);
        let sought = |name| {
            let hosts = vec![host(name)];
            Some(Sought { call: CALL, hosts })
        };
        assert_eq!(hosts.poll_sought(), sought("a.example"));
        assert_eq!(hosts.poll_sought(), None);

        let first = hosts.found(&found("a.example"));
        assert_eq!(first, [answered(CALL, "192.0.2.7"), plain]);
        assert_eq!(hosts.poll_sought(), sought("b.example"));
        // Nothing was found: it is told as it came.
        let none = Found {
            call: CALL,
            addresses: Vec::new(),
        };
        let last = hosts.found(&none);
        assert_eq!(last, [answered(CALL, "b.example"), gone(CALL)]);
        assert_eq!(hosts.take(gone(CALL)), Some(gone(CALL)), "nothing waits");
        assert_eq!(hosts.found(&none), []);
    }

    #[test]
    fn where_a_host_was_found_it_is_until_the_call_is_over() {
        let mut hosts = Hosts::default();
        assert_eq!(hosts.take(answered(CALL, "a.example")), None);
        hosts.poll_sought().unwrap();
        hosts.found(&found("a.example"));

        let again = Some(answered(CALL, "192.0.2.7"));
        assert_eq!(hosts.take(answered(CALL, "a.example")), again);
        assert_eq!(hosts.poll_sought(), None, "nobody is asked");
        // Another host of it is asked for, alone.
        let two = "a.example\r\nc=IN IP4 b.example";
        assert_eq!(hosts.take(answered(CALL, two)), None);
        assert_eq!(hosts.poll_sought().unwrap().hosts, [host("b.example")]);
        let both = answered(CALL, "192.0.2.7\r\nc=IN IP4 192.0.2.7");
        assert_eq!(hosts.found(&found("b.example")), [both]);
        assert_eq!(hosts.take(answered(CALL, "a.example")), again);
        let other = CallKey::Out(2);
        assert_eq!(hosts.take(answered(other, "a.example")), None);
        // Of hosts without end the newest are kept.
        for number in 0..100 {
            let name = format!("m{number}.example");
            assert_eq!(hosts.take(answered(CALL, &name)), None);
            hosts.found(&found(&name));
        }
        assert!(hosts.known[&CALL].len() <= KNOWN + 1);

        hosts.take(gone(CALL));
        assert_eq!(hosts.known.len(), 0);
    }

    #[test]
    fn of_a_call_that_is_refused_nothing_is_kept() {
        let mut hosts = Hosts::default();
        hosts.take(answered(CALL, "a.example"));
        hosts.found(&found("a.example"));
        assert_eq!(hosts.known.len(), 1);

        hosts.heed(&Command::Reject {
            call: CALL,
            code: 486,
            reason: None,
            retry_after: None,
            warning: None,
        });

        assert_eq!(hosts.known.len(), 0);
    }

    #[test]
    fn hosts_of_no_more_calls_are_asked_for_than_may_wait() {
        let mut hosts = Hosts::default();
        let count = u64::try_from(ADDRESSES).unwrap();
        for call in 0..count {
            assert_eq!(hosts.take(answered(CallKey::In(call), "a.example")), None);
        }
        let more = answered(CallKey::In(count), "a.example");
        assert_eq!(hosts.take(more.clone()), Some(more));
    }
}
