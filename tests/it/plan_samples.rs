//! Plans for the tests: the golden files, and plans of any size.

use occto::items::DateTime;
use occto::messages::planning::{
    Counterparty, DemandProcurementPlan, Member, Plan, PlanBody, PlanCode, PlanEnvelope, PlanHead, PlanName,
    PlanSeries, Trade,
};
use occto::notice::{ClearanceDesk, Cleared, Context, Notice, Party, Route};
use occto::rules::plans::PlanSettings;
use occto::wire::cii::plan::write_plan;

pub fn golden(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/golden/planning/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

pub fn settings() -> PlanSettings {
    PlanSettings::published().unwrap()
}

pub fn at(text: &str) -> DateTime {
    text.parse().unwrap()
}

/// Clears a plan on its way to OCCTO.
pub fn cleared(plan: Plan) -> Cleared<Plan> {
    let sender = Party::retailer(plan.envelope.sender);
    let route = Route { sender, recipient: Party::OCCTO, via: None };
    let desk = ClearanceDesk::new(Notice::embedded("common-core").unwrap());
    desk.clear(plan, &Context::new(route, at("2026-04-01T09:30:15"))).unwrap()
}

pub fn written(plan: Plan) -> Vec<u8> {
    let mut octets = Vec::new();
    write_plan(&cleared(plan), &mut octets);
    octets
}

/// A sound 需要調達計画 of so many members, each buying from so many counterparties.
pub fn plan_of(members: usize, counterparties: usize) -> Plan {
    let code = |n: usize| PlanCode::parse(&format!("G{:03}6", n + 1)).unwrap();
    let mut body = DemandProcurementPlan::default();
    let mut total = [0u32; 48];
    let mut by_counterparty = vec![[0u32; 48]; counterparties];
    for member in 0..members {
        let mut sum = [0u32; 48];
        let mut trade = Trade::default();
        for (index, whole) in by_counterparty.iter_mut().enumerate() {
            let mut kwh = [0; 48];
            for (slot, place) in kwh.iter_mut().enumerate() {
                *place = ((member * 31 + index * 17 + slot * 7) % 1500) as u32;
                sum[slot] += *place;
                whole[slot] += *place;
            }
            trade.counterparties.push(Counterparty {
                code: Some(code(index)),
                name: Some(PlanName::parse("試験発電BG").unwrap()),
                cost_flag: occto::messages::planning::PlanDigit::new(0),
                area_flag: occto::messages::planning::PlanDigit::new(0),
                procurement: Some(PlanSeries::of_kwh(kwh)),
                companion: Some(PlanSeries::of_kwh([0; 48])),
                ..Counterparty::default()
            });
        }
        trade.procurement = Some(PlanSeries::of_kwh(sum));
        trade.companion = Some(PlanSeries::of_kwh([0; 48]));
        total.iter_mut().zip(sum).for_each(|(total, sum)| *total += sum);
        body.members.push(Member {
            code: occto::items::BusinessCode::parse(&format!("4{member:03}6")).ok(),
            name: Some(PlanName::parse("試験小売").unwrap()),
            demand: Some(PlanSeries::of_kwh(sum)),
            supply: Some(PlanSeries::of_kwh(sum)),
            procurement: Some(trade),
            ..Member::default()
        });
    }
    let mut trade = Trade {
        procurement: Some(PlanSeries::of_kwh(total)),
        companion: Some(PlanSeries::of_kwh([0; 48])),
        ..Trade::default()
    };
    for (index, kwh) in by_counterparty.into_iter().enumerate() {
        trade.counterparties.push(Counterparty {
            code: Some(code(index)),
            application: Some(PlanCode::parse("0699999999999").unwrap()),
            procurement: Some(PlanSeries::of_kwh(kwh)),
            companion: Some(PlanSeries::of_kwh([0; 48])),
            ..Counterparty::default()
        });
    }
    body.demand = Some(PlanSeries::of_kwh(total));
    body.supply = Some(PlanSeries::of_kwh(total));
    body.procurement = Some(trade);
    let sender = occto::items::BusinessCode::parse("49996").unwrap();
    let head = PlanHead {
        message_code: PlanCode::parse("0250").ok(),
        sender: Some(sender),
        operator: occto::items::BusinessCode::parse("10066").ok(),
        submitter: PlanCode::parse("LA106").ok(),
        target: Some("2026-04-02".parse().unwrap()),
        ..PlanHead::default()
    };
    let settings = settings();
    let envelope = PlanEnvelope {
        mode: occto::messages::planning::PlanDigit::new(0).unwrap(),
        sender,
        receiver: settings.receiver,
        agency: settings.agency,
        version: settings.version,
        message_code: PlanCode::parse("0250").unwrap(),
        created: at("2026-04-01T09:30:15"),
        final_newline: false,
    };
    Plan { envelope, head, body: PlanBody::DemandProcurement(Box::new(body)) }
}
