//! Switching messages to octets and back, in the reference binding and in one that shares nothing with it.

use crate::samples;
use occto::items::Family;
use occto::messages::switching::SwitchingMessage;
use occto::wire::Binding;

fn written(binding: &Binding, message: &SwitchingMessage, family: Family) -> Vec<u8> {
    let route = samples::route(message);
    let cleared = samples::clear(message.clone(), route);
    let mut out = Vec::new();
    binding.encode(&samples::header(family, route), &cleared, &mut out).unwrap();
    out
}

#[test]
fn there_is_a_sample_of_every_message() {
    let keys: Vec<&str> = samples::all().iter().map(|message| message.spec().key).collect();
    let specs: Vec<&str> = SwitchingMessage::SPECS.iter().map(|spec| spec.key).collect();
    assert_eq!(keys, specs);
}

#[test]
fn every_message_of_every_family_is_read_as_it_was_written() {
    let binding = Binding::reference();
    for message in samples::all() {
        for family in message.spec().families {
            let octets = written(binding, &message, *family);
            let read = binding.decode(&octets).unwrap_or_else(|error| {
                panic!("{}: {error}\n{}", message.spec().key, String::from_utf8_lossy(&octets))
            });
            assert!(read.message == message, "{}", message.spec().key);
            assert_eq!(read.header, samples::header(*family, samples::route(&message)));
            assert_eq!(read.unknown, 0);
        }
    }
}
