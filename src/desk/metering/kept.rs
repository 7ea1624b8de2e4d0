//! 契約台帳の保管: the register of contracts as it lies in the data folder.

use super::register::SupplyRegister;
use crate::desk::output::{OutputError, write_atomically};
use crate::items::{Area, Code as _};
use crate::rules::Finding;
use crate::store::{Store, StoreError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The name of the register below the data folder.
const NAME: &str = "contracts.csv";
/// The areas whose half-hourly values hold the base retailer's share: a bit for each, area 01 the lowest.
const BASE_INCLUDED: &str = "meter-base-included";

/// Why there is no register.
#[derive(Debug)]
pub enum RegisterError {
    /// What is wrong with it.
    Findings(Vec<Finding>),
    /// It cannot be written.
    Output(Box<OutputError>),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for RegisterError {
    fn from(error: StoreError) -> RegisterError {
        RegisterError::Store(error)
    }
}

/// Reads a register and keeps it, or changes a switch of the one that is kept; gives the one that counts from now on.
/// What is not named stays as it is. Nothing is changed where the register cannot be read.
pub fn keep_register(
    store: &mut Store,
    octets: Option<&[u8]>,
    base_included: Option<&[Area]>,
) -> Result<Option<SupplyRegister>, RegisterError> {
    let path = store.dir().join(NAME);
    let kept = match octets {
        Some(octets) => Some(octets.to_vec()),
        None => read(&path)?,
    };
    let areas = match base_included {
        Some(areas) => areas.to_vec(),
        None => base_included_in(store)?,
    };
    let register = match &kept {
        Some(octets) => Some(SupplyRegister::parse(octets, &areas).map_err(RegisterError::Findings)?),
        None => None,
    };
    if let Some(octets) = octets {
        write_atomically(&path, |file| file.write_all(octets))
            .map_err(|error| RegisterError::Output(Box::new(error)))?;
    }
    if let Some(areas) = base_included {
        let bits = areas.iter().fold(0i64, |bits, area| bits | 1 << (area.number() - 1));
        store.commit(|tx| tx.set_number(BASE_INCLUDED, bits))?;
    }
    Ok(register)
}

/// The register that is kept, if there is one.
pub fn kept_register(store: &mut Store) -> Result<Option<SupplyRegister>, RegisterError> {
    keep_register(store, None, None)
}

fn read(path: &PathBuf) -> Result<Option<Vec<u8>>, RegisterError> {
    match std::fs::read(path) {
        Ok(octets) => Ok(Some(octets)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let dir = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
            Err(StoreError::Folder(dir, error.kind().to_string()).into())
        }
    }
}

fn base_included_in(store: &mut Store) -> Result<Vec<Area>, StoreError> {
    let bits = store.read(|tx| tx.number(BASE_INCLUDED))?;
    Ok(Area::ALL.iter().copied().filter(|area| bits >> (area.number() - 1) & 1 == 1).collect())
}
