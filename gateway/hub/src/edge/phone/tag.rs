//! What marks SIP messages as belonging to an interaction, and how such marks are read.

use sip::{
    endpoint::{SessionIds, Tag},
    message::SessionId,
};
use ws::id::{InteractionId, LegId};

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
    let named = |name: &str| {
        headers
            .iter()
            .filter(move |header| header.0.eq_ignore_ascii_case(name))
            .map(|header| {
                header
                    .1
                    .split(';')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_ascii_lowercase()
            })
            .filter_map(|value| value.parse().ok())
            .collect::<Vec<InteractionId>>()
    };
    claims.extend(named("User-to-User"));
    claims.extend(named("X-Interaction-ID"));
    let mut unique = Vec::new();
    for claim in claims {
        if !unique.contains(&claim) {
            unique.push(claim);
        }
    }
    unique
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
}
