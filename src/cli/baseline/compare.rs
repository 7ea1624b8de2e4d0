//! `occto baseline compare`.

use super::Compare;
use super::ground::Ground;
use super::plot::{one_point, write};
use crate::baseline::{Fraction, Method};
use crate::cli::out::{print, say};
use crate::cli::table::empty;
use crate::cli::{Failure, exit};
use crate::desk::baseline::plot::methods_plot;
use crate::desk::baseline::{Comparison, comparable};
use crate::desk::view::Lang;
use crate::rules::Finding;
use comfy_table::CellAlignment;
use std::process::ExitCode;

const WIDTH: u16 = 110;

/// Compares and prints; exit 1 where a finding about the readings is an error.
pub(super) fn compare(args: &Compare, lang: Lang) -> Result<ExitCode, Failure> {
    let ground = Ground::prepare(&args.asked)?;
    ground.one_event()?;
    let methods: Vec<&Method> = match args.methods.as_slice() {
        [] => comparable(&ground.methods),
        keys => keys.iter().map(|key| ground.method(key)).collect::<Result<_, _>>()?,
    };
    if args.out.is_some() {
        one_point(&ground)?;
    }
    let mut findings: Vec<Finding> = Vec::new();
    let mut separator = "{\"comparisons\":[";
    let mut each = |compared: Result<Comparison<'_>, Finding>| -> Result<(), Failure> {
        match compared {
            Err(finding) => findings.push(finding),
            Ok(comparison) => {
                if args.json {
                    print(format_args!("{separator}{}", comparison.to_json()));
                    separator = ",";
                } else {
                    table(&comparison, lang);
                }
                if let Some(path) = &args.out {
                    write(&methods_plot(&comparison), path, lang)?;
                }
            }
        }
        Ok(())
    };
    ground.compare(&methods, args.days, &mut each)?;
    if args.json {
        let open = if separator == "," { "" } else { separator };
        let (own, _) = ground.findings();
        let all = own.into_iter().chain(&findings);
        let told: Vec<_> = all.clone().map(Finding::to_json).collect();
        say!("{open}],\"findings\":{}}}", serde_json::Value::from(told));
        return Ok(exit(u8::from(all.clone().any(Finding::is_error))));
    }
    if let Some(path) = &args.out {
        say!("{} {}", lang.pick("作成:", "written:"), path.display());
    }
    let failed = ground.tell(&findings, lang);
    Ok(exit(u8::from(failed)))
}

fn table(comparison: &Comparison<'_>, lang: Lang) {
    let Some(first) = comparison.computed.first() else { return };
    say!("{} {} {}", lang.pick("供給地点", "point"), first.point.grouped(), first.event);
    let mut table = empty(WIDTH);
    table.set_header([
        lang.pick("算定方法", "method"),
        lang.pick("需要制御量 kWh", "reduction kWh"),
        "RRMSE",
        lang.pick("偏り", "bias"),
        lang.pick("算定できた日", "days"),
        lang.pick("指摘", "findings"),
    ]);
    let days = comparison.suitability.days.len();
    for (place, (one, missed)) in comparison.computed.iter().zip(&comparison.suitability.methods).enumerate() {
        let best = comparison.suitability.best == Some(place);
        let star = if best { "* " } else { "" };
        let codes: Vec<_> = one.findings.iter().map(|finding| finding.code).collect();
        table.add_row([
            format!("{star}{}", one.method.key),
            one.total_reduction.map_or("-".to_owned(), |total| total.rounded(4).unwrap_or(total).to_string()),
            percent(missed.rrmse),
            percent(missed.bias),
            format!("{}/{days}", missed.days),
            codes.join(" "),
        ]);
    }
    for column in table.column_iter_mut().skip(1).take(4) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    say!("{table}");
    say!(
        "{}",
        lang.pick(
            "* 誤差（RRMSE）が最も小さい方法。20%を超える方法は適さないことがあります（要確認）",
            "* the least error; above 20 % a method may not suit (to be confirmed)"
        )
    );
}

fn percent(exact: Option<Fraction>) -> String {
    let percent = exact.and_then(|exact| exact.checked_mul(Fraction::whole(100))?.rounded(2));
    percent.map_or("-".to_owned(), |percent| format!("{percent}%"))
}
