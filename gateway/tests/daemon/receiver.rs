//! Another system that is posted to.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use ring::hmac;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use crate::house::soon;

/// What is signed with.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// One post.
#[derive(Clone, Debug)]
pub struct Post {
    pub headers: BTreeMap<String, String>,
    pub text: String,
}

impl Post {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// Tells whether it is signed with `secret`.
    pub fn is_signed(&self, secret: &str) -> bool {
        let (id, time) = (self.id(), &self.headers["webhook-timestamp"]);
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, format!("{id}.{time}.{}", self.text).as_bytes());
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, tag);
        self.headers["webhook-signature"] == format!("v1,{encoded}")
    }
}

/// What a post is answered with: a status and a header line, or nothing at all.
pub type Reply = Option<(u16, &'static str)>;

/// Taken.
pub const TAKEN: Reply = Some((204, ""));

/// A receiver on a port of its own.
pub struct Receiver {
    pub address: SocketAddr,
    posts: mpsc::UnboundedReceiver<Post>,
}

impl Receiver {
    /// Opens one that answers as `reply` says.
    pub async fn open(reply: impl Fn(&Post) -> Reply + Send + Sync + 'static) -> Self {
        let answer = move |post: &Post| {
            let (status, header) = reply(post)?;
            Some(format!(
                "HTTP/1.1 {status} x\r\n{header}connection: close\r\ncontent-length: 0\r\n\r\n"
            ))
        };
        Self::serve(answer).await
    }

    /// Opens one that answers each question with a text for it.
    pub async fn saying(tell: impl Fn(&Post) -> &'static str + Send + Sync + 'static) -> Self {
        let answer = move |post: &Post| {
            let text = tell(post);
            let length = text.len();
            Some(format!(
                "HTTP/1.1 200 x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{text}"
            ))
        };
        Self::serve(answer).await
    }

    async fn serve(answer: impl Fn(&Post) -> Option<String> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, posts) = mpsc::unbounded_channel();
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tell, answer) = (tell.clone(), answer.clone());
                tokio::spawn(async move {
                    let mut stream = stream;
                    let Some(post) = read(&mut stream).await else {
                        return;
                    };
                    let answer = answer(&post);
                    // The test may be over.
                    let _ = tell.send(post);
                    let Some(text) = answer else {
                        std::future::pending::<()>().await;
                        return;
                    };
                    let _ = stream.write_all(text.as_bytes()).await;
                });
            }
        });
        Self { address, posts }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook?key=hidden", self.address)
    }

    /// Returns the next post.
    pub async fn next(&mut self) -> Post {
        soon("a post", self.posts.recv()).await.unwrap()
    }

    /// Returns the next post of a type, whatever comes before.
    pub async fn next_of(&mut self, kind: &str) -> Post {
        loop {
            let post = self.next().await;
            if post.kind() == kind {
                return post;
            }
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Post> {
    let mut got = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&got).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let headers: BTreeMap<_, _> = head
                .lines()
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect();
            let length: usize = headers.get("content-length")?.parse().ok()?;
            if body.len() >= length {
                return Some(Post {
                    headers,
                    text: body.to_owned(),
                });
            }
        }
        let mut buffer = [0; 4096];
        let length = stream.read(&mut buffer).await.ok()?;
        if length == 0 {
            return None;
        }
        got.extend_from_slice(&buffer[..length]);
    }
}
