//! `cpglang extract`: evidence alone, to standard output or into a directory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;

use cpg_engine::{Cancel, EngineError};
use cpg_evidence::{EvidenceBatch, ExternalCommands, ExtractorMap};
use cpg_ir::manifest::EvidenceNeeds;

use super::extractors::{chosen, unknown_name};
use crate::args::{ExtractArgs, RowFormat};
use crate::console::Console;
use crate::failure::Failure;
use crate::interrupt;
use crate::profile::Profile;
use crate::rows::RowWriter;
use crate::size::counted;

/// Writers by table.
type Writers = BTreeMap<String, RowWriter<Box<dyn Write>>>;

/// Prints or writes what some extractors find.
pub(crate) fn extract(
    profile: &Profile,
    args: &ExtractArgs,
    console: &Console,
) -> Result<(), Failure> {
    let mut runtime = args.profile();
    runtime.extract.external = profile.external.clone();
    let needs = needs(args, &runtime.extract.external)?;
    let map = ExtractorMap::with(&needs, &runtime.extract.external).map_err(defect)?;
    let tables = map.tables();
    let one_table = tables.len() == 1 || args.format == RowFormat::Table;
    if args.to.is_none() && !one_table {
        let names: Vec<_> = tables.iter().map(|table| table.table.as_ref()).collect();
        let help =
            format!("choose one with `--table`, or a folder with `--to`: {}", names.join(", "));
        return Err(Failure::usage("several tables do not fit one output of this format", help));
    }
    if let Some(folder) = &args.to {
        std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    }

    let mut writers = Writers::new();
    for table in &tables {
        let out: Box<dyn Write> = match &args.to {
            Some(folder) => {
                let path = folder.join(format!("{}.{}", table.table, args.format.extension()));
                let file = File::create(&path).map_err(|error| unwritable(&path, &error))?;
                Box::new(BufWriter::new(file))
            }
            None => Box::new(BufWriter::new(io::stdout())),
        };
        writers.insert(table.table.to_string(), RowWriter::new(out, &table.schema, args.format)?);
    }

    let cancel = Cancel::default();
    interrupt::listen(&cancel)?;
    let mut failed = None;
    let receive = |EvidenceBatch { table, batch, .. }: EvidenceBatch| {
        let writer = writers.get_mut(table.as_ref());
        match writer.map_or(Ok(()), |writer| writer.write(&batch)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                failed = Some(failure);
                ControlFlow::Break(())
            }
        }
    };
    let extracted = cpg_engine::extract(&runtime, &needs, &cancel, receive);
    if let Some(failure) = failed {
        return Err(failure);
    }
    let summary = extracted?;
    for table in &tables {
        let Some(writer) = writers.remove(table.table.as_ref()) else { continue };
        if args.to.is_none() && tables.len() > 1 {
            let mut out = io::stdout().lock();
            writeln!(out, "{}", table.table).map_err(Failure::output)?;
        }
        writer.finish()?;
    }
    if summary.errors > 0 && !needs.contains_key("errors") {
        let errors = counted(summary.errors as u64, "error");
        console.say(&format!(
            "{errors} on the way; `--extractor errors` beside the others lists them"
        ));
    }
    Ok(())
}

/// Every column of every table that was asked for.
fn needs(args: &ExtractArgs, external: &ExternalCommands) -> Result<EvidenceNeeds, Failure> {
    let extractors = chosen(&args.extractors, external)?;
    let known = || extractors.iter().flat_map(|(_, found)| found.tables.keys().map(String::as_str));
    if let Some(unknown) = args.tables.iter().find(|table| !known().any(|name| name == *table)) {
        return Err(unknown_name("table", unknown, known()));
    }
    let is_chosen = |table: &str| args.tables.is_empty() || args.tables.iter().any(|t| t == table);
    let mut needs = EvidenceNeeds::new();
    for (key, found) in &extractors {
        for (table, row) in found.tables.iter().filter(|(table, _)| is_chosen(table)) {
            let columns = row.columns.iter().map(|column| column.name.clone()).collect();
            needs.entry(key.clone()).or_default().insert(table.clone(), columns);
        }
    }
    Ok(needs)
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let (what, reason) = (path.display().to_string(), error.to_string());
    Failure::Engine(EngineError::Storage { what, reason })
}

fn defect(error: impl std::fmt::Display) -> Failure {
    Failure::Defect(error.to_string())
}
