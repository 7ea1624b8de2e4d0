//! ファイルの検査: what is wrong with a file, whatever kind of supported file it is.

use super::metering::{Form, Meterage, begins_as_zip, read_files};
use super::plans::{DeadlineAt, check_plan_file};
use super::spreadsheet::{Workbook, too_large};
use crate::calendar::Calendar;
use crate::messages::switching::{Application, CancellationRequest, SwitchStart};
use crate::notice::Notice;
use crate::rules::plans::PlanSettings;
use crate::rules::{Finding, Preflight, RuleContext, Settings, check_message, codes};
use crate::wire::archive::{Archive, ArchiveLimits};
use crate::wire::cii::plan::looks_like_plan;
use crate::wire::filename::MeteringFileName;
use crate::wire::intake::Reader;
use crate::wire::{Binding, DecodeError, Incoming, Limits};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

crate::code_set! {
    /// ファイルの種類: what a file was checked as.
    pub enum FileKind = "file-kind" {
        Applications = "applications", "申込ファイル", "applications";
        Message = "message", "電文", "message";
        Plan = "plan", "計画", "plan";
        Bulk = "bulk", "一括申込", "bulk application";
        Notice = "notice", "通知", "notice";
        Binding = "binding", "接続定義", "binding";
        World = "world", "模擬環境の設定", "world";
        Settings = "settings", "設定", "settings";
        Metering = "metering", "計量ファイル", "meter data";
        Unknown = "unknown", "不明", "unknown";
    }
}

/// 検査結果: what a file was found to be, and what was found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What it was checked as.
    pub kind: FileKind,
    /// How many rows of applications or readings it has; 0 for a file that has none.
    pub rows: u64,
    /// How many of them have no error; of readings, how many could be read.
    pub sound: u64,
    /// What was found, in the order of the file.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// Whether anything found is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }
}

/// 検査の前提: what files are held against.
#[derive(Clone, Copy)]
pub struct Checker<'a> {
    /// The day and the data of the rules.
    pub context: RuleContext<'a>,
    /// The binding messages are read by.
    pub binding: &'a Binding,
    /// Reads a world file: the sandbox lies beyond this room, so its caller brings it.
    pub world: fn(&str) -> Vec<Finding>,
}

/// A plan of W6. Whether it could still be submitted is not asked: that is `occto plan check`.
fn plan(name: &str, octets: &[u8]) -> Checked {
    let findings = match PlanSettings::published() {
        Ok(settings) => check_plan_file(name, octets, &settings, DeadlineAt::Never).findings,
        Err(error) => vec![codes::BAD_SETTINGS.finding("設定に誤りがあります", error.en)],
    };
    Checked { kind: FileKind::Plan, rows: 0, sound: 0, findings }
}

/// The largest TOML file. Unit: octets.
const MAX_TOML: u64 = 16 * 1024 * 1024;

impl Checker<'_> {
    /// Checks a file of any supported kind. Every finding names the file.
    #[must_use]
    pub fn check(&self, path: &Path) -> Checked {
        let mut checked = self.open(path).unwrap_or_else(|error| failed(FileKind::Unknown, unreadable(path, &error)));
        let name = path.to_string_lossy();
        for finding in &mut checked.findings {
            finding.place.file = Some(name.clone().into_owned());
        }
        checked
    }

    fn open(&self, path: &Path) -> io::Result<Checked> {
        let mut file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let mut start = Vec::new();
        (&mut file).take(512).read_to_end(&mut start)?;
        file.rewind()?;
        let extension = |wanted: &str| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(wanted));
        if looks_like_plan(&start) {
            let max = Limits::default().octets as u64;
            if about.len() > max {
                return Ok(failed(FileKind::Plan, too_large(about.len(), max)));
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return read_whole(&mut file, max, |octets| plan(&name, octets));
        }
        let named = path.file_name().is_some_and(|name| MeteringFileName::parse(&name.to_string_lossy()).is_ok());
        if named || extension("zip") || is_meter_zip(&mut file, &start)? || looks_like_sbd(&start) {
            return Ok(metering(path));
        }
        if start.starts_with(b"PK\x03\x04") || extension("xlsx") {
            return Ok(self.workbook(path));
        }
        if start.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            let ja = "古い .xls 形式か、パスワードで保護されたファイルです";
            let en = "an old .xls or a password-protected workbook";
            return Ok(failed(FileKind::Applications, codes::BAD_SPREADSHEET.finding(ja, en)));
        }
        if extension("toml") {
            if about.len() > MAX_TOML {
                return Ok(failed(FileKind::Unknown, too_large(about.len(), MAX_TOML)));
            }
            return read_whole(&mut file, MAX_TOML, |octets| self.toml(octets));
        }
        if looks_like_xml(&start) {
            let max = Limits::default().octets as u64;
            if about.len() > max {
                return Ok(failed(FileKind::Message, too_large(about.len(), max)));
            }
            return read_whole(&mut file, max, |octets| self.message(octets));
        }
        self.applications(file, about.len())
    }

    fn applications(&self, mut file: File, length: u64) -> io::Result<Checked> {
        let mut reader = match Reader::new(&file) {
            Ok(reader) => reader,
            Err(findings) => {
                file.rewind()?;
                let max = Limits::default().octets as u64;
                let bulk = |octets: &[u8]| self.bulk(octets);
                let bulk = if length > max { None } else { read_whole(&mut file, max, bulk)? };
                let applications = Checked { kind: FileKind::Applications, rows: 0, sound: 0, findings };
                return Ok(bulk.unwrap_or(applications));
            }
        };
        let mut rows = Rows::new(self.context);
        while let Some(row) = reader.next_row() {
            rows.row(row.line, row.application);
        }
        Ok(rows.checked())
    }

    /// The CSV form of a message; nothing where the header row is not that of one.
    fn bulk(&self, octets: &[u8]) -> Option<Checked> {
        let start = self.binding.decode_csv::<SwitchStart>(octets);
        let rows = start.or_else(|_| self.binding.decode_csv::<CancellationRequest>(octets)).ok()?;
        let mut checked = Checked { kind: FileKind::Bulk, rows: rows.len() as u64, sound: 0, findings: Vec::new() };
        for row in rows {
            let findings = self.held(row.message);
            checked.sound += u64::from(!findings.iter().any(Finding::is_error));
            checked.findings.extend(findings.into_iter().map(|finding| finding.at_line(row.line)));
        }
        Some(checked)
    }

    fn workbook(&self, path: &Path) -> Checked {
        let mut workbook = match Workbook::open(path) {
            Ok(workbook) => workbook,
            Err(findings) => return Checked { kind: FileKind::Applications, rows: 0, sound: 0, findings },
        };
        let mut rows = Rows::new(self.context);
        let read: Result<(), std::convert::Infallible> = workbook.each_row(|line, _, application| {
            rows.row(line, application);
            Ok(())
        });
        match read {
            Ok(()) => rows.checked(),
            Err(never) => match never {},
        }
    }

    fn message(&self, octets: &[u8]) -> Checked {
        Checked { kind: FileKind::Message, rows: 0, sound: 0, findings: self.held(self.binding.decode(octets)) }
    }

    /// What is wrong with a message that was read, or why it could not be.
    fn held(&self, read: Result<Incoming, DecodeError>) -> Vec<Finding> {
        match read {
            Ok(incoming) => {
                let mut findings = incoming.findings;
                check_message(&incoming.message, &incoming.header, &self.context, &mut findings);
                findings
            }
            Err(error) => error.findings(),
        }
    }

    /// The keys at its top tell the kinds of TOML apart.
    fn toml(&self, octets: &[u8]) -> Checked {
        let text = match std::str::from_utf8(octets) {
            Ok(text) => text.strip_prefix('\u{FEFF}').unwrap_or(text),
            Err(error) => return failed(FileKind::Unknown, not_utf8(error.valid_up_to())),
        };
        let table: toml::Table = match toml::from_str(text) {
            Ok(table) => table,
            Err(error) => return failed(FileKind::Unknown, not_toml(text, &error)),
        };
        let has = |key: &str| table.contains_key(key);
        let (kind, findings) = if has("binding") || has("messages") {
            (FileKind::Binding, binding(text))
        } else if has("participant") || has("purpose") || has("title-ja") {
            (FileKind::Notice, notice(text))
        } else if has("point") || has("points") || (has("date") && has("retailer")) {
            (FileKind::World, (self.world)(text))
        } else if let Some(findings) = settings(text, has) {
            (FileKind::Settings, findings)
        } else {
            (FileKind::Unknown, vec![codes::UNKNOWN_KIND.plain()])
        };
        Checked { kind, rows: 0, sound: 0, findings }
    }
}

/// A file of meter data: what is wrong with its zip, its rows, and its name.
fn metering(path: &Path) -> Checked {
    let read = read_files(&[path.to_owned()], &Form::Summary, &Meterage::default(), &mut |_| Ok(()));
    // Nothing is written, so that nothing can fail but the file itself, and that is a finding.
    let Some(read) = read.ok().and_then(|reads| reads.into_iter().next()) else {
        return failed(FileKind::Metering, codes::METER_SOURCE.plain());
    };
    let rows = read.tally.read + read.tally.rejected;
    Checked { kind: FileKind::Metering, rows, sound: read.tally.read, findings: read.findings }
}

/// Whether it is a zip that is no workbook: one without an extension, or with a wrong one, is told by its first name.
fn is_meter_zip(file: &mut File, start: &[u8]) -> io::Result<bool> {
    if !begins_as_zip(start) {
        return Ok(false);
    }
    let limits = ArchiveLimits { nested: true, ..ArchiveLimits::default() };
    let name = Archive::open(&*file, &limits, None).map(|archive| archive.name().to_owned());
    file.rewind()?;
    // A workbook has many entries.
    Ok(name.is_ok())
}

/// Whether the root element of the XML is that of meter data, under any prefix.
fn looks_like_sbd(start: &[u8]) -> bool {
    memchr::memmem::find_iter(start, b"SBD-MSG").any(|at| {
        let before = start.get(..at).unwrap_or_default();
        before.ends_with(b"<") || before.ends_with(b":")
    })
}

/// Rows of applications on their way through the preflight.
struct Rows<'a> {
    preflight: Preflight<'a>,
    checked: Checked,
}

impl<'a> Rows<'a> {
    fn new(context: RuleContext<'a>) -> Rows<'a> {
        let checked = Checked { kind: FileKind::Applications, rows: 0, sound: 0, findings: Vec::new() };
        Rows { preflight: Preflight::new(context, HashSet::new()), checked }
    }

    fn row(&mut self, line: u64, application: Result<Application, Vec<Finding>>) {
        let findings = &mut self.checked.findings;
        let before = findings.len();
        match application {
            Ok(application) => self.preflight.check(line, &application, findings),
            Err(found) => findings.extend(found),
        }
        self.checked.rows += 1;
        self.checked.sound += u64::from(!findings.iter().skip(before).any(Finding::is_error));
    }

    fn checked(mut self) -> Checked {
        if self.checked.rows == 0 {
            self.checked.findings.push(codes::NO_ROWS.plain());
        }
        self.checked
    }
}

fn failed(kind: FileKind, finding: Finding) -> Checked {
    Checked { kind, rows: 0, sound: 0, findings: vec![finding] }
}

fn read_whole<T>(file: &mut File, max: u64, check: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
    let mut octets = Vec::new();
    file.take(max + 1).read_to_end(&mut octets)?;
    Ok(check(&octets))
}

/// Whether the first octets that are not blank or a byte order mark begin an element, in any charset.
fn looks_like_xml(start: &[u8]) -> bool {
    let marks: [u8; 5] = [0xEF, 0xBB, 0xBF, 0xFE, 0xFF];
    let mut seen = start.iter().filter(|octet| !octet.is_ascii_whitespace() && !marks.contains(octet) && **octet != 0);
    seen.next() == Some(&b'<')
}

/// The finding of a file that cannot be opened or read.
#[must_use]
pub fn unreadable(path: &Path, error: &io::Error) -> Finding {
    let (ja, en) = match error.kind() {
        io::ErrorKind::NotFound => ("ファイルがありません", "no such file"),
        io::ErrorKind::PermissionDenied => ("読み取りの権限がありません", "no permission to read it"),
        io::ErrorKind::IsADirectory => ("ファイルではなくフォルダーです", "it is a folder, not a file"),
        _ => ("読み込みに失敗しました", "it cannot be read"),
    };
    codes::UNREADABLE_FILE.finding(ja, format!("{en} ({})", error.kind())).in_file(&path.display().to_string())
}

fn not_utf8(at: usize) -> Finding {
    let mut finding = codes::BAD_BYTES.finding(
        format!("{}バイト目がUTF-8の文字として読めません（TOMLはUTF-8です）", at + 1),
        format!("byte {} is not a character of UTF-8, the charset of TOML", at + 1),
    );
    finding.place.byte = Some(at as u64 + 1);
    finding
}

fn not_toml(text: &str, error: &toml::de::Error) -> Finding {
    let finding = codes::BAD_SETTINGS.finding("TOMLとして読めません", format!("not TOML: {}", error.message()));
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => finding.at_line(before.matches('\n').count() as u64 + 1),
        None => finding,
    }
}

fn binding(text: &str) -> Vec<Finding> {
    let wrong = |error| {
        let crate::wire::BindingError { line, .. } = error;
        codes::BAD_SETTINGS.finding(error.ja(), error.en()).at_line(line as u64)
    };
    Binding::parse(text).err().map(wrong).into_iter().collect()
}

fn notice(text: &str) -> Vec<Finding> {
    let wrong = |error: crate::notice::NoticeError| {
        codes::BAD_SETTINGS.finding(error.ja(), error.en()).at_line(error.line as u64)
    };
    Notice::parse(text).err().map(wrong).into_iter().collect()
}

/// The tables the rules and the calendar read; nothing where the file is none of them.
fn settings(text: &str, has: impl Fn(&str) -> bool) -> Option<Vec<Finding>> {
    const HOLIDAYS: &str = include_str!("../../schemas/holidays.csv");
    const OPERATORS: &str = include_str!("../../schemas/operators.toml");
    const LEAD_TIMES: &str = include_str!("../../schemas/lead-times.toml");
    const RULES: &str = include_str!("../../schemas/rules.toml");
    let place = |line: Option<usize>, finding: Finding| match line {
        Some(line) => finding.at_line(line as u64),
        None => finding,
    };
    let found = if has("counting") || has("period") || has("closed") {
        let (operators, lead_times) = if has("closed") { (text, LEAD_TIMES) } else { (OPERATORS, text) };
        let error = Calendar::read(HOLIDAYS, operators, lead_times).err();
        error.map(|error| place(error.line, codes::BAD_SETTINGS.finding(error.ja, error.en)))
    } else if has("consent") || has("retailer") {
        let (rules, patterns) = if has("consent") { (text, "") } else { (RULES, text) };
        let error = Settings::read(rules, patterns).err();
        let say = |en: String| codes::BAD_SETTINGS.finding(format!("設定に誤りがあります（{en}）"), en);
        error.map(|error| place(error.line, say(error.en)))
    } else {
        return None;
    };
    Some(found.into_iter().collect())
}
