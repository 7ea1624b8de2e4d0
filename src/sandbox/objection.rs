//! 入力エラー of the sandbox. No error code of the real system is public: these keys are ours.

use crate::items::{Code, Remark};
use crate::messages::switching::{Acceptance, InputError, Receipt};

crate::code_set! {
    /// 受付できない理由: why the sandbox does not accept a message.
    ///
    /// Source of the rules: facts/switching.md §0, §2.3–2.11, §5; the keys are ours.
    pub enum Objection = "objection" {
        NotFound = "not-found", "供給地点特定番号が見つかりません", "the supply point is not found";
        WrongFamily = "wrong-family", "供給種別がこの地点と違います", "the family of supply is not that of the point";
        WrongArea = "wrong-area", "この地点は宛先の供給区域にありません", "the point is not in the area of the addressee";
        UnknownSender = "unknown-sender", "差出人が小売電気事業者ではありません", "the sender is no retailer";
        NotARequest = "not-a-request", "この電文は受け付けられません", "this message asks for nothing";
        AlreadyPending = "already-pending", "同じ申込が既に受け付けられています", "the same application is pending already";
        OtherPending = "other-pending", "この地点には手続中の申込があります", "another application is pending at the point";
        AlreadySupplied = "already-supplied", "この地点は既に申込者が供給しています", "the applicant supplies the point already";
        NotYourPoint = "not-your-point", "この地点は申込者が供給していません", "the applicant does not supply the point";
        DecisionMethod = "decision-method", "現在の契約決定方法からは選択できません", "not selectable after the present deciding method";
        DateTooEarly = "date-too-early", "標準処理期間より前の日付です", "earlier than the standard processing period allows";
        DatePast = "date-past", "過去の日付です", "a date in the past";
        Retroactive = "retroactive", "31日より前への遡及は個別協議が必要です", "more than 31 days back: to be consulted";
        Cancellation = "cancellation", "廃止取次が承諾されていません", "there is no agreed cancellation agency";
        UnknownNumber = "unknown-number", "該当する申込がありません", "no such application";
        Matched = "matched", "マッチング済みのため取消・訂正できません。一般送配電事業者へ直接ご連絡ください", "matched: contact the transmission operator directly";
        Switched = "switched", "切替済みのため取消・訂正できません。廃止と再点が必要です", "switched: a termination and a reconnection are needed";
        Ended = "ended", "この申込は既に終わっています", "the application has ended";
        Password = "password", "使用量照会パスワードが違うか、期限が切れています", "the password is wrong or has expired";
        Period = "period", "照会期間は過去13か月までです", "the period is at most the past 13 months";
        Documents = "documents", "本人確認書類がありません", "there is no identity document";
        Customer = "customer", "契約名義または住所が一致しません", "name or address differs";
        NotCleared = "not-cleared", "共同利用の範囲外のため回答できません", "outside the shared-use notice";
        Line = "rejected", "入力チェックで却下されました", "rejected by the input check";
    }
}

impl Objection {
    /// The objection as an input error.
    #[must_use]
    pub fn error(self) -> Option<InputError> {
        let code = Remark::parse(self.key()).ok()?;
        Some(InputError { code, field: None, text: Remark::parse(self.ja()).ok() })
    }
}

pub(super) fn rejected(errors: Vec<InputError>) -> Receipt {
    Receipt { acceptance: Acceptance::Rejected, number: None, cancellation: None, errors }
}

impl From<Objection> for Receipt {
    fn from(objection: Objection) -> Receipt {
        rejected(objection.error().into_iter().collect())
    }
}
