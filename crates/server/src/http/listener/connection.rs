//! One connection under hyper, watched from outside.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::{sleep_until, timeout};
use tower::{Service, ServiceExt};

use super::vigil::{InFlight, Verdict, Vigil, Watched};
use super::{Peer, Phase};
use crate::config::Limits;

/// hyper's own bound on header fields; it keeps them on the stack.
const USUAL_HEADER_COUNT: usize = 100;
/// How often an HTTP/2 peer is asked whether it is still there, and how long it may take to answer.
const PING: Duration = Duration::from_secs(20);

/// What every connection shares.
#[derive(Clone)]
pub(super) struct Connection<S> {
    service: S,
    builder: Arc<Builder<TokioExecutor>>,
    limits: Arc<Limits>,
    phase: watch::Receiver<Phase>,
}

impl<S> Connection<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    pub(super) fn new(service: S, limits: Limits, phase: watch::Receiver<Phase>) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        let header_bytes = usize::try_from(limits.header_bytes).unwrap_or(usize::MAX).max(8192);
        let mut http1 = builder.http1();
        // The vigil times header sections: hyper's timer does not run while the version is still unknown,
        // and would treat a connection at rest like a slow header.
        http1.timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(header_bytes);
        if limits.header_count != USUAL_HEADER_COUNT {
            http1.max_headers(limits.header_count);
        }
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(limits.header_bytes)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING);
        Self { service, builder: Arc::new(builder), limits: Arc::new(limits), phase }
    }

    /// The outcome of a handshake; `None` if it took too long or the server stops.
    pub(super) async fn in_time<T>(&self, handshake: impl Future<Output = T>) -> Option<T> {
        let mut phase = self.phase.clone();
        tokio::select! {
            outcome = timeout(self.limits.header_timeout, handshake) => outcome.ok(),
            _ = phase.wait_for(|phase| *phase != Phase::Serving) => None,
        }
    }

    pub(super) async fn serve<I>(mut self, stream: I, peer: Peer)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let vigil = Arc::new(Vigil::begin());
        let address = peer.address;
        let service = service_fn({
            let (service, vigil) = (self.service, Arc::clone(&vigil));
            move |request: Request<Incoming>| answer(service.clone(), Arc::clone(&vigil), peer.clone(), request)
        });
        let stream = TokioIo::new(Watched::new(stream, Arc::clone(&vigil)));
        let mut running = pin!(self.builder.serve_connection(stream, service));
        let mut alarm = pin!(sleep_until(vigil.deadline(&self.limits)));
        let mut finishing = false;
        loop {
            tokio::select! {
                outcome = running.as_mut() => {
                    if let Err(error) = outcome {
                        tracing::debug!(%address, %error, "a connection broke");
                    }
                    return;
                }
                changed = self.phase.changed() => {
                    // Whoever no longer holds the other end has left the server without a shutdown.
                    if changed.is_err() || *self.phase.borrow() == Phase::Cutting {
                        return;
                    }
                    finishing = true;
                    running.as_mut().graceful_shutdown();
                }
                () = alarm.as_mut() => match vigil.verdict(&self.limits) {
                    Verdict::Wait(until) => alarm.as_mut().reset(until),
                    // The second time round a goodbye was already said and not taken.
                    Verdict::Idle if !finishing => {
                        finishing = true;
                        running.as_mut().graceful_shutdown();
                        alarm.as_mut().reset(tokio::time::Instant::now() + self.limits.header_timeout);
                    }
                    Verdict::Idle | Verdict::Slow => {
                        tracing::debug!(%address, "a slow or idle connection was cut");
                        return;
                    }
                },
            }
        }
    }
}

async fn answer<S>(
    service: S,
    vigil: Arc<Vigil>,
    peer: Peer,
    request: Request<Incoming>,
) -> Result<Response<Served>, Infallible>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let in_flight = Vigil::request(vigil, request.version());
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(peer);
    let response = service.oneshot(request).await?;
    Ok(response.map(|body| Served { body, _in_flight: in_flight }))
}

/// An answer's body; the request counts as served when it is gone.
struct Served {
    body: Body,
    _in_flight: InFlight,
}

impl HttpBody for Served {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
