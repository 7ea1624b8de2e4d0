//! A clearance cannot be read back from anywhere.

use occto::notice::Cleared;
use serde::Deserialize;

fn forge<'de, D: serde::Deserializer<'de>>(stored: D) -> Result<Cleared<String>, D::Error> {
    Cleared::<String>::deserialize(stored)
}

fn main() {}
