//! Everything a running daemon is made of, opened in an order in which nothing is half there.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Instant,
};

use hub::{
    Hub,
    edge::{
        browser::Browsers,
        phone::{Phones, Settings},
    },
    house::House,
    recording::Outcome,
};
use rustls::ServerConfig;
use sip::{
    endpoint::{Command as SipCommand, Endpoint},
    registrar::Instance,
};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, mpsc, watch},
    task::JoinHandle,
};
use ws::id::{RecordingId, Timestamp};

use super::{
    bind::{Bound, HttpSockets, Sockets},
    dev::Passwords,
    doors::{self, Doors},
    recordings,
    reload::{self, Reload},
    voice,
};
use crate::{
    auth::{self, Mint},
    bounds::{Limit, What},
    clock::{Clock, tide::Trust},
    config::{Config, Effective},
    hooks::{lookup, office, reader},
    logs,
    media::{Media, Sounds},
    net::{
        api,
        app::App,
        dns::Dns,
        gate::Gate,
        hosts::{ADDRESSES, Hosts},
        listen::Listener,
        lobby::Lobby,
        ops::{self, Ops},
        sip::{ANSWERS, COMMANDS, Control, SipTask},
        streams::FromStream,
        tls::Certificate,
        trunks::Trunks,
        udp::Datagrams,
    },
    recorder::Finishing,
    run::{self, GLANCES, Glance, INPUTS, Loop, Told, World},
    stir::{Stir, VERDICTS, Witness},
    store::{self, Journal, Written, agents::AgentRow, journal::Writer, ledger::Ledger},
};

/// Controls that may wait.
const CONTROLS: usize = 16;
/// Connections of the listener for operations at a time.
const OPS_CONNECTIONS: usize = 64;

/// The parts.
pub struct Parts {
    /// What requests share.
    pub app: Arc<App>,
    /// What a reload needs.
    pub reload: Reload,
    /// The way to the SIP endpoint.
    pub sip: mpsc::Sender<Control>,
    /// The SIP endpoint, which ends after the hub's loop.
    pub phone: JoinHandle<()>,
    /// Tells listeners to leave.
    pub leave: watch::Sender<bool>,
    /// The listeners.
    pub listeners: Vec<JoinHandle<()>>,
    /// The hub's loop.
    pub hub: JoinHandle<anyhow::Result<()>>,
    /// The journal's writer.
    pub writer: Writer,
    /// The writer of recordings.
    pub recordings: Finishing,
    /// Where it listens.
    pub bound: Bound,
}

/// What the journal says of the time before this start, as a hub and its edge to browsers.
struct Past {
    hub: Hub,
    recordings: Vec<(RecordingId, Outcome)>,
    browsers: Browsers,
    agents: Vec<AgentRow>,
    clock: Clock,
    instance: Instance,
}

impl Past {
    fn recall(config: &Config, trust: Trust) -> anyhow::Result<Self> {
        let mut connection = store::open_at_start(&config.store.path)?;
        let agents = store::agents::all(&connection)?;
        let newest = store::newest(&connection)?.map(Timestamp);
        let clock = Clock::start(newest.unwrap_or_default());
        if let Some(doubt) = clock.doubt(newest) {
            trust.accept(doubt)?;
            logs::doubt(doubt);
        }
        let mut hub = Hub::new(config.setup(&agents), auth::random());
        let desk_epoch = store::agents::hex(&auth::random::<8>());
        let mut browsers = Browsers::new(store::epoch(&connection)?, desk_epoch, auth::random());
        let since = Timestamp(
            clock
                .now()
                .0
                .saturating_sub(store::FRAMES.as_millis() as u64),
        );
        let facts = store::restart(&mut connection, since, |fact| {
            hub.replay(&fact);
            browsers.replay(&fact);
        })?;
        hub.use_archive(Box::new(store::archive::Shelf::open(&config.store.path)?));
        hub.remember();
        rewrite_after_erasures(&connection);
        tracing::info!(facts, "the journal is read");
        let recordings = recordings::rescue(config, &hub);
        hub.start(clock.now());
        logs::stranded(&hub.stranded());
        logs::shadowed(&agents, config);
        Ok(Self {
            hub,
            recordings,
            browsers,
            agents,
            clock,
            instance: store::instance(&connection)?,
        })
    }

    fn go_on(
        self,
        app: &App,
        world: World,
        (journal, written): (Journal, mpsc::Receiver<Written>),
        (told, glances): (mpsc::Receiver<Told>, mpsc::Receiver<Glance>),
        settings: Settings,
    ) -> Loop {
        let mut house = House::new(
            self.hub,
            self.browsers,
            Phones::new(settings, auth::random()),
            run::routes(&app.config.load()),
        );
        recordings::tell(&mut house, self.recordings);
        Loop {
            house,
            world,
            journal,
            written,
            told,
            glances,
            meter: app.admission.meter(),
            pulse: app.pulse.clone(),
            drift: self.clock.drift(),
            clock: self.clock,
            askers: BTreeMap::new(),
            looks: Vec::new(),
            leaving: None,
            ports: Limit::new(What::Ports),
            writing: VecDeque::new(),
            fresh: 0,
        }
    }
}

// What cannot be rewritten, as for want of room on the disk, serves as it is and is tried again at the next start.
fn rewrite_after_erasures(connection: &rusqlite::Connection) {
    let rewrite = || {
        if store::erase::unfinished(connection)? == 0 {
            return Ok(true);
        }
        tracing::info!("the store is rewritten after an erasure");
        let now = store::millis_now()?;
        store::erase::finish(connection, &store::Turn::default(), now, store::erase::ANY)
    };
    match rewrite() {
        Ok(true) => {}
        Ok(false) => {
            tracing::warn!("the store is read by another program; erasures are not finished")
        }
        Err(error) => {
            let error = format!("{error:#}");
            tracing::error!(
                error,
                "erasures are not finished; it is tried at the next start"
            );
        }
    }
}

/// The ways to the running SIP endpoint.
struct PhoneSide {
    commands: mpsc::Sender<SipCommand>,
    controls: mpsc::Sender<Control>,
    task: JoinHandle<()>,
}

impl PhoneSide {
    fn start(
        endpoint: sip::endpoint::Config,
        (dns, stir): (Arc<Dns>, Stir),
        udp: Datagrams,
        messages: mpsc::Receiver<FromStream>,
        app: &App,
    ) -> Self {
        let (commands, asked) = mpsc::channel(COMMANDS);
        let (controls, controlled) = mpsc::channel(CONTROLS);
        let (answer, answers) = mpsc::channel(ANSWERS);
        let (judge, verdicts) = mpsc::channel(VERDICTS);
        let (find, addresses) = mpsc::channel(ADDRESSES);
        let task = SipTask {
            endpoint: Endpoint::new(endpoint, auth::random()),
            dns,
            answer,
            answers,
            udp,
            streams: app.streams.clone(),
            messages,
            commands: asked,
            controls: controlled,
            tell: app.tell.clone(),
            admission: app.admission.clone(),
            witness: Witness::new(stir, judge),
            verdicts,
            hosts: Hosts::default(),
            find,
            addresses,
            backlog: VecDeque::new(),
            lobby: Lobby::default(),
            gate: Gate::default(),
            trunks: Trunks::new(Instant::now()),
            health: app.health.clone(),
            clock: app.clock.clone(),
        };
        let task = tokio::spawn(task.run());
        Self {
            commands,
            controls,
            task,
        }
    }
}

fn listen_all(
    sockets: HttpSockets,
    ops: Ops,
    tls: Option<Arc<ServerConfig>>,
    left: &watch::Receiver<bool>,
) -> Vec<JoinHandle<()>> {
    let app = ops.app.clone();
    let web = api::router(app.clone());
    let operations = ops::router(ops);
    let room = Arc::new(Semaphore::new(app.config.load().web.connections));
    let ops_room = Arc::new(Semaphore::new(OPS_CONNECTIONS));
    let plain = |socket, room| Listener {
        socket,
        tls: None,
        room,
    };
    let mut listeners = vec![listen(
        plain(sockets.ops, ops_room),
        &app,
        &operations,
        left,
    )];
    if let Some(socket) = sockets.web {
        listeners.push(listen(plain(socket, room.clone()), &app, &web, left));
    }
    if let (Some(socket), Some(tls)) = (sockets.web_tls, tls) {
        let listener = Listener {
            socket,
            tls: Some(tls),
            room,
        };
        listeners.push(listen(listener, &app, &web, left));
    }
    listeners.push(tokio::spawn(office::run(app.clone(), left.clone())));
    listeners.push(tokio::spawn(super::retention::run(app, left.clone())));
    listeners
}

/// Its writer deletes the files of recordings that are erased, too.
fn journal(config: &Config) -> anyhow::Result<(Journal, mpsc::Receiver<Written>, Writer)> {
    let recordings = config.recording.directory(&config.store);
    Journal::start(&config.store.path, recordings)
}

impl Parts {
    /// Opens everything and starts it.
    pub async fn open(config: &Config, trust: Trust) -> anyhow::Result<Self> {
        let metrics = crate::metrics::install()?;
        let sockets = Sockets::bind(config).await?;
        let bound = sockets.bound()?;
        let certificate = certificate(config)?;
        let (doors, messages) = Doors::open(config, sockets.sip_tcp, sockets.sip_tls)?;

        let past = Past::recall(config, trust)?;
        let at = (bound.sip_ports(), past.instance);
        let (journal, written, writer) = journal(config)?;
        let (tell, told) = mpsc::channel(INPUTS);
        let (glance, glances) = mpsc::channel(GLANCES);
        let (leave, left) = watch::channel(false);
        let app = Arc::new(App::new(
            config.clone(),
            (tell.clone(), glance),
            mint(config)?,
            past.clock.clone(),
            (journal.clone(), ledger(config)?),
            doors.streams.clone(),
            (&past.agents[..], signed_out(config, &past.clock)?),
        )?);
        let phone = PhoneSide::start(
            reload::endpoint(config, &past.agents, at),
            (doors::dns(config)?, Stir::open(config)?),
            sockets.sip_udp,
            messages,
            &app,
        );
        let sounds = Sounds::new(&config.prompt.recordings);
        let (recorder, recordings) = recordings::start(config, &tell)?;
        let (media, settings) = voice::start(config, sounds.clone(), recorder, &tell)?;
        let world = world(&app, phone.commands, media);
        let (written, told) = ((journal, written), (told, glances));
        let hub = past.go_on(&app, world, written, told, settings);
        // A thread of its own: among the sockets of a rush each decision would wait until all of them had their turn.
        let hub = tokio::task::spawn_blocking(|| Handle::current().block_on(hub.run()));

        let (sip, phone) = (phone.controls, phone.task);
        let certificates = (certificate.clone(), doors.certificate.clone());
        let reload = Reload::new(certificates, doors.streams.clone(), at, sounds);
        let ops = Ops {
            app: app.clone(),
            metrics,
            sip: sip.clone(),
            told: Arc::default(),
        };
        let tls = certificate.as_ref().map(Certificate::server).transpose()?;
        let mut listeners = doors.listen(&left);
        listeners.extend(listen_all(sockets.http, ops, tls, &left));
        Ok(Self {
            app,
            reload,
            sip,
            phone,
            leave,
            listeners,
            hub,
            writer,
            recordings,
            bound,
        })
    }

    /// Writes down where commands reach the web side that need a decision of the hub.
    pub fn announce_to_commands(&self, config: &Config) -> anyhow::Result<()> {
        let tls = self.bound.web.is_none();
        match self.bound.web.or(self.bound.web_tls) {
            Some(address) => crate::cli::daemon::announce(&config.store.path, address, tls),
            None => Ok(()),
        }
    }

    /// Says where to go, on standard output.
    pub fn announce(&self, effective: &Effective, passwords: Option<&Passwords>) {
        for doubt in effective.config.doubts() {
            tracing::warn!("{doubt}");
        }
        let Bound {
            web,
            web_tls,
            sip,
            sip_tls,
            ops,
        } = &self.bound;
        let scheme = if web.is_some() { "http" } else { "https" };
        let site = web
            .or(*web_tls)
            .map(|address| format!("{scheme}://{address}"))
            .unwrap_or_default();
        println!("Tandem {}", env!("CARGO_PKG_VERSION"));
        match &effective.file {
            Some(file) => println!("  configuration  {}", file.display()),
            None => println!(
                "  development mode: loopback only, everything under {}",
                effective.config.store.path.display()
            ),
        }
        println!("  demo shop      {site}/demo/");
        println!("  console        {site}/console/");
        println!("  API            {site}/api/openapi.json");
        let queue = first_queue(&effective.config);
        for at in *sip {
            println!("  SIP            sip:{queue}@{at} (UDP and TCP)");
        }
        for at in sip_tls.iter().copied().flatten() {
            println!("  SIP over TLS   sips:{queue}@{at}");
        }
        println!("  metrics        http://{ops}/metrics");
        if let Some(passwords) = passwords {
            println!(
                "  agents         (also in {})",
                effective.config.store.path.join("passwords").display()
            );
            for (agent, password) in &passwords.0 {
                println!("    {agent:<12} {password}");
            }
        }
        println!("ready");
    }
}

fn first_queue(config: &Config) -> String {
    config
        .queue
        .keys()
        .next()
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn world(app: &Arc<App>, commands: mpsc::Sender<SipCommand>, media: Media) -> World {
    let (ask, questions) = mpsc::channel(lookup::QUESTIONS);
    tokio::spawn(lookup::run(app.clone(), questions));
    World::new(app.sockets.clone(), commands, media, ask)
}

fn listen(
    listener: Listener,
    app: &Arc<App>,
    router: &axum::Router,
    left: &watch::Receiver<bool>,
) -> JoinHandle<()> {
    tokio::spawn(listener.run(app.clone(), router.clone(), left.clone()))
}

fn certificate(config: &Config) -> anyhow::Result<Option<Arc<Certificate>>> {
    match (&config.web.certificate.0, &config.web.key_file.0) {
        (Some(chain), Some(key)) => {
            let (first, further) = (doors::files((chain, key))?, doors::further(config)?);
            Certificate::open(&first, &further).map(Some)
        }
        (None, Some(_)) | (Some(_), None) | (None, None) => Ok(None),
    }
}

fn ledger(config: &Config) -> anyhow::Result<Ledger> {
    let last = reader::last(&store::open_to_read(&config.store.path)?)?;
    office::begin_all(&store::ledger::open(&config.store.path)?, config, last)?;
    Ledger::start(&config.store.path)
}

fn signed_out(config: &Config, clock: &Clock) -> anyhow::Result<Vec<(String, Timestamp)>> {
    let ledger = store::ledger::open(&config.store.path)?;
    store::ledger::sign_outs::all(&ledger, clock.now())
}

fn mint(config: &Config) -> anyhow::Result<Mint> {
    store::make_directory(&config.store.path)?;
    let (key, make) = super::token_key(config)?;
    Mint::open(&key, make)
}
