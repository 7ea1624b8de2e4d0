//! Reading a world file: every complaint has a line, a column and a way out, and quotes no customer data.

use super::world::{FaultKind, World};
use crate::items::{Code, ItemError};
use crate::messages::FieldValue;
use crate::messages::switching::SwitchingMessage;
use serde::de::Unexpected;
use serde::{Deserialize, Deserializer};
use std::collections::HashSet;
use std::fmt;

/// 世界ファイルの誤り: what is wrong with a world file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldError {
    /// Line from 1, where it is known.
    pub line: Option<u64>,
    /// Column from 1, where it is known.
    pub column: Option<u64>,
    /// What is wrong, in Japanese.
    pub ja: String,
    /// What is wrong, in English.
    pub en: String,
}

impl fmt::Display for WorldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("世界ファイル")?;
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "の{line}行目{column}桁目")?;
        }
        write!(f, "を読めません: {} / ", self.ja)?;
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, "world file, line {line}, column {column}: {}", self.en),
            _ => write!(f, "world file: {}", self.en),
        }
    }
}

impl std::error::Error for WorldError {}

impl World {
    /// Reads a world file. Unknown keys are refused; so are a point given twice, a wish for nobody and a fault of no message.
    pub fn parse(text: &str) -> Result<World, WorldError> {
        let world: World = toml::from_str(text).map_err(|error| {
            // `Display` of the error would quote the line, and the line may hold a name.
            let (line, column) = error.span().map(|span| position(text, span.start)).unzip();
            let (ja, en) = match error.message().split_once(" / ") {
                Some((ja, en)) => (ja.to_owned(), en.to_owned()),
                None => ("TOMLとして正しくないか、項目名・値が違います".to_owned(), error.message().to_owned()),
            };
            WorldError { line, column, ja, en }
        })?;
        check(&world).map_err(|(needle, ja, en)| {
            let at = needle.as_ref().and_then(|(needle, nth)| text.match_indices(needle.as_str()).nth(*nth));
            let (line, column) = at.map(|(at, _)| position(text, at)).unzip();
            WorldError { line, column, ja, en }
        })?;
        Ok(world)
    }
}

fn position(text: &str, at: usize) -> (u64, u64) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line as u64, column as u64)
}

/// A text of the file to point at (its which-th occurrence), and what is wrong there.
type Complaint = (Option<(String, usize)>, String, String);

fn check(world: &World) -> Result<(), Complaint> {
    let say = |needle: Option<(String, usize)>, ja: &str, en: &str| Err((needle, ja.to_owned(), en.to_owned()));
    let mut points = HashSet::new();
    for point in &world.points {
        let here = |nth| Some((point.id.as_str().to_owned(), nth));
        if !points.insert(point.id) {
            return say(here(1), "同じ供給地点特定番号が二度あります", "the same supply point id stands twice");
        }
        if point.amount.is_some() != point.unit.is_some() {
            return say(
                here(0),
                "この地点の amount と unit は両方とも書いてください",
                "amount and unit of this point go together",
            );
        }
        for fault in &point.faults {
            check_message(fault.on.as_deref())?;
        }
    }
    for wish in &world.wishes {
        match (&wish.receipt, &wish.point) {
            (None, None) | (Some(_), Some(_)) => {
                return say(
                    None,
                    "[[wish]] には receipt か point のどちらか一方を書いてください",
                    "a [[wish]] names either a receipt or a point",
                );
            }
            (None, Some(id)) if !points.contains(id) => {
                let here = Some((id.as_str().to_owned(), 0));
                return say(here, "この地点は [[point]] にありません", "this point is not among the [[point]]s");
            }
            _ => {}
        }
    }
    for fault in &world.random {
        check_message(fault.on.as_deref())?;
        let key = Some((FaultKind::key(fault.kind).to_owned(), 0));
        if !fault.kind.is_of_the_line() {
            return say(
                key,
                "[[random]] には通信の障害だけを書けます: lose-answer, no-answer, garbled-answer, html",
                "a [[random]] fault is one of `lose-answer`, `no-answer`, `garbled-answer`, `html`",
            );
        }
        if fault.per_mille > 1000 {
            return say(key, "per-mille は1000までです", "per-mille is at most 1000");
        }
    }
    for fault in &world.file_faults {
        if fault.per_mille.is_some_and(|per_mille| per_mille > 1000) {
            let key = Some((fault.kind.key().to_owned(), 0));
            return say(key, "per-mille は1000までです", "per-mille is at most 1000");
        }
    }
    let mut codes = HashSet::new();
    for retailer in &world.retailers {
        if !codes.insert(retailer.code) {
            let here = Some((retailer.code.to_string(), 1));
            return say(here, "同じ事業者コードが二度あります", "the same business code stands twice");
        }
    }
    Ok(())
}

fn check_message(on: Option<&str>) -> Result<(), Complaint> {
    match on {
        Some(key) if SwitchingMessage::spec_of(key).is_none() => Err((
            Some((format!("\"{key}\""), 0)),
            "on に書かれた電文は存在しません（例: switch-start）".to_owned(),
            "`on` names no message; one is for example `switch-start`".to_owned(),
        )),
        _ => Ok(()),
    }
}

fn said<E: serde::de::Error>(error: &ItemError) -> E {
    E::custom(format_args!("{} / {}", error.ja(), error.en()))
}

pub(super) fn item<'de, D: Deserializer<'de>, T: FieldValue>(deserializer: D) -> Result<T, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    T::read(&text).map_err(|error| said(&error))
}

pub(super) fn optional_item<'de, D: Deserializer<'de>, T: FieldValue>(deserializer: D) -> Result<Option<T>, D::Error> {
    item(deserializer).map(Some)
}

fn code_of<C: Code, E: serde::de::Error>(text: &str) -> Result<C, E> {
    C::from_key(text).or_else(|| C::from_ja(text)).ok_or_else(|| {
        let known = C::ALL.iter().map(|value| value.key()).collect::<Vec<_>>().join(", ");
        E::custom(format_args!(
            "この値は使えません（使える値: {known}） / {} is not known, expected one of {known}",
            Unexpected::Str(text)
        ))
    })
}

pub(super) fn code<'de, D: Deserializer<'de>, C: Code>(deserializer: D) -> Result<C, D::Error> {
    code_of(&std::borrow::Cow::<str>::deserialize(deserializer)?)
}

pub(super) fn optional_code<'de, D: Deserializer<'de>, C: Code>(deserializer: D) -> Result<Option<C>, D::Error> {
    code(deserializer).map(Some)
}

pub(super) fn codes<'de, D: Deserializer<'de>, C: Code>(deserializer: D) -> Result<Vec<C>, D::Error> {
    Vec::<String>::deserialize(deserializer)?.iter().map(|text| code_of(text)).collect()
}
