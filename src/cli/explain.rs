//! `occto explain`, and the notices: those that ship by their keys, one's own by their files.

use super::args::Explain;
use super::out::{print, say};
use super::{Failure, exit};
use crate::desk::subject::office_line;
use crate::desk::view::Lang;
use crate::items::{Code, DateTime};
use crate::notice::{Ask, Notice, NoticeKind, Party};
use crate::store::{Store, StoreError, hex};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::process::ExitCode;

/// Decides a disclosure and prints the decision.
pub fn explain(args: &Explain, lang: Lang) -> Result<ExitCode, Failure> {
    let notice = notice(&args.notice)?;
    let evidence: Vec<&str> = args.evidence.iter().map(String::as_str).collect();
    let ask = Ask {
        from: &args.from,
        to: &args.to,
        purpose: &args.purpose,
        items: &args.items,
        point: args.point.as_deref(),
        supply: Some(&args.supply),
        evidence: &evidence,
    };
    let decision = notice.explain(&ask).map_err(|error| Failure::usage(error.to_string()))?;
    match (args.json, lang) {
        (true, _) => say!("{}", decision.to_json()),
        (false, Lang::Ja) => print(format_args!("{}", decision.to_text_ja(notice))),
        (false, Lang::En) => print(format_args!("{}", decision.to_text_en())),
    }
    Ok(exit(0))
}

/// A notice that ships, by its key, or one of one's own, by its file.
pub fn notice(name: &str) -> Result<&'static Notice, Failure> {
    Ok(chosen(name)?.0)
}

/// The same with the text of one's own, as it was read.
pub fn chosen(name: &str) -> Result<(&'static Notice, Option<String>), Failure> {
    if let Some(notice) = Notice::embedded(name) {
        return Ok((notice, None));
    }
    let text = notice_text(name)?;
    Ok((for_life(name, &text)?, Some(text)))
}

/// The text of a notice: one that ships, or a file.
pub fn notice_text(name: &str) -> Result<String, Failure> {
    if let Some(shipped) = Notice::embedded_source(name) {
        return Ok(shipped.to_owned());
    }
    if !Path::new(name).exists() {
        let known = Notice::KEYS.join(", ");
        return Err(Failure::usage(format!(
            "通知「{name}」はありません（{known}、またはファイル） / no notice `{name}`: one of {known}, or a file"
        )));
    }
    let text = std::fs::read_to_string(name).map_err(|error| {
        let why = crate::store::cause_ja(error.kind());
        Failure::usage(format!("{name}: {why} / cannot read it: {}", error.kind()))
    })?;
    Ok(text.trim_start_matches('\u{FEFF}').to_owned())
}

/// A notice that decides lives as long as the process.
fn for_life(name: &str, text: &str) -> Result<&'static Notice, Failure> {
    let notice = Notice::parse(text).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    if let Some(shipped) = Notice::KEYS.iter().find(|key| **key == notice.key()) {
        return Err(Failure::usage(format!(
            "{name}: key「{shipped}」は同梱の通知のものです。別の key にしてください / the key `{shipped}` is that of a notice that ships: choose another"
        )));
    }
    Ok(Box::leak(Box::new(notice)))
}

/// Keeps the text of one's own notice in the store, so that whoever goes on with the data works under the same; that it
/// is a new text is a line in the ledger.
pub fn keep(
    store: &mut Store,
    (notice, text): (&Notice, Option<&str>),
    us: Party,
    by: &str,
    now: DateTime,
) -> Result<(), Failure> {
    let Some(text) = text else { return Ok(()) };
    let key = notice.key();
    let digest = hex(&Sha256::digest(text.as_bytes()));
    store.commit(|tx| {
        if tx.keep_notice(key, text)? {
            let more = serde_json::json!({"notice": key, "digest": digest, "items": []});
            tx.add_ledger([office_line(now, "notice-taken", us, by, &more).as_str()])?;
        }
        Ok(())
    })?;
    Ok(())
}

/// The notice of a key that a store works under.
pub fn kept(store: &mut Store, key: &str) -> Result<&'static Notice, Failure> {
    known(key, store.read(|tx| tx.kept_notice(key))?)
}

/// The notice of a key: an embedded one, or one's own with its text.
pub fn known(key: &str, text: Option<String>) -> Result<&'static Notice, Failure> {
    match Notice::embedded(key) {
        Some(notice) => Ok(notice),
        None => for_life(key, &text.ok_or(StoreError::Damaged("notice"))?),
    }
}

/// A notice that a Japanese switch can be cleared against: one of shared use (共同利用).
pub fn switching_notice(key: &str) -> Result<(&'static Notice, Option<String>), Failure> {
    let chosen = chosen(key)?;
    if chosen.0.kind() == NoticeKind::SharedUse {
        return Ok(chosen);
    }
    let shared = |key: &&&str| Notice::embedded(key).is_some_and(|notice| notice.kind() == NoticeKind::SharedUse);
    let fit = Notice::KEYS.iter().filter(shared).copied().collect::<Vec<_>>().join(", ");
    Err(Failure::usage(format!(
        "通知「{key}」は共同利用の通知ではないため、スイッチングには使えません（使える通知: {fit}） / the notice `{key}` is not one of shared use: no switch can be cleared against it, only against {fit}"
    )))
}

/// The value of a closed set, or a failure that names the values.
pub fn value<C: Code>(option: &str, text: &str) -> Result<C, Failure> {
    C::from_key(text).ok_or_else(|| {
        let known: Vec<_> = C::ALL.iter().map(|value| value.key()).collect();
        let known = known.join(", ");
        Failure::usage(format!("{option}: 「{text}」は使えません（{known}） / `{text}` is not one of {known}"))
    })
}
