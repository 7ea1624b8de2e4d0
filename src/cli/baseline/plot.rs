//! `occto baseline plot`.

use super::Plot;
use super::ground::Ground;
use crate::cli::out::say;
use crate::cli::{Failure, exit};
use crate::desk::baseline::plot::{Scene, day_plot};
use crate::desk::output::write_atomically;
use crate::desk::view::Lang;
use crate::rules::Finding;
use std::path::Path;
use std::process::ExitCode;

/// How a picture is written.
#[derive(Clone, Copy)]
enum Form {
    Svg,
    Html,
    Png,
}

impl Form {
    fn of(path: &Path) -> Result<Form, Failure> {
        let extension = path.extension().and_then(std::ffi::OsStr::to_str).map(str::to_ascii_lowercase);
        match extension.as_deref() {
            Some("svg") => Ok(Form::Svg),
            Some("html" | "htm") => Ok(Form::Html),
            Some("png") => Ok(Form::Png),
            _ => Err(Failure::usage(
                "--out は .svg、.html、.png のいずれかで終わる名前にしてください / let --out end in .svg, .html or .png"
                    .to_owned(),
            )),
        }
    }
}

/// Writes a picture in the form that the name of the file asks for.
pub(super) fn write(scene: &Scene, path: &Path, lang: Lang) -> Result<(), Failure> {
    let form = Form::of(path)?;
    write_atomically(path, |out| match form {
        Form::Svg => out.write_all(scene.svg(lang).as_bytes()),
        Form::Html => out.write_all(scene.html(lang).as_bytes()),
        Form::Png => out.write_all(&scene.png()?),
    })?;
    Ok(())
}

/// A picture is of one point.
pub(super) fn one_point(ground: &Ground) -> Result<(), Failure> {
    if ground.single() {
        return Ok(());
    }
    Err(Failure::usage(
        "図は1地点ずつ作成します。--point に供給地点特定番号を指定してください / a picture is of one point: name it with --point"
            .to_owned(),
    ))
}

/// Draws; exit 1 where there is nothing to draw, or a finding is an error.
pub(super) fn plot(args: &Plot, lang: Lang) -> Result<ExitCode, Failure> {
    Form::of(&args.out)?;
    let ground = Ground::prepare(&args.asked)?;
    one_point(&ground)?;
    let method = ground.method(&args.method)?;
    let (mut scenes, mut findings): (Vec<Scene>, Vec<Finding>) = Default::default();
    ground.each(method, true, |computed, readings| {
        match computed {
            Ok(computed) => {
                if let Some(view) = readings.point(computed.point) {
                    scenes.push(day_plot(&computed, &view));
                }
                findings.extend(computed.findings);
            }
            Err(finding) => findings.push(finding),
        }
        Ok(())
    })?;
    for (number, scene) in (1..).zip(&scenes) {
        let path = numbered(&args.out, number);
        write(scene, &path, lang)?;
        say!("{} {}", lang.pick("作成:", "written:"), path.display());
    }
    let failed = ground.tell(&findings, lang);
    Ok(exit(u8::from(failed)))
}

/// An event that is split at midnight has a picture for each of its days.
fn numbered(path: &Path, number: u32) -> std::path::PathBuf {
    let (Some(stem), Some(extension)) = (path.file_stem(), path.extension()) else { return path.to_owned() };
    let (stem, extension) = (stem.to_string_lossy(), extension.to_string_lossy());
    if number == 1 { path.to_owned() } else { path.with_file_name(format!("{stem}-{number}.{extension}")) }
}
