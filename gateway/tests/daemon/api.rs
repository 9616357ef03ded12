//! The API as its own document describes it: every call of it is made, with and without what it asks for; and tokens,
//! idempotency keys, pages and ETags over real HTTP.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::house::{Answer, House, soon};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

const SCOPES: [&str; 15] = [
    "read:records",
    "read:recordings",
    "read:customers",
    "write:customers",
    "read:callbacks",
    "write:callbacks",
    "read:queues",
    "read:board",
    "read:agents",
    "write:interactions",
    "act:agent",
    "admin:agents",
    "admin:privacy",
    "admin:tokens",
    "admin:webhooks",
];

struct Operation {
    method: String,
    path: String,
    scopes: Option<Vec<String>>,
    answers: Vec<String>,
    /// By status, what its answers may have in their headers.
    headers: BTreeMap<String, Vec<String>>,
}

/// The headers of an answer that a client goes by.
const TOLD: [&str; 4] = ["etag", "link", "idempotency-replayed", "retry-after"];

async fn operations(house: &House) -> Vec<Operation> {
    let document = house
        .ask("GET", "/api/openapi.json", &[], None)
        .await
        .json();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
            let operation = &item[*method];
            let scopes = operation["security"][0]["bearer"].as_array();
            found.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                scopes: scopes.map(|list| {
                    let words = list.iter().map(|it| it.as_str().unwrap().to_owned());
                    words.collect()
                }),
                headers: headers(&document, operation),
                answers: operation["responses"]
                    .as_object()
                    .unwrap()
                    .keys()
                    .cloned()
                    .collect(),
            });
        }
    }
    assert!(found.len() > 10, "{}", found.len());
    found
}

async fn operation(house: &House, method: &str, path: &str) -> Operation {
    let all = operations(house).await.into_iter();
    let mut found = all.filter(|it| it.path == path && it.method == method);
    found.next().expect("the document has it")
}

fn headers(document: &Value, operation: &Value) -> BTreeMap<String, Vec<String>> {
    let responses = operation["responses"].as_object().unwrap().iter();
    let all = responses.map(|(status, response)| {
        let whole = match response["$ref"].as_str() {
            Some(place) => document.pointer(place.trim_start_matches('#')).unwrap(),
            None => response,
        };
        let names = whole["headers"].as_object().into_iter().flatten();
        let names = names.map(|(name, _)| name.to_ascii_lowercase());
        (status.clone(), names.collect())
    });
    all.collect()
}

impl Operation {
    // A path with names that are well formed and of nothing.
    fn somewhere(&self) -> String {
        let mut path = self.path.clone();
        while let (Some(open), Some(close)) = (path.find('{'), path.find('}')) {
            let name = &path[open + 1..close];
            let value = match name {
                "token" => "0123456789abcdef",
                "agent" => "anna",
                "zone" => "shop",
                "console" => "1",
                "name" | "endpoint" | "queue" | "customer_name" => "nothing",
                _ => "0123456789abcdef0123456789abcdef",
            };
            path.replace_range(open..=close, value);
        }
        path
    }

    fn is_described(&self, answer: &Answer) {
        assert!(
            self.answers.contains(&answer.status.to_string()),
            "{} {} answers {}, which the document does not have: {}",
            self.method,
            self.path,
            answer.status,
            answer.body
        );
        let told = &self.headers[&answer.status.to_string()];
        for name in TOLD.iter().filter(|name| answer.header(name).is_some()) {
            let known = told.iter().any(|one| one == name) || answer.status == 304;
            assert!(known, "{} {} tells {name}", self.method, self.path);
        }
        if answer.status >= 400 {
            is_problem(answer);
        }
    }
}

// The hub promises for the next 90 days only.
fn tomorrow() -> u64 {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    u64::try_from(now.as_millis()).unwrap() + 86_400_000
}

fn is_problem(answer: &Answer) {
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{answer:?}"
    );
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status, "{problem}");
    assert!(problem["detail"].is_string(), "{problem}");
}

#[tokio::test]
async fn every_call_of_the_document_answers_as_it_says_and_asks_for_its_scope() {
    let house = House::open(&[("TANDEM_WEB__REQUESTS_PER_SECOND", "100000")]).await;
    let all = SCOPES.map(str::to_owned);
    let words = |list: &[String]| {
        list.iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let key = house
        .token(&words(&all).split(' ').collect::<Vec<_>>())
        .await;

    for operation in operations(&house).await {
        let (method, path) = (operation.method.as_str(), operation.somewhere());
        let body = (method != "GET").then(|| json!({}));
        let call = house.call(method, &path, &key, &[], body.as_ref()).await;
        operation.is_described(&call);

        let Some(scopes) = &operation.scopes else {
            continue;
        };
        let stranger = house.ask(method, &path, &[], body.as_ref()).await;
        assert_eq!(stranger.status, 401, "{method} {path}");
        operation.is_described(&stranger);
        for scope in scopes {
            let others: Vec<_> = all.iter().filter(|it| it != &scope).cloned().collect();
            let short = house
                .token(&words(&others).split(' ').collect::<Vec<_>>())
                .await;
            let refused = house.call(method, &path, &short, &[], body.as_ref()).await;
            assert_eq!(refused.status, 403, "{method} {path}: {}", refused.body);
            assert!(refused.body.contains(scope), "{}", refused.body);
            operation.is_described(&refused);
        }
    }
}

// Fields of the body that the document describes with one type, each with something of another.
fn wrong_fields(document: &Value, operation: &Value) -> Vec<(String, Value)> {
    let mut schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    if let Some(name) = schema["$ref"].as_str() {
        schema = document
            .pointer(name.trim_start_matches('#'))
            .expect("the document has what it refers to");
    }
    let fields = schema["properties"].as_object().into_iter().flatten();
    let wrong = fields.filter_map(|(name, field)| {
        let types = match &field["type"] {
            Value::Array(types) => types.first()?.as_str()?,
            other => other.as_str()?,
        };
        let wrong = match types {
            "string" | "integer" | "number" | "boolean" => json!({ "no": [] }),
            _ => json!(7),
        };
        Some((name.clone(), wrong))
    });
    wrong.collect()
}

#[tokio::test]
async fn a_body_with_a_field_of_another_type_is_refused_by_the_fields_name() {
    let house = House::open(&[("TANDEM_WEB__REQUESTS_PER_SECOND", "100000")]).await;
    let document = house
        .ask("GET", "/api/openapi.json", &[], None)
        .await
        .json();
    let key = house.token(&SCOPES).await;
    let (mut seen, mut unnamed) = (0, Vec::new());

    for operation in operations(&house).await {
        let (method, path) = (operation.method.as_str(), operation.somewhere());
        let told = &document["paths"][&operation.path][method.to_lowercase()];
        for (field, wrong) in wrong_fields(&document, told) {
            let body = json!({ &field: wrong });
            let answer = house.call(method, &path, &key, &[], Some(&body)).await;

            let named = answer.status == 400 && answer.body.contains(&field);
            match named {
                true => is_problem(&answer),
                false => unnamed.push(format!("{method} {path} {body}: {}", answer.body)),
            }
            seen += 1;
        }
    }

    assert!(unnamed.is_empty(), "{unnamed:#?}");
    assert!(seen > 30, "{seen} fields");
}

#[tokio::test]
async fn a_method_a_path_and_a_query_that_do_not_exist_are_told_as_problems() {
    let house = House::open(&[]).await;
    let key = house.token(&["read:records", "read:callbacks"]).await;

    let method = house.call("PATCH", "/api/v1/queues", &key, &[], None).await;
    assert_eq!(method.status, 405);
    assert_eq!(method.header("allow"), Some("GET, HEAD"));
    is_problem(&method);

    let path = house.call("GET", "/api/v1/nothing", &key, &[], None).await;
    assert_eq!(path.status, 404);
    is_problem(&path);

    for query in [
        "?limit=no",
        "?limit=0",
        "?limit=201",
        "?other=1",
        "?after=x",
    ] {
        let path = format!("/api/v1/interactions{query}");
        let answer = house.call("GET", &path, &key, &[], None).await;
        assert!((400..423).contains(&answer.status), "{query}: {answer:?}");
        is_problem(&answer);
    }
}

#[tokio::test]
async fn a_token_is_good_until_it_is_revoked_and_gives_away_only_what_it_has() {
    let mut house = House::open(&[]).await;
    let key = house.token(&["admin:tokens", "read:queues"]).await;
    let wish = json!({ "name": "crm", "scopes": ["read:queues"], "days": 1 });

    let made = house
        .call("POST", "/api/v1/tokens", &key, &[], Some(&wish))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    let (crm, id) = (
        made["key"].as_str().unwrap(),
        made["token"].as_str().unwrap(),
    );
    let me = house.call("GET", "/api/v1/me", crm, &[], None).await.json();
    assert_eq!(me["scopes"], json!(["read:queues"]));
    assert_eq!(me["name"], "crm");

    let more = json!({ "name": "more", "scopes": ["read:records"] });
    let more = house
        .call("POST", "/api/v1/tokens", &key, &[], Some(&more))
        .await;
    assert_eq!(more.status, 403);
    assert!(more.body.contains("read:records"), "{}", more.body);

    // What is kept survives a power cut, and the command line sees and revokes what the API made.
    house.crash().await;
    house.restart().await;
    assert_eq!(house.read("/api/v1/queues", crm).await.status, 200);
    let listed = house.run(&["token", "list"]).await;
    assert!(listed.contains(id) && listed.contains("crm"), "{listed}");
    assert!(!listed.contains(crm), "a key is shown once");
    house.run(&["token", "revoke", id]).await;

    let refused = house.read("/api/v1/queues", crm).await;
    assert_eq!(refused.status, 401);
    assert!(refused.body.contains("revoked"), "{}", refused.body);
    assert_eq!(house.read("/api/v1/queues", &key).await.status, 200);
    let tokens = house.read("/api/v1/tokens", &key).await.json();
    let tokens = tokens["tokens"].as_array().unwrap();
    assert!(tokens.iter().all(|token| token["used_at"].is_u64()));
}

#[tokio::test]
async fn a_token_names_agents_who_exist_and_has_a_name_that_can_be_read() {
    let house = House::open(&[]).await;
    let key = house.token(&["admin:tokens", "act:agent"]).await;
    let make = async |wish: Value| {
        house
            .call("POST", "/api/v1/tokens", &key, &[], Some(&wish))
            .await
    };

    for (name, agents, sentence) in [
        (
            "crm",
            json!(["ben", "nobody"]),
            "there is no agent \\\"nobody\\\"",
        ),
        ("", json!([]), "a token's name has 1 to 100 characters"),
        ("  ", json!([]), "a token's name has 1 to 100 characters"),
        ("crm\u{1b}[2J", json!([]), "no control characters"),
        ("crm\nadmin", json!([]), "no control characters"),
    ] {
        let wish = json!({ "name": name, "scopes": ["act:agent"], "agents": agents });
        let refused = make(wish).await;
        assert_eq!(refused.status, 422, "{name:?}: {refused:?}");
        assert!(refused.body.contains(sentence), "{refused:?}");
    }
    let made = make(json!({ "name": "crm", "scopes": ["act:agent"], "agents": ["ben"] })).await;
    assert_eq!(made.status, 201, "{made:?}");
}

// What a crash leaves that comes between what a request does and the keeping of its answer.
fn forget_answers(house: &House) {
    let ledger = rusqlite::Connection::open(house.file("data/api.db")).unwrap();
    let forgotten = ledger.execute(
        "UPDATE answers SET status = NULL, headers = NULL, body = NULL",
        [],
    );
    assert!(forgotten.unwrap() > 0);
}

#[tokio::test]
async fn a_note_whose_answer_a_crash_cut_off_is_not_written_twice() {
    let mut house = House::open(&[]).await;
    let (shop, bot, id) = served(&house).await;
    let accept = format!("/api/v1/agents/ben/offers/{id}/accept");
    let accepted = act(&house, &bot, ("POST", &accept), json!({})).await;
    assert_eq!(accepted.status, 204, "{accepted:?}");
    let crm = house.token(&["write:customers", "read:customers"]).await;
    let matter = format!("/api/v1/interactions/{id}");
    let record = house.read(&matter, &shop).await.json();
    let customer = record["customer"]["customer"].as_str().unwrap().to_owned();
    let notes = [
        (
            &crm,
            format!("/api/v1/customers/{customer}/notes"),
            "likes tea",
        ),
        (
            &bot,
            format!("/api/v1/agents/ben/contacts/{id}/notes"),
            "wants a cup",
        ),
    ];
    let once = [("idempotency-key", "note 1")];
    let note = async |house: &House, n: usize, key: &(&str, &str)| {
        let (token, path, text) = &notes[n];
        let body = json!({ "text": text });
        let told = house.call("POST", path, token, &[*key], Some(&body)).await;
        assert_eq!(told.status, 204, "{told:?}");
    };
    for n in 0..notes.len() {
        note(&house, n, &once[0]).await;
    }

    house.crash().await;
    forget_answers(&house);
    house.restart().await;
    for n in 0..notes.len() {
        note(&house, n, &once[0]).await;
    }

    let said = async |house: &House, path: &str, token: &str, text: &str| {
        let told = house.read(path, token).await;
        told.body.matches(text).count()
    };
    let person = format!("/api/v1/customers/{customer}");
    assert_eq!(said(&house, &person, &crm, "likes tea").await, 1);
    assert_eq!(said(&house, &matter, &shop, "wants a cup").await, 1);
    // With a key of its own the same is said again.
    note(&house, 0, &("idempotency-key", "note 2")).await;
    assert_eq!(said(&house, &person, &crm, "likes tea").await, 2);
}

#[tokio::test]
async fn a_request_with_an_idempotency_key_happens_once_also_over_a_crash() {
    let mut house = House::open(&[]).await;
    let key = house.token(&["write:callbacks", "read:callbacks"]).await;
    let wish = json!({ "number": "+4930123456", "queue": "support", "at": tomorrow() });
    let once = [("idempotency-key", "order 17")];
    let promise = async |house: &House, wish: &Value| {
        house
            .call("POST", "/api/v1/callbacks", &key, &once, Some(wish))
            .await
    };

    let first = promise(&house, &wish).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(first.header("idempotency-replayed"), None);
    house.crash().await;
    house.restart().await;
    let again = promise(&house, &wish).await;

    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    operation(&house, "POST", "/api/v1/callbacks")
        .await
        .is_described(&again);
    let listed = house.read("/api/v1/callbacks", &key).await.json();
    assert_eq!(listed["callbacks"].as_array().unwrap().len(), 1);
    let other = json!({ "number": "+4930999999", "queue": "support" });
    let other = promise(&house, &other).await;
    assert_eq!(other.status, 422);
    is_problem(&other);

    // Another caller's keys are others.
    let stranger = house.token(&["write:callbacks"]).await;
    let wish = json!({ "number": "+4930555555", "queue": "support", "at": tomorrow() });
    let theirs = house
        .call("POST", "/api/v1/callbacks", &stranger, &once, Some(&wish))
        .await;
    assert_eq!(theirs.status, 201);
    assert_ne!(theirs.body, first.body);
}

#[tokio::test]
async fn a_page_tells_of_the_next_as_the_document_says() {
    let house = House::open(&[]).await;
    let key = house.token(&["write:callbacks", "read:callbacks"]).await;
    for number in ["+4930123456", "+4930123457"] {
        let wish = json!({ "number": number, "queue": "support", "at": tomorrow() });
        let made = house
            .call("POST", "/api/v1/callbacks", &key, &[], Some(&wish))
            .await;
        assert_eq!(made.status, 201, "{made:?}");
    }

    let page = house.read("/api/v1/callbacks?limit=1", &key).await;

    assert!(page.header("link").is_some(), "{page:?}");
    operation(&house, "GET", "/api/v1/callbacks")
        .await
        .is_described(&page);
}

#[tokio::test]
async fn the_key_of_a_new_token_lies_nowhere_in_clear_and_a_repeat_has_none() {
    let house = House::open(&[]).await;
    let key = house.token(&["admin:tokens"]).await;
    let wish = json!({ "name": "crm", "scopes": ["admin:tokens"] });
    let once = [("idempotency-key", "token 1")];
    let make = async || {
        house
            .call("POST", "/api/v1/tokens", &key, &once, Some(&wish))
            .await
    };

    let (first, again) = (make().await, make().await);

    assert_eq!((first.status, again.status), (201, 201), "{again:?}");
    let (repeated, mut told) = (again.json(), first.json());
    let secret = told["key"].take().as_str().unwrap().to_owned();
    told.as_object_mut().unwrap().remove("key");
    assert_eq!(repeated, told, "all but the key is told again");
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(house.read("/api/v1/tokens", &secret).await.status, 200);
    let listed = house.read("/api/v1/tokens", &key).await.json();
    assert_eq!(listed["tokens"].as_array().unwrap().len(), 2);
    for file in std::fs::read_dir(house.file("data")).unwrap() {
        let path = file.unwrap().path();
        let bytes = if path.is_file() {
            std::fs::read(&path).unwrap()
        } else {
            Vec::new()
        };
        let found = bytes
            .windows(secret.len())
            .any(|bytes| bytes == secret.as_bytes());
        assert!(!found, "the key is in {}", path.display());
    }
}

#[tokio::test]
async fn a_call_promised_in_an_interaction_takes_the_whole_wish() {
    let house = House::open(&[]).await;
    let key = house
        .token(&["write:interactions", "write:callbacks", "read:callbacks"])
        .await;
    let opening = json!({ "zone": "shop", "text": "Call me, please.", "name": "Ida" });
    let opened = house
        .call("POST", "/api/v1/interactions", &key, &[], Some(&opening))
        .await;
    assert_eq!(opened.status, 201, "{opened:?}");
    let interaction = opened.json()["interaction"].as_str().unwrap().to_owned();
    let at = tomorrow();
    let wish = json!({
        "number": "+4930123456", "at": at, "until": at + 3_600_000, "zone": "Europe/Berlin",
        "owner": "anna", "order": "agent_first",
    });

    let path = format!("/api/v1/interactions/{interaction}/callbacks");
    let promised = house.call("POST", &path, &key, &[], Some(&wish)).await;

    assert_eq!(promised.status, 201, "{promised:?}");
    let listed = house.read("/api/v1/callbacks", &key).await.json();
    let line = &listed["callbacks"][0];
    assert_eq!(line["callback"], promised.json()["callback"]);
    for word in ["until", "zone", "owner", "order"] {
        assert_eq!(line[word], wish[word], "{word}: {line}");
    }
}

#[tokio::test]
async fn pages_lead_to_each_other_and_end() {
    let house = House::open(&[]).await;
    let key = house.token(&["write:callbacks", "read:callbacks"]).await;
    for n in 0..5 {
        let wish =
            json!({ "number": format!("+493012345{n}"), "queue": "support", "at": tomorrow() + n });
        let made = house
            .call("POST", "/api/v1/callbacks", &key, &[], Some(&wish))
            .await;
        assert_eq!(made.status, 201, "{made:?}");
    }

    let latest = dues(&house, &key, "").await;
    let soonest = dues(&house, &key, "&order=soonest").await;

    assert_eq!(soonest.len(), 5);
    assert!(soonest.is_sorted_by(|one, next| one < next), "{soonest:?}");
    let back: Vec<u64> = soonest.into_iter().rev().collect();
    assert_eq!(latest, back);
}

#[tokio::test]
async fn a_promise_that_moves_while_its_list_is_read_takes_no_other_with_it() {
    let house = House::open(&[]).await;
    let key = house.token(&["write:callbacks", "read:callbacks"]).await;
    let at = tomorrow();
    for n in 0..6 {
        let wish = json!({ "number": format!("+493012345{n}"), "queue": "support", "at": at + n });
        let made = act(&house, &key, ("POST", "/api/v1/callbacks"), wish).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    // The end of each order, behind which nothing is.
    for (order, end) in [("", at - 3_600_000), ("&order=soonest", at + 3_600_000)] {
        let first = format!("/api/v1/callbacks?limit=2{order}");
        let page = house.read(&first, &key).await;
        let last = page.json()["callbacks"][1]["callback"]
            .as_str()
            .unwrap()
            .to_owned();
        let path = format!("/api/v1/callbacks/{last}");
        let moved = act(&house, &key, ("PATCH", &path), json!({ "at": end })).await;
        assert_eq!(moved.status, 200, "{moved:?}");

        let rest = house
            .read(&next_page(&page).expect("there is more"), &key)
            .await;

        let rest = rest.json()["callbacks"].as_array().unwrap().len();
        assert_eq!(rest, 2, "{order}: what stood behind it is there still");
    }
}

#[tokio::test]
async fn a_list_that_is_to_begin_behind_what_is_not_there_is_a_wrong_question() {
    let house = House::open(&[]).await;
    let scopes = [
        "read:callbacks",
        "read:records",
        "read:recordings",
        "read:agents",
        "read:customers",
        "admin:webhooks",
        "admin:tokens",
        "read:queues",
    ];
    let key = house.token(&scopes).await;
    let nothing = "0af7651916cd43dd8448eb211c80319c";

    for path in [
        format!("/api/v1/callbacks?after={nothing}.c1"),
        format!("/api/v1/interactions?after={nothing}"),
        format!("/api/v1/interactions?after={nothing}&format=csv"),
        format!("/api/v1/recordings?after={nothing}.r1"),
        "/api/v1/callbacks?after=".to_owned(),
        "/api/v1/interactions?after=yesterday".to_owned(),
        "/api/v1/agents?after=-1".to_owned(),
        "/api/v1/agents?after=anna".to_owned(),
        "/api/v1/consents/number:%2B4930100/history?after=1".to_owned(),
        "/api/v1/consents/number:%2B4930100/history?after=-1".to_owned(),
        "/api/v1/mails/dead?after=0".to_owned(),
        "/api/v1/mails/dead?after=-1".to_owned(),
        "/api/v1/tokens?after=1".to_owned(),
        "/api/v1/tokens?limit=x".to_owned(),
        // They come whole.
        "/api/v1/queues?limit=1".to_owned(),
        "/api/v1/replies?limit=1".to_owned(),
        "/api/v1/webhooks?limit=1".to_owned(),
    ] {
        let answer = house.read(&path, &key).await;
        assert_eq!(answer.status, 400, "{path}: {answer:?}");
        is_problem(&answer);
    }
}

// Where the next page is.
fn next_page(page: &Answer) -> Option<String> {
    let link = page.header("link")?;
    let (address, _) = link.split_once(">; rel=\"next\"").unwrap();
    Some(address.trim_start_matches('<').to_owned())
}

#[tokio::test]
async fn tokens_are_listed_a_page_at_a_time_each_once() {
    let house = House::open(&[]).await;
    let key = house.token(&["admin:tokens"]).await;
    let make = async |name: &str| {
        let wish = json!({ "name": name, "scopes": ["admin:tokens"] });
        let made = house
            .call("POST", "/api/v1/tokens", &key, &[], Some(&wish))
            .await;
        assert_eq!(made.status, 201, "{made:?}");
    };
    for name in ["a", "b", "c"] {
        make(name).await;
    }

    let mut seen = Vec::new();
    let mut path = Some("/api/v1/tokens?limit=1".to_owned());
    while let Some(next) = path {
        let page = house.read(&next, &key).await;
        operation(&house, "GET", "/api/v1/tokens")
            .await
            .is_described(&page);
        let tokens = page.json()["tokens"].take();
        let [token] = &tokens.as_array().unwrap()[..] else {
            panic!("{tokens}");
        };
        seen.push(token["token"].as_str().unwrap().to_owned());
        path = next_page(&page);
        assert!(seen.len() <= 4, "the pages do not end");
    }

    let all = house.read("/api/v1/tokens", &key).await;
    assert_eq!(next_page(&all), None);
    let all = all.json()["tokens"].take();
    let all = all.as_array().unwrap().iter();
    let all: Vec<_> = all.map(|token| token["token"].as_str().unwrap()).collect();
    assert_eq!(
        (seen.len(), all),
        (4, seen.iter().map(String::as_str).collect())
    );
    let none = house.read("/api/v1/tokens?limit=0", &key).await;
    assert_eq!(none.status, 422, "{none:?}");
}

// When callbacks are due, page after page.
async fn dues(house: &House, key: &str, order: &str) -> Vec<u64> {
    let mut seen = Vec::new();
    let mut path = Some(format!("/api/v1/callbacks?limit=2&state=open{order}"));
    while let Some(next) = path {
        let page = house.read(&next, key).await;
        assert_eq!(page.status, 200, "{page:?}");
        for callback in page.json()["callbacks"].as_array().unwrap() {
            seen.push(callback["due"].as_u64().unwrap());
        }
        path = next_page(&page);
        assert!(seen.len() <= 5, "the pages do not end");
    }
    seen
}

#[tokio::test]
async fn what_is_known_is_not_sent_again_and_what_has_changed_is_not_changed() {
    let house = House::open(&[]).await;
    let key = house.token(&["admin:tokens", "read:queues"]).await;
    let wish = json!({ "name": "crm", "scopes": ["read:queues"] });
    let made = house
        .call("POST", "/api/v1/tokens", &key, &[], Some(&wish))
        .await
        .json();
    let path = format!("/api/v1/tokens/{}", made["token"].as_str().unwrap());

    let seen = house.call("GET", &path, &key, &[], None).await;
    let etag = seen.header("etag").unwrap();
    let known = [("if-none-match", etag)];
    let same = house.call("GET", &path, &key, &known, None).await;
    assert_eq!((same.status, same.body.as_str()), (304, ""));
    assert_eq!(same.header("etag"), Some(etag));

    // It is used, and with that no longer as it was seen.
    house
        .read("/api/v1/me", made["key"].as_str().unwrap())
        .await;
    let fresh = house.call("GET", &path, &key, &known, None).await;
    assert_eq!(fresh.status, 200);
    let stale = [("if-match", etag)];
    let refused = house.call("DELETE", &path, &key, &stale, None).await;
    assert_eq!(refused.status, 412, "{refused:?}");
    is_problem(&refused);

    let current = [("if-match", fresh.header("etag").unwrap())];
    let done = house.call("DELETE", &path, &key, &current, None).await;
    assert_eq!(done.status, 204, "{done:?}");
}

#[tokio::test]
async fn a_change_that_was_refused_by_its_condition_may_be_asked_for_again_under_its_key() {
    let house = House::open(&[]).await;
    let key = house.token(&["admin:tokens", "read:queues"]).await;
    let wish = json!({ "name": "crm", "scopes": ["read:queues"] });
    let made = act(&house, &key, ("POST", "/api/v1/tokens"), wish)
        .await
        .json();
    let path = format!("/api/v1/tokens/{}", made["token"].as_str().unwrap());
    let change = async |condition: &str| {
        let headers = [("if-match", condition), ("idempotency-key", "drop 1")];
        house.call("DELETE", &path, &key, &headers, None).await
    };

    for nothing in ["", ",", "\"0123\""] {
        let refused = change(nothing).await;
        assert_eq!(refused.status, 412, "{nothing}: {refused:?}");
        is_problem(&refused);
    }
    let seen = house.read(&path, &key).await;
    let done = change(seen.header("etag").unwrap()).await;
    assert_eq!(done.status, 204, "{done:?}");
    let again = change(seen.header("etag").unwrap()).await;
    assert_eq!(again.status, 204, "{again:?}");
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
}

// The customers of two promised calls.
async fn two_customers(house: &House, key: &str) -> [String; 2] {
    let mut found = Vec::new();
    for n in 0..2 {
        let wish =
            json!({ "number": format!("+493012345{n}"), "queue": "support", "at": tomorrow() });
        let made = act(house, key, ("POST", "/api/v1/callbacks"), wish).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.json()["interaction"].as_str().unwrap().to_owned();
        let record = house.read(&format!("/api/v1/interactions/{id}"), key).await;
        let customer = record.json()["customer"]["customer"]
            .as_str()
            .unwrap()
            .to_owned();
        found.push(customer);
    }
    found.try_into().unwrap()
}

#[tokio::test]
async fn a_merge_whose_answer_a_crash_cut_off_is_done_and_no_conflict() {
    let mut house = House::open(&[]).await;
    let scopes = [
        "write:callbacks",
        "read:records",
        "read:customers",
        "write:customers",
    ];
    let key = house.token(&scopes).await;
    let [one, two] = two_customers(&house, &key).await;
    let merge = (
        format!("/api/v1/customers/{one}/merge"),
        json!({ "customer": two, "reason": "the same person" }),
    );
    let unmerge = (
        format!("/api/v1/customers/{two}/unmerge"),
        json!({ "reason": "they are two" }),
    );
    let send = async |house: &House, (path, body): &(String, Value), key_of: &str| {
        let once = [("idempotency-key", key_of)];
        house.call("POST", path, &key, &once, Some(body)).await
    };

    for (asked, name) in [(&merge, "merge 1"), (&unmerge, "unmerge 1")] {
        let done = send(&house, asked, name).await;
        assert_eq!(done.status, 204, "{done:?}");
        house.crash().await;
        forget_answers(&house);
        house.restart().await;
        let again = send(&house, asked, name).await;
        assert_eq!(again.status, 204, "{again:?}");
        let anew = send(&house, asked, &format!("{name} of another")).await;
        assert_eq!(anew.status, 409, "{anew:?}");
    }
}

async fn act(house: &House, token: &str, (method, path): (&str, &str), body: Value) -> Answer {
    house.call(method, path, token, &[], Some(&body)).await
}

/// A chat that one program opened and another took as ben; the opener, the agent, and the interaction.
async fn served(house: &House) -> (String, String, String) {
    let shop = house.token(&["write:interactions", "read:records"]).await;
    let arguments = ["token", "api", "bot", "--scope", "act:agent", "--agent"];
    let bot = house.run(&[&arguments[..], &["ben"]].concat()).await;
    let ready = ("PUT", "/api/v1/agents/ben/presence");
    let ready = act(house, &bot, ready, json!({ "is": "ready" })).await;
    assert_eq!(ready.status, 204, "{ready:?}");
    let opening = json!({ "zone": "shop", "text": "where is my order?", "name": "Ida & Co" });
    let opened = act(house, &shop, ("POST", "/api/v1/interactions"), opening).await;
    assert_eq!(opened.status, 201, "{opened:?}");
    let id = opened.json()["interaction"].as_str().unwrap().to_owned();
    (shop, bot, id)
}

#[tokio::test]
async fn an_offer_has_the_link_to_the_customers_page_and_is_before_the_named_agent_only() {
    let template = "https://crm.example/c?name={name}&interaction={interaction}";
    let house = House::open(&[("TANDEM_QUEUE__SUPPORT__SCREEN_POP", template)]).await;
    let (_, bot, id) = served(&house).await;

    let desk = house.read("/api/v1/agents/ben/desk", &bot).await.json();

    assert_eq!(desk["offers"][0]["interaction"], id.as_str());
    assert_eq!(
        desk["offers"][0]["card"]["screen_pop"],
        format!("https://crm.example/c?name=Ida%20%26%20Co&interaction={id}")
    );
    let foreign = house.read("/api/v1/agents/anna/desk", &bot).await;
    assert_eq!(foreign.status, 403, "the token names ben only");
}

#[tokio::test]
async fn a_program_that_goes_on_after_a_crash_keeps_its_desk_and_is_offered_more() {
    let mut house = House::open(&[("TANDEM_WEB__REQUESTS_PER_SECOND", "100000")]).await;
    let (shop, bot, id) = served(&house).await;
    let accept = format!("/api/v1/agents/ben/offers/{id}/accept");
    let accepted = act(&house, &bot, ("POST", &accept), json!({})).await;
    assert_eq!(accepted.status, 204, "{accepted:?}");

    house.crash().await;
    house.restart().await;
    let messages = format!("/api/v1/agents/ben/contacts/{id}/messages");
    let text = json!({ "text": "I am back" });
    let said = act(&house, &bot, ("POST", &messages), text).await;
    assert_eq!(said.status, 201, "{said:?}");

    let opening = json!({ "zone": "shop", "text": "and mine?", "name": "Tom" });
    let opened = act(&house, &shop, ("POST", "/api/v1/interactions"), opening).await;
    let second = opened.json()["interaction"].as_str().unwrap().to_owned();
    soon("an offer to who is at the desk", async {
        loop {
            let desk = house.read("/api/v1/agents/ben/desk", &bot).await.json();
            if desk["offers"][0]["interaction"] == second.as_str() {
                return;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_program_serves_a_chat_as_an_agent_and_wraps_it_up() {
    let house = House::open(&[]).await;
    let (shop, bot, id) = served(&house).await;
    let contact = format!("/api/v1/agents/ben/contacts/{id}");
    let accept = format!("/api/v1/agents/ben/offers/{id}/accept");
    let accepted = act(&house, &bot, ("POST", &accept), json!({})).await;
    assert_eq!(accepted.status, 204, "{accepted:?}");

    let messages = format!("{contact}/messages");
    let said = act(
        &house,
        &bot,
        ("POST", &messages),
        json!({ "text": "on its way" }),
    )
    .await;
    assert_eq!(said.status, 201, "{said:?}");
    let answer = json!({ "text": "thank you", "from": "customer" });
    let messages = format!("/api/v1/interactions/{id}/messages");
    let answered = act(&house, &shop, ("POST", &messages), answer).await;
    assert_eq!(answered.status, 201, "{answered:?}");
    for (path, body) in [
        ("typing", json!({ "on": true })),
        ("receipts", json!({ "delivered": 1, "read": 1 })),
        ("end", json!({})),
        (
            "wrap-up",
            json!({ "disposition": "solved", "note": "told" }),
        ),
    ] {
        let path = format!("{contact}/{path}");
        let done = act(&house, &bot, ("POST", &path), body).await;
        assert_eq!(done.status, 204, "{path}: {done:?}");
    }

    let record = house
        .read(&format!("/api/v1/interactions/{id}"), &shop)
        .await;
    assert!(record.body.contains("thank you"), "{}", record.body);
    assert_eq!(record.json()["assignments"][0]["disposition"], "solved");
}
