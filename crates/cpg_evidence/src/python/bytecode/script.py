# Compiles what it is sent and says what the compiler made of it. Nothing that is sent is run or imported.
#
# In: for each file a line with its number and how many bytes follow, and these.
# Out: a line that says which interpreter this is; then for each file a line of JSON: [number, units] or
# [number, null, kind, message, line].
import dis
import json
import platform
import sys

MEMORY = 2 << 30


def limit():
    try:
        import resource
    except ImportError:
        return
    for kind, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):
            pass


def varint(data):
    byte = next(data)
    value = byte & 63
    while byte & 64:
        byte = next(data)
        value = value << 6 | byte & 63
    return value


def exception_table(code):
    data = iter(getattr(code, "co_exceptiontable", b""))
    entries = []
    try:
        while True:
            start, length, target, depth = varint(data) * 2, varint(data) * 2, varint(data) * 2, varint(data)
            entries.append((start, start + length, target, depth >> 1, depth & 1))
    except StopIteration:
        return entries


def instructions(code, rows):
    jumps = frozenset(dis.hasjrel) | frozenset(dis.hasjabs)
    line = None
    for one in dis.get_instructions(code):
        target = one.argval if one.opcode in jumps else None
        place = getattr(one, "positions", None)
        if place is not None:
            rows.append((one.offset, one.opname, one.arg, target, *place))
            continue
        line = one.starts_line or line
        rows.append((one.offset, one.opname, one.arg, target, line, None, None, None))


def units(module):
    found = []
    stack = [(module, None, module.co_name)]
    while stack:
        code, parent, path = stack.pop()
        path = getattr(code, "co_qualname", path)
        rows = []
        instructions(code, rows)
        number = len(found)
        found.append((
            parent, code.co_name, path, code.co_firstlineno, code.co_argcount, code.co_posonlyargcount,
            code.co_kwonlyargcount, code.co_nlocals, code.co_stacksize, code.co_flags, rows, exception_table(code),
        ))
        inner = [const for const in code.co_consts if isinstance(const, type(code))]
        around = "" if parent is None else path + "." if not code.co_flags & 2 else path + ".<locals>."
        stack.extend((const, number, around + const.co_name) for const in reversed(inner))
    return found


def answer(number, data):
    try:
        return [number, units(compile(data, "<file>", "exec", dont_inherit=True))]
    except SyntaxError as error:
        return [number, None, "syntax", error.msg, error.lineno]
    except (RecursionError, MemoryError) as error:
        return [number, None, "too_deep", type(error).__name__, None]
    except (ValueError, OverflowError, UnicodeError, LookupError) as error:
        return [number, None, "syntax", str(error), None]


def main():
    limit()
    source, out = sys.stdin.buffer, sys.stdout.buffer
    version = platform.python_implementation(), platform.python_version()

    def say(what):
        # Names of broken files may hold what UTF-8 cannot.
        out.write(json.dumps(what, separators=(",", ":")).encode("ascii") + b"\n")
        out.flush()

    say(version)
    for line in iter(source.readline, b""):
        number, length = map(int, line.split())
        data = source.read(length)
        if len(data) != length:
            break
        say(answer(number, data))


main()
