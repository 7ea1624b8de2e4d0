//! One case: a row that opens to a card.

use super::html::{Esc, full, grouped, put, short};
use super::mask::Mask;
use super::summary::label;
use super::track::{Axis, days};
use crate::desk::view::{CaseView, Lang, Need, Outcome, RunView};
use crate::items::Code;
use crate::rules::{Finding, Severity};

/// In a longer run, a case that ended as wished without a finding is a row only.
const ROWS_ONLY: usize = 500;
/// Cards that need a person are open from the start, unless there are more than this.
const OPEN: usize = 100;

/// How the cases of a run are shown.
pub(super) struct Cases<'a> {
    run: &'a RunView,
    axis: &'a Axis,
    lang: Lang,
    many: bool,
    open: bool,
}

impl<'a> Cases<'a> {
    pub(super) fn of(run: &'a RunView, axis: &'a Axis, lang: Lang) -> Cases<'a> {
        let many = run.cases.len() > ROWS_ONLY;
        Cases { run, axis, lang, many, open: run.count_of(Need::Person) <= OPEN }
    }

    /// Whether there are so many that uneventful cases are rows only.
    pub(super) fn many(&self) -> bool {
        self.many
    }

    pub(super) fn write(&self, out: &mut String, case: &CaseView) {
        let need = case.outcome.need();
        put!(out, "<li id=\"c{}\">", case.line);
        if self.many && need == Need::Nothing && case.findings.is_empty() {
            out.push_str("<div class=\"row\">");
            self.row(out, case);
            out.push_str("</div></li>");
            return;
        }
        let open = if self.open && need == Need::Person { " open" } else { "" };
        put!(out, "<details{open}><summary class=\"row\">");
        self.row(out, case);
        out.push_str("</summary>");
        self.card(out, case);
        out.push_str("</details></li>");
    }

    fn row(&self, out: &mut String, case: &CaseView) {
        let lang = self.lang;
        put!(out, "<h4>{}<small>", Esc(&label(case, lang)));
        if case.point.is_empty() {
            out.push_str(lang.pick("地点番号を読めません", "no readable point id"));
        } else {
            put!(out, "<span class=\"id\">{}</span>", Esc(&grouped(&case.point)));
        }
        put!(out, "</small></h4><span class=\"outcome\">{}<span>", stamp(case.outcome, lang));
        put!(out, "{}", lang.name(case.outcome));
        for severity in [Severity::Error, Severity::Warning] {
            match case.findings.iter().filter(|finding| finding.severity == severity).count() {
                0 => {}
                n => put!(out, "<small class=\"{}\">{} {n}</small>", severity.key(), lang.name(severity)),
            }
        }
        out.push_str("</span></span><span class=\"when\">");
        match (case.billing_from, case.requested_on) {
            (Some(date), _) => put!(out, "{}", short(date, lang)),
            (None, Some(date)) => put!(out, "<small>{} {}</small>", lang.pick("希望", "wish"), short(date, lang)),
            (None, None) => out.push('–'),
        }
        out.push_str("</span>");
        self.axis.band(out, case, lang);
    }

    fn card(&self, out: &mut String, case: &CaseView) {
        let (lang, mask) = (self.lang, Mask::of(self.run, case));
        out.push_str("<div class=\"card\"><div class=\"said\">");
        if let Some(step) = case.next_step(lang) {
            put!(out, "<p class=\"todo\"><b>{}</b>{}</p>", lang.pick("次にすること", "Next"), Esc(&mask.text(step)));
        }
        if !case.reasons.is_empty() {
            put!(out, "<h5>{}</h5><ul class=\"reasons\">", lang.pick("NG・却下の理由", "Reasons given"));
            for (ja, en) in &case.reasons {
                put!(out, "<li>{}</li>", Esc(&mask.text(lang.pick(ja, en))));
            }
            out.push_str("</ul>");
        }
        if !case.findings.is_empty() {
            put!(out, "<h5>{}</h5>", lang.pick("指摘", "Findings"));
            findings(out, &case.findings, &mask, lang);
        }
        self.facts(out, case);
        out.push_str("</div>");
        self.timeline(out, case, &mask);
        out.push_str("</div>");
    }

    fn facts(&self, out: &mut String, case: &CaseView) {
        let lang = self.lang;
        out.push_str("<dl class=\"facts\">");
        let mut fact = |ja: &str, en: &str, value: &str| {
            let value = if value.is_empty() { "–" } else { value };
            put!(out, "<div><dt>{}</dt><dd>{}</dd></div>", lang.pick(ja, en), Esc(value));
        };
        let date = |date: Option<crate::items::Date>| date.map_or(String::new(), |date| full(date, lang));
        fact("切替希望日", "requested date", &date(case.requested_on));
        fact("最短切替日", "earliest date", &date(case.earliest));
        fact("課金開始日", "billing starts", &date(case.billing_from));
        fact("廃止取次番号", "cancellation no.", case.cancellation_number.as_deref().unwrap_or_default());
        fact("申込番号", "application no.", case.application_number.as_deref().unwrap_or_default());
        fact("現小売事業者", "current retailer", &case.current_retailer);
        fact("供給種別", "family", case.family.map_or("", |family| lang.name(family)));
        fact("入力の行", "line", &case.line.to_string());
        out.push_str("</dl>");
    }

    fn timeline(&self, out: &mut String, case: &CaseView, mask: &Mask<'_>) {
        let lang = self.lang;
        if case.timeline.is_empty() {
            return;
        }
        put!(out, "<div class=\"past\"><h5>{}</h5><ol>", lang.pick("経過", "Timeline"));
        let mut before = None;
        let end = case.timeline.len() - 1;
        for (index, event) in case.timeline.iter().enumerate() {
            let date = event.at.date();
            let new_day = before != Some(date);
            let billing = new_day && case.billing_from == Some(date);
            let shape = match (billing, index == end) {
                (true, _) => "b",
                (_, true) => case.outcome.need().key(),
                _ => "",
            };
            put!(out, "<li class=\"{shape}\"><time datetime=\"{}\">", event.at);
            if new_day {
                put!(out, "<b>{}</b> ", short(date, lang));
            }
            put!(out, "{:02}:{:02}</time><span>", event.at.hour(), event.at.minute());
            put!(out, "{}", Esc(&mask.text(lang.pick(&event.ja, &event.en))));
            if let Some(gap @ 1..) = before.map(|before| days(before, date)) {
                put!(out, " <small>{}</small>", lang.pick("{n}日後", "{n} d later").replace("{n}", &gap.to_string()));
            }
            out.push_str("</span></li>");
            before = Some(date);
        }
        out.push_str("</ol></div>");
    }
}

/// Findings with code, place, text and way out.
pub(super) fn findings(out: &mut String, findings: &[Finding], mask: &Mask<'_>, lang: Lang) {
    out.push_str("<ul class=\"findings\">");
    for finding in findings {
        let severity = finding.severity;
        put!(out, "<li class=\"{}\"><b>{}</b> <code>{}</code> ", severity.key(), lang.name(severity), finding.code);
        if let Some(column) = &finding.place.column {
            put!(out, "<span class=\"place\">{}</span> ", Esc(column));
        }
        put!(out, "<p>{}</p>", Esc(&mask.quoted(finding, lang.pick(&finding.ja, &finding.en))));
        let way_out = lang.pick(&finding.way_out_ja, &finding.way_out_en);
        if !way_out.is_empty() {
            put!(out, "<p class=\"out\">{}</p>", Esc(&mask.quoted(finding, way_out)));
        }
        out.push_str("</li>");
    }
    out.push_str("</ul>");
}

/// The outcome as a stamp: a character in a frame, so that it is told apart without colour.
pub(super) fn stamp(outcome: Outcome, lang: Lang) -> String {
    let (ja, en) = match outcome {
        Outcome::Completed => ("完", "✓"),
        Outcome::CompletedWorkOutstanding => ("残", "✓"),
        Outcome::Ng => ("否", "N"),
        Outcome::Expired => ("期", "E"),
        Outcome::Unmatched => ("不", "U"),
        Outcome::Rejected => ("却", "R"),
        Outcome::CancelledInSystem => ("取", "C"),
        Outcome::CancelledByOperator => ("連", "C"),
        Outcome::CancelledAfterSwitch => ("後", "C"),
        Outcome::Held => ("確", "?"),
        Outcome::NotSent => ("誤", "!"),
        Outcome::Refused => ("外", "×"),
        Outcome::Pending => ("中", "…"),
    };
    format!("<i class=\"stamp {}\" aria-hidden=\"true\">{}</i>", outcome.need().key(), lang.pick(ja, en))
}
