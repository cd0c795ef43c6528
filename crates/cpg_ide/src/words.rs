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
    /// Where it stands.
    pub stands: Stands,
    /// A use of it.
    pub example: Example,
}

/// Where a function may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    /// In every expression: a value for a row.
    Anywhere,
    /// Alone where rows become one: a value for many rows.
    Aggregate,
    /// Alone in `window`: a value for a row among others.
    Window,
}

/// How a function is shown.
pub(crate) enum Example {
    /// A call, and what it gives.
    Of(&'static str, &'static str),
    /// A call, the values of `x` in a group, and what it gives for them.
    Over(&'static str, &'static str, &'static str),
    /// The page of the language that shows it.
    On(&'static str),
}

const fn scalar(
    name: &'static str,
    call: &'static str,
    says: &'static str,
    example: Example,
) -> Form {
    Form { name, call, says, stands: Stands::Anywhere, example }
}

const fn aggregate(
    name: &'static str,
    call: &'static str,
    says: &'static str,
    (shown, over, gives): (&'static str, &'static str, &'static str),
) -> Form {
    let example = Example::Over(shown, over, gives);
    Form { name, call, says, stands: Stands::Aggregate, example }
}

const fn window(name: &'static str, call: &'static str, says: &'static str) -> Form {
    Form { name, call, says, stands: Stands::Window, example: Example::On("window.md") }
}

/// All of them.
pub(crate) const FORMS: &[Form] = &[
    scalar(
        "span",
        "span(start, end) -> Span",
        "The bytes from `start` up to `end`.",
        Example::Of("span(cast(3, Offset<byte>), cast(8, Offset<byte>))", "3 .. 8"),
    ),
    scalar(
        "stable_id",
        "stable_id(\"namespace\", value, …) -> Id",
        "The same number for the same values on every machine.",
        Example::Of("stable_id(\"file\", \"a.py\") == stable_id(\"file\", \"a.py\")", "true"),
    ),
    scalar(
        "position",
        "position(line, column) -> Offset<byte>",
        "The byte at that line and column of the row's file, or with `position(offset)` at that offset in another unit: an end of a `span` or of a `key … at`.",
        Example::On("normalize.md"),
    ),
    scalar(
        "cast",
        "cast(value, TYPE) -> TYPE",
        "The value with another type; null for text that is none of that type.",
        Example::Of("cast(\"7\", int)", "7"),
    ),
    scalar(
        "get",
        "get(map, key) -> value?",
        "The value that a map has for a key; null where it has none.",
        Example::On("types.md"),
    ),
    scalar(
        "len",
        "len(list or map) -> int",
        "How many elements a list has, or how many keys a map.",
        Example::Of("len(string_to_array(\"a,b\", \",\"))", "2"),
    ),
    scalar(
        "map_keys",
        "map_keys(map) -> List",
        "The keys of a map, in its order; in that of the keys where `map_of` made it.",
        Example::On("types.md"),
    ),
    scalar(
        "map_values",
        "map_values(map) -> List",
        "The values of a map, in the order of `map_keys`.",
        Example::On("types.md"),
    ),
    aggregate(
        "count",
        "count() -> int",
        "How many rows, or how many values that are not null.",
        ("count(x)", "1, 2, 2, null", "3"),
    ),
    aggregate(
        "count_distinct",
        "count_distinct(value) -> int",
        "How many different values.",
        ("count_distinct(x)", "1, 2, 2, null", "2"),
    ),
    aggregate("sum", "sum(value)", "The sum, the same in every order.", ("sum(x)", "1, 2, 2", "5")),
    aggregate("min", "min(value)", "The smallest value.", ("min(x)", "3, 1, 2", "1")),
    aggregate("max", "max(value)", "The largest value.", ("max(x)", "3, 1, 2", "3")),
    aggregate(
        "avg",
        "avg(value) -> float",
        "The mean, the same in every order.",
        ("avg(x)", "1, 2", "1.5"),
    ),
    aggregate(
        "collect",
        "collect(value) -> List",
        "The different values, sorted.",
        ("collect(x)", "2, 1, 2", "[1, 2]"),
    ),
    aggregate(
        "map_of",
        "map_of(key, value) -> Map",
        "The values by their keys; of several values of one key the least. Rows without a key are left out.",
        ("map_of(x, x)", "2, 1, 2", "{ 1: 1, 2: 2 }"),
    ),
    aggregate(
        "noisy_or",
        "noisy_or(value) -> Confidence",
        "The chance that at least one is right, taking them as independent.",
        ("noisy_or(x)", "0.5, 0.5", "0.75"),
    ),
    window("row_number", "row_number() -> int", "The row's place in its partition, from 1."),
    window(
        "rank",
        "rank() -> int",
        "The row's place, the same for rows that tie, which leave gaps.",
    ),
    window(
        "dense_rank",
        "dense_rank() -> int",
        "The row's place, the same for rows that tie, without gaps.",
    ),
    window(
        "lag",
        "lag(value, rows, otherwise) -> value?",
        "The value in the row before, or that many rows before.",
    ),
    window(
        "lead",
        "lead(value, rows, otherwise) -> value?",
        "The value in the row after, or that many rows after.",
    ),
    window("first_value", "first_value(value) -> value", "The value in the partition's first row."),
    window("last_value", "last_value(value) -> value", "The value in the partition's last row."),
];

impl Form {
    /// A use of it, in words.
    pub fn shown(&self) -> String {
        match &self.example {
            Example::Of(call, gives) => shown(call, gives),
            Example::Over(call, over, gives) => format!("`{call}` over `{over}` is `{gives}`"),
            Example::On(page) => format!("Shown in `docs/language/{page}`"),
        }
    }
}

/// A call and what it gives, in words.
pub(crate) fn shown(call: &str, gives: &str) -> String {
    format!("`{call}` is `{gives}`")
}

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
    ("Map", "Values by their keys, which are text, whole numbers or ids."),
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
        PhysicalType::Map(key, value) => format!("Map<{}, {}>", physical(key), physical(value)),
    }
}
