//! 図のSVG: one file that stands alone, light or dark by the reader's choice, and light on paper.

use super::scene::{Anchor, Ink, Part, Scene, Tenth, Words};
use crate::desk::report::Esc;
use crate::desk::view::Lang;
use std::fmt::{self, Write as _};

/// A length in pixels with one decimal where it has one.
struct Px(Tenth);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, count) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        write!(f, "{sign}{}", count / 10)?;
        if count % 10 == 0 { Ok(()) } else { write!(f, ".{}", count % 10) }
    }
}

fn style(out: &mut String) {
    for (dark, open, close) in [(false, "", ""), (true, "@media screen and (prefers-color-scheme:dark){", "}")] {
        out.push_str(open);
        for ink in Ink::ALL {
            let [red, green, blue] = ink.colour(dark);
            let colour = format!("#{red:02x}{green:02x}{blue:02x}");
            let _ = write!(out, ".{}{{fill:{colour};stroke:{colour}}}", ink.class());
        }
        out.push_str(close);
    }
}

impl Scene {
    /// The picture as an SVG document.
    #[must_use]
    pub fn svg(&self, lang: Lang) -> String {
        let mut out = String::with_capacity(32 * 1024);
        let pick = |words: &Words| Esc(lang.pick(&words.ja, &words.en)).to_string();
        let (width, height) = (Px(self.width), Px(self.height));
        let _ = write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" font-family=\"'Hiragino Sans','Yu Gothic UI','Yu Gothic',Meiryo,\
             'Noto Sans CJK JP','Noto Sans JP',sans-serif\" font-size=\"12\"><title>{}</title><style>",
            pick(&self.title)
        );
        style(&mut out);
        out.push_str(
            "rect.p,text.p{stroke:none}path.p{fill:none;stroke-linejoin:round}\
             text.p{font-variant-numeric:tabular-nums}</style>",
        );
        for part in &self.parts {
            match part {
                Part::Rect { x, y, width, height, ink } => {
                    let (x, y, width, height) = (Px(*x), Px(*y), Px(*width), Px(*height));
                    let class = ink.class();
                    let _ = write!(
                        out,
                        "<rect class=\"p {class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
                    );
                }
                Part::Line { points, stroke, title } => {
                    let _ =
                        write!(out, "<path class=\"p {}\" stroke-width=\"{}\"", stroke.ink.class(), Px(stroke.width));
                    if let Some((dash, gap)) = stroke.dash {
                        let _ = write!(out, " stroke-dasharray=\"{} {}\"", Px(dash), Px(gap));
                    }
                    out.push_str(" d=\"");
                    for (place, (x, y)) in points.iter().enumerate() {
                        let _ = write!(out, "{}{} {}", if place == 0 { "M" } else { "L" }, Px(*x), Px(*y));
                    }
                    match title {
                        Some(words) => {
                            let _ = write!(out, "\"><title>{}</title></path>", pick(words));
                        }
                        None => out.push_str("\"/>"),
                    }
                }
                Part::Text { x, y, anchor, ink, large, words } => {
                    let anchor = match anchor {
                        Anchor::Start => "start",
                        Anchor::Middle => "middle",
                        Anchor::End => "end",
                    };
                    let size = if *large { " font-size=\"16\" font-weight=\"bold\"" } else { "" };
                    let (x, y, class) = (Px(*x), Px(*y), ink.class());
                    let _ = write!(
                        out,
                        "<text class=\"p {class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\"{size}>{}</text>",
                        pick(words)
                    );
                }
            }
        }
        out.push_str("</svg>\n");
        out
    }

    /// The picture in a page of its own.
    #[must_use]
    pub fn html(&self, lang: Lang) -> String {
        format!(
            "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
             base-uri 'none'; form-action 'none'\"><meta name=\"viewport\" content=\"width=device-width, \
             initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>{}</title><style>:root{{color-scheme:light dark}}\
             body{{margin:0;display:grid;place-items:center}}svg{{max-width:100%;height:auto}}\
             @media screen and (prefers-color-scheme:dark){{body{{background:#1b2128}}}}\
             @page{{size:A4 landscape;margin:12mm}}</style></head><body>{}</body></html>\n",
            crate::items::Code::key(lang),
            Esc(lang.pick(&self.title.ja, &self.title.en)),
            self.svg(lang)
        )
    }
}
