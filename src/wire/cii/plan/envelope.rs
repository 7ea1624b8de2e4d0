//! 封筒: `SBD-MSG`, `JPMGRP` and `JPMGH` of a plan.

use super::source::{Next, Source, Stop};
use crate::items::{BusinessCode, DateTime};
use crate::messages::planning::{PlanCode, PlanDigit, PlanEnvelope};
use crate::rules::codes;
use quick_xml::events::BytesStart;
use std::borrow::Cow;

/// BPID 副機関コード of plans.
pub(super) const SUB: &str = "W6";
/// The version of the mapping rules.
///
/// Source: facts/wire.md §0 (S).
pub(super) const MAPPING: &str = "1.1-1A";
/// What follows a business code in JPC06 and JPC09.
pub(super) const ZEROS: &str = "0000000";

/// The items of JPMGH in their order.
pub(super) const ITEMS: [&str; 9] = ["JPC03", "JPC06", "JPC09", "JPC10", "JPC11", "JPC12", "JPC14", "JPC19", "JPC21"];
/// The attributes of `SBD-MSG` in their order, and the item each repeats.
pub(super) const ATTRIBUTES: [(&str, &str); 5] =
    [("BPID", "JPC10"), ("BPIDSUB", "JPC11"), ("BPIDVER", "JPC12"), ("MSGID", "JPC14"), ("MAPVER", "JPC21")];

/// What stands before the message.
pub(super) struct Raw<'a> {
    attributes: [Option<Cow<'a, str>>; 5],
    items: [Option<Cow<'a, str>>; 9],
}

impl<'a> Raw<'a> {
    /// Reads up to the start of `JPTRM`.
    pub(super) fn read(source: &mut Source<'a>) -> Result<Raw<'a>, Stop> {
        let mut raw = Raw { attributes: Default::default(), items: Default::default() };
        let tag = expect(source, "SBD-MSG")?;
        for (place, (name, _)) in raw.attributes.iter_mut().zip(ATTRIBUTES) {
            *place = attribute(&tag, name);
        }
        if tag.attributes().with_checks(false).count() > ATTRIBUTES.len() {
            source.form("SBD-MSGに他の属性があります", "SBD-MSG has other attributes");
        }
        let group = expect(source, "JPMGRP")?;
        sequence(source, &group);
        expect(source, "JPMGH")?;
        loop {
            match source.next()? {
                Next::Close => break,
                Next::Open { tag, at, empty, .. } => {
                    let name = tag.name().as_ref().to_owned();
                    let name = String::from_utf8(name.into()).unwrap_or_default();
                    let known = ITEMS.iter().position(|item| name.rsplit(':').next() == Some(*item));
                    match known.and_then(|index| raw.items.get_mut(index)) {
                        Some(place) if place.is_none() => *place = Some(source.leaf(empty)?),
                        _ => {
                            source.structure(at, "JPMGHに置けない要素です", "it cannot stand in JPMGH");
                            source.skip(empty)?;
                        }
                    }
                }
                Next::Text(_) => source.structure(source.at(), "JPMGHに文字があります", "there is text in JPMGH"),
                Next::End => return Err(source.broken(source.at())),
            }
        }
        let message = expect(source, "JPTRM")?;
        sequence(source, &message);
        Ok(raw)
    }

    fn item(&self, name: &str) -> &str {
        let index = ITEMS.iter().position(|item| *item == name);
        index.and_then(|index| self.items.get(index)?.as_deref()).unwrap_or_default()
    }

    /// 情報区分コード
    pub(super) fn message_code(&self) -> &str {
        self.item("JPC14")
    }

    /// The envelope; a wrong item of it leaves no plan.
    pub(super) fn envelope(&self, source: &mut Source<'_>) -> Result<PlanEnvelope, Stop> {
        for (found, (attribute, item)) in self.attributes.iter().zip(ATTRIBUTES) {
            let (found, wanted) = (found.as_deref().unwrap_or_default(), self.item(item));
            if found != wanted {
                source.finding(codes::PLAN_ENVELOPE.finding(
                    format!("SBD-MSGの{attribute}「{found}」が{item}「{wanted}」と違います"),
                    format!("{attribute} of SBD-MSG is `{found}`, but {item} is `{wanted}`"),
                ));
            }
        }
        for (item, wanted) in [("JPC11", SUB), ("JPC21", MAPPING)] {
            let found = self.item(item);
            if found != wanted {
                return Err(self.wrong(source, item, wanted));
            }
        }
        let party = |item: &str| self.item(item).strip_suffix(ZEROS).and_then(|code| BusinessCode::parse(code).ok());
        Ok(PlanEnvelope {
            mode: self
                .item("JPC03")
                .parse()
                .ok()
                .and_then(PlanDigit::new)
                .ok_or_else(|| self.wrong(source, "JPC03", "0"))?,
            sender: party("JPC06").ok_or_else(|| self.wrong(source, "JPC06", "499960000000"))?,
            receiver: party("JPC09").ok_or_else(|| self.wrong(source, "JPC09", "700130000000"))?,
            agency: PlanCode::parse(self.item("JPC10")).map_err(|_| self.wrong(source, "JPC10", "OCTO"))?,
            version: PlanCode::parse(self.item("JPC12")).map_err(|_| self.wrong(source, "JPC12", "3A"))?,
            message_code: PlanCode::parse(self.item("JPC14")).map_err(|_| self.wrong(source, "JPC14", "0250"))?,
            created: created(self.item("JPC19")).ok_or_else(|| self.wrong(source, "JPC19", "260401093000"))?,
            final_newline: false,
        })
    }

    fn wrong(&self, source: &Source<'_>, item: &str, example: &str) -> Stop {
        let found = self.item(item);
        source.stop(
            &codes::PLAN_ENVELOPE,
            format!("封筒の{item}「{found}」が正しくありません（例: {example}）"),
            format!("{item} of the envelope is `{found}`, expected a value like `{example}`"),
        )
    }
}

/// The next element, which must be this one.
fn expect<'a>(source: &mut Source<'a>, wanted: &str) -> Result<BytesStart<'a>, Stop> {
    match source.next()? {
        Next::Open { tag, empty: false, .. } if tag.local_name().as_ref() == wanted => Ok(tag),
        Next::End => Err(source.broken(source.at())),
        _ => Err(source.stop(
            &codes::PLAN_NOT_W6,
            format!("要素 {wanted} がありません"),
            format!("there is no element `{wanted}`"),
        )),
    }
}

fn attribute<'a>(tag: &BytesStart<'a>, name: &str) -> Option<Cow<'a, str>> {
    let found = tag.attributes().with_checks(false).flatten().find(|found| found.key.as_ref() == name)?;
    Some(Cow::Owned(found.value.into_owned()))
}

fn sequence(source: &mut Source<'_>, tag: &BytesStart<'_>) {
    if attribute(tag, "SEQ").as_deref() != Some("1") {
        source.form("SEQが1ではありません", "SEQ is not 1");
    }
}

/// `YYMMDDhhmmss`, of the years 2000 to 2099.
fn created(text: &str) -> Option<DateTime> {
    if text.len() != 12 || !text.bytes().all(|octet| octet.is_ascii_digit()) {
        return None;
    }
    let pair = |at: usize| text.get(at..at + 2)?.parse::<i8>().ok();
    let date = jiff::civil::Date::new(2000 + i16::from(pair(0)?), pair(2)?, pair(4)?).ok()?;
    let time = jiff::civil::Time::new(pair(6)?, pair(8)?, pair(10)?, 0).ok()?;
    Some(date.to_datetime(time))
}
