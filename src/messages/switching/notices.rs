//! 通知照会: what the counterparty tells on its own. Source: facts/switching.md §2.4, §2.5 (the form is ours).

use super::{ApplicationEntry, NoticeKind};
use crate::items::{DateTime, UsagePassword};
use crate::messages::Open;

crate::message! {
    /// Asks for the notices after a sequence number; asking twice gives the same answer.
    pub struct NoticeInquiry = "notice-inquiry", "通知照会", "inquiry for notices",
        ConsignmentContract, [Low, High, Fit], consent: None, answer: Some("notice-list"), point: |_| None; {
        after: u32 = "after-sequence", "通知連番", "notices after this number";
        limit: Option<u32> = "limit", "件数上限", "at most so many";
    }
}

crate::record! {
    /// 通知明細: one notice.
    pub struct NoticeEntry {
        sequence: u32 = "sequence", "通知連番", "sequence number";
        kind: Open<NoticeKind> = "notice-kind", "通知種別", "kind of notice";
        told_at: DateTime = "told-at", "通知日時", "told at";
        applications: Vec<ApplicationEntry> = "applications", "申込明細", "the application it is about";
        password: Option<UsagePassword> = "usage-password", "使用量照会パスワード", "usage password";
    }
}

crate::message! {
    /// The notices, in sequence.
    pub struct NoticeList = "notice-list", "通知一覧", "notices",
        ConsignmentContract, [Low, High, Fit], consent: None, answer: None, point: |_| None; {
        entries: Vec<NoticeEntry> = "entries", "明細", "entries";
        more: bool = "more", "続き有無", "more notices wait";
    }
}
