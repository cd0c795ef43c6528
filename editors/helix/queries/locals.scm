; Written by `cargo xtask editors generate`.

; Where names of an item are known: row sources and parameters. Items and columns are known to the language server.

[
  (fn_item)
  (template_item)
  (normalize_item)
  (relate_item)
  (arm)
  (expect_rule)
] @local.scope

(parameter name: (identifier) @local.definition.variable.parameter)
(row_source alias: (identifier) @local.definition.variable.parameter)
(row_source relation: (identifier) @local.definition.variable.parameter !alias)

(field_expression value: (identifier) @local.reference)
(call_expression (arguments (identifier) @local.reference))
(binary_expression (identifier) @local.reference)
