//! `occto meter`.

mod fetch;
mod gaps;
mod ingest;
mod read;
mod show;
mod write;

use super::{Failure, exit};
use crate::desk::view::Lang;
use clap::Subcommand;
use std::process::ExitCode;

/// Meter data.
#[derive(Debug, Subcommand)]
pub enum Meter {
    /// 一般送配電事業者から計量ファイルを取得 / fetch files of meter data from the operators
    Fetch(fetch::Fetch),
    /// 計量ファイルを取り込む（自社の契約にない地点は取り込まない） / take files in: once, whole, and only what is ours
    Ingest(ingest::Ingest),
    /// 届いていないファイル・地点・コマを調べる（あれば終了コード1） / what is missing, late or revised; exit 1 where something is missing
    Gaps(gaps::Gaps),
    /// 地点の一日を48コマの表と図で表示 / the day of a point, slot by slot
    Show(show::Show),
    /// 計量ファイルを読む（表・CSV・JSON・Parquet） / read files of meter data
    Read(read::Read),
    /// 30分値のCSVから計量ファイルを作成（審査のうえ） / write files of meter data from a CSV, once cleared
    Write(write::Write),
}

/// Does what is asked with meter data.
pub fn meter(command: &Meter, lang: Lang) -> Result<ExitCode, Failure> {
    match command {
        Meter::Fetch(args) => fetch::fetch(args, lang),
        Meter::Ingest(args) => ingest::ingest(args, lang),
        Meter::Gaps(args) => gaps::gaps(args, lang),
        Meter::Show(args) => show::show(args, lang),
        Meter::Read(args) => read::read(args, lang),
        Meter::Write(args) => write::write(args, lang),
    }
}
