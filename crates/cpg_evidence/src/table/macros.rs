//! The declarations of tables and extractors.

/// Declares tables, each as a module of the table's name with
///
/// - `Row`: one row, a field for each own column,
/// - `Wanted`: for each own column, whether it is needed,
/// - `Columns`: those that are needed, while rows are added,
/// - `Table`: the table itself, see [`Table`](crate::table::Table).
///
/// `in module` adds the columns `file_id`, `path` and `module` in front, `in file` the first two. The columns of
/// `by` order the rows of a file.
macro_rules! tables {
    ($(
        $(#[doc = $doc:literal])*
        $table:ident in $prefix:ident by ($($key:ident),*) {
            $($(#[doc = $column_doc:literal])* $column:ident: $kind:ty,)*
        }
    )*) => {$(
        $(#[doc = $doc])*
        pub(crate) mod $table {
            use arrow::array::ArrayRef;
            use arrow::error::ArrowError;

            #[allow(unused_imports, reason = "no table has columns of every kind")]
            use $crate::table::kind::{
                Bool, FilePath, Hash, Int, Kind, Line, Offset, Opt, Place, Str, Symbol, Utf8Offset,
                Utf16Offset, Utf32Offset, Word,
            };

            $(#[doc = $doc])*
            pub(crate) struct Row<'a> {
                $($(#[doc = $column_doc])* pub(crate) $column: <$kind as Kind>::Value<'a>,)*
            }

            /// Which columns are needed.
            #[allow(dead_code, reason = "only columns that cost something are asked about")]
            pub(crate) struct Wanted {
                $(pub(crate) $column: bool,)*
            }

            /// Each needed column.
            pub(crate) struct Columns {
                $($column: Option<<$kind as Kind>::Column>,)*
            }

            $(#[doc = $doc])*
            pub(crate) struct Table;

            impl $crate::table::Table for Table {
                const NAME: &'static str = stringify!($table);
                const PREFIX: $crate::table::Prefix = $crate::table::tables!(@prefix $prefix);
                type Row<'a> = Row<'a>;
                type Columns = Columns;
                type Wanted = Wanted;

                fn own_columns() -> Vec<cpg_ir::types::Column> {
                    vec![$(cpg_ir::types::Column {
                        name: stringify!($column).to_owned(),
                        ty: <$kind as Kind>::column_type(),
                    }),*]
                }

                fn own_docs() -> cpg_ir::ir::RelationDocs {
                    cpg_ir::ir::RelationDocs {
                        text: concat!($($doc, "\n"),*).trim().to_owned(),
                        columns: [$((
                            stringify!($column).to_owned(),
                            concat!("", $($column_doc, "\n"),*).trim().to_owned(),
                        )),*]
                        .into(),
                        ..Default::default()
                    }
                }

                fn wanted(is_needed: &dyn Fn(&str) -> bool) -> Wanted {
                    Wanted { $($column: is_needed(stringify!($column)),)* }
                }

                fn columns(wanted: &Wanted) -> Columns {
                    Columns { $($column: wanted.$column.then(Default::default),)* }
                }

                fn extend(columns: &mut Columns, rows: &[Row<'_>]) {
                    $(if let Some(column) = &mut columns.$column {
                        <$kind as Kind>::extend(column, rows.iter().map(|row| Some(&row.$column)));
                    })*
                }

                fn finish(columns: &mut Columns) -> Result<Vec<ArrayRef>, ArrowError> {
                    let mut arrays: Vec<ArrayRef> = Vec::new();
                    $(if let Some(column) = &mut columns.$column {
                        arrays.push($crate::table::column::Column::finish(column)?);
                    })*
                    Ok(arrays)
                }

                #[allow(unused_variables, reason = "a table of one row per file has no order within it")]
                fn compare(left: &Row<'_>, right: &Row<'_>) -> std::cmp::Ordering {
                    std::cmp::Ordering::Equal$(.then_with(|| left.$key.cmp(&right.$key)))*
                }
            }
        }
    )*};
    (@prefix file) => { $crate::table::Prefix::File };
    (@prefix module) => { $crate::table::Prefix::Module };
}

/// Declares an extractor: its key, version, description and tables. Gives, in the module it stands in,
///
/// - `KEY`, and `signature()` for the catalogue,
/// - `Plan`: for each table, which columns are needed, if any,
/// - `Rows`: the rows of one file, by table,
/// - `Builders`: the rows of many files, by table.
macro_rules! extractor {
    (
        $key:literal version $version:literal: $description:literal;
        $($field:ident: $table:ident,)*
    ) => {
        /// The extractor's key.
        pub(crate) const KEY: &str = $key;

        /// What the extractor emits.
        pub(crate) fn signature() -> cpg_ir::catalog::ExtractorSignature {
            cpg_ir::catalog::ExtractorSignature {
                version: $version,
                description: $description.to_owned(),
                tables: [$((
                    <$table::Table as $crate::table::Table>::NAME.to_owned(),
                    $crate::table::row_schema::<$table::Table>(),
                )),*].into(),
                docs: [$((
                    <$table::Table as $crate::table::Table>::NAME.to_owned(),
                    $crate::table::docs::<$table::Table>(),
                )),*].into(),
            }
        }

        /// What is needed of the extractor.
        pub(crate) struct Plan {
            $(pub(crate) $field: Option<$crate::table::TablePlan<$table::Table>>,)*
        }

        impl Plan {
            /// A plan for the needed columns, by table.
            pub(crate) fn new(
                needs: &std::collections::BTreeMap<String, Vec<String>>,
            ) -> Result<Self, $crate::EvidenceError> {
                const TABLES: &[&str] = &[$(<$table::Table as $crate::table::Table>::NAME),*];
                if let Some(unknown) = needs.keys().find(|name| !TABLES.contains(&name.as_str())) {
                    return Err($crate::EvidenceError::UnknownTable {
                        extractor: KEY.to_owned(),
                        table: unknown.clone(),
                    });
                }
                Ok(Self {$(
                    $field: needs
                        .get(<$table::Table as $crate::table::Table>::NAME)
                        .map(|columns| $crate::table::TablePlan::new(columns))
                        .transpose()
                        .map_err(|column| $crate::EvidenceError::UnknownColumn {
                            extractor: KEY.to_owned(),
                            table: <$table::Table as $crate::table::Table>::NAME.to_owned(),
                            column,
                        })?,
                )*})
            }

            /// The needed tables and their needed columns.
            pub(crate) fn tables(&self) -> Vec<$crate::EvidenceTable> {
                let mut tables = Vec::new();
                $(tables.extend(self.$field.as_ref().map(|plan| $crate::EvidenceTable {
                    extractor: std::borrow::Cow::Borrowed(KEY),
                    table: std::borrow::Cow::Borrowed(
                        <$table::Table as $crate::table::Table>::NAME,
                    ),
                    schema: std::sync::Arc::clone(plan.schema()),
                }));)*
                tables
            }
        }

        /// The rows of one file.
        #[derive(Default)]
        pub(crate) struct Rows<'a> {
            $(pub(crate) $field: Vec<$table::Row<'a>>,)*
        }

        /// The rows of many files.
        pub(crate) struct Builders {
            $($field: Option<$crate::table::TableBuilder<$table::Table>>,)*
        }

        impl Builders {
            pub(crate) fn new(plan: &Plan) -> Self {
                Self { $($field: plan.$field.as_ref().map($crate::table::TableBuilder::new),)* }
            }

            /// Adds the rows of a file; what no builder wants is dropped.
            pub(crate) fn append(&mut self, file: $crate::table::FileKey<'_>, rows: Rows<'_>) {
                $(if let Some(builder) = &mut self.$field {
                    builder.append(file, rows.$field);
                })*
            }

            /// A batch of all rows so far for each needed table.
            pub(crate) fn finish(
                &mut self,
                batches: &mut Vec<$crate::EvidenceBatch>,
            ) -> Result<(), arrow::error::ArrowError> {
                $(if let Some(builder) = &mut self.$field {
                    batches.push($crate::EvidenceBatch {
                        extractor: std::borrow::Cow::Borrowed(KEY),
                        table: std::borrow::Cow::Borrowed(
                        <$table::Table as $crate::table::Table>::NAME,
                    ),
                        batch: builder.finish()?,
                    });
                })*
                Ok(())
            }
        }
    };
}

pub(crate) use extractor;
pub(crate) use tables;
