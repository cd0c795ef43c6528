//! Syntax trees. Every range is relative to the start of the item's chunk, so that an edit elsewhere in the
//! file changes no tree.

use cpg_base::TextRange;

mod check;
mod evidence;
mod expr;
mod policy;
mod recursion;
mod sql;
mod step;
mod template;
mod test;

pub use check::{CheckItem, CheckRule, CheckSeverity, CheckedColumns, Covering};
pub use evidence::{EvidenceItem, EvidenceSource, FileSource};
pub(crate) use expr::Precedence;
pub use expr::{BinaryOp, Expr, ExprKind, UnaryOp};
pub use policy::{PolicyItem, PolicyTarget, Quantity, Setting, SettingKind};
pub use recursion::{ClosureItem, Count, FixpointItem};
pub use sql::SqlViewItem;
pub use step::{UnnestStep, WindowStep};
pub use template::{Argument, InstanceItem, Slot, TemplateItem};
pub use test::{
    TestCell, TestClause, TestClauseKind, TestEntry, TestItem, TestRow, TestRows, TestValue,
    TestValueKind,
};

/// A name as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// The identifier.
    pub text: String,
    /// Where it stands.
    pub range: TextRange,
}

/// A dotted path, as in `std.python.calls`; at least one segment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DottedName {
    /// The segments in order.
    pub segments: Vec<Name>,
    /// From the first to the last.
    pub range: TextRange,
}

/// A string literal, escapes resolved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text {
    /// Its value.
    pub value: String,
    /// With the quotes.
    pub range: TextRange,
}

/// An item with what stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its doc comment, without `///` and one leading space, lines joined by `\n`; empty when there is none.
    pub docs: String,
    /// Its attributes in order.
    pub attributes: Vec<Attribute>,
    /// What it says.
    pub kind: ItemKind,
    /// From the keyword to the end of the item.
    pub range: TextRange,
}

/// `@tag(core)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// `tag`.
    pub name: Name,
    /// Its arguments.
    pub args: Vec<AttributeArg>,
    /// With the `@`.
    pub range: TextRange,
}

/// An attribute's argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeArg {
    /// A bare name.
    Name(Name),
    /// A string.
    Text(Text),
}

/// The kinds of items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemKind {
    /// `use std.core.{Node, Edge as E}` or `use std.core.Node`.
    Use(UseItem),
    /// `const NAME = 500`.
    Const(ConstItem),
    /// `fn size(start: int, end: int) -> int = end - start`.
    Fn(FnItem),
    /// `schema Node { … }`.
    Schema(SchemaItem),
    /// `evidence defs from extractor python.cst { … }`.
    Evidence(EvidenceItem),
    /// `normalize def from defs as d { … }`.
    Normalize(NormalizeItem),
    /// `relate call_by_name from call as c to def as d { … }`.
    Relate(Box<RelateItem>),
    /// `union cpg_nodes: Node of nodes in std by kind`.
    Union(UnionItem),
    /// `view fan_in = from … `.
    View(ViewItem),
    /// `fixpoint flow bound 64 { view a = … view b = … }`.
    Fixpoint(FixpointItem),
    /// `closure reaches over calls as c where c.score > 0 { from src to dst, depth <= 32 }`.
    Closure(ClosureItem),
    /// `view fan_in = sql """…"""`.
    SqlView(SqlViewItem),
    /// `export a, b`.
    Export(ExportItem),
    /// `check unique cpg_nodes(node_id)`.
    Check(CheckItem),
    /// `test "no calls, no rows" for calls { … }`.
    Test(TestItem),
    /// `template relate link(a: relation) from a to b { … }`.
    Template(Box<TemplateItem>),
    /// `relate x = link(call)`: an item that a template says.
    Instance(InstanceItem),
    /// `policy write for cpg_nodes { … }`.
    Policy(PolicyItem),
}

impl ItemKind {
    /// Whether such an item ends without a brace.
    pub(crate) fn is_open_ended(&self) -> bool {
        match self {
            Self::Schema(_)
            | Self::Normalize(_)
            | Self::Relate(_)
            | Self::Fixpoint(_)
            | Self::Closure(_)
            | Self::Test(_)
            | Self::Policy(_) => false,
            Self::Evidence(evidence) => evidence.is_inferred(),
            Self::Template(template) => template.body.is_open_ended(),
            Self::Use(_)
            | Self::Const(_)
            | Self::Fn(_)
            | Self::Union(_)
            | Self::View(_)
            | Self::SqlView(_)
            | Self::Export(_)
            | Self::Check(_)
            | Self::Instance(_) => true,
        }
    }
}

/// `use MODULE.{names}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseItem {
    /// The module.
    pub module: DottedName,
    /// The names taken from it.
    pub names: Vec<UseName>,
}

/// One name of a `use`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseName {
    /// Its name in the other module.
    pub name: Name,
    /// Its name here, when another one.
    pub alias: Option<Name>,
}

/// `const NAME = EXPR`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConstItem {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Expr,
}

/// `fn NAME(parameters) [-> TYPE] = EXPR`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FnItem {
    /// Its name.
    pub name: Name,
    /// In order.
    pub parameters: Vec<Parameter>,
    /// The type of what it gives; that of its body when absent.
    pub result: Option<TypeExpr>,
    /// What it gives.
    pub body: Expr,
}

/// `name: Type`, of a function or a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
}

/// `schema NAME { columns }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaItem {
    /// Its name.
    pub name: Name,
    /// Its columns.
    pub columns: Vec<ColumnDecl>,
}

/// `name: Type`, with its doc comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDecl {
    /// As [`Item::docs`].
    pub docs: String,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
}

/// `Offset<byte>?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeExpr {
    /// `Offset`.
    pub name: Name,
    /// `byte`.
    pub args: Vec<TypeArg>,
    /// `?`.
    pub nullable: bool,
    /// The whole.
    pub range: TextRange,
}

/// An argument of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeArg {
    /// A type, or the bare name of a unit or an entity.
    Type(TypeExpr),
    /// A number, as in `Line<1>`.
    Int(i64, TextRange),
}

/// `SOURCE as ALIAS`; the alias is the source's own name when absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowSource {
    /// The relation.
    pub relation: Name,
    /// What expressions call it.
    pub alias: Option<Name>,
}

/// `normalize NAME from SOURCE { clauses }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NormalizeItem {
    /// Its name.
    pub name: Name,
    /// What is normalised.
    pub source: RowSource,
    /// In order.
    pub clauses: Vec<NormalizeClause>,
}

/// A clause of `normalize`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NormalizeClause {
    /// What it says.
    pub kind: NormalizeClauseKind,
    /// The whole clause.
    pub range: TextRange,
}

/// The clauses of `normalize`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NormalizeClauseKind {
    /// `where EXPR`: other rows are left out.
    Where(Expr),
    /// `id NAME in "namespace" [of EXPR, …]`; without `of`, over the file and the span.
    Id {
        /// The id column.
        name: Name,
        /// Its namespace.
        namespace: Text,
        /// What it is taken over.
        over: Vec<Expr>,
    },
    /// `span START .. END`.
    Span {
        /// First byte.
        start: Expr,
        /// One past the last byte.
        end: Expr,
    },
    /// `text NAME = EXPR [nfc] [casefold] [collapse_ws]`.
    Text {
        /// The column.
        name: Name,
        /// What is normalised.
        value: Expr,
        /// Functions applied in order.
        functions: Vec<Name>,
    },
    /// `key NAME -> ENTITY at START .. END [unless EXPR]` or `… of EXPR, … [unless EXPR]`.
    Key {
        /// The column.
        name: Name,
        /// Whose id it holds.
        entity: Name,
        /// What that id is taken over.
        target: KeyTarget,
        /// When it is null.
        unless: Option<Expr>,
    },
    /// `keep a, b as c`.
    Keep(Vec<KeepColumn>),
    /// `derive NAME = EXPR`.
    Derive {
        /// The column.
        name: Name,
        /// Its value.
        value: Expr,
    },
    /// `node KIND { name, other: EXPR }`; expressions see the entity's own columns by their bare names.
    Node {
        /// The node's kind.
        kind: Expr,
        /// Its properties.
        properties: Vec<NamedExpr>,
    },
}

/// What a key's id is taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyTarget {
    /// The same file and this span.
    Span {
        /// First byte.
        start: Expr,
        /// One past the last byte.
        end: Expr,
    },
    /// These values, in the order of the entity's own `of`.
    Values(Vec<Expr>),
}

/// `a` or `a as b`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeepColumn {
    /// The source's column.
    pub column: Name,
    /// Its name in the entity, when another one.
    pub alias: Option<Name>,
}

/// `name: EXPR`, or `name` alone for the column of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedExpr {
    /// The column.
    pub name: Name,
    /// Its value; the column of the same name when absent.
    pub value: Option<Expr>,
}

/// `relate NAME from A as a to B as b via C as c { clauses }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelateItem {
    /// Its name.
    pub name: Name,
    /// The left entity.
    pub from: RowSource,
    /// The right entity.
    pub to: RowSource,
    /// Helpers.
    pub via: Vec<RowSource>,
    /// In order.
    pub clauses: Vec<RelateClause>,
}

/// A clause of `relate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelateClause {
    /// What it says.
    pub kind: RelateClauseKind,
    /// The whole clause.
    pub range: TextRange,
}

/// The clauses of `relate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelateClauseKind {
    /// `on EXPR`.
    On(Expr),
    /// `require EXPR`.
    Require(Expr),
    /// `score EXPR`.
    Score(Expr),
    /// `feature NAME = EXPR weight EXPR`.
    Feature {
        /// Its name.
        name: Name,
        /// A boolean or a number.
        value: Expr,
        /// What it is multiplied by.
        weight: Expr,
    },
    /// `confidence EXPR`.
    Confidence(Expr),
    /// `rank per EXPR, … by KEY, … keep N|all`; in a key, the bare name `score` is the computed score.
    Rank {
        /// Who competes.
        per: Vec<Expr>,
        /// Best first.
        by: Vec<SortKey>,
        /// How many are kept; all when absent.
        keep: Option<u32>,
    },
    /// `edge KIND { properties }`.
    Edge {
        /// The edge's kind.
        kind: Expr,
        /// Further columns.
        properties: Vec<NamedExpr>,
    },
    /// `provider "scip"`.
    Provider(Text),
}

/// `EXPR asc|desc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    /// What is sorted by.
    pub expr: Expr,
    /// Largest first; `asc` is the default.
    pub descending: bool,
}

/// `union NAME: SCHEMA of … by COLUMN fuse per … { … }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnionItem {
    /// Its name.
    pub name: Name,
    /// The schema of its rows.
    pub schema: Name,
    /// What is united.
    pub members: UnionMembers,
    /// The discriminator column.
    pub by: Option<Name>,
    /// Fusion of rows that agree.
    pub fuse: Option<FuseClause>,
}

/// What a union unites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnionMembers {
    /// `of a, b, c`.
    Relations(Vec<Name>),
    /// `of nodes in std.python, my.module` (with the modules below them) or `of nodes in *`.
    Emitted {
        /// What of each item.
        what: Emitted,
        /// Where `what` is written.
        what_range: TextRange,
        /// The modules; every module when empty.
        modules: Vec<DottedName>,
    },
}

/// What items give to the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emitted {
    /// What `node` clauses emit.
    Nodes,
    /// What `edge` clauses emit.
    Edges,
    /// The properties in `node` clauses, one row each.
    Props,
}

/// `fuse per a, b { column: AGGREGATE(…), … }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FuseClause {
    /// Key columns.
    pub per: Vec<Name>,
    /// The aggregated columns.
    pub aggregates: Vec<NamedExpr>,
    /// The whole clause.
    pub range: TextRange,
}

/// `view NAME = PIPELINE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewItem {
    /// Its name.
    pub name: Name,
    /// The schema it promises, if any: `view NAME: SCHEMA = …`.
    pub schema: Option<Name>,
    /// Its arms, separated by `|`; at least one.
    pub arms: Vec<PipelineArm>,
}

/// `from SOURCE` and its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipelineArm {
    /// The first row source.
    pub from: RowSource,
    /// In order.
    pub steps: Vec<PipelineStep>,
    /// The whole arm.
    pub range: TextRange,
}

/// A step of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipelineStep {
    /// What it does.
    pub kind: PipelineStepKind,
    /// The whole step.
    pub range: TextRange,
}

/// The steps of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PipelineStepKind {
    /// `[left|semi|anti] join SOURCE on EXPR`.
    Join {
        /// Which rows survive.
        kind: JoinKind,
        /// What is joined.
        source: RowSource,
        /// When rows pair.
        on: Expr,
    },
    /// `where EXPR`.
    Where(Expr),
    /// `select { … }`.
    Select(Vec<NamedExpr>),
    /// `derive { … }`.
    Derive(Vec<NamedExpr>),
    /// `group by a, name: EXPR { x: count(), … }`.
    GroupBy {
        /// The grouping columns; a bare `a.b` is named `b`.
        keys: Vec<NamedExpr>,
        /// The aggregated columns.
        aggregates: Vec<NamedExpr>,
    },
    /// `window per EXPR, … by KEY, … { x: rank(), … }`.
    Window(WindowStep),
    /// `unnest EXPR as NAME`.
    Unnest(UnnestStep),
    /// `distinct`.
    Distinct,
    /// `dedupe per EXPR, … keep best KEY, …`.
    Dedupe {
        /// Which rows are duplicates.
        per: Vec<Expr>,
        /// Best first.
        best: Vec<SortKey>,
    },
    /// `sort KEY, … limit N`: an order has no meaning in a relation but for the rows that a limit keeps.
    SortLimit {
        /// Best first.
        by: Vec<SortKey>,
        /// How many rows.
        count: u64,
    },
}

/// Which rows of a join survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "SQL's kinds")]
pub enum JoinKind {
    Inner,
    Left,
    Semi,
    Anti,
}

/// `export a, b`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportItem {
    /// What is exported.
    pub names: Vec<Name>,
}
