//! `cpglang explain ITEM|CODE`.

mod decisions;
mod facts;

use std::io::{self, Write as _};

use cpg_base::{Code, System, nearest};
use cpg_plan::ProgramPlans;

use super::item;
use crate::args::ExplainArgs;
use crate::console::{Console, Message};
use crate::failure::Failure;
use crate::profile::Profile;
use crate::{load, program};

use self::facts::Facts;

/// Prints the page of a code, or all that is known of an item.
pub(crate) fn explain(
    system: &dyn System,
    profile: &Profile,
    args: &ExplainArgs,
    console: &Console,
) -> Result<(), Failure> {
    let text = match Code::from_id(&args.what) {
        Some(code) => code.page().to_owned(),
        None => of_item(system, profile, args, console)?,
    };
    io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::output)
}

fn of_item(
    system: &dyn System,
    profile: &Profile,
    args: &ExplainArgs,
    console: &Console,
) -> Result<String, Failure> {
    let roots = args.place.source.roots(&args.program.program);
    let loaded = load::program(system, &profile.external, roots)?;
    let program::Whole { model, manifest, inferred } = program::whole(loaded, console)?;
    let relation = match item::relation(&model, &args.what) {
        Ok(relation) => relation,
        Err(unknown) => return Err(perhaps_a_code(&args.what, unknown)),
    };
    let built = manifest.ir().relation(&relation.id).is_some();
    let manifest = match built {
        true => manifest,
        false => cpg_hir::compile_alone(&model, &relation.id, &cpg_evidence::catalog())
            .map_err(|error| Failure::Defect(error.to_string()))?,
    };
    let plans = ProgramPlans::new(&manifest).map_err(|error| Failure::Defect(error.to_string()))?;
    let out = &args.place.out()?;
    let inferred = inferred.get(&relation.id).map_or(&[][..], Vec::as_slice);
    let (model, manifest, plans) = (&model, &manifest, &plans);
    let facts = Facts { model, manifest, plans, relation, inferred, built, out };
    if console.is_json() {
        let text = serde_json::to_string(&Message::new("explanation", facts.json(args)?));
        return text.map(|text| text + "\n").map_err(|error| Failure::output(error.into()));
    }
    facts.text(args)
}

/// A name that is no item's may be a code that is misspelt.
fn perhaps_a_code(name: &str, unknown: Failure) -> Failure {
    let codes = || Code::ALL.iter().map(|code| code.id());
    match nearest(name, codes()) {
        Some(near) => Failure::usage(
            format!("there is no item and no code `{name}`"),
            format!("did you mean `{near}`?"),
        ),
        // A code has no capitals and no dots.
        None if name.contains(|c: char| c.is_ascii_uppercase()) => Failure::usage(
            format!("there is no item and no code `{name}`"),
            format!("the codes are {}", codes().collect::<Vec<_>>().join(", ")),
        ),
        None => unknown,
    }
}
