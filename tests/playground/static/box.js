// The boxes to write in: sending, drafts, editing one's own message, files.

import { me, on, place, refresh, rest, tell } from "./state.js";

const FILES = 10; // as many as Mattermost takes with one message
const boxes = [...document.querySelectorAll("form.box")];
const attached = new Map();
const chosen = (form) => attached.get(form);
const rootOf = (form) => (form.dataset.thread ? place.root : "");
const complain = (form, words) => (form.querySelector(".error").textContent = words);

// Drafts stay with their channel or thread while one looks elsewhere.

const shelf = (form) => `draft/${me.user}/${place.channel}/${form.dataset.thread ? place.root || "none" : ""}`;

function keep(form) {
  if (!form.dataset.editing) sessionStorage.setItem(shelf(form), form.elements.text.value);
}

function fetchDraft(form) {
  form.dataset.for = shelf(form);
  form.elements.text.value = sessionStorage.getItem(shelf(form)) || "";
  complain(form, "");
  setFiles(form, []);
}

on("left", () => boxes.forEach((form) => (stopEditing(form), keep(form))));
on("shown", () => boxes.forEach((form) => form.dataset.for === shelf(form) || fetchDraft(form)));
addEventListener("pagehide", () => boxes.forEach(keep));
boxes.forEach(fetchDraft);

// Sending

async function send(form) {
  const box = form.elements.text;
  const text = box.value;
  const files = chosen(form).map((file) => file.id);
  if ((!text.trim() && !files.length) || "busy" in form.dataset) return;
  form.dataset.busy = "";
  const where = shelf(form);
  const { error } = form.dataset.editing
    ? await rest("PUT", `/posts/${form.dataset.editing}/patch`, { message: text })
    : await tell("send", { text, root: rootOf(form), files });
  delete form.dataset.busy;
  if (where !== shelf(form)) return; // gone elsewhere meanwhile: what stands in the box belongs there
  complain(form, error);
  if (error) return; // a failed command stays in the box, as in Mattermost
  if (box.value === text) box.value = "";
  stopEditing(form);
  setFiles(form, []);
  keep(form);
  await refresh();
}

for (const form of boxes) {
  form.addEventListener("submit", (event) => (event.preventDefault(), send(form)));
  form.elements.text.addEventListener("input", () => keep(form));
  form.elements.text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send(form);
    } else if (event.key === "Escape" && form.dataset.editing) {
      event.preventDefault();
      stopEditing(form);
    }
  });
  form.querySelector("[data-unedit]").addEventListener("click", () => stopEditing(form));
  form.querySelector("input[type=file]").addEventListener("change", (event) => attach(form, event.target));
}

// Editing

export function edit(post) {
  const form = boxes.find((one) => Boolean(one.dataset.thread) === Boolean(post.closest("aside")));
  keep(form);
  form.dataset.editing = post.dataset.post;
  form.querySelector(".editing").hidden = false;
  form.elements.text.value = post.dataset.mine;
  form.elements.text.focus();
}

function stopEditing(form) {
  if (!form.dataset.editing) return;
  delete form.dataset.editing;
  form.querySelector(".editing").hidden = true;
  form.elements.text.value = sessionStorage.getItem(shelf(form)) || "";
}

// Files

function setFiles(form, files) {
  attached.set(form, files);
  form.querySelector(".files").replaceChildren(...files.map((file) => chip(form, file)));
}

function chip(form, file) {
  const line = document.createElement("li");
  const drop = document.createElement("button");
  Object.assign(drop, { type: "button", className: "plain", textContent: "✕", ariaLabel: `Leave ${file.name} out` });
  drop.addEventListener("click", () => setFiles(form, chosen(form).filter((one) => one !== file)));
  line.append(file.name, drop);
  return line;
}

async function attach(form, input) {
  const picked = [...input.files].slice(0, FILES - chosen(form).length);
  input.value = "";
  for (const file of picked) {
    const body = new FormData();
    body.append("channel_id", place.channel);
    body.append("files", file, file.name);
    const { error, json } = await rest("POST", "/files", body);
    complain(form, error);
    if (!error) setFiles(form, [...chosen(form), ...json.file_infos]);
  }
  form.elements.text.focus();
}
