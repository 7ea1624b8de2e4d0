//! `occto consignee`: contracts with consignees and brokers.

use super::words::words;
use super::{Desk, House, refused};
use crate::cli::out::say;
use crate::cli::{Failure, exit, explain};
use crate::desk::subject::{office_line, refusal_line};
use crate::items::{Code as _, Date, DateTime};
use crate::notice::{Party, Purpose, Role, StewardClause};
use crate::store::{Consignee, Store, contract_for};
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// Contracts with consignees, contractors and brokers.
#[derive(Debug, Subcommand)]
pub enum Consignees {
    /// 契約を登録 / register a contract
    Add(Add),
    /// 一覧 / list
    List(List),
    /// 契約の終了 / end a contract
    End(End),
}

/// Register a contract.
#[derive(Args, Clone, Debug)]
pub struct Add {
    /// 相手（consignee:NAME, broker:NAME, contractor:NAME） / with whom
    #[arg(long, value_name = "ROLE:NAME")]
    pub party: String,
    /// 契約書の参照番号 / our reference of the contract
    #[arg(long, value_name = "REF")]
    pub contract: String,
    /// 認める利用目的（カンマ区切り） / permitted purposes
    #[arg(long, value_name = "A,B,…")]
    pub purposes: String,
    /// 契約の最後の日 / last day of the contract
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Date,
    /// Where.
    #[command(flatten)]
    pub house: House,
}

/// List.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Where.
    #[command(flatten)]
    pub house: House,
    /// JSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
}

/// End a contract.
#[derive(Args, Clone, Debug)]
pub struct End {
    /// 登録の番号 / number of the entry
    #[arg(long, value_name = "N")]
    pub entry: i64,
    /// 最後の日 / last day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub on: Date,
    /// Where.
    #[command(flatten)]
    pub house: House,
}

/// Does one of the commands.
pub fn consignee(command: &Consignees) -> Result<ExitCode, Failure> {
    match command {
        Consignees::Add(args) => add(args),
        Consignees::List(args) => {
            let mut desk = args.house.open()?;
            let all = desk.store.read(|tx| tx.consignees())?;
            if args.json {
                say!("{}", serde_json::Value::Array(all.iter().map(Consignee::to_json).collect()));
                return Ok(exit(0));
            }
            for one in &all {
                let purposes: Vec<_> = one.purposes.iter().map(|purpose| purpose.ja()).collect();
                let ended = if one.until < desk.now.date() { "（終了）" } else { "" };
                say!(
                    "{} {} 契約{} {}まで{ended} {}",
                    one.id,
                    one.party.ja(),
                    one.contract,
                    one.until,
                    purposes.join("、")
                );
            }
            if all.is_empty() {
                say!("登録はありません / no entries");
            }
            Ok(exit(0))
        }
        Consignees::End(args) => {
            let mut desk = args.house.open()?;
            let all = desk.store.read(|tx| tx.consignees())?;
            let clause = match all.iter().find(|one| one.id == args.entry) {
                None => Some(StewardClause::ContractUnknown),
                // Not longer, and not back to life: that would be a contract nobody registered.
                Some(one) if args.on >= one.until => Some(StewardClause::ContractLonger),
                Some(_) => None,
            };
            let more = serde_json::json!({"entry": args.entry, "until": args.on.to_string(), "items": []});
            if let Some(clause) = clause {
                return against(&mut desk, "consignee-end", clause, more);
            }
            let line = office_line(desk.now, "consignee-end", desk.us, &desk.by, &more);
            desk.store.commit(|tx| {
                tx.end_consignee(args.entry, args.on)?;
                tx.add_ledger([line.as_str()])
            })?;
            say!("終了日を記録しました / recorded");
            Ok(exit(0))
        }
    }
}

/// A refusal: its line in the ledger, then its clause.
fn against(
    desk: &mut Desk,
    message: &str,
    clause: StewardClause,
    mut more: serde_json::Value,
) -> Result<ExitCode, Failure> {
    if let Some(more) = more.as_object_mut() {
        more.insert("clause".to_owned(), clause.key().into());
    }
    let line = refusal_line(desk.now, message, desk.us, &desk.by, &more);
    desk.store.commit(|tx| tx.add_ledger([line.as_str()]))?;
    refused(clause.into())
}

/// 契約の根拠: our reference of the contract on which something may go to a consignee, a contractor or a broker; nothing is
/// needed for other recipients. A refusal leaves a line in the ledger.
pub fn contract(
    store: &mut Store,
    (sender, recipient): (Party, Party),
    purpose: Purpose,
    now: DateTime,
) -> Result<Result<Option<String>, StewardClause>, Failure> {
    if !matches!(recipient.role, Role::Consignee | Role::Broker | Role::Contractor) {
        return Ok(Ok(None));
    }
    let register = store.read(|tx| tx.consignees())?;
    match contract_for(&register, recipient, purpose, now.date()) {
        Ok(entry) => Ok(Ok(Some(entry.contract.clone()))),
        Err(clause) => {
            let line = serde_json::json!({
                "at": now.to_string(), "verdict": "refused", "message": "consignee", "sender": sender.to_string(),
                "recipient": recipient.to_string(), "purpose": purpose.key(), "clause": clause.key(), "items": [],
            });
            store.commit(|tx| tx.add_ledger([line.to_string().as_str()]))?;
            Ok(Err(clause))
        }
    }
}

fn add(args: &Add) -> Result<ExitCode, Failure> {
    let party = Party::parse(&args.party).map_err(|error| Failure::usage(format!("--party: {error}")))?;
    let bound = matches!(party.role, Role::Consignee | Role::Broker | Role::Contractor) && party.code.is_some();
    if !bound || args.contract.trim().is_empty() {
        return Err(Failure::usage(
            "相手は consignee:NAME・broker:NAME・contractor:NAME、契約は参照番号で指定してください / name consignee:NAME, broker:NAME or contractor:NAME, and the contract".to_owned(),
        ));
    }
    let purposes: Vec<Purpose> =
        args.purposes.split(',').map(|key| explain::value("--purposes", key.trim())).collect::<Result<_, _>>()?;
    let contract = words("--contract", &args.contract)?.to_owned();
    let mut desk = args.house.open()?;
    let entry =
        Consignee { id: 0, party, contract, purposes, until: args.until, registered: desk.now, by: desk.by.clone() };
    let keys: Vec<_> = entry.purposes.iter().map(|purpose| purpose.key()).collect();
    let more = serde_json::json!({
        "recipient": party.to_string(), "contract": entry.contract, "purposes": keys,
        "until": entry.until.to_string(), "items": [],
    });
    // What the notice prohibits no contract lets anybody do.
    let never = |purpose: &Purpose| purpose.is_never() || desk.notice.prohibits(*purpose);
    let clause = match () {
        () if entry.purposes.iter().any(never) => Some(StewardClause::Prohibited),
        () if entry.until < desk.now.date() => Some(StewardClause::ContractEnded),
        () => None,
    };
    if let Some(clause) = clause {
        return against(&mut desk, "consignee-add", clause, more);
    }
    let line = office_line(desk.now, "consignee-add", desk.us, &desk.by, &more);
    let number = desk.store.commit(|tx| {
        let number = tx.add_consignee(&entry)?;
        tx.add_ledger([line.as_str()])?;
        Ok(number)
    })?;
    say!("{number}番として登録しました / entry {number}");
    Ok(exit(0))
}
