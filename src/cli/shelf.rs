//! 保存先: where data lives — a data folder, or a database that machines share.

use super::Failure;
use crate::notice::Party;
use crate::store::{LineState, OutboxDepth, Store, StoreError, Tx, has_password, may_be_in_clear};
use clap::Args;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Once;

/// What is said where a shared database may be spoken to in the clear over a network.
const IN_CLEAR: &str = "警告: 共有データベースへの通信が暗号化されない可能性があります（sslmode=disable または prefer）。sslmode=verify-full と sslrootcert を指定してください / warning: the shared database may be spoken to in the clear: ask for sslmode=verify-full, with sslrootcert";

/// Where data lives.
#[derive(Args, Clone, Debug)]
pub struct Shelf {
    /// データフォルダ / data folder
    #[arg(long, value_name = "DIR", env = "OCCTO_DATA", default_value = "occto-data")]
    pub data: PathBuf,
    /// 共有データベース（省略時は環境変数 OCCTO_STORE、なければデータフォルダ内のSQLite。パスワードは PGPASSWORD） / shared database
    #[arg(long, value_name = "postgres://…", env = "OCCTO_STORE", hide_env_values = true)]
    pub store: Option<String>,
}

/// Refuses a password in `--store`: every user of the machine sees the arguments of a process.
pub fn without_password(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let mut arguments = arguments.filter_map(|argument| argument.into_string().ok()).take_while(|one| one != "--");
    while let Some(argument) = arguments.next() {
        let address = match argument.strip_prefix("--store") {
            Some("") => arguments.next(),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        if address.is_some_and(|address| has_password(&address)) {
            return Err(Failure::usage(
                "--store にパスワードは書けません（同じマシンの利用者に見えます）。環境変数 PGPASSWORD で渡すか、アドレス全体を環境変数 OCCTO_STORE に入れてください（systemd なら EnvironmentFile、Kubernetes なら Secret） / no password in --store, where every user of the machine sees it: give it in the variable PGPASSWORD, or the whole address in OCCTO_STORE".to_owned(),
            ));
        }
    }
    Ok(())
}

/// What a store says of its outbox and of the lines.
#[derive(Debug, Default)]
pub struct Standing {
    /// What waits in the outbox.
    pub depths: Vec<OutboxDepth>,
    /// What workers that share the store know of the lines.
    pub lines: Vec<(Party, LineState)>,
    /// How many of their questions are under way.
    pub questions: Vec<(Party, u64)>,
}

impl Shelf {
    /// The address of the shared database, if there is one.
    fn address(&self) -> Option<&String> {
        self.store.as_ref().filter(|address| !address.is_empty())
    }

    /// Whether it is a database that machines share.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.address().is_some()
    }

    /// The store, made if it is not there.
    pub fn open(&self) -> Result<Store, StoreError> {
        match self.address() {
            Some(address) => {
                static TOLD: Once = Once::new();
                if may_be_in_clear(address) {
                    TOLD.call_once(|| eprintln!("occto: {IN_CLEAR}"));
                }
                let store = Store::connect(address, &self.data)?;
                tell_key(&store);
                Ok(store)
            }
            None => open_store(&self.data),
        }
    }

    /// What waits in the outbox and how the lines stand; nothing where there is no store yet.
    pub fn standing(&self) -> Option<Result<Standing, StoreError>> {
        if !self.is_shared() && !self.data.join("occto.sqlite").is_file() {
            return None;
        }
        let read =
            |tx: &Tx<'_>| Ok(Standing { depths: tx.outbox_depths()?, lines: tx.lines()?, questions: tx.questions()? });
        Some(self.open().and_then(|mut store| store.read(read)))
    }

    /// The store, which must be there already.
    pub fn existing(&self) -> Result<Store, Failure> {
        match self.address() {
            Some(_) => Ok(self.open()?),
            None => existing(&self.data),
        }
    }
}

/// The store of a data folder. Where its key was made just now, its owner is told where it lies.
pub fn open_store(data: &Path) -> Result<Store, StoreError> {
    let store = Store::open(data)?;
    tell_key(&store);
    Ok(store)
}

/// Tells the owner of a key that was made just now where it lies.
fn tell_key(store: &Store) {
    if let Some(key) = store.key_made() {
        let key = key.display();
        eprintln!(
            "occto: 暗号化の鍵を作成しました: {key}（データとは別に控えを取り、なくさないでください。鍵がないと個人情報は読めません） / made the key of the encryption: back it up apart from the data, nothing personal can be read without"
        );
    }
}

/// The store of a data folder that must be there already.
pub fn existing(data: &Path) -> Result<Store, Failure> {
    if data.join("occto.sqlite").is_file() {
        return Ok(open_store(data)?);
    }
    let dir = data.display();
    Err(Failure::usage(format!(
        "データフォルダ「{dir}」がありません。switch run を実行した --data を指定してください / no data folder `{dir}`: name the --data of the run"
    )))
}
