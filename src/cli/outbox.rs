//! `occto outbox`: what waits or has an unknown outcome, and what a person decides about it.

use super::args::Place;
use super::out::say;
use super::shelf::Shelf;
use super::switch::who;
use super::way::{binding, moment};
use super::{Failure, exit, explain};
use crate::desk::view::Lang;
use crate::desk::{Decided, Resolution, resolve};
use crate::items::Code as _;
use crate::messages::switching::SwitchingMessage;
use crate::store::{OutboxDepth, OutboxState, Outgoing};
use crate::wire::Binding;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// The outbox.
#[derive(Debug, Subcommand)]
pub enum OutboxCommand {
    /// 送信待ち・送達不明の電文（送達不明があれば終了コード1） / what waits; exit 1 where an outcome is unknown
    List {
        /// Where data lives.
        #[command(flatten)]
        shelf: Shelf,
        /// JSONで表示 / print as JSON
        #[arg(long)]
        json: bool,
    },
    /// 照会できない相手方への送達不明の電文、送信を拒否され続ける電文を人が決裁 / decide about a message whose counterparty cannot be asked, or turns it away
    Resolve(Resolve),
}

/// Decide about a message.
#[derive(Args, Clone, Debug)]
pub struct Resolve {
    /// 申込参照番号 / our reference
    pub reference: String,
    /// 決裁: accepted（受付済み）, rejected（却下）, not-received（未着、再送可） / what became of it
    #[arg(long = "as", value_name = "RESOLUTION")]
    pub resolution: String,
    /// 相手方の番号（廃止取次番号または申込番号） / the number that the counterparty gave it
    #[arg(long, value_name = "NUMBER")]
    pub number: Option<String>,
    /// 担当者名 / who decides (default: the login name)
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Where data lives.
    #[command(flatten)]
    pub place: Place,
}

/// A message that was sent so often without arriving is pointed out.
const OFTEN: u32 = 5;
/// Messages shown of each state.
const SHOWN: usize = 200;

/// Does one of the commands.
pub fn outbox(command: &OutboxCommand, lang: Lang) -> Result<ExitCode, Failure> {
    match command {
        OutboxCommand::List { shelf, json } => list(shelf, *json, lang),
        OutboxCommand::Resolve(args) => decide(args),
    }
}

/// How many messages wait for whom, for a program.
pub fn depth_json(depth: &OutboxDepth) -> serde_json::Value {
    serde_json::json!({
        "state": depth.state.key(), "recipient": depth.recipient.to_string(), "count": depth.count,
        "oldest": depth.oldest.to_string(),
    })
}

/// How many messages wait for whom, and since when.
pub fn depth_line(depth: &OutboxDepth, lang: Lang) -> String {
    let (state, oldest) = (lang.name(depth.state), depth.oldest);
    format!("{:>7}  {state}  {}  {oldest}〜", depth.count, depth.recipient)
}

fn list(shelf: &Shelf, json: bool, lang: Lang) -> Result<ExitCode, Failure> {
    let mut store = shelf.existing()?;
    let (depths, messages) = store.read(|tx| {
        let mut messages = Vec::new();
        for state in [OutboxState::Unknown, OutboxState::Sent, OutboxState::Leased, OutboxState::Queued] {
            messages.extend(tx.outgoing_in(state, 0, SHOWN)?);
        }
        Ok((tx.outbox_depths()?, messages))
    })?;
    let refused = |message: &&Outgoing| message.state == OutboxState::Queued && message.attempts >= OFTEN;
    let refused = messages.iter().filter(refused).count();
    let unknown = messages.iter().any(|message| message.state == OutboxState::Unknown);
    if json {
        let one = |message: &Outgoing| {
            serde_json::json!({
                "reference": message.reference, "message": message.message, "recipient": message.recipient.to_string(),
                "state": message.state.key(), "attempts": message.attempts, "created": message.created.to_string(),
                "detail": message.detail,
            })
        };
        let depths: Vec<_> = depths.iter().map(depth_json).collect();
        let messages: Vec<_> = messages.iter().map(one).collect();
        say!("{}", serde_json::json!({"depths": depths, "messages": messages}));
        return Ok(exit(u8::from(unknown)));
    }
    depths.iter().for_each(|depth| say!("{}", depth_line(depth, lang)));
    for message in messages {
        let name = SwitchingMessage::spec_of(&message.message).map_or("-", |spec| spec.ja);
        let (state, detail) = (lang.name(message.state), message.detail.as_deref().unwrap_or("-"));
        say!(
            "{}  {state}  {name}  {}  {}回  {}  {detail}",
            message.reference,
            message.recipient,
            message.attempts,
            message.created
        );
    }
    if refused > 0 {
        say!(
            "{OFTEN}回以上送信できていない電文が{refused}通あります。理由（行末）を確認してください。原因を除けば自動で送信します。相手方が受け付けない電文は occto outbox resolve 参照番号 --as rejected で終了できます / {refused} messages were sent {OFTEN} times or more without arriving: see why at the end of the line; they go out by themselves once that is mended, and what is never taken ends with occto outbox resolve REFERENCE --as rejected"
        );
    }
    if unknown {
        say!(
            "送達不明の電文は相手方の一覧に照会して自動で解決します（廃止取次への回答J-とスイッチング廃止T-は occto switch judge が照会します）。照会できない相手方には電話などで確認し、occto outbox resolve 参照番号 --as accepted|rejected|not-received で決裁してください / what is unknown is asked for; where it cannot be, find out and decide with occto outbox resolve"
        );
    }
    Ok(exit(u8::from(unknown)))
}

fn decide(args: &Resolve) -> Result<ExitCode, Failure> {
    let resolution: Resolution = explain::value("--as", &args.resolution)?;
    let mut store = args.place.shelf.existing()?;
    let by = who(args.by.clone());
    let decided = Decided { reference: &args.reference, resolution, number: args.number.as_deref(), by: &by };
    let binding = binding(&args.place)?;
    let binding = binding.as_ref().unwrap_or(Binding::reference());
    resolve(&mut store, binding, decided, moment(&args.place))?;
    say!("{} を「{}」として決裁しました（{by}） / decided: {}", args.reference, resolution.ja(), resolution.en());
    Ok(exit(0))
}
