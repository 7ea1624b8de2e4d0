//! `occto cert`, `occto config` and `occto status`: the lines to the counterparties, looked at.

mod cert;
mod check;
mod status;

pub use cert::{Cert, cert};
pub use check::{Config, config};
pub use status::{LineView, StatusArgs, status};

use super::Failure;
use super::way::config_path;
use crate::exchange::ExchangeConfig;
use std::path::PathBuf;

/// The configuration that is named, by the argument or by the environment.
fn named(config: Option<&PathBuf>) -> Result<PathBuf, Failure> {
    config_path(config).ok_or_else(|| {
        Failure::usage(
            "接続設定ファイルを指定してください（--config または環境変数 OCCTO_CONFIG） / name the configuration with --config or in the variable OCCTO_CONFIG".to_owned(),
        )
    })
}

fn loaded(config: Option<&PathBuf>) -> Result<(PathBuf, ExchangeConfig), Failure> {
    let path = named(config)?;
    let read = ExchangeConfig::load(&path);
    let config = read.map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    Ok((path, config))
}
