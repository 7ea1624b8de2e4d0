//! Bad input and bad places, as the binary meets them: a clear message, no panic, nothing half-written.

use crate::command::{EXAMPLE, arg, command, occto, refused, said};
use occto::store::Store;
use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }
    fn run(&self, file: &Path) -> Command {
        self.run_at(file, &self.path("data"), &self.path("out"))
    }
    fn run_at(&self, file: &Path, data: &Path, out: &Path) -> Command {
        command(&["switch", "run", arg(file), "--sandbox", "--data", arg(data), "--out", arg(out)])
    }
}

fn utf16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_file_that_is_no_file_of_applications_is_refused() {
    let place = Place::new();
    let example = fs::read(EXAMPLE).unwrap();
    let header_end = example.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let (header, rows) = example.split_at(header_end);
    let first_column = header.iter().position(|byte| *byte == b',').unwrap() + 1;
    let second = header[first_column..].iter().position(|byte| *byte == b',').unwrap();
    let missing = [&header[..first_column], b"x", &header[first_column + second..], rows].concat();
    let files: [(&str, &[u8], &[&str]); 9] = [
        ("empty.csv", b"", &["OC0101", "empty.csv", "見出し行"]),
        ("utf16.csv", &utf16("受付番号,供給地点特定番号\r\n"), &["OC0102", "UTF-16", "保存"]),
        ("no-header.csv", rows, &["OC0103", "1行目"]),
        ("header-only.csv", header, &["OC0113", "2行目以降"]),
        ("missing.csv", &missing, &["OC0104", "供給地点特定番号"]),
        ("nul.csv", b"\0\0\0\0,\0\r\n", &["OC0107", "NUL"]),
        ("bytes.csv", &[0x81, 0xff, 0xfe, 0x80, b',', b'\n'], &["OC0106", "CP932"]),
        ("page.csv", b"<!DOCTYPE html><html><title>x</title>", &["OC0103"]),
        ("broken.xlsx", b"PK\x03\x04 and then nothing", &["OC0117", "Excel"]),
    ];
    for (name, bytes, parts) in files {
        refused(&said(&mut place.run(&place.file(name, bytes))), parts);
    }
    refused(&said(&mut place.run(&place.path("none.csv"))), &["OC0112", "none.csv", "ありません"]);
    fs::create_dir(place.path("folder")).unwrap();
    refused(&said(&mut place.run(&place.path("folder"))), &["OC0112", "フォルダー"]);
    assert!(!place.path("out").exists(), "a refused file leaves no results");
    // The same folder takes a good file afterwards.
    assert_eq!(said(&mut place.run(Path::new(EXAMPLE))).code, Some(1));
}

#[test]
fn a_line_of_ten_megabytes_is_a_finding_of_its_row() {
    let place = Place::new();
    let mut example = fs::read(EXAMPLE).unwrap();
    example.extend(std::iter::repeat_n(b'a', 10_000_000));
    example.extend_from_slice(b"\r\n");
    let found = said(&mut place.run(&place.file("long.csv", &example)));
    assert_eq!(found.code, Some(1), "{found:?}");
    let results = fs::read(place.path("out").join("results.csv")).unwrap();
    assert!(results.len() < 1_000_000, "the line is not repeated");
    let rows = String::from_utf8_lossy(&results).lines().count();
    assert_eq!(rows, String::from_utf8_lossy(&fs::read(EXAMPLE).unwrap()).lines().count() + 1);
}

#[test]
fn hostile_xml_is_a_finding() {
    let place = Place::new();
    let golden = fs::read_to_string("tests/golden/switching/list-answer.low.xml").unwrap();
    let (head, tail) = golden.split_at(golden.find("  <Entry>").unwrap());
    let nested = format!("{head}{}{}{tail}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    let dtd = golden.replacen("<ListAnswer", "<!DOCTYPE ListAnswer [<!ENTITY a \"b\">]>\n<ListAnswer", 1);
    let entity = golden.replacen("REF-0001", "&a;", 1);
    for (name, text, code) in
        [("nested.xml", nested, "OC03"), ("dtd.xml", dtd, "OC0313"), ("entity.xml", entity, "OC03")]
    {
        let said = occto(&["check", arg(&place.file(name, text.as_bytes()))]);
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.out.contains(code) && said.out.contains(name), "{said:?}");
        assert!(said.out.contains("エラー1件"), "one mutation, one finding: {said:?}");
    }
}

#[test]
fn two_hundred_megabytes_are_refused_at_once() {
    let place = Place::new();
    let golden = fs::read("tests/golden/switching/list-answer.low.xml").unwrap();
    let path = place.file("big.xml", &golden);
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.set_len(200 << 20).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(b"</ListAnswer>").unwrap();
    let start = Instant::now();
    // Where memory is short it must do all the same: the whole process in 160 MB.
    let shell = format!("ulimit -v 160000; exec '{}' check '{}'", env!("CARGO_BIN_EXE_occto"), arg(&path));
    let found = said(Command::new("sh").args(["-c", &shell]));
    assert_eq!(found.code, Some(1), "{found:?}");
    assert!(found.out.contains("OC0116") && found.out.contains("64 MB"), "{found:?}");
    refused(&said(&mut place.run(&path)), &["OC01", "big.xml"]);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn a_broken_world_is_named() {
    let place = Place::new();
    let files: [(&str, &[u8], &str); 4] = [
        ("typo.toml", b"date = \"2026-04-01\"\nretailer = 5\n", "2行目12桁目"),
        ("cut.toml", b"date = \"2026-04-01\"\nretailer = \"40113\"\n[[poi", "3行目"),
        ("bytes.toml", b"\xff\xfe\x00", "世界ファイル"),
        ("empty.toml", b"", "date"),
    ];
    for (name, bytes, part) in files {
        let world = place.file(name, bytes);
        let mut run = place.run(Path::new(EXAMPLE));
        refused(&said(run.arg("--world").arg(&world)), &[name, part]);
        refused(&occto(&["sandbox", "--listen", "127.0.0.1:0", "--world", arg(&world)]), &[name, part]);
    }
    refused(&occto(&["sandbox", "--listen", "127.0.0.1:99999"]), &["127.0.0.1:99999"]);
}

#[test]
fn a_place_that_cannot_be_written_is_named_and_nothing_older_is_touched() {
    let place = Place::new();
    let example = Path::new(EXAMPLE);
    assert_eq!(said(&mut place.run(example)).code, Some(1));
    let older = fs::read(place.path("out").join("results.csv")).unwrap();
    let file = place.file("file", b"");
    for out in [file.join("out"), file.clone(), PathBuf::from("/proc/occto-out")] {
        refused(&said(&mut place.run_at(example, &place.path("data"), &out)), &[arg(&out), "--out"]);
    }
    for data in [file.join("data"), file, PathBuf::from("/proc/occto-data")] {
        refused(&said(&mut place.run_at(example, &data, &place.path("out"))), &[arg(&data), "--data"]);
    }
    // A folder where a result should stand.
    fs::create_dir_all(place.path("taken").join("results.csv")).unwrap();
    let taken = place.path("taken");
    refused(&said(&mut place.run_at(example, &place.path("data"), &taken)), &["OC0902", "results.csv"]);
    assert!(fs::read(place.path("out").join("results.csv")).unwrap() == older);
    assert_eq!(said(&mut place.run(example)).code, Some(1), "a second attempt works");
}

/// The shell lets no file grow over so many KiB; a write beyond fails as on a full disk.
fn limited(run: &Command, kib: u32) -> Command {
    let quoted = |text: &std::ffi::OsStr| format!("'{}'", text.to_str().unwrap());
    let words: Vec<_> = std::iter::once(run.get_program()).chain(run.get_args()).map(quoted).collect();
    let mut shell = Command::new("bash");
    shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {kib}; exec {}", words.join(" "))]);
    shell.current_dir(env!("CARGO_MANIFEST_DIR"));
    shell
}

#[test]
fn a_disk_that_fills_up_leaves_the_older_result() {
    let place = Place::new();
    let example = Path::new(EXAMPLE);
    assert_eq!(said(&mut place.run(example)).code, Some(1));
    let older = fs::read(place.path("out").join("results.csv")).unwrap();
    // No room for the data at the start, later, and for the results alone.
    for (round, kib) in [16, 64, 200, 600].into_iter().enumerate() {
        let data = place.path(&format!("data{round}"));
        let run = place.run_at(example, &data, &place.path("out"));
        let found = said(&mut limited(&run, kib));
        refused(&found, &[&format!("data{round}"), "再実行"]);
        assert!(fs::read(place.path("out").join("results.csv")).unwrap() == older);
        let found = said(&mut place.run_at(example, &data, &place.path("again")));
        assert_eq!(found.code, Some(1), "a second attempt works: {found:?}");
        assert!(fs::read(place.path("again").join("results.csv")).unwrap() == older, "{kib} KiB");
    }
    let temporary = |name: &str| name.contains(".tmp");
    let left = fs::read_dir(place.path("out")).unwrap();
    assert!(!left.map(|entry| entry.unwrap().file_name()).any(|name| temporary(name.to_str().unwrap())));
}

#[test]
fn a_full_disk_is_named() {
    let place = Place::new();
    let full = place.path("full");
    fs::create_dir(&full).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "none", arg(&full)]).output();
    if !mounted.is_ok_and(|mounted| mounted.status.success()) {
        eprintln!("skipped: a small disk cannot be mounted here");
        return;
    }
    struct Mounted(PathBuf);
    impl Drop for Mounted {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg(&self.0).status();
        }
    }
    let _mounted = Mounted(full.clone());
    let example = Path::new(EXAMPLE);
    fs::write(full.join("results.csv"), "older").unwrap();
    fs::write(full.join("filler"), vec![0; 56_000]).unwrap();
    let no_room = said(&mut place.run_at(example, &place.path("data"), &full));
    refused(&no_room, &["OC0902", "ディスクの空き容量が足りません", "--out"]);
    assert_eq!(fs::read_to_string(full.join("results.csv")).unwrap(), "older");
    refused(&said(&mut place.run_at(example, &full.join("data"), &place.path("out"))), &["空き", "再実行"]);
}

#[test]
fn one_process_at_a_time_holds_the_data_folder() {
    let place = Place::new();
    let data = place.path("data");
    let held = Store::open(&data).unwrap();
    let start = Instant::now();
    refused(&said(&mut place.run(Path::new(EXAMPLE))), &["別の occto が使用中", arg(&data)]);
    for args in [["switch", "status"], ["ledger", "verify"]] {
        refused(&occto(&[args[0], args[1], "--data", arg(&data)]), &["別の occto が使用中"]);
    }
    assert!(start.elapsed() < Duration::from_secs(4), "whoever comes second is told at once");
    drop(held);
    assert_eq!(said(&mut place.run(Path::new(EXAMPLE))).code, Some(1));
}
