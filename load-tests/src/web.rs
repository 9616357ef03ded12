//! Tandem's HTTP side, as a client of few words needs it: one request a connection.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The longest answer that is read.
const LONGEST: u64 = 16 * 1024 * 1024;

/// A web server by its host and port, reached without TLS.
#[derive(Clone, Debug)]
pub struct Web {
    host: String,
}

/// What a request was answered with.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Answer {
    /// Reads the body as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.body)
            .with_context(|| format!("the answer is no JSON: {:?}", self.body))
    }
}

impl std::str::FromStr for Web {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let host = text
            .strip_prefix("http://")
            .with_context(|| format!("{text:?} is no address like http://127.0.0.1:8080"))?
            .trim_end_matches('/');
        ensure!(
            host.contains(':') && !host.contains('/'),
            "{text:?}: write host and port, http://127.0.0.1:8080"
        );
        Ok(Self {
            host: host.to_owned(),
        })
    }
}

impl Web {
    /// Returns `host:port`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Sends a request and reads the whole answer.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer> {
        let raw = self.exchange(method, path, token, body).await?;
        read(&raw).with_context(|| format!("{method} {path} at {}", self.host))
    }

    /// Returns what is at a path, as it is.
    pub async fn fetch(&self, path: &str, token: &str) -> Result<Vec<u8>> {
        let raw = self.exchange("GET", path, Some(token), None).await?;
        let (status, body) = parts(&raw)?;
        ensure!(status == 200, "GET {path} was answered {status}");
        Ok(body)
    }

    async fn exchange(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Vec<u8>> {
        let mut stream = TcpStream::connect(&self.host)
            .await
            .with_context(|| format!("nothing listens at {}", self.host))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let credential = token
            .map(|token| format!("authorization: Bearer {token}\r\n"))
            .unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\nconnection: close\r\n{credential}\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}",
            host = self.host,
            length = body.len(),
        );
        stream.write_all(request.as_bytes()).await?;
        let mut raw = Vec::new();
        stream.take(LONGEST).read_to_end(&mut raw).await?;
        Ok(raw)
    }

    /// Returns an agent's credential.
    pub async fn login(&self, agent: &str, password: &str) -> Result<String> {
        let body = json!({ "agent": agent, "password": password });
        let answer = self.ask("POST", "/api/v1/login", None, Some(&body)).await?;
        ensure!(
            answer.status == 200,
            "the login of {agent} was answered {} {}",
            answer.status,
            answer.body
        );
        token(&answer)
    }

    /// Becomes a new visitor of a zone; returns the credential.
    pub async fn visitor(&self, zone: &str) -> Result<String> {
        self.visitor_within(zone, 0).await
    }

    /// The same, once more a second later when there is too much to do, so many times.
    pub async fn visitor_within(&self, zone: &str, tries: u32) -> Result<String> {
        let body = json!({ "zone": zone });
        let ask = || self.ask("POST", "/api/v1/visitors", None, Some(&body));
        let mut answer = ask().await?;
        for _ in 0..tries {
            if answer.status != 503 {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            answer = ask().await?;
        }
        ensure!(
            answer.status == 201,
            "a new visitor was answered {} {}",
            answer.status,
            answer.body
        );
        token(&answer)
    }
}

fn token(answer: &Answer) -> Result<String> {
    let token = answer.json()?["token"].as_str().map(str::to_owned);
    token.with_context(|| format!("no token in {:?}", answer.body))
}

fn read(raw: &[u8]) -> Result<Answer> {
    let (status, body) = parts(raw)?;
    Ok(Answer {
        status,
        body: String::from_utf8(body).context("the answer is not UTF-8")?,
    })
}

fn parts(raw: &[u8]) -> Result<(u16, Vec<u8>)> {
    let end = raw
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .context("the answer has no end of its header")?;
    let head = String::from_utf8_lossy(&raw[..end]).to_lowercase();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .context("the answer has no status")?;
    let rest = &raw[end + 4..];
    let body = if head.contains("transfer-encoding: chunked") {
        unchunk(rest)?
    } else {
        rest.to_vec()
    };
    Ok((status, body))
}

/// Puts a chunked body together (RFC 9112 §7.1).
fn unchunk(mut rest: &[u8]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let Some(line) = rest.windows(2).position(|two| two == b"\r\n") else {
            bail!("a chunk has no size")
        };
        let digits = std::str::from_utf8(&rest[..line])?
            .split(';')
            .next()
            .unwrap_or_default()
            .trim();
        let size = usize::from_str_radix(digits, 16).context("a chunk's size is no number")?;
        let start = line + 2;
        if size == 0 {
            return Ok(body);
        }
        body.extend_from_slice(
            rest.get(start..start + size)
                .context("a chunk is cut short")?,
        );
        rest = rest.get(start + size + 2..).context("a chunk has no end")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunked_answer_is_put_together() {
        let raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n2;x=y\r\nef\r\n0\r\n\r\n";

        let answer = read(raw).unwrap();

        assert_eq!((answer.status, answer.body.as_str()), (200, "abcdef"));
    }

    #[test]
    fn an_address_without_port_or_with_tls_is_refused() {
        assert!("https://127.0.0.1:8080".parse::<Web>().is_err());
        assert!("http://localhost".parse::<Web>().is_err());
        assert_eq!(
            "http://127.0.0.1:8080/".parse::<Web>().unwrap().host(),
            "127.0.0.1:8080"
        );
    }
}
