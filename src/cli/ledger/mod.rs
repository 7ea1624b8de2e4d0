//! `occto ledger`.

mod export;
mod show;
mod verify;

pub use show::export;

use super::Failure;
use super::shelf::Shelf;
use crate::desk::ledger::AuditError;
use crate::desk::view::Lang;
use crate::store::{KeyError, KeySource};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// The ledger.
#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// 台帳を表示 / print the lines
    Show {
        /// Where it is.
        #[command(flatten)]
        place: Shelf,
        /// 1行1JSONで表示 / one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// 台帳の連鎖・署名・証明書を検証（異常の場所を示し、終了コード1） / verify chain, signatures or a proof; says the first bad line
    Verify(Verify),
    /// 台帳に署名してチェックポイントを作成 / sign size and root of the ledger
    Checkpoint(Checkpoint),
    /// 署名鍵を作成 / make a signing key
    Key {
        /// 鍵のファイル（所有者だけが読める新しいファイル） / new file that only its owner can read
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// 台帳の名前 / name of the ledger
        #[arg(long, value_name = "NAME", default_value = ORIGIN)]
        origin: String,
    },
    /// 証明書を作成（行の包含、または台帳が伸びただけであること） / prove that a line is in, or that it only grew
    Prove(Prove),
    /// お客さま・監督官庁に渡す書き出し / what is handed to a customer or a regulator
    Export(Export),
    /// 集計: 目的・提供先・項目ごとの提供、条項ごとの拒否、年ごとの法令請求 / what the lines add up to
    Stats {
        /// Where it is.
        #[command(flatten)]
        place: Shelf,
        /// この年だけ / of this year only
        #[arg(long, value_name = "YYYY")]
        year: Option<i16>,
        /// JSONで表示 / print as JSON
        #[arg(long)]
        json: bool,
    },
}

/// The name of a ledger whose owner gave it none.
const ORIGIN: &str = "occto-ledger";

/// Verify the ledger.
#[derive(Args, Clone, Debug)]
pub struct Verify {
    /// Where it is.
    #[command(flatten)]
    pub place: Shelf,
    /// 書き出した台帳（ledger.jsonl）を、データフォルダなしで検証 / an exported ledger, verified without the data folder
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// 証明書を検証 / verify a proof
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    pub proof: Option<PathBuf>,
    /// チェックポイント（省略時はデータフォルダにあるすべて） / checkpoints (default: all of the data folder)
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,
    /// 検証鍵: 文字列、またはそのファイル / verifier key: its text, or a file with it
    #[arg(long, value_name = "KEY|FILE")]
    pub public_key: Option<String>,
    /// 結果をJSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Sign the ledger.
#[derive(Args, Clone, Debug)]
pub struct Checkpoint {
    /// Where it is.
    #[command(flatten)]
    pub place: Shelf,
    /// 署名鍵: file:パス（0600）、env:環境変数名、command:コマンド / signing key
    #[arg(long, value_name = "SOURCE")]
    pub key: KeySource,
    /// 台帳の名前 / name of the ledger
    #[arg(long, value_name = "NAME", default_value = ORIGIN)]
    pub origin: String,
    /// 鍵を替える / the key is another one than before
    #[arg(long)]
    pub new_key: bool,
    /// チェックポイントの写し / a copy of the checkpoint, to be kept elsewhere
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Prove something of the ledger.
#[derive(Args, Clone, Debug)]
pub struct Prove {
    /// Where it is.
    #[command(flatten)]
    pub place: Shelf,
    /// 包含証明: この行が台帳にあること / that this line is in the ledger
    #[arg(long, value_name = "N", required_unless_present = "from")]
    pub line: Option<u64>,
    /// 整合証明: この古いチェックポイントから伸びただけであること / that it only grew since this older checkpoint
    #[arg(long, value_name = "FILE", conflicts_with = "line")]
    pub from: Option<PathBuf>,
    /// チェックポイント（省略時は最新） / the checkpoint (default: the newest)
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
    /// 証明書のファイル（省略時は表示） / file of the proof (default: print it)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// For whom a ledger is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Reader {
    /// お客さま: the lines about one point, each with its proof
    Customer,
    /// 監督官庁: the whole ledger
    Regulator,
}

/// Hand the ledger out.
#[derive(Args, Clone, Debug)]
pub struct Export {
    /// Where it is.
    #[command(flatten)]
    pub place: Shelf,
    /// だれに渡すか / for whom
    #[arg(long = "for", value_name = "customer|regulator")]
    pub reader: Reader,
    /// お客さまの供給地点特定番号 / the customer's supply point id
    #[arg(long, value_name = "ID", required_if_eq("reader", "customer"))]
    pub point: Option<String>,
    /// お客さまの氏名 / the customer's name
    #[arg(long, value_name = "NAME", default_value = "")]
    pub name: String,
    /// 記録済みの請求の番号（subject report などが表示） / number of a recorded request of the customer
    #[arg(long, value_name = "N", conflicts_with = "identity")]
    pub request: Option<i64>,
    /// 本人確認の方法と記録番号（例 driving-licence:K-12、請求の記録がないとき） / how the identity was checked, without a request
    #[arg(long, value_name = "METHOD:REF")]
    pub identity: Option<String>,
    /// 法令に基づく命令の参照番号 / reference of the order under law
    #[arg(long, value_name = "REF")]
    pub order: Option<String>,
    /// 渡すファイルのフォルダ / folder of what is handed out
    #[arg(long, value_name = "DIR", default_value = "occto-out/ledger")]
    pub out: PathBuf,
}

/// Runs a command on the ledger.
pub fn ledger(command: &Ledger, lang: Lang) -> Result<ExitCode, Failure> {
    match command {
        Ledger::Show { place, json } => show::show(place, *json),
        Ledger::Verify(args) => verify::verify(args),
        Ledger::Checkpoint(args) => verify::checkpoint(args),
        Ledger::Key { out, origin } => verify::key(out, origin),
        Ledger::Prove(args) => verify::prove(args),
        Ledger::Export(args) => export::hand_out(args),
        Ledger::Stats { place, year, json } => show::stats(place, *year, *json, lang),
    }
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Failure {
        Failure::usage(error.to_string())
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Failure {
        Failure::usage(error.to_string())
    }
}
