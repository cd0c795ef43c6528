/** The script of the page: shows the way of a column, opens it, and moves the picture. */

import type { PageData } from "./draw.js";
import { BETWEEN, connected } from "./graph.js";

declare function acquireVsCodeApi(): { postMessage(message: { open: string }): void };

const editor = typeof acquireVsCodeApi === "function" ? acquireVsCodeApi() : undefined;
const data = JSON.parse(document.getElementById("data")?.textContent ?? "{}") as PageData;
const picture = document.getElementById("graph") as unknown as SVGSVGElement;
const endOf = (element: Element) => element.getAttribute("data-end") ?? "";

function choose(end: string | undefined): void {
  picture.classList.toggle("chosen", end !== undefined);
  const way = connected(data.edges, end ?? "");
  for (const element of picture.querySelectorAll("[data-end]")) {
    element.classList.toggle("on", way.ends.has(endOf(element)));
  }
  for (const relation of picture.querySelectorAll(".relation")) {
    relation.querySelector(".name")?.classList.toggle("on", relation.querySelector(".on") !== null);
  }
  for (const element of picture.querySelectorAll("[data-edge]")) {
    element.classList.toggle("on", way.edges.has(Number(element.getAttribute("data-edge"))));
  }
}

function endAt(event: Event): string | undefined {
  const element = (event.target as Element).closest("[data-end]");
  return element ? endOf(element) : undefined;
}

picture.addEventListener("click", (event) => choose(endAt(event)));
picture.addEventListener("dblclick", (event) => open(endAt(event)));
picture.addEventListener("keydown", (event) => {
  if (event.key === "Escape") choose(undefined);
  if (event.key === " ") choose(endAt(event));
  if (event.key === "Enter") open(endAt(event));
});

function open(end: string | undefined): void {
  if (end !== undefined) editor?.postMessage({ open: end.split(BETWEEN)[0] ?? end });
}

picture.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    const { x, y, width, height } = picture.viewBox.baseVal;
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM()?.inverse());
    const scale = event.deltaY > 0 ? 1.1 : 1 / 1.1;
    const [left, top] = [point.x - (point.x - x) * scale, point.y - (point.y - y) * scale];
    picture.setAttribute("viewBox", `${left} ${top} ${width * scale} ${height * scale}`);
  },
  { passive: false },
);

picture.addEventListener("pointermove", (event) => {
  if (event.buttons !== 1) return;
  const { x, y, width, height } = picture.viewBox.baseVal;
  const scale = 1 / (picture.getScreenCTM()?.a ?? 1);
  picture.setAttribute(
    "viewBox",
    `${x - event.movementX * scale} ${y - event.movementY * scale} ${width} ${height}`,
  );
});

if (data.focus.includes(BETWEEN)) choose(data.focus);
