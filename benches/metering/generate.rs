//! 合成データ: meter data files as operators make them, from a seed. Nothing in them is anybody's.

use occto::messages::metering::{MeteringKind, MeteringShape};
use std::fmt::Write as _;

/// What a file looks like.
#[derive(Clone, Debug)]
pub struct Spec {
    pub kind: MeteringKind,
    /// Supply points.
    pub points: usize,
    /// Rows of a point in a slot, told apart by their control number.
    pub controls: usize,
    /// Slots of a day (W4), days of a bill (W5).
    pub span: usize,
    /// With the names of customers and places.
    pub names: bool,
    /// With line breaks and indentation.
    pub pretty: bool,
    /// A prefix before every name, with its colon.
    pub prefix: &'static str,
    /// Points in no order.
    pub shuffled: bool,
    pub seed: u64,
}

impl Spec {
    pub fn new(kind: MeteringKind, points: usize) -> Spec {
        let span = match kind.shape() {
            MeteringShape::Slot => 1,
            MeteringShape::Day => 48,
            MeteringShape::Month => 30,
        };
        Spec { kind, points, controls: 1, span, names: true, pretty: false, prefix: "", shuffled: false, seed: 1 }
    }

    /// The rows that the file holds.
    pub fn rows(&self) -> usize {
        match self.kind.shape() {
            MeteringShape::Slot => self.points * self.controls,
            MeteringShape::Day => self.points * self.controls * self.span,
            MeteringShape::Month => self.points * self.span * 48,
        }
    }
}

/// A generator of numbers that look random: splitmix64.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

struct Out {
    text: String,
    pretty: bool,
    prefix: &'static str,
    depth: usize,
}

impl Out {
    fn break_line(&mut self) {
        if self.pretty {
            self.text.push_str("\r\n");
            (0..self.depth).for_each(|_| self.text.push_str("  "));
        }
    }
    fn open(&mut self, tag: &str) {
        self.break_line();
        self.depth += 1;
        let _ = write!(self.text, "<{}{tag}>", self.prefix);
    }
    fn close(&mut self, tag: &str) {
        self.depth -= 1;
        self.break_line();
        let _ = write!(self.text, "</{}{tag}>", self.prefix);
    }
    fn value(&mut self, tag: &str, value: impl std::fmt::Display) {
        self.break_line();
        let _ = write!(self.text, "<{0}{tag}>{value}</{0}{tag}>", self.prefix);
    }
}

const SURNAMES: [&str; 8] = ["佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "小笠原", "五十嵐"];
const NAMES: [&str; 8] = ["太郎", "花子", "一", "さくら", "健太", "美咲", "正", "裕子"];

fn name(numbers: &mut Numbers) -> String {
    match numbers.below(10) {
        0 => format!("株式会社{}商店{}支店", SURNAMES[numbers.below(8) as usize], NAMES[numbers.below(8) as usize]),
        _ => format!("{}　{}", SURNAMES[numbers.below(8) as usize], NAMES[numbers.below(8) as usize]),
    }
}

/// A value as meters give it: mostly small, with up to four decimals.
fn energy(numbers: &mut Numbers) -> String {
    let count = numbers.below(30_000);
    match numbers.below(16) {
        0 => "0".to_owned(),
        1..=3 => format!("{}.{}", count / 10_000, numbers.below(10)),
        4..=6 => format!("{}.{:02}", count / 10_000, count % 100),
        _ => format!("{}.{:04}", count / 10_000, count % 10_000),
    }
}

/// The document.
pub fn document(spec: &Spec) -> Vec<u8> {
    let mut numbers = Numbers(spec.seed);
    let high = matches!(spec.kind, MeteringKind::HighSlot | MeteringKind::HighDay | MeteringKind::HighMonth);
    let mut points: Vec<(String, String, String)> = (0..spec.points)
        .map(|number| {
            let number = number as u64 * 37 + numbers.below(37);
            let id = format!("03{}{:014}{:05}", u8::from(high), number, 10_000);
            (id, format!("{:013}", 1_000_000_000_000 + number), name(&mut numbers))
        })
        .collect();
    if spec.shuffled {
        for at in (1..points.len()).rev() {
            let other = numbers.below(at as u64 + 1) as usize;
            points.swap(at, other);
        }
    }
    let capacity = 4096 + spec.rows() * if spec.pretty { 420 } else { 260 };
    let mut out = Out { text: String::with_capacity(capacity), pretty: spec.pretty, prefix: spec.prefix, depth: 0 };
    out.text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n");
    head(spec, &mut out);
    match spec.kind.shape() {
        MeteringShape::Slot => {
            out.value("JP06116", "20260401");
            out.value("JP06219", "17");
            out.open("JPM00010");
            rows(spec, "JPMR00010", &points, &mut numbers, &mut out);
            out.close("JPM00010");
        }
        MeteringShape::Day => {
            out.value("JP06116", "20260401");
            out.open("JPM00010");
            for slot in 1..=spec.span {
                out.open("JPMR00010");
                out.value("JP06219", format_args!("{slot:02}"));
                out.open("JPM00011");
                rows(spec, "JPMR00011", &points, &mut numbers, &mut out);
                out.close("JPM00011");
                out.close("JPMR00010");
            }
            out.close("JPM00010");
        }
        MeteringShape::Month => bills(spec, &points, &mut numbers, &mut out),
    }
    for tag in ["JPTRM", "JPMGRP", "SBD-MSG"] {
        out.close(tag);
    }
    out.text.into_bytes()
}

fn head(spec: &Spec, out: &mut Out) {
    let (code, sub) = (spec.kind.code(), spec.kind.sub_code());
    let space = spec.prefix.trim_end_matches(':');
    let space = if space.is_empty() { String::new() } else { format!(" xmlns:{space}=\"urn:cii\"") };
    let _ = write!(
        out.text,
        "<{}SBD-MSG{space} BPID=\"OCTO\" BPIDSUB=\"{sub}\" BPIDVER=\"3A\" MSGID=\"{code}\" MAPVER=\"1.1-1A\">",
        spec.prefix
    );
    out.depth += 1;
    out.break_line();
    let _ = write!(out.text, "<{}JPMGRP SEQ=\"1\">", spec.prefix);
    out.depth += 1;
    out.open("JPMGH");
    for (tag, value) in [
        ("JPC03", "0"),
        ("JPC06", "100330000000"),
        ("JPC09", "401130000000"),
        ("JPC10", "OCTO"),
        ("JPC11", sub),
        ("JPC12", "3A"),
        ("JPC14", code),
        ("JPC19", "260402031500"),
        ("JPC21", "1.1-1A"),
    ] {
        out.value(tag, value);
    }
    out.close("JPMGH");
    out.break_line();
    let _ = write!(out.text, "<{}JPTRM SEQ=\"1\">", spec.prefix);
    out.depth += 1;
    out.value("JP00002", code);
    out.value("JP06110", "10033");
    out.value("JP06111", "試験送配電");
    out.value("JP06112", "40113");
    out.value("JP06113", "試験小売");
    out.value("JP06114", "0");
    out.value("JP06115", "00");
}

fn rows(spec: &Spec, tag: &str, points: &[(String, String, String)], numbers: &mut Numbers, out: &mut Out) {
    let high = matches!(spec.kind, MeteringKind::HighSlot | MeteringKind::HighDay);
    for (point, id, name) in points {
        for control in 1..=spec.controls {
            out.open(tag);
            out.value("JP06400", point);
            out.value("JP06119", id);
            if spec.names {
                out.value("JP06120", name);
            }
            out.value("JP06121", format_args!("{control:03}"));
            let missing = numbers.below(200) == 0;
            out.value("JP06122", u8::from(missing));
            let value = if missing { "0".to_owned() } else { energy(numbers) };
            out.value(if high { "JP06123" } else { "JP06125" }, value);
            out.close(tag);
        }
    }
}

fn bills(spec: &Spec, points: &[(String, String, String)], numbers: &mut Numbers, out: &mut Out) {
    out.value("JP06401", "202604");
    out.open("JPM00010");
    for (point, id, name) in points {
        out.open("JPMR00010");
        out.value("JP06400", point);
        out.value("JP06119", id);
        if spec.names {
            out.value("JP06120", name);
            out.value("JP06402", "試験市一丁目");
        }
        out.value("JP06403", "低圧");
        out.value("JP06404", 1);
        out.value("JP06405", 0);
        out.value("JP06426", format_args!("{}.5", 100 + numbers.below(900)));
        out.value("JP06427", format_args!("{}.5", 100 + numbers.below(900)));
        out.value("JP06406", 100);
        out.value("JP06445", 4);
        out.value("JP06446", "20260612");
        out.open("JPM00013");
        for day in 0..spec.span {
            let (month, day) = if day < 19 { (4, day + 12) } else { (5, day - 18) };
            out.open("JPMR00013");
            out.value("JP06423", format_args!("2026{month:02}{day:02}"));
            out.open("JPM00014");
            for slot in 1..=48 {
                let value = energy(numbers);
                out.open("JPMR00014");
                out.value("JP06219", format_args!("{slot:02}"));
                out.value("JP06424", &value);
                out.value("JP06425", &value);
                out.close("JPMR00014");
            }
            out.close("JPM00014");
            out.close("JPMR00013");
        }
        out.close("JPM00013");
        out.close("JPMR00010");
    }
    out.close("JPM00010");
}
