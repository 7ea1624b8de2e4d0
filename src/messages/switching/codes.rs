//! Closed sets of the switching messages. No numeric code is public: the keys are ours, the binding says what is written.

crate::code_set! {
    /// 同意方法: how the customer consented.
    pub enum ConsentMethod = "consent-method" {
        Written = "written", "書面", "in writing";
        Electronic = "electronic", "電磁的方法", "electronic";
        Oral = "oral", "口頭", "oral";
    }
}

crate::code_set! {
    /// パスワード有効期間. Source: facts/switching.md §2.3 (D).
    pub enum PasswordValidity = "password-validity" {
        Day = "day", "1日", "one day";
        Week = "week", "7日", "seven days";
        Month = "month", "31日", "31 days";
    }
}

crate::code_set! {
    /// 本人確認書類の種類. The list is ours: the public one was not found.
    pub enum DocumentType = "document-type" {
        DriversLicence = "drivers-licence", "運転免許証", "driver's licence";
        IndividualNumberCard = "individual-number-card", "個人番号カード（表面）", "individual number card (front)";
        HealthInsurance = "health-insurance", "資格確認書", "health insurance certificate";
        ResidenceCertificate = "residence-certificate", "住民票の写し", "certificate of residence";
        CompanyRegister = "company-register", "登記事項証明書", "certificate of registered matters";
        Other = "other", "その他", "other";
    }
}

crate::code_set! {
    /// 添付形式: the media type of an attached document.
    pub enum MediaType = "media-type" {
        Pdf = "pdf", "PDF", "PDF";
        Jpeg = "jpeg", "JPEG", "JPEG";
        Png = "png", "PNG", "PNG";
    }
}

crate::code_set! {
    /// 照会区分: what a usage inquiry asks for. Source: facts/switching.md §2.3 (D).
    pub enum Resolution = "resolution" {
        Monthly = "monthly", "月間値", "monthly";
        HalfHourly = "half-hourly", "30分値", "half-hourly";
        Both = "both", "月間値と30分値", "monthly and half-hourly";
    }
}

crate::code_set! {
    /// 判断結果: how the current retailer judged a cancellation agency.
    pub enum Judgement = "judgement" {
        Ok = "ok", "OK", "agreed";
        Ng = "ng", "NG", "not agreed";
    }
}

crate::code_set! {
    /// NG理由. The published list was not found (facts/switching.md §2.4): the keys are ours, unknown reasons are kept.
    pub enum NgReasonCode = "ng-reason" {
        PointMismatch = "point-mismatch", "供給地点特定番号不一致", "supply point id differs";
        ContractNumberMismatch = "contract-number-mismatch", "契約番号不一致", "contract number differs";
        NameMismatch = "name-mismatch", "契約名義不一致", "name differs";
        AddressMismatch = "address-mismatch", "住所不一致", "address differs";
        NoContract = "no-contract", "契約なし", "no contract";
        DateImpossible = "date-impossible", "希望日に廃止不可", "requested date is not possible";
        AlreadyPending = "already-pending", "他の申込あり", "another application is pending";
        Other = "other", "その他", "other";
    }
}

crate::code_set! {
    /// 申込状態: the state of an application. Source: facts/switching.md §2.5, §2.13; the names of the states are inferred.
    pub enum ApplicationState = "application-state" {
        Judging = "judging", "判断待ち", "waiting for the current retailer's judgement";
        JudgedOk = "judged-ok", "判断OK", "judged OK";
        JudgedNg = "judged-ng", "判断NG", "judged NG";
        Expired = "expired", "期限切れ", "expired without a judgement";
        Accepted = "accepted", "受付済", "accepted";
        WaitingPair = "waiting-pair", "マッチング待ち", "waiting for the pair";
        Matched = "matched", "マッチング成立", "matched";
        MeterWork = "meter-work", "計器工事中", "meter work";
        Effective = "effective", "切替済", "effective";
        Completed = "completed", "処理完了", "completed";
        Unmatched = "unmatched", "マッチング不成立", "unmatched";
        Rejected = "rejected", "却下", "rejected";
        Withdrawn = "withdrawn", "取消済", "withdrawn";
    }
}

crate::code_set! {
    /// 受付結果: whether a message was accepted.
    pub enum Acceptance = "acceptance" {
        Accepted = "accepted", "受付", "accepted";
        Rejected = "rejected", "拒否", "rejected";
    }
}

crate::code_set! {
    /// 申込種別: what an application is.
    pub enum ApplicationKind = "application-kind" {
        UsagePassword = "usage-password", "使用量照会パスワード発行申込", "usage password application";
        CancellationAgency = "cancellation-agency", "廃止取次", "cancellation agency";
        SwitchStart = "switch-start", "スイッチング開始", "switch start";
        SwitchStop = "switch-stop", "スイッチング廃止", "switch stop";
        Reconnection = "reconnection", "再点", "reconnection";
        Termination = "termination", "廃止・撤去", "termination";
        AmpereChange = "ampere-change", "アンペア変更", "ampere change";
        CustomerChange = "customer-change", "需要者情報変更", "customer information change";
    }
}

crate::code_set! {
    /// 通知種別: what a notice of the counterparty tells.
    pub enum NoticeKind = "notice-kind" {
        StateChanged = "state-changed", "申込状態の変更", "the state of an application changed";
        CancellationReceived = "cancellation-received", "廃止取次の受信", "a cancellation agency was received";
        PasswordIssued = "password-issued", "使用量照会パスワードの発行", "a usage password was issued";
    }
}

crate::code_set! {
    /// 取消理由: why an application is withdrawn.
    pub enum WithdrawalReason = "withdrawal-reason" {
        Customer = "customer", "需要者の申出", "the customer's wish";
        CoolingOff = "cooling-off", "クーリング・オフ", "cooling-off";
        Mistake = "mistake", "申込誤り", "mistaken application";
    }
}
