//! For the aggregator: compute the baselines of a portfolio, and share with each retailer those of its own customers.
//!
//! `cargo run --no-default-features --example share_a_portfolio` — synthetic readings, no file, no socket, no clock.

use occto::baseline::{Case, DayTypes, Event, Mark, Methods, Options, ReadingsBuilder, compute};
use occto::calendar::Calendar;
use occto::items::{BusinessCode, Date, DateTime, Energy, Reference, Slot, SupplyPointId};
use occto::messages::negawatt::{
    BaselineNotice, BaselinePoint, BaselineSlot, ComputationDigest, MethodKey, NegawattMessage, RoundingRule,
};
use occto::notice::{ClearanceDesk, Context, Notice, Party, RetailerRegister, Route};
use occto::wire::negawatt;
use std::error::Error;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let event_day: Date = "2026-08-19".parse()?;
    let points = ["0300110000000000000001", "0300110000000000000002", "0300110000000000000003"]
        .map(SupplyPointId::parse)
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;

    // 1. Readings: a level per day and point, more in the evening; on the day of the event less from 17:00 to 19:00.
    let mut builder = ReadingsBuilder::new();
    let mut day = event_day;
    for back in 0..30i64 {
        for (number, point) in (1i64..).zip(&points) {
            for slot in Slot::all() {
                let evening = (33..=40).contains(&slot.number());
                let called = back == 0 && (35..=38).contains(&slot.number());
                let level = 20_000 * number + (back * 7 + number) % 5 * 1_000;
                let count = level + if evening { 6_000 } else { 0 } - if called { 9_000 } else { 0 };
                builder.add(*point, day, slot, Energy::from_ten_thousandths(count), Mark::FINAL);
            }
        }
        day = day.yesterday()?;
    }
    let readings = builder.finish();

    // 2. Baselines, exact, each with the digest that finds its computation again.
    let (calendar, methods) = (Calendar::published()?, Methods::published()?);
    let method = methods.get("high-4-of-5").ok_or("no such method")?;
    let case = Case::new(DayTypes { calendar: &calendar, extra: &[] });
    let event = Event::parse(event_day, "35-38").map_err(|finding| finding.to_string())?;
    let mut rows = Vec::new();
    for view in readings.iter() {
        for computed in compute(view, &[event], method, &Options::default(), &case) {
            let reduction = computed.total_reduction.ok_or("not computable")?;
            println!("地点 {} 需要制御量 {reduction} kWh", computed.point.grouped());
            let mut slots = Vec::new();
            for slot in &computed.slots {
                // To the nearest 0.0001 kWh, and the message says so; the trace keeps the exact fraction.
                let baseline = slot.baseline.and_then(|exact| exact.rounded(4)).ok_or("not computable")?;
                slots.push(BaselineSlot { slot: slot.slot, energy: Energy::parse(&baseline.to_string())? });
            }
            let digest = Some(ComputationDigest::parse(&computed.digest)?);
            rows.push(BaselinePoint { point: computed.point, digest, slots });
        }
    }

    // 3. Whose customers they are. The third is nobody's as far as is known: no retailer gets it.
    let retailers = [BusinessCode::parse("40113")?, BusinessCode::parse("40123")?];
    let mut register = RetailerRegister::new();
    for (point, retailer) in points.iter().zip(retailers) {
        register.add(*point, retailer, None, None)?;
    }

    // 4. To each its own, cleared as a whole under purpose ⑤.
    let desk = ClearanceDesk::new(Notice::embedded("common-core").ok_or("no such notice")?);
    let now: DateTime = "2026-08-20T09:00:00".parse()?;
    let us = Party::parse("suppression-contractor:80013")?;
    let key = MethodKey::parse(&method.key)?;
    let notice = |points| BaselineNotice {
        date: event_day,
        method: key.clone(),
        rounding: RoundingRule::HalfAway,
        points,
        groups: Vec::new(),
    };
    for retailer in retailers {
        let own = |row: &&BaselinePoint| register.retailer_of(row.point, event_day) == Some(retailer);
        let message = notice(rows.iter().filter(own).cloned().collect());
        let route = Route { sender: us, recipient: Party::retailer(retailer), via: None };
        let context = Context { retailers: Some(&register), ..Context::new(route, now) };
        let cleared = desk.clear(message, &context)?;
        let mut octets = Vec::new();
        negawatt::write(&Reference::parse("EXAMPLE-0001")?, &cleared, &mut octets)?;
        let read = negawatt::read(&octets)?;
        let NegawattMessage::BaselineNotice(read) = read.message else { return Err("another message".into()) };
        println!("提供 {} {}地点 {}バイト", cleared.route().recipient, read.points.len(), octets.len());
        assert_eq!(read.points.len(), 1);
    }

    // 5. The whole portfolio to one retailer is refused, with the clause and the way out.
    let route = Route { sender: us, recipient: Party::retailer(BusinessCode::parse("40113")?), via: None };
    let context = Context { retailers: Some(&register), ..Context::new(route, now) };
    let Err(refusal) = desk.clear(notice(rows), &context) else { return Err("cleared for another retailer".into()) };
    println!("{refusal}");
    assert!(refusal.to_string().contains("ほかの小売電気事業者の需要家"));
    Ok(())
}
