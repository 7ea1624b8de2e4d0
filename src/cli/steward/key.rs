//! `occto key`: the keys that everything personal is sealed with.

use crate::cli::out::say;
use crate::cli::shelf::Shelf;
use crate::cli::{Failure, exit};
use crate::desk::subject::erasures;
use crate::store::keys_folder;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// Keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// 鍵の状況 / which key is in use
    Status(Data),
    /// 親鍵の交換（PostgreSQLではほかの処理を止めずに実行でき、中断しても続きから） / change the master key
    Rotate(Data),
    /// 台帳にある消去の鍵が残っていないことを確認 / check that no key of an erasure in the ledger is left
    Check(Data),
}

/// Where.
#[derive(Args, Clone, Debug)]
pub struct Data {
    /// Where the data lies.
    #[command(flatten)]
    pub shelf: Shelf,
}

/// Does one of the commands.
pub fn key(command: &Keys) -> Result<ExitCode, Failure> {
    match command {
        Keys::Status(args) => {
            let store = args.shelf.existing()?;
            let status = store.key_status()?;
            say!("使用中の親鍵 / master key in use: {}", status.current);
            for (master, count) in &status.wrapped {
                say!("  {master}: {count}");
            }
            say!("鍵の保管場所 / keys: {}", keys_folder(&args.shelf.data).display());
            let former = status.wrapped.iter().any(|(master, _)| *master != status.current);
            if former {
                say!(
                    "以前の親鍵の鍵が残っています。occto key rotate を実行してください / some are wrapped with a former key: run occto key rotate"
                );
            }
            Ok(exit(u8::from(former)))
        }
        Keys::Rotate(args) => {
            let mut store = args.shelf.existing()?;
            let count = store.rotate_keys()?;
            let status = store.key_status()?;
            say!(
                "{count}件の鍵を包み直しました（使用中の親鍵 {}） / {count} keys are wrapped with the key in use",
                status.current
            );
            Ok(exit(0))
        }
        Keys::Check(args) => {
            let mut store = args.shelf.existing()?;
            let (erased, left) = store.read(erasures)?;
            if left.is_empty() {
                say!(
                    "台帳の消去{erased}件の鍵は残っていません / none of the {erased} keys erased by the ledger is left"
                );
            } else {
                let left: Vec<_> = left.iter().map(ToString::to_string).collect();
                say!("消去したはずの鍵が残っています: {} / these keys should be gone", left.join(", "));
            }
            Ok(exit(u8::from(!left.is_empty())))
        }
    }
}
