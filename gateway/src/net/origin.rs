//! Which pages may talk to us: an exact list of origins, and loopback names for whoever sits at this machine.

use axum::http::{HeaderMap, Uri, header};
use ws::id::ZoneId;

use super::problem::Problem;
use crate::{
    config::{Config, Origin, Zone},
    metrics,
};

/// What a request says of the page it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// No Origin: no browser's page made it.
    NoPage,
    /// A page of a site.
    Page {
        /// Its origin.
        origin: String,
        /// Whether this very address served it, under a name that only this machine has.
        at_home: bool,
    },
}

impl From {
    /// Reads the header; an Origin that is no text is no origin of ours.
    pub fn read(headers: &HeaderMap) -> Self {
        match headers.get(header::ORIGIN) {
            None => Self::NoPage,
            Some(origin) => {
                let origin = origin.to_str().unwrap_or("null");
                Self::Page {
                    at_home: is_loopback_page(headers, origin),
                    origin: origin.to_owned(),
                }
            }
        }
    }

    /// Returns the page's origin, if a page it is.
    pub fn origin(&self) -> Option<&str> {
        match self {
            Self::NoPage => None,
            Self::Page { origin, .. } => Some(origin),
        }
    }
}

/// Tells whether a page of `from` may send its visitors on to `to`: both are websites of the zone by its own list.
pub fn is_way(zone: &Zone, from: &From, to: &str) -> bool {
    let here = from.origin().filter(|here| *here != to);
    here.is_some_and(|here| listed(&zone.origins, here) && listed(&zone.origins, to))
}

/// Tells whether a page of `from` may be an agent's console or use the API.
pub fn is_ours(config: &Config, from: &From) -> bool {
    match from {
        // Credentials never come by themselves (no cookies), so a program without a page risks nobody's.
        From::NoPage => true,
        From::Page { origin, at_home } => *at_home || listed(&config.web.origins, origin),
    }
}

/// Tells whether a page of `from` may be a visitor's in `zone`.
pub fn is_of_zone(config: &Config, zone: &ZoneId, from: &From) -> bool {
    let listed_there = match (config.zone.get(zone), from) {
        (Some(zone), From::Page { origin, .. }) => listed(&zone.origins, origin),
        (None, _) | (Some(_), From::NoPage) => false,
    };
    listed_there || is_ours(config, from)
}

/// Refuses a request of a visitor of `zone` that comes from another website's page.
pub fn check_zone(config: &Config, zone: &ZoneId, headers: &HeaderMap) -> Result<(), Problem> {
    if is_of_zone(config, zone, &From::read(headers)) {
        return Ok(());
    }
    metrics::refused("origin");
    Err(Problem::forbidden(format!(
        "pages of this origin are not of zone \"{zone}\""
    )))
}

/// Tells whether a page of `from` may be a visitor's in any zone.
pub fn is_of_any_zone(config: &Config, from: &From) -> bool {
    is_ours(config, from)
        || config
            .zone
            .keys()
            .any(|zone| is_of_zone(config, zone, from))
}

fn listed(origins: &[Origin], origin: &str) -> bool {
    origins.iter().any(|known| known.as_str() == origin)
}

// A page that was served by this very address, under a name that only this machine has: a foreign name that was made
// to point here (DNS rebinding) is none of these.
fn is_loopback_page(headers: &HeaderMap, origin: &str) -> bool {
    let Some(host) = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
    else {
        return false;
    };
    let Ok(page) = origin.parse::<Uri>() else {
        return false;
    };
    let same = page
        .authority()
        .is_some_and(|authority| authority.as_str() == host);
    let name = page.host().unwrap_or_default();
    let loopback = name == "localhost"
        || name
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    same && loopback
        && matches!(page.scheme_str(), Some("http" | "https"))
        && matches!(page.path(), "" | "/")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn asked(host: &'static str, origin: &'static str) -> From {
        From::read(&HeaderMap::from_iter([
            (header::HOST, HeaderValue::from_static(host)),
            (header::ORIGIN, HeaderValue::from_static(origin)),
        ]))
    }

    #[test]
    fn only_listed_origins_and_loopback_pages_are_ours() {
        let mut config = Config::default();
        config.web.origins = vec!["https://desk.example".parse().unwrap()];
        for (host, origin, ours) in [
            ("desk.example", "https://desk.example", true),
            ("desk.example", "http://desk.example", false),
            ("desk.example", "https://desk.example.evil.example", false),
            ("desk.example", "https://other.example", false),
            ("127.0.0.1:8080", "http://127.0.0.1:8080", true),
            ("localhost:8080", "http://localhost:8080", true),
            ("127.0.0.1:8080", "http://127.0.0.1:9090", false),
            ("evil.example:8080", "http://evil.example:8080", false),
            ("127.0.0.1:8080", "null", false),
        ] {
            assert_eq!(
                is_ours(&config, &asked(host, origin)),
                ours,
                "{host} {origin}"
            );
        }
    }

    #[test]
    fn a_way_leads_from_one_website_of_a_zone_to_another() {
        let told =
            "queue = \"support\"\norigins = [\"https://shop.example\", \"https://pay.example\"]";
        let zone: Zone = toml::from_str(told).unwrap();
        for (from, to, is) in [
            ("https://shop.example", "https://pay.example", true),
            ("https://shop.example", "https://shop.example", false),
            ("https://shop.example", "https://evil.example", false),
            ("https://evil.example", "https://pay.example", false),
            ("http://127.0.0.1:8080", "https://pay.example", false),
        ] {
            let from = asked("127.0.0.1:8080", from);

            assert_eq!(is_way(&zone, &from, to), is, "{from:?} {to}");
        }
        assert!(!is_way(&zone, &From::NoPage, "https://pay.example"));
    }
}
