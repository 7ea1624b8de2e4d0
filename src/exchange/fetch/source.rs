//! 取得先: the download system of an operator, from the exchange configuration and the published table.

use super::super::access::{Access, Common, Complaint, Usual};
use super::super::config::{ConfigError, address};
use crate::items::{Area, BusinessCode, Code as _};
use reqwest::Url;
use secrecy::SecretString;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;

/// What is known of the operators' systems.
const PUBLISHED: &str = include_str!("../../../schemas/downloads.toml");
/// What a section leaves out. None of it is published; how often something is asked for again is the visit's to decide.
const USUAL: Usual = Usual { per_minute: Some(60), concurrent: 1, retry_delay: 2, trip_after: 10, longest: None };
/// The name of the section that holds for every operator.
const ALL: &str = "all";

/// 取得先: where and how the files of one operator are fetched.
///
/// ```toml
/// [download.all]                          # for every operator, unless its own section says otherwise
/// client-certificate = "client.p12"
/// client-password-file = "client.pass"
///
/// [download."03"]                         # 供給区域; an operator without a section and a host is not asked
/// host = "https://download.example.jp"    # http only for this machine
/// prefix = "/{code}/meter"                # {code}: our 5-digit code in the area
/// code = "40113"                          # if it is not our code with the digit of the area
/// listing = "FileListReceiver"            # below the prefix; the published table's if absent, as the next two
/// file = "FileReceiver?file={file}"
/// session = [{ get = "/top" }, { post = "/menu", form = "a=b" }]   # asked for first; cookies are kept. A password in a
///                                         # form: `${NAME}`, or a configuration that its owner alone can read
/// attempts = 4                            # for each thing asked for, retry-delay = 2 seconds apart, doubled each time
/// timeout = 60                            # seconds without an octet
/// longest = 1800                          # seconds for one file
/// max-listing = 16777216                  # bytes
/// max-file = 1073741824                   # bytes
/// # … and any key of `Access`: requests-per-minute is 60 here if it is absent
/// ```
#[derive(Clone, Debug)]
pub struct Source {
    /// The operator's area.
    pub area: Area,
    /// The host.
    pub host: Url,
    /// The listing.
    pub listing: Url,
    /// A file; `{file}` stands for its name.
    file: String,
    /// What is asked for first.
    pub session: Vec<SessionStep>,
    /// How often a thing is asked for.
    pub attempts: u32,
    /// The most bytes of a listing.
    pub max_listing: u64,
    /// The most bytes of a file.
    pub max_file: u64,
    /// How it is reached.
    pub access: Access,
}

/// 事前の画面遷移: one request of a session.
#[derive(Clone, Debug)]
pub struct SessionStep {
    /// Where.
    pub url: Url,
    /// The form that is posted, perhaps with a password; nothing for a `GET`.
    pub form: Option<SecretString>,
}

impl Source {
    /// The name of its gate.
    #[must_use]
    pub fn name(&self) -> String {
        format!("download:{}", self.area.key())
    }

    /// Where a file is. The name has to be one that was parsed: letters, digits and a dot.
    pub(super) fn file_url(&self, name: &str) -> Option<Url> {
        Url::parse(&self.file.replace("{file}", name)).ok().filter(|url| url.origin() == self.host.origin())
    }
}

/// A section of the configuration.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in super::super) struct Section {
    host: Option<Spanned<String>>,
    prefix: Option<Spanned<String>>,
    code: Option<Spanned<String>>,
    listing: Option<Spanned<String>>,
    file: Option<Spanned<String>>,
    session: Option<Vec<Spanned<StepEntry>>>,
    attempts: Option<u32>,
    longest: Option<u32>,
    max_listing: Option<u64>,
    max_file: Option<u64>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepEntry {
    get: Option<String>,
    post: Option<String>,
    form: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Published {
    operator: Vec<Known>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    areas: Vec<String>,
    #[serde(default)]
    prefix: String,
    listing: String,
    file: String,
    #[serde(default)]
    session: Vec<StepEntry>,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "verified")]
    _verified: bool,
}

/// The sources of a configuration, in the order of the areas.
pub(in super::super) fn sources(
    sections: BTreeMap<Spanned<String>, (Section, Common)>,
    base: &Common,
    retailer: BusinessCode,
    folder: &Path,
    complain: Complaint<'_>,
) -> Result<Vec<Source>, ConfigError> {
    let published: Published = toml::from_str(PUBLISHED)
        .map_err(|error| ConfigError::new("内蔵の取得先一覧を読めません", error.message().to_owned()))?;
    let all = sections.iter().find(|(name, _)| name.get_ref() == ALL).map(|(_, read)| read.clone());
    let (all, common_to_all) = all.unwrap_or_default();
    let common_to_all = common_to_all.over(base);
    let mut sources = Vec::new();
    for (name, (section, common)) in sections {
        let at = name.span().start;
        if name.get_ref() == ALL {
            continue;
        }
        let area = Area::from_key(name.get_ref()).ok_or_else(|| {
            complain(at, "区域は \"01\"〜\"10\" か all です", "an area is `\"01\"` to `\"10\"`, or `all`")
        })?;
        let known = published.operator.iter().find(|known| known.areas.iter().any(|of| of == area.key()));
        let section = section.over(&all);
        let usual = Usual { longest: Some(section.longest.unwrap_or(1800)), ..USUAL };
        let access = common.over(&common_to_all).access(folder, &usual, complain)?;
        sources.push(section.source(area, known, retailer, access, (at, complain))?);
    }
    sources.sort_by_key(|source| source.area);
    Ok(sources)
}

impl Section {
    /// This section, with what it leaves out from the one for every operator.
    fn over(self, all: &Section) -> Section {
        let all = all.clone();
        Section {
            host: self.host.or(all.host),
            prefix: self.prefix.or(all.prefix),
            code: self.code.or(all.code),
            listing: self.listing.or(all.listing),
            file: self.file.or(all.file),
            session: self.session.or(all.session),
            attempts: self.attempts.or(all.attempts),
            longest: self.longest.or(all.longest),
            max_listing: self.max_listing.or(all.max_listing),
            max_file: self.max_file.or(all.max_file),
        }
    }

    fn source(
        self,
        area: Area,
        known: Option<&Known>,
        retailer: BusinessCode,
        access: Access,
        (at, complain): (usize, Complaint<'_>),
    ) -> Result<Source, ConfigError> {
        let host = self.host.ok_or_else(|| {
            complain(at, "host を書いてください（例: https://host）", "`host` is missing, for example `https://host`")
        })?;
        let place = host.span().start;
        let host = address(host.get_ref()).map_err(|(ja, en)| complain(place, ja, en))?;
        if host.path() != "/" || host.query().is_some() {
            return Err(complain(place, "host にはパスを書かず、prefix に書いてください", "a path goes into `prefix`"));
        }
        let code = match &self.code {
            Some(code) => BusinessCode::parse(code.get_ref())
                .map_err(|error| complain(code.span().start, &error.ja(), &error.en()))?
                .to_string(),
            // The same company has one code in each area: its own four digits and the digit of the area.
            // Source: facts/wire.md §4.3 (D).
            None => retailer.to_string().chars().take(4).collect::<String>() + &area.digit().to_string(),
        };
        let text = |own: Option<Spanned<String>>, other: &str| match own {
            Some(own) => (own.span().start, own.into_inner()),
            None => (at, other.to_owned()),
        };
        let (prefix_at, prefix) = text(self.prefix, known.map_or("", |known| &known.prefix));
        let (listing_at, listing) = text(self.listing, known.map_or("FileListReceiver", |known| &known.listing));
        let (file_at, file) = text(self.file, known.map_or("FileReceiver?file={file}", |known| &known.file));
        if !(prefix.is_empty() || prefix.starts_with('/')) {
            return Err(complain(prefix_at, "prefix は / で始めてください", "`prefix` begins with `/`"));
        }
        if !file.contains("{file}") {
            return Err(complain(file_at, "file には {file} が必要です", "`file` needs `{file}` for the name"));
        }
        let base = host.as_str().trim_end_matches('/').to_owned();
        let below = |at: usize, path: &str| {
            let text = format!("{base}/{}", path.trim_start_matches('/')).replace("{code}", &code);
            let sound = !text.contains(|c: char| c.is_whitespace() || c.is_control());
            let url = Url::parse(&text).ok().filter(|url| sound && url.origin() == host.origin());
            url.ok_or_else(|| complain(at, "URLの形式が正しくありません", "not the path of a URL"))
        };
        let prefix = prefix.trim_end_matches('/').to_owned() + "/";
        let inside = |path: &str| format!("{prefix}{}", path.trim_start_matches('/'));
        let step = |at: usize, entry: &StepEntry| {
            let (path, form) = match (&entry.get, &entry.post, &entry.form) {
                (Some(path), None, None) => (path, None),
                (None, Some(path), form) => (path, Some(form.as_deref().unwrap_or_default().replace("{code}", &code))),
                _ => return Err(complain(at, "get か post のどちらか一つを書いてください", "either `get` or `post`")),
            };
            Ok(SessionStep { url: below(at, path)?, form: form.map(SecretString::from) })
        };
        let session: Result<Vec<SessionStep>, ConfigError> = match (&self.session, known) {
            (Some(own), _) => own.iter().map(|entry| step(entry.span().start, entry.get_ref())).collect(),
            (None, Some(known)) => known.session.iter().map(|entry| step(at, entry)).collect(),
            (None, None) => Ok(Vec::new()),
        };
        // The place of `{file}` is looked for once, with a name that any file could have.
        below(file_at, &inside(&file.replace("{file}", "a.zip")))?;
        Ok(Source {
            area,
            listing: below(listing_at, &inside(&listing))?,
            file: format!("{base}{}", inside(&file)).replace("{code}", &code),
            session: session?,
            attempts: self.attempts.unwrap_or(4).max(1),
            max_listing: self.max_listing.unwrap_or(16 << 20),
            max_file: self.max_file.unwrap_or(1 << 30),
            access,
            host,
        })
    }
}
