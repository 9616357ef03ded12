//! Agents put on record by the API.

use serde_json::{Value, json};
use ws::{agent::Presence, client::Agent};

use crate::{
    house::{House, soon},
    operations::served,
    tab::Tab,
};

const AS_AGENT: [&str; 8] = [
    "read:records",
    "read:customers",
    "write:customers",
    "read:callbacks",
    "write:callbacks",
    "read:queues",
    "read:agents",
    "act:agent",
];

async fn hire(house: &House, key: &str, body: Value) -> crate::house::Answer {
    house
        .call("POST", "/api/v1/agents", key, &[], Some(&body))
        .await
}

#[tokio::test]
async fn who_is_hired_signs_in_and_is_seen_without_a_restart() {
    let house = House::open(&[("TANDEM_WEB__REQUESTS_PER_SECOND", "100000")]).await;
    let key = house
        .token(&[&AS_AGENT[..], &["admin:agents"]].concat())
        .await;
    let wish = json!({ "agent": "carla", "name": "Carla", "password": "a long password", "queues": ["support"] });

    let hired = hire(&house, &key, wish.clone()).await;
    assert_eq!(hired.status, 201, "{hired:?}");
    assert_eq!(hire(&house, &key, wish).await.status, 409);
    let login = json!({ "agent": "carla", "password": "a long password" });
    let signed = house.ask("POST", "/api/v1/login", &[], Some(&login)).await;
    assert_eq!(signed.status, 200, "{signed:?}");
    soon("the house's knowledge of her", async {
        while house.read("/api/v1/agents/carla", &key).await.status != 200 {
            tokio::task::yield_now().await;
        }
    })
    .await;

    let password = json!({ "password": "another password" });
    let path = "/api/v1/agents/carla/password";
    let changed = house.call("PUT", path, &key, &[], Some(&password)).await;
    assert_eq!(changed.status, 204, "{changed:?}");
    let old = house.ask("POST", "/api/v1/login", &[], Some(&login)).await;
    assert_eq!(old.status, 401, "{old:?}");
}

#[tokio::test]
async fn nobody_makes_themselves_somebody_who_may_do_more() {
    let house = House::open(&[]).await;
    let key = house
        .token(&[&AS_AGENT[..], &["admin:agents"]].concat())
        .await;
    let boss = json!({ "agent": "boss", "password": "a long password", "supervisor": true });

    let refused = hire(&house, &key, boss).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    let password = json!({ "password": "a long password" });
    let path = "/api/v1/agents/sam/password";
    let refused = house.call("PUT", path, &key, &[], Some(&password)).await;
    assert_eq!(refused.status, 403, "{refused:?}");

    for (wish, status) in [
        (json!({ "agent": "a", "password": "short" }), 422),
        (
            json!({ "agent": "two words", "password": "a long password" }),
            400,
        ),
        (
            json!({ "agent": "a", "password": "a long password", "queues": ["x"] }),
            422,
        ),
        (
            json!({ "agent": "a", "password": "a long password", "queues": ["support", "support"] }),
            422,
        ),
        (
            json!({ "agent": "a", "password": "a long password", "chat_slots": 7 }),
            422,
        ),
        (
            json!({ "agent": "a", "password": "a long password", "skills": { "x": 11 } }),
            422,
        ),
    ] {
        let answer = hire(&house, &key, wish.clone()).await;
        assert_eq!(answer.status, status, "{wish}: {answer:?}");
    }
    let nobody = "/api/v1/agents/nobody/password";
    let nobody = house.call("PUT", nobody, &key, &[], Some(&password)).await;
    assert_eq!(nobody.status, 404, "{nobody:?}");
}

#[tokio::test]
async fn who_is_taken_off_the_record_is_signed_out_and_their_chat_waits_again() {
    let house = House::open(&[("TANDEM_WEB__REQUESTS_PER_SECOND", "100000")]).await;
    let key = house
        .token(&[&AS_AGENT[..], &["admin:agents"]].concat())
        .await;
    let (_visitor, mut console, interaction) = served(&house).await;
    let anna = house.agent("anna").await;
    let path = "/api/v1/agents/anna";
    assert_eq!(house.read("/api/v1/agents", &anna).await.status, 200);

    let removed = house.call("DELETE", path, &key, &[], None).await;
    assert_eq!(removed.status, 204, "{removed:?}");

    assert_eq!(console.until_closed().await, Some(4003));
    soon("the refusal of her credential", async {
        while house.read("/api/v1/agents", &anna).await.status != 401 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let route = format!("/api/v1/interactions/{interaction}/route");
    let place = soon("the chat to wait", async {
        loop {
            let told = house.read(&route, &key).await;
            if told.status == 200 {
                return told.json()["position"].clone();
            }
        }
    })
    .await;
    assert_eq!(place, json!(1));
    let again = house.call("DELETE", path, &key, &[], None).await;
    assert_eq!(again.status, 404, "{again:?}");
    let none = house.run_in_vain(&["agent", "remove", "anna"]).await;
    assert!(none.contains("there is no agent \"anna\""), "{none}");
}

#[tokio::test]
async fn who_is_hired_or_taken_off_is_so_also_while_a_reload_is_refused() {
    let text = "[queue.support]\n[store]\npath = \"data\"\n";
    let settings = [
        ("TANDEM_DEV__PASSWORD", ""),
        ("TANDEM_WEB__REQUESTS_PER_SECOND", "100000"),
    ];
    let house = House::with_file(text, &settings).await;
    let mut arguments = vec!["token", "api", "test", "--config", "tandem.toml"];
    for scope in AS_AGENT.iter().chain(&["admin:agents"]) {
        arguments.extend(["--scope", scope]);
    }
    let key = house.run(&arguments).await;
    let asked = |agent: &str| json!({ "agent": agent, "password": "a long password" });
    let hired = hire(&house, &key, asked("anna")).await;
    assert_eq!(hired.status, 201, "{hired:?}");
    let wish = asked("anna");
    let login = house.ask("POST", "/api/v1/login", &[], Some(&wish));
    let anna = login.await.json()["token"].as_str().unwrap().to_owned();
    let is = async |path: &str, token: &str, status: u16| {
        soon(&format!("{status} of {path}"), async {
            while house.read(path, token).await.status != status {
                tokio::task::yield_now().await;
            }
        })
        .await;
    };
    is("/api/v1/agents", &anna, 200).await;
    is("/api/v1/agents/anna", &key, 200).await;
    std::fs::write(house.file("tandem.toml"), "[queue.support").unwrap();
    house.signal("HUP").await;
    house
        .until_said(1, &["the configuration stays as it was"])
        .await;

    let hired = hire(&house, &key, asked("carla")).await;
    assert_eq!(hired.status, 201, "{hired:?}");
    is("/api/v1/agents/carla", &key, 200).await;
    let path = "/api/v1/agents/anna";
    let removed = house.call("DELETE", path, &key, &[], None).await;
    assert_eq!(removed.status, 204, "{removed:?}");
    is("/api/v1/agents", &anna, 401).await;
}

#[tokio::test]
async fn nobody_is_hired_by_a_name_that_calls_go_elsewhere_by_or_by_none() {
    let house = House::open(&[]).await;
    let key = house
        .token(&[&AS_AGENT[..], &["admin:agents"]].concat())
        .await;
    let wish = |agent: &str, name: &str| json!({ "agent": agent, "name": name, "password": "a long password" });

    let taken = hire(&house, &key, wish("support", "Sue")).await;
    assert_eq!(taken.status, 409, "{taken:?}");
    assert!(
        taken.body.contains("sip:support go to the queue"),
        "{taken:?}"
    );
    let blank = hire(&house, &key, wish("sue", "  ")).await;
    assert_eq!(blank.status, 422, "{blank:?}");
    let same = house.run_in_vain(&["agent", "add", "support"]).await;
    assert!(same.contains("choose another name"), "{same}");
}

async fn until_refused(house: &House, token: &str) {
    soon("the refusal of a credential", async {
        while house.read("/api/v1/me", token).await.status != 401 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

async fn console(house: &House, token: &str) -> Tab<Agent> {
    let mut console = Tab::open(house.web, Agent::new(token.to_owned())).await;
    console
        .until("a desk", |agent, _| agent.desk().map(drop))
        .await;
    console
}

#[tokio::test]
async fn another_password_signs_its_agent_out_everywhere_also_after_a_restart() {
    let mut house = House::open(&[]).await;
    // No start of a daemon in development mode gives her back the password of before.
    house
        .pipe(&["agent", "add", "cora"], "a very long password")
        .await;
    house.signal("HUP").await;
    let first = json!({ "agent": "cora", "password": "a very long password" });
    let first = house.ask("POST", "/api/v1/login", &[], Some(&first)).await;
    let old = first.json()["token"].as_str().unwrap().to_owned();
    soon("an agent known to the hub", async {
        while house.read("/api/v1/agents/cora", &old).await.status != 200 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let ben = house.agent("ben").await;
    let mut at_desk = console(&house, &old).await;
    let mut other = console(&house, &ben).await;

    house
        .pipe(&["agent", "passwd", "cora"], "another long password")
        .await;
    house.signal("HUP").await;

    assert_eq!(at_desk.until_closed().await, Some(4003));
    let said = &at_desk.close.as_ref().unwrap().reason;
    assert_eq!(said.as_str(), "the credential is not valid; get a new one");
    until_refused(&house, &old).await;
    assert_eq!(house.read("/api/v1/me", &ben).await.status, 200);
    other.machine.set_presence(Presence::Ready);
    other
        .until("presence", |agent, _| {
            (agent.desk()?.presence == Presence::Ready).then_some(())
        })
        .await;
    let again = json!({ "agent": "cora", "password": "another long password" });
    let again = house.ask("POST", "/api/v1/login", &[], Some(&again)).await;
    let new = again.json()["token"].as_str().unwrap().to_owned();
    drop(console(&house, &new).await);

    house.crash().await;
    house.restart().await;

    let refused = house.read("/api/v1/me", &old).await;
    assert_eq!(refused.status, 401, "{refused:?}");
    assert!(refused.body.contains("sign in again"), "{refused:?}");
    assert_eq!(house.read("/api/v1/me", &new).await.status, 200);
}

#[tokio::test]
async fn a_credential_by_a_password_that_nothing_reloaded_opens_a_console_as_it_answers_a_request()
{
    let house = House::open(&[]).await;
    house
        .pipe(&["agent", "add", "cora"], "a very long password")
        .await;
    house.signal("HUP").await;
    let before = house.run(&["token", "agent", "cora"]).await;
    soon("an agent known to the hub", async {
        while house.read("/api/v1/agents/cora", &before).await.status != 200 {
            tokio::task::yield_now().await;
        }
    })
    .await;

    house
        .pipe(&["agent", "passwd", "cora"], "another long password")
        .await;
    let after = house.run(&["token", "agent", "cora"]).await;

    let mut at_desk = console(&house, &before).await;
    drop(console(&house, &after).await);
    // What the new one showed holds for the old one too.
    assert_eq!(at_desk.until_closed().await, Some(4003));
    assert_eq!(house.read("/api/v1/me", &before).await.status, 401);
    assert_eq!(house.read("/api/v1/me", &after).await.status, 200);
}

#[tokio::test]
async fn a_sign_in_that_is_given_back_is_over_at_once_and_after_a_restart_and_others_stay() {
    let mut house = House::open(&[]).await;
    let (gone, stays) = (house.agent("anna").await, house.agent("anna").await);
    let renewed = house
        .call("POST", "/api/v1/login/renew", &gone, &[], None)
        .await;
    assert_eq!(renewed.status, 200, "{renewed:?}");
    let renewed = renewed.json()["token"].as_str().unwrap().to_owned();
    let mut by_it = console(&house, &renewed).await;
    let _by_other = console(&house, &stays).await;

    let out = house
        .call("DELETE", "/api/v1/login", &gone, &[], None)
        .await;
    assert_eq!(out.status, 204, "{out:?}");

    assert_eq!(by_it.until_closed().await, Some(4003));
    for token in [&gone, &renewed] {
        assert_eq!(house.read("/api/v1/me", token).await.status, 401);
    }
    house.crash().await;
    house.restart().await;
    for token in [&gone, &renewed] {
        assert_eq!(house.read("/api/v1/me", token).await.status, 401);
    }
    assert_eq!(house.read("/api/v1/me", &stays).await.status, 200);
    let key = house.token(&["read:records"]).await;
    let none = house.call("DELETE", "/api/v1/login", &key, &[], None).await;
    assert_eq!(none.status, 403, "{none:?}");
}

#[tokio::test]
async fn a_console_is_closed_when_its_credential_ends_and_a_renewed_one_goes_on_for_as_long_as_sign_ins_last()
 {
    let house = House::open(&[
        ("TANDEM_WEB__AGENT_TOKEN", "3s"),
        ("TANDEM_WEB__SIGN_IN", "5s"),
        ("TANDEM_WEB__REQUESTS_PER_SECOND", "100000"),
    ])
    .await;
    let login = json!({ "agent": "anna", "password": "correct horse battery" });
    let desk = house.ask("POST", "/api/v1/login", &[], Some(&login)).await;
    let desk = desk.json();
    let at = |desk: &Value, what: &str| desk[what].as_u64();
    assert!(at(&desk, "renew_at") < at(&desk, "expires_at"), "{desk}");
    let first = desk["token"].as_str().unwrap().to_owned();
    let mut closes = console(&house, &first).await;

    assert_eq!(closes.until_closed().await, Some(4003));
    assert_eq!(house.read("/api/v1/me", &first).await.status, 401);

    // The last one ends with the sign-in and is renewed by none.
    let first = house.agent("anna").await;
    let mut last = None;
    soon("the end of a sign-in", async {
        let mut token = first;
        loop {
            let renewed = house
                .call("POST", "/api/v1/login/renew", &token, &[], None)
                .await;
            if renewed.status == 401 {
                break;
            }
            let desk = renewed.json();
            token = desk["token"].as_str().unwrap().to_owned();
            last = Some(desk);
        }
    })
    .await;
    assert_eq!(last.unwrap()["renew_at"], Value::Null);
}
