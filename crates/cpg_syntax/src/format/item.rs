//! Items: what stands before and around their bodies.

use cpg_base::TextRange;

use super::document::{Document, List, Separator};
use super::expr::ARGUMENTS;
use crate::ast::{
    Attribute, ClosureItem, ColumnDecl, FixpointItem, FnItem, Item, ItemKind, NamedExpr,
    NormalizeItem, Parameter, RelateItem, RowSource, UnionItem, UnionMembers, UseItem,
};
use crate::keywords::ItemKeyword;
use crate::parse::parse_item;

/// Columns with their expressions: on lines of their own, they need no commas.
const COLUMNS: List =
    List { padded: true, filled: false, between: Separator::Flat, last: Separator::None };

/// The names of a `use`.
const NAMES: List = List { filled: true, ..ARGUMENTS };

impl Document<'_> {
    pub(super) fn item(&mut self, item: &Item) {
        for attribute in &item.attributes {
            self.attribute(attribute);
            self.line();
        }
        self.begin_item();
        match &item.kind {
            ItemKind::Use(item) => self.use_item(item),
            ItemKind::Const(item) => {
                self.words(&["const"]);
                self.any();
                self.space();
                self.words(&["="]);
                self.value(&item.value);
            }
            ItemKind::Fn(item) => self.fn_item(item),
            ItemKind::Schema(item) => {
                self.words(&["schema"]);
                self.any();
                self.space();
                self.columns(&item.columns);
            }
            ItemKind::Evidence(item) => self.evidence(item),
            ItemKind::Fixpoint(item) => self.fixpoint(item),
            ItemKind::Closure(item) => self.closure(item),
            ItemKind::SqlView(item) => self.sql_view(item),
            ItemKind::Normalize(item) => self.normalize(item, &[]),
            ItemKind::Relate(item) => self.relate(item, &[]),
            ItemKind::Union(item) => self.union(item),
            ItemKind::View(item) => self.view(item, &[]),
            ItemKind::Policy(item) => self.policy(item),
            ItemKind::Template(item) => self.template(item),
            ItemKind::Instance(item) => self.instance(item, &[]),
            ItemKind::Check(item) => self.check(item),
            ItemKind::Test(item) => self.test(item),
            ItemKind::Export(item) => {
                self.words(&["export"]);
                self.indent();
                self.filled(item.names.len(), |document, _| document.any());
                self.separator(Separator::None);
                self.dedent();
            }
        }
    }

    fn fixpoint(&mut self, item: &FixpointItem) {
        self.open();
        self.words(&["fixpoint"]);
        self.any();
        self.indent();
        self.line();
        self.words(&["bound"]);
        self.any();
        self.inner();
        self.dedent();
        self.line();
        self.close();
        self.body(item.members.len(), |document, index| {
            if let Some(member) = item.members.get(index) {
                document.member(*member);
            }
        });
    }

    /// A view of a fixpoint.
    fn member(&mut self, range: TextRange) {
        let text = range.slice(self.text()).unwrap_or_default();
        let parsed = parse_item(text, ItemKeyword::View);
        match parsed.item {
            Some(Item { attributes, kind, .. }) if parsed.errors.is_empty() => {
                for attribute in &attributes {
                    self.attribute(attribute);
                    self.line();
                }
                match kind {
                    ItemKind::View(view) => self.view(&view, &[]),
                    ItemKind::Instance(instance) => self.instance(&instance, &[]),
                    _ => self.lose(),
                }
            }
            _ => self.lose(),
        }
    }

    fn closure(&mut self, item: &ClosureItem) {
        self.opening(&[], |document| {
            document.words(&["over"]);
            document.row_source(&item.source);
            if let Some(filter) = &item.filter {
                document.line();
                document.words(&["where"]);
                document.value(filter);
            }
        });
        self.open();
        self.word("{");
        self.indent();
        self.line();
        self.words(&["from"]);
        self.any();
        self.space();
        self.words(&["to"]);
        self.any();
        if item.depth.is_some() {
            self.separator(Separator::Flat);
            self.element_line();
            self.words(&["depth", "<="]);
            self.any();
        }
        self.separator(Separator::None);
        self.inner();
        self.dedent();
        self.line();
        self.word("}");
        self.close();
    }

    fn attribute(&mut self, attribute: &Attribute) {
        self.word("@");
        self.indent();
        self.any();
        self.dedent();
        if self.next() == "(" {
            self.bracketed(["(", ")"], ARGUMENTS, attribute.args.len(), |document, _| {
                document.any();
            });
        }
    }

    fn use_item(&mut self, item: &UseItem) {
        self.words(&["use"]);
        self.any();
        self.indent();
        while self.word_if(".") && self.next() != "{" {
            self.any();
        }
        self.dedent();
        if self.next() == "{" {
            self.bracketed(["{", "}"], NAMES, item.names.len(), |document, _| {
                document.any();
                document.alias();
            });
        } else {
            self.alias();
        }
    }

    fn fn_item(&mut self, item: &FnItem) {
        self.words(&["fn"]);
        self.any();
        self.parameters(&item.parameters);
        self.space();
        if let Some(result) = &item.result {
            self.words(&["->"]);
            self.type_expr(result);
            self.space();
        }
        self.words(&["="]);
        self.value(&item.body);
    }

    /// ` as NAME` if it is there.
    pub(super) fn alias(&mut self) {
        if self.next() == "as" {
            self.space();
            self.words(&["as"]);
            self.any();
        }
    }

    pub(super) fn row_source(&mut self, source: &RowSource) {
        self.any();
        if source.alias.is_some() {
            self.alias();
        }
    }

    pub(super) fn dotted_name(&mut self) {
        self.any();
        while self.word_if(".") {
            self.any();
        }
    }

    /// The keyword, name and parameters of an item and `rest`, up to the brace: on one line or on several.
    pub(super) fn opening(&mut self, parameters: &[Parameter], rest: impl FnOnce(&mut Self)) {
        self.open();
        self.any();
        self.space();
        self.any();
        self.parameters(parameters);
        self.indent();
        self.line();
        rest(self);
        // Comments before the brace belong to what stands before them.
        self.inner();
        self.dedent();
        self.line();
        self.close();
    }

    pub(super) fn normalize(&mut self, item: &NormalizeItem, parameters: &[Parameter]) {
        self.opening(parameters, |document| {
            document.words(&["from"]);
            document.row_source(&item.source);
        });
        self.body(item.clauses.len(), |document, index| {
            if let Some(clause) = item.clauses.get(index) {
                document.normalize_clause(&clause.kind);
            }
        });
    }

    pub(super) fn relate(&mut self, item: &RelateItem, parameters: &[Parameter]) {
        self.opening(parameters, |document| {
            document.words(&["from"]);
            document.row_source(&item.from);
            document.open_line();
            document.words(&["to"]);
            document.row_source(&item.to);
            document.close();
            for source in &item.via {
                document.line();
                document.words(&["via"]);
                document.row_source(source);
            }
        });
        self.body(item.clauses.len(), |document, index| {
            if let Some(clause) = item.clauses.get(index) {
                document.relate_clause(&clause.kind);
            }
        });
    }

    fn union(&mut self, item: &UnionItem) {
        self.open();
        self.words(&["union"]);
        self.any();
        self.word(":");
        self.space();
        self.any();
        self.space();
        self.word("of");
        self.indent();
        self.line();
        match &item.members {
            UnionMembers::Relations(names) => self.filled(names.len(), |document, _| {
                document.any();
            }),
            UnionMembers::Emitted { modules, .. } => {
                self.any();
                self.space();
                self.words(&["in"]);
                if !self.word_if("*") {
                    self.filled(modules.len(), |document, _| document.dotted_name());
                }
            }
        }
        self.separator(Separator::None);
        if item.by.is_some() {
            self.line();
            self.words(&["by"]);
            self.any();
        }
        self.close();
        if let Some(fuse) = &item.fuse {
            self.element_line();
            self.words(&["fuse", "per"]);
            self.indent();
            self.filled(fuse.per.len(), |document, _| document.any());
            self.separator(Separator::None);
            self.dedent();
            self.space();
            self.named_block(&fuse.aggregates);
        }
        self.dedent();
    }

    pub(super) fn columns(&mut self, columns: &[ColumnDecl]) {
        self.body(columns.len(), |document, index| {
            document.any();
            document.word(":");
            document.space();
            if let Some(column) = columns.get(index) {
                document.type_expr(&column.ty);
            }
        });
    }

    /// `{ a, b: EXPR }`.
    pub(super) fn named_block(&mut self, columns: &[NamedExpr]) {
        self.bracketed(["{", "}"], COLUMNS, columns.len(), |document, index| {
            document.named_expr(columns.get(index));
        });
    }

    /// `a`, `a.b` or `a: EXPR`.
    pub(super) fn named_expr(&mut self, column: Option<&NamedExpr>) {
        self.dotted_name();
        if self.next() != ":" {
            return;
        }
        self.word(":");
        self.space();
        if let Some(value) = column.and_then(|column| column.value.as_ref()) {
            self.value(value);
        }
    }
}
