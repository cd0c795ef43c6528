# Says what the interpreter's import system has, as one JSON object. Nothing but what the interpreter does when it starts
# is run or imported.
import _imp
import json
import platform
import sys
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES, BuiltinImporter, FrozenImporter


def frozen(name):
    return name not in sys.builtin_module_names and FrozenImporter.find_spec(name) is not None


def main():
    library = {sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib")}
    library |= {folder + "/lib-dynload" for folder in library} | {folder + "\\DLLs" for folder in library}
    library |= {folder for folder in sys.path if folder.endswith(("DLLs", "lib-dynload"))}
    names = set(getattr(sys, "stdlib_module_names", sys.modules))
    # Some are there for the tests of the interpreter alone.
    names.update(name for name in getattr(_imp, "_frozen_module_names", list)() if "." not in name)
    # Names that stand for modules of other names, as `os.path` does.
    aliases = {}
    for name, module in sorted(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        if spec is not None and spec.name != name and not spec.name.startswith("_frozen_"):
            aliases[name] = spec.name
    what = {
        "version": platform.python_implementation() + " " + platform.python_version(),
        "path": [[folder, folder in library] for folder in sys.path if folder],
        "builtin": sorted(name for name in sys.builtin_module_names if BuiltinImporter.find_spec(name)),
        "frozen": sorted(name for name in names if frozen(name)),
        "aliases": aliases,
        "extensions": EXTENSION_SUFFIXES,
    }
    sys.stdout.write(json.dumps(what))


main()
