// One small menu for all messages, beside the button that opened it.

const pop = document.getElementById("pop");
let opener = null;
let chosen = null;

export function open(button, items, choose) {
  const again = opener === button;
  close();
  if (again) return;
  [opener, chosen] = [button, choose];
  pop.replaceChildren(...items);
  pop.hidden = false;
  button.setAttribute("aria-expanded", "true");
  button.closest("article")?.setAttribute("data-open", "");
  const at = button.getBoundingClientRect();
  const left = Math.min(at.right, innerWidth - 8) - pop.offsetWidth;
  const below = at.bottom + 4 + pop.offsetHeight < innerHeight;
  pop.style.left = `${Math.max(8, left)}px`;
  pop.style.top = `${below ? at.bottom + 4 : at.top - pop.offsetHeight - 4}px`;
  pop.querySelector("button")?.focus();
}

export function item(words, does, kind = "") {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: words, className: kind });
  button.setAttribute("role", "menuitem");
  button.dataset.does = does;
  return button;
}

export function close() {
  if (!opener) return false;
  opener.setAttribute("aria-expanded", "false");
  opener.closest("article")?.removeAttribute("data-open");
  opener.focus({ preventScroll: true });
  [opener, chosen] = [null, null];
  pop.hidden = true;
  return true;
}

pop.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const act = chosen;
  if (!button) return;
  close();
  act(button);
});

pop.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...pop.querySelectorAll("button")];
  buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
});

document.addEventListener("pointerdown", (event) => {
  if (opener && !event.target.closest("#pop") && !opener.contains(event.target)) close();
});
