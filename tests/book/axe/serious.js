// Serious and critical findings of axe. Contrast, by far the slowest rule, is measured on one text of
// each look: its colour and size, and the backgrounds, classes and positions of all that it stands in.
const done = arguments[arguments.length - 1];
const styles = (box, ...names) => names.map(name => getComputedStyle(box)[name]);
const numbers = new Map(), places = new Map();
const place = box => {
  if (!box) return 0;
  if (!places.has(box)) {
    const look = [place(box.parentElement), box.tagName, box.getAttribute('class'), ...styles(
      box, 'backgroundColor', 'backgroundImage', 'opacity', 'position', 'mixBlendMode')].join();
    if (!numbers.has(look)) numbers.set(look, numbers.size + 1);
    places.set(box, numbers.get(look));
  }
  return places.get(box);
};
const hasText = box => [...box.childNodes].some(each => each.nodeType === 3 && each.data.trim());
const isShown = box => box.checkVisibility({visibilityProperty: true}) &&
  box.getBoundingClientRect().width > 1 && box.getBoundingClientRect().height > 1;
const seen = new Set();
for (const box of document.querySelectorAll('body *')) if (hasText(box) && isShown(box)) {
  const look = [place(box), ...styles(box, 'color', 'fontSize', 'fontWeight', 'textShadow')].join();
  if (!seen.has(look)) box.setAttribute('data-look', seen.add(look).size);
}
axe.configure({rules: [{id: 'color-contrast', selector: '[data-look]'}]});
const region = {enabled: false}; // slow, and of moderate impact
axe.run(document, {resultTypes: ['violations'], rules: {region}}).then(found => done(
  found.violations.filter(each => ['serious', 'critical'].includes(each.impact))
    .map(each => [each.id, ...each.nodes.slice(0, 3).map(n => n.html.slice(0, 90))].join(' | '))));
