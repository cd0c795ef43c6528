//! Column declarations, types and named expressions.

use cpg_base::TextRange;
use pest::iterators::Pair;

use super::{Lower, Lowered};
use crate::ast::{ColumnDecl, Expr, ExprKind, NamedExpr, TypeArg, TypeExpr};
use crate::grammar::Rule;

impl Lower<'_> {
    /// The columns of a schema; their docs stand after `start`, where the list begins.
    pub(crate) fn columns(&mut self, pair: Pair<'_, Rule>, start: u32) -> Lowered<Vec<ColumnDecl>> {
        let mut columns = Vec::new();
        let mut before: Option<TextRange> = None;
        for column in self.children(pair).rest_of(Rule::column)? {
            let range = self.range(&column);
            self.separated(before, range);
            let docs_start = before.map_or(start, TextRange::end);
            let docs = self.docs.take(self.lexical.text, TextRange::new(docs_start, range.start()));
            let mut children = self.children(column);
            let name = self.name(&children.want(Rule::any_name)?);
            let ty = self.type_expr(children.want(Rule::type_expr)?)?;
            children.end()?;
            columns.push(ColumnDecl { docs, name, ty });
            before = Some(range);
        }
        Ok(columns)
    }

    /// A type. Its depth is bounded by the lexer.
    pub(super) fn type_expr(&mut self, pair: Pair<'_, Rule>) -> Lowered<TypeExpr> {
        let range = self.range(&pair);
        let mut children = self.children(pair);
        let name = self.name(&children.want(Rule::type_name)?);
        let mut args = Vec::new();
        for arg in children.all_of(Rule::type_arg) {
            let mut children = self.children(arg);
            args.push(match children.take_if(Rule::integer) {
                Some(integer) => TypeArg::Int(self.integer(&integer)?, self.range(&integer)),
                None => TypeArg::Type(self.type_expr(children.want(Rule::type_expr)?)?),
            });
            children.end()?;
        }
        let nullable = children.take_if(Rule::question).is_some();
        children.end()?;
        Ok(TypeExpr { name, args, nullable, range })
    }

    /// `{ a, b: EXPR }`.
    pub(super) fn named_block(&mut self, pair: Pair<'_, Rule>) -> Lowered<Vec<NamedExpr>> {
        let mut named = Vec::new();
        let mut before = None;
        for pair in self.children(pair).rest_of(Rule::named_expr)? {
            let range = self.range(&pair);
            self.separated(before, range);
            named.push(self.named_expr(pair)?);
            before = Some(range);
        }
        Ok(named)
    }

    /// `name: EXPR`, `name`, or `a.name` for the column that is called like its last part.
    pub(super) fn named_expr(&mut self, pair: Pair<'_, Rule>) -> Lowered<NamedExpr> {
        let mut children = self.children(pair);
        if let Some(path) = children.take_if(Rule::column_path) {
            children.end()?;
            return self.column_path(path);
        }
        let name = self.name(&children.want(Rule::any_name)?);
        let value = Some(self.expr(children.want(Rule::expr)?)?);
        children.end()?;
        Ok(NamedExpr { name, value })
    }

    fn column_path(&mut self, pair: Pair<'_, Rule>) -> Lowered<NamedExpr> {
        let mut children = self.children(pair);
        let first = self.name(&children.want(Rule::column_name)?);
        let mut name = first.clone();
        let mut value = Expr { kind: ExprKind::Name(first.text), range: first.range };
        let fields = self.names(children.rest_of(Rule::any_name)?);
        if fields.is_empty() {
            return Ok(NamedExpr { name, value: None });
        }
        self.nested(fields.len(), name.range)?;
        for field in fields {
            let range = value.range.cover(field.range);
            name = field.clone();
            value = Expr { kind: ExprKind::Field { base: Box::new(value), field }, range };
        }
        Ok(NamedExpr { name, value: Some(value) })
    }
}
