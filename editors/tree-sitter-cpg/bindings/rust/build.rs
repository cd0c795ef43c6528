//! Compiles the generated parser and its scanner.

fn main() {
    let sources = ["src/parser.c", "src/scanner.c"];
    cc::Build::new().std("c11").include("src").files(sources).compile("tree-sitter-cpg");
    println!("cargo:rerun-if-changed=src");
}
