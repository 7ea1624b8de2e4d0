//! Fetching meter data from the sandbox of ten operators: every fault ends with the right bytes or with a finding, and
//! nothing is ever half written.

use occto::desk::metering::{Standing, SupplyRegister};
use occto::exchange::ExchangeConfig;
use occto::exchange::fetch::{OperatorReport, Source, fetch};
use occto::items::{Area, Code, Date};
use occto::rules::Finding;
use occto::sandbox::{FileFault, FileFaultKind, FileFaultOn, MeterFiles, Server, World};
use occto::store::Store;
use occto::wire::archive::{Archive, ArchiveLimits};
use occto::wire::cii::{ReadSettings, Sink, read_from};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const TODAY: Date = jiff::civil::date(2026, 4, 1);
/// How many files an operator of the sandbox lists.
const FILES: u64 = 10;

/// The operators behind a socket, and a data folder.
struct Operators {
    runtime: tokio::runtime::Runtime,
    files: Arc<MeterFiles>,
    /// The same files before any was revised or replaced.
    before: MeterFiles,
    address: String,
    dir: tempfile::TempDir,
}

impl Operators {
    fn start(seed: u64) -> Operators {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let world = World::generate(30, 3, TODAY).unwrap();
        let files = Arc::new(MeterFiles::new(&world, seed));
        let server = runtime.block_on(Server::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", server.address().unwrap());
        runtime.spawn(server.run_files(files.clone(), TODAY, std::future::pending()));
        Operators { runtime, files, before: MeterFiles::new(&world, seed), address, dir: tempfile::tempdir().unwrap() }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn sources(&self, more: &str) -> Vec<Source> {
        let text = self.files.config(&self.address).replace("retry-delay = 0\n", &format!("retry-delay = 0\n{more}"));
        ExchangeConfig::parse(&text, Path::new("")).unwrap_or_else(|error| panic!("{error}")).sources
    }

    fn fetch_from(&self, sources: &[Source]) -> Vec<OperatorReport> {
        // Made beforehand, lest the making is taken for a silence.
        for area in sources.iter().map(|source| source.area) {
            for name in self.files.names(area, TODAY) {
                self.files.octets(area, TODAY, &name).unwrap();
            }
        }
        let mut store = Store::open(&self.data()).unwrap();
        let done = self.runtime.block_on(fetch(sources, &mut store, TODAY.at(9, 0, 0, 0), &|_, _| {}));
        let reports = done.unwrap_or_else(|error| panic!("{error}"));
        for report in &reports {
            let sum = report.had + report.fetched + report.withdrawn + report.failed;
            assert_eq!((report.listed, report.fetched), (sum, report.files.len() as u64), "{report:?}");
            let errors = report.findings.iter().any(|finding| finding.is_error());
            assert!(report.failed == 0 || errors, "what failed is said: {report:?}");
        }
        self.nothing_is_half_written();
        reports
    }

    /// From everybody, or from one operator.
    fn fetch(&self) -> Vec<OperatorReport> {
        self.fetch_from(&self.sources("timeout = 1\n"))
    }
    fn fetch_one(&self, area: Area) -> OperatorReport {
        let mut sources = self.sources("timeout = 1\n");
        sources.retain(|source| source.area == area);
        self.fetch_from(&sources).remove(0)
    }

    fn inbox(&self, area: Area) -> BTreeMap<String, Vec<u8>> {
        let folder = self.data().join("inbox").join(format!("area={}", area.key()));
        let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
        let entry = |entry: fs::DirEntry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap());
        entries.map(|found| entry(found.unwrap())).collect()
    }

    /// Whatever has its name is right to the last octet, and nothing else lies there.
    fn nothing_is_half_written(&self) {
        for area in Area::ALL {
            for (name, octets) in self.inbox(*area) {
                let is = |files: &MeterFiles| files.octets(*area, TODAY, &name).is_some_and(|right| right == octets);
                let right = is(&self.files) || is(&self.before);
                assert!(right, "{name} of {area:?} is not as it should be");
            }
        }
    }

    /// Everything that an operator lists is there.
    fn all_is_there(&self, area: Area) {
        let inbox = self.inbox(area);
        for name in self.files.names(area, TODAY) {
            assert_eq!(inbox.get(&name), self.files.octets(area, TODAY, &name).as_ref(), "{name} of {area:?}");
        }
    }
}

fn codes(report: &OperatorReport) -> Vec<&'static str> {
    let mut codes: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn fault(kind: FileFaultKind, on: FileFaultOn, times: u32) -> FileFault {
    FileFault { on, times: Some(times), ..FileFault::once(kind, Area::Tokyo) }
}

/// Counts rows, and lets no finding pass, nor a point that is not ours.
struct Rows<'a>(usize, &'a SupplyRegister);

impl Sink for Rows<'_> {
    fn header(&mut self, _: &occto::messages::metering::MeteringHeader) {}
    fn rows(&mut self, rows: occto::messages::metering::Rows<'_>) {
        let (points, count) = match rows {
            occto::messages::metering::Rows::HalfHourly(rows) => (&rows.points, rows.len()),
            occto::messages::metering::Rows::Fixed(usage) => (&usage.bills.points, usage.slots.slots.len()),
        };
        assert!(points.iter().all(|point| matches!(self.1.standing(*point, TODAY), Standing::Ours(_))));
        self.0 += count;
    }
    fn finding(&mut self, finding: Finding) {
        panic!("{finding}");
    }
}

#[test]
fn every_file_of_the_sandbox_is_read_without_a_finding() {
    let files = MeterFiles::new(&World::generate(30, 3, TODAY).unwrap(), 1);
    let register = SupplyRegister::parse(files.contracts().as_bytes(), &[]).unwrap();
    for area in Area::ALL {
        for name in files.names(*area, TODAY) {
            let octets = std::io::Cursor::new(files.octets(*area, TODAY, &name).unwrap());
            let mut archive = Archive::open(octets, &ArchiveLimits::default(), None).unwrap();
            let mut rows = Rows(0, &register);
            let tally = read_from(archive.entry().unwrap(), &ReadSettings::default(), &mut rows).unwrap();
            assert!(rows.0 > 0 && tally.read == rows.0 as u64 && tally.rejected == 0, "{name}: {tally:?}");
        }
    }
}

#[test]
fn every_file_of_every_operator_is_taken_once() {
    let operators = Operators::start(1);
    let reports = operators.fetch();
    assert_eq!(reports.len(), 10);
    for (report, area) in reports.iter().zip(Area::ALL) {
        assert_eq!((report.area, report.fetched, report.retried, report.ignored), (*area, FILES, 0, 0), "{report:?}");
        assert!(report.findings.is_empty() && report.octets > 0, "{report:?}");
        operators.all_is_there(*area);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = operators.data().join("inbox/area=03");
        assert_eq!(mode(&folder), 0o700);
        assert!(fs::read_dir(&folder).unwrap().all(|entry| mode(&entry.unwrap().path()) == 0o600));
    }
    let (before, asked) = (operators.files.requests(), operators.files.asked().len());
    for report in operators.fetch() {
        assert_eq!((report.had, report.fetched), (FILES, 0), "{report:?}");
    }
    // Ten listings, and the two pages of a session.
    assert_eq!((operators.files.requests() - before, operators.files.asked().len()), (12, asked));
}

#[test]
fn a_fault_that_passes_ends_with_the_right_bytes() {
    use FileFaultKind as Kind;
    let file = |kind| fault(kind, FileFaultOn::File, 2);
    let listing = |kind| fault(kind, FileFaultOn::Listing, 2);
    let cases = [
        file(Kind::Truncated),
        file(Kind::Damaged),
        file(Kind::Slow),
        file(Kind::Error),
        file(Kind::Reset),
        listing(Kind::Truncated),
        listing(Kind::Error),
        listing(Kind::Reset),
        listing(Kind::Slow),
    ];
    for case in cases {
        let operators = Operators::start(1);
        operators.files.arm(case.clone());
        let report = operators.fetch_one(Area::Tokyo);
        assert_eq!((report.fetched, report.failed, report.retried), (FILES, 0, 2), "{case:?}: {report:?}");
        assert!(report.findings.is_empty(), "{case:?}: {report:?}");
        operators.all_is_there(Area::Tokyo);
    }
}

#[test]
fn a_fault_that_stays_is_said_and_leaves_nothing() {
    use FileFaultKind as Kind;
    let cases: [(FileFault, &[&str], u64); 7] = [
        (fault(Kind::Truncated, FileFaultOn::File, 9999), &["OC1087"], 0),
        (fault(Kind::Damaged, FileFaultOn::File, 9999), &["OC1088"], 0),
        (fault(Kind::Reset, FileFaultOn::File, 9999), &["OC1080", "OC1092"], 0),
        (fault(Kind::Error, FileFaultOn::File, 9999), &["OC1080", "OC1092"], 0),
        (fault(Kind::Maintenance, FileFaultOn::File, 9999), &["OC1081", "OC1092"], 0),
        (fault(Kind::WrongSize, FileFaultOn::Listing, 9999), &["OC1087"], FILES - 1),
        (fault(Kind::Truncated, FileFaultOn::Listing, 9999), &["OC1083"], 0),
    ];
    for (case, wanted, fetched) in cases {
        let operators = Operators::start(1);
        operators.files.arm(case.clone());
        let report = operators.fetch_one(Area::Tokyo);
        assert_eq!((codes(&report), report.fetched), (wanted.to_vec(), fetched), "{case:?}: {report:?}");
        assert!(!report.is_complete());
        assert_eq!(operators.inbox(Area::Tokyo).len() as u64, fetched, "{case:?}");
    }
    let operators = Operators::start(1);
    operators.files.arm(fault(Kind::Maintenance, FileFaultOn::Listing, 1));
    let report = operators.fetch_one(Area::Tokyo);
    assert_eq!((codes(&report), report.listed, report.retried), (vec!["OC1081"], 0, 0), "closed is closed");
    assert_eq!(operators.fetch_one(Area::Tokyo).fetched, FILES, "and open again later");
}

#[test]
fn a_listing_that_changes_under_us_is_followed() {
    use FileFaultKind as Kind;
    let operators = Operators::start(1);
    operators.files.arm(FileFault::once(Kind::Revision, Area::Tokyo));
    let report = operators.fetch_one(Area::Tokyo);
    assert_eq!((report.listed, report.fetched, report.withdrawn), (FILES + 1, FILES, 1), "{report:?}");
    assert_eq!(codes(&report), ["OC1090"]);
    assert!(report.is_complete() && report.files.iter().any(|name| name.ends_with("0000010000.zip")), "{report:?}");
    operators.all_is_there(Area::Tokyo);

    let operators = Operators::start(1);
    operators.files.arm(FileFault::once(Kind::Replacement, Area::Tokyo));
    let report = operators.fetch_one(Area::Tokyo);
    assert_eq!((report.listed, report.fetched, report.withdrawn), (FILES + 1, FILES, 1), "{report:?}");
    assert!(report.is_complete() && report.retried > 0, "asked again before it was believed: {report:?}");
    operators.all_is_there(Area::Tokyo);

    let operators = Operators::start(1);
    operators.files.arm(FileFault::once(Kind::WrongSize, Area::Tokyo));
    operators.files.arm(FileFault::once(Kind::DuplicateListing, Area::Kansai));
    let report = operators.fetch_one(Area::Tokyo);
    assert_eq!((report.fetched, report.failed, report.withdrawn), (FILES, 0, 1), "{report:?}");
    let report = operators.fetch_one(Area::Kansai);
    assert_eq!((report.listed, report.fetched), (FILES, FILES), "{report:?}");
    let mut asked = operators.files.asked();
    asked.drain(..asked.len() - FILES as usize);
    asked.sort_unstable();
    asked.dedup();
    assert_eq!(asked.len() as u64, FILES, "what stands there twice is taken once");
}

#[test]
fn a_file_that_is_replaced_later_is_taken_again_and_the_former_kept() {
    let operators = Operators::start(1);
    operators.fetch_one(Area::Tokyo);
    let first = operators.files.names(Area::Tokyo, TODAY).remove(0);
    let former = operators.inbox(Area::Tokyo).remove(&first).unwrap();
    operators.files.arm(FileFault::once(FileFaultKind::Replacement, Area::Tokyo));
    assert_eq!(operators.fetch_one(Area::Tokyo).had, FILES, "this listing is still the old one");
    let report = operators.fetch_one(Area::Tokyo);
    assert_eq!((report.had, report.fetched, codes(&report)), (FILES - 1, 1, vec!["OC1091"]), "{report:?}");
    assert!(report.is_complete());
    operators.all_is_there(Area::Tokyo);
    let kept: Vec<_> = fs::read_dir(operators.data().join("replaced/area=03")).unwrap().collect();
    assert_eq!(kept.len(), 1);
    assert!(fs::read(kept[0].as_ref().unwrap().path()).unwrap() == former);
    assert_eq!(operators.fetch_one(Area::Tokyo).had, FILES);
}

#[test]
fn names_that_lead_elsewhere_are_never_asked_for() {
    let operators = Operators::start(1);
    operators.files.arm(FileFault::once(FileFaultKind::HostileNames, Area::Tokyo));
    let report = operators.fetch_one(Area::Tokyo);
    assert_eq!((report.fetched, report.ignored, codes(&report)), (FILES, 6, vec!["OC1084", "OC1085"]), "{report:?}");
    assert!(!operators.files.asked().iter().any(|name| name.contains("1310")), "not even that of an operator");
    assert!(operators.files.asked().iter().all(|name| name.starts_with('W') && name.len() < 40));
    let said: String = report.findings.iter().map(ToString::to_string).collect();
    assert!(!said.contains("passwd") && !said.contains("..") && !said.contains('\t') && said.len() < 5000, "{said}");
    assert!(said.contains("W51310"), "a name of an operator is quoted: {said}");
    let mut beside: Vec<_> =
        fs::read_dir(operators.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    beside.sort();
    assert_eq!(beside, ["data", "data.keys"], "nothing beside the data folder and its keys");
}

#[test]
fn a_lost_session_is_opened_anew() {
    let operators = Operators::start(1);
    let lost = FileFault::once(FileFaultKind::SessionLost, Area::Shikoku);
    operators.files.arm(FileFault { on: FileFaultOn::Listing, ..lost.clone() });
    operators.files.arm(lost);
    let report = operators.fetch_one(Area::Shikoku);
    assert_eq!((report.fetched, report.failed, report.retried), (FILES, 0, 2), "{report:?}");
    operators.all_is_there(Area::Shikoku);
    // Without the pages before it, the entrance comes in place of the listing.
    let mut sources = operators.sources("");
    sources.retain(|source| source.area == Area::Shikoku);
    sources[0].session.clear();
    assert_eq!(codes(&operators.fetch_from(&sources)[0]), ["OC1081"]);
}

#[test]
fn whatever_strikes_at_random_some_run_ends_it() {
    use FileFaultKind as Kind;
    let operators = Operators::start(5);
    let kinds = [
        (Kind::Truncated, FileFaultOn::File),
        (Kind::Damaged, FileFaultOn::File),
        (Kind::Reset, FileFaultOn::File),
        (Kind::Error, FileFaultOn::File),
        (Kind::Maintenance, FileFaultOn::File),
        (Kind::Truncated, FileFaultOn::Listing),
        (Kind::DuplicateListing, FileFaultOn::Listing),
        (Kind::WrongSize, FileFaultOn::Listing),
        (Kind::SessionLost, FileFaultOn::File),
    ];
    for (kind, on) in kinds {
        let any = FileFault { area: None, on, per_mille: Some(60), ..FileFault::once(kind, Area::Tokyo) };
        operators.files.arm(any);
    }
    operators.files.arm(FileFault::once(Kind::Revision, Area::Kyushu));
    operators.files.arm(FileFault::once(Kind::Replacement, Area::Chubu));
    let mut retried = 0;
    for run in 1.. {
        assert!(run < 40, "it never ends");
        let reports = operators.fetch();
        retried += reports.iter().map(|report| report.retried).sum::<u64>();
        if run > 3 && reports.iter().all(|report| report.fetched == 0 && report.is_complete()) {
            break;
        }
    }
    assert!(retried > 20, "{retried}");
    for area in Area::ALL {
        operators.all_is_there(*area);
    }
}

#[test]
fn what_is_too_large_is_not_taken() {
    let operators = Operators::start(1);
    let one = |more: &str| {
        let mut sources = operators.sources(more);
        sources.retain(|source| source.area == Area::Tokyo);
        operators.fetch_from(&sources).remove(0)
    };
    let report = one("max-file = 1000\n");
    assert_eq!((codes(&report), report.failed > 0, report.retried), (vec!["OC1089"], true, 0), "{report:?}");
    assert_eq!(codes(&one("max-listing = 100\n")), ["OC1089"]);
    assert_eq!(one("").failed, 0);
}

#[test]
fn a_whole_file_that_was_not_remembered_is_not_fetched_again() {
    let operators = Operators::start(1);
    operators.fetch_one(Area::Tokyo);
    let asked = operators.files.asked().len();
    for name in ["occto.sqlite", "occto.sqlite-wal", "occto.sqlite-shm"] {
        let _ = fs::remove_file(operators.data().join(name));
    }
    let names = operators.files.names(Area::Tokyo, TODAY);
    let folder = operators.data().join("inbox/area=03");
    // Another one was damaged on the disk meanwhile, and a run that was stopped left something behind.
    let damaged = folder.join(&names[1]);
    let mut octets = fs::read(&damaged).unwrap();
    let middle = octets.len() / 3;
    octets[middle] ^= 1;
    fs::write(&damaged, octets).unwrap();
    fs::write(folder.join(format!(".{}.part", names[2])), b"PK").unwrap();
    let report = operators.fetch_one(Area::Tokyo);
    assert_eq!((report.had, report.fetched), (FILES - 1, 1), "{report:?}");
    assert_eq!(operators.files.asked()[asked..], names[1..2]);
    operators.all_is_there(Area::Tokyo);
}
