//! 秘密: where passwords and keys are kept, and that nobody else can read them there.

use super::ConfigError;
use crate::rules::codes;
use crate::store::cause_ja;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::HashMap;
use std::fmt;
use std::fs::{File, Metadata};
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The most octets of a file with a secret.
const MOST: u64 = 1 << 20;

/// パスワードの場所: in a file, in the environment, asked for, or in a configuration that its owner alone can read — never an
/// argument of a command, which every user of the machine sees.
#[derive(Clone)]
pub enum PasswordPlace {
    /// It stands in the configuration.
    Written(SecretString),
    /// The first line of a file.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// A person types it; asked for once in a run.
    Prompt,
}

/// Without the password.
impl fmt::Debug for PasswordPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PasswordPlace::Written(_) => f.write_str("Written(…)"),
            PasswordPlace::File(path) => write!(f, "File({})", path.display()),
            PasswordPlace::Environment(name) => write!(f, "Environment({name})"),
            PasswordPlace::Prompt => f.write_str("Prompt"),
        }
    }
}

impl PartialEq for PasswordPlace {
    fn eq(&self, other: &PasswordPlace) -> bool {
        match (self, other) {
            (PasswordPlace::Written(one), PasswordPlace::Written(two)) => one.expose_secret() == two.expose_secret(),
            (PasswordPlace::File(one), PasswordPlace::File(two)) => one == two,
            (PasswordPlace::Environment(one), PasswordPlace::Environment(two)) => one == two,
            (PasswordPlace::Prompt, PasswordPlace::Prompt) => true,
            _ => false,
        }
    }
}

impl Eq for PasswordPlace {}

impl PasswordPlace {
    /// Reads the password of something. What goes wrong names the place, never the password.
    pub fn read(&self, what: &str) -> Result<SecretString, ConfigError> {
        let missing = |place: &str, ja: &str, en: &str| {
            let (ja, en) = (format!("{place}: {ja}"), format!("{place}: {en}"));
            ConfigError::coded(&codes::SECRET_MISSING, ja, en)
        };
        let (place, text) = match self {
            PasswordPlace::Written(password) => return Ok(password.clone()),
            PasswordPlace::Prompt => return asked(what),
            PasswordPlace::File(path) => {
                let octets = read_private(path)?;
                let text = std::str::from_utf8(&octets).map_err(|_| {
                    missing(&path.display().to_string(), "文字コードがUTF-8ではありません", "not in UTF-8")
                })?;
                (path.display().to_string(), Zeroizing::new(text.trim_start_matches('\u{feff}').to_owned()))
            }
            PasswordPlace::Environment(name) => {
                let text = std::env::var(name)
                    .map_err(|_| missing(name, "環境変数が設定されていません", "the variable is not set"))?;
                (name.clone(), Zeroizing::new(text))
            }
        };
        match text.lines().next() {
            None | Some("") => Err(missing(&place, "空です", "it is empty")),
            Some(line) => Ok(SecretString::from(line)),
        }
    }
}

/// What a person typed, asked for once in a run: several lines may use one certificate.
fn asked(what: &str) -> Result<SecretString, ConfigError> {
    static TYPED: OnceLock<Mutex<HashMap<String, SecretString>>> = OnceLock::new();
    let mut typed = TYPED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = typed.get(what) {
        return Ok(known.clone());
    }
    let fail = |ja: &str, en: &str| {
        ConfigError::coded(&codes::SECRET_MISSING, format!("{what}: {ja}"), format!("{what}: {en}"))
    };
    if !std::io::stdin().is_terminal() {
        return Err(fail(
            "入力できる端末がありません。client-password-file か client-password-env を使ってください",
            "there is no terminal to ask on: use `client-password-file` or `client-password-env`",
        ));
    }
    let line = rpassword::prompt_password(format!("{what} のパスワード / password: "))
        .map(Zeroizing::new)
        .map_err(|_| fail("入力を読めません", "what was typed cannot be read"))?;
    let secret = SecretString::from(line.as_str());
    typed.insert(what.to_owned(), secret.clone());
    Ok(secret)
}

/// The octets of a file with a secret; refused where others can read it.
pub(super) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    let file = open(path)?;
    let metadata = file.metadata().map_err(|error| unreadable(path, error.kind()))?;
    if let Some(mode) = open_to_others(&metadata) {
        return Err(exposed(path, mode));
    }
    octets(path, file)
}

/// The octets of a file that anybody may read.
pub(super) fn read_public(path: &Path) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    octets(path, open(path)?)
}

fn open(path: &Path) -> Result<File, ConfigError> {
    File::open(path).map_err(|error| unreadable(path, error.kind()))
}

fn octets(path: &Path, file: File) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    let mut octets = Zeroizing::new(Vec::new());
    file.take(MOST + 1).read_to_end(&mut octets).map_err(|error| unreadable(path, error.kind()))?;
    if octets.len() as u64 > MOST {
        let path = path.display();
        let (ja, en) = (format!("{path}: 大きすぎます"), format!("{path}: more than {MOST} bytes"));
        return Err(ConfigError::coded(&codes::CERT_FORM, ja, en));
    }
    Ok(octets)
}

fn unreadable(path: &Path, why: std::io::ErrorKind) -> ConfigError {
    let path = path.display();
    let ja = format!("{path} を読めません（{}）", cause_ja(why));
    ConfigError::coded(&codes::CERT_UNREADABLE, ja, format!("cannot read {path}: {why}"))
}

/// The refusal of a file that others can read.
pub(super) fn exposed(path: &Path, mode: u32) -> ConfigError {
    let path = path.display();
    let ja = format!("{path} をほかの利用者が読めます（権限 {mode:04o}）");
    ConfigError::coded(&codes::SECRET_OPEN, ja, format!("{path} can be read by others (mode {mode:04o})"))
}

/// The mode of a file that others than its owner can read. One that belongs to root may be read by its group, which is how
/// secrets are mounted into containers; a pipe has no other readers.
#[cfg(unix)]
pub(super) fn open_to_others(metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = metadata.mode() & 0o7777;
    let allowed = if metadata.uid() == 0 { 0o750 } else { 0o700 };
    (metadata.is_file() && mode & 0o777 & !allowed != 0).then_some(mode)
}

/// Elsewhere the rights of a file are not looked at.
#[cfg(not(unix))]
pub(super) fn open_to_others(_: &Metadata) -> Option<u32> {
    None
}
