//! `cpglang test`.

mod report;

use std::sync::Arc;

use cpg_base::{System, nearest};
use cpg_engine::{RuntimeProfile, TestOutcome, TestRunner};
use cpg_hir::{ProgramTests, TestCase};
use cpg_plan::TestPlan;

use crate::args::TestArgs;
use crate::console::Console;
use crate::failure::Failure;
use crate::load;
use crate::profile::Profile;
use crate::program;

pub(crate) use self::report::difference;

use self::report::Report;

/// Runs the tests of a program in memory. No data is touched.
pub(crate) fn test(
    system: &dyn System,
    profile: &Profile,
    args: &TestArgs,
    console: &Console,
) -> Result<(), Failure> {
    let roots = args.source.roots(&args.paths);
    let (texts, program) =
        program::tests(load::program(system, &profile.external, roots)?, console)?;
    let chosen = choose(&program, args)?;
    let runner = runner()?;
    let mut report = Report::new(console, &texts);
    for case in chosen {
        let outcome = run(&runner, &program, case)?;
        report.case(case, &outcome)?;
    }
    if report.finish()? { Ok(()) } else { Err(Failure::Tests) }
}

/// The project's tests of selected items whose names contain the filter.
fn choose<'a>(program: &'a ProgramTests, args: &TestArgs) -> Result<Vec<&'a TestCase>, Failure> {
    let selected = args.select.of_all(&program.model)?;
    let own = program.tests.iter().filter(|case| !case.is_library());
    let own: Vec<&TestCase> = own.filter(|case| selected.contains(&case.test.target)).collect();
    if own.is_empty() && args.select.is_given() {
        let help = "`cpglang test` runs all tests and shows their names; `X+` selects what is computed from X, too";
        return Err(Failure::usage("what is selected has no tests".to_owned(), help.to_owned()));
    }
    let Some(filter) = args.filter.as_deref() else { return Ok(own) };
    let chosen: Vec<&TestCase> =
        own.iter().copied().filter(|case| case.test.name.contains(filter)).collect();
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    let help = match nearest(filter, own.iter().map(|case| case.test.name.as_str())) {
        Some(near) => format!("the nearest name is \"{near}\""),
        None => "`cpglang test` runs all of them and shows their names".to_owned(),
    };
    Err(Failure::usage(format!("no test's name contains \"{filter}\""), help))
}

/// Who runs tests here.
pub(crate) fn runner() -> Result<TestRunner, Failure> {
    let runtime = RuntimeProfile::new(".", ".");
    Ok(TestRunner::new(runtime.threads, runtime.memory_bytes)?)
}

/// Runs one.
pub(crate) fn run(
    runner: &TestRunner,
    program: &ProgramTests,
    case: &TestCase,
) -> Result<TestOutcome, Failure> {
    let defect =
        |error: &dyn std::fmt::Display| Failure::Defect(format!("\"{}\": {error}", case.test.name));
    let manifest = program.manifest(&case.test).map_err(|error| defect(&error))?;
    let plan = TestPlan::new(&case.test, &manifest).map_err(|error| defect(&error))?;
    Ok(runner.run(Arc::new(plan))?)
}
