//! Meter data is not written without clearance.

use occto::messages::metering::{MeteringFile, MeteringHeader, MeteringRows};
use occto::wire::cii;

fn leak(file: &MeteringFile) -> Vec<u8> {
    let mut out = Vec::new();
    let _ = cii::write(file, &mut out);
    out
}

fn leak_in_parts(header: &MeteringHeader, rows: &MeteringRows) -> Vec<u8> {
    let mut out = Vec::new();
    let _ = cii::write((header, rows), &mut out);
    out
}

fn change(file: &mut MeteringFile, rows: MeteringRows) {
    file.rows = rows;
}

fn main() {}
