//! 現小売の窓口: judges incoming cancellation agencies by strict equality and files the switch stop promptly.
//!
//! Source: facts/switching.md §2.4, §2.5. What is received here is never for sales (取戻し営業).

use super::office::{DeskError, Office, Reply};
use super::pen::Written;
use crate::exchange::Transport;
use crate::items::{
    Code as _, Comparison, CustomerName, DateTime, Family, RetailContractNumber, SupplyPointId, compare,
    compare_address,
};
use crate::messages::switching::{
    Acceptance, CancellationEntry, CancellationInquiry, CancellationJudgement, Judgement, NgReason, NgReasonCode,
    SwitchStop, SwitchingMessage,
};
use crate::messages::{Message as _, Open};
use crate::notice::Party;
use crate::store::{Incoming, IncomingState, OutboxState, StoreError};
use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

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
}

impl<T: Transport> Office<'_, T> {
    /// Polls the incoming cancellation agencies, judges them and files the switch stops of those agreed to.
    pub async fn serve(&mut self, register: &Register, now: DateTime) -> Result<Judged, DeskError> {
        let mut judged = Judged { received: self.receive_cancellations(now).await?, ..Judged::default() };
        for mut incoming in self.store.read(|tx| tx.incoming_in(IncomingState::Received))? {
            match judge(&incoming.entry, register) {
                Verdict::Doubt(differences) => {
                    incoming.state = IncomingState::Doubt;
                    incoming.differences = differences;
                    self.store.commit(|tx| tx.save_incoming(&incoming))?;
                    judged.doubts += 1;
                }
                Verdict::Ok => judged.ok += u64::from(self.answer(incoming, &[], "strict-equality", now).await?),
                Verdict::Ng(reasons) => {
                    judged.ng += u64::from(self.answer(incoming, &reasons, "strict-equality", now).await?);
                }
            }
        }
        judged.stopped = self.file_stops(now).await?;
        Ok(judged)
    }

    /// A person settles a doubt: OK without reasons, NG with them.
    pub async fn decide(
        &mut self,
        number: &str,
        reasons: &[NgReasonCode],
        by: &str,
        now: DateTime,
    ) -> Result<bool, DeskError> {
        let found = self.store.read(|tx| tx.incoming(number))?;
        let waiting = found.filter(|incoming| matches!(incoming.state, IncomingState::Doubt | IncomingState::Received));
        let Some(incoming) = waiting else {
            let ja = "その廃止取次番号で判断待ちのものはありません".to_owned();
            return Err(DeskError::Request(
                ja,
                "no cancellation agency of that number waits for a judgement".to_owned(),
            ));
        };
        let told = self.answer(incoming, reasons, by, now).await?;
        self.file_stops(now).await?;
        Ok(told)
    }

    async fn receive_cancellations(&mut self, now: DateTime) -> Result<u64, DeskError> {
        let mut received = 0;
        self.unheard = false;
        for family in Family::ALL.iter().copied() {
            let reply = self.ask(CancellationInquiry { from: None, to: None }, family, now).await?;
            let list = match reply {
                Reply::Answer(answer) => match *answer {
                    SwitchingMessage::CancellationList(list) => Some(list),
                    _ => None,
                },
                _ => None,
            };
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

    /// Tells the judgement. Judging is repeatable: an answer that was lost leaves the case to be judged again.
    async fn answer(
        &mut self,
        mut incoming: Incoming,
        reasons: &[NgReasonCode],
        by: &str,
        now: DateTime,
    ) -> Result<bool, DeskError> {
        let entry = &incoming.entry;
        let message = CancellationJudgement {
            number: entry.number.clone(),
            point: entry.point,
            judgement: if reasons.is_empty() { Judgement::Ok } else { Judgement::Ng },
            reasons: reasons.iter().map(|code| NgReason { code: Open::Known(*code), remark: None }).collect(),
        };
        let reference = format!("J-{}", entry.number.as_str());
        let to = Party::retailer(entry.new_retailer);
        let written = match self.pen().write(message, to, incoming.family, reference, now)? {
            Ok(written) => written,
            Err(refused) => {
                self.store.commit(|tx| {
                    tx.trace(
                        tx.dossier_of_incoming(incoming.entry.number.as_str())?,
                        tx.add_ledger([refused.ledger.as_str()])?,
                    )
                })?;
                return Err(DeskError::Request(refused.ja, refused.en));
            }
        };
        let accepted = self.say(written, incoming.entry.number.as_str().to_owned(), now).await?;
        if accepted {
            incoming.state = if reasons.is_empty() { IncomingState::Ok } else { IncomingState::Ng };
            incoming.judged_by = Some(by.to_owned());
            incoming.reasons = reasons.iter().map(|code| code.key().to_owned()).collect();
            self.store.commit(|tx| tx.save_incoming(&incoming))?;
        }
        Ok(accepted)
    }

    async fn file_stops(&mut self, now: DateTime) -> Result<u64, DeskError> {
        let mut filed = 0;
        for mut incoming in self.store.read(|tx| tx.incoming_in(IncomingState::Ok))? {
            let entry = &incoming.entry;
            let message = SwitchStop {
                point: entry.point,
                switch_on: entry.requested_on,
                cancellation: Some(entry.number.clone()),
            };
            let reference = format!("T-{}", entry.number.as_str());
            let operator = Party::operator(entry.point.area());
            let written = match self.pen().write(message, operator, incoming.family, reference, now)? {
                Ok(written) => written,
                Err(refused) => {
                    self.store.commit(|tx| {
                        tx.trace(
                            tx.dossier_of_incoming(entry.number.as_str())?,
                            tx.add_ledger([refused.ledger.as_str()])?,
                        )
                    })?;
                    return Err(DeskError::Request(refused.ja, refused.en));
                }
            };
            if self.say(written, incoming.entry.number.as_str().to_owned(), now).await? {
                incoming.state = IncomingState::Stopped;
                self.store.commit(|tx| tx.save_incoming(&incoming))?;
                filed += 1;
            }
        }
        Ok(filed)
    }

    /// Whether a cancellation agency still waits for our judgement; nothing where the list could not be had.
    async fn still_waits(&self, number: &str, family: Family, now: DateTime) -> Result<Option<bool>, DeskError> {
        let reply = self.ask(CancellationInquiry { from: None, to: None }, family, now).await?;
        let Reply::Answer(answer) = reply else { return Ok(None) };
        let SwitchingMessage::CancellationList(list) = *answer else { return Ok(None) };
        Ok(Some(list.entries.iter().any(|entry| entry.number.as_str() == number)))
    }

    /// Says one message about an incoming cancellation, through the outbox; true when it was accepted.
    ///
    /// A message whose outcome is unknown is asked for in the list of applications before it is said again.
    async fn say(&mut self, written: Written, number: String, now: DateTime) -> Result<bool, DeskError> {
        let before = self.store.read(|tx| tx.outgoing_of(&written.reference))?;
        let row = match before {
            Some(kept) if kept.state == OutboxState::Accepted => return Ok(true),
            Some(kept) => {
                let done = match kept.state {
                    OutboxState::Queued => Some(false),
                    _ if kept.message == SwitchStop::SPEC.key => {
                        self.listed(&kept, now).await?.map(|found| found.is_some())
                    }
                    _ => self.still_waits(&number, kept.family, now).await?.map(|waits| !waits),
                };
                match done {
                    None => return Ok(false),
                    Some(true) => {
                        self.store.commit(|tx| {
                            tx.settle(kept.id, OutboxState::Accepted, now, Some("listed"), Duration::ZERO)
                        })?;
                        return Ok(true);
                    }
                    Some(false) => {}
                }
                if !self.store.commit(|tx| tx.mark_sent(kept.id))? {
                    // The customer's wish: it is not said any more.
                    return Ok(false);
                }
                // The bytes are those of the first time.
                kept
            }
            None => {
                let mut row = self.pen().outgoing(&written, None, OutboxState::Sent, now);
                row.number = Some(number.clone());
                row.id = self.store.commit(|tx| {
                    let id = tx.add_outgoing(&row)?;
                    if let Some(line) = written.ledger.as_deref() {
                        tx.trace(tx.dossier_of_incoming(&number)?, tx.add_ledger([line])?)?;
                    }
                    Ok(id)
                })?;
                row
            }
        };
        let reference = row.reference.clone();
        let request = self.pen().request(&row).ok_or(StoreError::Damaged("message"))?;
        let reply = self.carry(vec![((), request, reference)]).await.pop();
        let (state, detail) = match reply.map(|((), reply)| reply) {
            Some(Reply::Answer(answer)) => match *answer {
                SwitchingMessage::Receipt(receipt) if receipt.acceptance == Acceptance::Accepted => {
                    (OutboxState::Accepted, None)
                }
                SwitchingMessage::Receipt(_) => (OutboxState::Rejected, None),
                _ => (OutboxState::Unknown, None),
            },
            Some(Reply::NotSent(trouble)) => (OutboxState::Queued, Some(trouble.detail)),
            Some(Reply::Unknown(detail)) => (OutboxState::Unknown, Some(detail)),
            None => return Err(StoreError::Damaged("reply").into()),
        };
        self.store.commit(|tx| tx.settle(row.id, state, now, detail.as_deref(), Duration::ZERO))?;
        Ok(state == OutboxState::Accepted)
    }
}
