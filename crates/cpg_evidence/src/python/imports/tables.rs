//! What `python.imports` emits. Offsets count raw bytes, ends exclusive.

use crate::table::tables;

tables! {
    /// The modules that imports name, and what they are. An imported name has a row for the module that it is imported
    /// from, and one for itself where it is the name of a module.
    imported_modules in module by (start, end, role) {
        /// The imported name, as in `cst_imports`.
        start: Offset,
        end: Offset,
        /// `module` for what is imported or imported from. `submodule` for a name imported from a package that has a module
        /// of that name: it is imported unless the package's own code binds the name.
        role: Word,
        /// The module's dotted name, absolute. Dots in front lead out of the import root.
        imported: Str,
        /// Where it is: `source`, `standard_library` or `installed`; null where nothing on the import path has the name.
        origin: Opt<Word>,
        /// `module`, `package`, `namespace`, `extension` or `builtin`; null where it is not known.
        kind: Opt<Word>,
        /// Its file, if that is one of the sources.
        source_path: Opt<FilePath>,
        /// The name of the module that the file is.
        source_module: Opt<Str>,
        /// Its file outside of the sources, below the folder of the import path that it is found in.
        installed_path: Opt<Str>,
        /// The distribution that brought the file.
        distribution: Opt<Str>,
    }

    /// What a module's `__all__` says, which a star import takes.
    exported_names in module by (start, end, kind) {
        start: Offset,
        end: Offset,
        /// `name`; `module` for what `__all__` of another module says; `unknown` for what only running the code tells.
        kind: Word,
        /// The name, or the dotted name of the other module.
        name: Opt<Str>,
        /// Whether it depends on a condition, or on a loop or a handler.
        is_conditional: Bool,
    }
}
