//! 正規化: a value as the binding writes it to the canonical text of the neutral form.

use super::Binding;
use super::binding::form::Scope;
use super::binding::plan::FieldPlan;
use super::problem::ProblemKind as Problem;
use crate::messages::Kind;
use std::borrow::Cow;

/// The canonical text of a value; nothing where it is empty.
pub(super) fn canonical(binding: &Binding, field: &FieldPlan, text: Cow<'_, str>) -> Result<Option<String>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    // Blanks around anything but a text are those of a formatter.
    let trimmed = text.trim_ascii();
    let form = |scope| binding.forms.of(scope).canonical(trimmed, scope).ok_or(Problem::Form);
    let canonical = match field.field.kind {
        Kind::Text { .. } => text.into_owned(),
        _ if trimmed.is_empty() => return Ok(None),
        Kind::Digits { .. } | Kind::Decimal { .. } => trimmed.to_owned(),
        Kind::Date => form(Scope::Date)?,
        Kind::DateTime => form(Scope::DateTime)?,
        Kind::Month => form(Scope::Month)?,
        Kind::Flag => {
            let [yes, no] = &binding.forms.flag;
            match trimmed {
                word if *word == **yes => "1".to_owned(),
                word if *word == **no => "0".to_owned(),
                _ => return Err(Problem::Form),
            }
        }
        Kind::Code { open, .. } => match field.codes.as_ref().and_then(|codes| codes.key(trimmed)) {
            Some(key) => key.to_owned(),
            None if open => format!("?{trimmed}"),
            // A code is short; a long text could be anything of a person's.
            None if trimmed.chars().count() <= 4 => return Err(Problem::UnknownCode(trimmed.to_owned())),
            None => return Err(Problem::UnknownCode(String::new())),
        },
        Kind::Bytes { .. } => text.split_ascii_whitespace().collect(),
        Kind::Group(_) => return Err(Problem::Shape),
    };
    Ok(Some(canonical))
}
