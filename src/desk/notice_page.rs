//! 公表文のページ: the text of a notice as a page that can be published as it is: no network, no script.

use super::report::{Esc, put};
use crate::notice::PublishedText;

/// The page.
#[must_use]
pub fn notice_page(text: &PublishedText) -> String {
    let title = Esc(&text.title);
    let mut page = String::new();
    put!(
        page,
        "<!doctype html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>body{{font-family:sans-serif;line-height:1.7;max-width:48rem;margin:2rem auto;padding:0 1rem}}h1{{font-size:1.4rem}}h2{{font-size:1.1rem;margin-top:1.6rem}}dt{{margin-top:.4rem}}dd{{color:#333}}footer{{margin-top:2rem;font-size:.9rem}}footer p{{margin:.2rem 0}}</style>\n</head>\n<body>\n<h1>{title}</h1>\n<p>{}</p>\n",
        Esc(&text.introduction)
    );
    for (heading, entries) in &text.sections {
        put!(page, "<h2>{}</h2>\n<dl>\n", Esc(heading));
        for (line, below) in entries {
            put!(page, "<dt>{}</dt>\n", Esc(line));
            if let Some(below) = below {
                put!(page, "<dd>{}</dd>\n", Esc(below));
            }
        }
        page.push_str("</dl>\n");
    }
    page.push_str("<footer>\n");
    text.footnotes.iter().for_each(|line| put!(page, "<p>{}</p>\n", Esc(line)));
    page.push_str("</footer>\n</body>\n</html>\n");
    page
}
