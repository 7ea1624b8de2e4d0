//! 回線: one request to OCCTO's API for plans, and what its answer says for certain.

use super::super::Clock;
use super::super::client::{Failure, HttpClient, outcome, outcome_of, redirect, retry_after, turned_away};
use super::super::config::ConfigError;
use super::super::gate::Setting;
use super::super::{Layer, Trouble, TroubleKind};
use super::NAME;
use super::access::{PlanAccess, PlanOperation};
use super::pack::{form, pack, unpack};
use crate::rules::Finding;
use crate::wire::listing::is_html;
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;

/// 応答: what became of a request.
#[derive(Clone, PartialEq, Eq)]
pub enum PlanAnswer {
    /// `resultcode` 0000, and what came with it: the name of a file and its octets.
    Done(Option<(String, Vec<u8>)>),
    /// Another `resultcode`: nothing was taken. What came with it is perhaps a mismatch report.
    Refused {
        /// The `resultcode`.
        code: String,
        /// The name of a file and its octets.
        report: Option<(String, Vec<u8>)>,
    },
    /// Certainly not delivered.
    NotSent(Trouble),
    /// Perhaps delivered.
    Unknown(Trouble),
    /// `resultcode` 0000, but what came with it cannot be read.
    Unreadable(Box<Finding>),
}

/// Without the octets.
impl std::fmt::Debug for PlanAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PlanAnswer::Done(_) => f.write_str("Done"),
            PlanAnswer::Refused { code, report } => write!(f, "Refused({code}, report: {})", report.is_some()),
            PlanAnswer::NotSent(trouble) => write!(f, "NotSent({trouble:?})"),
            PlanAnswer::Unknown(trouble) => write!(f, "Unknown({trouble:?})"),
            PlanAnswer::Unreadable(finding) => write!(f, "Unreadable({finding:?})"),
        }
    }
}

/// 回線: OCCTO's API for plans.
#[derive(Debug)]
pub struct PlanLine<'a> {
    access: &'a PlanAccess,
    client: HttpClient,
    password: SecretString,
}

/// A wait that is no longer is waited for.
const PATIENCE: Duration = Duration::from_secs(15);
/// The most octets of an answer.
const MOST: usize = 64 * 1024 * 1024;

impl<'a> PlanLine<'a> {
    /// Reads password and certificates; connects to nobody yet.
    pub fn new(access: &'a PlanAccess) -> Result<PlanLine<'a>, ConfigError> {
        PlanLine::open(access, &Setting::default())
    }

    /// The same at a time, the state of the line kept in a data folder.
    pub fn open(access: &'a PlanAccess, setting: &Setting) -> Result<PlanLine<'a>, ConfigError> {
        let password = access.password.read("[plan]")?;
        Ok(PlanLine { access, client: HttpClient::open(NAME, &access.url, &access.access, setting)?, password })
    }

    /// What a person is told of our certificate.
    #[must_use]
    pub fn warnings(&self) -> Vec<Finding> {
        self.client.warnings(Clock::japan().now())
    }

    /// 提出: sends a plan file. Sent once, never again by itself.
    pub async fn submit(&self, message: &str, name: &str, octets: &[u8]) -> PlanAnswer {
        match pack(name, octets) {
            Ok(packed) => self.ask(&self.access.upload, message, &packed).await,
            Err(error) => PlanAnswer::NotSent(trouble(TroubleKind::Configuration, error.kind().to_string())),
        }
    }
    /// 一覧: the plans from a day on, `YYYYMMDD`.
    pub async fn list(&self, message: &str, from: &str) -> PlanAnswer {
        self.ask(&self.access.list, message, from).await
    }
    /// 取得: a plan by its id.
    pub async fn file(&self, message: &str, id: &str) -> PlanAnswer {
        self.ask(&self.access.file, message, id).await
    }

    async fn ask(&self, operation: &PlanOperation, message: &str, value: &str) -> PlanAnswer {
        let Some(to) = operation.url(&self.access.url, message) else {
            return PlanAnswer::NotSent(trouble(TroubleKind::Configuration, "URL"));
        };
        let body = form(&[
            ("userid", &self.access.userid),
            ("password", self.password.expose_secret()),
            (&operation.field, value),
        ]);
        let post = self.client.post(to.clone()).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let pass = match self.client.gate.pass(PATIENCE).await {
            Ok(pass) => pass,
            Err(waiting) => return PlanAnswer::NotSent(waiting.into()),
        };
        let mut answer = match self.client.send(post).await {
            Ok(answer) => answer,
            Err(failure) => {
                let (certain, trouble) = (matches!(failure, Failure::Before(_)), failure.trouble());
                if trouble.kind.layer() != Layer::Own {
                    pass.end(outcome_of(&trouble));
                }
                return if certain { PlanAnswer::NotSent(trouble) } else { PlanAnswer::Unknown(trouble) };
            }
        };
        let (status, headers) = (answer.response.status(), answer.response.headers().clone());
        let unavailable = status == StatusCode::SERVICE_UNAVAILABLE;
        let body = answer.body(MOST).await;
        let code = headers.get("resultcode").and_then(|code| code.to_str().ok()).map(str::to_owned);
        let kind = match &body {
            _ if status.is_redirection() => TroubleKind::Redirect,
            Ok(octets) if is_html(octets) && (status.is_success() || unavailable) => TroubleKind::Closed,
            _ if unavailable && retry_after(&headers).is_some() => TroubleKind::Closed,
            _ => TroubleKind::Http,
        };
        let told = match &body {
            Ok(_) if code.is_none() && kind == TroubleKind::Closed && retry_after(&headers).is_none() => {
                outcome_of(&trouble(kind, ""))
            }
            Ok(_) => outcome(status, &headers),
            Err(trouble) => outcome_of(trouble),
        };
        pass.end(told);
        let silent = code.is_none();
        let Some(code) = code.filter(|code| status.is_success() || code != "0000") else {
            let number = status.as_u16();
            let trouble = match kind {
                TroubleKind::Redirect => redirect(status, &headers, &to),
                TroubleKind::Closed if unavailable => trouble(kind, format!("HTTP {number}")),
                TroubleKind::Closed => trouble(kind, "an HTML page in place of data"),
                _ if silent => trouble(kind, format!("HTTP {number}, no resultcode")),
                _ => trouble(kind, format!("HTTP {number}, resultcode 0000")),
            };
            // By the same rule as of every message: whoever says that it is closed may have taken the plan before.
            let certain = silent && turned_away(status);
            return if certain { PlanAnswer::NotSent(trouble) } else { PlanAnswer::Unknown(trouble) };
        };
        let octets = match body {
            Ok(octets) => octets,
            Err(trouble) => return PlanAnswer::Unknown(trouble),
        };
        let packed = !octets.trim_ascii().is_empty();
        match (code == "0000", packed.then(|| unpack(&octets))) {
            (true, None) => PlanAnswer::Done(None),
            (true, Some(Ok(file))) => PlanAnswer::Done(Some(file)),
            (true, Some(Err(finding))) => PlanAnswer::Unreadable(finding),
            // What a refusal carries is not known: it is one, whether or not it can be read.
            (false, report) => PlanAnswer::Refused { code, report: report.and_then(Result::ok) },
        }
    }
}

fn trouble(kind: TroubleKind, detail: impl Into<String>) -> Trouble {
    Trouble { kind, detail: detail.into() }
}
