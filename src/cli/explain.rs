//! `occto explain`, `occto notice`.

use super::args::{Explain, NoticeCommand};
use super::{Failure, exit};
use crate::desk::view::Lang;
use crate::items::{Code, Item, ItemSet, SupplyPointId};
use crate::notice::{Evidence, Notice, Party, Purpose, Question, SupplyKind};
use std::process::ExitCode;

/// Decides a disclosure and prints the decision.
pub fn explain(args: &Explain, lang: Lang) -> Result<ExitCode, Failure> {
    let notice = notice(&args.notice)?;
    let sender = Party::parse(&args.from).map_err(|error| Failure::usage(format!("--from: {error}")))?;
    let recipient = Party::parse(&args.to).map_err(|error| Failure::usage(format!("--to: {error}")))?;
    let purpose: Purpose = value("--purpose", &args.purpose)?;
    let supply: SupplyKind = value("--supply", &args.supply)?;
    let mut items = ItemSet::EMPTY;
    for key in args.items.iter().map(|key| key.trim()).filter(|key| !key.is_empty()) {
        let known = || Item::ALL.iter().map(|item| item.key()).collect::<Vec<_>>().join(", ");
        let item = Item::from_key(key)
            .ok_or_else(|| Failure::usage(format!("--items: 項目「{key}」はありません / no item `{key}`; {}", known())))?;
        items = items.with(item);
    }
    if items.is_empty() {
        return Err(Failure::usage("--items: 項目を一つ以上指定してください / name at least one item".to_owned()));
    }
    let point = args.point.as_deref().map(SupplyPointId::parse).transpose();
    let point = point.map_err(|error| Failure::usage(format!("--point: {} / {}", error.ja(), error.en())))?;
    let evidence: Vec<Evidence<'_>> = args
        .evidence
        .iter()
        .map(|text| Evidence::parse(text).map_err(|error| Failure::usage(format!("--evidence: {error}"))))
        .collect::<Result<_, _>>()?;
    let mut question = Question::new(sender, recipient, purpose, items);
    question.area = point.map(|point| point.area());
    question.supply = supply;
    question.evidence = &evidence;
    let decision = notice.decide(&question);
    match (args.json, lang) {
        (true, _) => println!("{}", decision.to_json()),
        (false, Lang::Ja) => print!("{}", decision.to_text_ja(notice)),
        (false, Lang::En) => print!("{}", decision.to_text_en()),
    }
    Ok(exit(0))
}

/// Lists or shows notices.
pub fn notices(command: &NoticeCommand, lang: Lang) -> Result<ExitCode, Failure> {
    match command {
        NoticeCommand::List => {
            for key in Notice::KEYS {
                let notice = notice(key)?;
                let title = if lang == Lang::Ja { notice.title_ja() } else { notice.title_en() };
                println!("{key:<22} {title}");
            }
        }
        NoticeCommand::Show { name } => {
            let notice = notice(name)?;
            print!("{}", if lang == Lang::Ja { notice.describe_ja() } else { notice.describe_en() });
        }
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

/// The value of a closed set, or a failure that names the values.
pub fn value<C: Code>(option: &str, text: &str) -> Result<C, Failure> {
    C::from_key(text).ok_or_else(|| {
        let known: Vec<_> = C::ALL.iter().map(|value| value.key()).collect();
        let known = known.join(", ");
        Failure::usage(format!("{option}: 「{text}」は使えません（{known}） / `{text}` is not one of {known}"))
    })
}
