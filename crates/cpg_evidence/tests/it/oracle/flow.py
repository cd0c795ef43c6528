# What the compiler's code branches on: the places of the tests before conditional jumps. Where the code says them twice,
# as in copies of `finally`, they count once.
import dis

# What functions without a name are called. From 3.12 on, most comprehensions are none.
UNNAMED = {ast.GeneratorExp: "<genexpr>", ast.Lambda: "<lambda>"}
if sys.version_info < (3, 12):
    UNNAMED |= {ast.ListComp: "<listcomp>", ast.SetComp: "<setcomp>", ast.DictComp: "<dictcomp>"}

# What stands between a value and the jump on it.
BETWEEN = {"COPY", "TO_BOOL", "NOP", "NOT_TAKEN", "SWAP", "POP_TOP", "CACHE", "EXTENDED_ARG"}
MATCHED = {"CHECK_EXC_MATCH", "CHECK_EG_MATCH"}


def codes(code):
    yield code
    for const in code.co_consts:
        if isinstance(const, type(code)):
            yield from codes(const)


def tested(instructions, index):
    """The instruction that makes the value which is tested; none for what has no place of its own in the source."""
    index -= 1
    while index >= 0 and instructions[index].opname in BETWEEN:
        index -= 1
    made = instructions[index]
    if made.opname in MATCHED:
        return instructions[index - 1]
    return None if made.opname in ("WITH_EXCEPT_START", "GET_AWAITABLE", "SEND") else made


def conditional(name):
    return name.startswith(("POP_JUMP", "JUMP_IF"))


def places(code, at):
    """The places of what is tested, and those of loops that ask for an item, with the places of the jumps themselves."""
    for one in codes(code):
        instructions = list(dis.get_instructions(one))
        for index, jump in enumerate(instructions):
            is_loop = jump.opname in ("FOR_ITER", "END_ASYNC_FOR")
            made = jump if is_loop else tested(instructions, index) if conditional(jump.opname) else None
            place = made and made.positions
            if place and place.col_offset is not None:
                spans = [
                    (at(one.lineno, one.col_offset), at(one.end_lineno, one.end_col_offset))
                    # Where a value is compared with `None`, nothing but the jump is left of what compares.
                    for one in (place, jump.positions if jump.opname.endswith("_NONE") else place)
                ]
                yield is_loop, *spans


def decided(tree):
    """Every `and` and `or` that stands for nothing but its truth."""
    todo = [node.guard for node in ast.walk(tree) if isinstance(node, ast.match_case)]
    for node in ast.walk(tree):
        if isinstance(node, (ast.If, ast.While, ast.IfExp, ast.Assert)):
            todo.append(node.test)
        elif isinstance(node, ast.comprehension):
            todo.extend(node.ifs)
    while todo:
        match todo.pop():
            case ast.BoolOp() as node:
                yield node
                todo.extend(node.values)
            case ast.UnaryOp(op=ast.Not()) as node:
                todo.append(node.operand)
            case ast.IfExp() as node:
                todo.extend([node.body, node.orelse])


def last_part(test):
    """What of a test is tested last."""
    match test:
        case ast.BoolOp():
            return last_part(test.values[-1])
        case ast.UnaryOp(op=ast.Not()):
            return last_part(test.operand)
    return test


def known(test):
    """Whether the compiler knows beforehand what a test gives, and what; none where it does not."""
    match test:
        case ast.Constant():
            return bool(test.value)
        case ast.Name(id="__debug__"):
            return True
        case ast.Tuple() if all(known(one) is not None for one in test.elts):
            return bool(test.elts)
        case ast.UnaryOp() if (value := known(test.operand)) is not None:
            return not value if isinstance(test.op, ast.Not) else value
    return None


def harmless(body):
    """Whether statements are nothing that may fail."""

    def is_harmless(one):
        match one:
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                return True
            case ast.Assert():
                return known(one.test) is True
            case ast.If() | ast.While() if (value := known(one.test)) is not None:
                return harmless(one.body if value else one.orelse)
            case ast.Try():
                return harmless(one.body) and harmless(one.orelse) and harmless(one.finalbody)
        return False

    return all(map(is_harmless, body))


def spared(tree, code, offsets):
    """Ranges, with the reason, in which one may see what the other does not."""
    compiled = {(one.co_name, one.co_firstlineno) for one in codes(code)}

    def range_of(held):
        return f"? {offsets.span(held[0])[0]} {offsets.span(held[-1])[1]}" if held else None

    for node in ast.walk(tree):
        match node:
            case ast.If() | ast.While() | ast.IfExp() | ast.Assert() if (value := known(node.test)) is not None:
                yield range_of([node.test]), KNOWN
                dead = getattr(node, "orelse" if value else "body", [])
                yield range_of(dead if isinstance(dead, list) else [dead]), KNOWN
            case ast.BoolOp():
                first = next((at for at, one in enumerate(node.values) if known(one) is not None), None)
                yield range_of(node.values[first:] if first is not None else []), KNOWN
            case ast.Try() | ast.TryStar() if harmless(node.body):
                yield range_of(node.handlers), HARMLESS
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                line = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                if (node.name, line) not in compiled:
                    yield range_of([node]), NEVER
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp() | ast.Lambda():
                name = UNNAMED.get(type(node))
                if name is not None and (name, node.lineno) not in compiled:
                    yield range_of([node]), NEVER


KNOWN = "what the compiler knows beforehand, such as `__debug__`, decides nothing for it"
HARMLESS = "handlers of what cannot fail are never reached"
NEVER = "functions that are defined where control never comes are not compiled"


def named(tree, offsets):
    """What the code calls otherwise: patterns, and tests and loops by the places that the code has for them."""
    patterns, tests, loops, contexts = [], {}, {}, set()
    truths = set(decided(tree))
    for node in ast.walk(tree):
        match node:
            case ast.match_case():
                patterns.append(offsets.span(node.pattern))
            case ast.Compare(ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]):
                # Of several values the one that is compared is loaded last.
                left = node.left.values[-1] if isinstance(node.left, ast.BoolOp) else node.left
                tests[offsets.span(left)] = offsets.span(node)
            # The value is tested behind both ways to it.
            case ast.BoolOp() if node not in truths:
                choices = [value for value in node.values[:-1] if isinstance(value, ast.IfExp)]
                tests.update((offsets.span(one.orelse), offsets.span(one)) for one in choices)
                # `not x in y` becomes `x not in y`, at the place of `x in y`.
                turned = [value for value in node.values[:-1] if isinstance(value, ast.UnaryOp)]
                turned = [value for value in turned if isinstance(value.op, ast.Not) and isinstance(value.operand, ast.Compare)]
                tests.update((offsets.span(one.operand), offsets.span(one)) for one in turned)
            case ast.ExceptHandler(type=ast.BoolOp() as compared):
                tests[offsets.span(compared.values[-1])] = offsets.span(compared)
            # What stands on lines after its base begins at the name.
            case ast.Attribute() if node.lineno != node.end_lineno:
                start, end = offsets.span(node)
                tests[end - len(node.attr.encode()), end] = start, end
            case ast.Call(func=ast.Attribute() as called) if called.lineno != called.end_lineno:
                start, end = offsets.span(node)
                tests[offsets.span(called)[1] - len(called.attr.encode()), end] = start, end
            case ast.NamedExpr():
                tests[offsets.span(node.target)] = offsets.span(node)
            case ast.For() | ast.AsyncFor():
                loops[offsets.span(node)] = [offsets.span(node.iter)]
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                loops[offsets.span(node)] = [offsets.span(one.iter) for one in node.generators]
                # An asynchronous one with a condition is said to be where the condition ends.
                for one in node.generators:
                    if one.is_async and one.ifs:
                        loops[offsets.span(last_part(one.ifs[-1]))] = [offsets.span(one.iter)]
            case ast.AsyncWith():
                contexts |= {offsets.span(node), *(offsets.span(item.context_expr) for item in node.items)}
    return patterns, tests, loops, contexts


def rows(data, tree, offsets):
    patterns, tests, loops, contexts = named(tree, offsets)
    code = compile(data, "file", "exec", dont_inherit=True)
    found = set()
    for is_loop, span, jump in places(code, offsets.at):
        if is_loop:
            found |= set(loops.get(span, [span]))
        elif span not in contexts:
            around = [one for one in patterns if one[0] <= jump[0] and jump[1] <= one[1]]
            # `(x := y) is None` is both.
            test = tests.get(span, span)
            found.add(min(around) if around else tests.get(test, test))
    yield from (f"{start} {end}" for start, end in sorted(found))
    yield from (f"{held} {why}" for held, why in spared(tree, code, offsets) if held)


run(rows)
