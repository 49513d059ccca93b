import "htmx.org";
import type { PlaceBox } from "./place-box";
import type { ServiceMap } from "./service-map";

const root = document.documentElement;

/** The search form and its answer: choices apply at once, the answer takes the place of the old one. */
export function startFinder(): void {
  root.dataset.view = "list";
  refresh();
  document.addEventListener("htmx:after:swap", refresh);
  document.addEventListener("change", applyChoice);
  document.addEventListener("formdata", (event) => dropEmpty(event.formData));
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    switchView(event, target.closest<HTMLAnchorElement>(".switch [data-view]"));
    closeMenus(target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenus(null);
  });
}

function refresh(): void {
  showView();
  document.querySelector<PlaceBox>("place-box")?.refresh();
  document.querySelector<ServiceMap>("service-map")?.refresh();
}

/** Without JavaScript a button sends the choices; with it each choice does. */
function applyChoice(event: Event): void {
  const field = event.target as HTMLInputElement;
  if ((field.type === "checkbox" || field.type === "radio") && field.form?.id === "search") field.form.requestSubmit();
}

/** Only what was chosen stands in the address of the page. */
function dropEmpty(data: FormData): void {
  const given = [...data];
  for (const [name] of given) data.delete(name);
  for (const [name, value] of given) if (value !== "") data.append(name, value);
}

function switchView(event: Event, link: HTMLAnchorElement | null): void {
  if (!link?.dataset.view) return;
  event.preventDefault();
  root.dataset.view = link.dataset.view;
  showView();
  document.querySelector<ServiceMap>("service-map")?.refresh();
}

function showView(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".switch [data-view]")) {
    link.toggleAttribute("aria-current", false);
    if (link.dataset.view === root.dataset.view) link.setAttribute("aria-current", "true");
  }
}

function closeMenus(clicked: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (clicked && menu.contains(clicked)) continue;
    if (!clicked && menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
    menu.open = false;
  }
}
