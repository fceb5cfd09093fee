// Dialogs: shown once for the press that opened them, kept open by errors, closed by Esc, which loses the words.

import { combine } from "./pick.js";
import { on, refresh, tell } from "./state.js";

const dialog = document.getElementById("dialog");
let opener = null;
let busy = false;

function show(html) {
  if (!dialog.open) opener = document.activeElement;
  dialog.innerHTML = html; // the server's own template
  dialog.querySelectorAll("select").forEach(combine);
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("[autofocus]:not([hidden])") || dialog.querySelector(".pick, .primary"))?.focus();
}

function close() {
  dialog.close();
  if (opener?.isConnected) opener.focus({ preventScroll: true });
}

const line = (name) => [...dialog.querySelectorAll("[data-error]")].find((one) => one.dataset.error === name);

function say(errors, error) {
  for (const one of dialog.querySelectorAll("[data-error]")) one.textContent = "";
  for (const [name, words] of Object.entries(errors)) line(name).textContent = words;
  line("").textContent = error;
  const first = dialog.querySelector(".element:has(.error:not(:empty)) :is(input:not([hidden]), textarea)");
  first?.focus();
}

// What a browser finds wrong, said under the field as the app's own errors are.
function missing(form) {
  const wrong = {};
  for (const control of form.elements) {
    if (!control.name || control.validity.valid || wrong[control.name]) continue;
    wrong[control.name] = control.validity.valueMissing ? "This field is required." : control.validationMessage;
  }
  return wrong;
}

dialog.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const wrong = missing(form);
  if (Object.keys(wrong).length) return say(wrong, "");
  if (busy) return;
  busy = true;
  form.querySelector(".primary").setAttribute("aria-busy", "true");
  const values = Object.fromEntries(new FormData(form));
  const answer = await tell("submit", { trigger: form.dataset.trigger, values });
  busy = false;
  form.querySelector(".primary").removeAttribute("aria-busy");
  if (!form.isConnected || !dialog.open) return;
  say(answer.errors || {}, answer.error);
  if (answer.error || Object.keys(answer.errors).length) return;
  if (answer.next) return show(answer.next);
  close();
  await refresh();
});

function cancel() {
  if (!dialog.open) return;
  const { trigger } = dialog.querySelector("form").dataset;
  close();
  tell("submit", { trigger }); // the app hears of it if it wanted to
}

dialog.addEventListener("cancel", (event) => (event.preventDefault(), cancel())); // Esc
dialog.addEventListener("click", (event) => event.target.closest("[data-cancel]") && cancel());
on("dialog", show);
