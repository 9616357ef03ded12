//! What is configured of pages seen together, and which addresses may be suggested.

use std::time::Duration;

use ws::frame::{Code, Refusal};

use crate::{input::refuse, scope::PAGE};

/// How pages are seen together.
#[derive(Clone, Debug, PartialEq)]
pub struct CobrowseSetup {
    /// Whether they are.
    pub enabled: bool,
    /// How long the visitor may take to answer.
    pub ask: Duration,
    /// How long a visitor without a socket is waited for.
    pub lost: Duration,
    /// How long a page is shared that nobody looks at.
    pub unwatched: Duration,
    /// How long a page is shared at most.
    pub longest: Duration,
    /// How addresses begin that may be suggested.
    pub pages: Vec<String>,
}

impl Default for CobrowseSetup {
    fn default() -> Self {
        Self {
            enabled: true,
            ask: Duration::from_secs(60),
            lost: Duration::from_secs(60),
            unwatched: Duration::from_secs(300),
            longest: Duration::from_secs(3_600),
            pages: Vec::new(),
        }
    }
}

/// What an entry of `cobrowse.pages` must look like.
pub const PAGE_RULE: &str = "must be the beginning of an address with host and path, such as \"https://shop.example/\", or of a path of the \
     page's own website, such as \"/help/\"";

/// Tells whether a text is how addresses may be told to begin: with scheme and host as a whole.
pub fn page_rule(rule: &str) -> bool {
    if rule.starts_with('/') {
        return is_plain(rule) && !rule.starts_with("//");
    }
    let rest = rule
        .strip_prefix("https://")
        .or(rule.strip_prefix("http://"));
    let host = rest
        .and_then(|rest| rest.split_once('/'))
        .map(|(host, _)| host);
    is_plain(rule) && host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
}

// What browsers read differently than it looks: backslashes are slashes, dots climb, controls and blanks vanish.
fn is_plain(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    let path = lower.split(['?', '#']).next().unwrap_or_default();
    let climbs = path
        .split('/')
        .any(|part| matches!(part.replace("%2e", ".").as_str(), "." | ".."));
    !climbs && !url.contains('\\') && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// Tells whether an address may be suggested.
pub(super) fn may_push(rules: &[String], url: &str) -> bool {
    // Two slashes would name another host.
    let known = |rule: &String| url.starts_with(rule.as_str());
    is_plain(url) && !url.starts_with("//") && rules.iter().any(known)
}

/// Reads where a page is: without what follows `?` or `#`, which often says more than the place.
pub(super) fn place(url: &str) -> Result<String, Refusal> {
    let place = url.split(['?', '#']).next().unwrap_or_default();
    let known = place.starts_with("https://") || place.starts_with("http://");
    if !known || place.chars().count() > PAGE {
        return refuse(
            Code::OutOfRange,
            format!(
                "a page's address begins with https:// or http:// and has at most {PAGE} characters"
            ),
        );
    }
    Ok(place.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_begin_as_a_rule_says_may_be_suggested() {
        let rules = ["https://shop.example/help/".to_owned(), "/".to_owned()];
        for (url, may) in [
            ("https://shop.example/help/glazes", true),
            ("https://shop.example/help/?q=1", true),
            ("https://shop.example/help/a..b", true),
            ("/demo/workshop.html", true),
            ("//evil.example/", false),
            ("/\\evil.example/", false),
            ("https://shop.example/admin", false),
            ("https://shop.example/help/../admin", false),
            ("https://shop.example/help/%2e%2E/admin", false),
            ("https://shop.example/help/..\\admin", false),
            ("https://shop.example/help/\tx", false),
            ("https://shop.example.evil.example/help/", false),
            ("https://shop.example@evil.example/help/", false),
            ("http://shop.example/help/", false),
            ("javascript:alert(1)", false),
        ] {
            assert_eq!(may_push(&rules, url), may, "{url}");
        }
    }

    #[test]
    fn a_rule_names_scheme_host_and_the_beginning_of_a_path() {
        for (rule, right) in [
            ("https://shop.example/", true),
            ("http://127.0.0.1:8080/demo/", true),
            ("/help/", true),
            ("//shop.example/", false),
            ("https://shop.example", false),
            ("https:///", false),
            ("https://a@b/", false),
            ("ftp://shop.example/", false),
            ("javascript:", false),
            ("https://shop.example/../", false),
        ] {
            assert_eq!(page_rule(rule), right, "{rule}");
        }
    }

    #[test]
    fn a_place_has_neither_query_nor_fragment() {
        let with = "https://shop.example/cart?token=secret#me";

        assert_eq!(place(with), Ok("https://shop.example/cart".to_owned()));
        assert!(place("about:blank").is_err());
        assert!(place(&format!("https://{}", "x".repeat(PAGE))).is_err());
    }
}
