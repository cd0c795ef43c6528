//! What the words of the language mean, for people who point at them.

use cpg_ir::types::PhysicalType;
use cpg_syntax::ItemKeyword;

/// A function that the language itself gives a meaning.
pub(crate) struct Form {
    /// Its name.
    pub name: &'static str,
    /// How it is called.
    pub call: &'static str,
    /// What it gives.
    pub says: &'static str,
    /// Whether it is one value for many rows.
    pub aggregate: bool,
}

const fn scalar(name: &'static str, call: &'static str, says: &'static str) -> Form {
    Form { name, call, says, aggregate: false }
}

const fn aggregate(name: &'static str, call: &'static str, says: &'static str) -> Form {
    Form { name, call, says, aggregate: true }
}

/// All of them.
pub(crate) const FORMS: &[Form] = &[
    scalar("span", "span(start, end) -> Span", "The bytes from `start` up to `end`."),
    scalar(
        "stable_id",
        "stable_id(\"namespace\", value, …) -> Id",
        "The same number for the same values on every machine.",
    ),
    scalar("cast", "cast(value, TYPE) -> TYPE", "The value with another type."),
    aggregate("count", "count() -> int", "How many rows, or how many values that are not null."),
    aggregate("count_distinct", "count_distinct(value) -> int", "How many different values."),
    aggregate("sum", "sum(value)", "The sum, the same in every order."),
    aggregate("min", "min(value)", "The smallest value."),
    aggregate("max", "max(value)", "The largest value."),
    aggregate("avg", "avg(value) -> float", "The mean, the same in every order."),
    aggregate("collect", "collect(value) -> List", "The different values, sorted."),
    aggregate(
        "noisy_or",
        "noisy_or(value) -> Confidence",
        "The chance that at least one is right, taking them as independent.",
    ),
];

/// The one of that name.
pub(crate) fn form(name: &str) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.name == name)
}

/// A type that programs may name, with what it says.
pub(crate) const TYPES: &[(&str, &str)] = &[
    ("bool", "A truth value."),
    ("int", "A whole number of 64 bits."),
    ("float", "A number with a fraction."),
    ("string", "A string without further meaning."),
    ("FileId", "The identity of a file."),
    ("Path", "A file's path below its source root."),
    ("Span", "Bytes of a file, end exclusive."),
    ("Symbol", "A symbol of an index."),
    ("Text", "Normalised text."),
    ("Hash", "A content hash in hexadecimal."),
    ("Score", "A relation's score."),
    ("Confidence", "A confidence between 0 and 1."),
    ("Offset", "An offset within a file, counted in `byte`, `utf8`, `utf16` or `utf32`."),
    ("Line", "A line number, counted from 0 or 1."),
    ("Col", "A column of a line: its unit, and whether it counts from 0 or 1."),
    ("Id", "The stable id of an entity; without one, of any."),
    ("List", "A list of values."),
];

/// The units of offsets and columns.
pub(crate) const UNITS: &[&str] = &["byte", "utf8", "utf16", "utf32"];

/// What an item of that kind is.
pub(crate) fn item(keyword: ItemKeyword) -> &'static str {
    match keyword {
        ItemKeyword::Use => "Takes names from another module.",
        ItemKeyword::Const => "A constant.",
        ItemKeyword::Fn => "A typed scalar function.",
        ItemKeyword::Schema => "A named row contract.",
        ItemKeyword::Evidence => "The contract of what an extractor finds or files hold.",
        ItemKeyword::Normalize => "One row source becomes an entity with stable ids.",
        ItemKeyword::Relate => "Two entities become scored, ranked relation rows.",
        ItemKeyword::Union => "Many relations become one.",
        ItemKeyword::View => "A pipeline of relational steps.",
        ItemKeyword::Fixpoint => "Views that may need each other.",
        ItemKeyword::Closure => "What can be reached over a relation, and in how many steps.",
        ItemKeyword::Export => "Makes relations outputs: Delta tables that readers open.",
        ItemKeyword::Test => "Rows in, rows out, for one item; run in memory.",
        ItemKeyword::Check => "What must hold of the rows that a build gives.",
        ItemKeyword::Template => "An entity, a relation or a view with parameters.",
        ItemKeyword::Policy => "How tables are laid out, looked after, kept and scanned.",
    }
}

/// What a word of the language or a type says, if it is one.
pub(crate) fn explained(word: &str) -> Option<&'static str> {
    if let Some(keyword) = ItemKeyword::from_word(word) {
        return Some(item(keyword));
    }
    let of = |list: &'static [(&str, &str)]| {
        list.iter().find(|(own, _)| *own == word).map(|(_, says)| *says)
    };
    of(TYPES).or_else(|| of(CLAUSES))
}

/// What clauses and steps say.
pub(crate) const CLAUSES: &[(&str, &str)] = &[
    ("where", "Keeps the rows for which the condition holds."),
    ("id", "The entity's stable id: its column, its namespace, and what it is taken over."),
    ("span", "Where in the file: the first byte, and one past the last."),
    ("text", "A column of normalised text."),
    ("key", "A column that holds another entity's id."),
    ("keep", "Columns of the source that the entity keeps."),
    ("derive", "A new column."),
    ("node", "Makes each row a node of the graph, of that kind and with these properties."),
    ("on", "When rows pair."),
    ("require", "Leaves out pairs for which the condition does not hold."),
    ("score", "What every pair's score starts from."),
    ("feature", "Adds to the score: a value times its weight."),
    ("confidence", "How sure the rule is of a pair, between 0 and 1."),
    ("rank", "Who competes, by what, and how many are kept."),
    ("edge", "Makes each row an edge of the graph, of that kind and with these columns."),
    ("provider", "Whose word it is."),
    ("by", "The column that says which member a row is from."),
    ("fuse", "Makes rows that agree in some columns one."),
    ("from", "Where rows come from."),
    ("join", "Pairs rows with those of another relation."),
    ("left", "Keeps rows without a partner, too."),
    ("semi", "Keeps rows that have a partner."),
    ("anti", "Keeps rows that have no partner."),
    ("select", "The columns that there are from here on."),
    ("group", "One row for each group."),
    ("distinct", "Leaves out rows that are there already."),
    ("window", "Adds columns that look at the other rows of a partition."),
    ("unnest", "Makes a row of each element of a list."),
    ("dedupe", "Keeps the best row of each group."),
    ("sort", "The rows that a limit keeps, best first."),
    ("unique", "No two rows agree in all of these columns."),
    ("not_null", "These columns are never null."),
    ("references", "Each value is one of the other column's."),
    ("accepted", "The values that columns may have."),
    ("expect", "A condition that holds for every row."),
    ("empty", "The relation has no rows."),
    ("coverage", "How many of an entity's ids stand in some relations."),
    ("unless", "When the key is null."),
    ("weight", "What a feature is multiplied by."),
    ("severity", "Whether a check that fails keeps the build from being published."),
];

/// A physical type as programs name what it carries.
pub(crate) fn physical(ty: &PhysicalType) -> String {
    match ty {
        PhysicalType::Bool => "bool".to_owned(),
        PhysicalType::Int64 => "int".to_owned(),
        PhysicalType::Float64 => "float".to_owned(),
        PhysicalType::Utf8 => "string".to_owned(),
        PhysicalType::Span => "Span".to_owned(),
        PhysicalType::List(item) => format!("List<{}>", physical(item)),
    }
}
