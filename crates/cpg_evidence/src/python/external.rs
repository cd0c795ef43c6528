//! The extractor `python.external`: the distributions that are installed for the chosen interpreter.
//!
//! A row stands under the path of the metadata that it is from, below the folder that the distribution is installed in. Of
//! two distributions of one name there is the one that comes first on the interpreter's path, as for
//! `importlib.metadata`. Where no interpreter was chosen nothing is known, and there are no rows.

use std::borrow::Cow;

use super::environment::{Distribution, normalized};
use crate::table::{needed, tables};

tables! {
    /// The distributions that are installed for the chosen interpreter.
    distributions in file by () {
        /// As its authors write it.
        name: Str,
        /// The name as installers compare it: in small letters, with `-` between its parts.
        normalized_name: Str,
        version: Opt<Str>,
        summary: Opt<Str>,
        /// The versions of Python that it is for, as in `>=3.9`.
        requires_python: Opt<Str>,
    }

    /// The top-level modules that distributions offer to imports.
    distribution_modules in file by (module) {
        /// The distribution's name, as its authors write it.
        distribution: Str,
        module: Str,
    }

    /// What distributions need.
    distribution_requirements in file by (position) {
        /// The distribution's name, as its authors write it.
        distribution: Str,
        /// Among all that it needs, from 0.
        position: Int,
        /// The name of what it needs, as installers compare it.
        normalized_name: Str,
        /// As written, with versions and conditions.
        text: Str,
    }
}

crate::table::extractor! {
    "python.external" version 1: "The distributions that the chosen interpreter has, their modules and what they need";
    distributions: distributions,
    modules: distribution_modules,
    requirements: distribution_requirements,
}

/// The rows of one distribution.
pub(crate) fn rows<'m>(plan: &Plan, of: &'m Distribution) -> Rows<'m> {
    let name = || Cow::Borrowed(of.name.as_str());
    let optional = |text: &'m Option<String>| text.as_deref().map(Cow::Borrowed);
    Rows {
        distributions: needed(&plan.distributions, |_| {
            vec![distributions::Row {
                name: name(),
                normalized_name: Cow::Owned(normalized(&of.name)),
                version: optional(&of.version),
                summary: optional(&of.summary),
                requires_python: optional(&of.requires_python),
            }]
        }),
        modules: needed(&plan.modules, |_| {
            let row = |module: &'m String| distribution_modules::Row {
                distribution: name(),
                module: Cow::Borrowed(module),
            };
            of.top_level.iter().map(row).collect()
        }),
        requirements: needed(&plan.requirements, |_| {
            let row = |(position, text): (usize, &'m String)| distribution_requirements::Row {
                distribution: name(),
                position: super::count(position),
                normalized_name: Cow::Owned(normalized(required(text))),
                text: Cow::Borrowed(text),
            };
            of.requires.iter().enumerate().map(row).collect()
        }),
    }
}

/// The name in a requirement, in front of extras, versions and conditions.
fn required(text: &str) -> &str {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.split(|c| !is_part(c)).next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    #[test]
    fn requirements_begin_with_a_name() {
        assert_eq!(super::required("click>=8.1; extra == 'cli'"), "click");
        assert_eq!(super::required("zope.interface [test] (>=5)"), "zope.interface");
    }
}
