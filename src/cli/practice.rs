//! A run against the built-in sandbox: its clock moves from event to event until nothing more happens.

use super::args::Run;
use super::switch::{block_on, finish, take, who};
use super::{Failure, Materials, explain, ledger, progress};
use crate::cli::shelf::open_store;
use crate::desk::submit::Order;
use crate::desk::view::Lang;
use crate::desk::{Means, Office, Progress, summary};
use crate::items::DateTime;
use crate::notice::Party;
use crate::sandbox::{Journal, Sandbox, SandboxTransport, Wish, World};
use crate::store::{Stage, Store, cause_ja, hex};
use crate::wire::Binding;
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::process::ExitCode;

/// The world that ships.
const EXAMPLE: &str = include_str!("../../examples/world.toml");
/// The seed where none is given.
pub const SEED: u64 = 1;
/// So many days on which nothing else happens a run waits for what could not be said or heard.
const PATIENCE: u32 = 20;

/// Takes a file to its end in the sandbox.
pub fn run(args: &Run, lang: Lang) -> Result<ExitCode, Failure> {
    if args.place.shelf.is_shared() {
        return Err(Failure::usage(
            "模擬環境での実行は --data のフォルダだけを使います。--store と OCCTO_STORE を外してください / a run in the sandbox keeps its cases under --data: leave out --store and OCCTO_STORE".to_owned(),
        ));
    }
    let (notice, own) = explain::switching_notice(&args.notice)?;
    let materials = Materials::published()?;
    let seed = args.seed.unwrap_or(SEED);
    let (world, text) = world(args.world.as_deref(), args.place.today)?;
    let code = world.retailer;
    let about = format!("{seed} {} {}", world.date, hex(&Sha256::digest(text.as_bytes())));
    let sandbox = || {
        let speaks = explain::notice("common-core")?;
        Ok::<_, Failure>(SandboxTransport::new(Sandbox::new(world.clone(), seed), Binding::reference(), speaks))
    };
    let data = &args.place.shelf.data;
    let (mut store, journal) = open(data, &about, (args, notice.key()), sandbox)?;
    let by = who(None);
    explain::keep(&mut store, (notice, own.as_deref()), Party::retailer(code), &by, journal.now())?;
    let order = Order {
        retailer: code,
        notice: notice.key(),
        four_eyes: false,
        by: &by,
        now: journal.now(),
        seed: Some(seed),
        instance: 0,
    };
    let done = take(&mut store, &args.file, &materials, &order)?;
    let bar = progress::bar(done.rows);
    let mut office = Office::new(
        store,
        Means {
            transport: &journal,
            binding: Binding::reference(),
            notice,
            calendar: &materials.calendar,
            settings: &materials.settings,
            code,
        },
    );
    let end = block_on(until_nothing_happens(&mut office, &journal, &bar))??;
    bar.done();
    let left = office.store.read(|tx| {
        let batch = tx.batches()?.into_iter().find(|batch| batch.id == done.batch);
        let batch = batch.ok_or(crate::store::StoreError::Damaged("batch"))?;
        Ok((summary::run_view(tx, &batch, end)?, ledger::export(tx)?))
    })?;
    finish(&left, Some(&args.out), args.json, args.xlsx, lang)
}

/// The world of a file, or the one that ships, and its text.
pub fn world(path: Option<&Path>, today: Option<crate::items::Date>) -> Result<(World, String), Failure> {
    let (text, name) = match path {
        None => (EXAMPLE.to_owned(), "examples/world.toml".to_owned()),
        Some(path) => {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|error| {
                let why = error.kind();
                Failure::usage(format!(
                    "世界ファイル「{name}」を読めません（{}） / cannot read the world file `{name}`: {why}",
                    cause_ja(why)
                ))
            })?;
            (text, name)
        }
    };
    let mut world = World::parse(&text).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    if let Some(today) = today {
        world.date = today;
    }
    Ok((world, text))
}

/// The store and the sandbox: as they were left if the last run did not end, else new ones.
fn open<'a>(
    data: &Path,
    about: &str,
    (args, notice): (&Run, &str),
    sandbox: impl Fn() -> Result<SandboxTransport<'a>, Failure>,
) -> Result<(Store, Journal<'a>), Failure> {
    let path = data.join("sandbox.journal");
    let unusable = |error: std::io::Error| {
        let why = error.kind();
        Failure::usage(format!("「{}」を使えません（{}） / cannot use it: {why}", path.display(), cause_ja(why)))
    };
    if data.join("occto.sqlite").is_file() {
        let mut store = open_store(data)?;
        let batches = store.read(|tx| tx.batches())?;
        let real = store.read(|tx| Ok(tx.has_real_files()? || tx.held_under()?.is_some()))?;
        if real || batches.iter().any(|batch| batch.seed.is_none()) {
            return Err(Failure::usage(format!(
                "「{}」は実運用のデータフォルダです。模擬環境には別の --data を指定してください / this data folder is in real use: name another --data for the sandbox",
                data.display()
            )));
        }
        let digest = crate::desk::submit::digest(&args.file).ok();
        let same = batches.iter().any(|batch| Some(&batch.digest) == digest.as_ref() && batch.notice == notice);
        let counts = store.read(|tx| tx.stage_counts())?;
        let unfinished = counts.iter().any(|(stage, outcome, _)| *stage != Stage::Ended && outcome.is_none());
        if same
            && unfinished
            && path.is_file()
            && let Some(journal) = Journal::resume(&path, about, sandbox()?).map_err(unusable)?
        {
            return Ok((store, journal));
        }
        drop(store);
        // Whatever is left when this is killed half-way begins anew: without its journal no run is gone on with, and
        // nothing that is sealed is left without its keys.
        for name in ["sandbox.journal", "occto.sqlite-wal", "occto.sqlite-shm", "occto.sqlite"] {
            match std::fs::remove_file(data.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(unusable(error)),
                _ => {}
            }
        }
        crate::store::remove_keys(data).map_err(unusable)?;
    }
    let store = open_store(data)?;
    Ok((store, Journal::begin(&path, about, sandbox()?).map_err(unusable)?))
}

/// Lets the clock move from event to event; gives its last moment.
async fn until_nothing_happens(
    office: &mut Office<'_, Journal<'_>>,
    journal: &Journal<'_>,
    bar: &progress::Bar,
) -> Result<DateTime, Failure> {
    let mut total = Progress::default();
    let mut quiet = 0;
    loop {
        let now = journal.now();
        for wish in journal.due_wishes() {
            // A customer of the world need not be in the file.
            if let Some(receipt) = receipt_of(office, &wish)? {
                office.cancel(&receipt, wish.kind, now)?;
            }
        }
        let before = total;
        let done = office.advance(now, &mut |step| bar.tell(now.date(), before.plus(step))).await?;
        total = before.plus(done);
        let next = journal.next_event_date().filter(|date| *date > now.date());
        // What could not be said or heard today is tried again tomorrow, as an office would.
        let tomorrow = now.date().tomorrow().ok().filter(|_| quiet < PATIENCE);
        let date = match (office.unsettled()?, next) {
            (true, _) => tomorrow.or(next),
            (false, next) => next,
        };
        quiet = if next.is_some() { 0 } else { quiet + 1 };
        let Some(date) = date else { return Ok(journal.now()) };
        journal.advance_to(date).map_err(|error| {
            let why = error.kind();
            Failure::usage(format!(
                "模擬環境の日誌を書けません（{}）。ディスクの空きを確認して再実行すると続きから再開します / cannot write the sandbox's journal ({why}): make room and run again, the work goes on where it stopped",
                cause_ja(why)
            ))
        })?;
    }
}

/// The receipt number of the case a wish is about; nothing where the file has no such case.
fn receipt_of(office: &mut Office<'_, Journal<'_>>, wish: &Wish) -> Result<Option<String>, Failure> {
    let found = office.store.read(|tx| match (&wish.receipt, wish.point) {
        (Some(receipt), _) => Ok(tx.cases_of_receipt(receipt.as_str())?.first().map(|_| receipt.as_str().to_owned())),
        (None, Some(point)) => tx.receipt_of_point(point),
        (None, None) => Ok(None),
    })?;
    Ok(found)
}
