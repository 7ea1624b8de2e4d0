//! `occto consent`: given, withdrawn, shown.

use super::{House, Sought, refused};
use crate::cli::out::say;
use crate::cli::{Failure, exit, explain};
use crate::desk::subject::{Given, find, give_consent, message_ja, withdraw_consent};
use crate::desk::submit::digest;
use crate::items::{Code as _, Date, Item, parse_date_time};
use crate::messages::switching::ConsentMethod;
use crate::notice::{Party, Purpose};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Consents.
#[derive(Debug, Subcommand)]
pub enum Consent {
    /// 同意を記録 / take down a consent
    Add(Add),
    /// 同意を撤回（未送信は中止、送信済みは一覧） / withdraw: what is not sent is stopped, what was is said
    Withdraw(Withdraw),
    /// 同意の一覧 / show the consents
    Show(Show),
}

/// Take down a consent.
#[derive(Args, Clone, Debug)]
pub struct Add {
    /// By what.
    #[command(flatten)]
    pub sought: Sought,
    /// 同意した本人の氏名 / name of the customer
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// 同意の対象（利用目的のキー） / for which purpose
    #[arg(long, value_name = "PURPOSE")]
    pub purpose: String,
    /// 提供先を限る場合 / to whom, where it names somebody
    #[arg(long, value_name = "ROLE[:CODE]")]
    pub recipient: Option<String>,
    /// 方法: written, electronic, oral / how
    #[arg(long, value_name = "METHOD")]
    pub method: String,
    /// 同意の日時 / when
    #[arg(long, value_name = "YYYY-MM-DDTHH:MM")]
    pub given: String,
    /// 有効期限の日 / last day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<Date>,
    /// 証拠のファイル（要約値だけを保存） / the evidence: only its digest is kept
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
    /// 未成年者 / the customer is a minor
    #[arg(long)]
    pub minor: bool,
    /// 同意した保護者の氏名 / name of the parent or guardian who consented
    #[arg(long, value_name = "NAME")]
    pub guardian: Option<String>,
    /// Where.
    #[command(flatten)]
    pub house: House,
}

/// Withdraw a consent.
#[derive(Args, Clone, Debug)]
pub struct Withdraw {
    /// 同意の番号 / number of the consent
    #[arg(long, value_name = "N")]
    pub consent: i64,
    /// Where.
    #[command(flatten)]
    pub house: House,
}

/// Show the consents.
#[derive(Args, Clone, Debug)]
pub struct Show {
    /// By what.
    #[command(flatten)]
    pub sought: Sought,
    /// Where.
    #[command(flatten)]
    pub house: House,
    /// JSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Does one of the commands.
pub fn consent(command: &Consent) -> Result<ExitCode, Failure> {
    match command {
        Consent::Add(args) => add(args),
        Consent::Withdraw(args) => withdraw(args),
        Consent::Show(args) => show(args),
    }
}

fn add(args: &Add) -> Result<ExitCode, Failure> {
    let key = args.sought.key()?;
    let purpose: Purpose = explain::value("--purpose", &args.purpose)?;
    let form: ConsentMethod = explain::value("--method", &args.method)?;
    let given = parse_date_time(&args.given)
        .map_err(|error| Failure::usage(format!("--given: {} / {}", error.ja(), error.en())))?;
    let recipient = args.recipient.as_deref().map(Party::parse).transpose();
    let recipient = recipient.map_err(|error| Failure::usage(format!("--recipient: {error}")))?;
    let unreadable = |error: std::io::Error| {
        let why = error.kind();
        Failure::usage(format!("--evidence: {} / cannot read it: {why}", crate::store::cause_ja(why)))
    };
    // An empty file shows nothing.
    let evidence = match args.evidence.as_deref() {
        Some(path) if std::fs::metadata(path).map_err(unreadable)?.len() > 0 => Some(digest(path).map_err(unreadable)?),
        _ => None,
    };
    let mut desk = args.house.open()?;
    let given = Given {
        key: &key,
        name: &args.name,
        purpose,
        recipient,
        form,
        given,
        until: args.until,
        evidence,
        minor: args.minor,
        guardian: args.guardian.as_deref(),
        by: &desk.by,
        now: desk.now,
    };
    match give_consent(&mut desk.store, desk.us, desk.notice, &given) {
        Ok(number) => {
            say!(
                "同意{number}番として記録しました。撤回は occto consent withdraw --consent {number} / consent {number}"
            );
            Ok(exit(0))
        }
        Err(why) => refused(why),
    }
}

fn withdraw(args: &Withdraw) -> Result<ExitCode, Failure> {
    let mut desk = args.house.open()?;
    let stopped = match withdraw_consent(&mut desk.store, desk.us, args.consent, &desk.by, desk.now) {
        Ok(stopped) => stopped,
        Err(why) => return refused(why),
    };
    let (cases, messages) = (stopped.cases, stopped.messages);
    say!(
        "同意を撤回しました。取消に入った案件{cases}件、送信を中止した電文{messages}件 / withdrawn: {cases} cases cancelled, {messages} messages stopped"
    );
    if !stopped.sent.is_empty() {
        say!("既に提供したもの / what had gone already:");
    }
    for one in &stopped.sent {
        let ja =
            |key: &str| Item::from_key(key).map_or_else(|| key.to_owned(), |item| desk.notice.label(item).to_owned());
        let items: Vec<_> = one.items.iter().map(|(item, _)| ja(item)).collect();
        let recipient = Party::parse(&one.recipient).map_or_else(|_| one.recipient.clone(), Party::ja);
        say!("  {} {} → {recipient} {}", one.at.replace('T', " "), message_ja(&one.message), items.join("、"));
    }
    Ok(exit(0))
}

fn show(args: &Show) -> Result<ExitCode, Failure> {
    let key = args.sought.key()?;
    let mut desk = args.house.open()?;
    let consents = desk.store.read(|tx| {
        let mut all = Vec::new();
        for folder in find(tx, &key)?.0 {
            all.extend(tx.consents_of(folder.state.dossier)?);
        }
        Ok(all)
    })?;
    if args.json {
        say!("{}", serde_json::Value::Array(consents.iter().map(|consent| consent.to_json()).collect()));
        return Ok(exit(0));
    }
    for consent in &consents {
        let state = match consent.withdrawn {
            Some(at) => format!("{}に撤回", at.date()),
            None if consent.is_good(desk.now) => "有効".to_owned(),
            None => "期限切れ".to_owned(),
        };
        say!("同意{} {} {} {} {state}", consent.id, consent.purpose.ja(), consent.form.ja(), consent.given.date());
    }
    if consents.is_empty() {
        say!("同意の記録はありません / no consents");
    }
    Ok(exit(0))
}
