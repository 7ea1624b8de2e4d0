//! 事前検査: every rule an application can be held against before anything is sent.

use super::dates::{Counted, check_switch_date, earliest};
use super::seen::Seen;
use super::supply::{Terms, check_retailer_area, check_terms, check_voltage};
use super::texts::{TextFields, Texts, check_texts_of};
use super::{Finding, RuleContext, codes};
use crate::calendar::{Earliest, Work};
use crate::items::{Area, BusinessCode, Date, Family, Reference, RetailContractNumber};
use crate::messages::switching::Application;
use crate::messages::{Field, Record};
use std::collections::HashSet;

/// 事前検査: the rules over the rows of one file, in order. Remembers what it saw, to find duplicates.
#[derive(Debug)]
pub struct Preflight<'a> {
    context: RuleContext<'a>,
    open_cases: HashSet<u128>,
    oldest_consent: Option<Date>,
    text_fields: Option<TextFields>,
    switch_date: Option<&'static Field>,
    points: Seen<u128>,
    receipts: Seen<Reference>,
    /// The earliest dates by area and family, counted once a run; a handful, so they are looked through.
    counted: Vec<(Area, Family, Counted<'a>)>,
}

impl<'a> Preflight<'a> {
    /// A preflight of one file. `open_cases` are the points of cases that have not ended (`SupplyPointId::packed`).
    #[must_use]
    pub fn new(context: RuleContext<'a>, open_cases: HashSet<u128>) -> Preflight<'a> {
        let oldest = i64::from(context.settings.consent_days());
        Preflight {
            context,
            open_cases,
            oldest_consent: context.today.checked_sub(jiff::SignedDuration::from_hours(24 * oldest)).ok(),
            text_fields: TextFields::of(Application::FIELDS),
            switch_date: Application::FIELDS.iter().find(|field| field.key == "switch-date"),
            points: Seen::new(),
            receipts: Seen::new(),
            counted: Vec::new(),
        }
    }

    /// 最早切替日 of an application, without meter work, if it is matched today.
    pub fn earliest(&mut self, application: &Application) -> Option<&Earliest<'a>> {
        let place = self.place(application);
        self.counted.get(place).and_then(|(.., counted)| counted.as_ref().ok())
    }

    /// Where the earliest date for an application stands; counts it if it is the first of its area and family.
    fn place(&mut self, application: &Application) -> usize {
        let key = (application.point.area(), application.family);
        let known = self.counted.iter().position(|(area, family, _)| (*area, *family) == key);
        known.unwrap_or_else(|| {
            self.counted.push((key.0, key.1, earliest(&self.context, key.0, key.1, Work::None)));
            self.counted.len() - 1
        })
    }

    /// Holds one row against every rule; the findings carry its line.
    pub fn check(&mut self, line: u64, application: &Application, out: &mut Vec<Finding>) {
        let before = out.len();
        let fields = Application::FIELDS;
        check_voltage(&application.point, application.family, fields, out);
        check_retailer_area(&application.point, application.current_retailer, fields, out);
        let terms = Terms {
            family: application.family,
            method: application.decision_method,
            amount: application.amount,
            unit: application.amount_unit,
            menu: application.service_menu.as_ref(),
        };
        check_terms(terms, fields, out);
        self.check_date(application, out);
        self.check_consent(application, out);
        let (retailer, number) = (application.current_retailer, &application.contract_number);
        check_contract_number(retailer, number, &self.context, fields, out);
        let texts = Texts {
            name: Some(&application.name),
            kana: application.kana.as_ref(),
            address: Some(&application.address),
            building: application.building.as_ref(),
        };
        if let Some(fields) = self.text_fields {
            check_texts_of(texts, fields, out);
        }
        self.check_seen(line, application, out);
        for finding in out.iter_mut().skip(before) {
            finding.place.line = Some(line);
        }
    }

    fn check_date(&mut self, application: &Application, out: &mut Vec<Finding>) {
        let place = self.place(application);
        if let (Some(field), Some((.., counted))) = (self.switch_date, self.counted.get(place)) {
            check_switch_date(application.switch_on, counted, &self.context, field, out);
        }
    }

    fn check_consent(&self, application: &Application, out: &mut Vec<Finding>) {
        let fields = Application::FIELDS;
        let Some(at) = application.consented_at else {
            out.push(codes::NO_CONSENT.plain().on_key(fields, "consented-at"));
            return;
        };
        let (date, today) = (at.date(), self.context.today);
        if date > today {
            let ja = format!("同意日時（{date}）が今日（{today}）より後です");
            let en = format!("the consent of {date} is after today, {today}");
            out.push(codes::FUTURE_CONSENT.finding(ja, en).on_key(fields, "consented-at"));
        } else if self.oldest_consent.is_some_and(|oldest| date < oldest) {
            let days = self.context.settings.consent_days();
            let ja = format!(
                "同意日時（{date}）から{days}日を過ぎています（有効期間{days}日は設定値で、公表された値ではありません）"
            );
            let en = format!("the consent of {date} is older than {days} days (our setting, not a published period)");
            out.push(codes::OLD_CONSENT.finding(ja, en).on_key(fields, "consented-at"));
        }
        if application.consent_method.is_none() {
            out.push(codes::NO_CONSENT_METHOD.plain().on_key(fields, "consent-method"));
        }
    }

    fn check_seen(&mut self, line: u64, application: &Application, out: &mut Vec<Finding>) {
        let fields = Application::FIELDS;
        let point = application.point.packed();
        if let Some(first) = self.points.before(point, line) {
            let ja = format!("同じ供給地点の申込が{first}行目にあります");
            let finding = codes::DUPLICATE_POINT.finding(ja, format!("the point already stands in line {first}"));
            out.push(finding.on_key(fields, "supply-point-id"));
        }
        if let Some(first) = self.receipts.before(application.receipt.clone(), line) {
            let ja = format!("同じ受付番号が{first}行目にあります");
            let finding = codes::DUPLICATE_RECEIPT.finding(ja, format!("the number already stands in line {first}"));
            out.push(finding.on_key(fields, "receipt-number"));
        }
        if !self.open_cases.is_empty() && self.open_cases.contains(&point) {
            out.push(codes::OPEN_CASE.plain().on_key(fields, "supply-point-id"));
        }
    }
}

/// The contract number: not turned into a number by a spreadsheet, in CP932, and of the retailer's form.
pub(super) fn check_contract_number(
    retailer: BusinessCode,
    number: &RetailContractNumber,
    context: &RuleContext<'_>,
    fields: &'static [Field],
    out: &mut Vec<Finding>,
) {
    const KEY: &str = "retail-contract-number";
    let text = number.as_str();
    if is_scientific(text) {
        let ja = format!("契約番号「{text}」は表計算ソフトの数値形式です。桁が失われています");
        let en = format!("`{text}` is a number of a spreadsheet, digits are lost");
        out.push(codes::SPREADSHEET_NUMBER.finding(ja, en).on_key(fields, KEY));
        return;
    }
    if let Some(field) = fields.iter().find(|field| field.key == KEY && !text.is_ascii()) {
        super::charset::check_charset(text, field, out);
    }
    if let Some(patterns) = context.settings.patterns().misfit(retailer, number) {
        let patterns = patterns.join("、");
        let ja =
            format!("契約番号「{text}」は小売事業者{retailer}の形（{patterns}、9は数字、Aは英大文字）ではありません");
        let en = format!("`{text}` is not of the form of retailer {retailer}: {patterns} (9 a digit, A a capital)");
        out.push(codes::CONTRACT_NUMBER_PATTERN.finding(ja, en).on_key(fields, KEY));
    }
}

/// `3.00112E+20`
pub(super) fn is_scientific(text: &str) -> bool {
    let Some((number, exponent)) = text.split_once(['E', 'e']) else { return false };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    digits(whole) && digits(decimals) && exponent.strip_prefix('+').is_some_and(digits)
}
