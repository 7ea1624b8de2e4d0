//! 自由記入: what a person types and the ledger keeps word for word. A line of the ledger is never erased, so nothing of a
//! customer may get into it.

use crate::cli::Failure;

/// So many characters at most.
const LONGEST: usize = 60;
/// So many digits in a row, whatever stands between them, are no date and no number of a file: they are a customer's.
const DIGITS: usize = 9;

/// A reference of the company's own: letters, digits and `-_./:#`.
pub fn reference<'t>(option: &str, text: &'t str) -> Result<&'t str, Failure> {
    let text = words(option, text)?;
    if text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_./:#".contains(letter)) {
        return Ok(text);
    }
    Err(Failure::usage(format!(
        "{option}: 参照番号は英数字と -_./:# で指定してください。台帳は消去できないため、氏名などを書き込めません / a reference has letters, digits and -_./:#: the ledger is never erased, so no name may stand in it"
    )))
}

/// Words of the company's own, such as the name of a law: short, on one line, without a number that could be a customer's.
pub fn words<'t>(option: &str, text: &'t str) -> Result<&'t str, Failure> {
    let text = text.trim();
    let why = if text.is_empty() {
        ("値を指定してください".to_owned(), "name it".to_owned())
    } else if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        (format!("1行、{LONGEST}文字以内で指定してください"), format!("one line of at most {LONGEST} characters"))
    } else if longest_number(text) >= DIGITS {
        (
            format!(
                "{DIGITS}桁以上の番号は指定できません。台帳は消去できないため、お客さまの番号や電話番号を書き込めません"
            ),
            format!(
                "no number of {DIGITS} digits or more: the ledger is never erased, so no customer's number may stand in it"
            ),
        )
    } else {
        return Ok(text);
    };
    Err(Failure::usage(format!("{option}: {} / {}", why.0, why.1)))
}

/// How many digits stand in a row, with nothing but hyphens, spaces and brackets between them.
fn longest_number(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for letter in text.chars() {
        match letter {
            '0'..='9' | '０'..='９' => run += 1,
            ' ' | '　' | '-' | '－' | '‐' | '−' | 'ー' | '(' | ')' | '（' | '）' | '.' | '/' | '_' => {}
            _ => run = 0,
        }
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_a_customers_does_not_reach_the_ledger() {
        for law in ["電気事業法施行規則 第45条", "平成15年法律第57号", "R-20261128"] {
            assert_eq!(words("--law", law).unwrap(), law);
        }
        let long = "あ".repeat(LONGEST + 1);
        for wrong in ["", "  ", "電話 03-1234-5678", "０９０－１２３４－５６７８", "03 0011 1000 0000", "a\nb", &long]
        {
            assert!(words("--law", wrong).is_err(), "{wrong}");
        }
        assert_eq!(reference("--order", " R-7/2026 ").unwrap(), "R-7/2026");
        assert!(reference("--order", "佐藤").is_err());
    }
}
