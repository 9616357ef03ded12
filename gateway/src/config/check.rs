//! Contradictions: values that are each right and cannot stand together. Secrets are fetched here from the files named.

mod callback;
mod cobrowse;
mod consent;
mod family;
mod files;
mod hooks;
mod listeners;
mod mail;
mod menu;
mod pauses;
mod policy;
mod replies;
mod secrets;
mod selector;
mod siprec;
mod texts;
mod tls;
mod trunk;
mod voice;
mod voicemail;
mod zone;

use std::collections::BTreeMap;

use sip::families::Families;
use ws::id::Skill;

use super::{
    fault::Fault,
    sections::{Config, Queue, Rtp, Web, Zone},
    source::Lines,
    value::Span,
};

/// How many steps a queue's demand may fall by.
const STEPS: usize = 20;

use pauses::{pauses, wrap_ups};
pub use secrets::credential;
use secrets::secret;
use voice::{browsers, secured, sip_tls, telephone, trunk_kept, trunk_secret, trunk_tls};

/// The least bytes of a secret that signs identities: HS256 asks for as many as its digest has (RFC 7518 §3.2).
const LEAST_SECRET: usize = 32;
/// How long the name of who numbers customers may be.
const LONGEST_ISSUER: usize = 50;

/// Checks the whole and fills in secrets that stand in files.
pub fn check(config: &mut Config, development: bool, lines: &Lines) -> Result<(), Fault> {
    web(config, lines)?;
    texts::check(config, lines)?;
    let has_certificate = config.web.certificate.0.is_some() || development;
    telephone(&config.sip, lines)?;
    browsers(&config.web_rtc, lines)?;
    sip_tls(&config.sip, has_certificate, lines)?;
    tls::check(config, has_certificate, lines)?;
    listeners::check(config, lines)?;
    media(&config.rtp, lines)?;
    doors(config, development, lines)?;
    config
        .log
        .level
        .parse::<tracing_subscriber::EnvFilter>()
        .map_err(|error| {
            lines.fault(
                &["log", "level"],
                format!("{error}; write a level such as \"info\", or \"info,gateway::net=debug\""),
            )
        })?;
    work(config, lines)?;
    trunk::house(&config.numbers, lines)?;
    consent::check(config, lines)?;
    queues(config, lines)?;
    menu::check(config, lines)?;
    voicemail::check(config, lines)?;
    cobrowse::check(config, lines)?;
    files::files(config, lines)?;
    hooks::hooks(config, lines)?;
    mail::mail(config, lines)?;
    for (name, zone) in &mut config.zone {
        zone_secret(name.as_str(), zone, lines)?;
    }
    let proves = config.sip.listen_tls.0.is_some() && config.sip.client_authority.0.is_some();
    for (name, trunk) in &mut config.trunk {
        trunk_secret(name.as_str(), trunk, development, lines)?;
        trunk_tls(name.as_str(), trunk, proves, lines)?;
        trunk_kept(name.as_str(), trunk, lines)?;
        trunk::login(name.as_str(), trunk, lines)?;
        trunk::numbers(name.as_str(), trunk, lines)?;
        trunk::stir(name.as_str(), trunk, lines)?;
    }
    trunk::logins(config, lines)?;
    family::check(config, lines)?;
    secured(config, lines)
}

fn media(rtp: &Rtp, lines: &Lines) -> Result<(), Fault> {
    let mut addresses = rtp.address.0.iter().flat_map(Families::iter);
    if addresses.any(|(_, address)| address.is_unspecified()) {
        return Err(lines.fault(
            &["rtp", "address"],
            "must be the address packets arrive at, not an unspecified one",
        ));
    }
    if rtp.codecs.is_empty() {
        return Err(lines.fault(
            &["rtp", "codecs"],
            "must name one codec at least, such as \"pcma\"",
        ));
    }
    Ok(())
}

// Development mode has no secrets, and nobody else reaches it.
fn doors(config: &Config, development: bool, lines: &Lines) -> Result<(), Fault> {
    if !development {
        return match config.dev.password.is_empty() {
            true => Ok(()),
            false => Err(lines.fault(
                &["dev", "password"],
                "is for development mode, which has no file; use `tandem agent passwd NAME`",
            )),
        };
    }
    if !config.ops.listen.ip().is_loopback() {
        return Err(lines.fault(
            &["ops", "listen"],
            "development mode stays on loopback; give a configuration file to leave it",
        ));
    }
    let open = [config.web_rtc.listen.0, config.web.listen.0];
    let sip = config.sip.listen.0.iter().map(|(_, listen)| *listen);
    let mut open = open.into_iter().flatten().chain(sip);
    if open.any(|listen| !listen.ip().is_loopback()) {
        return Err(lines.fault(&[], "development mode has open doors and stays on loopback; give a configuration file to listen elsewhere"));
    }
    Ok(())
}

fn web(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let web = &config.web;
    if web.listen.0.is_none() && web.listen_tls.0.is_none() {
        return Err(lines.fault(
            &["web"],
            "nothing listens; give web.listen or web.listen_tls",
        ));
    }
    let tls = web.listen_tls.0.is_some();
    if web.certificate.0.is_some() != web.key_file.0.is_some() {
        return Err(lines.fault(
            &["web", "certificate"],
            "web.certificate and web.key_file go together; give both or none",
        ));
    }
    let has_certificate = web.certificate.0.is_some();
    // Without a file there is the self-made one.
    if tls && !has_certificate && lines.place(&[]) != super::fault::Place::Development {
        return Err(lines.fault(
            &["web", "listen_tls"],
            "needs web.certificate and web.key_file",
        ));
    }
    if let Some(address) = web.listen.0
        && !address.ip().is_loopback()
        && !web.behind_proxy
    {
        return Err(lines.fault(
            &["web", "listen"],
            format!("{address} would take passwords in clear; use web.listen_tls, or web.behind_proxy = true if a proxy ends TLS in front"),
        ));
    }
    for (key, value) in [("sockets", web.sockets), ("connections", web.connections)] {
        if value == 0 {
            return Err(lines.fault(&["web", key], "must be at least 1"));
        }
    }
    if web.connections < web.sockets {
        return Err(lines.fault(
            &["web", "connections"],
            format!("must be at least web.sockets, {}", web.sockets),
        ));
    }
    for (key, value, least, why) in [
        ("frame", web.frame, 16_384, "as every client may send"),
        ("body", web.body, 4_096, "so that a message fits"),
    ] {
        if !(least..=16_777_216).contains(&value) {
            return Err(lines.fault(
                &["web", key],
                format!("{value} bytes; must be from {least}, {why}, to 16777216"),
            ));
        }
    }
    rates(web, lines)
}

fn rates(web: &Web, lines: &Lines) -> Result<(), Fault> {
    let rates = [
        ("logins_per_minute", web.logins_per_minute),
        ("visitors_per_minute", web.visitors_per_minute),
        ("transcripts_per_hour", web.transcripts_per_hour),
        ("requests_per_second", web.requests_per_second),
    ];
    for (key, value) in rates {
        if value == 0 {
            return Err(lines.fault(&["web", key], "must be at least 1"));
        }
    }
    Ok(())
}

fn own(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let own = &config.agents.own;
    if own.limit == 0 {
        return Err(lines.fault(
            &["agents", "own", "limit"],
            "must be at least 1; wait = \"0s\" is how nobody waits for one agent",
        ));
    }
    let unknown = |queue: &&ws::id::QueueId| !config.queue.contains_key(*queue);
    match own.fallback.iter().find(|(_, queue)| unknown(queue)) {
        Some((agent, queue)) => Err(lines.fault(
            &["agents", "own", "fallback", agent.as_str()],
            format!("there is no queue \"{queue}\"; give a [queue.{queue}]"),
        )),
        None => Ok(()),
    }
}

fn work(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let work = &config.work;
    if !(1..=6).contains(&config.agents.chat_slots) {
        return Err(lines.fault(
            &["agents", "chat_slots"],
            format!(
                "an agent holds one to six chats, not {}",
                config.agents.chat_slots
            ),
        ));
    }
    reasons(config, lines)?;
    own(config, lines)?;
    replies::replies(config, lines)?;
    if work.misses == 0 {
        return Err(lines.fault(&["work", "misses"], "must be at least 1"));
    }
    let spans = [
        ("offer", work.offer),
        ("ring", work.ring),
        ("media", work.media),
        ("idle_chat", work.idle_chat),
        ("visitor_gone", work.visitor_gone),
        ("longest", work.longest),
        ("rating_chat", work.rating_chat),
        ("rating_call", work.rating_call),
    ];
    for (key, span) in spans {
        if span < Span::secs(1) {
            return Err(lines.fault(
                &["work", key],
                format!("{span} is too short to be kept; at least \"1s\""),
            ));
        }
    }
    if work.repeat.0 > hub::matter::LONGEST {
        return Err(lines.fault(
            &["work", "repeat"],
            format!(
                "{} is longer than served interactions are kept for it; at most \"{}\"",
                work.repeat,
                Span(hub::matter::LONGEST)
            ),
        ));
    }
    if work.retries.len() > 20 {
        return Err(lines.fault(&["work", "retries"], "at most 20"));
    }
    pauses(work, lines)?;
    if work.longest < work.idle_chat {
        return Err(lines.fault(
            &["work", "longest"],
            format!("must be at least work.idle_chat, {}", work.idle_chat),
        ));
    }
    Ok(())
}

fn reasons(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let agents = &config.agents;
    coded(("away", "reason", "lunch = \"Lunch\""), &agents.away, lines)?;
    let dispositions = ("dispositions", "disposition", "solved = \"Solved\"");
    coded(dispositions, &agents.dispositions, lines)
}

fn coded(
    (key, what, such_as): (&str, &str, &str),
    list: &BTreeMap<String, String>,
    lines: &Lines,
) -> Result<(), Fault> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    for (code, words) in list {
        let coded = (1..=40).contains(&code.len()) && code.chars().all(plain);
        if !coded || words.is_empty() || words.chars().count() > hub::scope::NAME {
            let text = format!(
                "a {what} is a code of a-z, 0-9 and _, and words for people, such as {such_as}"
            );
            return Err(lines.fault(&["agents", key, code], text));
        }
    }
    if list.len() > 50 {
        return Err(lines.fault(&["agents", key], format!("at most 50 {what}s")));
    }
    Ok(())
}

fn queues(config: &Config, lines: &Lines) -> Result<(), Fault> {
    if config.queue.is_empty() {
        return Err(lines.fault(
            &["queue"],
            "there must be at least one, such as [queue.support]",
        ));
    }
    for (name, queue) in &config.queue {
        let path = |key| ["queue", name.as_str(), key];
        if queue.priority > 9 {
            return Err(lines.fault(
                &path("priority"),
                format!("{} must be from 0 to 9", queue.priority),
            ));
        }
        if queue.limit == 0 {
            return Err(lines.fault(&path("limit"), "must be at least 1"));
        }
        levels(&queue.skills, &path("skills"), lines)?;
        wrap_ups(config, name.as_str(), queue, lines)?;
        relax(config, queue, &path("relax"), lines)?;
    }
    zone::check(config, lines)?;
    policy::check(config, lines)?;
    references(config, lines)
}

fn levels(skills: &BTreeMap<Skill, u8>, path: &[&str], lines: &Lines) -> Result<(), Fault> {
    let wrong = skills.iter().find(|(_, level)| !(1..=10).contains(*level));
    match wrong {
        None => Ok(()),
        Some((skill, level)) => {
            Err(lines.fault(path, format!("{skill} = {level}: a level is from 1 to 10")))
        }
    }
}

// A step that changes nothing is a slip of the pen.
fn relax(config: &Config, queue: &Queue, path: &[&str], lines: &Lines) -> Result<(), Fault> {
    for (n, step) in queue.relax.iter().enumerate() {
        let skill = &step.skill;
        let zones = config.zone.values();
        let asked = zones
            .filter_map(|zone| zone.skills.get(skill))
            .chain(queue.skills.get(skill))
            .max();
        let before = queue
            .relax
            .iter()
            .enumerate()
            .filter(|(m, other)| other.skill == *skill && (other.after, *m) < (step.after, n));
        let lowest = before.map(|(_, other)| other.level).min();
        let (after, level) = (step.after, step.level);
        let wrong = match (asked, lowest) {
            (None, _) => format!("{skill} is asked neither by the queue nor by a zone"),
            (Some(_), Some(lowest)) if level >= lowest => format!(
                "after {after} {skill} = {level} asks no less than the step before it, {lowest}; each step must lower the level"
            ),
            (Some(asked), None) if level >= *asked => format!(
                "after {after} {skill} = {level} asks no less than at first, {asked}; 0 asks nothing"
            ),
            (Some(_), Some(_) | None) => continue,
        };
        return Err(lines.fault(path, wrong));
    }
    if queue.relax.len() > STEPS {
        return Err(lines.fault(path, format!("at most {STEPS} steps")));
    }
    Ok(())
}

// Names that must be those of something else.
fn references(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let known = || {
        config
            .queue
            .keys()
            .map(|name| name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    for (name, zone) in &config.zone {
        if !config.queue.contains_key(&zone.queue) {
            return Err(lines.fault(
                &["zone", name.as_str(), "queue"],
                format!("there is no queue \"{}\"; there is {}", zone.queue, known()),
            ));
        }
        if let Some(hours) = &zone.hours.0
            && !config.hours.contains_key(hours)
        {
            return Err(lines.fault(
                &["zone", name.as_str(), "hours"],
                format!("there are no hours \"{hours}\"; give a [hours.{hours}]"),
            ));
        }
    }
    for (name, trunk) in &config.trunk {
        if let Some((user, queue)) = trunk.routes.iter().find(|(_, to)| !is_called(config, to)) {
            return Err(lines.fault(
                &["trunk", name.as_str(), "routes", user],
                format!(
                    "there is no queue and no menu \"{queue}\"; there is {}",
                    known()
                ),
            ));
        }
    }
    trunk::toll(config, lines)?;
    siprec::siprec(config, lines)?;
    trunk::outbound(config, lines)
}

fn zone_secret(name: &str, zone: &mut Zone, lines: &Lines) -> Result<(), Fault> {
    let key = ["zone", name, "identity_secret"];
    secret(
        &mut zone.identity_secret,
        &zone.identity_secret_file,
        &key,
        lines,
    )?;
    let length = zone.identity_secret.len();
    if length != 0 && length < LEAST_SECRET {
        return Err(lines.fault(&key, format!("{length} bytes are too few; at least {LEAST_SECRET}, such as `openssl rand -hex 32` gives")));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !zone.identity_issuer.chars().all(plain) || zone.identity_issuer.len() > LONGEST_ISSUER {
        return Err(lines.fault(
            &["zone", name, "identity_issuer"],
            format!("must be letters, digits, '-', '_' and '.', {LONGEST_ISSUER} at most, such as \"shop\""),
        ));
    }
    if zone.signed && (zone.segments.is_empty() || length == 0) {
        return Err(lines.fault(
            &["zone", name, "signed"],
            "what is signed are segments, with the zone's identity_secret; give both",
        ));
    }
    Ok(())
}

// Whether a call that arrives for a name finds a queue or a menu.
fn is_called(config: &Config, name: &str) -> bool {
    config.called(name).is_some()
}

impl Config {
    /// Tells what a call that arrives for a name finds, before it is looked for an agent.
    pub fn called(&self, name: &str) -> Option<&'static str> {
        let mut menus = self.menu.keys();
        let mut queues = self.queue.keys();
        match menus.any(|menu| menu.as_str() == name) {
            true => Some("menu"),
            false => queues
                .any(|queue| queue.as_str() == name)
                .then_some("queue"),
        }
    }
}
