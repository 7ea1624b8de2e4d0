//! 金庫: seals what is personal before it reaches the disk, each case under a key of its own that can be destroyed.
//!
//! A *dossier* (綴り) is what one case or one incoming cancellation agency keeps about its customer: the unit of
//! encryption, of retention and of erasure. Its key is random, wrapped with the master key, and lies outside the data folder.

mod cabinet;
mod keyring;
mod sealed;

pub use keyring::{FORMER_KEY_VARIABLE, KEY_VARIABLE, KeyPlan};

use super::StoreError;
use super::key_source::{KeyError, SecretKey};
use cabinet::{BLOCK, CABINET, Cabinet, Wrapped};
use keyring::{Keyring, MASTER, Master, NEXT};
use sealed::{DataKey, IndexKey, Nonces};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// So many keys are held in memory; beyond that all are let go at once.
const HELD: usize = 1 << 16;
/// So many keys are wrapped anew in one durable step.
const STEP: u32 = 1024;
/// The name of the key of the keyed hashes.
const INDEX: &str = "index";
/// What wrapped keys are authenticated with.
const WRAPPED: &[u8] = b"occto wrapped key";

/// 綴り: the number of a customer's dossier and of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dossier(pub i64);

/// 索引の種類: by what a dossier is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lookup {
    /// 供給地点特定番号
    Point,
    /// 契約番号
    Contract,
    /// 電話番号
    Telephone,
    /// 受付番号
    Receipt,
    /// 消去済み: a point or a contract number of which something was erased.
    Erased,
}

impl Lookup {
    const fn key(self) -> &'static str {
        match self {
            Lookup::Point => "point",
            Lookup::Contract => "contract",
            Lookup::Telephone => "telephone",
            Lookup::Receipt => "receipt",
            Lookup::Erased => "erased",
        }
    }
}

/// 鍵の状況: which master keys there are, and how many customers' keys each wraps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStatus {
    /// The name of the master key in use.
    pub current: String,
    /// How many customers' keys are wrapped with which master key.
    pub wrapped: Vec<(String, u64)>,
}

/// The vault of one data folder.
pub(super) struct Vault {
    plan: KeyPlan,
    keyring: RefCell<Keyring>,
    made: Option<PathBuf>,
    cabinet: Cabinet,
    folder: PathBuf,
    mark: i64,
    index: IndexKey,
    nonces: Nonces,
    keys: RefCell<HashMap<Dossier, Option<Rc<DataKey>>>>,
    /// The numbers that are ours: from, before.
    numbers: Cell<(i64, i64)>,
    /// Which dossier a case has, as far as it was asked for.
    cases: RefCell<HashMap<i64, Dossier>>,
    /// Nothing is encrypted: only for measuring what encryption costs.
    plain: bool,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({})", self.keyring.borrow().ids())
    }
}

/// The folder of the keys of a data folder: beside it, so that a copy of the data is no copy of the keys.
#[must_use]
pub fn keys_folder(data: &Path) -> PathBuf {
    let mut name = data.file_name().map_or_else(|| "occto".into(), std::ffi::OsStr::to_os_string);
    name.push(".keys");
    // A folder that is named by `.` or `..` has its keys beside what it really is.
    let real = if data.file_name().is_some() { None } else { data.canonicalize().ok() };
    match real {
        Some(real) if real.file_name().is_some() => keys_folder(&real),
        // Beside the root of everything there is nothing.
        Some(real) => real.join(name),
        None => data.with_file_name(name),
    }
}

fn wrap(nonces: &Nonces, master: &Master, key: &SecretKey) -> Wrapped {
    Wrapped { master: master.id.clone(), sealed: DataKey::new(&master.key).seal(nonces, WRAPPED, key.octets()) }
}

impl Vault {
    /// Opens the vault of a data folder. `known` is the mark that the data carries: 0 where it has none yet. `shared` is the
    /// address of the database, where machines share one.
    pub(super) fn open(data: &Path, shared: Option<&str>, plan: &KeyPlan, known: i64) -> Result<Vault, StoreError> {
        let folder = keys_folder(data);
        let file = folder.join(CABINET);
        let cabinet = match shared {
            Some(address) => Cabinet::shared(address)?,
            None if known != 0 && !file.is_file() => return Err(StoreError::NoKeys(data.into(), folder)),
            None => {
                let unusable =
                    |error: std::io::Error| StoreError::Folder(folder.clone(), super::cause_ja(error.kind()).into());
                super::private_folder(&folder).map_err(unusable)?;
                Cabinet::in_file(&file)?
            }
        };
        let begun = cabinet.mark()?.is_some();
        if known != 0 && !begun {
            return Err(StoreError::NoKeys(data.into(), folder));
        }
        let keyring = Keyring::gather(plan, &folder, !begun)?;
        let nonces = Nonces::new()?;
        if !begun {
            cabinet.set_mark(mark()?)?;
        }
        if cabinet.house(INDEX)?.is_none() {
            cabinet.add_house(INDEX, &wrap(&nonces, keyring.current()?.as_ref(), &SecretKey::random()?))?;
        }
        let (Some(mark), Some(index)) = (cabinet.mark()?, cabinet.house(INDEX)?) else {
            return Err(StoreError::NoKeys(data.into(), folder));
        };
        if known != 0 && known != mark {
            return Err(StoreError::OtherKeys(data.into(), folder));
        }
        let index =
            IndexKey::new(&unwrap(keyring.of(&index.master), &index, || keyring.ids())?).ok_or(KeyError::Form)?;
        let (keys, cases) = (RefCell::default(), RefCell::default());
        Ok(Vault {
            plan: plan.clone(),
            made: keyring.made.clone(),
            keyring: RefCell::new(keyring),
            cabinet,
            folder,
            mark,
            index,
            nonces,
            keys,
            numbers: Cell::new((0, 0)),
            cases,
            plain: false,
        })
    }

    /// The same without encrypting anything from here on: for the bench alone.
    #[cfg(feature = "measure")]
    pub(super) fn unencrypted(self) -> Vault {
        Vault { plain: true, ..self }
    }

    /// What tells this vault from others.
    pub(super) const fn mark(&self) -> i64 {
        self.mark
    }

    /// The key file that was made when the vault was opened.
    pub(super) fn made(&self) -> Option<&Path> {
        self.made.as_deref()
    }

    /// The master key of a name. Where it is none of those at hand, others may have changed the keys since these were had.
    fn master(&self, id: &str) -> Result<Option<Rc<Master>>, KeyError> {
        if let Some(master) = self.keyring.borrow().of(id) {
            return Ok(Some(master));
        }
        let keyring = Keyring::gather(&self.plan, &self.folder, false)?;
        let found = keyring.of(id);
        if found.is_some() {
            *self.keyring.borrow_mut() = keyring;
        }
        Ok(found)
    }

    fn unwrap(&self, wrapped: &Wrapped) -> Result<SecretKey, StoreError> {
        unwrap(self.master(&wrapped.master)?, wrapped, || self.keyring.borrow().ids())
    }

    /// The master key that new keys are wrapped with: where others share the cabinet, the one that they have changed to.
    fn in_use(&self) -> Result<Rc<Master>, StoreError> {
        let own = self.keyring.borrow().current()?;
        match self.cabinet.master_in_use(INDEX)? {
            Some(id) if id != own.id => {
                let wrong = || StoreError::WrongKey { needed: id.clone(), given: self.keyring.borrow().ids() };
                self.master(&id)?.ok_or_else(wrong)
            }
            _ => Ok(own),
        }
    }

    /// Makes a dossier: a new key. It is durable with the next [`Vault::keep`].
    pub(super) fn new_dossier(&self) -> Result<Dossier, StoreError> {
        let (mut next, mut end) = self.numbers.get();
        if next == end {
            next = self.cabinet.block()?;
            end = next + BLOCK;
        }
        self.numbers.set((next + 1, end));
        let dossier = Dossier(next);
        let key = SecretKey::random()?;
        let wrapped = wrap(&self.nonces, self.in_use()?.as_ref(), &key);
        self.cabinet.put(dossier.0, &wrapped)?;
        self.hold(dossier, Some(Rc::new(if self.plain { DataKey::none() } else { DataKey::new(&key) })));
        Ok(dossier)
    }

    fn hold(&self, dossier: Dossier, key: Option<Rc<DataKey>>) {
        let mut keys = self.keys.borrow_mut();
        if keys.len() >= HELD {
            keys.clear();
        }
        keys.insert(dossier, key);
    }

    fn key(&self, dossier: Dossier) -> Result<Option<Rc<DataKey>>, StoreError> {
        if let Some(key) = self.keys.borrow().get(&dossier) {
            return Ok(key.clone());
        }
        let key = match self.cabinet.get(dossier.0)? {
            None => None,
            Some(_) if self.plain => Some(Rc::new(DataKey::none())),
            Some(wrapped) => Some(Rc::new(DataKey::new(&self.unwrap(&wrapped)?))),
        };
        self.hold(dossier, key.clone());
        Ok(key)
    }

    /// Seals a value of a dossier; empty where its key was destroyed: then there is nothing to add to.
    pub(super) fn seal(&self, dossier: Dossier, column: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let Some(key) = self.key(dossier)? else { return Ok(Vec::new()) };
        Ok(key.seal(&self.nonces, &about(dossier, column), plain))
    }

    /// Opens a sealed value; nothing where it was erased.
    pub(super) fn unseal(
        &self,
        dossier: Dossier,
        column: &'static str,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        if sealed.is_empty() {
            return Ok(None);
        }
        let Some(key) = self.key(dossier)? else { return Ok(None) };
        key.open(&about(dossier, column), sealed).map(Some).map_err(|_| StoreError::Damaged(column))
    }

    /// The keyed hash by which a value is found.
    pub(super) fn tag(&self, lookup: Lookup, text: &str) -> String {
        super::hex(&self.index.tag(lookup.key(), text))
    }

    /// Destroys the key of a dossier; says whether there was one. Durable with the next [`Vault::keep`].
    pub(super) fn destroy(&self, dossier: Dossier) -> Result<bool, StoreError> {
        let was = self.cabinet.destroy(dossier.0)?;
        self.hold(dossier, None);
        Ok(was)
    }

    /// Whether the key of a dossier is there.
    pub(super) fn has(&self, dossier: Dossier) -> Result<bool, StoreError> {
        Ok(self.cabinet.get(dossier.0)?.is_some())
    }

    /// The dossier of a case, where it is remembered.
    pub(super) fn of_case(&self, case: i64) -> Option<Dossier> {
        self.cases.borrow().get(&case).copied()
    }

    /// Remembers the dossier of a case.
    pub(super) fn remember(&self, case: i64, dossier: Dossier) {
        let mut cases = self.cases.borrow_mut();
        if cases.len() >= HELD {
            cases.clear();
        }
        cases.insert(case, dossier);
    }

    /// Makes durable what was made and destroyed.
    pub(super) fn keep(&self) -> Result<(), StoreError> {
        self.cabinet.keep()
    }

    /// Takes back what is not durable yet.
    pub(super) fn take_back(&self) {
        self.cabinet.take_back();
        self.keys.borrow_mut().clear();
        self.cases.borrow_mut().clear();
    }

    /// Which master keys wrap how many customers' keys.
    pub(super) fn status(&self) -> Result<KeyStatus, StoreError> {
        Ok(KeyStatus { current: self.keyring.borrow().current()?.id.clone(), wrapped: self.cabinet.counts()? })
    }

    /// 親鍵の交換: wraps every customer's key with the master key in use — a new one, where it is the file beside the data
    /// folder. Stopped at any moment it goes on the next time, and everything can be read throughout.
    pub(super) fn rotate(&mut self, own_file: bool) -> Result<u64, StoreError> {
        let (next, file) = (self.folder.join(NEXT), self.folder.join(MASTER));
        if own_file && !next.is_file() {
            let key = SecretKey::random()?;
            key.write_new(&next)?;
            self.keyring.borrow_mut().put_in_front(key)?;
        }
        let mut rewrapped = 0;
        let mut after = 0;
        let current = self.keyring.borrow().current()?;
        let cabinet = &self.cabinet;
        // First the key by whose name others see that there is a new one: what they wrap from here on is wrapped with it.
        if let Some(wrapped) = cabinet.house(INDEX)? {
            let index = self.unwrap(&wrapped)?;
            cabinet.set_house(INDEX, &wrap(&self.nonces, &current, &index))?;
        }
        loop {
            let step = cabinet.not_under(&current.id, after, STEP)?;
            let Some((last, _)) = step.last() else { break };
            after = *last;
            for (id, wrapped) in &step {
                let key = self.unwrap(wrapped)?;
                cabinet.put(*id, &wrap(&self.nonces, &current, &key))?;
                rewrapped += 1;
            }
            cabinet.keep()?;
        }
        if own_file {
            // The former key goes only now that nothing is wrapped with it.
            let unusable =
                |error: std::io::Error| StoreError::Folder(self.folder.clone(), super::cause_ja(error.kind()).into());
            std::fs::rename(&next, &file).map_err(unusable)?;
        }
        Ok(rewrapped)
    }
}

fn about(dossier: Dossier, column: &str) -> Vec<u8> {
    let mut about = Vec::with_capacity(column.len() + 8);
    about.extend_from_slice(column.as_bytes());
    about.extend_from_slice(&dossier.0.to_be_bytes());
    about
}

fn mark() -> Result<i64, StoreError> {
    let mut octets = [0; 8];
    getrandom::fill(&mut octets).map_err(|_| KeyError::Random)?;
    Ok((i64::from_be_bytes(octets) & i64::MAX).max(1))
}

fn unwrap(master: Option<Rc<Master>>, wrapped: &Wrapped, given: impl Fn() -> String) -> Result<SecretKey, StoreError> {
    let wrong = || StoreError::WrongKey { needed: wrapped.master.clone(), given: given() };
    let master = master.ok_or_else(wrong)?;
    let plain = zeroize::Zeroizing::new(DataKey::new(&master.key).open(WRAPPED, &wrapped.sealed).map_err(|_| wrong())?);
    let octets = <[u8; super::key_source::KEY_OCTETS]>::try_from(plain.as_slice()).map_err(|_| wrong())?;
    Ok(SecretKey::new(octets))
}

/// Removes the customers' keys of a data folder that is begun anew.
pub fn remove_keys(data: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(keys_folder(data).join(CABINET)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
