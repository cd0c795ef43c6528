//! Only what is needed is given, and needs that cannot be met are told.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use cpg_evidence::{EvidenceError, ExtractorMap};
use cpg_ir::manifest::EvidenceNeeds;

use crate::support::{Sources, batches, needs_of_files};

fn needs(extractor: &str, table: &str, columns: &[&str]) -> EvidenceNeeds {
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    BTreeMap::from([(extractor.to_owned(), BTreeMap::from([(table.to_owned(), columns)]))])
}

#[test]
fn unknown_needs_are_errors_that_name_them() {
    let told = |needs| ExtractorMap::new(&needs).expect_err("unknown").to_string();
    assert_eq!(told(needs("x", "t", &[])), "there is no extractor `x`");
    assert_eq!(told(needs("repo", "t", &[])), "the extractor `repo` has no table `t`");
    assert_eq!(
        told(needs("python.cst", "cst_defs", &["name", "nam"])),
        "the table `cst_defs` of the extractor `python.cst` has no column `nam`"
    );
}

#[test]
fn only_needed_columns_in_the_tables_order() {
    let sources = Sources::new(&[("a.py", "def f(): pass\n"), ("b.txt", "x\n")]);
    let needs = needs("python.cst", "cst_defs", &["start", "path", "name"]);
    let (batches, summary) = batches(&sources.scan(), &needs, 1);
    let [batch] = &batches[..] else { panic!("one table with one row: {batches:?}") };
    assert_eq!((batch.extractor.as_ref(), batch.table.as_ref()), ("python.cst", "cst_defs"));
    let schema = batch.batch.schema();
    let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["path", "name", "start"]);
    assert_eq!(batch.batch.num_rows(), 1);
    assert_eq!(summary.rows, 1);
}

#[test]
fn rows_without_columns_are_counted() {
    let sources = Sources::new(&[("a.py", "f()\nf()\n")]);
    let (batches, _) = batches(&sources.scan(), &needs("python.cst", "cst_callsites", &[]), 1);
    assert_eq!(batches[0].batch.num_rows(), 2);
    assert_eq!(batches[0].batch.num_columns(), 0);
}

/// A column alone has the values it has among all others.
#[test]
fn pruning_changes_no_value() {
    let sources = Sources::new(&[(
        "a.py",
        "import os\nclass C(B):\n    '''d'''\n    @p\n    def m(self, a=1): self.m(os.x, *a)\n",
    )]);
    let scan = sources.scan();
    let (all, _) = batches(&scan, &needs_of_files(), 1);
    for batch in &all {
        for (index, field) in batch.batch.schema().fields().iter().enumerate() {
            let (alone, _) =
                batches(&scan, &needs(&batch.extractor, &batch.table, &[field.name()]), 1);
            assert_eq!(
                alone[0].batch.column(0),
                batch.batch.column(index),
                "{} {}",
                batch.table,
                field.name()
            );
        }
    }
}

#[test]
fn schemas_are_known_before_rows_are() {
    let map = ExtractorMap::new(&needs_of_files()).expect("known needs");
    let sources = Sources::new(&[("a.py", "f(1)\n")]);
    let tables = map.tables();
    assert_eq!(tables.len(), 42);
    for batch in batches(&sources.scan(), &needs_of_files(), 1).0 {
        let table = tables.iter().find(|table| table.table == batch.table).expect("a needed table");
        assert_eq!(table.schema, batch.batch.schema());
    }
}

#[test]
fn a_receiver_can_stop_the_work() {
    let files: Vec<_> = (0..400).map(|n| (format!("{n}.py"), "f()\n".repeat(2_000))).collect();
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text)).collect();
    let sources = Sources::new(&files);
    let map =
        ExtractorMap::new(&needs("python.cst", "cst_callsites", &["start"])).expect("known needs");
    let mut given = 0;
    let scan = sources.scan();
    let result = cpg_evidence::extract(&scan, &map, 0..scan.segments(), 4, |_, _| {
        given += 1;
        ControlFlow::Break(())
    });
    assert!(matches!(result, Err(EvidenceError::Stopped)));
    assert_eq!(given, 1);
}
