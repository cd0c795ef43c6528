vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  pattern = "*.cpg",
  callback = function()
    vim.bo.filetype = "cpg"
  end,
})
