//! How often an address, or an agent's name, may ask.

use std::{hash::Hash, net::IpAddr, num::NonZeroU32};

use governor::{Quota, RateLimiter, clock::DefaultClock, state::keyed::DashMapStateStore};

use crate::config::Web;

type Keyed<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock>;

/// Addresses or names a limiter keeps before it forgets those that are at rest.
const KEPT: usize = 50_000;

/// All limits of the HTTP side.
pub struct Limits {
    requests: Keyed<IpAddr>,
    visitors: Keyed<IpAddr>,
    transcripts: Keyed<IpAddr>,
    transcripts_to: Keyed<String>,
    logins: Keyed<IpAddr>,
    login_names: Keyed<String>,
}

impl Limits {
    /// Takes the configured rates.
    pub fn new(web: &Web) -> Self {
        let requests = at_least_one(web.requests_per_second);
        Self {
            requests: RateLimiter::keyed(
                Quota::per_second(requests).allow_burst(requests.saturating_mul(at_least_one(2))),
            ),
            visitors: RateLimiter::keyed(Quota::per_minute(at_least_one(web.visitors_per_minute))),
            transcripts: RateLimiter::keyed(Quota::per_hour(at_least_one(
                web.transcripts_per_hour,
            ))),
            transcripts_to: RateLimiter::keyed(Quota::per_hour(at_least_one(
                web.transcripts_per_hour,
            ))),
            logins: RateLimiter::keyed(Quota::per_minute(at_least_one(web.logins_per_minute))),
            login_names: RateLimiter::keyed(Quota::per_minute(at_least_one(web.logins_per_minute))),
        }
    }

    /// Counts a request; tells whether it may go on.
    pub fn request(&self, from: IpAddr) -> bool {
        take(&self.requests, &from)
    }

    /// Counts a new visitor.
    pub fn visitor(&self, from: IpAddr) -> bool {
        take(&self.visitors, &from)
    }

    /// Counts a chat that is mailed, for the address that asks and for the one it goes to, in whatever letters.
    pub fn transcript(&self, from: IpAddr, to: &str) -> bool {
        take(&self.transcripts, &from) && take(&self.transcripts_to, &to.to_lowercase())
    }

    /// Counts a login, for the address and for the name.
    pub fn login(&self, from: IpAddr, name: &str) -> bool {
        take(&self.logins, &from) && take(&self.login_names, &name.to_owned())
    }
}

fn take<K: Hash + Eq + Clone>(limiter: &Keyed<K>, key: &K) -> bool {
    if limiter.len() > KEPT {
        limiter.retain_recent();
    }
    limiter.check_key(key).is_ok()
}

fn at_least_one(rate: u32) -> NonZeroU32 {
    NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN)
}
