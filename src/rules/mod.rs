//! What must hold: findings with a stable code, a place, Japanese and English text and a way out.

mod finding;

pub use finding::{Finding, Place, Severity};
