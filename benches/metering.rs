//! The figures of meter data: `cargo bench --bench metering`. Every figure is a ratio of two things measured in this one
//! run; medians of several rounds, taken in turn.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench fails by panicking"
)]

#[path = "metering/writing.rs"]
mod writing;

fn main() {
    println!("| figure | measured | wanted | met |");
    println!("|---|---|---|---|");
    for (figure, measured, wanted, met) in writing::figures() {
        println!("| {figure} | {measured} | {wanted} | {} |", if met { "yes" } else { "NO" });
    }
}
