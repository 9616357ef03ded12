//! Answers that come before their request has come whole: what is still sent is taken in for a while, or the answer would be lost with
//! the connection (RFC 9112 §9.6).

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::oneshot,
    time::{Instant, Sleep},
};

/// How long what nobody wants is taken in.
const LONGEST: Duration = Duration::from_secs(30);
/// How long without any of it.
const SILENT: Duration = Duration::from_secs(5);
/// No more than this is read before the answer, when nobody read it, and the connection goes on.
const SMALL: u64 = 8 * 1024;
/// How long that may take.
const SHORT: Duration = Duration::from_secs(1);
/// As much is taken in at a time.
const PIECE: usize = 16 * 1024;

/// Whether a request of a connection was answered before it had come whole, and more than a little of it was left.
#[derive(Clone, Debug, Default)]
pub struct Early(Arc<AtomicBool>);

impl Early {
    /// Tells whether one was; then none comes after it.
    pub fn is(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Reads what a request left of its body, where that is little.
    pub async fn read(&self, mut rest: oneshot::Receiver<Incoming>) {
        let Ok(body) = rest.try_recv() else { return };
        let reading = axum::body::to_bytes(axum::body::Body::new(body), usize::MAX);
        let whole = tokio::time::timeout(SHORT, reading).await;
        if !matches!(whole, Ok(Ok(_))) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

/// The body of a request.
#[derive(Debug)]
pub struct Watched {
    /// None once it is dropped.
    body: Option<Incoming>,
    ended: bool,
    early: Early,
    /// Who reads the rest of it, where that is little.
    rest: Option<oneshot::Sender<Incoming>>,
}

impl Watched {
    /// Watches whether a body is read to its end.
    pub fn new(body: Incoming, early: Early, rest: oneshot::Sender<Incoming>) -> Self {
        Self {
            ended: body.is_end_stream(),
            body: Some(body),
            early,
            rest: Some(rest),
        }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(&mut *body).poll_frame(cx));
        let ended = frame.is_none() || body.is_end_stream();
        self.ended |= ended;
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.as_ref();
        body.map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let small = self.size_hint().upper().is_some_and(|left| left <= SMALL);
        match (self.body.take(), self.rest.take()) {
            // Where the answer is on its way already nobody takes it, and it is forgotten here.
            (Some(body), Some(rest)) if small => drop(rest.send(body)),
            _ => self.early.0.store(true, Ordering::Relaxed),
        }
    }
}

/// A connection that takes in what is still sent when it has nothing more to say, after an early answer.
#[derive(Debug)]
pub struct Linger<S> {
    stream: S,
    early: Early,
    /// How long it waits for more of it, and at most.
    ending: Option<(Pin<Box<Sleep>>, Instant)>,
}

impl<S> Linger<S> {
    /// Makes one of a connection.
    pub fn new(stream: S, early: Early) -> Self {
        Self {
            stream,
            early,
            ending: None,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Linger<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Linger<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.ending.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            if !this.early.is() {
                return Poll::Ready(Ok(()));
            }
        }
        let now = Instant::now();
        let (sleep, last) = this.ending.get_or_insert_with(|| {
            let sleep = Box::pin(tokio::time::sleep_until(now + SILENT));
            (sleep, now + LONGEST)
        });
        let mut piece = [0; PIECE];
        loop {
            let mut read = ReadBuf::new(&mut piece);
            match Pin::new(&mut this.stream).poll_read(cx, &mut read) {
                Poll::Ready(Ok(())) if !read.filled().is_empty() => {
                    sleep.as_mut().reset((Instant::now() + SILENT).min(*last));
                }
                // The peer has ended too, in whatever way.
                Poll::Ready(Ok(()) | Err(_)) => return Poll::Ready(Ok(())),
                Poll::Pending => {
                    ready!(sleep.as_mut().poll(cx));
                    return Poll::Ready(Ok(()));
                }
            }
            if Instant::now() >= *last {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    // Writes as much as the peer takes, until there is nobody any more.
    async fn taken(mut peer: impl AsyncWrite + Unpin) -> usize {
        let mut all = 0;
        let mut pace = tokio::time::interval(Duration::from_millis(10));
        while let Ok(written) = peer.write(&[0; 1_000]).await {
            all += written;
            pace.tick().await;
        }
        all
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_sent_after_an_early_answer_is_taken_in_for_a_while_and_not_for_ever() {
        let early = Early::default();
        let (ours, mut theirs) = tokio::io::duplex(4_096);
        let mut line = Linger::new(ours, early.clone());
        early.0.store(true, Ordering::Relaxed);
        line.write_all(b"no").await.unwrap();

        let sending = tokio::spawn(async move {
            let mut answer = [0; 2];
            theirs.read_exact(&mut answer).await.unwrap();
            (answer, taken(theirs).await)
        });
        let began = Instant::now();
        line.shutdown().await.unwrap();
        let lasted = Instant::now() - began;
        drop(line);

        let (answer, taken) = sending.await.unwrap();
        assert_eq!(&answer, b"no");
        assert!(taken > 2_000_000, "{taken}");
        assert!(lasted >= LONGEST && lasted < LONGEST + SILENT, "{lasted:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_nothing_more_is_not_waited_for_long_and_who_was_answered_in_time_not_at_all()
    {
        for (is_early, longest) in [(true, SILENT), (false, Duration::ZERO)] {
            let early = Early::default();
            early.0.store(is_early, Ordering::Relaxed);
            let (ours, _theirs) = tokio::io::duplex(64);
            let mut line = Linger::new(ours, early);
            let began = Instant::now();

            line.shutdown().await.unwrap();

            let lasted = Instant::now() - began;
            assert!(lasted >= longest && lasted < longest + Duration::from_secs(1));
        }
    }
}
