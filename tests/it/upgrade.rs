//! One version back, in both directions: a store as the former form made it, a session of a former program that goes on in
//! it with the statements it had prepared, and this version beside it.

use crate::postgres::{anywhere, server};
use occto::items::DateTime;
use occto::store::{OutboxState, Store, StoreError};
use std::time::Duration;
use tokio_postgres::{Client, NoTls, Statement};

const FORM_6: &str = include_str!("../golden/store/form-6.sql");
/// The clock of programs of form 6.
const CLOCK: &str = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
const OPEN: &str = "state IN ('queued', 'leased', 'sent', 'unknown')";

/// What a worker of form 6 says, prepared before the store gets a later form.
struct Former {
    client: Client,
    worker: i64,
    add: Statement,
    stand: Statement,
    beat: Statement,
    claim: Statement,
    take: Statement,
    send: Statement,
    accept: Statement,
    active: Statement,
    put_back: Statement,
    turn: Statement,
}

impl Former {
    async fn enlisted(address: &str) -> Former {
        let (client, connection) = tokio_postgres::connect(address, NoTls).await.unwrap();
        tokio::spawn(connection);
        let enlist = format!("INSERT INTO workers (name, until) VALUES ($1, {CLOCK} + $2) RETURNING id");
        let worker = client.query_one(&enlist, &[&"former", &60_000_i64]).await.unwrap().get(0);
        let prepared = |sql: String| {
            let client = &client;
            async move { client.prepare(&sql).await.unwrap() }
        };
        let claim = format!(
            "SELECT id, case_id, number, message, sender, recipient, family, reference, body, digest, state, attempts, \
             created, due, detail, dossier FROM outbox WHERE state = 'queued' AND {OPEN} AND due <= {CLOCK} AND \
             worker IS NULL AND case_id IS NOT NULL AND (due, id) > ($1, $2) ORDER BY due, id LIMIT $3 \
             FOR NO KEY UPDATE SKIP LOCKED"
        );
        let add = "INSERT INTO outbox (case_id, number, message, sender, recipient, family, reference, body, digest, state, \
                   attempts, created, dossier, worker) VALUES (1, NULL, 'switch-start', 'retailer:40113', 'operator:03', \
                   'low', $1, 'x', '', 'queued', 0, '2026-04-01T09:00:00', NULL, NULL)";
        Former {
            worker,
            add: prepared(add.to_owned()).await,
            stand: prepared("SELECT 1 FROM workers WHERE id = $1 FOR KEY SHARE".to_owned()).await,
            beat: prepared(format!("UPDATE workers SET until = {CLOCK} + $2 WHERE id = $1")).await,
            claim: prepared(claim).await,
            take: prepared("UPDATE outbox SET state = $2, worker = $3 WHERE id = $1".to_owned()).await,
            send: prepared(
                "UPDATE outbox SET state = 'sent', attempts = attempts + 1, worker = $2 \
                 WHERE id = $1 AND state <> 'stopped'"
                    .to_owned(),
            )
            .await,
            accept: prepared(
                "UPDATE outbox SET state = $2, settled = $3, detail = $4, worker = NULL, body = $5 WHERE id = $1"
                    .to_owned(),
            )
            .await,
            active: prepared(
                "SELECT id FROM cases WHERE outcome IS NULL AND stage = 'new' ORDER BY id LIMIT $1 \
                 FOR NO KEY UPDATE SKIP LOCKED"
                    .to_owned(),
            )
            .await,
            put_back: prepared(
                "UPDATE outbox SET state = CASE WHEN state = 'leased' THEN 'queued' ELSE state END, worker = NULL \
                 WHERE state IN ('leased', 'unknown') AND worker = $1"
                    .to_owned(),
            )
            .await,
            turn: prepared(format!("UPDATE numbers SET value = {CLOCK} + $2 WHERE key = $1 AND value <= {CLOCK}"))
                .await,
            client,
        }
    }

    async fn add(&self, reference: &str) {
        self.client.execute(&self.add, &[&reference]).await.unwrap();
    }

    /// Takes one message into its hand.
    async fn claim(&self) -> i64 {
        let rows = self.client.query(&self.claim, &[&i64::MIN, &0_i64, &1_i64]).await.unwrap();
        let id: i64 = rows[0].get(0);
        self.client.execute(&self.take, &[&id, &"leased", &self.worker]).await.unwrap();
        id
    }

    async fn send(&self, id: i64) {
        assert_eq!(self.client.execute(&self.send, &[&id, &self.worker]).await.unwrap(), 1);
    }

    async fn accept(&self, id: i64) {
        let none: Option<&str> = None;
        let at = "2026-04-01T09:00:00";
        let changed = self.client.execute(&self.accept, &[&id, &"accepted", &at, &none, &&b""[..]]).await.unwrap();
        assert_eq!(changed, 1);
    }

    async fn stands(&self) -> bool {
        self.client.query_opt(&self.stand, &[&self.worker]).await.unwrap().is_some()
    }
}

#[tokio::test]
async fn a_program_of_form_6_goes_on_beside_this_one() {
    let Some(server) = server() else { return };
    let name = format!("upgrade_{}", std::process::id());
    let address = {
        let server = server.lock().unwrap();
        let address = server.database(&name);
        let made = server.say(&name, FORM_6);
        assert!(made.status.success() && made.stderr.is_empty(), "{made:?}");
        address
    };
    let former = Former::enlisted(&address).await;
    for nth in 0..4 {
        former.add(&format!("R{nth}")).await;
    }
    let (sent, taken) = (former.claim().await, former.claim().await);
    former.send(sent).await;

    // This version starts beside it, which brings the store to its form; what the other has in hand stays in its hand.
    let mut store = Store::connect(&address, &anywhere()).unwrap();
    let form = store.read(|tx| Ok((tx.number("form")?, tx.number("oldest-form")?))).unwrap();
    assert!(form.0 > 6 && form.1 <= 6, "programs of form 6 are told to stop: {form:?}");
    store.enlist("present", Duration::from_secs(60)).unwrap();
    assert!(store.commit(|tx| tx.lost_workers()).unwrap().is_empty());
    let mine = store.commit(|tx| tx.claim(OutboxState::Queued, (i64::MIN, 0), 1)).unwrap();
    assert!(mine.len() == 1 && ![sent, taken].contains(&mine[0].id), "{mine:?}");

    // The former program goes on with what it had prepared.
    former.accept(sent).await;
    former.send(taken).await;
    former.add("R4").await;
    let last = former.claim().await;
    assert!(![sent, taken, mine[0].id].contains(&last));
    assert_eq!(former.client.execute(&former.beat, &[&former.worker, &60_000_i64]).await.unwrap(), 1);
    former.client.query(&former.active, &[&4_i64]).await.unwrap();
    former.client.execute(&former.turn, &[&"turn-notices", &1_000_i64]).await.unwrap();
    assert!(former.stands().await);
    // What it sends counts towards the limits that this version holds.
    let party = mine[0].recipient;
    let two = occto::store::Allowance { at_once: Some(2), per_minute: None };
    let admitted = store.commit(|tx| {
        let first = tx.admit(party, two, 1)?;
        tx.mark_sent(mine[0].id)?;
        Ok((first, tx.admit(party, two, 1)?))
    });
    let admitted = admitted.unwrap();
    assert!(admitted.0.is_none() && admitted.1.is_some(), "{admitted:?}");

    // It is silent for longer than its lease: this version takes over, and it cannot finish late.
    former.client.execute(&former.beat, &[&former.worker, &-1_i64]).await.unwrap();
    let now: DateTime = "2026-04-01T09:00:00".parse().unwrap();
    let taken_over = store.commit(|tx| {
        let mut ids = Vec::new();
        for worker in tx.lost_workers()? {
            tx.put_back(worker)?;
            for message in tx.in_hand(worker, 9)? {
                tx.settle(message.id, OutboxState::Unknown, now, None, Duration::ZERO)?;
                ids.push(message.id);
            }
            tx.remove_worker(worker)?;
        }
        Ok(ids)
    });
    assert_eq!(taken_over.unwrap(), [taken]);
    assert!(!former.stands().await);
    former.client.execute(&former.put_back, &[&former.worker]).await.unwrap();
    let states = store.read(|tx| {
        let count = |state| Ok::<_, StoreError>(tx.outgoing_in(state, 0, 9)?.len());
        Ok((count(OutboxState::Queued)?, count(OutboxState::Sent)?, count(OutboxState::Unknown)?))
    });
    assert_eq!(states.unwrap(), (2, 1, 1));
}
