//! 入出力エラーの原因: what the machine says of a file, in Japanese.

use super::StoreError;
use std::io::ErrorKind;
use std::path::Path;

/// The cause of a failure in the words of a Japanese sentence.
#[must_use]
pub const fn cause_ja(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "ファイルまたはフォルダがありません",
        ErrorKind::PermissionDenied => "権限がありません",
        ErrorKind::AlreadyExists => "同じ名前のファイルがあります",
        ErrorKind::IsADirectory => "ファイルではなくフォルダです",
        ErrorKind::NotADirectory => "フォルダではなくファイルです",
        ErrorKind::ReadOnlyFilesystem => "読み取り専用です",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "空き容量が足りません",
        ErrorKind::FileTooLarge => "ファイルが大きすぎます",
        ErrorKind::ResourceBusy => "使用中です",
        ErrorKind::InvalidFilename => "名前が正しくありません",
        ErrorKind::InvalidData => "UTF-8の文字として読めません",
        _ => "入出力エラー",
    }
}

/// What a failure at a file or folder of the store is to its user.
pub(crate) fn unusable(path: &Path, error: &std::io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull => StoreError::Full(path.into()),
        kind => StoreError::Folder(path.into(), cause_ja(kind).to_owned()),
    }
}
