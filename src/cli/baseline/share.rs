//! `occto baseline share`.

use super::ground::Ground;
use super::{Form, Share};
use crate::cli::out::say;
use crate::cli::shelf::open_store;
use crate::cli::steward::day::as_of;
use crate::cli::way::japan_now;
use crate::cli::{Failure, exit, explain};
use crate::desk::baseline::{Share as Sharer, ShareAs, Sharing, read_contracts};
use crate::desk::output::write_atomically;
use crate::desk::view::Lang;
use crate::items::Code as _;
use crate::messages::negawatt::SettlementType;
use crate::notice::{Party, RetailerRegister};
use crate::rules::Finding;
use crate::store::{cause_ja, private_folder};
use clap::ValueEnum as _;
use std::path::Path;
use std::process::ExitCode;

/// Computes, clears, writes the ledger, then the files; exit 1 where something is an error.
pub(super) fn share(args: &Share, lang: Lang) -> Result<ExitCode, Failure> {
    let party =
        |name: &str, text: &str| Party::parse(text).map_err(|error| Failure::usage(format!("{name} {text}: {error}")));
    let (sender, recipient) = (party("--from", &args.from)?, party("--to", &args.to)?);
    let notice = explain::notice(&args.notice)?;
    let retailers = args.contracts.as_deref().map(contracts).transpose()?;
    let now = args.asked.today.map_or_else(japan_now, |today| today.at(9, 0, 0, 0));
    let ground = Ground::prepare(&args.asked)?;
    let method = ground.method(&args.method)?;
    let sharing = Sharing { notice, retailers: retailers.as_ref(), sender, recipient, now };
    let mut share = Sharer::new(sharing, form(args)?, ground.named());
    let mut findings: Vec<Finding> = Vec::new();
    ground.each(method, false, |computed, _| {
        match computed {
            Ok(computed) => share.add(&computed),
            Err(finding) => findings.push(finding),
        }
        Ok(())
    })?;
    let mut released = share.release();
    findings.append(&mut released.findings);
    // The ledger first: what is not in it does not leave.
    let mut store = open_store(&args.data)?;
    as_of(&mut store, args.asked.today)?;
    released.record(&mut store)?;
    let unusable = |error: std::io::Error| {
        let (dir, why) = (args.out.display(), error.kind());
        let ja = cause_ja(why);
        Failure::usage(format!("フォルダ「{dir}」に書き込めません（{ja}） / cannot write to `{dir}`: {why}"))
    };
    if !released.files.is_empty() {
        private_folder(&args.out).map_err(unusable)?;
    }
    for file in &released.files {
        let path = args.out.join(&file.name);
        write_atomically(&path, |out| out.write_all(&file.octets))?;
        let (made, points) = (lang.pick("作成:", "written:"), file.points);
        say!("{made} {} ({points}{})", path.display(), lang.pick("地点", " points"));
    }
    let failed = ground.tell(&findings, lang);
    Ok(exit(u8::from(failed)))
}

/// What is made of it, with everything that it needs and nothing else.
fn form(args: &Share) -> Result<ShareAs, Failure> {
    let needed = |option: &str, value: &Option<String>| {
        let name = args.form.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        value.clone().ok_or_else(|| {
            Failure::usage(format!("--as {name} には {option} も指定してください / --as {name} needs {option}, too"))
        })
    };
    let kind = || {
        let text = needed("--type", &args.kind)?;
        SettlementType::from_key(&text)
            .ok_or_else(|| Failure::usage(format!("--type {text}: 1-1、1-2、2 のいずれかです / one of 1-1, 1-2, 2")))
    };
    Ok(match args.form {
        Form::Points => ShareAs::Points,
        Form::ThirdPartyNote => ShareAs::ThirdPartyNote(kind()?),
        Form::CompensationNote => ShareAs::CompensationNote(kind()?),
        Form::Openadr => ShareAs::OpenAdr {
            event: needed("--event-id", &args.event_id)?,
            client: needed("--client", &args.client)?,
            resource: if args.asked.point == "all" {
                args.resource.clone()
            } else {
                Some(needed("--resource", &args.resource)?)
            },
        },
    })
}

fn contracts(path: &Path) -> Result<RetailerRegister, Failure> {
    let shown = path.display();
    let octets = std::fs::read(path).map_err(|error| {
        let why = error.kind();
        Failure::usage(format!("{shown}: 読み込めません（{}） / cannot read: {why}", cause_ja(why)))
    })?;
    read_contracts(&octets).map_err(|findings| {
        let lines = findings.into_iter().map(|finding| finding.in_file(&shown.to_string()).to_string());
        Failure::usage(lines.collect::<Vec<_>>().join("\n"))
    })
}
