//! Why a zip is not read.

use crate::rules::{Finding, Rule, codes};
use std::{fmt, io};
use zip::result::ZipError;

/// zipの誤り: why a zip is not read, or not to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveError {
    /// What is wrong.
    pub kind: ArchiveErrorKind,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArchiveErrorKind {
    /// It does not begin like a zip.
    NotZip,
    /// It begins like a zip and has no end.
    Truncated,
    /// Directory, data or check sum do not go together.
    Damaged,
    /// A password is needed.
    Encrypted,
    /// There is no file in it.
    Empty,
    /// There is more than one entry.
    Entries {
        /// How many there are, at least.
        got: u64,
    },
    /// The name of the entry leads out of a folder.
    Path,
    /// The entry is a zip itself.
    Nested,
    /// Its size is not that of the list.
    ListedSize {
        /// By the list.
        listed: u64,
        /// As it is.
        got: u64,
    },
    /// The zip is larger than the limit.
    TooLarge {
        /// The limit in octets.
        max: u64,
        /// The size.
        got: u64,
    },
    /// The entry is larger than the limit.
    EntryTooLarge {
        /// The limit in octets.
        max: u64,
    },
    /// The entry is compressed beyond the limit.
    Ratio {
        /// The limit.
        max: u64,
    },
    /// Another compression than deflate, or a zip in several pieces.
    Unsupported,
    /// The source cannot be read.
    Io(io::ErrorKind),
}

impl ArchiveError {
    /// The archive error that reading an [`super::Entry`] gave, if it was one.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<ArchiveError> {
        error.get_ref()?.downcast_ref::<ArchiveError>().copied()
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.rule().code
    }

    /// Whether fetching the file again may help: it was cut off or damaged on its way.
    ///
    /// Source: facts/wire.md §2.9: a size mismatch or a zip error happens in practice and means download again.
    #[must_use]
    pub const fn calls_for_another_try(&self) -> bool {
        use ArchiveErrorKind as Kind;
        matches!(
            self.kind,
            Kind::NotZip | Kind::Truncated | Kind::Damaged | Kind::Empty | Kind::ListedSize { .. } | Kind::Io(_)
        )
    }

    const fn rule(&self) -> &'static Rule {
        match self.kind {
            ArchiveErrorKind::NotZip => &codes::NOT_A_ZIP,
            ArchiveErrorKind::Truncated => &codes::ZIP_TRUNCATED,
            ArchiveErrorKind::Damaged => &codes::ZIP_DAMAGED,
            ArchiveErrorKind::Encrypted => &codes::ZIP_ENCRYPTED,
            ArchiveErrorKind::Empty => &codes::ZIP_EMPTY,
            ArchiveErrorKind::Entries { .. } => &codes::ZIP_ENTRIES,
            ArchiveErrorKind::Path => &codes::ZIP_PATH,
            ArchiveErrorKind::Nested => &codes::ZIP_NESTED,
            ArchiveErrorKind::ListedSize { .. } => &codes::ZIP_SIZE,
            ArchiveErrorKind::TooLarge { .. } | ArchiveErrorKind::EntryTooLarge { .. } => &codes::ZIP_TOO_LARGE,
            ArchiveErrorKind::Ratio { .. } => &codes::ZIP_RATIO,
            ArchiveErrorKind::Unsupported => &codes::ZIP_UNSUPPORTED,
            ArchiveErrorKind::Io(_) => &codes::ZIP_READ,
        }
    }

    /// 日本語の説明: what is wrong, in Japanese.
    #[must_use]
    pub fn ja(&self) -> String {
        match self.kind {
            ArchiveErrorKind::Entries { got } => format!("zipファイルに{got}個以上のファイルが入っています"),
            ArchiveErrorKind::ListedSize { listed, got } => {
                format!("ファイルの大きさが一覧と違います（一覧{listed}バイト、実際{got}バイト）")
            }
            ArchiveErrorKind::TooLarge { max, got } => {
                format!("zipファイルの大きさ{got}バイトが上限{max}バイトを超えます")
            }
            ArchiveErrorKind::EntryTooLarge { max } => format!("zipを展開した大きさが上限{max}バイトを超えます"),
            ArchiveErrorKind::Ratio { max } => format!("zipの圧縮率が上限の{max}倍を超えます"),
            ArchiveErrorKind::Io(kind) => format!("zipファイルを読み込めません（{kind}）"),
            _ => self.rule().ja.to_owned(),
        }
    }

    /// What is wrong, in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self.kind {
            ArchiveErrorKind::Entries { got } => format!("there are {got} or more files in the zip file"),
            ArchiveErrorKind::ListedSize { listed, got } => {
                format!("the size of the file is not that of the list: expected {listed} octets, got {got}")
            }
            ArchiveErrorKind::TooLarge { max, got } => {
                format!("the zip file has {got} octets, the limit is {max}")
            }
            ArchiveErrorKind::EntryTooLarge { max } => {
                format!("what the zip holds is larger than the limit of {max} octets")
            }
            ArchiveErrorKind::Ratio { max } => format!("the zip is compressed by more than {max} to 1"),
            ArchiveErrorKind::Io(kind) => format!("the zip file cannot be read: {kind}"),
            _ => self.rule().en.to_owned(),
        }
    }

    /// The error as a finding about the file.
    #[must_use]
    pub fn finding(&self) -> Finding {
        self.rule().finding(self.ja(), self.en())
    }
}

/// What an error of the library means; by then the zip has a beginning and an end.
pub(super) fn of_zip(error: &ZipError) -> ArchiveError {
    match error {
        ZipError::Io(error) => of_read(error),
        ZipError::InvalidPassword => ArchiveErrorKind::Encrypted.into(),
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            ArchiveErrorKind::Unsupported.into()
        }
        _ => ArchiveErrorKind::Damaged.into(),
    }
}

/// What an error while reading means: the inflater and the check sum speak of wrong data, the rest is the source's.
pub(super) fn of_read(error: &io::Error) -> ArchiveError {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            ArchiveErrorKind::Damaged.into()
        }
        kind => ArchiveErrorKind::Io(kind).into(),
    }
}

impl From<ArchiveErrorKind> for ArchiveError {
    fn from(kind: ArchiveErrorKind) -> ArchiveError {
        ArchiveError { kind }
    }
}

impl From<ArchiveError> for io::Error {
    fn from(error: ArchiveError) -> io::Error {
        let kind = if let ArchiveErrorKind::Io(kind) = error.kind { kind } else { io::ErrorKind::InvalidData };
        io::Error::new(kind, error)
    }
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} / {}", self.code(), self.ja(), self.en())
    }
}

impl std::error::Error for ArchiveError {}
