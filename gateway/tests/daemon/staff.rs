//! Agents put on record by the API.

use serde_json::{Value, json};

use crate::house::{House, soon};

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
