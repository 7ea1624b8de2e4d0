//! `occto meter read`.

use crate::cli::out::say;
use crate::cli::{Failure, exit, progress, table};
use crate::desk::metering::{FileRead, Form, Meterage, files_of, read_files};
use crate::desk::output::write_atomically;
use crate::desk::view::Lang;
use crate::wire::Charset;
use clap::{Args, ValueEnum};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// Read files of meter data.
#[derive(Args, Clone, Debug)]
pub struct Read {
    /// 計量ファイル（.xml・.zip）またはフォルダ / files of meter data, or folders of them
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// 出力の形 / what to make of them
    #[arg(long, value_name = "FORM", default_value = "summary")]
    pub to: To,
    /// 出力先（parquetではフォルダ、省略時は標準出力） / where to (a folder for parquet; default: standard output)
    #[arg(long, value_name = "F")]
    pub out: Option<PathBuf>,
    /// CSVの文字コード / charset of the CSV
    #[arg(long, value_name = "NAME", default_value = "cp932")]
    pub charset: CsvCharset,
}

/// What to make of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum To {
    /// 表 / a table
    Summary,
    /// CSV
    Csv,
    /// JSON
    Json,
    /// Parquet
    Parquet,
}

/// The charsets a spreadsheet opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CsvCharset {
    /// Shift_JIS of Windows
    Cp932,
    /// UTF-8
    #[value(name = "utf-8", alias = "utf8")]
    Utf8,
}

impl From<CsvCharset> for Charset {
    fn from(charset: CsvCharset) -> Charset {
        match charset {
            CsvCharset::Cp932 => Charset::Cp932,
            CsvCharset::Utf8 => Charset::Utf8,
        }
    }
}

/// Reads files and prints or writes what they hold; exit 1 where a finding is an error.
pub fn read(args: &Read, lang: Lang) -> Result<ExitCode, Failure> {
    let files = files_of(&args.files).map_err(|error| {
        Failure::usage(format!("フォルダを読めません（{0}） / cannot read a folder: {0}", error.kind()))
    })?;
    if files.is_empty() {
        let text = "計量ファイル（.xml・.zip）がありません / there is no file of meter data";
        return Err(Failure::usage(text.to_owned()));
    }
    let form = match (args.to, &args.out) {
        (To::Summary, _) => Form::Summary,
        (To::Csv, _) => Form::Csv(args.charset.into()),
        (To::Json, _) => Form::Json,
        (To::Parquet, Some(folder)) => Form::Parquet(folder.clone()),
        (To::Parquet, None) => {
            let text = "--to parquet には出力先のフォルダ --out が必要です / --to parquet needs a folder: --out";
            return Err(Failure::usage(text.to_owned()));
        }
    };
    let meterage = Meterage::default();
    let all = files.iter().map(|path| path.metadata().map_or(0, |about| about.len())).sum();
    let reads = progress::metering(all, &meterage, || match (&form, &args.out) {
        (Form::Csv(_) | Form::Json, Some(out)) => {
            let mut reads = Vec::new();
            write_atomically(out, |file| {
                reads = read_files(&files, &form, &meterage, &mut |octets| file.write_all(octets))?;
                Ok(())
            })?;
            Ok(reads)
        }
        (Form::Csv(_) | Form::Json, None) => {
            let mut out = io::stdout().lock();
            let reads = read_files(&files, &form, &meterage, &mut |octets| out.write_all(octets));
            reads.map_err(|error| printing(&error))
        }
        _ => read_files(&files, &form, &meterage, &mut |_| Ok(())).map_err(|error| printing(&error)),
    })?;
    let to_terminal = args.out.is_none() && matches!(form, Form::Csv(_) | Form::Json);
    report(&reads, args, to_terminal, lang)?;
    Ok(exit(u8::from(reads.iter().any(FileRead::has_errors))))
}

/// The table and the findings: on the error stream where the rows themselves go to the standard output.
fn report(reads: &[FileRead], args: &Read, aside: bool, lang: Lang) -> Result<(), Failure> {
    let mut text = String::new();
    for finding in reads.iter().flat_map(|read| &read.findings) {
        text.push_str(&format!("{finding}\n"));
    }
    text.push_str(&table::meter_files(reads, lang, progress::terminal_width()));
    if aside {
        eprint!("{text}");
        return Ok(());
    }
    match (&args.out, args.to) {
        (Some(out), To::Summary) => write_atomically(out, |file| file.write_all(text.as_bytes()))?,
        _ => say!("{}", text.trim_end()),
    }
    Ok(())
}

fn printing(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        // A reader that has seen enough is not an error.
        std::process::exit(0);
    }
    Failure::usage(format!("出力できません（{0}） / cannot write: {0}", error.kind()))
}
