//! Recordings at the start and at the end: the threads that write them, and what the last run left.

use std::time::Duration;

use anyhow::Context;
use hub::{
    Hub, Input,
    house::{self, House},
    recording::Outcome,
};
use tokio::sync::mpsc;
use ws::id::RecordingId;

use crate::{
    config::Config,
    recorder::{self, Finishing, Recorder},
    run::Told,
};

/// Starts to write recordings. What becomes of them is told to the hub; one that is told when its loop has ended is found at
/// the next start.
pub fn start(config: &Config, tell: &mpsc::Sender<Told>) -> anyhow::Result<(Recorder, Finishing)> {
    let tell = tell.clone();
    let report = move |recording, outcome| {
        let ended = Box::new(Input::RecordingEnded { recording, outcome });
        let told = Told::House(house::Told::Input(ended));
        if tell.blocking_send(told).is_err() {
            tracing::info!(%recording, "the recording will be known at the next start");
        }
    };
    let directory = config.recording.directory(&config.store);
    Recorder::start(directory, config.recording.format, Box::new(report))
        .context("starting the writer of recordings")
}

/// Finishes what the last run left, and finds what it did not tell.
pub fn rescue(config: &Config, hub: &Hub) -> Vec<(RecordingId, Outcome)> {
    let running = hub.state().interactions().filter_map(|found| {
        let n = found.recordings.running.as_ref()?.n;
        let interaction = found.id;
        Some(RecordingId { interaction, n })
    });
    let running: Vec<_> = running.collect();
    recorder::rescue(&config.recording.directory(&config.store), &running)
}

/// Tells the house what became of them.
pub fn tell(house: &mut House, ended: Vec<(RecordingId, Outcome)>) {
    for (recording, outcome) in ended {
        let ended = Input::RecordingEnded { recording, outcome };
        house.tell(house::Told::Input(Box::new(ended)));
    }
}

/// Waits until the files of the last calls are finished, for a while.
pub async fn finish(recordings: Finishing, patience: Duration) {
    let finished = tokio::task::spawn_blocking(move || recordings.join());
    if tokio::time::timeout(patience, finished).await.is_err() {
        tracing::warn!("some recordings are not finished; the next start does it");
    }
}
