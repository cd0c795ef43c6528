# Neovim in a terminal of its own, typed into key by key, as people do: source this.
# CPGLANG names the program, SCRATCH a folder with `neovim/parser/cpg.so` in it.
here=$(pwd)
socket=cpglang-$$
tm() { tmux -L "$socket" -f /dev/null "$@"; }

# Opens a file of a folder.
start() {
  tm new-session -d -x "${WIDE:-100}" -y "${HIGH:-24}" -c "$1" \
    "env CPGLANG='$CPGLANG' RECORD='${RECORD:-}' SCRATCH='$SCRATCH' XDG_STATE_HOME='$SCRATCH' XDG_CACHE_HOME='$SCRATCH' \
     TERM=tmux-256color nvim -n -i NONE -u '$here/init.lua' '$2'"
  tm set-option -g default-terminal tmux-256color
  tm set-option -gs escape-time 0
}

# Presses keys that have names: Escape, Enter, C-x.
press() { for key in "$@"; do tm send-keys "$key"; sleep "${PAUSE:-0.05}"; done; }

# Types a text, one key after the other.
typed() {
  printf '%s' "$1" | while IFS= read -r -n 1 key; do
    case $key in '') tm send-keys Enter ;; *) tm send-keys -l -- "$key" ;; esac
    sleep "${PAUSE:-0.02}"
  done
}

# What is on the screen, as text; with colours when asked `-e`.
screen() { tm capture-pane -p "$@"; }

# Waits until a text is on the screen.
shows() {
  for _ in $(seq 300); do
    if screen | grep -qF -- "$1"; then return; fi
    sleep 0.1
  done
  printf 'not ok never shows: %s\n' "$1"
  screen
  return 1
}

# Waits until a text is on the screen no more.
hides() {
  for _ in $(seq 300); do
    if ! screen | grep -qF -- "$1"; then return; fi
    sleep 0.1
  done
  printf 'not ok still shows: %s\n' "$1"
  screen
  return 1
}

stop() { tm kill-server 2>/dev/null || true; }
trap stop EXIT
