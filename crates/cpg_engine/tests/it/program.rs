//! The program under test: files and definitions as nodes, and which file holds which definition.

use std::sync::Arc;

use cpg_ir::expr::{BinaryOp, Expr, Literal};
use cpg_ir::ir::{Model, RelationDocs};
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::spec::{
    Arm, EvidenceSpec, JoinKind, NormalizeSpec, OutputColumn, Pipeline, Relation, RelationId, Spec,
    Step, UnionBranch, UnionSpec, ViewSpec,
};
use cpg_ir::types::{Column, ColumnType, RowSchema, SemanticType as T};

/// What varies between the programs of different tests.
pub struct Variant {
    /// The columns of a definition that its id is taken over.
    pub id_over: &'static [&'static str],
    /// The name that the view `chosen` looks for.
    pub chosen: &'static str,
}

impl Default for Variant {
    fn default() -> Self {
        Self { id_over: &["path", "start", "end"], chosen: "nobody has this name" }
    }
}

impl Variant {
    pub fn compile(&self) -> Arc<ProgramManifest> {
        let relations = vec![
            evidence("files", "repo", "repo_files"),
            evidence("defs", "python.cst", "cst_defs"),
            evidence("found_errors", "errors", "extract_errors"),
            normalize("file", "files", &["path"], vec![output("path", col(0, "path"), T::Path)]),
            normalize(
                "def",
                "defs",
                self.id_over,
                vec![
                    output("kind", col(0, "kind"), T::String),
                    output("name", col(0, "name"), T::String),
                    output("path", col(0, "path"), T::Path),
                    output("span", span(), T::Span),
                ],
            ),
            nodes(),
            holds(),
            self.chosen(),
            namesake(),
            linked(),
            view("name", "def", vec![], vec![output("name", col(0, "name"), T::String)]),
            labelled(),
            view(
                "problems",
                "found_errors",
                vec![],
                vec![
                    output("path", col(0, "path"), T::Path),
                    output("kind", col(0, "kind"), T::String),
                ],
            ),
        ];
        let exports = ["nodes", "holds", "chosen", "problems", "linked", "labelled"];
        let exports = exports.map(id).into();
        let columns = [("id".to_owned(), "Which node.".to_owned())].into();
        let docs = RelationDocs { text: "Every node.".to_owned(), columns, ..Default::default() };
        let model = Model { relations, exports, docs: [(id("nodes"), docs)].into() };
        let manifest = ProgramManifest::compile(model, &cpg_evidence::catalog());
        Arc::new(manifest.expect("the program is complete"))
    }

    /// The definitions of one name; none, by default.
    fn chosen(&self) -> Relation {
        let wanted = Expr::Literal(Literal::String(self.chosen.to_owned()));
        view(
            "chosen",
            "def",
            vec![Step::Where { predicate: equal(col(0, "name"), wanted) }],
            vec![output("id", col(0, "id"), T::Id(None)), output("span", col(0, "span"), T::Span)],
        )
    }
}

fn id(name: &str) -> RelationId {
    RelationId::new("t", name)
}

fn col(source: u32, name: &str) -> Expr {
    Expr::column(source, name)
}

fn equal(left: Expr, right: Expr) -> Expr {
    Expr::Binary { op: BinaryOp::Eq, left: Box::new(left), right: Box::new(right) }
}

fn span() -> Expr {
    Expr::Span { start: Box::new(col(0, "start")), end: Box::new(col(0, "end")) }
}

fn output(name: &str, value: Expr, semantic: T) -> OutputColumn {
    OutputColumn { name: name.to_owned(), value, ty: ColumnType::required(semantic) }
}

fn relation(name: &str, columns: &[OutputColumn], spec: Spec) -> Relation {
    let columns =
        columns.iter().map(|column| Column { name: column.name.clone(), ty: column.ty.clone() });
    Relation { id: id(name), spec, schema: RowSchema { columns: columns.collect() } }
}

fn evidence(name: &str, extractor: &str, table: &str) -> Relation {
    let schema = cpg_evidence::catalog().extractors[extractor].tables[table].clone();
    let spec = EvidenceSpec { extractor: extractor.to_owned(), table: table.to_owned() };
    Relation { id: id(name), spec: Spec::Evidence(spec), schema }
}

fn normalize(name: &str, source: &str, over: &[&str], columns: Vec<OutputColumn>) -> Relation {
    let value = Expr::StableId {
        namespace: name.to_owned(),
        over: over.iter().map(|column| col(0, column)).collect(),
    };
    let columns: Vec<_> =
        [output("id", value, T::Id(Some(name.to_owned())))].into_iter().chain(columns).collect();
    let spec = NormalizeSpec {
        source: id(source),
        filter: None,
        lines: None,
        namespace: name.to_owned(),
        id_column: "id".to_owned(),
        columns: columns.clone(),
        node: None,
    };
    relation(name, &columns, Spec::Normalize(spec))
}

fn view(name: &str, from: &str, mut steps: Vec<Step>, columns: Vec<OutputColumn>) -> Relation {
    steps.push(Step::Select { columns: columns.clone() });
    let pipeline = Pipeline { arms: vec![Arm { from: id(from), steps }] };
    relation(name, &columns, Spec::View(ViewSpec { pipeline }))
}

/// `def` and `file` one beside the other.
fn nodes() -> Relation {
    let columns = |kind: Expr| {
        vec![
            output("id", col(0, "id"), T::Id(None)),
            output("kind", kind, T::String),
            output("path", col(0, "path"), T::Path),
        ]
    };
    let branch = |source: &str, kind: Expr| UnionBranch {
        source: id(source),
        filter: None,
        columns: columns(kind),
    };
    let file = Expr::Literal(Literal::String("file".to_owned()));
    let branches = vec![branch("def", col(0, "kind")), branch("file", file.clone())];
    relation("nodes", &columns(file), Spec::Union(UnionSpec { branches, fuse: None }))
}

/// A row for each definition in each file.
fn holds() -> Relation {
    let join = Step::Join {
        join: JoinKind::Inner,
        relation: id("def"),
        on: vec![equal(col(0, "path"), col(1, "path"))],
    };
    view(
        "holds",
        "file",
        vec![join],
        vec![output("src", col(0, "id"), T::Id(None)), output("dst", col(1, "id"), T::Id(None))],
    )
}

/// Definitions called `edit_0`, with all others that are called so, wherever they are.
fn namesake() -> Relation {
    let wanted = Expr::Literal(Literal::String("edit_0".to_owned()));
    let called = Step::Where { predicate: equal(col(0, "name"), wanted) };
    let on = vec![equal(col(0, "name"), col(1, "name"))];
    let join = Step::Join { join: JoinKind::Inner, relation: id("def"), on };
    let columns = vec![
        output("path", col(0, "path"), T::Path),
        output("id", col(0, "id"), T::Id(None)),
        output("other", col(1, "id"), T::Id(None)),
    ];
    view("namesake", "def", vec![called, join], columns)
}

/// Definitions with their files and with their namesakes: file by file, from what looks across files.
fn linked() -> Relation {
    let on = vec![equal(col(0, "path"), col(1, "path"))];
    let join = Step::Join { join: JoinKind::Inner, relation: id("file"), on };
    let columns = |other: Expr| {
        vec![
            output("path", col(0, "path"), T::Path),
            output("id", col(0, "id"), T::Id(None)),
            output("other", other, T::Id(None)),
        ]
    };
    let arm = |from: &str, mut steps: Vec<Step>, columns| {
        steps.push(Step::Select { columns });
        Arm { from: id(from), steps }
    };
    let arms = vec![
        arm("def", vec![join], columns(col(1, "id"))),
        arm("namesake", vec![], columns(col(0, "other"))),
    ];
    relation("linked", &columns(col(0, "id")), Spec::View(ViewSpec { pipeline: Pipeline { arms } }))
}

/// Files by their paths, and the names of definitions, which are of no file.
fn labelled() -> Relation {
    let optional = ColumnType { semantic: T::Path, nullable: true };
    let columns = |path: Expr, label: &str| {
        vec![
            OutputColumn { name: "path".to_owned(), value: path, ty: optional.clone() },
            output("label", col(0, label), T::String),
        ]
    };
    let arm = |from: &str, steps: Vec<Step>| Arm { from: id(from), steps };
    let (of_file, of_none) =
        (columns(col(0, "path"), "path"), columns(Expr::Literal(Literal::Null), "name"));
    let arms = vec![
        arm("file", vec![Step::Select { columns: of_file.clone() }]),
        arm("name", vec![Step::Distinct, Step::Select { columns: of_none }]),
    ];
    relation("labelled", &of_file, Spec::View(ViewSpec { pipeline: Pipeline { arms } }))
}
