//! Whether the program's policies fit its plans, found before any work is done.

use cpg_ir::manifest::ProgramManifest;
use cpg_ir::policy::{PolicyTarget, ValidateMode};
use cpg_plan::program::{Materialisation, ProgramPlans};

use crate::error::{EngineError, Result};

/// Looks for policies that can have no effect on what is planned.
///
/// # Errors
/// [`EngineError::UnfitPolicy`] for the first one, unless the program says that this is no error.
pub(crate) fn policies(manifest: &ProgramManifest, plans: &ProgramPlans) -> Result<()> {
    if manifest.policies().validate != ValidateMode::Error {
        return Ok(());
    }
    for (id, policies) in &manifest.policies().relations {
        let said = [policies.pruning.as_ref(), policies.pushdown.as_ref()];
        let for_it = said.into_iter().flatten().any(|one| one.target == PolicyTarget::Item);
        if for_it && let Some(inline @ Materialisation::Inline(_)) = plans.materialisation(id) {
            let issue = format!("no files of `{id}` are scanned, {inline}");
            return Err(EngineError::UnfitPolicy { issue });
        }
    }
    Ok(())
}
