// Asks for the panes once a second, and swaps those that have changed; sends what is typed and pressed.
"use strict";
const { user, channel, root } = document.body.dataset;
const query = new URLSearchParams({ user, channel, root });

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
  const answer = await fetch(`/page/state?${query}`);
  if (!answer.ok) return;
  const panes = await answer.json();
  swap("channels", panes.channels);
  swap("posts", panes.posts);
  swap("thread", panes.thread);
  for (const id of ["typing", "typing_thread"]) {
    const line = document.getElementById(id);
    if (line) line.textContent = panes[id] || "";
  }
}

async function tell(where, what) {
  const headers = { "Content-Type": "application/json", "X-Playground": "page" };
  const answer = await fetch(`/page/${where}`, { method: "POST", headers, body: JSON.stringify({ user, channel, ...what }) });
  return answer.ok ? (await answer.json()).error : "The playground did not answer.";
}

for (const form of document.querySelectorAll("form.box")) {
  const box = form.elements.text;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!box.value.trim()) return;
    const error = await tell("send", { text: box.value, root: form.dataset.root });
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
  const error = join ? await tell("join", { channel: join }) : await tell("click", { post, action, cookie });
  const place = button.closest("main, aside")?.querySelector(".error");
  if (place) place.textContent = error;
  await refresh();
});

document.querySelector(".who select").addEventListener("change", (event) => event.target.form.requestSubmit());
if (matchMedia("(max-width: 700px)").matches) document.querySelector(".menu").open = false;
for (const pane of document.querySelectorAll(".posts")) pane.scrollTop = pane.scrollHeight;
setInterval(() => refresh().catch(() => {}), 1000); // a playground that is being restarted answers again soon
