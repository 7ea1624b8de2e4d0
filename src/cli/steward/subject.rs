//! `occto subject`: the customer's rights.

use super::{House, Sought, refused};
use crate::cli::out::say;
use crate::cli::{Failure, Materials, exit, explain};
use crate::desk::output::write_atomically;
use crate::desk::subject::{Answered, Asked, Disclosed, SubjectReport, Wish, answer, ask, letter};
use crate::items::{Code as _, Item};
use crate::notice::StewardClause;
use crate::store::{IdentityCheck, private_folder};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The customer's rights.
#[derive(Debug, Subcommand)]
pub enum Subject {
    /// 開示: 保有情報・提供先・目的・根拠を書面（HTML）とJSONで作成 / everything held, as letter and JSON
    Report(Report),
    /// 訂正（当社管理でない項目は管理責任者への依頼を下書き） / correct an item, or draft the request to its manager
    Correct(Correct),
    /// 利用停止 / suspend the use
    Suspend(Plain),
    /// 利用停止の解除 / end the suspension
    Resume(Plain),
    /// 消去（鍵を破棄） / erase: the key is destroyed
    Erase(Plain),
    /// 未回答の請求と期限 / requests that wait, with their deadlines
    Requests(Waiting),
    /// 請求に回答済みと記録 / note that a request was answered
    Answered(Done),
}

/// Who asks.
#[derive(Args, Clone, Debug)]
pub struct Asking {
    /// By what.
    #[command(flatten)]
    pub sought: Sought,
    /// 請求者（本人）の氏名 / name of the customer who asks
    #[arg(long, value_name = "NAME", default_value = "")]
    pub name: String,
    /// 本人確認の方法と記録番号（例 driving-licence:K-12） / how the identity was checked, and the record of it
    #[arg(long, value_name = "METHOD:REF")]
    pub identity: Option<String>,
    /// Where.
    #[command(flatten)]
    pub house: House,
}

/// A request without more.
#[derive(Args, Clone, Debug)]
pub struct Plain {
    /// Who asks.
    #[command(flatten)]
    pub asking: Asking,
}

/// Everything held.
#[derive(Args, Clone, Debug)]
pub struct Report {
    /// Who asks.
    #[command(flatten)]
    pub asking: Asking,
    /// 書面とJSONのフォルダ / folder of the letter and the JSON
    #[arg(long, value_name = "DIR", default_value = "occto-subject")]
    pub out: PathBuf,
    /// JSONを表示するだけで保存しない / print the JSON and write nothing
    #[arg(long)]
    pub json: bool,
}

/// Correct an item.
#[derive(Args, Clone, Debug)]
pub struct Correct {
    /// Who asks.
    #[command(flatten)]
    pub asking: Asking,
    /// 項目のキー / key of the item
    #[arg(long, value_name = "ITEM")]
    pub item: String,
    /// 正しい値 / the right value
    #[arg(long, value_name = "VALUE")]
    pub value: String,
}

/// Requests that wait.
#[derive(Args, Clone, Debug)]
pub struct Waiting {
    /// Where.
    #[command(flatten)]
    pub house: House,
    /// JSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
}

/// A request that was answered.
#[derive(Args, Clone, Debug)]
pub struct Done {
    /// 請求の番号 / number of the request
    #[arg(long, value_name = "N")]
    pub request: i64,
    /// Where.
    #[command(flatten)]
    pub house: House,
}

/// Does one of the commands.
pub fn subject(command: &Subject) -> Result<ExitCode, Failure> {
    match command {
        Subject::Report(args) => asked(&args.asking, &Wish::Report, Some((&args.out, args.json))),
        Subject::Correct(args) => {
            let named = |item: &&Item| [item.key(), item.ja()].contains(&args.item.as_str());
            let item = Item::ALL.iter().find(named).copied().ok_or_else(|| {
                let known: Vec<_> = Item::ALL.iter().map(|item| format!("{} {}", item.key(), item.ja())).collect();
                Failure::usage(format!(
                    "--item: 項目「{}」はありません（{}） / no such item: its key or Japanese name is wanted",
                    args.item,
                    known.join("、")
                ))
            })?;
            asked(&args.asking, &Wish::Correct(item, args.value.clone()), None)
        }
        Subject::Suspend(args) => asked(&args.asking, &Wish::Suspend, None),
        Subject::Resume(args) => asked(&args.asking, &Wish::Resume, None),
        Subject::Erase(args) => asked(&args.asking, &Wish::Erase, None),
        Subject::Requests(args) => waiting(args),
        Subject::Answered(args) => {
            let mut desk = args.house.open()?;
            let waited = answer(&mut desk.store, desk.us, args.request, &desk.by, desk.now)?;
            if !waited {
                return refused(StewardClause::RequestUnknown.into());
            }
            say!("回答済みにしました / noted");
            Ok(exit(0))
        }
    }
}

/// How an identity was checked, and the record of it.
pub fn identity(text: Option<&str>) -> Result<Option<(IdentityCheck, &str)>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let (method, reference) = text.split_once(':').unwrap_or((text, ""));
    Ok(Some((explain::value("--identity", method)?, reference)))
}

fn asked(args: &Asking, wish: &Wish, out: Option<(&Path, bool)>) -> Result<ExitCode, Failure> {
    let key = args.sought.key()?;
    let identity = identity(args.identity.as_deref())?;
    let days = Materials::published()?.answer_days();
    let mut desk = args.house.open()?;
    let asked = Asked { key: &key, name: &args.name, identity, by: &desk.by, now: desk.now, days };
    let answered = match ask(&mut desk.store, desk.us, desk.notice, &asked, wish) {
        Ok(answered) => answered,
        Err(why) => return refused(why),
    };
    match answered {
        Answered::Report(report) => written(&report, out)?,
        Answered::Corrected => {
            say!("訂正しました（当社が管理責任者です）。以前の値は履歴に残ります / corrected: we manage the item")
        }
        Answered::Same => {
            say!("現在の値と同じです。新しい値は記録していません / it is the value that stands: nothing was entered")
        }
        Answered::Asked { manager, draft: Some(draft) } => {
            say!(
                "管理責任者は{}です。お申し出を併記し、訂正の依頼を下書きしました / the manager is {manager}: the request is drafted",
                manager.ja()
            );
            say!("\n{draft}");
        }
        Answered::Asked { manager, draft: None } => {
            say!(
                "管理責任者は{}です。お申し出は管理責任者の値と同じになりました。依頼は要りません / the manager is {manager}, whose value it is: nothing is to be asked",
                manager.ja()
            );
        }
        Answered::Stopped { cases, messages } => {
            let what = if matches!(wish, Wish::Suspend) {
                "利用を停止しました"
            } else {
                "利用停止を解除しました"
            };
            say!(
                "{what}（保留にした案件{cases}件、送信を中止した電文{messages}件） / {cases} cases held, {messages} messages stopped"
            );
        }
        Answered::Erased { dossiers: count, readings } => {
            let inbox = desk.store.dir().join("inbox").is_dir();
            say!(
                "{count}件の綴りの鍵を破棄し、消去しました。控えやバックアップからも読めません / erased: the keys of {count} dossiers are destroyed"
            );
            match readings {
                Some(0) => {}
                Some(files) => say!(
                    "30分値は、この地点を除いて{files}ファイルを書き直しました / {files} files of readings were written anew without the point"
                ),
                None => say!(
                    "30分値は消去していません。同じ地点に別のお客さまの記録があるか、地点の番号が先に消去されており、どなたの値か判別できません / the readings stay: others had the point, too, or its number was erased before"
                ),
            }
            if desk.store.dir().join("sandbox.journal").is_file() {
                say!(
                    "模擬環境の日誌（sandbox.journal）は消去の対象外で、そのまま残ります / the sandbox's journal in the data folder is not touched"
                );
            }
            if inbox || readings.is_some_and(|files| files > 0) {
                say!(
                    "受領した計量ファイルの原本（inbox など）と契約台帳には残ります。契約台帳からこの地点を除き、原本は保存期限に従って廃棄してください。除かないまま原本を取り込み直すと30分値が戻ります / the operators' own files and the register of contracts still name the point: take it out of the register and dispose of the files, or taking them in again brings the readings back"
                );
            }
        }
    }
    Ok(exit(0))
}

fn written(report: &SubjectReport, out: Option<(&Path, bool)>) -> Result<(), Failure> {
    let json = report.to_json();
    let Some((out, false)) = out else {
        say!("{json}");
        return Ok(());
    };
    private_folder(out).map_err(|error| {
        let why = error.kind();
        Failure::usage(format!("{}: {} / {why}", out.display(), crate::store::cause_ja(why)))
    })?;
    let (page, data) = (out.join("report.html"), out.join("report.json"));
    write_atomically(&page, |file| file.write_all(letter(report).as_bytes()))?;
    let text = serde_json::to_string_pretty(&json).unwrap_or_else(|_| json.to_string());
    write_atomically(&data, |file| file.write_all(text.as_bytes()))?;
    let values = report.values.len();
    let count = |which: fn(&Disclosed) -> bool| report.disclosed.iter().filter(|one| which(one)).count();
    let (gone, looks, refused) =
        (count(|one| !one.refused && !one.looked && !one.unsent), count(|one| one.looked), count(|one| one.refused));
    say!(
        "保有する値{values}件、提供の記録{gone}件、社内での閲覧{looks}件、認めなかったもの{refused}件 / {values} values, {gone} disclosures, {looks} looks, {refused} refused"
    );
    say!("作成: {}\n作成: {}", page.display(), data.display());
    if let Some(request) = report.requests.iter().map(|request| request.id).max() {
        say!("請求{request}番として記録しました / request {request}");
    }
    Ok(())
}

fn waiting(args: &Waiting) -> Result<ExitCode, Failure> {
    let mut desk = args.house.open()?;
    let requests = desk.store.read(|tx| tx.requests_open())?;
    let today = desk.now.date();
    if args.json {
        say!("{}", serde_json::Value::Array(requests.iter().map(|request| request.to_json()).collect()));
    } else {
        for request in &requests {
            let late = if request.due < today { "【期限超過】" } else { "" };
            say!("請求{} {} 受付{} 期限{} {late}", request.id, request.kind.ja(), request.received.date(), request.due);
        }
        if requests.is_empty() {
            say!("未回答の請求はありません / no request waits");
        }
    }
    Ok(exit(u8::from(requests.iter().any(|request| request.due < today))))
}
