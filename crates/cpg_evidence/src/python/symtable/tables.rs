//! What `python.symtable` emits. Offsets count raw bytes, ends exclusive.

use crate::table::tables;

tables! {
    /// Every scope. Spans are those of the node that opens the scope, without decorators; a generator expression that
    /// is the only argument of a call has the brackets of the call, as for the interpreter.
    scopes in module by (start, end, scope) {
        /// The scope's number in the file, from 0 for the module: a scope comes before those in it.
        scope: Int,
        /// What tells it from the other scopes of the file, by names alone: the key of the definition whose body it is, empty
        /// for the module; others are numbered by kind in the definition around them, as in `C.m.comprehension#1`.
        key: Str,
        /// `module`, `class`, `function`, `lambda`, `comprehension`, `type_parameters`, `type_alias` or
        /// `type_variable`.
        kind: Str,
        /// The name of a class, function, type alias or type parameter; for `type_parameters`, the name of what has
        /// them. Else what the interpreter calls the scope: `top`, `lambda`, `listcomp`, `setcomp`, `dictcomp` or
        /// `genexpr`.
        name: Str,
        start: Offset,
        end: Offset,
        /// The number of the enclosing scope; null for the module.
        parent: Opt<Int>,
        parent_key: Opt<Str>,
        /// Whether a function is somewhere around it.
        is_nested: Bool,
        /// Whether its variables are held by position: in all but modules and classes.
        is_optimized: Bool,
        /// Whether there are scopes in it.
        has_children: Bool,
        start_line: Line,
    }

    /// Every name that a scope mentions, or hands from a scope around it to one in it.
    symbols in module by (scope_start, scope_end, scope, name) {
        /// The scope's number in the file.
        scope: Int,
        /// As `key` of `scopes`.
        scope_key: Str,
        scope_start: Offset,
        scope_end: Offset,
        /// With the class in front where the language says so: `_C__x` for `__x` in the class `C`. Names that start
        /// with a dot are made up by the compiler.
        name: Str,
        /// `local`; `cell`, a local of a function that scopes inside use; `free`, a local of a function around;
        /// `global_explicit`, declared so; or `global_implicit`, a global or builtin.
        resolution: Str,
        /// The number of the scope that binds what the name means here; null for what this file does not bind.
        owner: Opt<Int>,
        /// The key of what that scope binds, as in `cst_bindings`; null where no place of the text binds it.
        owner_key: Opt<Str>,
        /// Read here.
        is_referenced: Bool,
        /// Assigned, deleted or defined here.
        is_assigned: Bool,
        is_parameter: Bool,
        is_imported: Bool,
        /// A variable of the module, or a builtin.
        is_global: Bool,
        /// Global by a declaration, here or in a function of the module.
        is_declared_global: Bool,
        /// Declared `nonlocal`.
        is_nonlocal: Bool,
        is_local: Bool,
        /// Annotated by a statement here.
        is_annotated: Bool,
        is_free: Bool,
        /// A local of a function that scopes inside use.
        is_cell: Bool,
        /// Also a name of this class, while scopes inside see that of a function around the class.
        is_free_class: Bool,
        is_type_parameter: Bool,
        /// In the target of a comprehension's `for`.
        is_iteration: Bool,
        /// A function, class or type alias here has the name.
        is_namespace: Bool,
    }
}
