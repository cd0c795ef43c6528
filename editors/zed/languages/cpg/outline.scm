(const_item "const" @context name: (identifier) @name) @item
(fn_item "fn" @context name: (identifier) @name) @item
(schema_item "schema" @context name: (identifier) @name) @item
(evidence_item "evidence" @context name: (identifier) @name) @item
(normalize_item "normalize" @context name: (identifier) @name) @item
(relate_item "relate" @context name: (identifier) @name) @item
(union_item "union" @context name: (identifier) @name) @item
(view_item "view" @context name: (identifier) @name) @item
(fixpoint_item "fixpoint" @context name: (identifier) @name) @item
(closure_item "closure" @context name: (identifier) @name) @item
(template_item "template" @context name: (identifier) @name) @item
(test_item "test" @context title: (string) @name) @item
(column name: (identifier) @name) @item
