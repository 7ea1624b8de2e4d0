//! 送る地点の確認: what stands against sending the readings of points, as far as the store knows their customers.

use crate::desk::subject::{Customer, Key, find};
use crate::items::{DateTime, SupplyPointId};
use crate::notice::{Evidence, EvidenceKind, Party, Purpose, StewardClause};
use crate::store::{ConsentRecord, Dossier, StoreError, Tx};
use std::collections::BTreeSet;

/// 拒否: a clause, and the dossiers of the customers it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotPermitted {
    /// The clause.
    pub clause: StewardClause,
    /// About whom: their lines of the ledger are found by whoever asks for what is held of them.
    pub about: Vec<Dossier>,
    /// The number of the consent it is about.
    pub consent: Option<i64>,
}

impl From<StewardClause> for NotPermitted {
    fn from(clause: StewardClause) -> NotPermitted {
        NotPermitted { clause, about: Vec::new(), consent: None }
    }
}

/// Whether the readings of these points may be sent: nobody's use is suspended, and each consent that was named stands in
/// the register, is good today, for this purpose and this recipient, and every point has the consent of its present
/// customer. Where no consent was named the notice alone decides.
pub fn permit(
    tx: &Tx<'_>,
    points: &BTreeSet<SupplyPointId>,
    evidence: &[Evidence<'_>],
    (recipient, purpose): (Party, Purpose),
    now: DateTime,
) -> Result<Result<(), NotPermitted>, StoreError> {
    let mut about = Vec::new();
    for point in points {
        let all = tx.dossiers_of(crate::store::Lookup::Point, point.as_str())?;
        about.extend(
            all.into_iter().filter(|one| one.suspended.is_some() && one.erased.is_none()).map(|one| one.dossier),
        );
    }
    if !about.is_empty() {
        return Ok(Err(NotPermitted { clause: StewardClause::Suspended, about, consent: None }));
    }
    let named = || evidence.iter().filter(|one| one.kind == EvidenceKind::Consent);
    if named().next().is_none() {
        return Ok(Ok(()));
    }
    let mut consents = Vec::new();
    for one in named() {
        let number = one.reference.trim().parse().ok();
        let Some(consent) = number.map(|number| tx.consent(number)).transpose()?.flatten() else {
            return Ok(Err(StewardClause::ConsentUnknown.into()));
        };
        if let Err(clause) = good(&consent, (recipient, purpose), now) {
            return Ok(Err(NotPermitted { clause, about: vec![consent.dossier], consent: Some(consent.id) }));
        }
        consents.push(consent);
    }
    for point in points {
        let (folders, _) = find(tx, &Key::Point(*point))?;
        // A point may have had other customers: the consent of who has it now is wanted.
        let Some(present) = folders.last().and_then(|folder| folder.name()).map(str::to_owned) else {
            return Ok(Err(StewardClause::ConsentSubject.into()));
        };
        let customer = match Customer::named(folders, 0, &present) {
            Ok(customer) => customer,
            Err(clause) => return Ok(Err(clause.into())),
        };
        let theirs: Vec<_> = customer.folders.iter().map(|folder| folder.state.dossier).collect();
        if !consents.iter().any(|consent| theirs.contains(&consent.dossier)) {
            return Ok(Err(NotPermitted { clause: StewardClause::ConsentSubject, about: theirs, consent: None }));
        }
    }
    Ok(Ok(()))
}

/// Whether a consent is good for a purpose and a recipient at a moment.
fn good(consent: &ConsentRecord, to: (Party, Purpose), now: DateTime) -> Result<(), StewardClause> {
    let (recipient, purpose) = to;
    if consent.withdrawn.is_some() {
        return Err(StewardClause::ConsentWithdrawn);
    }
    if consent.given > now {
        return Err(StewardClause::ConsentFuture);
    }
    if !consent.is_good(now) {
        return Err(StewardClause::ConsentExpired);
    }
    if consent.purpose != purpose {
        return Err(StewardClause::ConsentPurpose);
    }
    // Without a recipient it was given to us, for whomever the purpose needs; once erased nobody knows any more.
    if consent.evidence.is_empty() {
        return Err(StewardClause::AlreadyErased);
    }
    let fits = |named: &String| {
        let named = Party::parse(named).ok();
        named.is_some_and(|named| named == recipient || named.code.is_none() && named.role == recipient.role)
    };
    if consent.recipient.as_ref().is_none_or(fits) { Ok(()) } else { Err(StewardClause::ConsentRecipient) }
}
