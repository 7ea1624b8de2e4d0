//! How far a case has come, and how it ended.

crate::code_set! {
    /// 段階: how far a case has come.
    pub enum Stage = "stage" {
        Prepared = "prepared", "承認待ち", "waits for a second person";
        New = "new", "照会前", "nothing sent yet";
        Inquiring = "inquiring", "設備情報照会中", "facility inquiry under way";
        Inquired = "inquired", "設備情報取得済", "facility known";
        Requesting = "requesting", "廃止取次送信中", "cancellation agency under way";
        Judging = "judging", "廃止取次判断待ち", "waits for the current retailer";
        Agreed = "agreed", "廃止取次OK", "current retailer agreed";
        Starting = "starting", "開始申込送信中", "switch start under way";
        ToWithdraw = "to-withdraw", "取消送信前", "to be withdrawn";
        Waiting = "waiting", "マッチング待ち", "waits for the pair";
        Matched = "matched", "マッチング成立", "matched";
        Effective = "effective", "切替済", "switched";
        Withdrawing = "withdrawing", "取消送信中", "withdrawal under way";
        Ended = "ended", "終了", "ended";
    }
}

crate::code_set! {
    /// 結果: how a case ended, or that it has not.
    ///
    /// Source: facts/switching.md §2.4, §2.5, §2.11.
    pub enum Outcome = "outcome" {
        Completed = "completed", "完了", "completed";
        CompletedWorkOutstanding = "completed-work-outstanding", "完了（計器取替残）", "completed, meter exchange outstanding";
        Ng = "ng", "廃止取次NG", "cancellation agency NG";
        Expired = "expired", "廃止取次期限切れ", "cancellation agency expired";
        Unmatched = "unmatched", "マッチング不成立", "unmatched";
        Rejected = "rejected", "申込却下", "rejected";
        CancelledInSystem = "cancelled-in-system", "取消（マッチング前）", "cancelled before matching";
        CancelledByOperator = "cancelled-by-operator", "取消（送配電へ直接連絡）", "cancelled with the operator after matching";
        CancelledAfterSwitch = "cancelled-after-switch", "切替後の取消（廃止・再点が必要）", "cancelled after the switch";
        Held = "held", "要確認", "held for a person";
        NotSent = "not-sent", "未送信（入力エラー）", "not sent: errors in the application";
        Refused = "refused", "未送信（共同利用の範囲外）", "not sent: outside the shared-use notice";
        Pending = "pending", "手続中", "in progress";
    }
}
