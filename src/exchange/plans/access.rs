//! 計画の接続設定: where plans go, and under which names.

use super::super::access::{Access, Common, Complaint, Usual, place};
use super::super::config::{ConfigError, address};
use super::super::secret::PasswordPlace;
use reqwest::Url;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// 計画の接続設定: OCCTO's API for plans.
///
/// ```toml
/// [plan]
/// url = "https://occto.example.jp/service/RP12/OCCTO/api/"   # the host of today is not public
/// userid = "U0001"
/// password-file = "occto.password"        # or password-env = "OCCTO_PLAN_PASSWORD"; never an argument
/// # … and any key of `Access`
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
    /// How it is reached.
    pub access: Access,
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

/// What the section leaves out. None of it is published.
const USUAL: Usual = Usual { per_minute: None, concurrent: 1, retry_delay: 1, trip_after: 5, longest: None };

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in super::super) struct PlanSection {
    url: Option<Spanned<String>>,
    userid: Option<Spanned<String>>,
    password: Option<Spanned<String>>,
    password_file: Option<Spanned<PathBuf>>,
    password_env: Option<Spanned<String>>,
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
    pub(in super::super) fn read(
        self,
        common: Common,
        folder: &Path,
        at: usize,
        complain: Complaint<'_>,
    ) -> Result<PlanAccess, ConfigError> {
        let url = self.url.ok_or_else(|| complain(at, "url を書いてください", "missing field `url`"))?;
        let start = url.span().start;
        let mut url = address(url.get_ref()).map_err(|(ja, en)| complain(start, ja, en))?;
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        let userid = self.userid.ok_or_else(|| complain(at, "userid を書いてください", "missing field `userid`"))?;
        let written = [self.password.as_ref(), self.password_env.as_ref()];
        let password = place(written, self.password_file.as_ref(), None, folder, complain)?.ok_or_else(|| {
            let ja = "password-file か password-env を書いてください";
            complain(userid.span().start, ja, "write `password-file` or `password-env`")
        })?;
        let access = common.access(folder, &USUAL, complain)?;
        Ok(PlanAccess {
            url,
            userid: userid.into_inner(),
            password,
            // The field of the upload and its names: unverified (facts/wire.md §7, item 5).
            upload: self.upload.or("fileUpload", "setW6BP{message}File", "file", false),
            list: self.list.or("listDownload", "getW6BP{message}FileList", "from", true),
            file: self.file.or("fileDownload", "getW6BP{message}File", "fitid", true),
            access,
        })
    }
}

impl PlanOperation {
    /// The address of the operation for a message.
    pub(super) fn url(&self, base: &Url, message: &str) -> Option<Url> {
        base.join(&format!("{}/{}", self.verb, self.operation.replace("{message}", message))).ok()
    }
}
