//! 共通部: what stands once at the head of a meter data message.

use super::MeteringKind;
use crate::items::{BusinessCode, Date, DateTime, Slot, YearMonth};

/// 共通部: the head of a meter data message.
///
/// Source: facts/wire.md §0 (JPMGH), §1.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeteringHeader {
    /// 情報区分コード (JP00002, JPC14).
    pub kind: MeteringKind,
    /// 運用モード (JPC03); its values are not known, `0` was seen.
    pub mode: String,
    /// BPID 機関コード (JPC10); `OCTO` was seen for W6, for W4 and W5 it is assumed.
    pub agency: String,
    /// BPID 版 (JPC12), for example `3A`.
    pub version: String,
    /// 作成日時 (JPC19), JST.
    pub created: Option<DateTime>,
    /// 送信者コード (JP06110, JPC06).
    pub sender: BusinessCode,
    /// 送信者名称 (JP06111).
    pub sender_name: Option<String>,
    /// 受信者コード (JP06112, JPC09).
    pub recipient: BusinessCode,
    /// 受信者名称 (JP06113; its place is inferred).
    pub recipient_name: Option<String>,
    /// JP06114 as written: its meaning is not known, perhaps 更新コード.
    pub update_code: Option<String>,
    /// JP06115 as written: its meaning is not known, perhaps 更新番号.
    pub update_number: Option<String>,
    /// 取得対象年月日 (JP06116), W4.
    pub date: Option<Date>,
    /// 時刻コード (JP06219) of a message of one slot.
    pub slot: Option<Slot>,
    /// 対象年月 (JP06401), W5.
    pub month: Option<YearMonth>,
}
