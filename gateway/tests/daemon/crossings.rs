//! A visitor's contact follows them to another website of its zone, and nobody else.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use crate::{
    house::{Answer, House, soon},
    tab::connect,
};

const SHOP: &str = "https://shop.example";
const PAY: &str = "https://pay.example";
const EVIL: &str = "https://evil.example";

/// A page of a website with its socket.
pub struct Page {
    socket: WebSocketStream<TcpStream>,
}

impl Page {
    pub async fn open(house: &House, origin: &str, token: &str) -> (Self, Value) {
        Self::open_at(house, "/ws/visitor", origin, token).await
    }

    /// Opens a socket of either side.
    pub async fn open_at(house: &House, path: &str, origin: &str, token: &str) -> (Self, Value) {
        let headers = [("sec-websocket-protocol", "tandem.v1"), ("origin", origin)];
        let socket = connect(house.web, path, &headers).await.unwrap();
        let mut page = Self { socket };
        let welcome = page.ask(&json!({ "op": "hello", "token": token })).await;
        (page, welcome)
    }

    /// Asks, and returns the answer.
    pub async fn ask(&mut self, request: &Value) -> Value {
        let mut asked = request.clone();
        asked["id"] = json!(1);
        let text = Message::text(asked.to_string());
        self.socket.send(text).await.unwrap();
        self.until("an answer", |told| told["re"] == json!(1)).await
    }

    /// Reads up to the frame that is wanted, and returns it.
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        soon(what, async {
            loop {
                let frame = self.socket.next().await.unwrap().unwrap();
                let Ok(text) = frame.into_text() else {
                    continue;
                };
                let told: Value = serde_json::from_str(&text).unwrap();
                if wanted(&told) {
                    return told;
                }
            }
        })
        .await
    }

    async fn cross(&mut self, to: &str, pass: &str) -> Value {
        let carried = json!({ "read": 1, "open": true });
        let request = json!({ "op": "cross", "to": to, "pass": pass, "carried": carried });
        self.ask(&request).await
    }
}

async fn house() -> House {
    let origins = format!(r#"["{SHOP}", "{PAY}"]"#);
    House::open(&[("TANDEM_ZONE__SHOP__ORIGINS", &origins)]).await
}

async fn chatting(house: &House) -> (Page, String) {
    let zone = json!({ "zone": "shop" });
    let from = [("origin", SHOP)];
    let became = house.ask("POST", "/api/v1/visitors", &from, Some(&zone));
    let token = became.await.json()["token"].as_str().unwrap().to_owned();
    let (mut page, _) = Page::open(house, SHOP, &token).await;
    let opening = json!({ "op": "open", "zone": "shop", "mid": "m1", "text": "hello" });
    let written = page.ask(&opening).await;
    let interaction = written["ok"]["interaction"].as_str().unwrap().to_owned();
    (page, interaction)
}

fn pass(n: u8) -> String {
    format!("{n:032x}")
}

async fn show(house: &House, origin: Option<&str>, n: u8, from: &str) -> Answer {
    let headers: Vec<_> = origin
        .map(|origin| ("origin", origin))
        .into_iter()
        .collect();
    let shown = json!({ "pass": pass(n), "from": from });
    let path = "/api/v1/visitors/crossings";
    house.ask("POST", path, &headers, Some(&shown)).await
}

#[tokio::test]
async fn a_chat_goes_on_at_another_website_of_its_zone() {
    let house = house().await;
    let (mut page, interaction) = chatting(&house).await;
    assert_eq!(page.cross(PAY, &pass(7)).await["ok"]["done"], "ok");

    let came = show(&house, Some(PAY), 7, SHOP).await;

    assert_eq!(came.status, 201, "{came:?}");
    assert_eq!(came.header("access-control-allow-origin"), Some(PAY));
    let exposed = came.header("access-control-expose-headers").unwrap();
    for name in ["ETag", "Link", "Location", "Retry-After"] {
        assert!(exposed.contains(name), "{exposed}");
    }
    let told = came.json();
    assert_eq!(
        (&told["zone"], &told["carried"]["open"]),
        (&json!("shop"), &json!(true))
    );
    let token = told["token"].as_str().unwrap();
    let (mut there, welcome) = Page::open(&house, PAY, token).await;
    assert_eq!(welcome["ok"]["interaction"], json!(interaction));
    let written =
        json!({ "op": "message", "mid": "m2", "text": "here I am", "interaction": interaction });
    assert_eq!(there.ask(&written).await["ok"]["done"], "written");
    assert_eq!(
        show(&house, Some(PAY), 7, SHOP).await.status,
        404,
        "once only"
    );
}

#[tokio::test]
async fn a_pass_that_was_stolen_is_refused_and_of_no_use_any_more() {
    let house = house().await;
    let (mut page, _) = chatting(&house).await;
    for (n, origin, from) in [
        (1, Some(SHOP), SHOP),
        (2, None, SHOP),
        (3, Some(PAY), EVIL),
        (4, Some(PAY), ""),
    ] {
        assert_eq!(page.cross(PAY, &pass(n)).await["ok"]["done"], "ok");

        assert_eq!(show(&house, origin, n, from).await.status, 403, "{n}");
        assert_eq!(show(&house, Some(PAY), n, SHOP).await.status, 404, "{n}");
    }
    // A page that is nobody's here does not get as far as the pass.
    assert_eq!(page.cross(PAY, &pass(5)).await["ok"]["done"], "ok");
    assert_eq!(show(&house, Some(EVIL), 5, SHOP).await.status, 403);
}

#[tokio::test]
async fn there_is_no_way_out_of_the_zone_nor_into_it() {
    let house = house().await;
    let (mut page, _) = chatting(&house).await;
    let listed = house.ask("GET", "/api/v1/zones/shop", &[], None).await;
    assert_eq!(listed.json()["origins"], json!([SHOP, PAY]));

    for to in [
        EVIL,
        SHOP,
        "",
        "https://pay.example/",
        "https://pay.example.evil.example",
    ] {
        assert_eq!(
            page.cross(to, &pass(7)).await["error"]["code"],
            "forbidden",
            "{to}"
        );
    }
    assert_eq!(
        page.cross(PAY, "nonsense").await["error"]["code"],
        "malformed"
    );

    // A page of this machine may use the zone, but is none of its websites.
    let token = house.visitor().await;
    let home = format!("http://{}", house.web);
    let (mut other, _) = Page::open(&house, &home, &token).await;
    let opening = json!({ "op": "open", "zone": "shop", "mid": "m1", "text": "hello" });
    other.ask(&opening).await;
    assert_eq!(
        other.cross(PAY, &pass(8)).await["error"]["code"],
        "forbidden"
    );
}
