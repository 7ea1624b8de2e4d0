//! `occto switch judge`: the current retailer's counter.

use super::args::Judge;
use super::out::say;
use super::switch::{block_on, folder_notice, who};
use super::way::{Way, moment};
use super::{Failure, Materials, customers, exit, explain};
use crate::desk::view::Lang;
use crate::messages::switching::NgReasonCode;
use crate::store::IncomingState;
use std::process::ExitCode;

/// Judges what came in, or settles one doubt.
pub fn judge(args: &Judge, lang: Lang) -> Result<ExitCode, Failure> {
    let way = Way::configured(&args.place)?;
    let now = moment(&args.place);
    let materials = Materials::published()?;
    let mut store = args.place.shelf.open()?;
    let notice = folder_notice(&mut store)?;
    let mut office = way.office(store, &materials, notice);
    if let (Some(number), Some(verdict)) = (&args.number, &args.verdict) {
        let reasons: Vec<NgReasonCode> = match verdict.as_str() {
            "ok" => Vec::new(),
            keys => keys.split(',').map(|key| explain::value("--verdict", key.trim())).collect::<Result<_, _>>()?,
        };
        let told = block_on(office.decide(number, &reasons, &who(args.by.clone()), now))??;
        way.tell_troubles();
        say!(
            "{}",
            if told {
                "判断を伝えました / told"
            } else {
                "まだ伝わっていません。もう一度実行してください / not told yet: run again"
            }
        );
        return Ok(exit(u8::from(!told)));
    }
    if let Some(customers) = &args.customers {
        let register = customers::read(customers)?;
        let judged = block_on(office.serve(&register, now))??;
        let (received, ok, ng, doubts, stopped) =
            (judged.received, judged.ok, judged.ng, judged.doubts, judged.stopped);
        if args.json {
            let json =
                serde_json::json!({"received": received, "ok": ok, "ng": ng, "doubts": doubts, "stopped": stopped});
            say!("{json}");
        } else {
            say!("受信{received}件、OK {ok}件、NG {ng}件、要判断{doubts}件、スイッチング廃止申込{stopped}件");
        }
    }
    let troubled = way.tell_troubles();
    let doubts = office.store.read(|tx| tx.incoming_in(IncomingState::Doubt))?;
    if !args.json {
        for incoming in &doubts {
            say!("要判断 {}", incoming.entry.number.as_str());
            for (ja, en) in &incoming.differences {
                say!("  {}", lang.pick(ja, en));
            }
        }
    }
    Ok(exit(u8::from(troubled || !doubts.is_empty())))
}
