//! 結果報告: a run as one page a person likes to read.
//!
//! The page stands alone: no other file, no address on a network, no script needed (the one it has only filters), and a
//! content security policy that lets nothing else in. It names cases by 受付番号 and 供給地点特定番号 only: what a finding
//! quotes of a name, an address, a telephone or contract number is left out (`results.csv` has it).

mod case;
mod html;
mod mask;
mod summary;
mod track;

pub use html::grouped;
pub(in crate::desk) use html::{Esc, full, put};

use super::view::{Lang, Need, RunView};
use crate::items::Code;
use base64::Engine;
use case::Cases;
use html::count;
use mask::Mask;
use sha2::{Digest, Sha256};
use track::Axis;

pub(in crate::desk) const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// The page of a run: a whole HTML document.
#[must_use]
pub fn render_html(run: &RunView, lang: Lang) -> String {
    let mut out = String::with_capacity(32_768 + run.cases.len() * 2_048);
    head(&mut out, run, lang);
    out.push_str("<body><main>");
    title(&mut out, run, lang);
    summary::counts(&mut out, run, lang);
    summary::next_steps(&mut out, run, lang);
    file_findings(&mut out, run, lang);
    list(&mut out, run, lang);
    footer(&mut out, lang);
    put!(out, "</main><script>{SCRIPT}</script></body></html>\n");
    out
}

fn head(out: &mut String, run: &RunView, lang: Lang) {
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(SCRIPT));
    put!(
        out,
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>{} {}</title><style>{STYLE}</style></head>",
        lang.key(),
        lang.pick("スイッチング処理結果", "Switching results"),
        Esc(&run.file),
    );
}

fn title(out: &mut String, run: &RunView, lang: Lang) {
    put!(
        out,
        "<header class=\"title\"><div><p class=\"over\">{}</p><h1>{}</h1><p class=\"file\">{}</p></div><dl class=\"meta\">",
        lang.pick("スイッチング処理結果", "Switching results"),
        verdict(run, lang),
        Esc(&run.file),
    );
    let mut fact = |name: &str, value: &str| put!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", Esc(value));
    let (from, to) = (full(run.from.date(), lang), full(run.to.date(), lang));
    fact(lang.pick("期間", "period"), &if from == to { from } else { format!("{from} – {to}") });
    fact(lang.pick("共同利用の公表文", "shared-use notice"), &run.notice.1);
    fact(lang.pick("自社の事業者コード", "our business code"), &run.retailer);
    fact(lang.pick("送受信 / 台帳", "messages / ledger lines"), &format!("{} / {}", run.messages, run.ledger_lines));
    if let Some(seed) = run.sandbox_seed {
        let told = lang.pick("模擬環境での実行", "a sandbox run");
        fact(lang.pick("サンドボックス", "sandbox"), &format!("{told} (seed {seed})"));
    }
    out.push_str("</dl></header>");
}

/// The run in one sentence.
fn verdict(run: &RunView, lang: Lang) -> String {
    let (all, open, waiting) = (run.cases.len(), run.count_of(Need::Person), run.count_of(Need::Waiting));
    let [all_cases, open_cases, waiting_cases] = [all, open, waiting].map(count);
    match (lang, open, waiting) {
        _ if all == 0 => lang.pick("案件はありません", "There are no cases").to_owned(),
        (Lang::Ja, 0, 0) => format!("全{all_cases}件、対応の必要はありません"),
        (Lang::En, 0, 0) => format!("All {all_cases} cases: nothing to do"),
        (Lang::Ja, 0, _) => format!("{all_cases}件のうち、{waiting_cases}件が手続中です"),
        (Lang::En, 0, _) => format!("{waiting_cases} of {all_cases} cases are in progress"),
        (Lang::Ja, ..) => format!("{all_cases}件のうち、<strong>{open_cases}件</strong>に対応が必要です"),
        (Lang::En, 1, _) => format!("<strong>1</strong> of {all_cases} cases needs a person"),
        (Lang::En, ..) => format!("<strong>{open_cases}</strong> of {all_cases} cases need a person"),
    }
}

fn file_findings(out: &mut String, run: &RunView, lang: Lang) {
    if run.findings.is_empty() {
        return;
    }
    put!(out, "<section><h2>{}</h2>", lang.pick("ファイル全体の指摘", "Findings about the whole file"));
    case::findings(out, &run.findings, &Mask::of_file(run), lang);
    out.push_str("</section>");
}

fn list(out: &mut String, run: &RunView, lang: Lang) {
    if run.cases.is_empty() {
        return;
    }
    let axis = Axis::of(run);
    let cases = Cases::of(run, &axis, lang);
    put!(out, "<section class=\"list\"><h2>{}</h2>", lang.pick("案件一覧", "Cases"));
    put!(
        out,
        "<div class=\"filter\" hidden><label>{}<input type=\"search\" autocomplete=\"off\" placeholder=\"{}\"></label>\
         <button type=\"button\" data-open=\"1\">{}</button><button type=\"button\" data-open=\"\">{}</button>\
         <output></output></div>",
        lang.pick("絞り込み", "Filter"),
        lang.pick("受付番号・地点番号・結果", "receipt, point or outcome"),
        lang.pick("すべて開く", "Open all"),
        lang.pick("すべて閉じる", "Close all"),
    );
    track::legend(out, lang);
    for need in [Need::Person, Need::Waiting, Need::Nothing] {
        let shown = run.count_of(need);
        if shown == 0 {
            continue;
        }
        let key = need.key();
        let (name, unit) = (lang.name(need), lang.pick("件", ""));
        put!(out, "<section class=\"group {key}\" aria-labelledby=\"g-{key}\"><div class=\"row columns\">");
        put!(out, "<h3 id=\"g-{key}\">{name} <span>{}{unit}</span></h3>", count(shown));
        put!(out, "<span>{}</span><span>{}</span>", lang.pick("結果", "outcome"), lang.pick("切替日", "switch date"));
        axis.ticks(out);
        put!(out, "</div><ol class=\"cases{}\">", if cases.many() { " many" } else { "" });
        for case in run.cases.iter().filter(|case| case.outcome.need() == need) {
            cases.write(out, case);
        }
        out.push_str("</ol></section>");
    }
    out.push_str("</section>");
}

fn footer(out: &mut String, lang: Lang) {
    put!(
        out,
        "<footer><p>{}</p><p>{}</p></footer>",
        lang.pick(
            "課金開始日は切替日です（処理完了の日ではありません）。日時はすべて日本時間です。",
            "Billing starts on the switch date, not on the day of completion. All times are JST."
        ),
        lang.pick(
            "この報告には氏名・住所・電話番号・契約番号を載せていません。指摘の中の「■■■」は results.csv で確認できます。",
            "Names, addresses, telephone and contract numbers are left out; what `■■■` stands for is in results.csv."
        ),
    );
}
