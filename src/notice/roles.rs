//! 役割と利用目的: who inside the company may see what, for what. The roles are data: `schemas/roles.toml`.

use super::file::{Items, Key, union};
use super::{Purpose, StewardClause};
use crate::items::{Item, ItemSet};
use serde::Deserialize;

/// 役割: what one kind of work in the company may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRole {
    /// The key, as in `--as`.
    pub key: String,
    /// Its Japanese name.
    pub ja: String,
    /// Its English name.
    pub en: String,
    /// 営業: closed to what came by cancellation agency until the switch is over.
    pub sales: bool,
    /// Which items it may see for which purpose.
    pub uses: Vec<(Purpose, ItemSet)>,
}

/// 役割の一覧: the roles of the company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRoles(Vec<StaffRole>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    role: Vec<RoleFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleFile {
    key: String,
    ja: String,
    en: String,
    #[serde(default)]
    sales: bool,
    #[serde(default)]
    r#use: Vec<UseFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UseFile {
    purpose: Key<Purpose>,
    items: Vec<Items>,
}

/// 役割の誤り: why a file of roles cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}行目: 役割の設定を読み込めません / line {line}: {en}")]
pub struct RolesError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, in English.
    pub en: String,
}

/// 閲覧の対象: what is asked to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// For what it is seen.
    pub purpose: Purpose,
    /// Which item.
    pub item: Item,
    /// For what it was received.
    pub received_for: Purpose,
    /// Whether a switch away from us, told by a cancellation agency, is not over yet.
    pub leaving: bool,
}

impl StaffRoles {
    /// The roles that ship.
    pub fn published() -> Result<StaffRoles, RolesError> {
        StaffRoles::parse(include_str!("../../schemas/roles.toml"))
    }

    /// Roles in the form of `schemas/roles.toml`.
    pub fn parse(text: &str) -> Result<StaffRoles, RolesError> {
        let line = |byte: usize| text.get(..byte).map_or(1, |before| before.matches('\n').count() + 1);
        let file: File = toml::from_str(text).map_err(|error| RolesError {
            line: error.span().map_or(1, |span| line(span.start)),
            en: error.message().to_owned(),
        })?;
        let mut roles: Vec<StaffRole> = Vec::new();
        for role in file.role {
            if roles.iter().any(|known| known.key == role.key) {
                let at = text.rfind(&format!("\"{}\"", role.key)).map_or(1, line);
                return Err(RolesError { line: at, en: format!("the role `{}` stands twice", role.key) });
            }
            let uses = role.r#use.iter().map(|one| (one.purpose.0, union(&one.items))).collect();
            roles.push(StaffRole { key: role.key, ja: role.ja, en: role.en, sales: role.sales, uses });
        }
        Ok(StaffRoles(roles))
    }

    /// The role of a key.
    pub fn role(&self, key: &str) -> Result<&StaffRole, StewardClause> {
        self.0.iter().find(|role| role.key == key).ok_or(StewardClause::RoleUnknown)
    }

    /// Every role.
    pub fn all(&self) -> &[StaffRole] {
        &self.0
    }
}

impl StaffRole {
    /// Whether the role holds a purpose at all.
    pub fn holds(&self, purpose: Purpose) -> Result<ItemSet, StewardClause> {
        if purpose.is_never() {
            return Err(StewardClause::Prohibited);
        }
        let mut found = self.uses.iter().filter(|(held, _)| *held == purpose).map(|(_, items)| *items).peekable();
        found.peek().ok_or(StewardClause::RolePurpose)?;
        Ok(found.fold(ItemSet::EMPTY, ItemSet::union))
    }

    /// 閲覧の可否: whether the role may see a value.
    pub fn may_see(&self, look: &Look) -> Result<(), StewardClause> {
        let items = self.holds(look.purpose)?;
        if !items.contains(look.item) {
            return Err(StewardClause::RoleItem);
        }
        let selling = self.sales || look.purpose == Purpose::Advertising;
        if selling && look.leaving && look.received_for == Purpose::CancellationAgency {
            return Err(StewardClause::WinBack);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Look =
        Look { purpose: Purpose::OwnUse, item: Item::Name, received_for: Purpose::ConsignmentContract, leaving: false };

    #[test]
    fn sales_never_sees_what_a_cancellation_agency_told_before_the_switch_is_over() {
        let roles = StaffRoles::published().unwrap();
        let sales = roles.role("sales").unwrap();
        let told = Look { received_for: Purpose::CancellationAgency, leaving: true, ..LOOK };
        assert_eq!(sales.may_see(&told), Err(StewardClause::WinBack));
        assert_eq!(sales.may_see(&Look { leaving: false, ..told }), Ok(()));
        assert_eq!(sales.may_see(&Look { leaving: true, ..LOOK }), Ok(()));
        let switching = roles.role("switching").unwrap();
        assert_eq!(switching.may_see(&Look { purpose: Purpose::CancellationAgency, ..told }), Ok(()));
        for role in roles.all() {
            assert_eq!(role.holds(Purpose::WinBackSales), Err(StewardClause::Prohibited), "{}", role.key);
        }
    }

    #[test]
    fn a_role_sees_its_items_for_its_purposes_only() {
        let roles = StaffRoles::published().unwrap();
        assert_eq!(roles.role("nobody"), Err(StewardClause::RoleUnknown));
        let metering = roles.role("metering").unwrap();
        let look = Look { purpose: Purpose::GridOperation, item: Item::MeterInformation, ..LOOK };
        assert_eq!(metering.may_see(&look), Ok(()));
        assert_eq!(
            metering.may_see(&Look { purpose: Purpose::NegawattTrading, ..look }),
            Err(StewardClause::RolePurpose)
        );
        assert_eq!(metering.may_see(&Look { item: Item::Baseline, ..look }), Err(StewardClause::RoleItem));
        // The negawatt items are seen for purpose 5 only, by whichever role.
        for role in roles.all() {
            for (purpose, items) in &role.uses {
                let negawatt = ItemSet::group(crate::items::Group::Negawatt).intersection(*items);
                assert!(
                    negawatt.is_empty() || matches!(purpose, Purpose::NegawattTrading | Purpose::ResolveDispute),
                    "{}",
                    role.key
                );
            }
        }
    }

    #[test]
    fn a_wrong_file_is_refused_with_its_line() {
        let wrong = StaffRoles::parse(
            "[[role]]\nkey = \"a\"\nja = \"\"\nen = \"\"\nuse = [{ purpose = \"none\", items = [] }]",
        );
        assert_eq!(wrong.unwrap_err().line, 5);
        let twice = "[[role]]\nkey = \"a\"\nja = \"\"\nen = \"\"\n[[role]]\nkey = \"a\"\nja = \"\"\nen = \"\"\n";
        assert_eq!(StaffRoles::parse(twice).unwrap_err().line, 6);
    }
}
