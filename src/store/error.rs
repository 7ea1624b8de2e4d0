//! 保存の失敗: why the store could not do what was asked, and what to do about it.

use super::key_source::KeyError;
use rusqlite::ErrorCode;
use std::io;
use std::path::{Path, PathBuf};
use tokio_postgres::error::SqlState;

/// 保存の失敗: why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process holds the store.
    #[error(
        "データフォルダ「{0}」は別の occto が使用中です。終了を待ってから実行してください / another occto is using the data folder `{0}`: wait until it has ended"
    )]
    Busy(PathBuf),
    /// The folder cannot be made or opened.
    #[error(
        "データフォルダ「{0}」を開けません（{1}）。書き込めるフォルダを --data で指定してください / cannot open the data folder `{0}`: name a writable one with --data"
    )]
    Folder(PathBuf, String),
    /// The disk is full.
    #[error(
        "データフォルダ「{0}」のディスクに空きがありません。空きを作って再実行すると続きから再開します / the disk of `{0}` is full: make room and run again, the work goes on where it stopped"
    )]
    Full(PathBuf),
    /// The disk could not be read or written.
    #[error(
        "データフォルダ「{0}」を読み書きできません。ディスクの空きと状態を確認して再実行すると続きから再開します / the data folder `{0}` cannot be read or written: check the disk and run again, the work goes on where it stopped"
    )]
    Disk(PathBuf),
    /// Written by a newer version.
    #[error(
        "データフォルダは新しい版の occto で作成されています（形式{found}、対応は{known}まで） / the data folder was written by a newer occto (form {found}, known up to {known})"
    )]
    Newer {
        /// The form of the folder.
        found: i64,
        /// The newest form this version knows.
        known: i64,
    },
    /// What is stored cannot be read.
    #[error("保存データが壊れています（{0}） / stored data is damaged ({0})")]
    Damaged(&'static str),
    /// A file of readings cannot be used.
    #[error(
        "30分値のファイル「readings/{path}」は{ja}。このファイルを削除し、元のファイルをもう一度 meter ingest で取り込んでください / the file of readings `readings/{path}` cannot be used ({en}): delete it and ingest its source again"
    )]
    Readings {
        /// Where it lies, below the folder of readings.
        path: String,
        /// What is wrong with it, in Japanese.
        ja: &'static str,
        /// What is wrong with it, in English.
        en: String,
    },
    /// The address of the shared database cannot be read.
    #[error(
        "共有データベースの指定を読めません。postgres://利用者@ホスト/データベース の形で指定してください（パスワードは環境変数 PGPASSWORD） / the address of the shared database cannot be read: write postgres://user@host/database, the password in PGPASSWORD"
    )]
    Address,
    /// The address asks for a way of encryption that there is not.
    #[error(
        "共有データベースの sslmode={0} は使えません。disable、prefer、require、verify-ca、verify-full のいずれかを指定してください / there is no sslmode={0} of the shared database: write disable, prefer, require, verify-ca or verify-full"
    )]
    TlsMode(String),
    /// The certificates of those who are trusted cannot be used.
    #[error(
        "共有データベースの信頼する発行者の証明書「{0}」を使えません（{1}）。PEM形式のファイルを sslrootcert で指定してください / the certificates of the trusted issuers `{0}` cannot be used: name a PEM file in sslrootcert"
    )]
    TlsRoots(PathBuf, String),
    /// The server does not speak TLS.
    #[error(
        "共有データベースのサーバがTLSに対応していません。サーバで ssl=on にしてください。経路が別の方法で暗号化されている場合に限り sslmode=disable を指定できます / the shared database does not speak TLS: set ssl=on there; only where the way is encrypted otherwise, write sslmode=disable"
    )]
    NoTls,
    /// The server is not who it should be, or nothing could be agreed.
    #[error("共有データベースへのTLS接続を拒否しました。{0} / no TLS session with the shared database: {1}")]
    Tls(&'static str, &'static str),
    /// The server cannot be reached, or ended the session.
    #[error(
        "共有データベースに接続できません。サーバの状態とネットワークを確認してください。復旧後は続きから再開します / the shared database cannot be reached: check server and network, the work goes on where it stopped"
    )]
    Away,
    /// The server does not let us in.
    #[error(
        "共有データベースに拒否されました（{0}）。利用者・パスワード・権限を確認してください / the shared database refuses us ({0}): check user, password and rights"
    )]
    NotAdmitted(String),
    /// The server has no room left.
    #[error(
        "共有データベースの容量または接続数が足りません（{0}）。空きを作ると続きから再開します / the shared database has no room or no free connection ({0}): make room, the work goes on where it stopped"
    )]
    NoRoom(String),
    /// The key cannot be had.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The key is another one than the customers' keys are wrapped with.
    #[error(
        "鍵が違います（必要な鍵{needed}、指定された鍵{given}）。OCCTO_KEY に正しい鍵を、鍵を交換した場合は OCCTO_KEY_FORMER に以前の鍵を指定してください / this is the wrong key (needed: {needed}, given: {given}): name the right one in OCCTO_KEY, or the former one in OCCTO_KEY_FORMER"
    )]
    WrongKey {
        /// The name of the key that is needed.
        needed: String,
        /// The names of those given.
        given: String,
    },
    /// The customers' keys are not there.
    #[error(
        "データフォルダ「{0}」の鍵の保管庫「{1}」がありません。鍵がないと個人情報は読めません。保管庫を元の場所に戻してください / the keys of the data folder `{0}` are missing: bring `{1}` back, nothing personal can be read without"
    )]
    NoKeys(PathBuf, PathBuf),
    /// The customers' keys are those of other data.
    #[error(
        "鍵の保管庫「{1}」は、データフォルダ「{0}」のものではありません。対になる保管庫を置いてください / the keys in `{1}` are not those of the data folder `{0}`: put its own there"
    )]
    OtherKeys(PathBuf, PathBuf),
    /// What this process had in hand was taken away from it: it was silent for longer than its lease.
    #[error(
        "このワーカーの持ち時間が切れ、作業は他のワーカーに移りました。処理は自動で再開します / this worker was silent for longer than its lease and its work was taken over: it begins anew"
    )]
    Fenced,
    /// Work on a shared store without being one of its workers.
    #[error(
        "共有データベースでの送信はワーカーとして登録してから行います / only a registered worker sends from a shared database"
    )]
    NotEnlisted,
    /// Another failure of the database.
    #[error("データベースの処理に失敗しました / the database failed: {0}")]
    Database(DatabaseError),
}

/// データベースの失敗: what the database says, without a value of any row.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct DatabaseError(Cause);

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error(transparent)]
    Sqlite(rusqlite::Error),
    /// The server's own words may quote a row: its code says enough.
    #[error("SQLSTATE {0}")]
    Postgres(String),
    #[error("a value that the server does not take")]
    Value,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        StoreError::Database(DatabaseError(Cause::Sqlite(error)))
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> StoreError {
        let Some(state) = error.code() else {
            let cause = std::error::Error::source(&error);
            let broken = error.is_closed() || cause.is_some_and(|cause| cause.is::<io::Error>());
            let said = error.to_string();
            return match said.as_str() {
                // The words of the client about itself: no word of the server, and no value.
                "invalid configuration" | "authentication error" => {
                    StoreError::NotAdmitted(cause.map_or(said, ToString::to_string))
                }
                _ if broken || said.starts_with("error connecting") => StoreError::Away,
                _ => StoreError::Database(DatabaseError(Cause::Value)),
            };
        };
        let code = state.code().to_owned();
        match code.get(..2).unwrap_or_default() {
            // Connection exceptions, the server is shutting down or starting up.
            "08" | "57" => StoreError::Away,
            "28" | "3D" | "42" if *state != SqlState::UNDEFINED_TABLE => StoreError::NotAdmitted(code),
            "53" => StoreError::NoRoom(code),
            _ => StoreError::Database(DatabaseError(Cause::Postgres(code))),
        }
    }
}

impl StoreError {
    /// Whether trying again is of no use before a person has done something: about keys, rights, the address or the form
    /// of the store. What may be over by itself is a server or a disk.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            StoreError::Key(error) => !error.may_pass(),
            StoreError::Away
            | StoreError::NoRoom(_)
            | StoreError::Full(_)
            | StoreError::Disk(_)
            | StoreError::Fenced
            | StoreError::Database(_) => false,
            _ => true,
        }
    }

    /// Whether it is about the keys: where these are being changed, the right one may still be on its way here.
    #[must_use]
    pub const fn is_about_keys(&self) -> bool {
        matches!(self, StoreError::Key(_) | StoreError::WrongKey { .. })
    }

    /// Names the cause of a failure of SQLite as far as a person can do something about it.
    pub(super) fn named(self, dir: &Path) -> StoreError {
        let StoreError::Database(DatabaseError(Cause::Sqlite(error))) = self else { return self };
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy(dir.into()),
            Some(ErrorCode::DiskFull) => StoreError::Full(dir.into()),
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                StoreError::Folder(dir.into(), "読み書きできません".to_owned())
            }
            Some(ErrorCode::SystemIoFailure) => StoreError::Disk(dir.into()),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreError::Damaged("occto.sqlite"),
            _ => error.into(),
        }
    }
}
