//! What a call says.

use datafusion::common::{DataFusionError, Result, ScalarValue, plan_err};
use datafusion::logical_expr::Expr;

/// How far a walk goes that says nothing of it.
const FAR: u64 = 1_000;

/// The arguments of a call, which are constants.
#[derive(Debug, Clone)]
pub(super) struct Arguments {
    values: Vec<ScalarValue>,
    usage: &'static str,
}

/// Which way edges are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Out,
    In,
}

impl Arguments {
    pub(super) fn new(
        exprs: &[Expr],
        (least, most): (usize, usize),
        usage: &'static str,
    ) -> Result<Self> {
        if exprs.len() < least || exprs.len() > most {
            return plan_err!("wrong number of arguments: {}: {usage}", exprs.len());
        }
        let values = exprs.iter().map(|expr| match expr {
            Expr::Literal(value, _) => Ok(value.clone()),
            other => plan_err!("expected a constant, found `{other}`: {usage}"),
        });
        Ok(Self { values: values.collect::<Result<_>>()?, usage })
    }

    /// A condition on `cpg_nodes` that holds for the node.
    pub(super) fn node(&self, at: usize) -> Result<String> {
        match self.values.get(at) {
            Some(ScalarValue::Int64(Some(id))) => Ok(format!("node_id = {id}")),
            Some(ScalarValue::Utf8(Some(name)) | ScalarValue::Utf8View(Some(name))) => Ok(format!(
                "qualified_name = {} and kind not in ('CALL', 'IMPORT', 'REFERENCE', 'TYPE')",
                text(name)
            )),
            _ => self.wrong(at, "the qualified name of a node, or its id"),
        }
    }

    /// A condition on `cpg_edges` that holds for the kinds.
    pub(super) fn kinds(&self, at: usize) -> Result<String> {
        match self.values.get(at) {
            None => Ok("true".to_owned()),
            Some(ScalarValue::Utf8(Some(kinds)) | ScalarValue::Utf8View(Some(kinds))) => {
                let kinds: Vec<String> = kinds.split(',').map(|kind| text(kind.trim())).collect();
                Ok(format!("kind in ({})", kinds.join(", ")))
            }
            _ => self.wrong(at, "kinds of edges, as 'CALL_GRAPH' or 'REACHES,FLOWS_TO'"),
        }
    }

    pub(super) fn direction(&self, at: usize) -> Result<Direction> {
        match self.values.get(at) {
            None => Ok(Direction::Out),
            Some(ScalarValue::Utf8(Some(name)) | ScalarValue::Utf8View(Some(name))) => {
                match name.as_str() {
                    "out" => Ok(Direction::Out),
                    "in" => Ok(Direction::In),
                    _ => self.wrong(at, "'out' or 'in'"),
                }
            }
            _ => self.wrong(at, "'out' or 'in'"),
        }
    }

    /// How many edges a walk may take.
    pub(super) fn depth(&self, at: usize) -> Result<u64> {
        match self.values.get(at) {
            None => Ok(FAR),
            Some(ScalarValue::Int64(Some(depth))) if *depth > 0 => {
                Ok(u64::try_from(*depth).unwrap_or(FAR))
            }
            _ => self.wrong(at, "how many edges at most"),
        }
    }

    /// What a name or id stands for in messages.
    pub(super) fn shown(&self, at: usize) -> String {
        self.values.get(at).map(ToString::to_string).unwrap_or_default()
    }

    fn wrong<T>(&self, at: usize, expected: &str) -> Result<T> {
        let (found, usage) = (self.shown(at), self.usage);
        Err(DataFusionError::Plan(format!("expected {expected}, found `{found}`: {usage}")))
    }
}

/// A text in SQL.
fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
