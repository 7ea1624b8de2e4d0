//! `occto meter`.

mod fetch;

use super::{Failure, exit};
use crate::desk::view::Lang;
use clap::Subcommand;
use std::process::ExitCode;

/// Meter data.
#[derive(Debug, Subcommand)]
pub enum Meter {
    /// 一般送配電事業者から計量ファイルを取得 / fetch files of meter data from the operators
    Fetch(fetch::Fetch),
}

/// Does what is asked with meter data.
pub fn meter(command: &Meter, lang: Lang) -> Result<ExitCode, Failure> {
    match command {
        Meter::Fetch(args) => fetch::fetch(args, lang),
    }
}
