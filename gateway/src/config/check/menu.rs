//! Menus that lead nowhere, and recordings that cannot be played; the files of `[prompt]` are read here.

use std::{path::Path, sync::Arc};

use hub::menu::Exit;

use crate::{
    config::{
        fault::Fault,
        sections::{Config, Menu, Prompts},
        source::Lines,
    },
    media::{MUSIC, Recordings, built_in},
};

/// The most menus or recordings.
const MOST: usize = 500;

/// Checks `[menu.NAME]` and reads `[prompt]`.
pub(super) fn check(config: &mut Config, lines: &Lines) -> Result<(), Fault> {
    read(&mut config.prompt, lines)?;
    recording(config).map_err(|(key, text)| lines.fault(&["recording", key], text))?;
    if config.menu.len() > MOST {
        return Err(lines.fault(&["menu"], format!("there may be {MOST} at most")));
    }
    for (name, menu) in &config.menu {
        let name = name.as_str();
        if config.queue.keys().any(|queue| queue.as_str() == name) {
            return Err(lines.fault(
                &["menu", name],
                format!("a queue is called \"{name}\" too, and callers could mean either; give one another name"),
            ));
        }
        one(config, menu).map_err(|(key, text)| lines.fault(&["menu", name, key], text))?;
    }
    Ok(())
}

fn read(prompts: &mut Prompts, lines: &Lines) -> Result<(), Fault> {
    if prompts.files.len() > MOST {
        return Err(lines.fault(&["prompt"], format!("there may be {MOST} at most")));
    }
    let mut recordings = Recordings::default();
    for (name, path) in &prompts.files {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        if name.is_empty() || name.len() > 64 || !name.bytes().all(fits) {
            return Err(lines.fault(
                &["prompt", name],
                "a recording is called by up to 64 letters, digits, \"-\" and \"_\"",
            ));
        }
        recordings
            .read(name, Path::new(path))
            .map_err(|text| lines.fault(&["prompt", name], text))?;
    }
    prompts.recordings = Arc::new(recordings);
    Ok(())
}

pub(super) type Wrong = (&'static str, String);

fn one(config: &Config, menu: &Menu) -> Result<(), Wrong> {
    if !config.queue.contains_key(&menu.queue) {
        return Err(("queue", no_queue(&menu.queue)));
    }
    for (key, names) in [("say", &menu.say), ("say_again", &menu.say_again)] {
        said(config, names).map_err(|text| (key, text))?;
    }
    asks(menu)?;
    if menu.tries == 0 {
        return Err(("tries", "must be 1 or more".to_owned()));
    }
    if menu.wait.0.is_zero() {
        let text = "nobody keys anything within \"0s\"; give a length of time such as \"5s\"";
        return Err(("wait", text.to_owned()));
    }
    for (key, exit) in exits(menu) {
        leads(config, exit).map_err(|text| (key, text))?;
    }
    hours(config, menu)
}

// Whether all of it can be said.
pub(super) fn said(config: &Config, names: &[String]) -> Result<(), String> {
    // Music is replaced by that name, and is nothing that is said.
    let known = |name: &&String| {
        *name != MUSIC && config.prompt.files.contains_key(*name)
            || built_in().any(|known| known == *name)
    };
    match names.iter().find(|name| !known(name)) {
        None => Ok(()),
        Some(name) => {
            let there: Vec<_> = built_in().collect();
            Err(format!(
                "there is no recording \"{name}\"; name its file in [prompt], or take one of {}",
                there.join(", ")
            ))
        }
    }
}

// What customers hear of recordings can be said, and does say what they may do.
fn recording(config: &Config) -> Result<(), Wrong> {
    let recording = &config.recording;
    said(config, &recording.announcement).map_err(|text| ("announcement", text))?;
    if recording.refusal && recording.announcement.is_empty() {
        let text = "nobody would know that 0 refuses: name an announcement that says so, or set refusal = false";
        return Err(("announcement", text.to_owned()));
    }
    if recording.path.0.as_deref() == Some("") {
        return Err(("path", "give a directory, or take the key out".to_owned()));
    }
    Ok(())
}

// It asks for one thing, or for nothing and goes on.
fn asks(menu: &Menu) -> Result<(), Wrong> {
    let wrong = |key: &'static str, text: &str| Err((key, text.to_owned()));
    let is_key = |key: &str| {
        let mut keys = key.chars();
        matches!(
            (keys.next(), keys.next()),
            (Some('0'..='9' | '*' | '#'), None)
        )
    };
    if let Some(key) = menu.keys.keys().find(|key| !is_key(key)) {
        let text = format!("\"{key}\" is no key of a telephone; there are 0 to 9, \"*\" and \"#\"");
        return Err(("keys", text));
    }
    let (keys, digits) = (!menu.keys.is_empty(), menu.digits.0.is_some());
    if keys && digits {
        return wrong(
            "digits",
            "it asks for one key, or for a number of them; give keys or digits",
        );
    }
    if keys && menu.then.0.is_some() {
        return wrong("then", "each key says where it leads; take it out");
    }
    if !keys && menu.then.0.is_none() {
        return wrong(
            "then",
            "say where it goes on, such as \"queue:NAME\"; or give keys",
        );
    }
    if !digits && (!menu.keep.is_empty() || menu.secret) {
        return wrong(
            "digits",
            "keep and secret are about digits; say how many, such as \"6\"",
        );
    }
    if !menu.keep.is_empty() && menu.secret {
        return wrong(
            "keep",
            "what is secret is kept nowhere; take keep out, or secret",
        );
    }
    if menu.then.0 == Some(Exit::Repeat) {
        return wrong("then", "it would be said for ever; say where it goes on");
    }
    if menu.otherwise.0 == Some(Exit::Repeat) {
        return wrong(
            "otherwise",
            "it would be said for ever; say where it goes on",
        );
    }
    Ok(())
}

pub(super) fn exits(menu: &Menu) -> impl Iterator<Item = (&'static str, &Exit)> {
    let keys = menu.keys.values().map(|exit| ("keys", &exit.0));
    let others = [
        ("then", &menu.then),
        ("otherwise", &menu.otherwise),
        ("closed", &menu.closed),
    ];
    let others = others
        .into_iter()
        .filter_map(|(key, exit)| Some((key, exit.0.as_ref()?)));
    keys.chain(others)
}

fn leads(config: &Config, exit: &Exit) -> Result<(), String> {
    match exit {
        Exit::Queue(queue) if !config.queue.contains_key(queue) => Err(no_queue(queue)),
        Exit::Menu(menu) if !config.menu.contains_key(menu) => {
            Err(format!("there is no menu \"{menu}\"; give a [menu.{menu}]"))
        }
        Exit::Callback if config.outbound.trunk.0.is_none() => Err(
            "nobody can be called back without outbound.trunk; give one, or take \"callback\" out"
                .to_owned(),
        ),
        // Agents come and go without a new configuration.
        Exit::Queue(_)
        | Exit::Menu(_)
        | Exit::Agent(_)
        | Exit::Callback
        | Exit::Voicemail
        | Exit::Repeat
        | Exit::HangUp => Ok(()),
    }
}

fn hours(config: &Config, menu: &Menu) -> Result<(), Wrong> {
    match (&menu.hours.0, &menu.closed.0) {
        (None, None) => Ok(()),
        (Some(hours), _) if !config.hours.contains_key(hours) => Err((
            "hours",
            format!("there are no hours \"{hours}\"; give a [hours.{hours}]"),
        )),
        (Some(_), Some(closed)) if *closed != Exit::Repeat => Ok(()),
        (Some(_), _) => Err((
            "closed",
            "say where callers go outside the hours, such as \"hang_up\"".to_owned(),
        )),
        (None, Some(_)) => Err((
            "closed",
            "it is never closed without hours; give them, or take this out".to_owned(),
        )),
    }
}

fn no_queue(queue: &ws::id::QueueId) -> String {
    format!("there is no queue \"{queue}\"; give a [queue.{queue}]")
}
