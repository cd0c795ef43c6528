//! The same bytes give the same batches.

use crate::support::{Sources, batches, needs_of_files};

/// Files of very different sizes, so that workers finish out of order.
fn sources(count: usize) -> Sources {
    let files: Vec<_> = (0..count)
        .map(|n| {
            let text: String = (0..(n * 7919) % 60)
                .map(|i| format!("def f{i}(a, b={i}):\n    return g{n}(a, lambda: b, k=f{i})\n"))
                .collect();
            (format!("d{}/m{n}.py", n % 7), text)
        })
        .collect();
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text)).collect();
    Sources::new(&files)
}

#[test]
fn for_any_number_of_threads_and_any_place() {
    let (left, right) = (sources(400), sources(400));
    let (one, summary) = batches(&left.scan(), &needs_of_files(), 1);
    let (four, _) = batches(&right.scan(), &needs_of_files(), 4);
    assert!(one == four);
    assert_eq!(summary.files, 400);
    assert_eq!(summary.errors, 0);
    let refs = one.iter().filter(|batch| batch.table == "cst_refs").count();
    assert!(refs > 2, "rows fill several batches: {refs}");
    assert!(one.iter().all(|batch| batch.batch.num_rows() <= 16 * 1024));
}

#[test]
fn rows_are_in_order() {
    let tables = sources(60).tables();
    // Blocks are in the order of their numbers.
    for (table, rows) in tables.rows.iter().filter(|(table, _)| *table != "cfg_blocks") {
        let key = |row: &std::collections::BTreeMap<String, String>| {
            let number = |column: &str| row.get(column).and_then(|cell| cell.parse::<i64>().ok());
            (row["path"].clone(), number("start"), number("end"))
        };
        assert!(rows.is_sorted_by_key(key), "{table}");
    }
}
