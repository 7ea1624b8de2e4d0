//! 接続: one way to ask anybody over HTTPS — with our certificate, through the gate of the counterparty, each stage in its
//! time, no answer larger than its limit, no redirect followed, nothing repeated.

use super::ConfigError;
use super::access::{Access, Limits, Proxy};
use super::clock::Clock;
use super::config::is_local;
use super::gate::{Gate, Outcome, Setting, Waiting};
use super::identity::Identity;
use super::secret::PasswordPlace;
use super::stages::{Stages, first_byte};
use super::tls;
use super::trouble::{Trouble, TroubleKind};
use crate::items::{Code as _, DateTime};
use crate::rules::Finding;
use bytes::Bytes;
use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use secrecy::ExposeSecret as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, timeout_at};

/// 接続: to one counterparty.
#[derive(Debug)]
pub(super) struct HttpClient {
    url: Url,
    access: Access,
    shown: RwLock<Arc<Shown>>,
    files: Mutex<Files>,
    limits: Limits,
    pub(super) gate: Gate,
}

/// Who connects: the certificate and whoever shows it.
#[derive(Debug)]
struct Shown {
    client: Client,
    identity: Option<Identity>,
}

/// The files that say who connects and whom we trust, as they were when they were last read.
#[derive(Debug)]
struct Files {
    seen: Seen,
    looked: Instant,
}

/// When each was last changed, and its length; nothing where it is not there.
type Seen = Vec<Option<(SystemTime, u64)>>;

/// Files are looked at again no more often than this.
const LOOK: Duration = Duration::from_secs(60);

/// Why there is no answer, and whether the request certainly did not arrive.
#[derive(Debug)]
pub(super) enum Failure {
    /// Certainly not delivered.
    Before(Trouble),
    /// Perhaps delivered.
    After(Trouble),
}

impl Failure {
    pub(super) fn trouble(self) -> Trouble {
        match self {
            Failure::Before(trouble) | Failure::After(trouble) => trouble,
        }
    }
}

/// An answer whose head came, and until when its body may come.
pub(super) struct Answer {
    pub(super) response: Response,
    until: Instant,
    idle: Duration,
}

impl HttpClient {
    /// Reads the certificates and passwords; connects to nobody yet. `name` is that of the gate.
    pub(super) fn open(name: &str, url: &Url, access: &Access, setting: &Setting) -> Result<HttpClient, ConfigError> {
        // Before they are read: what changes meanwhile is seen the next time.
        let files = Files { seen: seen(access), looked: Instant::now() };
        let shown = RwLock::new(Arc::new(Shown::open(url, access)?));
        let gate = Gate::open(name, access.policy.clone(), setting);
        let (url, access, limits) = (url.clone(), access.clone(), access.limits);
        Ok(HttpClient { url, access, shown, files: Mutex::new(files), limits, gate })
    }

    /// 証明書の更新: reads certificate, key, password and roots anew where their files have changed since; the next requests
    /// show the new ones. Nothing where nothing changed; where the new ones cannot be used, why, and the former ones stay. A
    /// password that a person types is not asked for again.
    pub(super) fn look_again(&self, at_once: bool) -> Option<Result<(), ConfigError>> {
        let password = self.access.identity.as_ref().and_then(|place| place.password.as_ref());
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if password == Some(&PasswordPlace::Prompt) || !at_once && files.looked.elapsed() < LOOK {
            return None;
        }
        files.looked = Instant::now();
        let seen = seen(&self.access);
        if seen == files.seen {
            return None;
        }
        Some(Shown::open(&self.url, &self.access).map(|shown| {
            files.seen = seen;
            *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(shown);
        }))
    }

    fn shown(&self) -> Arc<Shown> {
        Arc::clone(&self.shown.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn get(&self, url: Url) -> RequestBuilder {
        self.shown().client.get(url)
    }

    pub(super) fn post(&self, url: Url) -> RequestBuilder {
        self.shown().client.post(url)
    }

    /// What a person is told of our certificate.
    pub(super) fn warnings(&self, now: DateTime) -> Vec<Finding> {
        self.shown().identity.as_ref().map(|identity| identity.warnings(now)).unwrap_or_default()
    }

    /// Days that our certificate is still valid at a moment; nothing where there is none.
    pub(super) fn certificate_days(&self, now: DateTime) -> Option<i64> {
        self.shown().identity.as_ref().map(|identity| identity.facts.days_left(now))
    }

    /// Sends a request, until the head of its answer is there.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Answer, Failure> {
        use super::identity::Term;
        // Not that of a clock for practising: the other side looks at the real one.
        let now = Clock::japan().now();
        let shown = self.shown();
        let term = shown.identity.as_ref().map(|identity| (identity.facts.term(now), &identity.facts));
        match term {
            Some((Term::Expired, facts)) => {
                let until = format!("{}", facts.not_after);
                return Err(Failure::Before(Trouble::new(TroubleKind::ClientExpired, until)));
            }
            Some((Term::NotYet, facts)) => {
                let from = format!("{}", facts.not_before);
                return Err(Failure::Before(Trouble::new(TroubleKind::ClientNotYet, from)));
            }
            _ => {}
        }
        match first_byte(request.send(), self.limits.first_byte).await {
            None => Err(Failure::After(Trouble::new(TroubleKind::Timeout, "no answer after the request"))),
            Some((Err(error), _)) => Err(self.undelivered(&error)),
            Some((Ok(response), stood)) => {
                Ok(Answer { response, until: stood + self.limits.whole, idle: self.limits.idle })
            }
        }
    }

    /// What a failure says of the request: before a connection stood it cannot have left.
    fn undelivered(&self, error: &reqwest::Error) -> Failure {
        if error.is_connect() {
            return Failure::Before(tls::unconnected(error, self.shown().identity.is_some()));
        }
        if error.is_builder() {
            return Failure::Before(Trouble::new(TroubleKind::Configuration, "request"));
        }
        if let Some(alert) = tls::refused_certificate(error) {
            return Failure::Before(Trouble::new(TroubleKind::ClientRefused, format!("TLS alert {alert:?}")));
        }
        Failure::After(Trouble::new(TroubleKind::Broken, "after the request"))
    }
}

impl Shown {
    fn open(url: &Url, access: &Access) -> Result<Shown, ConfigError> {
        let identity = access.identity.as_ref().map(|place| place.load()).transpose()?;
        let limits = access.limits;
        let mut builder = Client::builder()
            .user_agent(concat!("occto/", env!("CARGO_PKG_VERSION")))
            // Credentials go where they were meant to go, and nowhere else.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connector_layer(Stages { connect: limits.connect, tls: limits.tls })
            .local_address(access.source)
            .tls_backend_preconfigured(tls::client_config(access, identity.as_ref())?);
        builder = match &access.proxy {
            _ if is_local(url) => builder.no_proxy(),
            Proxy::Environment => builder,
            Proxy::None => builder.no_proxy(),
            Proxy::Address { url, login } => {
                let mut proxy = reqwest::Proxy::all(url.clone()).map_err(|_| {
                    ConfigError::new("プロキシのURLが正しくありません", "the address of the proxy is no URL")
                })?;
                if let Some((user, password)) = login {
                    proxy = proxy.basic_auth(user, password.read("proxy")?.expose_secret());
                }
                builder.proxy(proxy)
            }
        };
        let client = builder
            .build()
            .map_err(|_| ConfigError::new("接続の準備ができません", "the connection cannot be prepared"))?;
        Ok(Shown { client, identity })
    }
}

fn seen(access: &Access) -> Seen {
    let identity = access.identity.as_ref();
    let password = identity.and_then(|place| match &place.password {
        Some(PasswordPlace::File(path)) => Some(path),
        _ => None,
    });
    let files = identity.into_iter().flat_map(|place| [Some(&place.certificate), place.key.as_ref()]).flatten();
    let look = |path: &PathBuf| {
        let file = std::fs::metadata(path).ok()?;
        Some((file.modified().ok()?, file.len()))
    };
    files.chain(password).chain(&access.roots).map(look).collect()
}

impl Answer {
    /// The next octets of the body, inflated where the other side deflated them; nothing at its end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, Trouble> {
        let until = self.until.min(Instant::now() + self.idle);
        match timeout_at(until, self.response.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(error)) if error.is_decode() && is_deflated(&error) => {
                Err(Trouble::new(TroubleKind::Broken, "the gzip of the answer is damaged"))
            }
            Ok(Err(_)) => Err(Trouble::new(TroubleKind::Broken, "while reading the answer")),
            Err(_) => Err(Trouble::new(TroubleKind::Timeout, "while reading the answer")),
        }
    }

    /// The whole body, of at most so many octets: as they come out, not as they were sent.
    pub(super) async fn body(&mut self, most: usize) -> Result<Vec<u8>, Trouble> {
        let too_large = || Trouble::new(TroubleKind::TooLarge, format!("more than {most} bytes"));
        let announced = usize::try_from(self.response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
        if announced > most {
            return Err(too_large());
        }
        let mut body = Vec::with_capacity(announced);
        while let Some(chunk) = self.chunk().await? {
            if body.len() + chunk.len() > most {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

fn is_deflated(error: &reqwest::Error) -> bool {
    use std::error::Error as _;
    let source = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    source.is_some_and(|error| error.kind() != std::io::ErrorKind::Other)
}

/// When to come again: so many seconds, or a moment by the clock of the other side, of which the `Date` of the answer tells.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let wait = text(RETRY_AFTER)?;
    if let Ok(seconds) = wait.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = |text: &str| rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    let wait = moment(wait)?.duration_since(moment(text(DATE)?)?);
    Some(Duration::try_from(wait).unwrap_or_default())
}

/// Whether a status can only be that of a request that was not taken: no such address or right, or a form that nobody
/// reads (of SOAP a fault of the sender comes with 400: by its text it was not processed). Others (408, 409, 429, 503 and
/// the like) may follow upon work that was done.
pub(super) fn turned_away(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 401 | 403 | 404 | 405 | 407 | 411 | 413 | 414 | 415 | 431)
}

/// A redirect, which is not followed. Where it points is told by its host alone: the rest of an address may say whom it is about.
pub(super) fn redirect(status: StatusCode, headers: &HeaderMap, from: &Url) -> Trouble {
    let to = headers.get(LOCATION).and_then(|value| value.to_str().ok()).and_then(|to| from.join(to).ok());
    let to = to.filter(|to| matches!(to.scheme(), "http" | "https"));
    let where_to = match to {
        Some(to) if to.origin() == from.origin() => "the same host".to_owned(),
        Some(to) if to.host_str() == from.host_str() && to.port() == from.port() => {
            format!("the same host by {}", to.scheme())
        }
        Some(to) => format!("another host, {}", host(&to)),
        None => "nowhere".to_owned(),
    };
    Trouble::new(TroubleKind::Redirect, format!("HTTP {} to {where_to}", status.as_u16()))
}

/// Host and port of an address.
fn host(url: &Url) -> String {
    let host: String = url.host_str().unwrap_or_default().chars().take(100).collect();
    url.port().map_or(host.clone(), |port| format!("{host}:{port}"))
}

/// What an HTTP status and its headers say to the gate.
pub(super) fn outcome(status: StatusCode, headers: &HeaderMap) -> Outcome {
    match (status, retry_after(headers)) {
        (StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS, Some(wait)) => Outcome::Closed(Some(wait)),
        (StatusCode::TOO_MANY_REQUESTS, None) => Outcome::Failed(TroubleKind::Http.key()),
        _ if status.is_server_error() => Outcome::Failed(TroubleKind::Http.key()),
        _ => Outcome::Answered,
    }
}

/// What a trouble says to the gate: what is wrong on our own side says nothing of the line.
pub(super) fn outcome_of(trouble: &Trouble) -> Outcome {
    match trouble.kind {
        TroubleKind::Closed => Outcome::Closed(None),
        TroubleKind::TooLarge | TroubleKind::Configuration | TroubleKind::ContentType | TroubleKind::Charset => {
            Outcome::Answered
        }
        kind => Outcome::Failed(kind.key()),
    }
}

impl From<Waiting> for Failure {
    fn from(waiting: Waiting) -> Failure {
        Failure::Before(waiting.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_to_come_again_is_said_in_seconds_or_as_a_moment() {
        let said = |wait: &str, date: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, wait.parse().unwrap());
            if !date.is_empty() {
                headers.insert(DATE, date.parse().unwrap());
            }
            retry_after(&headers).map(|wait| wait.as_secs())
        };
        let date = "Fri, 03 Apr 2026 03:00:00 GMT";
        assert_eq!(said(" 120 ", date), Some(120));
        assert_eq!(said("Fri, 03 Apr 2026 04:30:00 GMT", date), Some(5400));
        assert_eq!(said("Fri, 03 Apr 2026 02:00:00 GMT", date), Some(0), "it has passed");
        // Without their clock nothing is known of the moment.
        assert_eq!(said("Fri, 03 Apr 2026 04:30:00 GMT", ""), None);
        for noise in ["-1", "soon", "Fri, 99 Apr 2026 04:30:00 GMT", "99999999999999999999999"] {
            assert_eq!(said(noise, date), None, "{noise}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
