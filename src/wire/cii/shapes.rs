//! 知っている形: the shapes of the records of a document, and which of them comes next.

use super::quick::Order;
use super::shape::Shape;
use super::trace::Trace;

/// How many shapes are known at once.
const SHAPES: usize = 6;

/// The shapes that are known.
pub(super) struct Shapes {
    known: Vec<Shape>,
    last: usize,
    clock: u64,
    /// How many were learned since one was of use.
    idle: u64,
}

impl Shapes {
    pub(super) const fn new() -> Shapes {
        Shapes { known: Vec::new(), last: 0, clock: 0, idle: 0 }
    }

    /// Looks which shapes begin with these open elements.
    pub(super) fn arrive(&mut self, names: &[u8], ends: &[usize]) {
        for shape in &mut self.known {
            shape.is_here = shape.ends == ends && shape.names == names;
        }
    }

    /// The shape that comes next by all likelihood, where its rows can be read in one pass.
    pub(super) fn likely(&mut self) -> Option<&mut Shape> {
        let likely = self.known.get(self.last)?.successor;
        let shape = self.known.get_mut(likely).filter(|shape| shape.is_here && shape.order != Order::Other)?;
        self.last = likely;
        Some(shape)
    }

    /// The shape that the octets begin with, and how long the record is.
    #[inline]
    pub(super) fn expect(&mut self, octets: &[u8], limit: usize) -> Option<(&Shape, usize)> {
        let likely = self.known.get(self.last)?.successor;
        if let Some(len) = self.known.get_mut(likely).filter(|shape| shape.is_here).and_then(|s| s.fits(octets, limit))
        {
            self.last = likely;
            return self.known.get(likely).map(|shape| (shape, len));
        }
        self.expect_other(octets, limit, likely)
    }

    #[cold]
    fn expect_other(&mut self, octets: &[u8], limit: usize, likely: usize) -> Option<(&Shape, usize)> {
        let mut others = self.known.iter_mut().enumerate().filter(|(at, shape)| *at != likely && shape.is_here);
        let (at, len) = others.find_map(|(at, shape)| Some((at, shape.fits(octets, limit)?)))?;
        self.clock += 1;
        self.idle = 0;
        if let Some(last) = self.known.get_mut(self.last) {
            last.successor = at;
            last.used = self.clock;
        }
        self.last = at;
        let shape = self.known.get_mut(at)?;
        shape.used = self.clock;
        Some((&*shape, len))
    }

    /// Learns a shape from what was read tag by tag between two rows; `octets` begin at the octet of a document.
    pub(super) fn learn(&mut self, trace: &Trace, octets: &[u8], base: u64, end: u64, context: (&[u8], &[usize])) {
        self.idle += 1;
        // A trace that ends elsewhere than it begins leads to no other of its kind.
        let is_round = trace.names == context.0 && trace.ends == context.1;
        let wanted = is_round && trace.is_clean && (self.idle <= 32 || self.idle.is_multiple_of(64));
        let from = trace.from.checked_sub(base).and_then(|from| usize::try_from(from).ok());
        let to = end.checked_sub(base).and_then(|end| usize::try_from(end).ok());
        let (true, Some(from), Some(to)) = (wanted, from, to) else { return };
        let Some(octets) = octets.get(from..to) else { return };
        let place = if self.known.len() < SHAPES {
            self.known.push(Shape::new());
            self.known.len() - 1
        } else {
            let oldest = self.known.iter().enumerate().min_by_key(|(_, shape)| shape.used);
            oldest.map_or(0, |(at, _)| at)
        };
        self.clock += 1;
        let clock = self.clock;
        let Some(shape) = self.known.get_mut(place) else { return };
        (shape.used, shape.successor) = (clock, place);
        if !shape.learn(trace, octets) {
            return shape.forget();
        }
        let Some(shape) = self.known.get(place) else { return };
        let same = self.known.iter().enumerate().position(|(at, other)| at != place && other.is_same(shape));
        let arrived = match same {
            Some(same) => {
                if let Some(shape) = self.known.get_mut(place) {
                    shape.forget();
                }
                same
            }
            None => place,
        };
        if let Some(last) = self.known.get_mut(self.last) {
            last.successor = arrived;
        }
        self.last = arrived;
    }
}
