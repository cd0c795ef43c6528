if vim.b.did_ftplugin then
  return
end
vim.b.did_ftplugin = 1

local cpglang = require("cpglang")

vim.bo.commentstring = "// %s"
vim.bo.comments = "://!,:///,://,s1:/*,mb:*,ex:*/"
vim.bo.expandtab = true
vim.bo.shiftwidth = 2
vim.bo.softtabstop = 2
vim.bo.indentexpr = "v:lua.require'cpglang'.indent(v:lnum)"
vim.bo.indentkeys = "0{,0},0),!^F,o,O,e"
vim.opt_local.formatoptions:remove("t")
vim.cmd("compiler cpglang")

cpglang.highlight(0)
cpglang.serve(0)
