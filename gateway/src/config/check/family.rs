//! IPv4 and IPv6: peers of SIP are told one address, in Contact, Via and SDP, so all of them are of its family.

use std::net::IpAddr;

use sip::trunk::Source;

use crate::config::{
    fault::Fault,
    sections::{Config, Trunk},
    source::Lines,
    value::Place,
};

/// Checks that what listens, what is told and where trunks are is of one family.
pub(super) fn check(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let told = Told {
        address: config.sip_address(),
        key: match config.sip.advertise.0 {
            Some(_) => "sip.advertise",
            None => "sip.listen",
        },
    };
    let sip = &config.sip;
    if told.is_other(sip.listen.ip()) {
        return Err(lines.fault(
            &["sip", "advertise"],
            format!(
                "{} is {}, and sip.listen is {}; make them of one family, such as sip.listen = \"{}:{}\"",
                told.address,
                family(told.address),
                family(sip.listen.ip()),
                if told.address.is_ipv4() { "0.0.0.0" } else { "[::]" },
                sip.listen.port()
            ),
        ));
    }
    if let Some(listen) = sip.listen_tls.0
        && told.is_other(listen.ip())
    {
        return Err(lines.fault(&["sip", "listen_tls"], told.against(listen.ip(), listen)));
    }
    if let Some(address) = config.rtp.address.0
        && told.is_other(address)
    {
        return Err(lines.fault(&["rtp", "address"], told.against(address, address)));
    }
    let mut trunks = config.trunk.iter();
    trunks.try_for_each(|(name, trunk)| trunk_is_reached(name.as_str(), trunk, &told, lines))
}

fn trunk_is_reached(name: &str, trunk: &Trunk, told: &Told, lines: &Lines) -> Result<(), Fault> {
    let places = [
        ("target", std::slice::from_ref(&trunk.target)),
        ("further", &trunk.further[..]),
    ];
    for (key, places) in places {
        for place in places {
            if let Place::At(address) = place
                && told.is_other(address.ip())
            {
                let text = told.against(address.ip(), address);
                return Err(lines.fault(&["trunk", name, key], text));
            }
        }
    }
    for source in &trunk.sources {
        if let Source::Network(network) = source.source()
            && told.is_other(network.address())
        {
            let text = told.against(network.address(), source);
            return Err(lines.fault(&["trunk", name, "sources"], text));
        }
    }
    Ok(())
}

/// What peers are told, and which key says so.
struct Told {
    address: IpAddr,
    key: &'static str,
}

impl Told {
    fn is_other(&self, address: IpAddr) -> bool {
        address.to_canonical().is_ipv4() != self.address.to_canonical().is_ipv4()
    }

    fn against(&self, address: IpAddr, written: impl std::fmt::Display) -> String {
        format!(
            "{written} is {}, and peers are told {} ({}), which they could not send to; write an address of {}, or run a second daemon for the other family",
            family(address),
            self.address,
            self.key,
            family(self.address),
        )
    }
}

fn family(address: IpAddr) -> &'static str {
    match address.to_canonical() {
        IpAddr::V4(_) => "IPv4",
        IpAddr::V6(_) => "IPv6",
    }
}
