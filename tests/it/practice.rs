//! What tests of whole runs share: application files from a world, offices in a sandbox.

use occto::calendar::Calendar;
use occto::desk::submit::{Order, submit};
use occto::desk::view::RunView;
use occto::desk::{Means, Office, summary};
use occto::exchange::Transport;
use occto::items::{Code as _, DateTime};
use occto::messages::Record as _;
use occto::messages::json;
use occto::messages::switching::{Application, ConsentMethod};
use occto::notice::Notice;
use occto::rules::{RuleContext, Settings};
use occto::sandbox::World;
use occto::store::Store;
use occto::wire::Binding;
use std::path::Path;

pub struct Data {
    pub calendar: Calendar,
    pub settings: Settings,
}

impl Data {
    pub fn published() -> Data {
        Data { calendar: Calendar::published().unwrap(), settings: Settings::published().unwrap() }
    }
}

/// The file a back office would export for these applications: CP932, CRLF.
pub fn csv_of(applications: impl Iterator<Item = Application>) -> Vec<u8> {
    let mut text = Application::FIELDS.iter().map(|field| field.ja).collect::<Vec<_>>().join(",");
    text.push_str("\r\n");
    for row in applications {
        let value = json::to_json(&row);
        let cells = Application::FIELDS.iter().map(|field| match field.key {
            "family" => row.family.ja().to_owned(),
            "decision-method" => row.decision_method.ja().to_owned(),
            "consent-method" => row.consent_method.map_or("", ConsentMethod::ja).to_owned(),
            key => value.get(key).and_then(|value| value.as_str()).unwrap_or_default().replace('T', " "),
        });
        text.push_str(&cells.collect::<Vec<_>>().join(","));
        text.push_str("\r\n");
    }
    let (bytes, _, lost) = encoding_rs::SHIFT_JIS.encode(&text);
    assert!(!lost, "the sample file holds characters outside CP932");
    bytes.into_owned()
}

#[allow(dead_code, reason = "only the bench has one kind of store")]
pub fn office<'a, T: Transport>(dir: &Path, transport: &'a T, data: &'a Data, world: &World) -> Office<'a, T> {
    office_over(Store::open(&dir.join("data")).unwrap(), transport, data, world)
}

pub fn office_over<'a, T: Transport>(store: Store, transport: &'a T, data: &'a Data, world: &World) -> Office<'a, T> {
    Office::new(
        store,
        Means {
            transport,
            binding: Binding::reference(),
            notice: Notice::embedded("common-core").unwrap(),
            calendar: &data.calendar,
            settings: &data.settings,
            code: world.retailer,
        },
    )
}

pub fn take<T>(office: &mut Office<'_, T>, file: &Path, data: &Data, world: &World, now: DateTime) -> i64 {
    let order = Order {
        retailer: world.retailer,
        notice: "common-core",
        four_eyes: false,
        by: "tester",
        now,
        seed: Some(1),
        instance: 1,
    };
    let context = RuleContext { today: now.date(), calendar: &data.calendar, settings: &data.settings };
    submit(&mut office.store, file, &order, context).map_err(|error| format!("{error:?}")).unwrap().batch
}

#[allow(dead_code, reason = "the bench only counts")]
pub fn view<T>(office: &mut Office<'_, T>, batch: i64, now: DateTime) -> RunView {
    let store = &mut office.store;
    store
        .read(|tx| {
            let batch = tx.batches()?.into_iter().find(|one| one.id == batch).unwrap();
            summary::run_view(tx, &batch, now)
        })
        .unwrap()
}
