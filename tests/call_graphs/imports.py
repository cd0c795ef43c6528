"""Names of other modules."""
import os.path
import sys as system
from . import assigned
from .library import *
from .library import renamed as other, Tool
from .library.parts import part
import call_graphs.library.parts

try:
    from missing import thing
except ImportError:
    def thing():
        pass

assigned.one()
starred()
other()
thing()
part()
call_graphs.library.parts.part()
os.path.join("a")
system.exit()
Tool().use()
library_value()

# top -> assigned.one, library.starred, library.original, thing, missing.thing, library.parts.part
# top -> os.path.join, sys.exit, library.Tool.use, library.original
