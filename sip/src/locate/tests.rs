use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;

/// A zone, a record a line: `NAME KIND fields…`.
struct Zone(BTreeMap<Query, Vec<Record>>);

impl Zone {
    fn read(text: &str) -> Self {
        let mut records: BTreeMap<Query, Vec<Record>> = BTreeMap::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (kind, record) = record(&words[1..]);
            let name = words[0].to_owned();
            records
                .entry(Query { name, kind })
                .or_default()
                .push(record);
        }
        Self(records)
    }

    fn answer(&self, query: &Query) -> Answer {
        let ttl = Duration::from_secs(300);
        match self.0.get(query) {
            Some(records) => Answer::Found {
                records: records.clone(),
                ttl,
            },
            None => Answer::Absent { ttl },
        }
    }
}

fn record(words: &[&str]) -> (Kind, Record) {
    let number = |at: usize| words[at].parse().unwrap();
    match words[0] {
        "NAPTR" => {
            let naptr = Naptr {
                order: number(1),
                preference: number(2),
                flags: words[3].to_owned(),
                services: words[4].to_owned(),
                replacement: words[5].to_owned(),
            };
            (Kind::Naptr, Record::Naptr(naptr))
        }
        "SRV" => {
            let srv = Srv {
                priority: number(1),
                weight: number(2),
                port: number(3),
                target: words[4].trim_end_matches('.').to_owned(),
            };
            (Kind::Srv, Record::Srv(srv))
        }
        "A" => (Kind::A, Record::Address(words[1].parse().unwrap())),
        "AAAA" => (Kind::Aaaa, Record::Address(words[1].parse().unwrap())),
        other => panic!("no record is a {other}"),
    }
}

fn question(host: &str, port: Option<u16>, wish: Wish) -> Question {
    Question {
        host: host.to_owned(),
        port,
        wish,
        families: Families::V4(()),
    }
}

fn located(zone: &Zone, question: Question) -> Result<Located, NotLocated> {
    let mut locator = Locator::new(question);
    let mut asked = 0;
    while let Some(query) = locator.poll_query() {
        asked += 1;
        assert!(asked < 500, "it asks without end");
        let answer = zone.answer(&query);
        locator.handle_answer(&query, answer);
    }
    locator.outcome().expect("everything is answered")
}

fn places(zone: &str, question: Question) -> Vec<String> {
    let mut rng = StdRng::seed_from_u64(1);
    match located(&Zone::read(zone), question) {
        Ok(located) => located
            .in_order(&mut rng)
            .into_iter()
            .map(|(transport, address)| format!("{} {address}", transport.uri_name()))
            .collect(),
        Err(error) => vec![error.to_string()],
    }
}

// RFC 3263 §4.1 and §4.2 print these records.
const EXAMPLE_COM: &str = "
    example.com NAPTR 50 50 s SIPS+D2T _sips._tcp.example.com
    example.com NAPTR 90 50 s SIP+D2T _sip._tcp.example.com
    example.com NAPTR 100 50 s SIP+D2U _sip._udp.example.com
    _sips._tcp.example.com SRV 0 1 5061 server1.example.com
    _sip._tcp.example.com SRV 0 1 5060 server1.example.com
    _sip._tcp.example.com SRV 1 1 5060 server2.example.com
    _sip._udp.example.com SRV 0 1 5060 server2.example.com
    server1.example.com A 192.0.2.1
    server2.example.com A 192.0.2.2
    server2.example.com AAAA 2001:db8::2";

const SRV_ALONE: &str = "
    _sip._udp.example.com SRV 10 0 5070 a.example.com
    _sip._tcp.example.com SRV 10 0 5080 a.example.com
    a.example.com A 192.0.2.9";

const PLAIN: &str = "
    example.com A 192.0.2.7
    example.com AAAA 2001:db8::7";

const ODD: &str = "
    example.com NAPTR 10 10 u E2U+sip _sip._udp.other.example
    example.com NAPTR 10 20 s SIP+D2S _sip._sctp.example.com
    _sip._udp.example.com SRV 0 0 5060 .
    example.com A 192.0.2.7";

/// What is shown, the zone, the port and the wish, and where that leads.
type Row = (
    &'static str,
    &'static str,
    Option<u16>,
    Wish,
    &'static [&'static str],
);

const TABLE: &[Row] = &[
    (
        "the order of the NAPTR records decides the transport, then SRV priorities",
        EXAMPLE_COM,
        None,
        Wish::Any,
        &[
            "tls 192.0.2.1:5061",
            "tcp 192.0.2.1:5060",
            "tcp 192.0.2.2:5060",
            "udp 192.0.2.2:5060",
        ],
    ),
    (
        "sips takes what is secure alone",
        EXAMPLE_COM,
        None,
        Wish::Secure,
        &["tls 192.0.2.1:5061"],
    ),
    (
        "a transport that is given leaves NAPTR out",
        EXAMPLE_COM,
        None,
        Wish::Udp,
        &["udp 192.0.2.2:5060"],
    ),
    (
        "a port that is given leaves SRV out too",
        "example.com A 192.0.2.3\n_sip._tcp.example.com SRV 0 0 5090 x.example.com\nx.example.com A 192.0.2.4",
        Some(5_099),
        Wish::Tcp,
        &["tcp 192.0.2.3:5099"],
    ),
    (
        "a port alone means UDP",
        PLAIN,
        Some(5_099),
        Wish::Any,
        &["udp 192.0.2.7:5099"],
    ),
    (
        "without NAPTR the services that we speak are asked for",
        SRV_ALONE,
        None,
        Wish::Any,
        &["udp 192.0.2.9:5070", "tcp 192.0.2.9:5080"],
    ),
    (
        "without SRV the name itself is the server, by UDP",
        "example.com A 192.0.2.7",
        None,
        Wish::Any,
        &["udp 192.0.2.7:5060"],
    ),
    (
        "without SRV the name itself is the server, by TLS where that is asked",
        "example.com A 192.0.2.7",
        None,
        Wish::Secure,
        &["tls 192.0.2.7:5061"],
    ),
    (
        "a service that NAPTR names and that is not there leaves the name itself, by the transport of that service",
        "example.com NAPTR 10 10 s SIP+D2T _sip._tcp.example.com\nexample.com NAPTR 20 10 s SIP+D2U _sip._udp.example.com\nexample.com A 192.0.2.7",
        None,
        Wish::Any,
        &["tcp 192.0.2.7:5060"],
    ),
    (
        "a service that NAPTR names and that is there is enough",
        "example.com NAPTR 10 10 s SIP+D2T _sip._tcp.example.com\nexample.com NAPTR 20 10 s SIP+D2U _sip._udp.example.com\nexample.com A 192.0.2.7\n_sip._udp.example.com SRV 0 0 5070 a.example.com\na.example.com A 192.0.2.9",
        None,
        Wish::Any,
        &["udp 192.0.2.9:5070"],
    ),
    (
        "services that are not ours are left out, and a dot says that there is none",
        ODD,
        None,
        Wish::Udp,
        &["the DNS knows no server of this name"],
    ),
    (
        "a server without an address is left out",
        "_sip._udp.example.com SRV 1 0 5060 gone.example.com\n_sip._udp.example.com SRV 2 0 5060 here.example.com\nhere.example.com A 192.0.2.5",
        None,
        Wish::Udp,
        &["udp 192.0.2.5:5060"],
    ),
    (
        "a name that is not there",
        "",
        None,
        Wish::Any,
        &["the DNS knows no server of this name"],
    ),
];

#[test]
fn names_lead_where_rfc_3263_says() {
    for (what, zone, port, wish, expected) in TABLE {
        assert_eq!(
            places(zone, question("example.com", *port, *wish)),
            *expected,
            "{what}"
        );
    }
}

#[test]
fn one_family_is_asked_for_where_one_can_be_sent_to() {
    for (families, expected) in [
        (Families::V4(()), "udp 192.0.2.7:5060"),
        (Families::V6(()), "udp [2001:db8::7]:5060"),
    ] {
        let question = Question {
            families,
            ..question("example.com", None, Wish::Udp)
        };

        assert_eq!(places(PLAIN, question), [expected]);
    }
}

#[test]
fn both_families_are_asked_for_and_take_turns() {
    let zone = "
        example.com A 192.0.2.7
        example.com A 192.0.2.8
        example.com AAAA 2001:db8::7
        example.com AAAA 2001:db8::8";
    let question = Question {
        families: Families::Both { v4: (), v6: () },
        ..question("example.com", None, Wish::Udp)
    };

    assert_eq!(
        places(zone, question),
        [
            "udp [2001:db8::7]:5060",
            "udp 192.0.2.7:5060",
            "udp [2001:db8::8]:5060",
            "udp 192.0.2.8:5060",
        ]
    );
}

#[test]
fn weights_share_the_first_tries_and_every_server_is_tried() {
    let zone = Zone::read(
        "_sip._udp.example.com SRV 5 0 5060 never.example.com
         _sip._udp.example.com SRV 5 1 5060 old.example.com
         _sip._udp.example.com SRV 5 3 5060 new.example.com
         _sip._udp.example.com SRV 9 9 5060 last.example.com
         never.example.com A 192.0.2.0
         old.example.com A 192.0.2.1
         new.example.com A 192.0.2.3
         last.example.com A 192.0.2.9",
    );
    let located = located(&zone, question("example.com", None, Wish::Udp)).unwrap();
    let mut rng = StdRng::seed_from_u64(2782);
    let mut first: BTreeMap<IpAddr, usize> = BTreeMap::new();

    for _ in 0..10_000 {
        let order: Vec<SocketAddr> = located
            .in_order(&mut rng)
            .into_iter()
            .map(|(_, address)| address)
            .collect();
        *first.entry(order[0].ip()).or_default() += 1;
        assert_eq!(order.len(), 4);
        assert_eq!(order[3], "192.0.2.9:5060".parse().unwrap());
    }

    let share = |last: u8| {
        first
            .get(&IpAddr::from([192, 0, 2, last]))
            .copied()
            .unwrap_or(0)
    };
    // A number from 0 to 4 is drawn: 0 falls to the first, 1 to the second, the others to the third.
    assert!((1_800..2_200).contains(&share(0)), "{first:?}");
    assert!((1_800..2_200).contains(&share(1)), "{first:?}");
    assert!((5_800..6_200).contains(&share(3)), "{first:?}");
}

#[test]
fn a_dns_that_fails_in_part_gives_what_it_has_and_says_so() {
    let zone = Zone::read(EXAMPLE_COM);
    let mut locator = Locator::new(question("example.com", None, Wish::Any));
    while let Some(query) = locator.poll_query() {
        assert!(locator.outcome().is_none());
        let dead = query.name == "server1.example.com";
        let answer = if dead {
            Answer::Failed
        } else {
            zone.answer(&query)
        };
        locator.handle_answer(&query, answer);
    }

    let located = locator.outcome().unwrap().unwrap();

    assert!(!located.is_whole);
    assert_eq!(located.places().count(), 2);
}

#[test]
fn a_dns_that_is_dead_is_told_from_a_name_that_is_not_there() {
    let mut locator = Locator::new(question("example.com", None, Wish::Any));
    while let Some(query) = locator.poll_query() {
        locator.handle_answer(&query, Answer::Failed);
    }

    assert_eq!(locator.outcome(), Some(Err(NotLocated::NoAnswer)));
}

#[test]
fn floods_of_records_and_answers_nobody_asked_for_are_bounded() {
    let mut text = String::new();
    for number in 0..200 {
        text += &format!("example.com NAPTR {number} 0 s SIP+D2U s{number}.example.com\n");
        for server in 0..40 {
            text += &format!("s{number}.example.com SRV {server} 0 5060 h{server}.example.com\n");
        }
    }
    for server in 0..40 {
        for address in 0..40 {
            text += &format!("h{server}.example.com A 192.0.2.{address}\n");
        }
    }

    let found = located(&Zone::read(&text), question("example.com", None, Wish::Any)).unwrap();
    assert_eq!(found.places().count(), MOST_PLACES);

    let mut locator = Locator::new(question("example.com", None, Wish::Udp));
    let stray = Query {
        name: "other.example".to_owned(),
        kind: Kind::A,
    };
    locator.handle_answer(
        &stray,
        Answer::Found {
            records: vec![Record::Address(IpAddr::from([192, 0, 2, 1]))],
            ttl: Duration::ZERO,
        },
    );
    assert_eq!(locator.outcome(), None);
}

#[test]
fn the_shortest_of_all_times_holds() {
    let mut locator = Locator::new(question("example.com", None, Wish::Udp));
    while let Some(query) = locator.poll_query() {
        let answer = match query.kind {
            Kind::A => Answer::Found {
                records: vec![Record::Address(IpAddr::from([192, 0, 2, 1]))],
                ttl: Duration::from_secs(60),
            },
            Kind::Aaaa | Kind::Naptr | Kind::Srv => Answer::Absent {
                ttl: Duration::from_secs(20),
            },
        };
        locator.handle_answer(&query, answer);
    }

    let located = locator.outcome().unwrap().unwrap();
    assert_eq!(located.ttl, Duration::from_secs(20));
}
