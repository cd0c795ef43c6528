//! `cpglang explain CODE`.

use std::io::{self, Write as _};

use cpg_base::{Code, nearest};

use crate::args::ExplainArgs;
use crate::failure::Failure;

/// Prints the page of a code.
pub(crate) fn explain(args: &ExplainArgs) -> Result<(), Failure> {
    let code = Code::from_id(&args.code).ok_or_else(|| unknown(&args.code))?;
    io::stdout().lock().write_all(code.page().as_bytes()).map_err(Failure::output)
}

fn unknown(name: &str) -> Failure {
    let known = || Code::ALL.iter().map(|code| code.id());
    let help = match nearest(name, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the codes are {}", known().collect::<Vec<_>>().join(", ")),
    };
    Failure::usage(format!("there is no code `{name}`"), help)
}
