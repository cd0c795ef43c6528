; Written by `cargo xtask editors generate`.

; What words and names are. Where several patterns match, the last one counts.

; Names

(identifier) @variable

(column_path (identifier) @property)
(named_expression name: (identifier) @property)
(column name: (identifier) @property)
(field_expression field: (identifier) @property)
(checked_columns column: (identifier) @property)
(covering column: (identifier) @property)
(keep_column (identifier) @property)
(id_clause name: (identifier) @property)
(text_clause name: (identifier) @property)
(key_clause name: (identifier) @property)
(derive_clause name: (identifier) @property)
(feature_clause name: (identifier) @property)
(fuse_clause per: (identifier) @property)
(partition_setting column: (identifier) @property)
(stats_setting column: (identifier) @property)
(named_argument name: (identifier) @variable.parameter)
(policy_item policy: (identifier) @keyword)
(policy_item target: (identifier) @type)
(word_setting value: (identifier) @constant)
(selector key: (identifier) @property value: (identifier) @constant)
(union_item by: (identifier) @property)

(parameter name: (identifier) @variable.parameter)
(row_source alias: (identifier) @variable.parameter)

(type_identifier) @type
(schema_item name: (identifier) @type)
(evidence_item name: (identifier) @type)
(normalize_item name: (identifier) @type)
(relate_item name: (identifier) @type)
(union_item name: (identifier) @type)
(view_item name: (identifier) @type)
(fixpoint_item name: (identifier) @type)
(closure_item name: (identifier) @type)
(template_item name: (identifier) @type)
(export_item name: (identifier) @type)
(row_source relation: (identifier) @type)
(relations (identifier) @type)
(key_clause entity: (identifier) @type)
(checked_columns relation: (identifier) @type)
(covering relation: (identifier) @type)
(coverage_rule relation: (identifier) @type)
(empty_rule relation: (identifier) @type)

(const_item name: (identifier) @constant)
(fn_item name: (identifier) @function)
(call_expression function: (identifier) @function.call)
(text_clause function: (identifier) @function.call)
(_ template: (identifier) @function.call)

(dotted_name (identifier) @type)
(use_item module: (identifier) @type)
(use_name (identifier) @type)
(use_item alias: (identifier) @type)

(attribute "@" @attribute name: (identifier) @attribute)

; Literals

(string) @string
(escape_sequence) @string.escape
(integer) @number
(quantity) @number
(decimal) @number.float
(boolean) @boolean
(null) @constant.builtin

; Words

; BEGIN keywords (cargo xtask editors)
[
  "accepted"
  "after"
  "all"
  "and"
  "anti"
  "arrow"
  "as"
  "asc"
  "at"
  "before"
  "best"
  "between"
  "bound"
  "by"
  "case"
  "cast"
  "change_feed"
  "check"
  "checkpoint"
  "closure"
  "confidence"
  "const"
  "contains"
  "coverage"
  "csv"
  "dedupe"
  "delta"
  "depth"
  "derive"
  "desc"
  "distinct"
  "edge"
  "edges"
  "else"
  "empty"
  "error"
  "every"
  "evidence"
  "expect"
  "export"
  "extractor"
  "feature"
  "fixpoint"
  "fn"
  "for"
  "from"
  "fuse"
  "given"
  "group"
  "id"
  "if"
  "in"
  "is"
  "join"
  "keep"
  "key"
  "left"
  "limit"
  "mode"
  "ndjson"
  "node"
  "nodes"
  "normalize"
  "not"
  "not_null"
  "of"
  "on"
  "optimize"
  "or"
  "over"
  "overlaps"
  "parquet"
  "partition"
  "per"
  "policy"
  "props"
  "provider"
  "pruning"
  "pushdown"
  "rank"
  "references"
  "relate"
  "require"
  "retain"
  "schema"
  "score"
  "select"
  "semi"
  "severity"
  "sort"
  "span"
  "sql"
  "stats"
  "target_file_size"
  "template"
  "test"
  "text"
  "then"
  "to"
  "touches"
  "union"
  "unique"
  "unless"
  "unnest"
  "use"
  "vacuum"
  "via"
  "view"
  "warn"
  "weight"
  "when"
  "where"
  "window"
  "within"
] @keyword
; END keywords

; Punctuation

["==" "!=" "<=" ">=" "<" ">" "=" "??" "+" "-" "*" "/" "%" "|" "->" "=>" ".." "?"] @operator
["(" ")" "{" "}"] @punctuation.bracket
(type ["<" ">"] @punctuation.bracket)
["," "." ":"] @punctuation.delimiter

; Comments

[(line_comment) (block_comment)] @comment
[(doc_comment) (module_comment)] @comment.doc
