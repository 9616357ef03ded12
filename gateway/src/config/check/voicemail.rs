//! Messages that nobody could leave, and greetings that nobody hears.

use std::time::Duration;

use hub::{menu::Exit, policy::Instead};
use ws::id::QueueId;

use super::menu::{Wrong, exits, said};
use crate::config::{
    fault::Fault,
    sections::{Config, Voicemail},
    source::Lines,
    value::Span,
};

/// The longest silence that is waited for, and the longest message.
const SILENCE: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(1_800);
/// How long a message waits, at least and at most.
const WAITS: [Duration; 2] = [
    Duration::from_secs(3_600),
    Duration::from_secs(365 * 86_400),
];

/// Checks `[voicemail]` and the greetings of queues.
pub(super) fn check(config: &Config, lines: &Lines) -> Result<(), Fault> {
    said(config, &config.voicemail.greeting)
        .map_err(|text| lines.fault(&["voicemail", "greeting"], text))?;
    lengths(&config.voicemail).map_err(|(key, text)| lines.fault(&["voicemail", key], text))?;
    for (name, queue) in &config.queue {
        let greeting = &queue.voicemail_greeting;
        let wrong = match said(config, greeting) {
            Err(text) => text,
            Ok(()) if greeting.is_empty() || leads(config, name) => continue,
            Ok(()) => {
                "nobody would hear it: neither a rule of this queue nor a menu of it leads to \"voicemail\"; name it in one, such as when_closed, or take the greeting out"
                    .to_owned()
            }
        };
        return Err(lines.fault(&["queue", name.as_str(), "voicemail_greeting"], wrong));
    }
    Ok(())
}

fn lengths(voicemail: &Voicemail) -> Result<(), Wrong> {
    let Voicemail {
        longest,
        silence,
        least,
        waits,
        ..
    } = voicemail;
    if longest.0.is_zero() || longest.0 > LONGEST {
        let text = format!(
            "a message of {longest} cannot be left; give \"1s\" to \"{}\"",
            Span(LONGEST)
        );
        return Err(("longest", text));
    }
    if silence.0 < Duration::from_secs(1) || silence.0 > SILENCE {
        let text = format!(
            "{silence} is no silence to end a message; give \"1s\" to \"{}\"",
            Span(SILENCE)
        );
        return Err(("silence", text));
    }
    let [shortest, most] = WAITS;
    if waits.0 < shortest || waits.0 > most {
        let (shortest, most) = (Span(shortest), Span(most));
        let text = format!("a message cannot wait {waits}; give \"{shortest}\" to \"{most}\"");
        return Err(("waits", text));
    }
    if silence.0 >= longest.0 {
        let text = format!(
            "no message is ended by a silence of {silence}, because it is over after voicemail.longest, {longest}; make it shorter"
        );
        return Err(("silence", text));
    }
    if least.0 >= longest.0 {
        let text = format!(
            "nobody can say {least} of a message that is over after voicemail.longest, {longest}; make it shorter"
        );
        return Err(("least", text));
    }
    Ok(())
}

// Whether a caller of a queue can come to leave a message.
fn leads(config: &Config, name: &QueueId) -> bool {
    let queue = config.queue.get(name);
    let rules = queue.into_iter().flat_map(|queue| queue.instead());
    let mut instead = rules.flat_map(|(_, _, instead)| instead);
    let mut menus = config.menu.values().filter(|menu| menu.queue == *name);
    instead.any(|instead| instead.0 == Instead::Voicemail)
        || menus.any(|menu| exits(menu).any(|(_, exit)| *exit == Exit::Voicemail))
}
