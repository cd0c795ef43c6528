; Indentation in Helix's names.

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
] @indent

["}" ")"] @outdent
