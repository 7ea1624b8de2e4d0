//! 取得の流れ: every operator's listing, and what of it is not there yet.

use super::super::clock::Clock;
use super::super::config::ConfigError;
use super::super::gate::Setting;
use super::fault::Fault;
use super::report::{OperatorReport, Step};
use super::source::Source;
use super::visit::Visit;
use crate::items::{Area, DateTime};
use crate::store::{Store, StoreError, cause_ja};
use futures_util::future::try_join_all;
use std::cell::RefCell;
use std::path::PathBuf;

/// 取得の中止: why nothing more can be fetched from anybody.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk.
    #[error(
        "「{folder}」に書き込めません（{}）。ディスクの空きと権限を確認して再実行すると続きから取得します / cannot write to `{folder}` ({why}): make room and run again, it goes on where it stopped",
        cause_ja(*why)
    )]
    Disk {
        /// The data folder.
        folder: String,
        /// What the system says.
        why: std::io::ErrorKind,
    },
}

/// What the visits to the operators have in common.
pub(super) struct Common<'a> {
    pub(super) store: RefCell<&'a mut Store>,
    pub(super) now: DateTime,
    pub(super) tell: &'a dyn Fn(Area, Step),
    data: PathBuf,
    pub(super) setting: Setting,
}

impl Common<'_> {
    /// Our own disk ends the work; every other fault is the other side's.
    pub(super) fn unwritten(&self, error: &std::io::Error) -> FetchError {
        FetchError::Disk { folder: self.data.display().to_string(), why: error.kind() }
    }

    /// The error of a fault of our own.
    pub(super) fn own(&self, fault: &Fault) -> Option<FetchError> {
        if let Fault::Disk(error) = fault { Some(self.unwritten(error)) } else { None }
    }
}

/// Fetches what the operators list and the store does not know, into `inbox/area=NN/` under the folder of the store.
///
/// The reports come in the order of the areas. Files taken before an error are remembered: the next run goes on.
pub async fn fetch(
    sources: &[Source],
    store: &mut Store,
    now: DateTime,
    tell: &dyn Fn(Area, Step),
) -> Result<Vec<OperatorReport>, FetchError> {
    let data = store.dir().to_owned();
    let setting = Setting { clock: Clock::starting(now), data: Some(data.clone()) };
    let common = Common { store: RefCell::new(store), now, tell, data, setting };
    let visits = lanes(sources).into_iter().map(|lane| async {
        let mut reports = Vec::new();
        for source in lane {
            reports.push(Visit::begin(source, &common)?.all().await?);
        }
        Ok::<_, FetchError>(reports)
    });
    let mut reports: Vec<OperatorReport> = try_join_all(visits).await?.into_iter().flatten().collect();
    reports.sort_by_key(|report| report.area);
    Ok(reports)
}

/// Who is visited one after the other: where two sources show one certificate to one host, the second session would
/// end the first. Source: facts/wire.md §3.1 (C, Kansai).
fn lanes(sources: &[Source]) -> Vec<Vec<&Source>> {
    let mut lanes: Vec<Vec<&Source>> = Vec::new();
    for source in sources {
        let same = |other: &&Source| {
            source.access.identity.is_some()
                && other.access.identity == source.access.identity
                && other.host.origin() == source.host.origin()
        };
        match lanes.iter_mut().find(|lane| lane.first().is_some_and(same)) {
            Some(lane) => lane.push(source),
            None => lanes.push(vec![source]),
        }
    }
    lanes
}

#[cfg(test)]
mod tests {
    use super::lanes;
    use crate::exchange::ExchangeConfig;
    use std::path::Path;

    #[test]
    fn one_certificate_has_one_session_at_a_host() {
        let text = "retailer = \"40113\"\n\
            [download.all]\nclient-certificate = \"a.pem\"\nclient-key = \"a.key\"\nhost = \"https://x.example\"\n\
            [download.\"01\"]\n[download.\"02\"]\n[download.\"03\"]\nhost = \"https://y.example\"\n\
            [download.\"04\"]\nclient-certificate = \"b.pem\"\nclient-key = \"b.key\"\n";
        let sources = ExchangeConfig::parse(text, Path::new("")).unwrap().sources;
        let areas: Vec<Vec<u8>> =
            lanes(&sources).iter().map(|lane| lane.iter().map(|source| source.area.number()).collect()).collect();
        assert_eq!(areas, [vec![1, 2], vec![3], vec![4]]);
    }
}
