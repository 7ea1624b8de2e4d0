//! The constructor belongs to the clearance desk.

use occto::items::DateTime;
use occto::notice::{Cleared, Decision, Purpose, Route};

fn forge<M>(message: M, route: Route, decision: Decision, at: DateTime) -> Cleared<M> {
    Cleared::grant(message, route, Purpose::OwnUse, decision, at, "common-core".into())
}

fn main() {}
