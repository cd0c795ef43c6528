//! What a file is written in, by its name and first line.

/// A language that files are recognised as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say all")]
pub enum Language {
    Bash,
    C,
    Cpp,
    CSharp,
    Css,
    Go,
    Html,
    Java,
    JavaScript,
    Json,
    Kotlin,
    Markdown,
    Php,
    Python,
    ReStructuredText,
    Ruby,
    Rust,
    Scala,
    Sql,
    Swift,
    Toml,
    TypeScript,
    Xml,
    Yaml,
}

impl Language {
    /// The name in lower case, as evidence has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::C => "c",
            Self::Cpp => "cpp",
            Self::CSharp => "csharp",
            Self::Css => "css",
            Self::Go => "go",
            Self::Html => "html",
            Self::Java => "java",
            Self::JavaScript => "javascript",
            Self::Json => "json",
            Self::Kotlin => "kotlin",
            Self::Markdown => "markdown",
            Self::Php => "php",
            Self::Python => "python",
            Self::ReStructuredText => "restructuredtext",
            Self::Ruby => "ruby",
            Self::Rust => "rust",
            Self::Scala => "scala",
            Self::Sql => "sql",
            Self::Swift => "swift",
            Self::Toml => "toml",
            Self::TypeScript => "typescript",
            Self::Xml => "xml",
            Self::Yaml => "yaml",
        }
    }

    /// The language of a file by its name, or by its first bytes when the name has no extension.
    pub(crate) fn detect(path: &str, head: &[u8]) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => Self::of_extension(extension),
            _ => Self::of_shebang(head),
        }
    }

    fn of_extension(extension: &str) -> Option<Self> {
        Some(match extension {
            "sh" | "bash" => Self::Bash,
            "c" | "h" => Self::C,
            "cc" | "cpp" | "cxx" | "hh" | "hpp" | "hxx" => Self::Cpp,
            "cs" => Self::CSharp,
            "css" => Self::Css,
            "go" => Self::Go,
            "html" | "htm" => Self::Html,
            "java" => Self::Java,
            "js" | "jsx" | "mjs" | "cjs" => Self::JavaScript,
            "json" => Self::Json,
            "kt" | "kts" => Self::Kotlin,
            "md" => Self::Markdown,
            "php" => Self::Php,
            "py" | "pyi" => Self::Python,
            "rst" => Self::ReStructuredText,
            "rb" => Self::Ruby,
            "rs" => Self::Rust,
            "scala" => Self::Scala,
            "sql" => Self::Sql,
            "swift" => Self::Swift,
            "toml" => Self::Toml,
            "ts" | "tsx" | "mts" | "cts" => Self::TypeScript,
            "xml" => Self::Xml,
            "yaml" | "yml" => Self::Yaml,
            _ => return None,
        })
    }

    fn of_shebang(head: &[u8]) -> Option<Self> {
        let line = head.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
        let line = std::str::from_utf8(line).ok()?;
        let mut words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
        // `env` takes options and assignments before the program's name.
        let mut program = words.next()?;
        if program == "env" {
            program = words.find(|word| !word.starts_with('-') && !word.contains('='))?;
        }
        match program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
            "python" | "pypy" => Some(Self::Python),
            "sh" | "bash" => Some(Self::Bash),
            "ruby" => Some(Self::Ruby),
            "node" => Some(Self::JavaScript),
            "php" => Some(Self::Php),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_extension_then_by_shebang() {
        let python = Some(Language::Python);
        assert_eq!(Language::detect("a/b.py", b""), python);
        assert_eq!(Language::detect("a/b.pyi", b""), python);
        assert_eq!(Language::detect("bin/run", b"#!/usr/bin/env python3\nx"), python);
        assert_eq!(Language::detect("bin/run", b"#!/usr/bin/env -S A=1 python3.12 -u\n"), python);
        assert_eq!(Language::detect("bin/run", b"#!/opt/bin/pypy3"), python);
        assert_eq!(Language::detect("bin/run", b"#!/bin/sh\n"), Some(Language::Bash));
        assert_eq!(Language::detect("bin/run", b"import os"), None);
        assert_eq!(Language::detect("a.txt", b"#!/usr/bin/python\n"), None);
        assert_eq!(Language::detect("bin/run", b"#!\xff\xfepython"), None);
    }
}
