//! What files say of their rows.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::{DataType, Schema, SchemaRef};
use cpg_ir::file::{FileColumn, FileFormat, FileProblem, FileSchema, FileSource};
use cpg_ir::types::PhysicalType;
use cpg_plan::schema::physical_type;
use datafusion::catalog::TableProvider as _;
use datafusion::datasource::file_format::FileFormat as Reader;
use datafusion::datasource::file_format::arrow::ArrowFormat;
use datafusion::datasource::file_format::csv::CsvFormat;
use datafusion::datasource::file_format::json::JsonFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTableUrl};
use datafusion::prelude::{SessionConfig, SessionContext};
use deltalake::DeltaTable;
use deltalake::delta_datafusion::DeltaScanNext;
use url::Url;

use super::locate;

/// How many rows of a text file tell the types of its columns.
const SAMPLED_ROWS: usize = 10_000;

/// What the files of a source say of their rows. Where there are several, a column that some of them lack may be null,
/// and a column has one type in all of them.
pub(super) async fn describe(root: &Path, source: &FileSource) -> Result<FileSchema, FileProblem> {
    let files = locate::files(root, source)?;
    if source.format == FileFormat::Delta {
        let (table, _) = open(&files[0]).await?;
        let schema = scan(&table).await.map_err(FileProblem::Unreadable)?.schema();
        return Ok(FileSchema { columns: columns(&schema, source.format) });
    }
    let mut all: Option<FileSchema> = None;
    for path in &files {
        let shown = path.strip_prefix(root).unwrap_or(path).display().to_string();
        let schema = stored(path, source.format)
            .await
            .map_err(|why| FileProblem::Unreadable(format!("`{shown}`: {why}")))?;
        let found = columns(&schema, source.format);
        match &mut all {
            None => all = Some(FileSchema { columns: found }),
            Some(all) => merge(&mut all.columns, found, source.format)
                .map_err(|why| FileProblem::Unreadable(format!("`{shown}` {why}")))?,
        }
    }
    all.ok_or(FileProblem::Missing)
}

/// The schema of one file as it is stored; of text, as it looks.
pub(super) async fn stored(path: &Path, format: FileFormat) -> Result<SchemaRef, String> {
    let session = SessionContext::new();
    let state = session.state();
    let url = file_url(path)?;
    let options = options(format);
    let schema = options.infer_schema(&state, &url).await;
    let schema = schema.map_err(|error| error.find_root().to_string())?;
    for (at, field) in schema.fields().iter().enumerate() {
        if schema.fields().iter().take(at).any(|before| before.name() == field.name()) {
            return Err(format!("it has two columns `{}`", field.name()));
        }
    }
    Ok(schema)
}

/// How files of a format are read.
pub(super) fn options(format: FileFormat) -> ListingOptions {
    let reader: Arc<dyn Reader> = match format {
        FileFormat::Parquet | FileFormat::Delta => Arc::new(ParquetFormat::default()),
        FileFormat::Csv => Arc::new(
            CsvFormat::default()
                .with_has_header(true)
                .with_newlines_in_values(true)
                .with_schema_infer_max_rec(SAMPLED_ROWS),
        ),
        FileFormat::Ndjson => {
            Arc::new(JsonFormat::default().with_schema_infer_max_rec(SAMPLED_ROWS))
        }
        FileFormat::Arrow => Arc::new(ArrowFormat),
    };
    // Files are named one by one, whatever they are called.
    ListingOptions::new(reader).with_file_extension("")
}

/// A file's address.
pub(super) fn file_url(path: &Path) -> Result<ListingTableUrl, String> {
    let path: PathBuf = path.canonicalize().map_err(|error| error.to_string())?;
    let url = Url::from_file_path(&path).map_err(|()| "its path has no URL".to_owned())?;
    ListingTableUrl::try_new(url, None).map_err(|error| error.to_string())
}

/// Opens a Delta table at its newest version, which is given beside it.
///
/// # Errors
/// When it needs a feature that readers here do not have, which is named.
pub(super) async fn open(path: &Path) -> Result<(DeltaTable, u64), FileProblem> {
    let unreadable = |why: String| FileProblem::Unreadable(why);
    let path = path.canonicalize().map_err(|error| unreadable(error.to_string()))?;
    let url = Url::from_directory_path(&path)
        .map_err(|()| unreadable("its path has no URL".to_owned()))?;
    let table = deltalake::open_table(url).await.map_err(|error| unreadable(error.to_string()))?;
    let version = table.version().ok_or_else(|| unreadable("it has no version".to_owned()))?;
    Ok((table, version))
}

/// The rows of a Delta table as it was opened.
pub(super) async fn scan(table: &DeltaTable) -> Result<DeltaScanNext, String> {
    let mut config = SessionConfig::new();
    let parquet = &mut config.options_mut().execution.parquet;
    // As everywhere here: a scan that gave views would need a cast per column.
    parquet.schema_force_view_types = false;
    parquet.pushdown_filters = true;
    let session = SessionContext::new_with_config(config);
    let scan = table.table_provider().with_session(Arc::new(session.state())).build().await;
    scan.map_err(|error| error.find_root().to_string())
}

fn columns(schema: &Schema, format: FileFormat) -> Vec<FileColumn> {
    let columns = schema.fields().iter().map(|field| {
        let physical = match carried(field.data_type()) {
            // What text looks like beyond numbers and truth values stays text.
            None if format.is_text() => Some(PhysicalType::Utf8),
            None if format == FileFormat::Ndjson => object(field.data_type()),
            physical => physical,
        };
        FileColumn {
            name: field.name().clone(),
            physical,
            stored: format!("{}", field.data_type()),
            nullable: field.is_nullable() || matches!(format, FileFormat::Csv | FileFormat::Ndjson),
        }
    });
    columns.collect()
}

fn carried(ty: &DataType) -> Option<PhysicalType> {
    match ty {
        DataType::Dictionary(_, value) => carried(value),
        DataType::Struct(fields) => {
            let [start, end] = fields.iter().as_slice() else { return None };
            let is_end = |field: &Arc<arrow::datatypes::Field>, name: &str| {
                field.name() == name && *field.data_type() == DataType::Int64
            };
            (is_end(start, "start") && is_end(end, "end")).then_some(PhysicalType::Span)
        }
        ty => physical_type(ty),
    }
}

/// What carries the objects of a column: a map where all that they hold is of one type, with or without nulls.
fn object(ty: &DataType) -> Option<PhysicalType> {
    let DataType::Struct(fields) = ty else { return None };
    let values = fields.iter().map(|field| field.data_type()).filter(|ty| !ty.is_null());
    let mut values = values.map(carried);
    // Objects without a value say nothing of what values are.
    let first = values.next().unwrap_or(Some(PhysicalType::Utf8))?;
    let value = values.try_fold(first, |so_far, next| common(so_far, next?))?;
    Some(PhysicalType::Map(Box::new(PhysicalType::Utf8), Box::new(value)))
}

/// What carries values of both.
fn common(a: PhysicalType, b: PhysicalType) -> Option<PhysicalType> {
    let number = |ty: &PhysicalType| matches!(ty, PhysicalType::Int64 | PhysicalType::Float64);
    match (a, b) {
        (a, b) if a == b => Some(a),
        (a, b) if number(&a) && number(&b) => Some(PhysicalType::Float64),
        _ => None,
    }
}

/// Takes in the columns of one more file.
fn merge(
    all: &mut Vec<FileColumn>,
    more: Vec<FileColumn>,
    format: FileFormat,
) -> Result<(), String> {
    let names = |columns: &[FileColumn]| -> Vec<String> {
        columns.iter().map(|column| column.name.clone()).collect()
    };
    if format.is_text() && names(all) != names(&more) {
        return Err("has other columns than the first file, or in another order".to_owned());
    }
    for column in all.iter_mut() {
        let Some(other) = more.iter().find(|other| other.name == column.name) else {
            column.nullable = true;
            continue;
        };
        column.nullable |= other.nullable;
        if column.physical == other.physical {
            continue;
        }
        let both = column.physical.clone().zip(other.physical.clone());
        column.physical = match both.clone().and_then(|(a, b)| common(a, b)) {
            Some(common) => Some(common),
            None if both.is_some() && format.is_text() => Some(PhysicalType::Utf8),
            None => {
                let (name, stored) = (&column.name, &column.stored);
                return Err(format!(
                    "holds {} in `{name}`, the files before it {stored}",
                    other.stored
                ));
            }
        };
    }
    for mut column in more {
        if !all.iter().any(|known| known.name == column.name) {
            column.nullable = true;
            all.push(column);
        }
    }
    Ok(())
}
