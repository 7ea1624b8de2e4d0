//! The rules of a notice as plain nested ifs, written from the published rules and not from the code. Deliberately
//! naive: no tables, no files, no sets. It shares only the keys with the code: roles, purposes, items.

#![allow(clippy::collapsible_if, reason = "deliberately plain: one condition a line")]

use occto::items::{Area, Code, Item};
use occto::notice::{EvidenceKind, Party, PartyCode, Purpose, Role, SupplyKind};

#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub notice: &'static str,
    pub from: Party,
    pub to: Party,
    pub purpose: Purpose,
    pub supply: SupplyKind,
    pub area: Option<Area>,
    pub evidence: Option<EvidenceKind>,
}

/// The basis and the manager, or nothing when the item may not go.
pub fn answer(case: &Case, item: Item) -> Option<(&'static str, Party)> {
    basis(case, item).map(|basis| (basis, manager(case, item)))
}

fn californian(case: &Case) -> bool {
    case.notice == "clean-power-alliance" || case.notice == "mce"
}

fn basis(case: &Case, item: Item) -> Option<&'static str> {
    use Purpose as P;
    let has = |kind| case.evidence == Some(kind);
    // Rules 6 and 9.
    if californian(case) {
        if case.purpose == P::Telemarketing {
            return None;
        }
        if case.notice == "mce" && case.purpose == P::Advertising {
            return None;
        }
    } else if case.purpose == P::WinBackSales {
        return None;
    }
    if case.to.role == Role::Customer && has(EvidenceKind::VerifiedRequest) {
        return Some("customer-self");
    }
    if case.to.role == Role::Authority && case.purpose == P::LegalOrder && has(EvidenceKind::Order) {
        return Some("statutory");
    }
    // Rule 8, and the aggregate of a Californian notice.
    if californian(case) {
        if case.purpose == P::AggregateRelease && item != Item::Consumption {
            return None;
        }
    } else {
        if negawatt(item) && case.purpose != P::NegawattTrading {
            return None;
        }
        if case.purpose == P::NegawattTrading && item == Item::Telephone {
            return None;
        }
    }
    // Rule 3.
    for party in [case.from, case.to] {
        if party.role == Role::Operator {
            if let (Some(PartyCode::Area(own)), Some(point)) = (party.code, case.area) {
                if own != point {
                    return None;
                }
            }
        }
    }
    if listed(case, item) {
        if californian(case) && case.purpose == P::AggregateRelease && case.from.role == Role::Retailer {
            return Some("aggregate");
        }
        if own_use(case) {
            return Some("own-use");
        }
        if !californian(case) && participant(case, case.from) && participant(case, case.to) && needed(case, item) {
            return Some("shared-use");
        }
        if case.notice == "clean-power-alliance" && case.from.role == Role::Retailer && case.to.role != Role::Contractor
        {
            match case.purpose {
                P::LegalOrder if has(EvidenceKind::Order) => return Some("listed-exception"),
                P::ProvideService
                | P::CollectBills
                | P::CreditReport
                | P::ResolveDispute
                | P::ProgrammeCommunication
                | P::ImminentDanger => return Some("listed-exception"),
                _ => {}
            }
        }
        if has(EvidenceKind::Contract) {
            if californian(case) {
                let operation = matches!(
                    case.purpose,
                    P::ProvideService | P::CollectBills | P::ResolveDispute | P::ProgrammeCommunication
                );
                if case.from.role == Role::Retailer && case.to.role == Role::Contractor && operation {
                    return Some("consignment");
                }
            } else if case.to.role == Role::Consignee && participant(case, case.from) {
                if shared_purpose(case.purpose) || case.purpose == P::OwnUse {
                    return Some("consignment");
                }
                if case.notice == "clean-venture-21" && case.purpose == P::Advertising {
                    return Some("consignment");
                }
            }
        }
    }
    if has(EvidenceKind::Consent) { Some("consent") } else { None }
}

fn own_use(case: &Case) -> bool {
    if case.from != case.to || !participant(case, case.from) {
        return false;
    }
    if case.purpose == Purpose::OwnUse {
        return true;
    }
    if case.purpose == Purpose::Advertising {
        return case.notice == "clean-venture-21" && case.from.role == Role::Retailer;
    }
    // Without a code, two parties of one role may be two companies.
    case.from.code.is_some() && published(case)
}

fn published(case: &Case) -> bool {
    use Purpose as P;
    match case.notice {
        "clean-power-alliance" => matches!(
            case.purpose,
            P::LegalOrder
                | P::ProvideService
                | P::CollectBills
                | P::CreditReport
                | P::ResolveDispute
                | P::ProgrammeCommunication
                | P::ImminentDanger
                | P::AggregateRelease
        ),
        "mce" => matches!(
            case.purpose,
            P::ProvideService | P::CollectBills | P::ResolveDispute | P::ProgrammeCommunication | P::AggregateRelease
        ),
        _ => shared_purpose(case.purpose),
    }
}

fn shared_purpose(purpose: Purpose) -> bool {
    purpose == Purpose::ConsignmentContract
        || purpose == Purpose::CancellationAgency
        || purpose == Purpose::PointConfirmation
        || purpose == Purpose::GridOperation
        || purpose == Purpose::NegawattTrading
}

fn participant(case: &Case, party: Party) -> bool {
    if californian(case) {
        return party.role == Role::Retailer;
    }
    match party.role {
        Role::Operator => {
            let area = match party.code {
                Some(PartyCode::Area(own)) => Some(own),
                _ => case.area,
            };
            // Terras does not name the operator of Okinawa.
            !(case.notice == "terras" && area == Some(Area::Okinawa))
        }
        Role::Retailer | Role::Occto | Role::SuppressionContractor => true,
        Role::Broker => case.notice == "terras" && case.evidence == Some(EvidenceKind::Contract),
        Role::Partner => {
            case.notice == "liaison-energy"
                && matches!(party.code, Some(PartyCode::Name(name)) if name.as_str() == "loop")
        }
        _ => false,
    }
}

/// Footnote ※1, row by row.
fn needed(case: &Case, item: Item) -> bool {
    let (from, to, purpose) = (case.from.role, case.to.role, case.purpose);
    let ends = [Role::Retailer, Role::Operator, Role::SuppressionContractor];
    if from == Role::Occto && to == Role::Occto {
        return false;
    }
    if to == Role::Occto {
        return ends.contains(&from) && ends.iter().any(|end| row(from, *end, purpose, item));
    }
    if from == Role::Occto {
        return ends.contains(&to) && ends.iter().any(|end| row(*end, to, purpose, item));
    }
    row(from, to, purpose, item)
}

fn row(from: Role, to: Role, purpose: Purpose, item: Item) -> bool {
    use Item as I;
    use Role::{Broker, Operator, Partner, Retailer, SuppressionContractor as Suppressor};
    match purpose {
        Purpose::ConsignmentContract => match (from, to) {
            (Retailer, Operator) | (Operator, Retailer) => basic(item) || point(item),
            (Suppressor, Operator) | (Operator, Suppressor) => item == I::Name || item == I::Address || point(item),
            (Retailer, Broker | Partner) => intermediary(item),
            _ => false,
        },
        Purpose::CancellationAgency => match (from, to) {
            (Retailer, Retailer) => {
                item == I::Name || item == I::Address || item == I::RetailContractNumber || item == I::SupplyPointId
            }
            (Retailer, Broker | Partner) => intermediary(item),
            _ => false,
        },
        Purpose::PointConfirmation => match (from, to) {
            (Operator, Retailer | Suppressor) => point(item),
            (Retailer | Suppressor, Operator) => {
                item == I::Name
                    || item == I::Address
                    || item == I::SupplyArea
                    || item == I::SupplyPointId
                    || item == I::MeterInformation
            }
            _ => false,
        },
        Purpose::GridOperation => match (from, to) {
            (Retailer, Operator) | (Operator, Retailer) => basic(item) || point(item),
            _ => false,
        },
        Purpose::NegawattTrading => match (from, to) {
            (Suppressor, Retailer | Operator) | (Retailer | Operator, Suppressor) => {
                item == I::Name
                    || item == I::Address
                    || item == I::SupplyArea
                    || item == I::SupplyPointId
                    || item == I::ContractAmount
                    || item == I::MeterInformation
                    || item == I::MeterReadingDate
                    || negawatt(item)
            }
            _ => false,
        },
        _ => false,
    }
}

fn intermediary(item: Item) -> bool {
    basic(item)
        || item == Item::SupplyArea
        || item == Item::SupplyPointId
        || item == Item::ContractAmount
        || item == Item::ServiceMenu
        || item == Item::DecisionMethod
        || item == Item::ContractStatus
}

fn listed(case: &Case, item: Item) -> bool {
    if californian(case) {
        return matches!(
            item.key(),
            "name" | "address" | "billing-address" | "telephone" | "email" | "account-number" | "consumption"
        );
    }
    basic(item) || point(item) || negawatt(item)
}

fn basic(item: Item) -> bool {
    matches!(item.key(), "name" | "address" | "telephone" | "retail-contract-number")
}

fn negawatt(item: Item) -> bool {
    matches!(item, Item::GenerationSales | Item::DemandProcurement | Item::DemandSuppression | Item::Baseline)
}

/// Group ②: what is neither basic, nor negawatt, nor Californian.
fn point(item: Item) -> bool {
    !basic(item)
        && !negawatt(item)
        && !matches!(item, Item::BillingAddress | Item::Email | Item::AccountNumber | Item::Consumption)
}

/// Rule 4.
fn manager(case: &Case, item: Item) -> Party {
    if californian(case) {
        return if listed(case, item) { the_only(case, Role::Retailer) } else { case.from };
    }
    if basic(item) {
        if case.supply != SupplyKind::Ordinary {
            return area_operator(case);
        }
        if case.purpose == Purpose::CancellationAgency && case.from != case.to {
            let asked = case.from.role == Role::Retailer && case.to.role == Role::Retailer;
            return if asked { case.to } else { Party::of(Role::Retailer) };
        }
        return the_only(case, Role::Retailer);
    }
    if point(item) {
        return area_operator(case);
    }
    if negawatt(item) {
        return the_only(case, Role::SuppressionContractor);
    }
    case.from
}

fn area_operator(case: &Case) -> Party {
    if let Some(area) = case.area {
        return Party::operator(area);
    }
    for party in [case.from, case.to] {
        if party.role == Role::Operator && party.code.is_some() {
            return party;
        }
    }
    Party::of(Role::Operator)
}

fn the_only(case: &Case, role: Role) -> Party {
    if case.from.role == role && (case.to.role != role || case.from == case.to) {
        case.from
    } else if case.to.role == role && case.from.role != role {
        case.to
    } else {
        Party::of(role)
    }
}

/// Every value of a closed set, for the enumeration.
pub fn all<T: Code>() -> impl Iterator<Item = T> + Clone {
    T::ALL.iter().copied()
}
