//! Asks the loop again and again whether it still answers, whatever the disk does. Systemd is told each time that it did, and
//! ends and starts a daemon of which it hears nothing for as long as the unit allows; without it a line in the log says so.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinHandle;

use crate::net::app::{Alive, App};

/// How often it is asked where nobody says how long it may be silent.
const EVERY: Duration = Duration::from_secs(15);

/// Says that the daemon is ready, and watches it for as long as the task lives.
pub fn start(app: Arc<App>) -> JoinHandle<()> {
    super::tell_systemd(&[sd_notify::NotifyState::Ready]);
    tokio::spawn(watch(app))
}

async fn watch(app: Arc<App>) {
    // An answer that is late by one time must not end the daemon, nor a silence that began just after one.
    let every = sd_notify::watchdog_enabled()
        .filter(|silence| !silence.is_zero())
        .map_or(EVERY, |silence| silence / 4);
    loop {
        match app.alive(every).await {
            Alive::ComesRound => {
                super::tell_systemd(&[sd_notify::NotifyState::Watchdog]);
                tokio::time::sleep(every).await;
            }
            Alive::StandsStill => {
                let age = app.pulse.age(Instant::now());
                tracing::error!(seconds = age.as_secs(), "the hub's loop stands still");
            }
            // It is about to leave.
            Alive::HasStopped => return,
        }
    }
}
