//! `occto baseline`.

mod compare;
mod compute;
mod ground;
mod plot;
mod read;
mod share;
mod show;

use super::Failure;
use crate::desk::view::Lang;
use crate::items::Date;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// Baselines.
#[derive(Debug, Subcommand)]
pub enum Baseline {
    /// ベースラインを算定 / compute baselines, with everything they come about from
    Compute(Box<Compute>),
    /// 発動日の図（使用量・候補日・ベースライン・需要制御量）を作成 / draw load, candidate days, baseline and reduction
    Plot(Box<Plot>),
    /// 算定方法を並べて比較し、過去の日での誤差を調べる / all methods side by side, and how far each misses on past days
    Compare(Box<Compare>),
    /// ベースラインと需要抑制量を提供先ごとのファイルにする / clear baselines and reductions for one recipient
    Share(Box<Share>),
    /// 受け取ったネガワット電文とOpenADRのベースライン報告を読む / read negawatt messages and OpenADR baseline reports
    Read(Read),
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
    /// 発動日（カンマ区切りで複数） / day of the event; several with commas
    #[arg(long, value_name = "YYYY-MM-DD", value_delimiter = ',', required = true)]
    pub event: Vec<Date>,
    /// 発動のコマ（1〜48、日をまたぐときは 47-2。発動日ごと、またはすべてに1つ） / slots of the event, 1 to 48; `47-2` crosses
    /// midnight; one span for each day, or one for all
    #[arg(long, value_name = "A-B", value_delimiter = ',', required = true)]
    pub slots: Vec<String>,
    /// 過去のDR実施日（カンマ区切り） / past days of demand response
    #[arg(long, value_name = "D,D", value_delimiter = ',')]
    pub dr_days: Vec<Date>,
    /// 発動したが応動のなかった日（選択肢 unanswered が扱いを決める） / days that were called and not answered (see the option
    /// `unanswered`)
    #[arg(long, value_name = "D,D", value_delimiter = ',')]
    pub unanswered: Vec<Date>,
    /// 除外申請の日とその証拠（例 2026-08-05=指令メール） / a day left out on request, and what proves it; may be repeated
    #[arg(long, value_name = "D=EVIDENCE")]
    pub exclude: Vec<String>,
    /// 基準値計画（算定方法 forecast）のCSV。列は計量値と同じ / submitted forecasts (method `forecast`), in the columns of
    /// readings
    #[arg(long, value_name = "FILE|DIR")]
    pub forecast: Option<PathBuf>,
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
    /// 提供の形: 供給地点別、月の合計の通知、OpenADR 3.1の報告 / what it is made into: by point, a note of the month's total, a report of
    /// OpenADR 3.1
    #[arg(long = "as", value_name = "FORM", default_value = "points")]
    pub form: Form,
    /// 月の合計の通知の類型（1-1、1-2、2） / type of the trade, for a note
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// OpenADR: 相手方が付けた発動の識別子 / the event as the recipient named it
    #[arg(long, value_name = "ID")]
    pub event_id: Option<String>,
    /// OpenADR: 相手方と合意した報告者の名前 / who reports, as agreed
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
    /// OpenADR: 相手方と合意した地点の名前（省略時は全地点の合計） / what the point is called, as agreed; without it the sum of all
    #[arg(long, value_name = "NAME")]
    pub resource: Option<String>,
    /// データフォルダ（台帳） / data folder, with the ledger
    #[arg(long, value_name = "DIR", env = "OCCTO_DATA", default_value = "occto-data")]
    pub data: PathBuf,
    /// 提供するファイルのフォルダ / folder of the files to be handed over
    #[arg(long, value_name = "DIR", default_value = "occto-out")]
    pub out: PathBuf,
    /// 共同利用の通知 / the notice everything is cleared against
    #[arg(long, value_name = "NAME|FILE", default_value = "common-core")]
    pub notice: String,
}

/// What is made of baselines that are shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// ベースライン通知と需要抑制量通知（供給地点別） / baseline and suppression notices by point
    Points,
    /// 第三者仲介精算通知（月の合計のみ） / third-party settlement note, the total of a month
    ThirdPartyNote,
    /// ネガワット調整金通知（月の合計のみ） / compensation note, the total of a month
    CompensationNote,
    /// OpenADR 3.1のBASELINE報告 / BASELINE report of OpenADR 3.1
    Openadr,
}

/// Read what others shared.
#[derive(Args, Clone, Debug)]
pub struct Read {
    /// ネガワット電文（JSON）またはOpenADR 3.1の報告 / negawatt messages, or reports of OpenADR 3.1
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// 結果をJSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Runs a command on baselines.
pub fn baseline(command: &Baseline, lang: Lang) -> Result<ExitCode, Failure> {
    match command {
        Baseline::Compute(args) => compute::compute(args, lang),
        Baseline::Plot(args) => plot::plot(args, lang),
        Baseline::Compare(args) => compare::compare(args, lang),
        Baseline::Share(args) => share::share(args, lang),
        Baseline::Read(args) => read::read(args, lang),
    }
}
