//! 供給地点・契約の規則: family, decision method, contract amount, areas.

use super::{Finding, codes};
use crate::items::{
    AmountNumber, AmountProblem, AmountUnit, Area, BusinessCode, Code, ContractAmount, ContractForm, DecisionMethod,
    Family, ServiceMenu, SupplyPointId, VoltageDigit,
};
use crate::messages::Field;

/// The third digit of a point against the family. The digit's meaning is of low trust: never an error.
///
/// Source: facts/switching.md §3 (low trust).
pub(super) fn check_voltage(point: &SupplyPointId, family: Family, fields: &[Field], out: &mut Vec<Finding>) {
    let fits = match (point.voltage(), family) {
        (VoltageDigit::Low, Family::Low | Family::Fit) | (VoltageDigit::High, Family::High) => return,
        (VoltageDigit::Unknown(digit), _) => Err(digit),
        (VoltageDigit::Low, _) => Ok(("0（低圧）", "0 (low voltage)")),
        (VoltageDigit::High, _) => Ok(("1（高圧・特別高圧）", "1 (high voltage)")),
    };
    let finding = match fits {
        Err(digit) => codes::VOLTAGE_DIGIT_UNKNOWN.finding(
            format!("供給地点特定番号の3桁目が{digit}です（0: 低圧、1: 高圧・特別高圧とされています）"),
            format!("the third digit of the supply point id is {digit}, expected 0 (low) or 1 (high)"),
        ),
        Ok((ja, en)) => codes::VOLTAGE_DIGIT.finding(
            format!("供給地点特定番号の3桁目は{ja}ですが、供給種別は{}です", family.ja()),
            format!("the third digit of the supply point id is {en}, but the family is {}", family.en()),
        ),
    };
    out.push(finding.on_key(fields, "supply-point-id"));
}

/// The area a retailer's code ends in against the area of the point: a warning, a retailer may supply other areas too.
pub(super) fn check_retailer_area(
    point: &SupplyPointId,
    retailer: BusinessCode,
    fields: &[Field],
    out: &mut Vec<Finding>,
) {
    let (of_point, of_code) = (point.area(), retailer.area());
    if of_point != of_code {
        let finding = codes::RETAILER_AREA.finding(
            format!("供給地点は{}エリアですが、現小売事業者コード{retailer}は{}です", of_point.ja(), of_code.ja()),
            format!("the point lies in {}, but business code {retailer} is of {}", of_point.en(), of_code.en()),
        );
        out.push(finding.on_key(fields, "current-retailer"));
    }
}

/// A message about a point goes to the operator of its area and to no other.
pub(super) fn check_operator_area(point: &SupplyPointId, operator: Area, fields: &[Field], out: &mut Vec<Finding>) {
    let area = point.area();
    if area != operator {
        let finding = codes::OPERATOR_AREA.finding(
            format!("供給地点は{}エリアですが、宛先は{}です", area.ja(), operator.operator()),
            format!("the point lies in {}, but the recipient is the operator of {}", area.en(), operator.en()),
        );
        out.push(finding.on_key(fields, "supply-point-id"));
    }
}

/// 契約: the terms an application asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'a> {
    pub family: Family,
    pub method: DecisionMethod,
    pub amount: Option<AmountNumber>,
    pub unit: Option<AmountUnit>,
    pub menu: Option<&'a ServiceMenu>,
}

/// Method, amount, unit, menu and family together.
pub(super) fn check_terms(terms: Terms<'_>, fields: &[Field], out: &mut Vec<Finding>) {
    let form = terms.menu.and_then(ServiceMenu::form);
    if let Some(menu) = terms.menu
        && !menu_fits(menu, form, terms.family)
    {
        let (name, family) = (menu.as_str(), terms.family);
        let ja = format!("「{name}」は{}のメニューではありません", family.ja());
        let en = format!("`{name}` is not a service menu of {}", family.en());
        out.push(codes::MENU_FAMILY.finding(ja, en).on_key(fields, "service-menu"));
        return;
    }
    match (terms.amount, terms.unit) {
        (Some(number), Some(unit)) => {
            if let Err(problem) = ContractAmount::new(number, unit).check(terms.method, form, terms.family) {
                report(problem, terms.method, fields, out);
            }
        }
        (None, None) => {
            if terms.method.amount_units(form, terms.family).is_empty() {
                report(AmountProblem::MethodNotUsed, terms.method, fields, out);
            }
        }
        (Some(_), None) => out.push(codes::AMOUNT_INCOMPLETE.plain().on_key(fields, "amount-unit")),
        (None, Some(_)) => out.push(codes::AMOUNT_INCOMPLETE.plain().on_key(fields, "contract-amount")),
    }
}

#[cold]
fn report(problem: AmountProblem, method: DecisionMethod, fields: &[Field], out: &mut Vec<Finding>) {
    let (rule, key) = match problem {
        AmountProblem::MethodNotUsed => (&codes::METHOD_NOT_USED, "decision-method"),
        AmountProblem::Unit { .. } => (&codes::AMOUNT_UNIT, "amount-unit"),
        AmountProblem::Zero | AmountProblem::TooGreat { .. } => (&codes::AMOUNT_RANGE, "contract-amount"),
    };
    let ja = format!("{}（契約決定方法: {}）", problem.ja(), method.ja());
    out.push(rule.finding(ja, format!("{} (decision method: {})", problem.en(), method.en())).on_key(fields, key));
}

/// Lighting and power menus are low voltage; the names of the others say theirs. Other text is not judged.
fn menu_fits(menu: &ServiceMenu, form: Option<ContractForm>, family: Family) -> bool {
    let high = menu.as_str().starts_with("高圧");
    let extra_high = menu.as_str().starts_with("特別高圧");
    match family {
        Family::Low | Family::Fit => !high && !extra_high,
        Family::High => form.is_none() && !extra_high,
    }
}

/// 契約決定方法の変更: whether a method may follow the present one.
///
/// Source: facts/switching.md §3.1 (D for Kyushu; other areas unverified: a warning).
pub(super) fn check_transition(
    area: Area,
    form: ContractForm,
    present: DecisionMethod,
    wanted: DecisionMethod,
    fields: &[Field],
    out: &mut Vec<Finding>,
) {
    let Some(allowed) = present.permitted_next(form).filter(|allowed| !allowed.contains(&wanted)) else {
        return;
    };
    let verified = DecisionMethod::transitions_verified(area);
    let rule = if verified { &codes::METHOD_TRANSITION } else { &codes::METHOD_TRANSITION_UNVERIFIED };
    let names = |name: fn(DecisionMethod) -> &'static str, between: &str| {
        allowed.iter().copied().map(name).collect::<Vec<_>>().join(between)
    };
    let (doubt_ja, doubt_en) = if verified {
        ("", "")
    } else {
        ("。九州の規則で、この区域では未確認です", "; a rule of Kyushu, unverified here")
    };
    let ja = format!(
        "{}の「{}」から「{}」には変更できません（選べる方法: {}）{doubt_ja}",
        form.ja(),
        present.ja(),
        wanted.ja(),
        names(DecisionMethod::ja, "、")
    );
    let en = format!(
        "{} cannot follow {} for {}, expected {}{doubt_en}",
        wanted.en(),
        present.en(),
        form.en(),
        names(DecisionMethod::en, " or ")
    );
    out.push(rule.finding(ja, en).on_key(fields, "decision-method"));
}
