//! Watches one connection: is it serving, at rest, or dawdling over a header?

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Version;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::config::Limits;

/// What became of a connection whose deadline came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It rested too long.
    Idle,
    /// It dawdled over a header section, or stopped moving in the middle of a request.
    Slow,
    /// It has moved since; look again then.
    Wait(Instant),
}

/// What one connection is doing. Times are milliseconds since its start; zero means not yet.
pub(super) struct Vigil {
    start: Instant,
    in_flight: AtomicUsize,
    /// When the last request was done.
    at_rest: AtomicU64,
    /// When the first byte of the next request came.
    header_began: AtomicU64,
    /// When any byte last moved.
    moved: AtomicU64,
    has_served: AtomicBool,
    /// HTTP/2: bytes between requests are pings and settings, no header.
    multiplexed: AtomicBool,
}

impl Vigil {
    pub(super) fn begin() -> Self {
        Self {
            start: Instant::now(),
            in_flight: AtomicUsize::new(0),
            at_rest: AtomicU64::new(0),
            header_began: AtomicU64::new(0),
            moved: AtomicU64::new(0),
            has_served: AtomicBool::new(false),
            multiplexed: AtomicBool::new(false),
        }
    }

    /// A request's header section is complete; it is in flight until the answer is dropped.
    pub(super) fn request(vigil: Arc<Self>, version: Version) -> InFlight {
        vigil.in_flight.fetch_add(1, Ordering::Relaxed);
        vigil.header_began.store(0, Ordering::Relaxed);
        vigil.has_served.store(true, Ordering::Relaxed);
        vigil.multiplexed.store(version == Version::HTTP_2, Ordering::Relaxed);
        InFlight(vigil)
    }

    /// When this connection has gone too far, if nothing happens until then.
    pub(super) fn deadline(&self, limits: &Limits) -> Instant {
        self.judge(limits).0
    }

    pub(super) fn verdict(&self, limits: &Limits) -> Verdict {
        let (deadline, late) = self.judge(limits);
        if deadline <= Instant::now() { late } else { Verdict::Wait(deadline) }
    }

    fn judge(&self, limits: &Limits) -> (Instant, Verdict) {
        let at = |moment: &AtomicU64| self.start + Duration::from_millis(moment.load(Ordering::Relaxed));
        if self.in_flight.load(Ordering::Relaxed) > 0 {
            let patience = limits.request_timeout + limits.idle_timeout;
            return (at(&self.moved) + patience, Verdict::Slow);
        }
        if !self.has_served.load(Ordering::Relaxed) {
            return (self.start + limits.header_timeout, Verdict::Slow);
        }
        let in_header = self.header_began.load(Ordering::Relaxed) > 0;
        if in_header && !self.multiplexed.load(Ordering::Relaxed) {
            return (at(&self.header_began) + limits.header_timeout, Verdict::Slow);
        }
        (at(&self.at_rest) + limits.idle_timeout, Verdict::Idle)
    }

    fn now(&self) -> u64 {
        // Never zero, which means not yet.
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
    }

    fn bytes_came(&self) {
        let now = self.now();
        self.moved.store(now, Ordering::Relaxed);
        if self.in_flight.load(Ordering::Relaxed) == 0 && self.header_began.load(Ordering::Relaxed) == 0 {
            self.header_began.store(now, Ordering::Relaxed);
        }
    }

    fn bytes_left(&self) {
        self.moved.store(self.now(), Ordering::Relaxed);
    }
}

/// A request that is being answered.
pub(super) struct InFlight(Arc<Vigil>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.at_rest.store(self.0.now(), Ordering::Relaxed);
        self.0.header_began.store(0, Ordering::Relaxed);
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream whose every movement the vigil sees.
pub(super) struct Watched<I> {
    stream: I,
    vigil: Arc<Vigil>,
}

impl<I> Watched<I> {
    pub(super) fn new(stream: I, vigil: Arc<Vigil>) -> Self {
        Self { stream, vigil }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Watched<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.vigil.bytes_came();
        }
        outcome
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Watched<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if outcome.is_ready() {
            self.vigil.bytes_left();
        }
        outcome
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        if outcome.is_ready() {
            self.vigil.bytes_left();
        }
        outcome
    }
}
