//! Negawatt items are not written without clearance.

use occto::items::Reference;
use occto::messages::negawatt::BaselineNotice;
use occto::wire::negawatt;

fn leak(reference: &Reference, notice: &BaselineNotice) -> Vec<u8> {
    let mut out = Vec::new();
    let _ = negawatt::write(reference, notice, &mut out);
    out
}

fn main() {}
