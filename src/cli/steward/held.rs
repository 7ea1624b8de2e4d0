//! `occto held`: what is held, by role and purpose; what differs; who manages it.

use super::{House, Sought, refused};
use crate::cli::out::say;
use crate::cli::{Failure, exit, explain, table};
use crate::desk::output::write_atomically;
use crate::desk::subject::{AccountsTaken, read_accounts, take_accounts};
use crate::desk::subject::{Refused, Viewer, look, look_at_discrepancies, move_manager, plain_text};
use crate::desk::view::Lang;
use crate::items::{Code as _, Date};
use crate::notice::held::ManagerChange;
use crate::notice::{NoticeKind, Party, PartyCode, Purpose, Role, StaffRoles, StewardClause, SupplyKind};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// What is held.
#[derive(Debug, Subcommand)]
pub enum Held {
    /// 保有情報を役割と目的に応じて表示 / show what is held, as a role, for a purpose
    Show(Show),
    /// 管理責任者の値と異なる申出と、訂正依頼の下書き / claims that differ, with the drafted requests
    Discrepancies(Differs),
    /// 管理責任者の変更を記録（小売・供給区域・最終保障供給など） / record a change of the manager
    Move(Move),
    /// 顧客台帳のCSVを取込（カリフォルニアの通知: --notice mce など） / take in accounts, under a notice of exceptions
    Take(Take),
    /// 社内の役割と利用目的の一覧 / the roles and their purposes
    Roles,
}

/// Show what is held.
#[derive(Args, Clone, Debug)]
pub struct Show {
    /// By what.
    #[command(flatten)]
    pub sought: Sought,
    /// 役割 / role: see `occto held roles`
    #[arg(long = "as", value_name = "ROLE")]
    pub role: String,
    /// 利用目的のキー / key of the purpose
    #[arg(long, value_name = "PURPOSE")]
    pub purpose: String,
    /// 過去の値も表示 / show what no longer counts, too
    #[arg(long)]
    pub history: bool,
    /// 役割の設定（省略時は同梱） / file of roles
    #[arg(long, value_name = "FILE")]
    pub roles: Option<PathBuf>,
    /// Where.
    #[command(flatten)]
    pub house: House,
    /// JSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Claims that differ.
#[derive(Args, Clone, Debug)]
pub struct Differs {
    /// 役割 / role: see `occto held roles`
    #[arg(long = "as", value_name = "ROLE")]
    pub role: String,
    /// 利用目的のキー / key of the purpose
    #[arg(long, value_name = "PURPOSE")]
    pub purpose: String,
    /// 役割の設定（省略時は同梱） / file of roles
    #[arg(long, value_name = "FILE")]
    pub roles: Option<PathBuf>,
    /// 訂正依頼の下書きを保存するフォルダ / write the drafted requests there
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Where.
    #[command(flatten)]
    pub house: House,
    /// JSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Record a change of the manager.
#[derive(Args, Clone, Debug)]
pub struct Move {
    /// By what.
    #[command(flatten)]
    pub sought: Sought,
    /// 変更後の小売（retailer:CODE）または一般送配電事業者（operator:NN） / the new retailer or operator
    #[arg(long, value_name = "ROLE:CODE", required_unless_present = "supply")]
    pub to: Option<String>,
    /// 変更後の供給の種類: ordinary, island, last-resort / the new kind of supply
    #[arg(long, value_name = "KIND")]
    pub supply: Option<String>,
    /// 変更日 / from this day on
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub from: Date,
    /// Where.
    #[command(flatten)]
    pub house: House,
}

/// Take in accounts.
#[derive(Args, Clone, Debug)]
pub struct Take {
    /// 顧客台帳のCSV（列は項目のキーと closed-on） / the accounts: columns are keys of items, and closed-on
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// 消去済みの口座番号を新しいお客さまとして取込（繰り返し可） / take in an erased account number again: the customer is new
    #[arg(long, value_name = "ACCOUNT")]
    pub again: Vec<String>,
    /// Where.
    #[command(flatten)]
    pub house: House,
}

/// Does one of the commands.
pub fn held(command: &Held, lang: Lang) -> Result<ExitCode, Failure> {
    match command {
        Held::Show(args) => show(args, lang),
        Held::Discrepancies(args) => differing(args),
        Held::Move(args) => change(args),
        Held::Take(args) => take(args),
        Held::Roles => {
            for role in roles(None)?.all() {
                say!("{} {}", role.key, lang.pick(&role.ja, &role.en));
                for (purpose, items) in &role.uses {
                    let items: Vec<_> = items.iter().map(|item| lang.pick(item.ja(), item.en())).collect();
                    say!("  {} ({}): {}", purpose.key(), lang.name(*purpose), items.join(lang.pick("、", ", ")));
                }
            }
            Ok(exit(0))
        }
    }
}

fn roles(file: Option<&PathBuf>) -> Result<StaffRoles, Failure> {
    let Some(path) = file else {
        return StaffRoles::published().map_err(|error| Failure::usage(format!("roles.toml: {error}")));
    };
    let text = std::fs::read_to_string(path).map_err(|error| {
        let why = error.kind();
        Failure::usage(format!(
            "{}: 読めません（{}） / cannot read it: {why}",
            path.display(),
            crate::store::cause_ja(why)
        ))
    })?;
    StaffRoles::parse(&text).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

fn show(args: &Show, lang: Lang) -> Result<ExitCode, Failure> {
    let key = args.sought.key()?;
    let purpose: Purpose = explain::value("--purpose", &args.purpose)?;
    let roles = roles(args.roles.as_ref())?;
    let mut desk = args.house.open()?;
    let viewer = Viewer { roles: &roles, role: &args.role, purpose, by: &desk.by, now: desk.now };
    let seen = match look(&mut desk.store, desk.us, desk.notice, &key, &viewer) {
        Ok(seen) => seen,
        Err(why) => return refused(why),
    };
    let shown = || seen.values.iter().zip(&seen.managers).filter(|(value, _)| value.current || args.history);
    if args.json {
        let values: Vec<_> = shown()
            .map(|(value, manager)| {
                serde_json::json!({
                    "item": value.item.key(), "value": plain_text(value), "source": value.source.to_string(),
                    "manager": manager.to_string(), "as-of": value.as_of.to_string(), "message": value.message,
                    "basis": value.basis.key(), "authority": value.authority.key(), "current": value.current,
                })
            })
            .collect();
        say!("{}", serde_json::Value::Array(values));
        return Ok(exit(u8::from(shown().next().is_none())));
    }
    if shown().next().is_none() {
        say!(
            "{}",
            lang.pick("この役割・目的で表示できる情報はありません", "nothing that this role sees for this purpose")
        );
        return Ok(exit(1));
    }
    for (value, manager) in shown() {
        let label = lang.pick(desk.notice.label(value.item), value.item.en());
        let mark = if value.current { "" } else { lang.pick("（過去の値）", " (former)") };
        say!("{}", table::printable(&format!("{label}{mark}: {}", plain_text(value))));
        let from =
            if value.source.role == Role::Customer { lang.name(Role::Customer).to_owned() } else { value.source.ja() };
        say!(
            "    {} {} {} ・ {} {} ・ {} {}",
            lang.name(value.authority),
            lang.pick("入手先", "from"),
            from,
            lang.pick("時点", "as of"),
            value.as_of.date(),
            lang.pick("管理責任者", "manager"),
            manager.ja()
        );
    }
    for stone in &seen.erased {
        let label = lang.pick(desk.notice.label(stone.item), stone.item.en());
        let rule = lang.pick(&stone.ja, &stone.en);
        say!("{label}: {} {} ({rule})", lang.pick("消去済み", "erased on"), stone.erased);
    }
    Ok(exit(0))
}

fn differing(args: &Differs) -> Result<ExitCode, Failure> {
    let purpose: Purpose = explain::value("--purpose", &args.purpose)?;
    let roles = roles(args.roles.as_ref())?;
    let mut desk = args.house.open()?;
    let viewer = Viewer { roles: &roles, role: &args.role, purpose, by: &desk.by, now: desk.now };
    let (found, left_out) = match look_at_discrepancies(&mut desk.store, desk.us, desk.notice, &viewer) {
        Ok(seen) => seen,
        Err(why) => return refused(why),
    };
    if let Some(out) = &args.out {
        std::fs::create_dir_all(out).map_err(|error| {
            let why = error.kind();
            Failure::usage(format!("{}: {} / {why}", out.display(), crate::store::cause_ja(why)))
        })?;
    }
    let mut listed = Vec::new();
    for (index, one) in found.iter().enumerate() {
        if let Some(out) = &args.out {
            // No name and no number of a customer stands in the name of a file.
            let path = out.join(format!("request-{}-{}.txt", one.dossier.0, index + 1));
            write_atomically(&path, |file| file.write_all(one.draft.as_bytes()))?;
        }
        let item = one.found.claim.item;
        if args.json {
            listed.push(serde_json::json!({
                "dossier": one.dossier.0, "item": item.key(), "manager": one.found.manager.to_string(),
                "nearly": one.found.nearly, "sendable": one.sendable.as_ref().err(), "request": one.draft,
            }));
        } else {
            say!("綴り{} {} → {}", one.dossier.0, desk.notice.label(item), one.found.manager.ja());
            if let Err(why) = &one.sendable {
                say!("  この依頼は通知により送付できません: {why}");
            }
        }
    }
    if args.json {
        say!("{}", serde_json::Value::Array(listed));
    } else if found.is_empty() && left_out == 0 {
        say!("管理責任者の値と異なる申出はありません / nothing differs");
    } else if args.out.is_none() && !found.is_empty() {
        say!("--out DIR で訂正依頼の下書きを保存します / --out DIR writes the drafted requests");
    }
    if left_out > 0 && !args.json {
        say!(
            "ほかに{left_out}件の相違は、この役割・目的では表示できません / {left_out} more are not for this role and purpose"
        );
    }
    Ok(exit(u8::from(!found.is_empty() || left_out > 0)))
}

fn take(args: &Take) -> Result<ExitCode, Failure> {
    let unreadable = |error: std::io::Error| {
        let why = error.kind();
        Failure::usage(format!("{}: {} / cannot read it: {why}", args.file.display(), crate::store::cause_ja(why)))
    };
    let octets = std::fs::read(&args.file).map_err(unreadable)?;
    let mut desk = args.house.over(args.house.shelf.open()?)?;
    if desk.notice.kind() != NoticeKind::Exceptions {
        return Err(Failure::usage(format!(
            "顧客台帳は例外列挙型の通知（--notice clean-power-alliance、mce）でだけ取り込めます。通知「{}」のお客さまは switch submit で登録してください / accounts are taken in under a notice of exceptions alone: name it with --notice",
            desk.notice.key()
        )));
    }
    let accounts = read_accounts(&octets, desk.notice)
        .map_err(|error| Failure::usage(format!("{}の{error}", args.file.display())))?;
    let taken = take_accounts(&mut desk.store, (desk.us, desk.notice), &accounts, &args.again, &desk.by, desk.now)?;
    let AccountsTaken { new, changed, same, erased } = taken;
    say!("新規{new}件、変更{changed}件、同じ{same}件 / {new} new, {changed} changed, {same} as they were");
    for line in &erased {
        say!("{line}行目: 取り込みません / line {line}: not taken: {}", Refused::from(StewardClause::AlreadyErased));
    }
    if !erased.is_empty() {
        say!(
            "消去したお客さまの行を台帳のファイルから除いてください。新しいお客さまなら --again ACCOUNT で指定してください / take erased customers out of the file; --again ACCOUNT where the customer is a new one"
        );
    }
    Ok(exit(u8::from(!erased.is_empty())))
}

fn change(args: &Move) -> Result<ExitCode, Failure> {
    let key = args.sought.key()?;
    let supply: Option<SupplyKind> = args.supply.as_deref().map(|text| explain::value("--supply", text)).transpose()?;
    let to =
        args.to.as_deref().map(Party::parse).transpose().map_err(|error| Failure::usage(format!("--to: {error}")))?;
    let (mut retailer, mut area) = (None, None);
    match to {
        None => {}
        Some(party @ Party { role: Role::Retailer, code: Some(_) }) => retailer = Some(party),
        Some(Party { role: Role::Operator, code: Some(PartyCode::Area(to)) }) => area = Some(to),
        Some(_) => {
            return Err(Failure::usage(
                "--to は retailer:CODE または operator:NN で指定してください / name retailer:CODE or operator:NN"
                    .to_owned(),
            ));
        }
    }
    let mut desk = args.house.open()?;
    let change = ManagerChange { retailer, area, supply };
    match move_manager(&mut desk.store, desk.us, &key, args.from, &change, &desk.by, desk.now) {
        Ok(()) => {
            say!("管理責任者の変更を記録しました / recorded");
            Ok(exit(0))
        }
        Err(why) => refused(why),
    }
}
