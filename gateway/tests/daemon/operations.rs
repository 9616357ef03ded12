//! Health, metrics, pages, leaving, and command lines that are wrong.

use std::process::Command;

use serde_json::json;
use ws::{
    agent::Presence,
    client::{Agent, Opening, Visitor},
    id::InteractionId,
};

use crate::{
    house::{House, soon},
    tab::Tab,
};

#[tokio::test]
async fn a_healthy_daemon_says_so_and_shows_its_metrics() {
    let house = House::open(&[]).await;
    let token = house.visitor().await;
    let mut tab = Tab::open(house.web, Visitor::new(token)).await;
    tab.until("a welcome", |visitor, _| visitor.is_live().then_some(()))
        .await;

    assert_eq!(house.look("/healthz").await.status, 200);
    assert_eq!(house.look("/readyz").await.status, 200);
    let metrics = house.look("/metrics").await.body;
    for wanted in [
        "tandem_sockets{side=\"visitor\"} 1",
        "tandem_agents{presence=\"gone\"} 3",
        "tandem_queue_waiting{queue=\"support\"} 0",
        "tandem_journal_well 1",
        "# TYPE tandem_journal_commit_seconds histogram",
    ] {
        assert!(metrics.contains(wanted), "{wanted} is not in:\n{metrics}");
    }
}

#[tokio::test]
async fn a_shared_page_makes_agents_ask_only_its_website_and_where_that_keeps_its_files() {
    let text = "[zone.shop]\nqueue = \"support\"\norigins = [\"https://shop.example\"]\n\
                [queue.support]\n[cobrowse]\nassets = [\"https://static.shop.example\"]\n";
    let house = House::with_file(text, &[("TANDEM_DEV__PASSWORD", "")]).await;

    let page = house.ask("GET", "/cobrowse/viewer/", &[], None).await;

    let head = page.head.to_lowercase();
    let from = "https://shop.example https://static.shop.example";
    for wanted in [
        format!("style-src 'self' 'unsafe-inline' {from};"),
        format!("img-src 'self' data: {from};"),
        format!("font-src 'self' data: {from};"),
    ] {
        assert!(head.contains(&wanted), "{wanted} in {head}");
    }
    assert!(
        !head.contains(" https:;") && !head.contains(" http: "),
        "{head}"
    );
}

#[tokio::test]
async fn pages_come_with_strict_policies_and_the_api_with_its_description() {
    let house = House::open(&[]).await;

    for path in ["/demo/", "/console/"] {
        let page = house.ask("GET", path, &[], None).await;
        let head = page.head.to_lowercase();
        assert_eq!(page.status, 200);
        assert!(
            head.contains("content-security-policy: default-src 'none'; script-src 'nonce-"),
            "{head}"
        );
        assert!(
            !head.contains("unsafe") && head.contains("nosniff"),
            "{head}"
        );
        assert!(!page.body.contains("__CSP_NONCE__"));
    }
    let described = house
        .ask("GET", "/api/openapi.json", &[], None)
        .await
        .json();
    let paths = described["paths"].as_object().unwrap();
    for path in [
        "/api/v1/visitors",
        "/api/v1/login",
        "/api/v1/interactions/{id}",
        "/api/v1/callbacks",
        "/api/v1/queues",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    assert_eq!(house.ask("GET", "/", &[], None).await.status, 307);
    assert_eq!(
        house.ask("GET", "/../Cargo.toml", &[], None).await.status,
        404
    );
    assert_eq!(house.ask("DELETE", "/demo/", &[], None).await.status, 405);
}

#[tokio::test]
async fn a_daemon_told_to_leave_closes_its_sockets_and_ends_well() {
    let mut house = House::open(&[]).await;
    let mut tab = Tab::open(house.web, Visitor::new(house.visitor().await)).await;
    tab.until("a welcome", |visitor, _| visitor.is_live().then_some(()))
        .await;

    house.signal("TERM").await;

    assert_eq!(tab.until_closed().await, Some(1001));
    assert!(house.ended().await);
}

/// A chat that an agent has taken.
pub async fn served(house: &House) -> (Tab<Visitor>, Tab<Agent>, InteractionId) {
    let mut agent = Tab::open(house.web, Agent::new(house.agent("anna").await)).await;
    agent
        .until("a desk", |agent, _| agent.desk().map(drop))
        .await;
    agent.machine.set_presence(Presence::Ready);
    let mut visitor = Tab::open(house.web, Visitor::new(house.visitor().await)).await;
    visitor
        .machine
        .open(opening(), "m1".parse().unwrap(), "Hello?".to_owned());
    visitor
        .until("an acknowledgement", |visitor, _| {
            (visitor.is_live() && visitor.unsent() == 0).then_some(())
        })
        .await;
    let interaction = agent
        .until("an offer", |agent, _| {
            Some(agent.desk()?.offers.first()?.interaction)
        })
        .await;
    agent.machine.accept(interaction);
    agent
        .until("the contact", |agent, _| {
            (!agent.desk()?.contacts.is_empty()).then_some(())
        })
        .await;
    (visitor, agent, interaction)
}

fn opening() -> Opening {
    Opening {
        zone: "shop".parse().unwrap(),
        name: None,
        mail: None,
        page: None,
        referrer: None,
        form: None,
    }
}

#[tokio::test]
async fn pain_22_a_leaving_daemon_refuses_new_work_and_finishes_what_runs() {
    let mut house = House::open(&[]).await;
    let (mut visitor, mut agent, interaction) = served(&house).await;

    house.signal("TERM").await;
    crate::house::soon("the refusal of readiness", async {
        while house.look("/readyz").await.status == 200 {}
    })
    .await;

    let refused = house
        .ask(
            "POST",
            "/api/v1/visitors",
            &[],
            Some(&json!({ "zone": "shop" })),
        )
        .await;
    assert_eq!(refused.status, 503);
    assert!(
        refused.head.to_lowercase().contains("retry-after: "),
        "{refused:?}"
    );
    visitor
        .machine
        .write("m2".parse().unwrap(), "Still there?".to_owned());
    visitor
        .until("an acknowledgement while leaving", |visitor, _| {
            (visitor.unsent() == 0).then_some(())
        })
        .await;
    agent.machine.end(interaction);
    assert_eq!(agent.until_closed().await, Some(1001));
    assert_eq!(visitor.until_closed().await, Some(1001));
    assert!(house.ended().await);
}

#[tokio::test]
async fn a_second_sigterm_ends_the_daemon_at_once() {
    let mut house = House::open(&[("TANDEM_DRAIN__PATIENCE", "7d")]).await;
    let _chat = served(&house).await;

    house.signal("TERM").await;
    crate::house::soon("the refusal of readiness", async {
        while house.look("/readyz").await.status == 200 {}
    })
    .await;
    house.signal("TERM").await;

    assert!(house.ended().await);
}

#[tokio::test]
async fn a_reload_takes_up_values_and_drops_no_socket() {
    let house = House::open(&[]).await;
    let mut tab = Tab::open(house.web, Visitor::new(house.visitor().await)).await;
    tab.until("a welcome", |visitor, _| visitor.is_live().then_some(()))
        .await;

    house.signal("HUP").await;

    tab.machine
        .open(opening(), "m1".parse().unwrap(), "Hello?".to_owned());
    tab.until("an acknowledgement", |visitor, _| {
        (visitor.unsent() == 0 && visitor.interaction().is_some()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_waits_in_a_queue_that_a_reload_takes_out_stays_in_sight() {
    let file = |queue: &str| {
        format!(
            "[queue.support]\n[queue.{queue}]\n[zone.shop]\nqueue = \"{queue}\"\n[store]\npath = \"data\"\n"
        )
    };
    let settings = [("TANDEM_DEV__PASSWORD", "")];
    let mut house = House::with_file(&file("tents"), &settings).await;
    let mut arguments = vec!["token", "api", "test", "--config", "tandem.toml"];
    for scope in ["write:interactions", "read:queues"] {
        arguments.extend(["--scope", scope]);
    }
    let key = house.run(&arguments).await;
    let opening = json!({ "zone": "shop", "text": "my boots" });
    let path = "/api/v1/interactions";
    let opened = house.call("POST", path, &key, &[], Some(&opening)).await;
    let id = opened.json()["interaction"].as_str().unwrap().to_owned();
    let known = async |house: &House, queue: &str| {
        let told = house.read("/api/v1/queues", &key).await.json();
        let mut queues = told["queues"].as_array().unwrap().iter();
        let found = queues.find(|it| it["queue"] == queue);
        found.map(|it| (it["configured"].clone(), it["waiting"].clone()))
    };
    assert_eq!(known(&house, "tents").await, Some((json!(true), json!(1))));

    std::fs::write(house.file("tandem.toml"), file("upstairs")).unwrap();
    house.signal("HUP").await;
    crate::house::soon("the reload", async {
        while known(&house, "upstairs").await.is_none() {}
    })
    .await;

    assert_eq!(known(&house, "tents").await, Some((json!(false), json!(1))));
    let warned = [
        "WARN",
        "does not name this queue",
        "queue=tents waiting=1 promised=0",
    ];
    house.until_said(1, &warned).await;
    let one = house.read("/api/v1/queues/tents", &key).await;
    assert_eq!(one.status, 200, "{one:?}");
    let route = house.read(&format!("{path}/{id}/route"), &key).await.json();
    assert_eq!(route["queue_unknown"], true, "{route}");
    let metrics = house.look("/metrics").await.body;
    let line = "tandem_queue_waiting{queue=\"tents\"} 1";
    assert!(metrics.contains(line), "{metrics}");
    house.crash().await;
    house.restart().await;
    assert_eq!(known(&house, "tents").await, Some((json!(false), json!(1))));
    house.until_said(2, &warned).await;
    let end = format!("{path}/{id}/end");
    assert_eq!(house.call("POST", &end, &key, &[], None).await.status, 204);
    assert_eq!(known(&house, "tents").await, None);
}

#[tokio::test]
async fn a_queue_that_a_reload_takes_out_is_listed_while_calls_are_promised_there() {
    let file = |queue: &str| {
        format!(
            "[queue.upstairs]\n[queue.{queue}]\n[trunk.carrier]\ntarget = \"127.0.0.1:9\"\n[outbound]\ntrunk = \"carrier\"\n[store]\npath = \"data\"\n"
        )
    };
    let house = House::with_file(&file("support"), &[("TANDEM_DEV__PASSWORD", "")]).await;
    let mut arguments = vec!["token", "api", "test", "--config", "tandem.toml"];
    for scope in ["write:callbacks", "read:queues"] {
        arguments.extend(["--scope", scope]);
    }
    let key = house.run(&arguments).await;
    let hour = std::time::SystemTime::now() + std::time::Duration::from_secs(3_600);
    let since = hour.duration_since(std::time::UNIX_EPOCH).unwrap();
    let wish = json!({ "queue": "support", "number": "+4930123456", "at": u64::try_from(since.as_millis()).unwrap() });
    let path = "/api/v1/callbacks";
    let promised = house.call("POST", path, &key, &[], Some(&wish)).await;
    assert_eq!(promised.status, 201, "{promised:?}");
    let callback = promised.json()["callback"].as_str().unwrap().to_owned();
    let known = async |queue: &str| {
        let told = house.read("/api/v1/queues", &key).await.json();
        let mut queues = told["queues"].as_array().unwrap().iter();
        let found = queues.find(|it| it["queue"] == queue).cloned();
        found.map(|it| [&it["configured"], &it["waiting"], &it["promised"]].map(Clone::clone))
    };
    let open = json!(1);
    assert_eq!(
        known("support").await,
        Some([json!(true), json!(0), open.clone()])
    );

    std::fs::write(house.file("tandem.toml"), file("other")).unwrap();
    house.signal("HUP").await;
    soon("the reload", async {
        while known("other").await.is_none() {}
    })
    .await;

    assert_eq!(known("support").await, Some([json!(false), json!(0), open]));
    let series = "tandem_queue_promises{queue=\"support\"}";
    assert!((value(&house, series).await - 1.0).abs() < f64::EPSILON);
    let cancel = format!("{path}/{callback}");
    let cancelled = house.call("DELETE", &cancel, &key, &[], None).await;
    assert_eq!(cancelled.status, 204, "{cancelled:?}");
    assert_eq!(known("support").await, None);
    assert!(value(&house, series).await.abs() < f64::EPSILON);
}

#[test]
fn wrong_command_lines_and_configurations_exit_with_64_and_a_sentence() {
    let file = std::env::temp_dir().join(format!("tandem-wrong-{}.toml", std::process::id()));
    std::fs::write(&file, "[queue.support]\npriority = 12\n").unwrap();
    let path = file.to_str().unwrap();
    for (arguments, word) in [
        (vec!["dance"], "dance"),
        (
            vec!["check", "--config", path],
            ":2: queue.support.priority: 12 must be from 0 to 9",
        ),
        (
            vec!["serve", "--config", "/nowhere/tandem.toml"],
            "/nowhere/tandem.toml",
        ),
        (
            vec!["interaction", "show", "12"],
            "32 lowercase hexadecimal",
        ),
        (
            vec!["agent", "add", "anna", "--skill", "billing"],
            "billing=5",
        ),
    ] {
        let ended = Command::new(env!("CARGO_BIN_EXE_tandem"))
            .args(&arguments)
            .output()
            .unwrap();

        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(64), "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
    std::fs::remove_file(file).unwrap();
    let version = Command::new(env!("CARGO_BIN_EXE_tandem"))
        .arg("--version")
        .output()
        .unwrap();
    assert!(version.status.success());
}

#[tokio::test]
async fn by_a_clock_weeks_after_the_newest_fact_nothing_starts_and_nothing_is_lost() {
    let file = "[queue.support]\n[trunk.carrier]\ntarget = \"127.0.0.1:9\"\n[outbound]\ntrunk = \"carrier\"\n[store]\npath = \"data\"\n";
    let settings = [("TANDEM_DEV__PASSWORD", "")];
    let mut house = House::with_file(file, &settings).await;
    let mut arguments = vec!["token", "api", "test", "--config", "tandem.toml"];
    for scope in ["write:callbacks", "read:queues"] {
        arguments.extend(["--scope", scope]);
    }
    let key = house.run(&arguments).await;
    let wish = json!({ "queue": "support", "number": "+4930123456" });
    let path = "/api/v1/callbacks";
    let promised = house.call("POST", path, &key, &[], Some(&wish)).await;
    assert_eq!(promised.status, 201, "{promised:?}");
    house.crash().await;
    let journal = rusqlite::Connection::open(house.file("data/journal.db")).unwrap();
    let tables = rusqlite::Connection::open(house.file("data/tandem.db")).unwrap();
    let rows = || -> i64 {
        let count = "SELECT count(*) FROM journal";
        journal.query_row(count, [], |row| row.get(0)).unwrap()
    };
    // As a clock finds it that is forty days ahead.
    let written = |days: i64| {
        let at = "UPDATE journal SET at = at + ?1";
        journal.execute(at, [days * 86_400_000]).unwrap();
        let alive = "UPDATE meta SET value = CAST(value AS INTEGER) + ?1 WHERE key = 'alive'";
        tables.execute(alive, [days * 86_400_000]).unwrap();
    };
    let before = rows();
    written(-40);

    let said = house.restart_in_vain().await;

    let told = "the machine's clock is 40 days after the newest time in the store";
    assert!(said.contains(told), "{said}");
    assert!(said.contains("--clock-is-right"), "{said}");
    assert_eq!(rows(), before, "nothing is written");
    // The clock is set.
    written(40);
    house.restart().await;
    let queues = house.read("/api/v1/queues", &key).await.json();
    let mut queues = queues["queues"].as_array().unwrap().iter();
    let support = queues.find(|queue| queue["queue"] == "support").unwrap();
    assert_eq!(support["promised"], 1, "{support}");
}

/// Returns the value of a series.
async fn value(house: &House, series: &str) -> f64 {
    let metrics = house.look("/metrics").await.body;
    let of = |line: &str| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok();
    let found = metrics.lines().find_map(of);
    found.unwrap_or_else(|| panic!("{series} is not in:\n{metrics}"))
}

#[tokio::test]
async fn pain_2_when_routing_last_ran_is_told_and_it_runs_though_nothing_happens() {
    let house = House::open(&[]).await;

    let mut age = value(&house, "tandem_routing_age_seconds").await;

    // Who looks does not make it run.
    soon("another run", async {
        loop {
            let next = value(&house, "tandem_routing_age_seconds").await;
            if next < age {
                return;
            }
            age = next;
        }
    })
    .await;
}

#[tokio::test]
async fn pain_2_systemd_hears_again_and_again_that_the_loop_answers() {
    let place = std::env::temp_dir().join(format!("tandem-notify-{}", std::process::id()));
    let systemd = tokio::net::UnixDatagram::bind(&place).unwrap();
    let settings = [
        ("NOTIFY_SOCKET", place.to_str().unwrap()),
        ("WATCHDOG_USEC", "200000"),
    ];
    let _house = House::open(&settings).await;

    let mut heard = Vec::new();
    let mut buffer = [0; 256];
    while heard.iter().filter(|said| *said == "WATCHDOG=1").count() < 3 {
        let length = soon("a word to systemd", systemd.recv(&mut buffer)).await;
        let said = String::from_utf8_lossy(&buffer[..length.unwrap()]);
        heard.extend(said.lines().map(str::to_owned));
    }

    assert_eq!(heard[0], "READY=1");
    std::fs::remove_file(&place).unwrap();
}

#[tokio::test]
async fn pain_3_each_offer_is_counted_with_how_long_it_took() {
    let house = House::open(&[]).await;
    let none = value(&house, "tandem_offers_total{channel=\"chat\"}").await;
    assert!(none.abs() < f64::EPSILON);

    let _served = served(&house).await;

    let count = value(&house, "tandem_offer_latency_seconds_count").await;
    let within = "tandem_offer_latency_seconds_bucket{le=\"+Inf\"}";
    assert_eq!((count, value(&house, within).await), (1.0, 1.0));
    assert!(value(&house, "tandem_offer_latency_seconds_sum").await > 0.0);
}

#[tokio::test]
async fn a_command_that_can_find_nothing_says_why() {
    let house = House::open(&[]).await;
    let token = |name: &'static str, agent: &'static str| {
        [
            "token",
            "api",
            name,
            "--scope",
            "act:agent",
            "--agent",
            agent,
        ]
    };
    let list = ["interaction", "list"];

    house.run(&token("bot", "anna")).await;
    for (arguments, right) in [
        (token("bot", "nobody").as_slice(), "tandem agent list"),
        (token("", "anna").as_slice(), "1 to 100 characters"),
        (&[list[0], list[1], "--queue", "nix"], "no queue \"nix\""),
        (
            &[
                list[0],
                list[1],
                "--from",
                "2026-11-02",
                "--to",
                "2026-11-01",
            ],
            "--from must be before --to",
        ),
        (&["customer", "show", "abc"], "an id is 32"),
    ] {
        let told = house.run_in_vain(arguments).await;
        assert!(told.contains(right), "{arguments:?}: {told}");
    }
    house.run(&[list[0], list[1], "--queue", "support"]).await;
}
