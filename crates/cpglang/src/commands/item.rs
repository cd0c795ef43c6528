//! An item by its name on the command line.

use cpg_base::nearest;
use cpg_ir::ir::Model;
use cpg_ir::spec::{Relation, RelationId};

use crate::failure::Failure;

/// The relation that is called so: by its whole name, or by the end of it where no other relation's ends so. One of
/// the project goes before one of the standard library.
pub(crate) fn relation<'a>(model: &'a Model, name: &str) -> Result<&'a Relation, Failure> {
    let ids = || model.relations.iter().map(|relation| &relation.id);
    let found: Vec<&Relation> =
        model.relations.iter().filter(|relation| is_called(&relation.id, name)).collect();
    let own: Vec<&Relation> = found.iter().copied().filter(|one| !is_library(&one.id)).collect();
    match (found.as_slice(), own.as_slice()) {
        ([only], _) | (_, [only]) => Ok(only),
        ([], _) => {
            let names = || ids().flat_map(|id| [id.as_str(), id.name()]);
            let help = match nearest(name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "an item is named as in `cpg_nodes` or `std.python.calls.call`".to_owned(),
            };
            Err(Failure::usage(format!("the program has no item with rows called `{name}`"), help))
        }
        (several, _) => {
            let names: Vec<String> = several.iter().map(|one| format!("`{}`", one.id)).collect();
            let help = format!("they are {}", names.join(", "));
            Err(Failure::usage(format!("several items are called `{name}`"), help))
        }
    }
}

fn is_called(id: &RelationId, name: &str) -> bool {
    let rest = id.as_str().strip_suffix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether the standard library declares it.
fn is_library(id: &RelationId) -> bool {
    id.as_str().starts_with("std.")
}
