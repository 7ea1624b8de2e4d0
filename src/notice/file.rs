//! The TOML form of a notice, as `schemas/notices/README.md` documents it.

use super::{Ending, EvidenceKind, NoticeKind, PartyName, Purpose, Role};
use crate::items::{Area, Code, Group, Item, ItemSet};
use serde::{Deserialize, Deserializer, de::Error};
use std::collections::BTreeMap;
use toml::Spanned;

/// A value of a closed set, by its key.
#[derive(Clone, Copy)]
pub(super) struct Key<T>(pub T);

impl<'de, T: Code> Deserialize<'de> for Key<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key<T>, D::Error> {
        let text = String::deserialize(deserializer)?;
        T::from_key(&text).map(Key).ok_or_else(|| {
            let known: Vec<_> = T::ALL.iter().map(|value| value.key()).collect();
            D::Error::custom(format!("unknown {} `{text}`, expected one of {}", T::TABLE, known.join(", ")))
        })
    }
}

/// One item by its key, or a group: `@basic`, `@point`, `@negawatt`.
#[derive(Clone, Copy)]
pub(super) struct Items(pub ItemSet);

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Items, D::Error> {
        let text = String::deserialize(deserializer)?;
        let set = match text.as_str() {
            "@basic" => Some(ItemSet::group(Group::Basic)),
            "@point" => Some(ItemSet::group(Group::Point)),
            "@negawatt" => Some(ItemSet::group(Group::Negawatt)),
            key => Item::from_key(key).map(|item| ItemSet::EMPTY.with(item)),
        };
        set.map(Items).ok_or_else(|| D::Error::custom(format!("unknown item `{text}`")))
    }
}

pub(super) struct Name(pub PartyName);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
        let text = String::deserialize(deserializer)?;
        let name = PartyName::parse(&text).map(Name);
        name.ok_or_else(|| D::Error::custom("a name has 1 to 16 lower-case ASCII letters, digits and hyphens"))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ManagerKey {
    ContractRetailer,
    AreaOperator,
    SuppressionContractor,
    Company,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct NoticeFile {
    pub key: Spanned<String>,
    pub base: Option<Spanned<String>>,
    #[serde(deserialize_with = "words")]
    pub title_ja: String,
    #[serde(deserialize_with = "words")]
    pub title_en: String,
    pub kind: Option<Key<NoticeKind>>,
    pub document: Option<String>,
    #[serde(default)]
    pub labels: BTreeMap<String, Spanned<Text>>,
    #[serde(default)]
    pub participant: Vec<Spanned<ParticipantFile>>,
    #[serde(default)]
    pub purpose: Vec<Spanned<PrintedFile>>,
    #[serde(default)]
    pub items: Vec<Spanned<ItemsFile>>,
    #[serde(default)]
    pub manager: Vec<Spanned<ManagerFile>>,
    #[serde(default)]
    pub necessity: Vec<Spanned<NecessityFile>>,
    pub switchboard: Option<Spanned<SwitchboardFile>>,
    #[serde(default)]
    pub limit: Vec<Spanned<LimitFile>>,
    #[serde(default)]
    pub prohibition: Vec<Spanned<PrintedFile>>,
    #[serde(default)]
    pub exception: Vec<Spanned<PrintedFile>>,
    pub own_use: Option<OwnUseFile>,
    pub outsourcing: Option<OutsourcingFile>,
    pub aggregate: Option<AggregateFile>,
    pub retention: Option<RetentionFile>,
    #[serde(default)]
    pub keep: Vec<Spanned<KeepFile>>,
    pub minors: Option<MinorsFile>,
    #[serde(default)]
    pub promise: Vec<StatementFile>,
    #[serde(default)]
    pub reading: Vec<ReadingFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParticipantFile {
    pub role: Key<Role>,
    pub name: Option<Name>,
    pub needs: Option<Key<EvidenceKind>>,
    #[serde(default)]
    pub members: Vec<String>,
    /// The areas of the operators that are named; all where none is listed.
    #[serde(default)]
    pub areas: Vec<Key<Area>>,
    #[serde(deserialize_with = "words")]
    pub ja: String,
    #[serde(deserialize_with = "words")]
    pub en: String,
}

/// A purpose, a prohibition or an exception.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PrintedFile {
    pub key: Key<Purpose>,
    #[serde(default)]
    pub mark: String,
    pub needs: Option<Key<EvidenceKind>>,
    #[serde(deserialize_with = "words")]
    pub ja: String,
    #[serde(deserialize_with = "words")]
    pub en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemsFile {
    pub keys: Vec<Items>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ManagerFile {
    pub items: Vec<Items>,
    pub is: ManagerKey,
    pub island_or_last_resort: Option<ManagerKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct NecessityFile {
    pub purpose: Key<Purpose>,
    pub from: Vec<Key<Role>>,
    pub to: Vec<Key<Role>>,
    #[serde(default)]
    pub both_ways: bool,
    pub items: Vec<Items>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct SwitchboardFile {
    pub role: Key<Role>,
    pub between: Vec<Key<Role>>,
    pub also: Option<AlsoFile>,
}

/// Items that the switchboard receives on top of what goes between the ends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlsoFile {
    pub purpose: Key<Purpose>,
    pub items: Vec<Items>,
}

/// Either `items` and `only-for`, or `purpose` and `never` or `only`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LimitFile {
    #[serde(default)]
    pub items: Vec<Items>,
    #[serde(default)]
    pub only_for: Vec<Key<Purpose>>,
    pub purpose: Option<Key<Purpose>>,
    #[serde(default)]
    pub never: Vec<Items>,
    #[serde(default)]
    pub only: Vec<Items>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnUseFile {
    pub purposes: Vec<Key<Purpose>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutsourcingFile {
    pub role: Key<Role>,
    /// Empty: every published purpose and the company's own.
    #[serde(default)]
    pub purposes: Vec<Key<Purpose>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AggregateFile {
    pub purpose: Key<Purpose>,
    pub items: Vec<Items>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RetentionFile {
    pub years: Option<std::num::NonZeroU16>,
    #[serde(deserialize_with = "words")]
    pub ja: String,
    #[serde(deserialize_with = "words")]
    pub en: String,
}

/// How long something is kept after which end; all of the numbers 0 or left out: it goes without delay.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeepFile {
    pub after: Key<Ending>,
    /// The items that are kept so long; everything where none is listed.
    #[serde(default)]
    pub items: Vec<Items>,
    #[serde(default)]
    pub years: u8,
    #[serde(default)]
    pub months: u8,
    #[serde(default)]
    pub days: u16,
    #[serde(deserialize_with = "words")]
    pub ja: String,
    #[serde(deserialize_with = "words")]
    pub en: String,
}

/// Periods on top of those of a notice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingsFile {
    pub keep: Vec<Spanned<KeepFile>>,
}

/// Customers under an age whose consent needs that of a parent or guardian.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MinorsFile {
    pub under: std::num::NonZeroU8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatementFile {
    #[serde(deserialize_with = "words")]
    pub ja: String,
    #[serde(deserialize_with = "words")]
    pub en: String,
}

/// Our reading of something the notice does not say outright, or a fact that still has to be confirmed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadingFile {
    pub verified: bool,
    #[serde(deserialize_with = "words")]
    pub ja: String,
    #[serde(deserialize_with = "words")]
    pub en: String,
}

/// The same as a value of its own.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text(#[serde(deserialize_with = "words")] pub String);

/// A text that is printed: without one a bare mark would be.
fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        return Err(D::Error::custom(EMPTY));
    }
    Ok(text)
}

/// What is said of a text that is empty.
pub(super) const EMPTY: &str = "a text that is printed is empty";

pub(super) fn union(items: &[Items]) -> ItemSet {
    items.iter().fold(ItemSet::EMPTY, |all, one| all.union(one.0))
}
