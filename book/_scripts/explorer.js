/* Survival by FaceAge groups: curves, log-rank test and Cox model from counts, without any request.
   counts: {above: lower limits of the bins, years: ends of the intervals,
            events, censored: one list per bin; null where a count is withheld}. */
"use strict";

const explorer = {
  /* Join the bins between the cut-points; a group without patients is left out. */
  groups(counts, cuts) {
    const edges = [...new Set(cuts)].sort((a, b) => a - b);
    const zeros = () => counts.years.map(() => 0);
    const all = [...edges, null].map((to, i) => ({
      label: explorer.label(edges[i - 1], to), events: zeros(), censored: zeros(),
    }));
    counts.above.forEach((above, bin) => {
      const group = all[edges.filter(edge => edge <= above).length];
      counts.years.forEach((_, t) => {
        group.events[t] += counts.events[bin][t] ?? 0;
        group.censored[t] += counts.censored[bin][t] ?? 0;
      });
    });
    return all.map(explorer.withRisk).filter(group => group.n > 0);
  },

  label(from, to) {
    if (from === undefined) return to === null ? "all" : `≤${to}`;
    return to === null ? `>${from}` : `>${from} to ${to}`;
  },

  /* Numbers at risk just before each time: who leaves at a time is at risk at it. */
  withRisk(group) {
    const left = group.events.map((events, t) => events + group.censored[t]);
    const n = left.reduce((a, b) => a + b, 0);
    let at = n;
    const risk = left.map(leaving => { const before = at; at -= leaving; return before; });
    return {...group, n, risk, deaths: group.events.reduce((a, b) => a + b, 0)};
  },

  /* Kaplan-Meier estimate after each time. */
  survival(group) {
    let s = 1;
    return group.events.map((d, t) => (s *= group.risk[t] ? 1 - d / group.risk[t] : 1));
  },

  /* Log-rank test: {statistic, df, p}. */
  logrank(groups) {
    const k = groups.length - 1;
    const excess = Array(k).fill(0), variance = explorer.matrix(k);
    groups[0].events.forEach((_, t) => {
      const y = groups.reduce((sum, g) => sum + g.risk[t], 0);
      const d = groups.reduce((sum, g) => sum + g.events[t], 0);
      if (!d || y < 2) return;
      const share = groups.map(g => g.risk[t] / y), factor = d * (y - d) / (y - 1);
      for (let i = 0; i < k; i++) {
        excess[i] += groups[i].events[t] - d * share[i];
        for (let j = 0; j < k; j++) variance[i][j] += factor * share[i] * ((i === j) - share[j]);
      }
    });
    const solved = explorer.solve(variance, excess);
    const statistic = excess.reduce((sum, x, i) => sum + x * solved[i], 0);
    return {statistic, df: k, p: explorer.chiSquare(statistic, k)};
  },

  /* Cox model, Efron's ties: log hazard ratio and standard error of each group against the first. */
  cox(groups) {
    const k = groups.length - 1;
    let beta = Array(k).fill(0), information;
    for (let step = 0; step < 30; step++) {
      const gradient = Array(k).fill(0);
      information = explorer.matrix(k);
      groups[0].events.forEach((_, t) => explorer.addTime(groups, t, beta, gradient, information));
      const change = explorer.solve(information, gradient);
      beta = beta.map((b, i) => b + change[i]);
      if (Math.max(...change.map(Math.abs)) < 1e-10) break;
    }
    return beta.map((logRatio, i) => {
      const unit = beta.map((_, j) => Number(i === j));
      return {logRatio, se: Math.sqrt(explorer.solve(information, unit)[i])};
    });
  },

  /* What one time adds to gradient and information. */
  addTime(groups, t, beta, gradient, information) {
    const d = groups.reduce((sum, g) => sum + g.events[t], 0);
    const ratio = groups.map((_, g) => (g ? Math.exp(beta[g - 1]) : 1));
    beta.forEach((_, i) => { gradient[i] += groups[i + 1].events[t]; });
    for (let l = 0; l < d; l++) {
      const weight = groups.map((g, i) => (g.risk[t] - l / d * g.events[t]) * ratio[i]);
      const total = weight.reduce((a, b) => a + b, 0);
      const share = weight.map(w => w / total).slice(1);
      share.forEach((p, i) => {
        gradient[i] -= p;
        share.forEach((q, j) => { information[i][j] += p * ((i === j) - q); });
      });
    }
  },

  matrix: k => Array.from({length: k}, () => Array(k).fill(0)),

  /* Gaussian elimination with pivots. */
  solve(matrix, vector) {
    const rows = matrix.map((row, i) => [...row, vector[i]]), n = rows.length;
    for (let i = 0; i < n; i++) {
      let best = i;
      for (let r = i + 1; r < n; r++) if (Math.abs(rows[r][i]) > Math.abs(rows[best][i])) best = r;
      [rows[i], rows[best]] = [rows[best], rows[i]];
      for (let r = 0; r < n; r++) {
        if (r === i) continue;
        const factor = rows[r][i] / rows[i][i];
        for (let c = i; c <= n; c++) rows[r][c] -= factor * rows[i][c];
      }
    }
    return rows.map((row, i) => row[n] / row[i]);
  },

  /* Upper tail of chi-square for whole degrees of freedom. */
  chiSquare(x, df) {
    if (x <= 0) return 1;
    let term = df % 2 ? Math.sqrt(2 * x / Math.PI) * Math.exp(-x / 2) : Math.exp(-x / 2);
    let tail = df % 2 ? explorer.normalTails(Math.sqrt(x)) : term;
    for (let k = df % 2 ? 3 : 4; k <= df; k += 2) {
      if (k > 3) term *= x / (k - 2);
      tail += term;
    }
    return tail;
  },

  /* P(|Z| > z): a series near 0, a continued fraction in the tail. */
  normalTails(z) {
    const density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    if (z < 3) {
      let term = z, sum = z;
      for (let i = 1; i < 200; i++) { term *= z * z / (2 * i + 1); sum += term; }
      return 1 - 2 * density * sum;
    }
    let fraction = z;
    for (let i = 200; i > 0; i--) fraction = z + i / fraction;
    return 2 * density / fraction;
  },
};

/* The page: three sliders, the curves, the numbers. */
(function () {
  const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#AA4499"];
  const DASHES = ["", "8 3", "2 2", "9 3 2 3"];
  const print = (x, digits = 2) => x.toFixed(digits);
  const count = n => n.toLocaleString("en");
  const printP = p => (p < 0.0001 ? "< 0.0001" : `= ${p < 0.1 ? p.toPrecision(2) : print(p)}`);
  const box = document.getElementById("explorer");
  if (!box) return;
  const counts = JSON.parse(document.getElementById("explorer-counts").textContent);
  const sliders = [...box.querySelectorAll("input")];

  function curve(group, i, x, y) {
    const points = [`M${x(0)} ${y(1)}`];
    explorer.survival(group).forEach((s, t) => {
      if (group.risk[t] >= 10) points.push(`H${x(counts.years[t])}V${y(s)}`);
    });
    return `<path d="${points.join("")}" fill="none" stroke="${COLOURS[i]}" stroke-width="2" stroke-dasharray="${DASHES[i]}"/>`;
  }

  function drawing(groups) {
    const end = counts.years[counts.years.length - 1];
    const x = year => 60 + 560 * year / end, y = s => 15 + 285 * (1 - s);
    const ticks = Array.from({length: Math.floor(end) + 1}, (_, i) => i);
    const text = (px, py, words, more = "") => `<text x="${px}" y="${py}" ${more}>${words}</text>`;
    const middle = 'text-anchor="middle"';
    const atRisk = (group, year) => group.risk[counts.years.findIndex(t => t > year - 1e-9)] ?? 0;
    return [
      ...[0, 0.25, 0.5, 0.75, 1].map(s => text(52, y(s) + 4, s, 'text-anchor="end"')
        + `<path d="M60 ${y(s)}H620" stroke="#ddd"/>`),
      ...ticks.map(year => text(x(year), 318, year, middle)),
      text(340, 338, "Years since start of radiotherapy", middle),
      text(60, 362, "Number at risk"),
      ...groups.map((group, i) => ticks.map(year =>
        text(x(year), 382 + 18 * i, count(atRisk(group, year)), `${middle} fill="${COLOURS[i]}"`)).join("")),
      ...groups.map((group, i) => curve(group, i, x, y)),
      `<text x="16" y="157" ${middle} transform="rotate(-90 16 157)">Survival probability</text>`,
    ].join("");
  }

  function row(group, i, fit) {
    const sample = `<svg width="34" height="8" aria-hidden="true"><path d="M0 4H34" stroke="${COLOURS[i]}" stroke-width="2" stroke-dasharray="${DASHES[i]}"/></svg>`;
    let ratio = "reference";
    if (i) {
      const {logRatio, se} = fit[i - 1], z = 1.959963984540054;
      const [low, high] = [-z, z].map(q => print(Math.exp(logRatio + q * se)));
      ratio = `${print(Math.exp(logRatio))} (${low}–${high})`;
    }
    return `<tr><th scope="row">${sample} ${group.label}</th><td>${count(group.n)}</td><td>${count(group.deaths)}</td><td>${ratio}</td></tr>`;
  }

  function show() {
    sliders.forEach(slider => { slider.nextElementSibling.value = slider.value; });
    const groups = explorer.groups(counts, sliders.map(slider => Number(slider.value)));
    const several = groups.length > 1;
    const svg = box.querySelector("svg.curves");
    svg.setAttribute("viewBox", `0 0 640 ${380 + 18 * groups.length}`);
    svg.innerHTML = drawing(groups);
    const fit = several ? explorer.cox(groups) : [];
    box.querySelector("tbody").innerHTML = groups.map((g, i) => row(g, i, fit)).join("");
    const test = several ? explorer.logrank(groups) : null;
    box.querySelector("[role=status]").textContent = test
      ? `Log-rank: χ² ${print(test.statistic, 1)} on ${test.df} df, p ${printP(test.p)}.` : "One group.";
  }

  sliders.forEach(slider => slider.addEventListener("input", show));
  show();
})();
