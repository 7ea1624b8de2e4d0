//! 法人格: the legal form in the name of a company as people abbreviate it. For comparison only.
//!
//! The forms and abbreviations are common knowledge (those in kana are the ones of bank transfers), not a published rule
//! of the exchange.

use super::digits::half_width;
use unicode_normalization::char::{compose, decompose_compatible};

struct LegalForm {
    /// The full form.
    full: &'static str,
    /// The short forms and readings, as [`sound`] writes them.
    short: &'static [&'static str],
    /// The kana that stands before `)` at the beginning, after `(` at the end, or between both.
    kana: &'static str,
}

const fn form(full: &'static str, short: &'static [&'static str], kana: &'static str) -> LegalForm {
    LegalForm { full, short, kana }
}

const FORMS: &[LegalForm] = &[
    form("株式会社", &["㈱", "㍿", "(株)", "株式會社", "カブシキガイシヤ", "カブシキカイシヤ"], "カ"),
    form("有限会社", &["㈲", "(有)", "有限會社", "ユウゲンガイシヤ", "ユウゲンカイシヤ"], "ユ"),
    form("合同会社", &["(同)", "(合同)", "ゴウドウガイシヤ", "ゴウドウカイシヤ"], "ド"),
    form("合資会社", &["㈾", "(資)", "(合資)", "合資會社", "ゴウシガイシヤ", "ゴウシカイシヤ"], "シ"),
    form("合名会社", &["㈴", "(名)", "(合名)", "合名會社", "ゴウメイガイシヤ", "ゴウメイカイシヤ"], "メ"),
    form("相互会社", &["(相)", "ソウゴガイシヤ", "ソウゴカイシヤ"], "ソ"),
    form("一般社団法人", &["(一社)", "イツパンシヤダンホウジン"], ""),
    form("公益社団法人", &["(公社)", "コウエキシヤダンホウジン"], ""),
    form("一般財団法人", &["(一財)", "イツパンザイダンホウジン"], ""),
    form("公益財団法人", &["(公財)", "コウエキザイダンホウジン"], ""),
    form("社団法人", &["㈳", "(社)", "シヤダンホウジン"], "シヤ"),
    form("財団法人", &["㈶", "(財)", "ザイダンホウジン"], "ザイ"),
    form("医療法人", &["(医)", "イリヨウホウジン"], "イ"),
    form("学校法人", &["㈻", "(学)", "ガツコウホウジン"], "ガク"),
    form("社会福祉法人", &["(福)", "(社福)", "シヤカイフクシホウジン"], "フク"),
    form("宗教法人", &["(宗)", "シユウキヨウホウジン"], "シユウ"),
    form(
        "特定非営利活動法人",
        &["(特非)", "(NPO)", "(NPO法人)", "NPO法人", "トクテイヒエイリカツドウホウジン"],
        "トクヒ",
    ),
    form("独立行政法人", &["(独)", "ドクリツギヨウセイホウジン"], "ドク"),
    form("国立大学法人", &["(国大)", "(大)", "コクリツダイガクホウジン"], "ダイ"),
    form("弁護士法人", &["(弁)", "ベンゴシホウジン"], "ベン"),
    form("税理士法人", &["(税)", "ゼイリシホウジン"], "ゼイ"),
    form("司法書士法人", &["(司)", "シホウシヨシホウジン"], "シホウ"),
    form("行政書士法人", &["(行)", "ギヨウセイシヨシホウジン"], "ギヨ"),
    form("更生保護法人", &["コウセイホゴホウジン"], "ホゴ"),
    form("農事組合法人", &["(農)", "ノウジクミアイホウジン"], "ノウ"),
    form("管理組合法人", &["(管)", "カンリクミアイホウジン"], "カンリ"),
];

/// The text with every short legal form written in full.
pub(super) fn in_full(text: Vec<char>) -> Vec<char> {
    if !text.iter().any(|c| may_begin(*c)) {
        return text;
    }
    let mut out = Vec::with_capacity(text.len() + 8);
    let mut at = 0;
    while let Some(found) = text.get(at) {
        match short_form(&text, at) {
            Some((form, end)) => {
                out.extend(form.full.chars());
                at = end;
            }
            None => {
                out.push(*found);
                at += 1;
            }
        }
    }
    out
}

/// Whether a short legal form stands in the text; readings in kana are not short.
pub(super) fn is_abbreviated(text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    (0..text.len()).any(|at| {
        text.get(at).is_some_and(|c| matches!(half_width(*c), '(' | 'N') || is_sign(*c) || at == 0)
            && short_form(&text, at).is_some_and(|(form, end)| end - at < form.full.chars().count())
    })
}

/// The one-character signs such as ㈱ and ㍿.
pub(super) const fn is_sign(c: char) -> bool {
    matches!(c, '\u{3231}'..='\u{323F}' | '\u{337F}')
}

/// Whether a short form may begin with the character, of any width.
pub(super) fn may_begin(c: char) -> bool {
    matches!(half_width(c), '(' | 'N' | '株' | '有' | '合') || is_sign(c) || matches!(c, 'ぁ'..='ヺ' | 'ｦ'..='ﾟ')
}

/// Whether a short form may begin with the sound: nearly every character ends here.
const fn may_sound(c: char) -> bool {
    matches!(
        c,
        '(' | 'N' | '株' | '有' | '合' | 'カ' | 'ユ' | 'ド' | 'シ' | 'メ' | 'ソ' | 'ザ' | 'イ' | 'ガ' | 'フ' | 'ト'
    ) || matches!(c, 'ダ' | 'ベ' | 'ゼ' | 'ギ' | 'ホ' | 'ノ' | 'ゴ' | 'コ')
        || is_sign(c)
}

fn short_form(text: &[char], at: usize) -> Option<(&'static LegalForm, usize)> {
    let first = sound(text, at)?.0;
    if !may_sound(first) {
        return None;
    }
    let begins = blanks(text.get(..at).unwrap_or_default());
    FORMS.iter().find_map(|form| {
        let short = form.short.iter().filter(|short| short.starts_with(first));
        if let Some(end) = short.filter_map(|short| follows(text, at, short)).max() {
            return Some((form, end));
        }
        if form.kana.is_empty() {
            return None;
        }
        let close = |at| follows(text, at, ")");
        let end = if first == '(' {
            let end = follows(text, at + 1, form.kana)?;
            close(end).or_else(|| blanks(text.get(end..).unwrap_or_default()).then_some(end))
        } else if begins {
            follows(text, at, form.kana).and_then(close)
        } else {
            None
        };
        end.map(|end| (form, end))
    })
}

fn blanks(text: &[char]) -> bool {
    text.iter().all(|c| c.is_whitespace())
}

/// The place behind `wanted`, if it sounds from `at` on.
fn follows(text: &[char], at: usize, wanted: &str) -> Option<usize> {
    wanted.chars().try_fold(at, |at, wanted| {
        let (found, len) = sound(text, at)?;
        (found == wanted).then_some(at + len)
    })
}

/// A character as the table writes it, and how many characters it takes: half-width ASCII, full-width large katakana.
fn sound(text: &[char], at: usize) -> Option<(char, usize)> {
    let c = *text.get(at)?;
    let (mut folded, mut len) = (half_width(c), 1);
    if matches!(c, 'ｦ'..='ﾟ') {
        decompose_compatible(c, |full| folded = full);
    }
    if let Some(mark) = text.get(at + 1) {
        let mark = match mark {
            'ﾞ' | '゛' | '\u{3099}' => '\u{3099}',
            'ﾟ' | '゜' | '\u{309A}' => '\u{309A}',
            _ => '\0',
        };
        if let Some(voiced) = (mark != '\0').then(|| compose(folded, mark)).flatten() {
            (folded, len) = (voiced, 2);
        }
    }
    Some((large(katakana(folded)), len))
}

/// The katakana of a hiragana letter; another character stays.
pub(super) fn katakana(c: char) -> char {
    match c {
        'ぁ'..='ゖ' | 'ゝ' | 'ゞ' => char::from_u32(c as u32 + 0x60).unwrap_or(c),
        _ => c,
    }
}

/// The large letter of a small kana of any width; another character stays.
pub(super) fn large(c: char) -> char {
    let step = match c {
        'ぁ' | 'ぃ' | 'ぅ' | 'ぇ' | 'ぉ' | 'っ' | 'ゃ' | 'ゅ' | 'ょ' | 'ゎ' => 1,
        'ァ' | 'ィ' | 'ゥ' | 'ェ' | 'ォ' | 'ッ' | 'ャ' | 'ュ' | 'ョ' | 'ヮ' => 1,
        'ｧ'..='ｫ' => 'ｱ' as u32 - 'ｧ' as u32,
        'ｬ'..='ｮ' => 'ﾔ' as u32 - 'ｬ' as u32,
        'ｯ' => return 'ﾂ',
        'ゕ' => return 'か',
        'ゖ' => return 'け',
        'ヵ' => return 'カ',
        'ヶ' => return 'ケ',
        _ => return c,
    };
    char::from_u32(c as u32 + step).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(text: &str) -> String {
        in_full(text.chars().collect()).into_iter().collect()
    }

    #[test]
    fn a_stock_company_is_written_in_many_ways() {
        for text in [
            "株式会社テスト",
            "㈱テスト",
            "㍿テスト",
            "(株)テスト",
            "（株）テスト",
            "(株）テスト",
            "株式會社テスト",
            "カ)テスト",
            "ｶ)テスト",
            "カ）テスト",
            "（カ）テスト",
            "カブシキガイシャテスト",
            "ｶﾌﾞｼｷｶﾞｲｼｬテスト",
            "ｶﾌﾞｼｷｶﾞｲｼﾔテスト",
            "かぶしきがいしゃテスト",
            "カブシキカイシャテスト",
        ] {
            assert_eq!(full(text), "株式会社テスト", "{text}");
        }
        assert_eq!((full("テスト（カ"), full("テスト(ｶ) ")), ("テスト株式会社".into(), "テスト株式会社 ".into()));
    }

    #[test]
    fn every_form_is_reached_by_each_of_its_short_forms() {
        for form in FORMS {
            for short in form.short {
                assert_eq!(full(&format!("あ{short}い")), format!("あ{}い", form.full));
            }
            if !form.kana.is_empty() {
                assert_eq!(full(&format!("{})あ", form.kana)), format!("{}あ", form.full));
                assert_eq!(full(&format!("あ({}", form.kana)), format!("あ{}", form.full));
            }
            assert_eq!(full(form.full), form.full);
        }
    }

    #[test]
    fn other_text_stays() {
        for text in
            ["カステラ", "テスト(カメラ)", "山田(ユキ)", "テスト カ)", "有田", "同)テスト", "（別館）", "カ", "("]
        {
            assert_eq!(full(text), text);
        }
    }

    #[test]
    fn a_short_form_is_found() {
        for text in ["㈱テスト", "テスト（有）", "カ)テスト", "テスト(ユ", "（一社）テスト", "NPO法人テスト"]
        {
            assert!(is_abbreviated(text), "{text}");
        }
        for text in ["株式会社テスト", "テスト（別館）", "カブシキガイシャテスト", "", "山田"]
        {
            assert!(!is_abbreviated(text), "{text}");
        }
    }
}
