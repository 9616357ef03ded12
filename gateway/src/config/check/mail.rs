//! Mails to customers: the server, and what it takes to be reached by those who get one.

use std::{net::IpAddr, time::Duration};

use super::secret;
use crate::{
    config::{
        fault::Fault,
        sections::{Config, Mail, MailTls},
        source::Lines,
    },
    mail::server::Server,
};

/// Checks `[mail]` and fills in its password.
pub fn mail(config: &mut Config, lines: &Lines) -> Result<(), Fault> {
    let mail = &mut config.mail;
    let key = |key| ["mail", key];
    let file = mail.password_file.clone();
    secret(&mut mail.password, &file, &key("password"), lines)?;
    let Some(server) = mail.server.0.clone() else {
        return Ok(());
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if server.parse::<IpAddr>().is_err() && !server.chars().all(plain) {
        return Err(lines.fault(
            &key("server"),
            format!("\"{server}\" is no name of a server; write one such as \"mail.example.org\", and its port as mail.port"),
        ));
    }
    if mail.from.0.is_none() {
        return Err(lines.fault(
            &key("from"),
            "is missing; write whom mails are from, such as \"Shop <shop@example.org>\"",
        ));
    }
    if mail.user.is_empty() != mail.password.is_empty() {
        return Err(lines.fault(
            &key("password"),
            "mail.user and mail.password go together; give both or none",
        ));
    }
    if mail.tls == MailTls::None && !is_here(&server) && !mail.private {
        return Err(lines.fault(
            &key("tls"),
            "mails would be read on their way; write \"starttls\" or \"implicit\", or mail.private = true for a server in your own network",
        ));
    }
    bounds(mail, lines)?;
    Server::open(mail).map_err(|error| lines.fault(&key("authority"), format!("{error:#}")))?;
    match &config.web.url.0 {
        None => Err(lines.fault(
            &["web", "url"],
            "is missing; mails have a link to where customers reach this server, such as \"https://hub.example\"",
        )),
        Some(url) => match url.as_str().strip_prefix("http://") {
            Some(place) if !is_here(place) => Err(lines.fault(
                &["web", "url"],
                "what customers do there would be read on its way; write https://",
            )),
            Some(_) | None => Ok(()),
        },
    }
}

// Whether a host, perhaps with a port, is this machine.
fn is_here(place: &str) -> bool {
    let host = place.rsplit_once(':').map_or(place, |(host, _)| host);
    let address = |text: &str| text.trim_matches(['[', ']']).parse::<IpAddr>();
    let is = |text| address(text).is_ok_and(|it| it.is_loopback());
    host == "localhost" || is(host) || is(place)
}

fn bounds(mail: &Mail, lines: &Lines) -> Result<(), Fault> {
    let (second, day) = (Duration::from_secs(1), Duration::from_secs(86_400));
    for (key, span, least, most, text) in [
        (
            "timeout",
            mail.timeout,
            second,
            second * 600,
            "\"1s\" to \"10m\"",
        ),
        (
            "give_up",
            mail.give_up,
            second,
            day * 30,
            "\"1s\" to \"30d\"",
        ),
        ("links", mail.links, day, day * 730, "\"1d\" to \"730d\""),
    ] {
        if !(least..=most).contains(&span.0) {
            return Err(lines.fault(&["mail", key], format!("{span} must be from {text}")));
        }
    }
    Ok(())
}
