//! Trunks: how numbers are written, and which carrier they are of.

use std::collections::BTreeSet;

use super::secret;
use crate::config::{
    fault::Fault,
    sections::{Config, Form, Numbers, Trunk, Verify},
    source::Lines,
};

/// Checks how numbers are written in the house.
pub(super) fn house(numbers: &Numbers, lines: &Lines) -> Result<(), Fault> {
    let parts = [&numbers.country, &numbers.national, &numbers.international];
    plan(&["numbers"], parts, lines)
}

/// Checks how a trunk writes numbers.
pub(super) fn numbers(name: &str, trunk: &Trunk, lines: &Lines) -> Result<(), Fault> {
    let numbers = &trunk.numbers;
    let parts = [&numbers.country, &numbers.national, &numbers.international];
    plan(&["trunk", name, "numbers"], parts, lines)?;
    let lacking = match numbers.form {
        Form::National if numbers.country.is_empty() => Some("country"),
        Form::International | Form::National if numbers.international.is_empty() => {
            Some("international")
        }
        Form::Plus | Form::International | Form::National | Form::Digits => None,
    };
    match lacking {
        Some(key) => Err(lines.fault(
            &["trunk", name, "numbers", "form"],
            format!("needs numbers.{key}, which stands before numbers in this form"),
        )),
        None => Ok(()),
    }
}

/// Checks the account that a trunk holds with us, and fills in its password.
pub(super) fn login(name: &str, trunk: &mut Trunk, lines: &Lines) -> Result<(), Fault> {
    let key = |key| ["trunk", name, "login", key];
    let login = &mut trunk.login;
    let file = login.password_file.clone();
    secret(&mut login.password, &file, &key("password"), lines)?;
    if login.user.is_empty() != login.password.is_empty() {
        let text = "login.user and login.password go together; give both or none";
        return Err(lines.fault(&key("password"), text));
    }
    if !login.user.is_empty() && !trunk.certificate.is_empty() {
        let text =
            "would let in who has no certificate; a trunk proves itself by certificate or by login";
        return Err(lines.fault(&key("user"), text));
    }
    Ok(())
}

/// Checks that no two trunks hold the same account with us.
pub(super) fn logins(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for (name, trunk) in &config.trunk {
        let user = trunk.login.user.as_str();
        if !user.is_empty() && !seen.insert(user) {
            let text = format!("\"{user}\" is the account of another trunk; give each its own");
            return Err(lines.fault(&["trunk", name.as_str(), "login", "user"], text));
        }
    }
    Ok(())
}

fn plan(section: &[&str], parts: [&String; 3], lines: &Lines) -> Result<(), Fault> {
    let keys = [("country", 3), ("national", 4), ("international", 5)];
    for ((key, most), text) in keys.into_iter().zip(parts) {
        if text.len() > most || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            let path: Vec<_> = section.iter().copied().chain([key]).collect();
            return Err(lines.fault(
                &path,
                format!(
                    "\"{text}\" must be at most {most} digits, such as \"49\", \"0\" or \"00\""
                ),
            ));
        }
    }
    Ok(())
}

/// Checks how a trunk's calls are checked and signed.
pub(super) fn stir(name: &str, trunk: &Trunk, lines: &Lines) -> Result<(), Fault> {
    let stir = &trunk.stir;
    let fault = |key, text: String| Err(lines.fault(&["trunk", name, "stir", key], text));
    if stir.verify != Verify::Off && stir.trust.0.is_none() {
        return fault(
            "verify",
            "needs trust, a PEM file with who signs the certificates of networks".to_owned(),
        );
    }
    if stir.key_file.0.is_some() != stir.certificate_url.0.is_some() {
        return fault(
            "key_file",
            "goes together with certificate_url, by which others find the key's certificate; give both or none".to_owned(),
        );
    }
    let url = stir.certificate_url.0.as_deref();
    if let Some(url) =
        url.filter(|url| !url.starts_with("https://") || url.contains(['<', '>', ' ']))
    {
        return fault(
            "certificate_url",
            format!("\"{url}\" must be like \"https://certificates.example/ours.pem\""),
        );
    }
    for start in &stir.ours {
        let digits = start.strip_prefix('+').unwrap_or_default();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return fault(
                "ours",
                format!("\"{start}\" begins no number; write one such as \"+4930123\""),
            );
        }
    }
    Ok(())
}

/// Checks which destinations may be called.
pub(super) fn toll(config: &Config, lines: &Lines) -> Result<(), Fault> {
    for prefix in config.toll.prefixes.keys() {
        let digits = prefix.strip_prefix('+').unwrap_or(prefix);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(lines.fault(
                &["toll", "prefixes", prefix],
                format!("\"{prefix}\" begins no number; write one such as \"+49900\""),
            ));
        }
    }
    Ok(())
}

/// Checks by what customers are called: a trunk, or a carrier that some trunks are of.
pub(super) fn outbound(config: &Config, lines: &Lines) -> Result<(), Fault> {
    let carriers: BTreeSet<_> = config
        .trunk
        .values()
        .filter_map(|trunk| trunk.carrier.0.as_ref())
        .collect();
    if let Some(both) = carriers.iter().find(|one| config.trunk.contains_key(**one)) {
        return Err(lines.fault(
            &["trunk", both.as_str()],
            format!("\"{both}\" is the carrier of a trunk too; give one of them another name"),
        ));
    }
    let Some(name) = &config.outbound.trunk.0 else {
        return Ok(());
    };
    if config.trunk.contains_key(name) || carriers.contains(name) {
        return Ok(());
    }
    Err(lines.fault(
        &["outbound", "trunk"],
        format!("there is no trunk \"{name}\" and no carrier; give a [trunk.{name}]"),
    ))
}
