//! 回線: one session with one operator's download system, at its pace.

use super::super::config::ConfigError;
use super::super::tls;
use super::fault::Fault;
use super::source::Source;
use crate::wire::listing::is_html;
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, RETRY_AFTER, SET_COOKIE};
use reqwest::{Client, Response, Url};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// A session: its requests go one after the other.
pub(super) struct Line<'a> {
    pub(super) source: &'a Source,
    client: Client,
    cookies: Cookies,
    /// When the next request may go.
    next: Instant,
    open: bool,
}

impl<'a> Line<'a> {
    /// Reads the certificates; connects to nobody yet.
    pub(super) fn new(source: &'a Source) -> Result<Line<'a>, ConfigError> {
        let identity = source.identity.as_ref().map(|(certificate, key)| (certificate.as_path(), key.as_path()));
        let builder = tls::client(&source.host, identity, source.root.as_deref())?
            .connect_timeout(source.connect_timeout)
            .read_timeout(source.timeout)
            .pool_max_idle_per_host(1);
        let client = tls::built(builder)?;
        Ok(Line { source, client, cookies: Cookies::default(), next: Instant::now(), open: false })
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

    /// The octets of the listing.
    pub(super) async fn listing(&mut self) -> Result<Vec<u8>, Fault> {
        self.enter().await?;
        let (url, most) = (self.source.listing.clone(), self.source.max_listing);
        let mut octets = Vec::new();
        let mut keep = |chunk: &[u8]| {
            octets.extend_from_slice(chunk);
            Ok(())
        };
        self.take(url, most, &mut keep).await?;
        Ok(octets)
    }

    /// The octets of a file, piece by piece, and none of a page in its place.
    pub(super) async fn file(
        &mut self,
        name: &str,
        keep: &mut dyn FnMut(&[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.enter().await?;
        let url = self.source.file_url(name).ok_or(Fault::Connection("URLを作れません", "no address for the file"))?;
        let most = self.source.max_file;
        let mut begun = false;
        let mut checked = |chunk: &[u8]| {
            if !std::mem::replace(&mut begun, true) && is_html(chunk) {
                return Err(Fault::Page);
            }
            keep(chunk)
        };
        self.take(url, most, &mut checked).await
    }

    /// Opens the session, where one is needed. What its pages say is for people; a way onward (3xx) is as good.
    async fn enter(&mut self) -> Result<(), Fault> {
        if self.open {
            return Ok(());
        }
        for step in &self.source.session {
            let response = self.send(step.url.clone(), step.form.as_deref()).await?;
            let status = response.status();
            if !status.is_success() && !status.is_redirection() {
                return Err(Fault::Status(status.as_u16(), retry_after(response.headers())));
            }
        }
        self.open = true;
        Ok(())
    }

    async fn take(
        &mut self,
        url: Url,
        most: u64,
        keep: &mut dyn FnMut(&[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let longest = self.source.longest;
        let all = async {
            let mut response = self.send(url, None).await?;
            if !response.status().is_success() {
                return Err(Fault::Status(response.status().as_u16(), retry_after(response.headers())));
            }
            if response.content_length().is_some_and(|announced| announced > most) {
                return Err(Fault::TooLarge(most));
            }
            let mut got = 0;
            loop {
                match response.chunk().await {
                    Ok(Some(chunk)) => {
                        got += chunk.len() as u64;
                        if got > most {
                            return Err(Fault::TooLarge(most));
                        }
                        keep(&chunk)?;
                    }
                    Ok(None) => return Ok(()),
                    Err(error) if error.is_timeout() => return Err(Fault::Timeout),
                    Err(_) => return Err(Fault::Broken),
                }
            }
        };
        timeout(longest, all).await.unwrap_or(Err(Fault::Timeout))
    }

    async fn send(&mut self, url: Url, form: Option<&str>) -> Result<Response, Fault> {
        sleep_until(self.next).await;
        self.next = Instant::now() + self.source.interval;
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
        let response = request.send().await.map_err(|error| undelivered(&error))?;
        self.cookies.keep(response.headers());
        Ok(response)
    }
}

fn undelivered(error: &reqwest::Error) -> Fault {
    if tls::refused_certificate(error).is_some() {
        return Fault::Certificate;
    }
    if error.is_connect() {
        return if error.is_timeout() {
            Fault::Connection("時間内に応答がありません", "no answer in time")
        } else {
            Fault::Connection("相手がいないか、TLSで合意できません", "nobody there, or no agreement on TLS")
        };
    }
    if error.is_builder() {
        return Fault::Connection("要求を作れません", "the request cannot be made");
    }
    if error.is_timeout() { Fault::Timeout } else { Fault::Broken }
}

/// When to come again, where it is said in seconds.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
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
