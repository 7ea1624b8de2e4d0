//! Files left for a person: written whole or not at all.
//!
//! A file is written under a temporary name in the folder it will stand in, brought to the disk, and only then renamed.
//! What a writer that was killed left under such a name holds personal data too: the next writer of that file removes it.
//! A result file holds personal data, so it is readable by its owner and group at most (`rw-rw----` less the umask).

use crate::rules::{Finding, codes};
use crate::store::cause_ja;
use std::fmt;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// 出力エラー: a file that could not be written. What stood there before is untouched.
#[derive(Debug)]
pub struct OutputError {
    path: PathBuf,
    cause: io::Error,
}

/// Writes a file whole or not at all: `write` fills a temporary file beside `path`, which then takes its place.
///
/// # Errors
/// When the folder is missing or read-only, the disk is full, `path` is a folder or a device, or `write` fails. An older
/// file at `path` then stands as it was, and no temporary file is left.
pub fn write_atomically(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), OutputError> {
    replace(path, write).map_err(|cause| OutputError { path: path.to_owned(), cause })
}

fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // A rename would put a regular file in place of a device or a link without a word.
    match path.symlink_metadata() {
        Ok(found) if found.is_dir() => return Err(ErrorKind::IsADirectory.into()),
        Ok(found) if !found.is_file() => return Err(ErrorKind::InvalidFilename.into()),
        _ => {}
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let prefix = prefix_of(path);
    remove_remains(folder, &prefix);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(SUFFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o660));
    let mut file = builder.tempfile_in(folder)?;
    // Held until the file has its name. Where a file system knows no locks, only remains may stay.
    let _ = file.as_file().try_lock();
    let mut buffered = BufWriter::with_capacity(1 << 16, file.as_file_mut());
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The new name itself must outlast a power cut; only Unix can open a folder to say so.
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}

const SUFFIX: &str = ".tmp";

/// How the temporary names of this file begin; names of files are at most 255 octets long.
fn prefix_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    format!(".occto-{}-", &name[..name.floor_char_boundary(200)])
}

/// Removes what writers of this file left that are no more: whoever still writes holds its lock.
fn remove_remains(folder: &Path, prefix: &str) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let temporary = name.to_str().is_some_and(|name| name.starts_with(prefix) && name.ends_with(SUFFIX));
        if temporary
            && entry.file_type().is_ok_and(|kind| kind.is_file())
            && std::fs::File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

impl OutputError {
    /// The file that could not be written.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the machine said.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.cause.kind()
    }

    /// The same as a finding: what happened, where, and what to do.
    #[must_use]
    pub fn to_finding(&self) -> Finding {
        let told = self.told();
        let rule = &codes::NOT_WRITTEN;
        let finding = rule
            .finding(
                format!("{}。{}（以前の結果は変更していません）", rule.ja, told.ja),
                format!("{}: {} (an older result is unchanged)", rule.en, told.en),
            )
            .in_file(&self.path.display().to_string());
        match told.way_out {
            Some((ja, en)) => finding.way_out(ja, en),
            None => finding,
        }
    }

    fn told(&self) -> Told {
        match self.cause.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Told {
                ja: "ディスクの空き容量が足りません".to_owned(),
                en: "the disk is full".to_owned(),
                way_out: Some((
                    "空き容量を確保するか、--out で別のフォルダーを指定してください",
                    "make room, or name another folder with --out",
                )),
            },
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::ResourceBusy => Told {
                ja: "書き込みが許可されていません".to_owned(),
                en: "writing is not permitted".to_owned(),
                way_out: Some((
                    "Excel などで開いている場合は閉じ、フォルダーの書き込み権限を確認するか、--out で別のフォルダーを指定してください",
                    "close the file if Excel has it open, check that the folder may be written to, or name another with --out",
                )),
            },
            ErrorKind::NotFound => Told {
                ja: "出力先のフォルダーがありません".to_owned(),
                en: "the folder does not exist".to_owned(),
                way_out: Some((
                    "フォルダーを作成するか、--out で既存のフォルダーを指定してください",
                    "create the folder, or name an existing one with --out",
                )),
            },
            ErrorKind::NotADirectory => Told {
                ja: "出力先がフォルダーではありません".to_owned(),
                en: "the place to write to is not a folder".to_owned(),
                way_out: Some(("--out でフォルダーを指定してください", "name a folder with --out")),
            },
            ErrorKind::IsADirectory | ErrorKind::InvalidFilename => Told {
                ja: "同じ名前のフォルダーまたは特殊なファイルがあります".to_owned(),
                en: "a folder or special file of that name is in the way".to_owned(),
                way_out: Some((
                    "名前を変えるか、--out で別のフォルダーを指定してください",
                    "rename it, or name another folder with --out",
                )),
            },
            other => Told { ja: format!("原因: {}", cause_ja(other)), en: self.cause.to_string(), way_out: None },
        }
    }
}

struct Told {
    ja: String,
    en: String,
    /// Where there is more to say than the rule does.
    way_out: Option<(&'static str, &'static str)>,
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_finding().fmt(f)
    }
}

impl std::error::Error for OutputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.csv");
        fs::write(&path, "a much longer older result").unwrap();
        write_atomically(&path, |out| out.write_all("新しい結果".as_bytes())).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "新しい結果");
        assert_eq!(names(folder.path()), ["results.csv"]);
    }

    #[test]
    fn a_full_disk_leaves_the_older_result_and_no_remains() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.csv");
        fs::write(&path, "older").unwrap();
        let error = write_atomically(&path, |out| {
            out.write_all(&vec![b'x'; 1 << 18])?;
            Err(ErrorKind::StorageFull.into())
        })
        .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        assert_eq!(fs::read_to_string(&path).unwrap(), "older");
        assert_eq!(names(folder.path()), ["results.csv"]);
        let told = error.to_string();
        assert!(
            told.contains("空き容量") && told.contains("results.csv") && told.contains("変更していません"),
            "{told}"
        );
    }

    #[test]
    fn remains_of_a_killed_writer_go_and_those_of_a_living_one_stay() {
        let folder = tempfile::tempdir().unwrap();
        let left = |name: &str| folder.path().join(name);
        for name in [".occto-results.csv-dead.tmp", ".occto-results.csv-alive.tmp", ".occto-other.csv-dead.tmp"] {
            fs::write(left(name), "x").unwrap();
        }
        let alive = fs::File::open(left(".occto-results.csv-alive.tmp")).unwrap();
        alive.lock().unwrap();
        write_atomically(&left("results.csv"), |out| out.write_all(b"x")).unwrap();
        let mut names = names(folder.path());
        names.sort();
        assert_eq!(names, [".occto-other.csv-dead.tmp", ".occto-results.csv-alive.tmp", "results.csv"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_disk_that_is_really_full_is_told_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.csv");
        let error = write_atomically(&path, |_| fs::write("/dev/full", "x")).unwrap_err();
        assert!(error.to_string().contains("the disk is full"), "{error}");
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_atomically(&folder.path().join("none").join("results.csv"), |_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("フォルダーがありません"), "{error}");
    }

    #[test]
    fn a_file_where_a_folder_should_be_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("out"), "").unwrap();
        let error = write_atomically(&folder.path().join("out").join("results.csv"), |_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotADirectory);
    }

    #[test]
    fn a_folder_in_the_way_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.html");
        fs::create_dir(&path).unwrap();
        let error = write_atomically(&path, |_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::IsADirectory);
        assert!(path.is_dir());
    }

    #[cfg(unix)]
    #[test]
    fn results_are_not_for_everybody_on_the_machine() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.csv");
        write_atomically(&path, |out| out.write_all(b"x")).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o007, 0);
    }
}
