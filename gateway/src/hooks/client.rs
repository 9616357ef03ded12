//! Posts to other systems: over TLS by the system's own roots, to public addresses unless the operator says otherwise,
//! without following redirects, with every length and time bounded.

use std::{
    net::SocketAddr,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use anyhow::Context;
use axum::body::{Body, Bytes};
use hyper::{
    Method, Request, Uri,
    client::conn::http1::{self, SendRequest},
    header,
};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use super::guard;

/// Connections that are kept for the next post.
const KEPT: usize = 4;
/// The longest header of an answer.
const HEADER: usize = 16 * 1024;
/// Addresses of a name that are tried.
const ADDRESSES: usize = 4;

/// An address to post to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    tls: bool,
    host: String,
    port: u16,
    authority: String,
    path: String,
}

/// Why a text is no address to post to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTarget {
    /// It is no URL of the web.
    #[error("is no address to post to; write one like \"https://crm.example/hook\"")]
    Shape,
    /// It holds a name and password.
    #[error("holds a name or password; use the secret, which signs what is posted")]
    User,
}

impl Target {
    /// Tells whether what is posted can be read on its way.
    pub fn is_plain(&self) -> bool {
        !self.tls
    }
}

impl FromStr for Target {
    type Err = BadTarget;

    fn from_str(text: &str) -> Result<Self, BadTarget> {
        let uri: Uri = text.parse().map_err(|_| BadTarget::Shape)?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            Some(_) | None => return Err(BadTarget::Shape),
        };
        let authority = uri.authority().ok_or(BadTarget::Shape)?;
        if authority.as_str().contains('@') {
            return Err(BadTarget::User);
        }
        let host = authority.host().trim_matches(['[', ']']);
        if host.is_empty() {
            return Err(BadTarget::Shape);
        }
        let usual = if tls { 443 } else { 80 };
        Ok(Self {
            tls,
            host: host.to_owned(),
            port: authority.port_u16().unwrap_or(usual),
            authority: authority.as_str().to_owned(),
            path: uri
                .path_and_query()
                .map_or_else(|| "/".to_owned(), ToString::to_string),
        })
    }
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; none where it was longer than wanted.
    pub body: Option<Bytes>,
    /// How long it asks to be left alone, by `Retry-After`.
    pub retry_after: Option<Duration>,
}

/// The way to one other system.
pub struct Way {
    target: Target,
    /// Whether it may be in our own network.
    private: bool,
    tls: Arc<ClientConfig>,
    kept: Mutex<Vec<SendRequest<Body>>>,
}

/// Returns what TLS to other systems rests on: the roots that the system trusts.
pub fn trust() -> anyhow::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "some of the system's certificates cannot be read");
    }
    let (taken, _) = roots.add_parsable_certificates(found.certs);
    if taken == 0 {
        tracing::warn!(
            "the system trusts no certificate authority; nothing can be posted over TLS"
        );
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("choosing versions of TLS")?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

impl Way {
    /// Makes a way that nothing has gone yet.
    pub fn new(target: Target, private: bool, tls: Arc<ClientConfig>) -> Self {
        Self {
            target,
            private,
            tls,
            kept: Mutex::default(),
        }
    }

    /// Posts `body` and reads at most `most` bytes of the answer. Who calls bounds the time.
    pub async fn post(
        &self,
        headers: &[(&'static str, String)],
        body: &Bytes,
        most: usize,
    ) -> anyhow::Result<Answer> {
        if let Some(kept) = self.kept() {
            // It may have been closed since; then a fresh one is worth a try.
            let asked = self.asked(Method::POST, headers, body)?;
            if let Ok(answer) = self.exchange(kept, asked, most).await {
                return Ok(answer);
            }
        }
        let fresh = self.connect().await?;
        let asked = self.asked(Method::POST, headers, body)?;
        self.exchange(fresh, asked, most).await
    }

    /// Gets what lies there, at most `most` bytes of it. Who calls bounds the time.
    pub async fn get(&self, most: usize) -> anyhow::Result<Answer> {
        let fresh = self.connect().await?;
        let asked = self.asked(Method::GET, &[], &Bytes::new())?;
        self.exchange(fresh, asked, most).await
    }

    fn asked(
        &self,
        method: Method,
        headers: &[(&'static str, String)],
        body: &Bytes,
    ) -> anyhow::Result<Request<Body>> {
        let mut request = Request::builder()
            .method(&method)
            .uri(&self.target.path)
            .header(header::HOST, &self.target.authority)
            .header(
                header::USER_AGENT,
                concat!("Tandem/", env!("CARGO_PKG_VERSION")),
            );
        if method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request
            .body(Body::from(body.clone()))
            .context("making a request")
    }

    fn kept(&self) -> Option<SendRequest<Body>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(sender) = kept.pop() {
            if sender.is_ready() {
                return Some(sender);
            }
        }
        None
    }

    async fn exchange(
        &self,
        mut sender: SendRequest<Body>,
        request: Request<Body>,
        most: usize,
    ) -> anyhow::Result<Answer> {
        let response = sender.send_request(request).await.context("asking")?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(header::RETRY_AFTER);
        let retry_after = retry_after
            .and_then(|value| value.to_str().ok())
            .and_then(|text| wait(text, SystemTime::now()));
        let body = axum::body::to_bytes(Body::new(response.into_body()), most)
            .await
            .ok();
        if body.is_none() {
            // The rest of it is still to come; this connection is good for nothing more.
            return Ok(Answer {
                status,
                body,
                retry_after,
            });
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(sender);
        }
        Ok(Answer {
            status,
            body,
            retry_after,
        })
    }

    async fn connect(&self) -> anyhow::Result<SendRequest<Body>> {
        let stream = self.dial().await?;
        stream.set_nodelay(true).context("preparing a connection")?;
        if !self.target.tls {
            return greet(stream).await;
        }
        let name = ServerName::try_from(self.target.host.clone()).context("naming the host")?;
        let stream = TlsConnector::from(self.tls.clone())
            .connect(name, stream)
            .await
            .context("beginning TLS")?;
        greet(stream).await
    }

    // The very address that was judged is dialled, so that a name cannot mean another one the second time.
    async fn dial(&self) -> anyhow::Result<TcpStream> {
        let Target { host, port, .. } = &self.target;
        let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), *port))
            .await
            .with_context(|| format!("looking for {host}"))?
            .collect();
        let allowed = found
            .iter()
            .filter(|address| self.private || guard::is_public(address.ip()))
            .take(ADDRESSES);
        let mut last =
            anyhow::anyhow!("{host} is not on the public internet; private = true allows it");
        for address in allowed {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => {
                    last = anyhow::Error::from(error).context(format!("connecting to {address}"));
                }
            }
        }
        Err(last)
    }
}

// RFC 9110 §10.2.3: seconds, or a date.
fn wait(text: &str, now: SystemTime) -> Option<Duration> {
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(text)
            .ok()
            .map(|at| at.duration_since(now).unwrap_or_default()),
    }
}

async fn greet<S>(stream: S) -> anyhow::Result<SendRequest<Body>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(HEADER)
        .handshake(TokioIo::new(stream))
        .await
        .context("beginning HTTP")?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to another system ended early");
        }
    });
    Ok(sender)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_to_post_to_is_of_the_web_and_holds_no_password() {
        let target: Target = "https://crm.example/hook?a=1".parse().unwrap();
        assert_eq!((target.port, target.path.as_str()), (443, "/hook?a=1"));
        assert!(!target.is_plain());
        let target: Target = "http://[::1]:8080".parse().unwrap();
        assert_eq!((target.host.as_str(), target.port), ("::1", 8080));
        assert_eq!(target.path, "/");

        assert_eq!("crm.example".parse::<Target>(), Err(BadTarget::Shape));
        assert_eq!("ftp://crm/".parse::<Target>(), Err(BadTarget::Shape));
        assert_eq!("https://a:b@crm/".parse::<Target>(), Err(BadTarget::User));
    }

    #[test]
    fn how_long_a_receiver_wants_to_be_left_alone_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Thu, 26 Nov 2026 20:00:00 GMT").unwrap();

        assert_eq!(wait("120", now), Some(Duration::from_secs(120)));
        let date = "Thu, 26 Nov 2026 20:01:00 GMT";
        assert_eq!(wait(date, now), Some(Duration::from_secs(60)));
        let past = "Thu, 26 Nov 2026 19:00:00 GMT";
        assert_eq!(wait(past, now), Some(Duration::ZERO));
        assert_eq!(wait("soon", now), None);
    }

    #[tokio::test]
    async fn a_private_address_is_dialled_only_if_allowed() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "http://localhost:{}/",
            listener.local_addr().unwrap().port()
        );
        let way = |private| Way::new(url.parse().unwrap(), private, trust().unwrap());

        let refused = way(false).dial().await.unwrap_err();
        assert!(refused.to_string().contains("private = true"), "{refused}");
        assert!(way(true).dial().await.is_ok());
    }
}
