//! HTTPSによる伝送: posts a message with a client certificate, and says what certainly did not arrive.

use super::answer;
use super::client::{Answer, Failure, HttpClient, outcome, outcome_of, redirect, retry_after, turned_away};
use super::config::{ConfigError, Counterparty, ExchangeConfig};
use super::gate::{Condition, Gate, Outcome, Setting, Waiting};
use super::{Delivery, Layer, Request, Took, Transport, Trouble, TroubleKind};
use crate::items::DateTime;
use crate::notice::Party;
use crate::rules::Finding;
use crate::store::LineState;
use crate::wire::multipart;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use std::time::{Duration, Instant};

/// A wait that is no longer is waited for within an exchange; else the message waits in the outbox.
const PATIENCE: Duration = Duration::from_secs(15);
/// A line that is held for no longer goes on with what comes next: one failure ends no run.
const SOON: Duration = Duration::from_secs(3);
/// The most octets that are read of an answer that only says what went wrong.
const EXPLANATION: usize = 256 * 1024;

/// HTTPS伝送路: one client and one gate for each counterparty.
#[derive(Debug)]
pub struct HttpTransport {
    lines: Vec<(Party, Line)>,
}

#[derive(Debug)]
struct Line {
    client: HttpClient,
    counterparty: Counterparty,
}

impl HttpTransport {
    /// Opens the lines of a configuration: reads the certificates, connects to nobody yet.
    pub fn new(config: &ExchangeConfig) -> Result<HttpTransport, ConfigError> {
        HttpTransport::open(config, &Setting::default())
    }

    /// Opens the lines of a configuration at a time, their states kept in a data folder.
    pub fn open(config: &ExchangeConfig, setting: &Setting) -> Result<HttpTransport, ConfigError> {
        let lines = config.counterparties.iter().map(|(party, counterparty)| {
            let client = HttpClient::open(&party.to_string(), &counterparty.url, &counterparty.access, setting)?;
            Ok((*party, Line { client, counterparty: counterparty.clone() }))
        });
        Ok(HttpTransport { lines: lines.collect::<Result<_, ConfigError>>()? })
    }

    /// The gate of a counterparty, or that of OCCTO as the switchboard.
    #[must_use]
    pub fn gate(&self, recipient: Party) -> Option<&Gate> {
        self.line(recipient).map(|line| &line.client.gate)
    }

    /// What a person is told of our certificates at a moment.
    #[must_use]
    pub fn warnings(&self, now: DateTime) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        for finding in self.lines.iter().flat_map(|(_, line)| line.client.warnings(now)) {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
        findings
    }

    /// The lines: the average time from one request to the next (zero: no limit), and how many may be under way. Where
    /// several processes use one line, they share both.
    #[must_use]
    pub fn paces(&self) -> Vec<(Party, Duration, u32)> {
        let pace = |(party, line): &(Party, Line)| {
            let policy = &line.counterparty.access.policy;
            (*party, policy.interval, policy.concurrent)
        };
        self.lines.iter().map(pace).collect()
    }

    /// Reads anew the certificates whose files have changed, at most once in a minute unless at once: the lines of which
    /// they have, and why those that cannot be used cannot.
    #[must_use]
    pub fn look_again(&self, at_once: bool) -> Vec<(Party, Result<(), ConfigError>)> {
        self.lines.iter().filter_map(|(party, line)| Some((*party, line.client.look_again(at_once)?))).collect()
    }

    /// How the lines stand.
    #[must_use]
    pub fn conditions(&self) -> Vec<(Party, Condition)> {
        self.lines.iter().map(|(party, line)| (*party, line.client.gate.condition())).collect()
    }

    /// Days that our certificates are still valid at a moment, line by line; negative once they have expired.
    #[must_use]
    pub fn certificate_days(&self, now: DateTime) -> Vec<(Party, i64)> {
        let days = |(party, line): &(Party, Line)| Some((*party, line.client.certificate_days(now)?));
        self.lines.iter().filter_map(days).collect()
    }

    /// The counterparty itself, or OCCTO as the switchboard.
    fn line(&self, recipient: Party) -> Option<&Line> {
        self.own(recipient).or_else(|| self.own(Party::OCCTO))
    }

    /// The line of a counterparty that has one.
    fn own(&self, party: Party) -> Option<&Line> {
        self.lines.iter().find(|(known, _)| *known == party).map(|(_, line)| line)
    }
}

impl Transport for HttpTransport {
    async fn exchange(&self, request: Request) -> Delivery {
        self.timed(request).await.0
    }

    async fn timed(&self, request: Request) -> (Delivery, Took) {
        let not_sent =
            |detail: String| (Delivery::NotSent(Trouble::new(TroubleKind::Configuration, detail)), Took::default());
        let Some(line) = self.line(request.recipient) else {
            return not_sent(format!("no line to {}", request.recipient));
        };
        let packed = multipart::pack(
            line.counterparty.attachments,
            &request.content_type,
            request.action.as_deref(),
            &request.body,
        );
        let (content_type, body) = packed.unwrap_or((request.content_type, request.body));
        let Ok(content_type) = HeaderValue::from_str(&content_type) else {
            return not_sent("content type".to_owned());
        };
        let mut post = line.client.post(line.counterparty.url.clone()).header(CONTENT_TYPE, content_type);
        if let Some(action) = &request.action {
            let Ok(action) = HeaderValue::from_str(action) else { return not_sent("SOAPAction".to_owned()) };
            post = post.header("SOAPAction", action);
        }
        let begun = Instant::now();
        let passed = line.client.gate.pass(PATIENCE).await;
        let mut took = Took { waited: begun.elapsed(), answered: None };
        let pass = match passed {
            Ok(pass) => pass,
            Err(waiting) => return (Delivery::NotSent(waiting.into()), took),
        };
        let begun = Instant::now();
        let (delivery, outcome) = match line.client.send(post.body(body)).await {
            Ok(answer) => line.answered(answer).await,
            Err(Failure::Before(trouble)) => {
                let outcome = outcome_of(&trouble);
                (Delivery::NotSent(trouble), outcome)
            }
            Err(Failure::After(trouble)) => {
                let outcome = outcome_of(&trouble);
                (Delivery::Unknown(trouble), outcome)
            }
        };
        match &delivery {
            // Of the line nothing is known: the request never got to it.
            Delivery::NotSent(trouble) if trouble.kind.layer() == Layer::Own => drop(pass),
            _ => {
                took.answered = Some(begun.elapsed());
                pass.end(outcome);
            }
        }
        (delivery, took)
    }

    fn waiting(&self, recipient: Party) -> Option<Waiting> {
        self.gate(recipient)?.waiting(SOON)
    }

    fn news(&self) -> Vec<Party> {
        self.lines.iter().filter(|(_, line)| line.client.gate.has_news()).map(|(party, _)| *party).collect()
    }

    fn tell(&self, line: Party, known: &LineState) -> Option<LineState> {
        Some(self.own(line)?.client.gate.tell(known))
    }

    fn hear(&self, line: Party, known: &LineState) {
        if let Some(line) = self.own(line) {
            line.client.gate.hear(known);
        }
    }
}

impl Line {
    /// What an HTTP answer says of the message: only what is certain counts as not sent.
    async fn answered(&self, mut answer: Answer) -> (Delivery, Outcome) {
        let status = answer.response.status();
        let headers = answer.response.headers().clone();
        let told = outcome(status, &headers);
        // Whoever says so may have taken the message before: it is asked for, not sent again.
        if status == StatusCode::SERVICE_UNAVAILABLE && retry_after(&headers).is_some() {
            return (Delivery::Unknown(Trouble::new(TroubleKind::Closed, "HTTP 503, Retry-After")), told);
        }
        // A redirect may follow upon work that was done; it is not followed, so nothing is known.
        if status.is_redirection() {
            return (Delivery::Unknown(redirect(status, &headers, &self.counterparty.url)), told);
        }
        if !status.is_success() {
            let trouble = refusal(status, answer.body(EXPLANATION).await.ok().as_deref());
            let certain = turned_away(status);
            let told = if trouble.kind == TroubleKind::Closed { outcome_of(&trouble) } else { told };
            return (if certain { Delivery::NotSent(trouble) } else { Delivery::Unknown(trouble) }, told);
        }
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let read = match answer.body(self.counterparty.max_answer).await {
            Ok(octets) => answer::message(content_type, octets),
            Err(trouble) => Err(trouble),
        };
        match read {
            Ok(octets) => (Delivery::Answered(octets), told),
            Err(trouble) => {
                let told = outcome_of(&trouble);
                (Delivery::Unknown(trouble), told)
            }
        }
    }
}

/// What an answer without success says: a fault of the envelope, a page of maintenance, or no more than its status.
fn refusal(status: StatusCode, body: Option<&[u8]>) -> Trouble {
    let number = status.as_u16();
    match body {
        Some(body) if answer::fault(body).is_some() => {
            let code = answer::fault(body).unwrap_or_default();
            Trouble::new(TroubleKind::Fault, format!("HTTP {number}, {code}"))
        }
        Some(body) if status == StatusCode::SERVICE_UNAVAILABLE && crate::wire::listing::is_html(body) => {
            Trouble::new(TroubleKind::Closed, "HTTP 503, an HTML page")
        }
        _ => Trouble::new(TroubleKind::Http, format!("HTTP {number}")),
    }
}
