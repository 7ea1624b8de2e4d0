//! `occto explain`, and the notices by their keys.

use super::args::Explain;
use super::out::{print, say};
use super::{Failure, exit};
use crate::desk::view::Lang;
use crate::items::Code;
use crate::notice::{Ask, Notice, NoticeKind};
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

/// The embedded notice of a key, or a failure that names the keys.
pub fn notice(key: &str) -> Result<&'static Notice, Failure> {
    Notice::embedded(key).ok_or_else(|| {
        let known = Notice::KEYS.join(", ");
        Failure::usage(format!("通知「{key}」はありません（{known}） / no notice `{key}`: one of {known}"))
    })
}

/// The embedded notice of a key that a Japanese switch can be cleared against: one of shared use (共同利用).
pub fn switching_notice(key: &str) -> Result<&'static Notice, Failure> {
    let notice = notice(key)?;
    if notice.kind() == NoticeKind::SharedUse {
        return Ok(notice);
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
