; Items, for outlines and lists of symbols.

(const_item name: (identifier) @name) @definition.constant
(fn_item name: (identifier) @name) @definition.function
(schema_item name: (identifier) @name) @definition.interface
(evidence_item name: (identifier) @name) @definition.class
(normalize_item name: (identifier) @name) @definition.class
(relate_item name: (identifier) @name) @definition.class
(union_item name: (identifier) @name) @definition.class
(view_item name: (identifier) @name) @definition.class
(fixpoint_item name: (identifier) @name) @definition.class
(closure_item name: (identifier) @name) @definition.class
(template_item name: (identifier) @name) @definition.function
(row_source relation: (identifier) @name) @reference.class
(call_expression function: (identifier) @name) @reference.call
