//! There is no clearance by default.

use occto::notice::Cleared;

fn forge() -> Cleared<String> {
    Default::default()
}

fn main() {}
