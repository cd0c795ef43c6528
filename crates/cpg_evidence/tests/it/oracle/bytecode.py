# Code units and instructions as `dis` has them.
import dis


def codes(code):
    yield code
    for const in code.co_consts:
        if isinstance(const, type(code)):
            yield from codes(const)


def rows(data, tree, offsets):
    for number, code in enumerate(codes(compile(data, "file", "exec", dont_inherit=True))):
        yield f"{number} {code.co_qualname} {code.co_firstlineno} {code.co_flags} {code.co_stacksize}"
        for one in dis.Bytecode(code):
            place = one.positions
            span = "- -"
            if place.lineno and place.col_offset is not None:
                start = offsets.at(place.lineno, place.col_offset)
                span = f"{start} {offsets.at(place.end_lineno, place.end_col_offset)}"
            jumps = one.opcode in dis.hasjrel or one.opcode in dis.hasjabs
            shown = ["-" if value is None else str(value) for value in (one.arg, one.argval if jumps else None)]
            yield f"{number} {one.offset} {one.opname} {shown[0]} {shown[1]} {span}"
        for entry in dis._parse_exception_table(code):
            yield f"{number} {entry.start} {entry.end} {entry.target} {entry.depth} {str(entry.lasti).lower()}"


run(rows)
