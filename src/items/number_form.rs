//! 番地の書き方: block and house numbers as people write them (一丁目2番3号, １－２－３). For comparison only.

use super::digits::{digit, is_blank, is_hyphen};

/// The text with every chain of numbers written as `1-2-3`.
///
/// Dashes and ー before a number become `-`. 丁目, 番地, 番, 号, の and hyphens between two numbers become `-`; 番地, 番, 号 and 号室 behind the last one are dropped;
/// kanji numerals before such a mark become digits. Digits keep their width, 丁目 behind a last number stays, and 番 and 号
/// that belong to a word (番町, 号館, 号棟, 号線) stay too.
pub(super) fn hyphenated(text: Vec<char>) -> Vec<char> {
    if !text.iter().any(|c| is_number(*c)) {
        return text;
    }
    let mut out = Vec::with_capacity(text.len());
    let (mut at, mut linked) = (0, false);
    while let Some(found) = text.get(at) {
        if is_hyphen(*found) && number(&text, at + 1, false, &mut Vec::new()).is_some() {
            out.push('-');
            at += 1;
            continue;
        }
        let Some(end) = number(&text, at, linked, &mut out) else {
            // A run of numerals that is no number stays whole.
            let run = text.iter().skip(at + 1).take_while(|c| numeral(*found).and(numeral(**c)).is_some()).count();
            out.extend(text.iter().skip(at).take(run + 1));
            at += run + 1;
            linked = false;
            continue;
        };
        let (after, drop) = mark(&text, end);
        let next = skip_blanks(&text, after);
        linked = next > end && number(&text, next, true, &mut Vec::new()).is_some();
        if linked {
            out.push('-');
            at = next;
        } else {
            // A mark before another mark belongs to a word.
            at = if drop && mark(&text, after).0 == after { after } else { end };
        }
    }
    out
}

/// The place behind a mark that joins numbers, and whether the mark is dropped behind a last number.
fn mark(text: &[char], at: usize) -> (usize, bool) {
    let start = skip_blanks(text, at);
    let rest = text.get(start..).unwrap_or_default();
    let (len, drop) = match rest {
        ['丁', '目', ..] => (2, false),
        ['番', '地', 'の' | 'ノ' | '之', c, ..] if is_number(*c) => (3, true),
        ['番', '地', ..] => (2, true),
        ['番' | '号', '町' | '丁' | '館' | '棟' | '線' | '機' | '店', ..] => (0, false),
        ['番', 'の' | 'ノ' | '之', c, ..] if is_number(*c) => (2, true),
        ['号', '室', ..] => (2, true),
        ['番' | '号', ..] => (1, true),
        ['の' | 'ノ' | '之', ..] => (1, false),
        [c, ..] if is_hyphen(*c) => (1, false),
        _ => (0, false),
    };
    if len == 0 { (at, false) } else { (start + len, drop) }
}

fn skip_blanks(text: &[char], at: usize) -> usize {
    at + text.get(at..).unwrap_or_default().iter().take_while(|c| is_blank(**c)).count()
}

/// Reads a number, writes it in digits and gives the place behind it. Kanji numerals count only where a mark follows,
/// or, behind a linking mark, where the number ends.
fn number(text: &[char], at: usize, linked: bool, out: &mut Vec<char>) -> Option<usize> {
    let rest = text.get(at..)?;
    let digits = rest.iter().take_while(|c| digit(**c).is_some()).count();
    if digits > 0 {
        out.extend(rest.iter().take(digits));
        return Some(at + digits);
    }
    let count = rest.iter().take_while(|c| numeral(**c).is_some()).count();
    let (numerals, behind) = rest.split_at_checked(count)?;
    let marked = matches!(behind, ['丁', '目', ..] | ['番' | '号' | '条', ..]);
    let ended = match behind.first() {
        None => true,
        Some(c) => is_blank(*c) || is_hyphen(*c) || matches!(c, 'の' | 'ノ' | '之'),
    };
    if count == 0 || !(marked || linked && ended) {
        return None;
    }
    out.extend(value(numerals)?.to_string().chars());
    Some(at + count)
}

/// Whether a character may belong to a number.
pub(super) const fn is_number(c: char) -> bool {
    digit(c).is_some() || numeral(c).is_some()
}

/// 1 to 9 for a digit, 10, 100 and 1000 for a unit, 0 for 〇.
const fn numeral(c: char) -> Option<u32> {
    Some(match c {
        '〇' => 0,
        '一' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '十' => 10,
        '百' => 100,
        '千' => 1000,
        _ => return None,
    })
}

/// 二十三 and 二三 are both 23; units must descend.
fn value(numerals: &[char]) -> Option<u32> {
    let positional = numerals.iter().all(|c| numeral(*c).is_some_and(|n| n < 10));
    let (mut sum, mut digit, mut last_unit) = (0u32, None, 10_000);
    for n in numerals.iter().filter_map(|c| numeral(*c)) {
        if positional {
            sum = sum.checked_mul(10)?.checked_add(n)?;
        } else if n >= 10 {
            if n >= last_unit || digit == Some(0) {
                return None;
            }
            sum += digit.take().unwrap_or(1) * n;
            last_unit = n;
        } else if digit.replace(n).is_some() {
            return None;
        }
    }
    Some(sum + digit.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> String {
        hyphenated(text.chars().collect()).into_iter().collect()
    }

    #[test]
    fn a_block_number_is_written_in_many_ways() {
        for text in [
            "中町1-2-3",
            "中町1丁目2番3号",
            "中町一丁目二番三号",
            "中町1丁目2番地3",
            "中町1丁目2番地の3",
            "中町1丁目 2番 3号",
            "中町1 丁目2番3号",
            "中町1ー2ー3",
            "中町1−2‐3",
            "中町1の2の3",
            "中町1-2-3号",
        ] {
            assert_eq!(form(text), "中町1-2-3", "{text}");
        }
        assert_eq!(form("１丁目２番"), "１-２");
        assert_eq!(form("中町1-2-3 101号室"), form("中町1丁目2番3号101"));
        assert_eq!(form("二十三番地"), "23");
        assert_eq!(form("中町ー101"), "中町-101");
        assert_eq!(form("中町ー一号"), "中町-1");
        assert_eq!(form("百一番一〇五号"), "101-105");
    }

    #[test]
    fn words_with_numerals_stay() {
        for text in [
            "三田市",
            "千代田区",
            "八王子",
            "1番町",
            "2号館",
            "国道1号線",
            "1丁目",
            "1号号",
            "一の宮",
            "中町",
            "十十番",
        ] {
            assert_eq!(form(text), text);
        }
        assert_eq!(form("三番町"), "3番町");
        assert_eq!(form("1丁目三田ビル"), "1丁目三田ビル");
        assert_eq!(form("北一条西二丁目"), "北1条西2丁目");
        assert_eq!(form("メゾン中町"), "メゾン中町");
    }

    #[test]
    fn numerals_have_a_value() {
        let value = |text: &str| value(&text.chars().collect::<Vec<_>>());
        assert_eq!(value("十"), Some(10));
        assert_eq!(value("二十三"), Some(23));
        assert_eq!(value("千二百"), Some(1200));
        assert_eq!(value("一二三"), Some(123));
        assert_eq!([value("十百"), value("二三十"), value("〇十")], [None; 3]);
    }
}
