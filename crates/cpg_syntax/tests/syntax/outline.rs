//! Items as the tree that they become, in lines.

use std::fmt::Write;

use cpg_syntax::ast::{
    AttributeArg, CheckRule, CheckedColumns, ClosureItem, ColumnDecl, EvidenceSource, FileSource,
    Item, ItemKind, KeyTarget, Name, NamedExpr, NormalizeClauseKind, PipelineStepKind,
    PolicyTarget, Quantity, RelateClauseKind, RowSource, SettingKind, SortKey, TestClauseKind,
    TestValue, TestValueKind, UnionMembers,
};
use cpg_syntax::{parse_item, split};

use crate::render;

/// The items of a program without errors, one line for each part.
pub fn outline(text: &str) -> String {
    let split = split(text);
    assert_eq!(split.errors, []);
    let mut out = String::new();
    for chunk in split.chunks.iter().flat_map(render::with_members) {
        let chunk_text = render::slice(text, chunk.range);
        let parsed = parse_item(chunk_text, chunk.keyword);
        assert_eq!(parsed.errors, [], "{chunk_text}");
        let item = parsed.item.expect("an item without errors");
        assert!(render::slice(chunk_text, item.range).starts_with(chunk.keyword.as_str()));
        out.push_str(&item_outline(&item));
    }
    out
}

/// What an item says, wherever its parts stand.
pub fn item_outline(item: &Item) -> String {
    let mut out = String::new();
    if !item.docs.is_empty() {
        writeln!(out, "docs {:?}", item.docs).expect("text");
    }
    for attribute in &item.attributes {
        let args: Vec<String> = attribute
            .args
            .iter()
            .map(|arg| match arg {
                AttributeArg::Name(name) => name.text.clone(),
                AttributeArg::Text(text) => format!("{:?}", text.value),
            })
            .collect();
        writeln!(out, "@{} {args:?}", attribute.name.text).expect("text");
    }
    kind(&mut out, &item.kind);
    out
}

fn kind(out: &mut String, kind: &ItemKind) {
    match kind {
        ItemKind::Use(item) => {
            let module: Vec<&str> = item.module.segments.iter().map(|name| &*name.text).collect();
            for name in &item.names {
                writeln!(out, "use {module:?} {}{}", name.name.text, alias(&name.alias))
                    .expect("text");
            }
        }
        ItemKind::Const(item) => {
            writeln!(out, "const {} = {}", item.name.text, render::expr(&item.value)).expect("text")
        }
        ItemKind::Fn(item) => {
            let parameters: Vec<String> = item
                .parameters
                .iter()
                .map(|parameter| format!("{}: {}", parameter.name.text, render::ty(&parameter.ty)))
                .collect();
            let result = item.result.as_ref().map_or(String::new(), render::ty);
            let (name, body) = (&item.name.text, render::expr(&item.body));
            writeln!(out, "fn {name}({}) {result:?} {body}", parameters.join(", ")).expect("text");
        }
        ItemKind::Schema(item) => {
            writeln!(out, "schema {}", item.name.text).expect("text");
            columns(out, &item.columns);
        }
        ItemKind::Evidence(item) => {
            let source = match &item.source {
                EvidenceSource::Extractor(key) => dotted(key),
                EvidenceSource::Files(files) => {
                    let FileSource { format, location, inferred } = files;
                    format!("{} {:?} {inferred}", format.text, location.value)
                }
            };
            writeln!(out, "evidence {} from {source}", item.name.text).expect("text");
            columns(out, &item.columns);
        }
        ItemKind::Normalize(item) => {
            writeln!(out, "normalize {} from {}", item.name.text, source(&item.source))
                .expect("text");
            for clause in &item.clauses {
                writeln!(out, "  {}", normalize_clause(&clause.kind)).expect("text");
            }
        }
        ItemKind::Relate(item) => {
            let via: Vec<String> = item.via.iter().map(source).collect();
            writeln!(
                out,
                "relate {} from {} to {} via {via:?}",
                item.name.text,
                source(&item.from),
                source(&item.to)
            )
            .expect("text");
            for clause in &item.clauses {
                writeln!(out, "  {}", relate_clause(&clause.kind)).expect("text");
            }
        }
        ItemKind::Union(item) => {
            write!(out, "union {}: {} of ", item.name.text, item.schema.text).expect("text");
            match &item.members {
                UnionMembers::Relations(names) => {
                    write!(out, "{}", self::names(names)).expect("text")
                }
                UnionMembers::Emitted { what, modules, .. } => {
                    let modules: Vec<String> = modules.iter().map(dotted).collect();
                    write!(out, "{what:?} in {modules:?}").expect("text");
                }
            }
            if let Some(by) = &item.by {
                write!(out, " by {}", by.text).expect("text");
            }
            if let Some(fuse) = &item.fuse {
                write!(out, " fuse [{}] {}", self::names(&fuse.per), named(&fuse.aggregates))
                    .expect("text");
            }
            out.push('\n');
        }
        ItemKind::SqlView(item) => {
            let schema = item.schema.as_ref().map_or("", |name| &name.text);
            let query = item.query.value.replace("\r\n", "\n").replace('\r', "\n");
            writeln!(out, "view {} {schema:?} sql {query:?}", item.name.text).expect("text");
        }
        ItemKind::View(item) => {
            let schema = item.schema.as_ref().map_or("", |name| &name.text);
            writeln!(out, "view {} {schema:?}", item.name.text).expect("text");
            for arm in &item.arms {
                writeln!(out, "  from {}", source(&arm.from)).expect("text");
                for step in &arm.steps {
                    writeln!(out, "    {}", pipeline_step(&step.kind)).expect("text");
                }
            }
        }
        ItemKind::Fixpoint(item) => {
            let (name, bound) = (&item.name.text, item.bound.value);
            writeln!(out, "fixpoint {name} {bound}: {} views", item.members.len()).expect("text");
        }
        ItemKind::Closure(item) => writeln!(out, "{}", closure(item)).expect("text"),
        ItemKind::Check(item) => {
            writeln!(out, "check {} {:?}", check_rule(&item.rule), item.severity).expect("text")
        }
        ItemKind::Test(item) => {
            writeln!(out, "test {:?} for {}", item.name.value, item.target.text).expect("text");
            for clause in &item.clauses {
                writeln!(out, "  {}", test_clause(&clause.kind)).expect("text");
            }
        }
        ItemKind::Policy(item) => {
            let targets: Vec<String> = item
                .targets
                .iter()
                .map(|target| match target {
                    PolicyTarget::All(_) => "*".to_owned(),
                    PolicyTarget::Selector { key, value } => format!("{} {}", key.text, value.text),
                    PolicyTarget::Item(name) => name.text.clone(),
                })
                .collect();
            writeln!(out, "policy {} {targets:?}", item.kind.text).expect("text");
            for one in &item.settings {
                writeln!(out, "  {}", setting(&one.kind)).expect("text");
            }
        }
        ItemKind::Template(item) => {
            let parameters: Vec<String> = item
                .parameters
                .iter()
                .map(|parameter| format!("{}: {}", parameter.name.text, render::ty(&parameter.ty)))
                .collect();
            let slots: Vec<String> = item
                .slots
                .iter()
                .map(|slot| format!("{} {}", slot.parameter.text, slot.number))
                .collect();
            writeln!(out, "template {} {parameters:?} {slots:?}", item.name.text).expect("text");
            self::kind(out, &item.body);
        }
        ItemKind::Instance(item) => {
            let arguments: Vec<String> = item
                .arguments
                .iter()
                .map(|argument| {
                    let name = argument.parameter.as_ref().map(|name| &name.text);
                    format!("{name:?} {}", render::expr(&argument.value))
                })
                .collect();
            let (keyword, name) = (item.keyword, &item.name.text);
            writeln!(out, "{keyword} {name} = {}({})", item.template.text, arguments.join(", "))
                .expect("text");
        }
        ItemKind::Export(item) => writeln!(out, "export {}", names(&item.names)).expect("text"),
    }
}

fn normalize_clause(kind: &NormalizeClauseKind) -> String {
    use NormalizeClauseKind as K;
    match kind {
        K::Where(condition) => format!("where {}", render::expr(condition)),
        K::Id { name, namespace, over } => {
            format!("id {} in {:?} of [{}]", name.text, namespace.value, render::list(over))
        }
        K::Span { start, end } => format!("span {} .. {}", render::expr(start), render::expr(end)),
        K::Text { name, value, functions } => {
            format!("text {} = {} [{}]", name.text, render::expr(value), names(functions))
        }
        K::Key { name, entity, target, unless } => {
            let target = match target {
                KeyTarget::Span { start, end } => {
                    format!("at {} .. {}", render::expr(start), render::expr(end))
                }
                KeyTarget::Values(values) => format!("of [{}]", render::list(values)),
            };
            let unless = unless.as_ref().map_or(String::new(), render::expr);
            format!("key {} -> {} {target} unless {unless:?}", name.text, entity.text)
        }
        K::Keep(columns) => {
            let columns: Vec<String> =
                columns.iter().map(|keep| keep.column.text.clone() + &alias(&keep.alias)).collect();
            format!("keep {columns:?}")
        }
        K::Derive { name, value } => format!("derive {} = {}", name.text, render::expr(value)),
        K::Node { kind, properties } => {
            format!("node {} {}", render::expr(kind), named(properties))
        }
    }
}

fn closure(item: &ClosureItem) -> String {
    let ClosureItem { name, source, filter, from, to, depth } = item;
    let filter = filter.as_ref().map_or(String::new(), render::expr);
    let depth = depth.map(|depth| depth.value);
    let source = self::source(source);
    format!("closure {} {source} [{filter}] {} {} {depth:?}", name.text, from.text, to.text)
}

fn relate_clause(kind: &RelateClauseKind) -> String {
    use RelateClauseKind as K;
    match kind {
        K::On(condition) => format!("on {}", render::expr(condition)),
        K::Require(condition) => format!("require {}", render::expr(condition)),
        K::Score(score) => format!("score {}", render::expr(score)),
        K::Feature { name, value, weight } => {
            format!(
                "feature {} = {} weight {}",
                name.text,
                render::expr(value),
                render::expr(weight)
            )
        }
        K::Confidence(value) => format!("confidence {}", render::expr(value)),
        K::Rank { per, by, keep } => {
            format!("rank [{}] by [{}] keep {keep:?}", render::list(per), keys(by))
        }
        K::Edge { kind, properties } => {
            format!("edge {} {}", render::expr(kind), named(properties))
        }
        K::Provider(text) => format!("provider {:?}", text.value),
    }
}

fn test_clause(kind: &TestClauseKind) -> String {
    let (said, rows) = match kind {
        TestClauseKind::Given { relation, rows } => (format!("given {}", relation.text), rows),
        TestClauseKind::Expect(rows) => ("expect".to_owned(), rows),
    };
    let rows: Vec<String> = rows
        .rows
        .iter()
        .map(|row| {
            let cells = row.cells.iter();
            let cells: Vec<String> = cells
                .map(|cell| format!("{}: {}", cell.column.text, test_value(&cell.value)))
                .collect();
            let rest = if row.rest.is_some() { " ..." } else { "" };
            format!("{{{}{rest}}}", cells.join(", "))
        })
        .collect();
    format!("{said} [{}]", rows.join(", "))
}

fn test_value(value: &TestValue) -> String {
    match &value.kind {
        TestValueKind::Expr(value) => render::expr(value),
        TestValueKind::Span { start, end } => {
            format!("{} .. {}", render::expr(start), render::expr(end))
        }
        TestValueKind::List(values) => {
            format!("[{}]", values.iter().map(test_value).collect::<Vec<_>>().join(", "))
        }
        TestValueKind::Map(entries) => {
            let entries = entries.iter();
            let entries = entries
                .map(|entry| format!("{}: {}", render::expr(&entry.key), test_value(&entry.value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

fn check_rule(rule: &CheckRule) -> String {
    let of = |columns: &CheckedColumns| {
        format!("{}[{}]", columns.relation.text, names(&columns.columns))
    };
    match rule {
        CheckRule::Unique(columns) => format!("unique {}", of(columns)),
        CheckRule::NotNull(columns) => format!("not_null {}", of(columns)),
        CheckRule::References { from, to } => format!("references {} {}", of(from), of(to)),
        CheckRule::Accepted { columns, values } => {
            format!("accepted {} [{}]", of(columns), render::list(values))
        }
        CheckRule::Expect { source, condition } => {
            format!("expect {} {}", self::source(source), render::expr(condition))
        }
        CheckRule::Empty(name) => format!("empty {}", name.text),
        CheckRule::Coverage { entity, sources, percent } => {
            let column = |column: &Option<Name>| column.as_ref().map(|name| name.text.clone());
            let sources: Vec<String> = sources
                .iter()
                .map(|one| format!("{} {:?}", one.relation.text, column(&one.column)))
                .collect();
            format!("coverage {} {sources:?} {}", entity.text, render::expr(percent))
        }
    }
}

fn setting(kind: &SettingKind) -> String {
    use SettingKind as K;
    let quantity = |one: &Quantity| format!("{} {:?}", one.number, one.unit);
    let rest = match kind {
        K::Partition(columns) | K::Stats(columns) => names(columns),
        K::Sort(by) => keys(by),
        K::TargetFileSize(one) | K::Checkpoint(one) => quantity(one),
        K::Optimize(when) => render::expr(when),
        K::Vacuum { when, retain } => format!("{} {}", render::expr(when), quantity(retain)),
        K::Mode(name)
        | K::Keep(name)
        | K::Pruning(name)
        | K::Pushdown(name)
        | K::ChangeFeed(name) => name.text.clone(),
    };
    format!("{} {rest}", kind.word())
}

fn pipeline_step(kind: &PipelineStepKind) -> String {
    use PipelineStepKind as K;
    match kind {
        K::Join { kind, source, on } => {
            format!("join {kind:?} {} on {}", self::source(source), render::expr(on))
        }
        K::Where(condition) => format!("where {}", render::expr(condition)),
        K::Select(columns) => format!("select {}", named(columns)),
        K::Derive(columns) => format!("derive {}", named(columns)),
        K::GroupBy { keys, aggregates } => format!("group {} {}", named(keys), named(aggregates)),
        K::Window(step) => {
            let (per, by) = (render::list(&step.per), keys(&step.by));
            format!("window [{per}] [{by}] {}", named(&step.columns))
        }
        K::Unnest(step) => {
            let place = step.place.as_ref().map(|name| &name.text);
            format!("unnest {} as {} at {place:?}", render::expr(&step.list), step.element.text)
        }
        K::Distinct => "distinct".to_owned(),
        K::Dedupe { per, best } => format!("dedupe [{}] best [{}]", render::list(per), keys(best)),
        K::SortLimit { by, count } => format!("sort [{}] limit {count}", keys(by)),
    }
}

fn columns(out: &mut String, columns: &[ColumnDecl]) {
    for column in columns {
        writeln!(out, "  {}: {} {:?}", column.name.text, render::ty(&column.ty), column.docs)
            .expect("text");
    }
}

fn named(columns: &[NamedExpr]) -> String {
    let columns: Vec<String> = columns
        .iter()
        .map(|named| match &named.value {
            Some(value) => format!("{}: {}", named.name.text, render::expr(value)),
            None => named.name.text.clone(),
        })
        .collect();
    format!("{{{}}}", columns.join(", "))
}

fn keys(keys: &[SortKey]) -> String {
    let keys: Vec<String> = keys
        .iter()
        .map(|key| render::expr(&key.expr) + if key.descending { " desc" } else { "" })
        .collect();
    keys.join(", ")
}

fn source(source: &RowSource) -> String {
    source.relation.text.clone() + &alias(&source.alias)
}

fn alias(alias: &Option<Name>) -> String {
    alias.as_ref().map_or(String::new(), |name| format!(" as {}", name.text))
}

fn names(names: &[Name]) -> String {
    names.iter().map(|name| &*name.text).collect::<Vec<_>>().join(", ")
}

fn dotted(name: &cpg_syntax::ast::DottedName) -> String {
    name.segments.iter().map(|segment| &*segment.text).collect::<Vec<_>>().join(".")
}
