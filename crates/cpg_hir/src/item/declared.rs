//! Types and columns as programs write them.

use std::collections::BTreeMap;

use cpg_base::{Code, TextRange};
use cpg_ir::types::{SemanticType, TextUnit};
use cpg_syntax::ItemKeyword;
use cpg_syntax::ast::{ColumnDecl, Name, TypeArg, TypeExpr};

use crate::checker::Checker;
use crate::facts::Meaning;
use crate::problem::{Anchor, Problem};
use crate::row::Row;
use crate::signature::entity_header;
use crate::ty::Ty;

/// Types that take no arguments.
const PLAIN: [(&str, SemanticType); 12] = [
    ("bool", SemanticType::Bool),
    ("int", SemanticType::Int),
    ("float", SemanticType::Float),
    ("string", SemanticType::String),
    ("FileId", SemanticType::FileId),
    ("Path", SemanticType::Path),
    ("Span", SemanticType::Span),
    ("Symbol", SemanticType::Symbol),
    ("Text", SemanticType::Text),
    ("Hash", SemanticType::Hash),
    ("Score", SemanticType::Score),
    ("Confidence", SemanticType::Confidence),
];

/// Types that take arguments, with what they take.
const APPLIED: [(&str, &str); 6] = [
    ("Offset", "Offset<UNIT>"),
    ("Line", "Line<0> or Line<1>"),
    ("Col", "Col<UNIT, 0> or Col<UNIT, 1>"),
    ("Id", "Id<ENTITY>, or Id for any entity"),
    ("List", "List<TYPE>"),
    ("Map", "Map<KEY, TYPE>"),
];

const UNITS: [(&str, TextUnit); 4] = [
    ("byte", TextUnit::Byte),
    ("utf8", TextUnit::Utf8),
    ("utf16", TextUnit::Utf16),
    ("utf32", TextUnit::Utf32),
];

impl<'db> Checker<'db> {
    /// The row that `columns` declare.
    pub fn declared_row(&mut self, columns: &[ColumnDecl]) -> Row {
        let mut row = Row { columns: Vec::new(), open: self.incomplete };
        let mut seen: BTreeMap<&str, &Name> = BTreeMap::new();
        for column in columns {
            let name = &column.name;
            if let Some(first) = seen.get(name.text.as_str()) {
                let problem = Problem::error(
                    Code::DuplicateColumn,
                    name.range,
                    format!("two columns are called `{}`", name.text),
                )
                .label(Anchor::Here(first.range), "the first one")
                .help("remove one of them or give it another name");
                self.report(problem);
                continue;
            }
            seen.insert(&name.text, name);
            let ty = self.declared_type(&column.ty);
            let meaning = Meaning::Declared { name: name.text.clone(), ty: ty.clone() };
            self.note_name(name.range, meaning);
            row.declare(name.text.clone(), ty, name.range);
        }
        row
    }

    /// The type that is written.
    pub fn declared_type(&mut self, ty: &TypeExpr) -> Ty {
        match self.semantic(ty) {
            Some(semantic) => Ty::new(semantic, ty.nullable),
            None => Ty::Unknown,
        }
    }

    fn semantic(&mut self, ty: &TypeExpr) -> Option<SemanticType> {
        let name = ty.name.text.as_str();
        if let Some((_, semantic)) = PLAIN.iter().find(|(plain, _)| *plain == name) {
            if !ty.args.is_empty() {
                let message = format!("`{name}` takes no arguments");
                self.error(Code::WrongTypeArguments, ty.range, message);
                return None;
            }
            return Some(semantic.clone());
        }
        match (name, ty.args.as_slice()) {
            ("Offset", [TypeArg::Type(unit)]) => Some(SemanticType::Offset(self.unit(unit)?)),
            ("Line", [TypeArg::Int(base @ (0 | 1), _)]) => {
                Some(SemanticType::Line { base: u8::from(*base == 1) })
            }
            ("Col", [TypeArg::Type(unit), TypeArg::Int(base @ (0 | 1), _)]) => {
                Some(SemanticType::Col { unit: self.unit(unit)?, base: u8::from(*base == 1) })
            }
            ("Id", []) => Some(SemanticType::Id(None)),
            ("Id", [TypeArg::Type(entity)]) if entity.args.is_empty() && !entity.nullable => {
                self.id_type(&entity.name)
            }
            ("List", [TypeArg::Type(item)]) => {
                let item = self.semantic(item)?;
                Some(SemanticType::List(Box::new(item)))
            }
            ("Map", [TypeArg::Type(key), TypeArg::Type(value)]) => {
                let value = self.semantic(value);
                let key = self.key_type(key)?;
                Some(SemanticType::Map(Box::new(key), Box::new(value?)))
            }
            _ => {
                self.wrong_type(ty);
                None
            }
        }
    }

    /// The type of a map's keys.
    fn key_type(&mut self, key: &TypeExpr) -> Option<SemanticType> {
        let semantic = self.semantic(key)?;
        let problem = if !semantic.physical().may_be_key() {
            let message = format!("`{semantic}` values are no keys of a map");
            Problem::error(Code::WrongTypeArguments, key.range, message)
                .help("keys are text, whole numbers or ids")
        } else if key.nullable {
            let message = "the keys of a map are never null";
            let question = TextRange::new(key.range.end() - 1, key.range.end());
            Problem::error(Code::WrongTypeArguments, key.range, message).fix(
                "remove the `?`",
                question,
                "",
            )
        } else {
            return Some(semantic);
        };
        self.report(problem);
        None
    }

    fn wrong_type(&mut self, ty: &TypeExpr) {
        let name = ty.name.text.as_str();
        let problem = match APPLIED.iter().find(|(applied, _)| *applied == name) {
            Some((_, form)) => Problem::error(
                Code::WrongTypeArguments,
                ty.range,
                format!("`{name}` does not take these arguments"),
            )
            .help(format!(
                "write {form}{}",
                if form.contains("UNIT") { "; units are byte, utf8, utf16 and utf32" } else { "" }
            )),
            None => {
                let names = PLAIN.iter().map(|(n, _)| *n).chain(APPLIED.iter().map(|(n, _)| *n));
                Problem::error(
                    Code::UnknownType,
                    ty.name.range,
                    format!("there is no type `{name}`"),
                )
                .nearest(name, names)
            }
        };
        self.report(problem);
    }

    fn unit(&mut self, unit: &TypeExpr) -> Option<TextUnit> {
        let written = unit.name.text.as_str();
        if let Some((_, unit)) = UNITS.iter().find(|(name, _)| *name == written) {
            return Some(*unit);
        }
        let problem = Problem::error(
            Code::WrongTypeArguments,
            unit.range,
            format!("there is no unit `{written}`"),
        )
        .help("units are byte, utf8, utf16 and utf32")
        .nearest(written, UNITS.iter().map(|(name, _)| *name));
        self.report(problem);
        None
    }

    /// The type of the ids of the entity called `name`.
    pub fn id_type(&mut self, name: &Name) -> Option<SemanticType> {
        let entity = self.item_named(name, &[ItemKeyword::Normalize], "an entity")?;
        let header = entity_header(self.db, entity).as_ref()?;
        Some(SemanticType::Id(Some(header.namespace.clone())))
    }
}
