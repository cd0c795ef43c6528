select depth, caller, path, line
from reached_from
where callee = 'bookshop.text.words'
order by depth, caller
