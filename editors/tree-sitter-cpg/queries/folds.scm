; What can be folded to its first line.

[
  (use_group)
  (columns)
  (body)
  (named_block)
  (case_expression)
  (arguments)
  (arm)
  (view_item)
  (fn_item)
  (union_item)
  (block_comment)
] @fold
