//! 必須項目と48コマ: what a plan must have.

use crate::items::Code as _;
use crate::messages::planning::{AnyNode, Content, Group, Plan, PlanSeries, Tag};
use crate::rules::{Finding, Severity, codes};

/// Holds a plan against the declaration of its message.
pub(super) fn check(plan: &Plan, out: &mut Vec<Finding>) {
    let shape = plan.kind().shape();
    let mut walk = Walk { path: Path::default(), verified: shape.verified, out };
    walk.contents(&plan.head, shape.head);
    walk.contents(plan.body.node(), shape.body);
}

/// Where a finding lies: `/JPTRM/JPM00022[3]`.
#[derive(Clone, Debug, Default)]
pub(super) struct Path(Vec<(u16, usize)>);

impl Path {
    pub(super) fn of(steps: &[(u16, usize)]) -> Path {
        Path(steps.to_vec())
    }
    /// The group it ends in; 0 for the message itself.
    pub(super) fn last(&self) -> u16 {
        self.0.last().map_or(0, |(group, _)| *group)
    }
    pub(super) fn place(&self) -> String {
        self.0.iter().fold("/JPTRM".to_owned(), |path, (group, row)| match row {
            0 => format!("{path}/JPM{group:05}"),
            row => format!("{path}/JPM{group:05}[{row}]"),
        })
    }
}

struct Walk<'o> {
    path: Path,
    verified: bool,
    out: &'o mut Vec<Finding>,
}

impl Walk<'_> {
    fn contents(&mut self, node: &AnyNode, content: &[Content]) {
        for one in content {
            match one {
                Content::Leaf { tag, required } => {
                    if *required && node.leaf(*tag).is_none() {
                        self.missing(tag.element(), tag.ja(), tag.en());
                    }
                }
                Content::Slots { number, tags } => self.slots(node, *number, tags),
                Content::Group(group) => self.group(node, group),
            }
        }
    }

    fn group(&mut self, node: &AnyNode, group: &Group) {
        let Some(part) = group.part else {
            if group.required || has_any(node, group.content) {
                self.path.0.push((group.number, 0));
                self.contents(node, group.content);
                self.path.0.pop();
            }
            return;
        };
        let mut repetitions = 0;
        while let Some(child) = node.part(part, repetitions) {
            repetitions += 1;
            self.path.0.push((group.number, if group.many { repetitions } else { 0 }));
            self.contents(child, group.content);
            self.path.0.pop();
        }
        if repetitions == 0 && group.required {
            let (name, ja, en) = (format!("JPM{:05}", group.number), part.ja(), part.en());
            self.missing(&name, ja, en);
        }
    }

    fn slots(&mut self, node: &AnyNode, number: u16, tags: &[Tag]) {
        let mut present = None;
        for (index, tag) in tags.iter().enumerate() {
            match node.series(*tag) {
                Some(series) if series.is_complete() => {}
                // A row that is missing is missing for all its values.
                Some(series) if present == Some(series.present()) => {}
                Some(series) => {
                    present = Some(series.present());
                    self.gaps(number, *tag, series);
                }
                None if index == 0 => {
                    self.path.0.push((number, 0));
                    self.missing(tag.element(), tag.ja(), tag.en());
                    self.path.0.pop();
                }
                None => {}
            }
        }
    }

    fn gaps(&mut self, number: u16, tag: Tag, series: &PlanSeries) {
        let gaps: Vec<String> = series.gaps().map(|slot| format!("{:02}", slot.number())).collect();
        let (there, list) = (48 - gaps.len(), gaps.join(","));
        let (ja, en) = (
            format!("{}が{there}コマしかありません（ないコマ: {list}）", tag.ja()),
            format!("{} has {there} slots, without {list}", tag.en()),
        );
        self.path.0.push((number, 0));
        self.push(codes::PLAN_SLOTS.finding(ja, en), tag);
        self.path.0.pop();
    }

    fn missing(&mut self, name: &str, ja: &str, en: &str) {
        let finding =
            codes::PLAN_MISSING.finding(format!("{name}「{ja}」がありません"), format!("{name} {en} is missing"));
        let mut finding = finding;
        finding.place.path = Some(self.path.place());
        if !self.verified {
            // What such a plan must have is assumed after 0250.
            finding.severity = Severity::Warning;
        }
        self.out.push(finding);
    }

    fn push(&mut self, mut finding: Finding, tag: Tag) {
        finding.place.path = Some(self.path.place());
        finding.place.column = Some(tag.ja().into());
        finding.item = tag.item();
        self.out.push(finding);
    }
}

fn has_any(node: &AnyNode, content: &[Content]) -> bool {
    content.iter().any(|one| match one {
        Content::Leaf { tag, .. } => node.leaf(*tag).is_some(),
        Content::Slots { tags, .. } => tags.iter().any(|tag| node.series(*tag).is_some()),
        Content::Group(group) => match group.part {
            Some(part) => node.part(part, 0).is_some(),
            None => has_any(node, group.content),
        },
    })
}
