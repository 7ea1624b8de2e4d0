//! 文字の検査: characters CP932 cannot hold, and platform-dependent ones.

use super::{Finding, codes};
use crate::items::{FoldingSteps, risks};
use crate::messages::Field;
use encoding_rs::{EncoderResult, SHIFT_JIS};
use std::sync::LazyLock;

/// 文字の分類: how a character stands to CP932.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharClass {
    /// CP932 holds it.
    Plain,
    /// 機種依存文字: CP932 holds it in the rows of NEC and IBM (①, ㈱, Ⅳ, 髙).
    PlatformDependent,
    /// CP932 does not hold it.
    Absent,
}

/// One bit a character of the basic plane.
struct Table {
    absent: Vec<u64>,
    dependent: Vec<u64>,
    /// Either of them: what most characters are asked for.
    odd: Vec<u64>,
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

/// 表により異なる文字: the other member, its Microsoft twin, and the CP932 octets both are written as. The encoder knows
/// only the Microsoft twin of each.
///
/// Source: CP932 tables of Microsoft and of JIS X 0221.
pub const TWINS: [(char, char, [u8; 2]); 7] = [
    ('\u{301C}', '\u{FF5E}', [0x81, 0x60]),
    ('\u{2014}', '\u{2015}', [0x81, 0x5C]),
    ('\u{2016}', '\u{2225}', [0x81, 0x61]),
    ('\u{2212}', '\u{FF0D}', [0x81, 0x7C]),
    ('\u{00A2}', '\u{FFE0}', [0x81, 0x91]),
    ('\u{00A3}', '\u{FFE1}', [0x81, 0x92]),
    ('\u{00AC}', '\u{FFE2}', [0x81, 0xCA]),
];

impl Table {
    fn new() -> Table {
        let mut table = Table { absent: vec![0; 1024], dependent: vec![0; 1024], odd: Vec::new() };
        let mut octets = [0u8; 8];
        for c in '\u{80}'..='\u{FFFF}' {
            let text = c.encode_utf8(&mut [0; 4]).to_owned();
            let (result, _, written) =
                SHIFT_JIS.new_encoder().encode_from_utf8_without_replacement(&text, &mut octets, true);
            // The encoder would write a backslash and a tilde for these two.
            let lookalike = matches!(c, '\u{A5}' | '\u{203E}');
            let unmappable =
                matches!(result, EncoderResult::Unmappable(_)) && !TWINS.iter().any(|(other, ..)| *other == c);
            if lookalike || unmappable {
                Table::set(&mut table.absent, c);
            } else if written == 2 && matches!(octets.first(), Some(0x87 | 0xED | 0xEE | 0xFA..=0xFC)) {
                Table::set(&mut table.dependent, c);
            }
        }
        table.odd = table.absent.iter().zip(&table.dependent).map(|(absent, dependent)| absent | dependent).collect();
        table
    }

    fn set(bits: &mut [u64], c: char) {
        if let Some(word) = bits.get_mut(c as usize / 64) {
            *word |= 1 << (c as usize % 64);
        }
    }

    fn has(bits: &[u64], c: char) -> bool {
        bits.get(c as usize / 64).is_some_and(|word| word >> (c as usize % 64) & 1 != 0)
    }
}

/// How a character stands to CP932.
#[must_use]
pub fn char_class(c: char) -> CharClass {
    if c.is_ascii() {
        return CharClass::Plain;
    }
    let table = &*TABLE;
    if c > '\u{FFFF}' || Table::has(&table.absent, c) {
        CharClass::Absent
    } else if Table::has(&table.dependent, c) {
        CharClass::PlatformDependent
    } else {
        CharClass::Plain
    }
}

/// 文字の検査: names every character that CP932 cannot hold, and the platform-dependent ones.
///
/// A kanji that is found as a variant character anyway is not named a second time.
pub(super) fn check_charset(text: &str, field: &Field, out: &mut Vec<Finding>) {
    if text.is_ascii() {
        return;
    }
    let table = &*TABLE;
    for (index, c) in text.char_indices() {
        if !c.is_ascii() && (c > '\u{FFFF}' || Table::has(&table.odd, c)) {
            report(text, index, c, field, out);
        }
    }
}

#[cold]
fn report(text: &str, index: usize, c: char, field: &Field, out: &mut Vec<Finding>) {
    let before = text.get(..index).unwrap_or_default();
    if before.contains(c) {
        return;
    }
    let (position, code) = (before.chars().count() + 1, c as u32);
    let finding = match char_class(c) {
        CharClass::Absent => codes::NOT_IN_CP932.finding(
            format!("「{c}」(U+{code:04X}) はCP932で表せません（{position}文字目）"),
            format!("`{c}` (U+{code:04X}) at character {position} does not exist in CP932"),
        ),
        CharClass::PlatformDependent if is_kanji(c) && risks(c.encode_utf8(&mut [0; 4])) != FoldingSteps::NONE => {
            return;
        }
        _ => codes::PLATFORM_DEPENDENT.finding(
            format!("「{c}」(U+{code:04X}) は機種依存文字です（{position}文字目）"),
            format!("`{c}` (U+{code:04X}) at character {position} is platform-dependent"),
        ),
    };
    out.push(finding.on(field));
}

const fn is_kanji(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_classes_are_those_of_cp932() {
        for c in "aあ漢ｱ～∪≡￥〜−".chars() {
            assert_eq!(char_class(c), CharClass::Plain, "{c}");
        }
        for c in "①㈱Ⅳ№髙﨑ⅳ".chars() {
            assert_eq!(char_class(c), CharClass::PlatformDependent, "{c}");
        }
        for c in "𠮷😀é¥‾\u{FFFD}鿿".chars() {
            assert_eq!(char_class(c), CharClass::Absent, "{c}");
        }
    }
}
