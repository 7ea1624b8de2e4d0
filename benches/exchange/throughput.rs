//! Messages through the whole outbox against rows of the same octets, brought to the disk as often.

use super::{START, message, moment, row, time};
use crate::postgres::{Server, with_a_case};
use occto::store::{OutboxState, Outgoing, Store};
use std::path::Path;
use std::time::Duration;

/// What a row of an outbox holds at the least.
const TABLE: &str = "CREATE TABLE bare (id INTEGER PRIMARY KEY, reference TEXT NOT NULL, digest TEXT NOT NULL, ";
/// A message is queued, leased, sent and accepted, each of them durable before the next.
const COMMITS: usize = 4;

/// A message as it reaches the disk: octets that no database makes smaller.
fn sealed(reference: String) -> Outgoing {
    let mut one = message(reference);
    let mut random = u32::try_from(one.reference.len()).unwrap() | 1;
    for octet in &mut one.body {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *octet = random.to_be_bytes()[0];
    }
    one
}

/// A bare loop: a table without an index, its insert prepared once.
trait Bare {
    /// One durable commit of single rows.
    fn commit(&mut self, rows: usize);
}

struct OnSqlite(rusqlite::Connection, i64);

impl OnSqlite {
    fn open(path: &Path) -> OnSqlite {
        let db = rusqlite::Connection::open(path).unwrap();
        // As the store does.
        for (name, value) in [("locking_mode", "EXCLUSIVE"), ("journal_mode", "WAL"), ("synchronous", "FULL")] {
            db.pragma_update(None, name, value).unwrap();
        }
        db.pragma_update(None, "wal_autocheckpoint", 16_384).unwrap();
        db.execute_batch(&format!("{TABLE} body BLOB NOT NULL)")).unwrap();
        OnSqlite(db, 0)
    }
}

impl Bare for OnSqlite {
    fn commit(&mut self, rows: usize) {
        let transaction = self.0.transaction().unwrap();
        let mut insert = transaction.prepare_cached("INSERT INTO bare VALUES (?1, ?2, ?3, ?4)").unwrap();
        for _ in 0..rows {
            self.1 += 1;
            let one = sealed(format!("B{}", self.1));
            insert.execute(rusqlite::params![self.1, one.reference, one.digest, one.body]).unwrap();
        }
        drop(insert);
        transaction.commit().unwrap();
    }
}

struct OnPostgres {
    runtime: tokio::runtime::Runtime,
    client: tokio_postgres::Client,
    insert: tokio_postgres::Statement,
    last: i32,
}

impl OnPostgres {
    fn connect(address: &str) -> OnPostgres {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (client, insert) = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(address, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(&format!("{TABLE} body BYTEA NOT NULL)")).await.unwrap();
            let insert = client.prepare("INSERT INTO bare VALUES ($1, $2, $3, $4)").await.unwrap();
            (client, insert)
        });
        OnPostgres { runtime, client, insert, last: 0 }
    }
}

impl Bare for OnPostgres {
    fn commit(&mut self, rows: usize) {
        let OnPostgres { runtime, client, insert, last } = self;
        runtime.block_on(async {
            let transaction = client.transaction().await.unwrap();
            for _ in 0..rows {
                *last += 1;
                let one = sealed(format!("B{last}"));
                transaction.execute(&*insert, &[&*last, &one.reference, &one.digest, &one.body]).await.unwrap();
            }
            transaction.commit().await.unwrap();
        });
    }
}

/// The figures of one kind of store.
pub fn throughput(name: &str, dir: &Path, server: Option<&Server>) {
    let address = server.map(|server| server.database("throughput"));
    let (mut store, mut bare): (Store, Box<dyn Bare>) = match &address {
        None => (Store::open(&dir.join("throughput")).unwrap(), Box::new(OnSqlite::open(&dir.join("bare.sqlite")))),
        Some(address) => (Store::connect(address, &dir.join("data")).unwrap(), Box::new(OnPostgres::connect(address))),
    };
    with_a_case(&mut store);
    store.enlist("bench", Duration::from_secs(600)).unwrap();
    let mut nth = 0;
    for group in [1_usize, 4, 32] {
        let groups = (640 / group).min(160);
        let mut rounds: Vec<(f64, Duration)> = (0..5)
            .map(|_| {
                let (ours, ()) = time(|| (0..groups).for_each(|_| through(&mut store, group, &mut nth)));
                let (bare, ()) = time(|| (0..groups * COMMITS).for_each(|_| bare.commit(group)));
                (bare.as_secs_f64() / ours.as_secs_f64(), ours)
            })
            .collect();
        rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (ratio, ours) = rounds[rounds.len() / 2];
        let each = (groups * group) as f64 / ours.as_secs_f64();
        row(
            &format!(
                "{name}: rows of the same octets in as many durable commits ÷ messages queued, leased, sent and accepted, {group} to a commit"
            ),
            &format!("{ratio:.2} × ({each:.0} messages a second)"),
            "≥ 0.5 ×",
            ratio >= 0.5,
        );
    }
}

fn through(store: &mut Store, group: usize, nth: &mut u64) {
    store
        .commit(|tx| {
            (0..group).try_for_each(|_| {
                *nth += 1;
                tx.add_outgoing(&message(format!("T{nth}"))).map(drop)
            })
        })
        .unwrap();
    let mine = store.commit(|tx| tx.claim(OutboxState::Queued, START, group)).unwrap();
    assert_eq!(mine.len(), group);
    store.commit(|tx| mine.iter().try_for_each(|one| tx.mark_sent(one.id).map(drop))).unwrap();
    store
        .commit(|tx| {
            mine.iter().try_for_each(|one| tx.settle(one.id, OutboxState::Accepted, moment(), None, Duration::ZERO))
        })
        .unwrap();
}
