//! 接続設定: where the counterparties are and how they are spoken to, from a small TOML file.

use super::fetch::Source;
use super::fetch::source::{Complaint, Section, sources};
use super::plans::{PlanAccess, PlanSection};
use crate::items::BusinessCode;
use crate::notice::Party;
use crate::store::cause_ja;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// 接続設定.
///
/// ```toml
/// retailer = "40113"                              # 自社の事業者コード
///
/// [counterparty.occto]                            # or "operator:03", "retailer:40203"
/// url = "https://switching.example.jp/api"
/// binding = "our-binding.toml"                    # 電文の書式; the reference binding if absent
/// connect-timeout = 10                            # seconds
/// timeout = 60                                    # seconds, for request and answer
/// max-answer = 33554432                           # bytes
/// client-certificate = "client.pem"               # クライアント証明書 (PEM)
/// client-key = "client.key"
/// root-certificate = "ca.pem"                     # trusted besides the usual ones
/// ```
///
/// What it says about fetching meter data stands at [`Source`], about plans at [`PlanAccess`]. Paths are relative to the file. What is not for a counterparty named in the file goes to `occto`.
#[derive(Clone, Debug)]
pub struct ExchangeConfig {
    /// Our own business code.
    pub retailer: BusinessCode,
    /// The counterparties.
    pub counterparties: Vec<(Party, Counterparty)>,
    /// The download systems of the operators, in the order of their areas.
    pub sources: Vec<Source>,
    /// Where plans are submitted, if the file says.
    pub plans: Option<PlanAccess>,
}

/// 接続先: one counterparty.
#[derive(Clone, Debug)]
pub struct Counterparty {
    /// Where messages are posted: `https`, or `http` on this machine.
    pub url: reqwest::Url,
    /// The binding file, if not the reference binding.
    pub binding: Option<PathBuf>,
    /// The time to connect, TLS included.
    pub connect_timeout: Duration,
    /// The time for request and answer, once connected.
    pub timeout: Duration,
    /// The most bytes of an answer.
    pub max_answer: usize,
    /// The client certificate and its key, in PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// A root certificate to trust besides the usual ones, in PEM.
    pub root: Option<PathBuf>,
}

/// 接続設定の誤り: what is wrong with a configuration, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Line from 1, where it is known.
    pub line: Option<u64>,
    /// Column from 1, where it is known.
    pub column: Option<u64>,
    /// What is wrong, in Japanese.
    pub ja: String,
    /// What is wrong, in English.
    pub en: String,
}

impl ConfigError {
    pub(super) fn new(ja: impl Into<String>, en: impl Into<String>) -> ConfigError {
        ConfigError { line: None, column: None, ja: ja.into(), en: en.into() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(
                f,
                "接続設定の{line}行目{column}桁目: {} / exchange configuration, line {line}, column {column}: {}",
                self.ja, self.en
            ),
            _ => write!(f, "接続設定: {} / exchange configuration: {}", self.ja, self.en),
        }
    }
}

impl std::error::Error for ConfigError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    retailer: toml::Spanned<String>,
    #[serde(default)]
    counterparty: BTreeMap<toml::Spanned<String>, Entry>,
    #[serde(default)]
    download: BTreeMap<toml::Spanned<String>, Section>,
    plan: Option<PlanSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    url: toml::Spanned<String>,
    binding: Option<PathBuf>,
    #[serde(default = "ten")]
    connect_timeout: u32,
    #[serde(default = "sixty")]
    timeout: u32,
    #[serde(default = "most")]
    max_answer: u32,
    client_certificate: Option<toml::Spanned<PathBuf>>,
    client_key: Option<toml::Spanned<PathBuf>>,
    root_certificate: Option<PathBuf>,
}

const fn ten() -> u32 {
    10
}
const fn sixty() -> u32 {
    60
}
const fn most() -> u32 {
    32 * 1024 * 1024
}

impl ExchangeConfig {
    /// Reads a configuration file.
    pub fn load(path: &Path) -> Result<ExchangeConfig, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let (name, why) = (path.display(), error.kind());
            ConfigError::new(format!("{name} を読めません（{}）", cause_ja(why)), format!("cannot read {name}: {why}"))
        })?;
        ExchangeConfig::parse(&text, path.parent().unwrap_or(Path::new("")))
    }

    /// Reads the text of a configuration; its paths are relative to a folder.
    pub fn parse(text: &str, folder: &Path) -> Result<ExchangeConfig, ConfigError> {
        let at = |byte: usize, ja: String, en: String| {
            let before = text.get(..byte).unwrap_or(text);
            let line = before.matches('\n').count() as u64 + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
            ConfigError { line: Some(line), column: Some(column), ja, en }
        };
        let complain = |byte: usize, ja: &str, en: &str| at(byte, ja.to_owned(), en.to_owned());
        let file: File = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            at(start, "TOMLとして正しくないか、項目名・値が違います".to_owned(), error.message().to_owned())
        })?;
        let retailer = BusinessCode::parse(file.retailer.get_ref())
            .map_err(|error| at(file.retailer.span().start, error.ja(), error.en()))?;
        let mut counterparties = Vec::new();
        for (name, entry) in file.counterparty {
            let party = Party::parse(name.get_ref()).map_err(|error| {
                let text = error.to_string();
                let (ja, en) = text.split_once(" / ").unwrap_or((&text, &text));
                at(name.span().start, ja.to_owned(), en.to_owned())
            })?;
            let start = entry.url.span().start;
            let url = address(entry.url.get_ref()).map_err(|(ja, en)| at(start, ja.to_owned(), en.to_owned()))?;
            let identity = pair(entry.client_certificate, entry.client_key, folder, &complain)?;
            let counterparty = Counterparty {
                url,
                binding: entry.binding.map(|path| folder.join(path)),
                connect_timeout: Duration::from_secs(entry.connect_timeout.into()),
                timeout: Duration::from_secs(entry.timeout.into()),
                max_answer: entry.max_answer as usize,
                identity,
                root: entry.root_certificate.map(|path| folder.join(path)),
            };
            counterparties.push((party, counterparty));
        }
        let sources = sources(file.download, retailer, folder, &complain)?;
        let plans = file.plan.map(|section| section.read(folder, &complain)).transpose()?;
        Ok(ExchangeConfig { retailer, counterparties, sources, plans })
    }
}

/// The client certificate and its key, both or neither.
pub(super) fn pair(
    certificate: Option<toml::Spanned<PathBuf>>,
    key: Option<toml::Spanned<PathBuf>>,
    folder: &Path,
    complain: Complaint<'_>,
) -> Result<Option<(PathBuf, PathBuf)>, ConfigError> {
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            Ok(Some((folder.join(certificate.into_inner()), folder.join(key.into_inner()))))
        }
        (None, None) => Ok(None),
        (Some(lone), None) | (None, Some(lone)) => {
            let ja = "client-certificate と client-key は両方とも書いてください";
            Err(complain(lone.span().start, ja, "client-certificate and client-key go together"))
        }
    }
}

/// Personal data leaves this machine only over TLS.
pub(super) fn address(text: &str) -> Result<reqwest::Url, (&'static str, &'static str)> {
    let url = reqwest::Url::parse(text).map_err(|_| {
        ("URLの形式が正しくありません（例: https://host/path）", "not a URL, expected `https://host/path`")
    })?;
    match url.scheme() {
        "https" if url.has_host() => Ok(url),
        "http" if is_local(&url) => Ok(url),
        _ => Err((
            "URLは https:// で始めてください（http はこのパソコン内だけで使えます）",
            "the URL begins with `https://`; `http` is for this machine alone",
        )),
    }
}

pub(super) fn is_local(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_read() {
        let text = "retailer = \"40113\"\n[counterparty.occto]\nurl = \"https://x.example/api\"\ntimeout = 5\n\
                    client-certificate = \"a.pem\"\nclient-key = \"a.key\"\n[counterparty.\"operator:03\"]\n\
                    url = \"http://127.0.0.1:9000/\"\n";
        let config = ExchangeConfig::parse(text, Path::new("etc")).unwrap();
        assert_eq!(config.counterparties.len(), 2);
        let (party, occto) = &config.counterparties[0];
        assert_eq!((*party, occto.timeout), (Party::OCCTO, Duration::from_secs(5)));
        assert_eq!(occto.identity, Some((PathBuf::from("etc/a.pem"), PathBuf::from("etc/a.key"))));
    }

    #[test]
    fn a_mistake_is_named_by_line_and_column() {
        let head = "retailer = \"40113\"\n[counterparty.occto]\n";
        let cases = [
            ("url = \"https://x/\"\ncolour = 1\n", (4, 1), "colour"),
            ("url = \"http://x.example/\"\n", (3, 7), "https://"),
            ("url = \"ftp://127.0.0.1/\"\n", (3, 7), "https://"),
            ("url = \"x\"\n", (3, 7), "not a URL"),
            ("url = \"https://x/\"\nclient-key = \"k\"\n", (4, 14), "go together"),
            ("url = \"https://x/\"\n[counterparty.nobody]\nurl = \"https://x/\"\n", (4, 15), "role"),
            ("", (2, 1), "url"),
        ];
        for (text, place, part) in cases {
            let error = ExchangeConfig::parse(&format!("{head}{text}"), Path::new("")).unwrap_err();
            assert_eq!((error.line, error.column), (Some(place.0), Some(place.1)), "{error}");
            assert!(error.en.contains(part), "{error}");
        }
    }
}
