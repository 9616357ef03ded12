//! A daemon in a directory of its own, and plain HTTP to it.

use std::{
    net::SocketAddr,
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, ChildStderr, Command},
};

/// Everything a test waits for comes within this, or the test fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

const PASSWORD: &str = "correct horse battery";

/// Fails the test when `what` does not happen in time.
pub async fn soon<T>(what: &str, happens: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, happens).await {
        Ok(happened) => happened,
        Err(_) => panic!("{what} did not happen within {PATIENCE:?}"),
    }
}

/// A daemon and its directory, which is gone when the test is.
pub struct House {
    directory: PathBuf,
    settings: Vec<(String, String)>,
    child: Child,
    said: Arc<Mutex<String>>,
    pub web: SocketAddr,
    pub ops: SocketAddr,
    pub sip: SocketAddr,
    /// Where it takes SIP over TLS, when it was told to.
    pub sip_tls: Option<SocketAddr>,
}

impl Drop for House {
    fn drop(&mut self) {
        // The child is killed when its handle is dropped; what it leaves behind goes.
        let _ = self.child.start_kill();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// An answer to a request.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// Returns a header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl House {
    /// Starts a daemon with further settings.
    pub async fn open(settings: &[(&str, &str)]) -> Self {
        Self::open_in(directory(), settings).await
    }

    /// Starts a daemon with a configuration file, which is `tandem.toml` in its directory.
    pub async fn with_file(text: &str, settings: &[(&str, &str)]) -> Self {
        let directory = directory();
        std::fs::write(directory.join("tandem.toml"), text).unwrap();
        let mut settings = settings.to_vec();
        settings.push(("TANDEM_CONFIG", "tandem.toml"));
        Self::open_in(directory, &settings).await
    }

    async fn open_in(directory: PathBuf, settings: &[(&str, &str)]) -> Self {
        let settings: Vec<_> = settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let said = Arc::default();
        let (child, [web, sip, ops], sip_tls) = start(&directory, &settings, &said).await;
        Self {
            directory,
            settings,
            child,
            said,
            web,
            ops,
            sip,
            sip_tls,
        }
    }

    /// Ends the daemon as a power cut would.
    pub async fn crash(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Starts it again, on other ports.
    pub async fn restart(&mut self) {
        let (child, [web, sip, ops], tls) =
            start(&self.directory, &self.settings, &self.said).await;
        (self.child, self.web, self.sip, self.ops) = (child, web, sip, ops);
        self.sip_tls = tls;
    }

    /// Starts it again though it does not want to; returns what it said and ended by.
    pub async fn restart_in_vain(&self) -> String {
        let start = serving(&self.directory, &self.settings).output();
        let done = soon("the end of the daemon", start).await.unwrap();
        assert!(!done.status.success(), "{done:?}");
        String::from_utf8(done.stderr).unwrap()
    }

    /// Returns the lines of its log that hold all of these words, of all starts.
    pub fn said(&self, words: &[&str]) -> Vec<String> {
        let said = self.said.lock().unwrap();
        let lines = said.lines();
        let found = lines.filter(|line| words.iter().all(|word| line.contains(word)));
        found.map(str::to_owned).collect()
    }

    /// Waits until so many lines of its log hold all of these words.
    pub async fn until_said(&self, count: usize, words: &[&str]) {
        let said = async {
            while self.said(words).len() < count {
                tokio::task::yield_now().await;
            }
        };
        soon(&format!("{count} lines with {words:?}"), said).await;
    }

    /// Returns where a file of the daemon's directory is.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Returns the bytes of memory the daemon has.
    pub async fn resident(&self) -> usize {
        let pid = self.child.id().expect("the daemon runs");
        let file = format!("/proc/{pid}/status");
        let status = tokio::fs::read_to_string(file).await.unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kib: usize = line
            .unwrap()
            .split_whitespace()
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        kib * 1024
    }

    /// Sends a signal.
    pub async fn signal(&self, name: &str) {
        let pid = self.child.id().expect("the daemon runs").to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status()
            .await
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for the daemon to end by itself; tells whether it ended well.
    pub async fn ended(&mut self) -> bool {
        soon("the end of the daemon", self.child.wait())
            .await
            .unwrap()
            .success()
    }

    /// Runs a command of the binary on the daemon's store; returns what it said.
    pub async fn run(&self, arguments: &[&str]) -> String {
        self.run_with(arguments, Vec::<(String, String)>::new())
            .await
    }

    /// Runs a command of the binary with further settings; returns what it said.
    pub async fn run_with<K: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: &[&str],
        settings: impl IntoIterator<Item = (K, String)>,
    ) -> String {
        let done = Command::new(env!("CARGO_BIN_EXE_tandem"))
            .args(arguments)
            .current_dir(&self.directory)
            .envs(settings)
            .output()
            .await
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    /// Runs a command that fails; returns what it said about it.
    pub async fn run_in_vain(&self, arguments: &[&str]) -> String {
        let done = self.command(arguments).await;
        assert!(!done.status.success(), "{done:?}");
        String::from_utf8(done.stderr).unwrap().trim().to_owned()
    }

    async fn command(&self, arguments: &[&str]) -> std::process::Output {
        let command = Command::new(env!("CARGO_BIN_EXE_tandem"))
            .args(arguments)
            .current_dir(&self.directory)
            .output();
        command.await.unwrap()
    }

    /// Runs a command that reads a line; returns what it said.
    pub async fn pipe(&self, arguments: &[&str], line: &str) -> String {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tandem"))
            .args(arguments)
            .current_dir(&self.directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let line = format!("{line}\n");
        input.write_all(line.as_bytes()).await.unwrap();
        drop(input);
        let done = child.wait_with_output().await.unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    /// Makes a token for a program; returns its key.
    pub async fn token(&self, scopes: &[&str]) -> String {
        let mut arguments = vec!["token", "api", "test"];
        for scope in scopes {
            arguments.extend(["--scope", scope]);
        }
        self.run(&arguments).await
    }

    /// Makes an API request with a credential and further headers.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend(headers);
        self.ask(method, path, &all, body).await
    }

    /// Makes a request of the web side.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        request(self.web, method, path, headers, body).await
    }

    /// Reads from the listener for operations.
    pub async fn look(&self, path: &str) -> Answer {
        request(self.ops, "GET", path, &[], None).await
    }

    /// Becomes a visitor; returns the credential.
    pub async fn visitor(&self) -> String {
        let answer = self
            .ask(
                "POST",
                "/api/v1/visitors",
                &[],
                Some(&json!({ "zone": "shop" })),
            )
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// Signs an agent in; returns the credential.
    pub async fn agent(&self, name: &str) -> String {
        let login = json!({ "agent": name, "password": PASSWORD });
        let answer = self.ask("POST", "/api/v1/login", &[], Some(&login)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// Returns an API request's answer as an agent gets it.
    pub async fn read(&self, path: &str, token: &str) -> Answer {
        self.ask(
            "GET",
            path,
            &[("authorization", &format!("Bearer {token}"))],
            None,
        )
        .await
    }
}

fn directory() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let directory =
        std::env::temp_dir().join(format!("tandem-test-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

fn serving(directory: &std::path::Path, settings: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
    command
        .arg("serve")
        .current_dir(directory)
        .env("TANDEM_WEB__LISTEN", "127.0.0.1:0")
        .env("TANDEM_SIP__LISTEN", "127.0.0.1:0")
        .env("TANDEM_WEB_RTC__LISTEN", "127.0.0.1:0")
        .env("TANDEM_OPS__LISTEN", "127.0.0.1:0")
        .env("TANDEM_DEV__PASSWORD", PASSWORD)
        .envs(settings.iter().map(|(key, value)| (key, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn start(
    directory: &std::path::Path,
    settings: &[(String, String)],
    said: &Arc<Mutex<String>>,
) -> (Child, [SocketAddr; 3], Option<SocketAddr>) {
    let mut child = serving(directory, settings).spawn().unwrap();
    tokio::spawn(listen(child.stderr.take().unwrap(), said.clone()));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = String::new();
    let ready = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line == "ready" {
                return;
            }
            said.push_str(&line);
            said.push('\n');
        }
        panic!("the daemon ended before it was ready, and said:\n{said}");
    };
    soon("the daemon's readiness", ready).await;
    let after = |mark: &str| -> SocketAddr {
        let rest = said
            .split_once(mark)
            .unwrap_or_else(|| panic!("no {mark} in:\n{said}"))
            .1;
        let end = rest.find(|c: char| c == '/' || c.is_whitespace()).unwrap();
        rest[..end].parse().unwrap()
    };
    let bound = [
        after("demo shop      http://"),
        after("sip:support@"),
        after("metrics        http://"),
    ];
    let tls = said
        .contains("sips:support@")
        .then(|| after("sips:support@"));
    (child, bound, tls)
}

// What it logs is seen as before, and kept.
async fn listen(log: ChildStderr, said: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(log).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        eprintln!("{line}");
        let mut said = said.lock().unwrap();
        said.push_str(&line);
        said.push('\n');
    }
}

async fn request(
    to: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Answer {
    let body = body.map(Value::to_string).unwrap_or_default();
    request_with(to, method, path, headers, body.as_bytes()).await
}

/// Makes a request with any body.
pub async fn request_with(
    to: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut text = format!(
        "{method} {path} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    let exchange = async {
        let mut stream = TcpStream::connect(to).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        // Who is refused by the length alone may have hung up already.
        let _ = stream.write_all(body).await;
        let mut answer = Vec::new();
        // What is told as it happens does not end by itself.
        while !is_stream(&answer) && stream.read_buf(&mut answer).await.unwrap_or(0) > 0 {}
        String::from_utf8_lossy(&answer).into_owned()
    };
    let answer = soon("an answer", exchange).await;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("no HTTP answer: {answer:?}"));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap();
    let body = if is_stream(answer.as_bytes()) {
        String::new()
    } else if head.to_lowercase().contains("transfer-encoding: chunked") {
        unchunked(body)
    } else {
        body.to_owned()
    };
    Answer {
        status,
        head: head.to_owned(),
        body,
    }
}

// Whether an answer, as far as it has come, is one of server-sent events.
fn is_stream(answer: &[u8]) -> bool {
    let answer = String::from_utf8_lossy(answer).to_lowercase();
    let head = answer.split_once("\r\n\r\n");
    head.is_some_and(|(head, _)| head.contains("content-type: text/event-stream"))
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        whole.push_str(&rest[..length]);
        body = rest[length..].trim_start_matches("\r\n");
    }
    whole
}
