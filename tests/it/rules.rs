//! Every rule: one mutation of something clean, exactly one finding.

use crate::intake::{HEADER, ROW, with};
use jiff::civil::{Date, date};
use occto::calendar::Calendar;
use occto::items::{
    AmountNumber, Area, Building, CancellationNumber, CurrentLimit, CustomerName, DecisionMethod, Family, PowerFactor,
    Reference, ServiceMenu, SupplyPointId, YearMonth,
};
use occto::messages::switching::*;
use occto::messages::{Bytes, Header, Open};
use occto::notice::{Party, Role};
use occto::rules::{
    CharClass, Finding, Preflight, Rule, RuleContext, Settings, Severity, char_class, check_customer_change,
    check_facility, check_message, codes,
};
use occto::wire::intake::Reader;
use std::collections::HashSet;
use std::sync::LazyLock;

static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| Calendar::published().unwrap());
static SETTINGS: LazyLock<Settings> = LazyLock::new(|| Settings::published().unwrap());
const TODAY: Date = date(2026, 11, 24);

fn context() -> RuleContext<'static> {
    RuleContext { today: TODAY, calendar: &CALENDAR, settings: &SETTINGS }
}

fn applications(rows: &[String]) -> Vec<(u64, Application)> {
    let text = format!("{HEADER}\n{}\n", rows.join("\n"));
    let mut reader = Reader::new(text.as_bytes()).unwrap();
    let mut read = Vec::new();
    while let Some(row) = reader.next_row() {
        read.push((row.line, row.application.unwrap()));
    }
    read
}

fn preflight_with(rows: &[String], open: HashSet<u128>) -> Vec<Finding> {
    let mut preflight = Preflight::new(context(), open);
    let mut findings = Vec::new();
    for (line, application) in applications(rows) {
        preflight.check(line, &application, &mut findings);
    }
    findings
}

/// The findings of the clean row with other values in some columns.
fn preflight(changes: &[(&str, &str)]) -> Vec<Finding> {
    let mut cells: Vec<String> = ROW.split(',').map(str::to_owned).collect();
    for (column, value) in changes {
        let at = HEADER.split(',').position(|name| name == *column).unwrap();
        cells[at] = (*value).to_owned();
    }
    preflight_with(&[cells.join(",")], HashSet::new())
}

fn codes_of(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code).collect()
}

fn one(changes: &[(&str, &str)], rule: &Rule, column: &str) -> Finding {
    let mut findings = preflight(changes);
    assert_eq!(codes_of(&findings), [rule.code], "{changes:?} {findings:?}");
    let finding = findings.remove(0);
    assert_eq!(finding.place.column.as_deref(), Some(column));
    assert_eq!(finding.place.line, Some(2));
    finding
}

#[test]
fn a_clean_row_has_no_finding() {
    assert_eq!(preflight(&[]), []);
}

#[test]
fn families_areas_and_voltage_digits() {
    one(&[("供給地点特定番号", "0310111122223333444455")], &codes::VOLTAGE_DIGIT, "供給地点特定番号");
    one(&[("供給地点特定番号", "0370111122223333444455")], &codes::VOLTAGE_DIGIT_UNKNOWN, "供給地点特定番号");
    assert_eq!(codes::VOLTAGE_DIGIT.severity, Severity::Warning);
    let area = one(&[("現小売事業者コード", "40116")], &codes::RETAILER_AREA, "現小売事業者コード");
    assert_eq!(area.severity, Severity::Warning);
    assert!(area.ja.contains("東京") && area.ja.contains("関西"), "{area}");
    let high = [
        ("供給地点特定番号", "0310111122223333444455"),
        ("供給種別", "高圧"),
        ("契約決定方法", "実量契約"),
        ("契約容量", "300"),
        ("契約容量単位", "kW"),
        ("接続送電サービスメニュー", "高圧標準接続送電サービス"),
    ];
    assert_eq!(preflight(&high), []);
    let with_menu = |menu| high.iter().copied().chain([("接続送電サービスメニュー", menu)]).collect::<Vec<_>>();
    one(&with_menu("電灯標準接続送電サービス"), &codes::MENU_FAMILY, "接続送電サービスメニュー");
    one(&with_menu("特別高圧標準接続送電サービス"), &codes::MENU_FAMILY, "接続送電サービスメニュー");
    one(&[("接続送電サービスメニュー", "高圧標準接続送電サービス")], &codes::MENU_FAMILY, "接続送電サービスメニュー");
    assert_eq!(preflight(&with_menu("会社独自メニュー")), []);
}

#[test]
fn amounts_go_with_their_method() {
    let amount = |method, number, unit, menu| {
        vec![("契約決定方法", method), ("契約容量", number), ("契約容量単位", unit), ("接続送電サービスメニュー", menu)]
    };
    let light = "電灯標準接続送電サービス";
    assert_eq!(preflight(&amount("主開閉器契約", "8", "kVA", light)), []);
    one(&amount("主開閉器契約", "8", "A", light), &codes::AMOUNT_UNIT, "契約容量単位");
    one(&amount("アンペアブレーカー契約", "61", "A", light), &codes::AMOUNT_RANGE, "契約容量");
    one(&amount("アンペアブレーカー契約", "0", "A", light), &codes::AMOUNT_RANGE, "契約容量");
    one(&amount("実量契約", "50", "kVA", light), &codes::AMOUNT_RANGE, "契約容量");
    assert_eq!(preflight(&amount("実量契約", "49.999", "kVA", light)), []);
    let power = "動力標準接続送電サービス";
    one(&amount("アンペアブレーカー契約", "40", "A", power), &codes::METHOD_NOT_USED, "契約決定方法");
    one(&amount("アンペアブレーカー契約", "", "", power), &codes::METHOD_NOT_USED, "契約決定方法");
    one(&amount("実量契約", "50", "kW", power), &codes::AMOUNT_RANGE, "契約容量");
    one(&[("契約容量単位", "")], &codes::AMOUNT_INCOMPLETE, "契約容量単位");
    one(&[("契約容量", "")], &codes::AMOUNT_INCOMPLETE, "契約容量");
    assert_eq!(preflight(&[("契約容量", ""), ("契約容量単位", "")]), []);
}

#[test]
fn a_date_too_early_names_the_earliest_and_how_it_was_counted() {
    let chugoku = |day| preflight_rows(day, "0700111122223333444455", "40117");
    let early = chugoku("2026-11-26");
    assert_eq!(codes_of(&early), [codes::TOO_EARLY.code]);
    assert!(early[0].is_error());
    let ja = "最早日は2026-11-27です（2026-11-24から1営業日（2026-11-25）＋2暦日）";
    assert!(early[0].ja.contains(ja), "{}", early[0]);
    assert!(early[0].en.contains("1 business day and 2 calendar days from 2026-11-24"), "{}", early[0]);
    assert!(early[0].way_out_ja.contains("2026-11-27"));
    assert_eq!(chugoku("2026-11-27"), []);
    let tokyo = one(&[("切替希望日", "2026-11-26")], &codes::TOO_EARLY_UNVERIFIED, "切替希望日");
    assert!(!tokyo.is_error() && tokyo.ja.contains("未確認") && tokyo.en.contains("unverified"), "{tokyo}");
    let today = one(&[("切替希望日", "2026-11-24")], &codes::TOO_EARLY_UNVERIFIED, "切替希望日");
    assert_eq!(today.place.line, Some(2));
    one(&[("切替希望日", "2026-11-23")], &codes::IN_THE_PAST, "切替希望日");
    one(&[("切替希望日", "2036-01-01")], &codes::NO_CALENDAR, "切替希望日");
}

fn preflight_rows(day: &str, point: &str, retailer: &str) -> Vec<Finding> {
    preflight(&[("切替希望日", day), ("供給地点特定番号", point), ("現小売事業者コード", retailer)])
}

#[test]
fn a_day_that_is_not_known_is_not_guessed() {
    let context = RuleContext { today: date(2036, 3, 3), ..context() };
    let mut findings = Vec::new();
    let (line, mut application) = applications(&[ROW.to_owned()]).remove(0);
    application.switch_on = date(2036, 4, 1);
    application.consented_at = Some(date(2036, 3, 1).at(0, 0, 0, 0));
    let mut preflight = Preflight::new(context, HashSet::new());
    preflight.check(line, &application, &mut findings);
    assert_eq!(codes_of(&findings), [codes::NO_CALENDAR.code]);
    assert!(preflight.earliest(&application).is_none());
}

#[test]
fn a_period_that_is_not_known_is_not_guessed() {
    let lead = include_str!("../../schemas/lead-times.toml").replace("family = \"low\"", "family = \"fit\"");
    let only_high = lead.split("[[period]]").filter(|period| !period.contains("\"fit\"")).collect::<Vec<_>>();
    let (holidays, operators) =
        (include_str!("../../schemas/holidays.csv"), include_str!("../../schemas/operators.toml"));
    let calendar = Calendar::read(holidays, operators, &only_high.join("[[period]]")).unwrap();
    let (line, application) = applications(&[ROW.to_owned()]).remove(0);
    let mut findings = Vec::new();
    Preflight::new(RuleContext { calendar: &calendar, ..context() }, HashSet::new()).check(
        line,
        &application,
        &mut findings,
    );
    assert_eq!(codes_of(&findings), [codes::NO_LEAD_TIME.code]);
    assert!(!findings[0].is_error());
}

#[test]
fn consent_is_there_recent_and_not_from_the_future() {
    one(&[("同意日時", "")], &codes::NO_CONSENT, "同意日時");
    one(&[("同意方法", "")], &codes::NO_CONSENT_METHOD, "同意方法");
    one(&[("同意日時", "2026-11-25")], &codes::FUTURE_CONSENT, "同意日時");
    assert_eq!(preflight(&[("同意日時", "2026-11-24 23:59")]), []);
    let old = one(&[("同意日時", "2026-08-25 23:59")], &codes::OLD_CONSENT, "同意日時");
    assert!(old.ja.contains("90日") && old.ja.contains("設定値"), "{old}");
    assert_eq!(preflight(&[("同意日時", "2026-08-26")]), []);
}

#[test]
fn duplicates_in_the_file_and_against_open_cases() {
    let other = with("受付番号", "R-002").replace("0300111122223333444455", "0300111122223333444466");
    assert_eq!(preflight_with(&[ROW.to_owned(), other.clone()], HashSet::new()), []);
    let point = preflight_with(&[ROW.to_owned(), with("受付番号", "R-002")], HashSet::new());
    assert_eq!(codes_of(&point), [codes::DUPLICATE_POINT.code]);
    assert_eq!(point[0].place.line, Some(3));
    assert!(point[0].ja.contains("2行目"));
    let receipt = preflight_with(&[ROW.to_owned(), other.replace("R-002", "R-001")], HashSet::new());
    assert_eq!(codes_of(&receipt), [codes::DUPLICATE_RECEIPT.code]);
    let open = |point: &str| HashSet::from([SupplyPointId::parse(point).unwrap().packed()]);
    let found = preflight_with(&[ROW.to_owned()], open("0300111122223333444455"));
    assert_eq!(codes_of(&found), [codes::OPEN_CASE.code]);
    assert_eq!(preflight_with(&[ROW.to_owned()], open("0300111122223333444456")), []);
}

#[test]
fn contract_numbers_have_the_form_of_their_retailer() {
    let number = |code, number| preflight(&[("現小売事業者コード", code), ("現契約番号", number)]);
    assert_eq!(number("40013", "1234567890123"), []);
    assert_eq!(number("40013", "12-3456-7890-123"), []);
    assert_eq!(codes_of(&number("40013", "123456789012")), [codes::CONTRACT_NUMBER_PATTERN.code]);
    assert_eq!(codes_of(&number("40023", "1234567890123")), [codes::CONTRACT_NUMBER_PATTERN.code]);
    assert_eq!(number("40023", "AB-12345678"), []);
    assert_eq!(number("40113", "whatever"), []);
    one(&[("現契約番号", "1.23457E+12")], &codes::SPREADSHEET_NUMBER, "現契約番号");
    assert_eq!(number("40113", "1E5"), []);
}

#[test]
fn characters_outside_cp932_stop_and_platform_dependent_ones_warn() {
    for text in ["見本太郎😀", "見本é太郎", "見本¥太郎"] {
        let finding = one(&[("契約名義", text)], &codes::NOT_IN_CP932, "契約名義");
        assert!(finding.is_error() && finding.ja.contains("U+"), "{finding}");
    }
    let rare = codes_of(&preflight(&[("契約名義", "𠮷田太郎")]));
    assert_eq!(rare, [codes::NOT_IN_CP932.code, codes::RISK_VARIANT.code]);
    let circled = one(&[("建物名", "見本ビル①")], &codes::PLATFORM_DEPENDENT, "建物名");
    assert!(circled.ja.contains("「①」(U+2460)") && !circled.is_error(), "{circled}");
    one(&[("契約名義", "見本太郎Ⅳ")], &codes::PLATFORM_DEPENDENT, "契約名義");
    one(&[("現契約番号", "№12345")], &codes::PLATFORM_DEPENDENT, "現契約番号");
    let sign = codes_of(&preflight(&[("契約名義", "㈱見本商店")]));
    assert_eq!(sign, [codes::PLATFORM_DEPENDENT.code, codes::RISK_LEGAL_FORM.code]);
}

/// The preflight and the encoder agree on every character of the basic plane.
#[test]
fn what_the_preflight_lets_through_can_be_written() {
    let absent = |c| char_class(c) == CharClass::Absent;
    let unwritten = |c: char| occto::wire::Charset::Cp932.first_unmappable(&c.to_string()).is_some();
    let differ: Vec<char> = ('\u{80}'..='\u{FFFF}').filter(|c| absent(*c) != unwritten(*c)).collect();
    assert!(differ.is_empty(), "{differ:?}");
}

#[test]
fn texts_that_may_not_match_literally_show_both_readings() {
    let cases: [(&str, &str, &Rule, &str); 14] = [
        ("契約名義", "見本カ゛ーデン", &codes::RISK_COMPOSITION, "見本ガーデン"),
        ("契約名義", "見本サ-ビス", &codes::RISK_LONG_VOWEL, "見本サービス"),
        ("契約名義", "ミホンタロウ", &codes::RISK_KANA, ""),
        ("契約名義", "(有)見本商店", &codes::RISK_LEGAL_FORM, "有限会社見本商店"),
        ("契約名義", "髙橋太郎", &codes::RISK_VARIANT, "高橋太郎"),
        ("契約名義", "渡邉太郎", &codes::RISK_VARIANT, "「渡"),
        ("契約名義", "見本 太郎 ", &codes::RISK_BLANK, "見本太郎"),
        ("住所", "見本市東町1ー2ー3", &codes::RISK_NUMBER_FORM, "1-2-3"),
        ("住所", "見本ヶ丘市霞ヶ関1-2-3", &codes::RISK_PLACE_NAME, ""),
        ("住所", "見本市東町１-2-3", &codes::RISK_WIDTH, ""),
        ("住所", "見本市東町", &codes::NO_HOUSE_NUMBER, ""),
        ("契約名義カナ", "見本タロウ", &codes::NOT_KANA, ""),
        ("建物名", "見本ﾋﾞﾙ", &codes::RISK_WIDTH, "見本ビル"),
        ("建物名", "", &codes::NO_BUILDING, ""),
    ];
    for (column, text, rule, reading) in cases {
        let changes = if text.is_empty() {
            vec![(column, text), ("住所", "見本市東町1-2-3-405")]
        } else {
            vec![(column, text)]
        };
        let finding = one(&changes, rule, column);
        assert_eq!(finding.severity, Severity::Warning);
        assert!(finding.ja.contains(text) || rule.code > "OC0509", "{finding}");
        assert!(finding.ja.contains(reading), "{finding}");
    }
    assert_eq!(preflight(&[("住所", "見本市東町1-2-3-405")]), [], "with a building");
}

fn facility() -> FacilityAnswer {
    FacilityAnswer {
        point: SupplyPointId::parse("0300111122223333444455").unwrap(),
        area: Some(Area::Tokyo),
        isolated_island: None,
        amount: None,
        amount_unit: None,
        current_limit: None,
        service_menu: Some(ServiceMenu::parse("電灯標準接続送電サービス").unwrap()),
        power_factor: Some(PowerFactor::parse("100").unwrap()),
        supply_method: None,
        decision_method: Some(DecisionMethod::AmpereBreaker),
        meter_number: None,
        half_hourly: Some(true),
        automatic_reading: Some(true),
        lead_in_pole: None,
        interconnection: None,
        changed_on: None,
        next_reading: None,
        status: None,
        decommissioning: None,
    }
}

fn against(change: impl FnOnce(&mut FacilityAnswer, &mut Application)) -> Vec<Finding> {
    let (mut answer, mut application) = (facility(), applications(&[ROW.to_owned()]).remove(0).1);
    change(&mut answer, &mut application);
    let mut findings = Vec::new();
    check_facility(&application, &answer, &context(), &mut findings);
    findings
}

#[test]
fn the_operators_answer_tells_what_the_row_cannot() {
    assert_eq!(against(|_, _| ()), []);
    let back = against(|answer, _| answer.decision_method = Some(DecisionMethod::ActualDemand));
    assert_eq!(codes_of(&back), [codes::METHOD_TRANSITION_UNVERIFIED.code]);
    assert!(back[0].ja.contains("選べる方法: 実量契約"), "{}", back[0]);
    let kyushu = against(|answer, application| {
        answer.decision_method = Some(DecisionMethod::ActualDemand);
        answer.area = Some(Area::Kyushu);
        application.point = SupplyPointId::parse("0900111122223333444455").unwrap();
        answer.point = application.point;
    });
    assert_eq!(codes_of(&kyushu), [codes::METHOD_TRANSITION.code]);
    let factor = against(|answer, _| answer.power_factor = PowerFactor::parse("84").ok());
    assert_eq!(codes_of(&factor), [codes::POWER_FACTOR.code]);
    let area = against(|answer, _| answer.area = Some(Area::Kansai));
    assert_eq!(codes_of(&area), [codes::ANSWER_AREA.code]);
    let work = against(|answer, _| answer.automatic_reading = Some(false));
    assert_eq!(codes_of(&work), [codes::METER_WORK.code]);
    assert!(work[0].ja.contains("2026-12-06"), "{}", work[0]);
    let early = against(|answer, application| {
        answer.half_hourly = Some(false);
        application.switch_on = date(2026, 12, 5);
    });
    assert_eq!(codes_of(&early), [codes::METER_WORK.code, codes::TOO_EARLY_UNVERIFIED.code]);
    assert_eq!(against(|answer, _| answer.automatic_reading = None), []);
}

fn header(family: Family, recipient: Party) -> Header {
    Header {
        family,
        sender: Party::of(Role::Retailer),
        recipient,
        reference: Reference::parse("REF-1").unwrap(),
        created: TODAY.at(9, 0, 0, 0),
    }
}

fn message_in(message: impl Into<SwitchingMessage>, family: Family) -> Vec<&'static str> {
    let mut findings = Vec::new();
    check_message(&message.into(), &header(family, Party::OCCTO), &context(), &mut findings);
    codes_of(&findings)
}

fn low(message: impl Into<SwitchingMessage>) -> Vec<&'static str> {
    message_in(message, Family::Low)
}

fn point() -> SupplyPointId {
    SupplyPointId::parse("0300111122223333444455").unwrap()
}

fn start() -> SwitchStart {
    let application = applications(&[ROW.to_owned()]).remove(0).1;
    SwitchStart {
        point: application.point,
        name: application.name,
        kana: application.kana,
        postal_code: application.postal_code,
        address: application.address,
        building: application.building,
        telephone: application.telephone,
        contract_number: None,
        switch_on: application.switch_on,
        decision_method: application.decision_method,
        amount: application.amount,
        amount_unit: application.amount_unit,
        service_menu: application.service_menu,
        over_one_year: true,
        cancellation: None,
    }
}

fn reconnection(start_on: Date) -> Reconnection {
    let start = start();
    Reconnection {
        point: start.point,
        name: start.name,
        kana: start.kana,
        postal_code: start.postal_code,
        address: start.address,
        building: start.building,
        telephone: start.telephone,
        start_on,
        decision_method: start.decision_method,
        amount: start.amount,
        amount_unit: start.amount_unit,
        service_menu: start.service_menu,
    }
}

#[test]
fn messages_that_begin_a_supply() {
    assert_eq!(low(start()), [""; 0]);
    assert_eq!(low(SwitchStart { switch_on: date(2026, 11, 20), ..start() }), [codes::IN_THE_PAST.code]);
    let amount = AmountNumber::parse("61").ok();
    assert_eq!(low(SwitchStart { amount, ..start() }), [codes::AMOUNT_RANGE.code]);
    assert_eq!(low(reconnection(date(2026, 10, 24))), [""; 0]);
    assert_eq!(low(reconnection(date(2026, 10, 23))), [codes::RECONNECTION_TOO_OLD.code]);
    let name = CustomerName::parse("ミホン").unwrap();
    let request = |name: CustomerName, requested_on| CancellationRequest {
        point: point(),
        contract_number: occto::items::RetailContractNumber::parse("123").unwrap(),
        name,
        kana: None,
        address: start().address,
        building: start().building,
        requested_on,
    };
    assert_eq!(low(request(start().name, TODAY)), [""; 0]);
    assert_eq!(low(request(name, TODAY)), [codes::RISK_KANA.code]);
    assert_eq!(low(request(start().name, date(2026, 11, 23))), [codes::IN_THE_PAST.code]);
}

#[test]
fn messages_that_end_a_supply() {
    let end = |end_on| Termination {
        point: point(),
        name: None,
        telephone: None,
        end_on,
        removal: false,
        decommissioning: None,
    };
    assert_eq!(low(end(TODAY)), [""; 0]);
    assert_eq!(low(end(date(2026, 11, 23))), [codes::RETROACTIVE_TERMINATION.code]);
    assert_eq!(message_in(end(TODAY), Family::Fit), [codes::SAME_DAY_TERMINATION.code]);
    assert_eq!(message_in(end(date(2026, 11, 25)), Family::Fit), [""; 0]);
    let stop = |switch_on| SwitchStop { point: point(), switch_on, cancellation: None };
    assert_eq!(low(stop(TODAY)), [""; 0]);
    assert_eq!(low(stop(date(2026, 11, 23))), [codes::IN_THE_PAST.code]);
}

#[test]
fn messages_that_change_a_contract() {
    let ampere =
        |ampere, change_on| AmpereChange { point: point(), limit: CurrentLimit::parse(ampere).unwrap(), change_on };
    assert_eq!(low(ampere("40", TODAY)), [""; 0]);
    assert_eq!(low(ampere("45", TODAY)), [codes::AMPERE_SIZE.code]);
    assert_eq!(low(ampere("40", date(2026, 11, 1))), [codes::IN_THE_PAST.code]);
    assert_eq!(message_in(ampere("40", TODAY), Family::Fit), [codes::WRONG_FAMILY.code]);

    let change = |holder_changes, name: Option<&str>| CustomerChange {
        point: point(),
        holder_changes,
        name: name.map(|name| CustomerName::parse(name).unwrap()),
        kana: None,
        postal_code: None,
        address: None,
        building: None,
        telephone: None,
        contract_number: None,
        change_on: TODAY,
    };
    assert_eq!(low(change(false, None)), [codes::NOTHING_TO_CHANGE.code]);
    assert_eq!(low(change(true, None)), [codes::HOLDER_WITHOUT_NAME.code]);
    assert_eq!(low(change(true, Some("見本花子"))), [""; 0]);
    let held = |held: &str, name| {
        let mut findings = Vec::new();
        let held = CustomerName::parse(held).unwrap();
        check_customer_change(&change(true, Some(name)), Some(&held), Family::Low, &mut findings);
        codes_of(&findings)
    };
    assert_eq!(held("渡邉太郎", "渡辺太郎"), [codes::SPELLING_AS_HOLDER.code]);
    assert_eq!(held("見本太郎", "見本花子"), [""; 0]);

    let correction = |requested_on, building: Option<&str>| Correction {
        number: occto::items::ApplicationNumber::parse("A1").unwrap(),
        point: point(),
        requested_on,
        name: None,
        kana: None,
        address: None,
        building: building.map(|building| Building::parse(building).unwrap()),
        telephone: None,
    };
    assert_eq!(low(correction(None, None)), [codes::NOTHING_TO_CHANGE.code]);
    assert_eq!(low(correction(None, Some("見本ビル"))), [""; 0]);
    assert_eq!(low(correction(Some(date(2026, 11, 1)), None)), [codes::IN_THE_PAST.code]);

    let withdrawal = |number: bool, cancellation: bool| Withdrawal {
        number: number.then(|| occto::items::ApplicationNumber::parse("A1").unwrap()),
        cancellation: cancellation.then(|| CancellationNumber::parse("C1").unwrap()),
        point: point(),
        reason: WithdrawalReason::Customer,
    };
    assert_eq!(low(withdrawal(true, false)), [""; 0]);
    assert_eq!(low(withdrawal(false, true)), [""; 0]);
    assert_eq!(low(withdrawal(true, true)), [codes::ONE_NUMBER.code]);
    assert_eq!(low(withdrawal(false, false)), [codes::ONE_NUMBER.code]);
}

#[test]
fn inquiries_and_judgements() {
    let usage = |from, to| UsageInquiry {
        point: point(),
        password: occto::items::UsagePassword::parse("x").unwrap(),
        from: YearMonth::parse(from).unwrap(),
        to: YearMonth::parse(to).unwrap(),
        resolution: Resolution::Both,
    };
    assert_eq!(low(usage("2025-11", "2026-11")), [""; 0]);
    assert_eq!(low(usage("2025-10", "2026-11")), [codes::USAGE_TOO_LONG.code]);
    assert_eq!(low(usage("2026-11", "2026-10")), [codes::PERIOD_REVERSED.code]);
    assert_eq!(low(usage("2026-10", "2026-12")), [codes::USAGE_IN_FUTURE.code]);
    assert_eq!(message_in(usage("2026-10", "2026-11"), Family::Fit), [codes::WRONG_FAMILY.code]);

    let password = |documents: &[(&[u8], MediaType)]| UsagePasswordApplication {
        point: point(),
        name: start().name,
        kana: None,
        postal_code: None,
        address: start().address,
        building: None,
        validity: PasswordValidity::Week,
        consented_at: TODAY.at(9, 0, 0, 0),
        consent_method: ConsentMethod::Written,
        documents: documents
            .iter()
            .map(|(octets, media)| IdentityDocument {
                kind: DocumentType::DriversLicence,
                media: *media,
                content: Bytes::new(octets.to_vec()).unwrap(),
            })
            .collect(),
    };
    assert_eq!(low(password(&[(b"%PDF-1.7", MediaType::Pdf), (b"\xFF\xD8\xFF\xE0", MediaType::Jpeg)])), [""; 0]);
    assert_eq!(low(password(&[])), [codes::NO_DOCUMENTS.code]);
    assert_eq!(low(password(&[(b"%PDF-1.7", MediaType::Png)])), [codes::DOCUMENT_FORMAT.code]);
    let later = UsagePasswordApplication {
        consented_at: date(2026, 11, 25).at(9, 0, 0, 0),
        ..password(&[(b"%PDF-", MediaType::Pdf)])
    };
    assert_eq!(low(later), [codes::FUTURE_CONSENT.code]);

    let judgement = |judgement, reasons: usize| CancellationJudgement {
        number: CancellationNumber::parse("C1").unwrap(),
        point: point(),
        judgement,
        reasons: vec![NgReason { code: Open::Known(NgReasonCode::Other), remark: None }; reasons],
    };
    assert_eq!(low(judgement(Judgement::Ok, 0)), [""; 0]);
    assert_eq!(low(judgement(Judgement::Ng, 1)), [""; 0]);
    assert_eq!(low(judgement(Judgement::Ng, 0)), [codes::NG_WITHOUT_REASON.code]);
    assert_eq!(low(judgement(Judgement::Ok, 1)), [codes::OK_WITH_REASON.code]);

    let reference = Reference::parse("REF").ok();
    let status = |number, reference| StatusInquiry { number, reference };
    assert_eq!(low(status(None, reference.clone())), [""; 0]);
    assert_eq!(low(status(None, None)), [codes::ONE_NUMBER.code]);
    let result = |number, reference| CancellationResultInquiry { number, reference };
    assert_eq!(low(result(CancellationNumber::parse("C1").ok(), None)), [""; 0]);
    assert_eq!(low(result(CancellationNumber::parse("C1").ok(), reference)), [codes::ONE_NUMBER.code]);
    let list = |from, to, point| ListInquiry { reference: None, point, from, to };
    assert_eq!(low(list(None, None, Some(point()))), [""; 0]);
    assert_eq!(low(list(None, None, None)), [codes::NO_CRITERION.code]);
    assert_eq!(low(list(Some(TODAY), Some(date(2026, 11, 1)), None)), [codes::PERIOD_REVERSED.code]);
    let cancellations = |from, to| CancellationInquiry { from, to };
    assert_eq!(low(cancellations(None, None)), [""; 0]);
    assert_eq!(low(cancellations(Some(TODAY), Some(date(2026, 11, 1)))), [codes::PERIOD_REVERSED.code]);
}

#[test]
fn a_message_goes_to_the_operator_of_its_area() {
    let sent = |area| {
        let mut findings = Vec::new();
        let message = SwitchingMessage::from(FacilityInquiry { point: point() });
        check_message(&message, &header(Family::Low, Party::operator(area)), &context(), &mut findings);
        codes_of(&findings)
    };
    assert_eq!(sent(Area::Tokyo), [""; 0]);
    assert_eq!(sent(Area::Kansai), [codes::OPERATOR_AREA.code]);
    assert_eq!(message_in(FacilityInquiry { point: point() }, Family::High), [codes::VOLTAGE_DIGIT.code]);
    assert_eq!(message_in(facility(), Family::Low), [""; 0]);
}

#[test]
fn findings_are_read_as_json() {
    let finding = one(&[("契約容量単位", "")], &codes::AMOUNT_INCOMPLETE, "契約容量単位").in_file("a.csv");
    let json = finding.to_json();
    assert_eq!(json["code"], codes::AMOUNT_INCOMPLETE.code);
    assert_eq!(json["file"], "a.csv");
    assert_eq!(json["line"], 2);
    assert_eq!(json["severity"], "error");
    assert_eq!(json["item"], "contract-amount");
}

#[test]
fn a_rule_is_found_by_its_code() {
    assert_eq!(Rule::of("OC0421"), Some(&codes::DUPLICATE_POINT));
    assert_eq!(Rule::of("OC9999"), None);
}

/// Every rule of files, cells, switching, texts and consent (the written forms have their own) stands in a test, by its name or its code.
#[test]
fn every_rule_has_a_test() {
    let table = include_str!("../../src/rules/codes.rs");
    let tests = [include_str!("rules.rs"), include_str!("intake.rs"), include_str!("check.rs")].concat();
    let names = table
        .lines()
        .filter_map(|line| line.trim().split_once(" = \"OC0"))
        .filter(|(_, code)| *code < "7" && !code.starts_with('3'));
    let untested: Vec<_> = names
        .filter(|(name, code)| {
            !tests.contains(&format!("codes::{name}")) && !tests.contains(&format!("OC0{}", &code[..3]))
        })
        .map(|(name, _)| name)
        .collect();
    assert!(untested.is_empty(), "{untested:?}");
}
