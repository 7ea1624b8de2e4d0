//! A made-up run with every outcome, for what shows a run.

use occto::desk::view::{CaseView, Event, Outcome, RunView};
use occto::items::{Date, DateTime, Family, Item};
use occto::rules::{Finding, Place, Severity};

pub const COLUMNS: [&str; 18] = [
    "受付番号",
    "供給地点特定番号",
    "現小売事業者コード",
    "現契約番号",
    "契約名義",
    "契約名義カナ",
    "郵便番号",
    "住所",
    "建物名",
    "電話番号",
    "切替希望日",
    "供給種別",
    "契約決定方法",
    "契約容量",
    "契約容量単位",
    "接続送電サービスメニュー",
    "同意日時",
    "同意方法",
];

/// A run of so many cases; the first 46 hold every outcome.
pub fn sample_run(cases: usize) -> RunView {
    let cases: Vec<CaseView> = (0..cases).map(case).collect();
    RunView {
        file: "切替申込_2026年6月.csv".to_owned(),
        columns: COLUMNS.map(str::to_owned).to_vec(),
        notice: ("terras".to_owned(), "株式会社テラス 個人情報の共同利用".to_owned()),
        retailer: "11113".to_owned(),
        from: at(1, 9, 0),
        to: at(40, 18, 0),
        sandbox_seed: Some(20_260_601),
        findings: vec![finding(
            "OC0110",
            Severity::Notice,
            None,
            "「備考」列は使わないため、そのまま結果に残します",
            "the column `備考` is not used and is kept in the result",
        )],
        messages: cases.len() as u64 * 5,
        ledger_lines: cases.len() as u64 * 6,
        cases,
    }
}

/// A day counted from 1 June 2026, at an hour and minute.
fn at(day: i64, hour: i8, minute: i8) -> DateTime {
    date(day).at(hour, minute, 0, 0)
}

fn date(day: i64) -> Date {
    use jiff::ToSpan;
    Date::constant(2026, 5, 31).saturating_add(day.days())
}

fn outcome(index: usize) -> Outcome {
    const RARE: [Outcome; 12] = [
        Outcome::NotSent,
        Outcome::Ng,
        Outcome::Held,
        Outcome::CompletedWorkOutstanding,
        Outcome::Unmatched,
        Outcome::Refused,
        Outcome::Expired,
        Outcome::Rejected,
        Outcome::CancelledInSystem,
        Outcome::CancelledByOperator,
        Outcome::CancelledAfterSwitch,
        Outcome::Pending,
    ];
    if index % 3 == 1 {
        RARE.into_iter().cycle().nth(index / 3 % 12).unwrap_or(Outcome::Held)
    } else {
        Outcome::Completed
    }
}

fn finding(code: &'static str, severity: Severity, column: Option<&'static str>, ja: &str, en: &str) -> Finding {
    let item = match column {
        Some("契約名義") => Some(Item::Name),
        Some("住所") => Some(Item::Address),
        Some("供給地点特定番号") => Some(Item::SupplyPointId),
        _ => None,
    };
    Finding {
        code,
        severity,
        place: Place { column: column.map(Into::into), ..Place::default() },
        item,
        ja: ja.to_owned(),
        en: en.to_owned(),
        way_out_ja: "お客さまの検針票と照らし合わせて、入力を直してください".into(),
        way_out_en: "compare with the customer's meter slip and correct the input".into(),
    }
}

fn case(index: usize) -> CaseView {
    let outcome = outcome(index);
    let start = (index as i64 * 7) % 12;
    let point = format!("{:02}00111122223333{:04}{:02}", index % 10 + 1, index % 10_000, index % 97);
    let sent = !matches!(outcome, Outcome::NotSent | Outcome::Refused);
    let switched =
        matches!(outcome, Outcome::Completed | Outcome::CompletedWorkOutstanding | Outcome::CancelledAfterSwitch);
    let mut findings = Vec::new();
    if index % 9 == 4 {
        findings.push(finding(
            "OC0231",
            Severity::Warning,
            Some("契約名義"),
            "「髙橋 花子」は現小売事業者に「高橋 花子」で登録されているかもしれません（異体字: 髙/高）",
            "`髙橋 花子` may be registered as `高橋 花子` (variant character 髙/高)",
        ));
    }
    if outcome == Outcome::NotSent {
        findings.push(finding(
            "OC0123",
            Severity::Error,
            Some("供給地点特定番号"),
            "供給地点特定番号は22桁です（20桁でした）。20桁は末尾が落ちたときによく起こります",
            "a supply point id has 22 digits (got 20)",
        ));
    }
    let said = |ja: &str, en: &str| Some((ja.to_owned(), en.to_owned()));
    let (reasons, next) = match outcome {
        Outcome::Completed | Outcome::CancelledInSystem | Outcome::Pending => (vec![], None),
        Outcome::CompletedWorkOutstanding => {
            (vec![], said("計器の取替日を一般送配電事業者に確認する", "ask the operator when the meter is exchanged"))
        }
        Outcome::Ng => (
            vec![
                ("契約名義不一致".to_owned(), "name differs".to_owned()),
                ("住所不一致".to_owned(), "address differs".to_owned()),
            ],
            said(
                "お客さまに、現小売事業者へ登録内容を確認してもらう",
                "ask the customer to check with the current retailer",
            ),
        ),
        Outcome::Expired => {
            (vec![], said("現小売事業者に判断状況を問い合わせる", "ask the current retailer about its judgement"))
        }
        Outcome::Unmatched => (
            vec![],
            said(
                "現小売事業者のスイッチング廃止の申込を確認し、切替日を改めて申し込む",
                "check the switch stop with the current retailer and apply again",
            ),
        ),
        Outcome::Rejected => (
            vec![("契約決定方法を選択できません".to_owned(), "the decision method cannot be chosen".to_owned())],
            said("申込内容を直して、もう一度申し込む", "correct the application and apply again"),
        ),
        Outcome::Held => (
            vec![],
            said("申込状態「対応協議中」の意味を送配電事業者に確認する", "ask the operator what the state means"),
        ),
        Outcome::NotSent => {
            (vec![], said("入力を直して、この行だけもう一度実行する", "correct the row and run it again"))
        }
        Outcome::Refused => (
            vec![],
            said("共同利用の範囲を確認する（送信していません）", "check the shared-use notice (nothing was sent)"),
        ),
        Outcome::CancelledByOperator | Outcome::CancelledAfterSwitch => (vec![], None),
    };
    CaseView {
        line: index as u64 + 2,
        receipt: if index == 22 { "<b onclick=alert(1)>&\"'".to_owned() } else { format!("S26-{:05}", 100 + index) },
        point: if outcome == Outcome::NotSent { String::new() } else { point.clone() },
        family: Some(if index % 11 == 5 { Family::High } else { Family::Low }),
        current_retailer: format!("2222{}", index % 10),
        requested_on: Some(date(start + 14)),
        earliest: sent.then(|| date(start + 9)),
        billing_from: switched.then(|| date(start + 14)),
        outcome,
        cancellation_number: sent.then(|| format!("C{:09}", 4_000 + index)),
        application_number: (sent && outcome != Outcome::Ng && outcome != Outcome::Expired)
            .then(|| format!("W{:09}", 7_000 + index)),
        reasons,
        findings,
        timeline: timeline(outcome, start),
        next,
        cells: cells(index, &point),
    }
}

fn cells(index: usize, point: &str) -> Vec<String> {
    [
        format!("S26-{:05}", 100 + index),
        point.to_owned(),
        format!("2222{}", index % 10),
        format!("{:013}", 880_000 + index),
        "髙橋 花子".to_owned(),
        "タカハシ ハナコ".to_owned(),
        "100-0001".to_owned(),
        "東京都架空区見本町１－２－３".to_owned(),
        "見本荘201".to_owned(),
        "03-0000-1234".to_owned(),
        "2026-06-20".to_owned(),
        "低圧".to_owned(),
        "実量契約".to_owned(),
        "6".to_owned(),
        "kVA".to_owned(),
        "電灯標準接続送電サービス".to_owned(),
        "2026-05-30 10:00".to_owned(),
        "書面".to_owned(),
    ]
    .to_vec()
}

fn timeline(outcome: Outcome, start: i64) -> Vec<Event> {
    let mut events = Vec::new();
    let mut add = |day: i64, hour: i8, kind: &str, ja: &str, en: &str| {
        let (kind, ja, en) = (kind.to_owned(), ja.to_owned(), en.to_owned());
        events.push(Event { at: at(start + day, hour, 5), kind, ja, en });
    };
    add(0, 9, "checked", "入力を確認", "row checked");
    match outcome {
        Outcome::NotSent => return events,
        Outcome::Refused => {
            add(0, 9, "refused", "共同利用の範囲外のため送信せず", "not sent: outside the notice");
            return events;
        }
        _ => {}
    }
    add(0, 10, "facility-answered", "設備情報を照会", "facility inquiry answered");
    add(0, 10, "cancellation-sent", "廃止取次を申込", "cancellation agency requested");
    match outcome {
        Outcome::Ng => {
            add(2, 14, "cancellation-ng", "現小売事業者がNGと判断", "judged NG by the current retailer");
            return events;
        }
        Outcome::Expired => {
            add(10, 0, "cancellation-expired", "判断のないまま期限切れ", "expired without a judgement");
            return events;
        }
        _ => {}
    }
    add(1, 15, "cancellation-ok", "現小売事業者がOKと判断", "judged OK by the current retailer");
    add(2, 9, "start-sent", "スイッチング開始を申込", "switch start applied for");
    match outcome {
        Outcome::Rejected => add(2, 9, "rejected", "申込が却下", "application rejected"),
        Outcome::Unmatched => add(12, 0, "unmatched", "相手の申込がなくマッチング不成立", "no pair by the deadline"),
        Outcome::CancelledInSystem => {
            add(3, 11, "cancelled", "お客さまの申出により取消", "cancelled at the customer's wish")
        }
        Outcome::Held => add(5, 8, "unknown-status", "不明な申込状態「対応協議中」を受信", "unknown state received"),
        Outcome::Pending => {}
        _ => {
            add(4, 6, "matched", "マッチング成立", "matched");
            if outcome == Outcome::CancelledByOperator {
                add(6, 13, "cancelled", "送配電事業者に取消を連絡", "cancelled with the operator");
                return events;
            }
            add(14, 0, "effective", "切替・課金開始", "switched, billing starts");
            match outcome {
                Outcome::CancelledAfterSwitch => {
                    add(17, 10, "cancelled", "切替後の取消の申出", "cancellation after the switch")
                }
                Outcome::CompletedWorkOutstanding => {
                    add(19, 18, "completed", "処理完了（計器取替は未了）", "completed, meter work open")
                }
                _ => add(19, 18, "completed", "処理完了", "completed"),
            }
        }
    }
    events
}
