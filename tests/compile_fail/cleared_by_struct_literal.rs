//! A cleared message cannot be written down field by field.

use occto::items::DateTime;
use occto::notice::{Cleared, Decision, Party};

fn forge<M>(message: M, via: Option<Party>, decision: Decision, at: DateTime) -> Cleared<M> {
    Cleared { message, notice: "common-core", decision, at, via }
}

fn main() {}
