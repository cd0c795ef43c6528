//! `cpglang history`: the runs of an output directory.

use std::io::{self, BufWriter, Write as _};

use cpg_engine::PublishedBuild;

use crate::args::HistoryArgs;
use crate::failure::Failure;
use crate::rows;

/// A row for each run, newest first.
const RUNS: &str = "
    select run, started, round(seconds, 2) as seconds, source_files, errors, tables_written, rows, bytes
    from history.runs order by run desc";

/// A row for each table that a run wrote, slowest first.
const TABLES: &str = "
    select area || '/' || \"table\" as \"table\", status, version, rows, files, bytes, round(seconds, 2) as seconds
    from history.tables where run = '{run}' order by seconds desc, area, \"table\"";

/// Prints the runs, or the tables of one.
pub(crate) fn history(args: &HistoryArgs) -> Result<(), Failure> {
    let profile = args.place.profile()?;
    let build = PublishedBuild::open(&profile.out, profile.threads, profile.memory_bytes)?;
    let sql = match &args.run {
        None => RUNS.to_owned(),
        Some(run) => TABLES.replace("{run}", &build.run(run)?.run),
    };
    let found = build.sql(&sql)?;
    let schema = found.schema();
    let mut out = BufWriter::new(io::stdout().lock());
    rows::write(&mut out, &schema, found, args.format)?;
    out.flush().map_err(Failure::output)
}
