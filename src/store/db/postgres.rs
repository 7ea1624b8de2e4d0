//! PostgreSQL: one session, its statements prepared once, its writes sent ahead.

use super::super::StoreError;
use super::tls::{Route, refusal, route};
use super::value::Value;
use super::wait::{driver, wait};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_postgres::{AsyncMessage, Client, Config, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A connection is waited for so long.
const CONNECT: Duration = Duration::from_secs(10);
/// At most so many writes are on their way unanswered.
const AHEAD: usize = 256;

type Ahead = Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send>>;

/// 共有データベース: a session with a server.
pub struct Postgres {
    config: Config,
    tls: MakeRustlsConnect,
    session: RefCell<Option<Session>>,
    /// Told when another session says on our channel that there is something to do.
    woken: Arc<Notify>,
}

struct Session {
    client: Arc<Client>,
    statements: HashMap<String, Statement>,
    /// Writes whose answers were not awaited yet, in order.
    ahead: Vec<Ahead>,
    open: bool,
}

/// Where it is connected to; user and password are nobody's business.
impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Postgres({:?}, {:?})", self.config.get_hosts(), self.config.get_dbname())
    }
}

impl Postgres {
    /// Now by its clock, in milliseconds, as a part of a statement: the same throughout it, so that an index can be searched
    /// for it, and never later than the moment at which a lock was waited for.
    pub const CLOCK: &'static str = "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS BIGINT)";

    /// Connects by an address such as `postgres://user@host/database?sslmode=verify-full&sslrootcert=ca.pem`; the password may
    /// be in it, or in `PGPASSWORD`.
    pub fn connect(address: &str) -> Result<Postgres, StoreError> {
        let Route { mut config, tls } = route(address)?;
        if config.get_password().is_none()
            && let Ok(password) = std::env::var("PGPASSWORD")
        {
            config.password(password);
        }
        config.application_name("occto");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        let server = Postgres { config, tls, session: RefCell::default(), woken: Arc::default() };
        server.with(|_| Ok(()))?;
        Ok(server)
    }

    /// Told when there is something to do.
    pub fn woken(&self) -> Arc<Notify> {
        Arc::clone(&self.woken)
    }

    fn open_session(&self) -> Result<Session, StoreError> {
        let runtime = driver().ok_or(StoreError::Away)?;
        let (config, tls, woken) = (self.config.clone(), self.tls.clone(), Arc::clone(&self.woken));
        let connected = runtime.spawn(async move {
            let (client, mut connection) = config.connect(tls).await?;
            tokio::spawn(async move {
                // Until the server or the client ends the session.
                while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
                    if let AsyncMessage::Notification(_) = message {
                        woken.notify_one();
                    }
                }
                // Whoever waits for news shall look why there are none.
                woken.notify_one();
            });
            Ok::<_, tokio_postgres::Error>(client)
        });
        let connected = wait(connected).map_err(|_| StoreError::Away)?;
        let client = connected.map_err(|error| refusal(&error).unwrap_or_else(|| error.into()))?;
        Ok(Session { client: Arc::new(client), statements: HashMap::new(), ahead: Vec::new(), open: false })
    }

    /// Does something in the session, in a new one if there is none. A session that was lost in the middle of a
    /// transaction is not replaced before that has ended: half of it would be missing.
    fn with<R>(&self, act: impl FnOnce(&mut Session) -> Result<R, StoreError>) -> Result<R, StoreError> {
        let mut held = self.session.try_borrow_mut().map_err(|_| StoreError::Damaged("session"))?;
        if held.as_ref().is_none_or(|session| session.client.is_closed() && !session.open) {
            *held = Some(self.open_session()?);
        }
        let session = held.as_mut().ok_or(StoreError::Away)?;
        act(session)
    }

    /// Begins a transaction; the server is told with the first statement whose answer is awaited.
    pub fn begin(&self, how: &str) -> Result<(), StoreError> {
        self.with(|session| {
            session.open = true;
            session.send(how, &[])
        })
    }

    /// Ends a transaction, durably.
    pub fn commit(&self) -> Result<(), StoreError> {
        self.with(|session| {
            session.send("COMMIT", &[])?;
            session.settle()?;
            session.open = false;
            Ok(())
        })
    }

    /// Takes a transaction back; a session in which even that fails is given up.
    pub fn roll_back(&self) {
        let undone = self.with(|session| {
            session.open = false;
            session.ahead.clear();
            session.execute("ROLLBACK", &[])
        });
        if undone.is_err()
            && let Ok(mut held) = self.session.try_borrow_mut()
        {
            *held = None;
        }
    }

    /// Whether a transaction is open.
    pub fn is_open(&self) -> bool {
        self.session.try_borrow().is_ok_and(|held| held.as_ref().is_some_and(|session| session.open))
    }

    /// Sends a write; its answer is awaited later where a transaction is open.
    pub fn run(&self, sql: &str, values: &[Value<'_>]) -> Result<(), StoreError> {
        self.with(|session| {
            session.send(sql, values)?;
            if session.open { Ok(()) } else { session.settle() }
        })
    }

    /// Does something and says how many rows it touched.
    pub fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.with(|session| session.execute(sql, values))
    }

    /// The rows of an answer.
    pub fn query(&self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        self.with(|session| {
            let statement = session.statement(sql)?;
            let values: Vec<_> = values.iter().map(|value| value as _).collect();
            let client = Arc::clone(&session.client);
            session.answer(client.query(&statement, &values))
        })
    }

    /// Several statements without parameters, for the form of the store.
    pub fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.with(|session| {
            session.settle()?;
            Ok(wait(session.client.batch_execute(sql))?)
        })
    }
}

impl Session {
    /// A statement, prepared when it is first needed.
    fn statement(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        // A statement is prepared after what was sent before it: a table may have come from that.
        self.settle()?;
        let statement = wait(self.client.prepare(&numbered(sql)))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let statement = self.statement(sql)?;
        let values: Vec<_> = values.iter().map(|value| value as _).collect();
        let client = Arc::clone(&self.client);
        self.answer(client.execute(&statement, &values))
    }

    /// Sends a question right behind the writes that are on their way, and waits for all of them.
    fn answer<R>(&mut self, question: impl Future<Output = Result<R, tokio_postgres::Error>>) -> Result<R, StoreError> {
        let mut question = pin!(question);
        let first = question.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        self.settle()?;
        match first {
            Poll::Ready(answer) => Ok(answer?),
            Poll::Pending => Ok(wait(question)?),
        }
    }

    /// Sends a write without waiting for its answer.
    fn send(&mut self, sql: &str, values: &[Value<'_>]) -> Result<(), StoreError> {
        let statement = self.statement(sql)?;
        let client = Arc::clone(&self.client);
        let values: Vec<_> = values.iter().map(Value::owned).collect();
        let mut write: Ahead = Box::pin(async move { client.execute_raw(&statement, values).await });
        // The first poll puts it on its way.
        match write.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => drop(done?),
            Poll::Pending => self.ahead.push(write),
        }
        if self.ahead.len() < AHEAD { Ok(()) } else { self.settle() }
    }

    /// Waits for the answers to what was sent; the first failure is the one that counts.
    fn settle(&mut self) -> Result<(), StoreError> {
        let mut failed = None;
        for write in self.ahead.drain(..) {
            if let Err(error) = wait(write) {
                failed.get_or_insert(error);
            }
        }
        failed.map_or(Ok(()), |error| Err(error.into()))
    }
}

/// The statement as the server writes parameters: `$1` for `?1`.
fn numbered(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    for c in sql.chars() {
        let _infallible = text.write_char(if c == '?' { '$' } else { c });
    }
    text
}
