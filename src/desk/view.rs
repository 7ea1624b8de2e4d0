//! What a run leaves to be read: cases with outcome, timeline and what to do next.

use crate::items::{Code, Date, DateTime, Family};
use crate::rules::Finding;
use std::collections::BTreeMap;
use std::fmt;

crate::code_set! {
    /// 表示言語: the language of what a person reads.
    pub enum Lang = "lang" {
        Ja = "ja", "日本語", "Japanese";
        En = "en", "英語", "English";
    }
}

impl Lang {
    /// The text of this language.
    #[must_use]
    pub const fn pick<'a>(self, ja: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Ja => ja,
            Lang::En => en,
        }
    }

    /// The name of a value in this language.
    #[must_use]
    pub fn name<C: Code>(self, value: C) -> &'static str {
        self.pick(value.ja(), value.en())
    }
}

/// Japanese: the people at the desk read Japanese.
impl Default for Lang {
    fn default() -> Lang {
        Lang::Ja
    }
}

crate::code_set! {
    /// 対応区分: what an outcome asks of a person.
    pub enum Need = "need" {
        Person = "person", "要対応", "needs a person";
        Waiting = "waiting", "手続中", "in progress";
        Nothing = "nothing", "対応不要", "nothing to do";
    }
}

pub use crate::store::Outcome;

impl Outcome {
    /// Whether the case ended as the customer wished: nobody has to do anything.
    #[must_use]
    pub const fn as_wished(self) -> bool {
        matches!(self, Outcome::Completed | Outcome::CompletedWorkOutstanding | Outcome::CancelledInSystem)
    }

    /// What the outcome asks of a person.
    #[must_use]
    pub const fn need(self) -> Need {
        match self {
            Outcome::Pending => Need::Waiting,
            _ if self.as_wished() => Need::Nothing,
            _ => Need::Person,
        }
    }
}

/// 経過: one event of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, JST (the sandbox's clock in a sandbox run).
    pub at: DateTime,
    /// Stable key of what happened, for example `cancellation-sent`.
    pub kind: String,
    /// What happened, in Japanese.
    pub ja: String,
    /// What happened, in English.
    pub en: String,
}

/// 案件: one case as a person reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct CaseView {
    /// Line of the row in the file, from 1 (the header is line 1).
    pub line: u64,
    /// 受付番号; empty where the row has none.
    pub receipt: String,
    /// 供給地点特定番号, plain; empty where it could not be read.
    pub point: String,
    /// 供給種別.
    pub family: Option<Family>,
    /// 現小売事業者コード.
    pub current_retailer: String,
    /// 切替希望日.
    pub requested_on: Option<Date>,
    /// The earliest possible switch date.
    pub earliest: Option<Date>,
    /// The date from which the new retailer bills: the switch date, never the date of completion.
    pub billing_from: Option<Date>,
    /// How it ended.
    pub outcome: Outcome,
    /// 廃止取次番号.
    pub cancellation_number: Option<String>,
    /// 申込番号.
    pub application_number: Option<String>,
    /// NG理由 and rejection reasons: Japanese, English.
    pub reasons: Vec<(String, String)>,
    /// What the rules found.
    pub findings: Vec<Finding>,
    /// What happened, in order.
    pub timeline: Vec<Event>,
    /// What a person has to do next: Japanese, English; empty where nothing.
    pub next: Option<(String, String)>,
    /// The cells of the input row as they were read, in the order of the file's columns.
    pub cells: Vec<String>,
}

impl CaseView {
    /// What to do next in the given language. A case that needs a person is never without an answer.
    #[must_use]
    pub fn next_step(&self, lang: Lang) -> Option<&str> {
        match &self.next {
            Some((ja, en)) => Some(lang.pick(ja, en)),
            None if self.outcome.need() == Need::Person => {
                Some(lang.pick("案件の内容を確認してください", "look into the case"))
            }
            None => None,
        }
    }
}

/// Line and outcome only: the cells are personal data.
impl fmt::Debug for CaseView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaseView").field("line", &self.line).field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

/// 処理結果: a whole run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunView {
    /// Name of the input file without its folder.
    pub file: String,
    /// The header row of the input.
    pub columns: Vec<String>,
    /// Key and Japanese title of the notice everything was cleared against.
    pub notice: (String, String),
    /// Our business code.
    pub retailer: String,
    /// First and last moment of the run (the sandbox's clock in a sandbox run).
    pub from: DateTime,
    /// Last moment.
    pub to: DateTime,
    /// Seed of the sandbox, where the run was in one.
    pub sandbox_seed: Option<u64>,
    /// Findings about the file as a whole.
    pub findings: Vec<Finding>,
    /// The cases in the order of the file.
    pub cases: Vec<CaseView>,
    /// Number of messages sent, and of ledger lines written.
    pub messages: u64,
    /// Number of ledger lines.
    pub ledger_lines: u64,
}

impl RunView {
    /// How many cases ended in each outcome, in the order of [`Outcome::ALL`]; outcomes nobody reached are left out.
    #[must_use]
    pub fn counts(&self) -> Vec<(Outcome, usize)> {
        let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
        for case in &self.cases {
            *counts.entry(case.outcome).or_default() += 1;
        }
        counts.into_iter().collect()
    }

    /// How many cases have the given need.
    #[must_use]
    pub fn count_of(&self, need: Need) -> usize {
        self.cases.iter().filter(|case| case.outcome.need() == need).count()
    }
}
