//! For the programmer who embeds the crate: build a message, have it cleared, see a refusal, write it.
//!
//! `cargo run --no-default-features --example clear_a_message` — the pure core is enough: no socket, no file, no clock.

use occto::items::{
    Address, AmountNumber, AmountUnit, Area, BusinessCode, Code as _, CustomerName, DateTime, DecisionMethod, Family,
    Reference, SupplyPointId,
};
use occto::messages::{Header, switching::SwitchStart};
use occto::notice::{ClearanceDesk, Context, Notice, Outcome, Party, Route};
use occto::wire::Binding;
use std::error::Error;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    // 1. Items. Each is checked once, when it is made; full-width digits and pasted separators are understood.
    let point = SupplyPointId::parse("０３-0011-0000-0000-0000-0001")?;
    println!("地点 {} — {}", point.grouped(), point.area().operator());
    // What is wrong is said with the character and its position.
    if let Err(wrong) = SupplyPointId::parse("03O0110000000000000001") {
        println!("誤り {}", wrong.ja());
    }

    // 2. A message: an application to switch, スイッチング開始申込.
    let message = SwitchStart {
        point,
        name: CustomerName::parse("見本　花子")?,
        kana: None,
        postal_code: None,
        address: Address::parse("東京都千代田区見本町一丁目２－３")?,
        building: None,
        telephone: None,
        contract_number: None,
        switch_on: "2026-04-28".parse()?,
        decision_method: DecisionMethod::AmpereBreaker,
        amount: Some(AmountNumber::parse("40")?),
        amount_unit: Some(AmountUnit::Ampere),
        service_menu: None,
        over_one_year: true,
        cancellation: None,
    };

    // 3. Clearance. The desk works by one published notice and decides item by item. `now` is an argument: the core
    //    never reads the clock.
    let notice = Notice::embedded("common-core").ok_or("no such notice")?;
    let desk = ClearanceDesk::new(notice);
    let now: DateTime = "2026-04-01T09:00:00".parse()?;
    let us = Party::retailer(BusinessCode::parse("40113")?);

    // To the operator of another area it may not go. The refusal gives the message back, and for every item the
    // clause that refuses it and the smallest change that would pass.
    let wrong_area = Route::through_occto(us, Party::operator(Area::Chubu));
    let Err(refusal) = desk.clear(message, &Context::new(wrong_area, now)) else {
        return Err("cleared for the wrong area".into());
    };
    if let Some((item, Outcome::Refused { clause, change })) = refusal.decision().iter().next() {
        println!("拒否 {}: {} [{clause}] → {}", notice.label(item), clause.ja(), change.ja());
    }

    // To the operator of the point's area it may.
    let operator = Party::operator(point.area());
    let context = Context::new(Route::through_occto(us, operator), now);
    let cleared = desk.clear(refusal.into_message(), &context)?;
    println!("提供可 {}項目、利用目的「{}」", cleared.items().len(), cleared.purpose().ja());

    // 4. The written form. `encode` takes `&Cleared<_>` and nothing else, and refuses a header that names other parties
    //    than the message was cleared for.
    let reference = Reference::parse("EXAMPLE-0001")?;
    let header = Header { family: Family::Low, sender: us, recipient: operator, reference, created: now };
    let mut octets = Vec::new();
    Binding::reference().encode(&header, &cleared, &mut octets)?;
    println!("{}", std::str::from_utf8(&octets)?);
    Ok(())
}
