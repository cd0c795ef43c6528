//! `fuse`: rows of a union that agree in some columns become one.

use cpg_base::{Code, TextRange};
use cpg_ir::expr::Expr;
use cpg_ir::spec::{AggregateColumn, Fuse, UnionBranch};
use cpg_ir::types::{ColumnType, SemanticType};
use cpg_syntax::ast::{self, ExprKind, FuseClause, Name};

use super::union::{Offer, Union};
use crate::checker::Checker;
use crate::expr::{Misfit, Scope, Typed, TypedAggregate, either};
use crate::problem::{Anchor, Problem, listed};
use crate::row::{Row, RowColumn};
use crate::ty::Ty;

impl<'db> Checker<'db> {
    /// The branches give the keys and what the aggregates need; the fusion gives the schema's columns.
    pub(super) fn fused(
        &mut self,
        union: &Union<'_, 'db>,
        clause: &FuseClause,
        offers: &[Offer<'_>],
    ) -> (Option<Vec<UnionBranch>>, Option<Fuse>) {
        let mut unfused = Row { columns: Vec::new(), open: union.schema.open };
        let mut keys = Vec::with_capacity(clause.per.len());
        for key in &clause.per {
            match union.schema.column(&key.text) {
                Some(column) => {
                    self.note_column(key.range, Some(column));
                    self.tells_apart("fuse per", &column.ty, key.range);
                    if self.add_column(&mut unfused, &key.text, key.range, column.ty.clone()) {
                        keys.push(key.text.clone());
                    }
                }
                None => self.not_in_schema(union, key),
            }
        }
        for name in aggregated(clause) {
            if unfused.column(name).is_none()
                && let Some(ty) = unfused_type(union, offers, name)
            {
                unfused.push(name, ty);
            }
        }
        let mut aggregates = Vec::with_capacity(clause.aggregates.len());
        let mut given: Vec<&str> = keys.iter().map(String::as_str).collect();
        for named in &clause.aggregates {
            let name = &named.name;
            if given.contains(&name.text.as_str()) {
                let message = format!("two columns are called `{}`", name.text);
                self.error(Code::DuplicateColumn, name.range, message);
                continue;
            }
            let Some(column) = union.schema.column(&name.text) else {
                self.not_in_schema(union, name);
                continue;
            };
            given.push(&name.text);
            self.note_column(name.range, Some(column));
            let mut scope = Scope::row(unfused.clone());
            let Some(value) = &named.value else {
                let message = format!("how the rows' `{}` become one is not said", name.text);
                let problem = Problem::error(Code::MisplacedAggregate, name.range, message)
                    .help(format!("write `{0}: min({0})` or another aggregate", name.text));
                self.report(problem);
                continue;
            };
            if let Some(aggregate) = self.aggregate(&mut scope, value) {
                aggregates.extend(self.fused_column(union, column, name, aggregate));
            }
        }
        let missing = union.schema.columns.iter();
        let missing: Vec<&RowColumn> =
            missing.filter(|column| !given.contains(&column.name.as_str())).collect();
        if !self.incomplete {
            self.not_fused(union, clause, &missing);
        }
        let branches = self.branches(union, &unfused.columns, offers);
        (branches, Some(Fuse { keys, aggregates }))
    }

    /// Reports the schema's columns that a fusion does not give.
    fn not_fused(&mut self, union: &Union<'_, 'db>, clause: &FuseClause, missing: &[&RowColumn]) {
        let Some(first) = missing.first() else { return };
        let schema = &union.tree.schema.text;
        let added = listed(missing.iter().map(|column| fusing(column)));
        let (message, anchor, per) = match missing {
            [only] => (
                format!("`{schema}` has a column `{}`, which the fusion does not give", only.name),
                Anchor::Column(union.schema_item, first.name.clone()),
                "or name it after `per`",
            ),
            several => (
                format!(
                    "`{schema}` has columns that the fusion does not give: {}",
                    listed(several.iter().map(|column| &column.name))
                ),
                Anchor::Name(union.schema_item),
                "or name them after `per`",
            ),
        };
        let problem = Problem::error(Code::SchemaMismatch, clause.range, message)
            .label(anchor, "declared here")
            .help(format!("add {added}, {per}"));
        self.report(problem);
    }

    fn fused_column(
        &mut self,
        union: &Union<'_, 'db>,
        column: &RowColumn,
        name: &Name,
        TypedAggregate { aggregate, ty }: TypedAggregate,
    ) -> Option<AggregateColumn> {
        let said = column.ty.known()?;
        let ty = ty.known()?;
        // An aggregate is not converted afterwards: it must be carried as the schema says.
        let fits = aggregate_fits(ty, said);
        if let Err(misfit) = fits {
            let why = match misfit {
                Misfit::Null => ", which may be null",
                Misfit::Meaning(_) => "",
            };
            let message = format!(
                "the fusion gives `{}` as `{ty}`{why}; `{}` says `{said}`",
                name.text, union.tree.schema.text
            );
            let problem = Problem::error(Code::SchemaMismatch, name.range, message).label(
                Anchor::Column(union.schema_item, column.name.clone()),
                "what the schema says",
            );
            self.report(problem);
            return None;
        }
        Some(AggregateColumn { name: name.text.clone(), value: aggregate, ty: said.clone() })
    }

    fn not_in_schema(&mut self, union: &Union<'_, 'db>, name: &Name) {
        if union.schema.open {
            return;
        }
        let message = format!("`{}` has no column `{}`", union.tree.schema.text, name.text);
        let problem = Problem::error(Code::UnknownColumn, name.range, message)
            .label(Anchor::Name(union.schema_item), "the schema")
            .nearest(&name.text, union.schema.names());
        self.report(problem);
    }
}

fn aggregate_fits(ty: &ColumnType, said: &ColumnType) -> Result<(), Misfit> {
    let value = Typed::new(Expr::column(0, ""), Ty::Known(ty.clone()), TextRange::default());
    match value.fit(said)? {
        Expr::Cast { .. } => Err(Misfit::Meaning(Code::SchemaMismatch)),
        _ => Ok(()),
    }
}

/// A way to fuse a column.
fn fusing(column: &RowColumn) -> String {
    let name = &column.name;
    match column.ty.semantic() {
        Some(SemanticType::List(_)) => format!("{name}: collect(VALUE)"),
        Some(SemanticType::Map(..)) => format!("{name}: map_of(KEY, VALUE)"),
        Some(SemanticType::Confidence) => format!("{name}: noisy_or({name})"),
        _ => format!("{name}: min({name})"),
    }
}

/// The bare names in the arguments of a fusion's aggregates.
fn aggregated(clause: &FuseClause) -> Vec<&str> {
    let mut names = Vec::new();
    let mut pending: Vec<_> =
        clause.aggregates.iter().filter_map(|named| named.value.as_ref()).collect();
    while let Some(expr) = pending.pop() {
        match &expr.kind {
            ExprKind::Name(name) => names.push(name.as_str()),
            _ => pending.extend(children(expr)),
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

fn children(expr: &ast::Expr) -> Vec<&ast::Expr> {
    match &expr.kind {
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Text(_)
        | ExprKind::Name(_) => Vec::new(),
        ExprKind::Field { base: one, .. }
        | ExprKind::Unary { operand: one, .. }
        | ExprKind::Cast { value: one, .. } => vec![one],
        ExprKind::Call { args, .. } => args.iter().collect(),
        ExprKind::Binary { left, right, .. } => vec![left, right],
        ExprKind::Between { value, low, high, .. } => vec![value, low, high],
        ExprKind::In { value, list, .. } => std::iter::once(&**value).chain(list).collect(),
        ExprKind::Case { branches, otherwise } => branches
            .iter()
            .flat_map(|(condition, value)| [condition, value])
            .chain(otherwise.as_deref())
            .collect(),
    }
}

/// The type of a column that no schema says: what the members give, absent where one does not give it.
/// `None` when none gives it.
fn unfused_type(union: &Union<'_, '_>, offers: &[Offer<'_>], name: &str) -> Option<Ty> {
    let mut common: Option<ColumnType> = None;
    let mut missing = false;
    for offer in offers {
        match union.offered(offer, name) {
            None => missing = true,
            Some(value) => {
                let Ty::Known(ty) = value.ty else {
                    return Some(Ty::Unknown);
                };
                common = Some(match common {
                    None => ty,
                    Some(so_far) => ColumnType {
                        // Meanings that do not go together are reported where the branch is built.
                        semantic: either(&so_far.semantic, &ty.semantic).unwrap_or(so_far.semantic),
                        nullable: so_far.nullable || ty.nullable,
                    },
                });
            }
        }
    }
    common.map(|ty| Ty::Known(ColumnType { nullable: ty.nullable || missing, ..ty }))
}
