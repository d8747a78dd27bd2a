//! Accepts connections and serves HTTP/1.1 and HTTP/2 on them, in the clear or under TLS, with a bound on everything.
//!
//! Bounds: connections at once (more wait in the system's queue), the time of a handshake and of a header section,
//! idle and stalled connections, size and number of header fields, HTTP/2 streams. Size and time of a request's body
//! are bounded where it is read (`http/limit`).
//!
//! Implements: RFC 9112, RFC 9113 as hyper speaks them.
//! Leaves out: upgrades, CONNECT, HTTP/3.

mod connection;
mod vigil;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response};
use metrics::gauge;
use rustls::ServerConfig;
use rustls_pki_types::CertificateDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::Service;

use crate::config::Limits;
use crate::telemetry::CONNECTIONS;
use connection::Connection;

/// The longest pause after an `accept` that failed for want of files or memory.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Who is at the other end of the connection; in the extensions of every request.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The address of the socket: of a proxy, if there is one in front.
    pub address: SocketAddr,
    /// What the handshake told, if there was one.
    pub tls: Option<Arc<TlsInfo>>,
}

/// What a TLS handshake told.
#[derive(Clone, Debug)]
pub struct TlsInfo {
    /// The version spoken.
    pub version: Option<rustls::ProtocolVersion>,
    /// The cipher suite spoken.
    pub cipher_suite: Option<rustls::CipherSuite>,
    /// The name that the client asked for (RFC 6066 §3).
    pub server_name: Option<String>,
    /// The client's certificate chain, if it was asked for and sent one.
    pub client_certificates: Vec<CertificateDer<'static>>,
}

/// Sockets that are bound but not yet served.
pub struct Listener {
    sockets: Vec<TcpListener>,
    addresses: Vec<SocketAddr>,
    limits: Limits,
    tls: Option<Arc<ServerConfig>>,
}

/// How a shutdown ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// Some accepted requests were not finished in time and were cut.
    Cut,
    /// Every accepted request was answered.
    Finished,
}

/// What connections are told about the life of the server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Serving,
    Finishing,
    Cutting,
}

impl Listener {
    /// Binds every address. Port 0 takes a free one; see [`Self::addresses`].
    ///
    /// # Errors
    /// An address that is taken or not ours, named in the message.
    pub async fn bind(addresses: &[SocketAddr], limits: Limits, tls: Option<Arc<ServerConfig>>) -> io::Result<Self> {
        let mut sockets = Vec::with_capacity(addresses.len());
        for address in addresses {
            let named = |error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"));
            sockets.push(TcpListener::bind(address).await.map_err(named)?);
        }
        let addresses = sockets.iter().map(TcpListener::local_addr).collect::<io::Result<_>>()?;
        Ok(Self { sockets, addresses, limits, tls })
    }

    /// The addresses that were bound, in the order of asking.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Serves until `stop` comes. Then nothing more is accepted, and what was accepted is finished, but no longer
    /// than the limit for shutdowns.
    pub async fn serve<S>(self, service: S, stop: impl Future<Output = ()>) -> Shutdown
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
        S::Future: Send,
    {
        // Each door holds a place ready for who comes next; the other doors' must not count against this one.
        let spare = self.sockets.len().saturating_sub(1);
        let room = self.limits.connections.saturating_add(spare).min(Semaphore::MAX_PERMITS);
        let places = Arc::new(Semaphore::new(room));
        let (phase, watched) = watch::channel(Phase::Serving);
        let shutdown_timeout = self.limits.shutdown_timeout;
        let connection = Connection::new(service, self.limits, watched);
        let acceptor = self.tls.map(TlsAcceptor::from);
        let mut doors = JoinSet::new();
        for socket in self.sockets {
            let door = Door { socket, places: Arc::clone(&places), acceptor: acceptor.clone() };
            doors.spawn(door.keep(connection.clone()));
        }
        stop.await;

        // The doors first, so that nobody slips in between.
        doors.shutdown().await;
        phase.send_replace(Phase::Finishing);
        let everyone = u32::try_from(room).unwrap_or(u32::MAX);
        let finished = timeout(shutdown_timeout, places.acquire_many(everyone)).await.is_ok();
        if finished {
            return Shutdown::Finished;
        }
        phase.send_replace(Phase::Cutting);
        // Cut connections end at their next turn; waiting for it keeps the store from closing under them.
        let _ = timeout(LONGEST_PAUSE, places.acquire_many(everyone)).await;
        Shutdown::Cut
    }
}

/// One address: where connections come in, as long as there are places.
struct Door {
    socket: TcpListener,
    places: Arc<Semaphore>,
    acceptor: Option<TlsAcceptor>,
}

impl Door {
    async fn keep<S>(self, connection: Connection<S>)
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
        S::Future: Send,
    {
        let mut pause = Duration::from_millis(10);
        // The semaphore is never closed; if it were, there would be nothing left to serve.
        while let Ok(place) = Arc::clone(&self.places).acquire_owned().await {
            match self.socket.accept().await {
                Ok((stream, address)) => {
                    pause = Duration::from_millis(10);
                    let acceptor = self.acceptor.clone();
                    tokio::spawn(greet(stream, address, acceptor, connection.clone(), place));
                }
                Err(error) if concerns_one_connection(&error) => {}
                Err(error) => {
                    // Out of files or memory: trying again at once would only burn the processor.
                    tracing::error!(%error, "connections cannot be accepted; trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }
}

fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset
    )
}

/// An open connection, as long as the figures count it.
struct Open;

impl Open {
    fn begin() -> Self {
        gauge!(CONNECTIONS).increment(1.0);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        gauge!(CONNECTIONS).decrement(1.0);
    }
}

/// One connection from its first byte to its last; its place is held as long.
async fn greet<S>(
    stream: TcpStream,
    address: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    connection: Connection<S>,
    place: OwnedSemaphorePermit,
) where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let _open = Open::begin();
    // Small answers leave at once. A socket that refuses is about to fail anyway.
    let _ = stream.set_nodelay(true);
    match acceptor {
        None => connection.serve(stream, Peer { address, tls: None }).await,
        Some(acceptor) => match connection.in_time(acceptor.accept(stream)).await {
            Some(Ok(stream)) => {
                let (_, session) = stream.get_ref();
                let tls = TlsInfo {
                    version: session.protocol_version(),
                    cipher_suite: session.negotiated_cipher_suite().map(|suite| suite.suite()),
                    server_name: session.server_name().map(str::to_owned),
                    client_certificates: session.peer_certificates().map(<[_]>::to_vec).unwrap_or_default(),
                };
                connection.serve(stream, Peer { address, tls: Some(Arc::new(tls)) }).await;
            }
            Some(Err(error)) => tracing::debug!(%address, %error, "a TLS handshake failed"),
            None => tracing::debug!(%address, "a TLS handshake was cut"),
        },
    }
    drop(place);
}

#[cfg(test)]
mod tests;
