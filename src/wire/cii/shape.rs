//! 明細の形: the octets that stand around the values of a record, learned from one record and expected of the next.
//!
//! A shape goes from behind one row to behind the next, with all that lies between: the same tags, blanks and
//! attributes, and the places of the values. What fits it means what it meant when it was read tag by tag. What does
//! not fit is read tag by tag.

use super::layout::{Node, Part};
use super::quick::Order;
use super::record::{MOST, Span};
use super::scan;
use super::stencil::Stencil;
use super::trace::{HOLES, Hole, Step, Trace};

/// The most octets of a shape without its values.
const OCTETS: usize = 4096;

/// Octets that are expected.
pub(super) struct Literal {
    octets: Vec<u8>,
    /// The first 32 of them, and which octets of a block of 32 they are.
    words: [u64; 4],
    masks: [u64; 4],
    len: usize,
}

const BLOCK: usize = 32;

#[inline(always)]
fn words(block: &[u8; BLOCK]) -> [u64; 4] {
    let mut words = [0; 4];
    for (word, octets) in words.iter_mut().zip(block.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*octets);
    }
    words
}

impl Literal {
    const fn new() -> Literal {
        Literal { octets: Vec::new(), words: [0; 4], masks: [0; 4], len: 0 }
    }
    fn set(&mut self, octets: &[u8]) {
        self.octets.clear();
        self.octets.extend_from_slice(octets);
        self.len = octets.len();
        let (mut block, mut mask) = ([0; BLOCK], [0; BLOCK]);
        for ((place, mask), octet) in block.iter_mut().zip(&mut mask).zip(octets) {
            (*place, *mask) = (*octet, 0xFF);
        }
        (self.words, self.masks) = (words(&block), words(&mask));
    }
    pub(super) fn octets(&self) -> &[u8] {
        &self.octets
    }
    /// Passes over them, where they stand at the beginning and 32 octets are left; close to the end nothing is passed.
    #[inline(always)]
    pub(super) fn pass(&self, rest: &mut &[u8]) -> Option<()> {
        let got = words(rest.first_chunk::<BLOCK>()?);
        let mut differs = 0;
        for ((got, word), mask) in got.iter().zip(&self.words).zip(&self.masks) {
            differs |= (got ^ word) & mask;
        }
        if differs != 0 || self.len > BLOCK && !rest.starts_with(&self.octets) {
            return None;
        }
        *rest = rest.get(self.len..)?;
        Some(())
    }
}

/// What to do where a shape fits that is more than a row.
#[derive(Clone, Copy)]
pub(super) enum Act {
    /// An element begins, so many octets behind a value (or behind the beginning).
    Open {
        node: &'static Node,
        hole: usize,
        behind: usize,
    },
    /// The next value.
    Value,
    Close {
        node: &'static Node,
    },
}

/// The shape of a record.
pub(super) struct Shape {
    /// The open elements where it begins and ends.
    pub(super) names: Vec<u8>,
    pub(super) ends: Vec<usize>,
    /// Whether those are open now.
    pub(super) is_here: bool,
    pub(super) lead: Literal,
    holes: Vec<Hole>,
    /// What stands behind each hole; as many as there ever were holes.
    pub(super) literals: Vec<Literal>,
    /// Whether it is a row that can be read in one pass, and of which values.
    pub(super) order: Order,
    pub(super) stencil: Option<Stencil>,
    /// Rows that did not fit the stencil.
    pub(super) misses: u32,
    acts: Vec<Act>,
    /// The row, where it is nothing but a row.
    row: Option<&'static Node>,
    /// Where the row begins.
    row_at: usize,
    /// The values of the row by their places in its declaration, behind its beginning.
    pub(super) spans: [Span; MOST],
    /// Which of them are ASCII without control characters.
    pub(super) plain: u32,
    /// The values by holes, behind the beginning of the shape.
    found: [Span; HOLES],
    /// Which shape came after it last.
    pub(super) successor: usize,
    pub(super) used: u64,
}

impl Shape {
    pub(super) fn new() -> Shape {
        Shape {
            names: Vec::new(),
            ends: Vec::new(),
            is_here: false,
            lead: Literal::new(),
            holes: Vec::with_capacity(HOLES),
            literals: Vec::new(),
            order: Order::Other,
            stencil: None,
            misses: 0,
            acts: Vec::new(),
            row: None,
            row_at: 0,
            spans: [Span::ABSENT; MOST],
            plain: 0,
            found: [Span::ABSENT; HOLES],
            successor: 0,
            used: 0,
        }
    }

    /// The row, where the shape is nothing but one.
    pub(super) const fn row(&self) -> Option<(&'static Node, usize)> {
        match self.row {
            Some(node) => Some((node, self.row_at)),
            None => None,
        }
    }

    /// How long a record of this shape is that the octets begin with.
    #[inline]
    pub(super) fn fits(&mut self, octets: &[u8], limit: usize) -> Option<usize> {
        let mut rest = octets;
        self.lead.pass(&mut rest)?;
        let is_row = self.row.is_some();
        let row_at = self.row_at;
        let mut plain = 0;
        for ((hole, literal), found) in self.holes.iter().zip(&self.literals).zip(&mut self.found) {
            let start = octets.len() - rest.len();
            let (mut len, mut is_plain) = (0, true);
            if !hole.is_empty {
                (len, is_plain) = scan::text(rest)?;
                rest = rest.get(len..)?;
            }
            // A reference is no literal: none begins with `&`.
            if len > limit {
                return None;
            }
            literal.pass(&mut rest)?;
            let len32 = len as u32;
            if is_row {
                plain |= u32::from(is_plain) << (hole.child & 31);
                if let Some(span) = self.spans.get_mut(hole.child) {
                    *span = Span { start: (start - row_at) as u32, len: len32 };
                }
            } else {
                *found = Span { start: start as u32, len: len32 };
            }
        }
        self.plain = plain;
        Some(octets.len() - rest.len())
    }

    /// What a record that fits does, step by step: begins, values and ends of elements, with their places behind the
    /// beginning of the record.
    pub(super) fn play(&self) -> impl Iterator<Item = Played> + '_ {
        let mut next = 0;
        self.acts.iter().map(move |act| match *act {
            Act::Open { node, hole, behind } => {
                let before = hole.checked_sub(1).and_then(|hole| self.found.get(hole));
                let end = before.map_or(0, |span| span.start as usize + span.len as usize);
                Played::Open { node, at: end + behind }
            }
            Act::Value => {
                let span = self.found.get(next).copied().unwrap_or(Span::ABSENT);
                let hole = self.holes.get(next).copied();
                next += 1;
                Played::Value { hole, start: span.start as usize, len: span.len as usize }
            }
            Act::Close { node } => Played::Close { node },
        })
    }

    /// Takes the shape of a trace; not if it is too large or too odd for one.
    pub(super) fn learn(&mut self, trace: &Trace, octets: &[u8]) -> bool {
        self.is_here = false;
        self.holes.clear();
        self.acts.clear();
        self.order = Order::Other;
        (self.stencil, self.misses) = (None, 0);
        self.row = None;
        self.spans = [Span::ABSENT; MOST];
        let place = |at: u64| usize::try_from(at.checked_sub(trace.from)?).ok();
        let (mut end, mut size) = (0, 0);
        for step in &trace.steps {
            match *step {
                Step::Open { node, at } => {
                    let Some(at) = place(at).and_then(|at| at.checked_sub(end)) else { return false };
                    self.acts.push(Act::Open { node, hole: self.holes.len(), behind: at });
                }
                Step::Close { node } => self.acts.push(Act::Close { node }),
                Step::Value { hole, start, len } => {
                    let literal = place(start).and_then(|start| octets.get(end..start));
                    let (Some(literal), true) = (literal, self.holes.len() < HOLES) else { return false };
                    size += literal.len();
                    self.put(literal);
                    end += literal.len() + len;
                    self.holes.push(hole);
                    self.acts.push(Act::Value);
                }
            }
        }
        let Some(literal) = octets.get(end..) else { return false };
        self.put(literal);
        if size + literal.len() > OCTETS || self.holes.is_empty() {
            return false;
        }
        self.names.clear();
        self.names.extend_from_slice(&trace.names);
        self.ends.clear();
        self.ends.extend_from_slice(&trace.ends);
        self.find_row()
    }

    fn put(&mut self, literal: &[u8]) {
        let Some(hole) = self.holes.len().checked_sub(1) else { return self.lead.set(literal) };
        if self.literals.len() <= hole {
            self.literals.push(Literal::new());
        }
        if let Some(place) = self.literals.get_mut(hole) {
            place.set(literal);
        }
    }

    /// Finds out whether the shape is nothing but a row. A row with two values of one element is no shape.
    fn find_row(&mut self) -> bool {
        let mut seen = 0u32;
        let of_row = |hole: &&Hole| matches!(hole.parent, Part::Row | Part::HalfHour);
        for hole in self.holes.iter().filter(of_row) {
            if seen & 1 << hole.child != 0 {
                return false;
            }
            seen |= 1 << hole.child;
        }
        if let [Act::Open { node, hole: 0, behind }, values @ .., Act::Close { node: closed }] = self.acts.as_slice()
            && std::ptr::eq(*node, *closed)
            && values.iter().all(|act| matches!(act, Act::Value))
            && matches!(node.part, Part::Row | Part::HalfHour)
        {
            (self.row, self.row_at) = (Some(*node), *behind);
            self.order = Order::of(&self.holes);
        }
        true
    }

    /// From here on it fits nowhere: rows stand in an element.
    pub(super) fn forget(&mut self) {
        self.ends.clear();
        self.names.clear();
        self.used = 0;
    }

    pub(super) fn is_same(&self, other: &Shape) -> bool {
        self.holes.len() == other.holes.len()
            && self.lead.octets == other.lead.octets
            && self.ends == other.ends
            && self.names == other.names
            && self.literals.iter().zip(&other.literals).take(self.holes.len()).all(|(a, b)| a.octets == b.octets)
    }
}

/// A step of a record that fits.
pub(super) enum Played {
    Open { node: &'static Node, at: usize },
    Value { hole: Option<Hole>, start: usize, len: usize },
    Close { node: &'static Node },
}
