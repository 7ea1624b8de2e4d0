//! `occto notice`.

use super::explain::notice_text;
use super::out::{print, say};
use super::{Failure, exit};
use crate::desk::notice_page::notice_page;
use crate::desk::output::write_atomically;
use crate::desk::view::Lang;
use crate::notice::Notice;
use clap::{Subcommand, ValueEnum};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Published notices.
#[derive(Debug, Subcommand)]
pub enum NoticeCommand {
    /// 通知の一覧 / list
    List,
    /// 通知の内容 / show one
    Show {
        /// 通知のキーまたはファイル / key of the notice, or a file
        name: String,
    },
    /// 二つの通知の違い（違いがあれば終了コード1） / what the second has and the first has not; exit 1 where they differ
    Diff {
        /// 通知のキーまたはファイル / key of a notice, or a file
        before: String,
        /// 通知のキーまたはファイル / key of a notice, or a file
        after: String,
    },
    /// 通知ファイルの点検（指摘があれば終了コード1） / what does not hold together or has no effect; exit 1 on a finding
    Lint {
        /// 通知のキーまたはファイル / keys of notices, or files
        #[arg(required = true)]
        names: Vec<String>,
        /// JSONで表示 / print as JSON
        #[arg(long)]
        json: bool,
    },
    /// 公表する文（判断に使うのと同じデータから） / the text to publish, from the data that decides
    Render {
        /// 通知のキーまたはファイル / key of the notice, or a file
        name: String,
        /// 出力ファイル（.html はページ、ほかは文） / file: `.html` is a page, else text (default: print the text)
        #[arg(long, value_name = "FILE.html|.txt")]
        out: Option<PathBuf>,
    },
    /// 同じ判断を Cedar のポリシーで / the same decisions as Cedar policies
    Cedar {
        /// 通知のキーまたはファイル / key of the notice, or a file
        name: String,
        /// 出力する部分 / which part to print
        #[arg(long, value_enum, default_value = "policies", conflicts_with = "out")]
        part: Part,
        /// 三つのファイルのフォルダ / folder of the three files
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// A part of what Cedar needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Policies.
    Policies,
    /// Schema.
    Schema,
    /// Entities.
    Entities,
}

/// Runs a command on notices.
pub fn notices(command: &NoticeCommand, lang: Lang) -> Result<ExitCode, Failure> {
    match command {
        NoticeCommand::List => {
            for key in Notice::KEYS {
                let notice = super::explain::notice(key)?;
                let title = lang.pick(notice.title_ja(), notice.title_en());
                say!("{key:<22} {title}");
            }
            Ok(exit(0))
        }
        NoticeCommand::Show { name } => {
            let notice = read(name)?;
            let text = if lang == Lang::Ja { notice.describe_ja() } else { notice.describe_en() };
            print(format_args!("{text}"));
            Ok(exit(0))
        }
        NoticeCommand::Diff { before, after } => {
            let changes = read(before)?.changes_to(&read(after)?);
            for change in &changes {
                say!("{} {}", if change.added { '+' } else { '-' }, lang.pick(&change.ja, &change.en));
            }
            Ok(exit(u8::from(!changes.is_empty())))
        }
        NoticeCommand::Lint { names, json } => lint(names, *json, lang),
        NoticeCommand::Render { name, out } => render(&read(name)?, out.as_deref()),
        NoticeCommand::Cedar { name, part, out } => cedar(&read(name)?, *part, out.as_deref()),
    }
}

fn read(name: &str) -> Result<Notice, Failure> {
    Notice::parse(&notice_text(name)?).map_err(|error| Failure::usage(format!("{name}: {error}")))
}

fn lint(names: &[String], json: bool, lang: Lang) -> Result<ExitCode, Failure> {
    let mut all = Vec::new();
    for name in names {
        match Notice::lint(&notice_text(name)?) {
            Ok(found) => all.extend(found.into_iter().map(|one| (name, one.line, one.column, one.key, one.ja, one.en))),
            Err(error) => {
                all.push((name, Some(error.line), Some(error.column), "refused", error.ja(), error.en()));
            }
        }
    }
    for (name, line, column, key, ja, en) in &all {
        if json {
            say!(
                "{}",
                serde_json::json!({"file": name, "line": line, "column": column, "key": key, "ja": ja, "en": en})
            );
        } else {
            let line = line.map_or_else(String::new, |line| format!(":{line}"));
            let column = column.map_or_else(String::new, |column| format!(":{column}"));
            say!("{name}{line}{column}: {} [{key}]", lang.pick(ja, en));
        }
    }
    if all.is_empty() && !json {
        say!("{}", lang.pick("指摘はありません", "no findings"));
    }
    Ok(exit(u8::from(!all.is_empty())))
}

fn render(notice: &Notice, out: Option<&Path>) -> Result<ExitCode, Failure> {
    let text = notice.published_text();
    match out {
        None => print(format_args!("{}", text.to_text())),
        Some(out) => {
            let is_page = out.extension().is_some_and(|extension| extension == "html");
            let written = if is_page { notice_page(&text) } else { text.to_text() };
            write_atomically(out, |file| file.write_all(written.as_bytes()))?;
            say!("公表文を「{}」に作成しました / wrote the text to publish", out.display());
        }
    }
    Ok(exit(0))
}

fn cedar(notice: &Notice, part: Part, out: Option<&Path>) -> Result<ExitCode, Failure> {
    let written = notice.to_cedar();
    let entities = serde_json::to_string_pretty(&written.entities).unwrap_or_default() + "\n";
    let Some(out) = out else {
        match part {
            Part::Policies => print(format_args!("{}", written.policies)),
            Part::Schema => print(format_args!("{}", written.schema)),
            Part::Entities => print(format_args!("{entities}")),
        }
        return Ok(exit(0));
    };
    std::fs::create_dir_all(out).map_err(|error| {
        Failure::usage(format!("「{}」を作成できません（{error}） / cannot make the folder", out.display()))
    })?;
    let key = notice.key();
    for (name, text) in [
        (format!("{key}.cedar"), &written.policies),
        (format!("{key}.cedarschema"), &written.schema),
        (format!("{key}.entities.json"), &entities),
    ] {
        write_atomically(&out.join(name), |file| file.write_all(text.as_bytes()))?;
    }
    say!(
        "Cedar のポリシー・スキーマ・エンティティを「{}」に作成しました / wrote policies, schema and entities",
        out.display()
    );
    Ok(exit(0))
}
