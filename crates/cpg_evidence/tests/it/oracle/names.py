# The scope that each name belongs to where it is read, as the interpreter's symbol tables say.
import collections, symtable

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = {
    ast.ListComp: "listcomp", ast.SetComp: "setcomp", ast.DictComp: "dictcomp", ast.GeneratorExp: "genexpr",
}
# What the body of a class starts with; symbol tables do not have it.
OF_CLASSES = ("__module__", "__qualname__")


class Scope:
    def __init__(self, table, label, private):
        self.table, self.label, self.private = table, label, private
        # On one line, tables of one name come in the order of the tree.
        self.inner = collections.defaultdict(collections.deque)
        for child in table.get_children():
            self.inner[child.get_name(), child.get_lineno()].append(child)

    def open(self, name, node, label, private):
        return Scope(self.inner[name, node.lineno].popleft(), label, private)

    def flags(self, name):
        return self.table._table.symbols[name]


def global_names(table):
    """The names of the module that scopes inside of it bind."""
    for name, flags in table._table.symbols.items():
        if flags & _symtable.DEF_GLOBAL and flags & _symtable.DEF_BOUND:
            yield name
    for child in table.get_children():
        yield from global_names(child)


class Walk:
    def __init__(self, table, offsets):
        self.offsets, self.lines = offsets, []
        self.module = Scope(table, "module", None)
        # The module's own table says only that some function has a name declared global, not whether it binds it.
        self.assigned_from_inside = set(global_names(table))

    def visit(self, node, scopes, in_string):
        if isinstance(node, list):
            for one in node:
                self.visit(one, scopes, in_string)
            return
        if not isinstance(node, ast.AST):
            return
        in_string = in_string or isinstance(node, ast.JoinedStr)
        here = scopes[-1]
        match node:
            case ast.Name(ctx=ast.Load()):
                start, end = self.offsets.span(node)
                # Up to 3.11, what is in an f-string has the place of the string, or a wrong one.
                where = "in a string:" if in_string else f"{start} {end}"
                self.lines.append(f"{where} {node.id} {self.owner(node.id, scopes)}")
                return
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                name, label = getattr(node, "name", "lambda"), "function" if isinstance(node, FUNCTIONS) else "lambda"
                outer, private = [node.args], here.private
                outer += [getattr(node, "returns", None), getattr(node, "decorator_list", [])]
                inner = [node.body]
            case ast.ClassDef():
                name, label, private = node.name, "class", node.name
                outer, inner = [node.bases, node.keywords, node.decorator_list], [node.body]
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                name, label, private = COMPREHENSIONS[type(node)], "comprehension", here.private
                first, *rest = node.generators
                outer = [first.iter]
                inner = [first.target, first.ifs, rest, *(getattr(node, f, None) for f in ("value", "key", "elt"))]
            case _:
                self.visit([child for _, child in ast.iter_fields(node)], scopes, in_string)
                return
        self.visit(outer, scopes, in_string)
        start, _ = self.offsets.span(node)
        self.visit(inner, (*scopes, here.open(name, node, f"{label} {start}", private)), in_string)

    def owner(self, name, scopes):
        *around, here = scopes
        name = mangled(here.private, name)
        said = resolution(here.flags(name))
        if said in ("local", "cell"):
            return here.label
        if said == "free":
            return next(
                "class" if scope.table.get_type() == "class" else scope.label for scope in reversed(around)
                if (name == "__class__" if scope.table.get_type() == "class" else resolution(scope.table._table.symbols.get(name, 0)) == "cell")
            )
        if name in OF_CLASSES and here.table.get_type() == "class" and said == "global_implicit":
            return "class"
        flags = self.module.table._table.symbols.get(name, 0)
        return "module" if flags & _symtable.DEF_BOUND or name in self.assigned_from_inside else "outside"


def evaluated(data, tree, offsets):
    """The source with annotations that are evaluated, so that the tables have their names, at the same places."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__" and not node.level:
            for alias in node.names:
                if alias.name == "annotations":
                    start, _ = offsets.span(alias)
                    data = data[:start] + b"division   " + data[start + len("annotations") :]
    return data


def rows(data, tree, offsets):
    if any(getattr(node, "type_params", None) or type(node).__name__ == "TypeAlias" for node in ast.walk(tree)):
        yield "! has type parameters"
        return
    walk = Walk(symtable.symtable(evaluated(data, tree, offsets), "file", "exec"), offsets)
    walk.visit(tree, (walk.module,), False)
    yield from sorted(walk.lines)


run(rows)
