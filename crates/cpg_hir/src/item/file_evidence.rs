//! `evidence … from FORMAT "LOCATION"`: rows in files, with a contract or with the columns that the files have.

use std::collections::BTreeMap;

use cpg_base::Code;
use cpg_ir::file::{FileColumn, FileFormat, FileProblem, FileSchema, FileSource, check_location};
use cpg_ir::spec::{RelationId, Spec};
use cpg_ir::types::{PhysicalType, SemanticType, TextUnit};
use cpg_syntax::ast::{self, ColumnDecl, EvidenceItem, ItemKind};

use super::Lowered;
use crate::checker::Checker;
use crate::db::Db;
use crate::expr::plain_meaning;
use crate::files::{Item, Program, items, parse};
use crate::members::relation_id;
use crate::problem::{Problem, listed};
use crate::row::Row;
use crate::sources::{FileSchemas, file_source};
use crate::ty::Ty;

impl<'db> Checker<'db> {
    pub(super) fn file_evidence(
        &mut self,
        tree: &EvidenceItem,
        files: &ast::FileSource,
    ) -> Lowered {
        let declared = (!files.inferred).then(|| self.declared_row(&tree.columns));
        let Some(source) = file_source(files) else {
            return Lowered::new(declared.unwrap_or_else(Row::unknown), None);
        };
        let schema = self.file_schema(files, &source);
        let row = match (declared, schema) {
            (Some(row), Some(schema)) => {
                for column in &tree.columns {
                    self.held_column(column, &row, &source, schema);
                }
                row
            }
            (Some(row), None) => row,
            (None, Some(schema)) => self.inferred_row(files, schema),
            (None, None) => Row::unknown(),
        };
        Lowered::new(row, Some(Spec::Files(source)))
    }

    /// What is known of the files; `None` when nothing is, which is reported where it is wrong.
    fn file_schema(
        &mut self,
        tree: &ast::FileSource,
        source: &FileSource,
    ) -> Option<&'db FileSchema> {
        let range = tree.location.range;
        let shown = &source.location;
        if let Err(why) = check_location(&tree.location.value) {
            let message = format!("`{shown}` is no location: {why}");
            let problem = Problem::error(Code::BadLocation, range, message)
                .help("name a file, a folder or a pattern below the project's folder, as in `data/*.parquet`");
            self.report(problem);
            return None;
        }
        let problem = match FileSchemas::get(self.db).schemas(self.db).get(source)? {
            Ok(schema) => return Some(schema),
            Err(FileProblem::Missing) => {
                let message = format!("there is no {} file at `{shown}`", source.format);
                Problem::error(Code::MissingFile, range, message)
                    .help("locations are relative to the project's folder")
            }
            Err(FileProblem::Location(why)) => {
                Problem::error(Code::BadLocation, range, format!("`{shown}` is no location: {why}"))
            }
            Err(FileProblem::Unreadable(why)) => {
                let message = format!("`{shown}` cannot be read as {}: {why}", source.format);
                Problem::error(Code::UnreadableFile, range, message)
            }
        };
        self.report(problem);
        None
    }

    /// A declared column must be what the files hold. Whether a value is ever null is found when it is read.
    fn held_column(
        &mut self,
        column: &ColumnDecl,
        row: &Row,
        source: &FileSource,
        schema: &FileSchema,
    ) {
        let name = column.name.text.as_str();
        let declared = row.column(name).and_then(|column| column.ty.known());
        let Some(found) = schema.column(name) else {
            // Objects leave out what is null, and only some of them were looked at.
            if source.format == FileFormat::Ndjson && declared.is_some_and(|ty| ty.nullable) {
                return;
            }
            let message = format!("`{}` has no column `{name}`", source.location);
            let names = schema.columns.iter().map(|column| column.name.as_str());
            let problem = Problem::error(Code::UnknownColumn, column.name.range, message);
            let problem = match names.clone().next() {
                Some(_) => problem
                    .help(format!("its columns are {}", listed(names.clone())))
                    .nearest(name, names),
                None => problem,
            };
            self.report(problem);
            return;
        };
        let Some(declared) = declared else { return };
        let wanted = declared.semantic.physical();
        if carries(found, &wanted, source.format) {
            return;
        }
        let message = format!(
            "the contract says `{name}: {declared}`, `{}` holds {}",
            source.location, found.stored
        );
        let problem = Problem::error(Code::ContractMismatch, column.ty.range, message);
        let inferred = Inferred::of(found);
        let problem = match &inferred {
            Some(inferred) => {
                problem.found(format!("expected `{}`, found `{declared}`", inferred.ty())).fix(
                    format!("say `{}`", inferred.ty()),
                    column.ty.range,
                    inferred.ty().to_string(),
                )
            }
            None => problem.help("leave the column out: no type carries such values"),
        };
        self.report(problem);
    }

    /// The columns that the files have, without those whose values no type carries.
    fn inferred_row(&mut self, tree: &ast::FileSource, schema: &FileSchema) -> Row {
        let mut row = Row::default();
        for inferred in schema.columns.iter().filter_map(Inferred::of) {
            row.push(inferred.name.to_owned(), inferred.ty());
        }
        if row.columns.is_empty() {
            let message = format!("`{}` has no column that can be read", tree.location.value);
            let problem = Problem::error(Code::UnreadableFile, tree.location.range, message);
            self.report(problem);
            row.open = true;
        }
        row
    }
}

/// Whether a file's column can be read as values of that type without losing anything.
fn carries(found: &FileColumn, wanted: &PhysicalType, format: FileFormat) -> bool {
    match &found.physical {
        // Text may be written in any way that the type can be read from; what cannot be read is found then.
        _ if format.is_text() => {
            !matches!(wanted, PhysicalType::Span | PhysicalType::List(_) | PhysicalType::Map(..))
        }
        Some(own) => converts(own, wanted),
        None => false,
    }
}

/// Whether every value that is carried so can be carried as wanted.
fn converts(own: &PhysicalType, wanted: &PhysicalType) -> bool {
    match (own, wanted) {
        _ if own == wanted => true,
        (PhysicalType::Int64, PhysicalType::Float64) => true,
        (PhysicalType::Map(key, value), PhysicalType::Map(wanted_key, wanted)) => {
            key == wanted_key && converts(value, wanted)
        }
        _ => false,
    }
}

/// What a file's column is taken to mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inferred<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its meaning.
    pub semantic: SemanticType,
    /// Whether it may be null.
    pub nullable: bool,
    /// What the meaning follows from.
    pub reason: Reason,
}

/// What a meaning follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The file's type alone.
    Type,
    /// The file's type and the column's name, which could mislead.
    Name,
}

impl<'a> Inferred<'a> {
    /// What a column is taken to mean; `None` when no type carries its values.
    pub fn of(column: &'a FileColumn) -> Option<Self> {
        let physical = column.physical.as_ref()?;
        let name = column.name.as_str();
        let (semantic, reason) = match by_name(name, physical) {
            Some(semantic) => (semantic, Reason::Name),
            None => (plain_meaning(physical), Reason::Type),
        };
        Some(Self { name, semantic, nullable: column.nullable, reason })
    }

    fn ty(&self) -> Ty {
        Ty::new(self.semantic.clone(), self.nullable)
    }
}

/// What a name says of values that are carried so.
fn by_name(name: &str, physical: &PhysicalType) -> Option<SemanticType> {
    let name = name.to_ascii_lowercase();
    let is = |names: &[&str]| names.contains(&name.as_str());
    match physical {
        PhysicalType::Int64 if name == "file_id" => Some(SemanticType::FileId),
        PhysicalType::Int64 if is(&BYTE_OFFSETS) => Some(SemanticType::Offset(TextUnit::Byte)),
        PhysicalType::Int64 if name.ends_with("_id") => Some(SemanticType::Id(None)),
        PhysicalType::Utf8 if is(&["path", "file_path"]) => Some(SemanticType::Path),
        PhysicalType::Utf8 if name == "symbol" || name.ends_with("_symbol") => {
            Some(SemanticType::Symbol)
        }
        PhysicalType::Utf8 if name == "hash" || name.ends_with("_hash") => Some(SemanticType::Hash),
        PhysicalType::Float64 if name == "score" => Some(SemanticType::Score),
        PhysicalType::Float64 if name == "confidence" => Some(SemanticType::Confidence),
        _ => None,
    }
}

/// What offsets in bytes are called.
const BYTE_OFFSETS: [&str; 8] = [
    "bstart",
    "bend",
    "byte_start",
    "byte_end",
    "start_byte",
    "end_byte",
    "byte_offset",
    "offset_bytes",
];

/// What was inferred of the columns of evidence in files, as [`inferred_columns`] says it, by the relation.
pub fn all_inferred_columns(db: &dyn Db) -> BTreeMap<RelationId, Vec<String>> {
    let items = Program::get(db).files(db).iter().flat_map(|file| items(db, *file));
    let inferred = items.filter_map(|item| {
        let columns = inferred_columns(db, *item);
        (!columns.is_empty()).then_some((relation_id(db, *item)?, columns))
    });
    inferred.collect()
}

/// What was inferred of an item's columns, one line each, for people: the columns that it has, why, and those that
/// were left out. Nothing for an item whose columns are declared.
pub fn inferred_columns<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<String> {
    let Some(ItemKind::Evidence(tree)) = parse(db, item).item.as_ref().map(|tree| &tree.kind)
    else {
        return Vec::new();
    };
    let source = tree.files().filter(|files| files.inferred).and_then(file_source);
    let found = source.and_then(|source| FileSchemas::get(db).schemas(db).get(&source));
    let Some(Ok(schema)) = found else { return Vec::new() };
    let line = |column: &FileColumn| match Inferred::of(column) {
        None => format!("{}: left out, no type carries {}", column.name, column.stored),
        Some(inferred) => {
            let how = match inferred.reason {
                Reason::Type => "certain: the files say so",
                Reason::Name => "likely: called so, and carried alike",
            };
            format!("{}: {} ({how})", column.name, inferred.ty())
        }
    };
    schema.columns.iter().map(line).collect()
}
