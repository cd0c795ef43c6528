//! Makes a template of an item, and the item an instance of it.

use cpg_base::TextRange;
use cpg_hir::semantics::{Resolution, Symbol, resolve};
use cpg_hir::{Db, Item, parse};
use cpg_syntax::ast::{ItemKind, Name, PipelineStepKind, RowSource, ViewItem};

use crate::actions::{Action, ActionKind};
use crate::place::{TextEdit, text_at, within};
use crate::rename::quoted;

/// Offers a template of which the relations that the item reads are the parameters. What the item means stays the
/// same: an instance is what it stands for.
pub(crate) fn template<'db>(db: &'db dyn Db, item: Item<'db>, found: &mut Vec<Action>) {
    let parsed = parse(db, item);
    let Some(tree) = parsed.item.as_ref().filter(|_| parsed.errors.is_empty()) else { return };
    let (name, sources): (&Name, Vec<(String, &RowSource)>) = match &tree.kind {
        ItemKind::Normalize(tree) => (&tree.name, vec![("rows".to_owned(), &tree.source)]),
        ItemKind::Relate(tree) => {
            let ends = [("source".to_owned(), &tree.from), ("target".to_owned(), &tree.to)];
            let via = tree.via.iter().enumerate();
            let via = via.map(|(at, source)| (format!("via_{}", at + 1), source));
            (&tree.name, ends.into_iter().chain(via).collect())
        }
        ItemKind::View(tree) => (&tree.name, read_by(tree)),
        _ => return,
    };
    let is_taken =
        |name: &str| resolve(db, item.file(db), Symbol::new(db, name)) != Resolution::Unknown;
    let mut template = format!("{}_of", name.text);
    while is_taken(&template) {
        template.push('_');
    }
    let template = quoted(&template);
    let mut parameters: Vec<String> = Vec::new();
    let mut arguments = Vec::new();
    for (parameter, source) in &sources {
        let declared = format!("{parameter}: relation");
        if !parameters.contains(&declared) {
            parameters.push(declared);
            arguments.push(text_at(db, item, source.relation.range));
        }
    }
    let mut changes: Vec<(TextRange, String)> =
        vec![(name.range, format!("{template}({})", parameters.join(", ")))];
    for (parameter, source) in sources {
        let relation = text_at(db, item, source.relation.range);
        // Expressions go on to call it what they call it now.
        let alias = if source.alias.is_none() { format!(" as {relation}") } else { String::new() };
        changes.push((source.relation.range, format!("{parameter}{alias}")));
    }
    changes.sort_unstable();
    // Behind documentation and attributes, which stay the item's.
    let keyword = item.keyword(db).as_str();
    let head = text_at(db, item, TextRange::new(tree.range.start(), name.range.start()));
    let Some(before) = head.rfind(keyword) else { return };
    let start = tree.range.start() + TextRange::from_usize(0, before).len();
    let mut made = "\n\ntemplate ".to_owned();
    let mut at = start;
    for (range, by) in changes {
        made.push_str(text_at(db, item, TextRange::new(at, range.start())));
        made.push_str(&by);
        at = range.end();
    }
    made.push_str(text_at(db, item, TextRange::new(at, tree.range.end())));
    let instance =
        format!("{keyword} {} = {template}({})", quoted(&name.text), arguments.join(", "));
    found.push(Action {
        title: format!("extract a template `{template}`"),
        kind: ActionKind::Extract,
        mends: None,
        edits: vec![TextEdit {
            place: within(db, item, TextRange::new(start, tree.range.end())),
            text: instance + &made,
        }],
    });
}

/// What a view reads, in order, each relation under one parameter: the first is `rows`, others are `joined` or stand
/// in a further arm.
fn read_by(tree: &ViewItem) -> Vec<(String, &RowSource)> {
    let mut found: Vec<(String, &RowSource)> = Vec::new();
    let read = tree.arms.iter().flat_map(|arm| {
        let joined = arm.steps.iter().filter_map(|step| match &step.kind {
            PipelineStepKind::Join { source, .. } => Some(("joined", source)),
            _ => None,
        });
        std::iter::once(("rows", &arm.from)).chain(joined)
    });
    for (name, source) in read {
        let taken = |name: &str| found.iter().any(|(other, _)| other == name);
        let same = found.iter().find(|(_, other)| other.relation.text == source.relation.text);
        let parameter = match same {
            Some((parameter, _)) => parameter.clone(),
            None if !taken(name) => name.to_owned(),
            None => {
                let mut numbered = (2..).map(|number| format!("{name}_{number}"));
                numbered.find(|name| !taken(name)).unwrap_or_default()
            }
        };
        found.push((parameter, source));
    }
    found
}
