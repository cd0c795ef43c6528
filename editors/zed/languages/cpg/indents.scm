; Indentation in Zed's names.

(columns "}" @end) @indent
(use_group "}" @end) @indent
(body "}" @end) @indent
(named_block "}" @end) @indent
(case_expression "}" @end) @indent
(arguments ")" @end) @indent
(parameters ")" @end) @indent
