//! 監視の窓口: `/healthz`, `/readyz` and `/metrics` of a worker, in a thread of their own so that they answer while it waits.

use super::Failure;
use super::out::say;
use crate::desk::Metrics;
use crate::items::DateTime;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

/// A worker that was silent for so long hangs: no exchange takes longer.
const HANGS: Duration = Duration::from_secs(300);

/// The clock to which ages are counted: that by which the worker writes its messages.
pub type Now = Arc<dyn Fn() -> DateTime + Send + Sync>;

/// Begins to answer on an address, and says which it is.
pub fn listen(address: &str, metrics: Arc<Metrics>, now: Now) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::usage(format!("{address} で待ち受けできません（{error}） / cannot listen on {address}: {error}"))
    };
    let listener = TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let serve = move || {
        runtime.block_on(async {
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
            let router = Router::new()
                .route("/healthz", get(health))
                .route("/readyz", get(ready))
                .route("/metrics", get(text))
                .with_state((metrics, now));
            let _ = axum::serve(listener, router).await;
        });
    };
    std::thread::Builder::new().name("occto-watch".to_owned()).spawn(serve).map_err(failed)?;
    say!("監視 http://{bound}/healthz /readyz /metrics");
    Ok(())
}

async fn health(State((metrics, _)): State<(Arc<Metrics>, Now)>) -> impl IntoResponse {
    match metrics.silence() {
        Some(silence) if silence > HANGS => (StatusCode::SERVICE_UNAVAILABLE, "silent\n"),
        _ => (StatusCode::OK, "ok\n"),
    }
}

async fn ready(State((metrics, _)): State<(Arc<Metrics>, Now)>) -> impl IntoResponse {
    match metrics.is_ready() {
        Ok(()) => (StatusCode::OK, "ok\n".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}

async fn text(State((metrics, now)): State<(Arc<Metrics>, Now)>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.text(now()))
}
