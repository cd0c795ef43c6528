//! `generate_cpg GRAMMAR OUT`: the parser of the grammar in the folder GRAMMAR, written to the folder OUT. Node reads
//! the grammar.

use std::error::Error;

use tree_sitter_generate::{OptLevel, generate_parser_in_directory};

/// What Neovim 0.7 reads, and everything since.
const ABI: usize = 14;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(grammar), Some(out)) = (args.next(), args.next()) else {
        return Err("expected the folder of the grammar, and that of the parser".into());
    };
    std::fs::create_dir_all(&out)?;
    let mut remarks = Vec::new();
    generate_parser_in_directory(
        grammar,
        Some(out),
        None::<&str>,
        ABI,
        None,
        None,
        true,
        OptLevel::default(),
        &mut remarks,
    )?;
    for remark in remarks {
        eprintln!("{remark:?}");
    }
    Ok(())
}
