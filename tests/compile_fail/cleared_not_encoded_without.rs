//! The encoder does not take an uncleared message.

use occto::messages::Header;
use occto::messages::switching::FacilityInquiry;
use occto::notice::Cleared;
use occto::wire::Binding;

fn leak(header: &Header, message: &FacilityInquiry) -> Vec<u8> {
    let mut out = Vec::new();
    let _ = Binding::reference().encode(header, message, &mut out);
    out
}

fn leak_in_bulk(header: &Header, message: &FacilityInquiry) -> Vec<u8> {
    let mut out = Vec::new();
    let rows: [(&Header, &Cleared<FacilityInquiry>); 1] = [(header, message)];
    let _ = Binding::reference().encode_csv(rows, &mut out);
    out
}

fn main() {}
