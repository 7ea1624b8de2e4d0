//! 提供: one message cleared, written, and with its line for the ledger; or refused, with a line that says so.

use super::share::{Released, SharedFile, Sharing};
use crate::desk::pen::{disclosure, refusal_line};
use crate::items::Reference;
use crate::messages::MessageSpec;
use crate::notice::{ClearanceDesk, Cleared, Context, Disclosure, Route};
use crate::rules::codes;
use crate::store::hex;
use sha2::{Digest as _, Sha256};

/// What a message is called: its key, and its name in Japanese and English.
pub(super) struct Named {
    pub(super) key: &'static str,
    pub(super) ja: &'static str,
    pub(super) en: &'static str,
}

impl From<&'static MessageSpec> for Named {
    fn from(spec: &'static MessageSpec) -> Named {
        Named { key: spec.key, ja: spec.ja, en: spec.en }
    }
}

impl Sharing<'_> {
    /// Clears a message and writes it. `about` is the day or month it is of, and how many points it is made of.
    pub(super) fn release<M: Disclosure>(
        &self,
        (number, kind, named): (usize, char, Named),
        message: M,
        (about, points): (&str, usize),
        form: impl FnOnce(&Reference, &Cleared<M>) -> Result<Vec<u8>, (String, String)>,
        released: &mut Released,
    ) {
        let Sharing { notice, retailers, sender, recipient, now } = *self;
        let reference = format!("{}-{kind}{number}", now.strftime("%Y%m%d%H%M%S"));
        let context = Context { retailers, ..Context::new(Route { sender, recipient, via: None }, now) };
        let purpose = message.purpose();
        let refused = |ja: String, en: String| codes::SHARE_REFUSED.finding(ja, en);
        let cleared = match ClearanceDesk::new(notice).clear(message, &context) {
            Ok(cleared) => cleared,
            Err(refusal) => {
                let decision = refusal.decision();
                released.findings.push(refused(
                    format!("{}を提供できません（{}）", named.ja, decision.reasons_ja()),
                    format!("the {} is refused ({})", named.en, decision.reasons_en()),
                ));
                let (about, to) = ((named.key, reference.as_str()), (sender, recipient));
                released.refused.push(refusal_line(now, about, to, purpose, notice, decision));
                return;
            }
        };
        let Ok(own) = Reference::parse(&reference) else { return };
        let octets = match form(&own, &cleared) {
            Ok(octets) => octets,
            Err((ja, en)) => {
                released.findings.push(refused(ja, en));
                return;
            }
        };
        let ledger = disclosure(&cleared, named.key, &reference, &hex(&Sha256::digest(&octets)));
        let to = recipient.to_string().replace(':', "-");
        let name = format!("{}_{about}_{to}_{reference}.json", named.key);
        released.files.push(SharedFile { name, octets, points, ledger });
    }
}
