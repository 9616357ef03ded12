//! Carries out what was decided: commands to the SIP endpoint and the media plane, frames to sockets.

use std::{collections::VecDeque, sync::Arc};

use anyhow::Context;
use hub::edge::browser::Output;
use sip::{endpoint::Command as SipCommand, media::MediaCommand};
use tokio::sync::mpsc;

use super::sockets::{Sockets, ToSocket};
use crate::media::Media;

/// The ways out.
pub struct World {
    sockets: Arc<Sockets>,
    sip: mpsc::Sender<SipCommand>,
    media: Media,
    sip_waiting: VecDeque<SipCommand>,
    media_waiting: VecDeque<MediaCommand>,
}

impl World {
    /// Puts the ways together.
    pub fn new(sockets: Arc<Sockets>, sip: mpsc::Sender<SipCommand>, media: Media) -> Self {
        Self {
            sockets,
            sip,
            media,
            sip_waiting: VecDeque::new(),
            media_waiting: VecDeque::new(),
        }
    }

    /// Queues a command for the SIP endpoint.
    pub fn sip(&mut self, command: SipCommand) {
        self.sip_waiting.push_back(command);
    }

    /// Queues a command for the media plane.
    pub fn media(&mut self, command: MediaCommand) {
        self.media_waiting.push_back(command);
    }

    /// Hands over what is queued. Neither receiver ever waits for the loop, so this ends.
    pub async fn carry_out(&mut self) -> anyhow::Result<()> {
        self.media.ask_all(self.media_waiting.drain(..)).await?;
        while let Some(command) = self.sip_waiting.pop_front() {
            self.sip
                .send(command)
                .await
                .ok()
                .context("the SIP endpoint has stopped")?;
        }
        Ok(())
    }

    /// Tells a socket something.
    pub fn browser(&self, output: Output) {
        match output {
            Output::Visitor { socket, told } => self
                .sockets
                .visitors
                .tell(socket, ToSocket::Told(Box::new(told))),
            Output::VisitorResumed { socket, told } => {
                self.sockets.visitors.tell(socket, ToSocket::Resumed(told))
            }
            Output::Agent { socket, told } => {
                self.sockets.agents.tell(socket, ToSocket::Told(told))
            }
            Output::AgentResumed { socket, told } => {
                self.sockets.agents.tell(socket, ToSocket::Resumed(told))
            }
            Output::Close { socket, close } => {
                // A number is one side's only; the other side does not know it.
                self.sockets.visitors.tell(socket, ToSocket::Close(close));
                self.sockets.agents.tell(socket, ToSocket::Close(close));
            }
        }
    }
}
