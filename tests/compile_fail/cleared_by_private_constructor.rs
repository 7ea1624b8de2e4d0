//! The constructor belongs to the clearance desk.

use occto::items::DateTime;
use occto::notice::{Cleared, Decision, Party};

fn forge<M>(message: M, via: Option<Party>, decision: Decision, at: DateTime) -> Cleared<M> {
    Cleared::grant(message, via, decision, at, "common-core")
}

fn main() {}
