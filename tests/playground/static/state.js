// Where this window is, what it shows of it, and how it asks the server.

import { fill } from "./morph.js";

const { user, userId, token } = document.body.dataset;
export const me = { user, userId, token };
export const place = { channel: "", root: "", card: "" };
for (const part of Object.keys(place)) place[part] = document.body.getAttribute(`data-place-${part}`);
const EVERY = 400; // milliseconds between two looks; a look where nothing is new costs the server next to nothing
const PANES = ["people", "channels", "head", "posts", "thread", "card"];
const listeners = { shown: [], left: [], dialog: [] };
let trigger = ""; // of the last press or command here: the app may open a dialog for it, which no other window shows
let seen = ""; // the version that stands on the page

export const on = (what, listener) => listeners[what].push(listener);
const tellAll = (what, ...news) => listeners[what].forEach((listener) => listener(...news));
export const pane = (id) => document.getElementById(id);

// Asking

export async function tell(where, what) {
  const headers = { "Content-Type": "application/json", "X-Playground": "page" };
  const body = JSON.stringify({ user: me.user, channel: place.channel, ...what });
  const answer = await fetch(`/page/${where}`, { method: "POST", headers, body }).catch(() => null);
  const found = answer?.ok ? await answer.json() : { error: "The playground did not answer." };
  trigger = found.trigger || trigger;
  return found;
}

// As a person's client does it, by the interface that everybody else uses. The words of an error, or "".
export async function rest(method, path, body) {
  const headers = { Authorization: `Bearer ${me.token}` };
  if (!(body instanceof FormData)) headers["Content-Type"] = "application/json";
  const sent = body instanceof FormData ? body : body && JSON.stringify(body);
  const answer = await fetch(`/api/v4${path}`, { method, headers, body: sent }).catch(() => null);
  if (!answer) return { error: "The playground did not answer." };
  if (answer.ok && method === "GET" && path.startsWith("/files/")) return { error: "", blob: await answer.blob() };
  const json = await answer.json();
  return { error: answer.ok ? "" : json.message, json };
}

// Showing

const address = (query) => `?${new URLSearchParams(Object.entries(query).filter(([, value]) => value))}`;

export async function refresh() {
  if (!place.channel) return;
  const asked = { trigger, where: address(place) };
  const hidden = document.hidden ? "1" : "";
  const answer = await fetch(`/page/state${address({ user: me.user, ...place, trigger, hidden, seen })}`);
  if (asked.where !== address(place)) return;
  if (answer.status === 404) location.assign(address({ user: me.user })); // a channel that one may no longer read
  if (answer.status !== 200) return;
  const state = await answer.json();
  if (asked.where !== address(place)) return;
  seen = state.version;
  if (place.root !== state.beside.root || place.card !== state.beside.card) stay(state.beside);
  show(state);
  if (state.dialog && asked.trigger === trigger) {
    trigger = ""; // shown once
    tellAll("dialog", state.dialog);
  }
}

const streams = [...document.querySelectorAll(".posts")];
const ended = new Map(); // whether a pane was at its end when it was last seen
const toEnd = (one) => (one.scrollTop = one.scrollHeight);
const entered = new Set(); // panes with another channel or thread than before: those begin at their end

function atEnd(one) {
  if (one.clientHeight) ended.set(one, one.scrollHeight - one.scrollTop - one.clientHeight < 60);
  return ended.get(one);
}

function show(state) {
  const followed = streams.filter((one) => entered.has(one.id) || atEnd(one));
  entered.clear();
  for (const id of PANES) fill(pane(id), state[id]);
  for (const id of ["typing", "typing_thread"]) pane(id).textContent = state[id];
  pane("side_place").textContent = state.label;
  document.querySelector("main textarea").placeholder = `Write to ${state.label}, or type /ai help`;
  document.title = `${state.waiting ? `(${state.waiting}) ` : ""}${state.label} · playground`;
  aside();
  tellAll("shown", state);
  followed.forEach(toEnd); // who is at the end stays there
}

export function aside() {
  const { classList } = document.body;
  classList.toggle("beside", Boolean(place.root || place.card));
  classList.toggle("carded", Boolean(place.card));
  pane("side_title").textContent = place.card ? "Details" : "Thread";
}

// Going

export async function go(where) {
  await arrive(where, () => history.pushState({ ...place }, "", address({ user: me.user, ...place })));
}

function stay(where) { // what stood beside was deleted
  Object.assign(place, where);
  history.replaceState({ ...place }, "", address({ user: me.user, ...place }));
}

async function arrive(where, remember) {
  tellAll("left");
  if (where.channel !== undefined && where.channel !== place.channel) entered.add("posts");
  if (where.root) entered.add("thread");
  const followed = streams.filter(atEnd);
  Object.assign(place, where);
  remember();
  seen = "";
  aside();
  followed.forEach(toEnd); // a narrower pane is a longer one
  await refresh().catch(() => {});
  tellAll("shown", {});
}

addEventListener("popstate", (event) => arrive(event.state || {}, () => {}));

export function start() {
  history.replaceState({ ...place }, "", address({ user: me.user, ...place }));
  aside();
  streams.forEach(toEnd);
  const lost = () => toast("The playground does not answer. Trying again…");
  const look = () => refresh().catch(lost).finally(() => setTimeout(look, EVERY));
  look();
}

let fading = 0;
export function toast(words) {
  pane("toast").textContent = words;
  clearTimeout(fading);
  fading = setTimeout(() => (pane("toast").textContent = ""), 4000);
}
