//! "Did you mean": the nearest table or column.

use cpg_base::nearest;
use cpg_ir::manifest::Area;
use datafusion::common::{DataFusionError, SchemaError};

use crate::record::RunRecord;

/// What was probably meant, where a query names a table or a column that is not there.
pub(super) fn nearest_to(error: &DataFusionError, record: &RunRecord) -> Option<String> {
    match error.find_root() {
        DataFusionError::SchemaError(error, _) => match error.as_ref() {
            SchemaError::FieldNotFound { field, valid_fields } => {
                let names: Vec<&str> =
                    valid_fields.iter().map(|column| column.name.as_str()).collect();
                suggest("column", &field.name, &names)
            }
            _ => None,
        },
        DataFusionError::Plan(message) => {
            // "table 'cpglang.graph.cpg_node' not found": the only form in which the planner tells it.
            let name = message.strip_prefix("table '")?.split('\'').next()?;
            let tables: Vec<&str> = record
                .tables
                .iter()
                .filter(|table| table.area != Area::Stage)
                .map(|table| table.table.as_str())
                .collect();
            suggest("table", name.rsplit('.').next()?, &tables)
        }
        _ => None,
    }
}

/// The nearest name, or all of them where none is near and they are few.
fn suggest(kind: &str, name: &str, names: &[&str]) -> Option<String> {
    if let Some(near) = nearest(name, names.iter().copied()) {
        return Some(format!("there is a {kind} `{near}`"));
    }
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| format!("the {kind}s are: {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_or_all_of_them() {
        let names = ["dst", "src", "src"];
        assert_eq!(suggest("column", "sr", &names).as_deref(), Some("there is a column `src`"));
        assert_eq!(
            suggest("column", "elephant", &names).as_deref(),
            Some("the columns are: dst, src")
        );
        assert_eq!(suggest("table", "elephant", &[]), None);
    }
}
