//! The layer: a request with a good token goes on with its [`Caller`]; any other is answered here.
//!
//! Implements: RFC 6750 §2.1, §3.
//! Leaves out: tokens in bodies and queries (§2.2, §2.3), which end up in logs.

use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use chancery_spec::Scope;
use chancery_spec::challenge::BearerChallenge;
use chancery_spec::credentials::BearerToken;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response};
use tower::{Layer, Service};

use crate::caller::Caller;
use crate::denial::Denial;
use crate::verify::Verifier;

/// A layer that lets through only requests with a good token, and puts their [`Caller`] among their extensions.
#[derive(Clone, Debug)]
pub struct Guard {
    verifier: Arc<Verifier>,
    rules: Arc<Rules>,
}

#[derive(Clone, Debug, Default)]
struct Rules {
    scope: Scope,
    realm: Option<String>,
    resource_metadata: Option<String>,
}

impl Guard {
    /// Lets through whom `verifier` believes. Several guards may share one verifier, and what it remembers.
    pub fn new(verifier: impl Into<Arc<Verifier>>) -> Self {
        Self { verifier: verifier.into(), rules: Arc::default() }
    }

    /// Lets through only tokens that were granted all of `scope`.
    #[must_use]
    pub fn requiring(mut self, scope: Scope) -> Self {
        Arc::make_mut(&mut self.rules).scope = scope;
        self
    }

    /// Names in challenges what is protected.
    #[must_use]
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.rules).realm = Some(realm.into());
        self
    }

    /// Names in challenges where the API describes itself (RFC 9728 §5.1).
    #[must_use]
    pub fn described_at(mut self, url: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.rules).resource_metadata = Some(url.into());
        self
    }

    /// The caller of a request with these headers.
    ///
    /// # Errors
    /// The [`Denial`] that answers it.
    pub async fn admit(&self, headers: &HeaderMap) -> Result<Caller, Denial> {
        let token = presented(headers)?;
        let caller = self.verifier.verify(token.expose()).await?;
        caller.require(&self.rules.scope)?;
        Ok(caller)
    }

    /// The answer to a request that is turned away, with what this guard says in challenges.
    pub fn answer<B: Default>(&self, denial: &Denial) -> Response<B> {
        let challenge = denial.challenge().map(|challenge| BearerChallenge {
            realm: self.rules.realm.clone(),
            // Whoever comes without a token is told what to ask for.
            scope: challenge.scope.or_else(|| Some(self.rules.scope.clone()).filter(|scope| !scope.is_empty())),
            resource_metadata: self.rules.resource_metadata.clone(),
            ..challenge
        });
        denial.answer(challenge)
    }
}

/// The token of the one `Authorization` field.
fn presented(headers: &HeaderMap) -> Result<BearerToken, Denial> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let field = fields.next().ok_or(Denial::NoToken)?.as_bytes();
    if fields.next().is_some() {
        return Err(Denial::Malformed);
    }
    let scheme = field.split(|byte| *byte == b' ').next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case(b"Bearer") {
        return Err(Denial::NoToken);
    }
    BearerToken::parse(field).map_err(|_| Denial::Malformed)
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { guard: self.clone(), inner }
    }
}

/// A service behind a [`Guard`].
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    guard: Guard,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Guarded<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The service that was polled ready is the one to call; its clone waits for the next request.
        let standby = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, standby);
        let guard = self.guard.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let outcome = guard.admit(&parts.headers).await;
            request = Request::from_parts(parts, body);
            match outcome {
                Ok(caller) => {
                    request.extensions_mut().insert(caller);
                    inner.call(request).await
                }
                Err(denial) => Ok(guard.answer(&denial)),
            }
        })
    }
}
