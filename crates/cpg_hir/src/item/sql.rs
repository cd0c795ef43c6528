//! `view … = sql """…"""`: planned by whoever plans SQL; checked as other views are where it meets the program.

use cpg_ir::spec::Spec;
use cpg_ir::sql::{SqlColumn, SqlQuery, SqlSpec};
use cpg_ir::types::{ColumnType, RowSchema};
use cpg_syntax::ast::{self, SqlViewItem};

use super::Lowered;
use crate::checker::{Checker, Input};
use crate::expr::plain_meaning;
use crate::row::Row;
use crate::sql::{place, problem, sql_query, text};
use crate::ty::Ty;

impl<'db> Checker<'db> {
    pub(super) fn sql_view(&mut self, tree: &SqlViewItem) -> Lowered {
        let (mut row, spec) = match sql_query(self.db, self.item) {
            None => (Row::unknown(), None),
            Some(Err(found)) => {
                self.report(problem(&tree.query, found));
                (Row::unknown(), None)
            }
            Some(Ok(query)) => self.planned(tree, query),
        };
        if let Some(schema) = &tree.schema
            && let Some((item, promised)) = self.schema(schema)
        {
            self.promise(schema, item, &promised, &row, tree.name.range);
            row = promised;
        }
        Lowered::new(row, spec)
    }

    fn planned(&mut self, tree: &SqlViewItem, query: &SqlQuery) -> (Row, Option<Spec>) {
        let mut inputs: Vec<Input<'db>> = Vec::with_capacity(query.relations.len());
        for relation in &query.relations {
            let range = place(&tree.query, Some(&relation.range));
            inputs.push(self.input(&ast::Name { text: relation.name.clone(), range }));
        }
        let schemas: Option<Vec<RowSchema>> =
            inputs.iter().map(|input| input.row().schema()).collect();
        // Where a relation is broken, that is told there.
        let (Some(schemas), Some(planner)) = (schemas, self.db.sql_planner()) else {
            return (Row::unknown(), None);
        };
        let columns = match planner.row(&text(&tree.query), &schemas) {
            Ok(columns) => columns,
            Err(found) => {
                self.report(problem(&tree.query, &found));
                return (Row::unknown(), None);
            }
        };
        let mut row = Row::default();
        for column in &columns {
            let ty = meaning(column, &schemas);
            self.add_column(&mut row, &column.name, tree.query.range, Ty::Known(ty));
        }
        let inputs: Option<Vec<_>> =
            inputs.iter().map(|input| Some(input.relation()?.id.clone())).collect();
        let spec = inputs.map(|inputs| SqlSpec { query: query.canonical.clone(), inputs });
        (row, spec.map(Spec::Sql))
    }
}

/// A column that copies another means what that means; all else means no more than what carries it.
fn meaning(column: &SqlColumn, relations: &[RowSchema]) -> ColumnType {
    let copied = column.copies.as_ref().and_then(|(relation, name)| {
        let copied = relations.get(*relation)?.column(name)?;
        Some(copied.ty.semantic.clone()).filter(|ty| ty.physical() == column.physical)
    });
    let semantic = copied.unwrap_or_else(|| plain_meaning(&column.physical));
    ColumnType { semantic, nullable: column.nullable }
}
