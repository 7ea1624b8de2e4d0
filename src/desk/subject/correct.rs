//! 訂正: what the customer says an item is. What we manage is corrected; for anything else its manager is asked.

use super::act::{Answered, Asked, Refused, line, note};
use super::folder::Customer;
use super::report::named;
use super::single::lookup;
use crate::items::{Code as _, CustomerName, Item, RetailContractNumber, Telephone};
use crate::notice::held::{Arrival, Authority, CORRECTION, Discrepancy, HeldValue, Holdings, Part, correction_request};
use crate::notice::{Basis, Notice, NoticeKind, Party, Purpose, Role, StewardClause};
use crate::store::{Added, CustomerRequest, Store};
use serde_json::json;

/// Corrects an item, or asks its manager to. What the person said stands in every dossier of the person: whichever is
/// erased first, the others keep it.
pub(super) fn correct(
    store: &mut Store,
    (us, notice): (Party, &Notice),
    asked: &Asked<'_>,
    (item, value): (Item, &str),
    mut request: CustomerRequest,
    customer: &Customer,
) -> Result<Answered, Refused> {
    let today = asked.now.date();
    let part = Part { field: item.key().to_owned(), item, text: checked_value(notice, item, value)? };
    let arrival = Arrival {
        source: Party::of(Role::Customer),
        message: CORRECTION.to_owned(),
        reference: request.check_reference.clone(),
        at: asked.now,
        as_of: asked.now,
        basis: Basis::OwnUse,
        purpose: Purpose::OwnUse,
        parts: vec![part.clone()],
    };
    let mut held = customer.holdings(us, notice, today);
    let manager = held.manager(item, today);
    let ours = manager == us;
    let claim = |value: &&HeldValue| {
        let counts = value.item == item && value.current && value.authority == Authority::Claim;
        counts && value.source.role == Role::Customer
    };
    let says = |value: &HeldValue| value.parts.contains(&part);
    let open = |held: &Holdings<'_>| -> Option<Discrepancy> {
        let found = held.discrepancies(today).into_iter();
        found.filter(|one| !ours && claim(&&one.claim)).rfind(|one| says(&one.claim))
    };
    let standing = held.standing(item);
    let last = if ours { standing } else { held.values().filter(claim).last().or(standing) };
    let again = last.is_some_and(says);
    let mut found = again.then(|| open(&held)).flatten();
    // Said in an application, and the manager never said anything: only now it is to be asked.
    let enter = !again || !ours && found.is_none() && standing.is_none();
    if enter {
        held.take(&arrival);
        found = open(&held);
    }
    let same = !enter && found.is_none();
    let draft = found.map(|one| correction_request(notice, us, customer.about(), &one, today, named));
    request.answered = (ours || same).then_some(asked.now);
    let clause = (!ours && !same).then(|| StewardClause::NotOurs.key());
    let more = json!({"items": [item.key()], "manager": manager.to_string(), "clause": clause, "same": same});
    let line = line(asked.now, "done", "subject-correct", us, asked.by, &more);
    store.commit(|tx| {
        tx.add_request(&request)?;
        for folder in &customer.folders {
            let dossier = folder.state.dossier;
            if enter {
                tx.add_to_dossier(dossier, Added::Arrival, &arrival.to_json())?;
                // The customer is found by the new number from now on, and by the former one as before.
                lookup(item).map_or(Ok(()), |lookup| tx.find_by(dossier, lookup, &part.text))?;
            }
            if draft.is_some() {
                tx.set_differs(dossier, true)?;
            }
        }
        note(tx, &line, customer)
    })?;
    Ok(match (same, ours) {
        (true, _) => Answered::Same,
        (false, true) => Answered::Corrected,
        (false, false) => Answered::Asked { manager, draft },
    })
}

fn checked_value(notice: &Notice, item: Item, value: &str) -> Result<String, Refused> {
    // The forms of the types are those of Japan.
    if notice.kind() == NoticeKind::Exceptions && notice.items().contains(item) && !value.trim().is_empty() {
        return Ok(value.trim().to_owned());
    }
    let refused = |error: crate::items::ItemError| Refused::Value(error.ja(), error.en());
    Ok(match item {
        Item::Name => CustomerName::parse(value).map_err(refused)?.as_str().to_owned(),
        Item::Telephone => Telephone::parse(value).map_err(refused)?.as_str().to_owned(),
        Item::RetailContractNumber => RetailContractNumber::parse(value).map_err(refused)?.as_str().to_owned(),
        Item::Address => crate::items::Address::parse(value).map_err(refused)?.as_str().to_owned(),
        Item::SupplyPointId => {
            let (ja, en) = ("供給地点特定番号は訂正できません", "a supply point id cannot be corrected");
            return Err(Refused::Value(ja.to_owned(), en.to_owned()));
        }
        _ if value.trim().is_empty() => {
            return Err(Refused::Value("値を指定してください".to_owned(), "name a value".to_owned()));
        }
        _ => value.to_owned(),
    })
}
