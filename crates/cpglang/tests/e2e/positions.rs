//! Places given by lines and columns, from files of evidence to the bytes of real sources.

use crate::sandbox::Sandbox;

const PROGRAM: &str = "\
use std.files.repo_files

evidence marks from csv \"marks.csv\" {
  path: string
  line: Line<0>
  column: Col<utf16, 0>
  end_line: Line<0>
  end_column: Col<utf16, 0>
}

view placed =
  from marks as m
  join repo_files as f on m.path == f.path
  select { f.file_id, f.path, m.line, m.column, m.end_line, m.end_column }

normalize mark from placed as m {
  id mark_id in \"mark\"
  span position(m.line, m.column) .. position(m.end_line, m.end_column)
}

export mark
";

/// The same places, counted from the files' starts in UTF-16, in characters and in the text as UTF-8.
const OFFSETS: &str = "\
use std.files.repo_files

evidence marks from csv \"offsets.csv\" { path: string, start: Offset<utf16>, end: Offset<utf32>, tail: Offset<utf8> }

view placed =
  from marks as m
  join repo_files as f on m.path == f.path
  select { f.file_id, f.path, m.start, m.end, m.tail }

normalize mark from placed as m {
  id mark_id in \"mark\"
  span position(m.start) .. position(m.end)
}

normalize rest from placed as m {
  id rest_id in \"rest\"
  span position(m.start) .. position(m.tail)
}

export mark, rest
";

#[test]
fn offsets_in_other_units_become_bytes_of_their_files() {
    let sandbox = Sandbox::new();
    let wide = "x = '𝒳'\r\n\r\ny = 'é𝒳', ключ\nz\n";
    sandbox.write("code/wide.py", wide);
    sandbox.write("code/marked.py", "\u{feff}é = 1\nключ\n");
    sandbox.write("code/latin.py", b"# coding: latin-1\ns = '\xe9\xe8'\nkey\n");
    let mut rows = "path,start,end,tail\n".to_owned();
    let mut expected = Vec::new();
    // What each unit says is counted here from the text itself.
    let mut mark = |path: &str, text: &str, word: &str, byte: usize, length: usize| {
        let (before, word) = (&text[..text.find(word).expect("it is there")], word);
        let start = before.encode_utf16().count();
        let end = before.chars().count() + word.chars().count();
        rows.push_str(&format!("{path},{start},{end},{}\n", before.len() + word.len()));
        expected.push(format!("{path} {byte} {}", byte + length));
    };
    let key = wide.find("ключ").expect("it is there");
    mark("wide.py", wide, "ключ", key, "ключ".len());
    mark("wide.py", wide, "x", 0, 1);
    mark("wide.py", wide, wide, 0, wide.len());
    mark("wide.py", wide, "𝒳'\r\n\r\ny", 5, "𝒳'\r\n\r\ny".len());
    mark("marked.py", "é = 1\nключ\n", "ключ", 10, 8);
    mark("latin.py", "# coding: latin-1\ns = 'éè'\nkey\n", "key", 27, 3);
    // The second unit of a letter that has two, and behind the end.
    rows.push_str("wide.py,6,9,9\nwide.py,0,500,500\n");
    sandbox.write("code/offsets.csv", rows);
    sandbox.write("code/marks.cpg", OFFSETS);
    sandbox.build("code");
    expected.sort();
    for table in ["mark", "rest"] {
        let rows = format!("select path || ' ' || span.start || ' ' || span.end from {table}");
        let mut found = sandbox.column("code/.cpglang", &rows);
        found.sort();
        assert_eq!(found, expected, "{table}");
    }
}

#[test]
fn lines_and_columns_become_bytes_of_their_files() {
    let sandbox = Sandbox::new();
    // A word of two bytes a letter, behind letters of two and four bytes; a mark in front; an encoding of one byte a letter.
    let wide = "x = 1\r\ny = 'é𝒳', ключ\n";
    sandbox.write("code/wide.py", wide);
    sandbox.write("code/marked.py", "\u{feff}é = ключ\n");
    sandbox.write("code/latin.py", b"# coding: latin-1\ns = '\xe9\xe8', key\n");
    sandbox.write("code/marks.cpg", PROGRAM);
    sandbox.write(
        "code/marks.csv",
        "path,line,column,end_line,end_column\n\
         wide.py,1,11,1,15\n\
         wide.py,0,4,2,0\n\
         wide.py,1,7,1,15\n\
         wide.py,1,11,1,16\n\
         wide.py,3,0,3,0\n\
         marked.py,0,4,0,8\n\
         latin.py,1,10,1,13\n",
    );
    sandbox.build("code");
    let rows = "select path || ' ' || span.start || ' ' || span.end from mark order by 1";
    let found = sandbox.column("code/.cpglang", rows);
    let key = wide.find("ключ").expect("the word is there");
    let whole = format!("wide.py 4 {}", wide.len());
    let word = format!("wide.py {key} {}", key + "ключ".len());
    // What begins within a character or ends behind its line is none.
    assert_eq!(found, ["latin.py 28 31", "marked.py 8 16", &word, &whole]);

    // An edit moves what stands behind it.
    sandbox.write("code/wide.py", wide.replace("x = 1", "xyz = 1"));
    sandbox.build("code");
    let found = sandbox.column("code/.cpglang", rows);
    let word = format!("wide.py {} {}", key + 2, key + 2 + "ключ".len());
    assert!(found.contains(&word), "{found:?}");
}
