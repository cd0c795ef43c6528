//! `evidence … from extractor`: the contract of an extractor's table.

use cpg_base::Code;
use cpg_ir::spec::{EvidenceSpec, Spec};
use cpg_ir::types::RowSchema;
use cpg_syntax::ast::{DottedName, EvidenceItem, EvidenceSource};

use super::Lowered;
use crate::checker::Checker;
use crate::names::dotted;
use crate::problem::{Problem, listed};
use crate::row::Row;
use crate::ty::Ty;

impl<'db> Checker<'db> {
    pub(super) fn evidence(&mut self, tree: &EvidenceItem) -> Lowered {
        let key = match &tree.source {
            EvidenceSource::Extractor(key) => key,
            EvidenceSource::Files(files) => return self.file_evidence(tree, files),
        };
        let row = self.declared_row(&tree.columns);
        let extractor = dotted(key);
        let table = tree.name.text.clone();
        if let Some(emitted) = self.table(tree, key, &extractor) {
            self.contract(tree, &row, emitted);
        }
        Lowered::new(row, Some(Spec::Evidence(EvidenceSpec { extractor, table })))
    }

    fn table(
        &mut self,
        tree: &EvidenceItem,
        key: &DottedName,
        extractor: &str,
    ) -> Option<&'db RowSchema> {
        let catalog = &self.extractors().extractors;
        let Some(signature) = catalog.get(extractor) else {
            let message = format!("there is no extractor `{extractor}`");
            let problem = Problem::error(Code::UnknownExtractor, key.range, message)
                .help(format!("extractors are {}", listed(catalog.keys())))
                .nearest(extractor, catalog.keys().map(String::as_str));
            self.report(problem);
            return None;
        };
        let name = tree.name.text.as_str();
        let table = signature.tables.get(name);
        if table.is_none() {
            let message = format!("the extractor `{extractor}` has no table `{name}`");
            let problem = Problem::error(Code::UnknownTable, tree.name.range, message)
                .help(format!("its tables are {}", listed(signature.tables.keys())))
                .nearest(name, signature.tables.keys().map(String::as_str));
            self.report(problem);
        }
        table
    }

    /// A contract may say fewer columns than the table has, but each as the table has it.
    fn contract(&mut self, tree: &EvidenceItem, row: &Row, emitted: &RowSchema) {
        for column in &tree.columns {
            let name = column.name.text.as_str();
            let Some(found) = emitted.column(name) else {
                let message = format!("the table `{}` has no column `{name}`", tree.name.text);
                let names = emitted.columns.iter().map(|column| column.name.as_str());
                let problem = Problem::error(Code::UnknownColumn, column.name.range, message)
                    .nearest(name, names);
                self.report(problem);
                continue;
            };
            let declared = row.column(name).map(|column| &column.ty);
            if let Some(Ty::Known(declared)) = declared
                && *declared != found.ty
            {
                let message = format!(
                    "the contract says `{name}: {declared}`, the extractor gives `{}`",
                    found.ty
                );
                let problem = Problem::error(Code::ContractMismatch, column.ty.range, message)
                    .found(format!("expected `{}`, found `{declared}`", found.ty))
                    .fix(format!("say `{}`", found.ty), column.ty.range, found.ty.to_string());
                self.report(problem);
            }
        }
    }
}
