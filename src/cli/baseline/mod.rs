//! `occto baseline`.

mod compare;
mod compute;
mod ground;
mod plot;
mod share;
mod show;

use super::Failure;
use crate::desk::view::Lang;
use crate::items::Date;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Baselines.
#[derive(Debug, Subcommand)]
pub enum Baseline {
    /// ベースラインを算定 / compute baselines, with everything they come about from
    Compute(Compute),
    /// 発動日の図（使用量・候補日・ベースライン・需要制御量）を作成 / draw load, candidate days, baseline and reduction
    Plot(Plot),
    /// 算定方法を並べて比較し、過去の日での誤差を調べる / all methods side by side, and how far each misses on past days
    Compare(Compare),
    /// ベースラインと需要抑制量を提供先ごとのファイルにする / clear baselines and reductions for one recipient
    Share(Share),
}

/// What every command on baselines reads.
#[derive(Args, Clone, Debug)]
pub struct Asked {
    /// 計量値のCSVかそのフォルダ（供給地点特定番号,年月日,コマ,電力量kWh）、またはデータフォルダ / readings: a CSV file, a folder
    /// of them, or a data folder with ingested readings
    #[arg(long, value_name = "FILE|DIR")]
    pub readings: PathBuf,
    /// 供給地点特定番号、または all / supply point id, or `all`
    #[arg(long, value_name = "ID|all")]
    pub point: String,
    /// 発動日 / day of the event
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub event: Date,
    /// 発動のコマ（1〜48、日をまたぐときは 47-2） / slots of the event, 1 to 48; `47-2` crosses midnight
    #[arg(long, value_name = "A-B")]
    pub slots: String,
    /// 過去のDR実施日（カンマ区切り） / past days of demand response
    #[arg(long, value_name = "D,D", value_delimiter = ',')]
    pub dr_days: Vec<Date>,
    /// 国民の祝日に加えて休日とする日（1行に1日、YYYY-MM-DD） / further days that count as holidays, one a line
    #[arg(long, value_name = "FILE")]
    pub holidays: Option<PathBuf>,
    /// 選択肢（例: low-use-mean=once、U4=none） / what the rule leaves open
    #[arg(long = "option", value_name = "K=V")]
    pub options: Vec<String>,
    /// 今日の日付（省略時は日本時間の今日） / today, JST
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<Date>,
}

/// Compute baselines.
#[derive(Args, Clone, Debug)]
pub struct Compute {
    /// What is computed.
    #[command(flatten)]
    pub asked: Asked,
    /// 算定方法 / method
    #[arg(long, value_name = "KEY", default_value = "high-4-of-5")]
    pub method: String,
    /// 結果をJSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
    /// 算定過程を書き出す（.html は算定書、ほかはJSON） / write the whole trace: .html as a page to be read, else JSON
    #[arg(long, value_name = "FILE.json|.html")]
    pub trace: Option<PathBuf>,
}

/// Draw a baseline.
#[derive(Args, Clone, Debug)]
pub struct Plot {
    /// What is computed.
    #[command(flatten)]
    pub asked: Asked,
    /// 算定方法 / method
    #[arg(long, value_name = "KEY", default_value = "high-4-of-5")]
    pub method: String,
    /// 図のファイル / file of the picture
    #[arg(long, value_name = "FILE.svg|.html|.png")]
    pub out: PathBuf,
}

/// Compare methods.
#[derive(Args, Clone, Debug)]
pub struct Compare {
    /// What is computed.
    #[command(flatten)]
    pub asked: Asked,
    /// 比較する算定方法（カンマ区切り、省略時は受電点の下げDRのすべて） / methods (default: all for a reduction at the point)
    #[arg(long, value_name = "KEY,KEY", value_delimiter = ',')]
    pub methods: Vec<String>,
    /// 誤差を調べる過去の日数 / so many past days are tried
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub days: u16,
    /// 結果をJSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
    /// 誤差の図のファイル / file of a picture of the errors
    #[arg(long, value_name = "FILE.svg|.html|.png")]
    pub out: Option<PathBuf>,
}

/// Share baselines.
#[derive(Args, Clone, Debug)]
pub struct Share {
    /// What is computed.
    #[command(flatten)]
    pub asked: Asked,
    /// 算定方法 / method
    #[arg(long, value_name = "KEY", default_value = "high-4-of-5")]
    pub method: String,
    /// 提供する者: 需要抑制契約者（例 suppression-contractor:80013） / who shares
    #[arg(long, value_name = "ROLE:CODE")]
    pub from: String,
    /// 提供先（例 retailer:40113、operator:03、occto） / to whom
    #[arg(long, value_name = "ROLE:CODE")]
    pub to: String,
    /// 契約一覧のCSV（供給地点特定番号,小売電気事業者コード,開始日,終了日） / whose customers the points are
    #[arg(long, value_name = "FILE")]
    pub contracts: Option<PathBuf>,
    /// データフォルダ（台帳） / data folder, with the ledger
    #[arg(long, value_name = "DIR", default_value = "occto-data")]
    pub data: PathBuf,
    /// 提供するファイルのフォルダ / folder of the files to be handed over
    #[arg(long, value_name = "DIR", default_value = "occto-out")]
    pub out: PathBuf,
    /// 共同利用の通知 / the notice everything is cleared against
    #[arg(long, value_name = "NAME", default_value = "common-core")]
    pub notice: String,
}

/// Runs a command on baselines.
pub fn baseline(command: &Baseline, lang: Lang) -> Result<ExitCode, Failure> {
    match command {
        Baseline::Compute(args) => compute::compute(args, lang),
        Baseline::Plot(args) => plot::plot(args, lang),
        Baseline::Compare(args) => compare::compare(args, lang),
        Baseline::Share(args) => share::share(args, lang),
    }
}
