//! `tandem serve`: opens everything in order, says where to go, and runs until told to leave.

mod bind;
mod dev;
mod doors;
mod parts;
mod recordings;
mod reload;
mod retention;
mod signals;
mod voice;
mod watchdog;

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use tokio::task::JoinHandle;
use ws::close::Close;

use crate::{
    clock::tide::Trust,
    config::{Config, Effective},
    net::app::App,
    run::Leaving,
    store::journal::Writer,
};
use parts::Parts;
use signals::{Signalled, Signals};

/// How long sockets may take to close, and the last words to be sent, when the daemon leaves.
const GOODBYE: std::time::Duration = std::time::Duration::from_secs(3);

/// Runs the daemon.
pub fn run(effective: Effective, trust: Trust) -> anyhow::Result<()> {
    crate::logs::start(&effective.config);
    let store = effective.config.store.path.clone();
    crate::store::enter(&store)?.keep();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?;
    let done = runtime.block_on(serve(effective, trust));
    runtime.shutdown_timeout(GOODBYE);
    done.map_err(|error| crate::store::backup::explain(error, &store))
}

/// Returns the file of the key that signs credentials, and whether it may be made.
pub fn token_key(config: &Config) -> anyhow::Result<(PathBuf, bool)> {
    match &config.web.token_key_file.0 {
        Some(file) => Ok((
            crate::config::credential(file).map_err(anyhow::Error::msg)?,
            false,
        )),
        None => Ok((config.store.path.join("token.key"), true)),
    }
}

async fn serve(mut effective: Effective, trust: Trust) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let passwords = effective
        .is_development()
        .then(|| dev::prepare(&mut effective.config))
        .transpose()?;
    // What is only tried out may lie for months, and nobody waits in it.
    let trust = match effective.is_development() {
        true => Trust::Blind,
        false => trust,
    };
    let parts = Parts::open(&effective.config, trust).await?;
    parts.announce_to_commands(&effective.config)?;
    parts.announce(&effective, passwords.as_ref());
    let Parts {
        app,
        reload,
        sip,
        mut phone,
        leave,
        listeners,
        mut hub,
        writer,
        recordings,
        ..
    } = parts;
    let watchdog = watchdog::start(app.clone());

    let mut leaving = false;
    let done = loop {
        tokio::select! {
            ended = &mut hub => {
                // It takes back our registrations now, while there are connections.
                let _ = tokio::time::timeout(GOODBYE, &mut phone).await;
                break ended.context("the hub's loop broke").and_then(|ended| ended);
            }
            () = app.reload.notified() => reload.agents(&app, &sip).await,
            signal = signals.next() => match signal {
                Signalled::Reload => reload.run(&effective, &app, &sip).await,
                Signalled::Leave if leaving => {
                    tracing::warn!("told to leave at once");
                    hub.abort();
                    break Ok(());
                }
                Signalled::Leave => {
                    leaving = true;
                    begin_to_leave(&app, &sip).await;
                }
            }
        }
    };
    watchdog.abort();
    tell_systemd(&[sd_notify::NotifyState::Stopping]);
    app.drain();
    app.sockets.visitors.close_all(Close::Leaving);
    app.sockets.agents.close_all(Close::Leaving);
    // Listeners and connections end by this; nobody listens when they have.
    let _ = leave.send(true);
    close(listeners, &app).await;
    drop((app, sip));
    recordings::finish(recordings, GOODBYE).await;
    wait_for(writer).await;
    done
}

async fn close(listeners: Vec<JoinHandle<()>>, app: &App) {
    let emptied = tokio::time::timeout(GOODBYE, async {
        for listener in listeners {
            // An aborted listener has ended too.
            let _ = listener.await;
        }
        app.emptied().await;
    });
    if emptied.await.is_err() {
        tracing::warn!("some sockets did not close in time");
    }
}

async fn wait_for(writer: Writer) {
    // All the loop wanted written is; what a stuck socket still holds on to does not keep the daemon.
    let joined = tokio::time::timeout(GOODBYE, tokio::task::spawn_blocking(move || writer.join()));
    if joined.await.is_err() {
        tracing::debug!("the journal's writer was not waited for");
    }
}

async fn begin_to_leave(app: &Arc<App>, sip: &tokio::sync::mpsc::Sender<crate::net::sip::Control>) {
    let patience = app.config.load().drain.patience.0;
    tracing::info!(
        patience = patience.as_secs(),
        "leaving; new work is refused, what runs may finish"
    );
    app.drain();
    let leaving = Leaving {
        deadline: app.now() + patience,
    };
    let told = sip.send(crate::net::sip::Control::Drain).await.is_ok()
        && app
            .tell
            .send(crate::run::Told::Leave(leaving))
            .await
            .is_ok();
    if !told {
        tracing::error!("a part of the daemon had stopped already");
    }
}

fn tell_systemd(states: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd could not be told");
    }
}
