//! Specs: what each relation of a program is made of, in terms of other relations.
//!
//! A spec holds its inputs as a list; expressions name them by index. So a spec's canonical form carries no
//! alias and, with its inputs' hashes beside it, no name either.

mod recursion;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::canon::Fingerprint;
use crate::expr::{Aggregate, Expr, SortKey};
use crate::file::FileSource;
use crate::sql::SqlSpec;
use crate::types::{ColumnType, RowSchema, TextUnit};
use crate::window::{Unnest, Window};

pub use recursion::{ClosureSpec, FixpointMember, FixpointSpec, MemberSpec};

/// The identity of a relation in one program: its module's path and its name, as in `std.python.calls.call`.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct RelationId(String);

impl RelationId {
    /// The relation `name` of `module` (dotted path).
    pub fn new(module: &str, name: &str) -> Self {
        Self(format!("{module}.{name}"))
    }

    /// A stand-in that says what the relation means instead of what it is called.
    pub(crate) fn of_meaning(hash: Fingerprint) -> Self {
        Self(hash.to_string())
    }

    /// The qualified name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The item's own name.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('.').map_or(self.0.as_str(), |(_, name)| name)
    }
}

impl fmt::Display for RelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a relation's rows come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Spec {
    /// Rows that an extractor finds in source code.
    Evidence(EvidenceSpec),
    /// Rows that lie in files. Its schema is the contract that the program declares or that was read off them.
    Files(FileSource),
    /// One row source becomes an entity.
    Normalize(NormalizeSpec),
    /// Two entities become scored, ranked relation rows.
    Relate(Box<RelateSpec>),
    /// Many relations become one.
    Union(UnionSpec),
    /// A pipeline of relational steps.
    View(ViewSpec),
    /// Views that need each other, all of them: what is computed.
    Fixpoint(FixpointSpec),
    /// One view of a fixpoint: what others read.
    Member(MemberSpec),
    /// Transitive reach over a relation's rows.
    Closure(ClosureSpec),
    /// A query in SQL.
    Sql(SqlSpec),
}

impl Spec {
    /// The relations it reads, in the order in which expressions index them; a relation read twice stands twice.
    pub fn inputs(&self) -> Vec<&RelationId> {
        match self {
            Self::Evidence(_) | Self::Files(_) => Vec::new(),
            Self::Normalize(spec) => [&spec.source]
                .into_iter()
                .chain(spec.lines.iter().map(|lines| &lines.index))
                .collect(),
            Self::Relate(spec) => [&spec.from, &spec.to].into_iter().chain(&spec.via).collect(),
            Self::Union(spec) => spec.branches.iter().map(|branch| &branch.source).collect(),
            Self::View(spec) => spec.pipeline.inputs(),
            Self::Fixpoint(spec) => spec.inputs(),
            Self::Member(spec) => vec![&spec.block],
            Self::Closure(spec) => vec![&spec.source],
            Self::Sql(spec) => spec.inputs.iter().collect(),
        }
    }

    /// The same as [`Spec::inputs`], to be replaced.
    pub(crate) fn inputs_mut(&mut self) -> Vec<&mut RelationId> {
        match self {
            Self::Evidence(_) | Self::Files(_) => Vec::new(),
            Self::Normalize(spec) => [&mut spec.source]
                .into_iter()
                .chain(spec.lines.iter_mut().map(|lines| &mut lines.index))
                .collect(),
            Self::Relate(spec) => {
                [&mut spec.from, &mut spec.to].into_iter().chain(&mut spec.via).collect()
            }
            Self::Union(spec) => {
                spec.branches.iter_mut().map(|branch| &mut branch.source).collect()
            }
            Self::View(spec) => spec.pipeline.inputs_mut(),
            Self::Fixpoint(spec) => spec.inputs_mut(),
            Self::Member(spec) => vec![&mut spec.block],
            Self::Closure(spec) => vec![&mut spec.source],
            Self::Sql(spec) => spec.inputs.iter_mut().collect(),
        }
    }

    /// The keyword that declares it.
    pub fn keyword(&self) -> &'static str {
        match self {
            Self::Evidence(_) | Self::Files(_) => "evidence",
            Self::Normalize(_) => "normalize",
            Self::Relate(_) => "relate",
            Self::Union(_) => "union",
            Self::View(_) | Self::Sql(_) | Self::Member(_) => "view",
            Self::Fixpoint(_) => "fixpoint",
            Self::Closure(_) => "closure",
        }
    }
}

/// A table of an extractor. Its schema is the contract the program declares.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EvidenceSpec {
    /// The extractor's key, as in `python.cst`.
    pub extractor: String,
    /// The table of that extractor.
    pub table: String,
}

impl EvidenceSpec {
    /// Whether it is what a command of the profile prints.
    pub fn is_of_command(&self) -> bool {
        self.extractor.starts_with(crate::catalog::COMMANDS)
    }
}

/// One row source becomes an entity: each row of `source` that passes `filter` gives one row.
/// Expressions see `source` as row source 0, and those of `columns` the lines as the row sources after it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NormalizeSpec {
    /// What is normalised.
    pub source: RelationId,
    /// Rows that do not satisfy it are left out.
    pub filter: Option<Expr>,
    /// The lines that places given by line and column, or in other units than bytes, are on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<LinesSpec>,
    /// The id's namespace.
    pub namespace: String,
    /// The id column's name; it is the first of `columns`.
    pub id_column: String,
    /// The output columns, in the order of the relation's schema.
    pub columns: Vec<OutputColumn>,
    /// How the entity appears among the graph's nodes.
    pub node: Option<NodeSpec>,
}

/// Lines of files, found for each row of a source.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LinesSpec {
    /// Has a row for each line of each file, with at least [`LinesSpec::COLUMNS`].
    pub index: RelationId,
    /// The source's column that says which file.
    pub file: String,
    /// What tells the lines. Row source `1 + n` is the n-th line; null where the file has no such line.
    pub lines: Vec<LineKey>,
    /// Rows for which one of these is null are left out.
    pub within: Vec<Expr>,
}

impl LinesSpec {
    /// What an index of lines tells.
    pub const COLUMNS: [&'static str; 6] = ["file_id", "line", "start", "end", "ascii", "text"];

    /// The column of an index that says where lines start, counted in `unit`; null where that is not known.
    pub fn start_column(unit: TextUnit) -> &'static str {
        match unit {
            TextUnit::Byte => "start",
            TextUnit::Utf8 => "start_utf8",
            TextUnit::Utf16 => "start_utf16",
            TextUnit::Utf32 => "start_utf32",
        }
    }
}

/// What tells one line of a file, over the source.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKey {
    /// Its number, from 1.
    Number(Expr),
    /// A place in it, or at its end.
    Holding {
        /// What the place is counted in, from the file's start.
        unit: TextUnit,
        /// The place.
        place: Expr,
    },
}

/// A named, computed column.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OutputColumn {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Expr,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: ColumnType,
}

/// How an entity appears among the graph's nodes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NodeSpec {
    /// The node's kind, over the entity's own columns as row source 0.
    pub kind: Expr,
    /// Properties, over the entity's own columns as row source 0.
    pub properties: Vec<OutputColumn>,
}

/// Two entities become relation rows.
///
/// Row sources of every expression: 0 is `from`, 1 is `to`, 2… are `via` in order.
///
/// Meaning: candidates are the rows of the join that satisfy every conjunct of `on` and of `require`, one per
/// (from id, to id, via rows); `score = score + Σ weight · feature`; rows are ranked per `rank.per` by
/// `rank.by`, then by both ids, and the first `keep` are kept; equal (from id, to id) pairs that remain are one
/// row, the best. The output's columns are [`RelateSpec::FIXED_COLUMNS`] and then `edge.properties`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RelateSpec {
    /// The relation's own name: its `rule` column.
    pub rule: String,
    /// The left entity.
    pub from: RelationId,
    /// The id column of `from`.
    pub from_id: String,
    /// The span column of `from`, where it has one, for the output's `span`.
    pub from_span: Option<String>,
    /// The path column of `from`, where it has one, for the output's `path`.
    pub from_path: Option<String>,
    /// The right entity.
    pub to: RelationId,
    /// The id column of `to`.
    pub to_id: String,
    /// Helpers that take part in the join.
    pub via: Vec<RelationId>,
    /// Conjuncts that make a pair a candidate.
    pub on: Vec<Expr>,
    /// How `on` came to be.
    pub strategy: JoinStrategy,
    /// Conjuncts that a candidate must satisfy.
    pub require: Vec<Expr>,
    /// The score every candidate starts from.
    pub score: Expr,
    /// What adds to the score.
    pub features: Vec<Feature>,
    /// The confidence every row starts from, between 0 and 1.
    pub confidence: Expr,
    /// How candidates compete; without it every candidate is kept, in a group of its own.
    pub rank: Option<Rank>,
    /// The kind of the edge and its further columns.
    pub edge: Option<EdgeSpec>,
    /// Whose word it is, as in `scip`.
    pub provider: String,
}

impl RelateSpec {
    /// The columns that every relation has, before what its `edge` clause adds. `path` and `span` are null
    /// where `from` has none.
    pub const FIXED_COLUMNS: [&'static str; 11] = [
        "src",
        "dst",
        "kind",
        "path",
        "span",
        "score",
        "confidence",
        "ambiguity_group_id",
        "candidates",
        "provider",
        "rule",
    ];
}

/// How the compiler came to a relation's join condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "strategy")]
pub enum JoinStrategy {
    /// The program says it.
    Declared,
    /// One side holds the other's id.
    ForeignKey {
        /// The column that holds it.
        column: String,
    },
    /// Both have a file and a span: the `to` span contains the `from` span.
    SpanContainment,
    /// Both have a symbol column.
    Symbol {
        /// The column's name on both sides.
        column: String,
    },
    /// Both have columns of the same names and types.
    SharedKeys {
        /// Those names.
        columns: Vec<String>,
    },
}

/// A weighted part of a score.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Feature {
    /// Its name, for explanations.
    pub name: String,
    /// A boolean (0 or 1) or a number; null counts 0.
    pub value: Expr,
    /// Whether `value` is a boolean.
    pub boolean: bool,
    /// What it is multiplied by.
    pub weight: Expr,
}

/// How candidates compete.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rank {
    /// Candidates that agree in these compete.
    pub per: Vec<Expr>,
    /// Best first; a key may be [`RankKey::Score`].
    pub by: Vec<RankKey>,
    /// How many of a group are kept; all when absent.
    pub keep: Option<u32>,
}

/// A key by which candidates are ranked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RankKey {
    /// The computed score.
    Score {
        /// Largest first.
        descending: bool,
    },
    /// An expression over the relation's row sources.
    Key(SortKey),
}

/// How a relation appears among the graph's edges.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EdgeSpec {
    /// The edge's kind.
    pub kind: Expr,
    /// Further columns, over the relation's row sources.
    pub properties: Vec<OutputColumn>,
}

/// Many relations become one: the rows of all branches (bag union), fused where `fuse` says so.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UnionSpec {
    /// In the order of their relations' names, so that file layout does not matter.
    pub branches: Vec<UnionBranch>,
    /// Rows that agree in the keys become one.
    pub fuse: Option<Fuse>,
}

/// One relation of a union.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UnionBranch {
    /// Whose rows.
    pub source: RelationId,
    /// Rows that do not satisfy it are left out.
    pub filter: Option<Expr>,
    /// One value per column of the union's (unfused) row, over `source` as row source 0.
    pub columns: Vec<OutputColumn>,
}

/// Rows that agree in `keys` become one; every other column of the union's schema is an aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fuse {
    /// Names of key columns of the unfused row.
    pub keys: Vec<String>,
    /// The aggregated columns of the output, over the unfused row as row source 0.
    pub aggregates: Vec<AggregateColumn>,
}

/// A named aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AggregateColumn {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Aggregate,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: ColumnType,
}

/// A pipeline of relational steps.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ViewSpec {
    /// The steps.
    pub pipeline: Pipeline,
}

/// `from a join b … | from c …`: the bag union of its arms, which have the same columns in the same order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pipeline {
    /// At least one.
    pub arms: Vec<Arm>,
}

impl Pipeline {
    pub(crate) fn inputs(&self) -> Vec<&RelationId> {
        let mut inputs = Vec::new();
        for arm in &self.arms {
            inputs.push(&arm.from);
            inputs.extend(arm.steps.iter().filter_map(Step::joined));
        }
        inputs
    }

    pub(crate) fn inputs_mut(&mut self) -> Vec<&mut RelationId> {
        let mut inputs = Vec::new();
        for arm in &mut self.arms {
            inputs.push(&mut arm.from);
            inputs.extend(arm.steps.iter_mut().filter_map(Step::joined_mut));
        }
        inputs
    }
}

/// One `from` and its steps.
///
/// Row sources: `from` is 0 and each `join` adds the next (semi and anti joins see theirs in `on` only and add
/// none). A `select` or `group by` leaves one row source, 0, whose columns are the ones it names. `derive`,
/// `window` and `unnest` add their columns to the last row source.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Arm {
    /// The first row source.
    pub from: RelationId,
    /// Applied in order. The last step that shapes columns gives the relation's schema; an arm without
    /// one has exactly one row source and its columns.
    pub steps: Vec<Step>,
}

/// A step of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Step {
    /// Adds a row source (or, for semi and anti, only filters).
    Join {
        /// Which rows survive.
        join: JoinKind,
        /// What is joined.
        relation: RelationId,
        /// Conjuncts, over the row sources so far and the new one.
        on: Vec<Expr>,
    },
    /// Keeps the rows that satisfy it.
    Where {
        /// The predicate.
        predicate: Expr,
    },
    /// Exactly these columns.
    Select {
        /// The new row.
        columns: Vec<OutputColumn>,
    },
    /// These columns more.
    Derive {
        /// The added columns.
        columns: Vec<OutputColumn>,
    },
    /// One row per distinct `keys`.
    GroupBy {
        /// The grouping columns.
        keys: Vec<OutputColumn>,
        /// The aggregated columns.
        aggregates: Vec<AggregateColumn>,
    },
    /// Columns computed over a partition.
    Window(Window),
    /// A row for each element of a list.
    Unnest(Unnest),
    /// Equal rows become one.
    Distinct,
    /// One row per distinct `keys`: the first by `by`, then by the columns that the steps behind it look at.
    Dedupe {
        /// Rows that agree in these are duplicates.
        keys: Vec<Expr>,
        /// Best first.
        by: Vec<SortKey>,
    },
    /// Orders the rows by `by`, then by the columns that the steps behind it look at, and keeps the first `count`.
    Limit {
        /// Best first.
        by: Vec<SortKey>,
        /// How many.
        count: u64,
    },
}

impl Step {
    fn joined(&self) -> Option<&RelationId> {
        if let Self::Join { relation, .. } = self { Some(relation) } else { None }
    }

    fn joined_mut(&mut self) -> Option<&mut RelationId> {
        if let Self::Join { relation, .. } = self { Some(relation) } else { None }
    }
}

/// Which rows of a join survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinKind {
    /// Pairs that satisfy the condition.
    Inner,
    /// Also left rows without a partner, the right side null.
    Left,
    /// Left rows with a partner, once each.
    Semi,
    /// Left rows without a partner.
    Anti,
}

/// A relation of the program: its meaning, its row and what readers should know of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Relation {
    /// Its identity.
    pub id: RelationId,
    /// Its meaning.
    pub spec: Spec,
    /// Its row.
    pub schema: RowSchema,
}
