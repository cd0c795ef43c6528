//! Places for what is found out beside a program's texts: from its plans, and from what a build left.

use cpg_base::{Code, Diagnostic, Severity};
use cpg_ir::spec::RelationId;

use crate::check::{absolute, name_range};
use crate::compile::whole_program;
use crate::db::Db;
use crate::graph::order;
use crate::members::relation_id;
use crate::policies::deciding;
use crate::problem::{Anchor, Problem};

/// Something that is wrong with a relation, found by somebody who knows no places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The relation.
    pub relation: RelationId,
    /// What of it is wrong.
    pub about: About,
    /// What kind of mistake.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What was expected and what was found.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
}

/// What of a relation is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The relation itself.
    Relation,
    /// What a policy says of how it is scanned.
    Scans,
    /// Its columns, of which a policy says whether they may change.
    Columns,
}

/// A finding where it is made: at the policy that it is about, or at the relation's name; at the program's start where
/// the program has no such item, which would be a defect.
pub fn placed(db: &dyn Db, finding: &Finding) -> Diagnostic {
    let mut items = order(db).items.iter().copied();
    let item = items.find(|item| relation_id(db, *item).as_ref() == Some(&finding.relation));
    let Finding { code, severity, message, help, .. } = finding.clone();
    let Some(item) = item else {
        return Diagnostic { help, severity, ..whole_program(db, code, message, "") };
    };
    let name = name_range(db, item);
    let mut problem = Problem::error(code, name, message);
    (problem.severity, problem.help) = (severity, help);
    let by = match finding.about {
        About::Relation => None,
        About::Scans => deciding(db, item, &["pruning", "pushdown"]),
        About::Columns => deciding(db, item, &["schema mode"]),
    };
    match (finding.about, by) {
        (About::Scans, Some(by)) => {
            problem.range = by.target;
            let problem = problem.label(Anchor::Name(item), "declared here");
            absolute(db, by.policy, &problem)
        }
        (_, Some(by)) => {
            let said = Anchor::Inside(by.policy, by.setting);
            absolute(db, item, &problem.label(said, "what holds for its columns"))
        }
        (_, None) => absolute(db, item, &problem),
    }
}
