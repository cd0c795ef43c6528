# The symbol tables of the interpreter, in a form that does not depend on the order of scopes on one line.
import symtable

FUTURE = 0x1000000  # CO_FUTURE_ANNOTATIONS
NAMELESS = ("lambda", "listcomp", "setcomp", "dictcomp", "genexpr")
FREE_CLASS, ITERATION = 1 << 6, 1 << 9


def canonical(table, private, told):
    raw = table._table
    kind, name = table.get_type(), table.get_name()
    here = name if kind == "class" else private
    children = table.get_children()
    named = {
        mangled(here, child.get_name())
        for child in children
        if not (child.get_name() == "lambda" or ".0" in child.get_identifiers())
    }
    lines = []
    for symbol in table.get_symbols():
        flags = raw.symbols[symbol.get_name()]
        resolved = resolution(flags)
        is_module = kind == "module" and bool(flags & _symtable.DEF_BOUND)
        is_global = resolved.startswith("global") or is_module
        is_local = resolved in ("local", "cell") or is_module
        is_namespace = symbol.get_name() in named
        # The module `symtable` takes every scope that is called `top` for the module.
        if (is_global, is_local) != (symbol.is_global(), symbol.is_local()):
            assert name == "top" and kind != "module"
            told("variables of a function called `top` are said to be global")
        # It compares mangled with other names, and counts what has no name.
        if is_namespace != symbol.is_namespace():
            if is_namespace:
                assert mangled(here, symbol.get_name()) == symbol.get_name() != f"__{symbol.get_name()}"
                told("private functions and classes are not said to be namespaces")
            else:
                assert symbol.get_name() in NAMELESS or symbol.get_name().startswith("__")
                told("comprehensions are said to be namespaces of variables with their names")
        bits = [
            symbol.is_referenced(), symbol.is_assigned(), symbol.is_parameter(), symbol.is_imported(),
            is_global, symbol.is_declared_global(), symbol.is_nonlocal(), is_local,
            symbol.is_annotated(), symbol.is_free(), resolved == "cell",
            bool(flags & FREE_CLASS), bool(flags & ITERATION), is_namespace,
        ]
        lines.append(f"{symbol.get_name()} {resolved} " + "".join("01"[bit] for bit in bits))
    line = 0 if kind == "module" else table.get_lineno()
    yes = [table.is_nested(), table.is_optimized(), table.has_children()]
    head = f"{kind} {name} {line} " + "".join("01"[bit] for bit in yes)
    inner = sorted(canonical(child, here, told) for child in children)
    return "\n".join([head, *sorted(lines), *("\n".join("  " + l for l in text.split("\n")) for text in inner)])


OPENS = {
    ast.ClassDef: "class", ast.FunctionDef: "function", ast.AsyncFunctionDef: "function", ast.Lambda: "lambda",
    ast.ListComp: "comprehension", ast.SetComp: "comprehension", ast.DictComp: "comprehension",
    ast.GeneratorExp: "comprehension",
}


def evaluated(node, postponed):
    """The nodes below `node`, without annotations that are not evaluated."""
    yield node
    for field, value in ast.iter_fields(node):
        if postponed and field in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from evaluated(child, postponed)


def rows(data, tree, offsets):
    explained = []
    # Of files that cannot be compiled because they are too deep, `compile` said so before.
    table = symtable.symtable(data, "file", "exec")
    text = canonical(table, None, explained.append)
    postponed = bool(compile(data, "file", "exec", dont_inherit=True).co_flags & FUTURE)
    spans = []
    for node in evaluated(tree, postponed):
        if kind := OPENS.get(type(node)):
            start, end = offsets.span(node)
            if data[end - 1 : end] == b";":
                explained.append("a semicolon behind the last statement is said to be part of what it ends")
                end -= 1
            spans.append(f"{start} {end} {kind} {getattr(node, 'name', '')}")
    yield from text.split("\n")
    yield from sorted(spans)
    yield from (f"# {what}" for what in explained)


run(rows)
