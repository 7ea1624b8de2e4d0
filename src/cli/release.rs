//! `occto release`.

use super::explain::notice;
use super::out::{print, say};
use super::way::japan_now;
use super::{Failure, exit};
use crate::desk::aggregate::{
    GatherError, Known, Memory, gather, months_between, read_classes, read_owners, release_line, statement, table_csv,
};
use crate::desk::output::write_atomically;
use crate::items::{BusinessCode, Item, ItemSet, YearMonth};
use crate::notice::aggregate::{AggregateRequest, CustomerClass, Dimension, Rule, Rules, release};
use crate::notice::{Clause, Decision, Outcome, Party, Purpose, Question, Role};
use crate::store::{Store, hex};
use clap::{Args, Subcommand};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Releases.
#[derive(Debug, Subcommand)]
pub enum Releases {
    /// 使用量の集計値を公表用に作成（個人の値が計算できないセルだけ） / a table of consumption from which nobody's own can be computed
    Aggregate(Aggregate),
}

/// Release aggregates.
#[derive(Args, Clone, Debug)]
pub struct Aggregate {
    /// 計量値のCSVかそのフォルダ、またはデータフォルダ / readings: a CSV, a folder of them, or a data folder
    #[arg(long, value_name = "FILE|DIR")]
    pub readings: PathBuf,
    /// 集計の軸: area, class, month（カンマ区切り） / by what the table is divided
    #[arg(long, value_name = "area,class,month", value_delimiter = ',', required = true)]
    pub by: Vec<String>,
    /// 規則: 15/15、15/20、5/25、100、custom:件数/割合。区分ごとは residential=100 のように追加 / the rule; `CLASS=RULE` for one class
    #[arg(long, value_name = "RULE", required = true)]
    pub rule: Vec<String>,
    /// 最初の月 / first month
    #[arg(long, value_name = "YYYY-MM")]
    pub from: String,
    /// 最後の月（省略時は最初の月） / last month (default: the first)
    #[arg(long, value_name = "YYYY-MM")]
    pub to: Option<String>,
    /// 区分一覧のCSV（供給地点特定番号,区分） / classes of the points
    #[arg(long, value_name = "FILE")]
    pub classes: Option<PathBuf>,
    /// 需要家一覧のCSV（供給地点特定番号,需要家番号）。省略時は供給地点ごとに1件 / whose the points are: a customer with several counts once
    #[arg(long, value_name = "FILE")]
    pub customers: Option<PathBuf>,
    /// 通知（集計値の公表を定めたもの） / a notice that lets aggregates be released
    #[arg(long, value_name = "NAME", default_value = "clean-power-alliance")]
    pub notice: String,
    /// 自社の事業者コード / our business code
    #[arg(long, value_name = "CODE")]
    pub retailer: Option<String>,
    /// データフォルダ（台帳と公表の記録） / data folder: the ledger, and what was released before
    #[arg(long, value_name = "DIR", default_value = "occto-data")]
    pub data: PathBuf,
    /// 公表する表のフォルダ / folder of the table
    #[arg(long, value_name = "DIR", default_value = "occto-out/aggregate")]
    pub out: PathBuf,
}

/// Runs a command on releases.
pub fn releases(command: &Releases) -> Result<ExitCode, Failure> {
    match command {
        Releases::Aggregate(args) => aggregate(args),
    }
}

fn month(option: &str, text: &str) -> Result<YearMonth, Failure> {
    YearMonth::parse(text).map_err(|error| Failure::usage(format!("{option}: {} / {}", error.ja(), error.en())))
}

fn rules(texts: &[String]) -> Result<Rules, Failure> {
    let rule = |text: &str| text.parse::<Rule>().map_err(|error| Failure::usage(format!("--rule: {error}")));
    let general = texts.iter().find(|text| !text.contains('='));
    let general = general.ok_or_else(|| {
        Failure::usage(
            "--rule: 全体の規則も指定してください（例: --rule 15/15） / name a rule for all classes, too".to_owned(),
        )
    })?;
    texts.iter().filter_map(|text| text.split_once('=')).try_fold(Rules::new(rule(general)?), |rules, (class, text)| {
        Ok(rules.with(super::explain::value::<CustomerClass>("--rule", class)?, rule(text)?))
    })
}

/// A list of what is said of supply points.
fn list<T>(path: &Path, read: impl Fn(&[u8]) -> Result<T, GatherError>) -> Result<T, Failure> {
    let octets = std::fs::read(path)
        .map_err(|error| Failure::usage(format!("{}: 読み込めません / cannot read: {error}", path.display())))?;
    read(&octets).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

fn aggregate(args: &Aggregate) -> Result<ExitCode, Failure> {
    let notice = notice(&args.notice)?;
    let rules = rules(&args.rule)?;
    let mut by = Vec::new();
    for text in &args.by {
        let dimension = super::explain::value::<Dimension>("--by", text)?;
        if !by.contains(&dimension) {
            by.push(dimension);
        }
    }
    let from = month("--from", &args.from)?;
    let to = args.to.as_deref().map_or(Ok(from), |to| month("--to", to))?;
    let months = months_between(from, to);
    if months.is_empty() {
        return Err(Failure::usage("--to が --from より前です / --to is before --from".to_owned()));
    }
    let sender = match &args.retailer {
        None => Party::of(Role::Retailer),
        Some(code) => Party::retailer(
            BusinessCode::parse(code)
                .map_err(|error| Failure::usage(format!("--retailer: {} / {}", error.ja(), error.en())))?,
        ),
    };
    if args.classes.is_none() && (by.contains(&Dimension::Class) || rules.tells_classes_apart()) {
        return Err(Failure::usage(
            "区分ごとの集計・規則には --classes（供給地点特定番号,区分 のCSV）が必要です / by class or with a rule for a class, name --classes".to_owned(),
        ));
    }
    if !args.readings.exists() {
        let shown = args.readings.display();
        return Err(Failure::usage(format!("「{shown}」がありません / there is no `{shown}`")));
    }
    let classes = args.classes.as_deref().map(|path| list(path, read_classes)).transpose()?;
    let customers = args.customers.as_deref().map(|path| list(path, read_owners)).transpose()?;
    if customers.as_ref().is_some_and(HashMap::is_empty) {
        return Err(Failure::usage("--customers に供給地点がありません / no supply point in it".to_owned()));
    }

    let now = japan_now();
    let mut memory = Memory::open(&args.data)?;
    let name = memory.next();
    let record = |line: &str| -> Result<(), Failure> {
        Ok(Store::open(&args.data)?.commit(|tx| tx.add_ledger([line]).map(drop))?)
    };
    let items = ItemSet::of(&[Item::Consumption]);
    let question = Question::new(sender, Party::of(Role::ThirdParty), Purpose::AggregateRelease, items);
    let decision = notice.decide(&question);
    let about = (now, notice.key(), sender);
    let told = |decision: &Decision| decision.to_json().get("items").cloned().unwrap_or_default();
    if let Some(Outcome::Refused { clause, .. }) = decision.outcome(Item::Consumption) {
        record(&release_line(about, &rules, &name, &told(&decision), Err(clause)))?;
        say!("公表できません: {} / refused: {}", decision.reasons_ja(), decision.reasons_en());
        return Ok(exit(1));
    }

    let refuse = |clause: Clause, more_ja: &str, more_en: &str| -> Result<ExitCode, Failure> {
        record(&release_line(about, &rules, &name, &serde_json::json!(["consumption"]), Err(clause)))?;
        say!("公表できません: {}{more_ja} [{clause}] / refused: {}{more_en}", clause.ja(), clause.en());
        Ok(exit(1))
    };
    let lost = Store::open(&args.data)?.read(|tx| memory.lost(tx))?;
    if let Some(lost) = lost {
        return refuse(Clause::AggregateRecordLost, &format!("（{lost}）"), &format!(" ({lost})"));
    }
    let earlier = memory.earlier()?;
    let beside = Memory::months_beside(&earlier, &months);
    let known = Known { classes: classes.as_ref(), owners: customers.as_ref() };
    let owners = memory.owners(customers.as_ref());
    let by_customer = customers.is_some();
    let gathered = gather(&args.readings, (&months, &beside), known, |point| memory.opaque(point))
        .map_err(|error| Failure::usage(error.to_string()))?;
    gathered.findings.iter().for_each(|finding| say!("{finding}"));
    let request = AggregateRequest {
        by: &by,
        rules: &rules,
        months: &months,
        customers: &gathered.customers,
        owners: &owners,
        earlier: &earlier,
    };
    let released = match release(&request) {
        Ok(released) => released,
        Err(overlapping) => {
            let (cell, release, own) = (overlapping.cell, overlapping.release, overlapping.key.ja());
            return refuse(
                Clause::AggregateOverlap,
                &format!("（「{own}」と{release}の「{cell}」。集計の範囲を公表済みのものに合わせてください）"),
                &format!(" (`{own}` and `{cell}` of {release}: divide it as what was released)"),
            );
        }
    };
    if released.published.is_empty() {
        let clause = released.withheld.first().map_or(Clause::AggregateTooFew, |one| one.clause);
        print(format_args!("{}", statement(&released, &gathered, by_customer, &rules, &name)));
        return refuse(clause, "（公表できるセルがありません）", " (no cell may be released)");
    }
    let table = table_csv(&released);
    let digest = hex(&Sha256::digest(table.as_bytes()));
    // Remembered and in the ledger before anything can leave.
    let kept = memory.keep(&name, now.to_string(), &released)?;
    record(&release_line(about, &rules, &name, &told(&decision), Ok((&released, (&digest, &kept)))))?;
    std::fs::create_dir_all(&args.out).map_err(|error| {
        Failure::usage(format!("「{}」を作成できません（{error}） / cannot make the folder", args.out.display()))
    })?;
    let text = statement(&released, &gathered, by_customer, &rules, &name);
    for (end, content) in [("csv", &table), ("statement.txt", &text)] {
        write_atomically(&args.out.join(format!("{name}.{end}")), |file| file.write_all(content.as_bytes()))?;
    }
    print(format_args!("{text}"));
    say!("\n公表する表を「{}」に作成しました / wrote the table", args.out.join(format!("{name}.csv")).display());
    Ok(exit(0))
}
