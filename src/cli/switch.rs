//! `occto switch`.

use super::args::{Cancel, Poll, Release, Run, Settle, Status, Submit, Switch};
use super::out::{self, say};
use super::results::{leave, print};
use super::shift::Once;
use super::way::{Way, moment, tell_unread};
use super::{Failure, Materials, approve, exit, explain, judge, ledger, progress, shift};
use crate::desk::Office;
use crate::desk::submit::{Order, SubmitError, Submitted, submit};
use crate::desk::summary;
use crate::desk::view::{Lang, RunView};
use crate::items::{Code as _, DateTime};
use crate::messages::switching::WithdrawalReason;
use crate::notice::{Notice, Party};
use crate::store::{Batch, BatchState, Outcome, Store, StoreError};
use std::path::Path;
use std::process::ExitCode;

/// Does one of the switching commands.
pub fn switch(command: Switch, lang: Lang) -> Result<ExitCode, Failure> {
    match command {
        Switch::Run(args) if args.sandbox => super::practice::run(&args, lang),
        Switch::Run(args) => run(&args, lang),
        Switch::Submit(args) => submit_only(&args, lang),
        Switch::Approve(args) => approve::approve(&args),
        Switch::Poll(args) => poll(&args, lang),
        Switch::Judge(args) => judge::judge(&args, lang),
        Switch::Status(args) => status(&args, lang),
        Switch::Cancel(args) => cancel(&args),
        Switch::Release(args) => release(&args),
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
    let (notice, own) = explain::switching_notice(&args.notice)?;
    let way = Way::configured(&args.place)?;
    let now = moment(&args.place);
    let mut store = args.place.shelf.open()?;
    let by = who(None);
    explain::keep(&mut store, (notice, own.as_deref()), Party::retailer(way.code()), &by, now)?;
    let materials = Materials::published()?;
    let done = take(
        &mut store,
        &args.file,
        &materials,
        &Order { retailer: way.code(), notice: notice.key(), four_eyes: false, by: &by, now, seed: None, instance: 0 },
    )?;
    let left = go_on(store, &materials, (&way, args.settle), now, Some(done.batch))?;
    finish(&left, Some(&args.out), args.json, args.xlsx, lang)
}

fn submit_only(args: &Submit, lang: Lang) -> Result<ExitCode, Failure> {
    let (notice, own) = explain::switching_notice(&args.notice)?;
    let way = Way::configured(&args.place)?;
    let now = moment(&args.place);
    let mut store = args.place.shelf.open()?;
    let by = who(args.by.clone());
    explain::keep(&mut store, (notice, own.as_deref()), Party::retailer(way.code()), &by, now)?;
    let materials = Materials::published()?;
    let done = take(
        &mut store,
        &args.file,
        &materials,
        &Order {
            retailer: way.code(),
            notice: notice.key(),
            four_eyes: args.approve,
            by: &by,
            now,
            seed: None,
            instance: 0,
        },
    )?;
    let batch = batch(&mut store, done.batch)?;
    if args.approve && batch.state == BatchState::Prepared {
        out::print(format_args!("{}", approve::release_summary(&mut store, &batch)?));
        say!(
            "一括{}番を承認待ちとして登録しました。別の担当者が occto switch approve --batch {} --by 名前 で承認してください / batch {} waits for a second person",
            batch.id,
            batch.id,
            batch.id
        );
        return Ok(exit(0));
    }
    let left = go_on(store, &materials, (&way, args.settle), now, Some(done.batch))?;
    finish(&left, None, args.json, false, lang)
}

/// Keeps the file, or says what is wrong with it.
pub fn take(store: &mut Store, file: &Path, materials: &Materials, order: &Order<'_>) -> Result<Submitted, Failure> {
    let before = store.read(|tx| tx.batches())?.pop();
    let other = |batch: &Batch| batch.notice != order.notice || batch.retailer != order.retailer.to_string();
    if let Some(Batch { notice, retailer, .. }) = before.filter(other) {
        return Err(Failure::usage(format!(
            "このデータフォルダは事業者コード{retailer}、通知「{notice}」で使用中です。別の事業者・通知には別の --data を指定してください / this data folder serves retailer {retailer} under the notice `{notice}`: name another --data"
        )));
    }
    if let Some(notice) = store.read(|tx| tx.held_under())?.filter(|notice| *notice != order.notice) {
        return Err(in_use(&notice));
    }
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

/// The notice a data folder works under: that of its batches, or the common core before the first.
pub fn folder_notice(store: &mut Store) -> Result<&'static Notice, Failure> {
    FolderNotice::of(store)?.known()
}

/// The notice of what a data folder holds already; nothing where it holds nothing.
pub fn working_notice(store: &mut Store) -> Result<Option<&'static Notice>, Failure> {
    let FolderNotice(found) = FolderNotice::of(store)?;
    found.map(|(key, text)| explain::known(&key, text)).transpose()
}

/// The notice of what a data folder holds: its key, and its text where it is one's own.
pub struct FolderNotice(Option<(String, Option<String>)>);

impl FolderNotice {
    /// What the store says.
    pub fn of(store: &mut Store) -> Result<FolderNotice, StoreError> {
        let found = store.read(|tx| {
            let key = tx.batches()?.pop().map(|batch| batch.notice);
            let Some(key) = key.map_or_else(|| tx.held_under(), |key| Ok(Some(key)))? else { return Ok(None) };
            let text = tx.kept_notice(&key)?;
            Ok(Some((key, text)))
        });
        found.map(FolderNotice)
    }

    /// The notice itself; the common core where the folder holds nothing.
    pub fn known(self) -> Result<&'static Notice, Failure> {
        let FolderNotice(found) = self;
        found.map_or_else(|| explain::notice("common-core"), |(key, text)| explain::known(&key, text))
    }
}

/// A data folder works under one notice.
pub fn in_use(notice: &str) -> Failure {
    Failure::usage(format!(
        "このデータフォルダは通知「{notice}」で使用中です。別の通知には別の --data を指定してください / this data folder works under the notice `{notice}`: name another --data"
    ))
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
    (way, Settle { settle }): (&Way, Settle),
    now: DateTime,
    batch_id: Option<i64>,
) -> Result<(RunView, Vec<u8>), Failure> {
    let mut store = store;
    let newest = store.read(|tx| tx.batches())?.last().map(|batch| batch.id);
    let Some(id) = batch_id.or(newest) else {
        return Err(Failure::usage(
            "申込がありません。occto switch submit で登録してください / no applications".to_owned(),
        ));
    };
    let wanted = batch(&mut store, id)?;
    let notice = explain::kept(&mut store, &wanted.notice)?;
    let bar = progress::bar(store.read(|tx| tx.rows_of(id))?);
    let mut office = way.office(store, materials, notice);
    let how = Once { settle, lines: &way.allowances() };
    block_on(shift::once(&mut office, how, now, &mut |step| bar.tell(now.date(), step)))??;
    bar.done();
    way.tell_troubles();
    tell_unread(office.unread());
    if wanted.state == BatchState::Prepared {
        eprintln!(
            "occto: 一括{id}番は承認待ちのため送信していません。別の担当者が occto switch approve --batch {id} --by 名前 で承認してください / batch {id} waits for a second person: nothing of it was sent"
        );
    }
    let left = office.store.read(|tx| Ok((summary::run_view(tx, &wanted, now)?, ledger::export(tx)?)))?;
    Ok(left)
}

/// The batch of a number.
pub fn batch(store: &mut Store, id: i64) -> Result<Batch, Failure> {
    let found = store.read(|tx| tx.batches())?.into_iter().find(|batch| batch.id == id);
    found.ok_or_else(|| Failure::usage(format!("一括{id}番はありません / no batch {id}")))
}

fn poll(args: &Poll, lang: Lang) -> Result<ExitCode, Failure> {
    let way = Way::configured(&args.place)?;
    let now = moment(&args.place);
    let mut store = args.place.shelf.existing()?;
    let materials = Materials::published()?;
    let newest = store.read(|tx| tx.batches())?.pop();
    if let Some(newest) = newest.filter(|newest| newest.id > 1 && args.out.is_some()) {
        let id = newest.id;
        eprintln!(
            "occto: 結果フォルダには最新の一括{id}番だけを書き出します / only the newest batch, {id}, is written"
        );
    }
    let left = go_on(store, &materials, (&way, args.settle), now, None)?;
    finish(&left, args.out.as_deref(), args.json, false, lang)
}

/// Leaves the results in a folder where one is given, prints them, and says by the exit code whether all is well.
pub fn finish(
    (view, ledger): &(RunView, Vec<u8>),
    out: Option<&Path>,
    json: bool,
    xlsx: bool,
    lang: Lang,
) -> Result<ExitCode, Failure> {
    let written = out.map(|out| leave(view, ledger, out, xlsx, lang)).transpose()?;
    print(view, written.as_deref().unwrap_or_default(), json, lang)?;
    Ok(exit(u8::from(!view.cases.iter().all(|case| case.outcome.as_wished()))))
}

fn status(args: &Status, lang: Lang) -> Result<ExitCode, Failure> {
    let mut store = args.shelf.existing()?;
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
    let mut store = args.place.shelf.existing()?;
    let notice = folder_notice(&mut store)?;
    let materials = Materials::published()?;
    let mut office = way.office(store, &materials, notice);
    office.cancel(&args.receipt, reason, now)?;
    go_on_with(office, (&way, args.settle), &args.receipt, now)
}

fn release(args: &Release) -> Result<ExitCode, Failure> {
    let way = Way::configured(&args.place)?;
    let now = moment(&args.place);
    let mut store = args.place.shelf.existing()?;
    let notice = folder_notice(&mut store)?;
    let materials = Materials::published()?;
    let mut office = way.office(store, &materials, notice);
    block_on(office.release(&args.receipt, &who(args.by.clone()), now))??;
    go_on_with(office, (&way, args.settle), &args.receipt, now)
}

/// Takes everything as far as it goes now, and says how one case stands.
fn go_on_with(
    mut office: Office<'_, Way>,
    (way, Settle { settle }): (&Way, Settle),
    receipt: &str,
    now: DateTime,
) -> Result<ExitCode, Failure> {
    let how = Once { settle, lines: &way.allowances() };
    block_on(shift::once(&mut office, how, now, &mut |_| {}))??;
    way.tell_troubles();
    tell_unread(office.unread());
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
