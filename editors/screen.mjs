/** Draws a terminal's screen, as `tmux capture-pane -e` prints it, as a picture: standard input to standard output. */

import { readFileSync } from "node:fs";

const [title = "A terminal"] = process.argv.slice(2);
const WIDTH = 8.4;
const HEIGHT = 19;
const PAD = 12;
const PLAIN = { fg: "#d8dee9", bg: "#1d2129" };
const SIXTEEN = [
  ["#2a2f3a", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4"],
  ["#5c6370", "#ff7a85", "#a9d98a", "#f0cf8e", "#7cc0ff", "#d78dee", "#6fd0dc", "#ffffff"],
].flat();

/** The colour of a number from 0 to 255. */
function numbered(n) {
  if (n < 16) return SIXTEEN[n];
  if (n >= 232) return `rgb(${Array(3).fill(8 + 10 * (n - 232)).join()})`;
  const level = (digit) => (digit === 0 ? 0 : 55 + 40 * digit);
  const cube = n - 16;
  return `rgb(${[Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level).join()})`;
}

/** Takes in the numbers of one escape sequence. */
function styled(style, numbers) {
  for (let i = 0; i < numbers.length; i += 1) {
    const n = numbers[i];
    const colour = () => {
      if (numbers[i + 1] === 5) return numbered(numbers[(i += 2)]);
      const rgb = `rgb(${numbers.slice(i + 2, i + 5).join()})`;
      i += 4;
      return rgb;
    };
    if (n === 0) style = {};
    else if (n === 1) style = { ...style, bold: true };
    else if (n === 3) style = { ...style, italic: true };
    else if (n === 4) style = { ...style, underline: true };
    else if (n === 7) style = { ...style, inverse: true };
    else if (n === 22) style = { ...style, bold: false };
    else if (n === 23) style = { ...style, italic: false };
    else if (n === 24) style = { ...style, underline: false };
    else if (n === 27) style = { ...style, inverse: false };
    else if (n === 38) style = { ...style, fg: colour() };
    else if (n === 48) style = { ...style, bg: colour() };
    else if (n === 39) style = { ...style, fg: undefined };
    else if (n === 49) style = { ...style, bg: undefined };
    else if (n >= 30 && n < 38) style = { ...style, fg: SIXTEEN[n - 30] };
    else if (n >= 40 && n < 48) style = { ...style, bg: SIXTEEN[n - 40] };
    else if (n >= 90 && n < 98) style = { ...style, fg: SIXTEEN[n - 82] };
    else if (n >= 100 && n < 108) style = { ...style, bg: SIXTEEN[n - 92] };
  }
  return style;
}

const escaped = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

let style = {};
const rows = readFileSync(0, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => {
    const runs = [];
    let column = 0;
    for (const [, numbers, text] of line.matchAll(/\x1b\[([\d;:]*)m|([^\x1b]+)|\x1b[^m]*/g)) {
      if (text === undefined) {
        // An underline may say of what kind it is.
        const codes = (numbers ?? "").replace(/(^|;)4:(\d)/g, (_, before, kind) => `${before}${kind === "0" ? 24 : 4}`);
        style = styled(style, codes.split(/[;:]/).map(Number));
      } else {
        runs.push({ column, text, style });
        column += [...text].length;
      }
    }
    return runs;
  });

const columns = Math.max(...rows.map((runs) => runs.reduce((most, run) => Math.max(most, run.column + [...run.text].length), 0)));
const width = Math.ceil(columns * WIDTH + 2 * PAD);
const height = rows.length * HEIGHT + 2 * PAD;
const out = [
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
  `<title>${escaped(title)}</title>`,
  `<rect width="100%" height="100%" rx="6" fill="${PLAIN.bg}"/>`,
  `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">`,
];
rows.forEach((runs, row) => {
  for (const { column, text, style } of runs) {
    let [fg, bg] = [style.fg ?? PLAIN.fg, style.bg ?? PLAIN.bg];
    if (style.inverse) [fg, bg] = [bg, fg];
    const x = PAD + column * WIDTH;
    const y = PAD + row * HEIGHT;
    const length = [...text].length * WIDTH;
    if (bg !== PLAIN.bg) out.push(`<rect x="${x.toFixed(1)}" y="${y}" width="${length.toFixed(1)}" height="${HEIGHT}" fill="${bg}"/>`);
    const marks = [
      style.bold && 'font-weight="bold"',
      style.italic && 'font-style="italic"',
      style.underline && 'text-decoration="underline"',
    ].filter(Boolean);
    // Word by word: what draws it may have a font of another width, or leave out blanks.
    for (const { 0: word, index } of text.matchAll(/\S+/g)) {
      const left = x + [...text.slice(0, index)].length * WIDTH;
      const width = [...word].length * WIDTH;
      const attributes = [`x="${left.toFixed(1)}"`, `y="${y + 14}"`, `textLength="${width.toFixed(1)}"`, `fill="${fg}"`, ...marks];
      out.push(`<text ${attributes.join(" ")}>${escaped(word)}</text>`);
    }
  }
});
out.push("</g>", "</svg>");
console.log(out.join("\n"));
