//! The daemon under test: started in development mode on ports of its own, killed, started again.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
    time,
};

use crate::house::House;

const PASSWORD: &str = "correct-horse-battery-staple";
/// As long as any run: nobody registers again here.
const REGISTERED: Duration = Duration::from_secs(3_600);
/// How long a start may take.
const START: Duration = Duration::from_secs(20);
/// How long leaving may take.
const LEAVE: Duration = Duration::from_secs(20);

/// The daemon and where it is.
pub struct Daemon {
    program: PathBuf,
    folder: PathBuf,
    environment: BTreeMap<String, String>,
    core: Option<u32>,
    agents: Vec<String>,
    web: u16,
    sip: u16,
    ops: u16,
    trunk: u16,
    running: Option<Child>,
}

impl Daemon {
    /// Chooses ports and a folder, and puts agents on record.
    pub async fn prepare(
        program: Option<PathBuf>,
        folder: Option<PathBuf>,
        agents: usize,
    ) -> Result<Self> {
        let program = match program {
            Some(program) => fs::canonicalize(&program)
                .with_context(|| format!("there is no {}", program.display()))?,
            None => std::env::current_exe()?.with_file_name("tandem"),
        };
        let folder = scratch(folder)?;
        let [web, sip, ops, trunk] = ports()?;
        let here = |port: u16| format!("127.0.0.1:{port}");
        let many = "1000000".to_owned();
        let environment = [
            ("TANDEM_WEB__LISTEN", here(web)),
            ("TANDEM_SIP__LISTEN", here(sip)),
            ("TANDEM_OPS__LISTEN", here(ops)),
            ("TANDEM_WEB_RTC__LISTEN", here(0)),
            ("TANDEM_TRUNK__TEST__TARGET", here(trunk)),
            ("TANDEM_RTP__PORTS", "33000-59999".to_owned()),
            ("TANDEM_RTP__QUARANTINE", "1s".to_owned()),
            (
                "TANDEM_STORE__PATH",
                folder.join("data").display().to_string(),
            ),
            ("TANDEM_DEV__PASSWORD", PASSWORD.to_owned()),
            ("TANDEM_LOG__LEVEL", "warn".to_owned()),
            ("TANDEM_WEB__VISITORS_PER_MINUTE", many.clone()),
            ("TANDEM_WEB__LOGINS_PER_MINUTE", many.clone()),
            ("TANDEM_WEB__REQUESTS_PER_SECOND", many),
            // What waits in real life for minutes is over in seconds here.
            (
                "TANDEM_WORK__RETRIES",
                r#"["1s", "1s", "1s", "1s", "1s"]"#.to_owned(),
            ),
            ("TANDEM_WORK__OFFER", "5s".to_owned()),
            ("TANDEM_WORK__VISITOR_GONE", "4s".to_owned()),
            ("TANDEM_WORK__GRACE", "3s".to_owned()),
            ("TANDEM_WORK__WRAP_UP_CHAT", "2s".to_owned()),
            ("TANDEM_WORK__WRAP_UP_CALL", "2s".to_owned()),
            ("TANDEM_WORK__RING", "5s".to_owned()),
            ("TANDEM_WORK__FAMILIAR", "1s".to_owned()),
        ];
        let mut daemon = Self {
            program,
            folder,
            environment: environment
                .map(|(key, value)| (key.to_owned(), value))
                .into(),
            core: None,
            agents: Vec::new(),
            web,
            sip,
            ops,
            trunk,
            running: None,
        };
        for n in 0..agents {
            daemon
                .hire(format!("agent{n}"), &["--queue", "support"])
                .await?;
        }
        Ok(daemon)
    }

    /// Returns the daemon as everybody here meets it.
    pub fn house(&self) -> Result<House> {
        let here = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Ok(House {
            web: format!("http://127.0.0.1:{}", self.web).parse()?,
            sip: here(self.sip),
            ops: format!("http://127.0.0.1:{}", self.ops).parse()?,
            trunk: here(self.trunk),
            password: Some(PASSWORD.to_owned()),
            agents: self.agents.clone(),
            colleague: "ben".to_owned(),
            supervisor: "sam".to_owned(),
            zone: "shop".to_owned(),
            queue: "support".to_owned(),
            tandem: Some(self.program.clone()),
            registered: Some(REGISTERED),
        })
    }

    /// Sets a key of its configuration for the next start.
    pub fn set(&mut self, key: impl Into<String>, value: &str) {
        self.environment.insert(key.into(), value.to_owned());
    }

    /// Keeps it to one core from the next start on; `taskset` of util-linux does that.
    pub fn keep_to(&mut self, core: u32) {
        self.core = Some(core);
    }

    /// Returns its process.
    pub fn pid(&self) -> Result<u32> {
        let child = self.running.as_ref().context("nothing runs")?;
        child.id().context("the daemon had ended by itself")
    }

    /// Returns where its data and its log are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn command(&self) -> Command {
        let mut command = match self.core {
            Some(core) => {
                let mut command = Command::new("taskset");
                command.args(["-c", &core.to_string()]).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        command.current_dir(&self.folder).kill_on_drop(true);
        command.envs(&self.environment);
        command
    }

    /// Puts an agent on record, with what else `tandem agent add` is to be told. The configuration must have their queues by
    /// then.
    pub async fn hire(&mut self, agent: String, words: &[&str]) -> Result<()> {
        let mut adding = self
            .command()
            .args(["agent", "add", &agent])
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {}", self.program.display()))?;
        let mut input = adding.stdin.take().context("a pipe was asked for")?;
        input.write_all(format!("{PASSWORD}\n").as_bytes()).await?;
        drop(input);
        ensure!(adding.wait().await?.success(), "{agent} was not hired");
        self.agents.push(agent);
        Ok(())
    }

    /// Runs a command of the program and returns what it says.
    pub async fn say(&self, words: &[&str]) -> Result<String> {
        let done = self.command().args(words).output().await?;
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        ensure!(
            done.status.success(),
            "tandem {words:?} failed: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        Ok(said)
    }

    fn log(&self) -> PathBuf {
        self.folder.join("tandem.log")
    }

    /// Starts it without waiting for it.
    pub fn spawn(&mut self) -> Result<()> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())?;
        let child = self
            .command()
            .arg("serve")
            .stdin(Stdio::null())
            .stdout(File::options().write(true).open("/dev/null")?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}", self.program.display()))?;
        self.running = Some(child);
        Ok(())
    }

    /// Starts it and waits until it is ready.
    pub async fn start(&mut self) -> Result<()> {
        self.start_within(START).await
    }

    /// Starts it and waits until it is ready, for so long at most.
    pub async fn start_within(&mut self, span: Duration) -> Result<()> {
        self.spawn()?;
        let house = self.house()?;
        let end = Instant::now() + span;
        loop {
            let answer = house.ops.ask("GET", "/readyz", None, None).await;
            if answer.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            let child = self.running.as_mut().context("it was started")?;
            if let Some(status) = child.try_wait()? {
                bail!(
                    "the daemon ended with {status}; see {}",
                    self.log().display()
                );
            }
            ensure!(
                Instant::now() < end,
                "the daemon was not ready within {} s; see {}",
                span.as_secs(),
                self.log().display()
            );
            time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends it as a crash does: SIGKILL, and nothing it could do about it.
    pub async fn kill(&mut self) -> Result<()> {
        let mut child = self.running.take().context("nothing runs")?;
        ensure!(
            child.try_wait()?.is_none(),
            "the daemon had ended by itself; see {}",
            self.log().display()
        );
        child.kill().await?;
        Ok(())
    }

    /// Asks it to leave, as an operator does.
    pub async fn stop(&mut self) -> Result<()> {
        let mut child = self.running.take().context("nothing runs")?;
        let pid = child.id().context("the daemon had ended by itself")?;
        let told = Command::new("kill").arg(pid.to_string()).status().await?;
        ensure!(told.success(), "the daemon could not be told to leave");
        let status = time::timeout(LEAVE, child.wait())
            .await
            .context("the daemon did not leave")??;
        ensure!(status.success(), "the daemon left with {status}");
        Ok(())
    }

    /// Returns what in its log says that something is wrong with the daemon itself.
    pub fn complaints(&self) -> Result<Vec<String>> {
        let log = fs::read_to_string(self.log())?;
        let bad = |line: &&str| {
            ["panicked at", "ERROR", "mended"]
                .iter()
                .any(|word| line.contains(word))
        };
        Ok(log
            .lines()
            .filter(bad)
            .map(|line| format!("the daemon's log says: {line}"))
            .collect())
    }

    /// Removes its folder.
    pub fn clear(&self) -> Result<()> {
        fs::remove_dir_all(&self.folder)?;
        Ok(())
    }
}

// Makes the folder that is wished for, or one that no other run has.
fn scratch(wished: Option<PathBuf>) -> Result<PathBuf> {
    let name = format!("tandem-load-{:08x}", rand::random::<u32>());
    let folder = wished.unwrap_or_else(|| std::env::temp_dir().join(name));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

// Held together until all are chosen, so that they differ.
fn ports() -> Result<[u16; 4]> {
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?);
    }
    let port = |n: usize| anyhow::Ok(held[n].local_addr()?.port());
    Ok([port(0)?, port(1)?, port(2)?, port(3)?])
}
