//! 接続設定: where the counterparties are and how they are spoken to, from one TOML file and the environment.

mod error;
mod sections;
mod text;

pub use error::ConfigError;

use super::access::{Access, Common, Usual};
use super::fetch::Source;
use super::fetch::source::{Section, sources};
use super::plans::{PlanAccess, PlanSection};
use super::secret::{exposed, open_to_others};
use crate::items::{BusinessCode, Code as _};
use crate::notice::Party;
use crate::store::cause_ja;
use crate::wire::multipart::Attachments;
use sections::Sections;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use text::Text;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// 接続設定.
///
/// ```toml
/// retailer = "40113"                              # 自社の事業者コード
///
/// [all]                                           # for every section, unless it says otherwise: any key of `Access`
/// client-certificate = "client.p12"
/// client-password-env = "OCCTO_CLIENT_PASSWORD"
///
/// [counterparty.occto]                            # or "operator:03", "retailer:40203"
/// url = "https://${OCCTO_HOST}/api"               # ${NAME} is a variable of the environment, in any value
/// binding = "our-binding.toml"                    # 電文の書式; the reference binding if absent
/// max-answer = 33554432                           # bytes, as they come out of a gzip
/// attachments = "inline"                          # documents in a message: inline, or beside it: mtom, swa
/// # … and any key of `Access`
/// ```
///
/// What every section may say stands at [`Access`], what it says about fetching meter data at [`Source`], about plans at
/// [`PlanAccess`]. Paths are relative to the file. What is not for a counterparty named in the file goes to `occto`.
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
    /// The most bytes of an answer.
    pub max_answer: usize,
    /// How documents within a message travel.
    pub attachments: Attachments,
    /// How it is reached.
    pub access: Access,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Entry {
    url: Option<Spanned<String>>,
    binding: Option<PathBuf>,
    max_answer: Option<u32>,
    attachments: Option<Spanned<String>>,
}

/// The keys at the top.
const TOP: [&str; 5] = ["retailer", "all", "counterparty", "download", "plan"];
/// The keys that hold a password itself.
const WRITTEN: [&str; 3] = ["client-password", "proxy-password", "password"];

/// What a counterparty's section leaves out. None of it is published.
const USUAL: Usual = Usual { per_minute: None, concurrent: 4, retry_delay: 1, trip_after: 5, longest: None };
const MAX_ANSWER: u32 = 32 * 1024 * 1024;

impl ExchangeConfig {
    /// Reads a configuration file.
    pub fn load(path: &Path) -> Result<ExchangeConfig, ConfigError> {
        let (read, mut errors) = ExchangeConfig::check(path);
        match read.filter(|_| errors.is_empty()) {
            Some(config) => Ok(config),
            None if errors.is_empty() => Err(ConfigError::new("接続設定を読めません", "it cannot be read")),
            None => Err(errors.swap_remove(0)),
        }
    }

    /// Reads a configuration file and says everything that is wrong with it. The files it names are not opened.
    pub fn check(path: &Path) -> (Option<ExchangeConfig>, Vec<ConfigError>) {
        let fail = |error: std::io::Error| {
            let (name, why) = (path.display(), error.kind());
            ConfigError::new(format!("{name} を読めません（{}）", cause_ja(why)), format!("cannot read {name}: {why}"))
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return (None, vec![fail(error)]),
        };
        let (read, mut errors) = ExchangeConfig::examine(&text, path.parent().unwrap_or(Path::new("")));
        let open = std::fs::metadata(path).ok().as_ref().and_then(open_to_others);
        if let Some(mode) = open.filter(|_| holds_a_secret(&text)) {
            errors.insert(0, exposed(path, mode));
        }
        (read, errors)
    }

    /// Reads the text of a configuration; its paths are relative to a folder.
    pub fn parse(text: &str, folder: &Path) -> Result<ExchangeConfig, ConfigError> {
        let (read, mut errors) = ExchangeConfig::examine(text, folder);
        match read.filter(|_| errors.is_empty()) {
            Some(config) => Ok(config),
            None if errors.is_empty() => Err(ConfigError::new("接続設定を読めません", "it cannot be read")),
            None => Err(errors.swap_remove(0)),
        }
    }

    /// Reads the text of a configuration and says everything that is wrong with it.
    fn examine(text: &str, folder: &Path) -> (Option<ExchangeConfig>, Vec<ConfigError>) {
        let text = match Text::expanded(text, &|name| std::env::var(name).ok()) {
            Ok(text) => text,
            Err(error) => return (None, vec![error]),
        };
        let table = match DeTable::parse(&text.0) {
            Ok(table) => table,
            Err(error) => return (None, vec![text.unreadable(&error, 0)]),
        };
        let mut sections = Sections { text: &text, errors: Vec::new() };
        let read = whole(table.get_ref(), folder, &mut sections);
        let mut errors = sections.errors;
        errors.sort_by_key(|error| (error.line, error.column));
        (read, errors)
    }

    /// Every line of the configuration: the name of its gate, where it goes, and how.
    pub fn lines(&self) -> impl Iterator<Item = (String, &reqwest::Url, &Access)> {
        let counterparties = self.counterparties.iter().map(|(party, to)| (party.to_string(), &to.url, &to.access));
        let sources = self.sources.iter().map(|source| (source.name(), &source.host, &source.access));
        let plans = self.plans.iter().map(|plan| (super::plans::NAME.to_owned(), &plan.url, &plan.access));
        counterparties.chain(sources).chain(plans)
    }
}

/// Reads every section, so that every mistake is named.
fn whole(table: &DeTable<'_>, folder: &Path, sections: &mut Sections<'_>) -> Option<ExchangeConfig> {
    sections.unknown(Some(table), &TOP);
    let text = sections.text;
    let complain = |byte: usize, ja: &str, en: &str| text.complain(byte, ja, en);
    let all = table.get("all").and_then(|all| sections.common(all)).unwrap_or_default();
    let retailer = match table.get("retailer").map(|value| (value.span().start, value.get_ref().as_str())) {
        Some((at, Some(code))) => BusinessCode::parse(code).map_err(|error| complain(at, &error.ja(), &error.en())),
        Some((at, None)) => Err(complain(at, "\"40113\" のように書いてください", "it is written like `\"40113\"`")),
        None => Err(complain(0, "retailer（自社の事業者コード）を書いてください", "missing field `retailer`")),
    };
    let counterparties: Vec<_> = named(table, "counterparty", sections)
        .into_iter()
        .filter_map(|(name, value)| counterparty(&name, value, &all, folder, sections))
        .collect();
    let mut downloads = BTreeMap::new();
    for (name, value) in named(table, "download", sections) {
        if let Some(read) = sections.read::<Section>(value) {
            downloads.insert(name, read);
        }
    }
    let retailer = match retailer {
        Ok(retailer) => retailer,
        Err(error) => {
            sections.errors.push(error);
            return None;
        }
    };
    let sources = match sources(downloads, &all, retailer, folder, &complain) {
        Ok(sources) => sources,
        Err(error) => {
            sections.errors.push(error);
            return None;
        }
    };
    let plans = match table.get("plan").and_then(|value| Some((value, sections.read::<PlanSection>(value)?))) {
        None => None,
        Some((value, (section, common))) => {
            match section.read(common.over(&all), folder, value.span().start, &complain) {
                Ok(plans) => Some(plans),
                Err(error) => {
                    sections.errors.push(error);
                    None
                }
            }
        }
    };
    Some(ExchangeConfig { retailer, counterparties, sources, plans })
}

/// The sections below a name, by their own.
fn named<'a, 'i>(
    table: &'a DeTable<'i>,
    name: &str,
    sections: &mut Sections<'_>,
) -> Vec<(Spanned<String>, &'a Spanned<DeValue<'i>>)> {
    let Some(value) = table.get(name) else { return Vec::new() };
    let Some(inner) = value.get_ref().as_table() else {
        let (ja, en) = (format!("[{name}.名前] の形で書いてください"), format!("it is written `[{name}.NAME]`"));
        sections.errors.push(sections.text.complain(value.span().start, &ja, &en));
        return Vec::new();
    };
    inner.iter().map(|(key, value)| (Spanned::new(key.span(), key.get_ref().as_ref().to_owned()), value)).collect()
}

fn counterparty(
    name: &Spanned<String>,
    value: &Spanned<DeValue<'_>>,
    all: &Common,
    folder: &Path,
    sections: &mut Sections<'_>,
) -> Option<(Party, Counterparty)> {
    let (entry, common) = sections.read::<Entry>(value)?;
    let text = sections.text;
    let complain = |byte: usize, ja: &str, en: &str| text.complain(byte, ja, en);
    let read = || {
        let party = Party::parse(name.get_ref()).map_err(|error| {
            let text = error.to_string();
            let (ja, en) = text.split_once(" / ").unwrap_or((&text, &text));
            complain(name.span().start, ja, en)
        })?;
        let url =
            entry.url.ok_or_else(|| complain(name.span().start, "url を書いてください", "missing field `url`"))?;
        let at = url.span().start;
        let url = address(url.get_ref()).map_err(|(ja, en)| complain(at, ja, en))?;
        let access = common.over(all).access(folder, &USUAL, &complain)?;
        let binding = entry.binding.map(|path| folder.join(path));
        let max_answer = entry.max_answer.unwrap_or(MAX_ANSWER) as usize;
        let attachments = entry.attachments.map(|kind| {
            let ja = "attachments は inline・mtom・swa のいずれかです";
            let known = Attachments::from_key(kind.get_ref());
            known.ok_or_else(|| complain(kind.span().start, ja, "`attachments` is `inline`, `mtom` or `swa`"))
        });
        let attachments = attachments.transpose()?.unwrap_or(Attachments::Inline);
        Ok((party, Counterparty { url, binding, max_answer, attachments, access }))
    };
    read().map_err(|error| sections.errors.push(error)).ok()
}

/// Whether a password itself stands in a text.
fn holds_a_secret(text: &str) -> bool {
    fn within(table: &toml::Table) -> bool {
        table.iter().any(|(key, value)| match value {
            toml::Value::String(text) => WRITTEN.contains(&key.as_str()) || key == "form" && is_login(text),
            toml::Value::Table(table) => within(table),
            toml::Value::Array(list) => list.iter().filter_map(toml::Value::as_table).any(within),
            _ => false,
        })
    }
    // What cannot be read is taken for the worst.
    toml::from_str::<toml::Table>(text)
        .map_or_else(|_| WRITTEN.iter().any(|key| text.contains(key)), |table| within(&table))
}

/// Whether a form has a field that by its name is a password, and its value in it rather than in the environment.
fn is_login(form: &str) -> bool {
    form.split('&').filter_map(|field| field.split_once('=')).any(|(name, value)| {
        let name = name.to_ascii_lowercase();
        let secret = name == "pw" || ["pass", "pwd", "secret", "token"].iter().any(|part| name.contains(part));
        secret && !value.is_empty() && !value.starts_with("${")
    })
}

/// Personal data leaves this machine only over TLS.
pub(in super::super) fn address(text: &str) -> Result<reqwest::Url, (&'static str, &'static str)> {
    let url = reqwest::Url::parse(text).map_err(|_| {
        ("URLの形式が正しくありません（例: https://host/path）", "not a URL, expected `https://host/path`")
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err((
            "URLに利用者名やパスワードは書けません（接続の認証には client-certificate を使います）",
            "no user and no password in a URL: a client certificate says who connects",
        ));
    }
    match url.scheme() {
        "https" if url.has_host() => Ok(url),
        "http" if is_local(&url) => Ok(url),
        _ => Err((
            "URLは https:// で始めてください（http はこのパソコン内だけで使えます）",
            "the URL begins with `https://`; `http` is for this machine alone",
        )),
    }
}

pub(in super::super) fn is_local(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_configuration_is_read() {
        let text = "retailer = \"40113\"\n[counterparty.occto]\nurl = \"https://x.example/api\"\ntimeout = 5\n\
                    client-certificate = \"a.pem\"\nclient-key = \"a.key\"\n[counterparty.\"operator:03\"]\n\
                    url = \"http://127.0.0.1:9000/\"\n";
        let config = ExchangeConfig::parse(text, Path::new("etc")).unwrap();
        assert_eq!(config.counterparties.len(), 2);
        let (party, occto) = &config.counterparties[0];
        assert_eq!((*party, occto.access.limits.whole), (Party::OCCTO, Duration::from_secs(5)));
        let identity = occto.access.identity.as_ref().unwrap();
        assert_eq!(
            (&*identity.certificate, identity.key.as_deref()),
            (Path::new("etc/a.pem"), Some(Path::new("etc/a.key")))
        );
    }

    #[test]
    fn a_mistake_is_named_by_line_and_column() {
        let head = "retailer = \"40113\"\n[counterparty.occto]\n";
        let cases = [
            ("url = \"https://x/\"\ncolour = 1\n", (4, 1), "colour"),
            ("url = \"http://x.example/\"\n", (3, 7), "https://"),
            ("url = \"ftp://127.0.0.1/\"\n", (3, 7), "https://"),
            ("url = \"https://user:word@x.example/\"\n", (3, 7), "no user and no password"),
            ("url = \"x\"\n", (3, 7), "not a URL"),
            ("url = \"https://x/\"\nclient-key = \"k\"\n", (4, 14), "go together"),
            ("url = \"https://x/\"\n[counterparty.nobody]\nurl = \"https://x/\"\n", (4, 15), "role"),
            ("", (2, 15), "url"),
        ];
        for (text, place, part) in cases {
            let error = ExchangeConfig::parse(&format!("{head}{text}"), Path::new("")).unwrap_err();
            assert_eq!((error.line, error.column), (Some(place.0), Some(place.1)), "{error}");
            assert!(error.en.contains(part), "{error}");
        }
    }
}
