//! `cargo xtask book`: the lists of pages in `docs/` that follow from which pages there are.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::process::{Outcome, root};

/// The folders of which each page is listed by itself, below their `README.md`.
const LISTED: [&str; 2] = ["decisions", "errors"];

/// Writes the lists.
pub fn run(_args: &[String]) -> Outcome {
    for (path, text) in lists(&root().join("docs"))? {
        fs::write(root().join("docs").join(path), text)?;
    }
    Ok(())
}

/// Each as a line for people: lists that are out of date, pages that the table of contents leaves out, links to nothing.
pub fn violations(root: &Path) -> Outcome<Vec<String>> {
    let docs = root.join("docs");
    let mut found = Vec::new();
    for (path, text) in lists(&docs)? {
        if fs::read_to_string(docs.join(path)).ok().as_ref() != Some(&text) {
            found.push(format!("docs/{path} is out of date; `cargo xtask book` writes it"));
        }
    }
    let summary = fs::read_to_string(docs.join("SUMMARY.md"))?;
    for path in pages(&docs)? {
        let text = fs::read_to_string(docs.join(&path))?;
        if path != "SUMMARY.md" && !summary.contains(&format!("]({path})")) {
            found.push(format!("docs/SUMMARY.md leaves out `{path}`"));
        }
        let folder = Path::new(&path).parent().unwrap_or(Path::new(""));
        for target in targets(&text) {
            if !docs.join(folder).join(target).exists() {
                found.push(format!("docs/{path} links to `{target}`, which is not there"));
            }
        }
    }
    Ok(found)
}

/// The generated pages, by their paths below `docs`.
fn lists(docs: &Path) -> Outcome<Vec<(&'static str, String)>> {
    let mut summary = fs::read_to_string(docs.join("SUMMARY.md"))?;
    let mut titles: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    for path in pages(docs)? {
        let Some((folder, name)) = path.split_once('/') else { continue };
        let Some(folder) = LISTED.into_iter().find(|listed| *listed == folder) else { continue };
        if name != "README.md" {
            let text = fs::read_to_string(docs.join(&path))?;
            titles.entry(folder).or_default().push((path.clone(), text));
        }
    }
    for (folder, pages) in &titles {
        let title = |text: &str| {
            text.lines().next().unwrap_or_default().trim_start_matches("# ").to_owned()
        };
        let entries = pages.iter().map(|(path, text)| format!("[{}]({path})", title(text)));
        summary = listed(&summary, folder, &entries.collect::<Vec<_>>());
    }
    let mut errors = String::from(ERRORS);
    for (path, text) in titles.get("errors").into_iter().flatten() {
        let name = path.trim_start_matches("errors/");
        let code = name.trim_end_matches(".md");
        errors.push_str(&format!("- [`{code}`]({name}): {}\n", first_sentence(text)));
    }
    Ok(vec![("SUMMARY.md", summary), ("errors/README.md", errors)])
}

const ERRORS: &str = "# Errors

Each diagnostic has a code, and each code a page: what is wrong, a program that is wrong so, and one that is not. The
tests run both. `cpglang explain CODE` prints a page.

";

/// A table of contents with exactly `entries` below the entry of a folder's `README.md`.
fn listed(summary: &str, folder: &str, entries: &[String]) -> String {
    let readme = format!("]({folder}/README.md)");
    let mut text = String::new();
    for line in summary.lines() {
        if line.contains(&format!("]({folder}/")) && !line.contains(&readme) {
            continue;
        }
        text.push_str(line);
        text.push('\n');
        if line.contains(&readme) {
            let indent = line.len() - line.trim_start().len() + 2;
            for entry in entries {
                text.push_str(&format!("{:indent$}- {entry}\n", ""));
            }
        }
    }
    text
}

/// The first sentence of a page below its title, on one line.
fn first_sentence(page: &str) -> String {
    let body = page.lines().skip(1).skip_while(|line| line.is_empty());
    let paragraph = body.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |dot| dot + 1);
    paragraph[..end].to_owned()
}

/// What a page links to or includes, of files here.
fn targets(text: &str) -> Vec<&str> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let included = text.split("{{#include ").skip(1).filter_map(|rest| rest.split("}}").next());
    let is_file = |target: &&str| {
        !target.is_empty()
            && !target.contains("://")
            && !target.starts_with('#')
            && !target.contains(' ')
    };
    let file = |target: &'_ str| target.split('#').next().unwrap_or_default().len();
    links.chain(included).filter(is_file).map(|target| &target[..file(target)]).collect()
}

/// The pages below a folder, by their paths with `/`, sorted.
fn pages(docs: &Path) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    let mut pending = vec![docs.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let below = path.strip_prefix(docs)?;
                found.push(below.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stand_below_their_folder_and_replace_older_ones() {
        let before = "- [Errors](errors/README.md)\n  - [old](errors/old.md)\n- [More](more.md)\n";
        let after = listed(before, "errors", &["[new](errors/new.md)".to_owned()]);
        assert_eq!(
            after,
            "- [Errors](errors/README.md)\n  - [new](errors/new.md)\n- [More](more.md)\n"
        );
        assert_eq!(listed(&after, "errors", &["[new](errors/new.md)".to_owned()]), after);
    }

    #[test]
    fn links_and_included_files_are_found() {
        let text = "[a](x/y.md#z) and [b](https://example.org), {{#include ../c.md}}, [d](#e)";
        assert_eq!(targets(text), ["x/y.md", "../c.md"]);
    }

    #[test]
    fn sentences_end_at_their_dots() {
        assert_eq!(first_sentence("# t\n\nOne. Two.\n\nThree."), "One.");
        assert_eq!(first_sentence("# t\n\nOne\ntwo."), "One two.");
    }
}
