/** What every form gains with JavaScript: focus on its faults, languages opened by a button, quartiers found by name. */
export function startForms(): void {
  document.querySelector<HTMLElement>("[data-faults]")?.focus();
  for (const box of document.querySelectorAll<HTMLElement>("[data-find-zone]")) box.hidden = false;
  document.addEventListener("input", (event) => findZone(event.target as HTMLInputElement));
  document.addEventListener("toggle", openedLanguage, true);
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    openLanguage(target.closest<HTMLElement>("[data-open-language]"));
    target.closest<HTMLElement>("[data-remove]")?.closest("li")?.remove();
  });
}

/** Somebody opened one more language: the next word they type belongs there. */
function openedLanguage(event: Event): void {
  const details = event.target as HTMLDetailsElement;
  if (!details.matches?.("details.one-language[open]") || document.activeElement !== details.querySelector("summary")) return;
  details.querySelector<HTMLElement>("input, textarea")?.focus();
}

function openLanguage(button: HTMLElement | null): void {
  const lang = button?.dataset.openLanguage;
  if (!lang) return;
  const parts = document.querySelectorAll<HTMLDetailsElement>(`details.one-language[data-language="${CSS.escape(lang)}"]`);
  for (const part of parts) part.open = true;
  parts[0]?.querySelector<HTMLElement>("input, textarea")?.focus();
}

/** Keep the quartiers whose name holds what was typed, and open their communes. */
function findZone(input: HTMLInputElement): void {
  const picker = input.closest<HTMLElement>("[data-find-zone]")?.closest<HTMLElement>(".zones-picker");
  if (!picker) return;
  const wanted = fold(input.value);
  for (const group of picker.querySelectorAll("details")) {
    let found = 0;
    for (const tick of group.querySelectorAll<HTMLElement>(".tick")) {
      const fits = fold(tick.textContent ?? "").includes(wanted);
      tick.hidden = !fits;
      found += fits ? 1 : 0;
    }
    group.hidden = found === 0;
    group.open = wanted ? found > 0 : group.querySelector(":checked") !== null;
  }
}

function fold(words: string): string {
  return words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}
