//! Carries out what was decided: commands to the SIP endpoint and the media plane, frames to sockets.

use std::{collections::VecDeque, sync::Arc};

use anyhow::Context;
use hub::{edge::browser::Output, lookup::Question};
use sip::{endpoint::Command as SipCommand, media::MediaCommand};
use tokio::sync::mpsc;

use super::sockets::{Sockets, ToSocket};
use crate::{media::Media, metrics};

/// The ways out.
pub struct World {
    sockets: Arc<Sockets>,
    sip: mpsc::Sender<SipCommand>,
    media: Media,
    sip_waiting: VecDeque<SipCommand>,
    media_waiting: VecDeque<MediaCommand>,
    questions: mpsc::Sender<Box<Question>>,
}

impl World {
    /// Puts the ways together.
    pub fn new(
        sockets: Arc<Sockets>,
        sip: mpsc::Sender<SipCommand>,
        media: Media,
        questions: mpsc::Sender<Box<Question>>,
    ) -> Self {
        Self {
            sockets,
            sip,
            media,
            sip_waiting: VecDeque::new(),
            media_waiting: VecDeque::new(),
            questions,
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

    /// Hands a question about who comes over; one too many is dropped, since nothing waits for its answer.
    pub fn look_up(&self, question: Box<Question>) {
        if self.questions.try_send(question).is_err() {
            metrics::hooks::looked_up("busy");
        }
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
