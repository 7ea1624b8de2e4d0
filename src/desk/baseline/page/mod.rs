//! 算定書: a baseline as a page that a person who is no engineer can follow and check: which days were candidates, which
//! were left out by which rule, the adjustment with both series, every option, and the digest that finds it again.
//!
//! The page stands alone: no other file, no address on a network, no script. It is in Japanese, the language it is argued in.

mod choice;
mod figures;
mod words;

use super::plot::day_plot;
use crate::baseline::{Computed, PointReadings};
use crate::desk::report::{Esc, STYLE, full, put};
use crate::desk::view::Lang;
use crate::items::{Code as _, DateTime};
use crate::rules::Severity;

const OWN_STYLE: &str = include_str!("page.css");

/// The beginning of the document.
#[must_use]
pub fn page_head() -> String {
    let mut out = String::with_capacity(STYLE.len() + 2_048);
    put!(
        out,
        "<!doctype html><html lang=\"ja\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         base-uri 'none'; form-action 'none'\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>ベースライン算定書</title><style>{STYLE}{OWN_STYLE}</style></head>\
         <body><main>"
    );
    out
}

/// The end of the document.
#[must_use]
pub fn page_foot(now: DateTime) -> String {
    format!(
        "<footer><p>作成 {} {}（日本時間）。電力量の単位は kWh、コマは1（0:00〜0:30）から48（23:30〜24:00）です。</p>\
         <p>割り切れない値は分数で示し、約の値を添えています。計算は分数のまま行い、途中で丸めていません。</p></footer>\
         </main></body></html>\n",
        full(now.date(), Lang::Ja),
        now.strftime("%H:%M")
    )
}

/// One computation.
#[must_use]
pub fn page_article(computed: &Computed<'_>, readings: &PointReadings<'_>) -> String {
    let mut out = String::with_capacity(64 * 1024);
    out.push_str("<article>");
    title(&mut out, computed);
    put!(out, "<figure>{}</figure>", day_plot(computed, readings).svg(Lang::Ja));
    let mut number = 0;
    let mut section = |out: &mut String, name: &str| {
        number += 1;
        put!(out, "<section><h3><span>{number}.</span>{name}</h3>");
    };
    section(&mut out, "算定の手順");
    words::steps(&mut out, computed);
    out.push_str("</section>");
    if !computed.candidates.is_empty() {
        section(&mut out, "候補日と採否");
        choice::candidates(&mut out, computed);
        out.push_str("</section>");
        section(&mut out, "採用日の計量値と平均");
        choice::kept(&mut out, computed);
        out.push_str("</section>");
    }
    if !computed.window.is_empty() {
        section(&mut out, "当日調整（基準時間帯）");
        figures::window(&mut out, computed);
        out.push_str("</section>");
    }
    section(&mut out, "ベースラインと需要制御量");
    figures::slots(&mut out, computed);
    out.push_str("</section>");
    section(&mut out, "適用した選択肢");
    words::options(&mut out, computed);
    out.push_str("</section>");
    section(&mut out, "指摘");
    findings(&mut out, computed);
    out.push_str("</section>");
    section(&mut out, "再現のための要約値");
    put!(
        out,
        "<p class=\"digest\">{}</p><p>計量値（区分・版を含む）、候補日、DR実施日、算定方法、選択肢のすべてから求めた値（SHA-256）です。\
         同じ計量値と条件で <code>occto baseline compute</code> を実行すると、何年後でも同じ値になります。\
         1つでも違えば、違う値になります。</p></section></article>",
        computed.digest
    );
    out
}

fn title(out: &mut String, computed: &Computed<'_>) {
    let event = computed.event;
    let day = full(event.date, Lang::Ja);
    let slots = words::span(event.first, event.last);
    put!(out, "<header class=\"title\"><div><p class=\"over\">ベースライン算定書</p><h1>");
    match computed.total_reduction {
        Some(total) => put!(out, "需要制御量は <strong>{}</strong> kWh です", words::short(total)),
        None if computed.is_computed() => out.push_str("ベースラインを算定しました（実績の計量値は未着です）"),
        None => out.push_str("ベースラインを<strong>算定できません</strong>"),
    }
    put!(out, "</h1><p class=\"file\">{day} {slots}</p></div><dl class=\"meta\">");
    let mut fact = |name: &str, value: &str| put!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", Esc(value));
    let method = computed.method;
    fact("供給地点特定番号", &computed.point.grouped().to_string());
    fact("発動", &format!("{day} {slots}"));
    fact("日の種類", computed.day_type.map_or("不明（祝日データなし）", |kind| kind.ja()));
    fact("算定方法", &method.ja);
    let verified = if method.verified { "" } else { "（細部は未確認）" };
    fact("方法の根拠資料", &format!("{}{verified}", method.source));
    fact("計量の対象", method.measured.ja());
    fact("発動日の計量値", &words::mark(computed.mark));
    out.push_str("</dl></header>");
}

fn findings(out: &mut String, computed: &Computed<'_>) {
    if computed.findings.is_empty() {
        out.push_str("<p>指摘はありません。</p>");
        return;
    }
    out.push_str("<ul class=\"findings\">");
    for finding in &computed.findings {
        let severity: Severity = finding.severity;
        put!(
            out,
            "<li class=\"{}\"><b>{}</b> {} <code>{}</code><p class=\"out\">{}</p></li>",
            severity.key(),
            severity.ja(),
            Esc(&finding.ja),
            finding.code,
            Esc(&finding.way_out_ja)
        );
    }
    out.push_str("</ul>");
}
