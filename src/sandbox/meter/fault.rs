//! 取得の障害: what goes wrong between an operator's download system and the one who fetches.

use super::super::engine::mix;
use super::super::read::{code, optional_code};
use crate::items::Area;
use serde::Deserialize;

/// 取得の障害: something that goes wrong with listings or files, so many times, or at random by the seed.
///
/// ```toml
/// [[file-fault]]
/// kind = "truncated"
/// area = "03"           # any operator, if absent
/// on = "file"           # or "listing", where the kind allows both
/// times = 2             # once, if absent
/// per-mille = 100       # instead of times: so many requests in a thousand
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileFault {
    /// What goes wrong.
    #[serde(deserialize_with = "code")]
    pub kind: FileFaultKind,
    /// With which operator; any if absent.
    #[serde(default, deserialize_with = "optional_code")]
    pub area: Option<Area>,
    /// With what.
    #[serde(default)]
    pub on: FileFaultOn,
    /// How often; once if absent.
    #[serde(default)]
    pub times: Option<u32>,
    /// How often in a thousand requests, without end.
    #[serde(default)]
    pub per_mille: Option<u16>,
}

/// What a fault strikes that may strike either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileFaultOn {
    /// A file.
    #[default]
    File,
    /// The listing.
    Listing,
}

crate::code_set! {
    /// 取得の障害の種類.
    pub enum FileFaultKind = "file-fault" {
        Truncated = "truncated", "途中までしか送られない", "only the first half is sent, as if it were all";
        Damaged = "damaged", "大きさは同じで中身が壊れている", "damaged, with the right size";
        Slow = "slow", "途中で3秒黙る", "silent for three seconds halfway";
        Error = "error-500", "HTTP 500が返る", "HTTP 500";
        Reset = "reset", "途中で接続が切れる", "the connection breaks halfway";
        Maintenance = "maintenance", "保守中のHTML画面が返る", "a maintenance page with status 200";
        WrongSize = "wrong-size", "一覧の大きさが違う", "the listing says a wrong size";
        DuplicateListing = "duplicate-listing", "一覧に同じファイルが二度ある", "the listing names every file twice";
        HostileNames = "hostile-names", "一覧に危険な名前がある", "the listing has names that lead elsewhere";
        Revision = "revision-during-listing", "一覧の後で更新番号が上がる", "revised once the listing was given: the former name is gone";
        Replacement = "replacement-during-listing", "一覧の後で同じ名前のまま差し替わる", "replaced under its name once the listing was given";
        SessionLost = "session-lost", "セッションが切れる", "the session is lost";
    }
}

impl FileFault {
    /// A fault that strikes an operator once.
    #[must_use]
    pub const fn once(kind: FileFaultKind, area: Area) -> FileFault {
        FileFault { kind, area: Some(area), on: FileFaultOn::File, times: None, per_mille: None }
    }

    /// What it strikes: some kinds can strike a listing alone.
    #[must_use]
    pub const fn strikes(&self) -> FileFaultOn {
        match self.kind {
            FileFaultKind::WrongSize
            | FileFaultKind::DuplicateListing
            | FileFaultKind::HostileNames
            | FileFaultKind::Revision
            | FileFaultKind::Replacement => FileFaultOn::Listing,
            FileFaultKind::Damaged => FileFaultOn::File,
            _ => self.on,
        }
    }
}

/// A fault and how often it may strike yet.
#[derive(Clone, Debug)]
pub(super) struct Armed {
    fault: FileFault,
    left: u32,
    /// What tells its dice from those of another.
    salt: u64,
}

impl Armed {
    pub(super) fn new(fault: FileFault, salt: u64) -> Armed {
        let left = fault.times.unwrap_or(1);
        Armed { fault, left, salt }
    }

    /// Whether it strikes the `nth` request.
    pub(super) fn strikes(&mut self, area: Area, on: FileFaultOn, seed: u64, nth: u64) -> Option<FileFaultKind> {
        if self.fault.area.is_some_and(|only| only != area) || self.fault.strikes() != on {
            return None;
        }
        let strikes = match self.fault.per_mille {
            Some(per_mille) => mix(seed ^ (self.salt << 32), nth) % 1000 < u64::from(per_mille),
            None => self.left > 0,
        };
        if strikes && self.fault.per_mille.is_none() {
            self.left -= 1;
        }
        strikes.then_some(self.fault.kind)
    }
}
