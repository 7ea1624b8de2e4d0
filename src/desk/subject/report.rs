//! 開示: everything held of one customer — where it came from, who manages it, to whom it went, for what, on which basis.

use super::folder::Customer;
use super::readings::{HeldReadings, Readings};
use super::single::Tombstone;
use crate::items::{Code as _, Date, DateTime, Item};
use crate::messages::metering::MeteringKind;
use crate::messages::switching::SwitchingMessage;
use crate::notice::held::{Against, Authority, Discrepancy, HeldValue, Holdings, correction_request};
use crate::notice::{Basis, Notice, Party, Purpose};
use crate::store::{ConsentRecord, CustomerRequest, StoreError, Tx};
use serde_json::{Value, json};

/// 提供の記録: one disclosure, as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosed {
    /// The line of the ledger.
    pub line: u64,
    /// When, JST.
    pub at: String,
    /// By which message.
    pub message: String,
    /// To whom: `ROLE[:CODE]`.
    pub recipient: String,
    /// For what.
    pub purpose: String,
    /// Which items, each with its basis.
    pub items: Vec<(String, String)>,
    /// Whether it was refused: then nothing went.
    pub refused: bool,
    /// Whether it was a look inside the company: then nothing went, either.
    pub looked: bool,
    /// Whether it was cleared and never went out: it waits, or was stopped.
    pub unsent: bool,
}

/// 管理責任者の案内: items that somebody else manages, and who that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Managed {
    /// To whom the customer turns.
    pub manager: Party,
    /// For which items.
    pub items: Vec<Item>,
}

/// 開示報告: what a customer is told.
#[derive(Debug)]
pub struct SubjectReport {
    /// 供給地点特定番号
    pub point: Option<String>,
    /// 契約名義
    pub name: String,
    /// Who we are.
    pub us: Party,
    /// The notice everything is held under.
    pub notice: &'static Notice,
    /// The day of the report.
    pub today: Date,
    /// Every value held, with its history.
    pub values: Vec<HeldValue>,
    /// The half-hourly readings held.
    pub readings: Readings,
    /// To whom something went.
    pub disclosed: Vec<Disclosed>,
    /// What is managed elsewhere.
    pub elsewhere: Vec<Managed>,
    /// Claims that differ from what their manager says, each with the request drafted to the manager.
    pub discrepancies: Vec<(Discrepancy, String)>,
    /// Consents given and withdrawn.
    pub consents: Vec<ConsentRecord>,
    /// Requests made.
    pub requests: Vec<CustomerRequest>,
    /// Since when the use is suspended.
    pub suspended: Option<DateTime>,
    /// Items whose values were erased before the rest.
    pub erased: Vec<Tombstone>,
    /// What keeps it, and how long: per end, in Japanese.
    pub kept: Vec<String>,
}

impl SubjectReport {
    /// Gathers what is held of a customer. What it costs depends on what this customer has, not on the store.
    pub fn gather(
        tx: &Tx<'_>,
        customer: &Customer,
        us: Party,
        notice: &'static Notice,
        today: Date,
    ) -> Result<SubjectReport, StoreError> {
        let held = customer.holdings(us, notice, today);
        let mut report = SubjectReport {
            point: customer.point().map(|point| point.as_str().to_owned()),
            name: customer.name().unwrap_or_default().to_owned(),
            us,
            notice,
            today,
            values: held.values().map(|value| of_today(value, &held, today)).collect(),
            readings: Readings::Held(Vec::new()),
            disclosed: Vec::new(),
            elsewhere: Vec::new(),
            discrepancies: Vec::new(),
            consents: Vec::new(),
            requests: Vec::new(),
            suspended: customer.suspended(),
            erased: customer.folders.iter().flat_map(|folder| folder.erased.iter().cloned()).collect(),
            kept: notice.keep_rules().map(|rule| rule.ja.clone()).collect(),
        };
        for folder in &customer.folders {
            for (line, entry) in tx.traces_of(folder.state.dossier)? {
                report.disclosed.extend(disclosed_of(tx, line, &entry)?);
            }
            report.consents.extend(tx.consents_of(folder.state.dossier)?);
            report.requests.extend(tx.requests_of(folder.state.dossier)?);
        }
        // One line may be about several dossiers of the customer.
        report.disclosed.sort_by_key(|one| one.line);
        report.disclosed.dedup_by_key(|one| one.line);
        for value in report.values.iter().filter(|value| value.current) {
            let manager = held.manager(value.item, today);
            if manager == us {
                continue;
            }
            match report.elsewhere.iter_mut().find(|one| one.manager == manager) {
                Some(one) if !one.items.contains(&value.item) => one.items.push(value.item),
                Some(_) => {}
                None => report.elsewhere.push(Managed { manager, items: vec![value.item] }),
            }
        }
        for one in held.discrepancies(today) {
            let draft = correction_request(notice, us, customer.about(), &one, today, named);
            report.discrepancies.push((one, draft));
        }
        Ok(report)
    }

    /// 機械可読の開示: the same as data.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let value = |value: &HeldValue| {
            let parts: serde_json::Map<_, _> =
                value.parts.iter().map(|part| (part.field.clone(), Value::from(part.text.clone()))).collect();
            json!({
                "item": value.item.key(), "label": self.notice.label(value.item), "value": parts,
                "source": value.source.to_string(), "manager": value.manager.to_string(),
                "as-of": value.as_of.to_string(), "received": value.at.to_string(), "message": value.message,
                "reference": value.reference, "basis": value.basis.key(), "purpose": value.purpose.key(),
                "authority": value.authority.key(), "current": value.current,
            })
        };
        let disclosed = |one: &Disclosed| {
            let items: Vec<_> = one.items.iter().map(|(item, basis)| json!({"item": item, "basis": basis})).collect();
            json!({
                "line": one.line, "at": one.at, "message": one.message, "recipient": one.recipient,
                "purpose": one.purpose, "items": items, "refused": one.refused, "look": one.looked,
                "unsent": one.unsent,
            })
        };
        let elsewhere = |one: &Managed| json!({"manager": one.manager.to_string(), "name": one.manager.ja(), "items": one.items.iter().map(|item| item.key()).collect::<Vec<_>>()});
        let differs = |(one, draft): &(Discrepancy, String)| {
            let denied = match &one.against {
                Against::Denial(denial) => Some(json!({
                    "reason": denial.reason, "by": denial.by.to_string(), "at": denial.at.to_string(),
                    "reference": denial.reference,
                })),
                Against::Value(_) | Against::Unheard => None,
            };
            json!({
                "item": one.claim.item.key(), "manager": one.manager.to_string(),
                "managed": one.against.value().map(HeldValue::text),
                "managed-from": one.against.value().map(|value| value.source.to_string()), "denied": denied,
                "claim": one.claim.text(), "claimed-by": one.claim.source.to_string(), "request": draft,
            })
        };
        let readings = match &self.readings {
            Readings::Held(held) => held.iter().map(HeldReadings::to_json).collect(),
            // Not an empty list: it is not known that nothing is held.
            Readings::Shared => json!("other-customers-at-the-point"),
            Readings::PointErased => json!("point-erased"),
        };
        json!({
            "readings": readings, "point": self.point, "name": self.name, "by": self.us.to_string(), "notice": self.notice.key(),
            "date": self.today.to_string(), "suspended": self.suspended.map(|at| at.to_string()),
            "values": self.values.iter().map(value).collect::<Vec<_>>(),
            "disclosures": self.disclosed.iter().map(disclosed).collect::<Vec<_>>(),
            "managed-elsewhere": self.elsewhere.iter().map(elsewhere).collect::<Vec<_>>(),
            "discrepancies": self.discrepancies.iter().map(differs).collect::<Vec<_>>(),
            "consents": self.consents.iter().map(|one| unnamed(one.to_json())).collect::<Vec<_>>(),
            "requests": self.requests.iter().map(|one| unnamed(one.to_json())).collect::<Vec<_>>(),
            "kept": self.kept, "erased": self.erased.iter().map(Tombstone::to_json).collect::<Vec<_>>(),
        })
    }
}

/// A value with who manages it on a day where it counts; of what is past, who did at its moment.
fn of_today(value: &HeldValue, held: &Holdings<'_>, today: Date) -> HeldValue {
    let manager = if value.current { held.manager(value.item, today) } else { value.manager };
    HeldValue { manager, ..value.clone() }
}

/// A record without who of the company took it down: that is nobody else's to read.
fn unnamed(mut record: Value) -> Value {
    if let Some(record) = record.as_object_mut() {
        record.remove("by");
    }
    record
}

/// What a line says was disclosed, and whether that went out.
pub(super) fn disclosed_of(tx: &Tx<'_>, line: u64, entry: &str) -> Result<Option<Disclosed>, StoreError> {
    let Some((mut one, reference)) = disclosed(line, entry) else { return Ok(None) };
    if !one.refused && !one.looked && !reference.is_empty() {
        one.unsent = tx.never_went(&reference)?;
    }
    Ok(Some(one))
}

fn disclosed(line: u64, entry: &str) -> Option<(Disclosed, String)> {
    let entry: Value = serde_json::from_str(entry).ok()?;
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let verdict = text("verdict");
    if !matches!(verdict.as_str(), "granted" | "refused" | "shown") {
        return None;
    }
    let item = |item: &Value| {
        let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        match item.as_str() {
            Some(key) => (key.to_owned(), String::new()),
            None => (text("item"), text("basis")),
        }
    };
    let one = Disclosed {
        line,
        at: text("at"),
        message: text("message"),
        recipient: text("recipient"),
        purpose: text("purpose"),
        items: entry.get("items").and_then(Value::as_array).into_iter().flatten().map(item).collect(),
        refused: verdict == "refused",
        looked: verdict == "shown",
        unsent: false,
    };
    Some((one, text("reference")))
}

/// The name of a message in Japanese; its key where it has none.
#[must_use]
pub fn message_ja(key: &str) -> &str {
    match key {
        "application" => "切替申込",
        "account" => "顧客台帳の取込",
        "correction" => "訂正の請求",
        "meter-show" => "社内での30分値の閲覧",
        "held-show" => "社内での閲覧",
        "held-discrepancies" => "社内での相違の閲覧",
        "ledger-export" => "台帳の書き出し",
        "consignee" => "委託先等への提供",
        "consignee-add" => "委託先等の契約の登録",
        "consignee-end" => "委託先等の契約の終了",
        "subject-report" => "本人への開示",
        "subject-correct" => "本人の請求による訂正",
        "subject-suspend" => "本人の請求による利用停止",
        "subject-resume" => "利用停止の解除",
        "subject-erase" => "本人の請求による消去",
        "subject-answered" => "請求への回答",
        "retention-erase" => "保存期限による消去",
        "retention-items-erase" => "保存期限による項目の消去",
        "retention-readings-erase" => "保存期限による30分値の消去",
        "legal-hold" => "法令による保存",
        "legal-hold-ended" => "法令による保存の解除",
        "consent-add" => "同意の記録",
        "consent-withdraw" => "同意の撤回",
        "manager-change" => "管理責任者の変更",
        "held-take" => "顧客台帳の取込",
        "switch-approve" => "一括申込の承認",
        "switch-release" => "保留した案件の続行",
        "meter-write" => "計量データの作成",
        key => match MeteringKind::from_key(key) {
            Some(kind) => kind.ja(),
            None => SwitchingMessage::spec_of(key).map_or(key, |spec| spec.ja),
        },
    }
}

/// The same for letters to managers.
pub(super) fn named(key: &str) -> String {
    message_ja(key).to_owned()
}

/// A party as a customer reads it.
pub(super) fn party_ja(text: &str) -> String {
    Party::parse(text).map_or_else(|_| text.to_owned(), Party::ja)
}

/// A purpose as a customer reads it.
pub(super) fn purpose_ja(key: &str) -> &str {
    Purpose::from_key(key).map_or(key, |purpose| purpose.ja())
}

/// A basis as a customer reads it.
pub(super) fn basis_ja(key: &str) -> &str {
    Basis::from_key(key).map_or(key, |basis| basis.ja())
}

/// An item's value as a person reads it: codes by their names, yes and no in words.
#[must_use]
pub fn plain_text(value: &HeldValue) -> String {
    value.plain()
}

/// What a held value is, in a word a customer reads.
pub(super) const fn authority_ja(authority: Authority) -> &'static str {
    match authority {
        Authority::Managed => "当社が管理",
        Authority::Copy => "管理責任者からの写し",
        Authority::Former => "管理責任者の変更前の値",
        Authority::Claim => "お申し出など",
    }
}
