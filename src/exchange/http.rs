//! HTTPSによる伝送: posts a message with a client certificate, and says what certainly did not arrive.

use super::config::{ConfigError, Counterparty, ExchangeConfig};
use super::tls;
use super::{Delivery, Request, Transport, Trouble, TroubleKind};
use crate::notice::Party;
use reqwest::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};

/// HTTPS伝送路: one client for each counterparty.
#[derive(Debug)]
pub struct HttpTransport {
    lines: Vec<(Party, Line)>,
}

#[derive(Debug)]
struct Line {
    client: Client,
    counterparty: Counterparty,
}

impl HttpTransport {
    /// Opens the lines of a configuration: reads the certificates, connects to nobody yet.
    pub fn new(config: &ExchangeConfig) -> Result<HttpTransport, ConfigError> {
        let lines = config.counterparties.iter().map(|(party, counterparty)| {
            let client = client(counterparty)?;
            Ok((*party, Line { client, counterparty: counterparty.clone() }))
        });
        Ok(HttpTransport { lines: lines.collect::<Result<_, ConfigError>>()? })
    }

    /// The counterparty itself, or OCCTO as the switchboard.
    fn line(&self, recipient: Party) -> Option<&Line> {
        let of = |party: Party| self.lines.iter().find(|(known, _)| *known == party).map(|(_, line)| line);
        of(recipient).or_else(|| of(Party::OCCTO))
    }
}

fn client(counterparty: &Counterparty) -> Result<Client, ConfigError> {
    let identity = counterparty.identity.as_ref().map(|(certificate, key)| (certificate.as_path(), key.as_path()));
    let builder = tls::client(&counterparty.url, identity, counterparty.root.as_deref())?
        .connect_timeout(counterparty.connect_timeout)
        // While a connection is being made its own limit strikes first: then it is certain that nothing was sent.
        .timeout(counterparty.connect_timeout.saturating_add(counterparty.timeout));
    tls::built(builder)
}

impl Transport for HttpTransport {
    async fn exchange(&self, request: Request) -> Delivery {
        let Some(line) = self.line(request.recipient) else {
            return Delivery::NotSent(trouble(TroubleKind::Configuration, format!("no line to {}", request.recipient)));
        };
        let Ok(content_type) = HeaderValue::from_str(&request.content_type) else {
            return Delivery::NotSent(trouble(TroubleKind::Configuration, "content type"));
        };
        let mut post = line.client.post(line.counterparty.url.clone()).header(CONTENT_TYPE, content_type);
        if let Some(action) = &request.action {
            let Ok(action) = HeaderValue::from_str(action) else {
                return Delivery::NotSent(trouble(TroubleKind::Configuration, "SOAPAction"));
            };
            post = post.header("SOAPAction", action);
        }
        match post.body(request.body).send().await {
            Ok(response) => answered(response, line.counterparty.max_answer).await,
            Err(error) => undelivered(&error),
        }
    }
}

fn trouble(kind: TroubleKind, detail: impl Into<String>) -> Trouble {
    Trouble { kind, detail: detail.into() }
}

/// What an HTTP answer says of the message: only what is certain counts as not sent.
async fn answered(mut response: Response, most: usize) -> Delivery {
    let status = response.status();
    let http = trouble(TroubleKind::Http, format!("HTTP {}", status.as_u16()));
    if status == StatusCode::SERVICE_UNAVAILABLE && response.headers().contains_key(RETRY_AFTER) {
        return Delivery::NotSent(trouble(TroubleKind::Closed, "HTTP 503, Retry-After"));
    }
    if status.is_client_error() {
        return Delivery::NotSent(http);
    }
    // A redirect may follow upon work that was done; it is not followed, so nothing is known.
    if !status.is_success() {
        return Delivery::Unknown(http);
    }
    let too_large = || Delivery::Unknown(trouble(TroubleKind::TooLarge, format!("more than {most} bytes")));
    let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
    if announced > most {
        return too_large();
    }
    let mut body = Vec::with_capacity(announced);
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > most => return too_large(),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Delivery::Answered(body),
            Err(error) if error.is_timeout() => {
                return Delivery::Unknown(trouble(TroubleKind::Timeout, "while reading the answer"));
            }
            Err(_) => return Delivery::Unknown(trouble(TroubleKind::Broken, "while reading the answer")),
        }
    }
}

/// What a failure says of the message: before a connection stood it cannot have left.
fn undelivered(error: &reqwest::Error) -> Delivery {
    if error.is_connect() {
        let detail = if error.is_timeout() { "timeout while connecting" } else { "no connection" };
        return Delivery::NotSent(trouble(TroubleKind::Connection, detail));
    }
    if error.is_builder() {
        return Delivery::NotSent(trouble(TroubleKind::Configuration, "request"));
    }
    if let Some(alert) = tls::refused_certificate(error) {
        return Delivery::NotSent(trouble(TroubleKind::Connection, format!("TLS alert {alert:?}")));
    }
    let kind = if error.is_timeout() { TroubleKind::Timeout } else { TroubleKind::Broken };
    Delivery::Unknown(trouble(kind, "after the request"))
}
