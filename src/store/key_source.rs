//! 鍵の取得元: where a secret key of 32 octets comes from — a file only its owner reads, the environment, or a command
//! that asks a key service — and nothing of it in any message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;
use zeroize::Zeroizing;

/// Octets of a key.
pub const KEY_OCTETS: usize = 32;

/// 秘密鍵: 32 octets, overwritten when it is dropped. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<[u8; KEY_OCTETS]>);

/// 鍵の取得元: how a key is had, without the key. Written `file:PATH`, `env:NAME` or `command:LINE`; a plain path is a
/// file.
///
/// What is found there is 64 hexadecimal digits or 44 characters of Base64; blanks and line ends around it do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// A file that nobody but its owner may read (0600).
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// A line for the shell that prints the key, for example one that asks a key service (KMS).
    Command(String),
}

/// 鍵を使えない理由: why there is no key, without a character of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The source is not written as one.
    #[error(
        "鍵の取得元は file:パス、env:環境変数名、command:コマンド のいずれかで指定してください / a key comes from `file:PATH`, `env:NAME` or `command:LINE`"
    )]
    Source,
    /// The file cannot be read.
    #[error("鍵のファイル「{0}」を読めません（{1}） / cannot read the key file `{0}`")]
    File(PathBuf, &'static str),
    /// The key file of a store that was begun is not here.
    #[error(
        "鍵のファイル「{0}」がありません。この保存先の個人情報は既にある鍵で暗号化されています。その鍵のファイルをここに置くか、OCCTO_KEY で指定してください / the key file `{0}` is missing: the store was begun with a key, bring it here or name it in OCCTO_KEY"
    )]
    Missing(PathBuf),
    /// Others than the owner can read the file.
    #[error(
        "鍵のファイル「{0}」を所有者以外も読めます。chmod 600 で所有者だけにしてください / others than its owner can read the key file `{0}`: chmod 600 it"
    )]
    Open(PathBuf),
    /// The variable is not set.
    #[error("環境変数 {0} に鍵がありません / there is no key in the environment variable `{0}`")]
    Environment(String),
    /// The command failed.
    #[error("鍵を取得するコマンドが失敗しました（{0}） / the command for the key failed: {0}")]
    Command(String),
    /// There is no such command.
    #[error("鍵を取得するコマンドを実行できません（{0}） / the command for the key cannot be run: {0}")]
    NoCommand(String),
    /// Not 32 octets.
    #[error("鍵は32オクテットですが、{0}オクテットあります / a key has 32 octets, here are {0}")]
    Length(usize),
    /// Neither hexadecimal digits nor Base64.
    #[error("鍵は16進数64桁かBase64で書いてください / a key is written in 64 hexadecimal digits or in Base64")]
    Form,
    /// The file is there already.
    #[error("「{0}」は既にあります。鍵は上書きしません / `{0}` is there already: a key is never overwritten")]
    Exists(PathBuf),
    /// No random octets.
    #[error("乱数を得られません / the system gives no random octets")]
    Random,
}

impl KeyError {
    /// Whether it may be over by itself: a key service that a command asks may be away for a while.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, KeyError::Command(_) | KeyError::Random)
    }
}

impl SecretKey {
    /// A key of given octets.
    #[must_use]
    pub fn new(octets: [u8; KEY_OCTETS]) -> SecretKey {
        SecretKey(Zeroizing::new(octets))
    }

    /// A new random key.
    pub fn random() -> Result<SecretKey, KeyError> {
        let mut key = Zeroizing::new([0; KEY_OCTETS]);
        getrandom::fill(key.as_mut_slice()).map_err(|_| KeyError::Random)?;
        Ok(SecretKey(key))
    }

    /// Reads hexadecimal digits or Base64.
    pub fn parse(text: &str) -> Result<SecretKey, KeyError> {
        let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{FEFF}');
        let hexadecimal = text.len() % 2 == 0 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let octets = if hexadecimal { from_hex(text) } else { STANDARD.decode(text).ok() };
        let octets = Zeroizing::new(octets.ok_or(KeyError::Form)?);
        let key = <[u8; KEY_OCTETS]>::try_from(octets.as_slice()).map_err(|_| KeyError::Length(octets.len()))?;
        Ok(SecretKey::new(key))
    }

    /// The octets.
    #[must_use]
    pub fn octets(&self) -> &[u8; KEY_OCTETS] {
        &self.0
    }

    /// Writes the key into a new file that only its owner can read, in hexadecimal digits.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyError> {
        let unusable = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => KeyError::Exists(path.into()),
            kind => KeyError::File(path.into(), super::cause_ja(kind)),
        };
        let mut file = super::private_options().write(true).create_new(true).open(path).map_err(unusable)?;
        let text = Zeroizing::new(super::hex(self.octets()) + "\n");
        let written = std::io::Write::write_all(&mut file, text.as_bytes()).and_then(|()| file.sync_all());
        written.map_err(|error| {
            // Half a key is none.
            let _ = std::fs::remove_file(path);
            unusable(error)
        })
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl KeySource {
    /// Gets the key.
    pub fn read(&self) -> Result<SecretKey, KeyError> {
        let text = match self {
            KeySource::File(path) => read_private(path)?,
            KeySource::Environment(name) => {
                let found = std::env::var(name).ok().filter(|text| !text.trim().is_empty());
                Zeroizing::new(found.ok_or_else(|| KeyError::Environment(name.clone()))?)
            }
            KeySource::Command(line) => run(line)?,
        };
        SecretKey::parse(&text)
    }
}

impl FromStr for KeySource {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<KeySource, KeyError> {
        let (kind, rest) = text.split_once(':').unwrap_or(("file", text));
        match (kind, rest.is_empty()) {
            (_, true) => Err(KeyError::Source),
            ("file", _) => Ok(KeySource::File(rest.into())),
            ("env", _) => Ok(KeySource::Environment(rest.to_owned())),
            ("command", _) => Ok(KeySource::Command(rest.to_owned())),
            // A drive letter is no kind of source.
            (letter, _) if letter.len() == 1 => Ok(KeySource::File(text.into())),
            _ => Err(KeyError::Source),
        }
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeySource::File(path) => write!(f, "file:{}", path.display()),
            KeySource::Environment(name) => write!(f, "env:{name}"),
            // The line may hold a token.
            KeySource::Command(_) => f.write_str("command:…"),
        }
    }
}

fn read_private(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let unusable = |error: std::io::Error| KeyError::File(path.into(), super::cause_ja(error.kind()));
    let file = std::fs::File::open(path).map_err(unusable)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        // The rights of the file that is open: not of what stands under its name by now. One that belongs to root may be
        // read by its group, which is how secrets are mounted into containers.
        let metadata = file.metadata().map_err(unusable)?;
        let allowed = if metadata.uid() == 0 { 0o750 } else { 0o700 };
        if metadata.mode() & 0o777 & !allowed != 0 {
            return Err(KeyError::Open(path.into()));
        }
    }
    let mut text = Zeroizing::new(String::with_capacity(128));
    // No key is so long; what is, is another file.
    std::io::Read::read_to_string(&mut std::io::Read::take(file, 4096), &mut text).map_err(|error| {
        if error.kind() == std::io::ErrorKind::InvalidData { KeyError::Form } else { unusable(error) }
    })?;
    Ok(text)
}

fn run(line: &str) -> Result<Zeroizing<String>, KeyError> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let ended = Command::new(shell).args([flag, line]).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let ended = ended.map_err(|error| KeyError::NoCommand(error.kind().to_string()))?;
    let printed = Zeroizing::new(ended.stdout);
    match ended.status.code() {
        Some(0) => {}
        // What a shell says of a command that it does not find, or may not run.
        Some(126 | 127) => return Err(KeyError::NoCommand(ended.status.to_string())),
        _ => return Err(KeyError::Command(ended.status.to_string())),
    }
    std::str::from_utf8(&printed).map(|text| Zeroizing::new(text.to_owned())).map_err(|_| KeyError::Form)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGITS: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn octets() -> [u8; 32] {
        std::array::from_fn(|index| index as u8)
    }

    #[test]
    fn a_key_is_read_in_either_form_and_shows_nothing() {
        let base = STANDARD.encode(octets());
        for text in [DIGITS, &DIGITS.to_uppercase(), &format!("\u{FEFF} {DIGITS}\r\n"), &base, &format!("{base}\n")] {
            assert_eq!(SecretKey::parse(text).unwrap().octets(), &octets());
        }
        let shown = format!("{:?}", SecretKey::parse(DIGITS).unwrap());
        assert_eq!(shown, "SecretKey(…)");
        assert_ne!(SecretKey::random().unwrap().octets(), SecretKey::random().unwrap().octets());
    }

    #[test]
    fn a_wrong_or_short_key_says_so() {
        let of = |text: &str| SecretKey::parse(text).unwrap_err();
        assert_eq!(of(&DIGITS[..62]), KeyError::Length(31));
        assert_eq!(of(&STANDARD.encode([1; 33])), KeyError::Length(33));
        assert_eq!(of(""), KeyError::Length(0));
        assert_eq!(of("この鍵は鍵ではありません"), KeyError::Form);
        assert!(!of("secret-words-of-mine").to_string().contains("secret"));
    }

    #[test]
    fn a_source_is_read_as_it_is_written() {
        assert_eq!("file:a/b".parse(), Ok(KeySource::File("a/b".into())));
        assert_eq!("a/b".parse(), Ok(KeySource::File("a/b".into())));
        assert_eq!(r"C:\keys\a".parse(), Ok(KeySource::File(r"C:\keys\a".into())));
        assert_eq!("env:OCCTO_KEY".parse(), Ok(KeySource::Environment("OCCTO_KEY".into())));
        assert_eq!("command:kms get a:b".parse(), Ok(KeySource::Command("kms get a:b".into())));
        for wrong in ["", "env:", "command:", "vault:x"] {
            assert_eq!(wrong.parse::<KeySource>(), Err(KeyError::Source), "{wrong}");
        }
        assert_eq!(KeySource::Command("get --token t".into()).to_string(), "command:…");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_comes_from_file_and_command() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        SecretKey::parse(DIGITS).unwrap().write_new(&path).unwrap();
        let source = KeySource::File(path.clone());
        assert_eq!(source.read().unwrap().octets(), &octets());
        assert_eq!(SecretKey::random().unwrap().write_new(&path), Err(KeyError::Exists(path.clone())));
        for open in [0o604, 0o620, 0o644] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(open)).unwrap();
            assert_eq!(source.read().unwrap_err(), KeyError::Open(path.clone()));
        }
        assert!(matches!(KeySource::File(dir.path().join("none")).read(), Err(KeyError::File(..))));
        assert_eq!(KeySource::Command(format!("echo {DIGITS}")).read().unwrap().octets(), &octets());
        let failed = KeySource::Command("exit 3".into()).read().unwrap_err();
        assert!(matches!(failed, KeyError::Command(_)) && failed.may_pass());
        let none = KeySource::Command("occto-no-such-command 2>/dev/null".into()).read().unwrap_err();
        assert!(matches!(none, KeyError::NoCommand(_)) && !none.may_pass());
        assert_eq!(KeySource::Command("echo 00".into()).read().unwrap_err(), KeyError::Length(1));
        let unset = KeySource::Environment("OCCTO_NO_SUCH_KEY".into());
        assert_eq!(unset.read().unwrap_err(), KeyError::Environment("OCCTO_NO_SUCH_KEY".into()));
    }
}
