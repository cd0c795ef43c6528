//! Views that queries see beside the tables of a build: what no table of Delta holds.

use cpg_ir::manifest::Area;
use datafusion::common::Result;
use datafusion::prelude::SessionContext;

use crate::record::RunRecord;

/// A view, the output that it is over, and its query.
const VIEWS: [(&str, &str, &str); 1] = [(
    "cpg_props_map",
    "cpg_props",
    "select node_id, map(array_agg(key order by key), array_agg(value order by key)) as props \
     from cpg_props group by node_id",
)];

/// Makes the views known whose outputs the build has, unless it has an output of their name.
pub(super) async fn register(session: &SessionContext, record: &RunRecord) -> Result<()> {
    let has = |name: &str| {
        record.tables.iter().any(|table| table.area == Area::Graph && table.table == name)
    };
    for (view, output, sql) in VIEWS {
        if has(output) && !has(view) {
            let rows = session.sql(sql).await?;
            session.register_table(view, rows.into_view())?;
        }
    }
    Ok(())
}
