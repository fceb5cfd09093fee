// Asks for the panes once a second, and swaps those that have changed; sends what is typed and pressed.
"use strict";
const { user, channel, root } = document.body.dataset;
const dialog = document.getElementById("dialog");
let trigger = ""; // of the last press or command here: the app may open a dialog for it, which no other window shows

function swap(id, html) {
  const pane = document.getElementById(id);
  if (!pane || html === undefined || pane.dataset.shown === html) return;
  const atEnd = pane.scrollHeight - pane.scrollTop - pane.clientHeight < 80;
  const opened = [...pane.querySelectorAll("details[open]")].map((one) => one.closest("[data-post]")?.dataset.post);
  pane.innerHTML = html; // the server's own templates, in which every word of a person's is escaped
  for (const post of opened) pane.querySelector(`[data-post="${post}"] details`)?.setAttribute("open", "");
  pane.dataset.shown = html;
  if (atEnd) pane.scrollTop = pane.scrollHeight;
}

async function refresh() {
  if (!channel || document.hidden) return;
  const asked = trigger;
  const answer = await fetch(`/page/state?${new URLSearchParams({ user, channel, root, trigger })}`);
  if (!answer.ok) return;
  const panes = await answer.json();
  swap("channels", panes.channels);
  swap("posts", panes.posts);
  swap("thread", panes.thread);
  for (const id of ["typing", "typing_thread"]) {
    const line = document.getElementById(id);
    if (line) line.textContent = panes[id] || "";
  }
  if (panes.dialog && asked === trigger) show(panes.dialog);
}

function show(html) {
  dialog.innerHTML = html; // again the server's own template
  dialog.dataset.trigger = trigger;
  trigger = ""; // shown once
  if (!dialog.open) dialog.showModal();
}

async function tell(where, what) {
  const headers = { "Content-Type": "application/json", "X-Playground": "page" };
  const body = JSON.stringify({ user, channel, ...what });
  const answer = await fetch(`/page/${where}`, { method: "POST", headers, body }).catch(() => null);
  const found = answer?.ok ? await answer.json() : { error: "The playground did not answer." };
  trigger = found.trigger || trigger;
  return found;
}

for (const form of document.querySelectorAll("form.box")) {
  const box = form.elements.text;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!box.value.trim()) return;
    const { error } = await tell("send", { text: box.value, root: form.dataset.root });
    form.querySelector(".error").textContent = error;
    if (!error) box.value = ""; // a failed command stays in the box, as in Mattermost
    await refresh();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-action], [data-join]");
  if (!button) return;
  const post = button.closest("[data-post]")?.dataset.post;
  const { action, cookie, join } = button.dataset;
  const { error } = join ? await tell("join", { channel: join }) : await tell("click", { post, action, cookie });
  const place = button.closest("main, aside")?.querySelector(".error");
  if (place) place.textContent = error;
  await refresh();
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-copy]");
  if (!link || !navigator.clipboard) return; // without a clipboard it is a link like any other
  event.preventDefault();
  await navigator.clipboard.writeText(link.href).then(() => (link.textContent = "Copied"));
});

dialog.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = dialog.querySelector("footer .primary");
  const values = Object.fromEntries(new FormData(event.target));
  button.disabled = true;
  const { error, errors } = await tell("submit", { trigger: dialog.dataset.trigger, values });
  button.disabled = false;
  const wrong = new Map([...Object.entries(errors || {}), ["", error]]);
  for (const line of dialog.querySelectorAll(".error")) line.textContent = wrong.get(line.dataset.element) || "";
  if (error || Object.keys(errors).length) return;
  dialog.close();
  await refresh();
});

function cancel() {
  if (!dialog.open) return;
  dialog.close();
  tell("submit", { trigger: dialog.dataset.trigger }); // the app hears of it if it wanted to
}

dialog.addEventListener("cancel", (event) => (event.preventDefault(), cancel())); // Esc
dialog.addEventListener("click", (event) => event.target.closest("[data-cancel]") && cancel());
document.querySelector(".who select").addEventListener("change", (event) => event.target.form.requestSubmit());
if (matchMedia("(max-width: 700px)").matches) document.querySelector(".menu").open = false;
for (const pane of document.querySelectorAll(".posts")) pane.scrollTop = pane.scrollHeight;
setInterval(() => refresh().catch(() => {}), 1000); // a playground that is being restarted answers again soon
