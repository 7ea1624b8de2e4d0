//! Conditions in Cedar's language.

use crate::items::Code;
use crate::notice::published::Notice;
use crate::notice::{EvidenceKind, Purpose, Role};

pub(super) fn in_role(party: &str, role: Role) -> String {
    format!("{party} in Role::\"{}\"", role.key())
}

pub(super) fn evidence(kind: EvidenceKind) -> String {
    format!("context.evidence.contains(\"{}\")", kind.key())
}

/// Whether a party is of a role and, being so, a participant (rule 2).
pub(super) fn participates(notice: &Notice, party: &str, role: Role) -> String {
    let of_role = in_role(party, role);
    if notice.unconditional & (1 << role as u16) != 0 {
        return of_role;
    }
    let mut ways = Vec::new();
    for participant in notice.participants.iter().filter(|one| one.role == role) {
        let mut needs = Vec::new();
        if let Some(name) = participant.name {
            needs.push(format!("{party} has name && {party}.name == \"{}\"", name.as_str()));
        }
        if role == Role::Operator && !participant.areas.is_empty() {
            let areas: Vec<_> = participant.areas.iter().map(|area| format!("\"{}\"", area.key())).collect();
            let areas = areas.join(", ");
            needs.push(format!(
                "(if {party} has area then [{areas}].contains({party}.area) else (if context has area then [{areas}].contains(context.area) else true))"
            ));
        }
        needs.extend(participant.needs.map(evidence));
        ways.push(if needs.is_empty() { "true".to_owned() } else { needs.join(" && ") });
    }
    match ways.as_slice() {
        [] => "false".to_owned(),
        [one] => format!("({of_role} && {one})"),
        several => format!("({of_role} && (({})))", several.join(") || (")),
    }
}

/// What was received under the shared use is not there for the company's further purposes. Nothing where the notice
/// publishes no purpose.
pub(super) fn extends_shared_use(notice: &Notice) -> Option<String> {
    let published: Vec<_> =
        Purpose::ALL.iter().filter(|one| notice.published.has(**one)).map(|one| format!("\"{}\"", one.key())).collect();
    let some = !published.is_empty();
    some.then(|| format!("context has source && [{}].contains(context.source)", published.join(", ")))
}
