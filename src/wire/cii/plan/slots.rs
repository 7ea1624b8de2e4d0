//! コマ明細の読取り: the 48 rows of a group, by prediction or one by one.

use super::read::{PlanReader, shown};
use super::rows::predicted;
use super::source::{Name, Next, Stop};
use crate::items::Slot;
use crate::messages::planning::{AnyNode, PlanEnergy, PlanSeries, Tag};
use crate::rules::codes;

impl PlanReader<'_> {
    /// The 48 rows of a group.
    pub(super) fn slots(
        &mut self,
        node: &mut AnyNode,
        number: u16,
        tags: &'static [Tag],
        at: usize,
        empty: bool,
    ) -> Result<(), Stop> {
        self.source.path.push((number, 0));
        let mut seen = [PlanSeries::MISSING, PlanSeries::MISSING];
        if !empty && !self.predict(number, tags, &mut seen) {
            self.rows(node, number, tags, &mut seen)?;
        } else if !empty {
            match self.source.next()? {
                Next::Close => {}
                _ => return Err(self.source.broken(self.source.at())),
            }
        }
        for (tag, series) in tags.iter().zip(seen).filter(|(_, series)| !series.is_empty()) {
            if node.series(*tag).is_some() {
                self.source.structure(at, "このコマ明細は2回目です", "the slots stand here a second time");
            } else {
                node.put_series(*tag, series);
            }
        }
        self.source.path.pop();
        Ok(())
    }

    fn predict(&mut self, number: u16, tags: &[Tag], seen: &mut [PlanSeries; 2]) -> bool {
        if !self.fast {
            return false;
        }
        let mut values = [[0; 48]; 2];
        let Some(octets) = predicted(self.source.rest(), number, tags, &mut values) else { return false };
        self.source.skip_over(octets);
        for ((place, kwh), _) in seen.iter_mut().zip(values).zip(tags) {
            *place = PlanSeries::of_kwh(kwh);
        }
        true
    }

    fn rows(
        &mut self,
        node: &mut AnyNode,
        number: u16,
        tags: &'static [Tag],
        seen: &mut [PlanSeries; 2],
    ) -> Result<(), Stop> {
        let mut row = 0;
        loop {
            match self.source.next()? {
                Next::Open { name: Name::Row(found), empty, .. } if found == number => {
                    row += 1;
                    if let Some(last) = self.source.path.last_mut() {
                        last.1 = row;
                    }
                    if empty {
                        self.source.form("空の要素があります", "there are empty elements");
                    } else {
                        self.row(node, (number, row), tags, seen)?;
                    }
                }
                Next::Open { at, empty, .. } => {
                    self.source.structure(at, "マルチ明細の行ではありません", "it is not a row of the group");
                    self.source.skip(empty)?;
                }
                Next::Close => return Ok(()),
                Next::Text(_) => {
                    self.text();
                }
                Next::End => return Err(self.source.broken(self.source.at())),
            }
        }
    }

    fn row(
        &mut self,
        node: &mut AnyNode,
        (number, row): (u16, usize),
        tags: &'static [Tag],
        seen: &mut [PlanSeries; 2],
    ) -> Result<(), Stop> {
        let mut slot = None;
        let mut values = [None, None];
        let mut kept = Vec::new();
        let mut expected = 0;
        loop {
            match self.source.next()? {
                Next::Open { name: Name::Item(item), at, empty, .. } if item == Tag::Slot.number() => {
                    let text = self.source.leaf(empty)?;
                    if slot.is_some() {
                        self.source.structure(at, "時刻コードが2回あります", "the slot stands twice");
                    } else {
                        slot = Some(text);
                        expected = self.place_in_order(0, expected);
                    }
                }
                Next::Open { name, at, empty, .. } => {
                    let known = tags.iter().position(|tag| name == Name::Item(tag.number()));
                    match known.and_then(|index| Some((index, values.get_mut(index)?, tags.get(index)?))) {
                        Some((index, place, tag)) => {
                            let text = self.source.leaf(empty)?;
                            if place.is_some() {
                                self.source.structure(at, "値が2回あります", "a value stands twice");
                                continue;
                            }
                            *place = Some(PlanEnergy::parse(&text));
                            if text.len() > 1 && text.starts_with('0') && matches!(place, Some(Ok(_))) {
                                self.source.form("計画値の前に0があります", "plan values have zeros before them");
                            }
                            expected = self.place_in_order(index + 1, expected);
                            if let Some(Err(error)) = place {
                                let error = error.clone();
                                self.value(*tag, &text, &error);
                            }
                        }
                        None => kept.push((at, self.source.skip(empty)?, expected)),
                    }
                }
                Next::Close => break,
                Next::Text(_) => {
                    self.text();
                }
                Next::End => return Err(self.source.broken(self.source.at())),
            }
        }
        let last = seen.iter().map(|series| 64 - series.present().leading_zeros()).max().unwrap_or(0);
        let Some(slot) = self.slot(slot.as_deref(), row, last) else { return Ok(()) };
        let mut twice = false;
        for (series, value) in seen.iter_mut().zip(values) {
            if let Some(Ok(value)) = value {
                match series.get(slot) {
                    Some(_) => twice = true,
                    None => _ = series.set(slot, value),
                }
            }
        }
        if twice {
            let n = slot.number();
            let (ja, en) = (
                format!("コマ{n:02}が2回あります（最初の行を採りました）"),
                format!("slot {n:02} stands twice, the first row is taken"),
            );
            self.source.finding(codes::PLAN_SLOT.finding(ja, en));
        }
        for (from, to, expected) in kept {
            self.keep(node, (number, slot.number(), expected), from, to);
        }
        Ok(())
    }

    /// The slot of a row; a row without one is told and counts by its place.
    fn slot(&mut self, text: Option<&str>, row: usize, last: u32) -> Option<Slot> {
        let by_place = || u8::try_from(row).ok().and_then(Slot::new);
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            self.source.form(
                "時刻コードのない行があります（行の順に読みました）",
                "rows without a slot were read in their order",
            );
            return by_place();
        };
        let plain = text.len() <= 2 && text.bytes().all(|octet| octet.is_ascii_digit());
        let slot = text.parse().ok().filter(|_| plain).and_then(Slot::new);
        if slot.is_none() {
            let text = shown(text);
            let (ja, en) =
                (format!("時刻コード「{text}」は01から48ではありません"), format!("slot `{text}` is not 01 to 48"));
            self.source.finding(codes::PLAN_SLOT.finding(ja, en));
        } else if text.len() != 2 {
            self.source.form("時刻コードが2桁ではありません", "slots have no leading zero");
        } else if slot.is_some_and(|slot| u32::from(slot.number()) < last) {
            self.source.form("コマの順序が標準と違います", "slots stand in another order");
        }
        slot
    }
}
