//! How long both take for the same questions, in this one process.

use crate::asked::Cedar;
use cedar_policy::Request;
use occto::items::{Area, BusinessCode, Item, ItemSet};
use occto::notice::{Evidence, Notice, Party, Purpose, Question, Role};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 15;

/// Nanoseconds of one call, the fastest of a few goes.
fn nanoseconds(calls: u32, mut call: impl FnMut()) -> f64 {
    let begun = Instant::now();
    (0..calls).for_each(|_| call());
    begun.elapsed().as_nanos() as f64 / f64::from(calls)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Prints the figures; panics where the one that is wanted is missed.
pub fn figures() {
    let notice = Notice::embedded("common-core").expect("it ships");
    let us = Party::retailer(BusinessCode::parse("40113").expect("a code"));
    let operator = Party::operator(Area::Tokyo);
    let order = [Evidence { kind: occto::notice::EvidenceKind::Consent, reference: "R-1" }];
    let ask =
        |from, to, purpose| Question { area: Some(Area::Tokyo), ..Question::new(from, to, purpose, ItemSet::EMPTY) };
    // Granted by shared use on either side, by consent; refused by role, by area, by the table, by a prohibition.
    let questions = [
        ask(us, operator, Purpose::ConsignmentContract),
        ask(operator, us, Purpose::PointConfirmation),
        ask(us, Party::OCCTO, Purpose::CancellationAgency),
        Question { evidence: &order, ..ask(us, Party::of(Role::ThirdParty), Purpose::Advertising) },
        ask(us, Party::of(Role::Broker), Purpose::ConsignmentContract),
        ask(us, Party::operator(Area::Chubu), Purpose::PointConfirmation),
        ask(us, operator, Purpose::NegawattTrading),
        ask(us, us, Purpose::WinBackSales),
    ];
    let cedar = Cedar::new(notice, &[us]);
    let items: Vec<Item> = ItemSet::SHARED_USE.iter().collect();
    let single: Vec<(Question<'_>, Request)> = questions
        .iter()
        .flat_map(|question| items.iter().map(|item| (*question, *item)))
        .map(|(question, item)| {
            let request = cedar.request(&question, item, cedar.context(&question));
            (Question { items: ItemSet::of(&[item]), ..question }, request)
        })
        .collect();
    for (question, request) in &single {
        assert_eq!(notice.grants(question) == question.items, cedar.allows(request));
    }
    let granted = single.iter().filter(|(question, _)| notice.grants(question) == question.items).count();
    let whole: Vec<_> = questions.iter().map(|question| Question { items: ItemSet::SHARED_USE, ..*question }).collect();

    let (mut ours, mut theirs, mut sets, mut decided) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let each = single.len() as f64;
        ours.push(
            nanoseconds(2_000, || single.iter().for_each(|(one, _)| { black_box(notice.grants(black_box(one))); }))
                / each,
        );
        theirs.push(
            nanoseconds(4, || single.iter().for_each(|(_, one)| { black_box(cedar.allows(black_box(one))); })) / each,
        );
        sets.push(
            nanoseconds(20_000, || whole.iter().for_each(|one| { black_box(notice.grants(black_box(one))); }))
                / whole.len() as f64,
        );
        decided.push(
            nanoseconds(50, || single.iter().for_each(|(one, _)| drop(black_box(notice.decide(black_box(one))))))
                / each,
        );
    }
    let (ours, theirs, sets, decided) = (median(ours), median(theirs), median(sets), median(decided));
    let count = single.len();
    println!("| figure | measured | wanted | met |\n|---|---|---|---|");
    let ratio = theirs / ours;
    println!(
        "| cedar-policy {} ÷ ours, deciding {count} questions about one item ({granted} granted) | {ratio:.0} × ({theirs:.0} ns, {ours:.1} ns) | ≥ 500 × | {} |",
        cedar_policy::get_sdk_version(),
        if ratio >= 500.0 { "yes" } else { "no" }
    );
    let items = items.len() as f64;
    println!(
        "| the same about messages of {items} items | {:.0} × ({:.0} ns, {sets:.1} ns) | – | – |",
        theirs * items / sets,
        theirs * items
    );
    println!(
        "| the same one item at a time, ours with basis, manager, reasons and the smallest change that passes | {:.0} × ({theirs:.0} ns, {decided:.0} ns) | – | – |",
        theirs / decided
    );
    assert!(ratio >= 500.0, "the figure is missed");
}
