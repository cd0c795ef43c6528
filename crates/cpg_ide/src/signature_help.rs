//! How the function whose arguments are being written is called.

use cpg_hir::semantics::{Resolution, Signature, Symbol, resolve, signature};
use cpg_hir::{Catalogs, Db, SourceFile};
use cpg_syntax::TokenKind;

use crate::hover::overloads;
use crate::place::item_before;
use crate::words;

/// The ways to call a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureHelp {
    /// Each as people read it, in the order of preference.
    pub ways: Vec<String>,
    /// What it gives, and an example of that.
    pub docs: Option<String>,
    /// Which argument is being written, from 0.
    pub argument: u32,
}

/// The ways to call the function in whose parentheses that offset lies.
pub fn signature_help(db: &dyn Db, file: SourceFile, offset: u32) -> Option<SignatureHelp> {
    let item = item_before(db, file, offset)?;
    let before = file.text(db).get(item.start(db) as usize..offset as usize)?;
    // For each open bracket, the word before it and the commas behind it.
    let mut open: Vec<(Option<&str>, u32)> = Vec::new();
    let mut last = None;
    for token in cpg_syntax::tokens(before) {
        let written = token.text(before);
        match written {
            "(" => open.push((last.take(), 0)),
            "{" | "[" => open.push((None, 0)),
            ")" | "}" | "]" => {
                open.pop();
            }
            "," => {
                if let Some((_, commas)) = open.last_mut() {
                    *commas += 1;
                }
            }
            _ => {}
        }
        last = (token.kind == TokenKind::Word).then_some(written);
    }
    // A parenthesis of its own groups; what is around it may be a call.
    let (name, argument) = open
        .iter()
        .rev()
        .take_while(|(name, _)| name.is_none_or(|name| ways(db, file, name).is_some()))
        .find_map(|(name, argument)| Some(((*name)?, *argument)))?;
    let (ways, docs) = ways(db, file, name)?;
    Some(SignatureHelp { ways, docs, argument })
}

fn ways(db: &dyn Db, file: SourceFile, name: &str) -> Option<(Vec<String>, Option<String>)> {
    if let Some(form) = words::form(name) {
        return Some((vec![form.call.to_owned()], Some(said(form.says, &form.shown()))));
    }
    if let Resolution::Item(item) = resolve(db, file, Symbol::new(db, name))
        && let Signature::Function(function) = &**signature(db, item)
    {
        let parameters: Vec<String> = function
            .parameters
            .iter()
            .map(|column| format!("{}: {}", column.name, column.ty))
            .collect();
        let way = format!("{name}({}) -> {}", parameters.join(", "), function.result);
        let docs = cpg_hir::parse(db, item).item.as_ref().map(|tree| tree.docs.clone());
        return Some((vec![way], docs.filter(|docs| !docs.is_empty())));
    }
    let function = Catalogs::get(db).functions(db).functions.get(name)?;
    let example = words::shown(&function.example.call, &function.example.gives);
    Some((overloads(name, function), Some(said(&function.description, &example))))
}

/// What a function gives, with an example.
fn said(what: &str, example: &str) -> String {
    format!("{what}\n\n{example}")
}
