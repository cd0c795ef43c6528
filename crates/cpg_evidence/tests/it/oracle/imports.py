# What `importlib` finds, without importing: each finder is asked as the import statement asks it, part by part.
#
# In: the folder of the sources, and paths of files below it. Out: for each file its path, and a row for each module.
import importlib.util
from importlib.machinery import EXTENSION_SUFFIXES, BuiltinImporter, FrozenImporter, PathFinder
from pathlib import Path

ROOT, *FILES = sys.stdin.read().split("\0")
STANDARD = [folder for folder in sys.path if "site-packages" not in folder and "dist-packages" not in folder]
INSTALLED = [folder for folder in sys.path if folder not in STANDARD]


def import_root(path):
    """The folder that a file's module counts from."""
    folder = os.path.dirname(path)
    root = folder
    while root != ROOT and any(os.path.exists(root + "/__init__" + end) for end in (".py", ".pyi")):
        root = os.path.dirname(root)
    if root != folder:
        return root
    parts = folder[len(ROOT) :].split("/")
    if "src" in parts:
        return ROOT + "/".join(parts[: len(parts) - parts[::-1].index("src")])
    return ROOT


def name_of(path):
    below = os.path.relpath(path, import_root(path))
    below = below[: -len(".py")]
    is_package = os.path.basename(below) == "__init__" and "/" in below
    parts = below.split("/")
    return parts[:-1] if is_package else parts, is_package


ROOTS = {}
for file in FILES:
    root = import_root(file)
    first = os.path.relpath(file, root).split("/")[0]
    ROOTS.setdefault(first.removesuffix(".py"), set()).add(root)


def search_path(path, first):
    own = import_root(path)

    def far(root):
        return -len(os.path.commonpath([root, os.path.dirname(path)]).split("/")), root

    others = sorted((root for root in ROOTS.get(first, ()) if root != own), key=far)
    return [own, *STANDARD, *others, *INSTALLED]


def on_path(name, path):
    # Not `find_spec`, which wants packages of namespaces to be imported.
    spec = PathFinder._get_spec(name, path)
    return None if spec is None or spec.loader is None and not spec.submodule_search_locations else spec


def find(name, path):
    """The spec that the import statement would find on a path, and what was looked through."""
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        part = ".".join(parts[:count])
        spec = None
        if count == 1:
            spec = BuiltinImporter.find_spec(part)
            frozen = FrozenImporter.find_spec(part) if spec is None else None
            if frozen is not None:
                spec = on_path(part, STANDARD) or frozen
        if spec is None:
            spec = on_path(part, path)
        if spec is None:
            return None
        path = spec.submodule_search_locations
        # A folder without a Python file is a namespace to `importlib`, where another file is not of the sources.
        if spec.loader is None:
            path = spec.submodule_search_locations = [folder for folder in path if holds_python(folder)]
            if not path:
                return None
        if path is None and count < len(parts):
            return None
    return spec


HOLDS = {}


def holds_python(folder):
    if folder not in HOLDS:
        inside = folder.startswith(ROOT + "/")
        HOLDS[folder] = not inside or any(Path(folder).rglob("*.py")) or any(Path(folder).rglob("*.pyi"))
    return HOLDS[folder]


def said(spec):
    if spec is None:
        return "- - -"
    if spec.loader in (BuiltinImporter, FrozenImporter):
        return "standard_library builtin -"
    if spec.loader is None:
        file, kind = spec.submodule_search_locations[0], "namespace"
    elif spec.submodule_search_locations is not None:
        file, kind = spec.origin, "package"
    else:
        file = spec.origin
        kind = "extension" if file.endswith(tuple(EXTENSION_SUFFIXES)) else "module"
    if file.startswith(ROOT + "/"):
        origin, folders = "source", [ROOT]
    else:
        origin = "installed" if any(file.startswith(folder + "/") for folder in INSTALLED) else "standard_library"
        folders = [folder for folder in INSTALLED + STANDARD if file.startswith(folder + "/")]
    folder = max(folders, key=len)
    return f"{origin} {kind} {'-' if kind == 'namespace' else os.path.relpath(file, folder)}"


def rows(path, tree, offsets):
    name, is_package = name_of(path)
    package = name if is_package else name[:-1]
    found = []

    def look(written, level, beside=False):
        """The name, absolute, and its spec."""
        if level == 0:
            target = "posixpath" if written == "os.path" else written
            spec = find(target, search_path(path, target.split(".")[0]))
            folder = os.path.dirname(path)
            if spec is None and import_root(path) != folder and not os.path.exists(folder + "/__init__.py"):
                spec = find(target, [folder])
            return written, spec
        if not package:
            return None
        if level > len(package):
            return "", None
        target = ".".join(package[: len(package) - level + 1] + ([written] if written else []))
        return target, find_own(target)

    def find_own(target):
        own = import_root(path)
        others = [root for root in search_path(path, target.split(".")[0]) if root not in STANDARD]
        spec = on_path(target.split(".")[0], [own])
        parts = target.split(".")
        for part in range(2, len(parts) + 1):
            if spec is None or spec.submodule_search_locations is None:
                break
            spec = on_path(".".join(parts[:part]), list(spec.submodule_search_locations))
        else:
            if spec is not None and (spec.loader is not None or any(map(holds_python, spec.submodule_search_locations))):
                return spec
        return find(target, others)

    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                start, _ = offsets.span(alias)
                target, spec = look(alias.name, 0)
                found.append((start, "module", said(spec)))
        elif isinstance(node, ast.ImportFrom):
            base = look(node.module or "", node.level)
            for alias in node.names:
                start, _ = offsets.span(alias)
                if base is None:
                    found.append((start, "module", "# a relative import in no package"))
                    continue
                target, spec = base
                found.append((start, "module", said(spec)))
                if alias.name == "*" or spec is None or spec.submodule_search_locations is None:
                    continue
                below = f"{node.module}.{alias.name}" if node.module else alias.name
                _, spec = look(below, node.level)
                if spec is not None:
                    found.append((start, "submodule", said(spec)))
    return [f"{start} {role} {what}" for start, role, what in sorted(found)]


for path in FILES:
    print("=", path)
    with open(path, "rb") as file:
        data = file.read()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        data.decode("utf-8")
        tree = ast.parse(data)
        compile(data, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        print("!", type(error).__name__)
        continue
    if encoding not in ("utf-8", "utf-8-sig"):
        print("! in another encoding")
        continue
    for row in rows(path, tree, Offsets(data)):
        print(row)
