# The syntax tree of the interpreter: a line for each node that is no operator and no context.
sys.set_int_max_str_digits(0)
PLACELESS = (ast.Module, ast.arguments, ast.comprehension, ast.withitem, ast.match_case)
SINGLETONS = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
ESCAPES = {9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 39: "\\'", 92: "\\\\"}


def name(node):
    return type(node).__name__


def constant(value, explained):
    if isinstance(value, str):
        return "str", whole_characters(value, explained)
    if isinstance(value, bytes):
        return "bytes", "".join(
            ESCAPES.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in value
        )
    if value is None:
        return "none", "None"
    if value is ...:
        return "ellipsis", "Ellipsis"
    return type(value).__name__, repr(value)


def value_of(node, explained):
    match node:
        case ast.Constant() | ast.MatchSingleton():
            return constant(node.value, explained)
        case ast.Name():
            return "identifier", node.id
        case ast.Attribute():
            return "identifier", node.attr
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return "identifier", node.name
        case ast.arg() | ast.keyword():
            return "identifier", node.arg
        case ast.alias():
            return "identifier", f"{node.name} as {node.asname}" if node.asname else node.name
        case ast.ImportFrom():
            return "identifier", "." * node.level + (node.module or "")
        case ast.Global() | ast.Nonlocal():
            return "identifier", ", ".join(node.names)
        case ast.ExceptHandler() | ast.MatchStar() | ast.MatchAs():
            return "identifier", node.name
        case ast.MatchMapping():
            return "identifier", node.rest
        case ast.MatchClass():
            return "identifier", ", ".join(node.kwd_attrs) or None
        case ast.Compare():
            return "operator", ", ".join(name(op) for op in node.ops)
        case ast.BinOp() | ast.AugAssign() | ast.UnaryOp() | ast.BoolOp():
            return "operator", name(node.op)
        case ast.FormattedValue():
            return "conversion", chr(node.conversion) if node.conversion >= 0 else None
        case ast.AnnAssign():
            return "simple", "simple" if node.simple else None
        case ast.comprehension():
            return "async", "async" if node.is_async else None
    return None, None


def rows(data, tree, offsets):
    explained = []
    counter = 0
    # Last in, first out: children go in backwards.
    stack = [(tree, "-", "-", "-", False)]
    while stack:
        node, parent, field, position, in_string = stack.pop()
        number, counter = counter, counter + 1
        start, end = ("-", "-") if in_string or isinstance(node, PLACELESS) else offsets.span(node)
        kind, value = value_of(node, explained)
        if value is None:
            kind = value = "-"
        context = name(node.ctx).lower() if hasattr(node, "ctx") else "-"
        yield f"{number} {parent} {field} {position} {name(node)} {start} {end} {context} {kind} {escaped(value)}"
        # Up to 3.11, what is in an f-string has the place of the string, or a wrong one.
        in_string = in_string or isinstance(node, ast.JoinedStr)
        below = []
        for field, held in ast.iter_fields(node):
            if isinstance(held, list):
                for position, child in enumerate(held):
                    if isinstance(child, ast.AST) and not isinstance(child, SINGLETONS):
                        below.append((child, number, field, position, in_string))
            elif isinstance(held, ast.AST) and not isinstance(held, SINGLETONS):
                below.append((held, number, field, "-", in_string))
        stack.extend(reversed(below))
    yield from (f"# {what}" for what in explained)


run(rows)
