--- Opens programs as a user would, and looks at what is on the screen.

local root = vim.fn.fnamemodify("../../..", ":p")
local failed = false

local function test(name, check)
  local ok, problem = xpcall(check, debug.traceback)
  io.stdout:write((ok and "ok " or "not ok ") .. name .. "\n")
  if not ok then
    failed = true
    io.stdout:write("  " .. tostring(problem):gsub("\n", "\n  ") .. "\n")
  end
end

local function equal(found, wanted)
  if not vim.deep_equal(found, wanted) then
    error(("expected %s, found %s"):format(vim.inspect(wanted), vim.inspect(found)), 2)
  end
end

--- What is seen: the highlight groups of a place, the uppermost one last.
local function groups(row, column)
  local found = {}
  local space = vim.api.nvim_get_namespaces()["treesitter/highlighter"]
  local marks = vim.api.nvim_buf_get_extmarks(0, space, { row, 0 }, { row, -1 }, { details = true })
  for _, mark in ipairs(marks) do
    local details = mark[4]
    if mark[3] <= column and (details.end_row > row or column < details.end_col) then
      table.insert(found, details.hl_group)
    end
  end
  return found
end

--- The name under which the highlight of a place is drawn.
local function drawn(row, column)
  local language = vim.treesitter.get_parser(0, "cpg")
  local query = vim.treesitter.query.get_query or vim.treesitter.query.get
  local captures = query("cpg", "highlights")
  local last
  local tree = language:parse()[1]
  for id, node in captures:iter_captures(tree:root(), 0, row, row + 1) do
    local from_row, from_column, to_row, to_column = node:range()
    local after = from_row < row or (from_row == row and from_column <= column)
    local before = row < to_row or (row == to_row and column < to_column)
    if after and before then
      last = captures.captures[id]
    end
  end
  return last
end

vim.cmd("syntax off | set termguicolors columns=100 lines=40")
vim.cmd("runtime! ftdetect/cpg.lua")
vim.cmd("filetype plugin indent on")
package.loaded.cpglang = nil
local server = vim.env.CPGLANG
local has_server = server ~= nil and vim.fn.executable(server) == 1
require("cpglang").setup({ command = { server or "cpglang", "lsp" } })

vim.cmd("edit " .. root .. "stdlib/python/calls.cpg")

test("programs have their type and settings", function()
  equal(vim.bo.filetype, "cpg")
  equal(vim.bo.commentstring, "// %s")
  equal(vim.fn.bufnr("%"), vim.api.nvim_get_current_buf())
end)

test("tree-sitter highlights", function()
  assert(require("cpglang").highlight(0), "the parser does not start")
  local row = vim.fn.search("^normalize call from") - 1
  equal(drawn(row, 0), "keyword")
  equal(drawn(row, 10), "type")
  equal(drawn(row, 15), "keyword")
  equal(drawn(row + 1, 5), "property")
  equal(drawn(row + 1, 18), "string")
  equal(drawn(row - 2, 0), "comment.documentation")
end)

test("highlights are on the screen", function()
  vim.fn.search("^normalize call from")
  vim.cmd("normal! zt")
  vim.cmd("redraw!")
  equal(vim.fn.screenstring(1, 1), "n")
  local keyword, name = vim.fn.screenattr(1, 1), vim.fn.screenattr(1, 11)
  assert(keyword ~= name, "a keyword and a name look alike")
  equal(vim.fn.screenattr(1, 16), keyword)
end)

test("every file of the standard library parses and is indented as it stands", function()
  local checked = 0
  for _, file in ipairs(vim.fn.glob(root .. "stdlib/**/*.cpg", false, true)) do
    vim.cmd("edit " .. file)
    local tree = vim.treesitter.get_parser(0, "cpg"):parse()[1]
    assert(not tree:root():has_error(), file)
    for number = 1, vim.fn.line("$") do
      local line = vim.fn.getline(number)
      if line:match("^%s*[})]") or line:match("^%l+ .*{$") then
        equal({ file, number, require("cpglang").indent(number) }, { file, number, vim.fn.indent(number) })
        checked = checked + 1
      end
    end
  end
  assert(checked > 100, checked)
end)

test("what the compiler prints becomes the list of errors", function()
  local lines = {
    "  error[unknown-column]: `test` has no column",
    "    ,-[shop.cpg:9:11]",
    "  9 |   on test.def_idd == c.src",
    "1 error in 1 file",
  }
  vim.fn.setqflist({}, " ", { lines = lines, efm = vim.bo.errorformat })
  local list = vim.fn.getqflist()
  equal(#list, 1)
  equal({ list[1].lnum, list[1].col, list[1].type }, { 9, 11, "E" })
  equal(list[1].text, "`test` has no column")
end)

vim.cmd(failed and "cquit" or "qall!")
