//! 図の部品: what a picture is made of, before it is written as SVG or drawn into a PNG. Coordinates are tenths of a pixel.

/// A tenth of a pixel.
pub(super) type Tenth = i32;

/// 色: what a part stands for. Its colour depends on paper: light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Paper,
    Text,
    Soft,
    Grid,
    Event,
    Window,
    Kept,
    Dropped,
    Excluded,
    Load,
    Raw,
    Baseline,
    Reduction,
    Excess,
    Gap,
    Best,
}

impl Ink {
    pub(super) const ALL: [Ink; 16] = [
        Ink::Paper,
        Ink::Text,
        Ink::Soft,
        Ink::Grid,
        Ink::Event,
        Ink::Window,
        Ink::Kept,
        Ink::Dropped,
        Ink::Excluded,
        Ink::Load,
        Ink::Raw,
        Ink::Baseline,
        Ink::Reduction,
        Ink::Excess,
        Ink::Gap,
        Ink::Best,
    ];

    /// Its class in a picture.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Ink::Paper => "p-paper",
            Ink::Text => "p-text",
            Ink::Soft => "p-soft",
            Ink::Grid => "p-grid",
            Ink::Event => "p-event",
            Ink::Window => "p-window",
            Ink::Kept => "p-kept",
            Ink::Dropped => "p-dropped",
            Ink::Excluded => "p-excluded",
            Ink::Load => "p-load",
            Ink::Raw => "p-raw",
            Ink::Baseline => "p-base",
            Ink::Reduction => "p-cut",
            Ink::Excess => "p-over",
            Ink::Gap => "p-gap",
            Ink::Best => "p-best",
        }
    }

    /// Red, green, blue on light and on dark paper. They differ in lightness, too: a copy in grey is still read.
    pub(super) const fn colour(self, dark: bool) -> [u8; 3] {
        let (light, night) = match self {
            Ink::Paper => ([0xFF, 0xFF, 0xFF], [0x1B, 0x21, 0x28]),
            Ink::Text => ([0x1C, 0x25, 0x30], [0xE5, 0xE8, 0xEB]),
            Ink::Soft => ([0x56, 0x62, 0x70], [0xA0, 0xAB, 0xB6]),
            Ink::Grid => ([0xE2, 0xE0, 0xDA], [0x32, 0x3A, 0x44]),
            Ink::Event => ([0xFB, 0xEC, 0xE4], [0x36, 0x24, 0x1F]),
            Ink::Window => ([0xE6, 0xF1, 0xEB], [0x1A, 0x30, 0x2A]),
            Ink::Kept => ([0x7F, 0xA8, 0xCF], [0x4F, 0x78, 0xA0]),
            Ink::Dropped => ([0xB5, 0x95, 0x6B], [0x93, 0x79, 0x57]),
            Ink::Excluded => ([0xB4, 0xB4, 0xB4], [0x6A, 0x70, 0x78]),
            Ink::Load => ([0x1C, 0x25, 0x30], [0xF2, 0xF4, 0xF6]),
            Ink::Raw | Ink::Baseline => ([0x1C, 0x58, 0x94], [0x92, 0xC2, 0xF2]),
            Ink::Reduction => ([0xE3, 0x8A, 0x62], [0xB8, 0x63, 0x43]),
            Ink::Excess => ([0x8A, 0x6F, 0xB0], [0x8A, 0x6F, 0xB0]),
            Ink::Gap => ([0xD8, 0xD4, 0xCC], [0x3E, 0x46, 0x50]),
            Ink::Best => ([0x17, 0x65, 0x4A], [0x7F, 0xD0, 0xAE]),
        };
        if dark { night } else { light }
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stroke {
    pub(super) ink: Ink,
    pub(super) width: Tenth,
    /// Drawn and left out, in tenths of a pixel; nothing for a whole line.
    pub(super) dash: Option<(Tenth, Tenth)>,
}

impl Stroke {
    pub(super) const fn solid(ink: Ink, width: Tenth) -> Stroke {
        Stroke { ink, width, dash: None }
    }
    pub(super) const fn dashed(ink: Ink, width: Tenth, dash: Tenth, gap: Tenth) -> Stroke {
        Stroke { ink, width, dash: Some((dash, gap)) }
    }
}

/// Which end of a text its place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A text in Japanese and in English. A PNG takes the English: it needs no Japanese font of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) ja: String,
    pub(super) en: String,
}

impl Words {
    pub(super) fn new(ja: impl Into<String>, en: impl Into<String>) -> Words {
        Words { ja: ja.into(), en: en.into() }
    }
    /// The same in both.
    pub(super) fn same(text: impl Into<String>) -> Words {
        let text = text.into();
        Words { ja: text.clone(), en: text }
    }
}

/// One part of a picture.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Rect { x: Tenth, y: Tenth, width: Tenth, height: Tenth, ink: Ink },
    Line { points: Vec<(Tenth, Tenth)>, stroke: Stroke, title: Option<Words> },
    Text { x: Tenth, y: Tenth, anchor: Anchor, ink: Ink, large: bool, words: Words },
}

/// 図: a picture of parts, the first one lowest.
#[derive(Clone, Debug)]
pub struct Scene {
    pub(super) width: Tenth,
    pub(super) height: Tenth,
    pub(super) title: Words,
    pub(super) parts: Vec<Part>,
}

impl Scene {
    pub(super) fn new(width: Tenth, height: Tenth, title: Words) -> Scene {
        let mut scene = Scene { width, height, title: title.clone(), parts: Vec::new() };
        scene.rect((0, 0), (width, height), Ink::Paper);
        scene.parts.push(Part::Text {
            x: 160,
            y: 260,
            anchor: Anchor::Start,
            ink: Ink::Text,
            large: true,
            words: title,
        });
        scene
    }
    pub(super) fn rect(&mut self, (x, y): (Tenth, Tenth), (width, height): (Tenth, Tenth), ink: Ink) {
        self.parts.push(Part::Rect { x, y, width, height, ink });
    }
    pub(super) fn line(&mut self, points: Vec<(Tenth, Tenth)>, stroke: Stroke) {
        self.parts.push(Part::Line { points, stroke, title: None });
    }
    pub(super) fn titled(&mut self, points: Vec<(Tenth, Tenth)>, stroke: Stroke, title: Words) {
        self.parts.push(Part::Line { points, stroke, title: Some(title) });
    }
    pub(super) fn text(&mut self, (x, y): (Tenth, Tenth), anchor: Anchor, ink: Ink, words: Words) {
        self.parts.push(Part::Text { x, y, anchor, ink, large: false, words });
    }

    /// Names strokes and bands in rows; gives nothing back but the room it takes is `rows × 200`.
    pub(super) fn legend(&mut self, top: Tenth, entries: &[(Sample, Words)]) {
        const COLUMN: Tenth = 2320;
        for (place, (sample, words)) in (0..).zip(entries) {
            let (x, y) = (160 + place % 4 * COLUMN, top + place / 4 * 200);
            match sample {
                Sample::Stroke(stroke) => self.line(vec![(x, y - 40), (x + 260, y - 40)], *stroke),
                Sample::Band(ink) => self.rect((x, y - 95), (260, 110), *ink),
            }
            self.text((x + 340, y), Anchor::Start, Ink::Text, words.clone());
        }
    }
}

/// What a legend shows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sample {
    Stroke(Stroke),
    Band(Ink),
}
