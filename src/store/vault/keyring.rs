//! 親鍵: the keys that wrap the customers' keys — the one in use, and former ones until everything is wrapped anew.

use super::sealed::key_id;
use crate::store::key_source::{KeyError, KeySource, SecretKey};
use crate::store::private_folder;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Where the key in use is said to be: `file:PATH`, `env:NAME` or `command:LINE`.
pub const KEY_VARIABLE: &str = "OCCTO_KEY";
/// The same for the former key, while keys are being changed.
pub const FORMER_KEY_VARIABLE: &str = "OCCTO_KEY_FORMER";

/// 鍵の設定: where the master key comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyPlan {
    /// The key in use; nothing where it is the file beside the data folder, made when it is needed.
    pub current: Option<KeySource>,
    /// A former key that some customers' keys may still be wrapped with.
    pub former: Option<KeySource>,
}

impl KeyPlan {
    /// What the environment says: [`KEY_VARIABLE`] and [`FORMER_KEY_VARIABLE`].
    pub fn from_environment() -> Result<KeyPlan, KeyError> {
        let source = |name: &str| {
            let said = std::env::var(name).ok().filter(|text| !text.trim().is_empty());
            said.map(|text| text.trim().parse::<KeySource>()).transpose()
        };
        Ok(KeyPlan { current: source(KEY_VARIABLE)?, former: source(FORMER_KEY_VARIABLE)? })
    }
}

/// A master key with its name.
pub(super) struct Master {
    pub(super) id: String,
    pub(super) key: SecretKey,
}

impl Master {
    fn new(key: SecretKey) -> Result<Rc<Master>, KeyError> {
        Ok(Rc::new(Master { id: key_id(&key).ok_or(KeyError::Form)?, key }))
    }
}

/// The master keys at hand: the one in use comes first.
pub(super) struct Keyring {
    masters: Vec<Rc<Master>>,
    /// The key file that was made just now.
    pub(super) made: Option<PathBuf>,
}

/// Makes a new key file, whole or not at all; says whether it was this process that made it.
fn make(file: &Path) -> Result<bool, KeyError> {
    let part = file.with_extension(format!("{}-{:?}", std::process::id(), std::thread::current().id()));
    SecretKey::random()?.write_new(&part)?;
    let made = std::fs::hard_link(&part, file);
    let removed = std::fs::remove_file(&part);
    match made {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        made => {
            let unusable = |error: std::io::Error| KeyError::File(file.into(), crate::store::cause_ja(error.kind()));
            made.and(removed).map(|()| true).map_err(unusable)
        }
    }
}

/// The file of the key in use, in the folder of keys.
pub(super) const MASTER: &str = "master.key";
/// The file of the next key, while keys are being changed.
pub(super) const NEXT: &str = "master-next.key";

impl Keyring {
    /// Gets the keys of a plan. A key file of our own is made where there is none and `may_make` says so.
    pub(super) fn gather(plan: &KeyPlan, folder: &Path, may_make: bool) -> Result<Keyring, KeyError> {
        let mut masters = Vec::new();
        let mut made = None;
        match &plan.current {
            Some(source) => masters.push(Master::new(source.read()?)?),
            None => {
                let (next, file) = (folder.join(NEXT), folder.join(MASTER));
                if next.is_file() {
                    match KeySource::File(next.clone()).read() {
                        Ok(key) => masters.push(Master::new(key)?),
                        // Just now it took the place of the other.
                        Err(_) if !next.exists() => {}
                        Err(error) => return Err(error),
                    }
                }
                if may_make && masters.is_empty() && !file.exists() {
                    private_folder(folder)
                        .map_err(|error| KeyError::File(file.clone(), crate::store::cause_ja(error.kind())))?;
                    if make(&file)? {
                        made = Some(file.clone());
                    }
                }
                if masters.is_empty() && !may_make && !file.exists() {
                    return Err(KeyError::Missing(file));
                }
                if masters.is_empty() || file.is_file() {
                    masters.push(Master::new(KeySource::File(file).read()?)?);
                }
            }
        }
        if let Some(source) = &plan.former {
            masters.push(Master::new(source.read()?)?);
        }
        Ok(Keyring { masters, made })
    }

    /// Puts a new key in front.
    pub(super) fn put_in_front(&mut self, key: SecretKey) -> Result<(), KeyError> {
        self.masters.insert(0, Master::new(key)?);
        Ok(())
    }

    /// The key in use.
    pub(super) fn current(&self) -> Result<Rc<Master>, KeyError> {
        self.masters.first().cloned().ok_or(KeyError::Source)
    }

    /// The key of a name.
    pub(super) fn of(&self, id: &str) -> Option<Rc<Master>> {
        self.masters.iter().find(|master| master.id == id).cloned()
    }

    /// The names of all keys at hand.
    pub(super) fn ids(&self) -> String {
        self.masters.iter().map(|master| master.id.as_str()).collect::<Vec<_>>().join(", ")
    }
}
