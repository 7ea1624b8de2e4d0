//! One clearance is for one message: it cannot be copied.

use occto::notice::Cleared;

fn twice(cleared: &Cleared<String>) -> Cleared<String> {
    Clone::clone(cleared)
}

fn main() {}
