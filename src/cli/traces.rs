//! 追跡: spans of the work as OpenTelemetry collectors take them (OTLP over HTTP, JSON).
//!
//! Where `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector, every exchange is a span with its counterparty, message and
//! outcome: keys only. A collector that is away costs the work nothing: what it does not take is dropped.

use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// Spans that wait for the collector; more are dropped.
const WAITING: usize = 4096;
/// Spans are handed over so many at a time.
const TOGETHER: usize = 512;
const EVERY: Duration = Duration::from_secs(2);

/// 追跡の層: makes spans of `tracing` into spans of OpenTelemetry.
pub struct Traces {
    out: SyncSender<Told>,
    /// What tells this process's spans from others', and how many there were.
    seed: u64,
    count: AtomicU64,
}

/// What the thread that hands over is told.
enum Told {
    /// A span has ended.
    Span(Value),
    /// Everything is to be handed over now; whoever waits is told when that is done.
    Flush(SyncSender<()>),
}

/// 送り残しの送信: hands over what waits, before the process ends.
#[derive(Clone)]
pub struct Flush(SyncSender<Told>);

impl Flush {
    /// Waits until everything was handed over, but not for a collector that does not take it.
    pub fn flush(&self) {
        let (done, told) = sync_channel(1);
        if self.0.try_send(Told::Flush(done)).is_ok() {
            let _ = told.recv_timeout(EVERY);
        }
    }
}

/// A span while it is open.
struct Open {
    begun: SystemTime,
    fields: Vec<Value>,
}

/// Where the collector is, if the environment names one.
pub fn endpoint() -> Option<String> {
    let own = std::env::var("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").ok().filter(|url| !url.is_empty());
    let all = || std::env::var("OTEL_EXPORTER_OTLP_ENDPOINT").ok().filter(|url| !url.is_empty());
    own.or_else(|| all().map(|url| format!("{}/v1/traces", url.trim_end_matches('/'))))
}

impl Traces {
    /// Begins to send to a collector, in a thread of its own.
    pub fn to(endpoint: String) -> std::io::Result<Traces> {
        let (out, spans) = sync_channel(WAITING);
        std::thread::Builder::new().name("occto-traces".to_owned()).spawn(move || hand_over(&endpoint, &spans))?;
        let seed = nanos(SystemTime::now()) ^ u64::from(std::process::id()).rotate_left(40);
        Ok(Traces { out, seed, count: AtomicU64::new(0) })
    }

    /// What hands over the rest at the end.
    #[must_use]
    pub fn flush(&self) -> Flush {
        Flush(self.out.clone())
    }

    /// A number that no other span has; never 0.
    fn number(&self) -> u64 {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        (self.seed ^ count.wrapping_mul(0x9E37_79B9_7F4A_7C15)).max(1)
    }
}

fn nanos(at: SystemTime) -> u64 {
    u64::try_from(at.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos()).unwrap_or(0)
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Traces {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields(Vec::new());
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Open { begun: SystemTime::now(), fields: fields.0 });
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut fields = Fields(Vec::new());
        values.record(&mut fields);
        if let Some(span) = context.span(id)
            && let Some(open) = span.extensions_mut().get_mut::<Open>()
        {
            open.fields.extend(fields.0);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(open) = span.extensions_mut().remove::<Open>() else { return };
        let number = self.number();
        let span = json!({
            "traceId": format!("{:016x}{number:016x}", self.seed), "spanId": format!("{number:016x}"),
            "name": span.name(), "kind": 3,
            "startTimeUnixNano": nanos(open.begun).to_string(), "endTimeUnixNano": nanos(SystemTime::now()).to_string(),
            "attributes": open.fields,
        });
        // A full queue drops the span: the work does not wait for its watchers.
        let _ = self.out.try_send(Told::Span(span));
    }
}

struct Fields(Vec<Value>);

impl Fields {
    fn add(&mut self, field: &Field, value: &str) {
        self.0.push(json!({"key": field.name(), "value": {"stringValue": value}}));
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.push(json!({"key": field.name(), "value": {"intValue": value.to_string()}}));
    }
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.add(field, &format!("{value:?}"));
    }
}

/// The body of a request to the collector.
fn request(spans: &[Value]) -> Value {
    json!({"resourceSpans": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "occto"}}]},
        "scopeSpans": [{"scope": {"name": "occto", "version": env!("CARGO_PKG_VERSION")}, "spans": spans}],
    }]})
}

fn hand_over(endpoint: &str, told: &Receiver<Told>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let Ok(client) = reqwest::Client::builder().timeout(EVERY * 2).build() else { return };
    let mut waiting = Vec::new();
    let mut since = Instant::now();
    loop {
        let done = match told.recv_timeout(EVERY) {
            Ok(Told::Span(span)) => {
                if waiting.is_empty() {
                    since = Instant::now();
                }
                waiting.push(span);
                None
            }
            Ok(Told::Flush(done)) => Some(done),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if !waiting.is_empty() && (done.is_some() || waiting.len() >= TOGETHER || since.elapsed() >= EVERY) {
            let body = request(&std::mem::take(&mut waiting)).to_string();
            // What the collector does not take is dropped.
            let post = client.post(endpoint).header("content-type", "application/json").body(body);
            // Sending begins within the runtime: it needs its clock.
            let _ = runtime.block_on(async { post.send().await });
        }
        if let Some(done) = done {
            let _ = done.try_send(());
        }
    }
}
