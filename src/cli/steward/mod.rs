//! お客さまの情報の管理: `occto held`, `subject`, `retention`, `consent`, `consignee`, `key`.

pub mod consent;
pub mod consignee;
pub mod day;
pub mod held;
pub mod key;
pub mod retention;
pub mod subject;
pub mod words;

use super::Failure;
use super::explain;
use super::out::say;
use super::shelf::Shelf;
use super::switch::{in_use, who, working_notice};
use crate::desk::subject::{Key, Refused};
use crate::items::{BusinessCode, Date, DateTime, SupplyPointId};
use crate::notice::{Notice, NoticeKind, Party, Role};
use crate::store::Store;
use clap::Args;
use std::path::Path;
use std::process::ExitCode;

/// Where the data lives, who we are and what day it is.
#[derive(Args, Clone, Debug)]
pub struct House {
    /// Where the data lies.
    #[command(flatten)]
    pub shelf: Shelf,
    /// 通知（省略時はデータフォルダの通知） / the notice (default: that of the data folder)
    #[arg(long, value_name = "NAME")]
    pub notice: Option<String>,
    /// 自社の事業者コード（省略時は登録済みの申込のもの） / our business code (default: that of the batches)
    #[arg(long, value_name = "CODE")]
    pub retailer: Option<String>,
    /// いつの日付で判断するか（省略時は日本時間の今日。後の日は模擬環境のデータだけ） / as of which day, JST: not a later one
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<Date>,
    /// 担当者名 / who does it (default: the login name)
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

/// By what a customer is looked for.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub struct Sought {
    /// 供給地点特定番号 / supply point id
    #[arg(long, value_name = "ID")]
    pub point: Option<String>,
    /// 契約番号 / contract number, or account number
    #[arg(long, value_name = "N")]
    pub contract: Option<String>,
    /// 電話番号 / telephone number
    #[arg(long, value_name = "N")]
    pub phone: Option<String>,
    /// 受付番号（読み取れなかった行） / receipt number, of a row that could not be read
    #[arg(long, value_name = "N")]
    pub receipt: Option<String>,
}

impl Sought {
    fn key(&self) -> Result<Key, Failure> {
        if let Some(text) = &self.point {
            let point = SupplyPointId::parse(text);
            return point
                .map(Key::Point)
                .map_err(|error| Failure::usage(format!("--point: {} / {}", error.ja(), error.en())));
        }
        let other = [
            self.contract.clone().map(Key::Contract),
            self.phone.clone().map(Key::Telephone),
            self.receipt.clone().map(Key::Receipt),
        ];
        other.into_iter().flatten().next().ok_or_else(|| {
            Failure::usage("--point か --contract を指定してください / name --point or --contract".to_owned())
        })
    }
}

/// The store with everything a steward needs to know.
struct Desk {
    store: Store,
    us: Party,
    notice: &'static Notice,
    by: String,
    now: DateTime,
}

impl House {
    fn open(&self) -> Result<Desk, Failure> {
        self.over(self.shelf.existing()?)
    }

    /// The same with a store that is open.
    fn over(&self, mut store: Store) -> Result<Desk, Failure> {
        let newest = store.read(|tx| tx.batches())?.pop().map(|batch| batch.retailer);
        let (named, own) = self.notice.as_deref().map(explain::chosen).transpose()?.unzip();
        let notice = match (working_notice(&mut store)?, named) {
            (Some(ours), Some(named)) if ours.key() != named.key() => return Err(in_use(ours.key())),
            (ours, named) => ours.or(named).map_or_else(|| explain::notice("common-core"), Ok)?,
        };
        let us = match self.retailer.clone().or(newest) {
            Some(code) => Party::retailer(
                BusinessCode::parse(&code)
                    .map_err(|error| Failure::usage(format!("--retailer: {} / {}", error.ja(), error.en())))?,
            ),
            // The company of a Californian notice has no Japanese business code.
            None if notice.kind() == NoticeKind::Exceptions => Party::of(Role::Retailer),
            None => {
                return Err(Failure::usage(
                    "自社の事業者コードが分かりません。--retailer で指定してください / name our business code with --retailer"
                        .to_owned(),
                ));
            }
        };
        let notice = with_periods(notice, &self.shelf.data)?;
        let now = day::as_of(&mut store, self.today)?;
        let by = who(self.by.clone());
        if let Some(named) = named {
            explain::keep(&mut store, (named, own.flatten().as_deref()), us, &by, now)?;
        }
        Ok(Desk { store, us, notice, by, now })
    }
}

/// The file of periods in a data folder: `[[keep]]` in the place of those of its notice.
const PERIODS: &str = "retention.toml";

/// A notice with the periods that the data folder sets.
fn with_periods(notice: &'static Notice, data: &Path) -> Result<&'static Notice, Failure> {
    let path = data.join(PERIODS);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(notice),
        Err(error) => {
            let why = crate::store::cause_ja(error.kind());
            return Err(Failure::usage(format!("{}: {why} / cannot read it: {}", path.display(), error.kind())));
        }
    };
    let with = notice.with_periods(&text);
    let with = with.map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    // One for the life of the process, as every notice is.
    Ok(Box::leak(Box::new(with)))
}

/// A refusal is an answer: it is printed and the exit code is 1. Only what failed is a failure.
fn refused(refused: Refused) -> Result<ExitCode, Failure> {
    match refused {
        Refused::Store(error) => Err(error.into()),
        refused => {
            say!("{refused}");
            Ok(super::exit(1))
        }
    }
}
