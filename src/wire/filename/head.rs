//! A file name held against the head of the message.

use super::MeteringFileName;
use crate::items::Code as _;
use crate::messages::metering::{MeteringHeader, MeteringShape};
use crate::rules::{Finding, codes};

impl MeteringFileName {
    /// What the head of the message says otherwise: kind, date and slot. The date of a W5 is the meter reading day, which
    /// stands in no item of the head.
    #[must_use]
    pub fn disagreements(&self, header: &MeteringHeader) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut differ = |ja: &str, en: &str, name: String, head: String| {
            let rule = &codes::FILE_NAME_HEADER;
            let ja = format!("{}（{ja}: ファイル名{name}、共通部{head}）", rule.ja);
            findings.push(rule.finding(ja, format!("{}: {en} `{name}` in the name, `{head}` in the head", rule.en)));
        };
        if self.kind() != header.kind {
            let (name, head) = (self.kind().key().to_owned(), header.kind.key().to_owned());
            differ("情報区分", "kind", name, head);
        }
        if self.kind().shape() == MeteringShape::Month {
            return findings;
        }
        if let Some(date) = header.date.filter(|date| *date != self.date()) {
            differ("年月日", "date", self.date().to_string(), date.to_string());
        }
        if let (Some(name), Some(head)) = (self.slot(), header.slot)
            && name != head
        {
            differ("コマ", "slot", name.number().to_string(), head.number().to_string());
        }
        findings
    }
}
