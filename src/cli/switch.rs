//! `occto switch`.

use super::args::{Approve, Cancel, Judge, Poll, Run, Status, Submit, Switch};
use super::out::{self, say};
use super::results::{leave, print};
use super::way::{Way, moment};
use super::{Failure, Materials, exit, explain, ledger, progress};
use crate::desk::submit::{Order, SubmitError, Submitted, submit};
use crate::desk::view::{Lang, RunView};
use crate::desk::{Means, Office, summary};
use crate::items::{Code as _, DateTime};
use crate::messages::switching::{NgReasonCode, WithdrawalReason};
use crate::store::{Batch, BatchState, IncomingState, Outcome, Store};
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// Does one of the switching commands.
pub fn switch(command: Switch, lang: Lang) -> Result<ExitCode, Failure> {
    match command {
        Switch::Run(args) if args.sandbox => super::practice::run(&args, lang),
        Switch::Run(args) => run(&args, lang),
        Switch::Submit(args) => submit_only(&args, lang),
        Switch::Approve(args) => approve(&args),
        Switch::Poll(args) => poll(&args, lang),
        Switch::Judge(args) => judge(&args, lang),
        Switch::Status(args) => status(&args, lang),
        Switch::Cancel(args) => cancel(&args),
    }
}

/// Runs something asynchronous to its end.
pub fn block_on<R>(future: impl Future<Output = R>) -> Result<R, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime
        .map_err(|error| Failure::usage(format!("実行環境を用意できません / no runtime: {error}")))?
        .block_on(future))
}

fn run(args: &Run, lang: Lang) -> Result<ExitCode, Failure> {
    explain::notice(&args.notice)?;
    let way = Way::configured(&args.place)?;
    let now = moment(&args.place);
    let mut store = Store::open(&args.place.data)?;
    let by = who(None);
    let materials = Materials::published()?;
    let done = take(
        &mut store,
        &args.file,
        &materials,
        &Order { retailer: way.code(), notice: &args.notice, four_eyes: false, by: &by, now, seed: None, instance: 0 },
    )?;
    let view = go_on(store, &materials, &way, now, Some(done.batch))?;
    finish(view, Some(&args.out), args.json, args.xlsx, lang)
}

fn submit_only(args: &Submit, lang: Lang) -> Result<ExitCode, Failure> {
    explain::notice(&args.notice)?;
    let way = Way::configured(&args.place)?;
    let now = moment(&args.place);
    let mut store = Store::open(&args.place.data)?;
    let by = who(args.by.clone());
    let materials = Materials::published()?;
    let done = take(
        &mut store,
        &args.file,
        &materials,
        &Order {
            retailer: way.code(),
            notice: &args.notice,
            four_eyes: args.approve,
            by: &by,
            now,
            seed: None,
            instance: 0,
        },
    )?;
    if args.approve {
        let batch = batch(&mut store, done.batch)?;
        out::print(format_args!("{}", release_summary(&mut store, &batch)?));
        say!(
            "一括{}番を承認待ちとして登録しました。別の担当者が occto switch approve --batch {} --by 名前 で承認してください / batch {} waits for a second person",
            batch.id,
            batch.id,
            batch.id
        );
        return Ok(exit(0));
    }
    let view = go_on(store, &materials, &way, now, Some(done.batch))?;
    finish(view, None, args.json, false, lang)
}

/// Keeps the file, or says what is wrong with it.
pub fn take(store: &mut Store, file: &Path, materials: &Materials, order: &Order<'_>) -> Result<Submitted, Failure> {
    let instance = instance(store, order.seed)?;
    let order = Order { instance, ..*order };
    match submit(store, file, &order, materials.context(order.now)) {
        Ok(done) => {
            if done.resumed {
                eprintln!("同じファイルの処理を続けます（{}行） / going on with the same file", done.rows);
            }
            Ok(done)
        }
        Err(SubmitError::Desk(error)) => Err(error.into()),
        Err(SubmitError::File(findings)) => {
            let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
            Err(Failure::usage(lines.join("\n       ")))
        }
    }
}

/// What tells this store's references from another store's: chosen once, by the seed where there is one.
fn instance(store: &mut Store, seed: Option<u64>) -> Result<u16, Failure> {
    let chosen = match seed {
        Some(seed) => (seed & 0xffff) as u16,
        None => {
            let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            (elapsed.subsec_nanos() >> 7 & 0xffff) as u16
        }
    };
    let kept = store.commit(|tx| {
        let kept = tx.number("instance")?;
        let kept = if kept == 0 { i64::from(chosen) + 1 } else { kept };
        tx.set_number("instance", kept)?;
        Ok(kept)
    })?;
    Ok(u16::try_from(kept - 1).unwrap_or(0))
}

/// Takes every released case as far as it goes now, and gives the view of a batch (the newest where none is named).
fn go_on(
    store: Store,
    materials: &Materials,
    way: &Way,
    now: DateTime,
    batch_id: Option<i64>,
) -> Result<RunView, Failure> {
    let mut store = store;
    let newest = store.read(|tx| tx.batches())?.last().map(|batch| batch.id);
    let Some(id) = batch_id.or(newest) else {
        return Err(Failure::usage(
            "申込がありません。occto switch submit で登録してください / no applications".to_owned(),
        ));
    };
    let wanted = batch(&mut store, id)?;
    let notice = explain::notice(&wanted.notice)?;
    let bar = progress::bar(store.read(|tx| tx.rows_of(id))?);
    let mut office = Office::new(
        store,
        Means {
            transport: way,
            binding: way.binding(),
            notice,
            calendar: &materials.calendar,
            settings: &materials.settings,
            code: way.code(),
        },
    );
    block_on(office.advance(now, &mut |step| bar.tell(now.date(), step)))??;
    bar.done();
    let view = office.store.read(|tx| summary::run_view(tx, &wanted, now))?;
    Ok(view)
}

fn approve(args: &Approve) -> Result<ExitCode, Failure> {
    let mut store = ledger::existing(&args.place.data)?;
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
        return Err(Failure::usage(format!(
            "登録した担当者「{by}」は承認できません。別の担当者が --by で名乗って承認してください / the person who prepared a batch cannot release it"
        )));
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
fn release_summary(store: &mut Store, batch: &Batch) -> Result<String, Failure> {
    use std::collections::BTreeMap;
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

fn batch(store: &mut Store, id: i64) -> Result<Batch, Failure> {
    let found = store.read(|tx| tx.batches())?.into_iter().find(|batch| batch.id == id);
    found.ok_or_else(|| Failure::usage(format!("一括{id}番はありません / no batch {id}")))
}

fn poll(args: &Poll, lang: Lang) -> Result<ExitCode, Failure> {
    let way = Way::configured(&args.place)?;
    let now = moment(&args.place);
    let store = ledger::existing(&args.place.data)?;
    let materials = Materials::published()?;
    let view = go_on(store, &materials, &way, now, None)?;
    finish(view, args.out.as_deref(), args.json, false, lang)
}

fn finish(view: RunView, out: Option<&Path>, json: bool, xlsx: bool, lang: Lang) -> Result<ExitCode, Failure> {
    let written = out.map(|out| leave(&view, out, xlsx, lang)).transpose()?;
    print(&view, written.as_deref().unwrap_or_default(), json, lang)?;
    Ok(exit(u8::from(!view.cases.iter().all(|case| case.outcome.as_wished()))))
}

fn judge(args: &Judge, lang: Lang) -> Result<ExitCode, Failure> {
    let way = Way::configured(&args.place)?;
    let now = moment(&args.place);
    let materials = Materials::published()?;
    let store = Store::open(&args.place.data)?;
    let notice = explain::notice("common-core")?;
    let mut office = Office::new(
        store,
        Means {
            transport: &way,
            binding: way.binding(),
            notice,
            calendar: &materials.calendar,
            settings: &materials.settings,
            code: way.code(),
        },
    );
    if let (Some(number), Some(verdict)) = (&args.number, &args.verdict) {
        let reasons: Vec<NgReasonCode> = match verdict.as_str() {
            "ok" => Vec::new(),
            keys => keys.split(',').map(|key| explain::value("--verdict", key.trim())).collect::<Result<_, _>>()?,
        };
        let told = block_on(office.decide(number, &reasons, &who(args.by.clone()), now))??;
        say!(
            "{}",
            if told {
                "判断を伝えました / told"
            } else {
                "まだ伝わっていません。もう一度実行してください / not told yet: run again"
            }
        );
        return Ok(exit(u8::from(!told)));
    }
    if let Some(customers) = &args.customers {
        let register = super::customers::read(customers)?;
        let judged = block_on(office.serve(&register, now))??;
        let (received, ok, ng, doubts, stopped) =
            (judged.received, judged.ok, judged.ng, judged.doubts, judged.stopped);
        if args.json {
            let json =
                serde_json::json!({"received": received, "ok": ok, "ng": ng, "doubts": doubts, "stopped": stopped});
            say!("{json}");
        } else {
            say!("受信{received}件、OK {ok}件、NG {ng}件、要判断{doubts}件、スイッチング廃止申込{stopped}件");
        }
    }
    let doubts = office.store.read(|tx| tx.incoming_in(IncomingState::Doubt))?;
    if !args.json {
        for incoming in &doubts {
            say!("要判断 {}", incoming.entry.number.as_str());
            for (ja, en) in &incoming.differences {
                say!("  {}", lang.pick(ja, en));
            }
        }
    }
    Ok(exit(u8::from(!doubts.is_empty())))
}

fn status(args: &Status, lang: Lang) -> Result<ExitCode, Failure> {
    let mut store = ledger::existing(&args.data)?;
    let counts = store.read(|tx| tx.stage_counts())?;
    let batches = store.read(|tx| tx.batches())?;
    if args.json {
        let cases: Vec<_> = counts
            .iter()
            .map(|(stage, outcome, count)| {
                serde_json::json!({"stage": stage.key(), "outcome": outcome.map(|outcome| outcome.key()), "count": count})
            })
            .collect();
        let batches: Vec<_> = batches
            .iter()
            .map(|batch| serde_json::json!({"batch": batch.id, "file": batch.file, "state": batch.state.key()}))
            .collect();
        say!("{}", serde_json::json!({"batches": batches, "cases": cases}));
        return Ok(exit(0));
    }
    for batch in &batches {
        say!("一括{} {} {}", batch.id, batch.file, lang.name(batch.state));
    }
    for (stage, outcome, count) in counts {
        let what = outcome.map_or_else(|| lang.name(stage), |outcome: Outcome| lang.name(outcome));
        say!("{count:>7}  {what}");
    }
    Ok(exit(0))
}

fn cancel(args: &Cancel) -> Result<ExitCode, Failure> {
    let reason: WithdrawalReason = explain::value("--reason", &args.reason)?;
    let way = Way::configured(&args.place)?;
    let now = moment(&args.place);
    let store = ledger::existing(&args.place.data)?;
    let materials = Materials::published()?;
    let mut office = Office::new(
        store,
        Means {
            transport: &way,
            binding: way.binding(),
            notice: explain::notice("common-core")?,
            calendar: &materials.calendar,
            settings: &materials.settings,
            code: way.code(),
        },
    );
    let receipt = &args.receipt;
    office.cancel(receipt, reason, now)?;
    block_on(office.advance(now, &mut |_| {}))??;
    let stage = office.store.read(|tx| {
        let id = tx.cases_of_receipt(receipt)?.pop();
        id.map(|id| tx.case(id)).transpose().map(Option::flatten)
    })?;
    if let Some(case) = stage {
        let what = case.outcome.map_or_else(|| case.stage.ja(), |outcome| outcome.ja());
        say!("{what}");
        if let Some((ja, _)) = crate::desk::flow::what_next(&case) {
            say!("次にすること: {ja}");
        }
    }
    Ok(exit(0))
}

/// Who is at the keyboard.
pub fn who(named: Option<String>) -> String {
    let login = || std::env::var("USER").or_else(|_| std::env::var("USERNAME")).ok();
    named.or_else(login).unwrap_or_else(|| "unknown".to_owned())
}
