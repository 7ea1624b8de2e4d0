//! 一般送配電事業者への訪問: one operator's listing, file by file, until it names nothing new.

use super::super::gate::entropy;
use super::fault::{Fault, Next, next};
use super::inbox::{Inbox, Whole, sound};
use super::line::Line;
use super::report::{OperatorReport, Step};
use super::run::{Common, FetchError};
use super::source::Source;
use crate::rules::{Finding, codes};
use crate::store::Download;
use crate::wire::archive::ArchiveLimits;
use crate::wire::filename::MeteringFileName;
use crate::wire::listing::{ListedFile, Listing};
use std::collections::{BTreeMap, HashSet};
use tokio::time::sleep;

/// How often a listing is asked for in one visit: it changes while files are taken.
const ROUNDS: u32 = 4;
/// After so many files in a row that failed with the line, the others are left for the next run.
const LOST: u32 = 2;
/// So many names that are not taken are named one by one.
const NAMED: usize = 20;

/// A file that is to be there: the name it is stored under, and the size that the listing says.
type Key = (String, Option<u64>);

/// What became of a file.
enum End {
    Had,
    Fetched,
    /// It failed, by this finding; by that of the whole visit, where there is none.
    Failed(Option<Box<Finding>>),
}

/// What became of asking for one file.
enum Asked {
    Fetched,
    Failed(Fault),
    /// Nothing more is asked of this operator.
    Stopped(Fault),
}

/// The visit to one operator.
pub(super) struct Visit<'a> {
    common: &'a Common<'a>,
    line: Line<'a>,
    inbox: Inbox,
    limits: ArchiveLimits,
    report: OperatorReport,
    ends: BTreeMap<Key, End>,
    /// What was said of the listings already.
    said: HashSet<String>,
    /// Files in a row that failed with the line.
    lost: u32,
}

impl<'a> Visit<'a> {
    pub(super) fn begin(source: &'a Source, common: &'a Common<'a>) -> Result<Visit<'a>, FetchError> {
        let inbox = Inbox::open(common.store.borrow().dir(), source.area).map_err(|error| common.unwritten(&error))?;
        Ok(Visit {
            common,
            line: Line::new(source, &common.setting)?,
            inbox,
            limits: ArchiveLimits { archive: source.max_file, ..ArchiveLimits::default() },
            report: OperatorReport::new(source.area),
            ends: BTreeMap::new(),
            said: HashSet::new(),
            lost: 0,
        })
    }

    /// Takes everything that is listed.
    pub(super) async fn all(mut self) -> Result<OperatorReport, FetchError> {
        for warning in self.line.warnings() {
            self.report.find(warning, None);
        }
        let mut listed = HashSet::new();
        for round in 0..ROUNDS {
            let listing = match self.listing().await? {
                Ok(listing) => listing,
                Err(fault) => {
                    // Asked for only to see whether it has changed, it may fail: all that it named is there.
                    if round == 0 || self.ends.values().any(|end| matches!(end, End::Failed(_))) {
                        self.report.find(fault.of_listing(), None);
                    }
                    break;
                }
            };
            let files = self.files(&listing);
            listed = files.iter().map(|(key, _)| key.clone()).collect();
            let wanted = self.wanted(files)?;
            if wanted.is_empty() {
                break;
            }
            (self.common.tell)(self.report.area, Step::Wanted(wanted.len() as u64));
            if !self.take(wanted).await? {
                break;
            }
            if round + 1 == ROUNDS {
                let text = codes::FETCH_UNSETTLED.finding("一覧が変わり続けています", "the listing keeps changing");
                self.report.find(text, None);
            }
        }
        Ok(self.finish(&listed))
    }

    /// The listing, asked for again where that may help.
    async fn listing(&mut self) -> Result<Result<Listing, Fault>, FetchError> {
        let (mut failures, mut renewed) = (0, false);
        loop {
            let fault = match self.line.listing().await {
                Ok(listing) => return Ok(Ok(listing)),
                Err(fault) => fault,
            };
            failures += 1;
            let renewable = self.line.is_renewable() && !renewed;
            match next(&fault, failures, renewable, self.line.source, entropy()) {
                Next::Again(wait) => sleep(wait).await,
                Next::Renew => {
                    renewed = true;
                    self.line.renew();
                }
                Next::Gone | Next::GiveUp | Next::Stop | Next::Abort => return Ok(Err(fault)),
            }
            self.report.retried += 1;
        }
    }

    /// The files of a listing that are meter data, each once, with the names to ask for. What is not said once.
    fn files(&mut self, listing: &Listing) -> Vec<(Key, String)> {
        let mut files: Vec<(Key, String)> = Vec::new();
        let mut names = HashSet::new();
        let mut findings = Vec::new();
        for odd in &listing.oddities {
            let (ja, en) = (crate::items::Code::ja(odd.kind), crate::items::Code::en(odd.kind));
            let number = odd.number.map_or_else(|| "?".to_owned(), |number| number.to_string());
            findings.push(
                codes::FETCH_ENTRY
                    .finding(format!("一覧の{number}番: {ja}"), format!("entry {number} of the listing: {en}")),
            );
        }
        let mut ignored = 0;
        for file in &listing.files {
            match MeteringFileName::parse(&file.name) {
                Ok(name) if file.name.is_ascii() => {
                    let name = name.zip();
                    if names.insert(name.clone()) {
                        files.push(((name, file.size), file.name.clone()));
                    }
                }
                Ok(_) => ignored += 1,
                Err(error) => {
                    ignored += 1;
                    findings.push(untaken(file, &error.ja(), &error.en()));
                }
            }
        }
        self.report.ignored = self.report.ignored.max(ignored);
        for finding in findings {
            if self.said.len() < NAMED && self.said.insert(finding.ja.clone()) {
                self.report.find(finding, None);
            }
        }
        files
    }

    /// Those that are not there; a file that lies whole in the inbox without being remembered is remembered.
    fn wanted(&mut self, files: Vec<(Key, String)>) -> Result<Vec<(Key, String)>, FetchError> {
        let mut wanted = Vec::new();
        for (key, ask) in files {
            if self.ends.contains_key(&key) {
                continue;
            }
            let (name, size) = (&key.0, key.1);
            let known = self.common.store.borrow_mut().read(|tx| tx.has_download(self.report.area, name, size))?;
            let there = || size.and_then(|size| sound(&self.inbox.existing(name, size)?, &self.limits));
            if known {
                self.ends.insert(key, End::Had);
            } else if let Some((digest, size)) = there() {
                self.remember(name, size, digest)?;
                self.ends.insert(key, End::Had);
            } else {
                wanted.push((key, ask));
            }
        }
        Ok(wanted)
    }

    /// Takes files one after the other; false where the operator was given up.
    async fn take(&mut self, wanted: Vec<(Key, String)>) -> Result<bool, FetchError> {
        let mut wanted = wanted.into_iter();
        while let Some((key, ask)) = wanted.next() {
            let asked = self.file(&key, &ask).await?;
            (self.common.tell)(self.report.area, Step::Settled);
            let stopped = match asked {
                Asked::Fetched => {
                    self.lost = 0;
                    self.ends.insert(key, End::Fetched);
                    false
                }
                Asked::Failed(fault) => {
                    self.lost = if fault.is_of_the_line() { self.lost + 1 } else { 0 };
                    self.ends.insert(key, End::Failed(Some(Box::new(fault.finding()))));
                    self.lost >= LOST
                }
                Asked::Stopped(fault) => {
                    self.ends.insert(key, End::Failed(None));
                    self.report.find(fault.finding(), None);
                    true
                }
            };
            if stopped {
                let rest = wanted.len();
                if rest > 0 {
                    let (ja, en) =
                        (format!("残り{rest}件は取得していません"), format!("{rest} more were not asked for"));
                    self.report.find(codes::FETCH_NOT_TRIED.finding(ja, en), None);
                }
                for (key, _) in wanted {
                    (self.common.tell)(self.report.area, Step::Settled);
                    self.ends.insert(key, End::Failed(None));
                }
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Asks for one file until it is there, or given up.
    async fn file(&mut self, key: &Key, ask: &str) -> Result<Asked, FetchError> {
        let (mut failures, mut renewed) = (0, false);
        loop {
            let fault = match self.once(key, ask).await {
                Ok(whole) => {
                    self.settle(whole, &key.0)?;
                    return Ok(Asked::Fetched);
                }
                Err(fault) => fault,
            };
            failures += 1;
            let renewable = self.line.is_renewable() && !renewed;
            match next(&fault, failures, renewable, self.line.source, entropy()) {
                Next::Again(wait) => sleep(wait).await,
                Next::Renew => {
                    renewed = true;
                    self.line.renew();
                }
                end => {
                    if let Some(error) = self.common.own(&fault) {
                        return Err(error);
                    }
                    self.inbox.discard(&key.0).map_err(|error| self.common.unwritten(&error))?;
                    return Ok(if end == Next::Stop { Asked::Stopped(fault) } else { Asked::Failed(fault) });
                }
            }
            self.report.retried += 1;
        }
    }

    /// One download, to a temporary name, and a look at what came.
    async fn once(&mut self, (name, size): &Key, ask: &str) -> Result<Whole, Fault> {
        let mut part = self.inbox.begin(name).map_err(Fault::Disk)?;
        let area = self.report.area;
        let tell = self.common.tell;
        let mut keep = |chunk: &[u8]| {
            tell(area, Step::Octets(chunk.len() as u64));
            part.write(chunk)
        };
        self.line.file(ask, &mut keep).await?;
        let (size, limits) = (*size, self.limits);
        // Inflating a large file takes its time, and the other operators do not wait for it.
        let looked_at = tokio::task::spawn_blocking(move || part.finish(size, &limits)).await;
        looked_at.map_err(|_| Fault::Disk(std::io::ErrorKind::Other.into()))?
    }

    /// Gives a file its name, then remembers it: killed in between, the next run finds it in its place.
    fn settle(&mut self, whole: Whole, name: &str) -> Result<(), FetchError> {
        let (size, digest, odd) = (whole.size, whole.digest.clone(), whole.odd);
        let replaces = self.inbox.settle(whole, name).map_err(|error| self.common.unwritten(&error))?;
        self.remember(name, size, digest)?;
        self.report.octets += size;
        self.report.files.push(name.to_owned());
        if replaces {
            let (ja, en) = (
                "同じ名前で大きさの違うファイルを取得しました",
                "a file of the same name and another size was fetched",
            );
            self.report.find(codes::FETCH_REPLACED.finding(ja, en), Some(name));
        }
        if let Some(odd) = odd {
            self.report.find(odd.finding(), Some(name));
        }
        Ok(())
    }

    fn remember(&self, name: &str, size: u64, digest: String) -> Result<(), FetchError> {
        let taken = self.common.now;
        let download = Download { area: self.report.area, name: name.to_owned(), size, digest, taken };
        self.common.store.borrow_mut().commit(|tx| tx.add_download(&download))?;
        Ok(())
    }

    /// Counts what became of every file. What failed and is no longer listed so was withdrawn.
    fn finish(mut self, listed: &HashSet<Key>) -> OperatorReport {
        self.report.listed = self.ends.len() as u64;
        for (key, end) in std::mem::take(&mut self.ends) {
            match end {
                End::Had => self.report.had += 1,
                End::Fetched => self.report.fetched += 1,
                End::Failed(_) if !listed.contains(&key) => {
                    self.report.withdrawn += 1;
                    let (ja, en) = (
                        "取得する前に一覧からなくなったか、大きさが変わりました",
                        "gone from the listing, or listed with another size, before it was fetched",
                    );
                    self.report.find(codes::FETCH_WITHDRAWN.finding(ja, en), Some(&key.0));
                }
                End::Failed(finding) => {
                    self.report.failed += 1;
                    if let Some(finding) = finding {
                        self.report.find(*finding, Some(&key.0));
                    }
                }
            }
        }
        self.report
    }
}

/// The finding about a name that is not taken. It is quoted only where it looks like one of an operator's files.
fn untaken(file: &ListedFile, ja: &str, en: &str) -> Finding {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let shown = file.name.len() <= 40 && file.name.starts_with('W') && file.name.chars().all(plain);
    let name = if shown { format!("「{}」", file.name) } else { String::new() };
    let number = file.number;
    codes::FETCH_NAME.finding(
        format!("一覧の{number}番{name}は取得しません: {ja}"),
        format!("entry {number} of the listing is not taken: {en}"),
    )
}
