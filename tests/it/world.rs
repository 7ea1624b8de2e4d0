//! Worlds: read, refused with their place, made by number; wishes and random faults.

use crate::table::*;
use jiff::civil::date;
use occto::messages::switching::*;
use occto::notice::Party;
use occto::sandbox::{FaultKind, Reply, Sandbox, World};

#[test]
fn wishes_come_once_and_the_clock_knows_of_them() {
    let mut world = world("");
    let text = "date = \"2026-04-01\"\nretailer = \"40113\"\n[[wish]]\ndate = \"2026-04-09\"\nkind = \"cooling-off\"\nreceipt = \"R1\"";
    world.wishes = World::parse(text).unwrap().wishes;
    let mut sandbox = Sandbox::new(world, 1);
    assert_eq!(sandbox.next_event_date(), Some(date(2026, 4, 9)));
    assert!(sandbox.due_wishes(date(2026, 4, 8)).is_empty());
    sandbox.advance_to(date(2026, 4, 9));
    assert_eq!(sandbox.due_wishes(sandbox.today())[0].kind, WithdrawalReason::CoolingOff);
    assert!(sandbox.due_wishes(sandbox.today()).is_empty());
    assert_eq!(sandbox.next_event_date(), None);
}

#[test]
fn random_faults_are_the_same_for_the_same_seed() {
    let strikes = |seed| {
        let random = "[[random]]\nkind = \"lose-answer\"\nper-mille = 300";
        let (mut sandbox, mut desk) = (Sandbox::new(world_of(random, ""), seed), Desk::new("40113"));
        let inquiry = || FacilityInquiry { point: point(WORK) };
        let struck: Vec<bool> = (0..200)
            .map(|_| matches!(desk.say(&mut sandbox, inquiry()), Reply::Struck(FaultKind::LoseAnswer)))
            .collect();
        struck
    };
    let count = strikes(7).iter().filter(|struck| **struck).count();
    assert!((30..90).contains(&count), "{count} of 200 at 30 %");
    assert_eq!(strikes(7), strikes(7));
    assert_ne!(strikes(7), strikes(8));
}

#[test]
fn a_broken_world_file_is_named_by_line_and_column() {
    let cases = [
        ("date = \"2026-04-01\"\nretailer = \"40113\"\ncolour = 1", (3, 1), "unknown field `colour`"),
        ("date = \"2026-04-01\"\nretailer = \"4011\"", (2, 12), "5"),
        ("date = 2026\nretailer = ", (2, 12), ""),
        (
            "date = \"2026-04-01\"\nretailer = \"40113\"\n[[wish]]\ndate = \"2026-04-01\"\nkind = \"whim\"",
            (5, 8),
            "cooling-off",
        ),
        (
            "date = \"2026-04-01\"\nretailer = \"40113\"\n[[random]]\nkind = \"silent\"\nper-mille = 1",
            (4, 9),
            "lose-answer",
        ),
        (
            "date = \"2026-04-01\"\nretailer = \"40113\"\n[[file-fault]]\nkind = \"reset\"\nper-mille = 1001",
            (4, 9),
            "1000",
        ),
        ("date = \"2026-04-01\"\nretailer = \"40113\"\n[[file-fault]]\nkind = \"whim\"", (4, 8), "truncated"),
    ];
    for (text, place, part) in cases {
        let error = World::parse(text).unwrap_err();
        assert_eq!((error.line, error.column), (Some(place.0), Some(place.1)), "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn a_complaint_about_a_world_file_quotes_no_customer() {
    let text = "date = \"2026-04-01\"\nretailer = \"40113\"\n[[point]]\nid = \"03x\"\nname = \"秘密　太郎\"\n";
    let said = World::parse(text).unwrap_err();
    assert!(!format!("{said} {said:?}").contains("秘密"));
    let text = format!("{text}secret = \"秘密　花子\" oops\n");
    let said = World::parse(&text).unwrap_err();
    assert!(!format!("{said} {said:?}").contains("秘密"));
}

#[test]
fn a_generated_world_switches_to_the_last_point() {
    let world = World::generate(50, 3, date(2026, 4, 1)).unwrap();
    let applications: Vec<Application> = world.applications().collect();
    assert_eq!(applications.len(), 50);
    let (mut sandbox, mut desk) = (Sandbox::new(world, 3), Desk::new("40113"));
    for application in &applications {
        let id = application.point;
        let request = cancellation(&sandbox, id.as_str(), application.switch_on);
        receipt(desk.say_to(&mut sandbox, Party::retailer(application.current_retailer), request));
    }
    sandbox.advance_to(date(2026, 4, 2));
    for application in &applications {
        let start = start(&sandbox, application.point.as_str(), application.switch_on);
        assert_eq!(receipt(desk.say(&mut sandbox, start)).acceptance, Acceptance::Accepted);
    }
    to_the_end(&mut sandbox);
    assert!(sandbox.world().points.iter().all(|point| point.retailer == desk.code));
    let news = desk.news(&mut sandbox);
    assert_eq!(news.iter().filter(|line| *line == "switch-start completed").count(), 50);
}
