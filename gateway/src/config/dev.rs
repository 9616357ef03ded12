//! Development mode: what is run when there is no file. Loopback only, everything under `./data`.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use super::{
    sections::{
        Callback, Config, HoldName, Outbound, Queue, Store, Trunk, TrunkCaller, TrunkLimits,
        TrunkLogin, TrunkNumbers, TrunkStir, TrunkTransport, WebRtc, Zone, ZoneCobrowse,
        zone_greeting,
    },
    value::{Maybe, Place, Span},
};

/// Returns its values.
pub fn config() -> Config {
    let support = "support".parse().expect("a plain word is a name");
    let shop = "shop".parse().expect("a plain word is a name");
    let test: ws::id::TrunkId = "test".parse().expect("a plain word is a name");
    let zone = Zone {
        pages: Vec::new(),
        segments: Vec::new(),
        signed: false,
        queue: "support".parse().expect("a plain word is a name"),
        skills: BTreeMap::new(),
        priority: 0,
        hours: Maybe(None),
        language: Maybe(None),
        title: "Juniper & Rye".into(),
        greeting: zone_greeting(),
        form: Vec::new(),
        invite: Vec::new(),
        origins: Vec::new(),
        chat: true,
        call: true,
        browser_call: true,
        callback: true,
        cobrowse: ZoneCobrowse {
            // The shop's own pages.
            pages: vec!["/demo/".to_owned()],
            ..ZoneCobrowse::default()
        },
        identity_secret: String::new(),
        identity_secret_file: Maybe(None),
        identity_issuer: String::new(),
    };
    Config {
        store: Store {
            path: PathBuf::from("data"),
        },
        // Whoever tries it at night wants to be called all the same.
        callback: Callback {
            calling_hours: Maybe(None),
            ..Callback::default()
        },
        outbound: Outbound {
            trunk: Maybe(Some(test.clone())),
            ..Outbound::default()
        },
        web_rtc: WebRtc {
            listen: Maybe(Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 10_000)))),
            ..WebRtc::default()
        },
        queue: BTreeMap::from([(support, Queue::default())]),
        zone: BTreeMap::from([(shop, zone)]),
        trunk: BTreeMap::from([(test, trunk())]),
        ..Config::default()
    }
}

// Whoever is on this machine calls, and is called, by it.
fn trunk() -> Trunk {
    Trunk {
        sources: vec![
            "loopback"
                .parse()
                .expect("the word for any loopback address"),
        ],
        target: Place::At(SocketAddr::from((Ipv4Addr::LOCALHOST, 5070))),
        transport: TrunkTransport::Udp,
        tls_name: String::new(),
        certificate: String::new(),
        user: String::new(),
        password: String::new(),
        password_file: Maybe(None),
        login: TrunkLogin::default(),
        trusted: true,
        calls: 0,
        carrier: Maybe(None),
        priority: 1,
        weight: 1,
        numbers: TrunkNumbers::default(),
        caller: TrunkCaller::default(),
        limits: TrunkLimits::default(),
        stir: TrunkStir::default(),
        further: Vec::new(),
        qualify: Span::secs(0),
        qualify_answer: Span::secs(4),
        register: Span::secs(0),
        keep_alive: Span::secs(0),
        domain: String::new(),
        refer: false,
        early_media: Span::secs(0),
        hold: HoldName::Music,
        codecs: Vec::new(),
        srtp: Maybe(None),
        routes: BTreeMap::new(),
    }
}
