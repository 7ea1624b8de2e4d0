//! 取得の結果: what became of the files of an operator.

use crate::items::{Area, Code as _};
use crate::rules::Finding;

/// 取得の結果: of every file that was listed. `listed` is the sum of `had`, `fetched`, `withdrawn` and `failed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorReport {
    /// The operator's area.
    pub area: Area,
    /// How many files were listed whose name is one of meter data. One that was replaced under its name is two.
    pub listed: u64,
    /// How many of those had been taken before.
    pub had: u64,
    /// How many were taken now.
    pub fetched: u64,
    /// How many were gone before they could be taken.
    pub withdrawn: u64,
    /// How many could not be taken.
    pub failed: u64,
    /// How many listed names are not of meter data, and were not taken.
    pub ignored: u64,
    /// How often something was asked for again.
    pub retried: u64,
    /// The bytes of what was taken now.
    pub octets: u64,
    /// The names of what was taken now.
    pub files: Vec<String>,
    /// What went wrong, and what a person should know.
    pub findings: Vec<Finding>,
}

/// 進み具合: what is told while files are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A listing named so many files to be taken.
    Wanted(u64),
    /// So many bytes came.
    Octets(u64),
    /// One of them is taken, or given up.
    Settled,
}

impl OperatorReport {
    pub(super) fn new(area: Area) -> OperatorReport {
        OperatorReport {
            area,
            listed: 0,
            had: 0,
            fetched: 0,
            withdrawn: 0,
            failed: 0,
            ignored: 0,
            retried: 0,
            octets: 0,
            files: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Whether everything that was listed is there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.findings.iter().any(Finding::is_error)
    }

    /// `{"area","operator","listed","had","fetched","withdrawn","failed","ignored","retried","octets","files","findings"}`
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "area": self.area.key(),
            "operator": self.area.operator(),
            "listed": self.listed,
            "had": self.had,
            "fetched": self.fetched,
            "withdrawn": self.withdrawn,
            "failed": self.failed,
            "ignored": self.ignored,
            "retried": self.retried,
            "octets": self.octets,
            "files": self.files,
            "findings": self.findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
        })
    }

    /// Keeps a finding about a file of this operator, or about the operator where no file is named.
    pub(super) fn find(&mut self, finding: Finding, name: Option<&str>) {
        let place =
            name.map_or_else(|| self.area.operator().to_owned(), |name| format!("area={}/{name}", self.area.key()));
        self.findings.push(finding.in_file(&place));
    }
}
