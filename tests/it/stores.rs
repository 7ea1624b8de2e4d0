//! The store over either database: the same rows in the same order, made once, by whoever starts first.

use crate::command::{arg, occto};
use crate::line::{Line, ended, file_of, ledger_is_right, nothing_doubled, to_the_end};
use crate::postgres::{Kind, Server, address_of, anywhere, keep_in, server, store};
use crate::practice::{Data, office_over, take, view};
use occto::desk::view::Outcome as Ended;
use occto::items::Date;
use occto::sandbox::World;
use occto::store::{Added, Batch, BatchState, Case, CaseRow, Outcome, Remains, Stage, Store, StoreError, Tx};

fn on_each(test: impl Fn(Store, &dyn Fn() -> Store)) {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        if kind == Kind::Postgres && server().is_none() {
            return;
        }
        keep_in(kind);
        let dir = tempfile::tempdir().unwrap();
        test(store(dir.path()), &|| store(dir.path()));
    }
}

fn batch() -> Batch {
    Batch {
        id: 0,
        file: "申込.csv".to_owned(),
        digest: "00".to_owned(),
        columns: vec!["受付番号".to_owned()],
        notice: "common-core".to_owned(),
        retailer: "40113".to_owned(),
        state: BatchState::Prepared,
        findings: Vec::new(),
        prepared_at: "2026-04-01T09:00:00".parse().unwrap(),
        prepared_by: "tester".to_owned(),
        approved: None,
        seed: Some(u64::MAX),
    }
}

fn case(line: u64, stage: Stage) -> Case {
    Case {
        id: 0,
        batch: 1,
        line,
        receipt: format!("R\u{7}{line}"),
        reference: line.to_string(),
        point: String::new(),
        stage,
        outcome: None,
        switch_on: None,
        earliest: Some("2026-04-09".parse().unwrap()),
        cancellation_number: None,
        application_number: Some("ａ𠮷".to_owned()),
        work_outstanding: true,
        withdrawal: None,
        attempts: 0,
        reasons: vec![("理由".to_owned(), "reason \0 é".to_owned())],
        row: None,
    }
}

fn fill(tx: &Tx<'_>, stages: &[Stage]) -> Result<(), StoreError> {
    tx.add_batch(&batch())?;
    for (line, stage) in (1..).zip(stages) {
        tx.add_case(&case(line, *stage), &CaseRow { cells: vec![line.to_string()], ..CaseRow::default() })?;
    }
    Ok(())
}

#[test]
fn what_was_kept_comes_back_as_it_was() {
    on_each(|mut store, again| {
        store.commit(|tx| fill(tx, &[Stage::New, Stage::Agreed])).unwrap();
        let look = |store: &mut Store| {
            store
                .read(|tx| {
                    let mut seen = Vec::new();
                    tx.each_case(1, |case| {
                        seen.push(format!("{} {:?} {:?} {:?}", case.receipt, case.reasons, case.stage, case.earliest));
                        assert_eq!(case.row.unwrap().cells, [case.line.to_string()]);
                        Ok(())
                    })?;
                    Ok((tx.batches()?, seen, tx.stage_counts()?, tx.open_points()?, tx.rows_of(1)?))
                })
                .unwrap()
        };
        let seen = look(&mut store);
        assert_eq!(seen.0, [Batch { id: 1, ..batch() }]);
        assert_eq!(seen.1.len(), 2);
        drop(store);
        assert_eq!(look(&mut again()), seen);
    });
}

#[test]
fn a_commit_that_fails_leaves_nothing() {
    on_each(|mut store, _| {
        store.commit(|tx| fill(tx, &[Stage::New])).unwrap();
        let failed = store.commit(|tx| {
            tx.set_number("notices", 5)?;
            tx.save_case(&Case { id: 1, stage: Stage::Ended, ..case(1, Stage::New) })?;
            Err::<(), _>(StoreError::Damaged("test"))
        });
        assert!(failed.is_err());
        // What the database itself refuses: the same reference again, and a case of no batch.
        let doubled = store.commit(|tx| tx.add_case(&case(1, Stage::New), &CaseRow::default()));
        assert!(matches!(doubled, Err(StoreError::Database(_))), "{doubled:?}");
        let orphan = store.commit(|tx| {
            tx.set_number("notices", 6)?;
            tx.add_case(&Case { batch: 9, ..case(2, Stage::New) }, &CaseRow::default())
        });
        let said = orphan.unwrap_err().to_string();
        assert!(!said.contains("R\u{7}2"), "a value got into an error");
        let (number, found) = store.read(|tx| Ok((tx.number("notices")?, tx.case(1)?.unwrap().stage))).unwrap();
        assert_eq!((number, found), (0, Stage::New));
        assert_eq!(store.commit(|tx| tx.active_cases(9)).unwrap(), [1]);
    });
}

#[test]
fn the_most_urgent_cases_come_first() {
    on_each(|mut store, again| {
        let stages = [Stage::New, Stage::Agreed, Stage::New, Stage::Prepared, Stage::Judging, Stage::Inquired];
        store.commit(|tx| fill(tx, &stages)).unwrap();
        assert_eq!(store.commit(|tx| tx.active_cases(9)).unwrap(), [2, 6, 1, 3]);
        assert_eq!(store.commit(|tx| tx.active_cases(2)).unwrap(), [2, 6]);
        store
            .commit(|tx| {
                tx.save_case(&Case { id: 3, stage: Stage::ToWithdraw, ..case(3, Stage::New) })?;
                tx.save_case(&Case { id: 1, outcome: Some(Outcome::Held), ..case(1, Stage::New) })?;
                tx.release_batch(1, "tester", "2026-04-01T09:00:00".parse().unwrap())
            })
            .unwrap();
        assert_eq!(store.commit(|tx| tx.active_cases(9)).unwrap(), [3, 2, 6, 4]);
        drop(store);
        assert_eq!(again().commit(|tx| tx.active_cases(9)).unwrap(), [3, 2, 6, 4]);
    });
}

#[test]
fn a_ledger_is_one_chain_whoever_writes() {
    on_each(|mut store, _| {
        store.commit(|tx| tx.add_ledger(["a", "b"])).unwrap();
        store.commit(|tx| tx.add_ledger([])).unwrap();
        store.commit(|tx| tx.add_ledger(["c"])).unwrap();
        let mut check = occto::store::LedgerCheck::default();
        store
            .read(|tx| {
                tx.each_ledger_line(|line| {
                    check.line(line).unwrap();
                    Ok(())
                })
            })
            .unwrap();
        assert_eq!(check.finish(store.read(|tx| tx.ledger_lines()).unwrap()), Ok(3));
    });
}

#[test]
fn any_number_may_start_at_once() {
    if server().is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let address = address_of(dir.path());
    std::thread::scope(|scope| {
        for nth in 0..8_u64 {
            let address = &address;
            scope.spawn(move || {
                let mut store = Store::connect(address, &anywhere()).unwrap();
                for _ in 0..5 {
                    store.commit(|tx| tx.add_ledger([format!("by {nth}").as_str()])).unwrap();
                }
            });
        }
    });
    let mut store = Store::connect(&address, &anywhere()).unwrap();
    let mut check = occto::store::LedgerCheck::default();
    let lines = store.read(|tx| {
        tx.each_ledger_line(|line| {
            check.line(line).unwrap();
            Ok(())
        })?;
        tx.ledger_lines()
    });
    assert_eq!(check.finish(lines.unwrap()), Ok(40));
}

#[test]
fn a_shared_store_of_a_later_form_says_who_may_go_on() {
    let Some(server) = server() else { return };
    let dir = tempfile::tempdir().unwrap();
    let address = address_of(dir.path());
    drop(Store::connect(&address, dir.path()).unwrap());
    let database = address.rsplit('/').next().unwrap();
    let say = |sql: &str| assert!(server.lock().unwrap().say(database, sql).status.success());
    say("UPDATE numbers SET value = 99 WHERE key = 'form'");
    drop(Store::connect(&address, dir.path()).unwrap());
    say("UPDATE numbers SET value = 99 WHERE key = 'oldest-form'");
    let refused = Store::connect(&address, dir.path());
    assert!(matches!(refused, Err(StoreError::Newer { found: 99, .. })), "{refused:?}");
}

/// While machines are brought to the next version one by one, this one works in a store that has that form already.
#[tokio::test]
async fn work_goes_on_while_the_store_gets_the_next_form() {
    let Some(server) = server() else { return };
    keep_in(Kind::Postgres);
    let data = Data::published();
    let world = World::generate(6, 7, Date::constant(2026, 4, 1)).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let line = Line::new(&world, 7);
    let file = file_of(&world, dir.path());
    let now = line.sandbox.sandbox().now();
    let mut office = office_over(store(dir.path()), &line, &data, &world);
    let batch = take(&mut office, &file, &data, &world, now);
    office.advance(now, &mut |_| {}).await.unwrap();
    // The next version has started beside this one: a table and columns that this one does not know.
    let database = address_of(dir.path()).rsplit('/').next().unwrap().to_owned();
    let next = "ALTER TABLE outbox ADD COLUMN later TEXT; ALTER TABLE cases ADD COLUMN later TEXT; \
                ALTER TABLE events ADD COLUMN later TEXT; ALTER TABLE ledger ADD COLUMN later TEXT; \
                CREATE TABLE later (id BIGINT); UPDATE numbers SET value = value + 1 WHERE key = 'form'";
    assert!(server.lock().unwrap().say(&database, next).status.success());
    to_the_end(&mut office, &line).await;
    ended(&view(&mut office, batch, line.sandbox.sandbox().now()), Ended::Completed);
    nothing_doubled(&line);
    ledger_is_right(&mut office, &line, &world);
    // One more of this version starts in the store of the next.
    drop(office);
    let mut again = office_over(store(dir.path()), &line, &data, &world);
    assert_eq!(again.store.read(|tx| tx.outgoing_in(occto::store::OutboxState::Unknown, 0, 9)).unwrap(), []);
}

#[test]
fn a_server_that_is_not_there_is_said_so() {
    for (address, wanted) in [
        ("postgres://occto:geheim@127.0.0.1:1/none", "接続できません"),
        ("postgres://occto@%2Fno-such-folder/none", "接続できません"),
        ("postgres://occto:geheim@127.0.0.1:notaport/none", "PGPASSWORD"),
        ("postgres://occto:geheim@127.0.0.1:1/none?sslmode=require", "接続できません"),
        ("postgres://occto:geheim@127.0.0.1:1/none?sslmode=allow", "sslmode=allow"),
        ("postgres://occto:geheim@127.0.0.1:1/none?sslmode=verify-ca&sslrootcert=%2Fno%2Fca.pem", "「/no/ca.pem」"),
    ] {
        let said = Store::connect(address, &anywhere()).unwrap_err().to_string();
        assert!(said.contains(wanted) && !said.contains("geheim"), "{said}");
    }
    if server().is_some() {
        let dir = tempfile::tempdir().unwrap();
        let address = address_of(dir.path());
        let other = address.rsplit_once('/').unwrap().0.to_owned() + "/no_such_database";
        let refused = Store::connect(&other, dir.path());
        assert!(matches!(refused, Err(StoreError::NotAdmitted(_))), "{refused:?}");
    }
}

#[test]
fn a_server_that_starts_anew_is_found_again() {
    let Some(mut server) = Server::start() else { return };
    let mut store = Store::connect(&server.database("anew"), &anywhere()).unwrap();
    store.commit(|tx| tx.set_number("kept", 1)).unwrap();
    // In the middle of a transaction: it is over as a whole.
    let lost = store.commit(|tx| {
        tx.set_number("kept", 2)?;
        server.restart();
        tx.set_number("kept", 3)?;
        tx.number("kept")
    });
    assert!(matches!(lost, Err(StoreError::Away)), "{lost:?}");
    store.commit(|tx| tx.set_number("other", tx.number("kept")? + 10)).unwrap();
    // Between two of them: the next finds the server again.
    server.restart();
    let _ = store.commit(|tx| tx.set_number("between", 1));
    store.commit(|tx| tx.set_number("between", 2)).unwrap();
    let seen = store.read(|tx| Ok((tx.number("kept")?, tx.number("other")?, tx.number("between")?))).unwrap();
    assert_eq!(seen, (1, 11, 2));
}

/// The cells of all cases, each under a key of its own.
fn cells(store: &mut Store) -> Vec<String> {
    let read = |tx: &Tx<'_>| {
        let mut all = Vec::new();
        tx.each_case(1, |case| {
            all.extend(case.row.unwrap().cells);
            Ok(())
        })?;
        Ok(all)
    };
    store.read(read).unwrap()
}

#[test]
fn the_master_key_is_changed_while_others_are_at_work() {
    if server().is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (address, data) = (address_of(dir.path()), dir.path().join("data"));
    let open = || Store::connect(&address, &data).unwrap();
    let add = |tx: &Tx<'_>, line: u64| {
        tx.add_case(&case(line, Stage::New), &CaseRow { cells: vec![line.to_string()], ..CaseRow::default() })
    };
    let mut writing = open();
    writing.commit(|tx| fill(tx, &[Stage::New, Stage::New])).unwrap();
    // Two that were there before the change, one of which has read nothing yet.
    let mut reading = open();
    let before = reading.key_status().unwrap().current;
    let mut changing = open();
    assert_eq!(changing.rotate_keys().unwrap(), 2);
    assert_eq!(cells(&mut reading), ["1", "2"]);
    writing.commit(|tx| add(tx, 3)).unwrap();
    let now = open().key_status().unwrap();
    assert!(now.current != before && now.wrapped == [(now.current.clone(), 3)], "{before} {now:?}");

    // A key that is made while they are changed is wrapped with the new one, too, or wrapped anew.
    let (begun, ready) = std::sync::mpsc::channel();
    let ended = std::thread::scope(|threads| {
        let (address, data) = (&address, &data);
        let changing = threads.spawn(move || {
            let mut changing = Store::connect(address, data).unwrap();
            ready.recv().unwrap();
            changing.rotate_keys().unwrap();
            changing.key_status().unwrap()
        });
        let committed = writing.commit(|tx| {
            let id = add(tx, 4)?;
            begun.send(()).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(300));
            Ok::<_, StoreError>(id)
        });
        committed.unwrap();
        changing.join().unwrap()
    });
    assert_eq!(ended.wrapped, [(ended.current.clone(), 4)]);
    assert_eq!(cells(&mut open()), ["1", "2", "3", "4"]);
    assert_eq!(cells(&mut reading), ["1", "2", "3", "4"]);
}

#[test]
fn what_stays_of_a_dossier_is_sealed_anew_and_the_former_key_goes() {
    on_each(|mut store, again| {
        let event = |kind: &str| occto::desk::flow::event("2026-04-01T09:00:00".parse().unwrap(), kind, "文", "text");
        store.commit(|tx| fill(tx, &[Stage::Ended, Stage::Ended])).unwrap();
        store.commit(|tx| tx.add_event(1, &event("told")).and_then(|()| tx.add_event(2, &event("told")))).unwrap();
        let record =
            serde_json::json!({"from": "2026-04-01", "retailer": "retailer:40113", "area": null, "supply": null});
        let remains = Remains { records: vec![(Added::Manager, record.clone())], ..Remains::default() };
        let former = store
            .commit(|tx| {
                let former = tx.dossier_of_case(1)?;
                let state = tx.dossier(former)?.unwrap();
                assert!(!tx.has_open_message(former)?);
                let new = tx.reseal(&state, &remains, "{}", "2026-05-01T09:00:00".parse().unwrap())?;
                tx.forget_event_texts()?;
                assert_ne!(new, former);
                Ok(former)
            })
            .unwrap();
        drop(store);
        let mut store = again();
        store
            .commit(|tx| {
                let superseded = tx.superseded()?;
                assert_eq!((superseded.len(), superseded[0].former), (1, former));
                superseded.iter().try_for_each(|one| tx.destroy_superseded(one))
            })
            .unwrap();
        store
            .read(|tx| {
                assert!(!tx.has_key(former)?);
                let new = tx.dossier_of_case(1)?;
                assert_eq!(tx.added_to_dossier(new, Added::Manager)?, std::slice::from_ref(&record));
                let case = tx.case(1)?.unwrap();
                assert_eq!((case.receipt.as_str(), case.reasons.len()), ("R\u{7}1", 0));
                let mut told = Vec::new();
                tx.each_event(1, |case, event| {
                    told.push((case, event.ja));
                    Ok(())
                })?;
                assert_eq!(told, [(1, String::new()), (2, "文".to_owned())]);
                assert!(tx.superseded()?.is_empty());
                Ok(())
            })
            .unwrap();
    });
}

/// Whoever is answerable for the customers' data works on a shared database as on a data folder.
#[test]
fn a_steward_works_on_a_shared_database() {
    if server().is_none() {
        return;
    }
    keep_in(Kind::Postgres);
    let dir = tempfile::tempdir().unwrap();
    let address = address_of(dir.path());
    let data = dir.path().join("data");
    let mut store = Store::connect(&address, &data).unwrap();
    store.commit(|tx| fill(tx, &[Stage::Ended])).unwrap();
    drop(store);
    let call = |args: &[&str]| occto(&[args, &["--data", arg(&data), "--store", &address]].concat());
    let plan = call(&["retention", "plan", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&plan.out).unwrap();
    assert_eq!((plan.code, json["dossiers"].as_array().map(Vec::len)), (Some(0), Some(1)), "{plan:?}");
    for args in [&["key", "status"][..], &["key", "rotate"], &["key", "check"], &["subject", "requests"]] {
        assert_eq!(call(args).code, Some(0), "{args:?}");
    }
    assert!(!data.join("occto.sqlite").exists());
}
