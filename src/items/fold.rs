//! Folding steps: what is set aside when two texts are compared. Folded text is compared or shown, never sent.

use super::digits::is_hyphen;
use super::legal_form::{in_full, katakana, large, may_begin};
use super::number_form::{hyphenated, is_number};
use super::{Code, variants};
use std::fmt;
use unicode_normalization::char::{compose, decompose_compatible};

crate::code_set! {
    /// 表記ゆれの種類: one way in which two writings of the same thing differ. The slightest comes first.
    pub enum FoldingStep = "folding-step" {
        Width = "width", "全角・半角", "width";
        Whitespace = "whitespace", "空白", "whitespace";
        Composition = "composition", "濁点の結合", "composition of marks";
        Kana = "kana", "ひらがな・カタカナ", "kana";
        LongVowel = "long-vowel", "長音記号", "long-vowel mark";
        SmallKana = "small-kana", "小書き文字", "small kana";
        Variant = "variant", "異体字", "variant character";
        PlaceName = "place-name", "地名の「が」", "the `ga` of place names";
        LegalForm = "legal-form", "法人格の表記", "legal form";
        NumberForm = "number-form", "番地の表記", "number form";
    }
}

/// 表記ゆれの集合: a set of folding steps.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FoldingSteps(u16);

impl FoldingSteps {
    /// No step.
    pub const NONE: FoldingSteps = FoldingSteps(0);
    /// Every step, for addresses.
    pub const ADDRESS: FoldingSteps = FoldingSteps((1 << FoldingStep::ALL.len()) - 1);
    /// Every step but the form of block numbers, for names.
    pub const NAME: FoldingSteps = FoldingSteps::ADDRESS.without(FoldingStep::NumberForm);

    /// Whether the step is in the set.
    #[must_use]
    pub const fn contains(self, step: FoldingStep) -> bool {
        self.0 & (1 << step as u16) != 0
    }
    /// This set with one more step.
    #[must_use]
    pub const fn with(self, step: FoldingStep) -> FoldingSteps {
        FoldingSteps(self.0 | 1 << step as u16)
    }
    /// This set without a step.
    #[must_use]
    pub const fn without(self, step: FoldingStep) -> FoldingSteps {
        FoldingSteps(self.0 & !(1 << step as u16))
    }
    /// The steps in either set.
    #[must_use]
    pub const fn union(self, other: FoldingSteps) -> FoldingSteps {
        FoldingSteps(self.0 | other.0)
    }
    /// The steps in both sets.
    #[must_use]
    pub const fn intersection(self, other: FoldingSteps) -> FoldingSteps {
        FoldingSteps(self.0 & other.0)
    }
    /// Whether no step is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// The steps, the slightest difference first.
    pub fn iter(self) -> impl Iterator<Item = FoldingStep> {
        FoldingStep::ALL.iter().copied().filter(move |step| self.contains(*step))
    }
    /// 日本語: the steps in Japanese.
    #[must_use]
    pub fn ja(self) -> String {
        self.iter().map(FoldingStep::ja).collect::<Vec<_>>().join("、")
    }
    /// The steps in English.
    #[must_use]
    pub fn en(self) -> String {
        self.iter().map(FoldingStep::en).collect::<Vec<_>>().join(", ")
    }
}

impl FromIterator<FoldingStep> for FoldingSteps {
    fn from_iter<I: IntoIterator<Item = FoldingStep>>(steps: I) -> FoldingSteps {
        steps.into_iter().fold(FoldingSteps::NONE, FoldingSteps::with)
    }
}

impl fmt::Debug for FoldingSteps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// 別の書き方: the text as it reads after the steps. For showing beside the original, never for sending.
#[must_use]
pub fn folded(text: &str, steps: FoldingSteps) -> String {
    fold(text, steps).into_iter().collect()
}

/// Steps that may change the text; each of the others leaves it as it is, whatever the steps before it did.
pub(super) fn may_change(text: &str) -> FoldingSteps {
    use FoldingStep::{
        Composition, Kana, LegalForm, LongVowel, NumberForm, PlaceName, SmallKana, Variant, Whitespace, Width,
    };
    let mut steps = FoldingSteps::NONE;
    for c in text.chars() {
        let mut set = |step, may: bool| steps = if may { steps.with(step) } else { steps };
        set(Width, is_width(c));
        set(Whitespace, c.is_whitespace() || is_invisible(c));
        set(Composition, is_mark(c) || matches!(c, '゛' | '゜'));
        set(Kana, katakana(c) != c);
        set(LongVowel, is_long_mark(c) && c != 'ー');
        set(SmallKana, large(c) != c);
        set(Variant, variants::usual(c) != c || variants::is_selector(c));
        set(PlaceName, is_ga(c));
        set(LegalForm, may_begin(c));
        set(NumberForm, is_number(c));
    }
    steps
}

pub(super) fn fold(text: &str, steps: FoldingSteps) -> Vec<char> {
    let mut text: Vec<char> = text.chars().collect();
    // Steps that look at neighbours come first, on the text as written: they read every width themselves.
    if steps.contains(FoldingStep::LegalForm) {
        text = in_full(text);
    }
    if steps.contains(FoldingStep::NumberForm) {
        text = hyphenated(text);
    }
    if steps.contains(FoldingStep::PlaceName) {
        text = with_ke(text);
    }
    if steps.contains(FoldingStep::LongVowel) {
        lengthen(&mut text);
    }
    // Letters before marks: a mark composes with whatever letter the other steps leave before it.
    if steps.contains(FoldingStep::Whitespace) {
        text.retain(|c| !c.is_whitespace() && !is_invisible(*c));
    }
    if steps.contains(FoldingStep::Variant) {
        text.retain(|c| !variants::is_selector(*c));
        text.iter_mut().for_each(|c| *c = variants::usual(*c));
    }
    if steps.contains(FoldingStep::SmallKana) {
        text.iter_mut().for_each(|c| *c = large(*c));
    }
    if steps.contains(FoldingStep::Kana) {
        text.iter_mut().for_each(|c| *c = katakana(*c));
    }
    if steps.contains(FoldingStep::Width) {
        text = wide(&text);
    }
    if steps.contains(FoldingStep::Composition) {
        text = composed(&text);
    }
    text
}

/// Half-width kana become full-width, full-width ASCII half-width. The pairs that CP932 tables confuse are one width.
fn wide(text: &[char]) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len());
    for c in text {
        match c {
            '\u{3000}' | '\u{A0}' => out.push(' '),
            '\u{301C}' => out.push('~'),
            '\u{2212}' => out.push('-'),
            '\u{2014}' => out.push('\u{2015}'),
            '\u{2016}' => out.push('\u{2225}'),
            _ if is_width(*c) => decompose_compatible(*c, |wide| push_composed(&mut out, wide)),
            _ => out.push(*c),
        }
    }
    out
}

const fn is_width(c: char) -> bool {
    matches!(c, '！'..='ﾟ' | '￠'..='￢' | '￤'..='￦')
        || matches!(c, '\u{3000}' | '\u{A0}' | '\u{301C}' | '\u{2212}' | '\u{2014}' | '\u{2016}')
}

/// Marks that stand behind their letter: accents and the marks of voiced kana.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{3099}' | '\u{309A}')
}

fn composed(text: &[char]) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len());
    for c in text {
        match c {
            '゛' => push_composed(&mut out, '\u{3099}'),
            '゜' => push_composed(&mut out, '\u{309A}'),
            _ => push_composed(&mut out, *c),
        }
    }
    out
}

fn push_composed(out: &mut Vec<char>, c: char) {
    if is_mark(c)
        && let Some(last) = out.last_mut()
        && let Some(both) = compose(*last, c)
    {
        *last = both;
    } else {
        out.push(c);
    }
}

/// Hyphens, dashes and tildes behind kana become ー.
fn lengthen(text: &mut [char]) {
    let mut after_kana = false;
    for c in text {
        if after_kana && is_long_mark(*c) {
            *c = 'ー';
        } else {
            after_kana = is_kana(*c);
        }
    }
}

/// 霞が関, 霞ヶ関, 霞ケ関: the `ga` between two kanji becomes ケ.
fn with_ke(mut text: Vec<char>) -> Vec<char> {
    let mut place = 0;
    while let Some([before, ga, after]) = text.get_mut(place..place + 3) {
        if is_ga(*ga) && is_kanji(*before) && is_kanji(*after) {
            *ga = 'ケ';
        }
        place += 1;
    }
    text
}

/// Signs without width that come along when text is pasted.
pub(super) const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{FEFF}')
}

pub(super) const fn is_ga(c: char) -> bool {
    matches!(c, 'が' | 'ガ' | 'ヶ' | 'ケ' | 'ゖ' | 'ｹ')
}

pub(super) const fn is_long_mark(c: char) -> bool {
    is_hyphen(c) || matches!(c, '~' | '～' | '\u{301C}' | '\u{2500}')
}

pub(super) const fn is_kana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゟ' | 'ァ'..='ヺ' | 'ヽ'..='ヿ' | 'ｦ'..='ｯ' | 'ｱ'..='ﾟ')
}

pub(super) const fn is_kanji(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
        || matches!(c, '々' | '〆' | '〇' | '\u{2F00}'..='\u{2FD5}')
}
