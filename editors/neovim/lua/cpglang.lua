--- Support for the cpg language: highlighting by tree-sitter, the language server, indentation.
local M = {}

--- What may be changed, before the first program is opened: `require("cpglang").setup { … }`.
local settings = {
  --- The program, and its arguments.
  command = { "cpglang", "lsp" },
  --- Called as `on_attach(client, buffer)` when the server knows a buffer.
  on_attach = nil,
  --- As for every client of Neovim: how long it waits for a pause before it tells what was typed, among others.
  flags = nil,
}

function M.setup(given)
  settings = vim.tbl_extend("force", settings, given or {})
end

--- Highlights and folds by tree-sitter, where the parser was built.
function M.highlight(buffer)
  if buffer == 0 then
    buffer = vim.api.nvim_get_current_buf()
  end
  local started = pcall(function()
    if vim.treesitter.start then
      vim.treesitter.start(buffer, "cpg")
    else
      vim.treesitter.highlighter.new(vim.treesitter.get_parser(buffer, "cpg"), {})
    end
  end)
  -- Since 0.9.
  if started and vim.treesitter.foldexpr then
    vim.opt_local.foldmethod = "expr"
    vim.opt_local.foldexpr = "v:lua.vim.treesitter.foldexpr()"
    vim.opt_local.foldlevel = 99
  end
  return started
end

--- The folder of a project: the nearest one above with its configuration or its history, else the file's own.
local function root(buffer)
  local file = vim.api.nvim_buf_get_name(buffer)
  local folder = vim.fn.fnamemodify(file, ":p:h")
  for _, marker in ipairs({ "cpglang.toml", ".git" }) do
    local path = folder
    while true do
      local candidate = path .. "/" .. marker
      if vim.fn.filereadable(candidate) == 1 or vim.fn.isdirectory(candidate) == 1 then
        return path
      end
      local above = vim.fn.fnamemodify(path, ":h")
      if above == path then
        break
      end
      path = above
    end
  end
  return folder
end

--- What the lines above items do.
vim.lsp.commands["cpglang.showReferences"] = function(command, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  local places = vim.lsp.util.locations_to_items(command.arguments[3], client.offset_encoding)
  vim.fn.setqflist({}, " ", { title = command.title, items = places })
  vim.cmd("copen")
end
vim.lsp.commands["cpglang.showPlan"] = function(command, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  client.request("workspace/executeCommand", command, function(_, plan)
    if type(plan) == "string" then
      vim.lsp.util.open_floating_preview(vim.split(plan, "\n"), "")
    end
  end, context.bufnr)
end
vim.lsp.commands["cpglang.runTest"] = function(command, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  client.request("workspace/executeCommand", command, function(problem, outcome)
    if problem then
      vim.notify(problem.message, vim.log.levels.ERROR)
    elseif outcome and outcome.report then
      vim.lsp.util.open_floating_preview(vim.split(outcome.report, "\n"), "")
    end
  end, context.bufnr)
end

--- For Neovim 0.7: the client of each root.
local clients = {}

--- Starts the language server for a buffer's project, or the one that runs is told of the buffer.
function M.serve(buffer)
  if buffer == 0 then
    buffer = vim.api.nvim_get_current_buf()
  end
  if vim.fn.executable(settings.command[1]) == 0 then
    return
  end
  local config = {
    name = "cpglang",
    cmd = settings.command,
    root_dir = root(buffer),
    on_attach = settings.on_attach,
    flags = settings.flags,
  }
  if vim.lsp.start then
    return vim.lsp.start(config, { bufnr = buffer })
  end
  config.on_exit = function()
    clients[config.root_dir] = nil
  end
  local client = clients[config.root_dir] or vim.lsp.start_client(config)
  clients[config.root_dir] = client
  if client then
    vim.lsp.buf_attach_client(buffer, client)
  end
  return client
end

--- A line without its strings and comments.
local function code(number)
  return (vim.fn.getline(number):gsub('"[^"]*"', '""'):gsub("//.*$", ""))
end

--- The line above that opens what is open at the beginning of a line, if anything is.
local function opener(number)
  local depth = 0
  for above = number - 1, 1, -1 do
    for bracket in code(above):reverse():gmatch("[{}()]") do
      depth = depth + ((bracket == "}" or bracket == ")") and 1 or -1)
      if depth < 0 then
        return above
      end
    end
  end
end

--- The indentation of a line. A closing bracket as the line that opens it; other lines one step deeper behind an
--- opening bracket or the `=` of an item, and otherwise as the line above.
function M.indent(number)
  local above = vim.fn.prevnonblank(number - 1)
  local open = opener(number)
  if open and vim.fn.getline(number):match("^%s*[})]") then
    return vim.fn.indent(open)
  elseif above == 0 or (not open and above < number - 1) then
    -- Outside brackets a blank line ends what stands above it.
    return 0
  end
  local before = code(above)
  local deeper = before:match("[{(]%s*$") or before:match("^%l.*=%s*$")
  return vim.fn.indent(above) + (deeper and vim.fn.shiftwidth() or 0)
end

return M
