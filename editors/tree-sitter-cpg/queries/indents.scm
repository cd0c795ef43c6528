; Indentation in the names of nvim-treesitter.

[
  (use_group)
  (columns)
  (body)
  (named_block)
  (case_expression)
  (arguments)
  (parameters)
  (in_expression)
  (view_item)
  (union_item)
] @indent.begin

["}" ")"] @indent.branch @indent.end
[(line_comment) (doc_comment) (module_comment) (string)] @indent.ignore
(ERROR) @indent.auto
