//! The report as a page.

use crate::sample_run::sample_run;
use base64::Engine;
use occto::desk::report::render_html;
use occto::desk::view::{Lang, Need, RunView};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

const STYLE: &str = include_str!("../../src/desk/report/report.css");

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0
}

/// The page without style and script.
fn body(page: &str) -> &str {
    between(page, "<body>", "<script>")
}

/// The names of all elements, in order; every one that opens is closed in its turn.
fn elements(page: &str) -> Vec<String> {
    const VOID: [&str; 2] = ["meta", "input"];
    let page = page.replace(STYLE, "").replace(between(page, "<script>", "</script>"), "");
    let (mut open, mut all) = (Vec::new(), Vec::new());
    for tag in page.split('<').skip(1) {
        let name = tag.split_once('>').expect("a tag ends").0.split_whitespace().next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop().as_deref(), Some(name)),
            None if name.starts_with('!') => {}
            None => {
                all.push(name.to_owned());
                if !VOID.contains(&name) {
                    open.push(name.to_owned());
                }
            }
        }
    }
    assert!(open.is_empty(), "{open:?} are left open");
    all
}

#[test]
fn the_page_is_well_formed_whatever_the_run() {
    let mut empty = sample_run(0);
    empty.findings.clear();
    let mut bare = sample_run(3);
    for case in &mut bare.cases {
        case.timeline.clear();
        case.billing_from = None;
        case.receipt.clear();
    }
    for run in [sample_run(46), sample_run(1), sample_run(600), empty, bare] {
        for lang in [Lang::Ja, Lang::En] {
            assert!(elements(&render_html(&run, lang)).contains(&"main".to_owned()));
        }
    }
}

#[test]
fn text_of_a_file_is_never_markup() {
    let hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&\u{202E}\0";
    let plain = elements(&render_html(&sample_run(46), Lang::Ja)).len();
    let mut run = sample_run(46);
    run.file = hostile.to_owned();
    run.notice.1 = hostile.to_owned();
    run.retailer = hostile.to_owned();
    for case in &mut run.cases {
        case.current_retailer = hostile.to_owned();
        case.receipt = hostile.to_owned();
        if !case.point.is_empty() {
            case.point = hostile.to_owned();
        }
        let said = (hostile.to_owned(), hostile.to_owned());
        case.next = case.next.as_ref().map(|_| said.clone());
        case.application_number = case.application_number.as_ref().map(|_| hostile.to_owned());
        case.reasons.iter_mut().for_each(|reason| *reason = said.clone());
        for event in &mut case.timeline {
            (event.ja, event.kind) = said.clone();
        }
        for finding in &mut case.findings {
            (finding.ja, finding.way_out_ja) = (hostile.to_owned(), hostile.to_owned().into());
            finding.place.column = Some(hostile.to_owned().into());
        }
    }
    let page = render_html(&run, Lang::Ja);
    let all = elements(&page);
    assert_eq!(all.iter().filter(|name| *name == "script").count(), 1);
    assert!(
        !all.contains(&"img".to_owned()) && all.len() < plain,
        "steps are one, so there are fewer elements: {}",
        all.len()
    );
    assert!(!page.contains(['\u{202E}', '\0']));
}

#[test]
fn the_page_asks_nobody_for_anything() {
    let page = render_html(&sample_run(46), Lang::Ja);
    for outside in ["http:", "https:", "src=", "url(", "@import", "<link", "<iframe"] {
        assert!(!page.contains(outside), "{outside}");
    }
    let script = between(&page, "<script>", "</script>");
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(script));
    assert!(page.contains(&format!("script-src 'sha256-{digest}'")), "the policy lets the script run");
}

#[test]
fn the_page_tells_no_personal_data() {
    for lang in [Lang::Ja, Lang::En] {
        let page = render_html(&sample_run(46), lang);
        for personal in ["髙橋", "高橋", "花子", "タカハシ", "100-0001", "見本町", "見本荘", "0000-1234", "0000000880"]
        {
            assert!(!page.contains(personal), "{personal}");
        }
        assert!(page.contains("■■■"), "what is left out is marked");
        assert!(page.contains("髙/高"), "the variant character itself is told");
    }
}

#[test]
fn every_case_stands_in_the_page_and_every_link_leads_to_one() {
    for (run, lang) in [(sample_run(46), Lang::Ja), (sample_run(600), Lang::En)] {
        let page = render_html(&run, lang);
        for case in &run.cases {
            assert_eq!(page.matches(&format!("<li id=\"c{}\">", case.line)).count(), 1);
        }
        for link in page.split("href=\"#").skip(1).map(|rest| rest.split_once('"').unwrap().0) {
            assert!(page.contains(&format!("<li id=\"{link}\">")), "{link}");
        }
        let person = between(&page, "<section class=\"group person\"", "</section>");
        assert_eq!(person.matches("<li id=").count(), run.count_of(Need::Person));
    }
}

#[test]
fn a_case_shows_its_dates_numbers_reasons_and_timeline() {
    let run = sample_run(46);
    let page = render_html(&run, Lang::Ja);
    let ng = between(&page, "<li id=\"c6\">", "</details>");
    for shown in [
        "S26-00104",
        "05-0011-1122-2233-3300-0404",
        "廃止取次NG",
        "契約名義不一致",
        "住所不一致",
        "2026/06/18(木)",
        "2026/06/13(土)",
        "C000004004",
        "OC0231",
        "06/04(木)",
        "現小売事業者がNGと判断",
        "2日後",
        "<details open>",
    ] {
        assert!(ng.contains(shown), "{shown}");
    }
    assert!(!between(&page, "<li id=\"c2\">", "</details>").contains("<details open>"));
}

#[test]
fn ten_thousand_cases_stay_usable() {
    let run = sample_run(10_000);
    let page = render_html(&run, Lang::Ja);
    assert!(page.len() < 12_000_000, "{} bytes", page.len());
    assert!(!page.contains("<details open>"));
    assert!(between(&page, "<li id=\"c2\">", "</li>").contains("class=\"track\""), "uneventful cases keep their band");
    assert!(!between(&page, "<li id=\"c2\">", "</li>").contains("<details"), "and nothing to open");
    assert!(body(&page).contains("ほか"));
}

#[test]
fn one_odd_date_does_not_flatten_the_axis() {
    let mut run: RunView = sample_run(5);
    run.cases[0].billing_from = Some(occto::items::Date::constant(9999, 12, 31));
    let page = render_html(&run, Lang::Ja);
    let ticks = between(&page, "class=\"ticks\"", "</span>");
    assert!((3..=8).contains(&ticks.matches("<i ").count()), "{ticks}");
    assert!(ticks.contains("6/7") && !ticks.contains("8/"), "{ticks}");
}

/// WCAG 2.2, 1.4.3: 4.5 to 1 for text, in every colour scheme and in print.
#[test]
fn text_stands_out_from_its_ground() {
    let schemes: Vec<HashMap<&str, f64>> = STYLE
        .split(":root {")
        .skip(1)
        .map(|block| {
            let colours = block.split_once('}').unwrap().0.split([';', '\n']).filter_map(|line| {
                let (name, value) = line.trim().strip_prefix("--")?.split_once(": #")?;
                Some((name, luminance(value)))
            });
            colours.collect()
        })
        .collect();
    assert_eq!(schemes.len(), 3, "light, dark, print");
    for scheme in &schemes {
        let ratio = |a: &str, b: &str| (scheme[a].max(scheme[b]) + 0.05) / (scheme[a].min(scheme[b]) + 0.05);
        for ink in ["ink", "soft", "person", "nothing", "waiting", "warning"] {
            for ground in ["page", "card"] {
                assert!(ratio(ink, ground) >= 4.5, "{ink} on {ground}: {:.2}", ratio(ink, ground));
            }
        }
        for tone in ["person", "nothing", "waiting"] {
            assert!(ratio(tone, &format!("{tone}-bg")) >= 4.5, "{tone} on its tint");
            assert!(ratio("ink", &format!("{tone}-bg")) >= 4.5, "ink on the tint of {tone}");
        }
    }
}

fn luminance(hex: &str) -> f64 {
    let long: String =
        if hex.len() == 3 { hex.chars().flat_map(|digit| [digit, digit]).collect() } else { hex.to_owned() };
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&long[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}
