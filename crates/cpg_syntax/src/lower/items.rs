//! Items: what stands before and around their bodies.

use cpg_base::{Code, TextRange};
use pest::iterators::Pair;

use super::cursor::Cursor;
use super::{Lower, Lowered};
use crate::ast::{
    Attribute, AttributeArg, ClosureItem, ConstItem, Count, DottedName, Emitted, EvidenceItem,
    EvidenceSource, ExportItem, FileSource, FixpointItem, FnItem, FuseClause, Item, ItemKind, Name,
    NormalizeItem, Parameter, RelateItem, SchemaItem, SqlViewItem, TemplateItem, Text, UnionItem,
    UnionMembers, UseItem, UseName, ViewItem,
};
use crate::error::SyntaxError;
use crate::grammar::Rule;

/// An item up to its body.
pub(crate) struct Opening {
    docs: String,
    attributes: Vec<Attribute>,
    /// Its keyword.
    keyword: TextRange,
    /// With an empty body, for [`Lower::body`].
    kind: ItemKind,
    /// Where the body begins.
    pub(crate) end: u32,
}

impl Opening {
    pub(super) fn template_mut(&mut self) -> Option<&mut TemplateItem> {
        match &mut self.kind {
            ItemKind::Template(template) => Some(template),
            _ => None,
        }
    }

    /// What has the body.
    pub(crate) fn body(&self) -> &ItemKind {
        match &self.kind {
            ItemKind::Template(template) => &template.body,
            kind => kind,
        }
    }

    /// What gets the body.
    pub(crate) fn body_mut(&mut self) -> &mut ItemKind {
        match &mut self.kind {
            ItemKind::Template(template) => &mut template.body,
            kind => kind,
        }
    }

    /// The item, when its body ends there.
    pub(crate) fn finish(self, end: u32) -> Item {
        let Self { docs, attributes, keyword, kind, .. } = self;
        Item { docs, attributes, kind, range: TextRange::new(keyword.start(), end) }
    }
}

impl Lower<'_> {
    /// A whole item.
    pub(crate) fn item(&mut self, pair: Pair<'_, Rule>) -> Lowered<Item> {
        let rule = pair.as_rule();
        let end = self.range(&pair).end();
        let mut children = self.children(pair);
        let opening = match rule {
            Rule::use_chunk
            | Rule::const_chunk
            | Rule::fn_chunk
            | Rule::union_chunk
            | Rule::fixpoint_opening
            | Rule::closure_chunk
            | Rule::export_chunk
            | Rule::check_chunk
            | Rule::instance_chunk
            | Rule::template_chunk => self.opening(rule, children)?,
            _ => {
                let opening = children.any()?;
                let has_body = opening.as_rule() != Rule::evidence_inferred;
                let mut opening = self.opening_of(opening)?;
                if has_body {
                    let start = opening.end;
                    let body = children.any()?;
                    match (body.as_rule(), opening.kind) {
                        (Rule::sql_body, ItemKind::View(view)) => {
                            opening.kind = ItemKind::SqlView(self.sql_view(view, body)?);
                        }
                        (_, kind) => {
                            opening.kind = kind;
                            self.body(opening.body_mut(), body, start)?;
                        }
                    }
                }
                children.end()?;
                opening
            }
        };
        Ok(self.whole(opening).finish(end))
    }

    /// What stands before an item's body.
    pub(crate) fn opening_of(&mut self, pair: Pair<'_, Rule>) -> Lowered<Opening> {
        let rule = pair.as_rule();
        let children = self.children(pair);
        self.opening(rule, children)
    }

    fn opening(&mut self, rule: Rule, mut children: Cursor<'_>) -> Lowered<Opening> {
        let mut attributes = Vec::new();
        for attribute in children.all_of(Rule::attribute) {
            attributes.push(self.attribute(attribute)?);
        }
        let keyword = self.range(&children.any()?);
        let docs = self.docs.take(self.lexical.text, TextRange::new(0, keyword.start()));
        let end = children.parent().end();
        let kind = match rule {
            Rule::template_chunk
            | Rule::template_normalize_opening
            | Rule::template_relate_opening
            | Rule::template_view_opening => self.template(rule, children)?,
            Rule::use_chunk => ItemKind::Use(self.use_item(children)?),
            Rule::const_chunk => {
                let name = self.name(&children.want(Rule::item_name)?);
                let value = self.expr(children.want(Rule::expr)?)?;
                children.end()?;
                ItemKind::Const(ConstItem { name, value })
            }
            Rule::fn_chunk => ItemKind::Fn(self.fn_item(children)?),
            Rule::union_chunk => ItemKind::Union(self.union_item(children)?),
            Rule::fixpoint_opening => {
                let name = self.name(&children.want(Rule::item_name)?);
                let bound = self.count(&children.want(Rule::integer)?)?;
                children.end()?;
                ItemKind::Fixpoint(FixpointItem { name, bound, members: Vec::new() })
            }
            Rule::closure_chunk => ItemKind::Closure(self.closure_item(children)?),
            Rule::export_chunk => ItemKind::Export(ExportItem {
                names: self.names(children.rest_of(Rule::item_name)?),
            }),
            Rule::check_chunk => ItemKind::Check(self.check_item(children)?),
            Rule::test_opening => ItemKind::Test(self.test_opening(children)?),
            Rule::schema_opening => {
                let name = self.name(&children.want(Rule::item_name)?);
                children.end()?;
                ItemKind::Schema(SchemaItem { name, columns: Vec::new() })
            }
            Rule::evidence_opening | Rule::evidence_inferred => {
                let name = self.name(&children.want(Rule::item_name)?);
                let source = match children.take_if(Rule::dotted_name) {
                    Some(key) => EvidenceSource::Extractor(self.dotted(key)?),
                    None => {
                        let files = children.want(Rule::file_source)?;
                        self.file_source(files, rule == Rule::evidence_inferred)?
                    }
                };
                children.end()?;
                ItemKind::Evidence(EvidenceItem { name, source, columns: Vec::new() })
            }
            Rule::instance_chunk => ItemKind::Instance(self.instance_item(keyword, children)?),
            Rule::policy_opening => ItemKind::Policy(self.policy_item(children)?),
            Rule::normalize_opening => {
                let name = self.name(&children.want(Rule::item_name)?);
                ItemKind::Normalize(self.normalize_item(name, children)?)
            }
            Rule::relate_opening => {
                let name = self.name(&children.want(Rule::item_name)?);
                ItemKind::Relate(Box::new(self.relate_item(name, children)?))
            }
            Rule::view_opening => {
                let name = self.name(&children.want(Rule::item_name)?);
                ItemKind::View(self.view_item(name, children)?)
            }
            _ => return Err(children.defect()),
        };
        Ok(Opening { docs, attributes, keyword, kind, end })
    }

    pub(super) fn normalize_item(
        &mut self,
        name: Name,
        mut children: Cursor<'_>,
    ) -> Lowered<NormalizeItem> {
        let source = self.source(children.want(Rule::row_source)?)?;
        children.end()?;
        Ok(NormalizeItem { name, source, clauses: Vec::new() })
    }

    pub(super) fn relate_item(
        &mut self,
        name: Name,
        mut children: Cursor<'_>,
    ) -> Lowered<RelateItem> {
        let from = self.source(children.want(Rule::row_source)?)?;
        let to = self.source(children.want(Rule::row_source)?)?;
        let via = children.rest_of(Rule::row_source)?;
        let via = via.into_iter().map(|pair| self.source(pair)).collect::<Lowered<_>>()?;
        Ok(RelateItem { name, from, to, via, clauses: Vec::new() })
    }

    pub(super) fn view_item(&mut self, name: Name, mut children: Cursor<'_>) -> Lowered<ViewItem> {
        let schema = children.take_if(Rule::item_name).map(|pair| self.name(&pair));
        children.end()?;
        Ok(ViewItem { name, schema, arms: Vec::new() })
    }

    /// Adds a part of an item's body, which begins at `start`.
    pub(crate) fn body(
        &mut self,
        kind: &mut ItemKind,
        part: Pair<'_, Rule>,
        start: u32,
    ) -> Lowered<()> {
        match (kind, part.as_rule()) {
            (ItemKind::Schema(SchemaItem { columns, .. }), Rule::columns)
            | (ItemKind::Evidence(EvidenceItem { columns, .. }), Rule::columns) => {
                columns.extend(self.columns(part, start)?);
            }
            (ItemKind::Normalize(item), Rule::normalize_clauses) => {
                item.clauses.extend(self.normalize_clauses(part)?);
            }
            (ItemKind::Relate(item), Rule::relate_clauses) => {
                item.clauses.extend(self.relate_clauses(part)?);
            }
            (ItemKind::Test(item), Rule::test_clauses) => {
                item.clauses.extend(self.test_clauses(part)?);
            }
            (ItemKind::Policy(item), Rule::settings) => {
                item.settings.extend(self.settings(part)?);
            }
            (ItemKind::View(item), Rule::arms | Rule::view_pieces) => {
                self.arms(part, &mut item.arms)?;
            }
            _ => return Err(self.children(part).defect()),
        }
        Ok(())
    }

    fn attribute(&mut self, pair: Pair<'_, Rule>) -> Lowered<Attribute> {
        let range = self.range(&pair);
        let mut children = self.children(pair);
        let name = self.name(&children.want(Rule::any_name)?);
        let mut args = Vec::new();
        for arg in children.rest_of(Rule::attribute_arg)? {
            let mut children = self.children(arg);
            args.push(match children.take_if(Rule::string) {
                Some(string) => AttributeArg::Text(self.string(&string)),
                None => AttributeArg::Name(self.name(&children.want(Rule::any_name)?)),
            });
            children.end()?;
        }
        Ok(Attribute { name, args, range })
    }

    fn use_item(&mut self, mut children: Cursor<'_>) -> Lowered<UseItem> {
        let mut segments = self.names(children.all_of(Rule::any_name));
        let mut names = Vec::new();
        if let Some(group) = children.take_if(Rule::use_group) {
            for pair in self.children(group).rest_of(Rule::use_name)? {
                let mut children = self.children(pair);
                let name = self.name(&children.want(Rule::item_name)?);
                let alias = children.take_if(Rule::item_name).map(|pair| self.name(&pair));
                children.end()?;
                names.push(UseName { name, alias });
            }
        } else {
            let alias = children.take_if(Rule::item_name).map(|pair| self.name(&pair));
            let name = segments.pop().ok_or(children.defect())?;
            names.push(UseName { name, alias });
        }
        let defect = children.defect();
        children.end()?;
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
            let Some(UseName { name, .. }) = names.first() else { return Err(defect) };
            let error = SyntaxError::new(
                Code::Syntax,
                name.range,
                format!("expected a module and a name, found `{}` alone", name.text),
            );
            self.report(error.found("one word").help("as in `use std.graph.Node`"));
            return Err(super::Stop::Reported);
        };
        let range = first.range.cover(last.range);
        Ok(UseItem { module: DottedName { segments, range }, names })
    }

    fn fn_item(&mut self, mut children: Cursor<'_>) -> Lowered<FnItem> {
        let name = self.name(&children.want(Rule::item_name)?);
        let parameters = self.parameters(&mut children)?;
        let result = match children.take_if(Rule::type_expr) {
            Some(pair) => Some(self.type_expr(pair)?),
            None => None,
        };
        let body = self.expr(children.want(Rule::expr)?)?;
        children.end()?;
        Ok(FnItem { name, parameters, result, body })
    }

    /// The parameters of a function or a template.
    pub(super) fn parameters(&mut self, children: &mut Cursor<'_>) -> Lowered<Vec<Parameter>> {
        let mut parameters = Vec::new();
        for pair in children.all_of(Rule::parameter) {
            let mut children = self.children(pair);
            let name = self.name(&children.want(Rule::any_name)?);
            let ty = self.type_expr(children.want(Rule::type_expr)?)?;
            children.end()?;
            parameters.push(Parameter { name, ty });
        }
        Ok(parameters)
    }

    fn sql_view(&mut self, view: ViewItem, body: Pair<'_, Rule>) -> Lowered<SqlViewItem> {
        let mut children = self.children(body);
        let range = self.range(&children.want(Rule::text_block)?);
        children.end()?;
        let written = self.text(range);
        let quotes = SqlViewItem::QUOTES as usize;
        let value = written.get(quotes..written.len().saturating_sub(quotes)).unwrap_or_default();
        let query = Text { value: value.to_owned(), range };
        Ok(SqlViewItem { name: view.name, schema: view.schema, query })
    }

    fn file_source(&mut self, pair: Pair<'_, Rule>, inferred: bool) -> Lowered<EvidenceSource> {
        let mut children = self.children(pair);
        let format = self.name(&children.want(Rule::file_format)?);
        let location = self.string(&children.want(Rule::string)?);
        children.end()?;
        Ok(EvidenceSource::Files(FileSource { format, location, inferred }))
    }

    fn union_item(&mut self, mut children: Cursor<'_>) -> Lowered<UnionItem> {
        let name = self.name(&children.want(Rule::item_name)?);
        let schema = self.name(&children.want(Rule::item_name)?);
        let members = match children.take_if(Rule::emitted) {
            Some(pair) => self.emitted(pair)?,
            None => {
                let list = children.want(Rule::relation_list)?;
                UnionMembers::Relations(self.names(self.children(list).rest_of(Rule::item_name)?))
            }
        };
        let by = children.take_if(Rule::any_name).map(|pair| self.name(&pair));
        let fuse = match children.take_if(Rule::fuse_clause) {
            Some(pair) => Some(self.fuse(pair)?),
            None => None,
        };
        children.end()?;
        Ok(UnionItem { name, schema, members, by, fuse })
    }

    fn closure_item(&mut self, mut children: Cursor<'_>) -> Lowered<ClosureItem> {
        let name = self.name(&children.want(Rule::item_name)?);
        let source = self.source(children.want(Rule::row_source)?)?;
        let filter = match children.take_if(Rule::expr) {
            Some(pair) => Some(self.expr(pair)?),
            None => None,
        };
        let from = self.name(&children.want(Rule::any_name)?);
        let to = self.name(&children.want(Rule::any_name)?);
        let depth = match children.take_if(Rule::depth_limit) {
            Some(pair) => {
                let mut children = self.children(pair);
                let depth = self.count(&children.want(Rule::integer)?)?;
                children.end()?;
                Some(depth)
            }
            None => None,
        };
        children.end()?;
        Ok(ClosureItem { name, source, filter, from, to, depth })
    }

    fn count(&mut self, pair: &Pair<'_, Rule>) -> Lowered<Count> {
        Ok(Count { value: self.integer(pair)?, range: self.range(pair) })
    }

    fn emitted(&mut self, pair: Pair<'_, Rule>) -> Lowered<UnionMembers> {
        let mut children = self.children(pair);
        let what_range = self.range(&children.want(Rule::emitted_what)?);
        let what = match self.text(what_range) {
            "nodes" => Emitted::Nodes,
            "edges" => Emitted::Edges,
            _ => Emitted::Props,
        };
        let modules = children.rest_of(Rule::dotted_name)?;
        let modules = modules.into_iter().map(|pair| self.dotted(pair)).collect::<Lowered<_>>()?;
        Ok(UnionMembers::Emitted { what, what_range, modules })
    }

    fn fuse(&mut self, pair: Pair<'_, Rule>) -> Lowered<FuseClause> {
        let range = self.range(&pair);
        let mut children = self.children(pair);
        let per = self.names(children.all_of(Rule::any_name));
        let aggregates = self.named_block(children.want(Rule::named_block)?)?;
        children.end()?;
        Ok(FuseClause { per, aggregates, range })
    }
}
