//! 開示の書面: the answer to a customer as a letter, one page that stands alone and prints well.

use super::readings::{HeldReadings, Readings};
use super::report::{Disclosed, SubjectReport, authority_ja, basis_ja, message_ja, party_ja, plain_text, purpose_ja};
use crate::desk::report::{Esc, grouped, put};
use crate::items::{Code as _, Date, Item};
use crate::notice::held::Against;
use crate::notice::{Party, Role};

const STYLE: &str = "\
@page{size:A4;margin:18mm 16mm}\
*{box-sizing:border-box}\
body{font:15px/1.75 'Hiragino Mincho ProN','Yu Mincho','Noto Serif CJK JP','Noto Serif JP',serif;color:#1d2321;margin:0;background:#f2f1ec}\
main{max-width:210mm;margin:0 auto;background:#fff;padding:16mm 16mm 20mm}\
header{display:flex;justify-content:space-between;gap:2rem;align-items:flex-end;border-bottom:2px solid #1f4d45;padding-bottom:1rem}\
h1{font-size:1.55rem;letter-spacing:.08em;margin:2.2rem 0 1.2rem;text-align:center}\
h3{font-size:.95rem;margin:1.4rem 0 .4rem}\
h2{font-size:1.05rem;margin:2.2rem 0 .5rem;padding-left:.6rem;border-left:4px solid #1f4d45}\
p{margin:.6rem 0}\
.to{font-size:1.15rem}\
.from{text-align:right;font-size:.9rem}\
table{border-collapse:collapse;width:100%;font-size:.82rem;line-height:1.55}\
th,td{border-bottom:1px solid #d9d8d1;padding:.38rem .5rem;text-align:left;vertical-align:top}\
thead{display:table-header-group}\
th{font-weight:600;border-bottom:1.5px solid #1f4d45;white-space:nowrap}\
td.value{font-size:.95rem;word-break:break-all}\
tr{break-inside:avoid}\
tr.past td{color:#6b716e}\
.none{color:#6b716e}\
.draft{white-space:pre-wrap;border:1px solid #d9d8d1;padding:.9rem 1.1rem;font-size:.85rem;break-inside:avoid}\
footer{margin-top:2.5rem;border-top:1px solid #d9d8d1;padding-top:.8rem;font-size:.8rem;color:#4d5451}\
@media print{body{background:#fff}main{padding:0;max-width:none}}\
@media (max-width:640px){main{padding:1.2rem}header{display:block}.from{text-align:left}section{overflow-x:auto}}";

/// The letter: a whole HTML document.
#[must_use]
pub fn letter(report: &SubjectReport) -> String {
    let mut out = String::with_capacity(16_384);
    put!(
        out,
        "<!doctype html><html lang=\"ja\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         base-uri 'none'; form-action 'none'\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>保有個人データの開示</title><style>{STYLE}</style></head><body><main>"
    );
    head(&mut out, report);
    values(&mut out, report);
    readings(&mut out, report);
    disclosures(&mut out, report);
    elsewhere(&mut out, report);
    consents(&mut out, report);
    put!(
        out,
        "<section><h2>5. 保存期間</h2><p>{}。期間を過ぎた情報は、法令に定めがある場合を除き消去します。</p>",
        Esc(&report.kept.join("、"))
    );
    for one in &report.erased {
        put!(
            out,
            "<p>「{}」は{}に消去しました（{}、期限{}）。</p>",
            Esc(report.notice.label(one.item)),
            one.erased,
            Esc(&one.ja),
            one.last_day
        );
    }
    out.push_str("</section>");
    put!(
        out,
        "<footer><p>訂正・追加・削除、利用停止、消去、第三者提供の停止をご希望の場合は、本人確認のうえ承ります。\
         この書面は「{}」に基づき作成しました。時刻は日本時間です。</p></footer></main></body></html>\n",
        Esc(report.notice.title_ja()),
    );
    out
}

fn head(out: &mut String, report: &SubjectReport) {
    put!(
        out,
        "<header><p class=\"to\">{} 様</p><p class=\"from\">{}<br>{}</p></header><h1>保有個人データの開示について</h1>\
         <p>ご請求のありました、当社が保有するお客さまの情報を次のとおりお知らせします。</p>",
        Esc(&report.name),
        day(report.today),
        Esc(&report.us.ja()),
    );
    if let Some(point) = &report.point {
        put!(out, "<p>供給地点特定番号　{}</p>", Esc(&grouped(point)));
    }
    if let Some(since) = report.suspended {
        put!(out, "<p>{}から、ご請求により利用を停止しています。</p>", day(since.date()));
    }
}

fn day(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

fn values(out: &mut String, report: &SubjectReport) {
    out.push_str(
        "<section><h2>1. 保有している情報</h2><table><thead><tr><th>項目</th><th>内容</th><th>入手先・入手方法</th>\
         <th>いつの情報か</th><th>利用目的・根拠</th><th>管理責任者</th></tr></thead><tbody>",
    );
    for value in &report.values {
        let past = if value.current { "" } else { " class=\"past\"" };
        let state = if value.current { authority_ja(value.authority) } else { "過去の値" };
        put!(
            out,
            "<tr{past}><td>{}</td><td class=\"value\">{}</td><td>{}<br>{}</td><td>{}</td><td>{}<br>{}</td><td>{}<br>{state}</td></tr>",
            Esc(report.notice.label(value.item)),
            Esc(&plain_text(value)),
            Esc(&source(report, value.source)),
            Esc(message_ja(&value.message)),
            value.as_of.date(),
            value.purpose.ja(),
            value.basis.ja(),
            Esc(&manager(report, value.manager)),
        );
    }
    out.push_str("</tbody></table></section>");
}

/// The readings, by status: the values themselves are given on request, there are 48 a day.
fn readings(out: &mut String, report: &SubjectReport) {
    out.push_str("<section><h3>30分ごとの計量値</h3>");
    match &report.readings {
        Readings::Held(held) if held.is_empty() => {
            out.push_str("<p class=\"none\">30分ごとの計量値は保有していません。</p>");
        }
        Readings::Held(held) => {
            out.push_str(
                "<table><thead><tr><th>区分</th><th>期間</th><th>日数・値の数</th><th>入手先・管理責任者</th>\
                 <th>利用目的・根拠</th></tr></thead><tbody>",
            );
            for one in held {
                put!(
                    out,
                    "<tr><td>{}</td><td>{}～{}</td><td>{}日・{}コマ</td><td>{}</td><td>{}<br>{}</td></tr>",
                    one.status.ja(),
                    one.from,
                    one.to,
                    one.days,
                    one.slots,
                    Esc(&one.source.ja()),
                    HeldReadings::PURPOSE.ja(),
                    HeldReadings::BASIS.ja(),
                );
            }
            out.push_str("</tbody></table><p>値そのものの写しをご希望の場合は、期間を指定してお申し付けください。</p>");
        }
        Readings::PointErased => {
            out.push_str(
                "<p>供給地点特定番号を消去したため、計量値がどなたのものかを判別できず、ここには記載していません。</p>",
            );
        }
        Readings::Shared => {
            out.push_str(
                "<p>この供給地点には別のお客さまの記録もあり、計量値がどなたのものかを判別できないため、ここには\
                 記載していません。ご契約の期間をお示しいただければ、確認のうえ回答します。</p>",
            );
        }
    }
    out.push_str("</section>");
}

fn source(report: &SubjectReport, party: Party) -> String {
    match party {
        party if party == report.us => "当社".to_owned(),
        Party { role: Role::Customer, .. } => "お客さま".to_owned(),
        party => party.ja(),
    }
}

fn manager(report: &SubjectReport, party: Party) -> String {
    if party == report.us { "当社".to_owned() } else { party.ja() }
}

fn disclosures(out: &mut String, report: &SubjectReport) {
    out.push_str("<section><h2>2. 提供・閲覧の記録</h2>");
    let went = report.disclosed.iter().filter(|one| !one.unsent);
    let (gone, refused): (Vec<_>, Vec<_>) = went.partition(|one| !one.refused);
    if gone.is_empty() {
        out.push_str("<p class=\"none\">提供・閲覧の記録はありません。</p>");
    } else {
        out.push_str("<table><thead><tr><th>日時</th><th>提供先</th><th>目的</th><th>項目</th><th>根拠</th><th>方法</th></tr></thead><tbody>");
        gone.iter().for_each(|one| row(out, report, one));
        out.push_str("</tbody></table>");
    }
    if !refused.is_empty() {
        put!(out, "<p>このほか、当社が提供または閲覧を認めなかったものが{}件あります。</p>", refused.len());
    }
    out.push_str("</section>");
}

fn row(out: &mut String, report: &SubjectReport, one: &Disclosed) {
    let label = |key: &str| Item::from_key(key).map_or(key.to_owned(), |item| report.notice.label(item).to_owned());
    let items: Vec<_> = one.items.iter().map(|(item, _)| label(item)).collect();
    let mut bases: Vec<_> =
        one.items.iter().map(|(_, basis)| basis_ja(basis)).filter(|basis| !basis.is_empty()).collect();
    bases.dedup();
    let to = match one.recipient.as_str() {
        "customer" => "お客さま".to_owned(),
        // Who of the company looked is nobody else's to read.
        text if one.looked || text == report.us.to_string() => "当社内".to_owned(),
        text => party_ja(text),
    };
    put!(
        out,
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        Esc(&one.at.replace('T', " ")),
        Esc(&to),
        Esc(purpose_ja(&one.purpose)),
        Esc(&items.join("、")),
        Esc(&bases.join("、")),
        Esc(message_ja(&one.message)),
    );
}

fn elsewhere(out: &mut String, report: &SubjectReport) {
    out.push_str("<section><h2>3. ほかの事業者が管理責任者である情報</h2>");
    if report.elsewhere.is_empty() {
        out.push_str("<p class=\"none\">ありません。</p>");
    }
    for one in &report.elsewhere {
        let items: Vec<_> = one.items.iter().map(|item| report.notice.label(*item)).collect();
        put!(
            out,
            "<p><strong>{}</strong>　{}<br>当社は管理責任者ではありません。訂正などのご請求は、管理責任者であるこの事業者へお願いいたします。</p>",
            Esc(&one.manager.ja()),
            Esc(&items.join("、")),
        );
    }
    for (found, draft) in &report.discrepancies {
        let why = match &found.against {
            Against::Value(held) if held.source != found.manager => "当社が保有する値と異なるお申し出があるため",
            Against::Unheard => "管理責任者の値を受領していませんが、お申し出により",
            Against::Value(_) | Against::Denial(_) => "管理責任者の値と異なるお申し出があるため",
        };
        put!(
            out,
            "<p>「{}」は、{why}、次のとおり訂正を依頼します。</p><div class=\"draft\">{}</div>",
            Esc(report.notice.label(found.claim.item)),
            Esc(draft),
        );
    }
    out.push_str("</section>");
}

fn consents(out: &mut String, report: &SubjectReport) {
    out.push_str("<section><h2>4. 同意とご請求の記録</h2>");
    if report.consents.is_empty() && report.requests.is_empty() {
        out.push_str("<p class=\"none\">記録はありません。</p></section>");
        return;
    }
    out.push_str("<table><thead><tr><th>日時</th><th>内容</th><th>方法</th><th>状態</th></tr></thead><tbody>");
    for one in &report.consents {
        let state = match (one.withdrawn, one.until) {
            (Some(at), _) => format!("{}に撤回", at.date()),
            (None, Some(until)) => format!("{until}まで有効"),
            (None, None) => "有効".to_owned(),
        };
        put!(
            out,
            "<tr><td>{}</td><td>同意（{}）</td><td>{}</td><td>{state}</td></tr>",
            one.given.date(),
            one.purpose.ja(),
            one.form.ja()
        );
    }
    for one in &report.requests {
        let state = one.answered.map_or_else(|| format!("{}までに回答", one.due), |at| format!("{}に回答", at.date()));
        put!(
            out,
            "<tr><td>{}</td><td>{}の請求</td><td>本人確認: {}</td><td>{state}</td></tr>",
            one.received.date(),
            one.kind.ja(),
            one.check.ja()
        );
    }
    out.push_str("</tbody></table></section>");
}
