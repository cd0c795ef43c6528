select qualified_name, path, start_line, lines
from dead_function
order by path, start_line
