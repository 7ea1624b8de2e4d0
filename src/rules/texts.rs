//! 表記の不一致のおそれ: texts that may not match the counterparty's records literally. Both readings are shown, nothing
//! is changed. Source: facts/switching.md §2.4 (D): the comparison is literal.

use super::Finding;
use super::charset::check_charset;
use super::codes::{self, Rule};
use crate::items::{Address, Building, CustomerKana, CustomerName, FoldingStep, FoldingSteps, folded, risks};
use crate::messages::Field;

/// Checks one text of the kanji fields: charset, and what may be written differently elsewhere.
pub(super) fn check_text(text: &str, field: &Field, out: &mut Vec<Finding>) {
    check_charset(text, field, out);
    let found = risks(text);
    if !found.is_empty() {
        report(text, found, field, out);
    }
}

#[cold]
fn report(text: &str, found: FoldingSteps, field: &Field, out: &mut Vec<Finding>) {
    for step in found.iter() {
        let Some(rule) = rule(step) else { continue };
        let other = folded(text, FoldingSteps::NONE.with(step));
        let (ja, en) = if other == text {
            (format!("{}「{text}」: {}", field.ja, rule.ja), format!("{} `{text}`: {}", field.en, rule.en))
        } else {
            let ja = format!("{}「{text}」は「{other}」とも書かれます（{}）", field.ja, rule.ja);
            (ja, format!("{} `{text}` may also be written `{other}`: {}", field.en, rule.en))
        };
        out.push(rule.finding(ja, en).on(field));
    }
}

const fn rule(step: FoldingStep) -> Option<&'static Rule> {
    Some(match step {
        FoldingStep::Width => &codes::RISK_WIDTH,
        FoldingStep::Whitespace => &codes::RISK_BLANK,
        FoldingStep::Composition => &codes::RISK_COMPOSITION,
        FoldingStep::Kana => &codes::RISK_KANA,
        FoldingStep::LongVowel => &codes::RISK_LONG_VOWEL,
        FoldingStep::Variant => &codes::RISK_VARIANT,
        FoldingStep::PlaceName => &codes::RISK_PLACE_NAME,
        FoldingStep::LegalForm => &codes::RISK_LEGAL_FORM,
        FoldingStep::NumberForm => &codes::RISK_NUMBER_FORM,
        // No text alone shows it: it only appears when two are compared.
        FoldingStep::SmallKana => return None,
    })
}

/// 名義と住所: the texts of a record that name a customer and a place, as far as the record has them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Texts<'a> {
    pub name: Option<&'a CustomerName>,
    pub kana: Option<&'a CustomerKana>,
    pub address: Option<&'a Address>,
    pub building: Option<&'a Building>,
}

/// The declarations of those fields; looked up once for all rows of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextFields {
    name: &'static Field,
    kana: &'static Field,
    address: &'static Field,
    building: &'static Field,
}

impl TextFields {
    /// The fields of a record that has all four.
    pub(super) fn of(fields: &'static [Field]) -> Option<TextFields> {
        let field = |key: &str| fields.iter().find(|field| field.key == key);
        Some(TextFields {
            name: field("name")?,
            kana: field("kana")?,
            address: field("address")?,
            building: field("building")?,
        })
    }
}

/// Checks name, kana, address and building of a record.
pub(super) fn check_texts(texts: Texts<'_>, fields: &'static [Field], out: &mut Vec<Finding>) {
    if let Some(fields) = TextFields::of(fields) {
        check_texts_of(texts, fields, out);
    }
}

pub(super) fn check_texts_of(texts: Texts<'_>, fields: TextFields, out: &mut Vec<Finding>) {
    if let Some(name) = texts.name {
        check_text(name.as_str(), fields.name, out);
    }
    if let Some(kana) = texts.kana {
        check_charset(kana.as_str(), fields.kana, out);
        if let Some((position, found)) = kana.first_not_kana() {
            let ja = format!("{}の{position}文字目「{found}」はカナではありません", fields.kana.ja);
            let en = format!("`{found}` at character {position} of {} is not kana", fields.kana.en);
            out.push(codes::NOT_KANA.finding(ja, en).on(fields.kana));
        }
    }
    if let Some(building) = texts.building {
        check_charset(building.as_str(), fields.building, out);
        let found = risks(building.as_str()).without(FoldingStep::Kana);
        if !found.is_empty() {
            report(building.as_str(), found, fields.building, out);
        }
    }
    if let Some(address) = texts.address {
        check_text(address.as_str(), fields.address, out);
        check_place(address.as_str(), texts.building.is_some(), fields, out);
    }
}

/// A house number, and a building where the address ends like a room.
fn check_place(address: &str, has_building: bool, fields: TextFields, out: &mut Vec<Finding>) {
    let numbered = |c: char| c.is_ascii_digit() || matches!(c, '０'..='９' | '一'..='九' | '十' | '無');
    if !address.chars().any(numbered) {
        out.push(codes::NO_HOUSE_NUMBER.plain().on(fields.address));
    }
    if !has_building && looks_like_apartment(address) {
        out.push(codes::NO_BUILDING.plain().on(fields.building));
    }
}

/// Four numbers joined by hyphens (丁目, 番, 号, room), or a word of apartments.
fn looks_like_apartment(address: &str) -> bool {
    const WORDS: [&str; 9] =
        ["号室", "マンション", "アパート", "ハイツ", "コーポ", "レジデンス", "メゾン", "団地", "ビル"];
    let (mut numbers, mut inside) = (0, false);
    for c in address.chars() {
        match c {
            '0'..='9' | '０'..='９' if inside => {}
            '0'..='9' | '０'..='９' => (numbers, inside) = (numbers + 1, true),
            '-' | '－' | '‐' | '−' | '―' | 'ー' => inside = false,
            _ => (numbers, inside) = (0, false),
        }
    }
    numbers >= 4 || WORDS.iter().any(|word| address.contains(word))
}

#[cfg(test)]
mod tests {
    use super::looks_like_apartment;

    #[test]
    fn rooms_are_recognised() {
        for address in
            ["見本市東町1-2-3-405", "見本市東町１－２－３－４０５", "見本市東町1-2見本ハイツ", "1-2-3 405号室"]
        {
            assert!(looks_like_apartment(address), "{address}");
        }
        for address in ["見本市東町1-2-3", "見本市東町１丁目２番３号", "見本市東町3番地"] {
            assert!(!looks_like_apartment(address), "{address}");
        }
    }
}
