//! The extractor that `docs/adding-an-extractor.md` adds: the page shows this file, and the test below says so.

use std::borrow::Cow;

use crate::table::tables;
use crate::text::{Lines, Offsets};

tables! {
    /// A place that somebody wanted to come back to.
    markers in file by (start) {
        /// `TODO`, `FIXME` or `XXX`.
        kind: Word,
        start: Offset,
        end: Offset,
        line: Line,
        /// The rest of the line.
        text: Str,
    }
}

crate::table::extractor! {
    "markers" version 1: "Places that somebody wanted to come back to";
    markers: markers,
}

/// The rows of a file.
pub(crate) fn rows<'a>(text: &'a str, offsets: &Offsets, lines: &Lines) -> Rows<'a> {
    let mut rows = Rows::default();
    for kind in ["TODO", "FIXME", "XXX"] {
        for (position, _) in text.match_indices(kind) {
            let raw = |offset| offsets.raw(u32::try_from(offset).unwrap_or(u32::MAX));
            let (start, end) = (raw(position), raw(position + kind.len()));
            let rest = text[position + kind.len()..].lines().next().unwrap_or_default();
            let text = Cow::Borrowed(rest.trim());
            rows.markers.push(markers::Row { kind, start, end, line: lines.line_of(start), text });
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray as _;
    use arrow::datatypes::Int64Type;

    use super::*;
    use crate::table::FileKey;

    #[test]
    fn finds_markers_in_order() -> Result<(), Box<dyn std::error::Error>> {
        let columns = ["path", "start", "kind", "text"].map(str::to_owned);
        let needs = [("markers".to_owned(), columns.to_vec())].into();
        let plan = Plan::new(&needs)?;
        assert_eq!(plan.tables().len(), 1);

        let text = "a FIXME now\nb TODO later\n";
        let key = FileKey { id: 7, path: "a.txt", module: "" };
        let mut builders = Builders::new(&plan);
        builders.append(key, rows(text, &Offsets::Same, &Lines::new(text.as_bytes())));
        let mut batches = Vec::new();
        builders.finish(&mut batches)?;

        let batch = &batches[0].batch;
        let schema = batch.schema();
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        // In the table's order, whatever order they are asked for in.
        assert_eq!(names, ["path", "kind", "start", "text"]);
        assert_eq!(batch.column(2).as_primitive::<Int64Type>().values(), &[2, 14]);
        let texts: Vec<_> = batch.column(3).as_string::<i32>().iter().flatten().collect();
        assert_eq!(texts, ["now", "later"]);
        Ok(())
    }

    #[test]
    fn the_page_shows_this_file_and_its_contract() {
        let page = include_str!("../../../docs/adding-an-extractor.md");
        let blocks = |language: &str| -> Vec<String> {
            let open = format!("```{language}\n");
            let found = page.split(&open).skip(1);
            found.map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
        };
        let file = include_str!("example.rs");
        let shown = blocks("rust");
        assert!(shown.len() >= 3, "{shown:?}");
        for block in shown {
            assert!(file.contains(&block), "the page shows what is not here:\n{block}");
        }

        let row = &signature().tables["markers"];
        let columns =
            row.columns.iter().map(|column| format!("  {}: {}\n", column.name, column.ty));
        let docs = &signature().docs["markers"].columns;
        let contract: String = columns
            .zip(&row.columns)
            .map(|(line, column)| match docs.get(&column.name) {
                Some(doc) if !doc.starts_with("The file's") => format!("  /// {doc}\n{line}"),
                _ => line,
            })
            .collect();
        let expected = format!("evidence markers from extractor markers {{\n{contract}}}\n");
        assert!(blocks("cpg").iter().any(|block| block.ends_with(&expected)), "{expected}");
    }
}
