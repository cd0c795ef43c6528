//! Views in SQL, as far as their text alone tells.

use std::ops::Range;
use std::sync::Arc;

use cpg_base::{Code, TextRange};
use cpg_ir::sql::{SqlPlanner, SqlProblem, SqlProblemKind, SqlQuery};
use cpg_syntax::ast::{ItemKind, SqlViewItem, Text};

use crate::db::Db;
use crate::files::{Item, parse};
use crate::problem::Problem;

/// Who reads and plans SQL: nobody where a database has no planner, and then such views are taken as right.
pub type Planner = Option<Arc<dyn SqlPlanner>>;

/// What the query of a view in SQL says; `None` for other items, and where nobody reads SQL.
#[salsa::tracked]
pub(crate) fn sql_query<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
) -> Option<Result<SqlQuery, SqlProblem>> {
    match &parse(db, item).item.as_ref()?.kind {
        ItemKind::SqlView(tree) => Some(db.sql_planner()?.read(&text(&tree.query))),
        _ => None,
    }
}

/// The query with line ends of one kind, so that those of a file mean nothing.
pub(crate) fn text(query: &Text) -> String {
    query.value.replace("\r\n", "\n")
}

/// Where a part of a query stands in its item.
pub(crate) fn place(query: &Text, range: Option<&Range<usize>>) -> TextRange {
    let Some(range) = range else { return query.range };
    // Each line end before a place may be one byte longer in the file.
    let written = |place: usize| {
        let (mut in_text, mut in_file) = (0, 0);
        let bytes = query.value.as_bytes();
        while in_text < place && in_file < bytes.len() {
            if bytes.get(in_file..in_file + 2) == Some(b"\r\n") {
                in_file += 1;
            }
            in_text += 1;
            in_file += 1;
        }
        in_file
    };
    let start = query.range.start() + SqlViewItem::QUOTES;
    TextRange::from_usize(written(range.start), written(range.end)).shifted(start)
}

/// What is wrong with a query, at its place.
pub(crate) fn problem<'db>(query: &Text, found: &SqlProblem) -> Problem<'db> {
    let code = match found.kind {
        SqlProblemKind::Wrong => Code::BadSql,
        SqlProblemKind::Refused => Code::RefusedSql,
    };
    let problem = Problem::error(code, place(query, found.range.as_ref()), found.message.clone());
    match &found.help {
        Some(help) => problem.help(help.clone()),
        None => problem,
    }
}
