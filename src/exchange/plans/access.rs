//! 計画の接続設定: where plans go, and under which names.

use super::super::config::{ConfigError, address, pair};
use super::super::fetch::source::Complaint;
use reqwest::Url;
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Spanned;

/// 計画の接続設定: OCCTO's API for plans.
///
/// ```toml
/// [plan]
/// url = "https://occto.example.jp/service/RP12/OCCTO/api/"   # the host of today is not public
/// userid = "U0001"
/// password-file = "occto.password"        # or password-env = "OCCTO_PLAN_PASSWORD"; never in this file
/// client-certificate = "client.pem"
/// client-key = "client.key"
/// root-certificate = "ca.pem"
/// timeout = 60
///
/// # Each may be left out; {message} stands for the message code. verified = true says that you have checked them.
/// [plan.upload]                           # not seen anywhere: unverified
/// verb = "fileUpload"
/// operation = "setW6BP{message}File"
/// field = "file"                          # holds base64 of a zip with the XML
/// verified = false
/// [plan.list]
/// verb = "listDownload"
/// operation = "getW6BP{message}FileList"
/// field = "from"                          # YYYYMMDD
/// [plan.file]
/// verb = "fileDownload"
/// operation = "getW6BP{message}File"
/// field = "fitid"
/// ```
#[derive(Clone, Debug)]
pub struct PlanAccess {
    /// What the verb and the operation are appended to.
    pub url: Url,
    /// 利用者ID
    pub userid: String,
    /// Where the password is.
    pub password: PasswordPlace,
    /// 提出
    pub upload: PlanOperation,
    /// 一覧
    pub list: PlanOperation,
    /// 取得
    pub file: PlanOperation,
    /// The time for request and answer.
    pub timeout: Duration,
    /// The client certificate and its key, in PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// A root certificate to trust besides the usual ones, in PEM.
    pub root: Option<PathBuf>,
}

/// Where a password is kept: never in the configuration, never on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordPlace {
    /// The first line of a file.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
}

/// A password: shown by nothing.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Keeps a password.
    #[must_use]
    pub const fn new(text: String) -> Secret {
        Secret(text)
    }
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// 操作: the names of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanOperation {
    /// The verb in the address.
    pub verb: String,
    /// The operation in the address; `{message}` stands for the message code.
    pub operation: String,
    /// The field that carries what is asked or given.
    pub field: String,
    /// Whether the names were checked against OCCTO's documents.
    pub verified: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in super::super) struct PlanSection {
    url: Spanned<String>,
    userid: Spanned<String>,
    password_file: Option<Spanned<PathBuf>>,
    password_env: Option<String>,
    client_certificate: Option<Spanned<PathBuf>>,
    client_key: Option<Spanned<PathBuf>>,
    root_certificate: Option<PathBuf>,
    timeout: Option<u32>,
    #[serde(default)]
    upload: Names,
    #[serde(default)]
    list: Names,
    #[serde(default)]
    file: Names,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    verb: Option<String>,
    operation: Option<String>,
    field: Option<String>,
    verified: Option<bool>,
}

impl Names {
    fn or(self, verb: &str, operation: &str, field: &str, verified: bool) -> PlanOperation {
        PlanOperation {
            verb: self.verb.unwrap_or_else(|| verb.to_owned()),
            operation: self.operation.unwrap_or_else(|| operation.to_owned()),
            field: self.field.unwrap_or_else(|| field.to_owned()),
            verified: self.verified.unwrap_or(verified),
        }
    }
}

impl PlanSection {
    pub(in super::super) fn read(self, folder: &Path, complain: Complaint<'_>) -> Result<PlanAccess, ConfigError> {
        let start = self.url.span().start;
        let mut url = address(self.url.get_ref()).map_err(|(ja, en)| complain(start, ja, en))?;
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        let password = match (self.password_file, self.password_env) {
            (Some(path), None) => PasswordPlace::File(folder.join(path.into_inner())),
            (None, Some(name)) => PasswordPlace::Environment(name),
            _ => {
                let ja = "password-file か password-env のどちらか一方を書いてください（パスワード自体は書かないでください）";
                let en = "write either password-file or password-env, never the password itself";
                return Err(complain(self.userid.span().start, ja, en));
            }
        };
        Ok(PlanAccess {
            url,
            userid: self.userid.into_inner(),
            password,
            // The field of the upload and its names: unverified (facts/wire.md §7, item 5).
            upload: self.upload.or("fileUpload", "setW6BP{message}File", "file", false),
            list: self.list.or("listDownload", "getW6BP{message}FileList", "from", true),
            file: self.file.or("fileDownload", "getW6BP{message}File", "fitid", true),
            timeout: Duration::from_secs(self.timeout.unwrap_or(60).into()),
            identity: pair(self.client_certificate, self.client_key, folder, complain)?,
            root: self.root_certificate.map(|path| folder.join(path)),
        })
    }
}

impl PasswordPlace {
    /// Reads the password. What goes wrong names the place, never the password.
    pub fn read(&self) -> Result<Secret, ConfigError> {
        let missing = |place: &str, why: &str| {
            let ja = format!("パスワードを {place} から読めません（{why}）");
            ConfigError::new(ja, format!("cannot read the password from {place}: {why}"))
        };
        let text = match self {
            PasswordPlace::File(path) => std::fs::read_to_string(path)
                .map_err(|error| missing(&path.display().to_string(), &error.kind().to_string()))?,
            PasswordPlace::Environment(name) => {
                std::env::var(name).map_err(|_| missing(name, "not set / 設定されていません"))?
            }
        };
        let line = text.lines().next().unwrap_or_default().to_owned();
        if line.is_empty() { Err(missing("file / env", "empty / 空です")) } else { Ok(Secret(line)) }
    }
}

impl PlanOperation {
    /// The address of the operation for a message.
    pub(super) fn url(&self, base: &Url, message: &str) -> Option<Url> {
        base.join(&format!("{}/{}", self.verb, self.operation.replace("{message}", message))).ok()
    }
}
