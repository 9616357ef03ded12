//! Two listeners cannot have one port.

use std::net::SocketAddr;

use sip::families::Families;

use crate::config::{fault::Fault, sections::Config, source::Lines};

/// Checks that no two of those that take connections are at the same address.
pub(super) fn check(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let web = [
        (["web", "listen"], config.web.listen.0),
        (["web", "listen_tls"], config.web.listen_tls.0),
    ];
    let web = web
        .into_iter()
        .filter_map(|(key, at)| at.map(|at| (key, at)));
    let ops = (["ops", "listen"], config.ops.listen);
    let sip = config.sip.listen.0.iter();
    let sip = sip.map(|(_, at)| (["sip", "listen"], *at));
    let secure = config.sip.listen_tls.0.iter().flat_map(Families::iter);
    let secure = secure.map(|(_, at)| (["sip", "listen_tls"], *at));
    let all: Vec<_> = web.chain([ops]).chain(sip).chain(secure).collect();
    for (n, (key, at)) in all.iter().enumerate() {
        let mut before = all[..n].iter();
        if let Some((other, taken)) = before.find(|(_, other)| meet(*at, *other)) {
            let other = other.join(".");
            let text = format!("{at} is taken by {other} ({taken}); give another port");
            return Err(lines.fault(key, text));
        }
    }
    Ok(())
}

// An address that is none of this machine's stands for all of them; port 0 is any that is free.
fn meet(one: SocketAddr, other: SocketAddr) -> bool {
    let all = one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0
        && one.port() == other.port()
        && one.is_ipv4() == other.is_ipv4()
        && (all || one.ip() == other.ip())
}
