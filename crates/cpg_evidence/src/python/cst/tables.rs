//! What `python.cst` emits. Offsets count raw bytes, ends exclusive.

use crate::table::tables;

tables! {
    /// Every scope. Spans are those of the node that opens the scope, without decorators.
    cst_scopes in module by (start, end, kind) {
        /// `module`, `class`, `function`, `lambda`, `comprehension` or `type_parameters`.
        kind: Str,
        /// The name of a class or function.
        name: Opt<Str>,
        start: Offset,
        end: Offset,
        /// The enclosing scope; null for the module.
        parent_start: Opt<Offset>,
        parent_end: Opt<Offset>,
        /// The dotted path from the import root.
        qualified_name: Str,
    }

    /// Every definition of a function, class or lambda.
    cst_defs in module by (start, end, kind) {
        /// `function`, `class` or `lambda`.
        kind: Str,
        /// Lambdas are `<lambdaN>`, counted from 1 in their scope. Empty where the header did not parse.
        name: Str,
        qualified_name: Str,
        /// What tells it from the other definitions of the file, by names alone: the path in the module, with a number where
        /// several have the same, as in `C.m` and `C.m#2`.
        key: Str,
        /// Among the definitions of that path, from 0.
        ordinal: Int,
        /// From `def`, `async` or `class`, decorators not included.
        start: Offset,
        end: Offset,
        /// The span, told by what stands around it: it stays when lines move.
        place: Place,
        name_start: Opt<Offset>,
        name_end: Opt<Offset>,
        name_place: Opt<Place>,
        /// `function`, `class` or `lambda`: the innermost definition around this one; null in the module.
        container_kind: Opt<Str>,
        container_start: Opt<Offset>,
        container_end: Opt<Offset>,
        container_key: Opt<Str>,
        /// Whether it is a function directly in a class.
        is_method: Bool,
        is_async: Bool,
        start_line: Line,
        end_line: Line,
        /// The first line, at most 120 characters.
        text: Str,
    }

    /// Every parameter of a function or lambda. Spans are those of the name.
    cst_params in module by (start, end) {
        function_start: Offset,
        function_end: Offset,
        function_place: Place,
        function_key: Str,
        name: Str,
        /// What tells it from the other parameters of the file, as in `C.m.self`.
        key: Str,
        start: Offset,
        end: Offset,
        /// The span, told by what stands around it: it stays when lines move.
        place: Place,
        /// Among all parameters of the function, from 0.
        position: Int,
        /// `positional_only`, `positional_or_keyword`, `var_positional`, `keyword_only` or `var_keyword`.
        kind: Str,
        has_default: Bool,
        default_start: Opt<Offset>,
        default_end: Opt<Offset>,
        default_place: Opt<Place>,
        /// The default, if it is a short string or an integer: as a literal of Python.
        default_literal: Opt<Str>,
        /// As written, at most 200 characters.
        annotation: Opt<Str>,
        start_line: Line,
    }

    /// Every name that is loaded, stored or deleted.
    cst_refs in module by (start, end) {
        name: Str,
        start: Offset,
        end: Offset,
        /// The span, told by what stands around it: it stays when lines move.
        place: Place,
        /// `load`, `store` or `del`.
        context: Str,
        /// `call_callee`, `argument`, `attribute_base`, `decorator`, `base`, `annotation`, `assignment_target` or
        /// `other`.
        expression_context: Str,
        /// The innermost function, class, lambda or module.
        scope_start: Offset,
        scope_end: Offset,
        /// The innermost definition around; null in the module.
        container_key: Opt<Str>,
        /// Among the references to this name in that definition or the module, from 0.
        ordinal: Int,
        /// `local`, `parameter`, `definition`, `import`, `global`, `builtin` or `unresolved`.
        binding_kind: Str,
        /// The first place that binds the name in the scope it belongs to.
        binding_start: Opt<Offset>,
        binding_end: Opt<Offset>,
        binding_place: Opt<Place>,
        /// As `key` of `cst_bindings` and of `cst_params`.
        binding_key: Opt<Str>,
        /// The definition, when exactly one in that scope has the name.
        definition_start: Opt<Offset>,
        definition_end: Opt<Offset>,
        definition_key: Opt<Str>,
        /// The dotted path of a definition, import or builtin.
        qualified_name: Opt<Str>,
        start_line: Line,
    }

    /// Every place that binds a name in a scope, and every `global` and `nonlocal` declaration.
    cst_bindings in module by (start, end, kind) {
        name: Str,
        /// What tells the name in its scope from other names of the file, as in `f.x`; those of comprehensions and of type
        /// parameters have a number, as in `f.x#1`. Null for a name that the file does not bind.
        key: Opt<Str>,
        start: Offset,
        end: Offset,
        /// The span, told by what stands around it: it stays when lines move.
        place: Place,
        /// The scope the name belongs to; for a declaration, the scope it stands in. As `key` of `scopes`.
        scope_key: Str,
        scope_start: Offset,
        scope_end: Offset,
        /// `assignment`, `parameter`, `function`, `class`, `import`, `for`, `with`, `except`, `walrus`, `match`,
        /// `annotation`, `type_parameter`, `type_alias`, `global` or `nonlocal`.
        kind: Str,
        /// Whether it is the first place that binds the name in that scope.
        is_first: Bool,
        /// Among the places that bind the name in that scope, from 0.
        ordinal: Int,
        /// The first place that binds it there; null for a name that the file does not bind.
        first_start: Opt<Offset>,
        first_end: Opt<Offset>,
        first_place: Opt<Place>,
        /// The dotted path of the name.
        qualified_name: Str,
        /// The definition that the scope belongs to; null in the module.
        container_kind: Opt<Str>,
        container_start: Opt<Offset>,
        container_end: Opt<Offset>,
        container_key: Opt<Str>,
        start_line: Line,
    }

    /// Every imported name, and every star.
    cst_imports in module by (start, end) {
        /// `import` or `from`.
        kind: Str,
        /// As written; null for `from . import x`.
        module_name: Opt<Str>,
        /// The name taken from the module; null for `import x` and for a star.
        name: Opt<Str>,
        /// The name after `as`.
        alias: Opt<Str>,
        /// The name that the import binds; null for a star.
        bound_name: Opt<Str>,
        bound_start: Opt<Offset>,
        bound_end: Opt<Offset>,
        bound_place: Opt<Place>,
        /// How many dots stand in front of the module.
        level: Int,
        is_star: Bool,
        /// The absolute dotted path of what is imported. Dots in front remain where they lead out of the import
        /// root.
        target: Str,
        /// The absolute dotted path of the module it is imported from.
        target_module: Str,
        start: Offset,
        end: Offset,
        scope_start: Offset,
        scope_end: Offset,
        /// The innermost definition around the import; null in the module.
        container_kind: Opt<Str>,
        container_start: Opt<Offset>,
        container_end: Opt<Offset>,
        container_key: Opt<Str>,
        /// Among the imports of this target under this name in that definition or the module, from 0.
        ordinal: Int,
        /// Whether it depends on an `if`, `try`, `match`, `for` or `while` of its function or module.
        is_conditional: Bool,
        start_line: Line,
    }

    /// Every call.
    cst_callsites in module by (start, end) {
        start: Offset,
        end: Offset,
        /// The span, told by what stands around it: it stays when lines move.
        place: Place,
        callee_start: Offset,
        callee_end: Offset,
        callee_place: Place,
        /// As written, at most 200 characters.
        callee_text: Str,
        /// The last name of the callee: `m` in `a.b.m()`.
        callee_name: Opt<Str>,
        /// `name`, `attribute`, `call`, `subscript`, `lambda` or `other`.
        shape: Str,
        /// What stands in front of the last dot, at most 200 characters.
        receiver_text: Opt<Str>,
        /// The first name of a dotted receiver.
        receiver_name: Opt<Str>,
        /// `self`, `cls`, `super`, `name`, `call`, `literal` or `other`.
        receiver_kind: Opt<Str>,
        /// The dotted path of the receiver: of an import or definition, of the enclosing class for `self` and
        /// `cls`, of the builtin type for a literal.
        receiver_qualified_name: Opt<Str>,
        /// The dotted path that the callee has by the rules of scopes alone.
        qualified_name: Opt<Str>,
        /// The one definition in this file that the callee names.
        definition_start: Opt<Offset>,
        definition_end: Opt<Offset>,
        definition_key: Opt<Str>,
        /// The innermost function, class, lambda or module.
        scope_start: Offset,
        scope_end: Offset,
        /// The innermost definition around the call; null in the module.
        container_kind: Opt<Str>,
        container_start: Opt<Offset>,
        container_end: Opt<Offset>,
        container_key: Opt<Str>,
        /// Among the calls of this name in that definition or the module, from 0.
        ordinal: Int,
        arg_count: Int,
        keyword_count: Int,
        has_star: Bool,
        has_double_star: Bool,
        is_await: Bool,
        start_line: Line,
        end_line: Line,
        /// The first line, at most 120 characters.
        text: Str,
    }

    /// Every argument of a call. Spans are those of the value.
    cst_call_args in module by (start, end, call_start, call_end) {
        call_start: Offset,
        call_end: Offset,
        /// As `place` of the call.
        call_place: Place,
        /// The innermost definition around the call; null in the module.
        container_key: Opt<Str>,
        /// Of the call, as its `ordinal`.
        callee_name: Opt<Str>,
        call_ordinal: Int,
        /// Among all arguments of the call as written, from 0.
        position: Int,
        keyword: Opt<Str>,
        /// `*` or `**`.
        star: Opt<Str>,
        start: Offset,
        end: Offset,
        /// The span, told by what stands around it: it stays when lines move.
        place: Place,
        /// The first line, at most 120 characters.
        text: Str,
        /// `name`, `attribute`, `call`, `lambda`, `constant` or `other`.
        value_kind: Str,
        /// The dotted path of the definition, import or builtin that the value is.
        value_qualified_name: Opt<Str>,
        /// The value, if it is a short string or an integer: as a literal of Python.
        value_literal: Opt<Str>,
    }

    /// Every decorator. Spans are those of the expression after the `@`.
    cst_decorators in module by (start, end) {
        start: Offset,
        end: Offset,
        /// The span, told by what stands around it: it stays when lines move.
        place: Place,
        /// The decorated definition.
        owner_start: Offset,
        owner_end: Offset,
        owner_place: Place,
        owner_key: Str,
        /// From the top, from 0.
        position: Int,
        /// The first line, at most 120 characters.
        text: Str,
        /// The dotted path of the decorator, or of what makes it when it is a call.
        qualified_name: Opt<Str>,
        is_call: Bool,
        definition_start: Opt<Offset>,
        definition_end: Opt<Offset>,
        definition_key: Opt<Str>,
        /// The innermost definition around the decorated one; null in the module.
        container_kind: Opt<Str>,
        container_start: Opt<Offset>,
        container_end: Opt<Offset>,
        container_key: Opt<Str>,
        start_line: Line,
    }

    /// Every docstring.
    cst_docstrings in module by (start, end) {
        /// `module`, `class` or `function`.
        owner_kind: Str,
        /// The documented definition; null for the module.
        owner_start: Opt<Offset>,
        owner_end: Opt<Offset>,
        owner_key: Opt<Str>,
        start: Offset,
        end: Offset,
        /// The whole, without the indentation that all lines share.
        text: Str,
        start_line: Line,
    }

    /// Every argument of a class header: base classes and keywords such as `metaclass`.
    cst_bases in module by (start, end) {
        class_start: Offset,
        class_end: Offset,
        class_key: Str,
        class_qualified_name: Str,
        /// As written, from 0.
        position: Int,
        keyword: Opt<Str>,
        start: Offset,
        end: Offset,
        /// The first line, at most 120 characters.
        text: Str,
        qualified_name: Opt<Str>,
        definition_start: Opt<Offset>,
        definition_end: Opt<Offset>,
        definition_key: Opt<Str>,
        start_line: Line,
    }

    /// Every attribute that is loaded, stored or deleted. Spans are those of the whole, from its base on.
    cst_attributes in module by (start, end) {
        /// What stands behind the dot.
        name: Str,
        start: Offset,
        end: Offset,
        /// The span, told by what stands around it: it stays when lines move.
        place: Place,
        name_start: Offset,
        name_end: Offset,
        /// The base: what stands in front of the dot.
        value_start: Offset,
        value_end: Offset,
        value_place: Place,
        /// The base as written, at most 200 characters.
        value_text: Str,
        /// `load`, `store` or `del`.
        context: Str,
        /// As for `cst_refs`.
        expression_context: Str,
        /// The first name of a dotted base.
        root_name: Opt<Str>,
        /// `self`, `cls`, `super`, `name`, `call`, `literal` or `other`: what the base is.
        receiver_kind: Str,
        /// The dotted path of the base; for an instance, of its class.
        receiver_qualified_name: Opt<Str>,
        /// The dotted path by the rules of scopes alone.
        qualified_name: Opt<Str>,
        /// The one definition in this file that it names.
        definition_start: Opt<Offset>,
        definition_end: Opt<Offset>,
        definition_key: Opt<Str>,
        /// The innermost function, class, lambda or module.
        scope_start: Offset,
        scope_end: Offset,
        /// The innermost definition around; null in the module.
        container_kind: Opt<Str>,
        container_start: Opt<Offset>,
        container_end: Opt<Offset>,
        container_key: Opt<Str>,
        start_line: Line,
    }

    /// Every target of an assignment, a `for` or a `with`, unpacked: `a, b = c` has two. Spans are those of the target.
    cst_assignments in module by (start, end) {
        start: Offset,
        end: Offset,
        /// The span, told by what stands around it: it stays when lines move.
        place: Place,
        /// `assign`, `augmented`, `annotated` or `walrus`; `for` where the target gets the items of the value, one
        /// after the other, in a statement or a comprehension; `with` where it gets what the value gives when it is
        /// entered; `async_for` and `async_with`.
        kind: Str,
        /// `name`, `attribute`, `subscript` or `other`.
        target_kind: Str,
        /// The name, or the one behind the last dot.
        target_name: Opt<Str>,
        /// As written, at most 200 characters.
        target_text: Str,
        /// The dotted path that an attribute has by the rules of scopes alone, as in `m.C.x` for `self.x`.
        target_qualified_name: Opt<Str>,
        /// As in `+=`.
        operator: Opt<Str>,
        /// As written, at most 200 characters.
        annotation: Opt<Str>,
        /// What is assigned; null for an annotation without a value. Where displays are assigned to each other, the
        /// element.
        value_start: Opt<Offset>,
        value_end: Opt<Offset>,
        value_place: Opt<Place>,
        /// `name`, `attribute`, `call`, `lambda`, `constant` or `other`.
        value_kind: Opt<Str>,
        /// The dotted path of the definition, import or builtin that the value is.
        value_qualified_name: Opt<Str>,
        /// Which part of the value, of its items or of what it gives the target gets, as subscripts with dots between:
        /// `0`, `1.0`, `-1`, `1:-1`. Null for the whole.
        value_path: Opt<Str>,
        /// What is assigned, if it is a short string or an integer: as a literal of Python.
        value_literal: Opt<Str>,
        /// The statement or expression; of a `with` or a comprehension, from the target to the value.
        statement_start: Offset,
        statement_end: Offset,
        /// The innermost function, class, lambda or module.
        scope_start: Offset,
        scope_end: Offset,
        /// The innermost definition around; null in the module.
        container_kind: Opt<Str>,
        container_start: Opt<Offset>,
        container_end: Opt<Offset>,
        container_key: Opt<Str>,
        start_line: Line,
    }

    /// Everything that functions give: returned, yielded, or the body of a lambda. Spans are those of the statement or
    /// expression.
    cst_returns in module by (start, end, kind) {
        start: Offset,
        end: Offset,
        /// `return`, `yield`, `yield_from` or `lambda`.
        kind: Str,
        value_start: Opt<Offset>,
        value_end: Opt<Offset>,
        value_place: Opt<Place>,
        /// `name`, `attribute`, `call`, `lambda`, `constant` or `other`; null where nothing is given.
        value_kind: Opt<Str>,
        /// The first line, at most 120 characters.
        value_text: Opt<Str>,
        /// The dotted path of the definition, import or builtin that the value is.
        value_qualified_name: Opt<Str>,
        /// The definition that gives it, as a rule a function or lambda; null in the module.
        container_kind: Opt<Str>,
        container_start: Opt<Offset>,
        container_end: Opt<Offset>,
        container_key: Opt<Str>,
        start_line: Line,
    }

    /// Every tuple, list, set, dictionary or generator that is written out or comprehended.
    cst_displays in module by (start, end) {
        start: Offset,
        end: Offset,
        /// The span, told by what stands around it: it stays when lines move.
        place: Place,
        /// `tuple`, `list`, `set`, `dict` or `generator`.
        kind: Str,
        is_comprehension: Bool,
    }

    /// Every element of what is in `cst_displays`. Spans are those of the element; in a dictionary, of the value.
    cst_elements in module by (start, end, whole_start) {
        start: Offset,
        end: Offset,
        /// The span, told by what stands around it: it stays when lines move.
        place: Place,
        /// What it is an element of.
        whole_start: Offset,
        whole_end: Offset,
        whole_place: Place,
        /// As written, from 0.
        position: Int,
        /// `*` or `**` for what is unpacked.
        star: Opt<Str>,
        /// In a dictionary.
        key_start: Opt<Offset>,
        key_end: Opt<Offset>,
        key_place: Opt<Place>,
        /// What a subscript finds it by, if that is known: a short string or an integer as a literal of Python.
        key_literal: Opt<Str>,
    }

    /// Every subscript. Spans are those of the whole, from its base on.
    cst_subscripts in module by (start, end) {
        start: Offset,
        end: Offset,
        /// The span, told by what stands around it: it stays when lines move.
        place: Place,
        /// What stands in front of the bracket.
        value_start: Offset,
        value_end: Offset,
        value_place: Place,
        /// What stands in the brackets.
        index_start: Offset,
        index_end: Offset,
        index_place: Place,
        /// `slice`, `constant`, `name`, `attribute`, `call`, `lambda` or `other`.
        index_kind: Str,
        /// A short string or an integer as a literal of Python.
        index_literal: Opt<Str>,
        /// Where a slice starts, if that is written as a number or left out, and it does not skip.
        slice_from: Opt<Int>,
        /// `load`, `store` or `del`.
        context: Str,
        /// The innermost definition around; null in the module.
        container_kind: Opt<Str>,
        container_start: Opt<Offset>,
        container_end: Opt<Offset>,
        container_key: Opt<Str>,
        start_line: Line,
    }

    /// Every part of an expression that has the value of one of its parts: the branches of an `if`, what `and` and `or`
    /// choose from, what is awaited, the value of a `:=`. Spans are those of the part.
    cst_parts in module by (start, end, whole_start) {
        start: Offset,
        end: Offset,
        /// The span, told by what stands around it: it stays when lines move.
        place: Place,
        whole_start: Offset,
        whole_end: Offset,
        whole_place: Place,
        /// `if`, `and`, `or`, `await` or `walrus`.
        whole_kind: Str,
    }

    /// What the language does to values by their special methods, but for calls, attributes and subscripts.
    cst_operations in module by (start, end, operand_start, operand_end) {
        /// The expression or statement; of a comparison in a chain, from one value to the other; of a `with` or a
        /// comprehension, from the target to the value.
        start: Offset,
        end: Offset,
        /// The span, told by what stands around it: it stays when lines move.
        place: Place,
        /// `binary`, `augmented`, `unary`, `compare`, `for`, `async_for`, `with`, `async_with` or `raise`.
        kind: Str,
        /// As in `+`, for `+=` too, or `not in`.
        operator: Opt<Str>,
        /// The first value; for `in`, the container.
        operand_start: Offset,
        operand_end: Offset,
        operand_place: Place,
        /// The second one.
        other_start: Opt<Offset>,
        other_end: Opt<Offset>,
        other_place: Opt<Place>,
        /// The innermost definition around; null in the module.
        container_kind: Opt<Str>,
        container_start: Opt<Offset>,
        container_end: Opt<Offset>,
        container_key: Opt<Str>,
        start_line: Line,
    }

    /// Every type that the syntax shows to be one, and every part of it: annotations, values of type aliases, bounds and
    /// defaults of type parameters. What stands in a string is read as a type, too.
    cst_type_exprs in module by (start, end, form) {
        start: Offset,
        end: Offset,
        /// The span, told by what stands around it: it stays when lines move.
        place: Place,
        /// `parameter`, `return`, `variable`, `alias`, `bound` or `default`: of the whole that it is part of.
        role: Str,
        /// What has the type: the name of a parameter, alias or type parameter, the target of an annotation, or a
        /// function.
        owner_start: Offset,
        owner_end: Offset,
        owner_place: Place,
        /// The type whose part it is; null for a whole.
        parent_start: Opt<Offset>,
        parent_end: Opt<Offset>,
        parent_place: Opt<Place>,
        /// Among the parts, from 0.
        position: Int,
        /// `name`, `attribute`, `generic` (parts: arguments), `union` (parts: what is between the bars), `list` and
        /// `tuple` (parts: elements), `unpacked` (part: what is behind the star), `string` (part: what is in it),
        /// `none`, `ellipsis`, `constant` or `other`.
        form: Str,
        /// The first line, at most 120 characters.
        text: Str,
        /// The dotted path of the definition, import or builtin that a name, an attribute or the head of a generic is.
        qualified_name: Opt<Str>,
        definition_start: Opt<Offset>,
        definition_end: Opt<Offset>,
        definition_key: Opt<Str>,
        /// Whether it stands in a string.
        is_quoted: Bool,
        /// The innermost definition around; null in the module.
        container_kind: Opt<Str>,
        container_start: Opt<Offset>,
        container_end: Opt<Offset>,
        container_key: Opt<Str>,
        start_line: Line,
    }
}
