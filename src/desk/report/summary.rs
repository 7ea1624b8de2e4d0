//! How many cases ended how, and what to do next.

use super::case::stamp;
use super::html::{Esc, count, put};
use super::mask::Mask;
use crate::desk::view::{CaseView, Lang, Need, RunView};
use crate::items::Code;
use std::collections::HashMap;

/// So many cases are named under a step; the rest are counted.
const NAMED: usize = 12;

pub(super) fn counts(out: &mut String, run: &RunView, lang: Lang) {
    if run.cases.is_empty() {
        return;
    }
    let (counts, all) = (run.counts(), run.cases.len());
    put!(out, "<section class=\"counts\"><h2>{}</h2>", lang.pick("結果の内訳", "Outcomes"));
    out.push_str("<div class=\"bar\" aria-hidden=\"true\">");
    let needs = [Need::Person, Need::Waiting, Need::Nothing];
    for need in needs {
        match run.count_of(need) {
            0 => {}
            count => put!(out, "<i class=\"{}\" style=\"flex-grow:{count}\"></i>", need.key()),
        }
    }
    out.push_str("</div><div class=\"tiles\">");
    for need in needs {
        put!(
            out,
            "<table class=\"{}\"><caption><span>{}</span> <b>{}</b><small> / {}{}</small></caption><tbody>",
            need.key(),
            lang.name(need),
            count(run.count_of(need)),
            count(all),
            lang.pick("件", ""),
        );
        for (outcome, cases) in counts.iter().filter(|(outcome, _)| outcome.need() == need) {
            put!(
                out,
                "<tr><th scope=\"row\">{}{}</th><td>{}</td></tr>",
                stamp(*outcome, lang),
                lang.name(*outcome),
                count(*cases),
            );
        }
        out.push_str("</tbody></table>");
    }
    out.push_str("</div></section>");
}

/// The steps by what is to be done: those of cases that need a person first, and among them what most cases wait for.
pub(super) fn next_steps(out: &mut String, run: &RunView, lang: Lang) {
    let mut steps: Vec<(String, Vec<&CaseView>)> = Vec::new();
    let mut places = HashMap::new();
    for need in [Need::Person, Need::Waiting, Need::Nothing] {
        for case in run.cases.iter().filter(|case| case.outcome.need() == need) {
            let Some(step) = case.next_step(lang) else { continue };
            let step = Mask::of(run, case).text(step).into_owned();
            let place = *places.entry(step.clone()).or_insert(steps.len());
            match steps.get_mut(place) {
                Some((_, cases)) => cases.push(case),
                None => steps.push((step, vec![case])),
            }
        }
    }
    let need = |cases: &[&CaseView]| cases.first().map_or(Need::Nothing, |case| case.outcome.need());
    steps.sort_by_key(|(_, cases)| (need(cases), std::cmp::Reverse(cases.len())));
    put!(out, "<section class=\"next\"><h2>{}</h2>", lang.pick("次にすること", "What to do next"));
    if steps.is_empty() {
        put!(out, "<p class=\"calm\">{}</p></section>", lang.pick("ありません。", "Nothing."));
        return;
    }
    out.push_str("<ol>");
    for (step, cases) in &steps {
        let need = need(cases);
        put!(
            out,
            "<li class=\"{}\"><b class=\"n\">{}<small>{}</small></b>",
            need.key(),
            count(cases.len()),
            lang.pick("件", "")
        );
        put!(out, "<div><p>{}</p><p class=\"who\">", Esc(step));
        for case in cases.iter().take(NAMED) {
            put!(out, "<a href=\"#c{}\">{}{}</a> ", case.line, stamp(case.outcome, lang), Esc(&label(case, lang)));
        }
        if let rest @ 1.. = cases.len().saturating_sub(NAMED) {
            put!(out, "{}", lang.pick("ほか{n}件", "and {n} more").replace("{n}", &count(rest)));
        }
        out.push_str("</p></div></li>");
    }
    out.push_str("</ol></section>");
}

/// What a case is called: its receipt number, or its line where it has none.
pub(super) fn label(case: &CaseView, lang: Lang) -> String {
    if case.receipt.trim().is_empty() {
        return lang.pick("{n}行目", "line {n}").replace("{n}", &case.line.to_string());
    }
    case.receipt.clone()
}
