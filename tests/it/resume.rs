//! Work that is stopped at any moment and goes on: the same end as if nothing had happened.

use crate::line::{Line, file_of, ledger_is_right, nothing_doubled, to_the_end};
use crate::postgres::{on_both, store};
use crate::practice::{Data, office_over, take, view};
use occto::desk::results::results_csv;
use occto::items::Date;
use occto::sandbox::World;
use occto::store::{LedgerCheck, Store};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use tokio::sync::Notify;

on_both!(
    a_stop_at_any_exchange_changes_no_result,
    stops_again_and_again_change_no_result,
    a_message_that_left_when_the_power_went_is_asked_for,
);

/// Runs to the end with a power cut after each so many exchanges; gives the results and how often it was cut.
async fn cut_every(nth: impl Fn(usize) -> Option<usize>, world: &World, data: &Data) -> (Vec<u8>, usize) {
    let dir = tempfile::tempdir().unwrap();
    let mut line = Line::new(world, 7);
    let file = file_of(world, dir.path());
    let mut cuts = 0;
    loop {
        *line.left.lock().unwrap() = nth(cuts);
        // Everything the process knew is gone; the store and the counterparties are as they were.
        let mut office = office_over(store(dir.path()), &line, data, world);
        let batch = take(&mut office, &file, data, world, line.sandbox.sandbox().now());
        tokio::select! {
            biased;
            () = line.cut.notified() => {
                cuts += 1;
                // Every message of the window tells it.
                line.cut = Notify::new();
            }
            () = to_the_end(&mut office, &line) => {
                let now = line.sandbox.sandbox().now();
                let run = view(&mut office, batch, now);
                nothing_doubled(&line);
                ledger_is_right(&mut office, &line, world);
                return (results_csv(&run).unwrap().0, cuts);
            }
        }
    }
}

async fn a_stop_at_any_exchange_changes_no_result() {
    let data = Data::published();
    let world = World::generate(3, 7, Date::constant(2026, 4, 1)).unwrap();
    let (undisturbed, _) = cut_every(|_| None, &world, &data).await;
    let mut nth = 0;
    loop {
        let (results, cuts) = cut_every(|cuts| (cuts == 0).then_some(nth), &world, &data).await;
        assert!(results == undisturbed, "another result after a stop at exchange {nth}");
        if cuts == 0 {
            break;
        }
        nth += 1;
    }
    assert!(nth > 12, "only {nth} exchanges");
}

async fn stops_again_and_again_change_no_result() {
    let data = Data::published();
    let world = World::generate(24, 5, Date::constant(2026, 4, 1)).unwrap();
    let (undisturbed, _) = cut_every(|_| None, &world, &data).await;
    for every in [11, 19] {
        let (results, cuts) = cut_every(|_| Some(every), &world, &data).await;
        assert!(cuts >= 3, "cut only {cuts} times");
        assert!(results == undisturbed, "another result when stopped every {every} exchanges");
    }
}

async fn a_message_that_left_when_the_power_went_is_asked_for() {
    // The last exchange before the cut arrives and its answer is never read: neither by the desk nor by the store.
    let data = Data::published();
    let world = World::generate(1, 5, Date::constant(2026, 4, 1)).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let line = Line::new(&world, 7);
    let file = file_of(&world, dir.path());
    *line.left.lock().unwrap() = Some(1);
    {
        let mut office = office_over(store(dir.path()), &line, &data, &world);
        take(&mut office, &file, &data, &world, line.sandbox.sandbox().now());
        tokio::select! { biased; () = line.cut.notified() => {}, () = to_the_end(&mut office, &line) => panic!() }
        // The request was brought to the disk before it went out.
        let row = office.store.read(|tx| tx.outgoing_in(occto::store::OutboxState::Sent, 0, 9)).unwrap();
        assert_eq!(row.len(), 1);
        assert_eq!(row[0].message, "cancellation-request");
    }
    *line.left.lock().unwrap() = None;
    let mut office = office_over(store(dir.path()), &line, &data, &world);
    to_the_end(&mut office, &line).await;
    nothing_doubled(&line);
    let log = line.log.lock().unwrap();
    let said: Vec<_> = log.iter().map(|one| one.message).take(4).collect();
    assert_eq!(said, ["facility-inquiry", "list-inquiry", "cancellation-request", "notice-inquiry"]);
}

fn example(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_occto"));
    command.args(["switch", "run", "examples/applications.csv", "--sandbox"]);
    command.arg("--data").arg(dir.join("data")).arg("--out").arg(dir.join("out"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn results(dir: &Path) -> PathBuf {
    dir.join("out").join("results.csv")
}

fn to_its_end(dir: &Path) -> Output {
    let done = example(dir).output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{}", String::from_utf8_lossy(&done.stderr));
    done
}

/// The results without the numbers that the counterparty gave: it counts what arrives, and what a kill held up arrives
/// behind others.
fn without_numbers(results: &[u8]) -> Vec<Vec<u8>> {
    let given = |cell: &[u8]| matches!(cell, [b'H' | b'T', digits @ ..] if digits.len() == 9 && digits.iter().all(u8::is_ascii_digit));
    let cells: Vec<_> = results.split(|octet| *octet == b',').collect();
    assert!(cells.iter().filter(|cell| given(cell)).count() > 60, "no numbers are given");
    cells.into_iter().map(|cell| if given(cell) { Vec::new() } else { cell.to_vec() }).collect()
}

#[test]
fn a_killed_run_goes_on_where_it_stopped() {
    let undisturbed = tempfile::tempdir().unwrap();
    let start = std::time::Instant::now();
    to_its_end(undisturbed.path());
    let whole = start.elapsed();
    let wanted = without_numbers(&std::fs::read(results(undisturbed.path())).unwrap());
    // A number that looks random, so that other moments are tried each time.
    let mut random = std::process::id() | 1;
    for round in 0..3 {
        let dir = tempfile::tempdir().unwrap();
        let mut killed = 0;
        for _ in 0..4 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let after = whole.mul_f64(f64::from(random >> 16) / 65536.0 * 0.7);
            let mut child = example(dir.path()).spawn().unwrap();
            std::thread::sleep(after.max(Duration::from_millis(5)));
            child.kill().unwrap();
            killed += u32::from(child.wait().unwrap().code().is_none());
        }
        to_its_end(dir.path());
        assert!(
            without_numbers(&std::fs::read(results(dir.path())).unwrap()) == wanted,
            "round {round}: {killed} kills changed the result"
        );
        let left = std::fs::read_dir(dir.path().join("out")).unwrap();
        let names: Vec<_> = left.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        let mut sorted = names.clone();
        sorted.sort();
        assert_eq!(sorted, ["ledger.jsonl", "report.html", "results.csv"], "a temporary file was left");
        let mut store = Store::open(&dir.path().join("data")).unwrap();
        let mut check = LedgerCheck::default();
        let (written, sent) = store
            .read(|tx| {
                tx.each_ledger_line(|line| {
                    check.line(line).unwrap();
                    Ok(())
                })?;
                Ok((tx.ledger_lines()?, tx.messages_sent()?))
            })
            .unwrap();
        assert_eq!(check.finish(written), Ok(written));
        assert!(sent >= written);
    }
}
