// Makes what stands on the page equal to what the server says, touching only what differs: so nothing flickers, no
// scroll position moves, and whoever is on a button stays on it while a post is edited every second.

const LOCAL = new Set(["data-long", "data-unfolded", "data-open", "data-flash"]); // what this page adds by itself

export function fill(pane, html) {
  const fresh = pane.cloneNode(false);
  fresh.innerHTML = html; // the server's own templates, in which every word of a person's is escaped
  matchChildren(pane, fresh);
}

function match(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return;
  }
  if (old.hasAttribute("data-keep")) return;
  matchAttributes(old, fresh);
  matchChildren(old, fresh);
}

function matchAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !LOCAL.has(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

const keyOf = (node) => node.dataset?.key;

function matchChildren(old, fresh) {
  const wanted = new Set([...fresh.children].map(keyOf));
  if ([...wanted].some(Boolean)) for (const list of [old, fresh]) trim(list);
  const known = new Map();
  for (const child of [...old.children]) {
    if (!keyOf(child)) continue;
    if (wanted.has(keyOf(child))) known.set(keyOf(child), child);
    else child.remove();
  }
  let at = old.firstChild;
  for (const want of [...fresh.childNodes]) {
    const have = keyOf(want) ? known.get(keyOf(want)) : at;
    if (!have || have.nodeName !== want.nodeName || keyOf(have) !== keyOf(want)) {
      old.insertBefore(want, at);
      continue;
    }
    if (have !== at) old.insertBefore(have, at);
    match(have, want);
    at = have.nextSibling;
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function trim(list) { // white space between the items of a list has no key to be known by
  for (const node of [...list.childNodes]) {
    if (node.nodeType === Node.TEXT_NODE && !node.nodeValue.trim()) node.remove();
  }
}
