//! What marks SIP messages as belonging to an interaction, and how such marks are read.

use sip::{
    endpoint::{SessionIds, Tag},
    message::{SessionId, UserToUser},
};
use ws::id::{InteractionId, LegId};

/// How much is kept of what another system says by User-to-User, in characters; a telephone network carries 128 octets.
const LONGEST: usize = 1_024;

/// Returns the marks that a call is to carry that somebody else makes in our place: those that name the interaction.
pub fn in_refer_to(tag: Tag) -> Vec<(String, String)> {
    let session = ("Session-ID".to_owned(), tag.session.to_string());
    let mut headers = vec![session];
    let named = |name: &str| matches!(name, "X-Interaction-ID" | "User-to-User");
    headers.extend(tag.headers.into_iter().filter(|(name, _)| named(name)));
    headers
}

/// Makes the marks of a leg; `a_leg` is the Call-ID of the interaction's first call, by which sngrep and Homer correlate.
pub fn tag(leg: LegId, a_leg: Option<&str>) -> Tag {
    let interaction = leg.interaction;
    let mut headers = vec![
        ("X-Interaction-ID".to_owned(), interaction.to_string()),
        ("X-Leg-ID".to_owned(), leg.to_string()),
        // RFC 7433 §4.1: true hexadecimal, two digits an octet.
        (
            "User-to-User".to_owned(),
            format!("{interaction};encoding=hex"),
        ),
    ];
    if let Some(call_id) = a_leg {
        headers.push(("X-CID".to_owned(), call_id.to_owned()));
    }
    Tag {
        session: SessionId(interaction.number()),
        headers,
    }
}

/// Reads the interactions a trusted peer says its call belongs to, the strongest claim first (DESIGN 4).
pub fn claims(session: Option<SessionIds>, headers: &[(String, String)]) -> Vec<InteractionId> {
    let mut claims = Vec::new();
    if let Some(ids) = session {
        claims.extend(InteractionId::new(ids.local.0));
        claims.extend(ids.remote.and_then(|id| InteractionId::new(id.0)));
    }
    claims.extend(user_to_user(headers).filter_map(named_by));
    let is_ours = |name: &str| name.eq_ignore_ascii_case("X-Interaction-ID");
    let ours = headers.iter().filter(|(name, _)| is_ours(name));
    claims.extend(ours.filter_map(|(_, value)| {
        let value = value.split(';').next().unwrap_or_default();
        let named = value.trim().to_ascii_lowercase();
        named.parse::<InteractionId>().ok()
    }));
    let mut unique = Vec::new();
    for claim in claims {
        if !unique.contains(&claim) {
            unique.push(claim);
        }
    }
    unique
}

/// Returns what another system says of a call by User-to-User and has not the form of our mark, as it was received; of an endless
/// one its beginning.
pub fn foreign_user_to_user(headers: &[(String, String)]) -> Option<String> {
    let foreign = user_to_user(headers).filter(|value| !is_mark(*value));
    let foreign: Vec<&str> = foreign.map(UserToUser::as_str).collect();
    let text: String = foreign.join(", ").chars().take(LONGEST).collect();
    (!text.is_empty()).then_some(text)
}

fn user_to_user(headers: &[(String, String)]) -> impl Iterator<Item = UserToUser<'_>> {
    let lines = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("User-to-User"));
    lines.flat_map(|(_, line)| UserToUser::read_all(line))
}

// Ours is 32 digits in hexadecimal and says no more of itself than that: what has a purpose is that of whom it names.
fn is_mark(value: UserToUser<'_>) -> bool {
    let mut params = value.params().iter();
    let is_hex = |(name, said): (&str, Option<&str>)| {
        let hex = said.is_some_and(|said| said.eq_ignore_ascii_case("hex"));
        name.eq_ignore_ascii_case("encoding") && hex
    };
    params.all(is_hex) && named_by(value).is_some()
}

fn named_by(value: UserToUser<'_>) -> Option<InteractionId> {
    value.data().to_ascii_lowercase().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_carries_the_interaction_in_every_form() {
        let leg: LegId = "0af7651916cd43dd8448eb211c80319c.2".parse().unwrap();

        let tag = tag(leg, Some("abc@host"));

        assert_eq!(tag.session.to_string(), leg.interaction.to_string());
        assert!(
            tag.headers
                .contains(&("X-Leg-ID".to_owned(), leg.to_string()))
        );
        assert!(
            tag.headers
                .contains(&("X-CID".to_owned(), "abc@host".to_owned()))
        );
        assert_eq!(claims(None, &tag.headers), [leg.interaction]);
    }

    #[test]
    fn claims_are_read_strongest_first_and_nil_is_none() {
        let headers = [(
            "x-interaction-id".to_owned(),
            "0af7651916cd43dd8448eb211c80319c".to_owned(),
        )];
        let session = SessionIds {
            local: SessionId(7),
            remote: Some(SessionId::NIL),
        };

        let claims = claims(Some(session), &headers);

        assert_eq!(
            claims.iter().map(|id| id.number()).collect::<Vec<_>>()[0],
            7
        );
        assert_eq!(claims.len(), 2);
    }

    fn by_user_to_user(lines: &[&str]) -> Vec<(String, String)> {
        let name = "User-To-User".to_owned();
        let lines = lines.iter().map(|line| (name.clone(), (*line).to_owned()));
        lines.collect()
    }

    #[test]
    fn an_interaction_is_found_in_quotes_and_behind_another_systems_value() {
        let ours: InteractionId = "0af7651916cd43dd8448eb211c80319c".parse().unwrap();
        for line in [
            format!("{ours};encoding=hex"),
            format!("\"{ours}\";encoding=hex"),
            format!("\"{}\" ;encoding=hex", ours.to_string().to_uppercase()),
            format!("04c8134163;encoding=hex;purpose=isdn-uui,{ours};encoding=hex"),
            format!("\"a,b;c\";encoding=ascii , \"{ours}\""),
        ] {
            let headers = by_user_to_user(&[&line]);

            assert_eq!(claims(None, &headers), [ours], "{line}");
        }
    }

    #[test]
    fn what_another_system_says_is_kept_as_it_was_received_and_our_mark_is_not() {
        let ours = "0af7651916cd43dd8448eb211c80319c;encoding=hex";
        for (lines, kept) in [
            (
                &["04c8;encoding=hex;purpose=isdn-uui"][..],
                Some("04c8;encoding=hex;purpose=isdn-uui"),
            ),
            (
                &[&format!("{ours}, \"a,b\";encoding=ascii")],
                Some("\"a,b\";encoding=ascii"),
            ),
            (&["04c8", ours, "05"], Some("04c8, 05")),
            (&[ours], None),
            (&["\"0AF7651916CD43DD8448EB211C80319C\""], None),
            // A PBX's own, of 16 octets.
            (
                &["04c8134163000000000000000000000a;encoding=hex;purpose=isdn-uui"],
                Some("04c8134163000000000000000000000a;encoding=hex;purpose=isdn-uui"),
            ),
            (
                &["04c8134163000000000000000000000a;content=x"],
                Some("04c8134163000000000000000000000a;content=x"),
            ),
            (
                &["00112233445566778899001122334455;encoding=ascii"],
                Some("00112233445566778899001122334455;encoding=ascii"),
            ),
            (&[], None),
        ] {
            let found = foreign_user_to_user(&by_user_to_user(lines));

            assert_eq!(found.as_deref(), kept, "{lines:?}");
        }
        let endless = "é".repeat(5_000);
        let found = foreign_user_to_user(&by_user_to_user(&[&endless])).unwrap();
        assert_eq!(found.chars().count(), LONGEST);
    }
}
