//! The encoder does not take an uncleared message.

use occto::messages::Header;
use occto::messages::switching::FacilityInquiry;
use occto::wire::Binding;

fn leak(header: &Header, message: &FacilityInquiry) -> Vec<u8> {
    let mut out = Vec::new();
    let _ = Binding::reference().encode(header, message, &mut out);
    out
}

fn leak_in_bulk(header: &Header, message: &FacilityInquiry) -> Vec<u8> {
    let mut out = Vec::new();
    let _ = Binding::reference().encode_csv([(header, message)], &mut out);
    out
}

fn main() {}
