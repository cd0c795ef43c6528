-- The settings of a user, for the tests in a terminal.
local plugin = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p:h:h")
vim.opt.runtimepath:prepend(plugin)
vim.opt.runtimepath:append(vim.env.SCRATCH .. "/neovim")
vim.opt.termguicolors = true
vim.opt.signcolumn = "yes"
vim.opt.number = true
vim.opt.swapfile = false
vim.opt.shortmess:append("I")
-- Colours that a reader of the book can look at.
for group, look in pairs({
  CursorLineNr = "guifg=#e5c07b",
  DiagnosticError = "guifg=#ff7a85",
  FloatBorder = "guifg=#5c6370 guibg=#2a2f3a",
  Function = "guifg=#7cc0ff",
  Identifier = "guifg=#9cdcfe gui=NONE",
  Comment = "guifg=#7f8a9c gui=italic",
  Keyword = "guifg=#d78dee gui=NONE",
  LineNr = "guifg=#5c6370",
  NonText = "guifg=#3b4252",
  Number = "guifg=#e5a06c",
  NormalFloat = "guifg=#d8dee9 guibg=#2a2f3a",
  Operator = "guifg=#c8ccd4",
  Pmenu = "guifg=#d8dee9 guibg=#2a2f3a",
  PmenuSel = "guifg=#ffffff guibg=#3e5c84",
  Search = "guifg=NONE guibg=#3b4a63",
  SignColumn = "guibg=NONE",
  Special = "guifg=#c8ccd4",
  Statement = "guifg=#d78dee gui=NONE",
  StatusLine = "guifg=#1d2129 guibg=#98a2b3 gui=NONE",
  String = "guifg=#a9d98a",
  Type = "guifg=#6fd0dc gui=NONE",
}) do
  vim.cmd(("highlight %s %s"):format(group, look))
end
vim.cmd("highlight! link LspCodeLens Comment")
vim.diagnostic.config({ update_in_insert = true })
vim.opt.completeopt = { "menuone", "noselect" }
vim.cmd("filetype plugin indent on")

-- A session is taken down by copying what the server is told.
local serve = { vim.env.CPGLANG, "lsp" }
if vim.env.RECORD ~= "" then
  serve = { "sh", "-c", 'tee "$RECORD" | "$CPGLANG" lsp' }
end
require("cpglang").setup({
  command = serve,
  -- Every key is told: by default Neovim waits for a pause.
  flags = { debounce_text_changes = 0 },
  on_attach = function(_, buffer)
    vim.bo[buffer].omnifunc = "v:lua.vim.lsp.omnifunc"
    local bind = function(key, act)
      vim.keymap.set("n", key, act, { buffer = buffer })
    end
    bind("K", vim.lsp.buf.hover)
    bind("gd", vim.lsp.buf.definition)
    bind("gr", vim.lsp.buf.references)
    bind("ge", vim.diagnostic.goto_next)
    bind("gl", function()
      vim.lsp.codelens.run()
    end)
    vim.lsp.codelens.refresh()
    vim.api.nvim_create_autocmd({ "BufWritePost", "InsertLeave" }, { buffer = buffer, callback = vim.lsp.codelens.refresh })
  end,
})
