//! Parts of websites: what they ask of agents, and what they ask visitors before a chat.

use std::collections::BTreeSet;

use hub::{
    form::{FIELDS, Field, Kind},
    phrase::Phrase,
};

use super::{Config, Fault, Lines, Span, levels, texts};
use crate::config::sections::Invite;

/// The longest label, in characters.
const LABEL: usize = 200;
/// The longest title or greeting, in characters.
const WORDS: usize = 500;
/// The most invitations of a zone.
const INVITES: usize = 10;
/// The longest time before an invitation.
const LATEST: Span = Span::secs(3_600);
/// How many things can be chosen from.
const OPTIONS: std::ops::RangeInclusive<usize> = 2..=20;

/// Checks every zone.
pub fn check(config: &Config, lines: &Lines) -> Result<(), Fault> {
    for (name, zone) in &config.zone {
        let path = |key| ["zone", name.as_str(), key];
        levels(&zone.skills, &path("skills"), lines)?;
        if zone.priority > 9 {
            return Err(lines.fault(
                &path("priority"),
                format!("{} must be from 0 to 9", zone.priority),
            ));
        }
        for (key, words) in [("title", &zone.title), ("greeting", &zone.greeting)] {
            phrase(words, WORDS).map_err(|wrong| lines.fault(&path(key), wrong))?;
        }
        if let Some(lang) = &zone.language.0
            && !texts::speaks(config, lang)
        {
            let text = format!(
                "there are no texts in \"{lang}\"; write \"en\", \"de\", or the two letters of ISO 639 of a file in web.texts"
            );
            return Err(lines.fault(&path("language"), text));
        }
        form(config, &zone.form).map_err(|wrong| lines.fault(&path("form"), wrong))?;
        invitations(&zone.invite).map_err(|wrong| lines.fault(&path("invite"), wrong))?;
        paths(&zone.pages).map_err(|wrong| lines.fault(&path("pages"), wrong))?;
        segments(&zone.segments).map_err(|wrong| lines.fault(&path("segments"), wrong))?;
    }
    Ok(())
}

/// Says what is wrong with a text or one of its languages.
pub(super) fn phrase(words: &Phrase, most: usize) -> Result<(), String> {
    if words.texts().next().is_none() {
        return Err("there must be a text in one language at least".to_owned());
    }
    let mut texts = words.texts();
    texts.try_for_each(|(lang, text)| {
        if let Some(lang) = lang
            && (lang.len() != 2 || !lang.chars().all(|c| c.is_ascii_lowercase()))
        {
            return Err(format!(
                "\"{lang}\" is no language; write two letters of ISO 639, such as \"en\""
            ));
        }
        match text.chars().count() <= most {
            true => Ok(()),
            false => Err(format!("a text has at most {most} characters")),
        }
    })
}

fn form(config: &Config, fields: &[Field]) -> Result<(), String> {
    if fields.len() > FIELDS {
        return Err(format!(
            "a form has at most {FIELDS} fields; people give up on longer ones"
        ));
    }
    let mut names = BTreeSet::new();
    for field in fields {
        let name = &field.field;
        if !is_plain(name) {
            return Err(format!(
                "\"{name}\": a field is named by 1 to 40 of a-z, 0-9, - and _"
            ));
        }
        if !names.insert(name) {
            return Err(format!(
                "there are two fields \"{name}\"; each needs a name of its own"
            ));
        }
        content(config, field).map_err(|wrong| format!("field \"{name}\": {wrong}"))?;
    }
    for (kind, word) in [(Kind::Name, "name"), (Kind::Mail, "mail")] {
        if fields.iter().filter(|field| field.kind == kind).count() > 1 {
            return Err(format!(
                "two fields are of the kind \"{word}\"; a customer has one"
            ));
        }
    }
    Ok(())
}

fn content(config: &Config, field: &Field) -> Result<(), String> {
    // Who leaves a message is asked for both by these names, where the zone does not ask.
    for (name, kind) in [("mail", Kind::Mail), ("number", Kind::Number)] {
        if field.field == name && field.kind != kind {
            return Err(format!("a field of this name is of the kind \"{name}\""));
        }
    }
    label(&field.label)?;
    if field.kind != Kind::Choice && !field.options.is_empty() {
        return Err("only a field of the kind \"choice\" has options".to_owned());
    }
    if field.kind == Kind::Choice {
        options(config, field)?;
    }
    let web = field.link.starts_with("https://") || field.link.starts_with("http://");
    match (field.kind, field.link.as_str()) {
        (
            Kind::Name | Kind::Mail | Kind::Number | Kind::Text | Kind::Choice | Kind::Consent,
            "",
        ) => Ok(()),
        (Kind::Consent, _) if web => Ok(()),
        (Kind::Consent, link) => Err(format!(
            "link = \"{link}\" is no address; write one such as \"https://shop.example/privacy\""
        )),
        (Kind::Name | Kind::Mail | Kind::Number | Kind::Text | Kind::Choice, _) => {
            Err("only a field of the kind \"consent\" has a link".to_owned())
        }
    }
}

fn invitations(rules: &[Invite]) -> Result<(), String> {
    if rules.len() > INVITES {
        return Err(format!("at most {INVITES} invitations"));
    }
    rules.iter().try_for_each(invitation)
}

fn invitation(rule: &Invite) -> Result<(), String> {
    label(&rule.text)?;
    if rule.after.0.is_zero() && rule.scroll == 0 && rule.cart == 0 {
        return Err(
            "an invitation needs after, scroll or cart; one that comes at once is in the way"
                .to_owned(),
        );
    }
    if rule.after > LATEST {
        return Err(format!("after = \"{}\": at most {LATEST}", rule.after));
    }
    if rule.scroll > 100 {
        return Err(format!("scroll = {}: at most 100 percent", rule.scroll));
    }
    paths(&rule.pages)?;
    segments(&rule.segments)
}

fn paths(pages: &[String]) -> Result<(), String> {
    match pages.iter().find(|page| !page.starts_with('/')) {
        Some(page) => Err(format!(
            "\"{page}\" is no path; write one such as \"/cart*\""
        )),
        None => Ok(()),
    }
}

fn segments(names: &[String]) -> Result<(), String> {
    match names.iter().find(|name| !is_plain(name)) {
        Some(wrong) => Err(format!(
            "\"{wrong}\": a segment is named by 1 to 40 of a-z, 0-9, - and _"
        )),
        None => Ok(()),
    }
}

fn label(label: &Phrase) -> Result<(), String> {
    phrase(label, LABEL)?;
    match label.texts().any(|(_, text)| text.trim().is_empty()) {
        true => Err("a label must not be empty".to_owned()),
        false => Ok(()),
    }
}

fn options(config: &Config, field: &Field) -> Result<(), String> {
    if !OPTIONS.contains(&field.options.len()) {
        return Err(format!(
            "a choice has {} to {} options",
            OPTIONS.start(),
            OPTIONS.end()
        ));
    }
    let mut values = BTreeSet::new();
    for pick in &field.options {
        let value = &pick.value;
        if !is_plain(value) {
            return Err(format!(
                "option \"{value}\": an option is named by 1 to 40 of a-z, 0-9, - and _"
            ));
        }
        if !values.insert(value) {
            return Err(format!("there are two options \"{value}\""));
        }
        label(&pick.label).map_err(|wrong| format!("option \"{value}\": {wrong}"))?;
        if let Some(queue) = pick
            .queue
            .as_ref()
            .filter(|queue| !config.queue.contains_key(*queue))
        {
            return Err(format!("option \"{value}\": there is no [queue.{queue}]"));
        }
        if let Some((skill, level)) = pick
            .skills
            .iter()
            .find(|(_, level)| !(1..=10).contains(*level))
        {
            return Err(format!(
                "option \"{value}\": {skill} = {level}: a level is from 1 to 10"
            ));
        }
    }
    Ok(())
}

fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    (1..=40).contains(&name.len()) && name.chars().all(plain)
}
