# What the compiler's code branches on: the places of the tests before conditional jumps. Where the code says them twice,
# as in copies of `finally`, they count once.
import dis

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
    """The places of what is tested, and those of loops that ask for an item."""
    for one in codes(code):
        instructions = list(dis.get_instructions(one))
        for index, jump in enumerate(instructions):
            is_loop = jump.opname in ("FOR_ITER", "END_ASYNC_FOR")
            made = jump if is_loop else tested(instructions, index) if conditional(jump.opname) else None
            place = made and made.positions
            if place and place.col_offset is not None:
                span = at(place.lineno, place.col_offset), at(place.end_lineno, place.end_col_offset)
                yield is_loop, span


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


def named(tree, offsets):
    """What the code calls otherwise: patterns, and tests and loops by the places that the code has for them."""
    patterns, tests, loops, contexts = [], {}, {}, set()
    truths = set(decided(tree))
    for node in ast.walk(tree):
        match node:
            case ast.match_case():
                patterns.append(offsets.span(node.pattern))
            case ast.Compare(ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]):
                tests[offsets.span(node.left)] = offsets.span(node)
            # The value is tested behind both ways to it.
            case ast.BoolOp() if node not in truths:
                choices = [value for value in node.values[:-1] if isinstance(value, ast.IfExp)]
                tests.update((offsets.span(one.orelse), offsets.span(one)) for one in choices)
            # What stands on lines after its base begins at the name.
            case ast.Attribute() if node.lineno != node.end_lineno:
                start, end = offsets.span(node)
                tests[end - len(node.attr.encode()), end] = start, end
            case ast.NamedExpr():
                tests[offsets.span(node.target)] = offsets.span(node)
            case ast.For() | ast.AsyncFor():
                loops[offsets.span(node)] = [offsets.span(node.iter)]
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                loops[offsets.span(node)] = [offsets.span(one.iter) for one in node.generators]
            case ast.AsyncWith():
                contexts |= {offsets.span(node), *(offsets.span(item.context_expr) for item in node.items)}
    return patterns, tests, loops, contexts


def rows(data, tree, offsets):
    patterns, tests, loops, contexts = named(tree, offsets)
    found = set()
    for is_loop, span in places(compile(data, "file", "exec", dont_inherit=True), offsets.at):
        if is_loop:
            found |= set(loops.get(span, [span]))
        elif span not in contexts:
            around = [one for one in patterns if one[0] <= span[0] and span[1] <= one[1]]
            # `(x := y) is None` is both.
            test = tests.get(span, span)
            found.add(min(around) if around else tests.get(test, test))
    yield from (f"{start} {end}" for start, end in sorted(found))


run(rows)
