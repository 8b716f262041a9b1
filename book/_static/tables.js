/* Sort a table by a click on a heading; filter long ones. Offline, without a library. */
"use strict";

(() => {
  const LONG = 12; // rows from which a filter helps

  // the first number of a cell; "<0.0001" sorts before 0.0001, a dash last
  const key = (cell) => {
    const text = cell.textContent.trim();
    const number = text.replace(/,/g, "").match(/^[<>≤≥]?\s*(-?\d+(?:\.\d+)?)/);
    if (text === "–" || text === "") return [2, 0, ""];
    if (!number) return [1, 0, text.toLowerCase()];
    return [0, Number(number[1]) - (text[0] === "<" ? 1e-12 : 0), ""];
  };

  const compare = (a, b) => a[0] - b[0] || a[1] - b[1] || a[2].localeCompare(b[2]);

  const sort = (table, heading, column) => {
    const ascending = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of heading.parentNode.children) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => [key(row.cells[column]), row]);
    keyed.sort((a, b) => (ascending ? 1 : -1) * compare(a[0], b[0]));
    body.append(...keyed.map((pair) => pair[1]));
  };

  const sortable = (table) => {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(table, heading, column));
      heading.append(button);
    });
  };

  const filtered = (box, table) => {
    const input = document.createElement("input");
    input.type = "search";
    input.placeholder = "Filter rows";
    input.setAttribute("aria-label", `Filter rows of ${box.getAttribute("aria-label")}`);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/);
      for (const row of table.tBodies[0].rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
    });
    box.before(input);
    input.className = "item-filter";
  };

  document.addEventListener("DOMContentLoaded", () => {
    for (const box of document.querySelectorAll(".item-table")) {
      const table = box.querySelector("table");
      // rows that belong to the heading row above them stay there, as do columns under one heading
      const grouped = table.querySelector("tbody th.inside") || table.tHead.rows.length > 1;
      if (!grouped) sortable(table);
      if (table.tBodies[0].rows.length > LONG) filtered(box, table);
    }
  });
})();
