//! Who asks too much, guesses, or scans: bounds for sources nobody vouches for. Pure and bounded; the endpoint asks it before
//! it reads anything, and tells it what came of what it read.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use crate::Instant;
use crate::trunk;

/// Sources that are remembered at a time; beyond that the one that was heard of longest ago is forgotten.
const SOURCES: usize = 16_384;
/// Who proved who they are is not banned for this long, whatever else comes from their address.
const PROVED: Duration = Duration::from_secs(3_600);

/// What becomes of requests of sources that neither a trunk nor [`Rules::exempt`] names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strangers {
    /// They are answered, and told to prove who they are where that matters.
    #[default]
    Challenge,
    /// They are dropped, as if nobody were here.
    Drop,
}

/// What a source may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether strangers are answered at all.
    pub strangers: Strangers,
    /// Requests a second and source; as many seconds' worth as [`Self::burst`] may come at once. 0 for no bound.
    pub rate: u32,
    /// Requests that may come at once.
    pub burst: u32,
    /// So many offences, less one every [`Self::forgive`], and the source is banned. 0 bans nobody.
    pub strikes: u32,
    /// After this one offence is forgiven.
    pub forgive: Duration,
    /// How long a source is banned: nothing it sends is read.
    pub ban: Duration,
    /// What stands in the User-Agent of scanners, in lower case; whoever has it is banned at once.
    pub scanners: Vec<String>,
    /// Sources that are never banned, and no strangers, such as a proxy that many stand behind.
    pub exempt: Vec<trunk::Source>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            strangers: Strangers::default(),
            rate: 100,
            burst: 400,
            strikes: 40,
            forgive: Duration::from_secs(3),
            ban: Duration::from_secs(600),
            scanners: [
                "friendly-scanner",
                "sipvicious",
                "sipcli",
                "sip-scan",
                "siparmyknife",
                "iwar",
            ]
            .map(str::to_owned)
            .into(),
            exempt: Vec::new(),
        }
    }
}

impl Rules {
    /// Tells whether a source is named as one that is known.
    pub fn exempts(&self, source: IpAddr) -> bool {
        self.exempt.iter().any(|net| net.contains(source))
    }
}

/// What a source did wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offence {
    /// It was told to prove who it is, as every phone is once.
    Challenged,
    /// It gave wrong credentials.
    Denied,
    /// It sent something that cannot be read.
    Malformed,
    /// It asked faster than it may.
    Hasty,
    /// It says that it is a scanner.
    Scanner,
}

/// What is known of sources.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    sources: BTreeMap<IpAddr, Source>,
    /// The same by when they were heard of last.
    order: BTreeSet<(Instant, IpAddr)>,
    banned: u64,
}

#[derive(Clone, Debug)]
struct Source {
    heard: Instant,
    /// Requests that may come, in thousandths.
    room: u64,
    /// Offences, in thousandths.
    strikes: u64,
    banned_until: Option<Instant>,
    proved_until: Option<Instant>,
    /// Until when a trunk is taken to be there that proved itself.
    trunk_until: Option<Instant>,
}

impl Guard {
    /// Tells whether what comes from `source` is to be dropped unread.
    pub fn bars(&self, source: IpAddr, now: Instant) -> bool {
        let found = self.sources.get(&block(source));
        let until = found.and_then(|found| found.banned_until);
        until.is_some_and(|until| until > now)
    }

    /// Notes a request of `source`, which may give credentials; tells whether it comes within the rate. One that does not is
    /// [`Offence::Hasty`]. Where a trunk proved itself its own bounds hold, and only wrong credentials count.
    pub fn admits(
        &mut self,
        rules: &Rules,
        source: IpAddr,
        gives_credentials: bool,
        now: Instant,
    ) -> bool {
        if rules.rate == 0 {
            return true;
        }
        let found = self.heard(rules, source, now);
        let admitted = found.room >= 1_000;
        if found.trunk_until.is_some_and(|until| until > now) {
            return admitted || !gives_credentials;
        }
        if admitted {
            found.room -= 1_000;
        }
        admitted
    }

    /// Notes what `source` did wrong; tells whether it is banned for it from now on.
    pub fn note(&mut self, rules: &Rules, source: IpAddr, what: Offence, now: Instant) -> bool {
        if what == Offence::Denied {
            self.guessed(rules, source, now);
        }
        let exempt = rules.exempts(source);
        let limit = u64::from(rules.strikes) * 1_000;
        if exempt || limit == 0 {
            return false;
        }
        let weight = match what {
            // A hundred phones behind one address are challenged at once after a restart.
            Offence::Challenged => 200,
            Offence::Malformed => 1_000,
            // What is dropped costs little; only who goes on and on is not worth the reading.
            Offence::Hasty => 100,
            Offence::Denied => 3_000,
            Offence::Scanner => limit,
        };
        let found = self.heard(rules, source, now);
        if found.proved_until.is_some_and(|until| until > now) {
            return false;
        }
        found.strikes += weight;
        if found.strikes < limit {
            return false;
        }
        found.strikes = 0;
        found.banned_until = Some(now + rules.ban);
        self.banned += 1;
        true
    }

    /// Notes that somebody at `source` proved who they are.
    pub fn proved(&mut self, rules: &Rules, source: IpAddr, now: Instant) {
        let found = self.heard(rules, source, now);
        found.strikes = 0;
        found.proved_until = Some(now + PROVED);
    }

    /// Notes that a trunk at `source` proved itself.
    pub fn trunk_proved(&mut self, rules: &Rules, source: IpAddr, now: Instant) {
        self.heard(rules, source, now).trunk_until = Some(now + PROVED);
    }

    /// Forgets which trunks proved themselves, since the settings may have others.
    pub fn forget_trunks(&mut self) {
        for source in self.sources.values_mut() {
            source.trunk_until = None;
        }
    }

    // A trunk's requests have paid for nothing before.
    fn guessed(&mut self, rules: &Rules, source: IpAddr, now: Instant) {
        let found = self.heard(rules, source, now);
        if found.trunk_until.is_some_and(|until| until > now) {
            found.room = found.room.saturating_sub(1_000);
        }
    }

    /// Tells whether something says of itself that it scans.
    pub fn is_scanner(rules: &Rules, user_agent: &str) -> bool {
        let said = user_agent.to_ascii_lowercase();
        rules
            .scanners
            .iter()
            .any(|word| said.contains(word.as_str()))
    }

    /// Returns how many sources were banned since the start.
    pub fn banned(&self) -> u64 {
        self.banned
    }

    // What a source may do grows again, and what it did is forgiven, as time passes.
    fn heard(&mut self, rules: &Rules, source: IpAddr, now: Instant) -> &mut Source {
        let source = block(source);
        if !self.sources.contains_key(&source) && self.sources.len() >= SOURCES {
            self.forget_one();
        }
        let most = u64::from(rules.burst.max(1)) * 1_000;
        let found = self.sources.entry(source).or_insert_with(|| Source {
            heard: now,
            room: most,
            strikes: 0,
            banned_until: None,
            proved_until: None,
            trunk_until: None,
        });
        self.order.remove(&(found.heard, source));
        let millis = u64::try_from(now.since(found.heard).as_millis()).unwrap_or(u64::MAX);
        let grown = millis.saturating_mul(u64::from(rules.rate));
        found.room = found.room.saturating_add(grown).min(most);
        let forgive = u64::try_from(rules.forgive.as_millis())
            .unwrap_or(u64::MAX)
            .max(1);
        let forgiven = millis.saturating_mul(1_000) / forgive;
        found.strikes = found.strikes.saturating_sub(forgiven);
        found.heard = now;
        self.order.insert((now, source));
        found
    }

    fn forget_one(&mut self) {
        if let Some((_, oldest)) = self.order.pop_first() {
            self.sources.remove(&oldest);
        }
    }
}

// Whoever has one address of IPv6 has the 64 bits behind it too.
fn block(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn at(millis: u64) -> Instant {
        Instant::START + Duration::from_millis(millis)
    }

    fn strict() -> Rules {
        Rules {
            rate: 10,
            burst: 20,
            strikes: 5,
            ..Rules::default()
        }
    }

    #[test]
    fn requests_beyond_the_burst_come_as_fast_as_the_rate_and_no_faster() {
        let (mut guard, rules, source) = (Guard::default(), strict(), ip("192.0.2.1"));

        let burst = (0..30)
            .filter(|_| guard.admits(&rules, source, false, at(0)))
            .count();
        let later = (0..30)
            .filter(|_| guard.admits(&rules, source, false, at(500)))
            .count();

        assert_eq!((burst, later), (20, 5));
        assert!(guard.admits(&rules, ip("192.0.2.2"), false, at(500)));
    }

    #[test]
    fn who_guesses_passwords_is_banned_for_a_time() {
        let (mut guard, rules, source) = (Guard::default(), strict(), ip("192.0.2.1"));

        assert!(!guard.note(&rules, source, Offence::Denied, at(0)));
        assert!(guard.note(&rules, source, Offence::Denied, at(100)));

        assert!(guard.bars(source, at(101)));
        assert!(!guard.bars(ip("192.0.2.2"), at(101)));
        assert!(!guard.bars(source, at(100) + rules.ban));
        assert_eq!(guard.banned(), 1);
    }

    #[test]
    fn a_phone_that_is_challenged_now_and_then_is_forgiven() {
        let (mut guard, rules, source) = (Guard::default(), strict(), ip("192.0.2.1"));

        for n in 0..1_000 {
            assert!(!guard.note(&rules, source, Offence::Challenged, at(n * 3_000)));
        }
    }

    #[test]
    fn who_proved_themselves_is_not_banned_for_what_others_send_in_their_name() {
        let (mut guard, rules, source) = (Guard::default(), strict(), ip("192.0.2.1"));
        guard.proved(&rules, source, at(0));

        for n in 0..100 {
            guard.note(&rules, source, Offence::Denied, at(n));
        }

        assert!(!guard.bars(source, at(100)));
        assert!(guard.note(&rules, source, Offence::Scanner, at(0) + PROVED));
    }

    #[test]
    fn where_a_trunk_proved_itself_only_guesses_are_counted_until_that_is_long_ago() {
        let (mut guard, rules, source) = (Guard::default(), strict(), ip("192.0.2.1"));
        guard.trunk_proved(&rules, source, at(0));
        let heard = |guard: &mut Guard, credentials, when| {
            (0..100)
                .filter(|_| guard.admits(&rules, source, credentials, when))
                .count()
        };

        assert_eq!(heard(&mut guard, true, at(1)), 100);
        for _ in 0..20 {
            guard.note(&rules, source, Offence::Denied, at(1));
        }
        assert_eq!(heard(&mut guard, true, at(1)), 0);
        assert_eq!(heard(&mut guard, false, at(1)), 100);
        guard.forget_trunks();
        assert_eq!(heard(&mut guard, false, at(1)), 0);

        guard.trunk_proved(&rules, source, at(1));
        assert_eq!(heard(&mut guard, false, at(1) + PROVED), 20);
    }

    #[test]
    fn a_scanner_is_banned_at_its_first_word_unless_it_is_exempt() {
        let mut rules = strict();
        assert!(Guard::is_scanner(&rules, "SIPVicious v0.3"));
        assert!(!Guard::is_scanner(&rules, "baresip v2.12"));
        let mut guard = Guard::default();
        assert!(guard.note(&rules, ip("192.0.2.1"), Offence::Scanner, at(0)));

        rules.exempt = vec![trunk::Source::Network("198.51.100.0/24".parse().unwrap())];
        assert!(!guard.note(&rules, ip("198.51.100.7"), Offence::Scanner, at(0)));
    }

    #[test]
    fn a_network_of_ipv6_is_one_source_and_so_is_an_address_written_in_two_ways() {
        let (mut guard, rules) = (Guard::default(), strict());
        guard.note(&rules, ip("2001:db8::1"), Offence::Scanner, at(0));
        guard.note(&rules, ip("::ffff:192.0.2.1"), Offence::Scanner, at(0));

        assert!(guard.bars(ip("2001:db8::ffff:1"), at(1)));
        assert!(!guard.bars(ip("2001:db8:0:1::1"), at(1)));
        assert!(guard.bars(ip("192.0.2.1"), at(1)));
    }

    #[test]
    fn only_so_many_sources_are_remembered() {
        let (mut guard, rules) = (Guard::default(), strict());

        for n in 0..SOURCES as u32 + 100 {
            let source = std::net::Ipv4Addr::from_bits(0x0a00_0000 + n).into();
            guard.admits(&rules, source, false, at(u64::from(n)));
        }

        assert_eq!((guard.sources.len(), guard.order.len()), (SOURCES, SOURCES));
        assert!(!guard.sources.contains_key(&ip("10.0.0.99")));
        assert!(guard.sources.contains_key(&ip("10.0.0.100")));
    }
}
