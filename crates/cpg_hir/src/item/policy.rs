//! `policy`: settings by themselves. Which of them wins where is decided for the whole program: [`crate::policies`].

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use cpg_base::{Code, TextRange, nearest};
use cpg_ir::expr::SpanField;
use cpg_ir::policy::{
    Comparison, Condition, Keep, Metric, SchemaMode, SortColumn, Vacuum, ValidateMode,
};
use cpg_ir::types::{PhysicalType, SemanticType};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::{
    self, BinaryOp, Expr, ExprKind, Name, PolicyItem, Quantity, SettingKind, UnaryOp,
};

use crate::checker::{Checker, RELATIONS};
use crate::db::Db;
use crate::files::Item;
use crate::problem::{Anchor, Problem, listed};
use crate::row::Row;
use crate::signature::{Signature, signature};
use crate::ty::SemanticRules;

/// What a policy declares.
#[derive(Debug, Clone, Default, PartialEq, Eq, salsa::SalsaValue)]
pub(crate) struct DeclaredPolicy<'db> {
    /// What it holds for; at least one.
    pub targets: Vec<PlacedTarget<'db>>,
    /// What it says.
    pub settings: Vec<(Setting, TextRange)>,
}

/// What a policy holds for, and where it says so.
#[derive(Debug, Clone, PartialEq, Eq, salsa::SalsaValue)]
pub(crate) struct PlacedTarget<'db> {
    pub target: Target<'db>,
    pub range: TextRange,
}

/// What a policy holds for.
#[derive(Debug, Clone, PartialEq, Eq, salsa::SalsaValue)]
pub(crate) enum Target<'db> {
    /// Every relation.
    All,
    /// Relations of that kind.
    Kind(ItemKeyword),
    /// Relations with that tag.
    Tag(String),
    /// One.
    Item(Item<'db>),
}

/// A setting that is right by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Setting {
    Partition(Vec<(String, TextRange)>),
    Sort(Vec<(SortColumn, TextRange)>),
    TargetFileBytes(NonZeroU64),
    Stats(Vec<(String, TextRange)>),
    Optimize(Condition),
    Vacuum(Vacuum),
    CheckpointEvery(NonZeroU64),
    Schema(SchemaMode),
    Keep(Keep),
    Pruning(bool),
    Pushdown(bool),
    ChangeFeed(bool),
    Validate(ValidateMode),
}

/// The kinds of policies with the settings that each has.
const KINDS: [(&str, &[&str]); 6] = [
    ("write", &["partition", "sort", "target_file_size", "stats", "change_feed"]),
    ("maintain", &["optimize", "vacuum", "checkpoint"]),
    ("cache", &["keep"]),
    ("scan", &["pruning", "pushdown"]),
    ("schema", &["mode"]),
    ("validate", &["mode"]),
];

/// Units of sizes, and how many bytes each has.
const SIZES: [(&str, u64); 7] = [
    ("B", 1),
    ("KB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// Units of durations, and how many seconds each has.
const DURATIONS: [(&str, u64); 5] =
    [("s", 1), ("min", 60), ("h", 3600), ("d", 86_400), ("w", 604_800)];

impl<'db> Checker<'db> {
    pub(super) fn policy_item(&mut self, tree: &PolicyItem) -> DeclaredPolicy<'db> {
        let mut policy = DeclaredPolicy::default();
        let kind = tree.kind.text.as_str();
        let Some((_, known)) = KINDS.iter().find(|(name, _)| *name == kind) else {
            let message = format!("there is no policy `{kind}`");
            let names = KINDS.map(|(name, _)| name);
            let problem = Problem::error(Code::UnknownSetting, tree.kind.range, message)
                .help(format!("policies are {}", listed(names)))
                .nearest(kind, names);
            self.report(problem);
            return policy;
        };
        for target in &tree.targets {
            policy.targets.extend(self.policy_target(target));
        }
        if tree.targets.is_empty() {
            policy.targets.push(PlacedTarget { target: Target::All, range: tree.kind.range });
        } else if kind == "validate" {
            let message = "`policy validate` holds for the whole program";
            let problem = Problem::error(Code::WrongArguments, tree.kind.range, message)
                .help("leave `for` out");
            self.report(problem);
        }
        let mut seen: BTreeMap<&str, TextRange> = BTreeMap::new();
        for setting in &tree.settings {
            let word = setting.kind.word();
            if !known.contains(&word) {
                let message = format!("`{word}` is no setting of `policy {kind}`");
                let others = KINDS.iter().filter(|(_, words)| words.contains(&word));
                let others: Vec<String> =
                    others.map(|(name, _)| format!("`policy {name}`")).collect();
                let problem = Problem::error(Code::UnknownSetting, setting.range, message)
                    .found(format!("it belongs to {}", others.join(" and ")))
                    .help(format!("its settings are {}", listed(*known)));
                self.report(problem);
                continue;
            }
            match seen.get(word) {
                Some(first) => self.duplicate_clause(word, *first, setting.range),
                None => {
                    seen.insert(word, setting.range);
                    let lowered = self.setting(kind, &setting.kind);
                    policy.settings.extend(lowered.map(|lowered| (lowered, setting.range)));
                }
            }
        }
        if tree.settings.is_empty() && !self.incomplete {
            let message = "the policy says nothing".to_owned();
            self.missing_clause(tree.kind.range, message, &format!("add {}", listed(*known)));
        }
        for placed in &policy.targets {
            if let Target::Item(item) = &placed.target {
                for (setting, _) in &policy.settings {
                    let problems = unfit(self.db, *item, setting);
                    problems.into_iter().for_each(|problem| self.report(problem));
                }
            }
        }
        policy
    }

    fn policy_target(&mut self, target: &ast::PolicyTarget) -> Option<PlacedTarget<'db>> {
        match target {
            ast::PolicyTarget::All(range) => {
                Some(PlacedTarget { target: Target::All, range: *range })
            }
            ast::PolicyTarget::Item(name) => {
                let item = self.item_named(name, &RELATIONS, "a relation")?;
                Some(PlacedTarget { target: Target::Item(item), range: name.range })
            }
            ast::PolicyTarget::Selector { key, value } => {
                let range = key.range.cover(value.range);
                match key.text.as_str() {
                    "tag" => Some(PlacedTarget { target: Target::Tag(value.text.clone()), range }),
                    "kind" => {
                        let kind = ItemKeyword::from_word(&value.text);
                        let Some(kind) = kind.filter(|kind| RELATIONS.contains(kind)) else {
                            let kinds = RELATIONS.map(ItemKeyword::as_str);
                            self.no_value(value, "kind", &kinds);
                            return None;
                        };
                        Some(PlacedTarget { target: Target::Kind(kind), range })
                    }
                    written => {
                        let message = format!("relations cannot be selected by `{written}`");
                        let problem = Problem::error(Code::UnknownSetting, key.range, message)
                            .help("write `tag:NAME`, `kind:KIND`, the name of a relation or `*`")
                            .nearest(written, ["tag", "kind"]);
                        self.report(problem);
                        None
                    }
                }
            }
        }
    }

    fn setting(&mut self, policy: &str, setting: &SettingKind) -> Option<Setting> {
        Some(match setting {
            SettingKind::Partition(names) => Setting::Partition(self.each_once(names)),
            SettingKind::Stats(names) => Setting::Stats(self.each_once(names)),
            SettingKind::Sort(keys) => {
                let keys = keys.iter().map(|key| self.sort_column(key));
                Setting::Sort(keys.collect::<Option<_>>()?)
            }
            SettingKind::TargetFileSize(size) => {
                Setting::TargetFileBytes(self.measured(size, "a size", &SIZES, "128MiB")?)
            }
            SettingKind::Optimize(when) => Setting::Optimize(self.when(when)?),
            SettingKind::Vacuum { when, retain } => {
                let when = self.when(when);
                let retain = self.measured(retain, "a duration", &DURATIONS, "7d")?;
                Setting::Vacuum(Vacuum { when: when?, retain_seconds: retain.get() })
            }
            SettingKind::Checkpoint(every) => {
                if !every.unit.is_empty() {
                    let message = format!("expected a number of versions, found `{}`", every.unit);
                    self.error(Code::UnknownSetting, every.range, message);
                    return None;
                }
                Setting::CheckpointEvery(self.positive(every.number, every.range)?)
            }
            SettingKind::Mode(name) if policy == "validate" => {
                let words = ValidateMode::WORDS;
                Setting::Validate(self.word(name, "mode", ValidateMode::from_word, words)?)
            }
            SettingKind::Mode(name) => Setting::Schema(self.word(
                name,
                "mode",
                SchemaMode::from_word,
                SchemaMode::WORDS,
            )?),
            SettingKind::Keep(name) => {
                Setting::Keep(self.word(name, "keep", Keep::from_word, Keep::WORDS)?)
            }
            SettingKind::Pruning(name) => Setting::Pruning(self.switch(name, "pruning")?),
            SettingKind::Pushdown(name) => Setting::Pushdown(self.switch(name, "pushdown")?),
            SettingKind::ChangeFeed(name) => Setting::ChangeFeed(self.switch(name, "change_feed")?),
        })
    }

    fn each_once(&mut self, names: &[Name]) -> Vec<(String, TextRange)> {
        let mut seen: BTreeMap<&str, TextRange> = BTreeMap::new();
        for name in names {
            if let Some(first) = seen.insert(&name.text, name.range) {
                let message = format!("the column `{}` stands twice", name.text);
                let problem = Problem::error(Code::DuplicateColumn, name.range, message)
                    .label(Anchor::Here(first), "the first one");
                self.report(problem);
            }
        }
        names.iter().map(|name| (name.text.clone(), name.range)).collect()
    }

    /// `column` or `column.start`.
    fn sort_column(&mut self, key: &ast::SortKey) -> Option<(SortColumn, TextRange)> {
        let (column, end) = match &key.expr.kind {
            ExprKind::Name(name) => (name.clone(), None),
            ExprKind::Field { base, field } => match (&base.kind, field.text.as_str()) {
                (ExprKind::Name(name), "start") => (name.clone(), Some(SpanField::Start)),
                (ExprKind::Name(name), "end") => (name.clone(), Some(SpanField::End)),
                _ => return self.no_sort_column(key.expr.range),
            },
            _ => return self.no_sort_column(key.expr.range),
        };
        Some((SortColumn { column, end, descending: key.descending }, key.expr.range))
    }

    fn no_sort_column<T>(&mut self, range: TextRange) -> Option<T> {
        let message = "rows are sorted by columns, and by the ends of spans";
        let problem = Problem::error(Code::NotConstant, range, message)
            .help("write the name of a column, as in `path` or `span.start`");
        self.report(problem);
        None
    }

    fn positive(&mut self, number: u64, range: TextRange) -> Option<NonZeroU64> {
        let positive = NonZeroU64::new(number);
        if positive.is_none() {
            self.error(Code::OutOfRange, range, "expected more than 0");
        }
        positive
    }

    /// A number with one of these units.
    fn measured(
        &mut self,
        quantity: &Quantity,
        what: &str,
        units: &[(&str, u64)],
        example: &str,
    ) -> Option<NonZeroU64> {
        let Some((_, factor)) = units.iter().find(|(unit, _)| *unit == quantity.unit) else {
            let names: Vec<&str> = units.iter().map(|(unit, _)| *unit).collect();
            let message = if quantity.unit.is_empty() {
                format!("{what} has a unit, as in `{example}`")
            } else {
                format!("`{}` is no unit of {what}", quantity.unit)
            };
            let problem = Problem::error(Code::UnknownSetting, quantity.range, message)
                .help(format!("units are {}", listed(&names)));
            let near = names.iter().find(|name| name.eq_ignore_ascii_case(&quantity.unit));
            let problem = match near.copied().or_else(|| nearest(&quantity.unit, names)) {
                Some(near) if !quantity.unit.is_empty() => {
                    let with = format!("{}{near}", quantity.number);
                    problem.fix(format!("write `{with}`"), quantity.range, with)
                }
                _ => problem,
            };
            self.report(problem);
            return None;
        };
        match quantity.number.checked_mul(*factor) {
            Some(number) => self.positive(number, quantity.range),
            None => {
                self.error(Code::OutOfRange, quantity.range, format!("{what} this large is none"));
                None
            }
        }
    }

    fn no_value(&mut self, name: &Name, what: &str, words: &[&str]) {
        let message = format!("`{}` is no value of `{what}`", name.text);
        let problem = Problem::error(Code::UnknownSetting, name.range, message)
            .help(format!("write {}", listed(words)))
            .nearest(&name.text, words.iter().copied());
        self.report(problem);
    }

    fn word<T>(
        &mut self,
        name: &Name,
        what: &str,
        from_word: fn(&str) -> Option<T>,
        words: &[&str],
    ) -> Option<T> {
        let value = from_word(&name.text);
        if value.is_none() {
            self.no_value(name, what, words);
        }
        value
    }

    fn switch(&mut self, name: &Name, what: &str) -> Option<bool> {
        match name.text.as_str() {
            "on" => Some(true),
            "off" => Some(false),
            _ => {
                self.no_value(name, what, &["on", "off"]);
                None
            }
        }
    }

    // ---- Conditions -------------------------------------------------------------------------------------

    fn when(&mut self, expr: &Expr) -> Option<Condition> {
        match &expr.kind {
            ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), left, right, .. } => {
                let (left, right) = (self.when(left), self.when(right));
                let (left, right) = (Box::new(left?), Box::new(right?));
                Some(match op {
                    BinaryOp::And => Condition::And(left, right),
                    _ => Condition::Or(left, right),
                })
            }
            ExprKind::Unary { op: UnaryOp::Not, operand, .. } => {
                Some(Condition::Not(Box::new(self.when(operand)?)))
            }
            ExprKind::Binary { op, left, right, .. } => {
                let Some(op) = comparison(*op) else { return self.no_condition(expr.range) };
                let (ExprKind::Name(name), ExprKind::Int(value)) = (&left.kind, &right.kind) else {
                    return self.no_condition(expr.range);
                };
                let Some(metric) = Metric::from_word(name) else {
                    let message = format!("nothing of a table is called `{name}`");
                    let problem = Problem::error(Code::UnknownName, left.range, message)
                        .help(format!("conditions look at {}", listed(Metric::WORDS)))
                        .nearest(name, Metric::WORDS.iter().copied());
                    self.report(problem);
                    return None;
                };
                match u64::try_from(*value) {
                    Ok(value) => Some(Condition::Compare { metric, op, value }),
                    Err(_) => {
                        self.error(Code::OutOfRange, right.range, "expected 0 or more");
                        None
                    }
                }
            }
            _ => self.no_condition(expr.range),
        }
    }

    fn no_condition<T>(&mut self, range: TextRange) -> Option<T> {
        let message = "expected a comparison of something of the table with a number";
        let problem = Problem::error(Code::TypeMismatch, range, message)
            .help("as in `files_created > 10 or total_files > 100`");
        self.report(problem);
        None
    }
}

fn comparison(op: BinaryOp) -> Option<Comparison> {
    Some(match op {
        BinaryOp::Gt => Comparison::Greater,
        BinaryOp::GtEq => Comparison::GreaterOrEqual,
        BinaryOp::Lt => Comparison::Less,
        BinaryOp::LtEq => Comparison::LessOrEqual,
        BinaryOp::Eq => Comparison::Equal,
        BinaryOp::NotEq => Comparison::NotEqual,
        _ => return None,
    })
}

/// What of a setting does not fit the rows of a relation.
pub(crate) fn unfit<'db>(db: &'db dyn Db, item: Item<'db>, setting: &Setting) -> Vec<Problem<'db>> {
    let row = match &**signature(db, item) {
        Signature::Relation(relation) => relation.row.clone(),
        _ => Row::unknown(),
    };
    let label = item.label(db);
    let mut problems = Vec::new();
    // The column's type, when there is such a column and its type is known.
    let mut column = |name: &str, range: TextRange| -> Option<SemanticType> {
        if row.column(name).is_none() && !row.open {
            let message = format!("{label} has no column `{name}`");
            let problem = Problem::error(Code::UnknownColumn, range, message)
                .label(Anchor::Name(item), "declared here")
                .nearest(name, row.names());
            problems.push(problem);
        }
        row.column(name).and_then(|column| column.ty.semantic()).cloned()
    };
    let mut wrong = Vec::new();
    let refused = |range: TextRange, message: String, help: &str| {
        Problem::error(Code::TypeMismatch, range, message).help(help)
    };
    match setting {
        Setting::Partition(columns) => {
            for (name, range) in columns {
                match column(name, *range) {
                    Some(ty) if ty.is_nested() || ty.physical() == PhysicalType::Float64 => {
                        let message = format!("`{name}` has no values to make folders of");
                        let help = "partition by text, whole numbers or truth values";
                        wrong.push(refused(*range, message, help));
                    }
                    Some(SemanticType::Id(_)) => {
                        let message = format!("`{name}` holds ids: nearly every row has its own");
                        let problem = Problem::error(Code::UnfitPolicy, *range, message)
                            .found("each of them would get a file")
                            .help("partition by a column with few values");
                        wrong.push(problem);
                    }
                    _ => {}
                }
            }
            if !row.open
                && columns.len() >= row.columns.len()
                && let [.., (_, last)] = columns.as_slice()
            {
                let message = "a table has a column that it is not partitioned by".to_owned();
                wrong.push(Problem::error(Code::OutOfRange, *last, message));
            }
        }
        Setting::Stats(columns) => {
            for (name, range) in columns {
                if column(name, *range).is_some_and(|ty| ty.is_nested()) {
                    let message = format!("`{name}` has no least and no greatest value");
                    wrong.push(refused(*range, message, "name columns whose values have an order"));
                }
            }
        }
        Setting::Sort(columns) => {
            for (key, range) in columns {
                match (column(&key.column, *range), key.end) {
                    (Some(SemanticType::Span), None) => {
                        let message = format!("`{}` has no order", key.column);
                        wrong.push(refused(*range, message, "sort by `.start` or `.end`"));
                    }
                    (Some(ty), Some(_)) if ty != SemanticType::Span => {
                        let message = format!("`{}` is no span", key.column);
                        wrong.push(refused(
                            *range,
                            message,
                            "only spans have a `.start` and a `.end`",
                        ));
                    }
                    (Some(ty), None) if !ty.is_ordered() => {
                        let message = format!("`{}` has no order", key.column);
                        let help = "sort by a column whose values have an order";
                        wrong.push(refused(*range, message, help));
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
    problems.extend(wrong);
    problems
}
