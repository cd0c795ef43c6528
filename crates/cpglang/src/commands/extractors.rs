//! Extractors by the names that users give.

use cpg_base::nearest;
use cpg_evidence::ExternalCommands;
use cpg_ir::catalog::ExtractorSignature;

use crate::failure::Failure;

/// The extractors of those keys, or all for none, in the order of their keys.
pub(super) fn chosen(
    keys: &[String],
    external: &ExternalCommands,
) -> Result<Vec<(String, ExtractorSignature)>, Failure> {
    let mut all = cpg_evidence::catalog_with(external).extractors;
    if keys.is_empty() {
        return Ok(all.into_iter().collect());
    }
    if let Some(unknown) = keys.iter().find(|key| !all.contains_key(*key)) {
        let known = all.keys().map(String::as_str);
        return Err(unknown_name("extractor", unknown, known));
    }
    all.retain(|key, _| keys.contains(key));
    Ok(all.into_iter().collect())
}

/// A name that nothing of that kind has.
pub(super) fn unknown_name<'a>(
    kind: &str,
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Failure {
    let help = match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the {kind}s are {}", known.collect::<Vec<_>>().join(", ")),
    };
    Failure::usage(format!("there is no {kind} `{name}`"), help)
}
