//! 欠測の一覧: what was expected and did not come, what came late or was revised, and what is not ours.

use crate::items::{Area, Code as _, Date, Slot, SlotSet, SupplyPointId};
use crate::messages::metering::{MeteringKind, ReadingStatus};
use crate::rules::{Finding, Rule, Severity, codes};
use serde_json::{Value, json};

crate::code_set! {
    /// 欠測の種類: what a gap is about.
    pub enum GapKind = "gap-kind" {
        File = "file", "ファイル未着", "file missing";
        Part = "part", "分割未着", "part missing";
        Broken = "broken", "途中まで", "read in part";
        Point = "point", "地点欠測", "point missing";
        Slots = "slots", "コマ欠測", "slots missing";
        NotInDaily = "not-in-daily", "日毎になし", "not in the daily file";
        Uneven = "uneven", "管理番号不揃い", "control numbers uneven";
        Late = "late", "遅延", "late";
        Revised = "revised", "訂正", "revised";
        Stranger = "stranger", "対象外", "not ours";
        OutsideContract = "outside-contract", "契約期間外", "outside the contract";
    }
}

impl GapKind {
    /// The rule it is a finding of.
    #[must_use]
    pub const fn rule(self) -> &'static Rule {
        match self {
            GapKind::File => &codes::GAP_FILE,
            GapKind::Part => &codes::GAP_PART,
            GapKind::Broken => &codes::GAP_BROKEN,
            GapKind::Point => &codes::GAP_POINT,
            GapKind::Slots => &codes::GAP_SLOT,
            GapKind::NotInDaily => &codes::GAP_NOT_IN_DAILY,
            GapKind::Uneven => &codes::GAP_UNEVEN,
            GapKind::Late => &codes::GAP_LATE,
            GapKind::Revised => &codes::GAP_REVISED,
            GapKind::Stranger => &codes::METER_STRANGER,
            GapKind::OutsideContract => &codes::METER_OUTSIDE_CONTRACT,
        }
    }
}

/// 欠測: one gap. What does not apply is empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Gap {
    /// What it is about.
    pub kind: GapKind,
    /// 供給区域.
    pub area: Area,
    /// The first day.
    pub date: Date,
    /// The last day; the first where it is one day.
    pub to: Date,
    /// The message that is missing, late or revised.
    pub message: Option<MeteringKind>,
    /// The point.
    pub point: Option<SupplyPointId>,
    /// The last digits of a point that is not ours.
    pub tail: Option<String>,
    /// The slots it is about; all of them where a whole day is missing.
    pub slots: SlotSet,
    /// Of these: the slots for which the operator said that there is no value.
    pub without_value: SlotSet,
    /// 分割番号.
    pub part: Option<u32>,
    /// 更新番号.
    pub revision: Option<u32>,
    /// The file that came.
    pub file: Option<String>,
    /// How many rows there were.
    pub rows: u64,
}

/// The point is personal data: its last four digits only.
impl std::fmt::Debug for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gap({:?}, {}, {}, {:?}, {:?})", self.kind, self.area.key(), self.date, self.point, self.slots)
    }
}

impl Gap {
    pub(super) fn new(kind: GapKind, area: Area, date: Date) -> Gap {
        Gap {
            kind,
            area,
            date,
            to: date,
            message: None,
            point: None,
            tail: None,
            slots: SlotSet::EMPTY,
            without_value: SlotSet::EMPTY,
            part: None,
            revision: None,
            file: None,
            rows: 0,
        }
    }
    /// How grave it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.kind.rule().severity
    }

    fn to_json(&self) -> Value {
        let slots = |slots: SlotSet| slots.iter().map(Slot::number).collect::<Vec<_>>();
        json!({
            "kind": self.kind.key(),
            "code": self.kind.rule().code,
            "severity": self.severity().key(),
            "area": self.area.key(),
            "from": self.date.to_string(),
            "to": self.to.to_string(),
            "message": self.message.map(MeteringKind::code),
            "point": self.point.as_ref().map(SupplyPointId::as_str),
            "tail": self.tail,
            "slots": slots(self.slots),
            "without_value": slots(self.without_value),
            "part": self.part,
            "revision": self.revision,
            "file": self.file,
            "rows": self.rows,
        })
    }
}

/// 一日の集計: what was expected of one area and day, and what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapDay {
    /// 供給区域.
    pub area: Area,
    /// The day.
    pub date: Date,
    /// Points expected: those under contract, or without a register those of which anything came.
    pub expected: u64,
    /// Of these: points with all 48 slots.
    pub complete: u64,
    /// Points with some slots.
    pub partial: u64,
    /// Points without any.
    pub missing: u64,
    /// Slots without a value, of all points expected.
    pub missing_slots: u64,
    /// Slots with a value, by the status that counts: 速報, 確報, 確定.
    pub by_status: [u64; 3],
    /// Files that came.
    pub files: u64,
}

/// 欠測の報告: what is missing of a period.
///
/// As JSON: `{"from","to","register","days":[{"area","date","expected","complete","partial","missing","missing_slots",
/// "preliminary","daily","fixed","files"}],"gaps":[{"kind","code","severity","area","from","to","message","point","tail",
/// "slots","without_value","part","revision","file","rows"}],"counts":{kind: n},"findings":[…]}`. What does not apply is
/// `null` or empty; `register` says whether points were judged by a register of contracts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GapReport {
    /// The first and the last day; nothing where there is nothing to judge.
    pub period: Option<(Date, Date)>,
    /// Whether there is a register of contracts.
    pub register: bool,
    /// Every area and day, by area and then by day.
    pub days: Vec<GapDay>,
    /// Every gap: files first, then points.
    pub gaps: Vec<Gap>,
    /// What a person should know beside.
    pub findings: Vec<Finding>,
}

impl GapReport {
    /// How many gaps of a kind there are.
    #[must_use]
    pub fn count(&self, kind: GapKind) -> usize {
        self.gaps.iter().filter(|gap| gap.kind == kind).count()
    }
    /// Whether something is missing or wrong: a late or a revised file is neither.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        self.gaps.iter().any(|gap| gap.severity() == Severity::Error)
    }
    /// The report as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let day = |day: &GapDay| {
            let of = |status: ReadingStatus| day.by_status.get(status as usize);
            json!({
                "area": day.area.key(), "date": day.date.to_string(), "expected": day.expected,
                "complete": day.complete, "partial": day.partial, "missing": day.missing,
                "missing_slots": day.missing_slots, "preliminary": of(ReadingStatus::Preliminary),
                "daily": of(ReadingStatus::Daily), "fixed": of(ReadingStatus::Fixed), "files": day.files,
            })
        };
        let counts: serde_json::Map<_, _> =
            GapKind::ALL.iter().map(|kind| (kind.key().to_owned(), self.count(*kind).into())).collect();
        json!({
            "from": self.period.map(|(from, _)| from.to_string()),
            "to": self.period.map(|(_, to)| to.to_string()),
            "register": self.register,
            "days": self.days.iter().map(day).collect::<Vec<_>>(),
            "gaps": self.gaps.iter().map(Gap::to_json).collect::<Vec<_>>(),
            "counts": counts,
            "findings": self.findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
        })
    }
}
