//! `occto config check`.

use super::named;
use crate::cli::out::say;
use crate::cli::way::japan_now;
use crate::cli::{Failure, exit};
use crate::desk::view::Lang;
use crate::exchange::{ConfigError, ExchangeConfig, PasswordPlace, Proxy, Setting};
use crate::rules::{Finding, codes};
use crate::wire::Binding;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The configuration.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// 接続設定を検査（知らない項目、読めない証明書、ほかの利用者が読める秘密など） / check the configuration and the files it names
    Check(Check),
}

/// Check the configuration.
#[derive(Args, Clone, Debug)]
pub struct Check {
    /// 接続設定（省略時は環境変数 OCCTO_CONFIG） / configuration; without one, that of the variable OCCTO_CONFIG
    pub file: Option<PathBuf>,
    /// 接続設定 / the same, as other commands have it
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    pub config: Option<PathBuf>,
    /// 指摘をJSONで表示 / print findings as JSON
    #[arg(long)]
    pub json: bool,
}

/// The variables of the environment that are known by name; a configuration may refer to others.
const VARIABLES: [&str; 7] =
    ["OCCTO_CONFIG", "OCCTO_DATA", "OCCTO_KEY", "OCCTO_KEY_FORMER", "OCCTO_LANG", "OCCTO_LOG", "OCCTO_STORE"];

/// Checks the configuration; exit 1 where something of it is an error.
pub fn config(command: &Config, lang: Lang) -> Result<ExitCode, Failure> {
    let Config::Check(args) = command;
    let path = named(args.file.as_ref().or(args.config.as_ref()))?;
    let file = path.display().to_string();
    let (config, errors) = ExchangeConfig::check(&path);
    let mut findings: Vec<Finding> = errors.iter().map(|error| error.finding(&file)).collect();
    if let Some(config) = &config {
        findings.extend(named_files(config).into_iter().map(|error| error.finding(&file)));
        findings.extend(unverified(config, &file));
        if errors.is_empty() {
            let nobody = codes::CONFIG_NOBODY.plain().in_file(&file);
            findings.extend(config.counterparties.is_empty().then_some(nobody));
            findings.extend(ending(config));
        }
    }
    findings.extend(unknown_variables(&path));
    if args.json {
        let findings: Vec<_> = findings.iter().map(Finding::to_json).collect();
        say!("{}", serde_json::json!({"file": file, "findings": findings}));
    } else {
        for finding in &findings {
            say!("{finding}");
        }
        if let Some(config) = config.iter().find(|_| errors.is_empty()) {
            lines(config, lang);
        }
        let count = findings.iter().filter(|finding| finding.is_error()).count();
        let said = if count == 0 {
            lang.pick("エラーはありません", "no errors").to_owned()
        } else {
            lang.pick("エラー{n}件", "{n} errors").replace("{n}", &count.to_string())
        };
        say!("{file}: {said}");
    }
    Ok(exit(u8::from(findings.iter().any(Finding::is_error))))
}

/// What is wrong with the files and variables that the configuration names.
fn named_files(config: &ExchangeConfig) -> Vec<ConfigError> {
    let mut errors: Vec<ConfigError> = Vec::new();
    let mut keep = |result: Result<(), ConfigError>| {
        if let Some(error) = result.err().filter(|error| !errors.contains(error)) {
            errors.push(error);
        }
    };
    for (_, url, access) in config.lines() {
        // A password that a person types is not asked for here.
        let typed = |place: &Option<PasswordPlace>| matches!(place, Some(PasswordPlace::Prompt));
        if let Some(identity) = access.identity.as_ref().filter(|identity| !typed(&identity.password)) {
            keep(identity.load().map(drop));
        }
        let mut anonymous = access.clone();
        anonymous.identity = None;
        keep(anonymous.try_out(url));
        if let Proxy::Address { login: Some((_, password)), .. } = &access.proxy {
            keep(password.read("proxy").map(drop));
        }
    }
    if let Some(plans) = &config.plans {
        keep(plans.password.read("[plan]").map(drop));
    }
    for (_, counterparty) in &config.counterparties {
        let Some(file) = &counterparty.binding else { continue };
        keep(binding(file));
    }
    errors
}

fn binding(file: &Path) -> Result<(), ConfigError> {
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| {
        let ja = format!("電文の書式「{name}」を読めません（{}）", crate::store::cause_ja(error.kind()));
        ConfigError::coded(&codes::CONFIG_VALUE, ja, format!("cannot read the binding {name}: {}", error.kind()))
    })?;
    Binding::parse(&text).map(drop).map_err(|error| {
        let text = error.to_string();
        let (ja, en) = text.split_once(" / ").unwrap_or((&text, &text));
        ConfigError::coded(&codes::CONFIG_VALUE, format!("{name}: {ja}"), format!("{name}: {en}"))
    })
}

/// What ships without having been checked against the counterparty's documents.
fn unverified(config: &ExchangeConfig, file: &str) -> Vec<Finding> {
    let Some(plans) = config.plans.as_ref().filter(|plans| !plans.upload.verified) else { return Vec::new() };
    let operation = &plans.upload.operation;
    let ja = format!("[plan.upload] の操作名「{operation}」は公表されていません");
    let en = format!("the operation `{operation}` of [plan.upload] is not published");
    vec![codes::CONFIG_UNVERIFIED.finding(ja, en).in_file(file)]
}

/// What a person has to know of the certificates.
fn ending(config: &ExchangeConfig) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (_, _, access) in config.lines() {
        let Some(place) = access.identity.as_ref().filter(|place| place.password != Some(PasswordPlace::Prompt)) else {
            continue;
        };
        for finding in place.load().map(|identity| identity.warnings(japan_now())).unwrap_or_default() {
            let finding = finding.in_file(&place.certificate.display().to_string());
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    findings
}

/// Variables that look like ours and are not: neither known by name nor named in the configuration.
fn unknown_variables(path: &Path) -> Vec<Finding> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let ours =
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(|name| name.starts_with("OCCTO_"));
    let mut unknown: Vec<String> =
        ours.filter(|name| !VARIABLES.contains(&name.as_str()) && !text.contains(name.as_str())).collect();
    unknown.sort();
    let finding = |name: String| {
        codes::CONFIG_UNKNOWN_VARIABLE
            .finding(format!("知らない環境変数 {name}"), format!("the variable {name} is not known"))
    };
    unknown.into_iter().map(finding).collect()
}

/// One line for each counterparty.
fn lines(config: &ExchangeConfig, lang: Lang) {
    let setting = Setting::default();
    for (name, url, access) in config.lines() {
        let host = url.host_str().unwrap_or_default();
        let identity = access.identity.as_ref().map_or_else(
            || lang.pick("証明書なし", "no certificate").to_owned(),
            |identity| identity.certificate.display().to_string(),
        );
        let now = setting.clock.now();
        let open = if access.policy.hours.is_always() {
            lang.pick("受付時間の指定なし", "no hours")
        } else if access.policy.hours.is_open(now) {
            lang.pick("受付時間内", "open now")
        } else {
            lang.pick("受付時間外", "closed now")
        };
        say!("  {name}: {}://{host} {identity} {open}", url.scheme());
    }
}
