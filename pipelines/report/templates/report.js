"use strict";
/* Zooming, sorting, searching, opening. Without it everything is there to read all the same. */
(() => {
  const reveal = (selector) => document.querySelectorAll(selector).forEach((one) => { one.hidden = false; });

  /* ---- tables: a header's button sorts; what has no value stays last ---- */
  const valueOf = (row, column, type) => {
    const cell = row.cells[column];
    if (type === "text") return cell.textContent.trim();
    return cell.dataset.value === undefined || cell.dataset.value === "" ? null : Number(cell.dataset.value);
  };
  const compare = (a, b, type) => type === "text" ? a.localeCompare(b, "en") : a - b;
  document.querySelectorAll("table.sortable").forEach((table) => {
    const body = table.tBodies[0];
    [...body.rows].forEach((row, at) => { row.dataset.at = at; });
    table.tHead.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-sort]");
      if (!button) return;
      const header = button.closest("th"), type = button.dataset.sort, column = header.cellIndex;
      const descending = header.ariaSort ? header.ariaSort === "ascending" : type !== "text" && column > 0;
      table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
      header.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const rows = [...body.rows].map((row) => ({ row, value: valueOf(row, column, type) }));
      rows.sort((a, b) => {
        if (a.value === null || b.value === null) {
          return (a.value === null) - (b.value === null) || a.row.dataset.at - b.row.dataset.at;
        }
        return (descending ? -1 : 1) * compare(a.value, b.value, type) || a.row.dataset.at - b.row.dataset.at;
      });
      body.append(...rows.map((one) => one.row));
    });
  });

  /* ---- search: every word typed must stand in the row; accents do not matter ---- */
  const plain = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const search = document.getElementById("search"), found = document.getElementById("found");
  const lines = [...document.querySelectorAll("#ranking-table tbody tr")];
  const texts = lines.map((line) => plain(line.querySelector("th").textContent + " " + line.dataset.find));
  search.addEventListener("input", () => {
    const words = plain(search.value).split(/\s+/);
    let shown = 0;
    lines.forEach((line, at) => {
      line.hidden = !words.every((word) => texts[at].includes(word));
      shown += !line.hidden;
    });
    found.textContent = search.value ? `${shown} of ${lines.length}` : "";
  });
  reveal(".find");

  /* ---- sections: an address opens the one it names ---- */
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const section = target && target.closest("details");
    if (!section) return;
    section.open = true;
    section.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();

  /* ---- slopes: where they do not fit, the newest edition and the names show first ---- */
  document.querySelectorAll(".slopes").forEach((one) => { one.parentElement.scrollLeft = one.parentElement.scrollWidth; });

  /* ---- map: the view box moves; circles and names keep their size on the screen ---- */
  const map = document.getElementById("worldmap");
  const full = map.viewBox.baseVal, world = { w: full.width, h: full.height };
  const names = [...map.querySelectorAll(".name")];
  const spots = [...map.querySelectorAll(".spot")].map((group, at) => {
    const circle = group.querySelector("circle"), place = group.transform.baseVal[0].matrix;
    return { group, circle, x: place.e, y: place.f, r: circle.r.baseVal.value, name: names[at], width: 0 };
  });
  names.forEach((name) => { name.setAttribute("text-anchor", "start"); name.setAttribute("x", 0); name.setAttribute("y", 0); });
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const LETTERS = 13, CLOSEST = 0.6;
  let view = { x: 0, y: 0, w: world.w }, waiting = 0;

  const overlaps = (a, b) => a.l < b.r && b.l < a.r && a.t < b.b && b.t < a.b;
  const write = (unit, shown, shrink) => {
    const wide = map.clientWidth, taken = [{ l: wide - 175, r: wide, t: 0, b: 55 }], limit = Math.max(6, (map.clientWidth || 1200) / 45);
    const inView = shown.filter((one) => one.sx > 0 && one.sy > 0 && one.sx < map.clientWidth && one.sy < map.clientHeight);
    inView.slice(0, 40).forEach(({ sx, sy, spot }) => {
      const r = spot.r * shrink * 0.6;
      taken.push({ l: sx - r, r: sx + r, t: sy - r, b: sy + r });
    });
    names.forEach((name) => name.setAttribute("visibility", "hidden"));
    let written = 0;
    for (const { sx, sy, spot } of inView) {
      if (written >= limit) break;
      spot.width = spot.width || spot.name.getComputedTextLength() / spot.name.dataset.size * LETTERS;
      const r = spot.r * shrink + 4, w = spot.width;
      for (const [left, base] of [[sx + r, sy + 4], [sx - r - w, sy + 4], [sx - w / 2, sy - r], [sx - w / 2, sy + r + 9]]) {
        const box = { l: left, r: left + w, t: base - 11, b: base + 4 };
        if (box.l < 0 || box.r > map.clientWidth || taken.some((other) => overlaps(box, other))) continue;
        taken.push(box);
        spot.name.setAttribute("transform", `translate(${view.x + left * unit} ${view.y + base * unit}) scale(${unit})`);
        spot.name.setAttribute("visibility", "visible");
        written += 1;
        break;
      }
    }
  };
  const draw = () => {
    waiting = 0;
    const wide = map.clientWidth || 1200, tall = map.clientHeight || wide * world.h / world.w;
    const h = view.w * tall / wide;
    view.x = Math.min(Math.max(view.x, -view.w * 0.1), world.w - view.w * 0.9);
    view.y = h >= world.h ? (world.h - h) / 2 : Math.min(Math.max(view.y, 0), world.h - h);
    map.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${h}`);
    const unit = view.w / wide, shrink = Math.min(1, Math.max(0.5, wide / 1200));
    map.classList.toggle("near", view.w < world.w * 0.95);
    map.classList.toggle("close", view.w < 40);
    spots.forEach((spot) => spot.group.setAttribute("transform", `translate(${spot.x} ${spot.y}) scale(${unit * shrink})`));
    write(unit, spots.map((spot) => ({ spot, sx: (spot.x - view.x) / unit, sy: (spot.y - view.y) / unit })), shrink);
  };
  const redraw = () => { waiting = waiting || requestAnimationFrame(draw); };
  const zoom = (factor, px, py) => {
    const wide = map.clientWidth, unit = view.w / wide;
    const w = Math.min(Math.max(view.w * factor, CLOSEST), world.w);
    view = { x: view.x + px * (unit - w / wide), y: view.y + py * (unit - w / wide), w };
    redraw();
  };
  const centre = () => [map.clientWidth / 2, map.clientHeight / 2];
  const glide = (to) => {
    if (still.matches) { view = to; redraw(); return; }
    const from = { ...view }, start = performance.now();
    const step = (now) => {
      const t = Math.min(1, (now - start) / 600), w = from.w * (to.w / from.w) ** t;
      const part = from.w === to.w ? t : (from.w - w) / (from.w - to.w);
      view = { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part, w };
      draw();
      if (t < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  };

  map.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(Math.exp(event.deltaY * 0.004), event.offsetX, event.offsetY);
  }, { passive: false });
  map.addEventListener("dblclick", (event) => { event.preventDefault(); zoom(0.5, event.offsetX, event.offsetY); });
  map.addEventListener("keydown", (event) => {
    const step = view.w / 8, moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (moves[event.key]) { view.x += moves[event.key][0]; view.y += moves[event.key][1]; redraw(); }
    else if (event.key === "+" || event.key === "=") zoom(0.6, ...centre());
    else if (event.key === "-") zoom(1 / 0.6, ...centre());
    else if (event.key === "0") { view = { x: 0, y: 0, w: world.w }; redraw(); }
    else return;
    event.preventDefault();
  });
  document.querySelector(".tools").addEventListener("click", (event) => {
    const way = event.target.dataset.zoom;
    if (way === "in") zoom(0.5, ...centre());
    if (way === "out") zoom(2, ...centre());
    if (way === "all") glide({ x: 0, y: 0, w: world.w });
  });

  /* one pointer drags, two zoom; a drag is no click on a circle */
  const pointers = new Map();
  let dragged = false;
  map.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, event);
    dragged = false;
  });
  map.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const dx = event.clientX - before.clientX, dy = event.clientY - before.clientY;
    if (!dragged && Math.hypot(dx, dy) < 4) return;
    if (!dragged) map.setPointerCapture(event.pointerId);
    dragged = true;
    if (pointers.size === 2) {
      const other = [...pointers.values()].find((one) => one.pointerId !== event.pointerId);
      const span = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      const frame = map.getBoundingClientRect();
      zoom(span(before) / Math.max(span(event), 1), (event.clientX + other.clientX) / 2 - frame.left, (event.clientY + other.clientY) / 2 - frame.top);
    } else {
      const unit = view.w / map.clientWidth;
      view.x -= dx * unit;
      view.y -= dy * unit;
      redraw();
    }
    pointers.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel"]) map.addEventListener(end, (event) => pointers.delete(event.pointerId));
  map.addEventListener("click", (event) => { if (dragged) event.preventDefault(); }, true);
  map.addEventListener("dragstart", (event) => event.preventDefault());

  document.addEventListener("click", (event) => {
    const key = event.target.dataset && event.target.dataset.show;
    if (!key) return;
    const spot = spots.find((one) => { const a = one.group.querySelector("a"); return a && a.getAttribute("href") === `#${key}`; });
    if (!spot) return;
    const w = 8, h = w * map.clientHeight / map.clientWidth;
    glide({ x: spot.x - w / 2, y: spot.y - h / 2, w });
  });

  names.forEach((name) => { name.dataset.size = name.getAttribute("font-size"); });
  map.classList.add("live");
  reveal(".tools, .hint");
  addEventListener("resize", redraw);
  draw();
})();
