//! Cases from a file to their end, in the sandbox.

use crate::postgres::{on_both, store};
use crate::practice::{Data, csv_of, office_over, take, view};
use occto::desk::view::Outcome;
use occto::notice::Notice;
use occto::sandbox::{Sandbox, SandboxTransport, World};
use occto::wire::Binding;

on_both!(every_generated_case_comes_to_its_end_once,);

async fn every_generated_case_comes_to_its_end_once() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::generate(60, 7, "2026-04-01".parse().unwrap()).unwrap();
    let file = dir.path().join("applications.csv");
    std::fs::write(&file, csv_of(world.applications())).unwrap();
    let sandbox = Sandbox::new(world.clone(), 7);
    let transport = SandboxTransport::new(sandbox, Binding::reference(), Notice::embedded("common-core").unwrap());
    let data = Data::published();
    let mut office = office_over(store(dir.path()), &transport, &data, &world);
    let batch = take(&mut office, &file, &data, &world, transport.sandbox().now());
    for _ in 0..200 {
        let now = transport.sandbox().now();
        office.advance(now, &mut |_| {}).await.unwrap();
        let next = transport.sandbox().next_event_date();
        match next {
            Some(date) if date > now.date() => transport.sandbox().advance_to(date),
            _ => break,
        }
    }
    let end = transport.sandbox().now();
    let view = view(&mut office, batch, end);
    for case in &view.cases {
        println!(
            "{} {:?} {:?} {:?}",
            case.line,
            case.outcome,
            case.reasons,
            case.findings.iter().map(|f| f.code).collect::<Vec<_>>()
        );
        for event in &case.timeline {
            println!("    {} {} {}", event.at, event.kind, event.ja);
        }
    }
    assert_eq!(view.cases.len(), 60);
    assert!(view.cases.iter().all(|case| case.outcome != Outcome::Pending));
    assert_eq!(transport.sandbox().duplicates(), 0);
}
