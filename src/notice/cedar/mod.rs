//! Cedar での表現: the decisions of a notice as a Cedar policy set with schema and entities, for people whose systems
//! already decide by Cedar.
//!
//! A question is one item: the sender is the principal, the purpose the action, the item the resource, and the rest the
//! context — [`CedarQuestion`] puts it. A permit bears the basis as `@basis`; where several hold, the first in the order of
//! [`Basis`] is the one this crate names. The kind of supply decides who manages an item, not whether it goes, so it is
//! no part of the question. A message without any item is no question about an item.

mod expression;
mod question;

pub use question::CedarQuestion;

use super::published::Notice;
use super::{Basis, EvidenceKind, Purpose, Role};
use crate::items::{Area, Code, Item, ItemSet};
use expression::{evidence, extends_shared_use, in_role, participates};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Cedar の一式: policies, schema and entities of a notice.
#[derive(Clone, Debug)]
pub struct Cedar {
    /// The policies, in Cedar's own language.
    pub policies: String,
    /// The schema, in Cedar's own language.
    pub schema: String,
    /// Roles, items with the groups they are in, operators, named partners and a party of every role. Parties with a
    /// business code are added by whoever asks.
    pub entities: Value,
}

impl Notice {
    /// The decisions of this notice as Cedar policies.
    #[must_use]
    pub fn to_cedar(&self) -> Cedar {
        let mut page = Policies { notice: self, text: String::new(), groups: Vec::new() };
        page.write();
        Cedar { policies: page.text, schema: schema(), entities: entities(self, &page.groups) }
    }
}

/// The policies under way, and the groups of items they speak of: they name no single item, so that items of the same
/// groups are decided alike.
struct Policies<'n> {
    notice: &'n Notice,
    text: String,
    groups: Vec<ItemSet>,
}

impl Policies<'_> {
    fn write(&mut self) {
        let notice = self.notice;
        let _ = writeln!(self.text, "// {} / {} [{}]", notice.title_ja, notice.title_en, notice.key);
        self.forbid();
        let own = |role: Role| in_role("context.recipient", role);
        self.permit(
            "customer-self",
            Basis::CustomerSelf,
            None,
            None,
            &[own(Role::Customer), evidence(EvidenceKind::VerifiedRequest)],
        );
        self.permit(
            "statutory",
            Basis::Statutory,
            Some(&[Purpose::LegalOrder]),
            None,
            &[own(Role::Authority), evidence(EvidenceKind::Order)],
        );
        let sender = self.participant();
        if let Some((purpose, items)) = notice.aggregate {
            self.permit("aggregate", Basis::Aggregate, Some(&[purpose]), Some(items), std::slice::from_ref(&sender));
        }
        self.own_use(&sender);
        self.shared_use();
        self.exceptions(&sender);
        self.outsourcing(&sender);
        self.permit("consent", Basis::Consent, None, None, &[evidence(EvidenceKind::Consent)]);
    }

    /// What no basis gets over; limits and areas the customer's own request and an order do.
    fn forbid(&mut self) {
        let notice = self.notice;
        let prohibited: Vec<_> = notice.prohibited.iter().collect();
        if !prohibited.is_empty() {
            let head = self.head("forbid", "prohibition", None, Some(&prohibited), None);
            let _ = writeln!(self.text, "{head};");
        }
        if let Some(years) = notice.retention_years {
            let head = self.head("forbid", "retention", None, None, None);
            let years = u32::from(years) * 10_000;
            // Days are written as numbers, 20260401: so many years later is so much more.
            let _ = writeln!(
                self.text,
                "{head} when {{\n  context has asOf && context has today && !context.legalHold &&\n  context.today > context.asOf + {years}\n}};"
            );
        }
        let unless = format!(
            "unless {{\n  ({} && {}) ||\n  ({} && action == Action::\"{}\" && {})\n}};",
            in_role("context.recipient", Role::Customer),
            evidence(EvidenceKind::VerifiedRequest),
            in_role("context.recipient", Role::Authority),
            Purpose::LegalOrder.key(),
            evidence(EvidenceKind::Order),
        );
        let everything: ItemSet = Item::ALL.iter().copied().collect();
        let mut limits: Vec<(ItemSet, Vec<Purpose>)> = Vec::new();
        for purpose in Purpose::ALL {
            let held = everything.difference(notice.permitted(*purpose));
            match limits.iter_mut().find(|(of, _)| *of == held) {
                _ if held.is_empty() => {}
                Some((_, purposes)) => purposes.push(*purpose),
                None => limits.push((held, vec![*purpose])),
            }
        }
        for (number, (held, purposes)) in limits.into_iter().enumerate() {
            let head = self.head("forbid", &format!("limit-{}", number + 1), None, Some(&purposes), Some(held));
            let _ = writeln!(self.text, "{head} {unless}");
        }
        let head = self.head("forbid", "area", None, None, None);
        let outside = |party: &str| {
            let operator = in_role(party, Role::Operator);
            format!("({operator} && {party} has area && context has area && {party}.area != context.area)")
        };
        let (from, to) = (outside("principal"), outside("context.recipient"));
        let _ = writeln!(self.text, "{head} when {{\n  {from} ||\n  {to}\n}} {unless}");
    }

    /// Whether the sender is a participant.
    fn participant(&self) -> String {
        let roles = Role::ALL.iter().filter(|role| self.notice.participants.iter().any(|one| one.role == **role));
        let each: Vec<_> = roles.map(|role| participates(self.notice, "principal", *role)).collect();
        format!("({})", each.join(" || "))
    }

    fn own_use(&mut self, sender: &str) {
        let (notice, listed) = (self.notice, Some(self.notice.items));
        let one = "principal == context.recipient".to_owned();
        let own: Vec<_> = notice.own_purposes.iter().collect();
        let further: Vec<_> = own.iter().copied().filter(|purpose| *purpose != Purpose::OwnUse).collect();
        if own.contains(&Purpose::OwnUse) {
            let when = [one.clone(), sender.to_owned()];
            self.permit("own-use", Basis::OwnUse, Some(&[Purpose::OwnUse]), listed, &when);
        }
        if !further.is_empty() {
            let company = in_role("principal", notice.company);
            let mut when = vec![one.clone(), company, sender.to_owned()];
            when.extend(extends_shared_use(notice).map(|extends| format!("!({extends})")));
            self.permit("own-use-further", Basis::OwnUse, Some(&further), listed, &when);
        }
        let published: Vec<_> = notice.published.iter().filter(|purpose| !own.contains(purpose)).collect();
        if published.is_empty() {
            return;
        }
        let when = [one, "principal.coded".to_owned(), sender.to_owned()];
        self.permit("own-use-published", Basis::OwnUse, Some(&published), listed, &when);
    }

    /// The necessity table: for each purpose the ways on which the same items go.
    fn shared_use(&mut self) {
        let notice = self.notice;
        for purpose in Purpose::ALL {
            let mut rows: Vec<(ItemSet, Vec<String>)> = Vec::new();
            for (from, to) in Role::ALL.iter().flat_map(|from| Role::ALL.iter().map(move |to| (*from, *to))) {
                let items = notice.table.get(from, to, *purpose).intersection(notice.items);
                let ends = [participates(notice, "principal", from), participates(notice, "context.recipient", to)];
                let way = format!("({})", ends.join(" && "));
                match rows.iter_mut().find(|(of, _)| *of == items) {
                    _ if items.is_empty() => {}
                    Some((_, ways)) => ways.push(way),
                    None => rows.push((items, vec![way])),
                }
            }
            for (number, (items, ways)) in rows.into_iter().enumerate() {
                let id = format!("shared-use-{}-{}", purpose.key(), number + 1);
                let ways = format!("({})", ways.join(" ||\n   "));
                self.permit(&id, Basis::SharedUse, Some(&[*purpose]), Some(items), &[ways]);
            }
        }
    }

    fn exceptions(&mut self, sender: &str) {
        let notice = self.notice;
        let bound = notice.outsourcing.map(|one| format!("!({})", in_role("context.recipient", one.role)));
        let (ordered, free): (Vec<_>, Vec<_>) =
            notice.excepted.iter().partition(|purpose| notice.exception_orders.has(*purpose));
        let when = [Some(sender.to_owned()), bound].into_iter().flatten().collect::<Vec<_>>();
        if !free.is_empty() {
            self.permit("exception", Basis::ListedException, Some(&free), Some(notice.items), &when);
        }
        if !ordered.is_empty() {
            let when = [when, vec![evidence(EvidenceKind::Order)]].concat();
            self.permit("exception-ordered", Basis::ListedException, Some(&ordered), Some(notice.items), &when);
        }
    }

    fn outsourcing(&mut self, sender: &str) {
        let notice = self.notice;
        let Some(outsourcing) = notice.outsourcing else { return };
        let purposes: Vec<_> = outsourcing.purposes.iter().collect();
        if purposes.is_empty() {
            return;
        }
        let to = in_role("context.recipient", outsourcing.role);
        let mut when = vec![to, evidence(EvidenceKind::Contract), sender.to_owned()];
        // Only the company's further purposes can extend the shared use.
        let further = |purpose: &Purpose| *purpose != Purpose::OwnUse && notice.own_purposes.has(*purpose);
        let (further, plain): (Vec<_>, Vec<_>) = purposes.into_iter().partition(further);
        if !plain.is_empty() {
            self.permit("consignment", Basis::Consignment, Some(&plain), Some(notice.items), &when);
        }
        if !further.is_empty() {
            when.extend(extends_shared_use(notice).map(|extends| format!("!({extends})")));
            self.permit("consignment-further", Basis::Consignment, Some(&further), Some(notice.items), &when);
        }
    }

    fn permit(
        &mut self,
        id: &str,
        basis: Basis,
        purposes: Option<&[Purpose]>,
        items: Option<ItemSet>,
        when: &[String],
    ) {
        let head = self.head("permit", id, Some(basis), purposes, items);
        let _ = writeln!(self.text, "{head} when {{\n  {}\n}};", when.join(" &&\n  "));
    }

    /// The first part of a policy: what it is about.
    fn head(
        &mut self,
        effect: &str,
        id: &str,
        basis: Option<Basis>,
        purposes: Option<&[Purpose]>,
        items: Option<ItemSet>,
    ) -> String {
        let basis = basis.map_or_else(String::new, |basis| format!("\n@basis(\"{}\")", basis.key()));
        let action = match purposes {
            None => "action".to_owned(),
            Some([one]) => format!("action == Action::\"{}\"", one.key()),
            Some(several) => {
                let several: Vec<_> = several.iter().map(|one| format!("Action::\"{}\"", one.key())).collect();
                format!("action in [{}]", several.join(", "))
            }
        };
        let resource = match items {
            None => "resource".to_owned(),
            Some(items) => {
                let name = group_name(self.group(items));
                format!("resource in Items::\"{name}\"")
            }
        };
        let about = items.map_or_else(String::new, |items| {
            let labels: Vec<_> = items.iter().map(|item| self.notice.label(item)).collect();
            format!("\n// {}", labels.join("、"))
        });
        format!("{about}\n@id(\"{id}\"){basis}\n{effect} (principal, {action}, {resource})")
    }

    /// The number of a group of items.
    fn group(&mut self, items: ItemSet) -> usize {
        self.groups.iter().position(|known| *known == items).unwrap_or_else(|| {
            self.groups.push(items);
            self.groups.len() - 1
        })
    }
}

fn group_name(number: usize) -> String {
    format!("g{}", number + 1)
}

fn schema() -> String {
    let actions: Vec<_> = Purpose::ALL.iter().map(|purpose| format!("\"{}\"", purpose.key())).collect();
    format!(
        "// 当事者・役割・情報項目・利用目的 / parties, roles, items, purposes\n\
         entity Role;\nentity Items;\nentity Item in [Items];\n\
         entity Party in [Role] {{\n  coded: Bool,   // 番号か名前で特定されている / told apart by a code or a name\n  area?: String, // 一般送配電事業者の供給区域 / of an operator\n  name?: String, // 通知にある名前 / a name in the notice\n}};\n\
         type Disclosure = {{\n  recipient: Party,\n  area?: String,         // 供給地点の供給区域 / of the point\n  evidence: Set<String>, // 根拠資料の種類 / kinds of evidence\n  asOf?: Long,           // 情報の日付 20260401\n  today?: Long,          // 提供の日付\n  legalHold: Bool,       // 保全の根拠法が示されている / a law is named\n  source?: String,       // 受領したときの利用目的 / purpose of receipt\n}};\n\
         action {} appliesTo {{ principal: Party, resource: Item, context: Disclosure }};\n",
        actions.join(", ")
    )
}

fn entities(notice: &Notice, groups: &[ItemSet]) -> Value {
    let uid = |kind: &str, id: &str| json!({"type": kind, "id": id});
    let plain = |uid: Value| json!({"uid": uid, "attrs": {}, "parents": []});
    let mut all: Vec<Value> = Role::ALL.iter().map(|role| plain(uid("Role", role.key()))).collect();
    all.extend((0..groups.len()).map(|number| plain(uid("Items", &group_name(number)))));
    for item in Item::ALL {
        let of = groups.iter().enumerate().filter(|(_, items)| items.contains(*item));
        let parents: Vec<_> = of.map(|(number, _)| uid("Items", &group_name(number))).collect();
        all.push(json!({"uid": uid("Item", item.key()), "attrs": {}, "parents": parents}));
    }
    all.extend(Role::ALL.iter().map(|role| question::party_entity(super::Party::of(*role))));
    all.extend(Area::ALL.iter().map(|area| question::party_entity(super::Party::operator(*area))));
    all.extend(notice.partners().map(|name| question::party_entity(super::Party::partner(name))));
    Value::Array(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_is_told_by_groups_of_items_and_whole() {
        for key in Notice::KEYS {
            let notice = Notice::embedded(key).unwrap();
            let Cedar { policies, schema, entities } = notice.to_cedar();
            assert!(!policies.contains("Item::\"") && policies.contains("Items::\""), "{key}");
            for purpose in notice.purposes() {
                assert!(policies.contains(&format!("\"{}\"", purpose.key())), "{key} {}", purpose.key());
            }
            let open = |text: &str, of: char| text.matches(of).count();
            assert_eq!((open(&policies, '('), open(&policies, '{')), (open(&policies, ')'), open(&policies, '}')));
            assert!(Purpose::ALL.iter().all(|purpose| schema.contains(purpose.key())));
            let items = entities.as_array().unwrap().iter().filter(|one| one["uid"]["type"] == "Item").count();
            assert_eq!(items, Item::ALL.len());
        }
        let terras = Notice::embedded("terras").unwrap().to_cedar();
        assert!(
            terras.policies.contains("需要抑制利用")
                && terras.policies.contains("context.evidence.contains(\"contract\")")
        );
    }
}
