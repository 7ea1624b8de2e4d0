//! 接続の段階: how far a connection came, and the time each stage has.
//!
//! The connector of the client does everything from the name of the host to the end of the handshake in one. A layer around
//! it gives the part before the handshake and the handshake itself a time each, and says in which of them it failed. Where
//! the handshake begins it learns from the session store, which is asked for a session then.

use rustls::NamedGroup;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};

type BoxError = Box<dyn Error + Send + Sync>;

tokio::task_local! {
    /// Told when the handshake of the connection that is being made begins.
    static HANDSHAKE: Arc<Notify>;
    /// Told when a connection is being made for this request, and when it stands.
    static REQUEST: watch::Sender<Option<Instant>>;
}

/// A stage of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Name, proxy, TCP.
    Connect,
    /// The handshake.
    Tls,
}

/// A stage that failed, or took too long.
#[derive(Debug)]
pub(super) struct StageError {
    pub(super) stage: Stage,
    /// Nothing where it took too long.
    source: Option<BoxError>,
}

impl StageError {
    pub(super) const fn is_timeout(&self) -> bool {
        self.source.is_none()
    }
}

impl fmt::Display for StageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.stage)
    }
}

impl Error for StageError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

/// Does a request, and gives up where its answer does not begin in time once the connection stands; nothing then. Else what
/// came, and when the connection stood.
pub(super) async fn first_byte<T>(request: impl Future<Output = T>, limit: Duration) -> Option<(T, Instant)> {
    let begun = Instant::now();
    let (tell, mut told) = watch::channel(Some(begun));
    let stood = told.clone();
    let patience = async {
        loop {
            let since = *told.borrow_and_update();
            match since {
                // The stages of the connection have their own time.
                None => {
                    if told.changed().await.is_err() {
                        std::future::pending::<()>().await;
                    }
                }
                Some(since) => {
                    if tokio::time::timeout_at(since + limit, told.changed()).await.is_err() {
                        return;
                    }
                    if told.has_changed().is_err() {
                        tokio::time::sleep_until(since + limit).await;
                        return;
                    }
                }
            }
        }
    };
    tokio::select! {
        biased;
        done = REQUEST.scope(tell, request) => {
            let since = *stood.borrow();
            Some((done, since.unwrap_or(begun)))
        }
        () = patience => None,
    }
}

/// The layer that gives each stage its time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stages {
    pub(super) connect: Duration,
    pub(super) tls: Duration,
}

impl<S> tower_layer::Layer<S> for Stages {
    type Service = Staged<S>;

    fn layer(&self, inner: S) -> Staged<S> {
        Staged { inner, stages: *self }
    }
}

/// A connector with a time for each stage.
#[derive(Clone, Debug)]
pub(super) struct Staged<S> {
    inner: S,
    stages: Stages,
}

impl<S, R> tower_service::Service<R> for Staged<S>
where
    S: tower_service::Service<R, Error = BoxError>,
    S::Future: Send + 'static,
    S::Response: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let (connecting, stages) = (self.inner.call(request), self.stages);
        // Within the request's own task; the rest may be done elsewhere.
        let tell = REQUEST.try_with(watch::Sender::clone).ok();
        Box::pin(async move {
            if let Some(tell) = &tell {
                tell.send_replace(None);
            }
            let done = staged(connecting, stages).await;
            if let Some(tell) = &tell {
                tell.send_replace(Some(Instant::now()));
            }
            done
        })
    }
}

async fn staged<T>(connecting: impl Future<Output = Result<T, BoxError>>, stages: Stages) -> Result<T, BoxError> {
    let begun = Arc::new(Notify::new());
    let mut connecting = pin!(HANDSHAKE.scope(begun.clone(), connecting));
    let failed = |stage, source| Box::new(StageError { stage, source }) as BoxError;
    tokio::select! {
        biased;
        // It may be done without a handshake, or fail in one that began in this very poll.
        done = &mut connecting => return done.map_err(|error| failed(stage_of(&*error), Some(error))),
        () = begun.notified() => {}
        () = sleep(stages.connect) => return Err(failed(Stage::Connect, None)),
    }
    match timeout(stages.tls, connecting).await {
        Ok(done) => done.map_err(|error| failed(Stage::Tls, Some(error))),
        Err(_) => Err(failed(Stage::Tls, None)),
    }
}

fn stage_of(error: &(dyn Error + 'static)) -> Stage {
    if super::tls::of_rustls(error).is_some() { Stage::Tls } else { Stage::Connect }
}

/// Sessions are kept as usual; that one is asked for says that a handshake begins.
pub(super) fn resumption() -> Resumption {
    Resumption::store(Arc::new(Sessions(ClientSessionMemoryCache::new(32))))
}

#[derive(Debug)]
struct Sessions(ClientSessionMemoryCache);

impl Sessions {
    fn begun() {
        // Outside a connection of ours nobody waits for it.
        let _ = HANDSHAKE.try_with(|begun| begun.notify_one());
    }
}

impl ClientSessionStore for Sessions {
    fn set_kx_hint(&self, server_name: ServerName<'static>, group: NamedGroup) {
        self.0.set_kx_hint(server_name, group);
    }
    fn kx_hint(&self, server_name: &ServerName<'_>) -> Option<NamedGroup> {
        Sessions::begun();
        self.0.kx_hint(server_name)
    }
    fn set_tls12_session(&self, server_name: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.0.set_tls12_session(server_name, value);
    }
    fn tls12_session(&self, server_name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.0.tls12_session(server_name)
    }
    fn remove_tls12_session(&self, server_name: &ServerName<'static>) {
        self.0.remove_tls12_session(server_name);
    }
    fn insert_tls13_ticket(&self, server_name: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.0.insert_tls13_ticket(server_name, value);
    }
    fn take_tls13_ticket(&self, server_name: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        Sessions::begun();
        self.0.take_tls13_ticket(server_name)
    }
}
