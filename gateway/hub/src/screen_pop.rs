//! Addresses of pages of other systems, such as a CRM, that an agent opens beside a contact: templates with places for
//! what is known of it. A template is checked when it is read; values are encoded, so that none can change the address.

use ws::id::{CustomerId, InteractionId, Number, QueueId};

use crate::scope::Lines;

/// The longest template, in characters.
const LONGEST: usize = 2_000;
/// How a place for another system's id begins.
const EXTERNAL: &str = "external.";

/// A checked template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(Place),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Interaction,
    Customer,
    Number,
    Name,
    Mail,
    Verified,
    Queue,
    External(String),
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// Only pages of the web are opened.
    #[error("must begin with https:// or http:// and a host")]
    Scheme,
    /// The host must not come from what a customer says.
    #[error("has a place in its host; places stand behind the host only")]
    Host,
    /// A brace without its other half.
    #[error("has a brace that is not closed; write {{number}}")]
    Brace,
    /// A place that does not exist.
    #[error(
        "has a place {{{0}}}; there is {{interaction}}, {{customer}}, {{number}}, {{name}}, {{mail}}, {{verified}}, {{queue}} and {{external.SYSTEM}}"
    )]
    Place(String),
    /// Longer than an address can be.
    #[error("is longer than {LONGEST} characters")]
    Long,
    /// Characters that no address has.
    #[error("has a space or a control character")]
    Blank,
}

/// What is known of a contact.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The interaction.
    pub interaction: InteractionId,
    /// Its customer.
    pub customer: CustomerId,
    /// Where it waits or waited.
    pub queue: &'a QueueId,
    /// The customer's number.
    pub number: Option<&'a Number>,
    /// The customer's name.
    pub name: Option<&'a str>,
    /// The customer's mail address.
    pub mail: Option<&'a str>,
    /// The subject of a signed identity.
    pub verified: Option<&'a str>,
}

impl Template {
    /// Fills the places; what is not known is left empty. `external` gives another system's id.
    pub fn fill<'a>(
        &self,
        known: &Known<'_>,
        external: impl Fn(&str) -> Option<&'a str>,
    ) -> String {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Place(Place::Interaction) => {
                    filled.push_str(&known.interaction.to_string());
                }
                Part::Place(Place::Customer) => filled.push_str(&known.customer.to_string()),
                Part::Place(Place::Queue) => filled.push_str(&encode(known.queue.as_str())),
                Part::Place(Place::Number) => {
                    filled.push_str(&encode(known.number.map_or("", |number| number.as_str())));
                }
                Part::Place(Place::Name) => filled.push_str(&encode(known.name.unwrap_or(""))),
                Part::Place(Place::Mail) => filled.push_str(&encode(known.mail.unwrap_or(""))),
                Part::Place(Place::Verified) => {
                    filled.push_str(&encode(known.verified.unwrap_or("")));
                }
                Part::Place(Place::External(system)) => {
                    filled.push_str(&encode(external(system).unwrap_or("")));
                }
            }
        }
        filled
    }
}

impl std::str::FromStr for Template {
    type Err = BadTemplate;

    fn from_str(text: &str) -> Result<Self, BadTemplate> {
        if text.chars().count() > LONGEST {
            return Err(BadTemplate::Long);
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(BadTemplate::Blank);
        }
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .ok_or(BadTemplate::Scheme)?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.is_empty() {
            return Err(BadTemplate::Scheme);
        }
        if host.contains(['{', '}']) {
            return Err(BadTemplate::Host);
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').ok_or(BadTemplate::Brace)?;
            parts.push(text_part(before)?);
            parts.push(Part::Place(place(name)?));
            rest = behind;
        }
        parts.push(text_part(rest)?);
        Ok(Self { parts })
    }
}

/// Tells whether a finished address may be shown as a link: a page of the web, of a length that browsers take.
pub fn is_link(text: &str) -> bool {
    let web = text.starts_with("https://") || text.starts_with("http://");
    let plain = |c: char| Lines::One.may_have(c) && !c.is_whitespace();
    web && text.len() <= 2 * LONGEST && text.chars().all(plain)
}

fn text_part(text: &str) -> Result<Part, BadTemplate> {
    if text.contains('}') {
        return Err(BadTemplate::Brace);
    }
    Ok(Part::Text(text.to_owned()))
}

fn place(name: &str) -> Result<Place, BadTemplate> {
    match name {
        "interaction" => Ok(Place::Interaction),
        "customer" => Ok(Place::Customer),
        "number" => Ok(Place::Number),
        "name" => Ok(Place::Name),
        "mail" => Ok(Place::Mail),
        "verified" => Ok(Place::Verified),
        "queue" => Ok(Place::Queue),
        other => match other.strip_prefix(EXTERNAL) {
            Some(system) if !system.is_empty() => Ok(Place::External(system.to_owned())),
            Some(_) | None => Err(BadTemplate::Place(other.to_owned())),
        },
    }
}

/// Encodes a value for any place of an address: all but RFC 3986's unreserved characters as percent-encoded UTF-8.
pub fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(template: &str) -> String {
        let template: Template = template.parse().unwrap();
        let (queue, number) = ("support".parse().unwrap(), "+4930100".parse().unwrap());
        let known = Known {
            interaction: InteractionId::new(7).unwrap(),
            customer: CustomerId::new(8).unwrap(),
            queue: &queue,
            number: Some(&number),
            name: Some("Ünal & Söhne?"),
            mail: None,
            verified: None,
        };
        template.fill(&known, |system| (system == "crm").then_some("a/b"))
    }

    #[test]
    fn places_are_filled_with_values_that_cannot_change_the_address() {
        assert_eq!(
            fill("https://crm.example/c?phone={number}&n={name}&id={external.crm}&q={queue}#x"),
            "https://crm.example/c?phone=%2B4930100&n=%C3%9Cnal%20%26%20S%C3%B6hne%3F&id=a%2Fb&q=support#x"
        );
        assert_eq!(
            fill("http://crm/{interaction}/{mail}{external.other}"),
            "http://crm/00000000000000000000000000000007/"
        );
    }

    #[test]
    fn what_could_lead_elsewhere_is_no_template() {
        for (text, why) in [
            ("javascript:alert({name})", BadTemplate::Scheme),
            ("//crm.example/", BadTemplate::Scheme),
            ("https://", BadTemplate::Scheme),
            ("https://{name}.example/", BadTemplate::Host),
            ("https://crm.example/{number", BadTemplate::Brace),
            ("https://crm.example/}", BadTemplate::Brace),
            (
                "https://crm.example/{phone}",
                BadTemplate::Place("phone".to_owned()),
            ),
            (
                "https://crm.example/{external.}",
                BadTemplate::Place("external.".to_owned()),
            ),
            ("https://crm.example/ x", BadTemplate::Blank),
        ] {
            assert_eq!(text.parse::<Template>(), Err(why), "{text}");
        }
    }

    #[test]
    fn only_pages_of_the_web_are_links() {
        assert!(is_link("https://crm.example/1"));
        assert!(!is_link("javascript:alert(1)"));
        assert!(!is_link("https://crm.example/ 1"));
    }
}
