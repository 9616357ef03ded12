//! IPv4 and IPv6: peers of SIP are told an address of their own family, in Contact, Via and SDP, so none is of a family that is
//! not listened to.

use std::net::{IpAddr, SocketAddr};

use sip::{
    families::{Families, Family},
    trunk::Source,
};

use crate::config::{
    fault::Fault,
    sections::{Config, Trunk},
    source::Lines,
    value::Place,
};

/// Checks that what is told and where trunks are is of the families that are listened to.
pub(super) fn check(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let sip = &config.sip;
    advertised(config, lines)?;
    let told = Told {
        addresses: config.sip_addresses(),
        key: match sip.advertise.0 {
            Some(_) => "sip.advertise",
            None => "sip.listen",
        },
    };
    if let Some(listen) = sip.listen_tls.0 {
        let mut each = listen.iter();
        if let Some((_, address)) = each.find(|(_, address)| told.is_other(address.ip())) {
            return Err(lines.fault(&["sip", "listen_tls"], told.against(address.ip(), address)));
        }
    }
    if let Some(addresses) = config.rtp.address.0 {
        let mut each = addresses.iter();
        if let Some((_, address)) = each.find(|(_, address)| told.is_other(**address)) {
            return Err(lines.fault(&["rtp", "address"], told.against(*address, address)));
        }
    }
    let mut trunks = config.trunk.iter();
    trunks.try_for_each(|(name, trunk)| trunk_is_reached(name.as_str(), trunk, &told, lines))
}

// Each family that is listened to has an address that peers can send to, and no other is told.
fn advertised(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let key = ["sip", "advertise"];
    let sip = &config.sip;
    let listen = &sip.listen.0;
    for (at, told) in sip.advertise.0.iter().flat_map(Families::iter) {
        if listen.get(at).is_none() {
            let heard = listen.first();
            let (any, port) = match at {
                Family::V4 => ("0.0.0.0", heard.port()),
                Family::V6 => ("[::]", heard.port()),
            };
            return Err(lines.fault(
                &key,
                format!(
                    "{told} is {}, and sip.listen is {heard}, {}; make them of one family, such as sip.listen = \"{any}:{port}\", or listen to both",
                    name(at),
                    name(Family::of(heard.ip())),
                ),
            ));
        }
    }
    let silent = |(at, heard): &(Family, &SocketAddr)| {
        heard.ip().is_unspecified() && sip.advertise.get(*at).is_none()
    };
    match listen.iter().find(silent) {
        Some((_, heard)) => Err(lines.fault(
            &key,
            format!("must say which address peers reach us at, because sip.listen is {heard}"),
        )),
        None => Ok(()),
    }
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
    addresses: Families<IpAddr>,
    key: &'static str,
}

impl Told {
    fn is_other(&self, address: IpAddr) -> bool {
        self.addresses.get(Family::of(address)).is_none()
    }

    fn against(&self, address: IpAddr, written: impl std::fmt::Display) -> String {
        let (told, other) = (self.addresses.first(), name(Family::of(address)));
        format!(
            "{written} is {other}, and peers are told {told} ({}), which they could not send to; write an address of {}, or one of {other} in sip.listen too, as in sip.listen = [\"192.0.2.1:5060\", \"[2001:db8::1]:5060\"]",
            self.key,
            name(Family::of(*told)),
        )
    }
}

const fn name(family: Family) -> &'static str {
    match family {
        Family::V4 => "IPv4",
        Family::V6 => "IPv6",
    }
}
