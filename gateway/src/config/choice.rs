//! Which zone a page belongs to that names none: by website, path and segment.

use ws::id::{Timestamp, ZoneId};

use super::{Config, Origin};
use crate::auth;

/// What is known of a page and its visitor.
#[derive(Clone, Debug, Default)]
pub struct Page<'a> {
    /// Its origin, where a browser told it.
    pub origin: Option<&'a str>,
    /// Its path, such as `/cart/pay`.
    pub path: &'a str,
    /// The segments its visitor is of, as the page's script tells them: nothing of it is proved.
    pub segments: &'a [String],
    /// The visitor's identity as the website signed it.
    pub identity: Option<&'a str>,
    /// What the machine's clock says, by which that is judged.
    pub now: Timestamp,
}

/// Returns the zone that fits best of those `allowed`: one by segment before one by path, the longer path before the
/// shorter, one whose own `origins` name the website before one of any; then the zone `default`, then the first by name.
pub fn choose<'a>(
    config: &'a Config,
    page: &Page<'_>,
    allowed: impl Fn(&ZoneId) -> bool,
) -> Option<&'a ZoneId> {
    let fitting = config.zone.iter().filter(|(name, _)| allowed(name));
    let ranked = fitting.filter_map(|(name, zone)| {
        let by_segment = match zone.segments.is_empty() {
            true => false,
            false if is_of_segment(config, name, page) => true,
            false => return None,
        };
        let path = match zone.pages.is_empty() {
            true => 0,
            false => longest(&zone.pages, page.path)?,
        };
        let own = page
            .origin
            .is_some_and(|origin| zone.origins.iter().any(|it: &Origin| it.as_str() == origin));
        Some((name, (by_segment, path, own, name.as_str() == "default")))
    });
    ranked
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
        .map(|(name, _)| name)
}

/// Tells whether a visitor is of one of the segments that a zone is for; of a zone that asks for a signature, by what the
/// website signed only.
pub fn is_of_segment(config: &Config, name: &ZoneId, page: &Page<'_>) -> bool {
    let Some(zone) = config.zone.get(name) else {
        return false;
    };
    let named = |segments: &[String]| segments.iter().any(|it| zone.segments.contains(it));
    if !zone.signed && named(page.segments) {
        return true;
    }
    let signed = page
        .identity
        .filter(|_| !zone.identity_secret.is_empty())
        .and_then(|token| auth::identity(token, &zone.identity_secret, page.now).ok());
    signed.is_some_and(|identity| named(&identity.segments))
}

// How many characters of a path the longest pattern names that fits it.
fn longest(patterns: &[String], path: &str) -> Option<usize> {
    let fitting = patterns.iter().filter(|pattern| fits(pattern, path));
    fitting.map(|pattern| pattern.replace('*', "").len()).max()
}

/// Tells whether a path is of a pattern, in which `*` stands for anything.
pub fn fits(pattern: &str, path: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == path;
    };
    let Some(mut left) = path.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else {
            return false;
        };
        left = &left[at + part.len()..];
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Effective;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn config(text: &str) -> Config {
        let file = std::env::temp_dir().join(format!(
            "tandem-choice-{}-{}.toml",
            std::process::id(),
            text.len()
        ));
        std::fs::write(&file, text).unwrap();
        let read = Effective::load(Some(&file), []).unwrap();
        std::fs::remove_file(&file).unwrap();
        read.config
    }

    fn shop() -> Config {
        config(&format!(
            "[queue.support]\n\
             [zone.default]\nqueue = \"support\"\n\
             [zone.any]\nqueue = \"support\"\n\
             [zone.cart]\nqueue = \"support\"\npages = [\"/cart*\", \"/basket\"]\n\
             [zone.pay]\nqueue = \"support\"\npages = [\"/cart/pay*\"]\n\
             [zone.back]\nqueue = \"support\"\nsegments = [\"returning\"]\n\
             [zone.other]\nqueue = \"support\"\norigins = [\"https://other.example\"]\n\
             [zone.vip]\nqueue = \"support\"\nsegments = [\"vip\"]\nsigned = true\nidentity_secret = \"{SECRET}\"\n"
        ))
    }

    fn signed(segments: &[&str], secret: &str) -> String {
        auth::install();
        let claims =
            serde_json::json!({"sub": "c-1", "exp": 4_000_000_000_u64, "segments": segments});
        jsonwebtoken::encode(
            &jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256),
            &claims,
            &jsonwebtoken::EncodingKey::from_secret(secret.as_bytes()),
        )
        .unwrap()
    }

    #[test]
    fn a_zone_is_chosen_by_segment_then_path_then_website() {
        let config = shop();
        let known = ["returning".to_owned()];
        for (origin, path, segments, zone) in [
            (None, "/", &[][..], "default"),
            (None, "/cart", &[], "cart"),
            (None, "/cart/pay/now", &[], "pay"),
            (None, "/basket", &[], "cart"),
            (None, "/basket/old", &[], "default"),
            (None, "/cart/pay", &known, "back"),
            (Some("https://other.example"), "/", &[], "other"),
            (Some("https://other.example"), "/cart", &[], "cart"),
        ] {
            let page = Page {
                origin,
                path,
                segments,
                ..Page::default()
            };

            let chosen = choose(&config, &page, |_| true);

            assert_eq!(chosen.unwrap().as_str(), zone, "{path} {segments:?}");
        }
    }

    #[test]
    fn a_segment_that_must_be_signed_is_not_taken_from_a_script() {
        let config = shop();
        let told = ["vip".to_owned()];
        let (right, other, forged) = (
            signed(&["vip"], SECRET),
            signed(&["new"], SECRET),
            signed(&["vip"], "another secret of thirty-two bytes"),
        );
        for (segments, identity, zone) in [
            (&told[..], None, "default"),
            (&[], Some(right.as_str()), "vip"),
            (&told, Some(other.as_str()), "default"),
            (&told, Some(forged.as_str()), "default"),
        ] {
            let page = Page {
                origin: None,
                path: "/",
                segments,
                identity,
                ..Page::default()
            };

            assert_eq!(choose(&config, &page, |_| true).unwrap().as_str(), zone);
        }
    }

    #[test]
    fn only_zones_of_the_page_s_website_are_chosen_and_where_none_fits_none_is() {
        let config = shop();
        let page = Page {
            path: "/cart",
            ..Page::default()
        };

        let other = choose(&config, &page, |zone| zone.as_str() == "other");
        let none = choose(&config, &page, |zone| zone.as_str() == "pay");

        assert_eq!(other.unwrap().as_str(), "other");
        assert_eq!(none, None);
    }

    #[test]
    fn patterns_fit_as_in_the_browser() {
        for (pattern, path, fit) in [
            ("/", "/", true),
            ("/", "/cart", false),
            ("/cart*", "/cart", true),
            ("/cart*", "/cart/pay", true),
            ("/cart*", "/shop/cart", false),
            ("/*/pay", "/a/pay", true),
            ("/*/pay", "/pay", false),
            ("/a*b*c", "/axbyc", true),
            ("/a*b*c", "/axcyb", false),
            ("/ab*ba", "/aba", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, path), fit, "{pattern} {path}");
        }
    }
}
