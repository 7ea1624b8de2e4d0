//! 四つの目: a second person sees what will go to whom, and releases it.

use super::args::Approve;
use super::out::{self, say};
use super::switch::who;
use super::way::moment;
use super::{Failure, exit};
use crate::desk::subject::refusal_line;
use crate::items::{BusinessCode, Code as _};
use crate::notice::{Party, Role, StewardClause};
use crate::store::{Batch, BatchState, Store};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;

/// Releases a prepared batch.
pub fn approve(args: &Approve) -> Result<ExitCode, Failure> {
    let mut store = args.place.shelf.existing()?;
    let waiting: Vec<Batch> = store.read(|tx| tx.batches())?;
    let waiting: Vec<_> = waiting.into_iter().filter(|batch| batch.state == BatchState::Prepared).collect();
    let wanted = match (args.batch, waiting.as_slice()) {
        (Some(id), _) => waiting.iter().find(|batch| batch.id == id),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let Some(batch) = wanted.cloned() else {
        let ids: Vec<_> = waiting.iter().map(|batch| batch.id.to_string()).collect();
        return Err(Failure::usage(format!(
            "承認待ちの一括を --batch で一つ指定してください（承認待ち: {}） / name one prepared batch with --batch",
            if ids.is_empty() { "なし / none".to_owned() } else { ids.join(", ") }
        )));
    };
    let by = who(args.by.clone());
    if by == batch.prepared_by {
        let clause = StewardClause::FourEyes;
        let now = moment(&args.place);
        let us = BusinessCode::parse(&batch.retailer).map_or(Party::of(Role::Retailer), Party::retailer);
        let more = serde_json::json!({"batch": batch.id, "clause": clause.key(), "items": []});
        let line = refusal_line(now, "switch-approve", us, &by, &more);
        store.commit(|tx| tx.add_ledger([line.as_str()]))?;
        return Err(Failure::usage(format!("{}（{by}） / {} [{}]", clause.ja(), clause.en(), clause.key())));
    }
    out::print(format_args!("{}", release_summary(&mut store, &batch)?));
    if !args.yes && !confirmed()? {
        say!("承認しませんでした / not released");
        return Ok(exit(1));
    }
    let now = moment(&args.place);
    store.commit(|tx| tx.release_batch(batch.id, &by, now))?;
    say!("一括{}番を承認しました。occto switch poll で送信します / released: occto switch poll sends it", batch.id);
    Ok(exit(0))
}

fn confirmed() -> Result<bool, Failure> {
    out::print(format_args!("送信してよいですか？ [yes/no] "));
    let unreadable =
        |error: std::io::Error| Failure::usage(format!("入力を読めません / cannot read the answer: {error}"));
    std::io::stdout().flush().map_err(unreadable)?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(unreadable)?;
    Ok(matches!(answer.trim(), "yes" | "y" | "はい"))
}

/// What will go to whom, before it goes.
pub fn release_summary(store: &mut Store, batch: &Batch) -> Result<String, Failure> {
    let mut to_operators: BTreeMap<&str, u64> = BTreeMap::new();
    let mut to_retailers: BTreeMap<String, u64> = BTreeMap::new();
    let (mut ready, mut stopped) = (0u64, 0u64);
    store.read(|tx| {
        tx.each_case(batch.id, |case| {
            match (case.application(), case.outcome) {
                (Some(row), None) => {
                    ready += 1;
                    *to_operators.entry(row.point.area().operator()).or_default() += 1;
                    *to_retailers.entry(row.current_retailer.to_string()).or_default() += 1;
                }
                _ => stopped += 1,
            }
            Ok(())
        })
    })?;
    let mut text = format!(
        "一括{}番「{}」 通知: {} 登録: {}（{}）\n  送信する申込 {ready}件、送信しない申込（入力エラー） {stopped}件\n",
        batch.id, batch.file, batch.notice, batch.prepared_by, batch.prepared_at
    );
    text.push_str("  設備情報照会・スイッチング開始（一般送配電事業者へ、広域機関経由）\n");
    for (operator, count) in to_operators {
        text.push_str(&format!("    {operator}  {count}件\n"));
    }
    text.push_str("  廃止取次（現小売電気事業者へ、広域機関経由）\n");
    for (retailer, count) in to_retailers {
        text.push_str(&format!("    {retailer}  {count}件\n"));
    }
    Ok(text)
}
