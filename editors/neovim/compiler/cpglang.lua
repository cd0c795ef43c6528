vim.g.current_compiler = "cpglang"
vim.opt_local.makeprg = "cpglang check $*"
vim.opt_local.errorformat = table.concat({
  "%E%*[ ]error[%*[^]]]: %m",
  "%W%*[ ]warning[%*[^]]]: %m",
  "%Z%*[ ]\\,-[%f:%l:%c]",
  "%-G%.%#",
}, ",")
