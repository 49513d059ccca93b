/** The page in another language: what was chosen since it was loaded stands in the address, and goes along. */
export function startLanguages(): void {
  const links = document.querySelectorAll<HTMLAnchorElement>(".languages a");
  for (const link of links) for (const type of ["pointerover", "focus"]) link.addEventListener(type, () => (link.search = location.search));
}
