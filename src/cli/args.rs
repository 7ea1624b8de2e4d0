//! The command line.

use super::baseline::Baseline;
use super::ledger::Ledger;
use super::line::{Cert, Config, StatusArgs};
use super::meter::Meter;
use super::notice::NoticeCommand;
use super::release::Releases;
use super::shelf::Shelf;
use crate::desk::view::Lang;
use crate::items::{Code as _, Date};
use crate::store::LONGEST_DELAY;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

/// 共同利用情報の交換: 切替申込の一括処理、共同利用の判定、台帳
///
/// Exchange of shared-use data between Japanese electricity retailers, transmission operators and OCCTO.
#[derive(Debug, Parser)]
#[command(name = "occto", version, propagate_version = true)]
pub struct Cli {
    /// 表示の言語 / language of what is printed
    #[arg(long, global = true, value_name = "ja|en", env = "OCCTO_LANG", default_value = "ja", value_parser = lang)]
    pub lang: Lang,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// 切替申込の処理 / switching cases
    #[command(subcommand)]
    Switch(Switch),
    /// 計量データ（30分電力量・確定使用量） / meter data
    #[command(subcommand)]
    Meter(Meter),
    /// ベースラインの算定 / baselines of demand response
    #[command(subcommand)]
    Baseline(Baseline),
    /// 計画の作成・検査・提出 / plans to OCCTO
    #[command(subcommand)]
    Plan(super::plan::PlanCommand),
    /// ファイルの検査（エラーがあれば終了コード1） / findings for any supported file; exit 1 on an error
    Check(Check),
    /// 共同利用の可否を項目ごとに説明 / decide a disclosure item by item
    Explain(Explain),
    /// 共同利用の通知 / published notices
    #[command(subcommand)]
    Notice(NoticeCommand),
    /// 送信箱を処理し続ける（複数台で共有可） / a worker: sends, asks and polls until it is stopped
    Work(super::work::Work),
    /// 送信箱の確認と送達不明の決裁 / what waits, and what a person decides about it
    #[command(subcommand)]
    Outbox(super::outbox::OutboxCommand),
    /// 提供の台帳 / the ledger of disclosures
    #[command(subcommand)]
    Ledger(Ledger),
    /// 証明書の内容と有効期限 / certificates, and when they end
    #[command(subcommand)]
    Cert(Cert),
    /// 接続設定の検査 / the configuration
    #[command(subcommand)]
    Config(Config),
    /// 相手方ごとの回線の様子（受付時間、停止、失敗、証明書の残り日数） / how the lines to the counterparties are
    Status(StatusArgs),
    /// 保有情報: 役割と目的に応じた閲覧、相違、管理責任者 / what is held, by role and purpose
    #[command(subcommand)]
    Held(super::steward::held::Held),
    /// お客さまの請求: 開示・訂正・利用停止・消去 / the customer's rights
    #[command(subcommand)]
    Subject(super::steward::subject::Subject),
    /// 保存期限と消去 / how long it is kept, and erasure
    #[command(subcommand)]
    Retention(super::steward::retention::Retention),
    /// 同意と撤回 / consents
    #[command(subcommand)]
    Consent(super::steward::consent::Consent),
    /// 委託先・媒介業者の契約 / contracts with consignees and brokers
    #[command(subcommand)]
    Consignee(super::steward::consignee::Consignees),
    /// 暗号化の鍵 / the keys of the encryption
    #[command(subcommand)]
    Key(super::steward::key::Keys),
    /// 集計値の公表 / release of aggregates
    #[command(subcommand)]
    Release(Releases),
    /// 相手方の模擬環境を起動 / serve the sandbox of counterparties
    Sandbox(SandboxArgs),
}

fn lang(text: &str) -> Result<Lang, String> {
    Lang::from_key(text).ok_or_else(|| "ja または en / `ja` or `en`".to_owned())
}

/// Switching cases.
#[derive(Debug, Subcommand)]
pub enum Switch {
    /// 申込ファイルを最後まで処理 / take a file of applications to its end
    Run(Run),
    /// 申込ファイルを登録して送信（--approve で承認待ち） / prepare and send a file
    Submit(Submit),
    /// 承認待ちの一括を内容確認のうえ送信可にする / release a prepared batch as a second person
    Approve(Approve),
    /// 通知と応答を取得して続ける / fetch notices and go on
    Poll(Poll),
    /// 受信した廃止取次を判断 / judge incoming cancellation agencies
    Judge(Judge),
    /// 案件の一覧 / where the cases stand
    Status(Status),
    /// お客さまの申出による取消 / cancel a case on the customer's wish
    Cancel(Cancel),
    /// 保留を解除して続ける / let a held case go on
    Release(Release),
}

/// Where data lives and with whom it is exchanged.
#[derive(Args, Clone, Debug)]
pub struct Place {
    /// Where data lives.
    #[command(flatten)]
    pub shelf: Shelf,
    /// 接続設定（相手方・証明書。省略時は環境変数 OCCTO_CONFIG） / counterparties and certificates
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// 今日の日付（省略時は日本時間の今日、模擬環境ではその日付） / today, JST
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<Date>,
}

/// How long a message of unknown outcome is waited for.
#[derive(Args, Clone, Copy, Debug)]
pub struct Settle {
    /// 送達不明の電文を照会するまでの待ち時間（秒、届く途中の電文を待つ） / an unknown outcome is not asked for sooner
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = settle)]
    pub settle: Duration,
}

fn settle(text: &str) -> Result<Duration, String> {
    // Well below what is taken for a clock that jumped.
    let time = seconds(text).ok().filter(|time| *time + Duration::from_secs(60) <= LONGEST_DELAY);
    time.ok_or_else(|| "0から840までの秒数で指定してください / a number of seconds from 0 to 840".to_owned())
}

/// A time as an argument.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let time = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.filter(|time| *time <= Duration::from_secs(86_400))
        .ok_or_else(|| "0から86400までの秒数で指定してください / a number of seconds from 0 to 86400".to_owned())
}

/// Take a file to its end.
#[derive(Args, Clone, Debug)]
pub struct Run {
    /// 申込ファイル（CSVまたはxlsx） / file of applications, CSV or xlsx
    pub file: PathBuf,
    /// 模擬環境で実行 / run against the built-in sandbox
    #[arg(long)]
    pub sandbox: bool,
    /// 模擬環境の世界ファイル（省略時は内蔵の例） / world file of the sandbox
    #[arg(long, value_name = "FILE", requires = "sandbox")]
    pub world: Option<PathBuf>,
    /// 模擬環境の乱数の種 / seed of the sandbox
    #[arg(long, value_name = "N", requires = "sandbox")]
    pub seed: Option<u64>,
    /// Where data lives.
    #[command(flatten)]
    pub place: Place,
    /// How long a message of unknown outcome is waited for.
    #[command(flatten)]
    pub settle: Settle,
    /// 結果フォルダ / folder of the results
    #[arg(long, value_name = "DIR", default_value = "occto-out")]
    pub out: PathBuf,
    /// 共同利用の通知 / the notice everything is cleared against
    #[arg(long, value_name = "NAME|FILE", default_value = "common-core")]
    pub notice: String,
    /// 結果をJSONで表示 / print the result as JSON
    #[arg(long)]
    pub json: bool,
    /// results.xlsx も作成 / write results.xlsx too
    #[arg(long)]
    pub xlsx: bool,
}

/// Prepare and send a file.
#[derive(Args, Clone, Debug)]
pub struct Submit {
    /// 申込ファイル（CSVまたはxlsx） / file of applications
    pub file: PathBuf,
    /// 送信せず、二人目の承認を待つ（四つの目） / prepare only: a second person releases
    #[arg(long)]
    pub approve: bool,
    /// 担当者名 / who prepares (default: the login name)
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Where data lives.
    #[command(flatten)]
    pub place: Place,
    /// How long a message of unknown outcome is waited for.
    #[command(flatten)]
    pub settle: Settle,
    /// 共同利用の通知 / the notice everything is cleared against
    #[arg(long, value_name = "NAME|FILE", default_value = "common-core")]
    pub notice: String,
    /// 結果をJSONで表示 / print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Release a prepared batch.
#[derive(Args, Clone, Debug)]
pub struct Approve {
    /// 一括の番号（省略時は承認待ちが一つならそれ） / number of the batch
    #[arg(long, value_name = "N")]
    pub batch: Option<i64>,
    /// 承認者名（作成者とは別の人） / who releases: another person than who prepared
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// 要約の確認を省く / do not ask after the summary
    #[arg(long)]
    pub yes: bool,
    /// Where data lives.
    #[command(flatten)]
    pub place: Place,
}

/// Go on.
#[derive(Args, Clone, Debug)]
pub struct Poll {
    /// Where data lives.
    #[command(flatten)]
    pub place: Place,
    /// How long a message of unknown outcome is waited for.
    #[command(flatten)]
    pub settle: Settle,
    /// 最新の一括の結果フォルダ（省略時は書き出さない） / write the results of the newest batch there
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// 結果をJSONで表示 / print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Judge incoming cancellation agencies.
#[derive(Args, Clone, Debug)]
pub struct Judge {
    /// 自社の契約者台帳（CSV: 供給地点特定番号,契約番号,契約名義,住所,建物名） / our own customers
    #[arg(long, value_name = "FILE", required_unless_present = "number")]
    pub customers: Option<PathBuf>,
    /// 人が判断する廃止取次番号 / the cancellation agency a person judges
    #[arg(long, value_name = "NUMBER", requires = "verdict")]
    pub number: Option<String>,
    /// 人の判断: ok または NG理由のキー（カンマ区切り） / `ok`, or keys of NG reasons
    #[arg(long, value_name = "ok|REASON,…", requires = "number")]
    pub verdict: Option<String>,
    /// 担当者名 / who judges
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Where data lives.
    #[command(flatten)]
    pub place: Place,
    /// How long a message of unknown outcome is waited for.
    #[command(flatten)]
    pub settle: Settle,
    /// 結果をJSONで表示 / print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Where the cases stand.
#[derive(Args, Clone, Debug)]
pub struct Status {
    /// Where data lives.
    #[command(flatten)]
    pub shelf: Shelf,
    /// 結果をJSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Cancel a case.
#[derive(Args, Clone, Debug)]
pub struct Cancel {
    /// 受付番号 / receipt number
    pub receipt: String,
    /// 取消理由 / why: customer, cooling-off, mistake
    #[arg(long, value_name = "REASON", default_value = "customer")]
    pub reason: String,
    /// Where data lives.
    #[command(flatten)]
    pub place: Place,
    /// How long a message of unknown outcome is waited for.
    #[command(flatten)]
    pub settle: Settle,
}

/// Let a held case go on.
#[derive(Args, Clone, Debug)]
pub struct Release {
    /// 受付番号 / receipt number
    pub receipt: String,
    /// 担当者名 / who lets it go on (default: the login name)
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Where data lives.
    #[command(flatten)]
    pub place: Place,
    /// How long a message of unknown outcome is waited for.
    #[command(flatten)]
    pub settle: Settle,
}

/// Findings for files.
#[derive(Args, Clone, Debug)]
pub struct Check {
    /// 検査するファイル / files
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// 今日の日付 / today, JST
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<Date>,
    /// 指摘をJSONで表示 / print findings as JSON
    #[arg(long)]
    pub json: bool,
}

/// Decide a disclosure.
#[derive(Args, Clone, Debug)]
pub struct Explain {
    /// 通知 / notice
    #[arg(long, value_name = "NAME|FILE")]
    pub notice: String,
    /// 提供する者（例 retailer:40113） / sender
    #[arg(long, value_name = "ROLE[:CODE]")]
    pub from: String,
    /// 提供を受ける者（例 operator:03） / recipient
    #[arg(long, value_name = "ROLE[:CODE]")]
    pub to: String,
    /// 利用目的のキー / key of the purpose
    #[arg(long, value_name = "PURPOSE")]
    pub purpose: String,
    /// 項目のキー（カンマ区切り） / keys of the items
    #[arg(long, value_name = "A,B,…")]
    pub items: String,
    /// 供給地点特定番号 / supply point id
    #[arg(long, value_name = "ID")]
    pub point: Option<String>,
    /// 供給の種類: ordinary, island, last-resort / kind of supply
    #[arg(long, value_name = "KIND", default_value = "ordinary")]
    pub supply: String,
    /// 根拠資料（例 consent:C-1） / evidence
    #[arg(long, value_name = "KIND:REF")]
    pub evidence: Vec<String>,
    /// JSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Serve the sandbox.
#[derive(Args, Clone, Debug)]
pub struct SandboxArgs {
    /// 待受アドレス / address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8700")]
    pub listen: String,
    /// 世界ファイル（省略時は内蔵の例） / world file
    #[arg(long, value_name = "FILE")]
    pub world: Option<PathBuf>,
    /// 乱数の種 / seed
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// 模擬環境の最初の日付 / first day of the clock
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<Date>,
}
