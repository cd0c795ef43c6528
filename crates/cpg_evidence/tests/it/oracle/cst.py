# Attributes, assignments, what functions give, elements, subscripts, operations and types, as the syntax tree of the interpreter has them.
import re

OPERATORS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.MatMult: "@", ast.Div: "/", ast.Mod: "%", ast.Pow: "**",
    ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitXor: "^", ast.BitAnd: "&", ast.FloorDiv: "//",
}
UNARY = {ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not"}
COMPARE = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}
DISPLAYS = {ast.Tuple: "tuple", ast.List: "list", ast.Set: "set"}
COMPREHENSIONS = {ast.ListComp: "list", ast.SetComp: "set", ast.GeneratorExp: "generator"}
QUOTED = re.compile(rb"[a-zA-Z]*(\"\"\"|'''|\"|')(.*)\1", re.S)


def literal(node):
    """What an element is found by: strings of at most 100 bytes, and integers of 64 bits."""
    match node:
        case ast.Constant(value=bool() | int()) if node.value < 1 << 63:
            return int(node.value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)) if not isinstance(number, bool):
            return f"-{number}" if number < 1 << 63 else "-"
        case ast.Constant(value=str()) if len(node.value.encode("utf-8", "surrogatepass")) <= 100:
            return "a string"
    return "-"


class Walk(Rows):
    def __init__(self, data, tree, offsets):
        super().__init__(data, offsets)
        # What names of the file are said to be imported from `typing`.
        self.imported = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and not node.level:
                for alias in node.names:
                    self.imported.setdefault(alias.asname or alias.name, f"{node.module}.{alias.name}")
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.split(".")[0]
                    self.imported.setdefault(alias.asname or top, alias.name if alias.asname else top)
        self.visit(tree, None, False)

    def visit(self, node, container, in_string):
        match node:
            case ast.Attribute():
                _, end = self.span(node)
                self.put(
                    f"attribute {node.attr} {type(node.ctx).__name__.lower()}", in_string, *self.span(node),
                    end - len(node.attr.encode()), end, *self.span(node.value), *self.around(container),
                )
            case ast.Assign():
                for target in node.targets:
                    self.assigned("assign", node, target, node.value, in_string, container)
            case ast.AugAssign():
                operator = OPERATORS[type(node.op)]
                self.assigned(f"augmented {operator}=", node, node.target, node.value, in_string, container)
                self.operation("augmented", operator, node, node.target, node.value, in_string, container)
            case ast.BinOp():
                operator = OPERATORS[type(node.op)]
                self.operation("binary", operator, node, node.left, node.right, in_string, container)
            case ast.UnaryOp():
                self.operation("unary", UNARY[type(node.op)], node, node.operand, None, in_string, container)
            case ast.Compare():
                left = node.left
                for op, right in zip(node.ops, node.comparators):
                    operands = (right, left) if isinstance(op, ast.In | ast.NotIn) else (left, right)
                    span = self.span(left)[0], self.span(right)[1]
                    self.operation("compare", COMPARE[type(op)], span, *operands, in_string, container)
                    left = right
            case ast.For() | ast.AsyncFor():
                kind = "async_for" if isinstance(node, ast.AsyncFor) else "for"
                self.assigned(kind, node, node.target, node.iter, in_string, container)
                self.operation(kind, "-", node, node.iter, None, in_string, container)
            case ast.comprehension():
                kind = "async_for" if node.is_async else "for"
                span = self.span(node.target)[0], self.span(node.iter)[1]
                self.assigned(kind, span, node.target, node.iter, in_string, container)
                self.operation(kind, "-", span, node.iter, None, in_string, container)
            case ast.With() | ast.AsyncWith():
                kind = "async_with" if isinstance(node, ast.AsyncWith) else "with"
                for item in node.items:
                    manager, target = item.context_expr, item.optional_vars
                    span = self.span(manager)[0], self.span(target or manager)[1]
                    if target is not None:
                        self.assigned(kind, span, target, manager, in_string, container)
                    self.operation(kind, "-", span, manager, None, in_string, container)
            case ast.Raise():
                if node.exc is not None:
                    self.operation("raise", "-", node, node.exc, None, in_string, container)
            case ast.Subscript():
                kind = "slice" if isinstance(node.slice, ast.Slice) else value_kind(node.slice)
                self.put(
                    f"subscript {type(node.ctx).__name__.lower()} {kind} {literal(node.slice)}", in_string,
                    *self.span(node), *self.span(node.value), *self.around(container),
                )
            case ast.IfExp():
                self.parts("if", node, [node.body, node.orelse], in_string)
            case ast.BoolOp():
                self.parts("and" if isinstance(node.op, ast.And) else "or", node, node.values, in_string)
            case ast.Await():
                self.parts("await", node, [node.value], in_string)
            case ast.AnnAssign():
                self.assigned("annotated", node, node.target, node.value, in_string, container)
                self.typed("variable", node.target, node.annotation)
            case ast.NamedExpr():
                self.assigned("walrus", node, node.target, node.value, in_string, container)
                self.parts("walrus", node, [node.value], in_string)
            case ast.Return():
                self.given("return", node, node.value, in_string, container)
            case ast.Yield():
                self.given("yield", node, node.value, in_string, container)
            case ast.YieldFrom():
                self.given("yield_from", node, node.value, in_string, container)
        match node:
            case ast.Tuple() | ast.List() | ast.Set() if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
                self.display(DISPLAYS[type(node)], node, in_string)
                known = not isinstance(node, ast.Set)
                for position, value in enumerate(node.elts):
                    starred = isinstance(value, ast.Starred)
                    known = known and not starred
                    value = value.value if starred else value
                    found_by = position if known else "-"
                    self.element(node, value, position, None, found_by, in_string)
            case ast.Dict():
                self.display("dict", node, in_string)
                for position, (key, value) in enumerate(zip(node.keys, node.values)):
                    self.element(node, value, position, key, literal(key), in_string)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                self.display(COMPREHENSIONS[type(node)], node, in_string)
                self.element(node, node.elt, 0, None, "-", in_string)
            case ast.DictComp():
                self.display("dict", node, in_string)
                self.element(node, node.value, 0, node.key, literal(node.key), in_string)
        in_string = in_string or isinstance(node, ast.JoinedStr)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                inner = [node.body]
                outer = [node.decorator_list, node.args, node.returns]
                arguments = node.args
                rest = [arguments.vararg, arguments.kwarg]
                for arg in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]:
                    if arg is not None and arg.annotation is not None:
                        start, _ = self.span(arg)
                        self.typed("parameter", (start, start + len(arg.arg.encode())), arg.annotation)
                if node.returns is not None:
                    self.typed("return", node, node.returns)
            case ast.Lambda():
                inner, outer = [node.body], [node.args]
                self.given("lambda", node.body, node.body, in_string, node)
            case ast.ClassDef():
                inner, outer = [node.body], [node.decorator_list, node.bases, node.keywords]
            case _:
                inner, outer = [], [held for _, held in ast.iter_fields(node)]
        for held, around in [(held, node) for held in inner] + [(held, container) for held in outer]:
            for child in held if isinstance(held, list) else [held]:
                if isinstance(child, ast.AST):
                    self.visit(child, around, in_string)

    def parts(self, kind, whole, parts, in_string):
        for part in parts:
            self.put(f"part of {kind}", in_string, *self.span(part), *self.span(whole))

    def display(self, kind, node, in_string):
        # The brackets of a call are those of a generator that is its only argument.
        if kind != "generator":
            self.put(f"display {kind}", in_string, *self.span(node))

    def element(self, whole, value, position, key, found_by, in_string):
        span = ("-", "-") if isinstance(whole, ast.GeneratorExp) else self.span(whole)
        self.put("element", in_string, *self.span(value), *span, position, *self.span(key), found_by)

    def operation(self, kind, operator, node, operand, other, in_string, container):
        span = node if isinstance(node, tuple) else self.span(node)
        self.put(
            f"operation {kind} {operator}", in_string, *span, *self.span(operand), *self.span(other),
            *self.around(container),
        )

    def given(self, kind, node, value, in_string, container):
        of = value_kind(value) if value is not None else "-"
        self.put(kind, in_string, *self.span(node), *self.span(value), of, *self.around(container))

    def assigned(self, kind, node, target, value, in_string, container, path=()):
        match target:
            case ast.Starred():
                self.assigned(kind, node, target.value, value, in_string, container, path)
            case ast.Tuple() | ast.List():
                starred = [isinstance(element, ast.Starred) for element in target.elts]
                gives = kind.split("_")[-1] in ("for", "with")
                is_display = not path and not gives and isinstance(value, ast.Tuple | ast.List)
                elements = value.elts if is_display else []
                fits = is_display and not any(isinstance(element, ast.Starred) for element in elements) and (
                    len(elements) + 1 >= len(starred) if any(starred) else len(elements) == len(starred)
                )
                star = starred.index(True) if True in starred else len(starred)
                for index, one in enumerate(target.elts):
                    behind = len(starred) - 1 - index
                    if fits and index != star:
                        element = elements[index if index < star else index - len(starred)]
                        self.assigned(kind, node, one, element, in_string, container)
                        continue
                    if index == star:
                        part = f"{index}:-{behind}" if behind else f"{index}:"
                    else:
                        part = str(index if index < star else index - len(starred))
                    self.assigned(kind, node, one, value, in_string, container, (*path, part))
            case _:
                name = getattr(target, "id", getattr(target, "attr", "-"))
                statement = node if isinstance(node, tuple) else self.span(node)
                self.put(
                    f"{kind} {name}", in_string, *self.span(target), *self.span(value),
                    value_kind(value) if value is not None else "-", ".".join(path) or "-", *statement,
                    *self.around(container),
                )

    def typed(self, role, owner, whole):
        owner = owner if isinstance(owner, tuple) else self.span(owner)
        self.part(role, owner, whole, ("-", "-"), 0, self.span, False)

    def head(self, node):
        match node:
            case ast.Name():
                return self.imported.get(node.id, "")
            case ast.Attribute():
                return f"{self.head(node.value)}.{node.attr}"
        return ""

    def part(self, role, owner, node, parent, position, span, quoted):
        inside, parts = span, []
        match node:
            case ast.Name():
                form = "name"
            case ast.Attribute():
                form = "attribute"
            case ast.Subscript():
                form = "generic"
                parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
                head = self.head(node.value)
                if head in ("typing.Literal", "typing_extensions.Literal"):
                    parts = []
                elif head in ("typing.Annotated", "typing_extensions.Annotated"):
                    parts = parts[:1]
            case ast.BinOp(op=ast.BitOr()):
                form = "union"
                while isinstance(node_ := (parts and parts.pop(0) or node), ast.BinOp) and isinstance(node_.op, ast.BitOr):
                    parts[:0] = [node_.left, node_.right]
                parts[:0] = [node_]
            case ast.List():
                form, parts = "list", node.elts
            case ast.Tuple():
                form, parts = "tuple", node.elts
            case ast.Starred():
                form, parts = "unpacked", [node.value]
            case ast.Constant(value=str()):
                form = "string"
                parts, inside = self.quoted(node, span)
            case ast.Constant(value=None):
                form = "none"
            case ast.Constant():
                form = "ellipsis" if node.value is ... else "constant"
            case _:
                form = "other"
        start, end = span(node)
        self.lines.append(f"type {role} {owner[0]} {owner[1]} {start} {end} {parent[0]} {parent[1]} {position} {form} {int(quoted)}")
        for index, one in enumerate(parts):
            self.part(role, owner, one, (start, end), index, inside, quoted or form == "string")

    def quoted(self, node, span):
        start, end = span(node)
        match_ = QUOTED.fullmatch(self.data[start:end])
        if not match_ or match_[2] != node.value.encode("utf-8", "surrogatepass") or len(match_[2]) > 2_000:
            return [], span
        base = start + match_.start(2)
        is_long = len(match_[1]) == 3
        text = b"(" + match_[2] + b"\n)" if is_long else match_[2]
        try:
            tree = ast.parse(text, mode="eval")
        except (SyntaxError, ValueError):
            return [], span
        inner = Offsets(text)

        def span_inside(node):
            start, end = inner.span(node)
            return base + start - is_long, base + end - is_long

        return [tree.body], span_inside


def rows(data, tree, offsets):
    walk = Walk(data, tree, offsets)
    yield from sorted(walk.lines)
    yield from (f"# {what}" for what in walk.explained)


run(rows)
