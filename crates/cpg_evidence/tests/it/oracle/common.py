# What the scripts of the oracles share. Paths of files come in on standard input. For each file, standard output has a
# line `= PATH` and then either `! REASON` for a file that is not compared, or its rows. Lines `# WHAT` count what is
# different on purpose. Lines `? START END WHY` say where rows, which begin with their place, may be those of one side only.
import _symtable, ast, io, sys, tokenize, warnings

warnings.simplefilter("ignore")
sys.setrecursionlimit(20_000)
sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass", newline="\n")


def escaped(text):
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


# What else is supported; each character is a byte.
ENCODINGS = ("ascii", "iso-8859-1", "cp1252")


class Offsets:
    """From lines and columns, as the interpreter counts them, to offsets in the file."""

    def __init__(self, data, encoding="utf-8"):
        self.data, self.encoding = data, encoding
        self.mark = 3 if data.startswith(b"\xef\xbb\xbf") else 0
        self.starts = [0]
        for line in data.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def at(self, line, column):
        start = self.starts[line - 1]
        if self.encoding == "utf-8":
            return start + column + (self.mark if line == 1 else 0)
        # Columns count bytes of UTF-8.
        text = self.data[start : self.starts[line]].decode(self.encoding)
        return start + len(text.encode("utf-8")[:column].decode("utf-8"))

    def span(self, node):
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)


RESOLUTIONS = {1: "local", 2: "global_explicit", 3: "global_implicit", 4: "free", 5: "cell"}


def resolution(flags):
    """What a symbol table says of a name."""
    return RESOLUTIONS[(flags >> _symtable.SCOPE_OFF) & _symtable.SCOPE_MASK]


def mangled(private, name):
    """A name as the class around makes it."""
    private = private and private.lstrip("_")
    if not private or not name.startswith("__") or name.endswith("__"):
        return name
    return f"_{private}{name}"


VALUES = {ast.Name: "name", ast.Attribute: "attribute", ast.Call: "call", ast.Lambda: "lambda", ast.Constant: "constant"}


def value_kind(node):
    return VALUES.get(type(node), "other")


def whole_characters(text, explained):
    """A text as UTF-8 can have it."""
    whole = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    if whole != text:
        explained.append("lone surrogates are replacement characters")
    return whole


class Rows:
    """Rows of what stands in a syntax tree."""

    def __init__(self, data, offsets):
        self.data, self.offsets, self.lines, self.explained = data, offsets, [], []

    def span(self, node):
        if node is None:
            return "-", "-"
        start, end = self.offsets.span(node)
        if isinstance(node, ast.stmt) and self.data[end - 1 : end] == b";":
            self.explained.append("a semicolon behind the last statement is said to be part of what it ends")
            end -= 1
        return start, end

    def put(self, kind, in_string, *cells):
        # Up to 3.11, what is in an f-string has the place of the string, or a wrong one.
        if in_string:
            self.lines.append(f"in a string: {kind}")
        else:
            self.lines.append(" ".join(str(cell) for cell in (kind, *cells)))

    def around(self, container):
        if container is None:
            return "-", "-", "-"
        kind = {ast.ClassDef: "class", ast.Lambda: "lambda"}.get(type(container), "function")
        return kind, *self.span(container)


def run(rows):
    for path in sys.stdin.read().split("\0"):
        print("=", path)
        with open(path, "rb") as file:
            data = file.read()
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
            encoding = "utf-8" if encoding.startswith("utf-8") else encoding
            if encoding != "utf-8" and encoding not in ENCODINGS:
                print("! in an encoding that is not supported")
                continue
            data.decode(encoding)
            tree = ast.parse(data)
            compile(data, path, "exec", dont_inherit=True)
        except UnicodeDecodeError:
            print("! not in its encoding")
            continue
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            print("!", type(error).__name__)
            continue
        for row in rows(data, tree, Offsets(data, encoding)):
            print(row)
