//! 読み取った跡: what was read tag by tag since the row before.

use super::layout::{Node, Part};

/// The most values of a trace: a row with the head of a bill before it.
pub(super) const HOLES: usize = 32;

/// What was read since the row before.
#[derive(Default)]
pub(super) struct Trace {
    pub(super) is_clean: bool,
    pub(super) from: u64,
    pub(super) steps: Vec<Step>,
    /// The open elements where it begins.
    pub(super) names: Vec<u8>,
    pub(super) ends: Vec<usize>,
}

/// A step of a trace; places are octets of the document.
pub(super) enum Step {
    Open { node: &'static Node, at: u64 },
    Value { hole: Hole, start: u64, len: usize },
    Close { node: &'static Node },
}

/// A place where a value stands.
#[derive(Clone, Copy)]
pub(super) struct Hole {
    pub(super) node: &'static Node,
    pub(super) parent: Part,
    pub(super) child: usize,
    /// Whether the tag closes what it opens: there is no value.
    pub(super) is_empty: bool,
}

impl Trace {
    pub(super) fn begin(&mut self, from: u64, context: (&[u8], &[usize])) {
        self.steps.clear();
        (self.is_clean, self.from) = (true, from);
        self.names.clear();
        self.names.extend_from_slice(context.0);
        self.ends.clear();
        self.ends.extend_from_slice(context.1);
    }
    /// What comes cannot be expected again, or not read that way.
    pub(super) const fn spoil(&mut self) {
        self.is_clean = false;
    }
    fn step(&mut self, step: Step) {
        if self.is_clean {
            self.is_clean = self.steps.len() < 2 * HOLES + 16;
            self.steps.push(step);
        }
    }
    pub(super) fn open(&mut self, node: &'static Node, at: u64) {
        if matches!(node.part, Part::Message | Part::MessageGroup | Part::Envelope | Part::Body) {
            self.spoil();
        }
        self.step(Step::Open { node, at });
    }
    pub(super) fn value(&mut self, hole: Hole, start: u64, len: usize) {
        self.step(Step::Value { hole, start, len });
    }
    pub(super) fn close(&mut self, node: &'static Node) {
        self.step(Step::Close { node });
    }
}
