use super::*;
use ArchiveErrorKind as Kind;
use proptest::prelude::*;
use std::io::{Cursor, Read, Seek, Write};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

const NAME: &str = "W41120202611210000000000.xml";

fn content() -> Vec<u8> {
    (0..2000u32).flat_map(|row| format!("<JP06400>03{row:020}</JP06400>").into_bytes()).collect()
}

fn zipped(content: &[u8]) -> Vec<u8> {
    write(Cursor::new(Vec::new()), NAME, content).unwrap().into_inner()
}

/// A zip of the given entries by the library, which is not ours.
fn foreign(entries: &[(&str, &[u8], CompressionMethod)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content, method) in entries {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(*method)).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn read_with(octets: &[u8], limits: &ArchiveLimits) -> Result<Vec<u8>, ArchiveError> {
    let mut archive = Archive::open(Cursor::new(octets), limits, None)?;
    let mut entry = archive.entry()?;
    let mut out = Vec::new();
    let mut room = [0; 777];
    loop {
        match entry.read(&mut room) {
            Ok(0) => return Ok(out),
            Ok(count) => out.extend_from_slice(&room[..count]),
            Err(error) => return Err(ArchiveError::of(&error).expect("an archive error")),
        }
    }
}

fn kind(octets: &[u8]) -> Kind {
    let error = read_with(octets, &ArchiveLimits::default()).unwrap_err();
    assert_eq!(error.finding().code, error.code());
    error.kind
}

/// The offset of the directory of a small zip without a comment.
fn directory(octets: &[u8]) -> usize {
    memchr::memmem::rfind(octets, b"PK\x01\x02").unwrap()
}

#[test]
fn what_is_written_is_read_and_always_the_same() {
    let content = content();
    let octets = zipped(&content);
    assert_eq!(octets, zipped(&content));
    assert_eq!(read_with(&octets, &ArchiveLimits::default()).unwrap(), content);
    let archive = Archive::open(Cursor::new(&octets), &ArchiveLimits::default(), Some(octets.len() as u64)).unwrap();
    assert_eq!((archive.name(), archive.size()), (NAME, content.len() as u64));
    assert_eq!(read_with(&zipped(b""), &ArchiveLimits::default()).unwrap(), b"");
    assert_eq!(read_with(&zipped(b"<a/>"), &ArchiveLimits::default()).unwrap(), b"<a/>");
    let stored = foreign(&[("folder/a.xml", b"<a/>", CompressionMethod::Stored)]);
    assert_eq!(read_with(&stored, &ArchiveLimits::default()).unwrap(), b"<a/>");
    assert_eq!(Archive::open(Cursor::new(&stored), &ArchiveLimits::default(), None).unwrap().name(), "a.xml");
}

#[test]
fn an_entry_can_be_read_in_another_thread() {
    fn is_send<T: Send>(_: &T) {}
    let octets = zipped(b"<a/>");
    let mut archive = Archive::open(Cursor::new(octets), &ArchiveLimits::default(), None).unwrap();
    is_send(&archive);
    is_send(&archive.entry().unwrap());
}

#[test]
fn a_zip_that_is_cut_off_anywhere_is_never_taken_for_whole() {
    let octets = zipped(b"<a>cut</a>");
    for end in 0..octets.len() {
        let expected = if end < 4 { Kind::NotZip } else { Kind::Truncated };
        assert_eq!(kind(&octets[..end]), expected, "{end} of {}", octets.len());
    }
}

#[test]
fn a_flipped_bit_anywhere_is_found_or_does_not_matter() {
    let content = b"<a>0123456789</a>".repeat(20);
    let octets = zipped(&content);
    let data = (30 + NAME.len()) * 8..directory(&octets) * 8;
    let mut harmless = 0;
    for at in 0..octets.len() * 8 {
        let mut wrong = octets.clone();
        wrong[at / 8] ^= 1 << (at % 8);
        if let Ok(read) = read_with(&wrong, &ArchiveLimits::default()) {
            assert_eq!(read, content, "bit {at}");
            harmless += usize::from(data.contains(&at));
        }
    }
    // The bits that fill the last octet of the data.
    assert!(harmless < 8, "{harmless}");
    let check_sum = directory(&octets) + 16;
    let mut wrong = octets.clone();
    wrong[check_sum] ^= 1;
    assert_eq!(kind(&wrong), Kind::Damaged);
}

#[test]
fn what_is_no_zip_is_told_apart() {
    for octets in [&b""[..], b"PK", b"<?xml version=\"1.0\"?>", b"<html>login</html>", &[0; 300]] {
        assert_eq!(kind(octets), Kind::NotZip);
    }
}

#[test]
fn a_zip_has_one_file() {
    let deflated = CompressionMethod::Deflated;
    let two = foreign(&[("a.xml", b"<a/>", deflated), ("b.xml", b"<b/>", deflated)]);
    assert_eq!(kind(&two), Kind::Entries { got: 2 });
    let lenient = ArchiveLimits { entries: 2, ..ArchiveLimits::default() };
    assert_eq!(read_with(&two, &lenient).unwrap(), b"<a/>");
    let mut twice = two.clone();
    for at in memchr::memmem::find_iter(&two, b"b.xml") {
        twice[at] = b'a';
    }
    assert_eq!(kind(&twice), Kind::Entries { got: 2 });
    assert_eq!(kind(&foreign(&[])), Kind::Empty);
    let mut folder = ZipWriter::new(Cursor::new(Vec::new()));
    folder.add_directory("a", SimpleFileOptions::default()).unwrap();
    assert_eq!(kind(&folder.finish().unwrap().into_inner()), Kind::Empty);
    // A directory of which the end says that it is long is not read.
    let mut many = zipped(b"<a/>");
    let end = many.len() - 22;
    many[end + 8..end + 12].copy_from_slice(&[0xFE, 0xFF, 0xFE, 0xFF]);
    assert_eq!(kind(&many), Kind::Entries { got: 65_534 });
}

#[test]
fn an_encrypted_zip_and_another_compression_are_told_apart() {
    let mut encrypted = zipped(b"<a/>");
    let directory = directory(&encrypted);
    encrypted[6] |= 1;
    encrypted[directory + 8] |= 1;
    assert_eq!(kind(&encrypted), Kind::Encrypted);
    let mut other = zipped(b"<a/>");
    other[8] = 14;
    other[directory + 10] = 14;
    assert_eq!(kind(&other), Kind::Unsupported);
}

#[test]
fn a_name_that_leads_elsewhere_is_refused() {
    for name in ["../a.xml", "a/../../b.xml", "/etc/a.xml", "..\\a.xml", "C:a.xml", "a\u{1}.xml"] {
        let other = &"12345678901234567890"[..name.len()];
        let mut octets = foreign(&[(other, b"<a/>", CompressionMethod::Deflated)]);
        for at in memchr::memmem::find_iter(&octets.clone(), other) {
            octets[at..at + name.len()].copy_from_slice(name.as_bytes());
        }
        assert_eq!(kind(&octets), Kind::Path, "{name}");
    }
}

#[test]
fn a_zip_in_a_zip_is_refused_by_its_name_and_by_its_beginning() {
    let inner = zipped(b"<a/>");
    for name in ["inner.zip", "inner.ZIP", "inner.xml"] {
        let outer = foreign(&[(name, &inner, CompressionMethod::Deflated)]);
        assert_eq!(kind(&outer), Kind::Nested, "{name}");
        let allowed = ArchiveLimits { nested: true, ..ArchiveLimits::default() };
        assert_eq!(read_with(&outer, &allowed).unwrap(), inner);
    }
}

#[test]
fn the_size_of_the_list_counts() {
    let octets = zipped(b"<a/>");
    let got = octets.len() as u64;
    let error = Archive::open(Cursor::new(&octets), &ArchiveLimits::default(), Some(got + 1)).unwrap_err();
    assert_eq!(error.kind, Kind::ListedSize { listed: got + 1, got });
    assert!(error.calls_for_another_try());
}

#[test]
fn a_bomb_does_not_go_off() {
    let zeros = vec![b'0'; 4 * 1024 * 1024];
    let bomb = zipped(&zeros);
    let limits = ArchiveLimits::default();
    assert_eq!(kind(&bomb), Kind::Ratio { max: limits.ratio });
    let wide = ArchiveLimits { ratio: 2000, ..limits };
    assert_eq!(read_with(&bomb, &wide).unwrap().len(), zeros.len());
    let narrow = ArchiveLimits { entry: 1000, ..wide };
    assert_eq!(read_with(&bomb, &narrow).unwrap_err().kind, Kind::EntryTooLarge { max: 1000 });
    let small = ArchiveLimits { archive: 10, ..limits };
    let got = bomb.len() as u64;
    assert_eq!(read_with(&bomb, &small).unwrap_err().kind, Kind::TooLarge { max: 10, got });

    // What the directory says of the size is not believed, in either direction.
    for lie in [1u32, 3, 8 * 1024 * 1024] {
        let mut liar = zipped(b"<a/>");
        let directory = directory(&liar);
        liar[directory + 24..directory + 28].copy_from_slice(&lie.to_le_bytes());
        let error = read_with(&liar, &ArchiveLimits { ratio: u64::MAX, ..limits }).unwrap_err();
        assert_eq!(error.kind, Kind::Damaged, "{lie}");
    }
}

/// A zip with its directory in the form for large files.
fn zip64(content: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(NAME, SimpleFileOptions::default().large_file(true)).unwrap();
    zip.write_all(content).unwrap();
    let plain = zip.finish().unwrap().into_inner();
    let end = plain.len() - 22;
    let directory = u64::from(u32::from_le_bytes(plain[end + 16..end + 20].try_into().unwrap()));
    let mut octets = plain[..end].to_vec();
    let at = octets.len() as u64;
    octets.extend_from_slice(b"PK\x06\x06");
    octets.extend_from_slice(&44u64.to_le_bytes());
    octets.extend_from_slice(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [1, 1, at - directory, directory] {
        octets.extend_from_slice(&number.to_le_bytes());
    }
    octets.extend_from_slice(b"PK\x06\x07\0\0\0\0");
    octets.extend_from_slice(&at.to_le_bytes());
    octets.extend_from_slice(&1u32.to_le_bytes());
    octets.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    octets.extend_from_slice(&[0xFF; 12]);
    octets.extend_from_slice(&[0, 0]);
    octets
}

#[test]
fn a_zip64_is_read_where_it_is_sound() {
    let content = content();
    let octets = zip64(&content);
    assert_eq!(read_with(&octets, &ArchiveLimits::default()).unwrap(), content);
    let record = memchr::memmem::rfind(&octets, b"PK\x06\x06").unwrap();
    let mut many = octets.clone();
    many[record + 32..record + 40].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(kind(&many), Kind::Entries { got: u64::MAX });
    let mut astray = octets.clone();
    let locator = memchr::memmem::rfind(&octets, b"PK\x06\x07").unwrap();
    astray[locator + 8..locator + 16].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(kind(&astray), Kind::Damaged);
}

/// A source that breaks when its data is read.
struct Broken(Cursor<Vec<u8>>, u64);

impl Read for Broken {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.0.position() >= 40 && self.0.position() < self.1 {
            return Err(std::io::ErrorKind::TimedOut.into());
        }
        self.0.read(out)
    }
}

impl Seek for Broken {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_source_that_breaks_is_not_a_damaged_zip() {
    let octets = zipped(&content().repeat(20));
    assert!(octets.len() > 100_000, "the tail does not reach the data");
    let tail = octets.len() as u64 - 70_000;
    let mut archive = Archive::open(Broken(Cursor::new(octets), tail), &ArchiveLimits::default(), None).unwrap();
    let error = archive.entry().map(|_| ()).unwrap_err();
    assert_eq!(error.kind, Kind::Io(std::io::ErrorKind::TimedOut));
}

proptest! {
    #[test]
    fn no_octets_make_it_panic(octets in prop::collection::vec(any::<u8>(), 0..300), head in any::<bool>()) {
        let octets = if head { [&b"PK\x03\x04"[..], &octets, &b"PK\x05\x06"[..], &octets].concat() } else { octets };
        prop_assert!(read_with(&octets, &ArchiveLimits::default()).is_err());
    }

    #[test]
    fn mutated_zips_give_the_content_or_an_error(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let content = content();
        let mut octets = zipped(&content);
        for (at, octet) in cuts {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        if let Ok(read) = read_with(&octets, &ArchiveLimits::default()) {
            prop_assert_eq!(read, content);
        }
    }
}
