//! `cpglang lineage ITEM[.COLUMN]`.

mod draw;

use std::io::{self, Write as _};

use cpg_base::{System, nearest};
use cpg_ir::ir::{Model, SemanticIr};
use cpg_plan::lineage::{ColumnRef, Direction, LineageGraph};

use super::item;
use crate::args::LineageArgs;
use crate::console::Console;
use crate::failure::Failure;
use crate::profile::Profile;
use crate::{load, program};

/// Prints where the columns of an item come from, or what comes from them.
pub(crate) fn lineage(
    system: &dyn System,
    profile: &Profile,
    args: &LineageArgs,
    console: &Console,
) -> Result<(), Failure> {
    let roots = args.source.roots(&args.program.program);
    let loaded = load::program(system, &profile.external, roots)?;
    let model = program::whole(loaded, console)?.model;
    let columns = columns(&model, &args.what)?;
    let graph = graph(model)?;
    let direction = if args.down { Direction::Down } else { Direction::Up };
    let text = draw::draw(&graph, &columns, direction, args.format)?;
    io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::output)
}

/// The lineage of every relation of a program.
pub(crate) fn graph(mut model: Model) -> Result<LineageGraph, Failure> {
    let defect = |error: &dyn std::fmt::Display| Failure::Defect(error.to_string());
    model.exports = model.relations.iter().map(|relation| relation.id.clone()).collect();
    let ir = SemanticIr::emit(model).map_err(|error| defect(&error))?;
    LineageGraph::of(&ir).map_err(|error| defect(&error))
}

/// The columns that are meant: those of an item, or one of them.
fn columns(model: &Model, what: &str) -> Result<Vec<ColumnRef>, Failure> {
    let unknown = match item::relation(model, what) {
        Ok(relation) => {
            let columns = relation.schema.columns.iter().map(|column| ColumnRef {
                relation: relation.id.clone(),
                column: column.name.clone(),
            });
            return Ok(columns.collect());
        }
        Err(unknown) => unknown,
    };
    let Some((name, column)) = what.rsplit_once('.') else { return Err(unknown) };
    let Ok(relation) = item::relation(model, name) else { return Err(unknown) };
    if relation.schema.column(column).is_some() {
        return Ok(vec![ColumnRef { relation: relation.id.clone(), column: column.to_owned() }]);
    }
    let names = || relation.schema.columns.iter().map(|column| column.name.as_str());
    let help = match nearest(column, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its columns are {}", names().collect::<Vec<_>>().join(", ")),
    };
    Err(Failure::usage(format!("`{}` has no column `{column}`", relation.id), help))
}
