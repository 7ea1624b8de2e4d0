//! Encode → decode is identity for every message and binding, over generated values; the charset loses nothing.

use crate::samples;
use crate::wire::bindings;
use occto::items::{Code, DateTime, Family, YearMonth};
use occto::messages::switching::{CancellationRequest, SwitchStart, SwitchingMessage};
use occto::messages::{Field, Kind, Message, Node, Occurs, Tree};
use occto::wire::{Binding, Charset, charset};
use proptest::collection::vec;
use proptest::prelude::*;

/// Draws values from what proptest gives; when that is used up, the simplest ones.
struct Draw<'a>(&'a [u32]);

const ALPHABET: &[char] = &[
    'a', 'Z', '0', ' ', '　', 'ア', 'ｱ', 'ﾞ', '山', '田', '髙', '﨑', '①', '㈱', 'Ⅳ', '～', '－', '∥', '￥', '&', '<',
    '>', '"', '\'', ',', ';', ']', '?', '\\', '~', '=', '-', 'ー', '纊', '、', 'ω', 'Ж', '│',
];

impl Draw<'_> {
    fn below(&mut self, end: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first as usize % end
    }
    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }
    fn text(&mut self, max: usize) -> String {
        let length = 1 + self.below((max / 2).min(28));
        (0..length).map(|_| ALPHABET[self.below(ALPHABET.len())]).collect()
    }
    fn time(&mut self) -> DateTime {
        let part = |draw: &mut Self, end| draw.below(end) as i8;
        let (year, month, day) = (1990 + self.below(100) as i16, 1 + part(self, 12), 1 + part(self, 28));
        DateTime::new(year, month, day, part(self, 24), part(self, 60), part(self, 60), 0).unwrap()
    }
    fn decimal(&mut self, field: &Field, decimals: usize) -> String {
        match field.key {
            "slot" => (1 + self.below(48)).to_string(),
            "power-factor" => self.below(101).to_string(),
            "current-limit" => self.below(61).to_string(),
            _ if decimals == 0 => self.below(100_000).to_string(),
            _ => format!("{}.{}", self.below(1000), self.digits(decimals)),
        }
    }

    fn value(&mut self, field: &Field, point: bool) -> String {
        match field.kind {
            Kind::Text { max } => match field.key {
                "telephone" => format!("0{}-{}-{}", self.digits(1), self.digits(4), self.digits(4)),
                "postal-code" => self.digits(7),
                _ => self.text(max),
            },
            Kind::Digits { len: 22 } if point => samples::POINT.to_owned(),
            Kind::Digits { len: 22 } => format!("03{}", self.digits(20)),
            Kind::Digits { len } => self.digits(len),
            Kind::Decimal { decimals } => self.decimal(field, decimals),
            Kind::Date => self.time().date().to_string(),
            Kind::DateTime => self.time().to_string(),
            Kind::Month => YearMonth::of(self.time().date()).unwrap().to_string(),
            Kind::Flag => self.below(2).to_string(),
            Kind::Code { keys, open, .. } => {
                let keys = keys();
                match self.below(keys.len() + usize::from(open)) {
                    at if at == keys.len() => format!("?新{}", self.digits(2)),
                    at => keys[at].to_owned(),
                }
            }
            Kind::Bytes { .. } => {
                use base64::Engine as _;
                let octets: Vec<u8> = (0..=self.below(40)).map(|_| self.below(256) as u8).collect();
                base64::engine::general_purpose::STANDARD.encode(octets)
            }
            Kind::Group(_) => String::new(),
        }
    }

    fn tree(&mut self, fields: &'static [Field], point: bool) -> Tree {
        let mut tree = Tree::new(fields.len());
        for (index, field) in fields.iter().enumerate() {
            let node = match (field.kind, field.occurs) {
                (Kind::Group(inner), _) => Node::Rows((0..self.below(4)).map(|_| self.tree(inner, point)).collect()),
                // The second binding requires the telephone number.
                (_, Occurs::Optional) if field.key != "telephone" && self.below(3) == 0 => Node::Absent,
                _ => Node::Text(self.value(field, point)),
            };
            // No repetition and none given are the same.
            if node != Node::Rows(Vec::new()) {
                *tree.node_mut(index).unwrap() = node;
            }
        }
        tree
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_message_is_read_as_it_was_written(entropy in vec(any::<u32>(), 0..600), which in 0..3usize) {
        for spec in SwitchingMessage::SPECS {
            let mut draw = Draw(&entropy);
            let tree = draw.tree(spec.fields, spec.key.starts_with("usage-"));
            let message = SwitchingMessage::absorb(spec, &tree).unwrap_or_else(|errors| panic!("{}: {errors:?}", spec.key));
            let route = samples::route(&message);
            let family = spec.families[which % spec.families.len()];
            let mut header = samples::header(family, route);
            header.created = draw.time();
            let cleared = samples::clear(message, route);
            for binding in bindings() {
                let mut out = Vec::new();
                binding.encode(&header, &cleared, &mut out).unwrap_or_else(|error| panic!("{}: {error}", spec.key));
                let read = binding.decode(&out).unwrap_or_else(|error| panic!("{} {}: {error}", binding.name(), spec.key));
                prop_assert!(read.message == *cleared.message(), "{} {}", binding.name(), spec.key);
                prop_assert_eq!(&read.header, &header);
            }
        }
    }

    #[test]
    fn bulk_forms_are_read_as_they_were_written(entropy in vec(any::<u32>(), 0..600)) {
        fn check<M: Message>(draw: &mut Draw<'_>) where SwitchingMessage: From<M> {
            let rows: Vec<_> = (0..3).map(|_| {
                let message = M::absorb(&draw.tree(M::FIELDS, false)).unwrap();
                let route = samples::route(&SwitchingMessage::absorb(M::SPEC, &draw.tree(M::FIELDS, false)).unwrap());
                (samples::header(Family::ALL[draw.below(3)], route), samples::clear(message, route))
            }).collect();
            for binding in bindings() {
                let mut out = Vec::new();
                binding.encode_csv(rows.iter().map(|(header, cleared)| (header, cleared)), &mut out).unwrap();
                let read = binding.decode_csv::<M>(&out).unwrap();
                assert_eq!(read.len(), rows.len());
                for (row, (header, _)) in read.iter().zip(&rows) {
                    assert_eq!(&row.message.as_ref().unwrap_or_else(|error| panic!("{error}")).header, header);
                }
                // What was read is written as it came: nothing of the values was lost.
                let again: Vec<_> = read.into_iter().map(|row| row.message.unwrap()).map(|incoming| {
                    let route = samples::route(&incoming.message);
                    (incoming.header, samples::clear(incoming.message, route))
                }).collect();
                for ((header, cleared), (_, first)) in again.iter().zip(&rows) {
                    let (mut one, mut two) = (Vec::new(), Vec::new());
                    binding.encode(header, cleared, &mut one).unwrap();
                    binding.encode(header, first, &mut two).unwrap();
                    assert_eq!(one, two);
                }
            }
        }
        let mut draw = Draw(&entropy);
        check::<SwitchStart>(&mut draw);
        check::<CancellationRequest>(&mut draw);
    }

    #[test]
    fn octets_of_anybody_are_never_a_panic(octets in vec(any::<u8>(), 0..300), xml in any::<bool>()) {
        let octets = if xml { [&b"<SwitchStart xmlns=\"urn:occto-adapter:switching:reference:1\">"[..], &octets].concat() } else { octets };
        for binding in bindings() {
            prop_assert!(binding.decode(&octets).is_err());
            let _ = binding.decode_csv::<SwitchStart>(&octets);
        }
        let _ = charset::read(&octets);
    }

    #[test]
    fn a_binding_of_anybody_is_never_a_panic(at in 0..Binding::REFERENCE.len(), with in "[ -~\n\"]{0,4}", cut in 0..40usize) {
        let text = Binding::REFERENCE;
        let start = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let end = (start + cut..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        let _ = Binding::parse(&format!("{}{with}{}", &text[..start], &text[end..]));
    }

    #[test]
    fn cp932_keeps_every_character_or_names_one(text in any::<String>()) {
        let mut out = Vec::new();
        match Charset::Cp932.encode(&text, &mut out) {
            Err(error) => {
                prop_assert_eq!(text.chars().nth(error.position - 1), Some(error.character));
                prop_assert!(text[error.byte..].starts_with(error.character) && out.is_empty());
            }
            Ok(()) => {
                let twin = |c| charset::TWINS.iter().find(|(other, ..)| *other == c).map_or(c, |(_, twin, _)| *twin);
                let wanted: String = text.chars().map(twin).collect();
                prop_assert_eq!(Charset::Cp932.decode(&out).unwrap(), wanted);
            }
        }
    }
}
