//! `cpglang export`: the graph of a published build, for other tools.

mod ask;
mod place;

use std::io::{self, BufWriter, Write};
use std::path::Path;

use cpg_base::Code;
use cpg_engine::{EngineError, PublishedBuild};
use cpg_export::{ExportError, Graph};

use crate::args::{ExportArgs, ExportFormat};
use crate::console::Console;
use crate::failure::Failure;
use ask::Question;
use place::{NewFile, NewFolder};

/// Writes the graph in the format that was chosen.
pub(crate) fn export(args: &ExportArgs, console: &Console) -> Result<(), Failure> {
    check_usage(args)?;
    let profile = args.profile()?;
    let build = PublishedBuild::open(&profile.out, profile.threads, profile.memory_bytes)?;
    let question = Question::new(&build, args)?;
    if args.format.is_document() {
        return match &args.to {
            None => {
                let out = &mut BufWriter::new(io::stdout().lock());
                document(args.format, out, question.graph()?, None)
            }
            Some(path) => {
                let mut file = NewFile::create(path)?;
                document(args.format, &mut file, question.graph()?, Some(path))?;
                file.keep()
            }
        };
    }
    let folder = NewFolder::create(args.to.as_deref().unwrap_or(Path::new(".")))?;
    let files = match args.format {
        ExportFormat::Neo4jCsv => neo4j(&question, &folder)?,
        format => tables(&question, format, &folder)?,
    };
    files.into_iter().try_for_each(NewFile::keep)?;
    if args.format == ExportFormat::Neo4jCsv {
        console.say(IMPORT);
    }
    Ok(())
}

/// What Neo4j is told to read the files.
const IMPORT: &str = "neo4j-admin database import full --multiline-fields=true \
                      --nodes=nodes.csv --relationships=edges.csv neo4j";

/// What formats ask for that flags cannot say of each other.
fn check_usage(args: &ExportArgs) -> Result<(), Failure> {
    let is_document = args.format.is_document();
    if args.to.is_none() && !is_document {
        let message = "this format has several files, which standard output cannot hold";
        return Err(Failure::coded(Code::BadExport, message, "give a folder with `--to DIR`"));
    }
    if is_document && !args.tables.is_empty() {
        let message = "`--table` is for formats with a file for each table";
        let help = "choose `--format csv` or `--format parquet`";
        return Err(Failure::coded(Code::BadExport, message, help));
    }
    Ok(())
}

fn document(
    format: ExportFormat,
    out: &mut impl Write,
    graph: Graph<'_, EngineError>,
    path: Option<&Path>,
) -> Result<(), Failure> {
    let written = match format {
        ExportFormat::Graphml => cpg_export::write_graphml(out, graph),
        ExportFormat::Mermaid => cpg_export::write_mermaid(out, graph),
        ExportFormat::Svg => cpg_export::write_svg(out, graph),
        _ => cpg_export::write_dot(out, graph),
    };
    written.map_err(|error| failure(error, path))
}

fn neo4j(question: &Question<'_>, folder: &NewFolder) -> Result<Vec<NewFile>, Failure> {
    let (mut nodes, mut edges) = (folder.file("nodes.csv")?, folder.file("edges.csv")?);
    cpg_export::write_neo4j(&mut nodes, &mut edges, question.graph()?)
        .map_err(|error| failure(error, Some(folder.path())))?;
    Ok(vec![nodes, edges])
}

fn tables(
    question: &Question<'_>,
    format: ExportFormat,
    folder: &NewFolder,
) -> Result<Vec<NewFile>, Failure> {
    let mut files = Vec::new();
    for table in question.tables() {
        let rows = question.rows(table)?;
        let schema = rows.schema();
        let path = folder.path();
        let file = match format {
            ExportFormat::Parquet => {
                let mut file = folder.file(&format!("{table}.parquet"))?;
                cpg_export::write_parquet(&mut file, &schema, rows).map(|()| file)
            }
            _ => {
                let mut file = folder.file(&format!("{table}.csv"))?;
                cpg_export::write_csv(&mut file, &schema, rows).map(|()| file)
            }
        };
        files.push(file.map_err(|error| failure(error, Some(path)))?);
    }
    Ok(files)
}

/// Why the graph is not written; to standard output when there is no path.
fn failure(error: ExportError<EngineError>, path: Option<&Path>) -> Failure {
    match (error, path) {
        (ExportError::Rows(error), _) => Failure::Engine(error),
        (ExportError::Write(error), None) => Failure::output(error),
        (ExportError::Write(error), Some(path)) => place::unwritable(path, &error),
        (ExportError::Shape(message), _) => Failure::coded(
            Code::BadExport,
            message,
            "choose fewer nodes with `--around` or `--node-kind`, or another format",
        ),
    }
}
