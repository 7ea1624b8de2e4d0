//! 模擬サーバ: the sandbox behind a socket, with faults that reach down to it.

use super::days::plus;
use super::engine::Sandbox;
use super::transport::{Response as Reply, SandboxTransport};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State, connect_info::Connected};
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// The most bytes of a request: an application with its identity documents fits.
const MOST: usize = 32 * 1024 * 1024;
/// The most days of one step of the clock.
const MOST_DAYS: u16 = 3660;

/// 模擬サーバ: `POST` on any path is a message; `GET /clock` and `POST /clock/advance?days=N` are the virtual clock.
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
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let router = Router::new().fallback(answer).with_state(transport);
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
    State(transport): State<SandboxTransport<'static>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    let path = request.uri().path();
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

/// A listener whose connections can be cut from inside: an answer that is lost is no HTTP answer at all.
struct Doors(TcpListener);

/// What cuts one connection.
#[derive(Clone, Default)]
struct Scissors(Arc<AtomicBool>);

impl Scissors {
    fn cut(&self) {
        self.0.store(true, Ordering::Release);
    }
    fn has_cut(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Listener for Doors {
    type Io = Thread;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Thread, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Thread { stream, scissors: Scissors::default() }, address)
    }
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Doors>> for Scissors {
    fn connect_info(stream: IncomingStream<'_, Doors>) -> Scissors {
        stream.io().scissors.clone()
    }
}

/// A connection that can be cut.
struct Thread {
    stream: TcpStream,
    scissors: Scissors,
}

impl AsyncRead for Thread {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Thread {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        if self.scissors.has_cut() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Pin::new(&mut self.stream).poll_write(cx, octets)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
