//! 表記の突合: comparison of Japanese names and addresses that never changes them.
//!
//! The exchange compares literally (facts/switching.md §2.4): only [`Comparison::Equal`] is agreement. Everything else is
//! for explaining to a person what differs, before sending or when judging.

use super::digits::{digit, is_hyphen};
use super::fold::{FoldingStep, FoldingSteps, fold, is_ga, is_invisible, is_kana, is_kanji, is_long_mark, may_change};
use super::{Code, legal_form, variants};

/// 突合結果: how two texts compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// 一致: equal as written.
    Equal,
    /// 表記ゆれを除けば一致: equal after these steps, every one of which is needed.
    EqualAfter(FoldingSteps),
    /// 不一致: different.
    Different,
}

impl Comparison {
    /// Whether the texts are equal as written.
    #[must_use]
    pub const fn is_equal(self) -> bool {
        matches!(self, Comparison::Equal)
    }
}

/// 名義などの突合: compares two names. Symmetric.
#[must_use]
pub fn compare(a: &str, b: &str) -> Comparison {
    compare_after(a, b, FoldingSteps::NAME)
}

/// 住所の突合: compares two addresses; block numbers may be written differently too. Symmetric.
#[must_use]
pub fn compare_address(a: &str, b: &str) -> Comparison {
    compare_after(a, b, FoldingSteps::ADDRESS)
}

fn compare_after(a: &str, b: &str, allowed: FoldingSteps) -> Comparison {
    if a == b {
        return Comparison::Equal;
    }
    let equal = |steps| fold(a, steps) == fold(b, steps);
    let possible = may_change(a).union(may_change(b)).intersection(allowed);
    // A step that looks at neighbours may hide what another would have joined: without them, and each alone, as well.
    let near = [FoldingStep::LegalForm, FoldingStep::NumberForm, FoldingStep::PlaceName, FoldingStep::LongVowel];
    let plain = near.into_iter().fold(possible, FoldingSteps::without);
    let alone = near.into_iter().filter(|step| possible.contains(*step)).map(|step| FoldingSteps::NONE.with(step));
    let mut tried = FoldingSteps::NONE;
    let mut candidates = [possible, possible.without(FoldingStep::NumberForm), plain].into_iter().chain(alone);
    let found = candidates.find(|steps| std::mem::replace(&mut tried, *steps) != *steps && equal(*steps));
    let Some(mut needed) = found else {
        return Comparison::Different;
    };
    loop {
        // The strongest step goes first, so that the slightest explanation remains.
        let before = needed;
        for step in FoldingStep::ALL.iter().rev().copied() {
            if needed.contains(step) && equal(needed.without(step)) {
                needed = needed.without(step);
            }
        }
        if needed == before {
            return Comparison::EqualAfter(needed);
        }
    }
}

/// 表記ゆれのおそれ: which kinds of writing in a kanji field are likely to differ in somebody else's records.
///
/// - width: half-width kana, or letters and digits of both widths;
/// - whitespace: leading, trailing, doubled or unusual blanks;
/// - composition: a voicing mark apart from its letter;
/// - kana: kana and not one kanji;
/// - long vowel: a hyphen or tilde where kana has ー;
/// - variant: a character that is not the usual form of its group;
/// - place name: が, ヶ or ケ between two kanji;
/// - legal form: an abbreviated one;
/// - number form: a dash or ー between digits instead of a hyphen.
///
/// One pass, no allocation unless a bracket or a sign such as ㈱ stands in the text.
#[must_use]
pub fn risks(text: &str) -> FoldingSteps {
    let mut found = FoldingSteps::NONE;
    let (mut half, mut full, mut kana, mut kanji, mut short) = (false, false, false, false, false);
    // The start counts as a blank: a blank behind it is a leading one.
    let (mut before, mut last, mut last_is_mark) = ('\0', ' ', false);
    for c in text.chars() {
        match c {
            '\u{4E00}'..='\u{9FFF}' => {
                kanji = true;
                if variants::usual(c) != c {
                    found = found.with(FoldingStep::Variant);
                }
                if is_ga(last) && is_kanji(before) {
                    found = found.with(FoldingStep::PlaceName);
                }
            }
            '\u{3099}' | '\u{309A}' | '゛' | '゜' => found = found.with(FoldingStep::Composition),
            'ぁ'..='ゟ' | 'ァ'..='ヺ' | 'ヽ'..='ヿ' => kana = true,
            '0'..='9' | 'A'..='Z' | 'a'..='z' => {
                half = true;
                short |= c == 'N';
            }
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
                full = true;
                short |= c == 'Ｎ';
            }
            ' ' | '\u{3000}' if matches!(last, ' ' | '\u{3000}') => found = found.with(FoldingStep::Whitespace),
            ' ' | '\u{3000}' => {}
            '(' | '（' | ')' | '）' => short = true,
            'ｦ'..='ﾟ' => {
                kana = true;
                found = found.with(FoldingStep::Width);
            }
            _ if legal_form::is_sign(c) => short = true,
            _ if is_kanji(c) || variants::is_selector(c) => {
                kanji = true;
                if variants::usual(c) != c || variants::is_selector(c) {
                    found = found.with(FoldingStep::Variant);
                }
            }
            _ if c.is_whitespace() || is_invisible(c) => found = found.with(FoldingStep::Whitespace),
            _ => {}
        }
        if last_is_mark {
            if is_stray_mark(last) && is_kana(before) && is_kana(c) {
                found = found.with(FoldingStep::LongVowel);
            }
            if !matches!(last, '-' | '－') && is_hyphen(last) && digit(before).is_some() && digit(c).is_some() {
                found = found.with(FoldingStep::NumberForm);
            }
        }
        (before, last, last_is_mark) = (last, c, is_long_mark(c));
    }
    if is_stray_mark(last) && is_kana(before) {
        found = found.with(FoldingStep::LongVowel);
    }
    if matches!(last, ' ' | '\u{3000}') && !text.is_empty() {
        found = found.with(FoldingStep::Whitespace);
    }
    if half && full {
        found = found.with(FoldingStep::Width);
    }
    if kana && !kanji {
        found = found.with(FoldingStep::Kana);
    }
    if short && legal_form::is_abbreviated(text) {
        found = found.with(FoldingStep::LegalForm);
    }
    found
}

const fn is_stray_mark(c: char) -> bool {
    is_long_mark(c) && !matches!(c, 'ー' | 'ｰ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use FoldingStep::*;

    fn needed(a: &str, b: &str) -> Vec<FoldingStep> {
        assert_eq!(compare_address(a, b), compare_address(b, a), "{a} {b}");
        match compare(a, b) {
            Comparison::EqualAfter(steps) => steps.iter().collect(),
            other => panic!("{other:?} for {a} and {b}"),
        }
    }

    #[test]
    fn equal_as_written_needs_nothing() {
        assert!(compare("山田　太郎", "山田　太郎").is_equal());
        assert_eq!(compare("山田太郎", "山田次郎"), Comparison::Different);
        assert_eq!(compare("山田太郎", "ヤマダタロウ"), Comparison::Different);
        assert_eq!(compare("株式会社テスト", "テスト株式会社"), Comparison::Different);
        assert_eq!(compare("", "山"), Comparison::Different);
    }

    #[test]
    fn each_step_alone() {
        assert_eq!(needed("ﾔﾏﾀﾞ ﾊﾅｺ", "ヤマダ　ハナコ"), [Width]);
        assert_eq!(needed("ＡＢＣ１２３", "ABC123"), [Width]);
        assert_eq!(needed("（株）テスト", "(株)テスト"), [Width]);
        assert_eq!(needed("A\u{2212}B", "A－B"), [Width]);
        assert_eq!(needed("A\u{301C}B", "A～B"), [Width]);
        assert_eq!(needed("A\u{2014}B\u{2016}", "A\u{2015}B\u{2225}"), [Width]);
        assert_eq!(needed("山田太郎", "山田 太郎"), [Whitespace]);
        assert_eq!(needed("か\u{3099}く", "がく"), [Composition]);
        assert_eq!(needed("やまだ", "ヤマダ"), [Kana]);
        assert_eq!(needed("サ-ビス", "サービス"), [LongVowel]);
        assert_eq!(needed("サ～ビス", "サ‐ビス"), [LongVowel]);
        assert_eq!(needed("メゾンー101", "メゾン-101"), [LongVowel]);
        assert_eq!(compare("中町ー", "中町-"), Comparison::Different);
        assert_eq!(needed("キヤノン", "キャノン"), [SmallKana]);
        assert_eq!(needed("髙橋", "高橋"), [Variant]);
        assert_eq!(needed("山﨑", "山崎"), [Variant]);
        assert_eq!(needed("渡邊", "渡邉"), [Variant]);
        assert_eq!(needed("𠮷田", "吉田"), [Variant]);
        assert_eq!(needed("辻\u{E0100}", "辻"), [Variant]);
        assert_eq!(needed("霞が関", "霞ケ関"), [PlaceName]);
        assert_eq!(needed("株式会社テスト", "㈱テスト"), [LegalForm]);
        assert_eq!(needed("テスト有限会社", "テスト(有)"), [LegalForm]);
    }

    #[test]
    fn several_steps_together() {
        assert_eq!(needed("(有) 髙橋ｻｰﾋﾞｽ", "有限会社高橋サービス"), [Width, Whitespace, Variant, LegalForm]);
        assert_eq!(needed("やまだ", "ﾔﾏﾀﾞ"), [Width, Kana]);
        assert_eq!(needed("きやのん", "キャノン"), [Kana, SmallKana]);
        assert_eq!(needed("株式會社テスト", "株式会社テスト"), [Variant]);
        assert_eq!(needed("霞ヶ関", "霞ケ関"), [SmallKana]);
    }

    #[test]
    fn block_numbers_fold_in_addresses_only() {
        let (a, b) = ("東京都中町一丁目2番3号", "東京都中町1-2-3");
        assert_eq!(compare(a, b), Comparison::Different);
        let only = |step| Comparison::EqualAfter(FoldingSteps::NONE.with(step));
        assert_eq!(compare_address(a, b), only(NumberForm));
        assert_eq!(
            compare_address("中町１－２－３", a.strip_prefix("東京都").unwrap()),
            Comparison::EqualAfter([Width, NumberForm].into_iter().collect())
        );
        assert_eq!(compare_address("中町１－２－３", "中町1-2-3"), only(Width));
        assert_eq!(compare_address("中町1-2-3 101", "中町1-2-3101"), only(Whitespace));
        assert_eq!(compare_address("中町1-2-3", "中町1-2-4"), Comparison::Different);
        assert_eq!(compare_address("中町1-23", "中町12-3"), Comparison::Different);
    }

    #[test]
    fn compatibility_is_not_folded_away() {
        assert_eq!(compare("①", "1"), Comparison::Different);
        assert_eq!(compare("Ⅳ", "IV"), Comparison::Different);
        assert_eq!(compare("㎡", "m2"), Comparison::Different);
    }

    #[test]
    fn risky_writing_is_found() {
        let risks = |text| risks(text).iter().collect::<Vec<_>>();
        for text in ["山田　太郎", "株式会社テスト", "東京都中町1-2-3", "東京都中町１丁目２－３", "高橋サービス", ""]
        {
            assert_eq!(risks(text), [], "{text}");
        }
        assert_eq!(risks("ﾔﾏﾀﾞ商店"), [Width]);
        assert_eq!(risks("中町１-2"), [Width]);
        for text in [" 山田", "山田 ", "山田  太郎", "山田\t太郎", "山田　 太郎", " "] {
            assert_eq!(risks(text), [Whitespace], "{text:?}");
        }
        assert_eq!(risks("山田か\u{3099}"), [Composition]);
        assert_eq!(risks("ヤマダ　タロウ"), [Kana]);
        assert_eq!(risks("山田サ-ビス"), [LongVowel]);
        assert_eq!(risks("山田サ〜"), [LongVowel]);
        for text in ["髙橋", "山﨑", "𠮷田", "神\u{FE00}田", "\u{FA19}田"] {
            assert_eq!(risks(text), [Variant], "{text}");
        }
        assert_eq!(risks("霞ヶ関"), [PlaceName]);
        for text in ["㈱山田", "山田（有）", "(株)山田", "NPO法人山田"] {
            assert_eq!(risks(text), [LegalForm], "{text}");
        }
        assert_eq!(risks("中町1ー2"), [NumberForm]);
    }
}
