//! 現小売の窓口: judges incoming cancellation agencies by strict equality and files the switch stop promptly.
//!
//! Source: facts/switching.md §2.4, §2.5. What is received here is never for sales (取戻し営業).

use super::office::{DeskError, Office};
use super::telling::{Telling, Told};
use crate::exchange::Transport;
use crate::items::{
    Code as _, Comparison, CustomerName, DateTime, Family, RetailContractNumber, SupplyPointId, compare,
    compare_address,
};
use crate::messages::Open;
use crate::messages::switching::{
    CancellationEntry, CancellationJudgement, Judgement, NgReason, NgReasonCode, SwitchStop,
};
use crate::notice::Party;
use crate::store::{Incoming, IncomingState};
use std::collections::HashMap;
use std::fmt;

/// 契約者: what our own register says of one supply point.
#[derive(Clone)]
pub struct Contract {
    /// 契約番号
    pub number: RetailContractNumber,
    /// 契約名義
    pub name: CustomerName,
    /// 住所
    pub address: String,
    /// 建物名
    pub building: String,
}

/// That there is one, and no more: everything in it is personal data.
impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contract").finish_non_exhaustive()
    }
}

/// 契約者台帳: our own customers by supply point.
pub type Register = HashMap<SupplyPointId, Contract>;

/// 判断: what strict equality says, or the doubt that a person has to settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is equal as written.
    Ok,
    /// Something differs whatever is folded.
    Ng(Vec<NgReasonCode>),
    /// Everything is equal or nearly so: the differences explained, Japanese and English.
    Doubt(Vec<(String, String)>),
}

/// Judges one cancellation agency: strict equality of number, name and address; near matches are explained.
#[must_use]
pub fn judge(entry: &CancellationEntry, register: &Register) -> Verdict {
    let Some(contract) = register.get(&entry.point) else { return Verdict::Ng(vec![NgReasonCode::NoContract]) };
    let building = entry.building.as_ref().map_or("", |building| building.as_str());
    let number = (entry.contract_number.as_str(), contract.number.as_str());
    let name = (entry.name.as_str(), contract.name.as_str());
    let address = (entry.address.as_str(), contract.address.as_str());
    let building = (building, contract.building.as_str());
    let fields = [
        (NgReasonCode::ContractNumberMismatch, "契約番号", number, compare(number.0, number.1)),
        (NgReasonCode::NameMismatch, "契約名義", name, compare(name.0, name.1)),
        (NgReasonCode::AddressMismatch, "住所", address, compare_address(address.0, address.1)),
        (NgReasonCode::AddressMismatch, "建物名", building, compare_address(building.0, building.1)),
    ];
    let mut reasons = Vec::new();
    let mut doubts = Vec::new();
    for (code, label, (theirs, ours), comparison) in fields {
        match comparison {
            Comparison::Equal => {}
            Comparison::EqualAfter(steps) => doubts.push((
                format!("{label}: 申込「{theirs}」と登録「{ours}」は{}の違いのみ", steps.ja()),
                format!("{}: applied `{theirs}`, registered `{ours}`, equal but for {}", code.en(), steps.en()),
            )),
            Comparison::Different if !reasons.contains(&code) => reasons.push(code),
            Comparison::Different => {}
        }
    }
    match (reasons.is_empty(), doubts.is_empty()) {
        (true, true) => Verdict::Ok,
        (true, false) => Verdict::Doubt(doubts),
        (false, _) => Verdict::Ng(reasons),
    }
}

/// 判断の集計: what a round at the counter came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Newly received.
    pub received: u64,
    /// Judged OK.
    pub ok: u64,
    /// Judged NG.
    pub ng: u64,
    /// Left to a person.
    pub doubts: u64,
    /// Switch stops filed.
    pub stopped: u64,
    /// Judgements and switch stops that were refused.
    pub refused: u64,
}

impl<T: Transport> Office<'_, T> {
    /// Polls the incoming cancellation agencies, judges them and files the switch stops of those agreed to.
    pub async fn serve(&mut self, register: &Register, now: DateTime) -> Result<Judged, DeskError> {
        self.take_over(now, true)?;
        let mut judged = Judged { received: self.receive_cancellations(now).await?, ..Judged::default() };
        for incoming in self.store.read(|tx| tx.incoming_in(IncomingState::Received))? {
            match judge(&incoming.entry, register) {
                Verdict::Doubt(differences) => {
                    judged.doubts += self.store.commit(|tx| {
                        let kept = tx.incoming_to_change(incoming.entry.number.as_str())?;
                        // Somebody may have judged it meanwhile.
                        let Some(mut kept) = kept.filter(|kept| kept.state == IncomingState::Received) else {
                            return Ok(0);
                        };
                        kept.state = IncomingState::Doubt;
                        kept.differences = differences;
                        tx.save_incoming(&kept).map(|()| 1)
                    })?;
                }
                verdict @ (Verdict::Ok | Verdict::Ng(_)) => {
                    let reasons = if let Verdict::Ng(reasons) = verdict { reasons } else { Vec::new() };
                    let told = self.answer(incoming, &reasons, ("strict-equality", false), now).await?;
                    judged.ok += u64::from(told == Told::Accepted(Judgement::Ok));
                    judged.ng += u64::from(told == Told::Accepted(Judgement::Ng));
                    judged.refused += u64::from(told == Told::Refused);
                }
            }
        }
        let (stopped, refused) = self.file_stops(now).await?;
        (judged.stopped, judged.refused) = (stopped, judged.refused + refused);
        Ok(judged)
    }

    /// A person settles a doubt: OK without reasons, NG with them. What came of it; what was told before is what counts. What
    /// was refused is said again, a refused switch stop too.
    pub async fn decide(
        &mut self,
        number: &str,
        reasons: &[NgReasonCode],
        by: &str,
        now: DateTime,
    ) -> Result<Told<Judgement>, DeskError> {
        let found = self.store.read(|tx| tx.incoming(number))?;
        let waits = |state| matches!(state, IncomingState::Doubt | IncomingState::Received);
        let agreed = |state| state == IncomingState::Ok && reasons.is_empty();
        let Some(incoming) = found.filter(|incoming| waits(incoming.state) || agreed(incoming.state)) else {
            let ja = "その廃止取次番号で判断待ちのものはありません".to_owned();
            return Err(DeskError::Request(
                ja,
                "no cancellation agency of that number waits for a judgement".to_owned(),
            ));
        };
        self.take_over(now, true)?;
        if agreed(incoming.state) {
            self.file_stop(&incoming, true, now).await?;
            return Ok(Told::Accepted(Judgement::Ok));
        }
        let told = self.answer(incoming, reasons, (by, true), now).await?;
        self.file_stops(now).await?;
        Ok(told)
    }

    async fn receive_cancellations(&mut self, now: DateTime) -> Result<u64, DeskError> {
        let mut received = 0;
        self.unheard = false;
        for family in Family::ALL.iter().copied() {
            let list = self.cancellations(family, 0, now).await?;
            let Some(list) = list else {
                self.unheard = true;
                continue;
            };
            received += self.store.commit(|tx| {
                let mut added = 0;
                for entry in &list.entries {
                    let incoming = Incoming {
                        entry: entry.clone(),
                        family,
                        state: IncomingState::Received,
                        judged_by: None,
                        reasons: Vec::new(),
                        differences: Vec::new(),
                    };
                    added += u64::from(tx.add_incoming(&incoming)?);
                }
                Ok(added)
            })?;
        }
        Ok(received)
    }

    /// Tells the judgement. Judging is repeatable: an answer that was lost leaves the case to be judged again. What was
    /// told before is what counts.
    async fn answer(
        &mut self,
        incoming: Incoming,
        reasons: &[NgReasonCode],
        (by, anew): (&str, bool),
        now: DateTime,
    ) -> Result<Told<Judgement>, DeskError> {
        let entry = &incoming.entry;
        let message = CancellationJudgement {
            number: entry.number.clone(),
            point: entry.point,
            judgement: if reasons.is_empty() { Judgement::Ok } else { Judgement::Ng },
            reasons: reasons.iter().map(|code| NgReason { code: Open::Known(*code), remark: None }).collect(),
        };
        let (number, to) = (entry.number.as_str(), Party::retailer(entry.new_retailer));
        let about = Telling { number, family: incoming.family, to, by: Some(by), until: entry.judge_by, anew };
        Ok(match self.tell(message, about, now).await? {
            Told::Accepted(()) => match self.store.read(|tx| tx.incoming(number))?.map(|incoming| incoming.state) {
                Some(IncomingState::Ok | IncomingState::Stopped) => Told::Accepted(Judgement::Ok),
                Some(IncomingState::Ng) => Told::Accepted(Judgement::Ng),
                _ => Told::NotYet,
            },
            Told::Refused => Told::Refused,
            Told::NotYet => Told::NotYet,
        })
    }

    /// Files the switch stops of those agreed to: how many, and how many are refused.
    async fn file_stops(&mut self, now: DateTime) -> Result<(u64, u64), DeskError> {
        let (mut filed, mut refused) = (0, 0);
        for incoming in self.store.read(|tx| tx.incoming_in(IncomingState::Ok))? {
            let told = self.file_stop(&incoming, false, now).await?;
            filed += u64::from(told == Told::Accepted(()));
            refused += u64::from(told == Told::Refused);
        }
        Ok((filed, refused))
    }

    async fn file_stop(&mut self, agreed: &Incoming, anew: bool, now: DateTime) -> Result<Told<()>, DeskError> {
        let entry = &agreed.entry;
        let message =
            SwitchStop { point: entry.point, switch_on: entry.requested_on, cancellation: Some(entry.number.clone()) };
        let (number, to) = (entry.number.as_str(), Party::operator(entry.point.area()));
        self.tell(message, Telling { number, family: agreed.family, to, by: None, until: None, anew }, now).await
    }
}
