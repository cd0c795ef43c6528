//! The pages of the parser's codes: the program that fails does so with that code, the other one parses.

use cpg_base::Code;

use crate::render::all_errors;

/// The programs of a page that stand in blocks which begin so.
fn programs(page: &str, fence: &str) -> Vec<String> {
    let mut programs = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line == fence {
            let program = lines.by_ref().take_while(|line| *line != "```");
            programs.push(program.map(|line| format!("{line}\n")).collect());
        } else if line.starts_with("```") {
            lines.by_ref().find(|line| *line == "```");
        }
    }
    programs
}

#[test]
fn examples_do_what_their_pages_say() {
    let codes = [
        Code::Syntax,
        Code::UnknownItem,
        Code::UnterminatedString,
        Code::UnterminatedComment,
        Code::NestingTooDeep,
        Code::ConfusingText,
    ];
    for code in codes {
        let failing = programs(code.page(), "```cpg fail");
        let right = programs(code.page(), "```cpg");
        assert!(!failing.is_empty() && !right.is_empty(), "{code} lacks examples");
        for program in failing {
            let found: Vec<Code> = all_errors(&program).iter().map(|error| error.code).collect();
            assert_eq!(found, [code], "{program}");
        }
        for program in right {
            assert_eq!(all_errors(&program), [], "{program}");
        }
    }
}
