//! What only plans and builds tell of a program, in the same words for `check` and for editors.

use cpg_base::{Code, Severity};
use cpg_engine::{EngineError, Foresight, Location};
use cpg_hir::{About, Finding};
use cpg_ir::manifest::ProgramManifest;
use cpg_ir::policy::{SchemaMode, ValidateMode};
use cpg_plan::policy::{IssueCode, PolicyIssue};
use cpg_plan::{PlanError, ProgramPlans, policy};

use crate::failure::Failure;

/// A program that compiles, looked at as a build would look at it.
pub(crate) struct Foreseen {
    /// Its plans, unless one cannot be made.
    pub plans: Option<ProgramPlans>,
    /// What is known before it is built.
    pub foresight: Foresight,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// Why it could not be looked at as a whole, if that is so.
    pub failed: Option<EngineError>,
}

/// How closely a program is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Plans are made where something is declared of which only they tell whether it fits. What checks can be planned.
    AsDeclared,
    /// Plans are made, to be shown.
    WithPlans,
}

/// Compares a program with its plans and with the newest build below `out`.
pub(crate) fn foresee(manifest: &ProgramManifest, out: &Location, look: Look) -> Foreseen {
    let mut seen = Foreseen {
        plans: None,
        foresight: Foresight::default(),
        findings: Vec::new(),
        failed: None,
    };
    if look == Look::WithPlans || manifest.policies().ask_of_plans() {
        match ProgramPlans::new(manifest) {
            Ok(plans) => seen.plans = Some(plans),
            Err(error) => seen.findings.push(unplanned(error)),
        }
    }
    match cpg_engine::foresee(manifest, seen.plans.as_ref(), out) {
        Ok(foresight) => seen.foresight = foresight,
        Err(error) => seen.failed = Some(error),
    }
    let mode = manifest.policies().validate;
    seen.findings.extend(seen.foresight.issues.iter().map(|issue| unfit(issue, mode)));
    for (relation, columns) in seen.foresight.published.iter().flat_map(|build| &build.tables) {
        let severity = match columns.mode {
            SchemaMode::Evolve => continue,
            SchemaMode::Warn => Severity::Warning,
            SchemaMode::Strict => Severity::Error,
        };
        let Some(divergence) = columns.divergence.clone() else { continue };
        let error = EngineError::SchemaDiverged { divergence: Box::new(divergence) };
        seen.findings.push(Finding {
            relation: relation.clone(),
            about: About::Columns,
            code: error.code(),
            severity,
            message: error.to_string(),
            help: error.help().filter(|_| severity == Severity::Error),
        });
    }
    seen
}

/// What a build would refuse, or would warn of.
fn unfit(issue: &PolicyIssue, mode: ValidateMode) -> Finding {
    let refused = issue.code.severity() == policy::Severity::Error && mode == ValidateMode::Error;
    let about = match issue.code {
        IssueCode::ScanPolicyWithoutScan | IssueCode::SmallInputScanPolicy => About::Scans,
        IssueCode::UdfMissing | IssueCode::UdfVersion | IssueCode::DeltaProtocolIncompatible => {
            About::Relation
        }
    };
    Finding {
        relation: issue.relation.clone(),
        about,
        code: Code::UnfitPolicy,
        severity: if refused { Severity::Error } else { Severity::Warning },
        message: issue.to_string(),
        help: EngineError::UnfitPolicy { issues: Vec::new() }.help().filter(|_| refused),
    }
}

/// What checking lets through can be planned; told instead of panicking should that ever not hold.
fn unplanned(error: PlanError) -> Finding {
    let failure = Failure::Defect(error.to_string());
    Finding {
        relation: error.relation,
        about: About::Relation,
        code: Code::Internal,
        severity: Severity::Error,
        message: failure.message().unwrap_or_default(),
        help: failure.help(),
    }
}
