//! 読取りの仕上げ: from the neutral forms of header and message to an [`Incoming`], or to every field that does not fit.

use super::binding::plan::MessagePlan;
use super::binding::{CREATED, FAMILY, HEADER, MESSAGE_CODE, RECIPIENT, REFERENCE, SENDER};
use super::decode::{MOST_PROBLEMS, Reading, Root, Row, Stop};
use super::problem::{Problem, ProblemKind as Kind};
use super::{Binding, Incoming};
use crate::items::{Code, Family, Reference};
use crate::messages::switching::SwitchingMessage;
use crate::messages::{FieldError, FieldValue, Header, Node, Tree};
use crate::notice::Party;
use crate::rules::Place;

impl<'b> Reading<'b, '_> {
    pub(super) fn finish(&mut self, root: Root<'b>) -> Result<Incoming, Stop> {
        let at_root = |kind: Kind, index: Option<usize>| {
            let place = Place { path: Some(root.path.clone()), byte: Some(root.at as u64), ..Place::default() };
            Problem { kind, field: index.and_then(|index| HEADER.get(index)), place }
        };
        let mut problems = std::mem::take(&mut self.problems);
        let header = match self.header.take() {
            None => Err(vec![at_root(Kind::NoHeader, None)]),
            Some(tree) => read_header(self.binding, &tree, root.plan, &|kind, index| at_root(kind, Some(index))),
        };
        let header = header.and_then(|header| match root.families.contains(&header.family) {
            true => Ok(header),
            false => Err(vec![at_root(Kind::Family { code: header.family }, None)]),
        });
        let is_reported = |problems: &[Problem], key: &str| {
            problems.iter().any(|problem| problem.field.is_some_and(|field| field.key == key))
        };
        let header = match header {
            Ok(header) => Some(header),
            Err(wrong) => {
                let new: Vec<Problem> =
                    wrong.into_iter().filter(|p| !p.field.is_some_and(|f| is_reported(&problems, f.key))).collect();
                problems.extend(new);
                None
            }
        };
        match (SwitchingMessage::absorb(root.plan.spec, &root.tree), header) {
            (Ok(message), Some(header)) if problems.is_empty() => {
                let findings = std::mem::take(&mut self.notes);
                Ok(Incoming { header, message, unknown: self.unknown, findings })
            }
            (message, _) => {
                for error in message.err().into_iter().flatten() {
                    if problems.len() >= MOST_PROBLEMS {
                        break;
                    }
                    let problem = self.locate(&root, error);
                    // What stands there but could not be read was said already.
                    if !problems.iter().any(|other| other.place.path == problem.place.path) {
                        problems.push(problem);
                    }
                }
                Err(Stop::Problems(problems))
            }
        }
    }

    /// The place of a field that the message did not take: its row is read once more to find it.
    fn locate(&self, root: &Root<'b>, error: FieldError) -> Problem {
        let (mut plan, mut path) = (Some(&root.plan.record), root.path.clone());
        let (mut parent, mut at) = (0, root.at);
        for (group, number) in error.groups.iter().zip(&error.rows) {
            let Some(field) = plan.and_then(|plan| plan.of(group)) else { break };
            path.push_str(&format!("/{}[{number}]", field.name));
            plan = field.group.as_ref();
            let is_it = |row: &Row| (row.parent, row.group, row.number) == (parent, field.index, *number);
            if let Some((index, row)) = self.rows.iter().enumerate().find(|(_, row)| is_it(row)) {
                (parent, at) = (index + 1, row.at);
            }
        }
        if let Some(field) = plan.and_then(|plan| plan.of(error.field.key)) {
            path.push_str(&format!("/{}", field.name));
            at = self.source.place_of(at, &field.name);
        }
        let place = Place { path: Some(path), byte: Some(at as u64), ..Place::default() };
        Problem { kind: error.kind.into(), field: Some(error.field), place }
    }
}

type At<'p> = &'p dyn Fn(Kind, usize) -> Problem;

/// The header from its neutral form; the message code must be one of the message, and of one family with the rest.
pub(super) fn read_header(
    binding: &Binding,
    tree: &Tree,
    plan: &MessagePlan,
    at: At<'_>,
) -> Result<Header, Vec<Problem>> {
    let mut problems = Vec::new();
    let texts: Vec<&str> = (0..HEADER.len())
        .map(|index| match tree.node(index) {
            Node::Text(text) => text.as_str(),
            _ => {
                problems.push(at(Kind::Missing, index));
                ""
            }
        })
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let text = |index: usize| texts.get(index).copied().unwrap_or_default();
    let mut wrong = |kind, index| problems.push(at(kind, index));
    let family = match binding.of_code(text(MESSAGE_CODE)) {
        None => {
            wrong(Kind::MessageCode, MESSAGE_CODE);
            None
        }
        Some((other, _)) if other.spec.key != plan.spec.key => {
            wrong(Kind::OtherMessage, MESSAGE_CODE);
            None
        }
        Some((_, code)) => {
            let said = Family::from_key(text(FAMILY));
            if said != Some(code) {
                wrong(Kind::Family { code }, FAMILY);
            }
            said
        }
    };
    let mut party = |index| {
        let party: Option<Party> = binding.forms.parties.iter().find_map(|form| form.read(text(index)));
        if party.is_none() {
            wrong(Kind::Party, index);
        }
        party
    };
    let (sender, recipient) = (party(SENDER), party(RECIPIENT));
    let reference = Reference::parse(text(REFERENCE)).map_err(|error| wrong(Kind::Value(error), REFERENCE)).ok();
    let created = FieldValue::read(text(CREATED)).map_err(|error| wrong(Kind::Value(error), CREATED)).ok();
    match (family, sender, recipient, reference, created) {
        (Some(family), Some(sender), Some(recipient), Some(reference), Some(created)) if problems.is_empty() => {
            Ok(Header { family, sender, recipient, reference, created })
        }
        _ => Err(problems),
    }
}
