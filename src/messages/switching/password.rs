//! 使用量照会パスワード発行申込 and its answer. Source: facts/switching.md §2.3.

use super::{ConsentMethod, DocumentType, InputError, MediaType, PasswordValidity};
use crate::items::{
    Address, ApplicationNumber, Building, CustomerKana, CustomerName, Date, DateTime, PostalCode, SupplyPointId,
    UsagePassword,
};
use crate::messages::Bytes;

crate::record! {
    /// 本人確認書類: one identity document.
    pub struct IdentityDocument {
        kind: DocumentType = "document-type", "書類の種類", "kind of document", Name;
        media: MediaType = "media-type", "添付形式", "media type";
        content: Bytes = "content", "書類データ", "content", Name;
    }
}

crate::message! {
    /// Sent for the customer, with consent and identity documents. The row of the notice holds no telephone number.
    pub struct UsagePasswordApplication = "usage-password-application", "使用量照会パスワード発行申込", "usage password application",
        PointConfirmation, [Low, High], consent: ForSwitch, answer: Some("usage-password-answer"), point: |m| Some(m.point); {
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        name: CustomerName = "name", "契約名義", "name", Name;
        kana: Option<CustomerKana> = "kana", "契約名義カナ", "name in kana", Name;
        postal_code: Option<PostalCode> = "postal-code", "郵便番号", "postal code", Address;
        address: Address = "address", "住所", "address", Address;
        building: Option<Building> = "building", "建物名", "building", Address;
        validity: PasswordValidity = "validity", "有効期間", "validity";
        consented_at: DateTime = "consented-at", "同意日時", "time of consent";
        consent_method: ConsentMethod = "consent-method", "同意方法", "method of consent";
        documents: Vec<IdentityDocument> = "documents", "本人確認書類", "identity documents";
    }
}

crate::message! {
    /// Either an issued password or the reasons why not; the password may follow later by notice.
    pub struct UsagePasswordAnswer = "usage-password-answer", "使用量照会パスワード発行結果", "usage password answer",
        PointConfirmation, [Low, High], consent: None, answer: None, point: |m| Some(m.point); {
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        number: Option<ApplicationNumber> = "application-number", "申込番号", "application number";
        password: Option<UsagePassword> = "usage-password", "使用量照会パスワード", "usage password";
        valid_until: Option<Date> = "valid-until", "有効期限", "valid until";
        errors: Vec<InputError> = "errors", "エラー", "errors";
    }
}
