//! Webhooks against a receiver that takes, fails, is silent, or is gone.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    house::{Answer, House, soon},
    receiver::{Post, Receiver, SECRET, TAKEN},
};

/// Who waits for something asks as often as the daemon answers.
const FAST: (&str, &str) = ("TANDEM_WEB__REQUESTS_PER_SECOND", "100000");
const EVENTS: &str = "[\"callback.*\", \"customer.*\"]";

/// A daemon that posts to `receiver`, and a token that may do everything.
async fn house(receiver: &Receiver, more: &[(&str, &str)]) -> (House, String) {
    let url = receiver.url();
    let mut settings = vec![
        ("TANDEM_WEBHOOK_CRM__URL", url.as_str()),
        ("TANDEM_WEBHOOK_CRM__SECRET", SECRET),
        ("TANDEM_WEBHOOK_CRM__EVENTS", EVENTS),
        ("TANDEM_WEBHOOK_CRM__PRIVATE", "true"),
        FAST,
    ];
    settings.extend(more);
    let house = House::open(&settings).await;
    let token = token(&house).await;
    standing(&house, &token, |it| it["state"] == "well").await;
    (house, token)
}

async fn token(house: &House) -> String {
    let scopes = [
        "write:callbacks",
        "read:callbacks",
        "admin:webhooks",
        "admin:privacy",
    ];
    house.token(&scopes).await
}

/// Waits until the webhook stands as wanted.
async fn standing(house: &House, token: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    soon("the webhook to stand so", async {
        loop {
            let answer = house.read("/api/v1/webhooks/crm", token).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let found = answer.json();
            if wanted(&found) {
                return found;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

/// Promises a call for tomorrow; returns the callback and its interaction.
async fn promise(house: &House, token: &str, number: &str) -> (String, String) {
    let tomorrow = std::time::SystemTime::now() + std::time::Duration::from_secs(86_400);
    let at = tomorrow.duration_since(std::time::UNIX_EPOCH).unwrap();
    let wish = json!({ "number": number, "queue": "support", "at": at.as_millis() as u64 });
    let answer = house
        .call("POST", "/api/v1/callbacks", token, &[], Some(&wish))
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let made = answer.json();
    let text = |key: &str| made[key].as_str().unwrap().to_owned();
    (text("callback"), text("interaction"))
}

async fn cancel(house: &House, token: &str, callback: &str) {
    let path = format!("/api/v1/callbacks/{callback}");
    let answer = house.call("DELETE", &path, token, &[], None).await;
    assert!(answer.status < 300, "{answer:?}");
    let again = house.call("DELETE", &path, token, &[], None).await;
    assert_eq!(again.status, 409, "{again:?}");
    assert!(again.body.contains("over"), "{again:?}");
}

#[tokio::test]
async fn facts_are_posted_signed_and_in_order_though_one_fails_at_first() {
    let failures = AtomicU32::new(1);
    let mut receiver = Receiver::open(move |post: &Post| {
        let fails = post.kind() == "callback.promised" && post.text.contains("+4930111");
        if fails && failures.fetch_sub(1, Ordering::SeqCst) == 1 {
            return Some((500, ""));
        }
        TAKEN
    })
    .await;
    let (house, token) = house(&receiver, &[]).await;

    let (first, slow) = promise(&house, &token, "+4930111").await;
    receiver.next_of("callback.promised").await;
    cancel(&house, &token, &first).await;
    let (second, quick) = promise(&house, &token, "+4930222").await;
    cancel(&house, &token, &second).await;

    let mut of_slow = Vec::new();
    let mut of_quick = Vec::new();
    while of_slow.len() < 2 || of_quick.len() < 2 {
        let post = receiver.next().await;
        assert!(post.is_signed(SECRET), "{post:?}");
        let told = post.json();
        assert_eq!(told["id"], post.id());
        let Some(interaction) = told["interaction"].as_str().map(str::to_owned) else {
            continue;
        };
        let trace = &post.headers["traceparent"];
        assert!(trace.starts_with(&format!("00-{interaction}-")), "{trace}");
        if !post.kind().starts_with("callback.") {
            continue;
        }
        if interaction == slow {
            assert_eq!(of_quick.len(), 2, "the others do not wait");
            of_slow.push(post.kind());
        } else if interaction == quick {
            of_quick.push(post.kind());
        }
    }
    assert_eq!(of_slow, ["callback.promised", "callback.ended"]);
    assert_eq!(of_quick, ["callback.promised", "callback.ended"]);
    let stands = standing(&house, &token, |it| it["waiting"] == 0).await;
    assert_eq!(stands["error"], "it answered 500; 2xx would be right");
    assert!(!stands["url"].as_str().unwrap().contains("hidden"));
}

#[tokio::test]
async fn what_a_crash_cuts_off_is_posted_again_under_the_same_id() {
    static SILENT: AtomicBool = AtomicBool::new(true);
    let mut receiver = Receiver::open(|_| {
        if SILENT.load(Ordering::SeqCst) {
            None
        } else {
            TAKEN
        }
    })
    .await;
    let (mut house, token) = house(&receiver, &[]).await;
    promise(&house, &token, "+4930111").await;
    let cut = receiver.next().await;

    house.crash().await;
    SILENT.store(false, Ordering::SeqCst);
    house.restart().await;

    let again = receiver.next().await;
    assert_eq!((again.id(), &again.text), (cut.id(), &cut.text));
    receiver.next_of("callback.promised").await;
    let stands = standing(&house, &token, |it| it["behind"] == 0).await;
    assert_eq!(
        (&stands["dead"], &stands["waiting"]),
        (&json!(0), &json!(0))
    );
}

#[tokio::test]
async fn a_dead_letter_is_tried_again_without_what_was_erased_meanwhile() {
    static WELL: AtomicBool = AtomicBool::new(false);
    let mut receiver = Receiver::open(|_| {
        if WELL.load(Ordering::SeqCst) {
            TAKEN
        } else {
            Some((400, ""))
        }
    })
    .await;
    let (house, token) = house(&receiver, &[("TANDEM_WEBHOOK_CRM__GIVE_UP", "0s")]).await;
    let (callback, _) = promise(&house, &token, "+4930111").await;
    let known = receiver.next_of("customer.known").await;
    let customer = known.json()["data"]["customer"]
        .as_str()
        .unwrap()
        .to_owned();
    let promised = receiver.next_of("callback.promised").await;
    assert!(promised.text.contains("+4930111"));
    cancel(&house, &token, &callback).await;
    receiver.next_of("callback.ended").await;
    standing(&house, &token, |it| it["dead"].as_i64() >= Some(3)).await;

    let path = format!("/api/v1/customers/{customer}/erase");
    let reason = json!({ "reason": "asked for it" });
    let erased = house.call("POST", &path, &token, &[], Some(&reason)).await;
    assert!(erased.status < 300, "{erased:?}");
    receiver.next_of("customer.erased").await;
    soon("the erasure", async {
        let path = format!("/api/v1/customers/{customer}/export");
        while house.read(&path, &token).await.json()["customer"]["erased"]["finished_at"].is_null()
        {
        }
    })
    .await;
    standing(&house, &token, |it| it["dead"].as_i64() >= Some(4)).await;
    let listed = house.read("/api/v1/webhooks/crm/dead", &token).await;
    assert!(!listed.body.contains("4930111"), "{listed:?}");
    let count = listed.json()["letters"].as_array().unwrap().len();
    let one = "/api/v1/webhooks/crm/dead?limit=1";
    let first = house.read(one, &token).await;
    let (next, _) = first
        .header("link")
        .unwrap()
        .split_once(">; rel=\"next\"")
        .unwrap();
    let next = house.read(next.trim_start_matches('<'), &token).await;
    let letter = |page: &Answer, n: usize| page.json()["letters"][n]["letter"].clone();
    assert_eq!(letter(&next, 0), letter(&listed, 1));
    let place = format!("{one}&after={}", letter(&listed, 0));
    let named = house.read(&place, &token).await;
    assert_eq!(named.status, 400, "the house makes places: {named:?}");
    WELL.store(true, Ordering::SeqCst);
    let retried = house
        .call("POST", "/api/v1/webhooks/crm/dead/retry", &token, &[], None)
        .await;

    assert_eq!(retried.json()["retried"], count);
    let again = receiver.next_of("callback.promised").await;
    assert_eq!(again.id(), promised.id());
    assert!(!again.text.contains("4930111"), "{}", again.text);
    standing(&house, &token, |it| it["dead"] == 0 && it["waiting"] == 0).await;
}

#[tokio::test]
async fn the_command_line_lists_and_retries_what_a_running_daemon_gave_up() {
    static WELL: AtomicBool = AtomicBool::new(false);
    let mut receiver = Receiver::open(|_| {
        if WELL.load(Ordering::SeqCst) {
            TAKEN
        } else {
            Some((500, ""))
        }
    })
    .await;
    let (house, token) = house(&receiver, &[("TANDEM_WEBHOOK_CRM__GIVE_UP", "0s")]).await;
    promise(&house, &token, "+4930111").await;
    receiver.next_of("callback.promised").await;
    standing(&house, &token, |it| it["dead"].as_i64() >= Some(2)).await;
    WELL.store(true, Ordering::SeqCst);

    let url = receiver.url();
    let command = |arguments: &'static [&'static str]| {
        let settings = [
            ("TANDEM_WEBHOOK_CRM__URL", url.clone()),
            ("TANDEM_WEBHOOK_CRM__SECRET", SECRET.to_owned()),
            ("TANDEM_WEBHOOK_CRM__PRIVATE", "true".to_owned()),
        ];
        house.run_with(arguments, settings)
    };
    let listed = command(&["webhook", "list"]).await;
    assert!(
        listed.starts_with("crm  ") && listed.contains("dead "),
        "{listed}"
    );
    let dead = command(&["webhook", "dead", "crm"]).await;
    assert!(dead.contains("it answered 500"), "{dead}");
    let retried = command(&["webhook", "retry", "crm"]).await;

    assert!(retried.ends_with("to be tried again"), "{retried}");
    receiver.next_of("callback.promised").await;
    let pinged = command(&["webhook", "ping", "crm"]).await;
    assert!(pinged.starts_with("taken in"), "{pinged}");
    let ping = receiver.next_of("ping").await;
    assert!(ping.is_signed(SECRET));
    let metrics = house.look("/metrics").await.body;
    let wanted = "tandem_webhook_deliveries_total{webhook=\"crm\",result=\"refused\"}";
    assert!(metrics.contains(wanted), "{metrics}");
}

#[tokio::test]
async fn who_is_gone_is_left_alone_until_told_to_go_on() {
    static GONE: AtomicBool = AtomicBool::new(true);
    let mut receiver = Receiver::open(|_| {
        if GONE.load(Ordering::SeqCst) {
            Some((410, ""))
        } else {
            TAKEN
        }
    })
    .await;
    let (house, token) = house(&receiver, &[]).await;
    promise(&house, &token, "+4930111").await;
    let first = receiver.next().await;
    standing(&house, &token, |it| !it["gone_at"].is_null()).await;
    GONE.store(false, Ordering::SeqCst);

    let path = "/api/v1/webhooks/crm/resume";
    let resumed = house.call("POST", path, &token, &[], None).await;
    assert_eq!(resumed.status, 204, "{resumed:?}");

    let again = receiver.next().await;
    assert_eq!(again.id(), first.id());
    receiver.next_of("callback.promised").await;
    let twice = house.call("POST", path, &token, &[], None).await;
    assert_eq!(twice.status, 409, "{twice:?}");
}

#[tokio::test]
async fn what_happens_as_soon_as_a_daemon_with_a_new_webhook_is_ready_is_told() {
    let mut receiver = Receiver::open(|_| TAKEN).await;
    let url = receiver.url();
    let settings = [
        ("TANDEM_WEBHOOK_CRM__URL", url.as_str()),
        ("TANDEM_WEBHOOK_CRM__SECRET", SECRET),
        ("TANDEM_WEBHOOK_CRM__PRIVATE", "true"),
        FAST,
    ];
    let house = House::open(&settings).await;
    let token = token(&house).await;
    let (_, interaction) = promise(&house, &token, "+4930111").await;

    let told = receiver.next_of("callback.promised").await.json();
    assert_eq!(told["interaction"], interaction);
}

#[tokio::test]
async fn who_asked_to_be_left_alone_is_posted_to_at_once_when_told_to_go_on() {
    static FULL: AtomicBool = AtomicBool::new(true);
    let mut receiver = Receiver::open(|_| {
        if FULL.load(Ordering::SeqCst) {
            Some((429, "retry-after: 86400\r\n"))
        } else {
            TAKEN
        }
    })
    .await;
    let one = ("TANDEM_WEBHOOK_CRM__EVENTS", "[\"callback.promised\"]");
    let (house, token) = house(&receiver, &[one]).await;
    promise(&house, &token, "+4930111").await;
    let first = receiver.next().await;
    standing(&house, &token, |it| it["state"] == "resting").await;
    FULL.store(false, Ordering::SeqCst);

    let path = "/api/v1/webhooks/crm/resume";
    let resumed = house.call("POST", path, &token, &[], None).await;
    assert_eq!(resumed.status, 204, "{resumed:?}");

    let again = receiver.next().await;
    assert_eq!(again.id(), first.id());
    standing(&house, &token, |it| it["waiting"] == 0).await;
}

#[tokio::test]
async fn our_own_network_is_not_posted_to_unless_that_is_allowed() {
    let receiver = Receiver::open(|_| TAKEN).await;
    let url = format!("https://localhost:{}/", receiver.address.port());
    let settings = [
        ("TANDEM_WEBHOOK_CRM__URL", url.as_str()),
        ("TANDEM_WEBHOOK_CRM__SECRET", SECRET),
    ];
    let house = House::open(&settings).await;
    let token = token(&house).await;

    let path = "/api/v1/webhooks/crm/ping";
    let pong = house.call("POST", path, &token, &[], None).await.json();

    assert_eq!(pong["ok"], false);
    let error = pong["error"].as_str().unwrap();
    assert!(error.contains("private = true"), "{error}");
}

#[tokio::test]
async fn webhooks_begin_and_end_with_the_configuration() {
    static OVER: AtomicBool = AtomicBool::new(false);
    let mut old = Receiver::open(|_| {
        if OVER.load(Ordering::SeqCst) {
            Some((500, ""))
        } else {
            TAKEN
        }
    })
    .await;
    let mut new = Receiver::open(|_| TAKEN).await;
    let file = |receiver: &Receiver| {
        format!(
            "[queue.support]\n[store]\npath = \"data\"\n[outbound]\ntrunk = \"pbx\"\n[trunk.pbx]\ntarget = \"127.0.0.1:9\"\n[webhook.{}]\nurl = \"{}\"\nsecret = \"{SECRET}\"\nprivate = true\n",
            "crm",
            receiver.url()
        )
    };
    let house = House::with_file(&file(&old), &[("TANDEM_DEV__PASSWORD", ""), FAST]).await;
    let token = token_of(&house).await;
    standing(&house, &token, |it| it["state"] == "well").await;
    promise(&house, &token, "+4930111").await;
    old.next_of("callback.promised").await;
    OVER.store(true, Ordering::SeqCst);

    std::fs::write(house.file("tandem.toml"), file(&new)).unwrap();
    house.signal("HUP").await;
    let at = format!("http://{}/hook", new.address);
    standing(&house, &token, |it| it["url"] == at).await;
    let (_, second) = promise(&house, &token, "+4930222").await;

    let told = new.next_of("callback.promised").await.json();
    assert_eq!(told["interaction"], second);
}

async fn token_of(house: &House) -> String {
    let scopes = ["write:callbacks", "admin:webhooks"];
    let mut arguments = vec!["token", "api", "test", "--config", "tandem.toml"];
    for scope in scopes {
        arguments.extend(["--scope", scope]);
    }
    house.run(&arguments).await
}

#[tokio::test]
async fn a_receiver_that_hangs_while_it_is_pinged_holds_no_change_over_the_api() {
    let mut receiver = Receiver::open(|post| match post.kind().as_str() {
        "ping" => None,
        _ => TAKEN,
    })
    .await;
    let (house, token) = house(&receiver, &[]).await;
    let ping = house.call("POST", "/api/v1/webhooks/crm/ping", &token, &[], None);
    let changes = async {
        receiver.next_of("ping").await;
        let alone = [("if-match", "*")];
        let path = "/api/v1/webhooks/crm/resume";
        let conditional = house.call("POST", path, &token, &alone, None);
        let plain = house.call("POST", path, &token, &[], None);
        let both = futures_util::future::join(conditional, plain);
        tokio::time::timeout(Duration::from_secs(3), both).await
    };

    tokio::select! {
        pong = ping => panic!("the receiver never answers: {pong:?}"),
        answered = changes => {
            let (conditional, plain) = answered.expect("nothing waits for the receiver");
            assert_eq!((conditional.status, plain.status), (412, 409));
        }
    }
}
