//! A cleared message cannot be written down field by field.

use occto::items::DateTime;
use occto::notice::{Cleared, Decision, Purpose, Route};

fn forge<M>(message: M, route: Route, decision: Decision, at: DateTime) -> Cleared<M> {
    Cleared { message, route, purpose: Purpose::OwnUse, decision, at, notice: "common-core".into() }
}

fn main() {}
