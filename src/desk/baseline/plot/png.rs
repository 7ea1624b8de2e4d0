//! 図のPNG: the same parts at twice the size, on light paper. Every line of a picture runs along an axis, so rectangles are
//! all it takes; the letters come with the binary and are Latin only, so that no font of the machine is needed.

use super::scene::{Anchor, Ink, Part, Scene, Stroke, Tenth};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};
use std::io;

/// Dots for one pixel of the picture.
const SCALE: i32 = 2;
const LETTER: usize = get_raster_width(FontWeight::Regular, RasterHeight::Size24);
/// From the line that letters stand on up to their top, in dots.
const ASCENT: i32 = 19;

struct Canvas {
    width: i32,
    height: i32,
    /// Red, green, blue of every dot, row by row.
    dots: Vec<u8>,
}

/// A tenth of a pixel in dots, to the nearest.
const fn dot(tenth: Tenth) -> i32 {
    (tenth * SCALE + 5).div_euclid(10)
}

impl Scene {
    /// The picture as a PNG: 1920 dots wide where the SVG has 960 pixels.
    pub fn png(&self) -> io::Result<Vec<u8>> {
        let mut canvas = Canvas::new(dot(self.width), dot(self.height));
        for part in &self.parts {
            match part {
                Part::Rect { x, y, width, height, ink } => {
                    canvas.fill((dot(*x), dot(*y)), (dot(x + width), dot(y + height)), *ink);
                }
                Part::Line { points, stroke, .. } => canvas.line(points, *stroke),
                Part::Text { x, y, anchor, ink, words, .. } => {
                    canvas.text((dot(*x), dot(*y)), *anchor, *ink, &words.en);
                }
            }
        }
        canvas.encode()
    }
}

impl Canvas {
    fn new(width: i32, height: i32) -> Canvas {
        let dots = usize::try_from(width * height * 3).unwrap_or(0);
        Canvas { width, height, dots: vec![0xFF; dots] }
    }

    /// Blends a colour into a dot.
    fn blend(&mut self, x: i32, y: i32, ink: Ink, share: u8) {
        if !(0..self.width).contains(&x) || !(0..self.height).contains(&y) {
            return;
        }
        let Ok(at) = usize::try_from((y * self.width + x) * 3) else { return };
        let Some(dot) = self.dots.get_mut(at..at + 3) else { return };
        for (held, new) in dot.iter_mut().zip(ink.colour(false)) {
            let mixed = u32::from(*held) * u32::from(255 - share) + u32::from(new) * u32::from(share);
            *held = u8::try_from(mixed / 255).unwrap_or(u8::MAX);
        }
    }

    fn fill(&mut self, (left, top): (i32, i32), (right, bottom): (i32, i32), ink: Ink) {
        for y in top.max(0)..bottom.min(self.height) {
            for x in left.max(0)..right.min(self.width) {
                self.blend(x, y, ink, 255);
            }
        }
    }

    fn line(&mut self, points: &[(Tenth, Tenth)], stroke: Stroke) {
        let half = stroke.width / 2;
        let (dash, gap) = stroke.dash.unwrap_or((Tenth::MAX, 0));
        // How far along the line the next part begins, so that dashes go on around corners.
        let mut gone = 0i64;
        let period = i64::from(dash) + i64::from(gap);
        for pair in points.windows(2) {
            let [(x, y), (to_x, to_y)] = pair else { continue };
            let level = y == to_y;
            let (from, to) = if level { (*x, *to_x) } else { (*y, *to_y) };
            let length = i64::from((to - from).abs());
            let mut at = 0i64;
            while at < length {
                let phase = (gone + at).rem_euclid(period);
                let drawn = phase < i64::from(dash);
                let until = if drawn { i64::from(dash) } else { period };
                let next = (at + until - phase).min(length);
                if drawn {
                    let sign = if to < from { -1 } else { 1 };
                    let place = |along: i64| from + sign * Tenth::try_from(along).unwrap_or(0);
                    let (one, two) = (place(at).min(place(next)), place(at).max(place(next)));
                    let whole = stroke.dash.is_none();
                    // A whole line covers its corners.
                    let more = if whole { half } else { 0 };
                    let (start, end) = if level {
                        ((one - more, y - half), (two + more, y - half + stroke.width))
                    } else {
                        ((x - half, one - more), (x - half + stroke.width, two + more))
                    };
                    let at_least = |from: Tenth, to: Tenth| (dot(from), dot(to).max(dot(from) + 1));
                    let ((left, right), (top, bottom)) = (at_least(start.0, end.0), at_least(start.1, end.1));
                    self.fill((left, top), (right, bottom), stroke.ink);
                }
                at = next;
            }
            gone += length;
        }
    }

    fn text(&mut self, (x, y): (i32, i32), anchor: Anchor, ink: Ink, text: &str) {
        let letter = i32::try_from(LETTER).unwrap_or(0);
        let width = i32::try_from(text.chars().count()).unwrap_or(0) * letter;
        let mut left = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2,
            Anchor::End => x - width,
        };
        for found in text.chars() {
            // What the letters do not hold is shown as a question mark: it is never left out silently.
            let raster = get_raster(found, FontWeight::Regular, RasterHeight::Size24)
                .or_else(|| get_raster('?', FontWeight::Regular, RasterHeight::Size24));
            for (row, line) in (0..).zip(raster.iter().flat_map(|raster| raster.rows())) {
                for (column, share) in (0..).zip(line.iter()).filter(|(_, share)| **share > 0) {
                    self.blend(left + column, y - ASCENT + row, ink, *share);
                }
            }
            left += letter;
        }
    }

    fn encode(&self) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        let size = |length: i32| u32::try_from(length).unwrap_or(0);
        let mut encoder = png::Encoder::new(&mut out, size(self.width), size(self.height));
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let failed = |error: png::EncodingError| io::Error::other(error);
        let mut writer = encoder.write_header().map_err(failed)?;
        writer.write_image_data(&self.dots).map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::Words;
    use super::*;

    #[test]
    fn parts_are_where_they_were_put() {
        let mut scene = Scene::new(1_000, 600, Words::same("x"));
        scene.rect((100, 400), (50, 50), Ink::Load);
        scene.line(vec![(200, 500), (400, 500), (400, 300)], Stroke::dashed(Ink::Baseline, 20, 50, 50));
        let octets = scene.png().unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&octets)).read_info().unwrap();
        let mut dots = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut dots).unwrap();
        assert_eq!((frame.width, frame.height), (200, 120));
        let at = |x: usize, y: usize| <[u8; 3]>::try_from(&dots[(y * 200 + x) * 3..][..3]).unwrap();
        assert_eq!((at(21, 81), at(31, 81)), (Ink::Load.colour(false), Ink::Paper.colour(false)));
        // Drawn, left out, drawn, left out; then upwards.
        assert_eq!([at(42, 100), at(62, 100)], [Ink::Baseline.colour(false); 2]);
        assert_eq!([at(52, 100), at(72, 100)], [Ink::Paper.colour(false); 2]);
        assert_eq!((at(80, 95), at(80, 85)), (Ink::Baseline.colour(false), Ink::Paper.colour(false)));
    }
}
