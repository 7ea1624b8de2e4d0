//! 計画の受付: OCCTO's interface for plans, for trying.
//!
//! Addresses, fields and `resultcode` 0000 are those of the facts; the upload, every other `resultcode` and the mismatch
//! report (不整合通知) are the sandbox's own: their real form is not public (facts/wire.md §7, item 5).

use crate::exchange::plans::{pack, unform, unpack};
use crate::items::{Code as _, DateTime};
use crate::rules::Finding;
use crate::rules::plans::{PlanFileClaim, PlanSettings, check_deadline, check_plan, check_plan_name};
use crate::wire::cii::plan::read_plan;
use crate::wire::filename::PlanFileName;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// 計画の受付: what was taken.
#[derive(Debug)]
pub struct PlanCounter {
    settings: PlanSettings,
    taken: Mutex<Vec<Taken>>,
}

#[derive(Debug)]
struct Taken {
    id: String,
    message: String,
    name: String,
    octets: Vec<u8>,
    at: DateTime,
}

/// What goes back: the `resultcode` and the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanReply {
    /// `0000`, or a code of the sandbox's own.
    pub code: &'static str,
    /// base64 of a zip, or nothing.
    pub body: String,
}

/// What the address of the interface holds.
pub(super) const API: &str = "/service/RP12/OCCTO/api/";

impl PlanCounter {
    /// A counter that has taken nothing.
    #[must_use]
    pub const fn new(settings: PlanSettings) -> PlanCounter {
        PlanCounter { settings, taken: Mutex::new(Vec::new()) }
    }

    /// How many plans it has taken.
    pub fn taken(&self) -> usize {
        self.state().len()
    }

    fn state(&self) -> MutexGuard<'_, Vec<Taken>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request; nothing for an address it does not have.
    pub fn answer(&self, path: &str, form: &[u8], now: DateTime) -> Option<PlanReply> {
        let (verb, operation) = path.split_once(API)?.1.split_once('/')?;
        let fields = unform(form);
        let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        if field("userid").is_none_or(str::is_empty) || field("password").is_none_or(str::is_empty) {
            return Some(refused("E101", None));
        }
        let message = |prefix: &str, suffix: &str| operation.strip_prefix(prefix)?.strip_suffix(suffix);
        match verb {
            "fileUpload" => {
                let message = message("setW6BP", "File")?;
                Some(self.upload(message, field("file").unwrap_or_default(), now))
            }
            "listDownload" => {
                let message = message("getW6BP", "FileList")?;
                Some(self.list(message, field("from").unwrap_or_default()))
            }
            "fileDownload" => {
                let message = message("getW6BP", "File")?;
                let state = self.state();
                let found = state.iter().find(|one| one.message == message && Some(one.id.as_str()) == field("fitid"));
                Some(found.map_or(refused("E404", None), |one| done(Some((&one.name, &one.octets)))))
            }
            _ => None,
        }
    }

    fn upload(&self, message: &str, packed: &str, now: DateTime) -> PlanReply {
        let Ok((name, octets)) = unpack(packed.as_bytes()) else { return refused("E201", None) };
        let read = match read_plan(&octets, &self.settings) {
            Ok(read) => read,
            Err(stop) => return refused("E202", Some(&[*stop])),
        };
        let (plan, mut findings) = (read.plan, read.findings);
        if plan.envelope.message_code.as_str() != message {
            return refused("E203", Some(&findings));
        }
        check_plan(&plan, &self.settings, &mut findings);
        if let Ok(PlanFileName { message, date, sender, area_digit, .. }) = PlanFileName::parse(&name) {
            check_plan_name(&plan, &PlanFileClaim { message, date, sender, area_digit }, &mut findings);
        }
        findings.retain(Finding::is_error);
        if !findings.is_empty() {
            return refused("E301", Some(&findings));
        }
        check_deadline(&plan, &self.settings, now, &mut findings);
        findings.retain(Finding::is_error);
        if !findings.is_empty() {
            return refused("E401", Some(&findings));
        }
        let mut state = self.state();
        let id = format!("S{:022}", state.len() + 1);
        state.push(Taken { id, message: message.to_owned(), name, octets, at: now });
        done(None)
    }

    fn list(&self, message: &str, from: &str) -> PlanReply {
        let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<SBD-MSG>".to_owned();
        for one in self.state().iter().filter(|one| one.message == message) {
            let day = one.at.strftime("%Y%m%d").to_string();
            if day.as_str() < from {
                continue;
            }
            // Writing to a String does not fail.
            let _ = write!(
                text,
                "<FIT_INFO><FIT_ID>{}</FIT_ID><LAST_UPD_DAYTIME>{stamp}000</LAST_UPD_DAYTIME><SBMIT_DAYTIME>{stamp}\
                 </SBMIT_DAYTIME><CRE_DAYTIME>{stamp}</CRE_DAYTIME><STAT>3</STAT><STAT_NM>販売計画登録済・計画提出済\
                 </STAT_NM><FIT_RECPT_STAT>11</FIT_RECPT_STAT><FIT_RECPT_STAT_NM>計画提出済み</FIT_RECPT_STAT_NM></FIT_INFO>",
                one.id,
                stamp = one.at.strftime("%Y%m%d%H%M%S"),
            );
        }
        text.push_str("</SBD-MSG>");
        done(Some((&format!("W6_{message}.xml"), text.as_bytes())))
    }
}

fn done(file: Option<(&str, &[u8])>) -> PlanReply {
    let body = file.and_then(|(name, octets)| pack(name, octets).ok()).unwrap_or_default();
    PlanReply { code: "0000", body }
}

/// A refusal, with a mismatch report where something does not fit. Its form is the sandbox's own.
fn refused(code: &'static str, findings: Option<&[Finding]>) -> PlanReply {
    let Some(findings) = findings else { return PlanReply { code, body: String::new() } };
    let mut text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<!-- 模擬環境の不整合通知: 実際の様式は公表されていません -->\n\
                    <SBD-MSG VERIFIED=\"false\">"
            .to_owned();
    for finding in findings {
        let path = finding.place.path.as_deref().unwrap_or_default();
        let _ = write!(
            text,
            "<MISMATCH><CODE>{}</CODE><SEVERITY>{}</SEVERITY><PATH>{}</PATH><TEXT>{}</TEXT></MISMATCH>",
            finding.code,
            finding.severity.key(),
            escaped(path),
            escaped(&finding.ja)
        );
    }
    text.push_str("</SBD-MSG>");
    let body = pack("mismatch.xml", text.as_bytes()).unwrap_or_default();
    PlanReply { code, body }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
