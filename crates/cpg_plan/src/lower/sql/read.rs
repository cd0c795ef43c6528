//! From text to one query: what it reads, and its canonical form.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use cpg_ir::sql::{SqlName, SqlProblem, SqlQuery};
use datafusion::sql::sqlparser::ast::{
    Expr, Ident, ObjectName, ObjectNamePart, Query, Statement, TableAlias, TableFactor, VisitMut,
    VisitorMut,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};

use super::places::Places;

/// How deep an expression may be, as everywhere.
const MOST_LEVELS: usize = 256;

/// The longest query.
const MOST_BYTES: usize = 64 * 1024;

/// A query that was read.
pub(super) struct Read {
    /// What it says.
    pub(super) query: SqlQuery,
    /// As it is written.
    pub(super) original: Query,
}

/// Reads a text that must be one query and nothing more.
pub(super) fn read(text: &str) -> Result<Read, SqlProblem> {
    if text.len() > MOST_BYTES {
        let message = format!("the query has {} bytes; it may have {MOST_BYTES}", text.len());
        return Err(SqlProblem::wrong(message).help("say a part of it in a view of its own"));
    }
    let places = Places::new(text);
    let statements =
        Parser::parse_sql(&GenericDialect {}, text).map_err(|error| syntax(&error, &places))?;
    let mut statements = statements.into_iter();
    let original = match (statements.next(), statements.next()) {
        (Some(Statement::Query(query)), None) => *query,
        (None, _) => return Err(SqlProblem::wrong("there is no query")),
        (Some(Statement::Query(_)), Some(_)) => {
            return Err(SqlProblem::refused("a view is one query, and here are several"));
        }
        (Some(other), _) => {
            let words = other.to_string();
            let verb = words.split_whitespace().next().unwrap_or_default().to_owned();
            let message = format!("a view only reads: `{verb}` may not stand here");
            return Err(SqlProblem::refused(message).help("begin with `select` or `with`"));
        }
    };
    let mut renamed = original.clone();
    let mut ctes = Ctes::default();
    if renamed.visit(&mut ctes).is_break() {
        let message = format!("an expression is nested more than {MOST_LEVELS} levels deep");
        return Err(SqlProblem::wrong(message).help("use `in (…)` for a long chain of `or`"));
    }
    if ctes.recursive {
        let problem = SqlProblem::refused("a recursive query has no form here");
        return Err(problem.help("write views that need each other in a `fixpoint`"));
    }
    let mut relations =
        Relations { places, ctes: ctes.names, found: Vec::new(), order: Vec::new() };
    if let ControlFlow::Break(problem) = renamed.visit(&mut relations) {
        return Err(problem);
    }
    let query = SqlQuery { canonical: renamed.to_string(), relations: relations.found };
    Ok(Read { query, original })
}

/// What the parser says, which puts the place at the end of its message.
fn syntax(error: &ParserError, places: &Places<'_>) -> SqlProblem {
    let message = match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
        ParserError::RecursionLimitExceeded => {
            return SqlProblem::wrong("the query is nested too deeply");
        }
    };
    let place = message.rsplit_once(" at Line: ").and_then(|(said, place)| {
        let (line, column) = place.split_once(", Column: ")?;
        let at = places.at(line.trim().parse().ok()?, column.trim().parse().ok()?);
        Some((said, at))
    });
    match place {
        Some((said, at)) => SqlProblem::wrong(lowered(said)).at(Some(at..at)),
        None => SqlProblem::wrong(lowered(message)),
    }
}

/// As messages begin here.
fn lowered(message: &str) -> String {
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// The names that a query gives to parts of itself; stops where an expression is too deep.
#[derive(Default)]
struct Ctes {
    names: BTreeSet<String>,
    recursive: bool,
    /// How deep the expression is that is being looked at.
    depth: usize,
}

impl VisitorMut for Ctes {
    type Break = ();

    fn pre_visit_expr(&mut self, _: &mut Expr) -> ControlFlow<()> {
        self.depth += 1;
        if self.depth > MOST_LEVELS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn post_visit_expr(&mut self, _: &mut Expr) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if let Some(with) = &query.with {
            self.recursive |= with.recursive;
            self.names.extend(with.cte_tables.iter().map(|cte| cte.alias.name.value.clone()));
        }
        ControlFlow::Continue(())
    }
}

/// Finds the relations and gives them names that tell no more than which is which.
struct Relations<'a> {
    places: Places<'a>,
    ctes: BTreeSet<String>,
    found: Vec<SqlName>,
    order: Vec<String>,
}

impl VisitorMut for Relations<'_> {
    type Break = SqlProblem;

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<SqlProblem> {
        let TableFactor::Table { name, alias, args, sample, .. } = factor else {
            return ControlFlow::Continue(());
        };
        let [ObjectNamePart::Identifier(ident)] = name.0.as_slice() else {
            let problem = SqlProblem::wrong(format!("`{name}` is no name of a relation"));
            return ControlFlow::Break(problem.help("relations are called as in this file"));
        };
        let place = |at: datafusion::sql::sqlparser::tokenizer::Location| {
            self.places.at(at.line, at.column)
        };
        let range = place(ident.span.start)..place(ident.span.end);
        if args.is_some() {
            let message = format!("`{}` is called as a function that gives rows", ident.value);
            return ControlFlow::Break(SqlProblem::refused(message).at(Some(range)));
        }
        if sample.is_some() {
            let problem = SqlProblem::refused("a sample depends on chance");
            return ControlFlow::Break(problem.at(Some(range)));
        }
        if self.ctes.contains(&ident.value) {
            return ControlFlow::Continue(());
        }
        let written = ident.value.clone();
        let index = match self.order.iter().position(|known| *known == written) {
            Some(index) => index,
            None => {
                self.order.push(written.clone());
                self.found.push(SqlName { name: written.clone(), range });
                self.order.len() - 1
            }
        };
        alias.get_or_insert_with(|| TableAlias {
            explicit: true,
            name: Ident::new(written),
            columns: Vec::new(),
            at: None,
        });
        *name = ObjectName::from(vec![Ident::new(format!("r{index}"))]);
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> Result<(String, Vec<String>), String> {
        let read = read(text).map_err(|problem| problem.message)?;
        let names = read.query.relations.into_iter().map(|relation| relation.name);
        Ok((read.query.canonical, names.collect()))
    }

    #[test]
    fn blanks_and_comments_do_not_show() {
        let one = canonical("select a,b from calls -- why\n where a>1");
        assert_eq!(one, canonical("SELECT a , b\nFROM calls /* so */ WHERE a > 1"));
        let (text, names) = one.expect("it is a query");
        assert_eq!(text, "SELECT a, b FROM r0 AS calls WHERE a > 1");
        assert_eq!(names, ["calls"]);
    }

    #[test]
    fn relations_are_those_that_the_query_does_not_name_itself() {
        let text = "with x as (select * from calls), y as (select * from x join defs d on x.a = d.b) \
                    select * from y join calls c on c.a = y.a";
        assert_eq!(
            canonical(text).map(|(_, names)| names),
            Ok(vec!["calls".into(), "defs".into()])
        );
    }

    #[test]
    fn only_one_query_may_stand() {
        for text in
            ["", "select 1; select 2", "insert into a values (1)", "drop table a", "selec 1"]
        {
            assert!(canonical(text).is_err(), "{text}");
        }
        let place = read("select n frm\n calls").err().and_then(|problem| problem.range);
        assert_eq!(place, Some(14..14));
    }
}
