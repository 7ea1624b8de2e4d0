//! 回線: one session with one operator's download system, at its pace.

use super::super::Clock;
use super::super::client::{Answer, HttpClient, outcome, outcome_of, redirect, retry_after};
use super::super::config::ConfigError;
use super::super::gate::{Outcome, Pass, Setting};
use super::super::trouble::{Layer, Trouble, TroubleKind};
use super::fault::Fault;
use super::source::Source;
use crate::rules::Finding;
use crate::wire::listing::{Listing, ListingError, is_html};
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, SET_COOKIE};
use secrecy::ExposeSecret as _;
use std::collections::BTreeMap;
use std::time::Duration;

/// The pace of an operator is waited for, and the end of a short pause; longer ones end the visit.
const PATIENCE: Duration = Duration::from_secs(120);

/// So many octets tell a page from data.
const BEGINNING: usize = 4096;

/// A session: its requests go one after the other.
pub(super) struct Line<'a> {
    pub(super) source: &'a Source,
    client: HttpClient,
    cookies: Cookies,
    open: bool,
}

impl<'a> Line<'a> {
    /// Reads the certificates; connects to nobody yet.
    pub(super) fn new(source: &'a Source, setting: &Setting) -> Result<Line<'a>, ConfigError> {
        let client = HttpClient::open(&source.name(), &source.host, &source.access, setting)?;
        Ok(Line { source, client, cookies: Cookies::default(), open: false })
    }

    /// What a person is told of our certificate.
    pub(super) fn warnings(&self) -> Vec<Finding> {
        self.client.warnings(Clock::japan().now())
    }

    /// Whether a session could be opened anew.
    pub(super) fn is_renewable(&self) -> bool {
        !self.source.session.is_empty()
    }

    /// Forgets the session: the next request opens another.
    pub(super) fn renew(&mut self) {
        self.open = false;
        self.cookies = Cookies::default();
    }

    /// The listing.
    pub(super) async fn listing(&mut self) -> Result<Listing, Fault> {
        self.enter().await?;
        let (url, most) = (self.source.listing.clone(), self.source.max_listing);
        let mut octets = Vec::new();
        let mut keep = |chunk: &[u8]| {
            octets.extend_from_slice(chunk);
            Ok(())
        };
        let renewable = self.is_renewable();
        let pass = self.take(url, most, &mut keep).await?;
        let read = Listing::parse(&octets).map_err(Fault::Listing);
        pass.end(read.as_ref().err().map_or(Outcome::Answered, |fault| told(fault, renewable)));
        read
    }

    /// The octets of a file, piece by piece, and none of a page in its place.
    pub(super) async fn file(
        &mut self,
        name: &str,
        keep: &mut dyn FnMut(&[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.enter().await?;
        let url = self
            .source
            .file_url(name)
            .ok_or_else(|| Fault::Line(Trouble::new(TroubleKind::Configuration, "no address for the file")))?;
        let (most, renewable) = (self.source.max_file, self.is_renewable());
        // The beginning is held back until it tells a page from data, however small the pieces are that it comes in.
        let mut beginning = Some(Vec::new());
        let mut checked = |chunk: &[u8]| {
            let Some(held) = &mut beginning else { return keep(chunk) };
            held.extend_from_slice(chunk);
            if held.len() < BEGINNING {
                return Ok(());
            }
            data(&beginning.take().unwrap_or_default(), keep)
        };
        let pass = self.take(url, most, &mut checked).await?;
        let end = beginning.map_or(Ok(()), |held| data(&held, keep));
        match &end {
            Err(Fault::Disk(_)) => drop(pass),
            Err(fault) => pass.end(told(fault, renewable)),
            Ok(()) => pass.end(Outcome::Answered),
        }
        end
    }

    /// Opens the session, where one is needed. What its pages say is for people; a way onward (3xx) is as good.
    async fn enter(&mut self) -> Result<(), Fault> {
        if self.open {
            return Ok(());
        }
        for step in &self.source.session {
            let form = step.form.as_ref().map(|form| form.expose_secret());
            let (answer, pass) = self.send(step.url.clone(), form).await?;
            let status = answer.response.status();
            pass.end(outcome(status, answer.response.headers()));
            if !status.is_success() && !status.is_redirection() {
                return Err(Fault::Status(status.as_u16(), retry_after(answer.response.headers())));
            }
        }
        self.open = true;
        Ok(())
    }

    /// Takes a whole answer. How it ends is told to the gate, but for what its octets are.
    async fn take(
        &mut self,
        url: Url,
        most: u64,
        keep: &mut dyn FnMut(&[u8]) -> Result<(), Fault>,
    ) -> Result<Pass<'_>, Fault> {
        let renewable = self.is_renewable();
        let (mut answer, pass) = self.send(url.clone(), None).await?;
        let (status, headers) = (answer.response.status(), answer.response.headers());
        if !status.is_success() {
            pass.end(outcome(status, headers));
            return Err(if status.is_redirection() {
                Fault::Redirect(redirect(status, headers, &url))
            } else {
                Fault::Status(status.as_u16(), retry_after(headers))
            });
        }
        match poured(&mut answer, most, keep).await {
            Ok(()) => Ok(pass),
            Err(fault) => {
                // Of the line our own disk says nothing.
                if !matches!(fault, Fault::Disk(_)) {
                    pass.end(told(&fault, renewable));
                }
                Err(fault)
            }
        }
    }

    /// One request through the gate, until the head of its answer is there.
    async fn send(&mut self, url: Url, form: Option<&str>) -> Result<(Answer, Pass<'_>), Fault> {
        let pass = self.client.gate.pass(PATIENCE).await.map_err(|waiting| Fault::Line(waiting.into()))?;
        let request = match form {
            None => self.client.get(url),
            Some(form) => {
                self.client.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.to_owned())
            }
        };
        let request = match self.cookies.header() {
            Some(cookies) => request.header(COOKIE, cookies),
            None => request,
        };
        match self.client.send(request).await {
            Ok(answer) => {
                self.cookies.keep(answer.response.headers());
                Ok((answer, pass))
            }
            Err(failure) => {
                let trouble = failure.trouble();
                if trouble.kind.layer() != Layer::Own {
                    pass.end(outcome_of(&trouble));
                }
                Err(Fault::Line(trouble))
            }
        }
    }
}

/// Hands the beginning of a file on, if it is none of a page.
fn data(beginning: &[u8], keep: &mut dyn FnMut(&[u8]) -> Result<(), Fault>) -> Result<(), Fault> {
    if is_html(beginning) { Err(Fault::Page) } else { keep(beginning) }
}

/// Hands the octets of an answer on, as many as may come.
async fn poured(answer: &mut Answer, most: u64, keep: &mut dyn FnMut(&[u8]) -> Result<(), Fault>) -> Result<(), Fault> {
    if answer.response.content_length().is_some_and(|announced| announced > most) {
        return Err(Fault::TooLarge(most));
    }
    let mut got = 0;
    while let Some(chunk) = answer.chunk().await.map_err(Fault::Line)? {
        got += chunk.len() as u64;
        if got > most {
            return Err(Fault::TooLarge(most));
        }
        keep(&chunk)?;
    }
    Ok(())
}

/// What is told to the gate of an answer that came and was none: a page says that it is closed, unless it may be that of a
/// session that was lost.
fn told(fault: &Fault, renewable: bool) -> Outcome {
    match fault {
        Fault::Line(trouble) => outcome_of(trouble),
        Fault::Page | Fault::Listing(ListingError::Html) if !renewable => Outcome::Closed(None),
        _ => Outcome::Answered,
    }
}

/// The cookies of one session with one host: what was set is said again, until it is taken back.
///
/// A jar that knows of paths, domains and dates would be needed for more than one host.
#[derive(Default)]
struct Cookies(BTreeMap<String, String>);

impl Cookies {
    fn keep(&mut self, headers: &HeaderMap) {
        for value in headers.get_all(SET_COOKIE) {
            let Ok(text) = value.to_str() else { continue };
            let mut parts = text.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let ended = parts.any(|part| part.eq_ignore_ascii_case("max-age=0"));
            if ended || value.is_empty() {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn header(&self) -> Option<String> {
        let pairs: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_said_again_until_they_are_taken_back() {
        let mut cookies = Cookies::default();
        assert_eq!(cookies.header(), None);
        let mut set = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(SET_COOKIE, line.parse().unwrap());
            }
            cookies.keep(&headers);
            cookies.header()
        };
        assert_eq!(set(&["S=1; Path=/; HttpOnly", "b=x=y", "odd"]).as_deref(), Some("S=1; b=x=y"));
        assert_eq!(set(&["S=2"]).as_deref(), Some("S=2; b=x=y"));
        assert_eq!(set(&["S=2; Max-Age=0", "b="]), None);
    }
}
