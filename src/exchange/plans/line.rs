//! 回線: one request to OCCTO's API for plans, and what its answer says for certain.

use super::super::config::ConfigError;
use super::super::{Trouble, TroubleKind, tls};
use super::access::{PlanAccess, PlanOperation, Secret};
use super::pack::{form, pack, unpack};
use crate::rules::Finding;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, StatusCode};

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
    client: Client,
    password: Secret,
}

/// The most octets of an answer.
const MOST: usize = 64 * 1024 * 1024;

impl<'a> PlanLine<'a> {
    /// Reads password and certificates; connects to nobody yet.
    pub fn new(access: &'a PlanAccess) -> Result<PlanLine<'a>, ConfigError> {
        let password = access.password.read()?;
        let identity = access.identity.as_ref().map(|(certificate, key)| (certificate.as_path(), key.as_path()));
        let builder = tls::client(&access.url, identity, access.root.as_deref())?.timeout(access.timeout);
        Ok(PlanLine { access, client: tls::built(builder)?, password })
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
        let Some(url) = operation.url(&self.access.url, message) else {
            return PlanAnswer::NotSent(trouble(TroubleKind::Configuration, "URL"));
        };
        let body =
            form(&[("userid", &self.access.userid), ("password", self.password.reveal()), (&operation.field, value)]);
        let post = self.client.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let mut response = match post.send().await {
            Ok(response) => response,
            Err(error) => return undelivered(&error),
        };
        let status = response.status();
        let code = response.headers().get("resultcode").and_then(|code| code.to_str().ok()).map(str::to_owned);
        if status == StatusCode::SERVICE_UNAVAILABLE && response.headers().contains_key(RETRY_AFTER) {
            return PlanAnswer::NotSent(trouble(TroubleKind::Closed, "HTTP 503, Retry-After"));
        }
        let Some(code) = code else {
            return PlanAnswer::Unknown(trouble(TroubleKind::Http, format!("HTTP {}, no resultcode", status.as_u16())));
        };
        let mut octets = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if octets.len() + chunk.len() > MOST => {
                    return PlanAnswer::Unknown(trouble(TroubleKind::TooLarge, format!("more than {MOST} bytes")));
                }
                Ok(Some(chunk)) => octets.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(_) => return PlanAnswer::Unknown(trouble(TroubleKind::Broken, "within the answer")),
            }
        }
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

/// Only what certainly never reached the counterparty counts as not sent.
fn undelivered(error: &reqwest::Error) -> PlanAnswer {
    if tls::refused_certificate(error).is_some() {
        return PlanAnswer::NotSent(trouble(TroubleKind::Connection, "client certificate refused"));
    }
    if error.is_connect() || error.is_builder() {
        return PlanAnswer::NotSent(trouble(TroubleKind::Connection, "no connection"));
    }
    let kind = if error.is_timeout() { TroubleKind::Timeout } else { TroubleKind::Broken };
    PlanAnswer::Unknown(trouble(kind, "after the request"))
}
