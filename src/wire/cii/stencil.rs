//! 型紙: several values of a length that is expected, and what stands between them, compared at once.
//!
//! Points, customer ids, control numbers and flags mostly have the length that they had in the row before. What has
//! another length is read value by value.

use super::shape::Literal;

/// Octets that are expected, with holes; at most `8 * W` of them.
struct Mask<const W: usize> {
    words: [u64; W],
    masks: [u64; W],
    len: usize,
}

/// A piece of a stencil.
enum Piece<'a> {
    Octets(&'a [u8]),
    Hole(usize),
}

impl<const W: usize> Mask<W> {
    fn of(pieces: &[Piece<'_>]) -> Option<Mask<W>> {
        let mut mask = Mask { words: [0; W], masks: [0; W], len: 0 };
        for piece in pieces {
            match piece {
                Piece::Hole(len) => mask.len += len,
                Piece::Octets(octets) => {
                    for octet in *octets {
                        let shift = mask.len % 8 * 8;
                        *mask.words.get_mut(mask.len / 8)? |= u64::from(*octet) << shift;
                        *mask.masks.get_mut(mask.len / 8)? |= 0xFF << shift;
                        mask.len += 1;
                    }
                }
            }
        }
        (mask.len <= 8 * W).then_some(mask)
    }

    /// Whether the octets begin as expected, and how they go on. There have to be as many as a stencil can have.
    #[inline(always)]
    fn pass<'a>(&self, octets: &'a [u8]) -> Option<&'a [u8]> {
        let (blocks, _) = octets.as_chunks::<8>();
        let blocks = blocks.first_chunk::<W>()?;
        let mut differs = 0;
        for ((block, word), mask) in blocks.iter().zip(&self.words).zip(&self.masks) {
            differs |= (u64::from_le_bytes(*block) ^ word) & mask;
        }
        if differs != 0 {
            return None;
        }
        octets.get(self.len..)
    }
}

/// The lengths of the values of a row that mostly stay the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Lengths {
    pub(super) customer_id: usize,
    pub(super) control_number: usize,
}

/// The stencil of a row: up to the name of the customer, and from there to its energy.
pub(super) struct Stencil {
    pub(super) lengths: Lengths,
    front: Mask<12>,
    middle: Mask<8>,
    point_at: usize,
    id_at: usize,
    /// The second and the last eight digits of the id, behind its beginning; they may be the same.
    second: usize,
    last: usize,
    control_at: usize,
    flag_at: usize,
}

const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Marks the octets of a word that are no digits.
const fn no_digits(word: u64) -> u64 {
    ((word ^ ZEROS) | (word.wrapping_add(0x0606_0606_0606_0606) ^ ZEROS)) & 0xF0F0_F0F0_F0F0_F0F0
}

#[inline(always)]
fn word(octets: &[u8]) -> Option<u64> {
    octets.first_chunk::<8>().map(|octets| u64::from_le_bytes(*octets))
}

impl Stencil {
    /// The stencil of rows with values of these lengths; nothing where it would be too long.
    pub(super) fn of(lead: &Literal, literals: &[Literal], named: bool, lengths: Lengths) -> Option<Stencil> {
        let Lengths { customer_id, control_number } = lengths;
        if !(8..=24).contains(&customer_id) || control_number > 8 {
            return None;
        }
        let mut literals = literals.iter().map(Literal::octets);
        let mut next = || literals.next();
        let (lead, behind_point, behind_id) = (lead.octets(), next()?, next()?);
        let front = [
            Piece::Octets(lead),
            Piece::Hole(22),
            Piece::Octets(behind_point),
            Piece::Hole(customer_id),
            Piece::Octets(behind_id),
        ];
        let behind_name = if named { next()? } else { &[] };
        let (behind_control, behind_flag) = (next()?, next()?);
        let middle = [
            Piece::Octets(behind_name),
            Piece::Hole(control_number),
            Piece::Octets(behind_control),
            Piece::Hole(1),
            Piece::Octets(behind_flag),
        ];
        Some(Stencil {
            lengths,
            front: Mask::of(&front)?,
            middle: Mask::of(&middle)?,
            point_at: lead.len(),
            id_at: lead.len() + 22 + behind_point.len(),
            second: (customer_id - 8).min(8),
            last: customer_id - 8,
            control_at: behind_name.len(),
            flag_at: behind_name.len() + control_number + behind_control.len(),
        })
    }

    /// The point and the customer id, where both are digits, and what stands behind them.
    #[inline(always)]
    pub(super) fn front<'a>(&self, octets: &'a [u8]) -> Option<(&'a [u8; 22], &'a [u8], &'a [u8])> {
        let rest = self.front.pass(octets)?;
        let point = octets.get(self.point_at..)?.first_chunk()?;
        let id = octets.get(self.id_at..)?;
        let (second, last) = (id.get(self.second..)?, id.get(self.last..)?);
        let wrong = no_digits(word(id)?) | no_digits(word(second)?) | no_digits(word(last)?);
        (wrong == 0).then_some((point, id, rest))
    }

    /// The control number, where it is digits, the flag, and what stands behind them.
    #[inline(always)]
    pub(super) fn middle<'a>(&self, octets: &'a [u8]) -> Option<(&'a [u8], u8, &'a [u8])> {
        let rest = self.middle.pass(octets)?;
        let control = octets.get(self.control_at..)?;
        let is_mine =
            if self.lengths.control_number == 8 { u64::MAX } else { (1 << (8 * self.lengths.control_number)) - 1 };
        let flag = octets.get(self.flag_at)?;
        (no_digits(word(control)?) & is_mine == 0).then_some((control, *flag, rest))
    }
}
