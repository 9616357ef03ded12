//! One WebSocket: its task moves frames between the wire, the pure session and the hub's loop.

mod sides;

use std::{pin::Pin, sync::Arc, task::Poll, time::Instant};

use futures_util::{Sink, SinkExt, StreamExt};
use hub::house;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::{
    Error, Message,
    error::CapacityError,
    protocol::{CloseFrame, frame::coding::CloseCode},
};
use ws::{
    close::Close,
    frame::{Asked, Code, Refusal, Told as Frame},
    id::{Timestamp, ZoneId},
    server::{Limits, Output, Parts, Session},
    side::Side,
};

use super::{
    app::{App, Place},
    origin,
    upgrade::Stream,
};
use crate::{
    auth::roll::SignIn,
    metrics,
    run::{
        Told,
        sockets::{Handles, ToSocket},
    },
};

/// Bytes written before they are flushed.
const WRITTEN: usize = 16 * 1024;
/// Frames taken up together at most, so that a slow client is noticed by what waits for it.
const TOGETHER: usize = 32;
/// How long a peer may take to answer our close, and to read what is before it.
const CLOSING: std::time::Duration = std::time::Duration::from_secs(5);

/// The page a socket was opened by.
pub struct Page {
    /// Its origin.
    pub from: origin::From,
    /// The zone of the credential, once it is proved.
    pub zone: Option<ZoneId>,
    /// The sign-in of an agent, once it is proved, and until when its credential is good.
    pub signed_in: Option<(SignIn, Timestamp)>,
}

impl Page {
    /// Returns one of which nothing is proved.
    pub fn of(from: origin::From) -> Self {
        Self {
            from,
            zone: None,
            signed_in: None,
        }
    }

    fn until(&self) -> Option<Timestamp> {
        self.signed_in.as_ref().map(|(_, until)| *until)
    }
}

/// What differs between the visitor's and the agent's socket.
pub trait Speaks: Side + Sized + 'static {
    /// The label of its metrics.
    const WORD: &'static str;

    /// Returns the handles of its kind.
    fn handles(app: &App) -> &Handles<Self>;

    /// Returns the sign-in that a request comes with, to be judged before the request is read.
    fn signs_in(app: &App, asked: &Asked<Self::Request>) -> Option<SignIn>;

    /// Turns a request into what the loop is told; a `hello` is proved here.
    fn read(
        app: &App,
        page: &mut Page,
        socket: u64,
        asked: Asked<Self::Request>,
    ) -> Result<house::Told, Rejection>;

    /// Takes a request up that belongs to the socket itself; none goes on, or comes later as a whole.
    fn gather(
        parts: &mut Parts,
        asked: Asked<Self::Request>,
        now: Timestamp,
    ) -> Result<Gathered<Self::Request>, Refusal>;

    /// Notes what a push means for the socket itself.
    fn note(parts: &mut Parts, push: &Self::Push);
}

/// What became of a request at the socket.
pub enum Gathered<R> {
    /// It goes on.
    Whole(Asked<R>),
    /// It is kept until the rest of it is there.
    Kept,
}

/// A request that does not get to the loop.
pub struct Rejection {
    re: u64,
    refusal: Refusal,
    close: Option<Close>,
}

impl Rejection {
    fn unauthorized(re: u64, text: impl Into<String>) -> Self {
        metrics::refused("credential");
        Self {
            re,
            refusal: Refusal {
                code: Code::Unauthorized,
                text: text.into(),
            },
            close: Some(Close::Unauthorized),
        }
    }
}

// As a request of the same credential is let in.
async fn let_in(app: &App, re: u64, sign_in: &SignIn) -> Result<(), Rejection> {
    match app.judge(sign_in).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(rejected)) => Err(Rejection::unauthorized(re, rejected.to_string())),
        Err(error) => {
            tracing::error!(
                error = format!("{error:#}"),
                "who signs in cannot be looked up"
            );
            Err(Rejection {
                re,
                refusal: Refusal {
                    code: Code::Unavailable,
                    text: "the record cannot be read; come back in a moment".to_owned(),
                },
                close: Some(Close::Fault),
            })
        }
    }
}

/// Runs a socket to its end. What it holds is made before anything is waited for, since every socket's task has room for
/// whatever is moved while it waits.
pub fn run<S: Speaks>(
    stream: Stream,
    app: Arc<App>,
    limits: Limits,
    page: Page,
    place: Place,
) -> impl Future<Output = ()> + Send
where
    S::Request: Send,
    S::Done: Send,
    S::Push: Send,
{
    let socket = app.number();
    let told = S::handles(&app).open(socket);
    let open = metrics::socket(S::WORD);
    let now = Instant::now();
    let mut task = Task::<S> {
        session: Session::new(limits, now),
        parts: Parts::default(),
        stream,
        told,
        changes: app.changes(),
        app,
        page,
        socket,
        writing: false,
        went: false,
    };
    async move {
        let _held = (place, open);
        let reason = task.drive().await;
        tracing::debug!(socket, side = S::WORD, reason, "a socket closed");
        S::handles(&task.app).close(socket);
        // The loop has stopped when nobody takes this any more.
        let closed = Told::House(house::Told::Closed {
            socket,
            went: task.went,
        });
        let _ = task.app.tell.send(closed).await;
    }
}

/// What the wire did.
enum Wire {
    Flushed(Result<(), Error>),
    Frame(Option<Result<Message, Error>>),
}

/// Waits for a frame, or for what was written to be gone; nothing is lost when this is given up.
async fn wire(stream: &mut Stream, writing: bool) -> Wire {
    std::future::poll_fn(|cx| {
        if writing && let Poll::Ready(flushed) = Pin::new(&mut *stream).poll_flush(cx) {
            return Poll::Ready(Wire::Flushed(flushed));
        }
        stream.poll_next_unpin(cx).map(Wire::Frame)
    })
    .await
}

/// Passes what a socket is told on to its session.
pub fn pass<S: Side>(told: ToSocket<S>, session: &mut Session<S>) {
    match told {
        ToSocket::Told(told) => session.tell(&told),
        ToSocket::Resumed(told) => session.tell_resumed(&told),
        ToSocket::Close(close) => session.close(close),
    }
}

struct Task<S: Speaks> {
    session: Session<S>,
    parts: Parts,
    stream: Stream,
    told: mpsc::Receiver<ToSocket<S>>,
    /// Tells that somebody who signed in may not be let in any more.
    changes: watch::Receiver<()>,
    app: Arc<App>,
    page: Page,
    socket: u64,
    /// Something is written and not flushed.
    writing: bool,
    /// The page said that it goes.
    went: bool,
}

impl<S: Speaks> Task<S> {
    async fn drive(&mut self) -> &'static str {
        let mut alarm = std::pin::pin!(tokio::time::sleep(std::time::Duration::ZERO));
        loop {
            if let Err(end) = self.pass_requests().await {
                return end;
            }
            match self.write() {
                Ok(None) => {}
                Ok(Some(close)) => return self.finish(close).await,
                Err(_) => return "the wire broke",
            }
            let due = self
                .session
                .poll_timeout()
                .map(tokio::time::Instant::from_std);
            // Set again only when it has to be: what is due moves seldom, and frames are many.
            if let Some(due) = due
                && (alarm.is_elapsed() || alarm.deadline() != due)
            {
                alarm.as_mut().reset(due);
            }
            tokio::select! {
                wire = wire(&mut self.stream, self.writing) => match wire {
                    Wire::Flushed(Ok(())) => self.writing = false,
                    Wire::Flushed(Err(_)) => return "the wire broke",
                    Wire::Frame(None) => return "the client left",
                    Wire::Frame(Some(Ok(message))) => {
                        if let Some(end) = self.take(message) {
                            return end;
                        }
                    }
                    Wire::Frame(Some(Err(error))) => {
                        if !self.misread(&error) {
                            return "the wire broke";
                        }
                    }
                },
                told = self.told.recv() => match told {
                    Some(told) => self.tell_all(told),
                    None => self.session.close(Close::Slow),
                },
                Ok(()) = self.changes.changed(), if self.page.signed_in.is_some() => self.judge_again(),
                () = &mut alarm, if due.is_some() => self.session.handle_timeout(Instant::now()),
            }
        }
    }

    // Whoever is not let in any more is told at once, whatever they do.
    fn judge_again(&mut self) {
        let signed_in = self.page.signed_in.as_ref();
        if signed_in.is_some_and(|(sign_in, _)| !self.app.is_still_in(sign_in)) {
            self.session.close(Close::Unauthorized);
        }
    }

    // What is written is flushed before more is taken out of the session, so that its bounds are felt.
    fn write(&mut self) -> Result<Option<Close>, Error> {
        let mut bytes = 0;
        while !self.writing && bytes < WRITTEN {
            match self.session.poll_output() {
                Some(Output::Text(text)) => {
                    bytes += text.len();
                    Pin::new(&mut self.stream).start_send(Message::text(text))?;
                }
                Some(Output::Close(close)) => return Ok(Some(close)),
                None => break,
            }
        }
        self.writing |= bytes > 0;
        Ok(None)
    }

    async fn pass_requests(&mut self) -> Result<(), &'static str> {
        while let Some(asked) = self.session.poll_request() {
            let re = asked.id;
            let asked = match S::gather(&mut self.parts, asked, self.app.now()) {
                Ok(Gathered::Whole(asked)) => asked,
                Ok(Gathered::Kept) => {
                    let ok = S::ok();
                    self.session.tell(&Frame::Done { re, ok });
                    continue;
                }
                Err(error) => {
                    self.session.tell(&Frame::Refused { re, error });
                    continue;
                }
            };
            // Boxed, as few requests bring one and every socket's task would have room for it.
            if let Some(sign_in) = S::signs_in(&self.app, &asked)
                && let Err(rejection) = Box::pin(let_in(&self.app, re, &sign_in)).await
            {
                self.reject(rejection);
                continue;
            }
            let until = self.page.until();
            match S::read(&self.app, &mut self.page, self.socket, asked) {
                Ok(told) => {
                    if let Some(later) = self.page.until().filter(|at| Some(*at) != until) {
                        let left = later.since(self.app.now());
                        self.session.end_at(Instant::now() + left);
                    }
                    if self.app.tell.send(Told::House(told)).await.is_err() {
                        return Err("the server is leaving");
                    }
                }
                Err(rejection) => self.reject(rejection),
            }
        }
        Ok(())
    }

    fn reject(&mut self, rejection: Rejection) {
        self.session.tell(&Frame::Refused {
            re: rejection.re,
            error: rejection.refusal,
        });
        if let Some(close) = rejection.close {
            self.session.close(close);
        }
    }

    fn take(&mut self, message: Message) -> Option<&'static str> {
        match message {
            Message::Text(text) => self.session.handle_text(&text, Instant::now()),
            Message::Binary(_) => self.session.handle_binary(),
            // Answered by tungstenite.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            Message::Close(frame) => {
                // RFC 6455 §7.4.1: browsers say so of a page that is closed or left. No script can.
                self.went = frame.is_some_and(|frame| frame.code == CloseCode::Away);
                return Some("the client closed");
            }
        }
        None
    }

    // Tells whether the client can still be told why.
    fn misread(&mut self, error: &Error) -> bool {
        tracing::debug!(socket = self.socket, %error, "a frame could not be read");
        let close = match error {
            Error::Capacity(CapacityError::MessageTooLong { .. }) => Close::TooBig,
            Error::Protocol(_) => Close::Protocol,
            Error::Utf8(_) => Close::NotText,
            _ => return false,
        };
        metrics::refused("frame");
        self.session.close(close);
        true
    }

    // What came together goes out together.
    fn tell_all(&mut self, first: ToSocket<S>) {
        self.tell(first);
        for _ in 1..TOGETHER {
            match self.told.try_recv() {
                Ok(told) => self.tell(told),
                Err(_) => return,
            }
        }
    }

    fn tell(&mut self, told: ToSocket<S>) {
        if let ToSocket::Told(told) = &told
            && let Frame::Push(push) = &**told
        {
            S::note(&mut self.parts, push);
        }
        pass(told, &mut self.session);
    }

    async fn finish(&mut self, close: Close) -> &'static str {
        let frame = CloseFrame {
            code: CloseCode::from(close.code()),
            reason: close.text().into(),
        };
        let goodbye = async {
            self.stream.send(Message::Close(Some(frame))).await?;
            // The client's own close ends this; whatever it still sends is not read any more.
            while let Some(Ok(_)) = self.stream.next().await {}
            self.stream.close(None).await
        };
        if tokio::time::timeout(CLOSING, goodbye).await.is_err() {
            tracing::debug!(socket = self.socket, "a client did not close in time");
        }
        metrics::closed(close);
        "the server closed"
    }
}
