//! The telephone side: addresses, certificates, trunks.

use std::time::Duration;

use sip::families::Families;

use super::secret;
use crate::config::{
    fault::Fault,
    sections::{Config, KeysName, Sip, SrtpName, Trunk, TrunkTransport, WebRtc},
    source::Lines,
    value::{Place, Span},
};

/// A trunk is asked no more often whether it is there.
const LEAST_QUALIFY: Duration = Duration::from_secs(1);
/// Nothing is sent more often to keep a registration's way open.
const LEAST_KEPT: Duration = Duration::from_secs(5);
/// A page that is loaded again is back within this long.
const RELOADED: Span = Span::secs(5);

/// Checks where SIP listens and how peers reach it.
pub(super) fn telephone(sip: &Sip, lines: &Lines) -> Result<(), Fault> {
    let mut advertised = sip.advertise.0.iter().flat_map(Families::iter);
    if advertised.any(|(_, address)| address.is_unspecified()) {
        return Err(lines.fault(
            &["sip", "advertise"],
            "must be an address that peers can send to",
        ));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if sip.realm.is_empty() || !sip.realm.chars().all(plain) {
        return Err(lines.fault(
            &["sip", "realm"],
            format!(
                "\"{}\" must be made of letters, digits, dots and dashes",
                sip.realm
            ),
        ));
    }
    if sip.calls == 0 || sip.connections == 0 {
        return Err(lines.fault(&["sip"], "sip.calls and sip.connections must be at least 1"));
    }
    Ok(())
}

/// Checks where browsers send their voice.
pub(super) fn browsers(web_rtc: &WebRtc, lines: &Lines) -> Result<(), Fault> {
    if web_rtc.codecs.is_empty() {
        return Err(lines.fault(
            &["web_rtc", "codecs"],
            "must name one codec at least, such as \"opus\"",
        ));
    }
    if web_rtc.page_gone < RELOADED {
        let text = format!("a page may take longer to be loaded again; at least \"{RELOADED}\"");
        return Err(lines.fault(&["web_rtc", "page_gone"], text));
    }
    let Some(listen) = web_rtc.listen.0 else {
        return Ok(());
    };
    let key = ["web_rtc", "advertise"];
    if listen.ip().is_unspecified() && web_rtc.advertise.is_empty() {
        return Err(lines.fault(
            &key,
            format!("must say which address browsers reach, because web_rtc.listen is {listen}"),
        ));
    }
    let nowhere = web_rtc
        .advertise
        .iter()
        .find(|address| address.is_unspecified());
    if let Some(address) = nowhere {
        let text = format!("{address} is nowhere to send to; write an address browsers reach");
        return Err(lines.fault(&key, text));
    }
    Ok(())
}

/// Checks SIP over TLS; `has_other` says that the web side has a certificate.
pub(super) fn sip_tls(sip: &Sip, has_other: bool, lines: &Lines) -> Result<(), Fault> {
    if sip.certificate.0.is_some() != sip.key_file.0.is_some() {
        return Err(lines.fault(
            &["sip", "certificate"],
            "sip.certificate and sip.key_file go together; give both or none",
        ));
    }
    if sip.listen_tls.0.is_some() && sip.certificate.0.is_none() && !has_other {
        return Err(lines.fault(
            &["sip", "listen_tls"],
            "needs a certificate; give sip.certificate and sip.key_file, or those of [web]",
        ));
    }
    let secure = sip.listen_tls.0.iter().flat_map(Families::iter);
    for (family, tls) in secure {
        if sip.listen.0.get(family) == Some(tls) && tls.port() != 0 {
            return Err(lines.fault(
                &["sip", "listen_tls"],
                format!("{tls} is sip.listen already; port 5061 is usual"),
            ));
        }
    }
    Ok(())
}

/// Checks how a trunk is proved and reached.
pub(super) fn trunk_tls(
    name: &str,
    trunk: &Trunk,
    proves: bool,
    lines: &Lines,
) -> Result<(), Fault> {
    if !trunk.certificate.is_empty() && !proves {
        return Err(lines.fault(
            &["trunk", name, "certificate"],
            "needs sip.listen_tls, and sip.client_authority that signed it",
        ));
    }
    let often = trunk.qualify.0;
    if !often.is_zero() && often < LEAST_QUALIFY {
        return Err(lines.fault(
            &["trunk", name, "qualify"],
            "asks too often; write \"1s\" or more, such as \"30s\"",
        ));
    }
    if trunk.qualify_answer.0.is_zero() {
        return Err(lines.fault(
            &["trunk", name, "qualify_answer"],
            "must leave time for an answer, such as \"4s\"",
        ));
    }
    if !trunk.register.0.is_zero() && trunk.user.is_empty() {
        return Err(lines.fault(
            &["trunk", name, "register"],
            "needs the account; give user and password",
        ));
    }
    let mut places = std::iter::once(&trunk.target).chain(&trunk.further);
    if !trunk.tls_name.is_empty() && places.any(|place| matches!(place, Place::Named { .. })) {
        return Err(lines.fault(
            &["trunk", name, "tls_name"],
            "is for a trunk that is an address; the certificate of a host name must be for that name",
        ));
    }
    if !trunk.tls_name.is_empty()
        && rustls::pki_types::ServerName::try_from(trunk.tls_name.as_str()).is_err()
    {
        return Err(lines.fault(
            &["trunk", name, "tls_name"],
            format!("\"{}\" is no host name and no address", trunk.tls_name),
        ));
    }
    Ok(())
}

/// Checks how the way of a trunk's registration is kept open.
pub(super) fn trunk_kept(name: &str, trunk: &Trunk, lines: &Lines) -> Result<(), Fault> {
    let kept = trunk.keep_alive.0;
    let text = if kept.is_zero() {
        return Ok(());
    } else if trunk.register.0.is_zero() {
        "keeps the way of a registration open; give register, or leave it out"
    } else if kept < LEAST_KEPT {
        "sends too often; write \"5s\" or more, such as \"25s\""
    } else {
        return Ok(());
    };
    Err(lines.fault(&["trunk", name, "keep_alive"], text))
}

/// Checks that where voice must be secured, there is a way to agree on keys.
pub(super) fn secured(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let rtp = &config.rtp;
    let trunks = config.trunk.values().filter_map(|trunk| trunk.srtp.0);
    let phones = rtp.srtp_phones.values().copied();
    let wanted = trunks.chain(phones).chain([rtp.srtp]);
    if rtp.srtp_keys.is_empty() && wanted.into_iter().any(|srtp| srtp != SrtpName::Off) {
        return Err(lines.fault(
            &["rtp", "srtp_keys"],
            "must name a way to agree on keys, \"sdes\" or \"dtls\", where voice is to be secured",
        ));
    }
    if rtp.sdes_in_clear || rtp.srtp_keys.contains(&KeysName::Dtls) {
        return Ok(());
    }
    let open = config.trunk.iter().find(|(_, trunk)| {
        let srtp = trunk.srtp.0.unwrap_or(rtp.srtp);
        srtp == SrtpName::Require && trunk.transport != TrunkTransport::Tls
    });
    match open {
        Some((name, _)) => Err(lines.fault(
            &["trunk", name.as_str(), "srtp"],
            "has no way to agree on keys: use transport = \"tls\", or \"dtls\" in rtp.srtp_keys, or set rtp.sdes_in_clear",
        )),
        None => Ok(()),
    }
}

/// Checks a trunk and fills in its password.
pub(super) fn trunk_secret(
    name: &str,
    trunk: &mut Trunk,
    development: bool,
    lines: &Lines,
) -> Result<(), Fault> {
    let key = ["trunk", name, "password"];
    secret(&mut trunk.password, &trunk.password_file, &key, lines)?;
    if trunk.user.is_empty() != trunk.password.is_empty() {
        return Err(lines.fault(&key, "user and password go together; give both or none"));
    }
    if trunk.transport == TrunkTransport::Any {
        let open = |place: &Place| matches!(place, Place::Named { port: None, .. });
        for (key, places) in [
            ("target", std::slice::from_ref(&trunk.target)),
            ("further", &trunk.further[..]),
        ] {
            if let Some(place) = places.iter().find(|place| !open(place)) {
                return Err(lines.fault(
                    &["trunk", name, key],
                    format!("\"{place}\" says nothing of its transport, and \"any\" leaves it to the DNS; write a host name without a port, or trunk.{name}.transport"),
                ));
            }
        }
    }
    let open = trunk
        .sources
        .iter()
        .any(|source| source.source() == sip::trunk::Source::AnyLoopback);
    if open && !development {
        return Err(lines.fault(&["trunk", name, "sources"], "\"loopback\" opens the door to every program here and is for development mode; write addresses, such as \"127.0.0.1\""));
    }
    Ok(())
}
