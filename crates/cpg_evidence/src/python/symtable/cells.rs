//! Which locals scopes inside use, and through which scopes they are handed.

use rustc_hash::FxHashSet;

use crate::python::scope::{Flags, Model, Resolution, ScopeKind, Symbol, Symbols};

/// How many names scopes may hand on, in one file. Only deep nests of functions that all use what the outermost binds
/// have more than a few thousand.
const MAX_HANDED: usize = 1_000_000;

/// Every symbol that the interpreter knows of, by scope and name.
///
/// # Errors
/// Says so when scopes hand on more names than is accepted.
pub(super) fn symbols(model: &Model<'_>) -> Result<Vec<Symbol>, String> {
    let evaluated =
        model.table.symbols.all.iter().filter(|symbol| {
            symbol.flags.is_evaluated() && !model.scope(symbol.scope).is_discarded
        });
    let mut symbols = Symbols::new(evaluated.copied().collect(), model.scopes.len());
    let mut between = hand_on(model, &mut symbols)?;
    let mut symbols = symbols.all;
    symbols.append(&mut between);
    let ranks = model.table.names.ranks();
    symbols.sort_unstable_by_key(|symbol| (symbol.scope, ranks.of(symbol.name)));
    Ok(symbols)
}

/// Makes cells of the locals that scopes inside use, and gives free names of what lies between.
fn hand_on(model: &Model<'_>, symbols: &mut Symbols) -> Result<Vec<Symbol>, String> {
    let mut handed = FxHashSet::default();
    let mut between: Vec<Symbol> = Vec::new();
    for index in 0..symbols.all.len() {
        let symbol = symbols.all[index];
        let (Resolution::Free, Some(owner)) = (symbol.resolution, symbol.owner) else {
            continue;
        };
        let mut next = model.scope(symbol.scope).parent;
        while let Some(scope) = next {
            let is_owner = scope == owner;
            let is_class = model.scope(scope).kind == ScopeKind::Class;
            match symbols.position(scope, symbol.name) {
                Some(found) if is_owner => {
                    if !is_class {
                        symbols.all[found].resolution = Resolution::Cell;
                    }
                }
                Some(found) => {
                    let met = &mut symbols.all[found];
                    if is_class && met.flags.has(Flags::BOUND | Flags::GLOBAL) {
                        met.flags |= Flags::FREE_CLASS;
                    }
                    // It hands the name on itself.
                    if met.resolution == Resolution::Free {
                        break;
                    }
                }
                None if is_owner => {}
                None => {
                    if !handed.insert((scope, symbol.name)) {
                        break;
                    }
                    if handed.len() > MAX_HANDED {
                        return Err(format!(
                            "scopes hand on more than {MAX_HANDED} names of scopes around them"
                        ));
                    }
                    let mut passed = symbol;
                    (passed.scope, passed.flags) = (scope, Flags::default());
                    between.push(passed);
                }
            }
            if is_owner {
                break;
            }
            next = model.scope(scope).parent;
        }
    }
    Ok(between)
}
