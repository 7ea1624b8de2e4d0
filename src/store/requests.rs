//! お客さまの請求: what a customer asked for, how the identity was checked, and by when it is to be answered.

use super::case::{code, day, moment};
use super::db::{Row, bind};
use super::vault::Dossier;
use super::{StoreError, Tx};
use crate::items::{Code as _, Date, DateTime};
use serde_json::{Value, json};

crate::code_set! {
    /// 請求の種類: what a customer may ask for.
    ///
    /// Source: facts/notices.md, "Notices 1, 2 and 3 also promise".
    pub enum RequestKind = "request" {
        Report = "report", "開示", "disclosure";
        Correct = "correct", "訂正", "correction";
        Suspend = "suspend", "利用停止", "suspension of use";
        Resume = "resume", "利用停止の解除", "end of the suspension";
        Erase = "erase", "消去", "erasure";
    }
}

crate::code_set! {
    /// 本人確認の方法: how it was made sure who asks.
    pub enum IdentityCheck = "identity-check" {
        DrivingLicence = "driving-licence", "運転免許証", "driving licence";
        Passport = "passport", "旅券", "passport";
        ResidenceRecord = "residence-record", "住民票の写し", "certificate of residence";
        InsuranceCard = "insurance-card", "資格確認書", "health insurance certificate";
        CallBack = "call-back", "登録電話番号への折返し", "call back to the registered number";
        CustomerAccount = "customer-account", "会員ページでの認証", "signed in to the customer's account";
        Agent = "agent", "委任状のある代理人", "agent with a power of attorney";
    }
}

/// 請求の記録: one request of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRequest {
    /// Its number; 0 before it is kept.
    pub id: i64,
    /// Whose dossier it is about.
    pub dossier: Dossier,
    /// What was asked for.
    pub kind: RequestKind,
    /// How the identity was checked.
    pub check: IdentityCheck,
    /// The record of the check: a reference of the company's own.
    pub check_reference: String,
    /// When it came, JST.
    pub received: DateTime,
    /// The last day to answer.
    pub due: Date,
    /// When it was answered; nothing while something is to be done.
    pub answered: Option<DateTime>,
    /// Who took it.
    pub by: String,
}

impl CustomerRequest {
    /// The record as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "request": self.id, "kind": self.kind.key(), "identity": self.check.key(),
            "identity-record": self.check_reference, "received": self.received.to_string(), "due": self.due.to_string(),
            "answered": self.answered.map(|at| at.to_string()), "by": self.by,
        })
    }
}

const REQUEST: &str = "SELECT id, dossier, kind, identity, received, due, answered, by_whom, sealed FROM requests";

impl Tx<'_> {
    /// Keeps a request and gives its number.
    pub fn add_request(&self, request: &CustomerRequest) -> Result<i64, StoreError> {
        let sealed = self.2.seal(request.dossier, "requests", request.check_reference.as_bytes())?;
        self.0.insert(
            "INSERT INTO requests (dossier, kind, identity, received, due, answered, by_whom, sealed) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            bind![
                request.dossier.0,
                request.kind.key(),
                request.check.key(),
                request.received.to_string(),
                request.due.to_string(),
                request.answered.map(|at| at.to_string()),
                &request.by,
                &sealed,
            ],
        )
    }

    /// Notes that a request was answered; says whether it was waiting.
    pub fn answer_request(&self, id: i64, at: DateTime) -> Result<bool, StoreError> {
        let answered = "UPDATE requests SET answered = ?2 WHERE id = ?1 AND answered IS NULL";
        Ok(self.0.execute(answered, bind![id, at.to_string()])? == 1)
    }

    /// The requests about a dossier, oldest first.
    pub fn requests_of(&self, dossier: Dossier) -> Result<Vec<CustomerRequest>, StoreError> {
        self.requests(&format!("{REQUEST} WHERE dossier = ?1 ORDER BY id"), bind![dossier.0])
    }

    /// The requests that wait for an answer, the most urgent first.
    pub fn requests_open(&self) -> Result<Vec<CustomerRequest>, StoreError> {
        self.requests(&format!("{REQUEST} WHERE answered IS NULL ORDER BY due, id"), &[])
    }

    fn requests(&self, sql: &str, values: &[super::db::Value<'_>]) -> Result<Vec<CustomerRequest>, StoreError> {
        let rows = self.0.all(sql, values, sealed)?;
        let open = |(mut request, body): (CustomerRequest, Vec<u8>)| {
            let plain = self.2.unseal(request.dossier, "requests", &body)?.unwrap_or_default();
            request.check_reference = String::from_utf8(plain).map_err(|_| StoreError::Damaged("requests"))?;
            Ok(request)
        };
        rows.into_iter().map(open).collect()
    }
}

fn sealed(row: &Row<'_>) -> Result<(CustomerRequest, Vec<u8>), StoreError> {
    let request = CustomerRequest {
        id: row.get(0)?,
        dossier: Dossier(row.get(1)?),
        kind: code(row.get(2)?)?,
        check: code(row.get(3)?)?,
        check_reference: String::new(),
        received: moment(row.get(4)?)?,
        due: day(row.get(5)?)?.ok_or(StoreError::Damaged("requests"))?,
        answered: row.get::<Option<&str>>(6)?.map(moment).transpose()?,
        by: row.get(7)?,
    };
    Ok((request, row.get(8)?))
}
