//! 模擬サーバ: the sandbox behind a socket, with faults that reach down to it.

use super::days::plus;
use super::door::{Doors, Scissors};
use super::engine::Sandbox;
use super::meter::{Asked, MeterAnswer, MeterFiles};
use super::plans::{API, PlanCounter};
use super::transport::{Response as Reply, SandboxTransport};
use crate::items::{Date, DateTime};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use futures_util::stream;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// The most bytes of a request: an application with its identity documents fits.
const MOST: usize = 32 * 1024 * 1024;
/// The most days of one step of the clock.
const MOST_DAYS: u16 = 3660;
/// How long a slow answer is silent.
const SILENCE: Duration = Duration::from_secs(3);

/// 模擬サーバ: `POST` on any path is a message; `GET /clock` and `POST /clock/advance?days=N` are the virtual clock; below
/// `/operator/NN/` are the download systems of the operators, below `/service/RP12/OCCTO/api/` OCCTO's interface for plans.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
}

impl Server {
    /// Listens on an address such as `127.0.0.1:8600`; port 0 takes a free one.
    pub async fn bind(address: &str) -> io::Result<Server> {
        Ok(Server { listener: TcpListener::bind(address).await? })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until `stop` is ready, then lets the requests under way end.
    pub async fn run(
        self,
        transport: SandboxTransport<'static>,
        files: Arc<MeterFiles>,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let router = Router::new().fallback(answer).with_state((transport, files));
        self.serve(router, stop).await
    }

    /// Serves nothing but the files of a day, until `stop` is ready.
    pub async fn run_files(
        self,
        files: Arc<MeterFiles>,
        today: Date,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let router = Router::new().fallback(async move |State(files): State<Arc<MeterFiles>>, request: Request| {
            operator(&files, &request, today)
        });
        self.serve(router.with_state(files), stop).await
    }

    /// Serves nothing but the counter for plans at a moment, until `stop` is ready.
    pub async fn run_plans(
        self,
        plans: Arc<PlanCounter>,
        now: DateTime,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let router = Router::new().fallback(async move |State(counter): State<Arc<PlanCounter>>, request: Request| {
            plan(&counter, request, now).await
        });
        self.serve(router.with_state(plans), stop).await
    }

    async fn serve(self, router: Router, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let service = router.into_make_service_with_connect_info::<Scissors>();
        axum::serve(Doors(self.listener), service).with_graceful_shutdown(stop).await
    }
}

/// Ready at Ctrl-C, and on Unix at SIGTERM.
pub async fn stop_signal() {
    let interrupt = async {
        // Without a handler the process ends at once, which is a stop as well.
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}

async fn answer(
    State((transport, files)): State<(SandboxTransport<'static>, Arc<MeterFiles>)>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    let path = request.uri().path();
    if path.starts_with("/operator/") {
        let today = transport.sandbox().today();
        return operator(&files, &request, today);
    }
    if path.contains(API)
        && let Some(plans) = transport.plans()
    {
        let now = transport.sandbox().now();
        return plan(plans, request, now).await;
    }
    match (request.method(), path) {
        (&Method::GET, "/clock") => clock(&transport.sandbox()),
        (&Method::POST, "/clock/advance") => match days(request.uri().query()) {
            Some(days) => {
                let mut sandbox = transport.sandbox();
                let date = plus(sandbox.today(), days);
                sandbox.advance_to(date);
                clock(&sandbox)
            }
            None => plain(StatusCode::BAD_REQUEST, "text/plain", format!("days=1..={MOST_DAYS}\n")),
        },
        (&Method::POST, _) => match to_bytes(request.into_body(), MOST).await {
            Ok(octets) => match transport.respond(&octets) {
                Reply::Octets(octets) => plain(StatusCode::OK, &transport.content_type(), octets),
                Reply::Unreadable => plain(StatusCode::BAD_REQUEST, "text/plain", "unreadable message\n"),
                Reply::Cut => {
                    scissors.cut();
                    plain(StatusCode::OK, "text/plain", "")
                }
            },
            Err(_) => plain(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", format!("more than {MOST} bytes\n")),
        },
        _ => plain(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "POST a message, or GET /clock\n"),
    }
}

/// The answer of OCCTO's interface for plans.
async fn plan(counter: &PlanCounter, request: Request, now: DateTime) -> Response {
    let path = request.uri().path().to_owned();
    let Ok(form) = to_bytes(request.into_body(), MOST).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", format!("more than {MOST} bytes\n"));
    };
    let Some(reply) = counter.answer(&path, &form, now) else {
        return plain(StatusCode::NOT_FOUND, "text/plain", "no such operation\n");
    };
    let mut response = plain(StatusCode::OK, "text/plain", reply.body);
    response.headers_mut().insert("resultcode", header::HeaderValue::from_static(reply.code));
    response
}

/// The answer of an operator's download system.
fn operator(files: &MeterFiles, request: &Request, today: Date) -> Response {
    let cookies = request.headers().get(header::COOKIE).and_then(|value| value.to_str().ok());
    let asked = Asked {
        post: request.method() == Method::POST,
        path: request.uri().path(),
        query: request.uri().query().unwrap_or_default(),
        cookies: cookies.unwrap_or_default(),
    };
    let zip = |body: Body| plain(StatusCode::OK, "application/octet-stream", body);
    let halves = |octets: Vec<u8>| {
        let mut first = Bytes::from(octets);
        let second = first.split_off(first.len() / 2);
        (first, second)
    };
    match files.answer(asked, today) {
        MeterAnswer::Text(text, cookie) => with_cookie(plain(StatusCode::OK, "text/plain", text), cookie),
        MeterAnswer::Page(page, cookie) => with_cookie(plain(StatusCode::OK, "text/html", page), cookie),
        MeterAnswer::File(octets) => zip(octets.into()),
        MeterAnswer::Slowly(octets) => {
            let (first, second) = halves(octets);
            let parts = [(Duration::ZERO, first), (SILENCE, second)].into_iter();
            zip(Body::from_stream(stream::unfold(parts, async |mut parts| {
                let (silence, part) = parts.next()?;
                tokio::time::sleep(silence).await;
                Some((Ok::<_, io::Error>(part), parts))
            })))
        }
        MeterAnswer::Broken(octets) => {
            let (first, _) = halves(octets);
            zip(Body::from_stream(stream::iter([Ok(first), Err(io::Error::from(io::ErrorKind::ConnectionReset))])))
        }
        MeterAnswer::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            plain(status, "text/plain", format!("{status}\n"))
        }
    }
}

fn with_cookie(mut response: Response, cookie: Option<String>) -> Response {
    if let Some(value) = cookie.and_then(|cookie| cookie.parse().ok()) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

fn plain(status: StatusCode, content_type: &str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    if let Ok(value) = content_type.parse() {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response
}

fn clock(sandbox: &Sandbox) -> Response {
    let next = sandbox.next_event_date().map(|date| date.to_string());
    let body = serde_json::json!({
        "now": sandbox.now().to_string(),
        "next": next,
        "requests": sandbox.requests(),
        "duplicates": sandbox.duplicates(),
    });
    plain(StatusCode::OK, "application/json", format!("{body}\n"))
}

fn days(query: Option<&str>) -> Option<u16> {
    let days = query?.split('&').find_map(|pair| pair.strip_prefix("days="))?.parse().ok()?;
    (1..=MOST_DAYS).contains(&days).then_some(days)
}
