//! Words of the language, with what usually follows them.

use cpg_syntax::{ItemKeyword, Next};

use super::{Completion, CompletionKind as Kind, Typing};
use crate::words;

/// What usually follows the keyword of an item; the keyword alone where nothing is said.
const ITEMS: &[(&str, &str)] = &[
    ("use", "use ${1:module}.${2:name}"),
    ("const", "const ${1:NAME} = $0"),
    ("fn", "fn ${1:name}(${2:value}: ${3:int}) = $0"),
    ("schema", "schema ${1:Name} {\n  $0\n}"),
    ("evidence", "evidence ${1:table} from extractor ${2:key} {\n  $0\n}"),
    (
        "normalize",
        "normalize ${1:name} from ${2:source} as ${3:s} {\n  id ${1:name}_id in \"${1:name}\"\n  span $3.start .. $3.end\n  $0\n}",
    ),
    ("relate", "relate ${1:name} from ${2:left} as a to ${3:right} as b {\n  on $0\n}"),
    ("union", "union ${1:name}: ${2:Schema} of ${0:members}"),
    ("view", "view ${1:name} =\n  from ${2:source} as ${3:s}\n  $0"),
    ("fixpoint", "fixpoint ${1:name} bound ${2:64} {\n  view ${3:name} =\n      $0\n}"),
    ("closure", "closure ${1:name} over ${2:relation} { from ${3:src} to ${4:dst} }"),
    ("export", "export $0"),
    ("check", "check $0"),
];

/// What usually follows the first word of a clause or a step.
const CLAUSES: &[(&str, &str)] = &[
    ("id", "id ${1:name}_id in \"${2:namespace}\""),
    ("span", "span ${1:start} .. ${2:end}"),
    ("text", "text ${1:name} = ${2:value} nfc"),
    ("key", "key ${1:name} -> ${2:entity} at ${3:start} .. ${4:end}"),
    ("derive", "derive ${1:name} = $0"),
    ("node", "node \"${1:KIND}\" { $0 }"),
    ("feature", "feature ${1:name} = ${2:value} weight ${3:1}"),
    ("rank", "rank per ${1:key} by ${2:score desc} keep ${3:1}"),
    ("edge", "edge \"${1:KIND}\""),
    ("provider", "provider \"$0\""),
    ("join", "join ${1:relation} as ${2:r} on $0"),
    ("left", "left join ${1:relation} as ${2:r} on $0"),
    ("semi", "semi join ${1:relation} as ${2:r} on $0"),
    ("anti", "anti join ${1:relation} as ${2:r} on $0"),
    ("select", "select { $0 }"),
    ("group", "group by ${1:key} { $0 }"),
    ("dedupe", "dedupe per ${1:key} keep best $0"),
    ("sort", "sort ${1:key} limit ${2:10}"),
    ("fuse", "fuse per ${1:key} { $0 }"),
    ("if", "if ${1:condition} then ${2:value} else ${3:value}"),
    ("case", "case { ${1:condition} => ${2:value}, else => ${3:value} }"),
];

/// The keywords of items.
pub(super) fn item_keywords(place: &Typing<'_>, found: &mut Vec<Completion>) {
    for keyword in ItemKeyword::ALL {
        let mut one = word(place, keyword.as_str(), ITEMS);
        one.docs = Some(words::item(*keyword).to_owned());
        found.push(one);
    }
}

/// The words that may come next; what begins a clause with what usually follows.
pub(super) fn clauses(
    place: &Typing<'_>,
    keyword: ItemKeyword,
    next: &Next,
    found: &mut Vec<Completion>,
) {
    let clauses: &[&str] = if next.clause { keyword.clauses() } else { &[] };
    let inner = next.words.iter().map(String::as_str).filter(|word| !clauses.contains(word));
    let expression: &[&str] =
        if next.expression { &["if", "case", "not", "null", "true", "false"] } else { &[] };
    for (list, rank) in [(clauses, 4), (expression, 8)] {
        for text in list {
            let own = matches!(keyword, ItemKeyword::Check | ItemKeyword::Test);
            let mut one = word(place, text, if own { &[] } else { CLAUSES });
            // `derive` is a clause with one column and a step with several.
            if keyword == ItemKeyword::View && *text == "derive" {
                one.insert = "derive { ${1:name}: $0 }".to_owned();
            }
            one.rank = rank;
            found.push(one);
        }
    }
    for text in inner {
        let mut one = word(place, text, &[]);
        one.rank = 4;
        found.push(one);
    }
}

fn word(place: &Typing<'_>, text: &str, snippets: &[(&str, &str)]) -> Completion {
    let mut one = place.completion(text, Kind::Keyword);
    one.docs = words::explained(text).map(str::to_owned);
    if let Some((_, snippet)) = snippets.iter().find(|(own, _)| *own == text) {
        one.insert = (*snippet).to_owned();
        one.snippet = true;
        one.kind = Kind::Snippet;
    }
    one
}
