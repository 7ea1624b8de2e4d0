//! `occto baseline`.

mod compute;
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
}

/// Compute baselines.
#[derive(Args, Clone, Debug)]
pub struct Compute {
    /// 計量値のCSV、またはそのフォルダ（供給地点特定番号,年月日,コマ,電力量kWh） / readings: a CSV file or a folder of them
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
    /// 算定方法 / method
    #[arg(long, value_name = "KEY", default_value = "high-4-of-5")]
    pub method: String,
    /// 選択肢（例: low-use-mean=once、U4=none） / what the rule leaves open
    #[arg(long = "option", value_name = "K=V")]
    pub options: Vec<String>,
    /// 結果をJSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
    /// 算定過程をJSONで書き出す / write the whole trace as JSON
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// 今日の日付（省略時は日本時間の今日） / today, JST
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<Date>,
}

/// Runs a command on baselines.
pub fn baseline(command: &Baseline, lang: Lang) -> Result<ExitCode, Failure> {
    match command {
        Baseline::Compute(args) => compute::compute(args, lang),
    }
}
