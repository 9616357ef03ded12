//! From the configuration and the agents on record to what the pure machines are born with.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use hub::{
    edge::phone::SrtpRules,
    hours::Hours,
    menu::MenuSetup,
    outward::{Outward, Share},
    policy::Policy,
    setup::{
        AgentSetup, ChatSlots, PhoneSetup, QueueSetup, QueueSpans, Ratings, Setup, Spans,
        TransferSetup, Weights, ZoneSetup,
    },
    toll::TollSetup,
};
use rustls::pki_types::ServerName;
use sip::{
    endpoint::{Account, Transport},
    families::{Families, Family},
    locate::{Question, Wish},
    sdp::Fingerprint,
    trunk::{Destination, Reach, Trunk, TrunkCredentials},
};
use ws::{
    agent::{AwayReason, Disposition},
    id::{MenuId, QueueId, TrunkId},
};

use super::{
    sections::{Config, Queue, TrunkTransport, Work, Zone},
    value::{Maybe, Place, Span},
};
use crate::store::agents::{AgentRow, Role};

/// The ports that SIP was bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SipPorts {
    /// UDP and TCP.
    pub plain: Families<u16>,
    /// TLS, where it listens.
    pub tls: Option<Families<u16>>,
}

impl Config {
    /// Returns what the hub is told.
    pub fn setup(&self, agents: &[AgentRow]) -> Setup {
        let numbering = self.numbering();
        let suppressed = self.outbound.suppressed.iter();
        let agents = agents.iter();
        let agents = agents.map(|row| (row.agent.clone(), self.agent(row)));
        let queues = self.queue.iter();
        let queues = queues.map(|(name, queue)| (name.clone(), self.of_queue(queue)));
        let zones = self.zone.iter();
        let zones = zones.map(|(name, zone)| (name.clone(), self.of_zone(zone)));
        let away = self.agents.away.iter();
        let away = away.map(|(code, words)| AwayReason {
            code: code.clone(),
            words: words.clone(),
        });
        let dispositions = self.agents.dispositions.iter();
        let dispositions = dispositions.map(|(code, words)| Disposition {
            code: code.clone(),
            words: words.clone(),
        });
        Setup {
            agents: agents.collect(),
            queues: queues.collect(),
            away: away.collect(),
            dispositions: dispositions.collect(),
            menus: self.menus(),
            zones: zones.collect(),
            outbound: self.outbound.trunk.0.clone(),
            caller_number: self.outbound.caller_number.0.clone(),
            outward: self.outward(),
            early: self.early(),
            tolls: self.tolls(),
            suppressed: suppressed.map(|number| numbering.read(number)).collect(),
            numbering,
            consent: self.consent.setup(),
            callbacks: self.callback.setup(&self.queue),
            own: (&self.agents.own).into(),
            transfers: self.transfers(),
            lengths: self.prompt.recordings.lengths().collect(),
            voicemail: self.voicemail.setup(),
            recording: self.recording.setup(self.siprec.setup(&self.sip.realm)),
            cobrowse: self.cobrowse.setup(),
            lookup: self.lookup.url.0.is_some(),
            mail: self.mail.server.0.is_some(),
            spans: spans(&self.work, self.web_rtc.page_gone),
            worth: (&self.priority).into(),
            weights: Weights {
                call: self.agents.call_weight,
                chat: self.agents.chat_weight,
            },
        }
    }

    fn of_queue(&self, queue: &Queue) -> QueueSetup {
        QueueSetup {
            skills: queue.skills.clone(),
            relax: queue.relax.iter().map(Into::into).collect(),
            priority: queue.priority,
            familiar: queue.familiar.0.map(|span| span.0),
            limit: queue.limit,
            screen_pop: queue.screen_pop.0.as_ref().map(|template| {
                let template = template.parse();
                Arc::new(template.expect("checked with the configuration"))
            }),
            blend: queue.blend.map(Into::into),
            target: queue.service_level.within.0,
            hours: self.hours_called(&queue.hours),
            policy: policy(queue),
            ratings: Ratings {
                chat: queue.rate_chats,
                call: queue.rate_calls,
            },
            recording: queue.recording,
            greeting: queue
                .voicemail_greeting
                .iter()
                .map(|name| name.as_str().into())
                .collect(),
            spans: queue_spans(queue),
        }
    }

    fn menus(&self) -> BTreeMap<MenuId, Arc<MenuSetup>> {
        let menus = self.menu.iter();
        let menus = menus.map(|(name, menu)| {
            let hours = menu.hours.0.as_ref();
            let hours = hours.and_then(|hours| self.hours.get(hours)?.hours().ok());
            (name.clone(), Arc::new(menu.setup(hours)))
        });
        menus.collect()
    }

    fn transfers(&self) -> TransferSetup {
        let handed = self.trunk.iter().filter(|(_, trunk)| trunk.refer);
        let numbering = self.numbering();
        let numbers = self.transfer.numbers.iter();
        let numbers = numbers.map(|rule| match rule.strip_suffix('*') {
            Some(start) => {
                let starts = numbering.beginnings(start).into_iter();
                starts.map(|start| format!("{start}*")).collect::<Vec<_>>()
            }
            None => {
                let number = rule.parse().map(|number| numbering.read(&number));
                vec![number.map_or_else(|_| rule.clone(), |number| number.to_string())]
            }
        });
        TransferSetup {
            numbers: numbers.flatten().collect(),
            handed: handed.map(|(name, _)| name.clone()).collect(),
        }
    }

    fn tolls(&self) -> TollSetup {
        let some = |bound: u32| (bound != 0).then_some(bound);
        let numbering = self.numbering();
        // What is written with + goes before what another spelling stands for.
        let rules = self.toll.prefixes.iter();
        let read = rules.flat_map(|(start, rule)| {
            let starts = numbering.beginnings(start).into_iter();
            starts.map(|start| (start, rule.0))
        });
        let written = self.toll.prefixes.iter();
        let written = written.map(|(start, rule)| (start.clone(), rule.0));
        let of_trunk = |(name, trunk): (&TrunkId, &super::sections::Trunk)| {
            Some((name.clone(), some(trunk.limits.per_hour_out)?))
        };
        TollSetup {
            prefixes: read.chain(written).collect(),
            others: self.toll.others.0,
            per_agent: some(self.toll.per_agent),
            per_hour: some(self.toll.per_hour),
            per_trunk: self.trunk.iter().filter_map(of_trunk).collect(),
        }
    }

    fn early(&self) -> BTreeMap<TrunkId, std::time::Duration> {
        let trunks = self.trunk.iter();
        let heard = trunks.map(|(name, trunk)| (name.clone(), trunk.early_media.0));
        heard.filter(|(_, longest)| !longest.is_zero()).collect()
    }

    fn outward(&self) -> Outward {
        let mut carriers: BTreeMap<_, Vec<Share>> = BTreeMap::new();
        for (name, trunk) in &self.trunk {
            if let Some(carrier) = &trunk.carrier.0 {
                carriers.entry(carrier.clone()).or_default().push(Share {
                    trunk: name.clone(),
                    priority: trunk.priority,
                    weight: trunk.weight,
                });
            }
        }
        let of_trunk = |(name, trunk): (&TrunkId, &super::sections::Trunk)| {
            Some((name.clone(), trunk.caller.number.0.clone()?))
        };
        let of_queue = |(name, queue): (&QueueId, &Queue)| {
            Some((name.clone(), queue.caller_number.0.clone()?))
        };
        Outward {
            carriers,
            trunk_numbers: self.trunk.iter().filter_map(of_trunk).collect(),
            queue_numbers: self.queue.iter().filter_map(of_queue).collect(),
        }
    }

    fn agent(&self, row: &AgentRow) -> AgentSetup {
        let slots =
            ChatSlots::try_from(self.agents.chat_slots).expect("checked with the configuration");
        let queues = row.queues.iter();
        let queues = queues.filter(|queue| self.queue.contains_key(*queue));
        AgentSetup {
            name: row.name.clone(),
            skills: row.skills.clone(),
            queues: queues.cloned().collect(),
            chat_slots: row
                .chat_slots
                .and_then(|slots| ChatSlots::try_from(slots).ok())
                .unwrap_or(slots),
            chats_during_call: self.agents.chats_during_call,
            prefers: self.agents.prefers.get(&row.agent).copied(),
            phone: match &row.extension {
                Some((trunk, number)) => PhoneSetup::Extension {
                    trunk: trunk.clone(),
                    number: number.clone(),
                },
                None => PhoneSetup::Registered,
            },
            supervisor: row.role == Role::Supervisor,
        }
    }

    // None for what is always open.
    fn hours_called(&self, name: &Maybe<String>) -> Option<Arc<Hours>> {
        let hours = self.hours.get(name.0.as_ref()?)?;
        hours.hours().ok().map(Arc::new)
    }

    fn of_zone(&self, zone: &Zone) -> ZoneSetup {
        ZoneSetup {
            queue: zone.queue.clone(),
            skills: zone.skills.clone(),
            priority: zone.priority,
            chat: zone.chat,
            cobrowse: zone.cobrowse.enabled,
            pages: zone.cobrowse.pages.clone(),
            form: zone.form.clone(),
            hours: self.hours_called(&zone.hours),
        }
    }

    /// Returns the addresses voice packets are bound to: never the advertised ones, which another machine may hold.
    pub fn media_bind(&self) -> Families<IpAddr> {
        let listen = self.sip.listen.0.map(|listen| listen.ip());
        listen.map(|ip| self.rtp.address.get(Family::of(ip)).unwrap_or(ip))
    }

    /// Returns the addresses SDP names for voice packets.
    pub fn media_address(&self) -> Families<IpAddr> {
        let named = |ip| self.rtp.address.get(Family::of(ip)).unwrap_or(ip);
        self.sip_addresses().map(named)
    }

    /// Returns where browsers send their voice; `bound` is the port's own address.
    pub fn browser_addresses(&self, bound: SocketAddr) -> Vec<SocketAddr> {
        let advertised = self.web_rtc.advertise.iter();
        let named: Vec<_> = advertised
            .map(|address| SocketAddr::new(*address, bound.port()))
            .collect();
        if named.is_empty() { vec![bound] } else { named }
    }

    /// Returns the addresses SIP peers of each family reach us at.
    pub fn sip_addresses(&self) -> Families<IpAddr> {
        let listen = self.sip.listen.0.map(|listen| listen.ip());
        listen.map(|ip| self.sip.advertise.get(Family::of(ip)).unwrap_or(ip))
    }

    fn reached_at(&self, ports: Families<u16>) -> Families<SocketAddr> {
        let told = self.sip_addresses();
        ports.map_by(|family, port| SocketAddr::new(*told.near(family), port))
    }

    /// Returns what the SIP endpoint is told; `ports` are those that were bound.
    pub fn endpoint(&self, agents: &[AgentRow], ports: SipPorts) -> sip::endpoint::Config {
        let here = self.reached_at(ports.plain);
        let mut config = sip::endpoint::Config::new(*here.first());
        let plain = [Transport::Udp, Transport::Tcp, Transport::Ws];
        config.listen = plain.map(|transport| (transport, here)).into();
        if let Some(ports) = ports.tls {
            let here = self.reached_at(ports);
            config.listen.insert(Transport::Tls, here);
        }
        config.server = format!("Tandem/{}", env!("CARGO_PKG_VERSION"));
        config.realm.clone_from(&self.sip.realm);
        config.trunks = self.trunks();
        config.accounts = agents
            .iter()
            .map(|row| {
                let account = Account {
                    ha1_md5: row.ha1_md5.clone(),
                    ha1_sha256: row.ha1_sha256.clone(),
                };
                (row.agent.to_string(), account)
            })
            .collect();
        config.guard = self.sip.guard.rules();
        config.limits.calls = self.sip.calls;
        config.limits.max_expires = self.sip.registration.0;
        config.limits.idle = self.sip.idle.0;
        config.limits.retry_after =
            u32::try_from(self.drain.retry_after.0.as_secs()).unwrap_or(u32::MAX);
        config
    }

    /// Returns the names that trunks must prove over TLS, by where they are.
    pub fn tls_names(&self) -> BTreeMap<SocketAddr, ServerName<'static>> {
        let named = self
            .trunk
            .values()
            .filter(|trunk| !trunk.tls_name.is_empty());
        let read = |trunk: &super::sections::Trunk| {
            let name = ServerName::try_from(trunk.tls_name.clone()).ok();
            let places = std::iter::once(&trunk.target).chain(&trunk.further);
            let at = places.filter_map(|place| match place {
                Place::At(address) => Some(*address),
                Place::Named { .. } => None,
            });
            name.into_iter()
                .flat_map(|name| at.clone().map(move |address| (address, name.clone())))
                .collect::<Vec<_>>()
        };
        named.flat_map(read).collect()
    }

    /// Returns the chain and the key that TLS shows for SIP.
    pub fn sip_certificate(&self) -> Option<(&str, &str)> {
        let own = self
            .sip
            .certificate
            .0
            .as_deref()
            .zip(self.sip.key_file.0.as_deref());
        own.or_else(|| {
            let web = &self.web;
            web.certificate.0.as_deref().zip(web.key_file.0.as_deref())
        })
    }

    /// Returns how voice with SIP peers is secured; our handshakes show the certificate of `fingerprint`.
    pub fn srtp(&self, fingerprint: Fingerprint) -> SrtpRules {
        let trunks = self.trunk.iter();
        let named = trunks
            .clone()
            .filter_map(|(name, trunk)| Some((name.to_string(), trunk.srtp.0?.into())));
        let phones = self.rtp.srtp_phones.iter();
        let tls = trunks.filter(|(_, trunk)| trunk.transport == TrunkTransport::Tls);
        SrtpRules {
            demand: self.rtp.srtp.into(),
            trunks: named.collect(),
            phones: phones
                .map(|(agent, srtp)| (agent.to_string(), (*srtp).into()))
                .collect(),
            ways: self.rtp.srtp_keys.iter().map(|&way| way.into()).collect(),
            told_in_clear: self.rtp.sdes_in_clear,
            called_by_tls: tls.map(|(name, _)| name.to_string()).collect(),
            fingerprint: Some(fingerprint),
        }
    }

    fn destination(&self, place: &Place, trunk: &super::sections::Trunk) -> Destination {
        let (host, port) = match place {
            Place::At(address) => return Destination::At(*address),
            Place::Named { host, port } => (host.clone(), *port),
        };
        let wish = match trunk.transport {
            TrunkTransport::Any => Wish::Any,
            TrunkTransport::Udp => Wish::Udp,
            TrunkTransport::Tcp => Wish::Tcp,
            TrunkTransport::Tls => Wish::Secure,
        };
        // Who is at an address of a family that is not listened to could not send to the one that it is told.
        Destination::Named(Question {
            host,
            port,
            wish,
            families: self.sip_addresses().map(|_| ()),
        })
    }

    fn trunks(&self) -> Vec<Trunk> {
        let one = |(name, trunk): (&TrunkId, &super::sections::Trunk)| Trunk {
            name: name.to_string(),
            sources: trunk
                .sources
                .iter()
                .map(super::value::SourceText::source)
                .collect(),
            target: self.destination(&trunk.target, trunk),
            transport: match trunk.transport {
                TrunkTransport::Udp | TrunkTransport::Any => Transport::Udp,
                TrunkTransport::Tcp => Transport::Tcp,
                TrunkTransport::Tls => Transport::Tls,
            },
            certificate: (!trunk.certificate.is_empty())
                .then(|| trunk.certificate.to_ascii_lowercase()),
            credentials: (!trunk.user.is_empty()).then(|| TrunkCredentials {
                user: trunk.user.clone(),
                password: trunk.password.clone(),
            }),
            login: trunk.login.account(&self.sip.realm),
            trusted: trunk.trusted,
            max_calls: (trunk.calls != 0).then_some(trunk.calls),
            reach: Reach {
                further: {
                    let further = trunk.further.iter();
                    further
                        .map(|place| self.destination(place, trunk))
                        .collect()
                },
                qualify: some(trunk.qualify),
                answer: some(trunk.qualify_answer),
                register: some(trunk.register),
                keep_alive: some(trunk.keep_alive),
                domain: trunk.domain.clone(),
                routed: {
                    let plan = trunk.numbers.plan();
                    trunk.routes.keys().map(|user| plan.read(user)).collect()
                },
            },
            manner: trunk.manner(),
        };
        self.trunk.iter().map(one).collect()
    }
}

fn policy(queue: &Queue) -> Policy {
    let instead = queue.instead().into_iter();
    let instead = instead.map(|(rule, _, instead)| {
        let instead = instead.iter().map(|instead| instead.0.clone());
        (rule, instead.collect())
    });
    let bound = |span: Span| (!span.0.is_zero()).then_some(span.0);
    Policy {
        instead: instead.collect(),
        longest_wait: bound(queue.max_wait),
        longest_expected: bound(queue.max_expected_wait),
        keep_place: queue.keep_place,
    }
}

fn some(span: Span) -> Option<std::time::Duration> {
    (!span.0.is_zero()).then_some(span.0)
}

fn queue_spans(queue: &Queue) -> QueueSpans {
    let own = |span: &Maybe<Span>| span.0.map(|span| span.0);
    QueueSpans {
        park: own(&queue.park),
        wrap_up_chat: own(&queue.wrap_up_chat),
        wrap_up_call: own(&queue.wrap_up_call),
        longest_wrap_up_chat: own(&queue.longest_wrap_up_chat),
        longest_wrap_up_call: own(&queue.longest_wrap_up_call),
    }
}

fn spans(work: &Work, page_gone: Span) -> Spans {
    Spans {
        offer: work.offer.0,
        misses: work.misses,
        grace: work.grace.0,
        wrap_up_chat: work.wrap_up_chat.0,
        wrap_up_call: work.wrap_up_call.0,
        longest_wrap_up_chat: work.longest_wrap_up_chat.0,
        longest_wrap_up_call: work.longest_wrap_up_call.0,
        ring: work.ring.0,
        media: work.media.0,
        answer_after: work.answer_after.0,
        unheard: work.unheard.0,
        retries: work.retries.iter().map(|span| span.0).collect(),
        familiar: work.familiar.0,
        park: work.park.0,
        idle_chat: work.idle_chat.0,
        revise: work.revise.0,
        visitor_gone: work.visitor_gone.0,
        page_gone: page_gone.0,
        longest: work.longest.0,
        rating_chat: work.rating_chat.0,
        rating_call: work.rating_call.0,
        repeat: work.repeat.0,
    }
}
