//! `cpglang query`.

use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::Path;

use cpg_base::System;
use cpg_engine::PublishedBuild;

use crate::args::QueryArgs;
use crate::failure::Failure;
use crate::rows;

/// Prints the rows that a query over the published build gives.
pub(crate) fn query(system: &dyn System, args: &QueryArgs) -> Result<(), Failure> {
    let sql = match (&args.sql, &args.file) {
        (Some(sql), _) => sql.clone(),
        (None, Some(file)) => read(system, file)?,
        (None, None) => return Err(Failure::usage("no query", "give SQL, or a file with `-f`")),
    };
    let profile = args.profile()?;
    let build = PublishedBuild::open(&profile.out, profile.threads, profile.memory_bytes)?;
    let result = build.sql(&sql)?;
    let schema = result.schema();
    let mut out = BufWriter::new(io::stdout().lock());
    rows::write(&mut out, &schema, result, args.format)?;
    out.flush().map_err(Failure::output)
}

fn read(system: &dyn System, file: &Path) -> Result<String, Failure> {
    let unreadable = |error: io::Error| {
        Failure::usage(format!("`{}`: {error}", file.display()), "give a file that holds SQL")
    };
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map_err(unreadable)?;
        bytes
    } else {
        system.read(file).map_err(unreadable)?
    };
    String::from_utf8(bytes).map_err(|error| unreadable(io::Error::other(error)))
}
